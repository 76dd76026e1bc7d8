/**
 * The virtual eUICC's own cryptography, over node:crypto alone. It shares no line with `rsp/`, so that a mistake in
 * the SM-DP+'s secure channel cannot hide behind the same mistake on this side.
 */
import { createCipheriv, createDecipheriv, createECDH, createHash, createPublicKey, sign, timingSafeEqual, verify } from 'node:crypto';
import { concat } from '../../../shared/tlv/index.ts';
import { drawScalar, openPrivateKey, publicKeyInfo, publicPointOf } from '../pki/keys.ts';
import type { LabCurve, Random } from '../pki/keys.ts';

const BLOCK = 16;
const ZERO = Buffer.alloc(BLOCK);

/** One AES-128 block in ECB. */
function encryptBlock(key: Uint8Array, block: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-128-ecb', key, null);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(block), cipher.final()]);
}

/** Doubling in GF(2^128), RFC 4493 section 2.3. */
function double(block: Uint8Array): Buffer {
  const out = Buffer.alloc(BLOCK);
  for (let i = 0; i < BLOCK; i++) out[i] = ((block[i]! << 1) | ((block[i + 1] ?? 0) >>> 7)) & 0xff;
  if (block[0]! & 0x80) out[15]! ^= 0x87;
  return out;
}

/** AES-CMAC (RFC 4493), computed as CBC with a zero start over the message with its last block masked. */
export function cmac(key: Uint8Array, message: Uint8Array): Buffer {
  const k1 = double(encryptBlock(key, ZERO));
  const blocks = Math.max(1, Math.ceil(message.length / BLOCK));
  const padded = Buffer.alloc(blocks * BLOCK);
  padded.set(message);
  const complete = message.length === blocks * BLOCK;
  if (!complete) padded[message.length] = 0x80;
  const mask = complete ? k1 : double(k1);
  for (let i = 0; i < BLOCK; i++) padded[padded.length - BLOCK + i]! ^= mask[i]!;
  const cipher = createCipheriv('aes-128-cbc', key, ZERO);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(padded), cipher.final()]).subarray(-BLOCK);
}

/** AES-128-CBC whose ICV is the encrypted block counter (GPC Amendment D, 6.2.6); `data` is a whole number of blocks. */
export function decryptWithCounter(key: Uint8Array, counter: Uint8Array, data: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-128-cbc', key, encryptBlock(key, counter));
  decipher.setAutoPadding(false);
  return Buffer.concat([decipher.update(data), decipher.final()]);
}

/** X9.63 key derivation with SHA-256 (BSI TR-03111, 4.3.3). */
export function x963(secret: Uint8Array, info: Uint8Array, length: number): Buffer {
  const out: Buffer[] = [];
  for (let counter = 1, made = 0; made < length; counter++, made += 32) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    out.push(createHash('sha256').update(secret).update(number).update(info).digest());
  }
  return Buffer.concat(out).subarray(0, length);
}

export interface ChannelKeys { readonly chaining: Buffer; readonly enc: Buffer; readonly mac: Buffer }

/** Session keys of SGP.22 v2.2 annex G: key type 88, key length 10, then LV of the host id and of the 16-byte EID. */
export function deriveChannelKeys(secret: Uint8Array, hostId: Uint8Array, eid: Uint8Array): ChannelKeys {
  const info = concat(Uint8Array.of(0x88, BLOCK, hostId.length), hostId, Uint8Array.of(eid.length), eid);
  const data = x963(secret, info, 3 * BLOCK);
  return { chaining: data.subarray(0, 16), enc: data.subarray(16, 32), mac: data.subarray(32, 48) };
}

const OPENSSL_NAMES: Record<LabCurve, string> = { 'P-256': 'prime256v1', brainpoolP256r1: 'brainpoolP256r1' };

/** A one-time key pair for key agreement. */
export function oneTimeKey(curve: LabCurve, random: Random): { otsk: Buffer; otpk: Uint8Array } {
  const otsk = drawScalar(curve, random);
  return { otsk, otpk: publicPointOf(curve, otsk) };
}

/** Key agreement: the x coordinate, 32 bytes; undefined when `point` is not an uncompressed point of the curve. */
export function agree(curve: LabCurve, otsk: Uint8Array, point: Uint8Array): Buffer | undefined {
  if (point.length !== 65 || point[0] !== 0x04) return undefined;
  const ecdh = createECDH(OPENSSL_NAMES[curve]);
  ecdh.setPrivateKey(otsk);
  try {
    // OpenSSL gives the whole width of the field, leading zeros included.
    return ecdh.computeSecret(point);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY') return undefined;
    throw error;
  }
}

/** ECDSA with SHA-256 as r || s, 64 bytes. */
export function signRaw(privateKeyPkcs8: Uint8Array, data: Uint8Array): Uint8Array {
  return Uint8Array.from(sign('sha256', data, { key: openPrivateKey(privateKeyPkcs8), dsaEncoding: 'ieee-p1363' }));
}

/** Verifies r || s; a point that is not on the curve or a signature of another length is simply not valid. */
export function verifyRaw(curve: LabCurve, point: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64 || point.length !== 65) return false;
  try {
    const key = createPublicKey({ key: Buffer.from(publicKeyInfo(curve, point)), format: 'der', type: 'spki' });
    return verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature);
  } catch (error) {
    // OpenSSL refuses to open a point off the curve; anything else is a fault of ours and must be seen.
    if (String((error as NodeJS.ErrnoException).code).startsWith('ERR_OSSL')) return false;
    throw error;
  }
}

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return Uint8Array.from(hash.digest());
}

/** Constant-time equality. */
export function sameSecret(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
