import { utf8Bytes } from '../tlv/index.ts';

const digits = { lower: new TextEncoder().encode('0123456789abcdef'), upper: new TextEncoder().encode('0123456789ABCDEF') };

/** Octets that grow. What was outgrown is zeroed, because a row may hold secrets; so is all of it with `clear`. */
export interface ByteWriter {
  text(value: string): void;
  octets(value: Uint8Array): void;
  hex(value: Uint8Array, letters: 'lower' | 'upper'): void;
  /** A copy of what was written; the writer is empty and zeroed afterwards. */
  take(): Uint8Array;
  clear(): void;
}

export function byteWriter(size = 65_536): ByteWriter {
  let buffer = new Uint8Array(size);
  let at = 0;
  const room = (n: number): void => {
    if (at + n <= buffer.length) return;
    const larger = new Uint8Array(Math.max(buffer.length * 2, at + n));
    larger.set(buffer.subarray(0, at));
    buffer.fill(0);
    buffer = larger;
  };
  const octets = (value: Uint8Array): void => {
    room(value.length);
    buffer.set(value, at);
    at += value.length;
  };
  const clear = (): void => {
    buffer.fill(0, 0, at);
    at = 0;
  };
  return {
    octets, clear,
    text(value) {
      let plain = true;
      for (let i = 0; i < value.length && plain; i++) plain = value.charCodeAt(i) < 128;
      if (!plain) return octets(utf8Bytes(value));
      room(value.length);
      for (let i = 0; i < value.length; i++) buffer[at++] = value.charCodeAt(i);
    },
    hex(value, letters) {
      room(value.length * 2);
      const table = digits[letters];
      for (const octet of value) {
        buffer[at++] = table[octet >> 4]!;
        buffer[at++] = table[octet & 15]!;
      }
    },
    take() {
      const out = buffer.slice(0, at);
      clear();
      return out;
    },
  };
}
