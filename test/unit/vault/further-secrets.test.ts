import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  buildSampleTemplate, type CompiledTemplate, compileTemplate, computeTopc, decodePublicSlots, editPackage, LATE_NAMES, SAMPLE_SLOTS, type SlotName, type TemplateEdit,
} from '../../../src/main/saip/index.ts';
import { openVault } from '../../../src/main/vault/index.ts';
import type { OpenVault } from '../../../src/main/vault/index.ts';
import type { SubscriberSecrets } from '../../../src/main/vault-link/operations.ts';
import { ICCID, IMSI, MSISDN, openBlob, openProfileBlob, own, slotsOf, source, temporaryFolder, workspaceKey } from './support.ts';

const coded = (code: string): Error => expect.objectContaining({ code }) as unknown as Error;
const octets = (n: number, fill: number): Uint8Array<ArrayBuffer> => new Uint8Array(n).fill(fill);

let root: string;
let vault: OpenVault;
let batchKey: Uint8Array;

beforeAll(async () => {
  root = join(temporaryFolder(), 'vault');
  vault = openVault({ root });
  ({ batchKey } = await vault.handle('createBatchKey', {}));
});

const template = (edits: readonly TemplateEdit[], further: readonly SlotName[] = [], isim?: 'own'): CompiledTemplate =>
  compileTemplate(editPackage(buildSampleTemplate(isim ? { isim } : {}), edits).der, { slots: [...SAMPLE_SLOTS.filter((name) => name !== 'spn' && name !== 'smsp'), ...further], late: LATE_NAMES });

/** Prepares one profile and opens its slots as only a test can. */
async function prepared(compiled: CompiledTemplate, secrets?: SubscriberSecrets): Promise<{ slots: Record<string, Uint8Array>; slotBytes: Uint8Array; keysMade: boolean | undefined }> {
  await vault.handle('loadTemplate', source(compiled));
  const sealed = secrets && (await vault.handle('sealSubscribers', { batchKey, items: [{ iccid: ICCID, secrets }] })).items[0]!.sealed;
  const { items } = await vault.handle('prepare', {
    template: own(compiled.digest), batchKey, items: [{ iccid: ICCID, imsi: IMSI, msisdn: MSISDN, ...(sealed ? { subscriber: { sealed, batchKey } } : {}) }],
  });
  const key = openBlob(workspaceKey(root, 'batch'), ['batch key'], batchKey);
  const slotBytes = openProfileBlob(key, ['profile', ICCID, own(compiled.digest)], items[0]!.sealed);
  return { slots: slotsOf(compiled, slotBytes), slotBytes, keysMade: items[0]!.keysMade };
}

test('says whether keys were made here; codes are none', async () => {
  const compiled = template([]);
  const ota = () => Object.fromEntries(['scp80Kic', 'scp80Kid', 'scp80Kik'].map((name) => [name, octets(16, 7)]));
  expect((await prepared(compiled, { k: octets(16, 1), opc: octets(16, 2), ...ota() })).keysMade).toBe(false);
  expect((await prepared(compiled, { k: octets(16, 1), op: octets(16, 2), ...ota() })).keysMade).toBe(false);
  expect((await prepared(compiled, { k: octets(16, 1), ...ota() })).keysMade).toBe(true);
  expect((await prepared(compiled, { k: octets(16, 1), opc: octets(16, 2) })).keysMade).toBe(true);
  expect((await prepared(compiled)).keysMade).toBe(true);
});

describe('TUAK', () => {
  test.each([16, 32] as const)('K of %i octets: TOPc is computed from TOP, taken as given, or made', async (keyBytes) => {
    const compiled = template([{ kind: 'algorithm', algorithm: 'tuak', keyBytes, iterations: 2 }]);
    const k = octets(keyBytes, 0xa1);
    const derived = await prepared(compiled, { k: own(k), op: octets(32, 0xb2) });
    expect([...derived.slots['k']!]).toEqual([...k]);
    expect([...derived.slots['opc']!]).toEqual([...computeTopc(k, octets(32, 0xb2), 2)]);
    const given = await prepared(compiled, { k: own(k), opc: octets(32, 0xc3) });
    expect([...given.slots['opc']!]).toEqual([...octets(32, 0xc3)]);
    const made = await prepared(compiled);
    expect([made.slots['k']!.length, made.slots['opc']!.length]).toEqual([keyBytes, 32]);
    expect(new Set(made.slots['opc']!).size).toBeGreaterThan(8);
  });

  test('values for another algorithm are refused by name', async () => {
    const compiled = template([{ kind: 'algorithm', algorithm: 'tuak' }]);
    await expect(prepared(compiled, { k: octets(16, 1), op: octets(16, 2) })).rejects.toThrow(coded('SECRETS_INVALID'));
    await expect(prepared(compiled, { k: octets(16, 1), opc: octets(16, 2) })).rejects.toThrow(/opc of profile 8944500000000000017/);
    await expect(prepared(compiled, { k: octets(32, 1), opc: octets(32, 2) })).rejects.toThrow(/k of profile/);
    await expect(prepared(template([]), { k: octets(16, 1), op: octets(32, 2) })).rejects.toThrow(coded('SECRETS_INVALID'));
  });
});

describe('further codes and keys', () => {
  const sets: TemplateEdit[] = [
    { kind: 'add-key-set', set: { protocol: 'scp81', version: 0x40, algorithm: 'aes', bytes: 16 } }, { kind: 'add-key-set', set: { protocol: 'scp03', version: 0x30, algorithm: 'aes', bytes: 32 } },
    { kind: 'add-key-set', set: { protocol: 'scp02', version: 0x20, algorithm: 'des', bytes: 16 } },
  ];
  const names = ['scp81Psk', 'scp81Dek', 'scp02Enc', 'scp02Mac', 'scp02Dek', 'scp03Enc', 'scp03Mac', 'scp03Dek'] as const;

  test('are taken from the stock file', async () => {
    const compiled = template(sets, names);
    const { slots } = await prepared(compiled, { adm2: octets(8, 0xd4), scp81Psk: octets(16, 0xe5), scp03Mac: octets(32, 0xf6), scp02Dek: octets(16, 0x17) });
    expect([...slots['adm2']!]).toEqual([...octets(8, 0xd4)]);
    expect([...slots['scp81Psk']!]).toEqual([...octets(16, 0xe5)]);
    expect([...slots['scp03Mac']!]).toEqual([...octets(32, 0xf6)]);
    expect([...slots['scp02Dek']!]).toEqual([...octets(16, 0x17)]);
  });

  test('are made where the file has none, no two the same', async () => {
    const compiled = template(sets, names);
    const { slots } = await prepared(compiled);
    const values = names.map((name) => Buffer.from(slots[name]!).toString('hex'));
    expect(values.map((hex) => hex.length / 2)).toEqual([16, 16, 16, 16, 16, 32, 32, 32]);
    expect(new Set(values).size).toBe(names.length);
  });

  test('of a length the template has no room for are refused', async () => {
    await expect(prepared(template(sets, names), { scp03Enc: octets(16, 1) })).rejects.toThrow(/scp03Enc of profile/);
    await expect(prepared(template(sets, names), { scp02Enc: octets(24, 1) })).rejects.toThrow(coded('SECRETS_INVALID'));
  });

  test('IMS identities come from the IMSI', async () => {
    const compiled = template([], ['impi', 'impu'], 'own');
    const { slotBytes } = await prepared(compiled);
    const domain = `ims.mnc0${IMSI.slice(3, 5)}.mcc${IMSI.slice(0, 3)}.3gppnetwork.org`;
    expect(decodePublicSlots(compiled, slotBytes)).toMatchObject({ impi: `${IMSI}@${domain}`, impu: `sip:${IMSI}@${domain}` });
  });
});
