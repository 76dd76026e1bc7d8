import { fromHex, toHex } from '../../../shared/tlv/index.ts';
import type { Field } from './types.ts';

/** Digits of nibble-swapped BCD up to the first F; `*`, `#`, a, b, c for the other values (TS 24.008, 10.5.4.7). */
export function bcd(bytes: Uint8Array): string {
  let text = '';
  for (const octet of bytes) {
    for (const nibble of [octet & 0xf, octet >>> 4]) {
      if (nibble === 0xf) return text;
      text += '0123456789*#abc'[nibble]!;
    }
  }
  return text;
}

/** Swapped BCD of digits, padded with F to `length` octets. */
export function bcdBytes(digits: string, length: number): Uint8Array {
  return fromHex([...digits.padEnd(2 * length, 'f')].reduce((text, _, i, all) => (i % 2 ? text : text + all[i + 1]! + all[i]!), ''));
}

/** `262-01`; D stands for any digit; `undefined` for an empty entry. */
export function plmnText(bytes: Uint8Array): string | undefined {
  const [a, b, c] = [bytes[0] ?? 0xff, bytes[1] ?? 0xff, bytes[2] ?? 0xff];
  if (a === 0xff && b === 0xff && c === 0xff) return undefined;
  const digit = (nibble: number): string => nibble.toString(16).toUpperCase();
  return `${digit(a & 15)}${digit(a >> 4)}${digit(b & 15)}-${digit(c & 15)}${digit(c >> 4)}${b >> 4 === 15 ? '' : digit(b >> 4)}`;
}

/** Access technologies of an entry (TS 31.102, 4.2.5), in words. */
export function actText(mask: number): string {
  const names: string[] = [];
  if (mask & 0x0800) names.push('5G');
  if (mask & 0x4000) {
    const sub = mask & 0x3000;
    names.push(sub === 0x2000 ? '4G (WB, LTE-M)' : sub === 0x1000 ? 'NB-IoT' : '4G');
  }
  if (mask & 0x8000) names.push('3G');
  if (mask & 0x0080) {
    const sub = mask & 0x000c;
    names.push(sub === 0x0004 ? '2G (no EC-GSM-IoT)' : sub === 0x0008 ? 'EC-GSM-IoT' : '2G');
  }
  if (mask & 0x0040) names.push('GSM COMPACT');
  if (mask & 0x0020) names.push('cdma2000 HRPD');
  if (mask & 0x0010) names.push('cdma2000 1xRTT');
  if (mask & 0x0400) names.push('satellite 5G');
  if (mask & 0x0200) names.push('satellite 4G');
  if (mask & 0x0100) names.push('satellite NB-IoT');
  return names.length > 0 ? names.join(', ') : 'no technology';
}

export function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((octet) => octet === 0xff);
}

export function field(label: string, value: string | number | undefined): Field[] {
  return value === undefined || value === '' ? [] : [{ label, value: String(value) }];
}

/** The records of a file. */
export function recordsOf(body: Uint8Array, length: number): Uint8Array[] {
  const list: Uint8Array[] = [];
  for (let at = 0; length > 0 && at + length <= body.length; at += length) list.push(body.subarray(at, at + length));
  return list;
}

/** Text of UTF-8 or ASCII octets; hexadecimal when they are none. */
export function plain(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  return text.includes('\ufffd') || bytes.some((octet) => octet < 0x20) ? toHex(bytes) : text;
}

export interface SimpleTlv {
  readonly tag: number;
  readonly value: Uint8Array;
}

/** BER-TLVs with one-octet tags up to padding (FF or 00); `undefined` when they do not fit. */
export function readTlvs(bytes: Uint8Array): SimpleTlv[] | undefined {
  const list: SimpleTlv[] = [];
  for (let at = 0; at < bytes.length && bytes[at] !== 0xff && bytes[at] !== 0;) {
    const tag = bytes[at]!;
    let length = bytes[at + 1] ?? 0x100;
    let from = at + 2;
    if (length === 0x81) length = bytes[from++] ?? 0x100;
    else if (length === 0x82) {
      length = (bytes[from] ?? 0) * 256 + (bytes[from + 1] ?? 0);
      from += 2;
    } else if (length > 0x7f) return undefined;
    if (from + length > bytes.length) return undefined;
    list.push({ tag, value: bytes.subarray(from, from + length) });
    at = from + length;
  }
  return list;
}
