/** Rules of SGP.22 v2.2, 3.1.3, 3.5 and 5.6 that the tables of `checks.test.ts` do not hold: order of checks, default orders, retries, forms. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Call } from '../../../src/main/engine/context.ts';
import { authenticateClient, getBoundProfilePackage } from '../../../src/main/engine/downloads/index.ts';
import { downloadOrder } from '../../../src/main/engine/orders/index.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { createDevice, VirtualEuicc } from '../../../src/main/lab/device/index.ts';
import type { Misbehaviour } from '../../../src/main/lab/device/index.ts';
import { createLabPki, issueEuicc } from '../../../src/main/lab/pki/index.ts';
import { signRaw } from '../../../src/main/lab/device/cipher.ts';
import { buildInstallResult, buildInstallResultData, parseBoundPackage, parseCertificate, parsePrepareDownloadResponse, serialText } from '../../../src/main/rsp/index.ts';
import { fromHex, toHex } from '../../../src/shared/tlv/index.ts';
import { seededRandom } from '../../support/engine.ts';
import { codeOf, initiate, notify, open, packageOf } from './driver.ts';
import { ADDRESS, behaving, changeSettings, device, eidOf, listener, makeWorld, OID, order, orderRow, pkiOf, profileRow, remote } from './support.ts';
import type { World } from './support.ts';

let world: World;
let serial = 20_000;
beforeAll(async () => {
  world = await makeWorld({ profiles: 80, identities: { nist: pkiOf(), brainpool: pkiOf('brainpoolP256r1') } });
});
afterAll(() => world.close());
beforeEach(() => {
  serial++;
});

const operator: Call = { actor: 'test', host: 'test', correlationId: 'test' } as unknown as Call;
const authenticateAs = async (chip: VirtualEuicc, matchingId: string | undefined) => codeOf(await (await open(world, chip)).authenticate(matchingId));

describe('roots of the eUICC (5.6.1)', () => {
  const keyId = (curve: 'P-256' | 'brainpoolP256r1') => device(1, { pkis: [pkiOf(curve)] }).state.credentials[0]!.ciKeyId;
  test('signs under one, verifies by the other: each from its own list, in the order of preference', async () => {
    const [nist, brainpool] = [keyId('P-256'), keyId('brainpoolP256r1')];
    const both = device(serial, { pkis: [pkiOf(), pkiOf('brainpoolP256r1')] });
    const answer = await initiate(world, behaving(both, { signingKeyIds: [nist], verificationKeyIds: [brainpool] }));
    if (!('ok' in answer)) throw new Error(codeOf(answer));
    expect(toHex(answer.ok.euiccCiPKIdToBeUsed)).toBe(`0414${toHex(nist)}`);
    expect(Buffer.from(answer.ok.serverCertificate).equals(pkiOf('brainpoolP256r1').dpauth.certificate)).toBe(true);
    const preferred = await initiate(world, behaving(both, { signingKeyIds: [fromHex('ffff'), brainpool, nist], verificationKeyIds: [nist, brainpool] }));
    if (!('ok' in preferred)) throw new Error(codeOf(preferred));
    expect(toHex(preferred.ok.euiccCiPKIdToBeUsed)).toBe(`0414${toHex(brainpool)}`);
    expect(Buffer.from(preferred.ok.serverCertificate).equals(pkiOf().dpauth.certificate)).toBe(true);
  });
  test('the signing list is judged before the verification list', async () => {
    const junk = [fromHex('ffff'), fromHex('fffe')];
    expect(codeOf(await initiate(world, device(serial, { misbehaviour: { signingKeyIds: junk, verificationKeyIds: junk } })))).toBe('8.8.2/3.1');
    expect(codeOf(await initiate(world, device(serial, { misbehaviour: { signingKeyIds: junk } })))).toBe('8.8.2/3.1');
    expect(codeOf(await initiate(world, device(serial, { misbehaviour: { verificationKeyIds: junk } })))).toBe('8.8.4/3.7');
    expect(codeOf(await initiate(world, device(serial), { names: ['brainpool'] }))).toBe('8.8.2/3.1');
  });
});

describe('of two faults the one that is checked first is told (5.6.3)', () => {
  const badEum = () => createLabPki({ curve: 'P-256', oid: OID, tlsNames: [], now: new Date(), random: seededRandom('pki P-256'), defects: { eum: ['expired'] } }).eum;
  type Case = [name: string, make: () => Misbehaviour, order: Record<string, unknown>, expected: string];
  const cases: Case[] = [
    ['transaction id before the chain', () => ({ wrongTransactionId: 'euiccSigned1', eumCertificate: badEum().certificate }), {}, '8.10.1/3.9'],
    ['EUM before eUICC', () => ({ eumCertificate: badEum().certificate, euiccCertificate: fromHex('3000') }), {}, '8.1.2/6.3'],
    ['chain before signature', () => ({ eumCertificate: badEum().certificate, wrongSignature: 'authenticateServer' }), {}, '8.1.2/6.3'],
    ['signature before order', () => ({ wrongSignature: 'authenticateServer' }), { expires: '-1h' }, '8.1/6.1'],
    ['challenge before order', () => ({ wrongServerChallenge: true }), { expires: '-1h' }, '8.1/6.1'],
    ['EID before release', () => ({}), { eid: eidOf(5), release: false }, '8.1.1/3.8'],
    ['release before expiry', () => ({}), { release: false, expires: '-1h' }, '8.2/1.2'],
    ['expiry before attempts', () => ({}), { downloadLimit: 0, expires: '-1h' }, '8.8.5/4.10'],
  ];
  test.each(cases)('%s', async (_name, make, input, expected) => {
    const made = await order(world, input);
    expect(await authenticateAs(device(serial, { misbehaviour: make() }), made.matchingId)).toBe(expected);
  });
  test('attempts before memory', async () => {
    const made = await order(world, { downloadLimit: 0 });
    expect(await authenticateAs(device(serial, { freeMemory: 1 }), made.matchingId)).toBe('8.8.5/6.4');
  });
  test('an eUICC certificate of another EUM of the same CI', async () => {
    const other = createLabPki({ curve: 'P-256', oid: OID, tlsNames: [], now: new Date(), random: seededRandom('pki P-256') });
    const foreign = issueEuicc(pkiOf(), eidOf(serial), new Date(), { random: seededRandom('x'), defects: ['unknown-authority-key-id'] });
    expect(Buffer.from(other.ci.publicPoint).equals(pkiOf().ci.publicPoint)).toBe(true);
    expect(await authenticateAs(device(serial, { misbehaviour: { euiccCertificate: foreign.certificate } }), 'X')).toBe('8.1.3/6.1');
  });
});

describe('default SM-DP+ orders (3.1.3 option c)', () => {
  const forEid = (input: Record<string, unknown> = {}) => order(world, { eid: eidOf(serial), matchingId: '', ...input });
  const unconfirmed = () => write(world.ctx, (tx) => downloadOrder(tx, world.ctx, { type: 'consumer', eid: eidOf(serial) }, operator, 'operator'));
  const offered = async (): Promise<string> => {
    const session = await open(world, device(serial));
    const answer = await session.authenticate('');
    if (!('ok' in answer)) return codeOf(answer);
    return (await world.ctx.reader.selectFrom('sessions').select('order_id').where('transaction_id', '=', session.initiated.transactionId).executeTakeFirstOrThrow()).order_id!;
  };
  const tick = () => world.clock.advance(1000);

  test('an order that was never confirmed is found by nobody, with or without MatchingID', async () => {
    const { order: made } = await unconfirmed();
    expect(made.matching_id).toBeNull();
    expect(await offered()).toBe('8.1.1/3.8');
    expect(await authenticateAs(device(serial), undefined)).toBe('8.1.1/3.8');
    expect(await authenticateAs(device(serial), 'null')).toBe('8.2.6/3.8');
    tick();
    const ready = await forEid();
    expect(await offered()).toBe(ready.orderId);
  });
  test('confirmed only: 8.2/1.2; next to a released one, the released one', async () => {
    await forEid({ release: false });
    expect(await offered()).toBe('8.2/1.2');
    tick();
    const ready = await forEid();
    expect(await offered()).toBe(ready.orderId);
  });
  test('expired: 8.8.5/4.10, which ends it, and the same afterwards', async () => {
    const made = await forEid({ expires: '-1h' });
    expect(await offered()).toBe('8.8.5/4.10');
    expect(await orderRow(world, made.orderId)).toMatchObject({ outcome: 'expired' });
    expect(await offered()).toBe('8.8.5/4.10');
  });
  test('expired next to a released one: the released one, and the other is left to its time', async () => {
    const old = await forEid({ expires: '-1h' });
    tick();
    const ready = await forEid();
    expect(await offered()).toBe(ready.orderId);
    expect((await orderRow(world, old.orderId)).closed_at).toBeNull();
  });
  test('ended by expiry next to one that is only confirmed: 8.2/1.2', async () => {
    await forEid({ expires: '-1h' });
    expect(await offered()).toBe('8.8.5/4.10');
    tick();
    await forEid({ release: false });
    expect(await offered()).toBe('8.2/1.2');
  });
  test('used up: 8.8.5/6.4; next to a fresh one, the fresh one', async () => {
    await forEid({ downloadLimit: 0 });
    tick();
    const ready = await forEid();
    expect(await offered()).toBe(ready.orderId);
    await world.engine.ok('orders.cancel', { orderId: ready.orderId });
    expect(await offered()).toBe('8.8.5/6.4');
  });
  test('two of them: the oldest until it is installed, then the next, then none', async () => {
    const first = await forEid();
    tick();
    const second = await forEid();
    const chip = device(serial);
    for (const made of [first, second]) {
      for (let i = 0; i < 2; i++) {
        const session = await open(world, chip);
        expect(codeOf(await session.authenticate(i === 0 ? '' : undefined))).toBe('ok');
        const bound = packageOf(await session.package());
        if (i === 1) await notify(world, session.load(bound));
      }
      expect((await profileRow(world, made.iccid)).order_state).toBe('installed');
    }
    expect(await offered()).toBe('8.1.1/3.8');
  });
  test('an order with a MatchingID is not one of them, and one without is not found by a wrong MatchingID', async () => {
    await order(world, { eid: eidOf(serial) });
    expect(await offered()).toBe('8.1.1/3.8');
    await forEid();
    expect(await authenticateAs(device(serial), 'WRONG-CODE')).toBe('8.2.6/3.8');
    expect(await authenticateAs(device(serial + 500), '')).toBe('8.1.1/3.8');
  });
  test('cancelled: 8.1.1/3.8', async () => {
    const made = await forEid();
    await world.engine.ok('orders.cancel', { orderId: made.orderId });
    expect(await offered()).toBe('8.1.1/3.8');
  });
});

describe('a package asked for again (5.6.2)', () => {
  async function twice(chip: VirtualEuicc, again: VirtualEuicc = chip) {
    const made = await order(world);
    const first = await open(world, chip);
    const offer1 = await first.authenticate(made.matchingId);
    const one = parseBoundPackage(packageOf(await first.package()));
    const second = await open(world, again);
    const offer2 = await second.authenticate(made.matchingId);
    if (!('ok' in offer1) || !('ok' in offer2)) throw new Error('not offered');
    const der = second.prepare();
    const answer = await second.package(undefined, { der });
    return { made, one, offer1: offer1.ok, offer2: offer2.ok, answer, der, second };
  }
  const offers = (signed2: Uint8Array): boolean => toHex(signed2).includes('5f4941');

  test('the one-time key is offered again to the same eUICC; the same key gets the same segments signed anew', async () => {
    const { one, offer1, offer2, answer, second } = await twice(device(serial));
    expect([offers(offer1.smdpSigned2), offers(offer2.smdpSigned2)]).toEqual([false, true]);
    const two = parseBoundPackage(packageOf(answer));
    expect(toHex(two.initialiseSecureChannel.otpkDp)).toBe(toHex(one.initialiseSecureChannel.otpkDp));
    expect(two.profile.map(toHex)).toEqual(one.profile.map(toHex));
    expect(toHex(two.initialiseSecureChannel.transactionId).toUpperCase()).toBe(second.initiated.transactionId);
    expect(toHex(two.initialiseSecureChannel.signature64)).not.toBe(toHex(one.initialiseSecureChannel.signature64));
  });

  test('another key gets a fresh key of ours and other segments', async () => {
    const chip = device(serial);
    const { one, answer, made } = await twice(chip, behaving(chip, { ignoreOfferedOtpk: true }));
    const two = parseBoundPackage(packageOf(answer));
    expect(toHex(two.initialiseSecureChannel.otpkDp)).not.toBe(toHex(one.initialiseSecureChannel.otpkDp));
    expect(toHex(two.profile[0]!)).not.toBe(toHex(one.profile[0]!));
    expect((await profileRow(world, made.iccid)).order_state).toBe('downloaded');
  });

  test('by setting another key is refused with 8.2/3.7, the same one is not, nor is a first one', async () => {
    await changeSettings(world, { rebinding: 'refuse' });
    try {
      const chip = device(serial);
      const { answer, made } = await twice(chip, behaving(chip, { ignoreOfferedOtpk: true }));
      expect(codeOf(answer)).toBe('8.2/3.7');
      expect(await orderRow(world, made.orderId)).toMatchObject({ closed_at: null });
      // The key that was offered still fetches the kept package.
      const kept = await world.ctx.reader.selectFrom('kept_packages').select('euicc_otpk').where('order_id', '=', made.orderId).executeTakeFirstOrThrow();
      const third = await open(world, chip);
      expect(codeOf(await third.authenticate(made.matchingId))).toBe('ok');
      const der = third.prepare();
      const prepared = parsePrepareDownloadResponse(der);
      expect(prepared.kind === 'ok' && toHex(prepared.euiccOtpk)).toBe(toHex(kept.euicc_otpk));
      expect(codeOf(await third.package(undefined, { der }))).toBe('ok');
    } finally {
      await changeSettings(world, { rebinding: 'fresh' });
    }
  });

  test('a key of the other curve is not offered: the session is bound on the curve of its DPpb', async () => {
    const made = await order(world);
    const chip = device(serial, { pkis: [pkiOf(), pkiOf('brainpoolP256r1')] });
    const first = await open(world, chip);
    expect(codeOf(await first.authenticate(made.matchingId))).toBe('ok');
    packageOf(await first.package());
    const brainpool = chip.state.credentials[1]!.ciKeyId;
    const other = behaving(chip, { signingKeyIds: [brainpool], verificationKeyIds: [brainpool] });
    const second = await open(world, other);
    const offer = await second.authenticate(made.matchingId);
    if (!('ok' in offer)) throw new Error(codeOf(offer));
    expect(offers(offer.ok.smdpSigned2)).toBe(false);
    packageOf(await second.package());
  });
});

describe('sessions', () => {
  test('of one eUICC for one order the newest wins', async () => {
    const made = await order(world);
    const chip = device(serial);
    const older = await open(world, chip);
    expect(codeOf(await older.authenticate(made.matchingId))).toBe('ok');
    const der = older.prepare();
    const newer = await open(world, chip);
    expect(codeOf(await newer.authenticate(made.matchingId))).toBe('ok');
    expect(codeOf(await older.package(undefined, { der }))).toBe('8.10.1/3.9');
    expect(codeOf(await newer.package())).toBe('ok');
  });

  test('messages of another session are no good: authenticate, cancel', async () => {
    const made = await order(world);
    const [chip, thief] = [device(serial), device(serial + 500)];
    const own = await open(world, chip);
    const { der } = chip.authenticateServer({ ...own.initiated, matchingId: made.matchingId });
    const other = await open(world, thief);
    const at = await listener(world);
    expect(codeOf(await authenticateClient(world.ctx, at, { transactionId: other.initiated.transactionId, authenticateServerResponse: der }, remote))).toBe('8.10.1/3.9');
    expect(codeOf(await authenticateClient(world.ctx, at, { transactionId: own.initiated.transactionId, authenticateServerResponse: der }, remote))).toBe('ok');
    expect(codeOf(await other.authenticate('NONE'))).toBe('8.2.6/3.8');
    const cancel = thief.cancelSession(fromHex(other.initiated.transactionId), 0).der;
    expect(codeOf(await own.cancel(0, { der: cancel }))).toBe('8.10.1/3.9');
    expect((await profileRow(world, made.iccid)).order_state).toBe('released');
  });

  test('a package is for the listener of its session only', async () => {
    const made = await order(world);
    const session = await open(world, device(serial));
    expect(codeOf(await session.authenticate(made.matchingId))).toBe('ok');
    const der = session.prepare();
    const elsewhere = await getBoundProfilePackage(world.ctx, await listener(world, ['brainpool']), { transactionId: session.initiated.transactionId, prepareDownloadResponse: der }, remote);
    expect(codeOf(elsewhere)).toBe('8.10.1/3.9');
    expect(codeOf(await session.package(undefined, { der }))).toBe('ok');
  });
});

describe('getBoundProfilePackage: of two faults the one that is checked first', () => {
  const cases: [string, Misbehaviour, string | undefined, string][] = [
    ['transaction id before signature', { wrongTransactionId: 'euiccSigned2', wrongSignature: 'prepareDownload' }, 'S3CRET', '8.10.1/3.9'],
    ['signature before the code', { wrongSignature: 'prepareDownload' }, 'wrong', '8.1/6.1'],
    ['signature before the missing code', { wrongSignature: 'prepareDownload', hashCc: 'absent' }, undefined, '8.1/6.1'],
    ['a hash of no octets is a missing one', { hashCc: 'empty' }, undefined, '8.2.7/2.2'],
  ];
  test.each(cases)('%s', async (_name, misbehaviour, code, expected) => {
    const made = await order(world, {}, 'S3CRET');
    const session = await open(world, device(serial, { misbehaviour }));
    expect(codeOf(await session.authenticate(made.matchingId))).toBe('ok');
    expect(codeOf(await session.package(code))).toBe(expected);
    expect((await orderRow(world, made.orderId)).confirmation_attempts).toBe(0);
  });

  test('a hash of another length is a wrong one', async () => {
    const made = await order(world, {}, 'S3CRET');
    const chip = device(serial);
    const session = await open(world, chip);
    const offer = await session.authenticate(made.matchingId);
    if (!('ok' in offer)) throw new Error(codeOf(offer));
    for (const length of [1, 20, 31, 33, 64]) {
      const { der } = chip.prepareDownload({ ...offer.ok, hashCc: new Uint8Array(length) });
      const code = codeOf(await session.package(undefined, { der }));
      expect(code, String(length)).toBe(length === 64 ? '8.2.7/6.4' : '8.2.7/3.8');
    }
  });
});

describe('results in forms that exist', () => {
  /** A result of the eUICC in another form than ours, properly signed. */
  async function result(change: { iccid?: string | undefined; simaResponse?: Uint8Array; seqNumber?: number }) {
    const made = await order(world);
    const random = seededRandom(`result ${serial}`);
    const state = createDevice({ eid: eidOf(serial), pkis: [pkiOf()], random, now: new Date() });
    const session = await open(world, new VirtualEuicc(state, { now: () => new Date(), random }));
    expect(codeOf(await session.authenticate(made.matchingId))).toBe('ok');
    packageOf(await session.package());
    const data = buildInstallResultData({
      transactionId: fromHex(session.initiated.transactionId),
      notification: { seqNumber: change.seqNumber ?? 1, operation: 'install', address: ADDRESS, ...('iccid' in change ? (change.iccid === undefined ? {} : { iccid: change.iccid }) : { iccid: made.iccid }) },
      smdpOid: OID, outcome: { ok: true, aid: fromHex('a0000005591010ffffffff8900001000'), simaResponse: change.simaResponse ?? new Uint8Array() },
    });
    const fate = await notify(world, buildInstallResult({ data, signature64: signRaw(state.credentials[0]!.privateKeyPkcs8, data) }));
    return { fate, state: (await profileRow(world, made.iccid)).order_state };
  }
  test.each([
    ['without ICCID', { iccid: undefined }], ['with the ICCID of another profile', { iccid: '8988211000000000003' }], ['with an empty simaResponse', {}],
    ['with the usual simaResponse', { simaResponse: fromHex('3007a0053003800100') }], ['with a high sequence number', { seqNumber: 0x7fffffff }],
  ])('%s', async (_name, change) => {
    expect(await result(change)).toEqual({ fate: 'accepted', state: 'installed' });
  });
});

test('a signed result before any package was handed over leaves the download as it is', async () => {
  const made = await order(world);
  const random = seededRandom(`early result ${serial}`);
  const state = createDevice({ eid: eidOf(serial), pkis: [pkiOf()], random, now: new Date() });
  const session = await open(world, new VirtualEuicc(state, { now: () => new Date(), random }));
  expect(codeOf(await session.authenticate(made.matchingId))).toBe('ok');
  const data = buildInstallResultData({
    transactionId: fromHex(session.initiated.transactionId), notification: { seqNumber: 1, operation: 'install', address: ADDRESS, iccid: made.iccid },
    smdpOid: OID, outcome: { ok: true, aid: fromHex('a0000005591010ffffffff8900001000'), simaResponse: new Uint8Array() },
  });
  expect(await notify(world, buildInstallResult({ data, signature64: signRaw(state.credentials[0]!.privateKeyPkcs8, data) }))).toBe('ignored');
  expect((await profileRow(world, made.iccid)).order_state).toBe('released');
  expect(codeOf(await session.package())).toBe('ok');
});

describe('revoked certificates (4.6)', () => {
  let revoked: World;
  beforeAll(async () => {
    revoked = await makeWorld({ profiles: 4 });
  });
  afterAll(() => revoked.close());
  const chip = device(31_000);
  const good = device(31_001);
  const revoke = async (issuerKeyId: Uint8Array, certificate: Uint8Array) => {
    await revoked.ctx.db.insertInto('revoked_certificates').values({ issuer_key_id: issuerKeyId, serial: serialText(parseCertificate(certificate).serialHex), revoked_at: 1_750_000_000_000, reason: 1 }).execute();
    revoked = await revoked.restart();
  };

  test('an eUICC: 8.1.3/6.1, its notifications are not believed, another is served; then the EUM: 8.1.2/6.1', async () => {
    const made = await order(revoked);
    const session = await open(revoked, chip);
    expect(codeOf(await session.authenticate(made.matchingId))).toBe('ok');
    expect(await notify(revoked, session.load(packageOf(await session.package())))).toBe('accepted');
    chip.enableProfile(made.iccid);
    const enabled = chip.state.notifications.at(-1)!.der;
    const eum = parseCertificate(pkiOf().eum.certificate);
    await revoke(eum.subjectKeyId!, chip.state.credentials[0]!.certificate);
    const other = await order(revoked);
    const refused = await (await open(revoked, chip)).authenticate(other.matchingId);
    expect(codeOf(refused)).toBe('8.1.3/6.1');
    expect('failed' in refused && refused.failed.message).toContain('revoked');
    expect(await notify(revoked, enabled)).toBe('unverified');
    expect((await profileRow(revoked, made.iccid)).device_state).toBe('installed');
    expect(codeOf(await (await open(revoked, good)).authenticate(other.matchingId))).toBe('ok');
    await revoke(eum.authorityKeyId!, pkiOf().eum.certificate);
    expect(codeOf(await (await open(revoked, good)).authenticate(other.matchingId))).toBe('8.1.2/6.1');
  });
});
