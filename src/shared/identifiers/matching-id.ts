import { accept, type Parsed, refuse } from './result.ts';

/** 32 symbols without I, O, 0 and 1, so that nothing is misread from paper: five bits each. */
export const matchingIdAlphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
/** Random octets one MatchingID takes. */
export const matchingIdRandomBytes = 20;

/**
 * A MatchingID `XXXXX-XXXXX-XXXXX-XXXXX` of 100 bits from 20 random octets (SGP.22 v2.2, 4.1.1: capital letters, digits, dash).
 * One octet gives one symbol; 256 is a multiple of 32, so no symbol is likelier than another.
 */
export function makeMatchingId(random: Uint8Array): string {
  if (random.length < matchingIdRandomBytes) throw new RangeError(`a MatchingID takes ${matchingIdRandomBytes} random octets`);
  let text = '';
  for (let i = 0; i < matchingIdRandomBytes; i++) {
    if (i > 0 && i % 5 === 0) text += '-';
    text += matchingIdAlphabet[random[i]! & 31]!;
  }
  return text;
}

/** Reads a MatchingID given by an operator; empty is allowed (the device is found by its EID). Code `MATCHING_ID_INVALID`. */
export function parseMatchingId(text: string): Parsed<string> {
  const token = text.trim();
  if (!/^[0-9A-Z-]*$/.test(token)) return refuse('MATCHING_ID_INVALID', 'A MatchingID has capital letters, digits and dashes only');
  if (token.length > 255) return refuse('MATCHING_ID_INVALID', 'A MatchingID has at most 255 characters');
  return accept(token);
}
