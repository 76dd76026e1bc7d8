import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keepCalls, purgeCalls } from '../../../src/main/engine/wire/es2plus/index.ts';
import type { Es2FunctionName } from '../../../src/main/engine/wire/es2plus/codes.ts';
import { addBrand, ask, auditRows, brandCa, call, eidOf, header, listenEs2, makeWorld, orders, otherCa, profileRow } from './support.ts';
import type { World } from './support.ts';

let world: World;
let brandId: number;
let otherId: number;
// Orders by type take the oldest.
let next = 45;
let iccid: string;

beforeAll(async () => {
  world = await makeWorld({ profiles: 80 });
  brandId = await addBrand(world.ctx, 'A', { ca: brandCa.certificate });
  otherId = await addBrand(world.ctx, 'B', { ca: otherCa.certificate });
});
afterAll(() => world.close());
beforeEach(() => {
  iccid = world.iccids[next++]!;
});

const es2 = (name: Es2FunctionName, members: Record<string, unknown>, brand = brandId) => ask(world.ctx, brand, name, members);
const count = async (): Promise<number> => (await orders(world.ctx)).length;

describe('the same call again', () => {
  test('downloadOrder by type: the same ICCID, one order; another call id is another order', async () => {
    const before = await count();
    const first = await es2('downloadOrder', { header: header('same'), profileType: 'consumer' });
    expect(await es2('downloadOrder', { header: header('same'), profileType: 'consumer' })).toEqual(first);
    expect(await count()).toBe(before + 1);
    for (const other of [header('other'), header('same', '2.999.21')]) {
      const second = await es2('downloadOrder', { header: other, profileType: 'consumer' });
      expect(second.code).toBe('ok');
      expect(second.body['iccid']).not.toBe(first.body['iccid']);
    }
    const stranger = await es2('downloadOrder', { header: header('same'), profileType: 'consumer' }, otherId);
    expect(stranger.body['iccid']).not.toBe(first.body['iccid']);
    expect(await count()).toBe(before + 4);
  });

  test('each function, with the answer of the first time, and one transition', async () => {
    const chain: [Es2FunctionName, Record<string, unknown>][] = [
      ['downloadOrder', { iccid }], ['confirmOrder', { iccid, releaseFlag: false, confirmationCode: '1234' }], ['releaseProfile', { iccid }],
    ];
    for (const [name, members] of chain) {
      const callHeader = header();
      const first = await es2(name, { header: callHeader, ...members });
      expect(first.code).toBe('ok');
      const events = await world.ctx.reader.selectFrom('activation_events').select('id').execute();
      expect(await es2(name, { header: callHeader, ...members })).toEqual(first);
      expect(await world.ctx.reader.selectFrom('activation_events').select('id').execute()).toHaveLength(events.length);
    }
    const order = (await orders(world.ctx)).find((one) => one.confirmation !== null)!;
    const cancelled = { header: header(), iccid, matchingId: order.matching_id, finalProfileStatusIndicator: 'Available' };
    expect((await es2('cancelOrder', cancelled)).code).toBe('ok');
    expect((await es2('cancelOrder', cancelled)).code).toBe('ok');
    expect((await es2('cancelOrder', { ...cancelled, header: header() })).code).not.toBe('ok');
    expect((await auditRows(world.ctx, 'es2plus.cancelOrder')).map((row) => [row.outcome, row.fields['repeated']]).slice(-3)).toEqual([['done', undefined], ['done', true], ['refused', undefined]]);
  });

  test('one call id for all functions of a second (pySim), and for two bodies of one function', async () => {
    const fci = header('FCI-1763820000-0');
    const second = world.iccids[next++]!;
    expect((await es2('downloadOrder', { header: fci, iccid: `${iccid}F` })).body['iccid']).toBe(`${iccid}F`);
    expect((await es2('downloadOrder', { header: fci, iccid: `${second}F` })).body['iccid']).toBe(`${second}F`);
    const { matchingId } = (await es2('confirmOrder', { header: fci, iccid: `${iccid}F`, releaseFlag: false })).body;
    expect((await es2('releaseProfile', { header: fci, iccid: `${iccid}F` })).code).toBe('ok');
    expect((await es2('cancelOrder', { header: fci, iccid: `${iccid}F`, matchingId, finalProfileStatusIndicator: 'Unavailable' })).code).toBe('ok');
    expect((await profileRow(world, iccid)).order_state).toBe('unavailable');
    expect((await profileRow(world, second)).order_state).toBe('allocated');
  });

  test('late, when its order has moved on: the first answer, and nothing happens', async () => {
    const eid = eidOf(7);
    const calls = { first: header(), confirm: header(), release: header(), cancel: header() };
    const ordered = await es2('downloadOrder', { header: calls.first, iccid, eid });
    const confirmed = await es2('confirmOrder', { header: calls.confirm, iccid, releaseFlag: false });
    const { matchingId } = confirmed.body;
    const release = { header: calls.release, iccid };
    const released = await es2('releaseProfile', release);
    const cancel = { header: calls.cancel, iccid, eid, matchingId, finalProfileStatusIndicator: 'Available' };
    const cancelled = await es2('cancelOrder', cancel);
    expect([ordered, confirmed, released, cancelled].map((one) => one.code)).toEqual(['ok', 'ok', 'ok', 'ok']);

    // Cancelled: a duplicate of the order takes nothing.
    expect(await es2('downloadOrder', { header: calls.first, iccid, eid })).toEqual(ordered);
    expect((await profileRow(world, iccid)).order_state).toBe('available');
    // Ordered anew: duplicates of what was asked of the earlier order leave this one alone.
    expect((await es2('downloadOrder', { iccid, eid })).code).toBe('ok');
    expect(await es2('confirmOrder', { header: calls.confirm, iccid, releaseFlag: false })).toEqual(confirmed);
    expect(await es2('cancelOrder', cancel)).toEqual(cancelled);
    expect((await profileRow(world, iccid)).order_state).toBe('linked');
    const anew = await es2('confirmOrder', { iccid, releaseFlag: false });
    expect(anew.body['matchingId']).not.toBe(matchingId);
    expect(await es2('releaseProfile', release)).toEqual(released);
    expect((await profileRow(world, iccid)).order_state).toBe('confirmed');
  });

  test('an order by type, repeated after its confirmation, is still the same profile', async () => {
    const same = header();
    const one = await es2('downloadOrder', { header: same, profileType: 'consumer' });
    expect((await es2('confirmOrder', { iccid: one.body['iccid'], releaseFlag: true })).code).toBe('ok');
    expect(await es2('downloadOrder', { header: same, profileType: 'consumer' })).toEqual(one);
  });

  test('a refusal is decided anew', async () => {
    const again = header();
    expect((await es2('releaseProfile', { header: again, iccid })).code).toBe('8.2.1/3.5');
    await es2('downloadOrder', { iccid });
    await es2('confirmOrder', { iccid, releaseFlag: false });
    expect((await es2('releaseProfile', { header: again, iccid })).code).toBe('ok');
  });

  test('twice at the same moment: one order, one answer', async () => {
    const before = await count();
    const same = header();
    const answers = await Promise.all(Array.from({ length: 16 }, () => es2('downloadOrder', { header: same, profileType: 'consumer' })));
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(answers[0]!.code).toBe('ok');
    expect(await count()).toBe(before + 1);
    const confirmed = header();
    const twice = await Promise.all(Array.from({ length: 8 }, () => es2('confirmOrder', { header: confirmed, iccid: answers[0]!.body['iccid'], releaseFlag: true })));
    expect(new Set(twice.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(twice[0]!.code).toBe('ok');
  });

  test('after a restart of the engine', async () => {
    const same = header();
    const first = await es2('downloadOrder', { header: same, profileType: 'consumer' });
    const confirmed = header();
    const second = await es2('confirmOrder', { header: confirmed, iccid: first.body['iccid'], releaseFlag: true, confirmationCode: '99' });
    world = await world.restart();
    expect(await es2('confirmOrder', { header: confirmed, iccid: first.body['iccid'], releaseFlag: true, confirmationCode: '99' })).toEqual(second);
  });

  test('the change and its answer are one: when the answer cannot be kept, nothing was ordered', async () => {
    const before = await count();
    await world.ctx.db.schema.alterTable('es2_calls').renameTo('es2_calls_away').execute();
    try {
      expect((await es2('downloadOrder', { iccid })).code).toBe('1.2/4.2');
      expect((await profileRow(world, iccid)).order_state).toBe('available');
      expect(await count()).toBe(before);
    } finally {
      await world.ctx.db.schema.alterTable('es2_calls_away').renameTo('es2_calls').execute();
    }
    expect((await es2('downloadOrder', { iccid })).code).toBe('ok');
  });

  test('forgotten after a week', async () => {
    expect(await purgeCalls(world.ctx)).toBe(0);
    const kept = (await world.ctx.reader.selectFrom('es2_calls').select('at').execute()).length;
    expect(kept).toBeGreaterThan(10);
    world.clock.advance(keepCalls + 1);
    expect(await purgeCalls(world.ctx)).toBe(kept);
    expect(await purgeCalls(world.ctx)).toBe(0);
  });
});

test('a reply lost on the way: the client asks again over a new connection and gets the same', async () => {
  const listener = await listenEs2(world);
  try {
    const same = header();
    const before = await count();
    const lost = call(listener, 'downloadOrder', { header: same, profileType: 'consumer' }, { timeout: 1 }).catch((error: Error) => error.message);
    await lost;
    const again = await call(listener, 'downloadOrder', { header: same, profileType: 'consumer' });
    const third = await call(listener, 'downloadOrder', { header: same, profileType: 'consumer' });
    expect(again.code).toBe('ok');
    expect(third.body).toEqual(again.body);
    expect(await count()).toBe(before + 1);
  } finally {
    await listener.close();
  }
});
