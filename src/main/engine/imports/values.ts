/** Values of a stock file. Identifiers become text; secrets go from octets to octets and are never text. */
import { luhnCheckDigit, luhnValid, parseImsi, parseMsisdn, stripIccid } from '../../../shared/identifiers/index.ts';
import type { IdentityName, SecretName } from './columns.ts';
import { keySetFields, labelOf } from './columns.ts';
import type { FindingName } from './findings.ts';
import { trimmed, withoutSeparators } from './transforms.ts';

export type Value<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly finding: FindingName; readonly detail: string };

const ok = <T>(value: T): Value<T> => ({ ok: true, value });
const no = (finding: FindingName, detail = ''): { readonly ok: false; readonly finding: FindingName; readonly detail: string } => ({ ok: false, finding, detail });

const spreadsheet = /^[+-]?\d+([.,]\d+)?[eE][+-]?\d+$/;
/** EF.ICCID as hex: swapped nibbles, 98 in front, F in the last octet but one digit. */
const swappedIccid = /^98\d{16}[fF]\d$/;
/** EF.IMSI as hex: length 08, then parity and swapped digits. */
const efImsi = /^08[0-9A-Fa-f]9[0-9A-Fa-f]{14}$/;
/** A spreadsheet keeps 15 digits of a number and makes zeros of the others. */
const fifteenDigits = /^\d{15}0+$/;
const digitsOnly = /^\d+$/;

/**
 * 18 digits get their check digit (unless the file's others have theirs: `checked`), 19 must carry the right one, 20 are taken
 * as they are; a padding F and blanks, dashes and dots between make no difference.
 */
export function readIccid(text: string, checked = false): Value<string> {
  if (text === '') return no('iccid-missing');
  if (spreadsheet.test(text)) return no('spreadsheet', 'the ICCID');
  const digits = digitsOnly.test(text) ? text : stripIccid(swappedIccid.test(text) ? swapped(text) : text);
  if (!digitsOnly.test(digits)) return no(/^89[\d\W_]+f?$/i.test(digits) && digits.replace(/[\W_]|f$/gi, '').length >= 18 ? 'iccid-separators' : 'iccid-characters');
  if (!digits.startsWith('89')) return no('iccid-prefix');
  if (digits.length === 19 && fifteenDigits.test(text) && !luhnValid(digits)) return no('spreadsheet', 'the ICCID');
  if (digits.length === 19) return luhnValid(digits) ? ok(digits) : no('iccid-check-digit', `${digits.slice(-1)} where ${luhnCheckDigit(digits.slice(0, -1))} belongs`);
  if (digits.length === 18) return checked ? no('iccid-no-check-digit') : ok(digits + luhnCheckDigit(digits));
  return digits.length === 20 ? ok(digits) : no('iccid-length', String(digits.length));
}

export function readImsi(text: string): Value<string> {
  if (text === '') return no('imsi-missing');
  if (spreadsheet.test(text)) return no('spreadsheet', 'the IMSI');
  const plain = efImsi.test(text) ? swapped(text.slice(2)).slice(1).replace(/[fF]$/, '') : text;
  const read = parseImsi(plain);
  if (read.ok) return ok(read.value);
  const digits = plain.replace(/[\s.\-/_']/g, '');
  if (!digitsOnly.test(digits)) return no('imsi-invalid', read.message);
  if (digits !== plain && parseImsi(digits).ok) return no('imsi-separators');
  if (digits.length >= 12 && digits.length < 15 && parseImsi(digits.padStart(15, '0')).ok) return no('imsi-zeros');
  return digits.length <= 10 ? no('imsi-msin') : no('imsi-invalid', read.message);
}

export function readMsisdn(text: string): Value<string | undefined> {
  if (text === '') return ok(undefined);
  if (spreadsheet.test(text)) return no('spreadsheet', 'the MSISDN');
  const read = parseMsisdn(text);
  if (read.ok) return ok(read.value);
  return /^\(?0[1-9][\d\s()/.-]+$/.test(text) ? no('msisdn-national') : no('msisdn-invalid', read.message);
}

function swapped(hex: string): string {
  let out = '';
  for (let i = 0; i < hex.length; i += 2) out += hex[i + 1]! + hex[i]!;
  return out;
}

/** Value of a hexadecimal digit in ASCII, -1 for anything else. */
function hexDigit(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = octet | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

export function fromHexOctets(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length % 2 !== 0) return undefined;
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

/**
 * Identity of the IMS: a NAI `user@domain` (RFC 7542; TS 23.003, 13.3), or a SIP or tel URI (RFC 3261, 3966; TS 23.003, 13.4). `room` is how
 * many characters the template takes.
 */
export function readIdentity(name: IdentityName, text: string, room: number | undefined): Value<string | undefined> {
  if (text === '') return ok(undefined);
  if (spreadsheet.test(text)) return no('spreadsheet', `the ${name.toUpperCase()}`);
  const good = name === 'impi' ? nai.test(text) : /^sips?:/i.test(text) ? nai.test(text.slice(text.indexOf(':') + 1)) : /^tel:\+[1-9]\d{4,14}$/i.test(text);
  if (!good) return no(name === 'impi' ? 'impi-invalid' : 'impu-invalid');
  return room !== undefined && text.length > room ? no('identity-length', `${name.toUpperCase()} has ${text.length} characters; the template of this profile type has room for ${room}.`) : ok(text);
}

/** A user without signs that end it, and a domain of labels with letters, digits and hyphens inside. */
const nai = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?:\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$/;

/** Octets a template has room for, by slot; absent where it has no such slot. Keys of another length would fail at preparation. */
export type KeyLengths = Partial<Record<SecretName | IdentityName, number>>;

const long = [32, 48, 64] as const;
const keyDigits: Partial<Record<SecretName, readonly number[]>> = {
  k: [32, 64], opc: [32, 64], op: [32, 64], ...Object.fromEntries(keySetFields.map((name) => [name, name.startsWith('scp02') ? [32] : long])),
};
export const isKey = (name: SecretName): boolean => keyDigits[name] !== undefined;

/** Reads one secret from its field. The answer is a fresh array the caller zeroes; details never say what was found. */
export function readSecret(name: SecretName, field: Uint8Array, lengths: KeyLengths = {}): Value<Uint8Array | undefined> {
  const bytes = trimmed(field);
  if (bytes.length === 0) return ok(undefined);
  const allowed = keyDigits[name];
  return allowed ? readKey(name, bytes, allowed, lengths[name]) : readCode(name, bytes);
}

/** One under a transport key: hexadecimal, whole octets; the vault knows what it must be. */
export function readWrapped(name: SecretName, field: Uint8Array): Value<Uint8Array | undefined> {
  const bytes = trimmed(field);
  if (bytes.length === 0) return ok(undefined);
  if (looksLikeSpreadsheetNumber(bytes)) return no('spreadsheet', secretLabel(name));
  if (bytes.length % 2 !== 0 || bytes.length > 256) return no('wrapped-length', secretLabel(name));
  const value = fromHexOctets(bytes);
  return value ? ok(value) : no('key-digits', secretLabel(name));
}

export function readKcv(field: Uint8Array): Value<Uint8Array | undefined> {
  const bytes = trimmed(field);
  if (bytes.length === 0) return ok(undefined);
  const value = bytes.length >= 6 && bytes.length <= 16 ? fromHexOctets(bytes) : undefined;
  return value ? ok(value) : no('kcv-form');
}

function readKey(name: SecretName, bytes: Uint8Array, allowed: readonly number[], wanted: number | undefined): Value<Uint8Array> {
  if (looksLikeSpreadsheetNumber(bytes)) return no('spreadsheet', secretLabel(name));
  const right = (length: number): boolean => (wanted === undefined ? allowed.includes(length) : length === 2 * wanted);
  if (!right(bytes.length)) {
    if (bytes[0] === 0x30 && ((bytes[1] ?? 0) | 0x20) === 0x78 && right(bytes.length - 2)) return no('key-0x', secretLabel(name));
    const plain = withoutSeparators(bytes);
    const apart = plain !== bytes && right(plain.length);
    if (plain !== bytes) plain.fill(0);
    if (apart) return no('key-separators', secretLabel(name));
    return no('key-length', wanted === undefined || !allowed.includes(bytes.length)
      ? `${secretLabel(name)} has ${bytes.length} characters; it must have ${allowed.join(' or ')} hexadecimal digits.`
      : `${secretLabel(name)} has ${bytes.length} hexadecimal digits; the template of this profile type has room for exactly ${2 * wanted}.`);
  }
  const value = fromHexOctets(bytes);
  return value ? ok(value) : no('key-digits', secretLabel(name));
}

/** PIN of 4 to 8 digits, PUK of 8, ADM of 4 to 8 digits; each also as 16 hexadecimal digits of the stored octets. */
function readCode(name: SecretName, bytes: Uint8Array): Value<Uint8Array> {
  const puk = name.startsWith('puk');
  const adm = name.startsWith('adm');
  const least = puk ? 8 : 4;
  const wrong = no(adm ? 'adm-invalid' : puk ? 'puk-invalid' : 'pin-invalid', secretLabel(name));
  if (looksLikeSpreadsheetNumber(bytes)) return no('spreadsheet', secretLabel(name));
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
  const digit = (octet: number): boolean => octet >= 0x30 && octet <= 0x39;
  if (bytes.every(digit)) {
    if (bytes.length >= least && bytes.length <= 8) return ok(Uint8Array.from(bytes));
    if (adm || bytes.length >= least || (puk && bytes.length < 5)) return wrong;
    return no(puk ? 'puk-zeros' : 'code-zeros', secretLabel(name));
  }
  const plain = withoutSeparators(bytes);
  const apart = plain !== bytes && plain.length >= least && plain.length <= 8 && plain.every(digit);
  if (plain !== bytes) plain.fill(0);
  return apart ? no('code-separators', secretLabel(name)) : wrong;
}

/** Like `8.99E+18`, told by shape alone: digits, one mark, E, sign. Hexadecimal text never has a sign. */
function looksLikeSpreadsheetNumber(bytes: Uint8Array): boolean {
  const sign = bytes.findIndex((octet) => octet === 0x2b || octet === 0x2d);
  return sign > 1 && (bytes[sign - 1]! | 0x20) === 0x65 && bytes.subarray(0, sign - 1).every((octet) => (octet >= 0x30 && octet <= 0x39) || octet === 0x2e || octet === 0x2c);
}

export function secretLabel(name: SecretName | IdentityName): string {
  return ({ k: 'K', opc: 'OPc', op: 'OP', scp80Kic: 'KIC', scp80Kid: 'KID', scp80Kik: 'KIK' } as Partial<Record<string, string>>)[name] ?? labelOf(name);
}
