/** The few universal DER types an RSP certificate is made of (X.690), written over the shared TLV layer. */
import { integerBytes, tlv, utf8Bytes } from '../../../shared/tlv/index.ts';

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => tlv(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Uint8Array => tlv(0x31, ...parts);
export const octetString = (value: Uint8Array): Uint8Array => tlv(0x04, value);
export const boolean = (value: boolean): Uint8Array => tlv(0x01, Uint8Array.of(value ? 0xff : 0));
export const utf8String = (text: string): Uint8Array => tlv(0x0c, utf8Bytes(text));
export const printableString = (text: string): Uint8Array => tlv(0x13, utf8Bytes(text));
export const smallInteger = (value: number): Uint8Array => tlv(0x02, integerBytes(value));

/** INTEGER from unsigned big-endian octets: leading zeros dropped, one put back where the sign bit would be set. */
export function unsignedInteger(octets: Uint8Array): Uint8Array {
  let from = 0;
  while (from < octets.length - 1 && octets[from] === 0) from++;
  const body = octets.subarray(from);
  return body.length === 0 || body[0]! & 0x80 ? tlv(0x02, Uint8Array.of(0), body) : tlv(0x02, body);
}

/** BIT STRING of whole octets. */
export const bitString = (value: Uint8Array): Uint8Array => tlv(0x03, Uint8Array.of(0), value);

/** BIT STRING of named bits (bit 0 is the most significant), trailing zero bits removed as DER asks. */
export function namedBits(...bits: readonly number[]): Uint8Array {
  const last = Math.max(...bits);
  const body = new Uint8Array((last >>> 3) + 1);
  for (const bit of bits) body[bit >>> 3]! |= 0x80 >>> (bit & 7);
  return tlv(0x03, Uint8Array.of(7 - (last & 7)), body);
}

/** Content octets of an OBJECT IDENTIFIER; arcs below 2 may hold second numbers above 39 (2.999 needs two octets). */
export function oidContent(dotted: string): Uint8Array {
  if (!/^[0-2](\.\d+)+$/.test(dotted)) throw new RangeError(`"${dotted}" is not an object identifier`);
  const [first, second, ...rest] = dotted.split('.').map(Number);
  const octets: number[] = [];
  for (const number of [first! * 40 + second!, ...rest]) {
    const groups = [number % 128];
    for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left % 128) + 128);
    octets.push(...groups);
  }
  return Uint8Array.from(octets);
}

export const oid = (dotted: string): Uint8Array => tlv(0x06, oidContent(dotted));

/** UTCTime up to 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5); whole seconds. */
export function time(date: Date): Uint8Array {
  const digits = date.toISOString().replace(/^\+0*/, '').replace(/[-:T]|\.\d+Z$/g, '');
  const year = date.getUTCFullYear();
  return year < 2050 ? tlv(0x17, utf8Bytes(`${digits.slice(2)}Z`)) : tlv(0x18, utf8Bytes(`${digits}Z`));
}

