/** Session key derivation (SGP.22 v2.2, annex G; X9.63 key derivation with SHA-256). */
import { createHash } from 'node:crypto';
import { concat, lengthBytes } from '../../shared/tlv/index.ts';
import type { Bytes } from './asn1.ts';
import { RspError } from './errors.ts';

/** Keys of an SCP03t channel with the MAC chaining value it starts from, 16 octets each. */
export interface SessionKeys {
  readonly macChaining: Bytes;
  readonly sEnc: Bytes;
  readonly sMac: Bytes;
}

/** Key type AES and key length 16 of the control reference template (SGP.22 v2.2, 5.5.1). */
export const KEY_TYPE_AES = 0x88;
export const KEY_LENGTH = 0x10;

/** X9.63: SHA-256(z || counter || info) with a four-octet counter from 1, cut to `length` octets. */
export function x963Kdf(z: Bytes, info: Bytes, length: number): Bytes {
  const out = new Uint8Array(Math.ceil(length / 32) * 32);
  const counter = new Uint8Array(4);
  for (let i = 0; i * 32 < length; i++) {
    new DataView(counter.buffer).setUint32(0, i + 1);
    const block = createHash('sha256').update(z).update(counter).update(info).digest();
    out.set(block, i * 32);
    block.fill(0);
  }
  const result = out.slice(0, length);
  out.fill(0);
  return result;
}

/** Shared info of annex G: key type, key length, and host identifier and EID each with a length. */
export function sharedInfo(hostId: Bytes, eid16: Bytes): Bytes {
  if (hostId.length < 1 || hostId.length > 16) throw new RspError('VALUE_INVALID', 'a host identifier has 1 to 16 octets');
  if (eid16.length !== 16) throw new RspError('VALUE_INVALID', 'a packed EID has 16 octets');
  return concat(
    Uint8Array.of(KEY_TYPE_AES, KEY_LENGTH, ...lengthBytes(hostId.length)), hostId, Uint8Array.of(...lengthBytes(16)), eid16,
  );
}

/** Initial MAC chaining value, S-ENC and S-MAC, in this order of the derived 48 octets. The caller zeroes them after use. */
export function deriveSessionKeys(sharedSecret32: Bytes, hostId: Bytes, eid16: Bytes): SessionKeys {
  if (sharedSecret32.length !== 32) throw new RspError('VALUE_INVALID', 'the shared secret has 32 octets');
  const data = x963Kdf(sharedSecret32, sharedInfo(hostId, eid16), 48);
  const keys = { macChaining: data.slice(0, 16), sEnc: data.slice(16, 32), sMac: data.slice(32, 48) };
  data.fill(0);
  return keys;
}

export function eraseSessionKeys(keys: SessionKeys): void {
  keys.macChaining.fill(0);
  keys.sEnc.fill(0);
  keys.sMac.fill(0);
}
