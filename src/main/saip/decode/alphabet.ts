import { gsmCode, gsmText } from '../encoders.ts';
import { SaipError } from '../errors.ts';

/** Characters a name field may hold: GSM 7-bit one per octet, or UCS2 behind 80, 81 or 82 (TS 102 221, annex A); FF ends it. */
export function alphaText(bytes: Uint8Array): string {
  const [form, length, page] = bytes;
  if (form === 0x80) return ucs2(bytes.subarray(1));
  if ((form === 0x81 || form === 0x82) && length !== undefined && page !== undefined) {
    const from = form === 0x81 ? 3 : 4;
    const origin = form === 0x81 ? page << 7 : page * 256 + (bytes[3] ?? 0);
    return [...bytes.subarray(from, from + length)].map((octet) => (octet & 0x80 ? String.fromCharCode(origin + (octet & 0x7f)) : gsmText(octet))).join('');
  }
  const end = bytes.indexOf(0xff);
  return [...(end < 0 ? bytes : bytes.subarray(0, end))].map((octet) => gsmText(octet & 0x7f)).join('');
}

function ucs2(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    if (bytes[i] === 0xff && bytes[i + 1] === 0xff) break;
    text += String.fromCharCode(bytes[i]! * 256 + bytes[i + 1]!);
  }
  return text;
}

/** GSM code of each character, `undefined` when the text needs others. */
function gsmCodes(text: string): number[] | undefined {
  const codes = Array.from({ length: text.length }, (_, i) => gsmCode(text.charCodeAt(i)));
  return codes.includes(0xff) ? undefined : codes;
}

/** The reverse of {@link alphaText} without padding: GSM where it can, else 80 and UCS2. */
export function alphaBytes(text: string): Uint8Array {
  const codes = gsmCodes(text);
  if (codes) return Uint8Array.from(codes);
  return Uint8Array.from([0x80, ...Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)).flatMap((unit) => [unit >>> 8, unit & 0xff])]);
}

/** A network name as in EF.PNN: coding octet, then packed GSM 7-bit or UCS2 (TS 24.008, 10.5.3.5a). */
export function networkNameBytes(text: string, place: string): Uint8Array {
  if (text.length === 0 || text.length > 60) throw new SaipError('EDIT_BAD_VALUE', 'A network name has 1 to 60 characters.', place);
  const codes = gsmCodes(text);
  if (!codes) return Uint8Array.from([0x90, ...alphaBytes(text).subarray(1)]);
  const packed = new Uint8Array(Math.ceil((7 * codes.length) / 8));
  codes.forEach((code, i) => {
    const bit = 7 * i;
    packed[bit >> 3]! |= (code << (bit & 7)) & 0xff;
    if ((bit & 7) > 1) packed[(bit >> 3) + 1]! |= code >>> (8 - (bit & 7));
  });
  return Uint8Array.from([0x80 | (8 * packed.length - 7 * codes.length), ...packed]);
}

export function networkNameText(bytes: Uint8Array): string {
  const coding = bytes[0] ?? 0;
  const rest = bytes.subarray(1);
  if ((coding & 0x70) === 0x10) return ucs2(rest);
  const count = Math.floor((8 * rest.length - (coding & 7)) / 7);
  let text = '';
  for (let i = 0; i < count; i++) {
    const bit = 7 * i;
    const code = ((rest[bit >> 3]! | ((rest[(bit >> 3) + 1] ?? 0) << 8)) >>> (bit & 7)) & 0x7f;
    text += gsmText(code);
  }
  return text;
}
