import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as rsp from '../../../src/main/rsp/index.ts';
import { concat, fromHex, readOne, tlv, toHex, utf8Bytes } from '../../../src/shared/tlv/index.ts';
import { describeVectors, vector } from './support/vectors.ts';

const bytes = (length: number, octet = 0x5a): Uint8Array => new Uint8Array(length).fill(octet);
const POINT = rsp.publicPoint('P-256', bytes(32, 0x31));
const TID = fromHex('00000000009C1FCA');
const CERT_A = tlv(0x30, utf8Bytes('certificate A'));
const CERT_B = tlv(0x30, utf8Bytes('certificate B'));
const malformed = expect.objectContaining({ code: 'MESSAGE_MALFORMED' });

const INFO2: rsp.EuiccInfo2Fields = {
  profileVersion: '2.1.0', svn: '2.2.0', firmwareVersion: '4.5.6', extCardResource: rsp.buildExtCardResource(0xfffffff0, 4096),
  uiccCapability: ['usimSupport', 'akaMilenage', 'javacard'], ts102241Version: '9.2.0', globalplatformVersion: '2.3.0',
  rspCapability: ['additionalProfile', 'testProfileSupport'], ciPkIdsForVerification: [bytes(20, 1), bytes(2, 0xff)], ciPkIdsForSigning: [bytes(20, 2)],
  category: 2, forbiddenProfilePolicyRules: { pprUpdateControl: false, ppr1: true, ppr2: false }, ppVersion: '1.0.0', sasAccreditationNumber: 'UT-TEST-0001',
};

describe('euiccInfo1 and euiccInfo2', () => {
  it('euiccInfo1 comes back as built, with key identifiers of any length', () => {
    const info = { svn: '2.2.0', ciPkIdsForVerification: [bytes(20, 1), fromHex('ffff')], ciPkIdsForSigning: [] };
    expect(rsp.parseEuiccInfo1(rsp.buildEuiccInfo1(info))).toEqual(info);
    expect(toHex(rsp.buildEuiccInfo1({ svn: '2.0.0', ciPkIdsForVerification: [], ciPkIdsForSigning: [] }))).toBe('bf20098203020000a900aa00');
  });

  it('euiccInfo2 comes back as built; memory is unsigned', () => {
    const der = rsp.buildEuiccInfo2(INFO2);
    // usim (1), milenage (4) and javacard (14) of 15 bits; additionalProfile (0) and testProfileSupport (3) of 4.
    const bits = { uiccCapabilityBits: fromHex('014802'), rspCapabilityBits: fromHex('0490') };
    expect(rsp.parseEuiccInfo2(der)).toEqual({ ...INFO2, ...bits, freeNonVolatileMemory: 0xfffffff0, freeVolatileMemory: 4096, raw: der });
    const more = rsp.parseEuiccInfo2(rsp.buildEuiccInfo2({ ...INFO2, additionalProfileVersions: ['3.1.0', '3.3.1'] }));
    expect(more.additionalProfileVersions).toEqual(['3.1.0', '3.3.1']);
  });

  it('ignores elements of later versions and card resources that are no TLV list', () => {
    const der = rsp.buildEuiccInfo2({ ...INFO2, extCardResource: fromHex('ffffff') });
    const later = tlv(0xbf22, readOne(der).value, fromHex('8d0101'), fromHex('bf3500'));
    const info = rsp.parseEuiccInfo2(later);
    expect(info.svn).toBe('2.2.0');
    expect(info.freeNonVolatileMemory).toBeUndefined();
    expect(toHex(info.raw)).toBe(toHex(later));
  });

  it('refuses a missing version and a wrong tag', () => {
    expect(() => rsp.parseEuiccInfo1(fromHex('bf2004a900aa00'))).toThrow(malformed);
    expect(() => rsp.parseEuiccInfo2(fromHex('bf2000'))).toThrow(malformed);
    expect(() => rsp.parseEuiccInfo1(rsp.buildEuiccInfo2(INFO2))).toThrow(malformed);
    expect(() => rsp.buildEuiccInfo1({ svn: '2.2', ciPkIdsForVerification: [], ciPkIdsForSigning: [] })).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
  });
});

describe('serverSigned1 and smdpSigned2', () => {
  it('serverSigned1 comes back as built', () => {
    const fields = { transactionId: TID, euiccChallenge: bytes(16, 1), serverAddress: 'smdp.example.com', serverChallenge: bytes(16, 2) };
    const der = rsp.buildServerSigned1(fields);
    expect(rsp.parseServerSigned1(der)).toEqual({ ...fields, signedBytes: der });
    expect(() => rsp.buildServerSigned1({ ...fields, euiccChallenge: bytes(15) })).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
    expect(() => rsp.buildServerSigned1({ ...fields, transactionId: bytes(17) })).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
  });

  it.each([{ ccRequired: false }, { ccRequired: true }, { ccRequired: true, bppEuiccOtpk: POINT }])('smdpSigned2 comes back as built: %o', (part) => {
    const der = rsp.buildSmdpSigned2({ transactionId: TID, ...part });
    expect(rsp.parseSmdpSigned2(der)).toEqual({ transactionId: TID, bppEuiccOtpk: undefined, ...part, signedBytes: der });
  });

  it('signatures travel with their tag, and cover each other', () => {
    const sig = bytes(64, 9);
    expect(toHex(rsp.signatureTlv(sig))).toBe(`5f3740${'09'.repeat(64)}`);
    expect(rsp.readSignatureTlv(rsp.signatureTlv(sig))).toEqual(sig);
    expect(() => rsp.readSignatureTlv(fromHex('5f373f'))).toThrow(malformed);
    expect(() => rsp.readSignatureTlv(tlv(0x5f37, bytes(63)))).toThrow(malformed);
    expect(() => rsp.signatureTlv(bytes(63))).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
    expect(toHex(rsp.smdpSignature2Input(CERT_A, sig))).toBe(toHex(CERT_A) + toHex(rsp.signatureTlv(sig)));
    expect(toHex(rsp.euiccSignature2Input(CERT_B, sig))).toBe(toHex(CERT_B) + toHex(rsp.signatureTlv(sig)));
  });
});

describe('authenticateServerResponse', () => {
  const build = (ctx: Parameters<typeof rsp.buildCtxParams1>[0]): Uint8Array => rsp.buildAuthenticateServerResponse({
    euiccSigned1: rsp.buildEuiccSigned1({
      transactionId: TID, serverAddress: 'smdp.example.com', serverChallenge: bytes(16), euiccInfo2: rsp.buildEuiccInfo2(INFO2), ctxParams1: rsp.buildCtxParams1(ctx),
    }),
    signature64: bytes(64), euiccCertificate: CERT_A, eumCertificate: CERT_B,
  });

  it('comes back as built, with certificates by position', () => {
    const parsed = rsp.parseAuthenticateServerResponse(build({ matchingId: 'ABC-1', tac: '35290611', imei: '352906110123456', capabilities: fromHex('8003050000' + '85030f0000') }));
    expect(parsed).toMatchObject({
      kind: 'ok', transactionId: TID, serverAddress: 'smdp.example.com', matchingId: 'ABC-1', euiccCertificate: CERT_A, eumCertificate: CERT_B,
      deviceInfo: { tac: '35290611', imei: '352906110123456', releases: { gsm: '5.0.0', eutran: '15.0.0' } },
    });
  });

  it('tells an absent matchingId from an empty one', () => {
    expect(rsp.parseAuthenticateServerResponse(build({ tac: '35290611' }))).toHaveProperty('matchingId', undefined);
    expect(rsp.parseAuthenticateServerResponse(build({ matchingId: '', tac: '35290611' }))).toHaveProperty('matchingId', '');
  });

  it('the signed octets are the received ones, also with a length nobody would write', () => {
    const info2 = rsp.buildEuiccInfo2(INFO2);
    const inner = [tlv(0x80, TID), tlv(0x83, utf8Bytes('s')), tlv(0x84, bytes(16)), info2, rsp.buildCtxParams1({ tac: '35290611' })];
    const body = concat(...inner);
    const padded = concat(Uint8Array.of(0x30, 0x83, 0, body.length >> 8, body.length & 0xff), body);
    const der = tlv(0xbf38, tlv(0xa0, padded, rsp.signatureTlv(bytes(64)), CERT_A, CERT_B, fromHex('a500')));
    const parsed = rsp.parseAuthenticateServerResponse(der);
    expect(parsed.kind === 'ok' && toHex(parsed.signedBytes)).toBe(toHex(padded));
    expect(parsed.kind === 'ok' && toHex(parsed.euiccInfo2.raw)).toBe(toHex(info2));
  });

  it('reads the error arm with either tag of the code', () => {
    expect(rsp.parseAuthenticateServerResponse(rsp.buildAuthenticateServerError({ transactionId: TID, errorCode: 7 }))).toEqual({ kind: 'error', transactionId: TID, errorCode: 7 });
    expect(rsp.parseAuthenticateServerResponse(tlv(0xbf38, tlv(0xa1, tlv(0x80, TID), fromHex('81017f'))))).toMatchObject({ kind: 'error', errorCode: 127 });
  });

  it('refuses missing parts and wrong sizes', () => {
    const good = rsp.parseAuthenticateServerResponse(build({ tac: '35290611' }));
    if (good.kind !== 'ok') throw new Error('not ok');
    for (const parts of [
      [], [good.signedBytes], [good.signedBytes, tlv(0x5f37, bytes(65)), CERT_A, CERT_B], [good.signedBytes, rsp.signatureTlv(bytes(64)), CERT_A],
      [rsp.signatureTlv(bytes(64)), good.signedBytes, CERT_A, CERT_B], [CERT_A, rsp.signatureTlv(bytes(64)), CERT_A, CERT_B],
    ]) expect(() => rsp.parseAuthenticateServerResponse(tlv(0xbf38, tlv(0xa0, ...parts)))).toThrow(malformed);
    expect(() => rsp.parseAuthenticateServerResponse(fromHex('bf3800'))).toThrow(malformed);
    expect(() => rsp.parseAuthenticateServerResponse(concat(build({ tac: '35290611' }), Uint8Array.of(0)))).toThrow(malformed);
    expect(() => rsp.buildCtxParams1({ tac: '3529061' })).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
    expect(() => rsp.buildCtxParams1({ tac: '35290611', imei: '35290611012345' })).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
  });
});

describe('prepareDownloadResponse', () => {
  it.each([undefined, bytes(32, 3)])('comes back as built (hashCc %s)', (hashCc) => {
    const euiccSigned2 = rsp.buildEuiccSigned2({ transactionId: TID, euiccOtpk: POINT, hashCc });
    expect(rsp.parsePrepareDownloadResponse(rsp.buildPrepareDownloadResponse({ euiccSigned2, signature64: bytes(64) })))
      .toEqual({ kind: 'ok', signedBytes: euiccSigned2, transactionId: TID, euiccOtpk: POINT, hashCc, signature64: bytes(64) });
  });

  it('takes a hashCc of length 0 as absent; one of a wrong length is a wrong code, not a broken message', () => {
    const build = (hash: Uint8Array): Uint8Array => rsp.buildPrepareDownloadResponse({ euiccSigned2: tlv(0x30, tlv(0x80, TID), tlv(0x5f49, POINT), tlv(0x04, hash)), signature64: bytes(64) });
    expect(rsp.parsePrepareDownloadResponse(build(new Uint8Array()))).toMatchObject({ kind: 'ok', hashCc: undefined });
    expect(rsp.parsePrepareDownloadResponse(build(bytes(31)))).toMatchObject({ kind: 'ok', hashCc: bytes(31) });
    expect(() => rsp.parsePrepareDownloadResponse(build(bytes(65)))).toThrow(malformed);
  });

  it('reads the error arm', () => {
    expect(rsp.parsePrepareDownloadResponse(rsp.buildPrepareDownloadError({ transactionId: TID, errorCode: 2 }))).toEqual({ kind: 'error', transactionId: TID, errorCode: 2 });
  });

  it('hashes a confirmation code as SHA-256(SHA-256(code) || transaction id)', () => {
    const code = rsp.confirmationCodeHash(utf8Bytes('0000'));
    expect(toHex(code)).toBe('9af15b336e6a9619928537df30b2e6a2376569fcf9d7e773eccede65606529a0');
    expect(toHex(rsp.hashedConfirmationCode(code, TID))).toBe(toHex(rsp.confirmationCodeHash(concat(code, TID))));
  });
});

describe('cancelSessionResponse', () => {
  it('comes back as built', () => {
    const cancelSessionSigned = rsp.buildCancelSessionSigned({ transactionId: TID, smdpOid: '2.999.10', reason: 127 });
    expect(toHex(cancelSessionSigned)).toBe('3012' + '8008' + toHex(TID) + '8103' + '88370a' + '82017f');
    expect(rsp.parseCancelSessionResponse(rsp.buildCancelSessionResponse({ cancelSessionSigned, signature64: bytes(64) })))
      .toEqual({ kind: 'ok', signedBytes: cancelSessionSigned, transactionId: TID, smdpOid: '2.999.10', reason: 127, signature64: bytes(64) });
    expect(rsp.parseCancelSessionResponse(rsp.buildCancelSessionError(5))).toEqual({ kind: 'error', errorCode: 5 });
  });
});

describe('pendingNotification', () => {
  const notification = { seqNumber: 300, operation: 'install' as const, address: 'smdp.example.com', iccid: '8949449999999990007' };

  it.each<rsp.InstallOutcome>([
    { ok: true, aid: fromHex('A0000005591010FFFFFFFF8900001100'), simaResponse: fromHex('3007A0053003800100') },
    { ok: false, bppCommandId: 2, errorReason: 9, simaResponse: undefined },
    { ok: false, bppCommandId: 5, errorReason: 12, simaResponse: fromHex('300ba009' + '3007800101a102') },
  ])('an installation result comes back as built: %o', (outcome) => {
    const data = rsp.buildInstallResultData({ transactionId: TID, notification, smdpOid: '2.999.10', outcome });
    const raw = rsp.buildInstallResult({ data, signature64: bytes(64) });
    const parsed = rsp.parsePendingNotification(raw);
    expect(parsed).toEqual({
      kind: 'installResult', signedBytes: data, transactionId: TID, notification, smdpOid: '2.999.10', outcome, finalResult: expect.any(Uint8Array) as Uint8Array,
      signature64: bytes(64), raw,
    });
    const { finalResult } = parsed as rsp.InstallResult;
    expect(finalResult[0]).toBe(0xa2);
    expect(toHex(data).endsWith(toHex(finalResult))).toBe(true);
  });

  it('another notification comes back as built, with or without ICCID', () => {
    for (const iccid of [undefined, '89000000000000001010']) {
      const metadata = rsp.buildNotificationMetadata({ ...notification, operation: 'delete', iccid });
      const raw = rsp.buildOtherSignedNotification({ metadata, signature64: bytes(64), euiccCertificate: CERT_A, eumCertificate: CERT_B });
      expect(rsp.parsePendingNotification(raw)).toEqual({
        kind: 'other', signedBytes: metadata, notification: { ...notification, operation: 'delete', iccid }, signature64: bytes(64), euiccCertificate: CERT_A, eumCertificate: CERT_B, raw,
      });
    }
  });

  it.each([['0780', 'install'], ['0080', 'install'], ['0640', 'enable'], ['0520', 'disable'], ['0410', 'delete'], ['0010', 'delete'], ['00', undefined], ['0000', undefined]])(
    'reads the event bits %s as %s', (bits, operation) => {
      const metadata = tlv(0xbf2f, fromHex('800101'), tlv(0x81, fromHex(bits)), tlv(0x0c, utf8Bytes('a')));
      const raw = rsp.buildOtherSignedNotification({ metadata, signature64: bytes(64), euiccCertificate: CERT_A, eumCertificate: CERT_B });
      expect(rsp.parsePendingNotification(raw).notification.operation).toBe(operation);
    });

  it('does not read bits that are declared unused', () => {
    expect(rsp.readEvents(fromHex('07ff'))).toEqual(['install']);
    expect(rsp.readEvents(fromHex('06c0'))).toEqual(['install', 'enable']);
    for (const hex of ['', '08', 'ff80']) expect(() => rsp.readEvents(fromHex(hex))).toThrow();
  });

  it('writes the event bits as real servers do', () => {
    expect([['install'], ['enable'], ['disable'], ['delete'], ['install', 'enable', 'disable', 'delete']].map((events) => toHex(rsp.eventsValue(events as rsp.NotificationEvent[]))))
      .toEqual(['0780', '0640', '0520', '0410', '04f0']);
  });

  it('refuses another message', () => {
    expect(() => rsp.parsePendingNotification(rsp.buildCancelSessionError(5))).toThrow(malformed);
    expect(() => rsp.parsePendingNotification(new Uint8Array())).toThrow(malformed);
  });
});

describe('object identifiers', () => {
  it.each([['2.999.10', '88370a'], ['2.999', '8837'], ['2.23.146.1.2.1.4', '67811201020104'], ['1.2.840.10045.4.3.2', '2a8648ce3d040302'], ['0.39', '27'], ['2.5.29.17', '551d11'], ['1.3.6.1.4.1.31746', '2b0601040181f802']])(
    '%s is %s', (dotted, hex) => {
      expect(toHex(rsp.oidValue(dotted))).toBe(hex);
      expect(rsp.readOid(fromHex(hex))).toBe(dotted);
    });

  it('any identifier comes back', () => {
    const arcs = fc.tuple(fc.constantFrom(0, 1, 2), fc.nat(39), fc.array(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), { maxLength: 6 }));
    fc.assert(fc.property(arcs, ([top, second, rest]) => {
      const dotted = [top, second, ...rest].join('.');
      expect(rsp.readOid(rsp.oidValue(dotted))).toBe(dotted);
    }));
  });

  it('refuses what is none', () => {
    for (const text of ['', '1', '3.1', '1.40', '1.02', 'a.b', '1.2.']) expect(() => rsp.oidValue(text)).toThrow(expect.objectContaining({ code: 'TLV_BAD_VALUE' }));
    for (const hex of ['', '80', '2a80', '2a8001', `2a${'ff'.repeat(20)}01`]) expect(() => rsp.readOid(fromHex(hex))).toThrow();
  });
});

describe('digits', () => {
  it('ICCIDs are swapped and padded, EIDs are not', () => {
    expect(toHex(rsp.iccidBytes('8949449999999990007'))).toBe('989444999999990900f7');
    expect(rsp.iccidText(rsp.iccidBytes('8949449999999990007'))).toBe('8949449999999990007');
    expect(rsp.iccidText(rsp.iccidBytes('894944999999999000'))).toBe('894944999999999000');
    expect(toHex(rsp.iccidBytes('8949449999999990007F'))).toBe(toHex(rsp.iccidBytes('8949449999999990007')));
    expect(toHex(rsp.eidBytes('89049032123451234512345678901235'))).toBe('89049032123451234512345678901235');
    expect(rsp.eidText(rsp.eidBytes('89049032123451234512345678901235'))).toBe('89049032123451234512345678901235');
    for (const bad of ['', '89', '894944999999999000712', '894944999999999000a']) expect(() => rsp.iccidBytes(bad)).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
    expect(() => rsp.eidBytes('8904903212345123451234567890123')).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
  });

  it.each([['454', '12', '54f421'], ['401', '77', '04f177'], ['310', '410', '130014'], ['001', '01', '00f110']])('MCC %s MNC %s is %s', (mcc, mnc, hex) => {
    expect(toHex(rsp.plmnBytes(mcc, mnc))).toBe(hex);
    expect(rsp.plmnText(fromHex(hex))).toEqual({ mcc, mnc });
  });
});

describeVectors('recorded messages', () => {
  it('production packages: structure and segments of four servers', () => {
    for (const [name, hostId, sizes, replaced] of [
      ['infineon', 'rsp.infineon.com', [1020, 1020, 476], false], ['redtea', 'redteamobile', [1020, 348], false],
      ['tigo', 'GSMA_HOST_ID', [1020, 1020, 1020, 1020, 1020, 1020, 1020, 364], true], ['tele2', 'esim-vsm.com', [1004, 1004, 1004, 1004, 1004, 1004, 155], false],
    ] as const) {
      const parsed = rsp.parseBoundPackage(vector(`production/v5-realworld-bpp-${name}.der`));
      expect(Buffer.from(parsed.initialiseSecureChannel.hostId).toString()).toBe(hostId);
      expect(parsed.profile.map((segment) => segment.length)).toEqual(sizes);
      expect(parsed.replaceKeys?.length).toBe(replaced ? 1 : undefined);
      const lines = Buffer.from(vector(`production/v5-realworld-sbpp-${name}.txt`)).toString().split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
      expect(rsp.segmentBoundPackage(vector(`production/v5-realworld-bpp-${name}.der`)).map((part) => toHex(part).toUpperCase())).toEqual(lines.map((line) => line.toUpperCase()));
    }
  });

  it('the session\'s answers are read in full', () => {
    const auth = rsp.parseAuthenticateServerResponse(vector('session/auth-server-response.der'));
    expect(auth).toMatchObject({ kind: 'ok', serverAddress: 'smdp.example.com', matchingId: undefined, deviceInfo: { tac: '00000000' } });
    const pir = rsp.parsePendingNotification(vector('session/pending-notification.der'));
    expect(pir).toMatchObject({
      kind: 'installResult', smdpOid: '2.999', notification: { seqNumber: 1, operation: 'install', iccid: '89000123456789012341' },
      outcome: { ok: true },
    });
  });
});
