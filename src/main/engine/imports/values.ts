/** Values of a stock file. Identifiers become text; secrets go from octets to octets and are never text. */
import { parseIccid, parseImsi, parseMsisdn } from '../../../shared/identifiers/index.ts';
import type { SecretName } from './columns.ts';

export interface ValueProblem {
  readonly code: string;
  readonly message: string;
}
export type Value<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & ValueProblem);

const ok = <T>(value: T): Value<T> => ({ ok: true, value });
const no = (code: string, message: string): { readonly ok: false; readonly code: string; readonly message: string } => ({ ok: false, code, message });

const spreadsheet = /^[+-]?\d+([.,]\d+)?[eE][+-]?\d+$/;
/** EF.ICCID as hex: swapped nibbles, 98 in front, F in the last octet but one digit. */
const swappedIccid = /^98\d{16}[fF]\d$/;
/** EF.IMSI as hex: length 08, then parity and swapped digits. */
const efImsi = /^08[0-9A-Fa-f]9[0-9A-Fa-f]{14}$/;

export function readIccid(text: string): Value<string> {
  if (spreadsheet.test(text)) return no('SPREADSHEET_NUMBER', 'A spreadsheet turned the ICCID into a number and its last digits are lost. Format the column as text and export the file again.');
  const checked = parseIccid(swappedIccid.test(text) ? swapped(text).replace(/[fF]$/, '') : text);
  return checked.ok ? ok(checked.value) : no(checked.code, `${checked.message}.`);
}

export function readImsi(text: string): Value<string> {
  if (spreadsheet.test(text)) return no('SPREADSHEET_NUMBER', 'A spreadsheet turned the IMSI into a number and its last digits are lost. Format the column as text and export the file again.');
  const checked = parseImsi(efImsi.test(text) ? swapped(text.slice(2)).slice(1).replace(/[fF]$/, '') : text);
  return checked.ok ? ok(checked.value) : no(checked.code, `${checked.message}.`);
}

export function readMsisdn(text: string): Value<string | undefined> {
  if (text === '') return ok(undefined);
  if (spreadsheet.test(text)) return no('SPREADSHEET_NUMBER', 'A spreadsheet turned the MSISDN into a number. Format the column as text and export the file again.');
  const checked = parseMsisdn(text);
  return checked.ok ? ok(checked.value) : no(checked.code, `${checked.message}.`);
}

function swapped(hex: string): string {
  let out = '';
  for (let i = 0; i < hex.length; i += 2) out += hex[i + 1]! + hex[i]!;
  return out;
}

/** Octets with blanks around cut away: a view, so that zeroing the field zeroes the value. */
export function trimmed(bytes: Uint8Array): Uint8Array {
  let from = 0;
  let to = bytes.length;
  while (from < to && bytes[from]! <= 0x20) from++;
  while (to > from && bytes[to - 1]! <= 0x20) to--;
  return bytes.subarray(from, to);
}

/** Value of a hexadecimal digit in ASCII, -1 for anything else. */
function hexDigit(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = octet | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function fromHexOctets(bytes: Uint8Array): Uint8Array | undefined {
  const out = new Uint8Array(bytes.length / 2);
  for (let i = 0; i < out.length; i++) {
    const high = hexDigit(bytes[2 * i]!);
    const low = hexDigit(bytes[2 * i + 1]!);
    if (high < 0 || low < 0) {
      out.fill(0);
      return undefined;
    }
    out[i] = high * 16 + low;
  }
  return out;
}

/** Octets of keys a template has room for, by name; other lengths would fail at preparation. */
export type KeyLengths = Partial<Record<SecretName, number>>;

const keyDigits: Partial<Record<SecretName, readonly number[]>> = {
  k: [32, 64], opc: [32, 64], op: [32, 64], scp80Kic: [32, 48, 64], scp80Kid: [32, 48, 64], scp80Kik: [32, 48, 64],
};

/**
 * Reads one secret from its field. The answer is a fresh array the caller zeroes. Messages never say what was found.
 * Codes: `HEX_LENGTH`, `HEX_INVALID`, `PIN_INVALID`, `PUK_INVALID`, `ADM_INVALID`, `SPREADSHEET_NUMBER`.
 */
export function readSecret(name: SecretName, field: Uint8Array, lengths: KeyLengths = {}): Value<Uint8Array | undefined> {
  const bytes = trimmed(field);
  if (bytes.length === 0) return ok(undefined);
  const allowed = keyDigits[name];
  if (allowed) return readKey(name, bytes, allowed, lengths[name]);
  return readCode(name, bytes);
}

function readKey(name: SecretName, bytes: Uint8Array, allowed: readonly number[], wanted: number | undefined): Value<Uint8Array> {
  if (looksLikeSpreadsheetNumber(bytes)) return no('SPREADSHEET_NUMBER', `A spreadsheet turned ${label(name)} into a number. Format the column as text and export the file again.`);
  if (!allowed.includes(bytes.length)) return no('HEX_LENGTH', `${label(name)} has ${bytes.length} characters; it must have ${allowed.join(' or ')} hexadecimal digits.`);
  if (wanted !== undefined && bytes.length !== 2 * wanted) {
    return no('HEX_LENGTH', `${label(name)} has ${bytes.length} hexadecimal digits; the template of this profile type has room for exactly ${2 * wanted}.`);
  }
  const value = fromHexOctets(bytes);
  return value ? ok(value) : no('HEX_INVALID', `${label(name)} holds something else than hexadecimal digits.`);
}

/** PIN of 4 to 8 digits, PUK of 8, ADM of 4 to 8 digits; each also as 16 hexadecimal digits of the stored octets. */
function readCode(name: SecretName, bytes: Uint8Array): Value<Uint8Array> {
  const puk = name === 'puk1' || name === 'puk2';
  const adm = name === 'adm1';
  const code = adm ? 'ADM_INVALID' : puk ? 'PUK_INVALID' : 'PIN_INVALID';
  const least = puk ? 8 : 4;
  const wrong = no(code, `${label(name)} must have ${least === 8 ? '8' : '4 to 8'} digits, or 16 hexadecimal digits of its stored form${puk || adm ? '' : ' (padded with F)'}.`);
  if (looksLikeSpreadsheetNumber(bytes)) return no('SPREADSHEET_NUMBER', `A spreadsheet turned ${label(name)} into a number. Format the column as text and export the file again.`);
  if (bytes.length === 16) {
    const stored = fromHexOctets(bytes);
    if (!stored) return wrong;
    if (adm) return ok(stored);
    let digits = 0;
    while (digits < 8 && stored[digits]! >= 0x30 && stored[digits]! <= 0x39) digits++;
    if (digits >= least && stored.subarray(digits).every((octet) => octet === 0xff)) return ok(stored.subarray(0, digits));
    stored.fill(0);
    return wrong;
  }
  if (bytes.length < least || bytes.length > 8 || !bytes.every((octet) => octet >= 0x30 && octet <= 0x39)) return wrong;
  return ok(Uint8Array.from(bytes));
}

/** Like `8.99E+18`, told by shape alone: digits, one mark, E, sign. Hexadecimal text never has a sign. */
function looksLikeSpreadsheetNumber(bytes: Uint8Array): boolean {
  const sign = bytes.findIndex((octet) => octet === 0x2b || octet === 0x2d);
  return sign > 1 && (bytes[sign - 1]! | 0x20) === 0x65;
}

function label(name: SecretName): string {
  return ({ k: 'K', opc: 'OPc', op: 'OP', scp80Kic: 'KIC', scp80Kid: 'KID', scp80Kik: 'KIK' } as Partial<Record<SecretName, string>>)[name] ?? name.toUpperCase();
}
