/** How values are written. Open ones are text; secrets stay octets and never become text. */
import type { OutputEncoding, OutputField } from '../contract/preparation.ts';
import type { ByteWriter } from './writer.ts';

const swapped = (digits: string): string => digits.replace(/(.)(.)/g, '$2$1');

/** EF_IMSI: length octet, then parity with the first digit, then the others swapped; 18 hexadecimal digits (TS 31.102, 4.2.2). */
function imsiEf(imsi: string): string {
  const body = `${imsi.length % 2 === 1 ? '9' : '1'}${imsi}${imsi.length % 2 === 1 ? '' : 'F'}`;
  return `0${body.length / 2}${swapped(body)}`.padEnd(18, 'F');
}

/** `value` as stored: digits without `+`, hexadecimal in small letters, times in milliseconds. */
export function encodeOpen(field: OutputField, encoding: OutputEncoding, value: string): string {
  if (value === '') return '';
  switch (encoding) {
    case 'digits-f': return value.padEnd(20, 'F');
    case 'no-check-digit': return value.length === 19 ? value.slice(0, 18) : value;
    case 'swapped': return swapped(value.padEnd(20, 'F'));
    case 'ef': return field === 'imsi' ? imsiEf(value) : value;
    case 'plus': return `+${value}`;
    case 'hex-lower': return value.toLowerCase();
    case 'hex-upper': return value.toUpperCase();
    case 'iso': return new Date(Number(value)).toISOString();
    case 'date': return new Date(Number(value)).toISOString().slice(0, 10);
    default: return value;
  }
}

const isDigit = (octet: number): boolean => octet >= 0x30 && octet <= 0x39;

/** Keys are hexadecimal. A code is its digits (padding FF left out) or the hexadecimal of its 8 octets; one that is no digits is always the latter. */
export function encodeSecret(encoding: OutputEncoding, value: Uint8Array, out: ByteWriter): void {
  if (encoding === 'plain') {
    let length = value.length;
    while (length > 0 && value[length - 1] === 0xff) length -= 1;
    if (length > 0 && value.subarray(0, length).every(isDigit)) return out.octets(value.subarray(0, length));
    return out.hex(value, 'upper');
  }
  out.hex(value, encoding === 'hex-lower' ? 'lower' : 'upper');
}
