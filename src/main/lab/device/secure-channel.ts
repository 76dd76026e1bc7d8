/** Receiving end of SCP03t (SGP.22 v2.2, 2.6.4 and 5.5): opens 86, 87 and 88 segments in the order they were made. */
import { readTlv } from '../../../shared/tlv/index.ts';
import { cmac, decryptWithCounter, sameSecret } from './cipher.ts';
import type { ChannelKeys } from './cipher.ts';

/** Whole segment, tag and length included. */
export const MAX_SEGMENT = 1020;
const MAC_LENGTH = 8;
const BLOCK = 16;

export type Opened = { readonly ok: true; readonly plain: Buffer } | { readonly ok: false; readonly fault: 'structure' | 'security' };

/** State: keys, MAC chaining value, block counter. One refused segment closes the channel for good. */
export class SecureChannel {
  #enc: Buffer;
  #mac: Buffer;
  #chaining: Buffer;
  #counter = Buffer.alloc(BLOCK);
  #closed = false;

  constructor(keys: ChannelKeys) {
    this.#enc = keys.enc;
    this.#mac = keys.mac;
    this.#chaining = keys.chaining;
    this.#counter[BLOCK - 1] = 1;
  }

  /** Opens one segment TLV. The MAC is checked before anything is decrypted; 88 carries clear text. */
  open(segment: Uint8Array, tag: 0x86 | 0x87 | 0x88): Opened {
    if (this.#closed) return { ok: false, fault: 'security' };
    const opened = this.#open(segment, tag);
    if (!opened.ok) this.close();
    return opened;
  }

  #open(segment: Uint8Array, tag: number): Opened {
    if (segment.length > MAX_SEGMENT) return { ok: false, fault: 'structure' };
    // The receiver reads a whole segment before it calls, so this cannot fail on a truncated one.
    const { node, end } = readTlv(segment);
    if (node.tag !== tag || end !== segment.length || node.value.length < MAC_LENGTH) return { ok: false, fault: 'structure' };
    const macAt = segment.length - MAC_LENGTH;
    const body = node.value.subarray(0, node.value.length - MAC_LENGTH);
    const encrypted = tag !== 0x88;
    if (encrypted && (body.length === 0 || body.length % BLOCK !== 0)) return { ok: false, fault: 'structure' };
    const mac = cmac(this.#mac, Buffer.concat([this.#chaining, segment.subarray(0, macAt)]));
    if (!sameSecret(mac.subarray(0, MAC_LENGTH), segment.subarray(macAt))) return { ok: false, fault: 'security' };
    this.#chaining = mac;
    const counter = Buffer.from(this.#counter);
    this.#count();
    if (!encrypted) return { ok: true, plain: Buffer.from(body) };
    const padded = decryptWithCounter(this.#enc, counter, body);
    let length = padded.length;
    while (length > 0 && padded[length - 1] === 0) length--;
    // More than one block of padding would mean that the sender pads with something else.
    if (length === 0 || padded[length - 1] !== 0x80 || padded.length - length >= BLOCK) {
      padded.fill(0);
      return { ok: false, fault: 'structure' };
    }
    return { ok: true, plain: padded.subarray(0, length - 1) };
  }

  #count(): void {
    for (let i = BLOCK - 1; i >= 0; i--) {
      this.#counter[i] = (this.#counter[i]! + 1) & 0xff;
      if (this.#counter[i] !== 0) return;
    }
  }

  /** ReplaceSessionKeys (5.5.4): new keys, new chaining value, and the counter starts at 1 again. */
  replaceKeys(keys: ChannelKeys): void {
    this.#wipe();
    this.#enc = keys.enc;
    this.#mac = keys.mac;
    this.#chaining = keys.chaining;
    this.#counter = Buffer.alloc(BLOCK);
    this.#counter[BLOCK - 1] = 1;
  }

  close(): void {
    this.#closed = true;
    this.#wipe();
  }

  #wipe(): void {
    this.#enc.fill(0);
    this.#mac.fill(0);
    this.#chaining.fill(0);
  }
}
