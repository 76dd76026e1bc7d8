import { describe, expect, it } from 'vitest';
import { checkEuiccChain, checkIdentity, checkServerCertificate, ciAnchor, publicPoint } from '../../../src/main/rsp/index.ts';
import type { CiAnchor, Curve } from '../../../src/main/rsp/index.ts';
import { DURING, EID, keyId, makeCertificate, NOT_AFTER, NOT_BEFORE, recipes, SMDP_OID, testScalar } from './support/make-certificate.ts';
import type { Recipe } from './support/make-certificate.ts';
import { describeVectors, vector } from './support/vectors.ts';

const CURVES: Curve[] = ['P-256', 'brainpoolP256r1'];
const past = { notBefore: new Date('2014-01-01T00:00:00Z'), notAfter: new Date('2015-01-01T00:00:00Z') };
const future = { notBefore: new Date('2044-01-01T00:00:00Z') };
const selfSigned = (octet: number): Partial<Recipe> => ({ issuerScalar: testScalar(octet), aki: null });

interface Row {
  what: string;
  eum?: Partial<Recipe>;
  euicc?: Partial<Recipe>;
  /** Status code, or undefined where the chain is good. */
  expected?: string;
}

const TABLE: Row[] = [
  { what: 'a good chain' },
  { what: 'a CI that was reissued under another name', eum: { issuer: { cn: 'THE SAME CI BY KEY' } } },
  { what: 'an eUICC serial number of nine octets and a year far away', euicc: { serial: Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 1), notAfter: new Date(Date.UTC(7496, 0, 1)) } },
  { what: 'an EUM with several permitted pairs', eum: { permitted: [{ o: 'OTHER', serialNumber: '89033023' }, { o: 'UNIT TEST EUM', serialNumber: '89049032' }] } },
  { what: 'an EUM without CI in the name constraint\'s organization', eum: { permitted: [{ serialNumber: '89049032' }] } },

  { what: 'EUM of an unknown CI', eum: { aki: keyId('P-256', testScalar(0x77)) }, expected: '8.11.1/3.9' },
  { what: 'EUM of an unknown CI with a wrong role as well', eum: { aki: keyId('P-256', testScalar(0x77)), policies: ['2.23.146.1.2.1.4'] }, expected: '8.11.1/3.9' },
  { what: 'EUM self-signed without authority key', eum: selfSigned(0x22), expected: '8.1.2/6.1' },
  { what: 'EUM without authority key', eum: { aki: null }, expected: '8.1.2/6.1' },
  { what: 'EUM with a spoiled signature', eum: { badSignature: true }, expected: '8.1.2/6.1' },
  { what: 'EUM signed by a stranger who names the CI', eum: { issuerScalar: testScalar(0x78), aki: undefined }, expected: 'aki' },
  { what: 'EUM expired', eum: past, expected: '8.1.2/6.3' },
  { what: 'EUM not valid yet', eum: future, expected: '8.1.2/6.3' },
  { what: 'EUM expired and with the role of DPauth', eum: { ...past, policies: ['2.23.146.1.2.1.4'] }, expected: '8.1.2/6.3' },
  { what: 'EUM expired with a spoiled signature', eum: { ...past, badSignature: true }, expected: '8.1.2/6.1' },
  { what: 'EUM with the role of DPauth', eum: { policies: ['2.23.146.1.2.1.4'] }, expected: '8.1.2/6.1' },
  { what: 'EUM without a role', eum: { policies: undefined }, expected: '8.1.2/6.1' },
  { what: 'EUM that may not sign certificates', eum: { keyUsage: [0] }, expected: '8.1.2/6.1' },
  { what: 'EUM that is no CA', eum: { basicConstraints: { ca: false } }, expected: '8.1.2/6.1' },
  { what: 'EUM without basic constraints', eum: { basicConstraints: undefined }, expected: '8.1.2/6.1' },
  { what: 'EUM with a path length of 1', eum: { basicConstraints: { ca: true, pathLength: 1 } }, expected: '8.1.2/6.1' },
  { what: 'EUM without subject key identifier', eum: { ski: null }, expected: '8.1.2/6.1' },
  { what: 'EUM without name constraints', eum: { permitted: undefined }, expected: '8.1.2/6.1' },
  { what: 'EUM with an unknown critical extension', eum: { extra: [{ oid: '1.2.3', critical: true, value: Uint8Array.of(5, 0) }] }, expected: '8.1.2/6.1' },

  { what: 'eUICC of another EUM', euicc: { issuerScalar: testScalar(0x23) }, expected: '8.1.3/6.1' },
  { what: 'eUICC self-signed without authority key', euicc: selfSigned(0x33), expected: '8.1.3/6.1' },
  { what: 'eUICC signed by another key that names the EUM', euicc: { issuerScalar: testScalar(0x23), aki: keyId('P-256', testScalar(0x22)) }, expected: '8.1.3/6.1' },
  { what: 'eUICC with a spoiled signature', euicc: { badSignature: true }, expected: '8.1.3/6.1' },
  { what: 'eUICC expired', euicc: past, expected: '8.1.3/6.3' },
  { what: 'eUICC not valid yet', euicc: future, expected: '8.1.3/6.3' },
  { what: 'eUICC expired and with a foreign EID', euicc: { ...past, subject: { o: 'UNIT TEST EUM', serialNumber: '89049033000000000000000000000171' } }, expected: '8.1.3/6.3' },
  { what: 'eUICC with the role of EUM', euicc: { policies: ['2.23.146.1.2.1.2'] }, expected: '8.1.3/6.1' },
  { what: 'eUICC that may not sign data', euicc: { keyUsage: [5] }, expected: '8.1.3/6.1' },
  { what: 'eUICC that claims to be a CA', euicc: { basicConstraints: { ca: true } }, expected: '8.1.3/6.1' },
  { what: 'eUICC with an EID outside the IIN', euicc: { subject: { o: 'UNIT TEST EUM', serialNumber: '89049033000000000000000000000171' } }, expected: '8.1.3/6.1' },
  { what: 'eUICC of another organization', euicc: { subject: { o: 'SOMEBODY ELSE', serialNumber: EID } }, expected: '8.1.3/6.1' },
  { what: 'eUICC without EID', euicc: { subject: { o: 'UNIT TEST EUM' } }, expected: '8.1.3/6.1' },
  { what: 'eUICC with an EID of 31 digits', euicc: { subject: { o: 'UNIT TEST EUM', serialNumber: EID.slice(1) } }, expected: '8.1.3/6.1' },
  { what: 'a bad EUM is reported before a bad eUICC', eum: past, euicc: { badSignature: true }, expected: '8.1.2/6.3' },
];

describe.each(CURVES)('eUICC chains on %s', (curve) => {
  const all = recipes(curve);
  const ci: CiAnchor = { keyId: keyId(curve, all.ci.scalar), curve, publicPoint: publicPoint(curve, all.ci.scalar) };
  // Key identifiers written for P-256 in the table mean the same key on this curve.
  const onCurve = (part: Partial<Recipe> | undefined): Partial<Recipe> => {
    if (!part?.aki) return part ?? {};
    for (const octet of [0x77, 0x22]) if (Buffer.compare(part.aki, keyId('P-256', testScalar(octet))) === 0) return { ...part, aki: keyId(curve, testScalar(octet)) };
    return part;
  };

  it.each(TABLE)('$what: $expected', ({ eum, euicc, expected }) => {
    const strangersEum = expected === 'aki' ? { ...eum, aki: ci.keyId } : onCurve(eum);
    const result = checkEuiccChain({
      eum: makeCertificate({ ...all.eum, ...strangersEum }), euicc: makeCertificate({ ...all.euicc, ...onCurve(euicc) }), ci, at: DURING,
    });
    if (expected === undefined) expect(result).toMatchObject({ ok: true, eid: EID });
    else {
      expect(result).toMatchObject({ ok: false });
      if (!result.ok) {
        expect(`${result.subject}/${result.reason}`).toBe(expected === 'aki' ? '8.1.2/6.1' : expected);
        expect(result.why.length).toBeGreaterThan(20);
      }
    }
  });

  it('an eUICC key on the other curve than its EUM\'s: 8.1.3/6.1', () => {
    const other = CURVES.find((one) => one !== curve)!;
    const euicc = makeCertificate({ ...all.euicc, curve: other });
    expect(checkEuiccChain({ eum: makeCertificate(all.eum), euicc, ci, at: DURING })).toMatchObject({ ok: false, subject: '8.1.3', reason: '6.1' });
  });

  it('the first and last second of validity count', () => {
    const chain = { eum: makeCertificate(all.eum), euicc: makeCertificate(all.euicc), ci };
    const codes = [NOT_BEFORE, NOT_AFTER, new Date(NOT_BEFORE.getTime() - 1), new Date(NOT_AFTER.getTime() + 1000)].map((at) => checkEuiccChain({ ...chain, at }).ok);
    expect(codes).toEqual([true, true, false, false]);
  });

  it('an EUM certificate seen before is judged by its time and its CI again', () => {
    const eum = makeCertificate(all.eum);
    const euicc = makeCertificate(all.euicc);
    const judge = (at: Date, anchor: CiAnchor = ci): string => {
      const result = checkEuiccChain({ euicc, eum, ci: anchor, at });
      return result.ok ? 'good' : `${result.subject}/${result.reason}`;
    };
    const stranger: CiAnchor = { keyId: ci.keyId, curve, publicPoint: publicPoint(curve, testScalar(0x79)) };
    const other: CiAnchor = { keyId: keyId(curve, testScalar(0x79)), curve, publicPoint: ci.publicPoint };
    for (let round = 0; round < 2; round++) {
      expect(judge(DURING)).toBe('good');
      expect(judge(new Date(NOT_AFTER.getTime() + 1000))).toBe('8.1.2/6.3');
      expect(judge(new Date(NOT_BEFORE.getTime() - 1000))).toBe('8.1.2/6.3');
      expect(judge(DURING, stranger)).toBe('8.1.2/6.1');
      expect(judge(DURING, other)).toBe('8.11.1/3.9');
    }
  });

  it('certificates that are not even DER are refused by code', () => {
    const eum = makeCertificate(all.eum);
    const euicc = makeCertificate(all.euicc);
    const garbage = Uint8Array.of(0x30, 0x03, 1, 2, 3);
    expect(checkEuiccChain({ eum: garbage, euicc, ci, at: DURING })).toMatchObject({ ok: false, subject: '8.1.2', reason: '6.1' });
    expect(checkEuiccChain({ eum, euicc: garbage, ci, at: DURING })).toMatchObject({ ok: false, subject: '8.1.3', reason: '6.1' });
  });

  it('the stored key decides, not the certificate of the CI', () => {
    const other: CiAnchor = { ...ci, publicPoint: publicPoint(curve, testScalar(0x12)) };
    expect(checkEuiccChain({ eum: makeCertificate(all.eum), euicc: makeCertificate(all.euicc), ci: other, at: DURING }))
      .toMatchObject({ ok: false, subject: '8.1.2', reason: '6.1' });
  });

  it.each<[string, Partial<Recipe>, string | undefined]>([
    ['good', {}, undefined],
    ['another CI', { issuerScalar: testScalar(0x12) }, 'unknown-ci'],
    ['spoiled', { badSignature: true }, 'signature'],
    ['expired', past, 'expired'],
    ['wrong role', { policies: ['2.23.146.1.2.1.5'] }, 'role'],
    ['no signing', { keyUsage: [5] }, 'contents'],
    ['no object identifier', { registeredId: undefined }, 'contents'],
  ])('DPauth certificate: %s', (_, change, problem) => {
    const result = checkServerCertificate({ certificate: makeCertificate({ ...all.dpauth, ...change }), role: 'dpauth', ci, at: DURING });
    if (problem === undefined) expect(result).toMatchObject({ ok: true, oid: SMDP_OID });
    else expect(result).toMatchObject({ ok: false, problem });
  });

  it('an identity names every problem it has', () => {
    const der = { ci: makeCertificate(all.ci), dpauth: makeCertificate(all.dpauth), dppb: makeCertificate(all.dppb), tls: makeCertificate(all.tls) };
    const keys = { dpauth: publicPoint(curve, all.dpauth.scalar), dppb: publicPoint(curve, all.dppb.scalar), tls: publicPoint(curve, all.tls.scalar) };
    expect(checkIdentity({ ...der, keys, at: DURING })).toMatchObject({ ok: true, oid: SMDP_OID, curve, findings: [] });
    const bad = checkIdentity({
      ci: der.ci, dpauth: der.dpauth, dppb: makeCertificate({ ...all.dppb, registeredId: '2.999.78' }),
      tls: makeCertificate({ ...all.tls, dnsNames: [] }), keys: { ...keys, dpauth: keys.dppb }, at: DURING,
    });
    expect(bad.ok).toBe(false);
    expect(bad.findings.map((finding) => `${finding.where} ${finding.problem}`)).toEqual(['dpauth key-mismatch', 'dppb oid-mismatch', 'tls contents']);
    expect(checkIdentity({ ...der, at: new Date('2050-01-01') }).findings.map((finding) => finding.problem)).toEqual(Array(4).fill('expired'));
  });

  it.each<[string, Partial<Recipe>, string]>([
    ['not self-signed', { issuerScalar: testScalar(0x12) }, 'signature'],
    ['wrong role', { policies: ['2.23.146.1.2.1.2'] }, 'role'],
    ['no CA', { basicConstraints: undefined }, 'contents'],
    ['no key identifier', { ski: null }, 'contents'],
  ])('a CI certificate: %s', (_, change, problem) => {
    expect(ciAnchor(makeCertificate({ ...all.ci, ...change }))).toMatchObject({ problem });
  });
});

describeVectors('SGP.26 chain', () => {
  it('is good, under both issues of the CI', () => {
    for (const file of ['sgp26/ci.der', 'sgp26/ci-2017.der']) {
      const ci = ciAnchor(vector(file)) as CiAnchor;
      const at = new Date('2026-11-22T00:00:00Z');
      expect(checkEuiccChain({ eum: vector('sgp26/eum.der'), euicc: vector('sgp26/euicc.der'), ci, at }))
        .toMatchObject({ ok: true, eid: '89049032123451234512345678901235' });
      expect(checkIdentity({ ci: vector(file), dpauth: vector('sgp26/dpauth.der'), dppb: vector('sgp26/dppb.der'), at })).toMatchObject({ ok: true, oid: '2.999.10' });
    }
  });
});
