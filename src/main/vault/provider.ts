import type { Curve } from '../rsp/index.ts';

export type KeyUse = 'ci' | 'dpauth' | 'dppb' | 'tls' | 'audit';

export interface KeyRecord {
  readonly keyId: string;
  readonly use: KeyUse;
  readonly curve: Curve;
  /** Uncompressed point, 65 octets. */
  readonly publicKey: Uint8Array;
}

/**
 * Where private keys live. A hardware token is one, the sealed files of the workspace are another; the rest of the vault
 * knows keys by their id only.
 */
export interface KeyProvider {
  readonly kind: 'software' | 'pkcs11';
  list(): KeyRecord[];
  /** Throws VaultError KEY_UNKNOWN. */
  find(keyId: string): KeyRecord;
  generate(use: KeyUse, curve: Curve): KeyRecord;
  /** Takes a private scalar, 32 octets, and zeroes it. */
  adopt(use: KeyUse, curve: Curve, scalar: Uint8Array): KeyRecord;
  /** ECDSA over SHA-256 of `data`, raw r||s. Node's signer hashes itself, so a token's provider hashes before it signs. */
  sign(keyId: string, data: Uint8Array): Uint8Array;
  /** PKCS#8, where the provider can give a key away; the caller zeroes it. */
  release(keyId: string): Uint8Array;
}
