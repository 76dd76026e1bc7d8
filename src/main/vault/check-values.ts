/** Check values of a prepared profile's keys: they tell keys apart and give nothing usable away. */
import { createCipheriv, type KeyObject } from 'node:crypto';
import type { CompiledTemplate } from '../saip/index.ts';
import type { OperationInput, OperationOutput } from '../vault-link/operations.ts';
import { profileContext } from './personalising.ts';
import { openProfile } from './sealing.ts';

/** Slots that hold keys of a block cipher; a PIN of four digits would be given away by any check value. */
const keyed = /^(k|scp\d\d[A-Z][a-z]+)$/;
const aes: Readonly<Record<number, string>> = { 16: 'aes-128-ecb', 24: 'aes-192-ecb', 32: 'aes-256-ecb' };
const des: Readonly<Record<number, string>> = { 16: 'des-ede-ecb', 24: 'des-ede3-ecb' };
/** Not a key of a block cipher: a secret shared for TLS. */
const notBlock = new Set(['scp81Psk']);

type Slot = CompiledTemplate['slots'][number];

/** Whether the key object a slot is part of is one of triple DES: `80 01 <type> 86 <length>` stands before its octets (SAIP 3.4.1, 8.6.3). */
function isDes(compiled: CompiledTemplate, { name, writes, length }: Slot): boolean {
  const at = writes[0]?.offset ?? 0;
  const { base } = compiled;
  return name.startsWith('scp') && base[at - 1] === length && base[at - 2] === 0x86 && base[at - 3] === 0x80 && base[at - 4] === 1 && base[at - 5] === 0x80;
}

/**
 * The first three octets of a block of zeros under the key: AES, or triple DES where the template's key set is of that. Undefined for a slot
 * that holds no key of a block cipher.
 */
export function checkValueOf(compiled: CompiledTemplate, slot: Slot, key: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (slot.late || !keyed.test(slot.name) || notBlock.has(slot.name)) return undefined;
  const triple = isDes(compiled, slot);
  const name = (triple ? des : aes)[slot.length];
  if (name === undefined || key.length !== slot.length) return undefined;
  const cipher = createCipheriv(name, key, null);
  cipher.setAutoPadding(false);
  return new Uint8Array(cipher.update(new Uint8Array(triple ? 8 : 16)).subarray(0, 3));
}

/** Of all keys. Throws {@link VaultError} SEAL_BROKEN. */
export function checkValuesOf(compiled: CompiledTemplate, batchKey: KeyObject, input: OperationInput<'checkValues'>): OperationOutput<'checkValues'> {
  const slotBytes = openProfile(batchKey, profileContext(input.iccid, input.template), input.sealed);
  try {
    const values = compiled.slots.flatMap((slot) => {
      const kcv = checkValueOf(compiled, slot, slotBytes.subarray(slot.at, slot.at + slot.length));
      return kcv ? [{ name: slot.name, kcv }] : [];
    });
    return { values };
  } finally {
    slotBytes.fill(0);
  }
}
