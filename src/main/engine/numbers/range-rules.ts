/** Number ranges as arithmetic: which numbers they hold, in which order, and whether two of them meet. Pure. */
import { luhnCheckDigit } from '../../../shared/identifiers/index.ts';
import type { NumberKind } from '../../../shared/contract/numbers.ts';

export interface RangeNumbers {
  readonly id: string;
  /** 18 digits, without check digit. */
  readonly iccidFirst: string;
  readonly imsiFirst: string;
  readonly msisdnFirst: string | undefined;
  readonly count: number;
  readonly used: number;
}

export interface NumberSet {
  readonly iccid: string;
  readonly imsi: string;
  readonly msisdn?: string;
}

/** `digits` plus `n`, same length; `undefined` when it does not fit. */
export function plus(digits: string, n: number): string | undefined {
  const sum = (BigInt(digits) + BigInt(n)).toString().padStart(digits.length, '0');
  return sum.length === digits.length ? sum : undefined;
}

/** The `index`-th set of numbers, the ICCID with its check digit. */
export function numbersAt(range: RangeNumbers, index: number): NumberSet {
  const body = plus(range.iccidFirst, index)!;
  const msisdn = range.msisdnFirst === undefined ? undefined : plus(range.msisdnFirst, index)!;
  return { iccid: body + luhnCheckDigit(body), imsi: plus(range.imsiFirst, index)!, ...(msisdn === undefined ? {} : { msisdn }) };
}

/** Why a range cannot be, or undefined. */
export function rangeProblem(range: RangeNumbers): string | undefined {
  const last = range.count - 1;
  const body = plus(range.iccidFirst, last);
  if (body === undefined || body.slice(0, 2) !== range.iccidFirst.slice(0, 2)) return 'its ICCIDs run past the last number of 18 digits';
  if (!range.iccidFirst.startsWith('89')) return 'an ICCID starts with 89';
  const imsi = plus(range.imsiFirst, last);
  if (imsi === undefined || imsi.slice(0, 3) !== range.imsiFirst.slice(0, 3)) return 'its IMSIs run into another country code';
  if (range.msisdnFirst !== undefined && plus(range.msisdnFirst, last) === undefined) return 'its MSISDNs run out of digits';
  return undefined;
}

function meets(firstA: string, countA: number, firstB: string, countB: number): boolean {
  if (firstA.length !== firstB.length) return false;
  const [a, b] = [BigInt(firstA), BigInt(firstB)];
  return a < b + BigInt(countB) && b < a + BigInt(countA);
}

/** In which numbers two ranges meet. */
export function overlap(a: RangeNumbers, b: RangeNumbers): 'ICCID' | 'IMSI' | 'MSISDN' | undefined {
  if (meets(a.iccidFirst, a.count, b.iccidFirst, b.count)) return 'ICCID';
  if (meets(a.imsiFirst, a.count, b.imsiFirst, b.count)) return 'IMSI';
  if (a.msisdnFirst !== undefined && b.msisdnFirst !== undefined && meets(a.msisdnFirst, a.count, b.msisdnFirst, b.count)) return 'MSISDN';
  return undefined;
}

/** Whether a number that comes from elsewhere is one a range still means to use (or has used). */
export function insideRanges(ranges: readonly RangeNumbers[], iccid: string, imsi: string): { range: string; column: 'iccid' | 'imsi' } | undefined {
  const body = iccid.length === 19 ? iccid.slice(0, 18) : undefined;
  for (const range of ranges) {
    const last = endsOf(range);
    // Numbers of one length compare as text.
    if (body !== undefined && range.iccidFirst <= body && body <= last.iccid) return { range: range.id, column: 'iccid' };
    if (imsi.length === range.imsiFirst.length && range.imsiFirst <= imsi && imsi <= last.imsi) return { range: range.id, column: 'imsi' };
  }
  return undefined;
}

const ends = new WeakMap<RangeNumbers, { readonly iccid: string; readonly imsi: string }>();
function endsOf(range: RangeNumbers): { readonly iccid: string; readonly imsi: string } {
  let known = ends.get(range);
  if (!known) ends.set(range, known = { iccid: plus(range.iccidFirst, range.count - 1)!, imsi: plus(range.imsiFirst, range.count - 1)! });
  return known;
}

/** First keys of a range, by kind. */
export const firstsOf = (range: Pick<RangeNumbers, 'iccidFirst' | 'imsiFirst' | 'msisdnFirst'>): Partial<Record<NumberKind, string>> => ({
  iccid: range.iccidFirst, imsi: range.imsiFirst, ...(range.msisdnFirst === undefined ? {} : { msisdn: range.msisdnFirst }),
});
