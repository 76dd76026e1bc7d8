import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkEuiccChain, checkIdentity, parseCertificate, readPrivateKey, role } from '../../../src/main/rsp/index.ts';
import { ciKeyId, createLabPki, issueEuicc, keyIdentifier, makeEid, reissueTls, tlsAnchor } from '../../../src/main/lab/pki/index.ts';
import type { CertificateDefect, IssuedKey, LabPki } from '../../../src/main/lab/pki/index.ts';
import { oid, time } from '../../../src/main/lab/pki/der.ts';
import { labPki, NOW, seeded, SMDP_OID } from './support.ts';

const EID = makeEid('89049032', 42);
const anchor = (pki: LabPki) => ({ keyId: ciKeyId(pki), curve: pki.curve, publicPoint: pki.ci.publicPoint });
const chain = (pki: LabPki, euicc: Uint8Array, eum = pki.eum.certificate) => {
  const result = checkEuiccChain({ euicc, eum, ci: anchor(pki), at: NOW });
  return result.ok ? result.eid : `${result.subject}/${result.reason}`;
};

describe.each(['P-256', 'brainpoolP256r1'] as const)('lab PKI on %s', (curve) => {
  const pki = labPki(curve);

  it('gives every certificate its role, key identifiers and object identifier', () => {
    for (const name of ['ci', 'eum', 'dpauth', 'dppb', 'dptls'] as const) {
      const certificate = parseCertificate(pki[name].certificate);
      expect(role(certificate)).toBe(name);
      expect(Buffer.from(certificate.subjectKeyId!)).toEqual(Buffer.from(keyIdentifier(pki[name].publicPoint)));
      const issuer = name === 'dptls' ? tlsAnchor(pki) : pki.ci;
      if (name !== 'ci') expect(Buffer.from(certificate.authorityKeyId!)).toEqual(Buffer.from(keyIdentifier(issuer.publicPoint)));
      if (name.startsWith('dp')) expect(certificate.registeredIds).toEqual([SMDP_OID]);
      if (name !== 'dptls') expect(certificate.subject.commonName).toMatch(/Lab .* – not for production$/);
      expect(certificate.crlDistributionPoints.length).toBeGreaterThan(0);
      expect(certificate.unknownCritical).toEqual([]);
    }
  });

  it('is a complete identity for the SM-DP+', () => {
    const { ci, dpauth, dppb, dptls } = pki;
    const point = (key: IssuedKey): Uint8Array => readPrivateKey(key.privateKeyPkcs8).publicPoint;
    const identity = checkIdentity({
      ci: ci.certificate, dpauth: dpauth.certificate, dppb: dppb.certificate, at: NOW,
      keys: { dpauth: point(dpauth), dppb: point(dppb), tls: point(dptls) }, ...(curve === 'P-256' ? { tls: dptls.certificate } : {}),
    });
    expect(identity.findings).toEqual([]);
    expect(identity).toMatchObject({ ok: true, oid: SMDP_OID, curve });
  });

  it('has a TLS certificate for the names asked for, on P-256, within 397 days', () => {
    const own = new X509Certificate(pki.dptls.certificate);
    expect(own.checkHost('smdp.example')).toBe('smdp.example');
    expect(own.checkIP('127.0.0.1')).toBe('127.0.0.1');
    const parsed = parseCertificate(pki.dptls.certificate);
    expect(parsed.curve).toBe('P-256');
    expect(parsed.notAfter.getTime() - parsed.notBefore.getTime()).toBeLessThanOrEqual(397 * 86_400_000);
    expect([...parsed.extendedKeyUsage].sort()).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    expect(own.verify(new X509Certificate(tlsAnchor(pki).certificate).publicKey)).toBe(true);
    expect(tlsAnchor(pki).curve).toBe('P-256');
    expect(tlsAnchor(pki) === pki.ci).toBe(curve === 'P-256');
  });

  it('issues eUICCs whose chain holds', () => {
    expect(chain(pki, issueEuicc(pki, EID, NOW, { random: seeded('e') }).certificate)).toBe(EID);
  });

  it('issues an eUICC certificate valid to the year 7496', () => {
    const euicc = issueEuicc(pki, EID, NOW, { random: seeded('e'), notAfter: new Date('7496-01-24T00:00:00Z') });
    expect(parseCertificate(euicc.certificate).notAfter.getUTCFullYear()).toBe(7496);
    expect(chain(pki, euicc.certificate)).toBe(EID);
  });

  it.each<[CertificateDefect, string]>([
    ['expired', '8.1.3/6.3'], ['not-yet-valid', '8.1.3/6.3'], ['wrong-role', '8.1.3/6.1'], ['no-policies', '8.1.3/6.1'],
    ['no-authority-key-id', '8.1.3/6.1'], ['unknown-authority-key-id', '8.1.3/6.1'], ['self-signed', '8.1.3/6.1'], ['bad-signature', '8.1.3/6.1'],
    ['no-key-usage', '8.1.3/6.1'], ['wrong-key-usage', '8.1.3/6.1'], ['foreign-organization', '8.1.3/6.1'],
    ['unknown-critical-extension', '8.1.3/6.1'],
  ])('an eUICC certificate made "%s" is refused with %s', (defect, code) => {
    expect(chain(pki, issueEuicc(pki, EID, NOW, { random: seeded('bad'), defects: [defect] }).certificate)).toBe(code);
  });

  it('an EID outside the range of the EUM is refused', () => {
    expect(chain(pki, issueEuicc(pki, makeEid('89033023', 1), NOW, { random: seeded('far') }).certificate)).toBe('8.1.3/6.1');
  });

  it.each<[CertificateDefect, string]>([
    ['expired', '8.1.2/6.3'], ['wrong-role', '8.1.2/6.1'], ['no-authority-key-id', '8.1.2/6.1'], ['unknown-authority-key-id', '8.11.1/3.9'],
    ['self-signed', '8.1.2/6.1'], ['bad-signature', '8.1.2/6.1'], ['not-a-ca', '8.1.2/6.1'], ['wrong-key-usage', '8.1.2/6.1'],
  ])('an EUM certificate made "%s" is refused with %s', (defect, code) => {
    const bad = createLabPki({ curve, oid: SMDP_OID, tlsNames: ['x.example'], now: NOW, random: seeded(`eum ${defect}`), defects: { eum: [defect] } });
    expect(chain(bad, issueEuicc(bad, EID, NOW, { random: seeded('e') }).certificate)).toBe(code);
  });
});

describe('lab PKI, details', () => {
  it('is not shared between workspaces: other randomness, other keys', () => {
    const make = (seed: string): IssuedKey => createLabPki({ curve: 'P-256', oid: SMDP_OID, tlsNames: ['a.example'], now: NOW, random: seeded(seed) }).ci;
    expect(make('one').publicPoint).toEqual(make('one').publicPoint);
    expect(make('one').publicPoint).not.toEqual(make('two').publicPoint);
  });

  it('the CI of another lab PKI can issue the TLS certificate', () => {
    const nist = labPki('P-256');
    const pki = createLabPki({ curve: 'brainpoolP256r1', oid: SMDP_OID, tlsNames: ['a.example'], now: NOW, random: seeded('mixed'), tlsIssuedBy: nist });
    expect(new X509Certificate(pki.dptls.certificate).verify(new X509Certificate(nist.ci.certificate).publicKey)).toBe(true);
  });

  it('gives a TLS certificate a new life, and none from a brainpool CI', () => {
    const renewed = reissueTls(labPki(), ['new.example'], new Date(NOW.getTime() + 400 * 86_400_000), seeded('renew'));
    expect(parseCertificate(renewed.certificate).dnsNames).toEqual(['new.example']);
    const { tlsCi: _none, ...withoutTlsCi } = labPki('brainpoolP256r1');
    expect(() => reissueTls(withoutTlsCi, ['new.example'], NOW, seeded('renew'))).toThrow(RangeError);
  });

  it('writes times and object identifiers as X.509 wants them', () => {
    expect(Buffer.from(time(new Date('2049-12-31T23:59:59Z'))).toString('latin1')).toBe('\x17\x0d491231235959Z');
    expect(Buffer.from(time(new Date('2050-01-01T00:00:00Z'))).toString('latin1')).toBe('\x18\x0f20500101000000Z');
    expect(Buffer.from(oid('2.999.10')).toString('hex')).toBe('060388370a');
    expect(() => oid('3.1')).toThrow(RangeError);
  });

  it('writes IPv6 names', () => {
    const pki = createLabPki({ curve: 'P-256', oid: SMDP_OID, tlsNames: ['::1', 'fe80::1:2'], now: NOW, random: seeded('v6') });
    const certificate = new X509Certificate(pki.dptls.certificate);
    expect(certificate.checkIP('::1')).toBe('::1');
    expect(certificate.checkIP('fe80::1:2')).toBe('fe80::1:2');
  });

  it('makes EIDs with the right check digits', () => {
    for (const serial of [0, 1, 7, 99, 123_456_789, 9_999_999_999_999_999n]) expect(BigInt(makeEid('89049032', serial)) % 97n).toBe(1n);
    expect(makeEid('8904903212345123451234567890', 12)).toBe('89049032123451234512345678901235');
    expect(() => makeEid('8804', 1)).toThrow(RangeError);
    expect(() => makeEid('8904903212345123451234567890', 100)).toThrow(RangeError);
  });
});
