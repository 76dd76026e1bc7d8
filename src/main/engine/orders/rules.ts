/** Pure decisions about orders: what an operator may ask for, when an order ends, what an activation code says. */
import { parseEid, parseMatchingId } from '../../../shared/identifiers/index.ts';
import type { Environment } from '../context.ts';

export type Decided<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: string; readonly message: string; readonly hint?: string };
const yes = <T>(value: T): Decided<T> => ({ ok: true, value });
const no = (code: string, message: string, hint?: string): Decided<never> => ({ ok: false, code, message, ...(hint === undefined ? {} : { hint }) });

const SPAN = /^([+-]?\d{1,9})\s*(s|m|h|d|w)$/;
const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
const FARTHEST = 100 * 365 * 86_400_000;

/**
 * A moment as people write it: ISO 8601 (a date alone or a time without zone is UTC), epoch milliseconds, or a span from now
 * (`30d`, `12h`, `-1h`). A moment in the past is for a Lab only, where expired orders are made on purpose. `EXPIRY_INVALID`.
 */
export function readExpiry(text: string, now: number, environment: Environment): Decided<number> {
  const value = text.trim();
  const span = SPAN.exec(value);
  let at: number;
  if (span) at = now + Number(span[1]) * UNITS[span[2]!]!;
  else if (/^-?\d{1,15}$/.test(value)) at = Number(value);
  else if (ISO.test(value)) at = Date.parse(/T.*(?:Z|[+-]\d{2}:?\d{2})$/.test(value) || !value.includes('T') ? value : `${value}Z`);
  else return no('EXPIRY_INVALID', `"${value}" is not a moment.`, 'Write 2027-01-31, 2027-01-31T12:00:00Z, epoch milliseconds, or a span such as 30d or 12h.');
  if (!Number.isFinite(at)) return no('EXPIRY_INVALID', `"${value}" is not a date that exists.`);
  if (at > now + FARTHEST) return no('EXPIRY_INVALID', 'An order cannot stay open for more than a hundred years.');
  if (at < 0) return no('EXPIRY_INVALID', 'The expiry lies before 1970.');
  if (at <= now && environment !== 'lab') return no('EXPIRY_INVALID', 'The expiry lies in the past.', 'Only a Lab workspace makes orders that are already expired.');
  return yes(Math.trunc(at));
}

/** An EID an operator gave. In a Lab 32 digits are enough: test suites use EIDs whose check digits are wrong. */
export function readOrderEid(text: string, environment: Environment): Decided<string> {
  const read = parseEid(text);
  if (read.ok) return yes(read.value);
  if (environment === 'lab' && /^\d{32}$/.test(text.trim())) return yes(text.trim());
  return no(read.code, `${read.message}.`);
}

/** A MatchingID an operator gave. Outside a Lab it must not be guessable (SGP.22 v2.2, 4.1.1: it is all that protects the order). */
export function readOrderMatchingId(text: string, environment: Environment): Decided<string> {
  const read = parseMatchingId(text);
  if (!read.ok) return no(read.code, `${read.message}.`);
  const symbols = read.value.replaceAll('-', '');
  if (environment !== 'lab' && read.value !== '' && (symbols.length < 16 || new Set(symbols).size < 8)) {
    return no('MATCHING_ID_WEAK', 'This MatchingID can be guessed, and whoever guesses it gets the profile.', 'Leave it out and let the program make one, or give at least 16 varied characters.');
  }
  return yes(read.value);
}

/**
 * A MatchingID or its beginning as this program makes them, in groups of five, out of what somebody typed without dashes or
 * with others; undefined where the text is no such thing or reads so already.
 */
export function regroupedMatchingId(text: string): string | undefined {
  const symbols = text.replace(/[\s-]+/g, '').toUpperCase();
  if (!/^[0-9A-Z]{6,20}$/.test(symbols)) return undefined;
  const grouped = symbols.replace(/.{5}(?=.)/g, '$&-');
  return grouped === text.trim().toUpperCase() ? undefined : grouped;
}

/** Takes one line ending off the end: files written by editors and `echo` have one that is not part of the code. */
export function withoutNewline(code: Uint8Array): Uint8Array {
  let end = code.length;
  if (end > 0 && code[end - 1] === 0x0a) end--;
  if (end > 0 && end < code.length && code[end - 1] === 0x0d) end--;
  return code.subarray(0, end);
}

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';

/** `o-` and 20 characters out of 20 random octets: short enough to read aloud, too many to collide. */
export function makeOrderId(random: Uint8Array): string {
  let text = 'o-';
  for (let i = 0; i < 20; i++) text += CROCKFORD[random[i]! & 31]!;
  return text;
}

/** Why an order ended; what a device hears afterwards depends on it. */
export const outcomes = [
  'installed', 'cancelled', 'expired', 'download_limit', 'confirmation_limit', 'rejected', 'install_failed', 'found_delivered',
] as const;
export type OrderOutcome = (typeof outcomes)[number];
