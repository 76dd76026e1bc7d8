/** Shared by the vault's tests. Where a result is checked, it is checked on a path of its own: from the documented formats and node:crypto. */
import { createCipheriv, createDecipheriv, createECDH, createHash, createHmac, hkdfSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cmac } from '@noble/ciphers/aes.js';
import { afterAll } from 'vitest';
import { buildMetadata } from '../../../src/main/rsp/index.ts';
import type { Curve } from '../../../src/main/rsp/index.ts';
import { buildSampleTemplate, compileTemplate } from '../../../src/main/saip/index.ts';
import type { CompiledTemplate, SlotName } from '../../../src/main/saip/index.ts';
import { children, concat, readOne, sameBytes } from '../../../src/shared/tlv/index.ts';

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A fresh folder, removed after the file's tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mvne-vault-test-'));
  made.push(folder);
  return folder;
}

export const SLOTS: SlotName[] = [
  'iccid', 'imsi', 'acc', 'k', 'opc', 'pin1', 'pin2', 'puk1', 'puk2', 'adm1', 'msisdn', 'scp80Kic', 'scp80Kid', 'scp80Kik',
];

export function sampleTemplate(): CompiledTemplate {
  return compileTemplate(buildSampleTemplate(), { slots: SLOTS, constants: { spn: 'TEST ONLY' }, late: ['oplmnwact'] });
}

export const source = (compiled: CompiledTemplate) => ({
  digest: own(compiled.digest), base: own(compiled.base), slots: JSON.stringify(compiled.slots),
});

export const own = (octets: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(octets);

export const ICCID = '8944500000000000017';
export const IMSI = '001010000000001';
export const MSISDN = '+447000000001';

export const metadata = (iccid = ICCID): Uint8Array<ArrayBuffer> => own(buildMetadata({
  iccid, serviceProviderName: 'TEST ONLY', profileName: 'Test', profileClass: 'operational', notifications: [],
}));

const lengthPrefixed = (part: Uint8Array): Uint8Array => concat(Uint8Array.of(part.length >>> 8, part.length & 0xff), part);

/** Opens a version 1 blob by the documented format. */
export function openBlob(key: Uint8Array, context: (string | Uint8Array)[], sealed: Uint8Array): Uint8Array {
  if (sealed[0] !== 1) throw new Error('not version 1');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13));
  decipher.setAAD(concat(Uint8Array.of(1), ...context.map((part) => lengthPrefixed(Buffer.from(part as Uint8Array)))));
  decipher.setAuthTag(sealed.subarray(sealed.length - 16));
  const plain = decipher.update(sealed.subarray(13, sealed.length - 16));
  decipher.final();
  return plain;
}

export function openProfileBlob(batchKey: Uint8Array, context: (string | Uint8Array)[], sealed: Uint8Array): Uint8Array {
  if (sealed[0] !== 2) throw new Error('not version 2');
  return openBlob(openBlob(batchKey, context, sealed.subarray(1, 62)), context, sealed.subarray(62));
}

/** A key of a workspace without passphrase, from its file. */
export function workspaceKey(root: string, purpose: string): Uint8Array {
  const kek = readFileSync(join(root, 'kek')).subarray(2);
  return new Uint8Array(hkdfSync('sha256', kek, new Uint8Array(0), `mvne-desk vault ${purpose}`, 32));
}

export const fingerprint = (root: string, k: Uint8Array): Uint8Array => createHmac('sha256', workspaceKey(root, 'fingerprint')).update(k).digest();

/** Slot values of a profile, by the template's table. */
export function slotsOf(compiled: CompiledTemplate, slotBytes: Uint8Array): Record<string, Uint8Array> {
  return Object.fromEntries(compiled.slots.filter((slot) => !slot.late).map(({ name, at, length }) => [name, slotBytes.subarray(at, at + length)]));
}

export interface OpenedPackage {
  readonly transactionId: Uint8Array;
  readonly otpkDp: Uint8Array;
  /** What the signature covers, without the eUICC's key. */
  readonly signedHead: Uint8Array;
  readonly signature: Uint8Array;
  readonly configureIsdp: Uint8Array;
  readonly metadata: Uint8Array;
  readonly upp: Uint8Array;
  /** A ReplaceSessionKeys block was there. */
  readonly replaced: boolean;
}

/** The eUICC's side, written from SGP.22 v2.2, 2.5 and annex G with node:crypto and another CMAC. */
export function openPackage(bound: Uint8Array, device: { curve: Curve; otsk: Uint8Array; eid: Uint8Array; hostId: Uint8Array }): OpenedPackage {
  const parts = children(readOne(bound, 0xbf36));
  const [head, a0, a1] = parts;
  const fields = children(head!);
  const otpkDp = fields[3]!.value;
  const ecdh = createECDH(device.curve === 'P-256' ? 'prime256v1' : 'brainpoolP256r1');
  ecdh.setPrivateKey(device.otsk);
  const z = ecdh.computeSecret(otpkDp);
  const info = concat(Uint8Array.of(0x88, 0x10, device.hostId.length), device.hostId, Uint8Array.of(16), device.eid);
  const block = (n: number) => createHash('sha256').update(z).update(Uint8Array.of(0, 0, 0, n)).update(info).digest();
  const data = concat(block(1), block(2));
  let chain = data.slice(0, 16);
  let enc = data.slice(16, 32);
  let mac = data.slice(32, 48);
  let counter = 0;
  const verify = (raw: Uint8Array): Uint8Array => {
    counter += 1;
    const full = cmac(concat(chain, raw.subarray(0, raw.length - 8)), mac);
    if (!sameBytes(full.subarray(0, 8), raw.subarray(raw.length - 8))) throw new Error('MAC wrong');
    chain = full;
    const node = readOne(raw);
    return node.value.subarray(0, node.value.length - 8);
  };
  const decrypt = (raw: Uint8Array): Uint8Array => {
    if (raw.length > 1020) throw new Error('segment too long');
    const body = verify(raw);
    const block16 = new Uint8Array(16);
    new DataView(block16.buffer).setUint32(12, counter);
    const icv = ecb(enc, block16);
    const plain = cbcDecrypt(enc, icv, body);
    let end = plain.length;
    while (plain[end - 1] === 0) end -= 1;
    if (plain[end - 1] !== 0x80) throw new Error('padding wrong');
    return plain.subarray(0, end - 1);
  };
  const configureIsdp = concat(...children(a0!).map((node) => decrypt(node.raw)));
  const storeMetadata = concat(...children(a1!).map((node) => verify(node.raw)));
  const replaced = parts[3]?.tag === 0xa2;
  if (replaced) {
    const [c, e, m] = children(readOne(concat(...children(parts[3]!).map((node) => decrypt(node.raw))), 0xbf26));
    chain = Uint8Array.from(c!.value);
    enc = Uint8Array.from(e!.value);
    mac = Uint8Array.from(m!.value);
    counter = 0;
  }
  const upp = concat(...children(parts.at(-1)!).map((node) => decrypt(node.raw)));
  return {
    transactionId: fields[1]!.value, otpkDp, signedHead: concat(...fields.slice(0, 4).map((node) => node.raw)), signature: fields[4]!.value,
    configureIsdp, metadata: storeMetadata, upp, replaced,
  };
}

function ecb(key: Uint8Array, block: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return concat(cipher.update(block), cipher.final());
}

function cbcDecrypt(key: Uint8Array, iv: Uint8Array, input: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
  return concat(decipher.update(input), decipher.final());
}
