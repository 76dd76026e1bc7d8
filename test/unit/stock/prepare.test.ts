import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyChain } from '../../../src/main/engine/audit/index.ts';
import type { JobKind, JobUnit } from '../../../src/main/engine/jobs/index.ts';
import { procedures as jobs } from '../../../src/main/engine/jobs/procedures.ts';
import { jobKinds, prepareOne, procedures as stock } from '../../../src/main/engine/stock/index.ts';
import { procedures as types } from '../../../src/main/engine/types/index.ts';
import type { PrepareParams, PrepareProgress } from '../../../src/main/engine/stock/prepare.ts';
import { prepareKind } from '../../../src/main/engine/stock/prepare.ts';
import { fillLabKind } from '../../../src/main/engine/stock/lab.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { VaultError } from '../../../src/main/vault-link/operations.ts';
import type { TestEngine } from '../../support/engine.ts';
import { openTestEngine } from '../../support/engine.ts';
import { csv, finished, header, iccid, importCsv, imsi, row, rowsOf, stockEngine } from './support.ts';

let engine: TestEngine;
beforeEach(async () => {
  engine = await stockEngine();
});
afterEach(() => engine.close());

const stockOf = (count: number, from = 1) => csv([header, ...Array.from({ length: count }, (_, index) => row(from + index))]);
const range = (e: TestEngine, from: number, count: number, extra: object = {}) =>
  e.ok('stock.createRange', { type: 'Sample', iccidFirst: iccid(from).slice(0, 18), imsiFirst: imsi(from), count, ...extra });
const prepare = async (e: TestEngine, count: number) => finished(e, (await e.ok<{ id: string }>('stock.prepare', { type: 'Sample', count } as never)).id);

describe('preparation', () => {
  it('takes imported stock first, oldest first, then ranges in their order', async () => {
    await importCsv(engine, stockOf(30));
    await range(engine, 1000, 20);
    engine.clock.advance(1);
    await range(engine, 2000, 1_000);
    expect(await prepare(engine, 700)).toMatchObject({ state: 'done', done: 700, total: 700 });
    const rows = await rowsOf(engine);
    expect(rows).toHaveLength(700);
    expect(rows.every((one) => one.stock_state === 'sellable' && one.slots !== null && one.package_digest !== null && one.batch_id !== null)).toBe(true);
    expect(rows.slice(30, 50).map((one) => one.iccid)).toEqual(Array.from({ length: 20 }, (_, index) => iccid(1000 + index)));
    expect(rows[50]).toMatchObject({ iccid: iccid(2000), imsi: imsi(2000) });
    const { rows: ranges } = await engine.ok<{ rows: { iccidFirst: string; used: number }[] }>('stock.ranges');
    expect(ranges.map((one) => one.used)).toEqual([650, 20]);
    const units = await engine.ctx.reader.selectFrom('audit').selectAll().where('event', '=', 'preparation.unit').orderBy('seq').execute();
    expect(units.map((one) => (JSON.parse(one.record) as { fields: object }).fields)).toMatchObject([
      { count: 500, fromRanges: 470, firstIccid: iccid(1), lastIccid: iccid(2449) }, { count: 200, fromRanges: 200, firstIccid: iccid(2450), lastIccid: iccid(2649) },
    ]);
    expect(await verifyChain(engine.ctx.reader)).toMatchObject({ verified: true });
    expect(await engine.ctx.reader.selectFrom('batches').selectAll().where('kind', '=', 'preparation').execute()).toHaveLength(1);
  });

  it('gives numbers an MSISDN in international form', async () => {
    await range(engine, 1000, 5, { msisdnFirst: '+999000000' });
    await prepare(engine, 2);
    expect((await rowsOf(engine)).map((one) => one.msisdn)).toEqual(['999000000', '999000001']);
    const calls = (engine.vault as unknown as { calls: { name: string; input: { items: { msisdn?: string }[] } }[] }).calls.filter((call) => call.name === 'prepare');
    expect(calls[0]!.input.items[0]).toMatchObject({ msisdn: '+999000000' });
  });

  it('is refused at once when there is too little', async () => {
    await importCsv(engine, stockOf(2));
    expect(await engine.refused('stock.prepare', { type: 'Sample', count: 3 })).toMatchObject({ code: 'STOCK_SHORT' });
    expect(await engine.refused('stock.prepare', { type: 'Nope', count: 3 })).toMatchObject({ code: 'TYPE_UNKNOWN' });
  });

  it('sets a record the vault cannot use aside and goes on with the others', async () => {
    const bad = new Set([iccid(3), iccid(14)]);
    const own = await stockEngine({ vault: { prepare: ({ items }) => {
      const found = items.find((item) => bad.has(item.iccid));
      if (found) throw new VaultError('SECRETS_INVALID', `K of profile ${found.iccid}: wrong length`);
      return { items: items.map((item) => ({ sealed: Buffer.from(item.iccid), digest: new Uint8Array(32), packageBytes: 1, fingerprint: Buffer.from(item.iccid) })) };
    } } });
    await importCsv(own, stockOf(20));
    const job = await prepare(own, 18);
    expect(job).toMatchObject({ state: 'done', done: 18 });
    expect(job.errors).toMatchObject([{ found: iccid(3) }, { found: iccid(14) }]);
    const rows = await rowsOf(own);
    expect(rows.filter((one) => one.stock_state === 'quarantined').map((one) => one.iccid)).toEqual([...bad]);
    expect(rows.filter((one) => one.stock_state === 'sellable')).toHaveLength(18);
    await own.close();
  });

  it('leaves alone what an operator put into quarantine while the vault worked', async () => {
    const own = await stockEngine();
    await importCsv(own, stockOf(10));
    const inner = own.ctx.vault.call.bind(own.ctx.vault);
    (own.ctx.vault as { call: unknown }).call = async (name: 'prepare', input: never) => {
      if (name === 'prepare') await own.ok('profiles.quarantine', { iccid: iccid(4), reason: 'held back' });
      return inner(name, input);
    };
    expect(await prepare(own, 10)).toMatchObject({ done: 9, message: expect.stringContaining('Only 9') as string });
    expect((await rowsOf(own)).find((one) => one.iccid === iccid(4))).toMatchObject({ stock_state: 'quarantined', slots: null });
    await own.close();
  });

  it('of one profile at once, as an order for it needs', async () => {
    await importCsv(engine, stockOf(2));
    const [first, second] = await rowsOf(engine);
    const done = await prepareOne(engine.ctx, second!.id);
    await write(engine.ctx, (tx) => done!(tx, engine.as()));
    expect((await rowsOf(engine)).map((one) => one.stock_state)).toEqual(['imported', 'sellable']);
    expect(await prepareOne(engine.ctx, second!.id)).toBeUndefined();
    expect(first!.stock_state).toBe('imported');
  });

  it('can be paused and resumed, cancelled work stays done', async () => {
    await range(engine, 1000, 5_000);
    const job = await engine.ok<{ id: string }>('stock.prepare', { type: 'Sample', count: 5_000 } as never);
    await engine.ok('jobs.pause', { id: job.id });
    const paused = await finished(engine, job.id);
    expect(paused.state).toBe('paused');
    expect((await rowsOf(engine)).length).toBe(paused.done);
    await engine.ok('jobs.resume', { id: job.id });
    expect(await finished(engine, job.id)).toMatchObject({ state: 'done', done: 5_000 });
  });
});

describe('a crash during preparation', () => {
  const counts = async (e: TestEngine) => {
    const rows = await rowsOf(e);
    const ranges = await e.ctx.db.selectFrom('ranges').selectAll().execute();
    return { rows, fromRanges: rows.filter((one) => one.import_id === null).length, used: ranges.reduce((sum, one) => sum + one.used, 0) };
  };
  const check = async (e: TestEngine) => {
    const { rows, fromRanges, used } = await counts(e);
    // No number twice, none lost, no half profile.
    expect(new Set(rows.map((one) => one.iccid)).size).toBe(rows.length);
    expect(new Set(rows.map((one) => one.imsi)).size).toBe(rows.length);
    expect(used).toBe(fromRanges);
    for (const one of rows) {
      const full = one.slots !== null && one.package_digest !== null && one.batch_id !== null && one.key_fingerprint !== null && one.prepared_at !== null;
      expect(one.stock_state).toBe(full ? 'sellable' : 'imported');
      if (!full) expect([one.slots, one.package_digest, one.batch_id, one.prepared_at]).toEqual([null, null, null, null]);
    }
    expect(await verifyChain(e.ctx.reader)).toMatchObject({ verified: true });
  };

  /** The job of the product, with its commit failing at the n-th unit, before or after it wrote. */
  const failing = (unitNumber: number, when: 'outside' | 'before' | 'after'): JobKind<PrepareParams, PrepareProgress> => {
    let n = 0;
    return {
      ...prepareKind,
      async unit(ctx, job) {
        n += 1;
        const mine = n === unitNumber;
        if (mine && when === 'outside') throw new Error('power cut');
        const unit: JobUnit<PrepareProgress> = await prepareKind.unit(ctx, job);
        if (!mine) return unit;
        const inner = unit.commit?.bind(unit);
        return Object.assign(unit, { commit: async (tx: Parameters<NonNullable<typeof inner>>[0]) => {
          if (when === 'after') await inner?.(tx);
          throw new Error('power cut');
        } });
      },
    };
  };

  it.each([[1, 'outside'], [1, 'before'], [1, 'after'], [2, 'outside'], [2, 'before'], [2, 'after'], [3, 'after']] as const)('at unit %i, %s the write, loses nothing', async (unitNumber, when) => {
    let own = await stockEngine({ jobKinds: [failing(unitNumber, when), fillLabKind] });
    await importCsv(own, stockOf(700));
    await range(own, 1000, 2_000);
    const { id } = await own.ok<{ id: string }>('stock.prepare', { type: 'Sample', count: 1_300 } as never);
    const first = await finished(own, id);
    expect(first.state).toBe('failed');
    expect(first.done).toBe((unitNumber - 1) * 500);
    await check(own);
    // As after a kill: the row still says running.
    await own.ctx.db.updateTable('jobs').set({ state: 'running', finished_at: null }).where('id', '=', id).execute();
    own = await own.reopen();
    await own.jobs.recover();
    own.jobs.wake();
    expect(await finished(own, id)).toMatchObject({ state: 'done', done: 1_300 });
    await check(own);
    const { rows, used } = await counts(own);
    expect(rows.filter((one) => one.stock_state === 'sellable')).toHaveLength(1_300);
    expect(used).toBe(600);
    await own.close();
  });

  it('two preparations in a row never share a number', async () => {
    await range(engine, 1000, 900);
    const [a, b] = await Promise.all([1, 2].map(() => engine.ok<{ id: string }>('stock.prepare', { type: 'Sample', count: 450 } as never)));
    await finished(engine, a!.id);
    expect(await finished(engine, b!.id)).toMatchObject({ state: 'done', done: 450 });
    await check(engine);
    expect(await engine.refused('stock.prepare', { type: 'Sample', count: 1 })).toMatchObject({ code: 'STOCK_SHORT' });
  });
});

describe('the synthetic lab', () => {
  it('is filled with visibly lab numbers, in reachable states, sellable only when prepared', async () => {
    const { id } = await engine.ok<{ id: string }>('stock.fillLab', { profiles: 5_000 } as never);
    expect(await finished(engine, id)).toMatchObject({ state: 'done', done: 5_000 });
    const rows = await rowsOf(engine);
    expect(rows).toHaveLength(5_000);
    for (const one of rows) {
      expect(one.iccid.startsWith('8988211')).toBe(true);
      expect(one.imsi.startsWith('00101')).toBe(true);
      expect(one.slots !== null).toBe(one.stock_state !== 'imported');
      if (one.order_state === 'available') expect(one.bpp_delivered_at).toBeNull();
      expect(one.created_at).toBeLessThanOrEqual(engine.clock.now());
    }
    const orders = await engine.ctx.reader.selectFrom('orders').selectAll().execute();
    expect(orders.length).toBeGreaterThan(100);
    for (const order of orders) {
      const profile = rows.find((one) => one.id === order.profile_id)!;
      expect(order.closed_at === null).toBe(order.final_state === null);
      if (profile.order_id === order.id) expect(order.final_state ?? profile.order_state).toBe(profile.order_state);
    }
    expect(new Set(rows.map((one) => one.order_state)).size).toBeGreaterThan(5);
    expect((await engine.ctx.reader.selectFrom('activation_events').select('id').execute()).length).toBeGreaterThan(300);
    expect(await verifyChain(engine.ctx.reader)).toMatchObject({ verified: true });
    // A second filling goes on with the next numbers.
    await finished(engine, (await engine.ok<{ id: string }>('stock.fillLab', { profiles: 10 } as never)).id);
    expect(await rowsOf(engine)).toHaveLength(5_010);
  });

  it('makes its own template and type where there is none, once', async () => {
    const bare = await openTestEngine({ procedures: [...types(), ...stock(), ...jobs()], jobKinds });
    const filled = await Promise.all([3, 4].map((profiles) => bare.ok<{ id: string }>('stock.fillLab', { profiles } as never)));
    for (const { id } of filled) expect(await finished(bare, id)).toMatchObject({ state: 'done' });
    const { rows } = await bare.ok<{ rows: { name: string; template: string }[] }>('types.list', {} as never);
    expect(rows.map((one) => [one.name, one.template])).toEqual([['Lab consumer', 'Lab sample']]);
    expect(await rowsOf(bare)).toHaveLength(7);
    expect(await bare.refused('stock.fillLab', { profiles: 1, type: 'Other' })).toMatchObject({ code: 'TYPE_UNKNOWN' });
    expect((await bare.ctx.reader.selectFrom('audit').select('event').where('event', '=', 'type.created').execute())).toHaveLength(1);
    await bare.close();
  });

  it('exists in a lab only', async () => {
    const live = await stockEngine({ environment: 'live' });
    expect(await live.refused('stock.fillLab', { profiles: 10 })).toMatchObject({ code: 'LAB_ONLY' });
    await live.close();
  });
});
