/** Pure decisions about brands: which ICCIDs a grant names, who may order what and how much, which progress is told. */
import { defaultProgressPoints, progressPoints } from '../../../shared/contract/brands.ts';
import type { ProgressPoint } from '../../../shared/contract/brands.ts';

export type Decided<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: string; readonly message: string };
const yes = <T>(value: T): Decided<T> => ({ ok: true, value });
const no = (code: string, message: string): Decided<never> => ({ ok: false, code, message });

/** ICCIDs of equal length, both ends included, check digits as they come. */
export interface IccidRange {
  readonly first: string;
  readonly last: string;
}

/** Lengths an ICCID is stored with: 18 digits have got their check digit. */
export const iccidLengths = [19, 20] as const;

/**
 * A range as people write it: `FIRST-LAST` of equal length (18 digits stand for the number without its check digit), or a
 * prefix with a star, which names the ICCIDs of both lengths. A trailing F is padding. Code `RANGE_INVALID`.
 */
export function parseRange(text: string): Decided<readonly IccidRange[]> {
  const written = text.replace(/\s+/g, '');
  const prefix = /^(\d{2,19})\*$/.exec(written)?.[1];
  if (prefix !== undefined) {
    if (!prefix.startsWith('89')) return no('RANGE_INVALID', `"${text}": an ICCID begins with 89.`);
    return yes(iccidLengths.filter((length) => prefix.length <= length).map((length) => ({ first: prefix.padEnd(length, '0'), last: prefix.padEnd(length, '9') })));
  }
  const ends = /^(\d{18,20})F?-(\d{18,20})F?$/i.exec(written);
  if (!ends) return no('RANGE_INVALID', `"${text}" is no range of ICCIDs: write FIRST-LAST, both of 18 to 20 digits, or a prefix with a star.`);
  const [, first, last] = ends as unknown as [string, string, string];
  if (first.length !== last.length) return no('RANGE_INVALID', `"${text}": both ends need the same number of digits.`);
  if (!first.startsWith('89') || !last.startsWith('89')) return no('RANGE_INVALID', `"${text}": an ICCID begins with 89.`);
  if (first > last) return no('RANGE_INVALID', `"${text}": the first ICCID comes behind the last.`);
  return yes([first.length === 18 ? { first: `${first}0`, last: `${last}9` } : { first, last }]);
}

/** The number behind `iccid` of the same length; undefined behind the last. */
export function nextIccid(iccid: string): string | undefined {
  const next = (BigInt(iccid) + 1n).toString().padStart(iccid.length, '0');
  return next.length > iccid.length ? undefined : next;
}

const before = (a: IccidRange, b: IccidRange): number => a.first.length - b.first.length || (a.first < b.first ? -1 : a.first > b.first ? 1 : 0);

/** Sorted, overlapping and touching ones made one. */
export function mergeRanges(ranges: readonly IccidRange[]): IccidRange[] {
  const merged: IccidRange[] = [];
  for (const range of [...ranges].sort(before)) {
    const last = merged.at(-1);
    const touches = last !== undefined && last.first.length === range.first.length && range.first <= (nextIccid(last.last) ?? last.last);
    if (touches) merged[merged.length - 1] = { first: last.first, last: last.last > range.last ? last.last : range.last };
    else merged.push(range);
  }
  return merged;
}

/** All ranges of a grant, merged. Code `RANGE_INVALID`. */
export function parseRanges(texts: readonly string[]): Decided<IccidRange[]> {
  const all: IccidRange[] = [];
  for (const text of texts) {
    const read = parseRange(text);
    if (!read.ok) return read;
    all.push(...read.value);
  }
  return yes(mergeRanges(all));
}

export const overlaps = (a: IccidRange, b: IccidRange): boolean => a.first.length === b.first.length && a.first <= b.last && b.first <= a.last;
export const covers = (range: IccidRange, iccid: string): boolean => range.first.length === iccid.length && range.first <= iccid && iccid <= range.last;

/** What a brand may order, and how much. */
export interface Grants {
  readonly brandId: number;
  readonly name: string;
  readonly allTypes: boolean;
  readonly typeIds: readonly number[];
  readonly ranges: readonly IccidRange[];
  /** Most orders open at once; null: as many as it likes. */
  readonly openOrders: number | null;
  /** Most orders made in 24 hours. */
  readonly ordersPerDay: number | null;
}

/** Code `TYPE_NOT_ENTITLED` (SGP.22 v2.2, 5.3.1: 8.2.5/1.2). */
export function mayOrderType(grants: Grants, type: { readonly id: number; readonly name: string }): Decided<true> {
  if (grants.allTypes || grants.typeIds.includes(type.id)) return yes(true);
  return no('TYPE_NOT_ENTITLED', `The brand ${grants.name} may not order profiles of type "${type.name}".`);
}

/**
 * Whether a brand may order the profile: with ranges of its own inside them only, without them outside those of others; and
 * of its types. Code `ICCID_NOT_ENTITLED` (8.2.1/1.2).
 */
export function mayOrderIccid(grants: Grants, profile: { readonly iccid: string; readonly typeId: number }, rangeOwner: number | undefined): Decided<true> {
  const own = grants.ranges.length > 0 ? grants.ranges.some((range) => covers(range, profile.iccid)) : rangeOwner === undefined || rangeOwner === grants.brandId;
  if (own && (grants.allTypes || grants.typeIds.includes(profile.typeId))) return yes(true);
  return no('ICCID_NOT_ENTITLED', `The profile ${profile.iccid} is not one the brand ${grants.name} may order.`);
}

/** Code `QUOTA_EXCEEDED`. The counts need not go beyond the quota. */
export function withinQuota(grants: Grants, open: number, lastDay: number): Decided<true> {
  if (grants.openOrders !== null && open >= grants.openOrders) {
    return no('QUOTA_EXCEEDED', `The brand ${grants.name} has ${grants.openOrders} open orders, as many as it may have.`);
  }
  if (grants.ordersPerDay !== null && lastDay >= grants.ordersPerDay) {
    return no('QUOTA_EXCEEDED', `The brand ${grants.name} made ${grants.ordersPerDay} orders in the last 24 hours, as many as it may make.`);
  }
  return yes(true);
}

export type Points = Readonly<Record<ProgressPoint, number | null>>;

/** The numbers a brand is sent, out of what differs from the default (as stored). */
export function pointsOf(stored: string): Points {
  const changed = JSON.parse(stored) as Partial<Record<ProgressPoint, number | null>>;
  return Object.fromEntries(progressPoints.map((point) => [point, changed[point] === undefined ? defaultProgressPoints[point] : changed[point]])) as Points;
}
