/** Private keys as files hold them: SEC1 or PKCS#8, PEM or DER, unencrypted. */
import { createPrivateKey } from 'node:crypto';
import { readOne } from '../../shared/tlv/index.ts';
import { inside, readOid } from './asn1.ts';
import type { Bytes } from './asn1.ts';
import { curveOfOid, publicPoint } from './curves.ts';
import type { Curve } from './curves.ts';
import { decoding, RspError } from './errors.ts';

export interface PrivateKey {
  readonly curve: Curve;
  /** 32 octets; the caller erases them. */
  readonly scalar: Bytes;
  readonly publicPoint: Bytes;
}

function asSec1(octets: Bytes): Buffer {
  const input = Buffer.from(octets);
  const isDer = input[0] === 0x30;
  const forms = isDer ? (['pkcs8', 'sec1'] as const) : ([undefined] as const);
  try {
    for (const type of forms) {
      try {
        const key = type === undefined ? createPrivateKey({ key: input, format: 'pem' }) : createPrivateKey({ key: input, format: 'der', type });
        if (key.asymmetricKeyType !== 'ec') break;
        return key.export({ format: 'der', type: 'sec1' });
      } catch {
        // The other form is tried next; when none reads, the refusal below says so without OpenSSL's wording.
      }
    }
  } finally {
    input.fill(0);
  }
  throw new RspError('PRIVATE_KEY_UNREADABLE', 'the private key is not an unencrypted SEC1 or PKCS#8 elliptic-curve key');
}

/** Throws {@link RspError} `PRIVATE_KEY_UNREADABLE`. */
export function readPrivateKey(octets: Bytes): PrivateKey {
  const der = asSec1(octets);
  try {
    return decoding('the private key', () => {
      const fields = inside(readOne(der, 0x30));
      fields.take('version', 0x02);
      const value = fields.take('private scalar', 0x04).value;
      const parameters = fields.optional(0xa0);
      const curve = parameters && curveOfOid(readOid(inside(parameters).take('curve', 0x06).value));
      if (curve === undefined) throw new RspError('PRIVATE_KEY_UNREADABLE', 'the private key is not of P-256 or brainpoolP256r1');
      const scalar = new Uint8Array(32);
      scalar.set(value, 32 - value.length);
      return { curve, scalar, publicPoint: publicPoint(curve, scalar) };
    }, 'PRIVATE_KEY_UNREADABLE');
  } finally {
    der.fill(0);
  }
}
