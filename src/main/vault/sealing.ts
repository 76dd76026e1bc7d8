/**
 * Sealed blobs: AES-256-GCM, bound to what they belong to.
 *
 * | octets | meaning |
 * | ------ | ------- |
 * | 1      | version, 01 |
 * | 12     | nonce, random |
 * | n      | ciphertext |
 * | 16     | tag |
 *
 * Additional data: version, then each part of the context with a two-octet length, so no two contexts read the same.
 *
 * A profile blob is version 02: a profile key sealed under the batch key (61 octets), then the content sealed under that
 * profile key, both in the form above and in the same context. Destroying the 61 octets destroys the content.
 */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { concat, utf8Bytes } from '../../shared/tlv/index.ts';
import { VaultError } from '../vault-link/operations.ts';
import type { RandomBytes } from './random.ts';

const VERSION = 1;
const PROFILE_VERSION = 2;
const NONCE = 12;
const TAG = 16;
const OVERHEAD = 1 + NONCE + TAG;
const WRAPPED = OVERHEAD + 32;

/** What a blob belongs to: its purpose first. */
export type Context = readonly (string | Uint8Array)[];

function additionalData(context: Context): Uint8Array {
  const parts = context.map((part) => (typeof part === 'string' ? utf8Bytes(part) : part));
  return concat(Uint8Array.of(VERSION), ...parts.flatMap((part) => [Uint8Array.of(part.length >>> 8, part.length & 0xff), part]));
}

// A cipher takes a key object in 10 µs; given the same octets directly it needs five times as long.
const keyObject = (key: KeyObject | Uint8Array): KeyObject => (key instanceof Uint8Array ? createSecretKey(key) : key);

export function seal(key: KeyObject | Uint8Array, context: Context, plain: Uint8Array, random: RandomBytes): Uint8Array {
  const nonce = random(NONCE);
  const cipher = createCipheriv('aes-256-gcm', keyObject(key), nonce);
  cipher.setAAD(additionalData(context));
  const body = cipher.update(plain);
  cipher.final();
  return concat(Uint8Array.of(VERSION), nonce, body, cipher.getAuthTag());
}

/** Throws {@link VaultError} SEAL_BROKEN on another key, another context, or any changed octet. The caller zeroes the result. */
export function open(key: KeyObject | Uint8Array, context: Context, sealed: Uint8Array): Uint8Array {
  if (sealed.length < OVERHEAD || sealed[0] !== VERSION) throw broken(context);
  const decipher = createDecipheriv('aes-256-gcm', keyObject(key), sealed.subarray(1, 1 + NONCE), { authTagLength: TAG });
  decipher.setAAD(additionalData(context));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
  const plain = decipher.update(sealed.subarray(1 + NONCE, sealed.length - TAG));
  try {
    decipher.final();
  } catch {
    plain.fill(0);
    throw broken(context);
  }
  return plain;
}

function broken(context: Context): VaultError {
  return new VaultError('SEAL_BROKEN', `the sealed ${String(context[0])} was changed, or belongs to another profile, order or workspace`);
}

export function sealProfile(batchKey: KeyObject | Uint8Array, context: Context, plain: Uint8Array, random: RandomBytes): Uint8Array {
  const profileKey = random(32);
  try {
    return concat(Uint8Array.of(PROFILE_VERSION), seal(batchKey, context, profileKey, random), seal(profileKey, context, plain, random));
  } finally {
    profileKey.fill(0);
  }
}

/** Throws {@link VaultError} SEAL_BROKEN. The caller zeroes the result. */
export function openProfile(batchKey: KeyObject | Uint8Array, context: Context, sealed: Uint8Array): Uint8Array {
  if (sealed.length < 1 + WRAPPED + OVERHEAD || sealed[0] !== PROFILE_VERSION) throw broken(context);
  const profileKey = open(batchKey, context, sealed.subarray(1, 1 + WRAPPED));
  try {
    return open(profileKey, context, sealed.subarray(1 + WRAPPED));
  } finally {
    profileKey.fill(0);
  }
}

/** Keys derived from the KEK, one per purpose (HKDF-SHA-256), held outside the JavaScript heap. */
export interface WorkspaceKeys {
  readonly signing: KeyObject;
  readonly batch: KeyObject;
  readonly kept: KeyObject;
  readonly confirmation: KeyObject;
  readonly fingerprint: KeyObject;
  readonly transport: KeyObject;
}

const purposes = ['signing', 'batch', 'kept', 'confirmation', 'fingerprint', 'transport'] as const satisfies (keyof WorkspaceKeys)[];

/** Zeroes the KEK. */
export function deriveWorkspaceKeys(kek: Uint8Array): WorkspaceKeys {
  try {
    return Object.fromEntries(purposes.map((purpose) => {
      const octets = new Uint8Array(hkdfSync('sha256', kek, new Uint8Array(0), `mvne-desk vault ${purpose}`, 32));
      try {
        return [purpose, createSecretKey(octets)];
      } finally {
        octets.fill(0);
      }
    })) as unknown as WorkspaceKeys;
  } finally {
    kek.fill(0);
  }
}
