import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyChain } from '../../../src/main/engine/audit/index.ts';
import { procedures as jobs } from '../../../src/main/engine/jobs/procedures.ts';
import { jobKinds, procedures as stock } from '../../../src/main/engine/stock/index.ts';
import { procedures as types } from '../../../src/main/engine/types/index.ts';
import { batchEngine, rowsOf } from '../preparation/support.ts';
import type { TestEngine } from '../../support/engine.ts';
import { openTestEngine } from '../../support/engine.ts';

const labEngine = (options: object = {}): Promise<TestEngine> => batchEngine({ procedures: [...types(), ...stock(), ...jobs()], jobKinds, ...options });
const finished = async (engine: TestEngine, id: string): Promise<{ state: string }> => {
  await engine.jobs.idle();
  return engine.ok<never>('jobs.show', { id });
};

let engine: TestEngine;
beforeEach(async () => {
  engine = await labEngine();
});
afterEach(() => engine.close());

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
    const live = await labEngine({ environment: 'live' });
    expect(await live.refused('stock.fillLab', { profiles: 10 })).toMatchObject({ code: 'LAB_ONLY' });
    await live.close();
  });
});
