import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeLimits, decodeText } from '../../../src/main/engine/downloads/session-decode.ts';
import { treeLimits } from '../../../src/main/engine/downloads/session-decode-der.ts';
import { createLabPki, issueCrl, labIssuer } from '../../../src/main/lab/pki/index.ts';
import { buildEuiccInfo1, buildEuiccInfo2, buildInstallResult, buildInstallResultData, buildMetadata, buildNotificationMetadata, buildOtherSignedNotification, buildSmdpSigned2 } from '../../../src/main/rsp/index.ts';
import { makeEid } from '../../../src/shared/identifiers/index.ts';
import { statusMeanings } from '../../../src/shared/rsp-status/index.ts';
import { tlv, utf8Bytes } from '../../../src/shared/tlv/index.ts';
import { seededRandom } from '../../support/engine.ts';

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex').toUpperCase();
const base64 = (octets: Uint8Array): string => Buffer.from(octets).toString('base64');
const codes = (text: string): (string | undefined)[] => decodeText(text).findings.map((found) => found.code);
const only = (text: string) => {
  const { findings } = decodeText(text);
  expect(findings.map((found) => found.title)).toHaveLength(1);
  return findings[0]!;
};

const transactionId = new Uint8Array(16).fill(0xa5);
const metadataOf = (operation: 'install' | 'enable') => ({ seqNumber: 7, operation, address: 'smdp.test.example', iccid: '8988247000101003318' });
const failedResult = buildInstallResult({
  data: buildInstallResultData({ transactionId, notification: metadataOf('install'), smdpOid: '2.999.10', outcome: { ok: false, bppCommandId: 5, errorReason: 12 } }), signature64: new Uint8Array(64).fill(1),
});
const info2 = buildEuiccInfo2({
  profileVersion: '2.3.1', svn: '2.2.0', firmwareVersion: '4.5.6', extCardResource: Uint8Array.of(0x81, 1, 0, 0x82, 4, 0, 5, 0x82, 0x5c, 0x83, 2, 0x1c, 0x20), uiccCapability: ['usimSupport', 'akaMilenage'], rspCapability: ['additionalProfile'],
  ciPkIdsForVerification: [new Uint8Array(20).fill(0x81)], ciPkIdsForSigning: [new Uint8Array(20).fill(0x81)], ppVersion: '0.0.1', sasAccreditationNumber: 'TEST-SAS-0',
});

describe('status codes in every spelling', () => {
  test.each([
    '8.2.6/3.8', '8.2.6 / 3.8', '8.2.6 - 3.8', '8.2.6-3.8', '8.2.6 – 3.8', '8.2.6, 3.8', '8.2.6:3.8', '8.2.6 3.8', 'Error 8.2.6_3.8 at 12:00:01', 'refused with 8.2.6 and 3.8', 'Subject code 8.2.6 Reason 3.8', 'subject: 8.2.6, reason: 3.8',
    '"subjectCode":"8.2.6","reasonCode":"3.8"', 'reasonCode=3.8 subjectCode=8.2.6', 'SubjectCode: 8.2.6 ReasonCode: 3.8 Message: MatchingID refused', '{"subjectCode":"8.2.6","reasonCode":"3.8"}', '  8.2.6/3.8\n',
    '{"header":{"functionExecutionStatus":{"status":"Failed","statusCodeData":{"subjectCode":"8.2.6","reasonCode":"3.8","message":"Refused"}}}}',
    'es9p: {"header":{"functionExecutionStatus":{"status":"Failed","statusCodeData":{"reasonCode":"3.8","subjectCode":"8.2.6"}}}} (HTTP 200)',
    'pySimEsim.es9p ERROR: status: Failed, subject_code: 8.2.6, reason_code: 3.8',
  ])('%s', (text) => {
    const found = only(text);
    expect(found).toMatchObject({ kind: 'status', code: '8.2.6/3.8', retry: 'after-fix' });
    expect(found.cause).toMatch(/refused/i);
    expect(found.owners).toContain('operator');
  });

  test('3.10 is not 3.1, and a lost zero is said', () => {
    expect(only('8.1.1/3.10').facts!.some((fact) => fact.name === 'Read as')).toBe(false);
    expect(only('8.1.1/3.1').facts).toContainEqual({ name: 'Read as', value: expect.stringContaining('8.1.1/3.10') as string });
  });

  test('numbers that only look like codes are none', () => {
    for (const text of ['192.168.8.1/3.8.9.1', 'version 8.2.6', 'at 8.1.2026', '10.8.1, 3.85', 'lib 18.2.6/3.8.1']) expect(codes(text)).toEqual([]);
  });

  test('a pair nobody wrote about still has its names', () => expect(only('8.1.1/4.8').cause).toMatch(/EID: Insufficient memory/));
});

describe('clients and their logs', () => {
  test('lines of lpac', () => {
    const { findings } = decodeText([
      '{"type":"progress","payload":{"code":0,"message":"es9p_initiate_authentication","data":null}}',
      '{"type":"lpa","payload":{"code":-1,"message":"es9p_authenticate_client","data":"subject-code: 8.1.1, reason-code: 3.8, EID refused"}}',
    ].join('\n'));
    expect(findings.map((found) => found.kind).sort()).toEqual(['client', 'status']);
    expect(findings.find((found) => found.kind === 'status')!.code).toBe('8.1.1/3.8');
    expect(findings.find((found) => found.kind === 'client')!.cause).toMatch(/SM-DP\+/);
  });

  test('detailed codes of Android, in both notations', () => {
    const code = 0x0a8b1051;
    for (const text of ['0x0A8B1051', '0xA8B1051', String(code), `EXTRA_EMBEDDED_SUBSCRIPTION_DETAILED_CODE = ${code}`, `{"detailedCode":${code}}`]) expect(only(text), text).toMatchObject({ kind: 'android', code: '8.11.1/5.1' });
    expect(only('0x0A826038')).toMatchObject({ code: '8.2.6/3.8', cause: expect.stringMatching(/refused/) as string });
    expect(only('0x0A081048').code).toBe('8.1/4.8');
    expect(only('0x0A81103A').code).toBe('8.1.1/3.10');
    expect(only('0x0B0001F7').facts).toContainEqual({ name: 'Detail', value: 'HTTP status 503' });
    expect(only('0x05002714')).toMatchObject({ title: expect.stringContaining('ERROR_EUICC_INSUFFICIENT_MEMORY') as string });
    expect(only('0x08006A84').facts).toContainEqual({ name: 'Detail', value: 'SW 6A84' });
    for (const operation of [1, 2, 3, 4, 5, 6, 7, 8, 9, 11]) expect(only(`0x0${operation.toString(16)}002711`).facts![0]!.value).toMatch(/OPERATION_/);
    expect(codes('0x7F000001')).toEqual([]);
  });

  test('a telephone number or a moment in a log is no code of Android', () => expect(decodeText('called 491715550123 at 1768478400 from 26242100').findings).toEqual([]));

  test('install results and cancel reasons, by number and by name', () => {
    expect(only('errorReason: 12')).toMatchObject({ kind: 'install', code: '12' });
    expect(only('{"bppCommandId":5,"errorReason":10}').facts).toEqual([{ name: 'While', value: '5 loadProfileElements' }]);
    expect(only('install_failed_due_to_insufficient_memory_for_profile').code).toBe('10');
    expect(only('installFailedDueToPEProcessingError')).toMatchObject({ kind: 'install', code: '12' });
    expect(only('endUserRejection')).toMatchObject({ kind: 'cancel', code: '0' });
    expect(only('cancelSession with reason 1')).toMatchObject({ kind: 'cancel', code: '1', retry: 'yes' });
    expect(only('cancel_session: pprNotAllowed')).toMatchObject({ kind: 'cancel', code: '3' });
    expect(only('pprNotAllowed in installation').kind).toBe('install');
    expect(decodeText('5').findings.map((found) => found.kind)).toEqual(['install', 'cancel']);
  });
});

describe('messages in DER', () => {
  const tree = (text: string) => Object.fromEntries((only(text).tree ?? []).map((row) => [row.name, row.value ?? '']));

  test('EUICCInfo1 and EUICCInfo2, in hexadecimal, base64 and over several lines', () => {
    const info1 = buildEuiccInfo1({ svn: '2.2.0', ciPkIdsForVerification: [new Uint8Array(20).fill(1)], ciPkIdsForSigning: [] });
    expect(tree(hex(info1))).toMatchObject({ EUICCInfo1: '', svn: '2.2.0', 'CI public key identifier': '01'.repeat(20) });
    for (const text of [hex(info2), base64(info2), hex(info2).toLowerCase().replace(/(.{32})/g, '$1\n'), `euiccInfo2: ${base64(info2)} (from the phone)`, JSON.stringify({ euiccInfo2: base64(info2) })]) {
      expect(tree(text), text.slice(0, 40)).toMatchObject({ profileVersion: '2.3.1', euiccFirmwareVer: '4.5.6', uiccCapability: 'usimSupport, akaMilenage', freeNonVolatileMemory: '361052', freeVolatileMemory: '7200', sasAccreditationNumber: 'TEST-SAS-0' });
    }
  });

  test('an installation result says in words what the chip refused', () => {
    const { findings, mentioned } = decodeText(base64(failedResult));
    expect(findings.map((found) => found.kind)).toEqual(['message', 'install']);
    expect(findings[0]!.tree).toContainEqual({ depth: 4, name: 'errorReason', tag: '81', value: '12', note: 'installFailedDueToPEProcessingError' });
    expect(findings[1]).toMatchObject({ code: '12', facts: [{ name: 'While', value: '5 loadProfileElements' }] });
    expect(mentioned).toMatchObject({ iccids: ['8988247000101003318'], transactionIds: ['A5'.repeat(16)] });
  });

  test('a signed notification, metadata, smdpSigned2', () => {
    const other = buildOtherSignedNotification({ metadata: buildNotificationMetadata(metadataOf('enable')), signature64: new Uint8Array(64), euiccCertificate: tlv(0x30, Uint8Array.of(0)), eumCertificate: tlv(0x30) });
    expect(only(hex(other)).title).toMatch(/^OtherSignedNotification/);
    expect(tree(hex(other))).toMatchObject({ profileManagementOperation: 'enable', notificationAddress: 'smdp.test.example' });
    const metadata = buildMetadata({ iccid: '8988247000101003318', serviceProviderName: 'Test Mobile', profileName: 'Test plan', profileClass: 'test', notifications: [], owner: { mcc: '001', mnc: '01' }, ppr: { ppr1: true } });
    expect(tree(hex(metadata))).toMatchObject({ iccid: '8988247000101003318', serviceProviderName: 'Test Mobile', mccMnc: '001-01', profilePolicyRules: 'ppr1 (cannot be disabled)', profileClass: '0' });
    expect(tree(hex(buildSmdpSigned2({ transactionId, ccRequired: true })))).toMatchObject({ smdpSigned2: '', ccRequiredFlag: 'true' });
  });

  test('recorded messages of a whole session', () => {
    const folder = join(import.meta.dirname, '../../fixtures/rsp/p256/session');
    const read = (name: string) => hex(readFileSync(join(folder, name)));
    const names = Object.fromEntries(['auth-server-response.der', 'prepare-download-response.der', 'pending-notification.der', 'store-metadata.der', 'euicc-info1.der'].map((name) => [name, decodeText(read(name)).findings[0]?.title ?? '']));
    for (const [name, title] of Object.entries(names)) expect(title, name).toMatch(/^(AuthenticateServerResponse|PrepareDownloadResponse|ProfileInstallationResult|StoreMetadataRequest|EUICCInfo1)/);
  });

  test('depth and length are bounded', () => {
    let deep: Uint8Array = tlv(0x04, utf8Bytes('end'));
    for (let i = 0; i < 400; i++) deep = tlv(0xa0, deep);
    const tall = decodeText(hex(tlv(0xbf22, deep))).findings[0]!;
    expect(Math.max(...tall.tree!.map((row) => row.depth))).toBeLessThanOrEqual(treeLimits.depth);
    expect(tall.cut).toBe(true);
    const wide = decodeText(hex(tlv(0xbf22, ...Array.from({ length: 3_000 }, () => tlv(0x04, Uint8Array.of(1)))))).findings[0]!;
    expect(wide.tree!.length).toBeLessThanOrEqual(treeLimits.rows);
    expect(wide.cut).toBe(true);
  });
});

describe('identifiers', () => {
  test('activation codes, also in links', () => {
    expect(only('LPA:1$smdp.test.example$TEST-AAAA$1.3.6.1.4.1.31746$1')).toMatchObject({ kind: 'activation-code', cause: expect.stringMatching(/asked for a confirmation code/) as string });
    expect(decodeText('scan LPA:1$smdp.test.example$TEST-AAAA please').mentioned.matchingIds).toEqual(['TEST-AAAA']);
    expect(only('https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=LPA%3A1%24smdp.test.example%24TEST-BBBB').facts).toContainEqual({ name: 'MatchingID', value: 'TEST-BBBB' });
    expect(only('1$smdp.test.example$').facts).toContainEqual({ name: 'MatchingID', value: 'none: the order is found by the EID' });
  });

  test('EIDs and ICCIDs with their check digits', () => {
    const eid = makeEid('890490320040088826000000000001');
    expect(only(eid.replace(/(.{8})/g, '$1 '))).toMatchObject({ kind: 'eid', cause: 'Its check digits are right' });
    expect(only(`${eid.slice(0, 31)}${(Number(eid[31]) + 1) % 10}`).cause).toMatch(/wrong/);
    expect(only('8988247000101003318F')).toMatchObject({ kind: 'iccid', cause: 'Its check digit is right' });
    expect(decodeText(`download for ${eid} failed`).mentioned.eids).toEqual([eid]);
  });

  test('nothing found says what was looked for', () => {
    const { findings, tried } = decodeText('hello, it does not work');
    expect(findings).toEqual([]);
    expect(tried.length).toBeGreaterThan(4);
    expect(decodeText('').tried.length).toBeGreaterThan(4);
  });
});

describe('whatever is pasted', () => {
  const bounded = (text: string): void => {
    const { findings, mentioned, tried } = decodeText(text);
    expect(findings.length).toBeLessThanOrEqual(decodeLimits.findings);
    expect(findings.length > 0 || tried.length > 0).toBe(true);
    for (const list of Object.values(mentioned)) expect((list as string[]).length).toBeLessThanOrEqual(20);
    for (const found of findings) {
      expect(found.found.length).toBeLessThanOrEqual(treeLimits.value);
      expect((found.tree ?? []).length).toBeLessThanOrEqual(treeLimits.rows);
    }
  };

  test('it never throws and is always bounded: text, JSON, octets, changed messages', () => {
    const words = fc.constantFrom('8.2.6/3.8', 'subjectCode', 'reasonCode', 'cancel', 'reason 5', 'errorReason', 'LPA:1$a.b$C', '0x0A8B1051', '89'.repeat(10), '{', '}', '"', '\u0000', '8'.repeat(32), 'BF22', base64(info2), hex(failedResult));
    fc.assert(fc.property(fc.oneof(fc.string({ maxLength: 400, unit: 'binary' }), fc.array(fc.oneof(words, fc.string({ maxLength: 8 })), { maxLength: 40 }).map((list) => list.join(' '))), bounded), { numRuns: 400 });
    fc.assert(fc.property(fc.json({ maxDepth: 8 }), bounded), { numRuns: 200 });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => { bounded(hex(octets)); bounded(base64(octets)); }), { numRuns: 300 });
    fc.assert(fc.property(fc.constantFrom(info2, failedResult), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }), (message, changes) => {
      const changed = Uint8Array.from(message);
      for (const [at, octet] of changes) changed[at % changed.length] = octet;
      bounded(hex(changed));
    }), { numRuns: 600 });
  });

  test('many different codes are cut at the limit', () => {
    const many = statusMeanings.map((meaning) => `${meaning.subject}/${meaning.reason}`);
    expect(many.length).toBeGreaterThan(decodeLimits.findings);
    expect(decodeText(many.join('\n')).findings).toHaveLength(decodeLimits.findings);
  });

  test('64 KiB of the worst is read like any other text', () => {
    const limit = decodeLimits.text;
    for (const unit of ['cancel', 'a', '8.2.6/3.8 ', 'subject 8.1 ', '[', '{"a":', 'BF22', 'lpa:1$', 'reason ', '9', '30', 'MIIB', '=', '8.', 'errorReason 1 ', '0x0A8B1051 ', '{}\n', 'transactionId ']) bounded(unit.repeat(Math.ceil(limit / unit.length)).slice(0, limit));
  });
});

describe('what Android says in numbers and names', () => {
  test.each([
    [10_000, 'ERROR_CARRIER_LOCKED'], [10_001, 'ERROR_INVALID_ACTIVATION_CODE'], [10_002, 'ERROR_INVALID_CONFIRMATION_CODE'], [10_003, 'ERROR_INCOMPATIBLE_CARRIER'], [10_004, 'ERROR_EUICC_INSUFFICIENT_MEMORY'],
    [10_005, 'ERROR_TIME_OUT'], [10_006, 'ERROR_EUICC_MISSING'], [10_007, 'ERROR_UNSUPPORTED_VERSION'], [10_008, 'ERROR_SIM_MISSING'], [10_009, 'ERROR_INSTALL_PROFILE'], [10_010, 'ERROR_DISALLOWED_BY_PPR'],
    [10_011, 'ERROR_ADDRESS_MISSING'], [10_012, 'ERROR_CERTIFICATE_ERROR'], [10_013, 'ERROR_NO_PROFILES_AVAILABLE'], [10_014, 'ERROR_CONNECTION_ERROR'], [10_015, 'ERROR_INVALID_RESPONSE'], [10_016, 'ERROR_OPERATION_BUSY'], [10_017, 'ERROR_INVALID_PORT'],
  ])('%i is %s, in every spelling', (code, name) => {
    for (const text of [String(code), name, `failed with ${name}.`, `EXTRA_EMBEDDED_SUBSCRIPTION_ERROR_CODE: ${code}`, `errorCode=${code}`, `{"errorCode":${code}}`, `Android ${code} on a Pixel`]) {
      const found = only(text);
      expect(found, text).toMatchObject({ kind: 'android', code: String(code), title: `Android ${code}: ${name}` });
      expect(found.cause && found.action, text).toBeTruthy();
    }
  });
  test('an operation by its name, and what is none of them', () => {
    expect(only('OPERATION_SMDX_SUBJECT_REASON_CODE')).toMatchObject({ kind: 'android', title: 'Android operation 10: OPERATION_SMDX_SUBJECT_REASON_CODE' });
    for (const text of ['paid 10002 euros', '10018', 'ERROR_SOMETHING_ELSE', 'MY_ERROR_TIME_OUT', 'errorCode 100020']) expect(decodeText(text).findings, text).toEqual([]);
  });
});

test('half of a status code alone', () => {
  expect(only('8.1.1')).toMatchObject({ kind: 'status', title: 'Subject code 8.1.1: EID', facts: expect.arrayContaining([{ name: '8.1.1/3.8', value: expect.any(String) as string }]) as object });
  expect(only('3.8')).toMatchObject({ kind: 'status', title: 'Reason code 3.8: Refused' });
  expect(decodeText('1.2').findings.map((found) => found.title)).toEqual(['Subject code 1.2: Function provider', 'Reason code 1.2: Not allowed']);
  expect(decodeText('8.9.9').findings).toEqual([]);
});

describe('files', () => {
  const pki = createLabPki({ curve: 'P-256', oid: '2.999.10', tlsNames: ['localhost'], now: new Date('2026-01-01T00:00:00Z'), random: seededRandom('decoded files') });
  const crl = issueCrl({
    issuer: labIssuer(pki, 'ci'), curve: 'P-256', number: 17, thisUpdate: new Date('2026-01-02T00:00:00Z'), nextUpdate: new Date('2026-02-02T00:00:00Z'), revoked: [{ serial: Uint8Array.of(0x4a, 0xbc), at: new Date('2026-01-01T12:00:00Z'), reason: 1 }],
  });
  const pem = (label: string, der: Uint8Array): string => `-----BEGIN ${label}-----\n${base64(der).replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

  test('a revocation list in base64, hexadecimal and PEM is a tree with its entries', () => {
    for (const text of [base64(crl), base64(crl).replace(/.{76}/g, '$&\r\n'), hex(crl), pem('X509 CRL', crl), `here it is:\n${pem('X509 CRL', crl)}`, JSON.stringify({ list: pem('X509 CRL', crl) })]) {
      const found = only(text);
      expect(found.title, text.slice(0, 30)).toBe(`certificate revocation list, ${crl.length} octets`);
      const rows = Object.fromEntries(found.tree!.map((row) => [row.name, row]));
      expect(rows).toMatchObject({ number: { value: '17' }, thisUpdate: { value: '2026-01-02' }, nextUpdate: { value: '2026-02-02' }, revoked: { value: '1' }, 'serial number': { value: '4ABC', note: '2026-01-01, key compromised' } });
    }
  });
  test('certificates too, each block of a file', () => {
    for (const text of [base64(pki.dpauth.certificate), hex(pki.dpauth.certificate), pem('CERTIFICATE', pki.dpauth.certificate)]) expect(only(text)).toMatchObject({ kind: 'certificate', tree: expect.arrayContaining([expect.objectContaining({ name: 'role', value: 'dpauth' })]) as object });
    expect(decodeText(pem('CERTIFICATE', pki.ci.certificate) + pem('CERTIFICATE', pki.eum.certificate)).findings.map((found) => found.kind)).toEqual(['certificate', 'certificate']);
  });
  test('nothing of a private key is shown, whatever form it comes in', () => {
    const key = pki.dpauth.privateKeyPkcs8;
    const sec1 = new Uint8Array(createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' }).export({ format: 'der', type: 'sec1' }));
    const secret = hex(key.subarray(36, 68)).toLowerCase();
    expect(secret).toHaveLength(64);
    for (const text of [pem('PRIVATE KEY', key), pem('PRIVATE KEY', key).slice(0, 120), pem('EC PRIVATE KEY', sec1), pem('ENCRYPTED PRIVATE KEY', key), base64(key), hex(key), base64(sec1), hex(sec1), `key: ${base64(key)}`, JSON.stringify({ key: base64(key) }), JSON.stringify({ key: pem('PRIVATE KEY', key) })]) {
      const decoded = decodeText(text);
      expect(decoded.findings.map((found) => found.title), text.slice(0, 40)).toEqual(['A private key']);
      const shown = JSON.stringify(decoded);
      for (const form of [base64(key), base64(sec1)]) for (let at = 0; at + 16 <= form.length; at += 16) expect(shown).not.toContain(form.slice(at, at + 16));
      expect(shown.toLowerCase()).not.toContain(secret.slice(0, 16));
    }
    expect(decodeText(pem('CERTIFICATE', pki.dpauth.certificate) + pem('PRIVATE KEY', key)).findings.map((found) => found.kind)).toEqual(['certificate', 'message']);
  });
  test('DER that was cut off is called so, and not a code of Android', () => {
    const { findings } = decodeText('30820100');
    expect(findings[0]).toMatchObject({ kind: 'message', title: 'DER that was cut off, 4 of 260 octets' });
    expect(findings.slice(1).map((found) => found.title)).toEqual([expect.stringMatching(/^Perhaps Android 0x01D64704/)]);
    for (const text of [hex(crl).slice(0, 80), base64(crl).slice(0, 80), hex(info2).slice(0, 40), pem('X509 CRL', crl.subarray(0, 60))]) expect(only(text).title, text.slice(0, 20)).toMatch(/^DER that was cut off/);
    // What could be a TransactionID is still looked up as one.
    expect(decodeText('3082A1B2C3D4E5F60718293A4B5C6D7E').findings.map((found) => found.kind)).toEqual(['message', 'transaction-id']);
    expect(only('PEM block\n-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----').title).toBe('PEM block of CERTIFICATE that cannot be read');
  });
});
