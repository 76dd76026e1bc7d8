import { createECDH } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { initialiseSecureChannelToSign, verifyRaw } from '../../../src/main/rsp/index.ts';
import type { Curve } from '../../../src/main/rsp/index.ts';
import { computeOpc, decodePublicSlots, encodeLate, packageDigest, readSlots } from '../../../src/main/saip/index.ts';
import { concat, tlv } from '../../../src/shared/tlv/index.ts';
import { openVault } from '../../../src/main/vault/index.ts';
import type { OpenVault } from '../../../src/main/vault/index.ts';
import type { OperationInput, OperationOutput } from '../../../src/main/vault-link/index.ts';
import {
  fingerprint, ICCID, IMSI, metadata, MSISDN, openBlob, openPackage, openProfileBlob, own, sampleTemplate, slotsOf, source, temporaryFolder, workspaceKey,
} from './support.ts';

const coded = (code: string): Error => expect.objectContaining({ code }) as unknown as Error;
const octets = (n: number, fill: number): Uint8Array<ArrayBuffer> => new Uint8Array(n).fill(fill);
const digits = (text: string): Uint8Array<ArrayBuffer> => own(Buffer.from(text));
const compiled = sampleTemplate();
const digest = own(compiled.digest);
const eid = own(Buffer.from('89049032123451234512345678901235', 'hex'));
const hostId = digits('test.example');
const transactionId = octets(16, 0x11);

let root: string;
let vault: OpenVault;
let batchKey: Uint8Array;

beforeAll(async () => {
  root = join(temporaryFolder(), 'vault');
  vault = openVault({ root });
  await vault.handle('loadTemplate', source(compiled));
  ({ batchKey } = await vault.handle('createBatchKey', {}));
});

const openedBatchKey = (): Uint8Array => openBlob(workspaceKey(root, 'batch'), ['batch key'], batchKey);
const slotBytesOf = (sealed: Uint8Array, iccid = ICCID): Uint8Array => openProfileBlob(openedBatchKey(), ['profile', iccid, digest], sealed);

async function prepareOne(item: Partial<OperationInput<'prepare'>['items'][number]> = {}): Promise<OperationOutput<'prepare'>['items'][number]> {
  const { items } = await vault.handle('prepare', { template: digest, batchKey, items: [{ iccid: ICCID, imsi: IMSI, msisdn: MSISDN, ...item }] });
  return items[0]!;
}

describe('preparing', () => {
  test('makes what is missing, seals it, records the digest', async () => {
    const made = await prepareOne();
    const slotBytes = slotBytesOf(made.sealed);
    const slots = slotsOf(compiled, slotBytes);
    expect(decodePublicSlots(compiled, slotBytes)).toMatchObject({ iccid: ICCID, imsi: IMSI });
    for (const [name, count] of [['pin1', 4], ['pin2', 4], ['puk1', 8], ['puk2', 8], ['adm1', 8]] as const) {
      expect(Buffer.from(slots[name]!).toString('latin1'), name).toMatch(new RegExp(`^\\d{${count}}ÿ{${8 - count}}$`));
    }
    for (const name of ['k', 'opc', 'scp80Kic', 'scp80Kid', 'scp80Kik']) expect(new Set(slots[name]).size, name).toBeGreaterThan(4);
    expect([...made.digest]).toEqual([...packageDigest(compiled, slotBytes)]);
    expect(made.packageBytes).toBe(compiled.size);
    expect([...made.fingerprint]).toEqual([...fingerprint(root, slots['k']!)]);
  });

  test('no two profiles share a secret', async () => {
    const { items } = await vault.handle('prepare', { template: digest, batchKey, items: Array.from({ length: 50 }, (_, i) => ({ iccid: `89445000000000001${String(i).padStart(2, '0')}`, imsi: IMSI, msisdn: MSISDN })) });
    for (const name of ['k', 'opc', 'scp80Kic', 'scp80Kid', 'scp80Kik']) {
      const values = items.map(({ sealed }, i) => Buffer.from(slotsOf(compiled, slotBytesOf(sealed, `89445000000000001${String(i).padStart(2, '0')}`))[name]!).toString('hex'));
      expect(new Set(values).size, name).toBe(50);
    }
  });

  test('takes what a stock file brought, and computes OPc from OP', async () => {
    const secrets = { k: octets(16, 0xa1), op: octets(16, 0xb2), pin1: digits('4321'), puk2: digits('87654321'), adm1: octets(8, 0xc3), scp80Kid: octets(16, 0xd4) };
    const sealed = await vault.handle('sealSubscribers', { batchKey, items: [{ iccid: ICCID, secrets }] });
    expect([...sealed.items[0]!.fingerprint!]).toEqual([...fingerprint(root, octets(16, 0xa1))]);
    const made = await prepareOne({ subscriber: { sealed: sealed.items[0]!.sealed, batchKey } });
    const slots = slotsOf(compiled, slotBytesOf(made.sealed));
    expect([...slots['k']!]).toEqual([...octets(16, 0xa1)]);
    expect([...slots['opc']!]).toEqual([...computeOpc(octets(16, 0xa1), octets(16, 0xb2))]);
    expect(Buffer.from(slots['pin1']!).toString('latin1')).toBe('4321ÿÿÿÿ');
    expect(Buffer.from(slots['puk2']!).toString('latin1')).toBe('87654321');
    expect([...slots['adm1']!]).toEqual([...octets(8, 0xc3)]);
    expect([...slots['scp80Kid']!]).toEqual([...octets(16, 0xd4)]);
    expect([...made.fingerprint]).toEqual([...sealed.items[0]!.fingerprint!]);
  });

  test('OPc is taken as it is; without K nothing is fingerprinted', async () => {
    const sealed = await vault.handle('sealSubscribers', { batchKey, items: [
      { iccid: ICCID, secrets: { k: octets(16, 1), opc: octets(16, 2) } }, { iccid: ICCID, secrets: { pin1: digits('0000') } },
    ] });
    const made = await prepareOne({ subscriber: { sealed: sealed.items[0]!.sealed, batchKey } });
    expect([...slotsOf(compiled, slotBytesOf(made.sealed))['opc']!]).toEqual([...octets(16, 2)]);
    expect(sealed.items[1]!.fingerprint).toBeUndefined();
  });

  test('secrets of another profile, a changed seal, another batch key are refused', async () => {
    const { items } = await vault.handle('sealSubscribers', { batchKey, items: [{ iccid: ICCID, secrets: { k: octets(16, 1) } }] });
    const sealed = items[0]!.sealed;
    const other = (await vault.handle('createBatchKey', {})).batchKey;
    const changed = own(sealed);
    changed[80]! ^= 1;
    await expect(prepareOne({ iccid: '8944500000000000025', subscriber: { sealed, batchKey } })).rejects.toThrow(coded('SEAL_BROKEN'));
    await expect(prepareOne({ subscriber: { sealed: changed, batchKey } })).rejects.toThrow(coded('SEAL_BROKEN'));
    await expect(prepareOne({ subscriber: { sealed, batchKey: other } })).rejects.toThrow(coded('SEAL_BROKEN'));
    await expect(prepareOne({ subscriber: { sealed, batchKey: octets(300, 1) } })).rejects.toThrow(coded('SEAL_BROKEN'));
  });

  test('values the template cannot hold are refused by name', async () => {
    await expect(prepareOne({ imsi: '00101' })).rejects.toThrow(coded('VAULT_INPUT_INVALID'));
    await expect(prepareOne({ msisdn: '+44 7' })).rejects.toThrow(/msisdn of profile 8944500000000000017/);
    const { items } = await vault.handle('sealSubscribers', { batchKey, items: [{ iccid: ICCID, secrets: { k: octets(32, 1) } }] });
    await expect(prepareOne({ subscriber: { sealed: items[0]!.sealed, batchKey } })).rejects.toThrow(coded('SECRETS_INVALID'));
    await expect(vault.handle('sealSubscribers', { batchKey, items: [{ iccid: ICCID, secrets: { pin1: digits('1') } }] })).rejects.toThrow(coded('SECRETS_INVALID'));
  });

  test('a template is known only under its own digest', async () => {
    await expect(vault.handle('loadTemplate', { ...source(compiled), digest: octets(32, 9) })).rejects.toThrow(coded('TEMPLATE_DIGEST_MISMATCH'));
    const changed = own(compiled.base);
    changed[3]! ^= 1;
    await expect(vault.handle('loadTemplate', { ...source(compiled), base: changed })).rejects.toThrow(coded('TEMPLATE_DIGEST_MISMATCH'));
    await expect(vault.handle('loadTemplate', { ...source(compiled), slots: '[{}]' })).rejects.toThrow(coded('VAULT_INPUT_INVALID'));
    await expect(vault.handle('prepare', { template: octets(32, 9), batchKey, items: [] })).rejects.toThrow(coded('TEMPLATE_NOT_LOADED'));
  });
});

interface Setting {
  readonly curve: Curve;
  readonly keyId: string;
  readonly publicKey: Uint8Array;
  readonly otsk: Uint8Array;
  readonly profile: OperationOutput<'prepare'>['items'][number];
  readonly input: OperationInput<'bind'>;
}

async function setting(curve: Curve = 'P-256'): Promise<Setting> {
  const { keyId, publicKey } = await vault.handle('generateKey', { use: 'dppb', curve });
  const ecdh = createECDH(curve === 'P-256' ? 'prime256v1' : 'brainpoolP256r1');
  const euiccOtpk = own(ecdh.generateKeys());
  const otsk = ecdh.getPrivateKey();
  const profile = await prepareOne();
  return {
    curve, keyId, publicKey, otsk, profile,
    input: {
      iccid: ICCID, template: digest, batchKey, sealed: profile.sealed, expectedDigest: profile.digest, metadata: metadata(), transactionId, eid, hostId,
      curve, euiccOtpk, signingKeyId: keyId, protection: 'session-keys', keepFor: 'order-1',
    },
  };
}

describe('binding', () => {
  test.each([
    ['P-256', 'session-keys'], ['P-256', 'profile-keys'], ['brainpoolP256r1', 'session-keys'], ['brainpoolP256r1', 'profile-keys'],
  ] as const)('%s with %s: the eUICC\'s side gets exactly the prepared profile', async (curve, protection) => {
    const { input, otsk, publicKey, profile } = await setting(curve);
    const bound = await vault.handle('bind', { ...input, protection });
    const opened = openPackage(bound.boundPackage, { curve, otsk, eid, hostId });
    expect([...opened.configureIsdp]).toEqual([0xbf, 0x24, 0]);
    expect([...opened.metadata]).toEqual([...input.metadata]);
    expect(opened.replaced).toBe(protection === 'profile-keys');
    expect([...opened.otpkDp]).toEqual([...bound.otpkDp]);
    expect([...opened.transactionId]).toEqual([...transactionId]);
    expect([...readSlots(compiled, opened.upp)]).toEqual([...slotBytesOf(profile.sealed)]);
    const signed = concat(opened.signedHead, tlv(0x5f49, input.euiccOtpk));
    expect([...signed]).toEqual([...initialiseSecureChannelToSign({ transactionId, hostId, otpkDp: bound.otpkDp, euiccOtpk: input.euiccOtpk })]);
    expect(verifyRaw(curve, publicKey, signed, opened.signature)).toBe(true);
  });

  test('two binds share neither one-time keys nor ciphertext', async () => {
    const { input, otsk } = await setting();
    const [a, b] = [await vault.handle('bind', input), await vault.handle('bind', input)];
    expect(Buffer.compare(a.otpkDp, b.otpkDp)).not.toBe(0);
    const upp = (bound: Uint8Array) => [...openPackage(bound, { curve: 'P-256', otsk, eid, hostId }).upp];
    expect(upp(a.boundPackage)).toEqual(upp(b.boundPackage));
  });

  test('roaming lists are written into late slots; what is not given stays as the template has it', async () => {
    const { input, otsk } = await setting();
    const late = own(encodeLate(compiled, { oplmnwact: [{ plmn: '23415', act: ['E-UTRAN'] } as never] }));
    const upp = async (lists?: Record<string, Uint8Array<ArrayBuffer>>) =>
      openPackage((await vault.handle('bind', { ...input, late: lists })).boundPackage, { curve: 'P-256', otsk, eid, hostId }).upp;
    const slot = compiled.slots.find(({ name }) => name === 'oplmnwact')!;
    const { offset, length } = slot.writes[0]!;
    expect([...(await upp({ oplmnwact: late })).subarray(offset, offset + length)]).toEqual([...late]);
    expect([...(await upp()).subarray(offset, offset + length)]).toEqual([...compiled.base.subarray(offset, offset + length)]);
    await expect(upp({ oplmnwact: late.slice(1) })).rejects.toThrow(coded('VAULT_INPUT_INVALID'));
    await expect(upp({ fplmn: late })).rejects.toThrow(coded('VAULT_INPUT_INVALID'));
    await expect(upp({ k: octets(16, 0) })).rejects.toThrow(coded('VAULT_INPUT_INVALID'));
  });

  test('refuses a package that is not the prepared one', async () => {
    const { input, profile } = await setting();
    const wrong = own(profile.digest);
    wrong[0]! ^= 1;
    await expect(vault.handle('bind', { ...input, expectedDigest: wrong })).rejects.toThrow(coded('PACKAGE_DIGEST_MISMATCH'));
    const other = await prepareOne();
    await expect(vault.handle('bind', { ...input, sealed: other.sealed })).rejects.toThrow(coded('PACKAGE_DIGEST_MISMATCH'));
    await expect(vault.handle('bind', { ...input, iccid: '8944500000000000025' })).rejects.toThrow(coded('SEAL_BROKEN'));
  });

  test('refuses keys of another use or curve, and points off the curve', async () => {
    const { input } = await setting();
    const dpauth = await vault.handle('generateKey', { use: 'dpauth', curve: 'P-256' });
    const brainpool = await vault.handle('generateKey', { use: 'dppb', curve: 'brainpoolP256r1' });
    await expect(vault.handle('bind', { ...input, signingKeyId: dpauth.keyId })).rejects.toThrow(coded('KEY_USE_REFUSED'));
    await expect(vault.handle('bind', { ...input, signingKeyId: brainpool.keyId })).rejects.toThrow(coded('KEY_USE_REFUSED'));
    await expect(vault.handle('bind', { ...input, signingKeyId: 'none' })).rejects.toThrow(coded('KEY_UNKNOWN'));
    const off = own(input.euiccOtpk);
    off[64]! ^= 1;
    for (const change of [{ euiccOtpk: off }, { metadata: octets(4, 1) }, { transactionId: octets(17, 1) }, { hostId: octets(0, 1) }]) {
      await expect(vault.handle('bind', { ...input, ...change })).rejects.toThrow(coded('VAULT_INPUT_INVALID'));
    }
  });

  test('the answer holds no secret in clear', async () => {
    const { input, profile } = await setting();
    const bound = await vault.handle('bind', input);
    const slots = slotsOf(compiled, slotBytesOf(profile.sealed));
    for (const name of ['k', 'opc', 'puk1', 'adm1', 'scp80Kic']) {
      for (const part of [bound.boundPackage, bound.kept, profile.sealed]) expect(Buffer.from(part).includes(Buffer.from(slots[name]!)), name).toBe(false);
    }
  });
});

describe('binding once more', () => {
  test.each(['session-keys', 'profile-keys'] as const)('%s: the same segments under a new transaction and signature', async (protection) => {
    const { input, otsk, publicKey, keyId } = await setting();
    const first = await vault.handle('bind', { ...input, protection });
    const again = { kept: first.kept, keepFor: 'order-1', transactionId: octets(16, 0x22), hostId, otpkDp: first.otpkDp, euiccOtpk: input.euiccOtpk, signingKeyId: keyId };
    const second = await vault.handle('rebind', again);
    const device = { curve: 'P-256', otsk, eid, hostId } as const;
    const [a, b] = [openPackage(first.boundPackage, device), openPackage(second.boundPackage, device)];
    expect([...b.transactionId]).toEqual([...octets(16, 0x22)]);
    expect([...b.upp]).toEqual([...a.upp]);
    expect(verifyRaw('P-256', publicKey, concat(b.signedHead, tlv(0x5f49, input.euiccOtpk)), b.signature)).toBe(true);
    expect(Buffer.from(second.boundPackage).includes(Buffer.from(first.boundPackage).subarray(-500))).toBe(true);
  });

  test('refuses another order, other one-time keys, another host identifier, another curve, a changed seal', async () => {
    const { input, keyId } = await setting();
    const first = await vault.handle('bind', input);
    const again = { kept: first.kept, keepFor: 'order-1', transactionId, hostId, otpkDp: first.otpkDp, euiccOtpk: input.euiccOtpk, signingKeyId: keyId };
    const brainpool = await vault.handle('generateKey', { use: 'dppb', curve: 'brainpoolP256r1' });
    const changed = own(first.kept);
    changed[100]! ^= 1;
    await expect(vault.handle('rebind', { ...again, keepFor: 'order-2' })).rejects.toThrow(coded('SEAL_BROKEN'));
    await expect(vault.handle('rebind', { ...again, kept: changed })).rejects.toThrow(coded('SEAL_BROKEN'));
    await expect(vault.handle('rebind', { ...again, otpkDp: input.euiccOtpk })).rejects.toThrow(coded('VAULT_INPUT_INVALID'));
    await expect(vault.handle('rebind', { ...again, euiccOtpk: first.otpkDp })).rejects.toThrow(coded('VAULT_INPUT_INVALID'));
    await expect(vault.handle('rebind', { ...again, hostId: digits('other') })).rejects.toThrow(coded('VAULT_INPUT_INVALID'));
    await expect(vault.handle('rebind', { ...again, signingKeyId: brainpool.keyId })).rejects.toThrow(coded('KEY_USE_REFUSED'));
    await expect(vault.handle('rebind', { ...again, transactionId: octets(0, 0) })).rejects.toThrow(coded('VAULT_INPUT_INVALID'));
  });
});
