/** Blocks of numbers as arithmetic. A number stands in the ledger by its key: the digits it is counted by. Pure. */
import { luhnCheckDigit, luhnValid, parseIccid, parseImsi, parseMsisdn } from '../../../shared/identifiers/index.ts';
import type { NumberKind } from '../../../shared/contract/numbers.ts';
import { plus } from './range-rules.ts';

/** Keys of one length, both ends included. */
export interface Span {
  readonly first: string;
  readonly last: string;
}

/** An ICCID of 19 digits without its check digit, one of 20 (whose issuers agree on no check digit) and the others as they are. */
export const keyOf = (kind: NumberKind, number: string): string => (kind === 'iccid' && number.length === 19 ? number.slice(0, 18) : number);
/** The number a key stands for, as people write it. */
export const numberOf = (kind: NumberKind, key: string): string => (kind === 'iccid' && key.length === 18 ? key + luhnCheckDigit(key) : key);

/** How many numbers; more than 2^53 - 1 count as that. */
export function countOf({ first, last }: Span): number {
  const n = BigInt(last) - BigInt(first) + 1n;
  return n > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(n);
}
export const offsetOf = (first: string, key: string): bigint => BigInt(key) - BigInt(first);
export const holds = (span: Span, key: string): boolean => span.first.length === key.length && span.first <= key && key <= span.last;
export const overlap = (a: Span, b: Span): boolean => a.first.length === b.first.length && a.first <= b.last && b.first <= a.last;

/** The key before; undefined before zero. */
export function before(key: string): string | undefined {
  const n = BigInt(key) - 1n;
  return n < 0n ? undefined : n.toString().padStart(key.length, '0');
}
export const after = (key: string): string | undefined => plus(key, 1);

/** What both have. */
export function meet(a: Span, b: Span): Span | undefined {
  if (!overlap(a, b)) return undefined;
  return { first: a.first > b.first ? a.first : b.first, last: a.last < b.last ? a.last : b.last };
}

/** `span` without the others, in order. */
export function without(span: Span, others: readonly Span[]): Span[] {
  let rest: Span[] = [span];
  for (const other of others) {
    rest = rest.flatMap((part) => {
      const common = meet(part, other);
      if (!common) return [part];
      const left = common.first > part.first ? [{ first: part.first, last: before(common.first)! }] : [];
      const right = common.last < part.last ? [{ first: after(common.last)!, last: part.last }] : [];
      return [...left, ...right];
    });
  }
  return rest.sort((a, b) => (a.first < b.first ? -1 : 1));
}

/** Both parts of a span cut so that the second begins at `at`; undefined when `at` is not behind its first and within it. */
export function cut(span: Span, at: string): readonly [Span, Span] | undefined {
  if (!holds(span, at) || at === span.first) return undefined;
  return [{ first: span.first, last: before(at)! }, { first: at, last: span.last }];
}

/**
 * ICCIDs as a brand's entitlement names them (check digits as they come) in keys of the ledger. Of 19 digits, a body belongs to
 * it when its one ICCID does.
 */
export function keysOfEntitlement(range: Span): Span | undefined {
  if (range.first.length !== 19) return range;
  const first = range.first.slice(0, 18);
  const last = range.last.slice(0, 18);
  const from = numberOf('iccid', first) >= range.first ? first : after(first);
  const to = numberOf('iccid', last) <= range.last ? last : before(last);
  return from === undefined || to === undefined || from > to ? undefined : { first: from, last: to };
}
/** The entitlement that names exactly these. */
export const entitlementOf = (span: Span): Span => (span.first.length === 18 ? { first: `${span.first}0`, last: `${span.last}9` } : span);

export type Read = { readonly ok: true; readonly key: string } | { readonly ok: false; readonly message: string };

/** A number as people write it, as a key; an ICCID of 18 digits lacks its check digit, one of 19 must carry the right one. */
export function readKey(kind: NumberKind, text: string): Read {
  const read = kind === 'iccid' ? parseIccid(text) : kind === 'imsi' ? parseImsi(text) : parseMsisdn(text);
  return read.ok ? { ok: true, key: keyOf(kind, read.value) } : { ok: false, message: `${read.message}.` };
}

/** Why such a block cannot be, or undefined. */
export function blockProblem(kind: NumberKind, { first, last }: Span): string | undefined {
  if (first.length !== last.length) return 'both ends need the same number of digits';
  if (first > last) return 'the first number comes behind the last';
  if (kind === 'iccid' && first.slice(0, 2) !== last.slice(0, 2)) return 'its ICCIDs run past the ones that start with 89';
  if (kind === 'imsi' && first.slice(0, 3) !== last.slice(0, 3)) return 'its IMSIs run into another country code';
  if (kind === 'msisdn' && last.startsWith('0')) return 'an MSISDN starts with its country code';
  return undefined;
}

/** `first` and how many: the last one; undefined when the digits do not suffice. */
export const lastOf = (first: string, count: number): string | undefined => plus(first, count - 1);

export const isIccid19 = (text: string): boolean => text.length === 19 && luhnValid(text);
