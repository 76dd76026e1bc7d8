import { describe, expect, it } from 'vitest';
import { createLabPki, issueCrl, issueEuicc, labIssuer, segmentedCrlList, serialContent } from '../../../src/main/lab/pki/index.ts';
import type { CrlDefect, CrlRequest, RevokedLabCertificate } from '../../../src/main/lab/pki/index.ts';
import {
  checkEuiccChain, crlSignedBy, namedIssuer, parseCertificate, parseCrl, reasonText, revocationOfCertificate, RspError, serialText, splitCrls,
} from '../../../src/main/rsp/index.ts';
import type { CiAnchor, Curve, RevocationLookup } from '../../../src/main/rsp/index.ts';
import { fromHex, toHex } from '../../../src/shared/tlv/index.ts';
import { seededRandom } from '../../support/engine.ts';
import { name } from './support/make-certificate.ts';
import { random, spoil } from './support/fuzz.ts';

const NOW = new Date('2026-06-01T00:00:00Z');
const LATER = new Date('2026-07-01T00:00:00Z');
const CURVES: Curve[] = ['P-256', 'brainpoolP256r1'];
const pkis = Object.fromEntries(CURVES.map((curve) => [curve, createLabPki({ curve, oid: '2.999.10', tlsNames: [], now: NOW, random: seededRandom(`crl ${curve}`) })])) as Record<Curve, ReturnType<typeof createLabPki>>;
const entry = (hex: string, more: Partial<RevokedLabCertificate> = {}): RevokedLabCertificate => ({ serial: serialContent(hex), at: NOW, ...more });
const make = (curve: Curve, more: Partial<CrlRequest> = {}, who: 'ci' | 'eum' = 'ci'): Uint8Array =>
  issueCrl({ issuer: labIssuer(pkis[curve], who), curve, number: 7, thisUpdate: NOW, nextUpdate: LATER, revoked: [entry('0102', { reason: 1, expires: LATER })], ...more });
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof RspError)) throw error;
    return error.code;
  }
};

describe.each(CURVES)('a revocation list on %s', (curve) => {
  const { ci, eum } = pkis[curve];

  it('is read: issuer, number, times, entries with date and reason', () => {
    const list = parseCrl(make(curve, { revoked: [entry('0102', { reason: 1, expires: LATER }), entry('ff'), entry('03', { reason: 6 })] }));
    expect(list).toMatchObject({ number: 7n, thisUpdate: NOW, nextUpdate: LATER });
    expect(list.baseNumber).toBeUndefined();
    expect(list.segment).toBeUndefined();
    expect(toHex(list.authorityKeyId!)).toBe(toHex(labIssuer(pkis[curve], 'ci').keyId));
    expect(list.entries).toEqual([{ serial: '0102', at: NOW.getTime(), reason: 1 }, { serial: '00FF', at: NOW.getTime() }, { serial: '03', at: NOW.getTime(), reason: 6 }]);
  });

  it('verifies with the key of its issuer alone', () => {
    expect(crlSignedBy(parseCrl(make(curve)), curve, ci.publicPoint)).toBe(true);
    expect(crlSignedBy(parseCrl(make(curve)), curve, eum.publicPoint)).toBe(false);
    expect(crlSignedBy(parseCrl(make(curve, { defects: ['bad-signature'] })), curve, ci.publicPoint)).toBe(false);
    expect(crlSignedBy(parseCrl(make(curve, {}, 'eum')), curve, eum.publicPoint)).toBe(true);
  });

  it('with any octet altered is malformed or not the issuer\'s', () => {
    const der = make(curve);
    for (let at = 0; at < der.length; at++) {
      const altered = Uint8Array.from(der);
      altered[at]! ^= 0x01;
      let signed = false;
      try {
        signed = crlSignedBy(parseCrl(altered), curve, ci.publicPoint);
      } catch (error) {
        expect(error, `octet ${at}`).toBeInstanceOf(RspError);
      }
      expect(signed, `octet ${at}`).toBe(false);
    }
  });

  const refusals: [CrlDefect[], string][] = [
    [['no-number'], 'CRL_MALFORMED'], [['no-next-update'], 'CRL_MALFORMED'], [['version-1'], 'CRL_UNSUPPORTED'], [['unknown-critical-extension'], 'CRL_UNSUPPORTED'],
  ];
  it.each(refusals)('%j: %s', (defects, code) => expect(codeOf(() => parseCrl(make(curve, { defects })))).toBe(code));

  it('an unknown critical extension of one entry makes the whole list unusable', () => {
    expect(codeOf(() => parseCrl(make(curve, { revoked: [entry('01'), entry('02', { unknownCritical: true })] })))).toBe('CRL_UNSUPPORTED');
  });

  it.each<[CrlDefect, RegExp]>([['only-user-certificates', /not of a CA/], ['only-ca-certificates', /of CAs/], ['only-some-reasons', /some reasons/]])('that covers only a part says so: %s', (defect, words) => {
    expect(parseCrl(make(curve, { defects: [defect] })).limited).toMatch(words);
    expect(parseCrl(make(curve)).limited).toBeUndefined();
  });

  it('indirect: the named issuer holds from its entry on; without the flag it is malformed', () => {
    const issuer = [['O', 'Somebody']] as const;
    const revoked = [entry('01'), entry('02', { issuer: [...issuer] }), entry('03')];
    const list = parseCrl(make(curve, { revoked }));
    expect(list.entries.map((one) => one.issuer && toHex(one.issuer))).toEqual([undefined, toHex(name({ o: 'Somebody' })), toHex(name({ o: 'Somebody' }))]);
    expect(codeOf(() => parseCrl(make(curve, { revoked, defects: ['not-indirect'] })))).toBe('CRL_MALFORMED');
  });

  it('delta and segments are recognised', () => {
    expect(parseCrl(make(curve, { baseNumber: 5 }))).toMatchObject({ baseNumber: 5n, number: 7n });
    expect(parseCrl(make(curve, { segment: { index: 2, of: 3 } })).segment).toEqual({ index: 2, of: 3 });
    expect(codeOf(() => parseCrl(make(curve, { segment: { index: 4, of: 3 } })))).toBe('CRL_MALFORMED');
    expect(codeOf(() => parseCrl(make(curve, { segment: { index: 1, of: 3 }, defects: ['one-segment-number'] })))).toBe('CRL_MALFORMED');
    const segments = [1, 2].map((index) => make(curve, { segment: { index, of: 2 } }));
    expect(splitCrls(segmentedCrlList(segments)).map(toHex)).toEqual(segments.map(toHex));
    expect(splitCrls(segments[0]!).map(toHex)).toEqual([toHex(segments[0]!)]);
  });

  it('without entries is a list all the same', () => expect(parseCrl(make(curve, { revoked: [] })).entries).toEqual([]));

  it('spoiled in any way: read or refused with its own error', () => {
    const corpus = [make(curve), make(curve, { revoked: [entry('01', { issuer: [['O', 'x']] })] }), make(curve, { segment: { index: 1, of: 2 }, baseNumber: 3 }), segmentedCrlList([make(curve)])];
    const next = random(20_260_601);
    let refused = 0;
    for (let i = 0; i < 6_000; i++) {
      const octets = spoil(corpus, next);
      try {
        for (const der of splitCrls(octets)) parseCrl(der);
      } catch (error) {
        if (!(error instanceof RspError)) throw new Error(`case ${i}: ${toHex(octets)}`, { cause: error });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(3_000);
  });
});

describe('a very long list', () => {
  it('has all of its entries', () => {
    const revoked = Array.from({ length: 100_000 }, (_, i) => entry((i + 0x400000).toString(16).padStart(8, '0'), { reason: i % 6 }));
    const list = parseCrl(make('P-256', { revoked }));
    expect(list.entries).toHaveLength(100_000);
    expect(list.entries.at(-1)).toEqual({ serial: serialText((0x400000 + 99_999).toString(16).padStart(8, '0')), at: NOW.getTime(), reason: 99_999 % 6 });
    expect(crlSignedBy(list, 'P-256', pkis['P-256'].ci.publicPoint)).toBe(true);
  });
});

describe('serial numbers', () => {
  it.each([['01', '01'], ['0001', '01'], ['00ff', '00FF'], ['0000ff', '00FF'], ['ff', 'FF'], ['ffff', 'FF'], ['ff7f', 'FF7F'], ['00', '00'], ['0000', '00'], ['7fffffffffffffffffffffffffffffffffffffff', '7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF']])(
    '%s is %s: one number, one text, and -1 is not 255', (given, text) => {
      expect(serialText(given)).toBe(text);
      expect(serialText(fromHex(given))).toBe(text);
    });
});

describe('names of issuers', () => {
  const key = fromHex('0102');
  it('compare without case and blanks, below one CI', () => {
    expect(toHex(namedIssuer(key, name({ o: 'Some  EUM ', cn: 'x' })))).toBe(toHex(namedIssuer(key, name({ o: 'some eum', cn: 'X' }))));
    expect(toHex(namedIssuer(key, name({ o: 'Some EUM' })))).not.toBe(toHex(namedIssuer(key, name({ o: 'Other EUM' }))));
    expect(toHex(namedIssuer(key, name({ o: 'Some EUM' })))).not.toBe(toHex(namedIssuer(fromHex('0103'), name({ o: 'Some EUM' }))));
  });
  it('reasons have words; on hold is for good', () => {
    expect(reasonText(undefined)).toBe('no reason given');
    expect(reasonText(1)).toBe('key compromised');
    expect(reasonText(6)).toContain('for good');
    expect(reasonText(77)).toBe('reason 77');
  });
});

describe.each(CURVES)('a chain under a list, %s', (curve) => {
  const pki = pkis[curve];
  const issued = issueEuicc(pki, '89049032000000000000000000000177', NOW, { random: seededRandom('euicc') });
  const ci: CiAnchor = { keyId: labIssuer(pki, 'ci').keyId, curve, publicPoint: pki.ci.publicPoint };
  const eumKeyId = labIssuer(pki, 'eum').keyId;
  const serial = (der: Uint8Array): string => serialText(parseCertificate(der).serialHex);
  const lookup = (issuer: Uint8Array, serials: readonly string[], missing?: string): RevocationLookup => ({
    isRevoked: (keyId, hex) => (toHex(keyId) === toHex(issuer) && serials.includes(serialText(hex)) ? { at: NOW.getTime(), reason: 1 } : undefined),
    ...(missing === undefined ? {} : { missing: () => missing }),
  });
  const check = (revoked?: RevocationLookup, at = NOW) => checkEuiccChain({ euicc: issued.certificate, eum: pki.eum.certificate, ci, at, ...(revoked ? { revoked } : {}) });

  it('nothing revoked: accepted, also with the serial number of another issuer', () => {
    expect(check()).toMatchObject({ ok: true });
    expect(check(lookup(ci.keyId, ['0102']))).toMatchObject({ ok: true });
    expect(check(lookup(eumKeyId, [serial(pki.eum.certificate)]))).toMatchObject({ ok: true });
    expect(check(lookup(ci.keyId, [serial(issued.certificate)]))).toMatchObject({ ok: true });
  });
  it('EUM revoked: 8.1.2/6.1, also when it was accepted before, and before "expired"', () => {
    const revoked = lookup(ci.keyId, [serial(pki.eum.certificate)]);
    expect(check()).toMatchObject({ ok: true });
    expect(check(revoked)).toMatchObject({ ok: false, subject: '8.1.2', reason: '6.1', why: 'the EUM certificate was revoked on 2026-06-01 (key compromised)' });
    expect(check(revoked, new Date('2090-01-01'))).toMatchObject({ ok: false, subject: '8.1.2', reason: '6.1' });
    expect(check(undefined, new Date('2090-01-01'))).toMatchObject({ ok: false, subject: '8.1.2', reason: '6.3' });
  });
  it('eUICC revoked by its EUM, or by the CI under the name of the EUM: 8.1.3/6.1', () => {
    const why = 'the eUICC certificate was revoked on 2026-06-01 (key compromised)';
    expect(check(lookup(eumKeyId, [serial(issued.certificate)]))).toMatchObject({ ok: false, subject: '8.1.3', reason: '6.1', why });
    const named = namedIssuer(ci.keyId, parseCertificate(issued.certificate).issuer.raw);
    expect(check(lookup(named, [serial(issued.certificate)]))).toMatchObject({ ok: false, subject: '8.1.3', reason: '6.1', why });
    expect(revocationOfCertificate(lookup(named, [serial(issued.certificate)]), parseCertificate(issued.certificate), ci.keyId, ci.keyId)).toBeUndefined();
  });
  it('a list that is required and missing: 8.1.2/6.1 with what is missing', () => {
    expect(check(lookup(ci.keyId, [], 'no list'))).toMatchObject({ ok: false, subject: '8.1.2', reason: '6.1', why: 'no list' });
  });
});
