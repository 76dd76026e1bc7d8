/** What somebody meant who mistyped an identifier: numbers that differ in one digit, in two neighbours changed over, or in the check digit. */
import { luhnCheckDigit, stripIccid } from '../../../shared/identifiers/index.ts';
import type { Reader } from '../context.ts';

/** At most so many candidates are looked up: one index search each. */
const CANDIDATES = 250;

function* variants(digits: string): Generator<string> {
  for (let at = digits.length - 2; at >= 2; at--) {
    if (digits[at] !== digits[at + 1]) yield digits.slice(0, at) + digits[at + 1]! + digits[at]! + digits.slice(at + 2);
  }
  for (let at = digits.length - 1; at >= 2; at--) {
    for (let digit = 0; digit <= 9; digit++) if (String(digit) !== digits[at]) yield digits.slice(0, at) + digit + digits.slice(at + 1);
  }
}

/** Profiles whose ICCID is near the text; the likeliest first, at most five. */
export async function nearIccids(db: Reader, text: string): Promise<string[]> {
  const digits = stripIccid(text.trim());
  if (!/^\d+$/.test(digits) || digits.length < 18 || digits.length > 20) return [];
  const bodies = new Set<string>();
  const wanted: string[] = [];
  const add = (iccid: string): void => {
    if (!bodies.has(iccid) && wanted.length < CANDIDATES) {
      bodies.add(iccid);
      wanted.push(iccid);
    }
  };
  if (digits.length >= 19) add(digits.slice(0, 18) + luhnCheckDigit(digits.slice(0, 18)));
  if (digits.length === 18) for (let digit = 0; digit <= 9; digit++) add(digits + digit);
  for (const one of variants(digits.slice(0, 18))) add(one + luhnCheckDigit(one));
  if (digits.length === 20) for (const one of variants(digits)) add(one);
  const rows = await db.selectFrom('profiles').select('iccid').where('iccid', 'in', wanted).limit(50).execute();
  const found = new Set(rows.map((row) => row.iccid));
  return wanted.filter((iccid) => found.has(iccid)).slice(0, 5);
}
