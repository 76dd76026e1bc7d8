import { accept, onlyDigits, type Parsed, refuse, spreadsheetNumber, withoutSeparators } from './result.ts';

/** Remainder of a decimal number of any length by 97, digit by digit. */
function mod97(digits: string): number {
  let rest = 0;
  for (let i = 0; i < digits.length; i++) rest = (rest * 10 + digits.charCodeAt(i) - 48) % 97;
  return rest;
}

/** The two check digits that end an EID whose first 30 digits are given (SGP.02, 2.2.2; SGP.29). */
export function eidCheckDigits(first30: string): string {
  return String(98 - mod97(`${first30}00`)).padStart(2, '0');
}

/** Appends the check digits to 30 digits. */
export const makeEid = (first30: string): string => first30 + eidCheckDigits(first30);

/** Reads an EID: 32 digits, the whole number leaves 1 when divided by 97. Code `EID_INVALID`. */
export function parseEid(text: string): Parsed<string> {
  const trimmed = text.trim();
  if (spreadsheetNumber.test(trimmed)) {
    return refuse('EID_INVALID', 'The EID was turned into a number by a spreadsheet and its last digits are lost; format the column as text and export it again');
  }
  const digits = withoutSeparators(trimmed);
  if (!onlyDigits(digits)) return refuse('EID_INVALID', 'An EID has digits only');
  if (digits.length !== 32) return refuse('EID_INVALID', `An EID has 32 digits; this one has ${digits.length}`);
  if (mod97(digits) !== 1) return refuse('EID_INVALID', 'The check digits of the EID are wrong: a digit was mistyped or two were swapped');
  return accept(digits);
}
