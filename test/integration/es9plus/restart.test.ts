import { afterAll, beforeAll, expect, test } from 'vitest';
import { authenticateClient, getBoundProfilePackage, recoverDeliveries } from '../../../src/main/engine/downloads/index.ts';
import { confirmationHash } from '../../../src/main/lab/device/index.ts';
import { codeOf, notify, open, packageOf } from '../../unit/downloads/driver.ts';
import { code, device, eidOf, fetchProfile, listen, listener as identitiesOf, makeWorld, order, orderRow, profileRow, remote } from './support.ts';
import type { World } from './support.ts';

let world: World;
beforeAll(async () => {
  world = await makeWorld({ profiles: 10 });
});
afterAll(() => world.close());

test('a restart between any two calls does not end a download', async () => {
  const made = await order(world, {}, '4711');
  const phone = device(78);
  const session = await open(world, phone);
  const { transactionId } = session.initiated;
  world = await world.restart();
  const { der } = phone.authenticateServer({ ...session.initiated, matchingId: made.matchingId });
  const answer = await authenticateClient(world.ctx, await identitiesOf(world), { transactionId, authenticateServerResponse: der }, remote);
  if (!('ok' in answer)) throw new Error(codeOf(answer));
  world = await world.restart();
  const prepared = phone.prepareDownload({ ...answer.ok, hashCc: confirmationHash(Buffer.from('4711'), Buffer.from(transactionId, 'hex')) });
  const bound = await getBoundProfilePackage(world.ctx, await identitiesOf(world), { transactionId, prepareDownloadResponse: prepared.der }, remote);
  const result = session.load(packageOf(bound));
  world = await world.restart();
  expect(await notify(world, result)).toBe('accepted');
  expect((await profileRow(world, made.iccid)).order_state).toBe('installed');
  const listener = await listen(world);
  expect(code(await fetchProfile(listener, { activationCode: (await order(world)).activationCode, device: device(79) }))).toBe('installed');
  await listener.close();
});

test('yesterday\'s database does not sell today\'s profiles: the journal takes them out', async () => {
  // Delivered in one life of the workspace …
  const made = await order(world);
  const waiting = await order(world);
  const listener = await listen(world);
  expect(code(await fetchProfile(listener, { activationCode: made.activationCode, device: device(81) }))).toBe('installed');
  expect((await fetchProfile(listener, { activationCode: waiting.activationCode, device: device(82), misbehaviour: { dropReplyOf: 'getBoundProfilePackage' }, cancel: 'never' })).ok).toBe(false);
  await listener.close();
  // … and in the restored one it never happened.
  const { db } = world.ctx;
  await db.deleteFrom('kept_packages').execute();
  await db.updateTable('orders').set({ closed_at: null, final_state: null, outcome: null, bound_eid: null }).where('id', 'in', [made.orderId, waiting.orderId]).execute();
  const undelivered = { bpp_delivered_at: null, eid: null, eid_rev: null, device_state: 'unknown' };
  await db.updateTable('profiles').set({ ...undelivered, order_state: 'available', stock_state: 'sellable', order_id: null }).where('iccid', '=', made.iccid).execute();
  await db.updateTable('profiles').set({ ...undelivered, order_state: 'released', stock_state: 'sold' }).where('iccid', '=', waiting.iccid).execute();

  const sentences = await recoverDeliveries(world.ctx);
  expect(sentences).toHaveLength(1);
  expect(sentences[0]).toContain('2 profiles were quarantined');
  expect(await profileRow(world, made.iccid)).toMatchObject({ stock_state: 'quarantined', order_state: 'unavailable', eid: eidOf(81) });
  expect(await profileRow(world, waiting.iccid)).toMatchObject({ stock_state: 'quarantined', order_state: 'error', eid: eidOf(82) });
  expect(await orderRow(world, waiting.orderId)).toMatchObject({ outcome: 'found_delivered' });
  expect(codeOf(await (await open(world, device(82))).authenticate(waiting.matchingId))).toBe('8.2.6/3.8');
  expect(await recoverDeliveries(world.ctx)).toEqual([]);
});
