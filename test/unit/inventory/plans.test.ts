import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type SqliteDatabase from 'better-sqlite3';
import { listProfiles } from '../../../src/main/engine/profiles/list.ts';
import type { ProfileFilter, SortKey } from '../../../src/shared/contract/profile-filter.ts';
import { filterFields, profileFilter, readCondition, sortNames } from '../../../src/shared/contract/profile-filter.ts';
import { insertProfiles } from '../../../src/main/engine/store/bulk-profiles.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { testNow, type TestEngine } from '../../support/engine.ts';
import { fill, iccidOf, imsiOf, inventoryEngine } from './support.ts';

let engine: TestEngine;
const asked = new Set<string>();
let prepare: SqliteDatabase.Database['prepare'];
let prototype: { prepare: SqliteDatabase.Database['prepare'] };

beforeAll(async () => {
  engine = await inventoryEngine();
  await fill(engine, 200, 3);
  prototype = Object.getPrototypeOf(engine.ctx.sqlite) as typeof prototype;
  prepare = prototype.prepare;
  prototype.prepare = function record(this: SqliteDatabase.Database, text: string) {
    asked.add(text);
    return prepare.call(this, text);
  } as typeof prepare;
});
afterAll(async () => {
  prototype.prepare = prepare;
  await engine.close();
});

/** Read in the order of its key, and no further than the few rows that are wanted. */
const bounded = /select distinct profile_id as id from profile_labels\)/;

/** Tables that grow with the stock. Whoever reads one from end to end without an index holds the process for as long as it is. */
const large = 'profiles|p|orders|o|own|matching_ids|m|activation_events|audit|sessions|profile_labels|pl|l|profile_notes|n|bulk_rows|b';

function scans(): string[] {
  return [...asked].filter((text) => /^\s*select/i.test(text)).flatMap((text) => {
    const parameters = Array.from({ length: (text.match(/\?/g) ?? []).length }, () => 1);
    const plan = (prepare.call(engine.ctx.sqlite, `explain query plan ${text}`) as SqliteDatabase.Statement).all(...parameters) as { detail: string }[];
    return plan.filter(({ detail }) => new RegExp(`^SCAN (${large})$`).test(detail) && !bounded.test(text) || detail.startsWith('USE TEMP B-TREE FOR ORDER BY') && /from profiles/.test(text)).map(({ detail }) => `${detail}: ${text}`);
  });
}

const filters: ProfileFilter[] = [
  {}, { type: 'beta' }, { stock: ['held'], order: ['available'] }, { text: '8988' }, { text: '46' }, { text: 'AB00' }, { text: 'B-1' }, { text: 'I-1' },
  ...(Object.keys(filterFields) as (keyof typeof filterFields)[]).flatMap((field) => filterFields[field].ops.map((op): ProfileFilter => {
    const kind = filterFields[field].kind;
    const value = kind === 'moment' ? '2026-01-10' : kind === 'digits' ? '8988' : kind === 'number' ? '1' : kind === 'token' ? 'AB' : field === 'batch' ? 'B-1' : field === 'import' ? 'I-1'
      : field === 'type' ? 'beta' : field === 'stock' ? 'held' : field === 'order' ? 'error' : field === 'network' ? 'active' : field === 'device' ? 'enabled' : field === 'secrets' ? 'sealed' : 'hot';
    return { where: [{ field, op, values: op === 'present' || op === 'absent' ? [] : op === 'between' ? [value, value] : [value] }] };
  })),
];

describe('every question to the inventory', () => {
  it('goes through an index, whatever is filtered and ordered, few rows or many', async () => {
    for (const few of [0, 10_000]) {
      for (const filter of filters) {
        const page = await listProfiles(engine.ctx.reader, { filter: profileFilter.parse(filter), limit: 5, now: testNow, few });
        if (page.next) await listProfiles(engine.ctx.reader, { filter: profileFilter.parse(filter), limit: 5, now: testNow, few, cursor: page.next });
      }
      for (const by of sortNames) {
        for (const down of [false, true]) {
          const sort: SortKey[] = [{ by, down }];
          await listProfiles(engine.ctx.reader, { filter: profileFilter.parse({ type: 'beta' }), sort: sort as never, limit: 5, now: testNow, few });
        }
      }
    }
    await engine.ok('profiles.facets', { filter: { text: '89' } });
    await engine.ok('profiles.count', { filter: { where: [readCondition('created:between:2026-01-10,')] } });
    await engine.ok('profiles.blame', { filter: { stock: ['held'], text: '1' } });
    await engine.ok('profiles.show', { id: iccidOf(0) }).catch(() => undefined);
    expect(asked.size).toBeGreaterThan(50);
    expect(scans()).toEqual([]);
  });

  it('would be noticed if it did not', () => {
    asked.add(`select id from profiles where last_event = 'x'`);
    expect(scans()).toEqual([expect.stringContaining('SCAN profiles')]);
    asked.delete(`select id from profiles where last_event = 'x'`);
  });
});

describe('a list that is read while others write', () => {
  it('shows each row that was there once, in order, whatever comes in or changes place', async () => {
    for (const sort of [[], [{ by: 'iccid', down: true }], [{ by: 'stock', down: false }, { by: 'created', down: true }]] as SortKey[][]) {
      const before = new Set((await engine.ctx.reader.selectFrom('profiles').select('iccid').execute()).map((row) => row.iccid));
      const seen: string[] = [];
      let cursor: string | undefined;
      let n = 0;
      do {
        const page: { rows: { iccid: string }[]; next?: string } = await engine.ok('profiles.list', { sort, limit: 20, ...(cursor === undefined ? {} : { cursor }) });
        seen.push(...page.rows.map((row) => row.iccid));
        cursor = page.next;
        n += 1;
        const serial = 90_000 + before.size * 50 + n;
        await write(engine.ctx, async () => {
          insertProfiles(engine.ctx.sqlite, [{
            iccid: iccidOf(serial), imsi: imsiOf(serial), typeId: 1 + (n % 3), templateId: 1, createdAt: testNow - (n % 5) * 3_600_000, lastEvent: 'late',
            state: { order: 'available', network: 'absent', stock: n % 2 === 0 ? 'imported' : 'sellable', device: 'unknown' },
          }]);
        });
      } while (cursor !== undefined);
      expect(new Set(seen).size).toBe(seen.length);
      for (const iccid of before) expect(seen.includes(iccid), iccid).toBe(true);
    }
  });
});
