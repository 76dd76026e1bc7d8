/** What a brand may, as the fields of a form and back. Pure. */
import { defaultProgressPoints, progressPoints, type BrandRow, type ProgressPoint } from '../../shared/contract/brands.ts';
import { asNumber } from '../design/form-numbers.ts';
import { mostRanges, readRanges, shownRanges } from './ranges.ts';

export interface Grants {
  allTypes: 'all' | 'some';
  types: string[];
  iccids: string;
  openOrders: string;
  ordersPerDay: string;
  callback: boolean;
  callbackUrl: string;
  callbackIdentity: string;
  points: Record<ProgressPoint, string>;
  callbackResult: 'finalResult' | 'notification';
}
export interface NewBrand extends Grants {
  name: string;
}

const pointTexts = (numbers: Readonly<Record<string, number | null | undefined>>): Record<ProgressPoint, string> =>
  Object.fromEntries(progressPoints.map((point) => [point, numbers[point] === null || numbers[point] === undefined ? '' : String(numbers[point])])) as Record<ProgressPoint, string>;

export const emptyGrants: Grants = { allTypes: 'some', types: [], iccids: '', openOrders: '', ordersPerDay: '', callback: false, callbackUrl: '', callbackIdentity: '', points: pointTexts(defaultProgressPoints), callbackResult: 'finalResult' };

export function grantsOf(brand: BrandRow): Grants {
  return {
    allTypes: brand.allTypes ? 'all' : 'some', types: [...brand.types], iccids: shownRanges(brand.iccids).join('\n'),
    openOrders: brand.openOrders === undefined ? '' : String(brand.openOrders), ordersPerDay: brand.ordersPerDay === undefined ? '' : String(brand.ordersPerDay),
    callback: brand.callback !== undefined, callbackUrl: brand.callback?.url ?? '', callbackIdentity: brand.callback?.identity ?? '', points: pointTexts(brand.callback?.points ?? defaultProgressPoints),
    callbackResult: brand.callback?.result ?? 'finalResult',
  };
}

const limit = (text: string): number | null => (text.trim() === '' ? null : asNumber(text));

export const entitlementsFrom = (v: Grants): { types: string[]; iccids: string[] } => ({
  types: v.allTypes === 'all' ? ['*'] : v.types, iccids: readRanges(v.iccids).flatMap((line) => (line.value === undefined ? [] : [line.value])),
});
export const quotasFrom = (v: Grants): { openOrders: number | null; ordersPerDay: number | null } => ({ openOrders: limit(v.openOrders), ordersPerDay: limit(v.ordersPerDay) });
export const callbackFrom = (v: Grants): { callbackUrl: string | null; callbackIdentity?: string | null; callbackPoints?: Partial<Record<ProgressPoint, number | null>>; callbackResult?: Grants['callbackResult'] } =>
  v.callback
    ? {
        callbackUrl: v.callbackUrl.trim(), callbackIdentity: v.callbackIdentity === '' ? null : v.callbackIdentity,
        callbackPoints: Object.fromEntries(progressPoints.map((point) => [point, v.points[point].trim() === '' ? null : Number(v.points[point].trim())])),
        callbackResult: v.callbackResult,
      }
    : { callbackUrl: null };

/** Sentences for what a form would be refused for. */
export function iccidsProblem(text: string): true | string {
  const lines = readRanges(text);
  const wrong = lines.filter((line) => line.wrong).length;
  if (lines.length > mostRanges) return `At most ${mostRanges} ranges`;
  return wrong === 0 ? true : wrong === 1 ? 'One range is wrong' : `${wrong} ranges are wrong`;
}
export function urlProblem(text: string): true | string {
  try {
    const url = new URL(text.trim());
    // A Lab takes plain http to this very machine; the engine decides.
    return url.protocol === 'https:' || (url.protocol === 'http:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(url.hostname)) ? true : 'https only: the brand is told over TLS with certificates on both sides';
  } catch {
    return 'An address such as https://bss.brand.example';
  }
}
export function pointProblem(text: string, others: readonly string[]): true | string {
  const typed = text.trim();
  if (typed === '') return true;
  if (!/^\d{1,5}$/.test(typed) || Number(typed) > 65_535) return '0 to 65,535, or empty';
  return others.some((other) => other.trim() !== '' && Number(other) === Number(typed)) ? 'Taken above or below' : true;
}
