import { describe, expect, it } from 'vitest';
import { parseCertificate, readPrivateKey, role, verifySignedBy } from '../../../src/main/rsp/index.ts';
import type { Curve } from '../../../src/main/rsp/index.ts';
import { children, concat, fromHex, readOne, tlv, toHex } from '../../../src/shared/tlv/index.ts';
import { importPrivateKey, publicPoint } from '../../../src/main/rsp/curves.ts';
import { EID, IIN, makeCertificate, recipes, SMDP_OID, testScalar } from './support/make-certificate.ts';
import { describeVectors, vector } from './support/vectors.ts';

const CURVES: Curve[] = ['P-256', 'brainpoolP256r1'];

describe.each(CURVES)('certificates on %s', (curve) => {
  const all = recipes(curve);

  it('reads every field of an EUM certificate', () => {
    const eum = parseCertificate(makeCertificate({ ...all.eum, crl: ['http://ci.example/A.crl', 'http://ci.example/B.crl'] }));
    expect(eum.curve).toBe(curve);
    expect(toHex(eum.publicPoint)).toBe(toHex(publicPoint(curve, all.eum.scalar)));
    expect(eum.subject).toMatchObject({ organization: 'UNIT TEST EUM', commonName: 'EUM' });
    expect(eum.issuer).toMatchObject({ commonName: 'UNIT TEST CI' });
    expect(eum.basicConstraints).toEqual({ ca: true, pathLength: 0 });
    expect(eum.keyUsage).toEqual(['keyCertSign']);
    expect(eum.permittedEids).toEqual([{ organization: 'UNIT TEST EUM', eidPrefix: IIN }]);
    expect(eum.registeredIds).toEqual(['2.999.5']);
    expect(eum.crlDistributionPoints).toEqual(['http://ci.example/A.crl', 'http://ci.example/B.crl']);
    expect(role(eum)).toBe('eum');
    expect(eum.unknownCritical).toEqual([]);
  });

  it('reads host names and object identifiers of a TLS certificate and the EID of an eUICC', () => {
    const tls = parseCertificate(makeCertificate(all.tls));
    expect([role(tls), tls.dnsNames, tls.registeredIds]).toEqual(['dptls', ['smdp.unit.test'], [SMDP_OID]]);
    const euicc = parseCertificate(makeCertificate(all.euicc));
    expect([role(euicc), euicc.subject.serialNumber]).toEqual(['euicc', EID]);
    expect(euicc.basicConstraints).toBeUndefined();
  });

  it('reads a long serial number and the year 7496', () => {
    const euicc = parseCertificate(makeCertificate({
      ...all.euicc, serial: fromHex('020000000000000001'), notAfter: new Date(Date.UTC(7496, 0, 24, 15, 51, 36)),
    }));
    expect(euicc.serialHex).toBe('020000000000000001');
    expect(euicc.notAfter.getUTCFullYear()).toBe(7496);
  });

  it('verifies with the issuer\'s key and with no other', () => {
    const eum = parseCertificate(makeCertificate(all.eum));
    expect(verifySignedBy(eum, curve, publicPoint(curve, all.ci.scalar))).toBe(true);
    expect(verifySignedBy(eum, curve, publicPoint(curve, testScalar(0x12)))).toBe(false);
    expect(verifySignedBy(parseCertificate(makeCertificate({ ...all.eum, badSignature: true })), curve, publicPoint(curve, all.ci.scalar))).toBe(false);
  });

  it('names critical extensions it does not know', () => {
    const extra = [{ oid: '1.2.3.4', critical: true, value: Uint8Array.of(5, 0) }, { oid: '1.2.3.5', critical: false, value: Uint8Array.of(5, 0) }];
    expect(parseCertificate(makeCertificate({ ...all.dppb, extra })).unknownCritical).toEqual(['1.2.3.4']);
  });

  it('reads the newer EUM form: own policy and permitted EIDs in an own extension', () => {
    const value = tlv(0x30, tlv(0x13, new TextEncoder().encode('89049032')));
    const eum = parseCertificate(makeCertificate({
      ...all.eum, permitted: undefined, policies: ['2.23.146.1.2.1.0.0.0'], extra: [{ oid: '2.23.146.1.2.2.0', critical: false, value }],
    }));
    expect([role(eum), eum.permittedEids]).toEqual(['eum', [{ eidPrefix: '89049032' }]]);
  });

  it('two roles are no role', () => {
    expect(role(parseCertificate(makeCertificate({ ...all.dppb, policies: ['2.23.146.1.2.1.4', '2.23.146.1.2.1.5'] })))).toBeUndefined();
  });

  it('reads its private key from PEM and DER, SEC1 and PKCS#8', () => {
    const object = importPrivateKey(curve, testScalar(0x55));
    for (const type of ['sec1', 'pkcs8'] as const) {
      const pem = object.export({ format: 'pem', type });
      const der = object.export({ format: 'der', type });
      for (const octets of [Buffer.from(pem), new Uint8Array(der)]) {
        const key = readPrivateKey(octets);
        expect([key.curve, toHex(key.scalar), toHex(key.publicPoint)]).toEqual([curve, '55'.repeat(32), toHex(publicPoint(curve, testScalar(0x55)))]);
      }
    }
  });
});

describe('unreadable input', () => {
  it('a certificate with another kind of key is unsupported, garbage is malformed', () => {
    const good = makeCertificate(recipes('P-256').euicc);
    const text = toHex(good);
    const secp256k1 = fromHex(text.replaceAll('06082a8648ce3d030107', '06082a8648ce3d030108'));
    expect(() => parseCertificate(secp256k1)).toThrow(expect.objectContaining({ code: 'CERTIFICATE_UNSUPPORTED' }));
    const malformed = expect.objectContaining({ code: 'CERTIFICATE_MALFORMED' });
    for (const bad of [new Uint8Array(), good.subarray(1), good.subarray(0, good.length - 1), Uint8Array.of(0x30, 0)]) {
      expect(() => parseCertificate(bad)).toThrow(malformed);
    }
    const offCurve = fromHex(text.replace(/(03420004.{126})../, '$1ee'));
    expect(() => parseCertificate(offCurve)).toThrow(malformed);
  });

  it('what the signature does not cover has one form only', () => {
    const good = makeCertificate(recipes('P-256').euicc);
    const { curve, publicPoint: point } = parseCertificate(makeCertificate(recipes('P-256').eum));
    const [tbs, algorithm, signature] = children(readOne(good)).map((node) => node.raw);
    const malformed = expect.objectContaining({ code: 'CERTIFICATE_MALFORMED' });
    expect(verifySignedBy(parseCertificate(tlv(0x30, tbs!, algorithm!, signature!)), curve, point)).toBe(true);
    expect(() => parseCertificate(tlv(0x30, tbs!, algorithm!, signature!, signature!))).toThrow(malformed);
    expect(() => parseCertificate(concat(fromHex('308300'), good.subarray(2)))).toThrow(malformed);
    const [r, s] = children(readOne(readOne(signature!).value.subarray(1))).map((node) => node.value);
    const withNumbers = (...numbers: Uint8Array[]): Uint8Array => tlv(0x30, tbs!, algorithm!, tlv(0x03, Uint8Array.of(0), tlv(0x30, ...numbers)));
    const number = (value: Uint8Array): Uint8Array => tlv(0x02, value);
    expect(verifySignedBy(parseCertificate(withNumbers(number(r!), number(s!))), curve, point)).toBe(true);
    for (const numbers of [[number(concat(Uint8Array.of(0, 0), r!)), number(s!)], [number(r!), number(s!), number(s!)], [number(new Uint8Array()), number(s!)], [number(Uint8Array.of(0xff)), number(s!)]]) {
      expect(verifySignedBy(parseCertificate(withNumbers(...numbers)), curve, point)).toBe(false);
    }
  });

  it('refuses a signature number with a zero octet it does not need', () => {
    const issuer = publicPoint('P-256', testScalar(0x22));
    for (let serial = 1; serial < 200; serial++) {
      const good = makeCertificate({ ...recipes('P-256').euicc, serial: Uint8Array.of(serial & 0x7f, serial) });
      const [tbs, algorithm, signature] = children(readOne(good)).map((node) => node.raw);
      const [r, s] = children(readOne(readOne(signature!).value.subarray(1))).map((node) => node.value);
      if (r!.length !== 32) continue;
      const longer = tlv(0x30, tlv(0x02, concat(Uint8Array.of(0), r!)), tlv(0x02, s!));
      expect(verifySignedBy(parseCertificate(good), 'P-256', issuer)).toBe(true);
      expect(verifySignedBy(parseCertificate(tlv(0x30, tbs!, algorithm!, tlv(0x03, Uint8Array.of(0), longer))), 'P-256', issuer)).toBe(false);
      return;
    }
    throw new Error('no signature with a short r');
  });

  it('an extension that stands twice, and an algorithm that differs from the signed one, are refused', () => {
    const value = Uint8Array.of(5, 0);
    const twice = makeCertificate({ ...recipes('P-256').euicc, extra: [{ oid: '1.2.3', critical: false, value }, { oid: '1.2.3', critical: false, value }] });
    expect(() => parseCertificate(twice)).toThrow(expect.objectContaining({ code: 'CERTIFICATE_MALFORMED' }));
    const [tbs, algorithm, signature] = children(readOne(makeCertificate(recipes('P-256').euicc)));
    const other = tlv(0x30, tbs!.raw, tlv(0x30, algorithm!.value, value), signature!.raw);
    expect(verifySignedBy(parseCertificate(other), 'P-256', publicPoint('P-256', testScalar(0x22)))).toBe(false);
  });

  it('a private key that is none says so', () => {
    const unreadable = expect.objectContaining({ code: 'PRIVATE_KEY_UNREADABLE' });
    for (const text of ['', 'hello', '-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n']) {
      expect(() => readPrivateKey(Buffer.from(text))).toThrow(unreadable);
    }
    expect(() => readPrivateKey(Uint8Array.of(0x30, 0x00))).toThrow(unreadable);
  });
});

describeVectors('SGP.26 certificates', () => {
  it('reads all of them, each with its role, signed by the key of CI or EUM', () => {
    const roles = { 'ci.der': 'ci', 'ci-2017.der': 'ci', 'eum.der': 'eum', 'euicc.der': 'euicc', 'dpauth.der': 'dpauth', 'dppb.der': 'dppb' };
    const ci = parseCertificate(vector('sgp26/ci.der'));
    const eum = parseCertificate(vector('sgp26/eum.der'));
    expect(toHex(ci.subjectKeyId!)).toBe('f54172bdf98a95d65cbeb88a38a1c11d800a85c3');
    for (const [file, expected] of Object.entries(roles)) {
      const certificate = parseCertificate(vector(`sgp26/${file}`));
      expect([file, role(certificate)]).toEqual([file, expected]);
      const issuer = file === 'euicc.der' ? eum : ci;
      expect([file, verifySignedBy(certificate, issuer.curve, issuer.publicPoint)]).toEqual([file, true]);
    }
    expect(parseCertificate(vector('sgp26/dppb.der')).registeredIds).toEqual(['2.999.10']);
    expect(eum.permittedEids).toEqual([{ organization: 'RSP Test EUM', eidPrefix: '89049032' }]);
  });
});
