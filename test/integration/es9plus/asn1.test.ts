import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Es9plusListener } from '../../../src/main/engine/wire/es9plus/index.ts';
import { encodeAsn1Request } from '../../../src/main/lab/device/index.ts';
import { ADDRESS, behaving, code, device, eidOf, fetchProfile, listen, makeWorld, order, orderRow, post, profileRow } from './support.ts';
import type { World } from './support.ts';

let world: World;
let listener: Es9plusListener;
const TYPE = { 'Content-Type': 'application/x-gsma-rsp-asn1', 'User-Agent': 'gsma-rsp-lpae' };

beforeAll(async () => {
  world = await makeWorld({ profiles: 16 });
  listener = await listen(world);
});
afterAll(async () => {
  await listener.close();
  await world.close();
});

const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const secret = (text: string): Uint8Array => new TextEncoder().encode(text);
const initiate = (address = ADDRESS): Uint8Array => {
  const chip = device(90);
  return encodeAsn1Request('initiateAuthentication', { euiccChallenge: b64(chip.getEuiccChallenge()), euiccInfo1: b64(chip.euiccInfo1()), smdpAddress: address });
};
const sessionOf = (transactionId: string) => world.ctx.reader.selectFrom('sessions').selectAll().where('transaction_id', '=', transactionId).executeTakeFirstOrThrow();

describe('a device with the ASN.1 binding', () => {
  test('downloads, installs and is noted as such', async () => {
    const made = await order(world);
    const outcome = await fetchProfile(listener, { activationCode: made.activationCode, device: device(1), binding: 'asn1' });
    expect(code(outcome)).toBe('installed');
    expect(await profileRow(world, made.iccid)).toMatchObject({ order_state: 'installed', eid: eidOf(1) });
    expect(await sessionOf(outcome.transactionId!)).toMatchObject({ binding: 'asn1', phase: 'installed' });
    const json = await fetchProfile(listener, { activationCode: (await order(world)).activationCode, device: device(2) });
    expect(await sessionOf(json.transactionId!)).toMatchObject({ binding: 'json' });
  });

  test('a wrong confirmation code is number 3, the right one goes through in the same session', async () => {
    const made = await order(world, {}, '4711');
    const outcome = await fetchProfile(listener, { activationCode: made.activationCode, device: device(3), confirmationCode: [secret('1'), secret('4711')], binding: 'asn1' });
    expect(code(outcome)).toBe('installed');
    expect(outcome.steps.filter((step) => step.name === 'getBoundProfilePackage').map((step) => step.status)).toEqual(['8.2.7/3.8', 'ok']);
  });

  test.each([
    ['matchingIdRefused', {}, { matchingId: 'UNKNOWN-CODE' }, '8.2.6/3.8'], ['eidMismatch', {}, { matchingId: '' }, '8.1.1/3.8'],
    ['euiccSignatureInvalid', { wrongSignature: 'authenticateServer' as const }, {}, '8.1/6.1'], ['ciPKIdNotSupported', { signingKeyIds: [secret('xxxx')] }, {}, '8.8.2/3.1'],
    ['euiccVersionNotSupportedByDp', { svn: [3, 0, 0] as const }, {}, '8.8.3/3.1'],
  ])('%s', async (_name, misbehaviour, target, expected) => {
    const made = await order(world);
    const chip = device(4, { misbehaviour });
    expect(code(await fetchProfile(listener, { activationCode: { smdpAddress: ADDRESS, matchingId: made.matchingId, ...target }, device: chip, misbehaviour, binding: 'asn1' }))).toBe(expected);
  });

  test('cancelSession with the quirk of its tag: a refusal on the device ends the order', async () => {
    const made = await order(world);
    expect(code(await fetchProfile(listener, { activationCode: made.activationCode, device: device(5), consent: () => 'reject', binding: 'asn1' }))).toBe('rejected');
    expect(await orderRow(world, made.orderId)).toMatchObject({ outcome: 'rejected' });
    const other = await order(world);
    const lost = behaving(device(6), { wrongTransactionId: 'cancelSessionSigned' });
    const outcome = await fetchProfile(listener, { activationCode: other.activationCode, device: lost, misbehaviour: { wrongTransactionId: 'cancelSessionSigned' }, consent: () => 'reject', binding: 'asn1' });
    expect(outcome.steps.at(-1)).toMatchObject({ name: 'cancelSession', status: '8.10.1/3.9' });
  });
});

describe('the HTTP message', () => {
  test('both headers, the content type of the binding, nothing but the structure', async () => {
    const reply = await post(listener, '/gsma/rsp2/asn1', initiate(), TYPE);
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/x-gsma-rsp-asn1');
    expect(reply.headers['x-admin-protocol']).toBe('gsma/rsp/v2.2.0');
  });

  test('a refusal is HTTP 200 with the error arm', async () => {
    const reply = await post(listener, '/gsma/rsp2/asn1', initiate('other.example'), TYPE);
    expect([reply.status, reply.headers['content-length']]).toEqual([200, '8']);
  });

  test('a notification nobody can verify is 204 and empty', async () => {
    const reply = await post(listener, '/gsma/rsp2/asn1', Buffer.from('a20abf3d07a0053003020101', 'hex'), TYPE);
    expect([reply.status, reply.text, reply.headers['content-type'], reply.headers['x-admin-protocol']]).toEqual([204, '', undefined, 'gsma/rsp/v2.2.0']);
  });

  test('what is not DER is 400, another content type 415, another method 405', async () => {
    for (const body of [new Uint8Array(0), Buffer.from('{}'), initiate().subarray(0, 20)]) expect((await post(listener, '/gsma/rsp2/asn1', body, TYPE)).status).toBe(400);
    expect((await post(listener, '/gsma/rsp2/asn1', initiate())).status).toBe(415);
    expect((await post(listener, '/gsma/rsp2/es9plus/initiateAuthentication', '{}', TYPE)).status).toBe(415);
    expect((await post(listener, '/gsma/rsp2/asn1', '', TYPE, 'GET')).status).toBe(405);
  });

  test('a fault of ours is undefinedError, a notification that could not be stored comes again', async () => {
    Object.assign(world.ctx, { vault: { ...world.engine.vault, call: () => Promise.reject(new Error('select secret from nowhere')) } });
    try {
      const reply = await post(listener, '/gsma/rsp2/asn1', initiate(), TYPE);
      expect([reply.status, Buffer.from(reply.text, 'latin1').length]).toEqual([200, Buffer.from('a206bf390381017f', 'hex').toString('utf8').length]);
    } finally {
      Object.assign(world.ctx, { vault: world.engine.vault });
    }
  });
});
