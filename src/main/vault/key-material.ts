/** Private keys as they come from outside, and one-time scalars. */
import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { children, readOne, TlvError } from '../../shared/tlv/index.ts';
import type { Curve } from '../rsp/index.ts';
import { VaultError } from '../vault-link/operations.ts';
import type { RandomBytes } from './random.ts';

const ORDER: Record<Curve, Buffer> = {
  'P-256': Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex'),
  brainpoolP256r1: Buffer.from('a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7', 'hex'),
};

/** A uniform private scalar in 1..n-1, by rejection. The caller zeroes it. */
export function drawScalar(curve: Curve, random: RandomBytes): Uint8Array {
  for (;;) {
    const candidate = random(32);
    if (Buffer.compare(candidate, ORDER[curve]) < 0 && candidate.some((octet) => octet !== 0)) return candidate;
    candidate.fill(0);
  }
}

const malformed = (why: string): VaultError => new VaultError('KEY_MALFORMED', `the private key cannot be used: ${why}`);

/** PEM blocks a file may hold beside its key, such as EC PARAMETERS, are passed over; the text never becomes a string. */
function privateBlock(pem: Buffer): Buffer {
  for (const label of ['PRIVATE KEY', 'EC PRIVATE KEY']) {
    const from = pem.indexOf(`-----BEGIN ${label}-----`);
    const tail = `-----END ${label}-----`;
    const to = pem.indexOf(tail, from);
    if (from >= 0 && to > from) return pem.subarray(from, to + tail.length);
  }
  throw malformed(pem.includes('ENCRYPTED') ? 'it is encrypted' : 'the file holds no PKCS#8 or SEC1 private key');
}

function parse(key: Buffer): KeyObject {
  if (key.includes('-----BEGIN ')) {
    const block = privateBlock(key);
    try {
      return createPrivateKey({ key: block, format: 'pem' });
    } catch {
      throw malformed('its PEM block is damaged');
    }
  }
  for (const type of ['pkcs8', 'sec1'] as const) {
    try {
      return createPrivateKey({ key, format: 'der', type });
    } catch {
      // Not this form; the next one is tried.
    }
  }
  throw malformed('it is neither PKCS#8 nor SEC1');
}

/** Reads PKCS#8 or SEC1, DER or PEM. Throws {@link VaultError} KEY_MALFORMED. The caller zeroes the scalar. */
export function readPrivateKey(octets: Uint8Array): { curve: Curve; scalar: Uint8Array } {
  const key = parse(Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength));
  const name = key.asymmetricKeyType === 'ec' ? key.asymmetricKeyDetails?.namedCurve : undefined;
  const curve: Curve | undefined = name === 'prime256v1' ? 'P-256' : name === 'brainpoolP256r1' ? 'brainpoolP256r1' : undefined;
  if (!curve) throw malformed('only keys on P-256 and brainpoolP256r1 are taken');
  const der = key.export({ format: 'der', type: 'sec1' });
  try {
    // ECPrivateKey: SEQUENCE { INTEGER 1, OCTET STRING scalar, … }
    const scalar = children(readOne(der, 0x30))[1];
    if (scalar?.tag !== 0x04 || scalar.value.length > 32) throw malformed('its private value has the wrong size');
    const padded = new Uint8Array(32);
    padded.set(scalar.value, 32 - scalar.value.length);
    return { curve, scalar: padded };
  } catch (error) {
    if (error instanceof TlvError) throw malformed('its structure is damaged');
    throw error;
  } finally {
    der.fill(0);
  }
}
