/** Check values of a prepared profile's keys: they tell keys apart and give nothing usable away. */
import { createCipheriv, type KeyObject } from 'node:crypto';
import type { CompiledTemplate } from '../saip/index.ts';
import type { OperationInput, OperationOutput } from '../vault-link/operations.ts';
import { profileContext } from './personalising.ts';
import { openProfile } from './sealing.ts';

/** Slots that hold keys of a block cipher; a PIN of four digits would be given away by any check value. */
const keyed = /^(k|scp\d\d[A-Z][a-z]+)$/;
const ciphers: Readonly<Record<number, string>> = { 16: 'aes-128-ecb', 24: 'aes-192-ecb', 32: 'aes-256-ecb' };
/** Not a key of AES: a secret shared for TLS. */
const notBlock = new Set(['scp81Psk']);

/** AES over 16 octets of zero, the first three octets; as for transport keys. Throws {@link VaultError} SEAL_BROKEN. */
export function checkValuesOf(compiled: CompiledTemplate, batchKey: KeyObject, input: OperationInput<'checkValues'>): OperationOutput<'checkValues'> {
  const slotBytes = openProfile(batchKey, profileContext(input.iccid, input.template), input.sealed);
  try {
    const values = compiled.slots.flatMap(({ name, at, length, late }) => {
      const cipher = ciphers[length];
      if (late || !keyed.test(name) || notBlock.has(name) || !cipher || at + length > slotBytes.length) return [];
      const encrypt = createCipheriv(cipher, slotBytes.subarray(at, at + length), null);
      encrypt.setAutoPadding(false);
      return [{ name, kcv: new Uint8Array(encrypt.update(new Uint8Array(16)).subarray(0, 3)) }];
    });
    return { values };
  } finally {
    slotBytes.fill(0);
  }
}
