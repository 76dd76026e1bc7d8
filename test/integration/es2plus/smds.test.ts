import { createPrivateKey } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startLabSmds } from '../../../src/main/lab/operator/index.ts';
import type { LabSmds } from '../../../src/main/lab/operator/index.ts';
import { certificatePem } from '../../../src/main/lab/pki/index.ts';
import { seededRandom } from '../../support/engine.ts';
import { addBrand, ask, brandCa, eidOf, header, makeWorld, pkiOf, profileRow, reissueTls } from './support.ts';
import type { World } from './support.ts';

let world: World;
let smds: LabSmds;
let brandId: number;
let next = 0;
let iccid: string;
const EID = eidOf(1);

beforeAll(async () => {
  world = await makeWorld({ profiles: 20 });
  brandId = await addBrand(world.ctx, 'A', { ca: brandCa.certificate });
  const issued = reissueTls(pkiOf(), ['127.0.0.1', 'localhost'], new Date(), seededRandom('smds'));
  smds = await startLabSmds({
    tls: { certificate: issued.certificate, cert: certificatePem(issued.certificate), key: createPrivateKey({ key: Buffer.from(issued.privateKeyPkcs8), format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }) as string },
    clientCa: [certificatePem(pkiOf().ci.certificate)],
  });
});
afterAll(async () => {
  await world.close();
  await smds.close();
});
beforeEach(async () => {
  smds.refuse('registerEvent', undefined);
  iccid = world.iccids[next++]!;
  expect((await es2('downloadOrder', { iccid })).code).toBe('ok');
});

const es2 = (name: 'downloadOrder' | 'confirmOrder' | 'cancelOrder' | 'releaseProfile', members: Record<string, unknown>) => ask(world.ctx, brandId, name, members);
const confirm = (members: Record<string, unknown> = {}) => es2('confirmOrder', { iccid, eid: EID, smdsAddress: smds.smdsAddress, releaseFlag: true, ...members });
const registered = (eventId: unknown): number => smds.events().filter((event) => event.eventId === eventId).length;
const state = async (): Promise<string> => (await profileRow(world, iccid)).order_state;

test('released at once: the MatchingID is the EventID at the SM-DS, once, however often the call comes (5.3.2)', async () => {
  const same = header();
  const first = await confirm({ header: same });
  expect(first.code).toBe('ok');
  expect(await confirm({ header: same })).toEqual(first);
  expect(registered(first.body['matchingId'])).toBe(1);
  expect(smds.events().find((event) => event.eventId === first.body['matchingId'])).toMatchObject({ eid: EID });
  expect(await state()).toBe('released');
});

test('the SM-DS refuses: 8.9/4.2, nothing is confirmed, and later it goes on', async () => {
  smds.refuse('registerEvent', '1.2/1.2');
  expect((await confirm()).code).toBe('8.9/4.2');
  expect(await state()).toBe('allocated');
  smds.refuse('registerEvent', undefined);
  expect((await confirm()).code).toBe('ok');
});

test('confirmed only: registered with releaseProfile, whose failures are 8.9 too (5.3.4)', async () => {
  const { matchingId } = (await confirm({ releaseFlag: false })).body;
  expect(registered(matchingId)).toBe(0);
  smds.refuse('registerEvent', '8.9/4.2');
  expect((await es2('releaseProfile', { iccid })).code).toBe('8.9/4.2');
  expect(await state()).toBe('confirmed');
  smds.refuse('registerEvent', undefined);
  expect((await es2('releaseProfile', { iccid })).code).toBe('ok');
  expect((await es2('releaseProfile', { iccid })).code).toBe('ok');
  expect(registered(matchingId)).toBe(1);
});

test('nobody there, no host, an empty MatchingID', async () => {
  expect((await confirm({ smdsAddress: '127.0.0.1:1' })).code).toBe('8.9/5.1');
  expect((await confirm({ smdsAddress: 'smds example' })).code).toBe('8.9/5.1');
  expect((await confirm({ matchingId: '' })).code).toBe('1.6/2.1');
  expect(await state()).toBe('allocated');
});

test('cancelled: the event is to be deleted', async () => {
  const { matchingId } = (await confirm()).body;
  expect((await es2('cancelOrder', { iccid, eid: EID, matchingId, finalProfileStatusIndicator: 'Available' })).code).toBe('ok');
  const waiting = await world.ctx.reader.selectFrom('outbox').select(['kind', 'state', 'payload']).where('kind', '=', 'es12.deleteEvent').where('state', '=', 'waiting').execute();
  expect(waiting.some((row) => row.payload.includes(String(matchingId)))).toBe(true);
});
