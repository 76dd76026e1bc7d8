import { luhnCheckDigit, luhnValid } from './luhn.ts';
import { accept, onlyDigits, type Parsed, refuse, spreadsheetNumber, withoutSeparators } from './result.ts';

/** Digits as written: separators and a trailing F padding (nibble filler of EF.ICCID) removed. */
export const stripIccid = (text: string): string => withoutSeparators(text).replace(/[fF]$/, '');

/**
 * Reads an ICCID (ITU-T E.118): 18 digits get their Luhn digit, 19 digits must carry the right one, 20 digits are taken as
 * they are, since issuers of 20 digits do not agree on a check digit. Answers the digits without padding.
 * Codes: `ICCID_INVALID`.
 */
export function parseIccid(text: string): Parsed<string> {
  const trimmed = text.trim();
  if (spreadsheetNumber.test(trimmed)) {
    return refuse('ICCID_INVALID', 'The ICCID was turned into a number by a spreadsheet and its last digits are lost; format the column as text and export it again');
  }
  const digits = stripIccid(trimmed);
  if (!onlyDigits(digits)) return refuse('ICCID_INVALID', 'An ICCID has digits only');
  if (!digits.startsWith('89')) return refuse('ICCID_INVALID', 'An ICCID starts with 89');
  if (digits.length === 18) return accept(digits + luhnCheckDigit(digits));
  if (digits.length === 19) {
    if (luhnValid(digits)) return accept(digits);
    return refuse('ICCID_INVALID', `The check digit of the ICCID is wrong: ${digits.slice(-1)} where ${luhnCheckDigit(digits.slice(0, -1))} belongs`);
  }
  if (digits.length === 20) return accept(digits);
  return refuse('ICCID_INVALID', `An ICCID has 18 to 20 digits; this one has ${digits.length}`);
}

/** The ICCID as 20 characters, a 19-digit one with its F filler. */
export const padIccid = (iccid: string): string => iccid.padEnd(20, 'F');
