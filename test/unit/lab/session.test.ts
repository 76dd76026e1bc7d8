import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  buildAuthenticateServerResponse, buildCancelSessionResponse, buildCancelSessionSigned, buildCtxParams1, buildEuiccInfo1, buildEuiccSigned1, buildEuiccSigned2, buildInstallResult,
  buildInstallResultData, buildNotificationMetadata, buildPrepareDownloadResponse, parseAuthenticateServerResponse, parseCancelSessionResponse, parseEuiccInfo1,
  parseEuiccInfo2, parsePendingNotification, parsePrepareDownloadResponse, verifyRaw,
} from '../../../src/main/rsp/index.ts';
import { CANCEL_REASON, confirmationHash, DeviceStateError, loadDevice, saveDevice, segmentBoundPackage, VirtualEuicc } from '../../../src/main/lab/device/index.ts';
import type { Answer } from '../../../src/main/lab/device/index.ts';
import { createLabPki, issueCertificate, keyIdentifier } from '../../../src/main/lab/pki/index.ts';
import type { CertificateDefect, LabPki } from '../../../src/main/lab/pki/index.ts';
import { children, readOne, sameBytes, tlv } from '../../../src/shared/tlv/index.ts';
import {
  bindFor, flipped, ICCID, labPki, load, makeMetadata, makeUpp, newEuicc, NOW, outcomeText, readyForPackage, seeded, serverSession, SMDP_OID,
} from './support.ts';

const code = (answer: Answer): number | 'ok' => (answer.ok ? 'ok' : answer.code);
const otherPki = (options: Partial<Parameters<typeof createLabPki>[0]> = {}): LabPki =>
  createLabPki({ curve: 'P-256', oid: SMDP_OID, tlsNames: ['x.example'], now: NOW, random: seeded('other pki'), ...options });
/** A PKI with the shared lab CI but its own SM-DP+ certificates. */
const samePkiWith = (role: 'dpauth' | 'dppb', changes: { defects?: CertificateDefect[]; oid?: string }): LabPki => {
  const pki = labPki();
  const certificate = issueCertificate({
    role, subject: [['O', 'Lab'], ['CN', 'Lab']], curve: pki.curve, publicPoint: pki[role].publicPoint, privateKeyPkcs8: pki[role].privateKeyPkcs8,
    issuer: { name: [['CN', 'whatever']], keyId: keyIdentifier(pki.ci.publicPoint), privateKeyPkcs8: pki.ci.privateKeyPkcs8 },
    notBefore: NOW, notAfter: new Date(NOW.getTime() + 1e10), random: seeded('same'), oid: changes.oid ?? SMDP_OID, defects: changes.defects,
  });
  return { ...pki, [role]: { ...pki[role], certificate } };
};
const euiccCertificateOf = (euicc: VirtualEuicc): Uint8Array => {
  const parsed = parseAuthenticateServerResponse(authenticate(euicc).der);
  if (parsed.kind === 'error') throw new Error('refused');
  return parsed.euiccCertificate;
};

function authenticate(euicc: VirtualEuicc, options: Parameters<typeof serverSession>[0] = {}, matchingId?: string): Answer {
  return euicc.authenticateServer({ ...serverSession(options).initiate(euicc.getEuiccChallenge()), matchingId });
}

describe('authenticateServer', () => {
  it('answers with what the server must read', () => {
    const euicc = newEuicc({ imei: '352906110000019' });
    const server = serverSession();
    const answer = euicc.authenticateServer({ ...server.initiate(euicc.getEuiccChallenge()), matchingId: 'AB-1' });
    const { parsed, eid } = server.authenticate(answer.der);
    expect(eid).toBe(euicc.state.eid);
    expect(parsed).toMatchObject({ serverAddress: 'smdp.example', matchingId: 'AB-1', deviceInfo: { tac: '35290611', imei: '352906110000019' } });
    expect(Buffer.from(parsed.transactionId)).toEqual(Buffer.from(server.transactionId));
  });

  it('tells an absent MatchingID from an empty one', () => {
    for (const matchingId of [undefined, '']) {
      const parsed = parseAuthenticateServerResponse(authenticate(newEuicc(), {}, matchingId).der);
      expect(parsed.kind === 'ok' && parsed.matchingId).toBe(matchingId);
    }
  });

  it.each<[CertificateDefect, number]>([
    ['expired', 1], ['not-yet-valid', 1], ['wrong-role', 1], ['bad-signature', 1], ['no-key-usage', 1], ['wrong-key-usage', 1], ['no-policies', 1],
    ['no-authority-key-id', 7], ['unknown-authority-key-id', 7], ['self-signed', 7], ['no-oid', 5],
    ['no-subject-key-id', 1], ['unknown-critical-extension', 1], ['uncritical-policies', 1],
  ])('refuses a DPauth certificate made "%s" with %i', (defect, expected) => {
    expect(code(authenticate(newEuicc(), { pki: samePkiWith('dpauth', { defects: [defect] }) }))).toBe(expected);
  });

  it('refuses a server of another CI', () => expect(code(authenticate(newEuicc(), { pki: otherPki() }))).toBe(7));
  it('refuses DPpb in the place of DPauth', () => expect(code(authenticate(newEuicc(), { dpauth: labPki().dppb }))).toBe(1));
  it('refuses a certificate that is not one', () => {
    const euicc = newEuicc();
    const request = serverSession().initiate(euicc.getEuiccChallenge());
    expect(code(euicc.authenticateServer({ ...request, serverCertificate: Uint8Array.of(0x30, 0x80) }))).toBe(1);
  });

  it('refuses any flipped bit of serverSigned1 and of the signature', () => {
    const euicc = newEuicc();
    for (let bit = 0; bit < 600; bit += 23) {
      const request = serverSession().initiate(euicc.getEuiccChallenge());
      if (bit < request.serverSigned1.length * 8) expect(code(euicc.authenticateServer({ ...request, serverSigned1: flipped(request.serverSigned1, bit) }))).not.toBe('ok');
      expect(code(euicc.authenticateServer({ ...request, serverSignature1: flipped(request.serverSignature1, bit % 536) }))).not.toBe('ok');
    }
  });

  it('refuses an answer to another challenge', () => {
    const euicc = newEuicc();
    const old = euicc.getEuiccChallenge();
    euicc.getEuiccChallenge();
    expect(code(euicc.authenticateServer(serverSession().initiate(old)))).toBe(6);
  });

  it('refuses a CI key it has no certificate for, and a second call in one session', () => {
    const euicc = newEuicc();
    const request = serverSession().initiate(euicc.getEuiccChallenge());
    expect(code(euicc.authenticateServer({ ...request, euiccCiPKIdToBeUsed: tlv(0x04, new Uint8Array(20)) }))).toBe(7);
    expect(code(euicc.authenticateServer(request))).toBe('ok');
    expect(code(euicc.authenticateServer(request))).toBe(4);
    const parsed = parseAuthenticateServerResponse(euicc.authenticateServer(request).der);
    expect(parsed).toMatchObject({ kind: 'error', errorCode: 4 });
  });

  it('has no session before it gave a challenge', () => {
    expect(code(newEuicc().authenticateServer(serverSession().initiate(new Uint8Array(16))))).toBe(4);
  });
});

describe('prepareDownload', () => {
  const upTo = (options: Parameters<typeof serverSession>[0], changes: { transactionId?: Uint8Array } = {}, device: Parameters<typeof newEuicc>[0] = {}) => {
    const euicc = newEuicc(device);
    const server = serverSession(options);
    const answer = euicc.authenticateServer(server.initiate(euicc.getEuiccChallenge()));
    return { euicc, server, authenticated: server.authenticate(answer.der, changes) };
  };
  const refusal = (options: Parameters<typeof serverSession>[0], changes: { transactionId?: Uint8Array } = {}): number | 'ok' => {
    const { euicc, authenticated } = upTo(options, changes);
    return code(euicc.prepareDownload(authenticated));
  };

  it('refuses a DPpb certificate with another OID than DPauth', () => expect(refusal({ pki: samePkiWith('dppb', { oid: '2.999.12' }) })).toBe(1));
  it('refuses a DPpb certificate of another CI', () => expect(refusal({ dppb: otherPki().dppb })).toBe(1));
  it('refuses DPauth in the place of DPpb', () => expect(refusal({ dppb: labPki().dpauth })).toBe(1));
  it('refuses another transaction', () => expect(refusal({}, { transactionId: new Uint8Array(16) })).toBe(5));
  it('needs an authenticated server', () => {
    const { authenticated } = upTo({});
    expect(code(newEuicc().prepareDownload(authenticated))).toBe(4);
    const parsed = parsePrepareDownloadResponse(newEuicc().prepareDownload(authenticated).der);
    expect(parsed).toMatchObject({ kind: 'error', errorCode: 4 });
  });

  it('refuses a DPpb and a DPauth from two CIs the device both trusts', () => {
    const brainpool = labPki('brainpoolP256r1');
    const { euicc, authenticated } = upTo({ dppb: brainpool.dppb }, {}, { pkis: [labPki(), brainpool] });
    expect(code(euicc.prepareDownload(authenticated))).toBe(1);
  });

  it('refuses a flipped signature', () => {
    const { euicc, authenticated } = upTo({});
    expect(code(euicc.prepareDownload({ ...authenticated, smdpSignature2: flipped(authenticated.smdpSignature2, 300) }))).toBe(2);
    expect(code(euicc.prepareDownload(authenticated))).toBe('ok');
  });

  it('hands on the hash of the confirmation code, and asks for it when it is required', () => {
    const { euicc, server, authenticated } = upTo({ ccRequired: true });
    expect(code(euicc.prepareDownload(authenticated))).toBe(127);
    const confirmation = Buffer.from('4711');
    const answer = euicc.prepareDownload({ ...authenticated, hashCc: confirmationHash(confirmation, server.transactionId) });
    const expected = createHash('sha256').update(createHash('sha256').update(confirmation).digest()).update(server.transactionId).digest();
    expect(Buffer.from(server.prepared(answer.der, authenticated).hashCc!)).toEqual(expected);
  });

  it('keeps its one-time key when it is asked again in the same session', () => {
    const { euicc, server, authenticated } = upTo({});
    const keys = [1, 2].map(() => server.prepared(euicc.prepareDownload(authenticated).der, authenticated).euiccOtpk);
    expect(keys[0]).toEqual(keys[1]);
  });
});

describe('the one-time key of an unfinished download', () => {
  it('is used again when the same server offers it, and forgotten after the installation', () => {
    const euicc = newEuicc();
    const first = readyForPackage(euicc);
    const second = readyForPackage(euicc, { offeredOtpk: first.euiccOtpk, seed: 'again' });
    expect(second.euiccOtpk).toEqual(first.euiccOtpk);
    expect(outcomeText(load(euicc, bindFor(second.bindInput)))).toBe('ok');
    expect(euicc.state.unfinishedKeys).toEqual([]);
    expect(readyForPackage(euicc, { offeredOtpk: first.euiccOtpk, seed: 'third' }).euiccOtpk).not.toEqual(first.euiccOtpk);
  });

  it('is not used for another SM-DP+, nor without the offer', () => {
    const euicc = newEuicc();
    const first = readyForPackage(euicc);
    const stranger = { ...samePkiWith('dpauth', { oid: '2.999.12' }), dppb: samePkiWith('dppb', { oid: '2.999.12' }).dppb };
    expect(readyForPackage(euicc, { pki: stranger, offeredOtpk: first.euiccOtpk }).euiccOtpk).not.toEqual(first.euiccOtpk);
    expect(readyForPackage(euicc).euiccOtpk).not.toEqual(first.euiccOtpk);
  });

  it('survives a restart of the device and a postponed session, not a rejected one', () => {
    const euicc = newEuicc();
    const first = readyForPackage(euicc);
    euicc.cancelSession(first.server.transactionId, CANCEL_REASON.postponed);
    const restarted = new VirtualEuicc(loadDevice(JSON.parse(JSON.stringify(saveDevice(euicc.state)))), { now: () => NOW, random: seeded('restart') });
    const second = readyForPackage(restarted, { offeredOtpk: first.euiccOtpk });
    expect(second.euiccOtpk).toEqual(first.euiccOtpk);
    restarted.cancelSession(second.server.transactionId, CANCEL_REASON.endUserRejection);
    expect(restarted.state.unfinishedKeys).toEqual([]);
  });

  it('stays after an interruption, which is reported', () => {
    const euicc = newEuicc();
    const { bindInput, euiccOtpk } = readyForPackage(euicc);
    const bpp = bindFor(bindInput);
    const cut = segmentBoundPackage(bpp);
    if (!cut.ok) throw new Error(cut.why);
    for (const segment of cut.segments.slice(0, 3)) expect(euicc.loadSegment(segment).kind).toBe('continue');
    expect(euicc.interrupt()).toMatchObject({ kind: 'result', outcome: { ok: false, bppCommandId: 2, errorReason: 11 } });
    expect(euicc.state.unfinishedKeys.some((key) => sameBytes(key.otpk, euiccOtpk))).toBe(true);
  });
});

describe('what the eUICC signs', () => {
  it('an installation result that the SM-DP+ can verify', () => {
    const euicc = newEuicc();
    const { bindInput, authenticated } = readyForPackage(euicc);
    load(euicc, bindFor(bindInput));
    const [pending] = euicc.state.notifications;
    const parsed = parsePendingNotification(pending!.der);
    if (parsed.kind !== 'installResult') throw new Error('kind');
    expect(parsed).toMatchObject({
      smdpOid: SMDP_OID, notification: { seqNumber: 1, operation: 'install', address: 'smdp.example', iccid: ICCID }, outcome: { ok: true },
    });
    expect(Buffer.from(parsed.transactionId)).toEqual(Buffer.from(bindInput.transactionId));
    const { curve, publicPoint } = authenticated.euicc;
    expect(verifyRaw(curve, publicPoint, parsed.signedBytes, parsed.signature64)).toBe(true);
  });

  it('a result without ICCID when the error came before the metadata', () => {
    const euicc = newEuicc();
    const { bindInput } = readyForPackage(euicc);
    load(euicc, bindFor(bindInput, { signer: labPki().dpauth }));
    expect(parsePendingNotification(euicc.state.notifications[0]!.der)).toMatchObject({ notification: { iccid: undefined }, outcome: { ok: false, bppCommandId: 0, errorReason: 2 } });
  });

  it('a notification for each event the metadata asks for', () => {
    const euicc = newEuicc();
    const euiccCertificate = euiccCertificateOf(euicc);
    const { bindInput } = readyForPackage(euicc);
    const metadata = makeMetadata({ notifications: [{ events: ['install', 'delete'], address: 'a.example' }, { events: ['enable', 'disable'], address: 'b.example' }] });
    load(euicc, bindFor(bindInput, { metadata }));
    expect(euicc.enableProfile(ICCID)).toEqual({ ok: true });
    expect(euicc.enableProfile(ICCID)).toEqual({ ok: false, code: 'PROFILE_WRONG_STATE' });
    expect(euicc.deleteProfile(ICCID)).toEqual({ ok: false, code: 'PROFILE_WRONG_STATE' });
    expect(euicc.disableProfile(ICCID)).toEqual({ ok: true });
    expect(euicc.deleteProfile(ICCID)).toEqual({ ok: true });
    expect(euicc.deleteProfile(ICCID)).toEqual({ ok: false, code: 'PROFILE_NOT_FOUND' });
    const seen = euicc.state.notifications.slice(1).map((one) => {
      const parsed = parsePendingNotification(one.der);
      if (parsed.kind !== 'other') throw new Error('kind');
      expect(Buffer.from(parsed.euiccCertificate)).toEqual(Buffer.from(euiccCertificate));
      return `${parsed.notification.seqNumber} ${parsed.notification.operation} ${parsed.notification.address}`;
    });
    expect(seen).toEqual(['2 install a.example', '3 enable b.example', '4 disable b.example', '5 delete a.example']);
    expect(euicc.removeNotification(2)).toBe(true);
    expect(euicc.removeNotification(2)).toBe(false);
  });

  it('obeys the policy rules of a profile', () => {
    const euicc = newEuicc();
    const { bindInput } = readyForPackage(euicc);
    load(euicc, bindFor(bindInput, { metadata: makeMetadata({ owner: { mcc: '001', mnc: '01' }, ppr: { ppr1: true, ppr2: true } }) }));
    expect(euicc.deleteProfile(ICCID)).toEqual({ ok: false, code: 'PROFILE_DISALLOWED_BY_POLICY' });
    euicc.enableProfile(ICCID);
    expect(euicc.disableProfile(ICCID)).toEqual({ ok: false, code: 'PROFILE_DISALLOWED_BY_POLICY' });
  });

  it('a cancelled session, and only the one that is open', () => {
    const euicc = newEuicc();
    const { server, authenticated } = readyForPackage(euicc);
    const wrong = euicc.cancelSession(new Uint8Array(16), 1);
    expect(parseCancelSessionResponse(wrong.der)).toMatchObject({ kind: 'error', errorCode: 5 });
    const parsed = parseCancelSessionResponse(euicc.cancelSession(server.transactionId, 4).der);
    if (parsed.kind === 'error') throw new Error('refused');
    expect(parsed).toMatchObject({ smdpOid: SMDP_OID, reason: 4 });
    expect(verifyRaw(authenticated.euicc.curve, authenticated.euicc.publicPoint, parsed.signedBytes, parsed.signature64)).toBe(true);
    expect(euicc.cancelSession(server.transactionId, 4).ok).toBe(false);
  });

  it('in the same bytes as the other implementation writes', () => {
    const euicc = newEuicc({ imei: '352906110000019' });
    const server = serverSession();
    const answer = euicc.authenticateServer({ ...server.initiate(euicc.getEuiccChallenge()), matchingId: 'X' });
    const authenticated = server.authenticate(answer.der);
    const { parsed } = authenticated;
    expect(buildAuthenticateServerResponse({ ...parsed, euiccSigned1: parsed.signedBytes })).toEqual(answer.der);
    const ctxParams1 = children(readOne(parsed.signedBytes)).at(-1)!.raw;
    expect(Buffer.from(buildEuiccSigned1({ ...parsed, euiccInfo2: euicc.euiccInfo2(), ctxParams1 }))).toEqual(Buffer.from(parsed.signedBytes));
    const { matchingId, deviceInfo } = parsed;
    expect(Buffer.from(buildCtxParams1({ matchingId, ...deviceInfo }))).toEqual(Buffer.from(ctxParams1));
    expect(buildEuiccInfo1(parseEuiccInfo1(euicc.euiccInfo1()))).toEqual(euicc.euiccInfo1());
    const prepared = euicc.prepareDownload(authenticated);
    const signed2 = server.prepared(prepared.der, authenticated);
    expect(buildPrepareDownloadResponse({ euiccSigned2: buildEuiccSigned2(signed2), signature64: signed2.signature64 })).toEqual(prepared.der);
    load(euicc, bindFor({ transactionId: server.transactionId, eid: euicc.state.eid, euiccOtpk: signed2.euiccOtpk }));
    const result = parsePendingNotification(euicc.state.notifications[0]!.der);
    if (result.kind !== 'installResult') throw new Error('kind');
    expect(buildInstallResult({ data: buildInstallResultData(result), signature64: result.signature64 })).toEqual(euicc.state.notifications[0]!.der);
    euicc.enableProfile(ICCID);
    const other = parsePendingNotification(euicc.state.notifications[1]!.der);
    expect(Buffer.from(buildNotificationMetadata(other.notification))).toEqual(Buffer.from(other.signedBytes));
    const next = readyForPackage(euicc);
    const cancelled = euicc.cancelSession(next.server.transactionId, 127);
    const parsedCancel = parseCancelSessionResponse(cancelled.der);
    if (parsedCancel.kind === 'error') throw new Error('refused');
    expect(buildCancelSessionResponse({ cancelSessionSigned: buildCancelSessionSigned(parsedCancel), signature64: parsedCancel.signature64 })).toEqual(cancelled.der);
  });
});

describe('what the eUICC says of itself', () => {
  it('is read back by the SM-DP+', () => {
    const brainpool = labPki('brainpoolP256r1');
    const euicc = newEuicc({ pkis: [brainpool, labPki()], forbiddenRules: { ppr1: true, ppr2: false }, freeMemory: 300_000 });
    const ids = [brainpool, labPki()].map((pki) => Buffer.from(keyIdentifier(pki.ci.publicPoint)).toString('hex'));
    const one = parseEuiccInfo1(euicc.euiccInfo1());
    expect(one.svn).toBe('2.2.2');
    expect(one.ciPkIdsForSigning.map((id) => Buffer.from(id).toString('hex'))).toEqual(ids);
    expect(one.ciPkIdsForVerification.map((id) => Buffer.from(id).toString('hex'))).toEqual(ids);
    const two = parseEuiccInfo2(euicc.euiccInfo2());
    expect(two).toMatchObject({ freeNonVolatileMemory: 300_000, forbiddenProfilePolicyRules: { ppr1: true, ppr2: false } });
  });

  it('loses what a profile takes of its memory', () => {
    const euicc = newEuicc({ freeMemory: 100_000 });
    const upp = makeUpp(1000);
    load(euicc, bindFor(readyForPackage(euicc).bindInput, { upp }));
    expect(parseEuiccInfo2(euicc.euiccInfo2()).freeNonVolatileMemory).toBe(100_000 - upp.length);
    const restarted = new VirtualEuicc(loadDevice(saveDevice(euicc.state)), { now: () => NOW, random: seeded('restart') });
    expect(parseEuiccInfo2(restarted.euiccInfo2()).freeNonVolatileMemory).toBe(100_000 - upp.length);
  });
});

describe('misbehaviour', () => {
  it.each([['authenticateServer', 'euiccSignature1'], ['prepareDownload', 'euiccSignature2']] as const)('a wrong signature in %s', (what, message) => {
    expect(() => readyForPackage(newEuicc({ misbehaviour: { wrongSignature: what } }))).toThrow(message);
  });

  it('a wrong challenge, another key than offered', () => {
    expect(() => readyForPackage(newEuicc({ misbehaviour: { wrongServerChallenge: true } }))).toThrow('server challenge');
    const euicc = newEuicc({ misbehaviour: { ignoreOfferedOtpk: true } });
    const first = readyForPackage(euicc);
    expect(readyForPackage(euicc, { offeredOtpk: first.euiccOtpk }).euiccOtpk).not.toEqual(first.euiccOtpk);
  });
});

describe('a saved device', () => {
  const filled = (): VirtualEuicc => {
    const euicc = newEuicc({ pkis: [labPki(), labPki('brainpoolP256r1')], imei: '352906110000019' });
    load(euicc, bindFor(readyForPackage(euicc).bindInput));
    readyForPackage(euicc);
    euicc.getEuiccChallenge();
    return euicc;
  };

  it('comes back as it was, packages included where asked for', () => {
    const { state } = filled();
    const text = JSON.stringify(saveDevice(state, { withPackages: true }));
    const again = loadDevice(JSON.parse(text));
    expect(JSON.parse(JSON.stringify(saveDevice(again, { withPackages: true })))).toEqual(JSON.parse(text));
    expect(again.profiles[0]!.upp!.equals(state.profiles[0]!.upp!)).toBe(true);
    expect(again.unfinishedKeys).toHaveLength(1);
  });

  it('holds no package unless asked for', () => {
    const { state } = filled();
    const text = JSON.stringify(saveDevice(state));
    expect(text).not.toContain(state.profiles[0]!.upp!.subarray(300, 330).toString('base64').slice(4, 30));
    expect(loadDevice(JSON.parse(text)).profiles[0]).toMatchObject({ iccid: ICCID, uppDigest: state.profiles[0]!.uppDigest });
  });

  it.each([
    ['nothing', null], ['a list', []], ['another version', { version: 2 }], ['no EID', { version: 1, eid: 'x' }],
  ])('%s is refused with a sentence', (_name, value) => {
    expect(() => loadDevice(value)).toThrow(DeviceStateError);
  });

  it('with any one field missing is refused or complete', () => {
    const saved = saveDevice(filled().state) as Record<string, unknown>;
    for (const name of Object.keys(saved)) {
      const { [name]: _gone, ...rest } = saved;
      if (name === 'imei' || name === 'testProfiles') expect(() => loadDevice(rest)).not.toThrow();
      else expect(() => loadDevice(rest), name).toThrow(DeviceStateError);
    }
  });
});
