/**
 * Signing keys in files of the workspace, `keys/<keyId>.json`: public facts in clear, the private scalar sealed under the
 * workspace's key for signing keys, bound to id, use, curve and public key. Opened once, at start, into key objects.
 */
import { createHash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, sameBytes, toHex, utf8Bytes } from '../../shared/tlv/index.ts';
import { importPrivateKey, publicPoint, RspError, signWithKey } from '../rsp/index.ts';
import type { Curve } from '../rsp/index.ts';
import { curve as curveSchema, keyUse, VaultError } from '../vault-link/operations.ts';
import { openPrivateFolder, readPrivateFile, removeTemporaryFiles, StoreError, writePrivateFile } from './files.ts';
import { drawScalar } from './key-material.ts';
import type { KeyProvider, KeyRecord, KeyUse } from './provider.ts';
import type { RandomBytes } from './random.ts';
import { open, seal } from './sealing.ts';

interface HeldKey extends KeyRecord {
  readonly key: KeyObject;
}

/** The same key for the same use has the same id: an import may be repeated. */
function idOf(use: KeyUse, curve: Curve, publicKey: Uint8Array): string {
  return `${use}-${createHash('sha256').update(curve).update(publicKey).digest('hex').slice(0, 20)}`;
}

const contextOf = ({ keyId, use, curve, publicKey }: KeyRecord) => ['signing key', keyId, use, curve, publicKey] as const;

/** Throws {@link StoreError} when a file is damaged, open to others, or sealed under another key. */
export function openSoftwareProvider(root: string, sealingKey: KeyObject, random: RandomBytes): KeyProvider {
  const folder = join(root, 'keys');
  openPrivateFolder(folder);
  removeTemporaryFiles(folder);
  const keys = new Map<string, HeldKey>();
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith('.json')) continue;
    const held = readKeyFile(join(folder, name), name, sealingKey);
    keys.set(held.keyId, held);
  }

  const get = (keyId: string): HeldKey => {
    const held = keys.get(keyId);
    if (!held) throw new VaultError('KEY_UNKNOWN', 'the vault has no key of this id');
    return held;
  };
  const publicRecord = ({ keyId, use, curve, publicKey }: HeldKey): KeyRecord => ({ keyId, use, curve, publicKey });

  const adopt = (use: KeyUse, curve: Curve, scalar: Uint8Array): KeyRecord => {
    try {
      const publicKey = pointOf(curve, scalar);
      const record: KeyRecord = { keyId: idOf(use, curve, publicKey), use, curve, publicKey };
      if (!keys.has(record.keyId)) {
        const sealed = seal(sealingKey, contextOf(record), scalar, random);
        const file = { version: 1, keyId: record.keyId, use, curve, publicKey: toHex(publicKey), sealed: toHex(sealed) };
        writePrivateFile(join(folder, `${record.keyId}.json`), utf8Bytes(`${JSON.stringify(file, undefined, 2)}\n`));
        keys.set(record.keyId, { ...record, key: importPrivateKey(curve, scalar) });
      }
      return record;
    } finally {
      scalar.fill(0);
    }
  };
  return {
    kind: 'software',
    list: () => [...keys.values()].map(publicRecord),
    find: (keyId) => publicRecord(get(keyId)),
    adopt,
    generate: (use, curve) => adopt(use, curve, drawScalar(curve, random)),
    sign: (keyId, data) => signWithKey(get(keyId).key, data),
    release: (keyId) => get(keyId).key.export({ format: 'der', type: 'pkcs8' }),
  };
}

function pointOf(curve: Curve, scalar: Uint8Array): Uint8Array {
  try {
    return publicPoint(curve, scalar);
  } catch (error) {
    if (error instanceof RspError) throw new VaultError('KEY_MALFORMED', 'the private key does not fit its curve');
    throw error;
  }
}

function readKeyFile(path: string, name: string, sealingKey: KeyObject): HeldKey {
  const damaged = (why: string): StoreError => new StoreError('VAULT_STORE_BROKEN', `the key file ${name} ${why}`);
  const content = readPrivateFile(path);
  if (!content) throw damaged('disappeared');
  let file: Record<string, unknown>;
  try {
    file = JSON.parse(content.toString('utf8')) as Record<string, unknown>;
  } catch {
    throw damaged('is damaged');
  }
  const use = keyUse.safeParse(file?.['use']);
  const curve = curveSchema.safeParse(file?.['curve']);
  const { version, keyId, publicKey, sealed } = file ?? {};
  if (version !== 1 || !use.success || !curve.success || typeof keyId !== 'string' || name !== `${keyId}.json`
    || typeof publicKey !== 'string' || typeof sealed !== 'string' || !/^(?:[0-9a-f]{2})+$/.test(publicKey) || !/^(?:[0-9a-f]{2})+$/.test(sealed)) {
    throw damaged('is damaged');
  }
  const record: KeyRecord = { keyId, use: use.data, curve: curve.data, publicKey: fromHex(publicKey) };
  let scalar: Uint8Array;
  try {
    scalar = open(sealingKey, contextOf(record), fromHex(sealed));
  } catch (error) {
    if (error instanceof VaultError) throw damaged('was changed, or belongs to another workspace');
    throw error;
  }
  try {
    if (!sameBytes(publicPoint(record.curve, scalar), record.publicKey)) throw damaged('holds another key than it says');
    return { ...record, key: importPrivateKey(record.curve, scalar) };
  } finally {
    scalar.fill(0);
  }
}
