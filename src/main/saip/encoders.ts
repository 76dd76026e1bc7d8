import { SaipError } from './errors.ts';

/**
 * Byte encodings of the personalised values. Each writes at `out[at]` and allocates nothing; digits come as text or as
 * ASCII bytes, so that bulk work never makes a string. A bad value throws {@link SaipError} `SLOT_VALUE_BAD`.
 */
export type Digits = string | Uint8Array;

function bad(place: string, message: string): never {
  throw new SaipError('SLOT_VALUE_BAD', message, place);
}

/** The value 0 to 9 of the digit at `i`. */
function digit(digits: Digits, i: number, place: string): number {
  const value = (typeof digits === 'string' ? digits.charCodeAt(i) : digits[i]!) - 0x30;
  if (!(value >= 0 && value <= 9)) bad(place, `Only digits are allowed (position ${i + 1}).`);
  return value;
}

/** ICCID of 19 or 20 digits, straight order, F-padded: ten bytes as in the profile header (SAIP 3.4.1, 8.2.1). */
export function iccidHeader(iccid: Digits, out: Uint8Array, at: number): void {
  const n = iccid.length;
  if (n !== 19 && n !== 20) bad('iccid', `An ICCID has 19 or 20 digits, not ${n}.`);
  for (let i = 0; i < 10; i++) {
    out[at + i] = (digit(iccid, 2 * i, 'iccid') << 4) | (2 * i + 1 < n ? digit(iccid, 2 * i + 1, 'iccid') : 0xf);
  }
}

/** ICCID as in EF.ICCID: nibbles swapped (TS 102 221, 13.2). */
export function iccidEf(iccid: Digits, out: Uint8Array, at: number): void {
  iccidHeader(iccid, out, at);
  for (let i = at; i < at + 10; i++) out[i] = ((out[i]! & 0xf) << 4) | (out[i]! >>> 4);
}

/** IMSI of 6 to 15 digits as in EF.IMSI, nine bytes (TS 31.102, 4.2.2). */
export function imsiEf(imsi: Digits, out: Uint8Array, at: number): void {
  const n = imsi.length;
  if (n < 6 || n > 15) bad('imsi', `An IMSI has 6 to 15 digits, not ${n}.`);
  out[at] = (n >> 1) + 1;
  out[at + 1] = (digit(imsi, 0, 'imsi') << 4) | (n & 1 ? 9 : 1);
  for (let i = 1; i < 8; i++) {
    const low = 2 * i - 1 < n ? digit(imsi, 2 * i - 1, 'imsi') : 0xf;
    const high = 2 * i < n ? digit(imsi, 2 * i, 'imsi') : 0xf;
    out[at + 1 + i] = (high << 4) | low;
  }
}

/** Access class bit of the IMSI's last digit: the usual value of EF.ACC (TS 31.102, 4.2.15). */
export function accOf(imsi: Digits): number {
  return 1 << digit(imsi, imsi.length - 1, 'acc');
}

export function acc(value: number, out: Uint8Array, at: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff) bad('acc', 'EF.ACC has two bytes.');
  out[at] = value >>> 8;
  out[at + 1] = value & 0xff;
}

/** PIN: 4 to 8 ASCII digits, or the eight bytes as they are stored (digits, then FF). */
export function pin(code: Uint8Array, out: Uint8Array, at: number, place = 'pin'): void {
  paddedDigits(code, 4, out, at, place);
}

/** PUK: eight ASCII digits. */
export function puk(code: Uint8Array, out: Uint8Array, at: number, place = 'puk'): void {
  paddedDigits(code, 8, out, at, place);
}

/** ADM: 4 to 7 ASCII digits, padded with FF, or any eight raw bytes. */
export function adm(code: Uint8Array, out: Uint8Array, at: number, place = 'adm1'): void {
  if (code.length !== 8) return paddedDigits(code, 4, out, at, place);
  for (let i = 0; i < 8; i++) out[at + i] = code[i]!;
}

function paddedDigits(code: Uint8Array, least: number, out: Uint8Array, at: number, place: string): void {
  const n = code.length;
  if (n > 8) bad(place, 'A code has at most eight digits.');
  let digits = 0;
  while (digits < n && code[digits]! >= 0x30 && code[digits]! <= 0x39) digits++;
  if (digits < least) bad(place, `The code needs ${least === 8 ? 'eight' : `at least ${least}`} digits.`);
  for (let i = digits; i < n; i++) if (n !== 8 || code[i] !== 0xff) bad(place, 'The code may hold digits only.');
  for (let i = 0; i < 8; i++) out[at + i] = i < digits ? code[i]! : 0xff;
}

/** A key or another fixed-length secret, copied as it is. */
export function fixedBytes(value: Uint8Array, length: number, out: Uint8Array, at: number, place: string): void {
  if (value.length !== length) bad(place, `The value has ${value.length} bytes; the template has room for exactly ${length}.`);
  for (let i = 0; i < length; i++) out[at + i] = value[i]!;
}

/** A dialling number as length, TON/NPI and ten BCD bytes: 12 bytes, shared by EF.MSISDN and TS-SCA (TS 31.102, 4.2.26). */
function dialling(number: Digits, out: Uint8Array, at: number, place: string): void {
  const first = typeof number === 'string' ? number.charCodeAt(0) : number[0];
  const skip = first === 0x2b ? 1 : 0;
  const n = number.length - skip;
  if (n < 1 || n > 20) bad(place, `A number has 1 to 20 digits, not ${n}.`);
  out[at] = 1 + ((n + 1) >> 1);
  out[at + 1] = skip === 1 ? 0x91 : 0x81;
  for (let i = 0; i < 10; i++) {
    const low = 2 * i < n ? digit(number, skip + 2 * i, place) : 0xf;
    const high = 2 * i + 1 < n ? digit(number, skip + 2 * i + 1, place) : 0xf;
    out[at + 2 + i] = (high << 4) | low;
  }
}

export const MSISDN_TAIL = 14;

/** The last 14 bytes of an EF.MSISDN record; the alpha part before them stays FF. `+` in front means international. */
export function msisdnRecord(number: Digits, out: Uint8Array, at: number): void {
  dialling(number, out, at, 'msisdn');
  out[at + 12] = 0xff;
  out[at + 13] = 0xff;
}

export const SMSP_TAIL = 28;

/**
 * The last 28 bytes of an EF.SMSP record: service centre address, PID 0, DCS 0, validity three days; no destination
 * (indicator E1; TS 31.102, 4.2.27).
 */
export function smspRecord(smsc: Digits, out: Uint8Array, at: number): void {
  out[at] = 0xe1;
  for (let i = 1; i < 13; i++) out[at + i] = 0xff;
  dialling(smsc, out, at + 13, 'smsp');
  out[at + 25] = 0;
  out[at + 26] = 0;
  out[at + 27] = 0xa9;
}

const GSM7 = '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';

/** GSM code of each UTF-16 unit; 255 for what the alphabet lacks, the escape included. */
const GSM_CODE = new Uint8Array(0x400).fill(0xff);
for (let i = 0; i < GSM7.length; i++) if (i !== 0x1b) GSM_CODE[GSM7.charCodeAt(i)] = i;

/** GSM code of a UTF-16 unit, 255 when the alphabet lacks it (TS 23.038, 6.2.1). */
export function gsmCode(unit: number): number {
  return GSM_CODE[unit] ?? 0xff;
}

/** Character of a GSM code from 0 to 127. */
export function gsmText(code: number): string {
  return GSM7[code & 0x7f]!;
}

/** EF.SPN, 17 bytes: display condition, then GSM 7-bit characters one per byte, or UCS2 after 80 (TS 31.102, 4.2.12). */
export function spn(name: string, out: Uint8Array, at: number, display = 0x01): void {
  for (let i = 1; i < 17; i++) out[at + i] = 0xff;
  out[at] = display;
  let gsm = name.length > 0 && name.length <= 16;
  for (let i = 0; gsm && i < name.length; i++) {
    const code = GSM_CODE[name.charCodeAt(i)] ?? 0xff;
    if (code === 0xff) gsm = false;
    else out[at + 1 + i] = code;
  }
  if (gsm) return;
  if (name.length < 1 || name.length > (isGsm(name) ? 16 : 7)) {
    bad('spn', 'A provider name has 1 to 16 characters, or 1 to 7 when it needs characters outside the GSM alphabet.');
  }
  for (let i = 1; i < 17; i++) out[at + i] = 0xff;
  out[at + 1] = 0x80;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    out[at + 2 + 2 * i] = unit >>> 8;
    out[at + 3 + 2 * i] = unit & 0xff;
  }
}

function isGsm(name: string): boolean {
  for (let i = 0; i < name.length; i++) if ((GSM_CODE[name.charCodeAt(i)] ?? 0xff) === 0xff) return false;
  return true;
}

/** A text in a TLV 80 that fills `length` bytes with FF behind it: IMPI, IMPU (TS 31.103, 4.2.2 and 4.2.4). */
export function identity(text: Digits, out: Uint8Array, at: number, length: number, place: string): void {
  const n = text.length;
  const head = n > 0x7f ? 3 : 2;
  if (n > 255 || n + head > length) bad(place, `The identity has ${n} characters; the template has room for ${length - 2}.`);
  out[at] = 0x80;
  if (n > 0x7f) out[at + 1] = 0x81;
  out[at + head - 1] = n;
  for (let i = 0; i < n; i++) {
    const code = typeof text === 'string' ? text.charCodeAt(i) : text[i]!;
    if (code <= 0x20 || code > 0x7e) bad(place, `An identity is ASCII text without blanks (position ${i + 1}).`);
    out[at + head + i] = code;
  }
  for (let i = n + head; i < length; i++) out[at + i] = 0xff;
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const DOMAIN = ascii('@ims.mnc000.mcc000.3gppnetwork.org');
const SCHEME = ascii('sip:');

/**
 * The identity an IMSI makes: `001010123456789@ims.mnc001.mcc001.3gppnetwork.org`, the MNC always with three digits
 * (TS 23.003, 13.2 to 13.4B); `scheme` is `sip:` for the public one.
 */
export function identityOf(imsi: Digits, mncLength: number, scheme: '' | 'sip:', out: Uint8Array, at: number, length: number, place: string): void {
  const n = imsi.length;
  if (n < 6 || n > 15) bad(place, `An IMSI has 6 to 15 digits, not ${n}.`);
  const size = scheme.length + n + DOMAIN.length;
  if (size + 2 > length) bad(place, `The identity has ${size} characters; the template has room for ${length - 2}.`);
  out[at] = 0x80;
  out[at + 1] = size;
  let to = at + 2;
  if (scheme !== '') for (let i = 0; i < 4; i++) out[to++] = SCHEME[i]!;
  for (let i = 0; i < n; i++) out[to++] = 0x30 + digit(imsi, i, place);
  const from = to;
  for (let i = 0; i < DOMAIN.length; i++) out[to++] = DOMAIN[i]!;
  for (let i = 0; i < mncLength; i++) out[from + 11 - mncLength + i] = 0x30 + digit(imsi, 3 + i, place);
  for (let i = 0; i < 3; i++) out[from + 15 + i] = 0x30 + digit(imsi, i, place);
  for (; to < at + length; to++) out[to] = 0xff;
}

/** Text of an {@link identity}, `undefined` when it is malformed. */
export function identityText(bytes: Uint8Array, at: number, length: number): string | undefined {
  const long = bytes[at + 1] === 0x81;
  const n = bytes[at + (long ? 2 : 1)]!;
  const from = at + (long ? 3 : 2);
  if (bytes[at] !== 0x80 || from + n > at + length) return undefined;
  return String.fromCharCode(...bytes.subarray(from, from + n));
}

/** PLMN of five or six digits (MCC, MNC) as three bytes (TS 24.008, 10.5.1.13). 001-01 and 001-001 differ. */
export function plmn(code: Digits, out: Uint8Array, at: number): void {
  const n = code.length;
  if (n !== 5 && n !== 6) throw new SaipError('LIST_BAD_ENTRY', 'A PLMN has five or six digits.', 'plmn');
  const d = (i: number): number => digit(code, i, 'plmn');
  out[at] = (d(1) << 4) | d(0);
  out[at + 1] = ((n === 6 ? d(5) : 0xf) << 4) | d(2);
  out[at + 2] = (d(4) << 4) | d(3);
}

/** Access technology identifiers of a PLMN entry (TS 31.102, 4.2.5). LTE-M and WB-S1 are the same bit. */
export const ACCESS_TECHNOLOGY = {
  'GSM': 0x0080, 'UTRAN': 0x8000, 'E-UTRAN': 0x4000, 'E-UTRAN-WB': 0x6000, 'NB-IoT': 0x5000, 'LTE-M': 0x6000, 'NG-RAN': 0x0800,
} as const;

export type AccessTechnology = keyof typeof ACCESS_TECHNOLOGY;

/**
 * Five bytes: PLMN and its access technologies. By name at least one is needed; a two-byte mask is taken as it is, so
 * that a list read from a template can be written back.
 */
export function plmnWithAct(code: Digits, technologies: readonly AccessTechnology[] | number, out: Uint8Array, at: number): void {
  plmn(code, out, at);
  let mask = 0;
  if (typeof technologies === 'number') mask = technologies;
  else for (const name of technologies) mask |= ACCESS_TECHNOLOGY[name] ?? 0x10000;
  if (!Number.isInteger(mask) || mask < 0 || mask > 0xffff || (mask === 0 && typeof technologies !== 'number')) {
    throw new SaipError('LIST_BAD_ENTRY', 'A PLMN entry needs at least one access technology, and known ones only.', 'plmn');
  }
  out[at + 3] = mask >>> 8;
  out[at + 4] = mask & 0xff;
}

/** Digits of ten ICCID bytes in straight order, `undefined` when they are no digits followed by F. */
export function iccidDigits(bytes: Uint8Array, at = 0, swapped = false): string | undefined {
  let text = '';
  let ended = false;
  for (let i = 0; i < 20; i++) {
    const octet = bytes[at + (i >> 1)];
    if (octet === undefined) return undefined;
    const nibble = (i & 1) === (swapped ? 1 : 0) ? octet >>> 4 : octet & 0xf;
    if (nibble === 0xf) ended = true;
    else if (ended || nibble > 9) return undefined;
    else text += String.fromCharCode(0x30 + nibble);
  }
  return text;
}

/** Digits of an EF.IMSI, `undefined` when it is malformed. */
export function imsiDigits(bytes: Uint8Array, at = 0): string | undefined {
  const length = bytes[at];
  const first = bytes[at + 1];
  if (length === undefined || first === undefined || length < 1 || length > 8 || bytes.length < at + 9) return undefined;
  const type = first & 0xf;
  if (type !== 9 && type !== 1) return undefined;
  const digits = 2 * length - (type === 9 ? 1 : 2);
  let text = '';
  for (let i = 1; i < 16; i++) {
    const octet = bytes[at + 1 + (i >> 1)]!;
    const nibble = i & 1 ? octet >>> 4 : octet & 0xf;
    if (i > digits) {
      if (nibble !== 0xf) return undefined;
    } else if (nibble > 9) return undefined;
    else text += String.fromCharCode(0x30 + nibble);
  }
  return text;
}

/** Number of an encoded dialling field (length, TON/NPI, ten BCD bytes), `''` when unset, `undefined` when malformed. */
export function diallingDigits(bytes: Uint8Array, at: number): string | undefined {
  const length = bytes[at]!;
  if (length === 0xff || length === 0) return '';
  if (length > 11) return undefined;
  let text = bytes[at + 1] === 0x91 ? '+' : '';
  for (let i = 0; i < 2 * (length - 1); i++) {
    const octet = bytes[at + 2 + (i >> 1)]!;
    const nibble = i & 1 ? octet >>> 4 : octet & 0xf;
    if (nibble === 0xf && i === 2 * (length - 1) - 1) break;
    if (nibble > 9) return undefined;
    text += String.fromCharCode(0x30 + nibble);
  }
  return text;
}

/** Name held by an EF.SPN. */
export function spnText(bytes: Uint8Array, at: number): string {
  let text = '';
  if (bytes[at + 1] === 0x80) {
    for (let i = at + 2; i + 1 < at + 17; i += 2) {
      if (bytes[i] === 0xff && bytes[i + 1] === 0xff) break;
      text += String.fromCharCode(bytes[i]! * 256 + bytes[i + 1]!);
    }
    return text;
  }
  for (let i = at + 1; i < at + 17 && bytes[i] !== 0xff; i++) text += GSM7[bytes[i]! & 0x7f]!;
  return text;
}
