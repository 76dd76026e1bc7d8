import { accept, onlyDigits, type Parsed, refuse, spreadsheetNumber, withoutSeparators } from './result.ts';

/** Reads an IMSI (ITU-T E.212): 14 or 15 digits with its leading MCC. Code `IMSI_INVALID`. */
export function parseImsi(text: string): Parsed<string> {
  if (spreadsheetNumber.test(text.trim())) return refuse('IMSI_INVALID', 'The IMSI was turned into a number by a spreadsheet; format the column as text and export it again');
  const digits = withoutSeparators(text);
  if (!onlyDigits(digits)) return refuse('IMSI_INVALID', 'An IMSI has digits only');
  if (digits.length < 14 || digits.length > 15) return refuse('IMSI_INVALID', `An IMSI has 14 or 15 digits; this one has ${digits.length}`);
  // 001 is the test network; no other country code starts with 0.
  if (digits.startsWith('0') && !digits.startsWith('001')) return refuse('IMSI_INVALID', 'An IMSI starts with its mobile country code; none starts with 0 except 001, the test network');
  return accept(digits);
}

/**
 * Reads an MSISDN (ITU-T E.164): 5 to 15 digits in international form, `+` or `00` in front allowed, answered without it.
 * Code `MSISDN_INVALID`.
 */
export function parseMsisdn(text: string): Parsed<string> {
  if (spreadsheetNumber.test(text.trim())) return refuse('MSISDN_INVALID', 'The MSISDN was turned into a number by a spreadsheet; format the column as text and export it again');
  const digits = withoutSeparators(text).replace(/[()/]/g, '').replace(/^(\+|00)/, '');
  if (!onlyDigits(digits)) return refuse('MSISDN_INVALID', 'An MSISDN has digits only, in international form');
  if (digits.length < 5 || digits.length > 15) return refuse('MSISDN_INVALID', `An MSISDN has 5 to 15 digits; this one has ${digits.length}`);
  if (digits.startsWith('0')) return refuse('MSISDN_INVALID', 'An MSISDN starts with its country code, which never starts with 0');
  return accept(digits);
}

export interface Plmn {
  readonly mcc: string;
  /** Two or three digits; `01` and `001` are different networks. */
  readonly mnc: string;
}

/** Reads `26201`, `262-01`, `262 01`, `310/260` or `310260`. Code `PLMN_INVALID`. */
export function parsePlmn(text: string): Parsed<Plmn> {
  const match = /^(\d{3})[\s/-]?(\d{2,3})$/.exec(text.trim());
  if (!match) return refuse('PLMN_INVALID', 'A PLMN is a three-digit country code and a two- or three-digit network code, for example 262-01');
  const [, mcc, mnc] = match as unknown as [string, string, string];
  if (mcc.startsWith('0') && mcc !== '001') return refuse('PLMN_INVALID', 'No mobile country code starts with 0 except 001, the test network');
  return accept({ mcc, mnc });
}

export const formatPlmn = (plmn: Plmn): string => `${plmn.mcc}-${plmn.mnc}`;

/** Reads a TADIG code (GSMA TD.13): five capital letters or digits, the first three an ISO country or `AAA`-style group. Code `TADIG_INVALID`. */
export function parseTadig(text: string): Parsed<string> {
  const code = text.trim().toUpperCase();
  if (!/^[A-Z]{3}[A-Z0-9]{2}$/.test(code)) return refuse('TADIG_INVALID', 'A TADIG code has five characters: three letters for the country and two letters or digits for the operator');
  return accept(code);
}

/** Reads a TAC: eight digits, also the first eight of an IMEI (15) or IMEISV (16). Code `TAC_INVALID`. */
export function parseTac(text: string): Parsed<string> {
  const digits = withoutSeparators(text);
  if (!onlyDigits(digits) || ![8, 14, 15, 16].includes(digits.length)) return refuse('TAC_INVALID', 'A type allocation code has 8 digits, the first 8 of an IMEI');
  return accept(digits.slice(0, 8));
}
