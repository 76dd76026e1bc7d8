/** What the messages of one session must hold by SGP.22 v2.2, 2.5.4, 3.1.2, 3.1.3, 4.4, 5.5 and 5.6, looked at octet by octet. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signRaw } from '../../../src/main/lab/device/cipher.ts';
import type { LabCurve, LabPki } from '../../../src/main/lab/pki/index.ts';
import {
  buildEuiccInfo2, buildInstallResult, buildInstallResultData, euiccSignature2Input, isOnCurve, parseAuthenticateServerResponse, parseBoundPackage, parseCertificate, parsePrepareDownloadResponse,
  parseServerSigned1, parseSmdpSigned2, readSignatureTlv, smdpSignature2Input, smdpSignInput, verifyRaw,
} from '../../../src/main/rsp/index.ts';
import { concat, fromHex, readOne, toHex } from '../../../src/shared/tlv/index.ts';
import { codeOf, initiate, notify, open, packageOf } from '../downloads/driver.ts';
import { ADDRESS, behaving, device, eidOf, makeWorld, OID, order, orderRow, pkiOf, profileRow } from '../downloads/support.ts';
import type { World } from '../downloads/support.ts';

const CURVES: LabCurve[] = ['P-256', 'brainpoolP256r1'];
let world: World;
let serial = 60_000;
beforeAll(async () => {
  world = await makeWorld({ profiles: 40, type: { icon: new Uint8Array(1024).fill(0x41) }, identities: { nist: pkiOf(), brainpool: pkiOf('brainpoolP256r1') } });
});
afterAll(() => world.close());
beforeEach(() => {
  serial++;
});

const pointOf = (certificate: Uint8Array): Uint8Array => parseCertificate(certificate).publicPoint;
const chipOf = (pki: LabPki) => device(serial, { pkis: [pki] });

/** A whole session of a fresh order up to its package, with everything that was said in it. */
async function bound(curve: LabCurve = 'P-256', code?: string) {
  const made = await order(world, {}, code);
  const session = await open(world, chipOf(pkiOf(curve)));
  let sent: Uint8Array = new Uint8Array();
  const answer = await session.authenticate(made.matchingId, { der: (der) => (sent = der) });
  if (!('ok' in answer)) throw new Error(codeOf(answer));
  const response = parseAuthenticateServerResponse(sent);
  const prepared = session.prepare(code);
  const download = parsePrepareDownloadResponse(prepared);
  if (response.kind !== 'ok' || download.kind !== 'ok') throw new Error('the device refused');
  const before = await profileRow(world, made.iccid);
  const package_ = packageOf(await session.package(undefined, { der: prepared }));
  return { made, session, offer: answer.ok, response, download, before, package: package_, parsed: parseBoundPackage(package_) };
}

describe.each(CURVES)('on %s', (curve) => {
  test('serverSigned1: the transaction, the challenge of the eUICC, the address as it was sent, a challenge of ours, signed with DPauth', async () => {
    const pki = pkiOf(curve);
    const chip = chipOf(pki);
    const challenges: Uint8Array[] = [];
    const asked = chip.getEuiccChallenge.bind(chip);
    chip.getEuiccChallenge = () => {
      const challenge = asked();
      challenges.push(challenge);
      return challenge;
    };
    const answer = await initiate(world, chip, { address: ADDRESS.toUpperCase() });
    if (!('ok' in answer)) throw new Error(codeOf(answer));
    const signed = parseServerSigned1(answer.ok.serverSigned1);
    expect(toHex(signed.transactionId).toUpperCase()).toBe(answer.ok.transactionId);
    expect(toHex(signed.euiccChallenge)).toBe(toHex(challenges[0]!));
    expect(signed.serverAddress).toBe(ADDRESS.toUpperCase());
    expect(signed.serverChallenge.length).toBe(16);
    expect(Buffer.from(answer.ok.serverCertificate).equals(pki.dpauth.certificate)).toBe(true);
    expect(verifyRaw(curve, pointOf(pki.dpauth.certificate), answer.ok.serverSigned1, readSignatureTlv(answer.ok.serverSignature1))).toBe(true);
  });

  test('smdpSigned2 is signed with DPpb together with euiccSignature1; DPpb has the CI and the OID of DPauth', async () => {
    const { offer, response, session } = await bound(curve);
    expect(verifyRaw(curve, pointOf(offer.smdpCertificate), smdpSignature2Input(offer.smdpSigned2, response.signature64), readSignatureTlv(offer.smdpSignature2))).toBe(true);
    const [dppb, dpauth] = [parseCertificate(offer.smdpCertificate), parseCertificate(session.initiated.serverCertificate)];
    expect(toHex(dppb.authorityKeyId!)).toBe(toHex(dpauth.authorityKeyId!));
    expect([dppb.registeredIds, dpauth.registeredIds]).toEqual([[OID], [OID]]);
    expect(toHex(parseSmdpSigned2(offer.smdpSigned2).transactionId).toUpperCase()).toBe(session.initiated.transactionId);
  });

  test('euiccSignature2 is over euiccSigned2 and smdpSignature2', async () => {
    const { offer, download, response } = await bound(curve);
    const input = euiccSignature2Input(download.signedBytes, readSignatureTlv(offer.smdpSignature2));
    expect(verifyRaw(curve, pointOf(response.euiccCertificate), input, download.signature64)).toBe(true);
  });

  test('InitialiseSecureChannel: the operation, the transaction, AES with 16 octets, a one-time key on the curve of DPpb, signed with DPpb over otPK.EUICC', async () => {
    const { parsed: { initialiseSecureChannel: bf23 }, offer, download, session } = await bound(curve);
    expect(toHex(bf23.remoteOpId)).toBe('01');
    expect(toHex(bf23.transactionId).toUpperCase()).toBe(session.initiated.transactionId);
    expect([bf23.keyType, bf23.keyLength]).toEqual([0x88, 16]);
    expect(bf23.hostId.length).toBeGreaterThan(0);
    expect(bf23.hostId.length).toBeLessThanOrEqual(16);
    expect(isOnCurve(curve, bf23.otpkDp)).toBe(true);
    expect(verifyRaw(curve, pointOf(offer.smdpCertificate), smdpSignInput(bf23.signedHead, download.euiccOtpk), bf23.signature64)).toBe(true);
    expect(verifyRaw(curve, pointOf(offer.smdpCertificate), smdpSignInput(bf23.signedHead, bf23.otpkDp), bf23.signature64)).toBe(false);
  });
});

test('every initiateAuthentication has another transaction id and another server challenge', async () => {
  const signed = await Promise.all(Array.from({ length: 12 }, async () => {
    const answer = await initiate(world, device(serial));
    if (!('ok' in answer)) throw new Error(codeOf(answer));
    return parseServerSigned1(answer.ok.serverSigned1);
  }));
  expect(new Set(signed.map((one) => toHex(one.transactionId))).size).toBe(12);
  expect(new Set(signed.map((one) => toHex(one.serverChallenge))).size).toBe(12);
});

test('credentials under another root than the one that was chosen are refused: 8.11.1/3.9', async () => {
  const made = await order(world);
  const nist = device(1).state.credentials[0]!;
  const other = device(serial, { pkis: [pkiOf('brainpoolP256r1')] }).state.credentials[0]!;
  const session = await open(world, device(serial, {
    pkis: [pkiOf(), pkiOf('brainpoolP256r1')], misbehaviour: { signingKeyIds: [nist.ciKeyId], euiccCertificate: other.certificate, eumCertificate: pkiOf('brainpoolP256r1').eum.certificate },
  }));
  expect(codeOf(await session.authenticate(made.matchingId))).toBe('8.11.1/3.9');
});

test.each([['with', true, 'S3CRET'], ['without', false, undefined]] as const)('an order %s a confirmation code: ccRequiredFlag is %s', async (_with, flag, code) => {
  const { offer } = await bound('P-256', code);
  expect(parseSmdpSigned2(offer.smdpSigned2).ccRequired).toBe(flag);
});

test('the metadata of the package is that of authenticateClient, octet for octet, over two 88 segments with a large icon', async () => {
  const { offer, parsed } = await bound();
  expect(parsed.metadata.length).toBe(2);
  const inside = concat(...parsed.metadata.map((segment) => readOne(segment).value.subarray(0, -8)));
  expect(toHex(inside)).toBe(toHex(offer.profileMetadata));
});

test('the sequences of a package: BF23, A0 of 87, A1 of 88, no A2 under session keys, A3 of 86', async () => {
  const { package: der } = await bound();
  const tags: string[] = [];
  for (let rest = readOne(der).value; rest.length > 0;) {
    const head = rest[0] === 0xbf ? 2 : 1;
    const first = rest[head]!;
    const octets = first < 0x80 ? 0 : first & 0x7f;
    const length = octets === 0 ? first : rest.subarray(head + 1, head + 1 + octets).reduce((sum, octet) => sum * 256 + octet, 0);
    const end = head + 1 + octets + length;
    const inner = rest[head + 1 + octets]!;
    tags.push(`${toHex(rest.subarray(0, head))}:${inner.toString(16)}`);
    rest = rest.subarray(end);
  }
  expect(tags).toEqual(['bf23:82', 'a0:87', 'a1:88', 'a3:86']);
});

test('the EID is linked when the package is bound, and the profile is Downloaded then, not before', async () => {
  const { made, before } = await bound();
  expect(before).toMatchObject({ order_state: 'released', eid: null });
  expect(await profileRow(world, made.iccid)).toMatchObject({ order_state: 'downloaded', eid: eidOf(serial) });
  expect(await orderRow(world, made.orderId)).toMatchObject({ bound_eid: eidOf(serial) });
});

test('the hash of the confirmation code is bound to the transaction: that of another session is refused', async () => {
  const made = await order(world, {}, 'S3CRET');
  const chip = device(serial);
  const session = await open(world, chip);
  const offer = await session.authenticate(made.matchingId);
  if (!('ok' in offer)) throw new Error(codeOf(offer));
  const sha256 = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(createHash('sha256').update(concat(...parts)).digest());
  const first = sha256(new TextEncoder().encode('S3CRET'));
  const of = (transactionId: Uint8Array): Uint8Array => chip.prepareDownload({ ...offer.ok, hashCc: sha256(first, transactionId) }).der;
  expect(codeOf(await session.package(undefined, { der: of(new Uint8Array(16)) }))).toBe('8.2.7/3.8');
  expect(codeOf(await session.package(undefined, { der: chip.prepareDownload({ ...offer.ok, hashCc: first }).der }))).toBe('8.2.7/3.8');
  expect(codeOf(await session.package(undefined, { der: of(fromHex(session.initiated.transactionId)) }))).toBe('ok');
});

test('a result of a transaction nobody knows changes nothing, not even with the ICCID of a profile that is under way', async () => {
  const { made } = await bound();
  const chip = device(serial);
  const data = buildInstallResultData({
    transactionId: fromHex('ab'.repeat(16)), notification: { seqNumber: 1, operation: 'install', address: ADDRESS, iccid: made.iccid }, smdpOid: OID,
    outcome: { ok: true, aid: fromHex('a0000005591010ffffffff8900001000'), simaResponse: new Uint8Array() },
  });
  expect(await notify(world, buildInstallResult({ data, signature64: signRaw(chip.state.credentials[0]!.privateKeyPkcs8, data) }))).toBe('unverified');
  expect((await profileRow(world, made.iccid)).order_state).toBe('downloaded');
});

test('the error arm of PrepareDownloadResponse is a refusal, and nothing is handed out', async () => {
  const made = await order(world, {}, 'S3CRET');
  const session = await open(world, device(serial));
  expect(codeOf(await session.authenticate(made.matchingId))).toBe('ok');
  // Asked for a code the eUICC has not, it refuses to prepare.
  const der = session.prepare();
  expect(parsePrepareDownloadResponse(der).kind).toBe('error');
  expect(codeOf(await session.package(undefined, { der }))).toBe('8.1/6.1');
  expect(await profileRow(world, made.iccid)).toMatchObject({ order_state: 'released', eid: null, bpp_delivered_at: null });
  expect(await orderRow(world, made.orderId)).toMatchObject({ confirmation_attempts: 0, closed_at: null });
});

test.each([['2.0.0', [2, 0, 0], '2.2.0', 'ok'], ['2.2.2', [2, 2, 2], '2.0.0', 'ok'], ['2.2.2', [2, 2, 2], '3.0.0', '8.2.5/4.3']] as const)(
  'version %s in euiccInfo1 and another in the signed euiccInfo2: the signed one is judged and kept', async (_said, svn, signed, expected) => {
    const made = await order(world);
    const plain = device(serial, { misbehaviour: { svn } });
    const probe = await open(world, device(serial));
    let sent: Uint8Array = new Uint8Array();
    await probe.authenticate('NONE', { der: (der) => (sent = der) });
    const own = parseAuthenticateServerResponse(sent);
    if (own.kind !== 'ok') throw new Error('the device refused');
    const { raw, uiccCapabilityBits, rspCapabilityBits, freeNonVolatileMemory, freeVolatileMemory, ...fields } = own.euiccInfo2;
    expect([raw, uiccCapabilityBits, rspCapabilityBits, freeNonVolatileMemory, freeVolatileMemory].every((one) => one !== undefined)).toBe(true);
    const session = await open(world, behaving(plain, { svn, euiccInfo2: buildEuiccInfo2({ ...fields, svn: signed }) }));
    expect(codeOf(await session.authenticate(made.matchingId))).toBe(expected);
    const row = await world.ctx.reader.selectFrom('sessions').select('svn').where('transaction_id', '=', session.initiated.transactionId).executeTakeFirstOrThrow();
    expect(row.svn).toBe(signed);
  });
