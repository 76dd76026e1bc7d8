/** The two elliptic curves of RSP (SGP.22 v2.2, 2.6.7.1): point checks, key agreement, ECDSA with SHA-256 as raw r||s. */
import { createECDH, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { brainpoolP256r1 } from '@noble/curves/misc.js';
import { concat, fromHex } from '../../shared/tlv/index.ts';
import type { Bytes } from './asn1.ts';
import { RspError } from './errors.ts';

export type Curve = 'P-256' | 'brainpoolP256r1';

interface CurveFacts {
  /** Name in OpenSSL. */
  readonly openssl: string;
  readonly oid: string;
  readonly p: bigint;
  readonly a: bigint;
  readonly b: bigint;
  /** SubjectPublicKeyInfo up to the point. */
  readonly spkiHead: Bytes;
  /** PKCS#8 up to the private scalar. */
  readonly pkcs8Head: Bytes;
}

const curves: Record<Curve, CurveFacts> = {
  'P-256': {
    openssl: 'prime256v1',
    oid: '1.2.840.10045.3.1.7',
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    a: 0xffffffff00000001000000000000000000000000fffffffffffffffffffffffcn,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    spkiHead: fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200'),
    pkcs8Head: fromHex('3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420'),
  },
  brainpoolP256r1: {
    openssl: 'brainpoolP256r1',
    oid: '1.3.36.3.3.2.8.1.1.7',
    p: 0xa9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377n,
    a: 0x7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9n,
    b: 0x26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6n,
    spkiHead: fromHex('305a301406072a8648ce3d020106092b2403030208010107034200'),
    pkcs8Head: fromHex('3042020100301406072a8648ce3d020106092b2403030208010107042730250201010420'),
  },
};

/** The curve with this object identifier, undefined when RSP does not use it. */
export function curveOfOid(oid: string): Curve | undefined {
  return (Object.keys(curves) as Curve[]).find((name) => curves[name].oid === oid);
}

export function curveOid(curve: Curve): string {
  return curves[curve].oid;
}

function toBigInt(octets: Bytes): bigint {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  let value = 0n;
  for (let at = 0; at < octets.length; at += 8) value = (value << 64n) | view.getBigUint64(at);
  return value;
}

/** True for an uncompressed point `04 || X || Y` of 65 octets that satisfies the curve equation. */
export function isOnCurve(curve: Curve, point65: Bytes): boolean {
  if (point65.length !== 65 || point65[0] !== 4) return false;
  const { p, a, b } = curves[curve];
  const x = toBigInt(point65.subarray(1, 33));
  const y = toBigInt(point65.subarray(33, 65));
  if (x >= p || y >= p) return false;
  return (y * y - ((x * x + a) * x + b)) % p === 0n;
}

function checkScalar(scalar32: Bytes): void {
  if (scalar32.length !== 32) throw new RspError('ECKA_BAD_KEY', 'a private key of this curve has 32 octets');
}

/** Public point of a private scalar. Throws {@link RspError} `ECKA_BAD_KEY` when the scalar is not in 1..n-1. */
export function publicPoint(curve: Curve, privateScalar32: Bytes): Bytes {
  checkScalar(privateScalar32);
  try {
    const ecdh = createECDH(curves[curve].openssl);
    ecdh.setPrivateKey(privateScalar32);
    return new Uint8Array(ecdh.getPublicKey());
  } catch {
    throw new RspError('ECKA_BAD_KEY', 'the private key does not fit the curve');
  }
}

/**
 * Own public point and the shared secret (x coordinate of scalar times point, 32 octets with leading zeros kept; SGP.22 v2.2,
 * annex G) with one import of the private scalar. Throws {@link RspError} `ECKA_BAD_POINT` or `ECKA_BAD_KEY`.
 */
export function agree(curve: Curve, privateScalar32: Bytes, point65: Bytes): { point65: Bytes; x: Bytes } {
  checkScalar(privateScalar32);
  if (!isOnCurve(curve, point65)) throw new RspError('ECKA_BAD_POINT', `the one-time public key is not a point of ${curve}`);
  try {
    const agreement = createECDH(curves[curve].openssl);
    agreement.setPrivateKey(privateScalar32);
    const secret = agreement.computeSecret(point65);
    const x = new Uint8Array(secret);
    secret.fill(0);
    return { point65: new Uint8Array(agreement.getPublicKey()), x };
  } catch {
    throw new RspError('ECKA_BAD_KEY', 'the private key does not fit the curve');
  }
}

/** The shared secret of {@link agree} alone. */
export function ecdh(curve: Curve, privateScalar32: Bytes, point65: Bytes): Bytes {
  return agree(curve, privateScalar32, point65).x;
}

/** Public key object of a point; throws {@link RspError} `ECKA_BAD_POINT`. Keep it where one key verifies often. */
export function importPublicKey(curve: Curve, point65: Bytes): KeyObject {
  if (!isOnCurve(curve, point65)) throw new RspError('ECKA_BAD_POINT', `the public key is not a point of ${curve}`);
  const der = concat(curves[curve].spkiHead, point65);
  return createPublicKey({ key: Buffer.from(der.buffer, der.byteOffset, der.byteLength), format: 'der', type: 'spki' });
}

/** Private key object of a scalar; throws {@link RspError} `ECKA_BAD_KEY`. Keep it where one key signs often. */
export function importPrivateKey(curve: Curve, privateScalar32: Bytes): KeyObject {
  checkScalar(privateScalar32);
  const der = Buffer.from(concat(curves[curve].pkcs8Head, privateScalar32));
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch {
    throw new RspError('ECKA_BAD_KEY', 'the private key does not fit the curve');
  } finally {
    der.fill(0);
  }
}

const IMPORTED = 1024;
const imported = new Map<string, KeyObject>();

/** Importing a key costs as much as a verification, and one eUICC's key verifies three times in a download: the last ones stay. */
function knownPublicKey(curve: Curve, point65: Bytes): KeyObject | undefined {
  const name = curve + Buffer.from(point65.buffer, point65.byteOffset, point65.byteLength).toString('latin1');
  const known = imported.get(name);
  if (known) return known;
  if (!isOnCurve(curve, point65)) return undefined;
  const key = importPublicKey(curve, point65);
  if (imported.size >= IMPORTED) imported.delete(imported.keys().next().value!);
  imported.set(name, key);
  return key;
}

/** ECDSA with SHA-256, signature r||s of 64 octets (SGP.22 v2.2, 2.6.7.2). Never throws on a bad key or signature. */
export function verifyRaw(curve: Curve, point65: Bytes, data: Bytes, signature64: Bytes): boolean {
  if (signature64.length !== 64 || point65.length !== 65) return false;
  const key = knownPublicKey(curve, point65);
  return key !== undefined && verifyWithKey(key, data, signature64);
}

// Node 24 takes a key object alone two to three times as fast as one inside `{ key, dsaEncoding }`, so r||s is converted here.

/** Ecdsa-Sig-Value, the DER form, of r||s. */
function signatureToDer(signature64: Bytes): Bytes {
  const out = new Uint8Array(72);
  let at = 2;
  for (const half of [0, 32]) {
    let from = half;
    while (from < half + 31 && signature64[from] === 0) from++;
    const digits = signature64.subarray(from, half + 32);
    const length = digits.length + (digits[0]! >>> 7);
    out[at] = 0x02;
    out[at + 1] = length;
    at += 2 + length;
    out.set(digits, at - digits.length);
  }
  out[0] = 0x30;
  out[1] = at - 2;
  return out.subarray(0, at);
}

/** r||s of the DER form, as OpenSSL writes it. */
function signatureFromDer(der: Bytes): Bytes {
  const out = new Uint8Array(64);
  let at = 2;
  for (const end of [32, 64]) {
    const next = at + 2 + der[at + 1]!;
    const digits = der.subarray(Math.max(at + 2, next - 32), next);
    out.set(digits, end - digits.length);
    at = next;
  }
  return out;
}

export function verifyWithKey(key: KeyObject, data: Bytes, signature64: Bytes): boolean {
  return signature64.length === 64 && verify('sha256', data, key, signatureToDer(signature64));
}

/** ECDSA with SHA-256 and a random k; r||s. */
export function signRaw(curve: Curve, privateScalar32: Bytes, data: Bytes): Bytes {
  return signWithKey(importPrivateKey(curve, privateScalar32), data);
}

export function signWithKey(key: KeyObject, data: Bytes): Bytes {
  return signatureFromDer(sign('sha256', data, key));
}

/** ECDSA with SHA-256 and the deterministic k of RFC 6979, s as it comes (no low-s rule); r||s. */
export function signDeterministic(curve: Curve, privateScalar32: Bytes, data: Bytes): Bytes {
  checkScalar(privateScalar32);
  const noble = curve === 'P-256' ? p256 : brainpoolP256r1;
  try {
    return noble.sign(data, privateScalar32, { lowS: false, prehash: true, extraEntropy: false });
  } catch {
    throw new RspError('ECKA_BAD_KEY', 'the private key does not fit the curve');
  }
}
