/** Confirmation codes: only SHA-256(code) is kept, sealed for its order (SGP.22 v2.2, 5.7.5). */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { VaultError } from '../vault-link/operations.ts';
import type { RandomBytes } from './random.ts';
import { open, seal } from './sealing.ts';

const context = (orderId: string): readonly string[] => ['confirmation code', orderId];

/** Throws {@link VaultError} CONFIRMATION_CODE_INVALID when the code is empty or over 64 octets. */
export function sealConfirmationCode(key: KeyObject, orderId: string, code: Uint8Array, random: RandomBytes): Uint8Array {
  if (code.length < 1 || code.length > 64) throw new VaultError('CONFIRMATION_CODE_INVALID', 'a confirmation code has 1 to 64 octets');
  const hash = createHash('sha256').update(code).digest();
  try {
    return seal(key, context(orderId), hash, random);
  } finally {
    hash.fill(0);
  }
}

export function verifyConfirmationCode(key: KeyObject, orderId: string, sealed: Uint8Array, transactionId: Uint8Array, hashCc: Uint8Array): boolean {
  const hash = open(key, context(orderId), sealed);
  try {
    const expected = createHash('sha256').update(hash).update(transactionId).digest();
    return hashCc.length === expected.length && timingSafeEqual(expected, hashCc);
  } finally {
    hash.fill(0);
  }
}
