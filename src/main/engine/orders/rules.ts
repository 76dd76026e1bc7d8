/** Pure decisions about orders: what an operator may ask for, when an order ends, what an activation code says. */
import { createHash } from 'node:crypto';
import { parseEid, parseMatchingId } from '../../../shared/identifiers/index.ts';
import type { Environment } from '../context.ts';
import { DeskProblem } from '../context.ts';

export type Decided<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: string; readonly message: string; readonly hint?: string };
const yes = <T>(value: T): Decided<T> => ({ ok: true, value });
const no = (code: string, message: string, hint?: string): Decided<never> => ({ ok: false, code, message, ...(hint === undefined ? {} : { hint }) });

/** The value decided, or its refusal thrown about a field. */
export function demand<T>(decided: Decided<T>, field: string): T {
  if (!decided.ok) throw new DeskProblem(decided.code, decided.message, { field, ...(decided.hint === undefined ? {} : { hint: decided.hint }) });
  return decided.value;
}

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
  // Test suites use MatchingIDs with underscores.
  const read = environment === 'lab' && /^[0-9A-Z_-]{1,255}$/.test(text) ? yes(text) : parseMatchingId(text);
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

/** What a DownloadOrder for one ICCID asked for; the same again, whatever its call is named, is the same order. */
export function reservationDigest(request: { readonly iccid: string; readonly type?: string | undefined; readonly eid?: string | undefined }): Uint8Array {
  return digestOf('reserve', request.iccid, request.type, request.eid);
}

/**
 * What a ConfirmOrder asked for. Undefined with a confirmation code: its value is not kept in a form that could be compared, so
 * such a request is never taken for a repeated one.
 */
export function confirmationDigest(request: {
  readonly eid?: string | undefined; readonly matchingId?: string | undefined; readonly smdsAddress?: string | undefined; readonly release: boolean; readonly code: boolean;
}): Uint8Array | undefined {
  return request.code ? undefined : digestOf('confirm', request.eid, request.matchingId, request.smdsAddress, String(request.release));
}

function digestOf(...parts: readonly (string | undefined)[]): Uint8Array {
  return new Uint8Array(createHash('sha256').update(JSON.stringify(parts.map((part) => part ?? null))).digest());
}

/** What a ConfirmOrder is judged by. */
export interface ConfirmationFacts {
  readonly orderEid: string | null;
  readonly eid?: string | undefined;
  readonly matchingId: string;
  readonly smdsAddress?: string | undefined;
}

/** SGP.22 v2.2, 5.3.2. Codes `EID_MISMATCH` (8.1.1/3.10), `EID_REQUIRED` (8.1.1/2.2), `MATCHING_ID_INVALID`. */
export function judgeConfirmation({ orderEid, eid, matchingId, smdsAddress }: ConfirmationFacts): Decided<true> {
  if (orderEid !== null && eid !== undefined && orderEid !== eid) return no('EID_MISMATCH', 'The order belongs to another EID.');
  const known = orderEid !== null || eid !== undefined;
  if (matchingId === '' && !known) return no('EID_REQUIRED', 'With an empty MatchingID the device is found by its EID alone: give the EID.');
  if (smdsAddress !== undefined && !known) return no('EID_REQUIRED', 'The SM-DS tells a device of its profile by the EID: give the EID.');
  if (smdsAddress !== undefined && matchingId === '') {
    return no('MATCHING_ID_INVALID', 'With an SM-DS address the MatchingID must not be empty: it is the EventID the device comes with.', 'Leave the MatchingID out and let the program make one, or leave the SM-DS address out.');
  }
  return yes(true);
}

/** What a canceller says the order is; see {@link judgeCancellation}. */
export interface Expectation {
  readonly eid?: string | undefined;
  readonly matchingId?: string | undefined;
}

/**
 * SGP.22 v2.2, 5.3.3: whoever cancels over ES2+ names the EID and the MatchingID the order has. `eid` is the one it was ordered
 * for, `boundEid` the one a device brought. Codes `EID_REQUIRED`, `EID_MISMATCH`, `MATCHING_ID_REQUIRED`,
 * `MATCHING_ID_MISMATCH`, `PROFILE_DELIVERED`.
 */
export function judgeCancellation(
  order: { readonly eid: string | null; readonly boundEid: string | null; readonly matchingId: string | null; readonly state: string }, expect: Expectation,
): Decided<true> {
  if (order.eid !== null && expect.eid === undefined) return no('EID_REQUIRED', 'The order belongs to one EID: name it.');
  const eid = order.eid ?? order.boundEid;
  if (expect.eid !== undefined && eid !== null && expect.eid !== eid) return no('EID_MISMATCH', 'The order belongs to another EID.');
  if (order.matchingId && expect.matchingId === undefined) return no('MATCHING_ID_REQUIRED', 'The order has a MatchingID: name it.');
  if ((expect.matchingId ?? '') !== (order.matchingId ?? '')) return no('MATCHING_ID_MISMATCH', 'The order has another MatchingID.');
  if (order.state === 'downloaded' || order.state === 'installed') return no('PROFILE_DELIVERED', 'The profile was delivered to a device already.');
  return yes(true);
}
