/** EC key pairs of the two SGP.22 curves, made from injected randomness so that a test can repeat them. */
import { createECDH, createPrivateKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { tlv } from '../../../shared/tlv/index.ts';
import { bitString, oid, octetString, sequence, smallInteger } from './der.ts';

export type LabCurve = 'P-256' | 'brainpoolP256r1';
/** Returns `length` unpredictable bytes. */
export type Random = (length: number) => Uint8Array;

interface CurveFacts { readonly openssl: string; readonly oid: string; readonly order: bigint }

const CURVES: Record<LabCurve, CurveFacts> = {
  'P-256': {
    openssl: 'prime256v1', oid: '1.2.840.10045.3.1.7',
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  brainpoolP256r1: {
    openssl: 'brainpoolP256r1', oid: '1.3.36.3.3.2.8.1.1.7',
    order: 0xa9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7n,
  },
};

export interface LabKey {
  readonly curve: LabCurve;
  /** Uncompressed point, 65 bytes. */
  readonly publicPoint: Uint8Array;
  /** PrivateKeyInfo (RFC 5958) with the public key inside. Lab material: zero it when it is no longer needed. */
  readonly privateKeyPkcs8: Uint8Array;
}

/** A private scalar, 32 bytes, redrawn from `random` until it lies in 1..n-1. */
export function drawScalar(curve: LabCurve, random: Random): Buffer {
  for (;;) {
    const scalar = Buffer.from(random(32));
    const value = BigInt(`0x${scalar.toString('hex')}`);
    if (value !== 0n && value < CURVES[curve].order) return scalar;
  }
}

/** Public point of a private scalar: uncompressed, 65 bytes. */
export function publicPointOf(curve: LabCurve, scalar: Uint8Array): Uint8Array {
  const ecdh = createECDH(CURVES[curve].openssl);
  ecdh.setPrivateKey(scalar);
  return Uint8Array.from(ecdh.getPublicKey());
}

/** A fresh key pair. */
export function generateLabKey(curve: LabCurve, random: Random): LabKey {
  const scalar = drawScalar(curve, random);
  const publicPoint = publicPointOf(curve, scalar);
  const privateKeyPkcs8 = sequence(
    smallInteger(0),
    algorithm(curve),
    octetString(sequence(smallInteger(1), octetString(scalar), tlv(0xa1, bitString(publicPoint)))),
  );
  scalar.fill(0);
  return { curve, publicPoint, privateKeyPkcs8 };
}

/** AlgorithmIdentifier id-ecPublicKey with the named curve. */
export function algorithm(curve: LabCurve): Uint8Array {
  return sequence(oid('1.2.840.10045.2.1'), oid(CURVES[curve].oid));
}

/** SubjectPublicKeyInfo. */
export function publicKeyInfo(curve: LabCurve, publicPoint: Uint8Array): Uint8Array {
  return sequence(algorithm(curve), bitString(publicPoint));
}

/** Opens a PKCS#8 key for node:crypto. */
export function openPrivateKey(privateKeyPkcs8: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(privateKeyPkcs8), format: 'der', type: 'pkcs8' });
}

/** ECDSA with SHA-256, DER encoded (r, s) as X.509 carries it. */
export function signForCertificate(privateKeyPkcs8: Uint8Array, data: Uint8Array): Uint8Array {
  return sign('sha256', data, { key: openPrivateKey(privateKeyPkcs8), dsaEncoding: 'der' });
}
