/**
 * The key-encryption key of a workspace, in the file `kek`:
 *
 * not protected: `01 00`, then the key, 32 octets;
 * passphrase: `01 01`, log2 N (1 octet), r (2), p (2), salt (16), then the key sealed under scrypt(passphrase).
 */
import { scryptSync } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { concat } from '../../shared/tlv/index.ts';
import { VaultError } from '../vault-link/operations.ts';
import { readPrivateFile, StoreError, writePrivateFile } from './files.ts';
import type { RandomBytes } from './random.ts';
import { open, seal } from './sealing.ts';

export type Protection = 'not-protected' | 'passphrase';

export interface ScryptCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MiB and about half a second. */
export const DEFAULT_COST: ScryptCost = { logN: 17, r: 8, p: 1 };

/** Put there by a host before the first start with a passphrase: a start that was cut off before the KEK was made is not gone on with without one. */
const WANTED = 'passphrase-wanted';
const KEK = 32;
const SALT = 16;
const HEAD = 7;
const FORMAT = 1;

/**
 * Reads the KEK, or makes it when the workspace has none. Throws {@link StoreError}: VAULT_LOCKED without the right
 * passphrase (nothing is written), VAULT_KEY_MISSING when it is gone from a workspace that had it (nothing is written either),
 * VAULT_LOCKED also without any passphrase where the workspace was begun with one and has no KEK yet,
 * VAULT_PROTECTION_DIFFERS for a passphrase where none protects the key. The caller zeroes the key.
 */
export function openKek(root: string, passphrase: Uint8Array | undefined, random: RandomBytes, cost = DEFAULT_COST): { kek: Uint8Array; protection: Protection } {
  const path = join(root, 'kek');
  const stored = readPrivateFile(path);
  if (stored) return readKek(stored, passphrase);
  // Made after the KEK and only with it: where the folder is, the KEK was. A new one would open nothing that is there.
  if (existsSync(join(root, 'keys'))) {
    const meanwhile = readPrivateFile(path);
    if (meanwhile) return readKek(meanwhile, passphrase);
    throw new StoreError('VAULT_KEY_MISSING', 'the key file vault/kek of this workspace is missing, and what is sealed under it cannot be opened without it; put the file back from a backup');
  }
  if (!passphrase && existsSync(join(root, WANTED))) throw new StoreError('VAULT_LOCKED', 'this workspace was begun with a passphrase and its key was not made yet; give the passphrase it shall have');
  if (passphrase?.length === 0) throw new StoreError('VAULT_LOCKED', 'the passphrase is empty');
  const kek = random(KEK);
  const content = passphrase ? wrapped(kek, passphrase, random, cost) : concat(Uint8Array.of(FORMAT, 0), kek);
  const made = writePrivateFile(path, content, { fresh: true });
  content.fill(0);
  rmSync(join(root, WANTED), { force: true });
  if (made) return { kek, protection: passphrase ? 'passphrase' : 'not-protected' };
  kek.fill(0);
  return openKek(root, passphrase, random, cost);
}

function readKek(stored: Buffer, passphrase: Uint8Array | undefined): { kek: Uint8Array; protection: Protection } {
  try {
    if (stored[0] === FORMAT && stored[1] === 0 && stored.length === 2 + KEK) {
      if (passphrase) throw new StoreError('VAULT_PROTECTION_DIFFERS', 'this workspace\'s keys are not protected by a passphrase; start it without one');
      return { kek: Uint8Array.from(stored.subarray(2)), protection: 'not-protected' };
    }
    if (stored[0] === FORMAT && stored[1] === 1 && stored.length > HEAD + SALT) {
      if (!passphrase?.length) throw new StoreError('VAULT_LOCKED', 'this workspace is protected by a passphrase, and none was given');
      return { kek: unwrapped(stored, passphrase), protection: 'passphrase' };
    }
    throw new StoreError('VAULT_STORE_BROKEN', 'the vault\'s file kek is damaged');
  } finally {
    stored.fill(0);
  }
}

function derive(passphrase: Uint8Array, salt: Uint8Array, { logN, r, p }: ScryptCost): Uint8Array {
  return scryptSync(passphrase, salt, 32, { N: 2 ** logN, r, p, maxmem: 256 * r * (2 ** logN + p) + 1_048_576 });
}

function wrapped(kek: Uint8Array, passphrase: Uint8Array, random: RandomBytes, cost: ScryptCost): Uint8Array {
  const salt = random(SALT);
  const head = concat(Uint8Array.of(FORMAT, 1, cost.logN, cost.r >>> 8, cost.r & 0xff, cost.p >>> 8, cost.p & 0xff), salt);
  const wrapping = derive(passphrase, salt, cost);
  try {
    return concat(head, seal(wrapping, ['kek', head], kek, random));
  } finally {
    wrapping.fill(0);
  }
}

function unwrapped(stored: Buffer, passphrase: Uint8Array): Uint8Array {
  const cost = { logN: stored[2]!, r: stored.readUInt16BE(3), p: stored.readUInt16BE(5) };
  // The costs come from a file: keep a damaged one from taking all memory.
  if (cost.logN < 1 || cost.logN > 20 || cost.r < 1 || cost.r > 16 || cost.p < 1 || cost.p > 16) {
    throw new StoreError('VAULT_STORE_BROKEN', 'the vault\'s file kek is damaged');
  }
  const head = stored.subarray(0, HEAD + SALT);
  const wrapping = derive(passphrase, head.subarray(HEAD), cost);
  try {
    const kek = open(wrapping, ['kek', head], stored.subarray(HEAD + SALT));
    if (kek.length !== KEK) throw new StoreError('VAULT_STORE_BROKEN', 'the vault\'s file kek is damaged');
    return kek;
  } catch (error) {
    if (error instanceof VaultError) throw new StoreError('VAULT_LOCKED', 'the passphrase is wrong');
    throw error;
  } finally {
    wrapping.fill(0);
  }
}
