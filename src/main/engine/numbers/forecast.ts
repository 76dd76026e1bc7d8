/** How fast something is used up and when it ends, out of what was used per day. Pure. */
import type { Forecast } from '../../../shared/contract/numbers.ts';

export const DAY = 86_400_000;
export const dayOf = (at: number): number => Math.floor(at / DAY);
/** Days looked back on. */
export const HISTORY = 90;
/** With less than this a rate is shown and nothing follows from it. */
const LEAST_USES = 5;
const LEAST_DAYS = 3;

export interface DayUse {
  /** Days since 1970-01-01 UTC. */
  readonly day: number;
  readonly n: number;
}

const most = (value: number): number => Math.max(0, value);

/**
 * The rate is the faster of the last 7 and the last 30 days, so that a stock-out is announced too early rather than too late.
 * What was used in a window is divided by the days observed: those since the first stock, the first and the day in hand counted
 * whole, at least one and at most the window. Less than five uses or three days foretell nothing.
 */
export function forecastOf(left: number, uses: readonly DayUse[], since: number | undefined, now: number): Forecast {
  const today = dayOf(now);
  const first = Math.min(since === undefined ? today : dayOf(since), ...uses.map((use) => use.day));
  const history = Math.min(HISTORY, today - first + 1);
  const over = (days: number): number => {
    const from = today - days + 1;
    const sum = uses.reduce((all, use) => all + (use.day >= from && use.day <= today ? use.n : 0), 0);
    return most(sum) / Math.min(days, history);
  };
  const perDay = { d7: over(7), d30: over(30), d90: over(90) };
  const recent = uses.filter((use) => use.n > 0 && use.day > today - HISTORY && use.day <= today);
  const tooFew = recent.reduce((sum, use) => sum + use.n, 0) < LEAST_USES || history < LEAST_DAYS;
  const rate = Math.max(perDay.d7, perDay.d30) || perDay.d90;
  const confidence = recent.length === 0 || rate === 0 ? 'none'
    : tooFew || history < 7 || recent.length < 3 ? 'low'
      : history < 30 || recent.length < 10 ? 'fair' : 'good';
  const daysLeft = rate > 0 ? most(left) / rate : undefined;
  return {
    perDay, rate, confidence, historyDays: history, ...(rate > 0 && tooFew ? { tooFew: true as const } : {}),
    ...(daysLeft === undefined ? {} : { daysLeft, ...(daysLeft > 36_500 ? {} : { endsAt: Math.round(now + daysLeft * DAY) }) }),
  };
}

export interface Marks {
  readonly low: number | null;
  readonly target: number | null;
  readonly leadDays: number;
  readonly coverDays: number;
  readonly auto: boolean;
}
export const defaultMarks: Marks = { low: null, target: null, leadDays: 7, coverDays: 30, auto: false };

export interface Stand {
  readonly sellable: number;
  /** What running and waiting preparations will add. */
  readonly preparing: number;
  readonly forecast: Forecast;
  /** The type had profiles that could be sold, or sold some. */
  readonly stocked?: boolean;
}
export type LevelState = 'ok' | 'soon' | 'low' | 'out' | 'none';
/** Without marks of its own, below this many a type is low. */
const FEW = 10;

/** Where a type stands against its marks. Lists, Home and proposals all ask here. A type that never had stock, sales or marks is `none`. */
export function levelState(marks: Marks, set: boolean, stand: Stand): LevelState {
  const { rate } = stand.forecast;
  if (stand.sellable === 0) return set || rate > 0 || stand.stocked === true ? 'out' : 'none';
  const low = set ? marks.low : FEW;
  if (low !== null && stand.sellable < low) return 'low';
  if (rate > 0 && stand.forecast.tooFew !== true && stand.sellable / rate < marks.leadDays) return 'soon';
  return 'ok';
}

/** Whether to propose a preparation, counting what is on its way. */
export function needs(marks: Marks, set: boolean, stand: Stand): boolean {
  const coming = { ...stand, sellable: stand.sellable + stand.preparing };
  return set && levelState(marks, set, coming) !== 'ok';
}

/** How many to prepare: up to the target, and to the days of cover behind the lead time; at least up to the mark. */
export function quantityOf(marks: Marks, stand: Stand): number {
  const have = stand.sellable + stand.preparing;
  const cover = Math.ceil(stand.forecast.rate * (marks.coverDays + marks.leadDays));
  const goal = Math.max(marks.target ?? cover, marks.low ?? 0, marks.target === null ? cover : 0);
  return Math.min(1_000_000, most(goal - have));
}
