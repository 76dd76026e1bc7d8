import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyRaw } from '../../../src/main/rsp/index.ts';
import { openVault } from '../../../src/main/vault/index.ts';
import { own, temporaryFolder } from './support.ts';

const cost = { logN: 10, r: 8, p: 1 };
const passphrase = (text: string) => Uint8Array.from(Buffer.from(text));
const coded = (code: string): Error => expect.objectContaining({ code }) as unknown as Error;
const data = own(Buffer.from('test data'));
const modeOf = (path: string) => statSync(path).mode & 0o777;
/** Every file below the folder with its content. */
function contents(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => [join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name)).toString('hex')]));
}

describe('the folder', () => {
  test('is made private, with private files', async () => {
    const root = join(temporaryFolder(), 'vault');
    const vault = openVault({ root });
    await vault.handle('generateKey', { use: 'dppb', curve: 'P-256' });
    expect(modeOf(root)).toBe(0o700);
    expect(modeOf(join(root, 'keys'))).toBe(0o700);
    for (const file of Object.keys(contents(root))) expect(modeOf(file), file).toBe(0o600);
    expect(vault.protection).toBe('not-protected');
  });

  test.each([
    ['the folder open to others', (root: string) => chmodSync(root, 0o750)],
    ['the folder of keys open to others', (root: string) => chmodSync(join(root, 'keys'), 0o701)],
    ['the KEK readable by others', (root: string) => chmodSync(join(root, 'kek'), 0o640)],
    ['a key readable by others', (root: string) => chmodSync(join(root, 'keys', readdirSync(join(root, 'keys'))[0]!), 0o604)],
  ])('refuses %s', async (_, spoil) => {
    const root = join(temporaryFolder(), 'vault');
    await openVault({ root }).handle('generateKey', { use: 'audit', curve: 'P-256' });
    spoil(root);
    expect(() => openVault({ root })).toThrow(coded('VAULT_FOLDER_UNSAFE'));
  });

  test('refuses a KEK that is a link', () => {
    const folder = temporaryFolder();
    const root = join(folder, 'vault');
    mkdirSync(root, { mode: 0o700 });
    writeFileSync(join(folder, 'elsewhere'), Buffer.concat([Buffer.from([1, 0]), Buffer.alloc(32)]), { mode: 0o600 });
    symlinkSync(join(folder, 'elsewhere'), join(root, 'kek'));
    expect(() => openVault({ root })).toThrow(coded('VAULT_FOLDER_UNSAFE'));
  });

  test('what a crash between writing and renaming left is removed and never read', async () => {
    const root = join(temporaryFolder(), 'vault');
    const first = openVault({ root });
    const { keyId } = await first.handle('generateKey', { use: 'dpauth', curve: 'P-256' });
    writeFileSync(join(root, 'kek.tmp-11111111'), 'half', { mode: 0o600 });
    writeFileSync(join(root, 'keys', `${keyId}.json.tmp-11111111`), '{"version":', { mode: 0o600 });
    writeFileSync(join(root, 'keys', 'dppb-00000000000000000000.json.tmp-22222222'), '', { mode: 0o600 });
    const second = openVault({ root });
    expect((await second.handle('status', {})).keys).toBe(1);
    expect(readdirSync(root, { recursive: true }).filter((name) => String(name).includes('.tmp-'))).toEqual([]);
    expect((await second.handle('sign', { keyId, data })).signature.length).toBe(64);
  });

  test('a crash before the first rename leaves a folder that starts as new', () => {
    const root = join(temporaryFolder(), 'vault');
    mkdirSync(root, { mode: 0o700 });
    writeFileSync(join(root, 'kek.tmp-11111111'), Buffer.alloc(20), { mode: 0o600 });
    expect(openVault({ root }).protection).toBe('not-protected');
  });
});

describe('passphrase', () => {
  test('opens with the right one, across starts; the given octets are zeroed', async () => {
    const root = join(temporaryFolder(), 'vault');
    const given = passphrase('test only');
    const first = openVault({ root, passphrase: given, scryptCost: cost });
    expect(given.every((octet) => octet === 0)).toBe(true);
    const { keyId, publicKey } = await first.handle('generateKey', { use: 'dppb', curve: 'brainpoolP256r1' });
    const second = openVault({ root, passphrase: passphrase('test only') });
    expect(second.protection).toBe('passphrase');
    const { signature } = await second.handle('sign', { keyId, data });
    expect(verifyRaw('brainpoolP256r1', publicKey, data, signature)).toBe(true);
  });

  test('a wrong one, none, or an empty one: VAULT_LOCKED, and nothing is written', async () => {
    const root = join(temporaryFolder(), 'vault');
    await openVault({ root, passphrase: passphrase('test only'), scryptCost: cost }).handle('generateKey', { use: 'audit', curve: 'P-256' });
    const before = contents(root);
    for (const wrong of [passphrase('test onlz'), undefined, passphrase('')]) {
      expect(() => openVault({ root, passphrase: wrong })).toThrow(coded('VAULT_LOCKED'));
    }
    expect(contents(root)).toEqual(before);
  });

  test('the KEK is in no file in clear, and the costs are the file\'s', () => {
    const root = join(temporaryFolder(), 'vault');
    let drawn: Uint8Array | undefined;
    const random = (length: number) => {
      const out = Uint8Array.from({ length }, () => Math.floor(Math.random() * 256));
      if (length === 32) drawn ??= Uint8Array.from(out);
      return out;
    };
    openVault({ root, passphrase: passphrase('test only'), scryptCost: cost, random });
    const file = readFileSync(join(root, 'kek'));
    expect([...file.subarray(0, 7)]).toEqual([1, 1, 10, 0, 8, 0, 1]);
    expect(file.length).toBe(7 + 16 + 61);
    expect(drawn && file.includes(Buffer.from(drawn))).toBe(false);
  });

  test('is not made without a passphrase where the workspace was begun with one, however often it is tried', () => {
    const root = join(temporaryFolder(), 'vault');
    mkdirSync(root, { mode: 0o700 });
    writeFileSync(join(root, 'passphrase-wanted'), '', { mode: 0o600 });
    for (let attempt = 0; attempt < 2; attempt++) expect(() => openVault({ root })).toThrow(coded('VAULT_LOCKED'));
    expect(readdirSync(root)).not.toContain('kek');
    expect(openVault({ root, passphrase: passphrase('test only'), scryptCost: cost }).protection).toBe('passphrase');
    expect(readdirSync(root)).not.toContain('passphrase-wanted');
    expect(() => openVault({ root })).toThrow(coded('VAULT_LOCKED'));
  });

  test('a damaged file is refused, whatever is damaged, without taking the machine', () => {
    const root = join(temporaryFolder(), 'vault');
    openVault({ root, passphrase: passphrase('test only'), scryptCost: cost });
    const good = readFileSync(join(root, 'kek'));
    for (const [at, octet, code] of [
      [0, 9, 'VAULT_STORE_BROKEN'], [1, 7, 'VAULT_STORE_BROKEN'], [2, 0, 'VAULT_STORE_BROKEN'], [2, 60, 'VAULT_STORE_BROKEN'], [3, 255, 'VAULT_STORE_BROKEN'],
      [5, 255, 'VAULT_STORE_BROKEN'], [2, 9, 'VAULT_LOCKED'], [20, good[20]! ^ 1, 'VAULT_LOCKED'], [50, good[50]! ^ 1, 'VAULT_LOCKED'],
    ] as const) {
      const bad = Buffer.from(good);
      bad[at] = octet;
      writeFileSync(join(root, 'kek'), bad);
      expect(() => openVault({ root, passphrase: passphrase('test only') }), `octet ${at}`).toThrow(coded(code));
    }
    writeFileSync(join(root, 'kek'), good.subarray(0, 5));
    expect(() => openVault({ root, passphrase: passphrase('test only') })).toThrow(coded('VAULT_STORE_BROKEN'));
  });

  test('an empty one protects nothing and makes nothing', () => {
    const root = join(temporaryFolder(), 'vault');
    expect(() => openVault({ root, passphrase: passphrase('') })).toThrow(coded('VAULT_LOCKED'));
    expect(contents(root)).toEqual({});
  });

  test('a passphrase for a workspace without one is refused', () => {
    const root = join(temporaryFolder(), 'vault');
    openVault({ root });
    expect(() => openVault({ root, passphrase: passphrase('test only') })).toThrow(coded('VAULT_PROTECTION_DIFFERS'));
  });
});

describe('signing keys', () => {
  test('sign, and are there after a restart', async () => {
    const root = join(temporaryFolder(), 'vault');
    const first = openVault({ root });
    for (const curve of ['P-256', 'brainpoolP256r1'] as const) {
      const { keyId, publicKey } = await first.handle('generateKey', { use: 'dpauth', curve });
      for (const vault of [first, openVault({ root })]) {
        const { signature } = await vault.handle('sign', { keyId, data });
        expect(verifyRaw(curve, publicKey, data, signature)).toBe(true);
      }
    }
  });

  test('the same key imported twice keeps its id; another use has another', async () => {
    const vault = openVault({ root: join(temporaryFolder(), 'vault') });
    const key = own(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({ format: 'der', type: 'pkcs8' }));
    const first = await vault.handle('importKey', { use: 'dppb', key: own(key) });
    expect((await vault.handle('importKey', { use: 'dppb', key: own(key) })).keyId).toBe(first.keyId);
    expect((await vault.handle('importKey', { use: 'dpauth', key: own(key) })).keyId).not.toBe(first.keyId);
    expect((await vault.handle('status', {})).keys).toBe(2);
  });

  test('the private scalar is in no file in clear', async () => {
    const root = join(temporaryFolder(), 'vault');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const scalar = Buffer.from(privateKey.export({ format: 'jwk' }).d!, 'base64url');
    await openVault({ root }).handle('importKey', { use: 'dppb', key: own(privateKey.export({ format: 'der', type: 'sec1' })) });
    for (const content of Object.values(contents(root))) {
      expect(content).not.toContain(scalar.toString('hex'));
      expect(Buffer.from(content, 'hex').toString('latin1')).not.toContain(scalar.toString('hex'));
    }
  });

  test('TLS keys leave and do not sign; all others sign and do not leave', async () => {
    const vault = openVault({ root: join(temporaryFolder(), 'vault') });
    const key = own(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({ format: 'der', type: 'pkcs8' }));
    const tls = await vault.handle('importKey', { use: 'tls', key: own(key) });
    const released = createPrivateKey({ key: Buffer.from((await vault.handle('releaseTlsKey', { keyId: tls.keyId })).pkcs8), format: 'der', type: 'pkcs8' });
    expect(released.equals(createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' }))).toBe(true);
    await expect(vault.handle('sign', { keyId: tls.keyId, data })).rejects.toThrow(coded('KEY_USE_REFUSED'));
    for (const use of ['ci', 'dpauth', 'dppb', 'audit'] as const) {
      const { keyId } = await vault.handle('generateKey', { use, curve: 'P-256' });
      await expect(vault.handle('releaseTlsKey', { keyId })).rejects.toThrow(coded('KEY_USE_REFUSED'));
      expect((await vault.handle('sign', { keyId, data })).signature.length).toBe(64);
    }
    await expect(vault.handle('sign', { keyId: 'dppb-x', data })).rejects.toThrow(coded('KEY_UNKNOWN'));
  });

  test.each([
    ['another use', (file: string) => file.replace('"dppb"', '"dpauth"')],
    ['another curve', (file: string) => file.replace('"P-256"', '"brainpoolP256r1"')],
    ['another public key', (file: string) => file.replace(/"publicKey": "04../, '"publicKey": "0400')],
    ['a changed seal', (file: string) => file.replace(/"sealed": "(.{40})(.)/, (_, head: string, digit: string) => `"sealed": "${head}${digit === '0' ? '1' : '0'}`)],
    ['no JSON', () => '{'],
    ['nothing', () => ''],
    ['null', () => 'null'],
  ])('a key file that says %s is refused', async (_, change) => {
    const root = join(temporaryFolder(), 'vault');
    const { keyId } = await openVault({ root }).handle('generateKey', { use: 'dppb', curve: 'P-256' });
    const path = join(root, 'keys', `${keyId}.json`);
    const before = readFileSync(path, 'utf8');
    expect(change(before)).not.toBe(before);
    writeFileSync(path, change(before));
    expect(() => openVault({ root })).toThrow(coded('VAULT_STORE_BROKEN'));
  });

  test('keys of one workspace do not open in another', async () => {
    const [a, b] = [join(temporaryFolder(), 'vault'), join(temporaryFolder(), 'vault')];
    const { keyId } = await openVault({ root: a }).handle('generateKey', { use: 'dppb', curve: 'P-256' });
    openVault({ root: b });
    writeFileSync(join(b, 'keys', `${keyId}.json`), readFileSync(join(a, 'keys', `${keyId}.json`)), { mode: 0o600 });
    expect(() => openVault({ root: b })).toThrow(coded('VAULT_STORE_BROKEN'));
  });
});
