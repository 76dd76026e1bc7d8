import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { buildSampleTemplate, compileTemplate, SAMPLE_SLOTS } from '../../../src/main/saip/index.ts';
import { personaliseItem } from '../../../src/main/vault/personalising.ts';
import { openVault } from '../../../src/main/vault/index.ts';
import type { OpenVault } from '../../../src/main/vault/index.ts';
import type { SubscriberSecrets } from '../../../src/main/vault-link/operations.ts';
import { createSecretKey } from 'node:crypto';
import { ICCID, IMSI, MSISDN, openProfileBlob, own, slotsOf, source, temporaryFolder } from './support.ts';

const ascii = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(text, (c) => c.charCodeAt(0));
const hex = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(text.match(/../g)!, (octet) => Number.parseInt(octet, 16));
const compiled = compileTemplate(buildSampleTemplate(), { slots: SAMPLE_SLOTS.filter((name) => name !== 'spn' && name !== 'smsp') });
let vault: OpenVault;
let batchKey: Uint8Array;
beforeAll(async () => {
  vault = openVault({ root: join(temporaryFolder(), 'vault') });
  ({ batchKey } = await vault.handle('createBatchKey', {}));
  await vault.handle('loadTemplate', source(compiled));
});

async function prepare(secrets: SubscriberSecrets, strict: boolean): Promise<unknown> {
  const { items: [sealed] } = await vault.handle('sealSubscribers', { batchKey, items: [{ iccid: ICCID, secrets }] });
  return vault.handle('prepare', { template: own(compiled.digest), batchKey, items: [{ iccid: ICCID, imsi: IMSI, msisdn: MSISDN, subscriber: { sealed: sealed!.sealed, batchKey }, strict }] });
}

const sound = () => ({ k: hex('8d1f0c4be2a7935b66d0e4c1f7a80923'), opc: hex('1b44aa09c7e2d35f908e6672c5b1d4fe') });

test.each<[string, string, () => SubscriberSecrets]>([
  ['K that is published', 'V26', () => ({ ...sound(), k: hex('000102030405060708090a0b0c0d0e0f') })],
  ['K of equal octets', 'V26', () => ({ ...sound(), k: new Uint8Array(16) })],
  ['PIN 0000', 'V13', () => ({ ...sound(), pin1: ascii('0000') })],
  ['PUK 11111111', 'V13', () => ({ ...sound(), puk1: ascii('11111111') })],
  ['ADM 55555555', 'V13', () => ({ ...sound(), adm1: ascii('55555555') })],
  ['OTA key of zeros', 'V35', () => ({ ...sound(), scp80Kic: new Uint8Array(16) })],
])('a profile with %s is for the Lab only, and the refusal does not say the value', async (_what, rule, secrets) => {
  const refusal = await prepare(secrets(), true).then(() => undefined, (error: Error & { code: string }) => error);
  expect(refusal).toMatchObject({ code: 'SECRETS_INVALID' });
  expect(refusal!.message).toContain(`(${rule})`);
  expect(refusal!.message.replace(ICCID, '')).not.toMatch(/\d{4}/);
  await expect(prepare(secrets(), false)).resolves.toBeDefined();
});

test('sound secrets pass everywhere', async () => {
  await expect(prepare(sound(), true)).resolves.toBeDefined();
});

test('codes made here are never defaults that everybody knows', () => {
  // Randomness that gives 0000, 00000000 first and something else afterwards.
  let calls = 0;
  const random = (length: number): Uint8Array => new Uint8Array(length).map((_, i) => (calls++ < 40 ? 0 : (7 * i + calls) % 250));
  const key = createSecretKey(new Uint8Array(32).fill(9));
  const item = personaliseItem({ compiled, batchKey: key, fingerprintKey: key, random }, { iccid: ICCID, imsi: IMSI });
  const slots = slotsOf(compiled, openProfileBlob(Buffer.from(key.export()), ['profile', ICCID, own(compiled.digest)], item.sealed));
  const text = (name: string) => Buffer.from(slots[name]!).toString('latin1').replace(/\u00ff+$/, '');
  expect(['0000', '9999']).not.toContain(text('pin1'));
  expect(text('puk1')).not.toBe('00000000');
  expect(text('adm1')).not.toBe('00000000');
});
