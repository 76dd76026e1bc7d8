/**
 * SCP03t as SGP.22 uses it (v2.2, 2.5.2 and 5.5): each command TLV is encrypted and MACed (86, 87) or only MACed (88),
 * the MACs chain, and one counter counts every TLV of the channel.
 */
import { createCipheriv, createSecretKey } from 'node:crypto';
import type { Cipheriv } from 'node:crypto';
import { lengthBytes } from '../../shared/tlv/index.ts';
import type { Bytes } from './asn1.ts';
import { Cmac } from './cmac.ts';
import { RspError } from './errors.ts';
import type { SessionKeys } from './session-keys.ts';

/** Largest SCP03t TLV, tag and length included. */
export const MAX_SEGMENT = 1020;
/** Largest plaintext of an encrypted TLV: with one octet of padding 1,008, plus MAC 8, tag 1, length 3. */
export const MAX_ENCRYPTED_PLAIN = 1007;
/** Largest plaintext of a TLV that is only MACed. */
export const MAX_MACED_PLAIN = 1008;

const ZERO = new Uint8Array(16);
const MAC_LENGTH = 8;

/**
 * AES-128-CBC under S-ENC, every message with the IV that SCP03t takes from its counter. One encryptor serves the whole
 * channel (making one costs as much as encrypting a segment): adding the block it wrote last to the counter
 * leaves the encrypted counter as first output block, and chaining that block into the plaintext is what the IV does.
 */
class CounterCbc {
  readonly #cipher: Cipheriv;
  readonly #work = new Uint8Array(16 + MAX_ENCRYPTED_PLAIN + 1);
  readonly #chained = new Uint8Array(16);
  #closed = false;

  constructor(key16: Bytes) {
    if (key16.length !== 16) throw new RspError('VALUE_INVALID', 'an AES-128 key has 16 octets');
    this.#cipher = createCipheriv('aes-128-cbc', createSecretKey(key16), ZERO).setAutoPadding(false);
  }

  /** Pads `plain` with 80 00* to whole blocks (at least the 80) and encrypts it. */
  encrypt(counter: number, plain: Bytes): Bytes {
    const end = 16 + (plain.length & ~15) + 16;
    const work = this.#work.subarray(0, end);
    work.set(this.#chained);
    work[12]! ^= counter >>> 24;
    work[13]! ^= (counter >>> 16) & 0xff;
    work[14]! ^= (counter >>> 8) & 0xff;
    work[15]! ^= counter & 0xff;
    work.set(plain, 16);
    work[16 + plain.length] = 0x80;
    work.fill(0, 17 + plain.length);
    const out = this.#cipher.update(work);
    this.#chained.set(out.subarray(end - 16));
    return out.subarray(16);
  }

  /** Erases the plaintext of the last message and releases the key schedule. */
  close(): void {
    this.#work.fill(0);
    if (this.#closed) return;
    this.#closed = true;
    this.#cipher.final();
  }
}

/** The sending side of one SCP03t channel. The keys given may be erased at once; close it after use. */
export class SecureChannel {
  #encryptor: CounterCbc;
  #cmac: Cmac;
  #macChaining: Bytes;
  #counter = 1;

  constructor(keys: SessionKeys) {
    if (keys.macChaining.length !== 16) throw new RspError('VALUE_INVALID', 'a MAC chaining value has 16 octets');
    this.#encryptor = new CounterCbc(keys.sEnc);
    this.#cmac = new Cmac(keys.sMac);
    this.#macChaining = new Uint8Array(keys.macChaining);
  }

  /** Encrypts and MACs one TLV of at most {@link MAX_ENCRYPTED_PLAIN} octets. */
  protect(tag: 0x86 | 0x87, plain: Bytes): Bytes {
    if (plain.length > MAX_ENCRYPTED_PLAIN) {
      throw new RspError('SEGMENT_TOO_LARGE', `${plain.length} octets do not fit one segment of ${MAX_SEGMENT}`);
    }
    return this.#seal(tag, this.#encryptor.encrypt(this.#counter, plain));
  }

  /** MACs one TLV with tag 88 of at most {@link MAX_MACED_PLAIN} octets; it counts like an encrypted one. */
  mac(plain: Bytes): Bytes {
    if (plain.length > MAX_MACED_PLAIN) {
      throw new RspError('SEGMENT_TOO_LARGE', `${plain.length} octets do not fit one segment of ${MAX_SEGMENT}`);
    }
    return this.#seal(0x88, plain);
  }

  #seal(tag: number, content: Bytes): Bytes {
    const length = lengthBytes(content.length + MAC_LENGTH);
    const head = 1 + length.length;
    const out = new Uint8Array(head + content.length + MAC_LENGTH);
    out[0] = tag;
    out.set(length, 1);
    out.set(content, head);
    const mac = this.#cmac.mac(this.#macChaining, out.subarray(0, head + content.length));
    out.set(mac.subarray(0, MAC_LENGTH), head + content.length);
    this.#macChaining = mac;
    this.#counter++;
    return out;
  }

  /** After ReplaceSessionKeys (5.5.4): new keys, the chaining value it carried, and the counter from 1 again. */
  replaceKeys(keys: SessionKeys): void {
    if (keys.macChaining.length !== 16) throw new RspError('VALUE_INVALID', 'a MAC chaining value has 16 octets');
    const encryptor = new CounterCbc(keys.sEnc);
    const cmac = new Cmac(keys.sMac);
    this.close();
    this.#encryptor = encryptor;
    this.#cmac = cmac;
    this.#macChaining = new Uint8Array(keys.macChaining);
    this.#counter = 1;
  }

  /** Erases chaining value and subkeys and releases both key schedules. */
  close(): void {
    this.#encryptor.close();
    this.#cmac.close();
    this.#macChaining.fill(0);
  }
}

/** Cuts `plain` into pieces of at most `size` octets; nothing becomes one empty piece. */
export function pieces(plain: Bytes, size: number): Bytes[] {
  const out: Bytes[] = [];
  for (let at = 0; at < plain.length || out.length === 0; at += size) out.push(plain.subarray(at, at + size));
  return out;
}

/** A whole plaintext as consecutive 86 or 87 TLVs. */
export function protectAll(channel: SecureChannel, tag: 0x86 | 0x87, plain: Bytes): Bytes[] {
  return pieces(plain, MAX_ENCRYPTED_PLAIN).map((piece) => channel.protect(tag, piece));
}

/** A whole plaintext as consecutive 88 TLVs. */
export function macAll(channel: SecureChannel, plain: Bytes): Bytes[] {
  return pieces(plain, MAX_MACED_PLAIN).map((piece) => channel.mac(piece));
}
