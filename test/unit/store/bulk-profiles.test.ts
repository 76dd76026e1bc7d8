import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startStates } from '../../../src/main/engine/profiles/index.ts';
import { insertPrepared } from '../../../src/main/engine/store/bulk-preparation.ts';
import type { ProfileInsert } from '../../../src/main/engine/store/bulk-profiles.ts';
import { deleteImported, insertProfiles, together } from '../../../src/main/engine/store/bulk-profiles.ts';
import { stockLookup } from '../../../src/main/engine/store/bulk-imports.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import type { TestEngine } from '../../support/engine.ts';
import { createRange, findings, iccid, imsi, msisdn, numbersEngine } from '../numbers/support.ts';

let engine: TestEngine;
let typeId: number;
let templateId: number;

beforeEach(async () => {
  engine = await numbersEngine();
  const type = await engine.ctx.db.selectFrom('profile_types').selectAll().where('name', '=', 'Sample').executeTakeFirstOrThrow();
  [typeId, templateId] = [type.id, type.template_id];
  // The first half of the numbers lies in blocks, the other half in none.
  await createRange(engine, 1000, 100);
});
afterEach(() => engine.close());

const row = (n: number, extra: Partial<ProfileInsert> = {}): ProfileInsert => ({
  iccid: iccid(n), imsi: imsi(n), ...(n % 3 === 0 ? {} : { msisdn: msisdn(n) }), typeId, templateId, state: startStates.import,
  createdAt: engine.clock.now(), lastEvent: `Row ${n}`, fingerprint: Buffer.from(String(n).padStart(16, '0')), ...extra,
});
const rows = (from: number, count: number): ProfileInsert[] => Array.from({ length: count }, (_, index) => row(from + index));
const insert = (some: readonly ProfileInsert[]): Promise<number[]> => write(engine.ctx, async () => insertProfiles(engine.ctx.sqlite, some));
const all = (sql: string): unknown[] => engine.ctx.sqlite.prepare(sql).all();

/** Groups and ledgers as they are kept, and as a recount has them. */
async function counted(): Promise<{ rows: number }> {
  expect(all('select facet, n from profile_counts where n <> 0 order by facet')).toEqual(all('select facet, count(*) as n from profiles group by facet order by facet'));
  // Rows of files may lie where a range has not come yet.
  expect((await findings(engine)).filter((one) => one.code !== 'USED_AHEAD')).toEqual([]);
  const outside = all(`select kind, n from numbers_outside where n <> 0 order by kind`);
  const recount = (['iccid', 'imsi', 'msisdn'] as const).flatMap((kind) => {
    const key = kind === 'iccid' ? 'substr(p.iccid, 1, 18)' : `p.${kind}`;
    const [{ n }] = all(`select count(*) as n from profiles p where p.${kind} is not null and not exists (select 1 from number_blocks b where b.kind = '${kind}' and b.digits = length(${key}) and ${key} between b.first and b.last)`) as [{ n: number }];
    return n === 0 ? [] : [{ kind, n }];
  });
  expect(outside).toEqual(recount);
  return { rows: (all('select count(*) as n from profiles') as [{ n: number }])[0].n };
}

describe('many profiles in one statement', () => {
  it('answer the ids they got, and are as they would be one by one', async () => {
    const count = 2 * together + 7;
    const ids = await insert(rows(1000, count));
    expect(ids).toHaveLength(count);
    expect(all('select id, iccid, imsi, msisdn, last_event as event from profiles order by id')).toEqual(
      rows(1000, count).map((one, index) => ({ id: ids[index], iccid: one.iccid, imsi: one.imsi, msisdn: one.msisdn ?? null, event: one.lastEvent })));
    expect(await insert([row(5000)])).toEqual([ids.at(-1)! + 1]);
    expect(await counted()).toEqual({ rows: count + 1 });
  });

  it('columns that only some of them have go in all the same', async () => {
    await insert([row(1000), row(1001, { eid: '89001012012341234012345678901224', stockReason: 'seen', heldFor: 'Acme' }), row(1002)]);
    expect(all('select eid, eid_rev as rev, stock_reason as reason, held_for as held from profiles order by id')).toEqual([
      { eid: null, rev: null, reason: null, held: null }, { eid: '89001012012341234012345678901224', rev: '42210987654321043214321021010098', reason: 'seen', held: 'Acme' }, { eid: null, rev: null, reason: null, held: null },
    ]);
  });

  it.each([
    ['a number that exists', () => row(1003, { imsi: imsi(7000), fingerprint: Buffer.alloc(16, 1) }), 'SQLITE_CONSTRAINT_UNIQUE'],
    ['a key that exists', () => row(7000, { fingerprint: row(1003).fingerprint! }), 'SQLITE_CONSTRAINT_UNIQUE'],
    ['a burnt number', () => row(9000), 'SQLITE_CONSTRAINT_TRIGGER'],
    ['a type that does not exist', () => row(7000, { typeId: 999 }), 'SQLITE_CONSTRAINT_FOREIGNKEY'],
  ])('%s in the last of them leaves none, and counters as they were', async (_what, bad, code) => {
    await insert(rows(1000, 10));
    engine.ctx.sqlite.prepare(`insert into burnt_numbers (kind, number, at, why) values ('iccid', ?, 1, 'x')`).run(iccid(9000));
    const before = all('select facet, n from profile_counts');
    // Alone, and under a savepoint beside one that stays.
    await expect(insert([...rows(1020, 2 * together), bad()])).rejects.toMatchObject({ code });
    expect(all('select facet, n from profile_counts')).toEqual(before);
    const [failed, stays] = await Promise.allSettled([insert([...rows(1020, 2 * together), bad()]), insert(rows(1300, 3))]);
    expect(failed).toMatchObject({ status: 'rejected', reason: { code } });
    expect(stays.status).toBe('fulfilled');
    expect(await counted()).toEqual({ rows: 13 });
  });

  it('of a preparation that clash leave the others, each told by itself', async () => {
    await insert([row(1010, { imsi: imsi(5000), fingerprint: Buffer.alloc(16, 2) }), row(4000, { fingerprint: row(1020).fingerprint! })]);
    const some = [...rows(1000, together), row(1000 + together, { iccid: iccid(1001) })];
    const clashes = await write(engine.ctx, async () => insertPrepared(engine.ctx.sqlite, some));
    expect(clashes.flatMap((clash, index) => (clash ? [[index, clash]] : []))).toEqual([[10, 'iccid'], [20, 'key'], [together, 'iccid']]);
    expect(await counted()).toEqual({ rows: 2 + together - 2 });
  });

  it('are taken back by import, and the counters with them', async () => {
    const { id: importId } = await engine.ctx.db.insertInto('imports').values({
      file_name: 'x.csv', sha256: Buffer.alloc(32), type_id: typeId, accepted: 0, rejected: 0, state: 'running', job_id: null, created_at: 1,
    }).returning('id').executeTakeFirstOrThrow();
    const other = await insert(rows(1000, 5));
    const ids = await insert(rows(1010, 150).map((one) => ({ ...one, importId })));
    expect(await write(engine.ctx, async () => deleteImported(engine.ctx.sqlite, importId, [...other, ...ids.slice(0, 100)]))).toBe(100);
    expect(await counted()).toEqual({ rows: 55 });
    await write(engine.ctx, async () => deleteImported(engine.ctx.sqlite, importId, ids));
    expect(await counted()).toEqual({ rows: 5 });
  });
});

describe('what the stock holds of many rows', () => {
  it('is found wherever in their order it stands, and is one look when it holds none of them', async () => {
    const [id] = await insert([row(1007)]);
    const stock = stockLookup(engine.ctx.sqlite);
    const of = (...numbers: number[]): unknown[] => {
      const some = numbers.map((n) => ({ iccid: n < 0 ? undefined : iccid(n), imsi: n < 0 ? undefined : imsi(n) }));
      const found = stock.among(some);
      return some.map((one) => found(one.iccid, one.imsi));
    };
    const none = { iccid: undefined, imsi: undefined };
    expect(of(1000, 1007, -1, 1003)).toEqual([none, { iccid: id, imsi: id }, none, none]);
    expect(of(1007, 1008)[0]).toEqual({ iccid: id, imsi: id });
    expect(of(1006, 1007)[1]).toEqual({ iccid: id, imsi: id });
    expect(of(1000, 1006)).toEqual([none, none]);
    expect(of(-1)).toEqual([none]);
    const mixed = stock.among([{ iccid: iccid(2), imsi: imsi(1007) }]);
    expect(mixed(iccid(2), imsi(1007))).toEqual({ iccid: undefined, imsi: id });
  });
});
