import { describe, expect, test } from 'vitest';
import { exportSession, type ExportedSession } from '../../../src/main/engine/downloads/session-export.ts';
import { makeEid, luhnCheckDigit, parseEid, parseIccid } from '../../../src/shared/identifiers/index.ts';
import { fixtureFaults, playSessionFixture, readSessionFixture } from '../../support/session-fixture.ts';

const luhn = (digits: string): string => digits + luhnCheckDigit(digits);
const swap = (digits: string): string => digits.padEnd(20, 'F').replace(/(.)(.)/g, '$2$1').toLowerCase();

// Canaries: values that must not be in the file, in any writing.
const eid = makeEid('890490320040088826000000123456');
const otherEid = makeEid('890430519991234567890000000001');
const iccid = luhn('894457000000012345');
const matchingId = 'QX7PD-LM4KR-9ZHTB-W2CVN';
const transactionId = '0F1E2D3C4B5A69788796A5B4C3D2E1F0';
const remote = '203.0.113.77';
const smdpAddress = 'rsp.brand-name.example.net:8443';
const imei = '352906110012340';
const canaries = [eid, otherEid, iccid, swap(iccid), matchingId, matchingId.replaceAll('-', ''), matchingId.slice(0, 5), transactionId, transactionId.toLowerCase(), remote, 'brand-name', imei, imei.slice(8), 'Kestrel Mobile', 'order-real-7781', '2.999.4242', 'cafe'.repeat(16), 'BEEF'.repeat(20)];

const certificate = (withEid: boolean) => ({ ...(withEid ? { eid } : {}), subject: `CN=Kestrel Mobile, SN=${eid}`, issuer: 'CN=Kestrel Mobile EUM', serial: '1A2B3C4D', notBefore: 0, notAfter: 1 });
const failed = (subject: string, reason: string, message: string) => ({ failed: { subject, reason, message } });

const session: ExportedSession = {
  transactionId, phase: 'refused', code: '8.2.6/3.8', binding: 'json', curve: 'P-256', svn: '2.2.0', tac: '35290611', smdpAddress, eid, iccid, orderId: 'order-real-7781', matchingId, remote,
  steps: [
    {
      at: 1_000_000, function: 'initiateAuthentication', milliseconds: 1.5, requestBytes: 300, responseBytes: 2_000, status: 'Executed-Success',
      request: { euiccChallenge: 'cafe'.repeat(8), euiccInfo1: { svn: '2.2.0', ciPkIdsForVerification: ['f54172bdf98a95d65cbeb88a38a1c11d800a85c3'], ciPkIdsForSigning: [] }, smdpAddress },
      response: { transactionId, serverSigned1: { transactionId: transactionId.toLowerCase(), serverAddress: smdpAddress.split(':')[0], serverChallenge: 'cafe'.repeat(8) }, serverSignature1: 'cafe'.repeat(16), serverCertificate: certificate(false) },
    },
    {
      at: 1_001_200, function: 'authenticateClient', milliseconds: 4, requestBytes: 4_000, responseBytes: 170, status: 'Failed', code: '8.2.6/3.8',
      request: {
        transactionId, authenticateServerResponse: { ok: {
          euiccSigned1: { ctxParams1: { matchingId: { start: matchingId.slice(0, 5), length: 23 }, deviceInfo: { tac: '35290611', imei, releases: {} } } }, euiccSignature1: 'present', euiccCertificate: certificate(true), raw: 'BEEF'.repeat(20),
          notes: [`EID ${eid}`, `also ${otherEid} and ${iccid}F, stored as ${swap(iccid)}`, `from ${remote}:443, IMEI ${imei}`], nested: { matchingId, smdpOid: '2.999.4242', [eid]: 1 },
        } },
      },
      response: failed('8.2.6', '3.8', `The MatchingID ${matchingId} is refused for ${eid}.`),
    },
  ],
};

describe('a session as a fixture', () => {
  const fixture = exportSession(session);
  const text = JSON.stringify(fixture);

  test.each(canaries)('canary: %s is nowhere in the file', (canary) => {
    expect(JSON.stringify(session).toUpperCase()).toContain(canary === matchingId.replaceAll('-', '') || canary === 'BEEF'.repeat(20) ? canary.slice(0, 5) : canary.toUpperCase().slice(0, 12));
    expect(text.toUpperCase()).not.toContain(canary.toUpperCase());
  });

  test('the same value has the same replacement everywhere, of the same length, visibly of a test', () => {
    const { session: at } = fixture;
    expect(at.eid).toHaveLength(32);
    expect(at.eid).toMatch(/^8900/);
    expect(parseEid(at.eid!).ok).toBe(true);
    expect(at.iccid).toHaveLength(iccid.length);
    expect(parseIccid(at.iccid!).ok).toBe(true);
    expect(at.smdpAddress).toHaveLength(smdpAddress.length);
    expect(at.smdpAddress).toMatch(/^test.*\.example:8443$/);
    expect(text).toContain(`"serverAddress":"${at.smdpAddress.slice(0, -5)}"`);
    expect(fixture.replaced.find((one) => one.kind === 'IMEI')!.values).toBe(1);
    expect(text.split(at.eid!).length - 1).toBeGreaterThanOrEqual(4);
    expect(text.split(at.iccid!).length - 1).toBeGreaterThanOrEqual(2);
    expect(text).toContain(swap(at.iccid!));
    expect(text).toMatch(/The MatchingID TEST.{19} is refused for 8900/);
  });

  test('what helps to find the fault stays: order, times, sizes, codes, versions, roots, TAC', () => {
    expect(fixture.steps.map((step) => [step.at, step.function, step.code])).toEqual([[0, 'initiateAuthentication', undefined], [1_200, 'authenticateClient', '8.2.6/3.8']]);
    expect(text).toContain('f54172bdf98a95d65cbeb88a38a1c11d800a85c3');
    expect(fixture.session).toMatchObject({ phase: 'refused', svn: '2.2.0', tac: '35290611', curve: 'P-256', binding: 'json' });
  });

  test('it lists what was replaced and what was taken out', () => {
    expect(fixture.replaced.map((one) => one.kind)).toEqual(expect.arrayContaining(['EID', 'ICCID', 'MatchingID', 'IMEI', 'address', 'TransactionID', 'name']));
    expect(fixture.replaced.find((one) => one.kind === 'EID')!.values).toBe(2);
    expect(fixture.removed).toEqual(expect.arrayContaining(['euiccChallenge', 'serverSignature1', 'euiccSignature1']));
    expect(text.slice(0, text.indexOf('"replaced"'))).not.toMatch(/signature|challenge/i);
    expect(text).toContain('"failed":{"subject":"8.2.6","reason":"3.8"');
  });

  test('the same session gives the same file', () => expect(exportSession(session)).toEqual(fixture));

  test('the file is read back and played against the state tables', () => {
    const read = readSessionFixture(text);
    expect(fixtureFaults(read)).toEqual([]);
    expect(playSessionFixture(read)).toEqual({ events: [], state: 'released' });
  });
});

describe('playing a fixture', () => {
  const steps = (...list: readonly (readonly [string, string?, unknown?])[]): ExportedSession => ({
    ...session, steps: list.map(([name, code, request], at) => ({ at, function: name, milliseconds: 1, requestBytes: 1, responseBytes: 1, status: code === undefined ? 'Executed-Success' : 'Failed', ...(code === undefined ? {} : { code }), request })),
  });
  const begin = [['initiateAuthentication'], ['authenticateClient']] as const;
  test('a download leads to installed; a failed one to error or back to released', () => {
    expect(playSessionFixture(exportSession(steps(...begin, ['getBoundProfilePackage'], ['handleNotification']))).state).toBe('installed');
    expect(playSessionFixture(exportSession(steps(...begin, ['getBoundProfilePackage'], ['handleNotification', undefined, { error: { errorReason: 12 } }]))).state).toBe('error');
    expect(playSessionFixture(exportSession(steps(...begin, ['getBoundProfilePackage'], ['handleNotification', undefined, { error: { errorReason: 10 } }]))).state).toBe('released');
    expect(playSessionFixture(exportSession(steps(...begin, ['cancelSession', undefined, { reason: 1 }]))).state).toBe('released');
    expect(playSessionFixture(exportSession(steps(...begin, ['getBoundProfilePackage', '8.2.7/6.4']))).state).toBe('error');
  });
  test('what the tables forbid is noticed', () => {
    expect(() => playSessionFixture(exportSession(steps(...begin, ['handleNotification'])))).toThrow(/may not happen/);
    expect(fixtureFaults(exportSession(steps(['authenticateClient'], ['getPackage', '9.9/9.9'])))).toHaveLength(3);
    expect(() => readSessionFixture('{"format":"other"}')).toThrow(/not a session fixture/);
  });
});
