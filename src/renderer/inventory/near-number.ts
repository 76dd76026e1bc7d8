/** What may be wrong with an ICCID nobody has. Pure. */
import type { Parsed } from '../../shared/identifiers/index.ts';

/** Beginnings and an end by which neighbours are found: all but the last digits, fewer, the last seven. */
export const nearPieces = (digits: string): readonly [string, string, string] => [digits.slice(0, Math.max(8, digits.length - 3)), digits.slice(0, Math.max(8, digits.length - 6)), digits.slice(-7)];

export function numberHint(asked: string, parsed: Parsed<unknown>): string {
  const text = asked.trim();
  if (/f$/i.test(text)) return 'The F at the end is padding of a 19-digit number and is not part of it; it was left out of the search.';
  if (!parsed.ok) return `${parsed.message}.`;
  if (/^\d{20}$/.test(text)) return 'Numbers of 20 digits are taken as they are. If the last one was a padding digit of a 19-digit number, leave it out.';
  return 'An ICCID has 19 or 20 digits; a padding F at the end may be left out.';
}
