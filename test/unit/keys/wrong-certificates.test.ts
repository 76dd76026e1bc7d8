import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judgeCertificate } from '../../../src/main/engine/keys/rules.ts';
import { checkEuiccChain, publicPoint, serialText } from '../../../src/main/rsp/index.ts';
import type { CiAnchor, Curve, RevocationLookup } from '../../../src/main/rsp/index.ts';
import { makeWorld } from '../downloads/support.ts';
import type { World } from '../downloads/support.ts';
import { DURING, keyId, makeCertificate, recipes } from '../rsp/support/make-certificate.ts';
import type { Recipe } from '../rsp/support/make-certificate.ts';
import { put } from './crl-support.ts';
import { privateKeyOf, regions, wrongCases } from './wrong-certificates.ts';
import type { WrongCase } from './wrong-certificates.ts';

const CURVES: Curve[] = ['P-256', 'brainpoolP256r1'];
const changed = (recipe: Recipe, { change }: WrongCase): Recipe => ({ ...recipe, ...(typeof change === 'function' ? change(recipe) : change) });
const altered = (der: Uint8Array, at: number): Uint8Array => Uint8Array.from(der, (octet, i) => (i === at ? octet ^ 1 : octet));
const revokedSerial: RevocationLookup = { isRevoked: (_issuer, serial) => (serialText(serial) === '77' ? { at: DURING.getTime(), reason: 1 } : undefined) };

describe.each(CURVES)('a chain an eUICC presents, %s', (curve) => {
  const all = recipes(curve);
  const ci: CiAnchor = { keyId: keyId(curve, all.ci.scalar), curve, publicPoint: publicPoint(curve, all.ci.scalar) };
  const judge = (eum: Uint8Array, euicc: Uint8Array, revoked?: RevocationLookup): string => {
    const result = checkEuiccChain({ eum, euicc, ci, at: DURING, ...(revoked ? { revoked } : {}) });
    return result.ok ? 'accepted' : `${result.subject}/${result.reason}`;
  };
  const goodEum = makeCertificate(all.eum);
  const goodEuicc = makeCertificate(all.euicc);

  test.each(wrongCases.filter((one) => one.eum !== undefined).map((one) => [one.what, one.eum!, one] as const))('EUM with %s: %s', (_, expected, one) => {
    const eum = changed(all.eum, one);
    expect(judge(makeCertificate(eum), goodEuicc)).toBe(expected);
  });
  test.each(wrongCases.filter((one) => one.euicc !== undefined).map((one) => [one.what, one.euicc!, one] as const))('eUICC with %s: %s', (_, expected, one) => {
    expect(judge(goodEum, makeCertificate(changed(all.euicc, one)))).toBe(expected);
  });
  test.each(regions)('an octet altered in $region: EUM $eum, eUICC $euicc', ({ at, eum, euicc }) => {
    expect(judge(altered(goodEum, at(goodEum)), goodEuicc)).toBe(eum);
    expect(judge(goodEum, altered(goodEuicc, at(goodEuicc)))).toBe(euicc);
  });
  test('any octet of either altered: never accepted', () => {
    for (let at = 0; at < goodEum.length; at++) expect(judge(altered(goodEum, at), goodEuicc), `EUM octet ${at}`).not.toBe('accepted');
    for (let at = 0; at < goodEuicc.length; at++) expect(judge(goodEum, altered(goodEuicc, at)), `eUICC octet ${at}`).not.toBe('accepted');
  });
  test('revoked: EUM 8.1.2/6.1, eUICC 8.1.3/6.1', () => {
    const serial = Uint8Array.of(0x77);
    expect(judge(makeCertificate({ ...all.eum, serial }), goodEuicc, revokedSerial)).toBe('8.1.2/6.1');
    expect(judge(goodEum, makeCertificate({ ...all.euicc, serial }), revokedSerial)).toBe('8.1.3/6.1');
    // However the number is written: leading zeros do not hide it.
    expect(judge(goodEum, makeCertificate({ ...all.euicc, rawSerial: Uint8Array.of(0, 0, 0x77) }), revokedSerial)).toBe('8.1.3/6.1');
    expect(judge(goodEum, goodEuicc, revokedSerial)).toBe('accepted');
  });
});

describe.each(CURVES)('taking in our own certificates, %s', (curve) => {
  const all = recipes(curve);
  let world: World;
  const named = (role: 'dpauth' | 'dppb' | 'tls' | 'eum'): Recipe => all[role];
  const take = async (role: 'dpauth' | 'dppb' | 'tls' | 'eum', der: Uint8Array, recipe: Recipe): Promise<string> => {
    const reply = await world.engine.call('pki.import', { identity: 'unit', role, certificate: put(world, der), ...(role === 'eum' ? {} : { key: put(world, privateKeyOf(recipe)) }) });
    return reply.ok ? 'accepted' : reply.error.code;
  };
  // Not a Lab: there a plain TLS certificate without a role passes.
  beforeAll(async () => {
    world = await makeWorld({ profiles: 0, identities: {}, environment: 'test' });
    await world.engine.ok('pki.import', { identity: 'unit', role: 'ci', certificate: put(world, makeCertificate(all.ci)) });
  });
  afterAll(() => world.close());

  const rows = wrongCases.flatMap((one) => ([['dpauth', one.own], ['dppb', one.own], ['tls', one.tls], ['eum', one.eumImport]] as const)
    .flatMap(([role, expected]) => (expected === undefined ? [] : [[role, one.what, expected, one] as const])));
  test.each(rows)('%s with %s: %s', async (role, _what, expected, one) => {
    const recipe = changed(named(role), one);
    expect(await take(role, makeCertificate(recipe), recipe)).toBe(expected);
  });
  test.each(regions)('an octet altered in $region: $own', async ({ at, own, tls, eumImport }) => {
    for (const [role, expected] of [['dpauth', own], ['dppb', own], ['tls', tls], ['eum', eumImport]] as const) {
      const der = makeCertificate({ ...named(role), serial: Uint8Array.of(0x12) });
      expect(await take(role, altered(der, at(der)), named(role)), role).toBe(expected);
    }
  });
  test.each(['dpauth', 'dppb', 'tls', 'eum'] as const)('%s revoked: CERTIFICATE_REVOKED', (role) => {
    const der = makeCertificate({ ...named(role), serial: Uint8Array.of(0x77) });
    const ci = { keyId: keyId(curve, all.ci.scalar), curve, publicPoint: publicPoint(curve, all.ci.scalar), test: true };
    const judged = judgeCertificate({ role, der, environment: 'test', at: DURING, ci, otherCis: [ci], revoked: revokedSerial });
    expect(judged).toMatchObject({ ok: false, refusal: { code: 'CERTIFICATE_REVOKED', message: expect.stringMatching(/revoked on 2026-06-01 \(key compromised\)/) as string } });
  });

  test('an RSA key is refused in words that say what to ask for', async () => {
    const one = wrongCases.find((row) => row.what === 'an RSA key')!;
    const refusal = await world.engine.refused('pki.import', { identity: 'unit', role: 'tls', certificate: put(world, makeCertificate(changed(all.tls, one))), key: put(world, privateKeyOf(all.tls)) });
    expect(refusal.message).toBe('This certificate cannot be used: the certificate holds an RSA key. SGP.22 knows ECDSA keys on NIST P-256 and brainpoolP256r1 only, also for TLS: ask your CA for a certificate of such a key.');
  });

  const roots: [string, Partial<Recipe>, string][] = [
    ['nothing wrong', {}, 'accepted'], ['expired', { notBefore: new Date('2014-01-01'), notAfter: new Date('2015-01-01') }, 'CERTIFICATE_DATES'], ['not valid yet', { notBefore: new Date('2044-01-01') }, 'CERTIFICATE_DATES'],
    ['an end before its beginning', { notBefore: new Date('2030-01-01'), notAfter: new Date('2026-01-01') }, 'CERTIFICATE_DATES'], ['signed by another key', { issuerScalar: all.eum.scalar }, 'CERTIFICATE_CHAIN'],
    ['a spoiled signature', { badSignature: true }, 'CERTIFICATE_CHAIN'], ['the role of an EUM', { policies: ['2.23.146.1.2.1.2'] }, 'CERTIFICATE_ROLE'], ['no CA', { basicConstraints: undefined }, 'CERTIFICATE_ROLE'],
    ['no subject key identifier', { ski: null }, 'CERTIFICATE_ROLE'], ['an unknown critical extension', { extra: [{ oid: '1.2.3', critical: true, value: Uint8Array.of(5, 0) }] }, 'CERTIFICATE_ROLE'],
    ['key usage of data', { keyUsage: [0] }, 'CERTIFICATE_ROLE'], ['a serial number of zero', { rawSerial: Uint8Array.of(0) }, 'accepted'], ['revoked', { serial: Uint8Array.of(0x77) }, 'CERTIFICATE_REVOKED'],
  ];
  test.each(roots)('a CI with %s: %s', (_, change, expected) => {
    const judged = judgeCertificate({ role: 'ci', der: makeCertificate({ ...all.ci, ...change }), environment: 'test', at: DURING, otherCis: [], revoked: revokedSerial });
    expect(judged.ok ? 'accepted' : judged.refusal.code).toBe(expected);
  });
});
