import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeWorld, order, profileRow } from '../downloads/support.ts';
import type { World } from '../downloads/support.ts';

let world: World;
beforeAll(async () => {
  world = await makeWorld({ profiles: 1 });
});
afterAll(() => world.close());

test('a profile that only waits for its preparation is prepared with the order that names it', async () => {
  const iccid = '8988211777770000012';
  await world.engine.ok('profiles.add' as never, { type: 'consumer', iccid, imsi: '001017777700001' });
  expect(await profileRow(world, iccid)).toMatchObject({ stock_state: 'imported', slots: null });
  const made = await order(world, { type: undefined, iccid });
  expect(made).toMatchObject({ iccid, state: 'released' });
  const row = await profileRow(world, iccid);
  expect(row).toMatchObject({ stock_state: 'sold', order_state: 'released' });
  expect(row.slots).not.toBeNull();
  expect(row.package_digest).not.toBeNull();
});

test('an order that is refused leaves the profile unprepared', async () => {
  const iccid = '8988211777770000020';
  await world.engine.ok('profiles.add' as never, { type: 'consumer', iccid, imsi: '001017777700002' });
  await order(world, { matchingId: 'TAKEN-1' });
  const refused = await world.engine.refused('orders.create' as never, { iccid, matchingId: 'TAKEN-1' });
  expect(refused.code).toBe('MATCHING_ID_USED');
  expect(await profileRow(world, iccid)).toMatchObject({ stock_state: 'imported', slots: null });
});
