import { createHash } from 'node:crypto';
import { appendFileSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeNumberJournal, numbersNoted, recoverNumbers, refusedNumbers } from '../../../src/main/engine/numbers/index.ts';
import { NumberRuns, runsOf } from '../../../src/main/engine/numbers/number-runs.ts';
import { recoverPreparation } from '../../../src/main/engine/preparation/index.ts';
import { releaseNumbers, reserveNumbers } from '../../../src/main/engine/preparation/reservations.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import type { TestEngine } from '../../support/engine.ts';
import { testClock } from '../../support/engine.ts';
import { body, codes, createRange, find, iccid, imsi, msisdn, numbersEngine, prepare } from './support.ts';

let folder: string;
let engine: TestEngine;
const clock = testClock();
let opened = 0;

/** ICCIDs whose file had not all keys. */
const lacking = new Set<string>();
beforeEach(() => lacking.clear());

/** What the vault waits for before it prepares. */
let gate: Promise<void> | undefined;

/** The sentences of the number journal. */
async function open(): Promise<string[]> {
  engine = await numbersEngine({
    folder, clock, seed: `journal ${opened++}`,
    vault: { prepare: async ({ items }) => {
      await gate;
      return { items: items.map((item) => ({ sealed: digest('slots', item.iccid), digest: digest('package', item.iccid), packageBytes: 4096, fingerprint: digest(`key ${opened}`, item.iccid).subarray(0, 16), keysMade: lacking.has(item.iccid) })) };
    } },
  });
  await recoverPreparation(engine.ctx);
  return recoverNumbers(engine.ctx);
}
const digest = (what: string, iccid: string): Uint8Array => new Uint8Array(createHash('sha256').update(what).update(iccid).digest());
async function close(): Promise<void> {
  await numbersNoted(engine.ctx);
  await engine.close();
  await closeNumberJournal(engine.ctx);
}
const again = async (): Promise<string[]> => {
  await close();
  return open();
};
const backup = async (): Promise<string> => {
  const { file }: { file: string } = await engine.ok<never>('workspace.backup');
  return file;
};
async function restore(file: string): Promise<string[]> {
  await close();
  for (const suffix of ['-wal', '-shm']) rmSync(engine.ctx.paths.database + suffix, { force: true });
  copyFileSync(join(folder, 'backups', file), engine.ctx.paths.database);
  return open();
}
const reserve = (count: number, id: string) => write(engine.ctx, async (tx) => {
  const type = await tx.selectFrom('profile_types').select('id').executeTakeFirstOrThrow();
  await reserveNumbers(tx, engine.ctx, { typeId: type.id }, count, id);
});
const journal = () => join(folder, 'journal', 'numbers.log');
const lines = (): string[] => readFileSync(journal(), 'utf8').split('\n').filter((line) => line !== '');
const profiles = () => engine.ctx.db.selectFrom('profiles').select(['iccid', 'imsi', 'msisdn']).orderBy('id').execute();
const used = async (): Promise<number[]> => (await engine.ctx.db.selectFrom('ranges').select('used').orderBy('created_at').orderBy('id').execute()).map((row) => row.used);
const burnt = async (): Promise<number> => (await engine.ctx.db.selectFrom('burnt_numbers').select((e) => e.fn.countAll<number>().as('n')).executeTakeFirstOrThrow()).n;

beforeEach(async () => {
  gate = undefined;
  folder = mkdtempSync(join(tmpdir(), 'desk-numbers-'));
  await open();
  const { buildSampleTemplate } = await import('../../../src/main/saip/index.ts');
  await engine.ok('types.importTemplate', { file: engine.uploads.put(buildSampleTemplate()), name: 'sample' });
  await engine.ok('types.create', { name: 'Sample', template: 'sample' });
});
afterEach(async () => {
  expect(await codes(engine)).toEqual([]);
  await close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a backup that is restored', () => {
  it('gives no number out again: what was given since is burnt, and the range goes on behind it', async () => {
    await createRange(engine, 1000, 100);
    await prepare(engine, 10);
    const file = await backup();
    await prepare(engine, 25);
    const given = await profiles();
    const sentences = await restore(file);
    expect(sentences).toEqual([`The number journal knows more of the range from ${iccid(1000)} than the database, which is older: 25 numbers were burnt, and the range goes on behind them`]);
    expect(await used()).toEqual([35]);
    for (const [number, kind] of [[iccid(1010), 'iccid'], [imsi(1034), 'imsi'], [msisdn(1020), 'msisdn']] as const) {
      expect(await find(engine, number, kind)).toMatchObject({ status: 'burnt', burnt: { why: 'Given out after the backup this database came from' } });
    }
    expect(await engine.ctx.db.selectFrom('audit').select(['event', 'object_type']).where('event', '=', 'numbers.burnt_after_restore').execute()).toHaveLength(1);
    await prepare(engine, 20);
    const now = (await profiles()).slice(10);
    expect(now).toHaveLength(20);
    expect(now[0]).toEqual({ iccid: iccid(1035), imsi: imsi(1035), msisdn: msisdn(1035) });
    for (const kind of ['iccid', 'imsi', 'msisdn'] as const) expect(new Set([...given.slice(10), ...now].map((row) => row[kind])).size).toBe(45);
    // Said once; the next start has nothing to repair.
    expect(await again()).toEqual([]);
    expect(await burnt()).toBe(75);
  });
  it('restored a second time burns what both lives gave out', async () => {
    await createRange(engine, 1000, 100);
    const file = await backup();
    await prepare(engine, 10);
    await restore(file);
    await prepare(engine, 10);
    expect(await restore(file)).toHaveLength(1);
    expect(await used()).toEqual([20]);
    expect(await burnt()).toBe(60);
  });
  it('that does not know a range: its numbers are burnt when it is created again, and nobody imports them', async () => {
    const file = await backup();
    await createRange(engine, 1000, 100);
    await prepare(engine, 12);
    expect(await restore(file)).toEqual([]);
    expect(await engine.refused('stock.prepare', { type: 'Sample', count: 1 })).toMatchObject({ code: 'STOCK_SHORT' });
    const refused = await refusedNumbers(engine.ctx.reader, engine.ctx, 'iccid', [iccid(999), iccid(1000), iccid(1011), iccid(1012)]);
    expect([...refused.keys()]).toEqual([iccid(1000), iccid(1011)]);
    await createRange(engine, 990, 100);
    expect(await used()).toEqual([22]);
    expect(await engine.ctx.db.selectFrom('audit').select('event').where('event', '=', 'numbers.burnt_after_restore').execute()).toHaveLength(1);
    await prepare(engine, 5);
    expect((await profiles()).map((row) => row.iccid)).toEqual([22, 23, 24, 25, 26].map((n) => iccid(990 + n)));
  });
  it('burns by IMSI where a range pairs the same IMSIs with other ICCIDs', async () => {
    const file = await backup();
    await createRange(engine, 1000, 50);
    await prepare(engine, 7);
    await restore(file);
    await engine.ok('stock.createRange', { type: 'Sample', iccidFirst: body(5000), imsiFirst: imsi(1003), count: 20 });
    expect(await used()).toEqual([4]);
    await prepare(engine, 1);
    expect((await profiles())[0]).toMatchObject({ iccid: iccid(5004), imsi: imsi(1007) });
  });
  it('taken while a batch was under way: the batch does not use what it gave out after', async () => {
    await createRange(engine, 1000, 100);
    let open = (): void => undefined;
    gate = new Promise((done) => {
      open = done;
    });
    const { job }: { job: { id: string } } = await engine.ok<never>('preparation.start', { plan: { type: 'Sample', count: 40, source: 'ranges' } });
    const file = await backup();
    open();
    await engine.jobs.idle();
    const given = (await profiles()).map((row) => row.iccid);
    expect(given).toHaveLength(40);
    expect(await restore(file)).toHaveLength(1);
    await engine.jobs.recover();
    engine.jobs.wake();
    await engine.jobs.idle();
    expect(await profiles()).toEqual([]);
    expect(await engine.ok('jobs.show', { id: job.id })).toMatchObject({ state: 'partly-failed' });
    await prepare(engine, 3);
    expect((await profiles()).map((row) => row.iccid)).toEqual([1040, 1041, 1042].map(iccid));
  });
  it('with places an ended batch had left: those used since are not left any more', async () => {
    await createRange(engine, 1000, 100);
    await reserve(10, 'prp_a');
    await prepare(engine, 5);
    await write(engine.ctx, (tx) => releaseNumbers(tx, 'prp_a'));
    expect(await engine.ctx.db.selectFrom('number_reservations').select(['first', 'count', 'state']).execute()).toEqual([{ first: 0, count: 10, state: 'free' }]);
    const file = await backup();
    await prepare(engine, 4);
    const given = (await profiles()).map((row) => row.iccid);
    expect(given.slice(5)).toEqual([1000, 1001, 1002, 1003].map(iccid));
    expect(await restore(file)).toHaveLength(1);
    await prepare(engine, 6);
    expect((await profiles()).slice(5).map((row) => row.iccid)).toEqual([1004, 1005, 1006, 1007, 1008, 1009].map(iccid));
  });
});

describe('profiles that came without K', () => {
  /** 7000 to 7004 of a file; the last one brought its K. */
  async function fromFile(): Promise<void> {
    const { insertProfiles } = await import('../../../src/main/engine/store/bulk-profiles.ts');
    const type = await engine.ctx.db.selectFrom('profile_types').selectAll().executeTakeFirstOrThrow();
    await write(engine.ctx, async (tx) => {
      const { id } = await tx.insertInto('imports').values({ file_name: 'f.csv', sha256: Buffer.from('f'), type_id: type.id, accepted: 5, rejected: 0, state: 'done', job_id: null, created_at: clock.now() }).returning('id').executeTakeFirstOrThrow();
      insertProfiles(engine.ctx.sqlite, [0, 1, 2, 3, 4].map((n) => ({
        iccid: iccid(7000 + n), imsi: imsi(7000 + n), msisdn: msisdn(7000 + n), typeId: type.id, templateId: type.template_id, createdAt: clock.now(), lastEvent: 'Imported', importId: id,
        state: { order: 'available', network: 'absent', stock: 'imported', device: 'unknown' }, ...(n === 4 ? { fingerprint: digest('K', 'of the file').subarray(0, 16), subscriber: new Uint8Array(4) } : {}),
      })));
    });
  }
  const prepareStock = async (count: number) => {
    const { batch, job }: { batch: { id: string }; job: { id: string } } = await engine.ok<never>('preparation.start', { plan: { type: 'Sample', count, source: 'stock' } });
    await engine.jobs.idle();
    return { batch, job: await engine.ok<{ state: string; errors: { code: string; iccid: string; message: string }[] }>('jobs.show', { id: job.id }) };
  };
  const states = async () => Object.fromEntries((await engine.ctx.db.selectFrom('profiles').select(['iccid', 'stock_state', 'slots']).orderBy('id').execute()).map((row) => [row.iccid, `${row.stock_state}${row.slots === null ? '' : ' with slots'}`]));
  const four = [7000, 7001, 7002, 7003].map(iccid);

  it('are not prepared again with other keys by a database that forgot their preparation; those that brought theirs are', async () => {
    await fromFile();
    const file = await backup();
    expect((await prepareStock(5)).job.state).toBe('done');
    await restore(file);
    expect(new Set(Object.values(await states()))).toEqual(new Set(['imported']));
    const { batch, job } = await prepareStock(5);
    expect(job).toMatchObject({ state: 'partly-failed' });
    expect(job.errors.map(({ code, iccid: one }) => [code, one])).toEqual(four.map((one) => ['PREPARED_BEFORE', one]));
    expect(job.errors[0]!.message).toMatch(/was prepared after the backup .* Retire it, .* quarantine/);
    expect(await states()).toEqual({ ...Object.fromEntries(four.map((one) => [one, 'quarantined'])), [iccid(7004)]: 'sellable with slots' });
    // Trying again changes nothing.
    await engine.ok('preparation.rerun', { id: batch.id, what: 'failed' });
    await engine.jobs.idle();
    expect((await states())[four[0]!]).toBe('quarantined');
    await engine.ok('profiles.retire', { iccid: four[0]!, reason: 'prepared before' });
    expect(await find(engine, four[0]!, 'iccid')).toMatchObject({ status: 'burnt' });
  });
  it('nor those that brought K and no OPc or OTA keys; the preview says how many', async () => {
    await fromFile();
    const file = await backup();
    lacking.add(iccid(7004));
    await prepareStock(5);
    await restore(file);
    const { checks }: { checks: { title: string; state: string; sentence: string }[] } = await engine.ok<never>('preparation.preview', { type: 'Sample', count: 5, source: 'stock' });
    expect(checks.find((one) => one.title === 'Prepared before')).toMatchObject({ state: 'warning', sentence: expect.stringMatching(/^5 of the imported profiles were prepared after the backup/) as string });
    expect((await prepareStock(5)).job.errors.map(({ code, iccid: one }) => [code, one])).toEqual([...four, iccid(7004)].map((one) => ['PREPARED_BEFORE', one]));
  });
  it('which came without a file are prepared as any other, and not a second time', async () => {
    const { insertProfiles } = await import('../../../src/main/engine/store/bulk-profiles.ts');
    const type = await engine.ctx.db.selectFrom('profile_types').selectAll().executeTakeFirstOrThrow();
    await write(engine.ctx, async () => {
      insertProfiles(engine.ctx.sqlite, [7010, 7011].map((n) => ({
        iccid: iccid(n), imsi: imsi(n), typeId: type.id, templateId: type.template_id, createdAt: clock.now(), lastEvent: 'Added',
        state: { order: 'available', network: 'absent', stock: 'imported', device: 'unknown' },
      })));
    });
    const file = await backup();
    await restore(file);
    const { checks } = await engine.ok<{ checks: { title: string }[] }>('preparation.preview', { type: 'Sample', count: 2, source: 'stock' } as never);
    expect(checks.map((one) => one.title)).not.toContain('Prepared before');
    expect((await prepareStock(2)).job.state).toBe('done');
    await restore(file);
    expect((await prepareStock(2)).job).toMatchObject({ state: 'partly-failed' });
    expect(new Set(Object.values(await states()))).toEqual(new Set(['quarantined']));
  });
  it('nor one by one', async () => {
    const { prepareOne } = await import('../../../src/main/engine/preparation/index.ts');
    await fromFile();
    const file = await backup();
    await prepareStock(5);
    await restore(file);
    const id = async (n: number) => (await engine.ctx.db.selectFrom('profiles').select('id').where('iccid', '=', iccid(n)).executeTakeFirstOrThrow()).id;
    await expect(prepareOne(engine.ctx, await id(7000))).rejects.toMatchObject({ code: 'PREPARED_BEFORE' });
    expect(typeof await prepareOne(engine.ctx, await id(7004))).toBe('function');
  });
  it('nor when a crash kept the line of their preparation out of the journal', async () => {
    await fromFile();
    await again();
    const file = await backup();
    const before = lines();
    await prepareStock(5);
    expect(lines().length).toBeGreaterThan(before.length);
    await close();
    writeFileSync(journal(), `${before.join('\n')}\n`);
    await open();
    await restore(file);
    expect((await prepareStock(5)).job.errors.map((one) => one.iccid)).toEqual(four);
  });
  it('and cannot come in again from their file where the backup does not know it', async () => {
    const file = await backup();
    await fromFile();
    await prepareStock(5);
    await restore(file);
    expect([...(await refusedNumbers(engine.ctx.reader, engine.ctx, 'iccid', [...four, iccid(7004)])).keys()]).toEqual(four);
  });
});

describe('a start without a restore', () => {
  it('burns nothing, whatever batches hold or gave back', async () => {
    await createRange(engine, 1000, 200);
    await prepare(engine, 10);
    await reserve(50, 'prp_a');
    await prepare(engine, 5);
    expect(await used()).toEqual([65]);
    expect(await again()).toEqual([]);
    await write(engine.ctx, (tx) => releaseNumbers(tx, 'prp_a'));
    expect(await again()).toEqual([]);
    expect(await burnt()).toBe(0);
    await prepare(engine, 1);
    expect((await profiles())[15]).toMatchObject({ iccid: iccid(1010) });
  });
  it('completes a journal that lacks the last lines, or all of them', async () => {
    await createRange(engine, 1000, 100);
    await prepare(engine, 10);
    const whole = lines();
    expect(whole.filter((line) => line.startsWith('own\ticcid\t'))).toEqual([`own\ticcid\t${body(1000)}\t10\t${clock.now()}`]);
    await close();
    // A crash came between commit and line.
    writeFileSync(journal(), `${whole[0]}\n`);
    expect(await open()).toEqual([]);
    expect(lines()).toEqual(whole);
    await close();
    rmSync(journal());
    expect(await open()).toEqual([]);
    expect(lines().slice(1)).toEqual(whole.slice(1));
    expect(await burnt()).toBe(0);
  });
  it('tolerates a last line that was cut off, and does not glue the next one to it', async () => {
    await createRange(engine, 1000, 100);
    await prepare(engine, 10);
    const file = await backup();
    await prepare(engine, 5);
    await close();
    appendFileSync(journal(), `own\ticcid\t${body(1015)}\t50`);
    await open();
    await prepare(engine, 2);
    expect(await used()).toEqual([17]);
    expect(await again()).toEqual([]);
    expect(await restore(file)).toHaveLength(1);
    expect(await used()).toEqual([17]);
  });
  it('writes nothing of a transaction that was rolled back, also beside others that stand', async () => {
    await createRange(engine, 1000, 100);
    const before = lines().length;
    const type = await engine.ctx.db.selectFrom('profile_types').selectAll().executeTakeFirstOrThrow();
    const { insertProfiles } = await import('../../../src/main/engine/store/bulk-profiles.ts');
    const row = (n: number) => ({ iccid: iccid(n), imsi: imsi(n), typeId: type.id, templateId: type.template_id, state: { order: 'available', network: 'absent', stock: 'imported', device: 'unknown' }, createdAt: clock.now(), lastEvent: 'x' });
    const results = await Promise.allSettled([
      write(engine.ctx, async () => void insertProfiles(engine.ctx.sqlite, [row(7000)])),
      write(engine.ctx, async () => {
        insertProfiles(engine.ctx.sqlite, [row(7001)]);
        throw new Error('no');
      }),
      write(engine.ctx, async () => void insertProfiles(engine.ctx.sqlite, [row(7002)])),
    ]);
    expect(results.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(lines().slice(before).filter((line) => line.includes('\ticcid\t')).map((line) => line.split('\t').slice(2, 4))).toEqual([[body(7000), '1'], [body(7002), '1']]);
  });
});

describe('runs of numbers', () => {
  it('know exactly what was added', () => {
    const part = fc.record({ first: fc.integer({ min: 0, max: 120 }), count: fc.integer({ min: 1, max: 20 }) });
    fc.assert(fc.property(fc.array(part, { maxLength: 12 }), part, (parts, asked) => {
      const runs = new NumberRuns();
      const all = new Set<number>();
      const key = (n: number): string => String(n).padStart(15, '0');
      for (const { first, count } of parts) {
        runs.add(key(first), count);
        for (let n = first; n < first + count; n++) all.add(n);
      }
      const expected = Array.from({ length: asked.count }, (_, i) => asked.first + i).filter((n) => all.has(n));
      const found = runs.meet({ first: key(asked.first), last: key(asked.first + asked.count - 1) }).flatMap(({ first, last }) => Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => Number(first) + i));
      expect(found).toEqual(expected);
      expect(runs.has(key(asked.first))).toBe(all.has(asked.first));
      expect(runsOf([...all].map(key)).reduce((sum, run) => sum + run.count, 0)).toBe(all.size);
    }));
  });
  it('keep numbers of different length apart', () => {
    const runs = new NumberRuns();
    runs.add('00099', 2);
    expect(runs.has('00100')).toBe(true);
    expect(runs.has('000100')).toBe(false);
    expect(runsOf(['00099', '000100', '00100'])).toEqual([{ first: '00099', count: 2 }, { first: '000100', count: 1 }]);
  });
});

it('lies in the folder of the delivery journal', () => {
  expect(existsSync(journal())).toBe(true);
});
