import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadIdentities } from '../../../src/main/engine/keys/index.ts';
import { judgeCertificate } from '../../../src/main/engine/keys/rules.ts';
import { createLabPki, issueEuicc } from '../../../src/main/lab/pki/index.ts';
import type { CertificateDefect, LabPki } from '../../../src/main/lab/pki/index.ts';
import { seededRandom } from '../../support/engine.ts';
import { importIdentity, makeWorld, pkiOf } from '../downloads/support.ts';
import type { World } from '../downloads/support.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld({ profiles: 0, identities: {} });
});
afterEach(() => world.close());

const put = (bytes: Uint8Array | string): string => world.ctx.uploads.put(Buffer.from(bytes as Uint8Array));
const pem = (der: Uint8Array, label: string): string => `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;
const refused = async (input: Record<string, unknown>): Promise<string> => (await world.engine.refused('pki.import', { identity: 'nist', ...input })).code;
const nist = (): LabPki => pkiOf();
const importCi = (): Promise<unknown> => world.engine.ok('pki.import', { identity: 'nist', role: 'ci', certificate: put(nist().ci.certificate) });

describe('taking an identity in', () => {
  test('DER and PEM, listed without keys, usable at once', async () => {
    const pki = nist();
    await world.engine.ok('pki.import', { identity: 'nist', role: 'ci', certificate: put(`some text before\n${pem(pki.ci.certificate, 'CERTIFICATE')}and behind`) });
    const row = await world.engine.ok<{ key: string; oid: string; curve: string; test: boolean }>('pki.import' as never, { identity: 'nist', role: 'dpauth', certificate: put(pki.dpauth.certificate), key: put(pem(pki.dpauth.privateKeyPkcs8, 'PRIVATE KEY')) });
    expect(row).toMatchObject({ key: 'software', oid: '2.999.10', curve: 'P-256', test: true });
    await world.engine.ok('pki.import', { identity: 'nist', role: 'dppb', certificate: put(pki.dppb.certificate), key: put(pki.dppb.privateKeyPkcs8) });
    await world.engine.ok('pki.import', { identity: 'nist', role: 'eum', certificate: put(pki.eum.certificate) });
    const { rows } = await world.engine.ok<{ rows: { role: string; key: string }[] }>('pki.list' as never);
    expect(rows.map(({ role, key }) => `${role} ${key}`)).toEqual(['ci none', 'dpauth software', 'dppb software', 'eum none']);
    const [identity] = await loadIdentities(world.ctx);
    expect(identity).toMatchObject({ name: 'nist', oid: '2.999.10', ci: { curve: 'P-256' } });
    expect(identity!.dpauth && identity!.dppb).toBeTruthy();
    expect(identity!.tls).toBeUndefined();
    expect(await loadIdentities(world.ctx, ['other'])).toEqual([]);
  });

  test('the key of a CI is not kept in a Lab, and the answer says so', async () => {
    const imported: string[] = [];
    const call = world.ctx.vault.call.bind(world.ctx.vault);
    world.ctx.vault.call = ((name: string, input: never) => {
      imported.push(name);
      return call(name as never, input);
    }) as never;
    const row = await world.engine.ok<{ key: string }>('pki.import' as never, { identity: 'nist', role: 'ci', certificate: put(nist().ci.certificate), key: put(nist().ci.privateKeyPkcs8) } as never);
    expect(row.key).toBe('none');
    expect(imported).not.toContain('importKey');
    expect(await world.ctx.reader.selectFrom('certificates').select('key_id').execute()).toEqual([{ key_id: null }]);
  });

  test('the same certificate again keeps one row and its key; a new one replaces it', async () => {
    await importIdentity(world.engine, 'nist', nist());
    const before = (await loadIdentities(world.ctx))[0]!.dpauth!;
    await world.engine.ok('pki.import', { identity: 'nist', role: 'dpauth', certificate: put(nist().dpauth.certificate) });
    expect((await loadIdentities(world.ctx))[0]!.dpauth).toMatchObject({ certificateId: before.certificateId, keyId: before.keyId });
    // The same root issues another one.
    const renewed = createLabPki({ curve: 'P-256', oid: '2.999.10', tlsNames: [], now: new Date(Date.now() - 1000), random: seededRandom('pki P-256') });
    await world.engine.ok('pki.import', { identity: 'nist', role: 'dpauth', certificate: put(renewed.dpauth.certificate), key: put(renewed.dpauth.privateKeyPkcs8) });
    expect((await loadIdentities(world.ctx))[0]!.dpauth!.certificateId).not.toBe(before.certificateId);
  });

  test('both curves side by side', async () => {
    await importIdentity(world.engine, 'nist', nist());
    await importIdentity(world.engine, 'brp', pkiOf('brainpoolP256r1'));
    expect((await loadIdentities(world.ctx)).map((identity) => `${identity.name} ${identity.ci.curve}`)).toEqual(['brp brainpoolP256r1', 'nist P-256']);
    expect((await loadIdentities(world.ctx, ['nist', 'brp'])).map((identity) => identity.name)).toEqual(['nist', 'brp']);
  });
});

describe('refusals', () => {
  test.each([['nothing', ''], ['text', 'hello'], ['DER of something else', Buffer.from('3003020101', 'hex')], ['PEM without an end', '-----BEGIN CERTIFICATE-----\nAAAA'], ['PEM that is not base64', pem(Buffer.from('x'), 'CERTIFICATE').replace('eA==', '%%%%')]])(
    'a file with %s: CERTIFICATE_MALFORMED', async (_name, bytes) => {
      expect(await refused({ role: 'ci', certificate: put(bytes) })).toBe('CERTIFICATE_MALFORMED');
    });

  test('two certificates in one file, a cut one, one with an altered octet', async () => {
    const der = nist().ci.certificate;
    expect(await refused({ role: 'ci', certificate: put(pem(der, 'CERTIFICATE') + pem(der, 'CERTIFICATE')) })).toBe('CERTIFICATE_MALFORMED');
    expect(await refused({ role: 'ci', certificate: put(der.subarray(0, 100)) })).toBe('CERTIFICATE_MALFORMED');
    const altered = Uint8Array.from(der);
    altered[60]! ^= 1;
    expect(['CERTIFICATE_CHAIN', 'CERTIFICATE_MALFORMED']).toContain(await refused({ role: 'ci', certificate: put(altered) }));
  });

  test('before its root, under another root, of another role', async () => {
    const pki = nist();
    expect(await refused({ role: 'dpauth', certificate: put(pki.dpauth.certificate), key: put(pki.dpauth.privateKeyPkcs8) })).toBe('CERTIFICATE_CHAIN');
    await importCi();
    const other = pkiOf('P-256', ' other');
    expect(await refused({ role: 'dpauth', certificate: put(other.dpauth.certificate), key: put(other.dpauth.privateKeyPkcs8) })).toBe('CERTIFICATE_CHAIN');
    expect(await refused({ role: 'dppb', certificate: put(pki.dpauth.certificate), key: put(pki.dpauth.privateKeyPkcs8) })).toBe('CERTIFICATE_ROLE');
    expect(await refused({ role: 'dpauth', certificate: put(pki.dptls.certificate), key: put(pki.dptls.privateKeyPkcs8) })).toBe('CERTIFICATE_ROLE');
    expect(await refused({ role: 'tls', certificate: put(pki.dpauth.certificate), key: put(pki.dpauth.privateKeyPkcs8) })).toBe('CERTIFICATE_ROLE');
    expect(await refused({ role: 'ci', certificate: put(pki.eum.certificate) })).toMatch(/CERTIFICATE_(CHAIN|ROLE)/);
    expect(await refused({ role: 'eum', certificate: put(issueEuicc(pki, '89049032000000000000000000000012', new Date()).certificate) })).toBe('CERTIFICATE_ROLE');
  });

  const defects: [CertificateDefect[], string][] = [
    [['expired'], 'CERTIFICATE_DATES'], [['not-yet-valid'], 'CERTIFICATE_DATES'], [['wrong-role'], 'CERTIFICATE_ROLE'], [['no-policies'], 'CERTIFICATE_ROLE'],
    [['no-authority-key-id'], 'CERTIFICATE_CHAIN'], [['unknown-authority-key-id'], 'CERTIFICATE_CHAIN'], [['bad-signature'], 'CERTIFICATE_CHAIN'],
    [['no-oid'], 'CERTIFICATE_OID_MISMATCH'], [['wrong-key-usage'], 'CERTIFICATE_ROLE'],
  ];
  test.each(defects)('DPauth %j: %s', async (made, expected) => {
    await importCi();
    const bad = createLabPki({ curve: 'P-256', oid: '2.999.10', tlsNames: [], now: new Date(), random: seededRandom('pki P-256'), defects: { dpauth: made } });
    expect(await refused({ role: 'dpauth', certificate: put(bad.dpauth.certificate), key: put(bad.dpauth.privateKeyPkcs8) })).toBe(expected);
  });

  test('keys: missing, not one, of another certificate, where none belongs', async () => {
    await importCi();
    const pki = nist();
    const certificate = (): string => put(pki.dpauth.certificate);
    expect(await refused({ role: 'dpauth', certificate: certificate() })).toBe('KEY_MISSING');
    expect(await refused({ role: 'dpauth', certificate: certificate(), key: put('not a key') })).toBe('KEY_MALFORMED');
    expect(await refused({ role: 'dpauth', certificate: certificate(), key: put(pki.dppb.privateKeyPkcs8) })).toBe('KEY_MISMATCH');
    expect(await refused({ role: 'eum', certificate: put(pki.eum.certificate), key: put(pki.eum.privateKeyPkcs8) })).toBe('KEY_UNEXPECTED');
    expect((await loadIdentities(world.ctx))[0]!.dpauth).toBeUndefined();
  });

  test('another SM-DP+ OID than the partner\'s; another curve than the root\'s', async () => {
    await importCi();
    const pki = nist();
    await world.engine.ok('pki.import', { identity: 'nist', role: 'dpauth', certificate: put(pki.dpauth.certificate), key: put(pki.dpauth.privateKeyPkcs8) });
    const twelve = createLabPki({ curve: 'P-256', oid: '2.999.12', tlsNames: [], now: new Date(), random: seededRandom('pki P-256') });
    expect(await refused({ role: 'dppb', certificate: put(twelve.dppb.certificate), key: put(twelve.dppb.privateKeyPkcs8) })).toBe('CERTIFICATE_OID_MISMATCH');
    const { certificate } = pki.dppb;
    const ci = { keyId: pkiKeyId(pki), curve: 'brainpoolP256r1' as const, publicPoint: pki.ci.publicPoint, test: true };
    const judged = judgeCertificate({ role: 'dppb', der: certificate, environment: 'lab', at: new Date(), ci, otherCis: [] });
    expect(judged).toMatchObject({ ok: false });
  });

  test('a root that replaces another one under its certificates', async () => {
    await importIdentity(world.engine, 'nist', nist());
    expect(await refused({ role: 'ci', certificate: put(pkiOf('P-256', ' other').ci.certificate) })).toBe('CERTIFICATE_CHAIN');
    expect((await loadIdentities(world.ctx))[0]!.dpauth).toBeDefined();
  });

  test('a test root never enters a Live workspace', async () => {
    const judged = judgeCertificate({ role: 'ci', der: nist().ci.certificate, environment: 'live', at: new Date(), otherCis: [] });
    expect(judged).toMatchObject({ ok: false, refusal: { code: 'CERTIFICATE_CHAIN' } });
  });
});

function pkiKeyId(pki: LabPki): Uint8Array {
  const judged = judgeCertificate({ role: 'ci', der: pki.ci.certificate, environment: 'lab', at: new Date(), otherCis: [] });
  if (!judged.ok) throw new Error(judged.refusal.message);
  return judged.accepted.subjectKeyId!;
}

const vectors = resolve(import.meta.dirname, '../../../../shared/vectors/sgp26');
describe.skipIf(!existsSync(vectors))('the GSMA test identity (vectors beside the repository)', () => {
  let other: World;
  beforeAll(async () => {
    other = await makeWorld({ profiles: 0, identities: {} });
  });
  afterAll(() => other.close());

  test('is taken in', async () => {
    const upload = (name: string): string => other.ctx.uploads.put(readFileSync(resolve(vectors, name)));
    const rows: unknown[] = [];
    rows.push(await other.engine.ok('pki.import', { identity: 'sgp26', role: 'ci', certificate: upload('ci.der') }));
    for (const role of ['dpauth', 'dppb']) rows.push(await other.engine.ok('pki.import', { identity: 'sgp26', role, certificate: upload(`${role}.der`), key: upload(`${role}-key.pem`) }));
    rows.push(await other.engine.ok('pki.import', { identity: 'sgp26', role: 'eum', certificate: upload('eum.der') }));
    expect(rows[0]).toMatchObject({ subjectKeyId: 'f54172bdf98a95d65cbeb88a38a1c11d800a85c3', test: true });
    expect(rows[1]).toMatchObject({ oid: '2.999.10', key: 'software', test: true });
  });
});
