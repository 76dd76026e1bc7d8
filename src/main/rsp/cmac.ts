/** AES-128-CMAC (RFC 4493) on node:crypto. */
import { createCipheriv, createSecretKey } from 'node:crypto';
import type { Cipheriv } from 'node:crypto';
import type { Bytes } from './asn1.ts';
import { RspError } from './errors.ts';

const ZERO = new Uint8Array(16);

function doubled(block: Bytes): Bytes {
  const out = new Uint8Array(16);
  for (let i = 0; i < 16; i++) out[i] = (block[i]! << 1) | ((block[i + 1] ?? 0) >> 7);
  if (block[0]! & 0x80) out[15]! ^= 0x87;
  return out;
}

function xorInto(target: Bytes, at: number, block: Bytes): void {
  for (let i = 0; i < 16; i++) target[at + i]! ^= block[i]!;
}

/**
 * A CMAC key in use. One CBC encryptor serves every message: CBC would chain into the last block it wrote, so that block
 * is added to the first one of the next message, which leaves the zero IV that CMAC asks for. Making a cipher object per
 * message costs more than the encryption of a 1,020-octet segment. (The key goes in as a KeyObject: given plain octets,
 * Node 24 spends six times as long, on an exception it raises and catches inside.)
 */
export class Cmac {
  readonly #cipher: Cipheriv;
  readonly #k1: Bytes;
  readonly #k2: Bytes;
  readonly #chained: Bytes;
  #work = new Uint8Array(1088);
  #closed = false;

  constructor(key16: Bytes) {
    if (key16.length !== 16) throw new RspError('VALUE_INVALID', 'an AES-128 key has 16 octets');
    this.#cipher = createCipheriv('aes-128-cbc', createSecretKey(key16), ZERO).setAutoPadding(false);
    this.#chained = new Uint8Array(this.#cipher.update(ZERO));
    this.#k1 = doubled(this.#chained);
    this.#k2 = doubled(this.#k1);
  }

  /** CMAC over the concatenation of `parts`, 16 octets. */
  mac(...parts: readonly Bytes[]): Bytes {
    let length = 0;
    for (const part of parts) length += part.length;
    const full = Math.max(16, (length + 15) & ~15);
    if (full > this.#work.length) this.#work = new Uint8Array(full);
    const work = this.#work.subarray(0, full);
    let at = 0;
    for (const part of parts) {
      work.set(part, at);
      at += part.length;
    }
    if (length === full) xorInto(work, full - 16, this.#k1);
    else {
      work[length] = 0x80;
      work.fill(0, length + 1);
      xorInto(work, full - 16, this.#k2);
    }
    xorInto(work, 0, this.#chained);
    const out = this.#cipher.update(work);
    this.#chained.set(out.subarray(full - 16));
    return new Uint8Array(this.#chained);
  }

  /** Erases the subkeys and releases the key schedule; the object is unusable afterwards. */
  close(): void {
    this.#work.fill(0);
    if (this.#closed) return;
    this.#closed = true;
    this.#cipher.final();
    this.#k1.fill(0);
    this.#k2.fill(0);
    this.#chained.fill(0);
  }
}

/** One message under one key. Where a key serves several messages, use {@link Cmac}. */
export function aesCmac(key16: Bytes, ...parts: readonly Bytes[]): Bytes {
  const cmac = new Cmac(key16);
  try {
    return cmac.mac(...parts);
  } finally {
    cmac.close();
  }
}
