/** Which certificate speaks for a brand: every kind of key, and everything that only looks right. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { brandByCertificate, clientAuthorities, recogniseBrand } from '../../../src/main/engine/brands/index.ts';
import { createOperatorCa, issueTlsCertificate } from '../../../src/main/lab/operator/index.ts';
import { seededRandom, testNow } from '../../support/engine.ts';
import { CA_EXTENSIONS, keyKinds, LEAF, openDesk, opensslCa, PERIOD, removeFolders, upload } from './support.ts';
import type { Desk, OpensslCa } from './support.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
  return () => desk.engine.close();
});
afterAll(removeFolders);

const now = new Date(testNow);
const sha = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');
const add = (name: string, files: { ca?: Uint8Array; certificate?: Uint8Array }) => desk.engine.ok('brands.add' as never, {
  name, ...(files.ca ? { clientCa: upload(desk.ctx, files.ca) } : {}), ...(files.certificate ? { clientCertificate: upload(desk.ctx, files.certificate) } : {}),
});
/** Name of the brand, or why there is none. */
const who = async (...chain: Uint8Array[]): Promise<string> => {
  const answer = await recogniseBrand(desk.ctx, chain.map((der) => Uint8Array.from(der)));
  return answer.ok ? answer.brand.name : answer.code;
};

describe.each(Object.entries(keyKinds))('a CA with a key %s', (kind, key) => {
  let ca: OpensslCa;
  // Ed25519 has no digest of its own to choose.
  const digest = kind === 'Ed25519' ? 'default' : kind === 'P-384' ? 'sha384' : kind === 'P-521' ? 'sha512' : 'sha256';
  beforeAll(() => { ca = opensslCa('Brand CA', { key, digest }); });
  test('recognises what it issued and nothing another of its name did', async () => {
    await add('Acme', { ca: ca.certificate });
    const leaf = ca.issue('client');
    expect(await who(leaf.certificate)).toBe('Acme');
    expect(await who(leaf.certificate, ca.certificate)).toBe('Acme');
    const impostor = opensslCa('Brand CA', { key, digest });
    expect(await who(impostor.issue('client').certificate)).toBe('CLIENT_UNKNOWN');
    expect(await who(impostor.issue('client').certificate, ca.certificate)).toBe('CLIENT_UNKNOWN');
    expect(await who(impostor.certificate)).toBe('CLIENT_UNKNOWN');
  });
  test('one altered octet anywhere, and it is nobody', async () => {
    await add('Acme', { ca: ca.certificate });
    const leaf = ca.issue('client').certificate;
    for (let at = 0; at < leaf.length; at += 7) {
      const altered = Uint8Array.from(leaf);
      altered[at]! ^= 1;
      expect(await who(altered), `octet ${at}`).not.toBe('Acme');
    }
  });
});

test('RSASSA-PSS, with whatever hash it names', async () => {
  for (const hash of ['sha256', 'sha384']) {
    const ca = opensslCa(`PSS ${hash}`, { key: keyKinds['RSA 2048'], digest: hash, sign: ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32'] });
    await add(`Pss ${hash}`, { ca: ca.certificate });
    expect(await who(ca.issue('client').certificate)).toBe(`Pss ${hash}`);
  }
});

test('SHA-1 is not believed', async () => {
  const ca = opensslCa('Old CA', { key: keyKinds['RSA 2048'], digest: 'sha1' });
  await add('Old', { ca: ca.certificate });
  expect(await who(ca.issue('client').certificate)).toBe('CLIENT_UNKNOWN');
});

test('the lab\'s own certificates', async () => {
  const ca = createOperatorCa({ now, random: seededRandom('ca') });
  await add('Lab brand', { ca: ca.certificate });
  expect(await who(issueTlsCertificate(ca, { now }).certificate)).toBe('Lab brand');
  expect(await who(issueTlsCertificate(ca, { now, defects: ['expired'] }).certificate)).toBe('CLIENT_EXPIRED');
  expect(await who(issueTlsCertificate(ca, { now, defects: ['not-yet-valid'] }).certificate)).toBe('CLIENT_NOT_YET_VALID');
  expect(await who(issueTlsCertificate(ca, { now, defects: ['bad-signature'] }).certificate)).toBe('CLIENT_UNKNOWN');
  expect(await who(issueTlsCertificate(ca, { now, defects: ['unknown-critical-extension'] }).certificate)).toBe('CLIENT_PURPOSE');
  expect(await who(issueTlsCertificate(ca, { now, defects: ['unknown-authority-key-id'] }).certificate)).toBe('CLIENT_UNKNOWN');
  expect(await who(issueTlsCertificate(ca, { now, defects: ['no-authority-key-id'] }).certificate)).toBe('Lab brand');
});

describe('a leaf under a stored CA', () => {
  let ca: OpensslCa;
  beforeAll(() => { ca = opensslCa('Brand CA'); });
  beforeEach(() => add('Acme', { ca: ca.certificate }));

  const without = (prefix: string, ...more: string[]): string[] => [...LEAF.filter((line) => !line.startsWith(prefix)), ...more];
  test.each<[string, readonly string[], string]>([
    ['for TLS clients', LEAF, 'Acme'], ['without purposes', without('extendedKeyUsage'), 'Acme'], ['for any purpose', without('extendedKeyUsage', 'extendedKeyUsage=anyExtendedKeyUsage'), 'Acme'],
    ['for clients and servers', without('extendedKeyUsage', 'extendedKeyUsage=serverAuth,clientAuth'), 'Acme'], ['for servers only', without('extendedKeyUsage', 'extendedKeyUsage=serverAuth'), 'CLIENT_PURPOSE'],
    ['for mail', without('extendedKeyUsage', 'extendedKeyUsage=emailProtection'), 'CLIENT_PURPOSE'], ['without key usage', without('keyUsage'), 'Acme'],
    ['for encryption only', without('keyUsage', 'keyUsage=critical,keyEncipherment'), 'CLIENT_PURPOSE'], ['that is a CA', CA_EXTENSIONS.map((line) => line.replace('keyCertSign', 'digitalSignature,keyCertSign')), 'CLIENT_PURPOSE'],
    ['with a critical extension nobody knows', [...LEAF, '1.2.3.4=critical,DER:0500'], 'CLIENT_PURPOSE'], ['with an extension nobody knows', [...LEAF, '1.2.3.4=DER:0500'], 'Acme'],
  ])('%s', async (_name, extensions, expected) => expect(await who(ca.issue('client', { extensions }).certificate)).toBe(expected));

  test('at its first and last second, and one beside them', async () => {
    const leaf = ca.issue('client', { days: ['20260110000000Z', '20260120000000Z'] }).certificate;
    const at = async (moment: number): Promise<string> => {
      desk.engine.clock.advance(moment - desk.engine.clock.now());
      return who(leaf);
    };
    expect(await at(Date.UTC(2026, 0, 10) - 1)).toBe('CLIENT_NOT_YET_VALID');
    expect(await at(Date.UTC(2026, 0, 10))).toBe('Acme');
    expect(await at(Date.UTC(2026, 0, 20))).toBe('Acme');
    expect(await at(Date.UTC(2026, 0, 20) + 1)).toBe('CLIENT_EXPIRED');
    expect(await at(Date.UTC(2026, 0, 15))).toBe('Acme');
  });
  test('self-signed with the CA\'s name', async () => expect(await who(opensslCa('Brand CA', { extensions: LEAF.filter((line) => !line.startsWith('authority')) }).certificate)).toBe('CLIENT_UNKNOWN'));
  test('the CA\'s own certificate is no client', async () => expect(['CLIENT_PURPOSE', 'CLIENT_UNKNOWN']).toContain(await who(ca.certificate)));
  test.each<[string, () => Uint8Array[]]>([
    ['nothing', () => []], ['an empty one', () => [new Uint8Array()]], ['no DER', () => [new Uint8Array(100).fill(0x30)]], ['a cut one', () => [ca.certificate.subarray(0, 200)]],
    ['one with something behind it', () => [Buffer.concat([ca.certificate, Buffer.from([0])])]], ['a huge one', () => [new Uint8Array(20_000)]],
    ['too many', () => Array.from({ length: 6 }, () => ca.certificate)], ['a readable leaf beside rubbish', () => [ca.certificate, Buffer.from('rubbish')]],
  ])('presented as %s', async (_name, chain) => expect(await who(...chain())).toBe('CLIENT_MALFORMED'));
});

describe('over an intermediate', () => {
  const root = (extensions?: readonly string[]) => opensslCa('Root', extensions ? { extensions } : {});
  test('that the stored CA issued', async () => {
    const ca = root();
    await add('Acme', { ca: ca.certificate });
    const middle = ca.issue('Middle', { extensions: CA_EXTENSIONS });
    const leaf = middle.ca.issue('client').certificate;
    expect(await who(leaf, middle.certificate)).toBe('Acme');
    expect(await who(leaf, ca.certificate, middle.certificate)).toBe('Acme');
    expect(await who(leaf)).toBe('CLIENT_UNKNOWN');
    // Two of them are one too many.
    const lower = middle.ca.issue('Lower', { extensions: CA_EXTENSIONS });
    expect(await who(lower.ca.issue('client').certificate, lower.certificate, middle.certificate)).toBe('CLIENT_UNKNOWN');
  });
  test.each<[string, readonly string[], readonly string[] | undefined, readonly [string, string]]>([
    ['that is no CA', LEAF, undefined, PERIOD], ['that may not sign certificates', ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,digitalSignature', 'subjectKeyIdentifier=hash'], undefined, PERIOD],
    ['that expired', CA_EXTENSIONS, undefined, ['20240101000000Z', '20250101000000Z']], ['that begins later', CA_EXTENSIONS, undefined, ['20300101000000Z', '20310101000000Z']],
    ['under a CA that allows none', CA_EXTENSIONS, ['basicConstraints=critical,CA:TRUE,pathlen:0', 'keyUsage=critical,keyCertSign', 'subjectKeyIdentifier=hash'], PERIOD],
    ['for servers only', [...CA_EXTENSIONS, 'extendedKeyUsage=serverAuth'], undefined, PERIOD],
  ])('%s: nobody', async (_name, extensions, rootExtensions, days) => {
    const ca = root(rootExtensions);
    await add('Acme', { ca: ca.certificate });
    const middle = ca.issue('Middle', { extensions, days });
    expect(await who(middle.ca.issue('client').certificate, middle.certificate)).toBe('CLIENT_UNKNOWN');
  });
  test('that somebody else issued in the stored CA\'s name', async () => {
    await add('Acme', { ca: root().certificate });
    const middle = root().issue('Middle', { extensions: CA_EXTENSIONS });
    expect(await who(middle.ca.issue('client').certificate, middle.certificate)).toBe('CLIENT_UNKNOWN');
  });
  test('the nearest brand is meant when the intermediate is another brand\'s CA', async () => {
    const ca = root();
    const middle = ca.issue('Middle', { extensions: CA_EXTENSIONS });
    await add('Upper', { ca: ca.certificate });
    await add('Lower', { ca: middle.certificate });
    expect(await who(middle.ca.issue('client').certificate, middle.certificate)).toBe('Lower');
  });
});

describe('by its very certificate', () => {
  test('stored, whoever issued it; another of the same key or name is not it', async () => {
    const own = opensslCa('Self');
    await add('Pinned', { certificate: own.issue('client').certificate });
    const pinned = await desk.ctx.reader.selectFrom('brand_credentials').select('der').executeTakeFirstOrThrow();
    expect(await who(pinned.der)).toBe('Pinned');
    expect(await who(own.issue('client').certificate)).toBe('CLIENT_UNKNOWN');
  });
  test('stored after its CA spoke for it, it counts at once', async () => {
    const ca = opensslCa('Brand CA');
    await add('By its CA', { ca: ca.certificate });
    const leaf = ca.issue('client').certificate;
    expect(await who(leaf)).toBe('By its CA');
    await add('By itself', { certificate: leaf });
    expect(await who(leaf)).toBe('By itself');
    await desk.engine.ok('brands.change' as never, { name: 'By itself', state: 'suspended' });
    expect(await who(leaf)).toBe('BRAND_SUSPENDED');
  });

  test('before a CA of another brand', async () => {
    const ca = opensslCa('Shared');
    const leaf = ca.issue('client').certificate;
    await add('Owner of the CA', { ca: ca.certificate });
    await add('Pinned', { certificate: leaf });
    expect(await who(leaf)).toBe('Pinned');
    expect(await who(ca.issue('client').certificate)).toBe('Owner of the CA');
  });
  test('self-signed as openssl makes one', async () => {
    const self = opensslCa('Self', { extensions: ['basicConstraints=critical,CA:TRUE', 'subjectKeyIdentifier=hash'] });
    await add('Self', { certificate: self.certificate });
    expect(await who(self.certificate)).toBe('Self');
  });
  test('until it expires', async () => {
    const leaf = opensslCa('CA').issue('client', { days: ['20260110000000Z', '20260120000000Z'] }).certificate;
    await add('Brief', { certificate: leaf });
    expect(await who(leaf)).toBe('Brief');
    desk.engine.clock.advance(6 * 86_400_000);
    expect(await who(leaf)).toBe('CLIENT_EXPIRED');
  });
  test('for servers only: not a client', async () => {
    const leaf = opensslCa('CA').issue('client', { extensions: ['extendedKeyUsage=serverAuth'] }).certificate;
    await add('Wrong', { certificate: leaf });
    expect(await who(leaf)).toBe('CLIENT_PURPOSE');
  });
});

describe('what is remembered', () => {
  test('a suspended brand is told apart, at once; so is a resumed one', async () => {
    const ca = opensslCa('Brand CA');
    await add('Acme', { ca: ca.certificate });
    const leaf = ca.issue('client').certificate;
    expect(await who(leaf)).toBe('Acme');
    await desk.engine.ok('brands.change' as never, { name: 'Acme', state: 'suspended' });
    expect(await who(leaf)).toBe('BRAND_SUSPENDED');
    expect(await brandByCertificate(desk.ctx, [leaf])).toMatchObject({ name: 'Acme', state: 'suspended' });
    await desk.engine.ok('brands.change' as never, { name: 'Acme', state: 'active' });
    expect(await who(leaf)).toBe('Acme');
  });
  test('a removed CA counts at once', async () => {
    const [first, second] = [opensslCa('First'), opensslCa('Second')];
    await add('Acme', { ca: first.certificate });
    const [a, b] = [first.issue('client').certificate, second.issue('client').certificate];
    expect([await who(a), await who(b)]).toEqual(['Acme', 'CLIENT_UNKNOWN']);
    await desk.engine.ok('brands.change' as never, { name: 'Acme', addClientCa: upload(desk.ctx, second.certificate), removeCredential: sha(first.certificate) });
    expect([await who(a), await who(b)]).toEqual(['CLIENT_UNKNOWN', 'Acme']);
    const third = opensslCa('Third');
    await desk.engine.ok('brands.change' as never, { name: 'Acme', addClientCa: upload(desk.ctx, third.certificate), removeCredential: sha(second.certificate) });
    expect([await who(b), await who(third.issue('client').certificate)]).toEqual(['CLIENT_UNKNOWN', 'Acme']);
  });
  test('the number of a removed CA is given to the next: a chain of the old one stays unknown', async () => {
    const [first, second, third] = [opensslCa('First'), opensslCa('Second'), opensslCa('Third')];
    await add('Acme', { ca: first.certificate });
    await desk.engine.ok('brands.change' as never, { name: 'Acme', addClientCa: upload(desk.ctx, second.certificate) });
    const leaf = second.issue('client').certificate;
    expect(await who(leaf)).toBe('Acme');
    const idOf = (): Promise<{ id: number } | undefined> => desk.ctx.reader.selectFrom('brand_credentials').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
    const before = await idOf();
    await desk.engine.ok('brands.change' as never, { name: 'Acme', removeCredential: sha(second.certificate) });
    await desk.engine.ok('brands.change' as never, { name: 'Acme', addClientCa: upload(desk.ctx, third.certificate) });
    expect(await idOf()).toEqual(before);
    expect(await who(leaf)).toBe('CLIENT_UNKNOWN');
  });
  test('the CA expires though the leaf has not', async () => {
    const ca = opensslCa('Brief CA', { days: ['20250101000000Z', '20260120000000Z'] });
    await add('Acme', { ca: ca.certificate });
    const leaf = ca.issue('client').certificate;
    expect(await who(leaf)).toBe('Acme');
    desk.engine.clock.advance(6 * 86_400_000);
    expect(await who(leaf)).toBe('CLIENT_UNKNOWN');
  });
  test('a chain with another leaf is another chain', async () => {
    const ca = opensslCa('Brand CA');
    await add('Acme', { ca: ca.certificate });
    const leaf = ca.issue('client').certificate;
    expect(await who(leaf, ca.certificate)).toBe('Acme');
    expect(await who(opensslCa('Brand CA').issue('client').certificate, ca.certificate)).toBe('CLIENT_UNKNOWN');
    expect(await clientAuthorities(desk.ctx.reader)).toHaveLength(1);
  });
});
