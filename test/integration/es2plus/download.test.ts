import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEs9plus } from '../../../src/main/engine/wire/es9plus/index.ts';
import type { Es9plusListener } from '../../../src/main/engine/wire/es9plus/index.ts';
import { download } from '../../../src/main/lab/device/index.ts';
import { addBrand, brandCa, call, device, eidOf, listenEs2, makeWorld, pkiOf, profileRow, stages } from './support.ts';
import type { Es2plusListener, World } from './support.ts';

let world: World;
let es2: Es2plusListener;
let es9: Es9plusListener;
beforeAll(async () => {
  world = await makeWorld({ profiles: 12 });
  await addBrand(world.ctx, 'A', { ca: brandCa.certificate });
  es2 = await listenEs2(world);
  es9 = await startEs9plus(world.ctx, { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await es2.close();
  await es9.close();
  await world.close();
});

const fetchWith = (serial: number, activationCode: string, more: object = {}) =>
  download({ tls: { caCertificate: pkiOf().ci.certificate, connectTo: { host: '127.0.0.1', port: es9.port } }, activationCode, device: device(serial), ...more });

async function ok(name: string, body: object): Promise<Record<string, unknown>> {
  const answer = await call(es2, name, body);
  expect(answer.code, answer.text).toBe('ok');
  expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'x-admin-protocol': 'gsma/rsp/v2.2.0' });
  return answer.body!;
}

test('ordered, confirmed and released over ES2+, downloaded by a device, then not to be cancelled', async () => {
  const { iccid } = await ok('downloadOrder', { profileType: 'consumer' }) as { iccid: string };
  const { smdpAddress, matchingId } = await ok('confirmOrder', { iccid: `${iccid}F`, releaseFlag: true }) as Record<string, string>;
  const outcome = await fetchWith(1, `1$${smdpAddress}$${matchingId}`);
  expect(outcome).toMatchObject({ ok: true, iccid });
  expect(await profileRow(world, iccid)).toMatchObject({ order_state: 'installed', eid: eidOf(1) });
  const order = await world.ctx.reader.selectFrom('orders').selectAll().where('matching_id', '=', matchingId!).executeTakeFirstOrThrow();
  expect(await stages(world, order.id)).toEqual(['ordered', 'confirmed', 'released', 'authenticated', 'downloaded', 'installed']);
  expect(order.source).toBe('es2plus');
  expect((await call(es2, 'cancelOrder', { iccid, matchingId, eid: eidOf(1), finalProfileStatusIndicator: 'Available' })).code).toBe('8.2.1/3.3');
  expect((await call(es2, 'releaseProfile', { iccid })).code).toBe('8.2.1/3.5');
});

test('not before it is released; then with its confirmation code only', async () => {
  const { iccid } = await ok('downloadOrder', { profileType: 'consumer', eid: eidOf(2) }) as { iccid: string };
  const { smdpAddress, matchingId, eid } = await ok('confirmOrder', { iccid, releaseFlag: false, confirmationCode: 'A1b2' }) as Record<string, string>;
  expect(eid).toBe(eidOf(2));
  const code = `1$${smdpAddress}$${matchingId}$$1`;
  expect((await fetchWith(2, code, { confirmationCode: Buffer.from('A1b2') })).ok).toBe(false);
  await ok('releaseProfile', { iccid });
  expect((await fetchWith(3, code, { confirmationCode: Buffer.from('A1b2') })).ok).toBe(false);
  expect((await fetchWith(2, code, { confirmationCode: [Buffer.from('nope'), Buffer.from('A1b2')] }))).toMatchObject({ ok: true, iccid });
});

test('an order without MatchingID is found by its EID', async () => {
  const { iccid } = await ok('downloadOrder', { profileType: 'consumer' }) as { iccid: string };
  const { smdpAddress, matchingId } = await ok('confirmOrder', { iccid, eid: eidOf(4), matchingId: '', releaseFlag: true }) as Record<string, string>;
  expect(matchingId).toBe('');
  expect(await fetchWith(4, `1$${smdpAddress}$`)).toMatchObject({ ok: true, iccid });
});

test('cancelled: the code is dead, the profile is sold again', async () => {
  const { iccid } = await ok('downloadOrder', { profileType: 'consumer' }) as { iccid: string };
  const { smdpAddress, matchingId } = await ok('confirmOrder', { iccid, releaseFlag: true }) as Record<string, string>;
  await ok('cancelOrder', { iccid, matchingId, finalProfileStatusIndicator: 'Available' });
  expect((await fetchWith(5, `1$${smdpAddress}$${matchingId}`)).ok).toBe(false);
  await ok('downloadOrder', { iccid });
});
