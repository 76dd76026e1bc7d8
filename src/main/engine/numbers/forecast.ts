/** How fast something is used up and when it ends, out of what was used per day. Pure. */
import type { Forecast } from '../../../shared/contract/numbers.ts';

export const DAY = 86_400_000;
export const dayOf = (at: number): number => Math.floor(at / DAY);
/** Days looked back on. */
export const HISTORY = 90;

export interface DayUse {
  /** Days since 1970-01-01 UTC. */
  readonly day: number;
  readonly n: number;
}

const most = (value: number): number => Math.max(0, value);

/**
 * The rate is the faster of the last 7 and the last 30 days, so that a stock-out is announced too early rather than too late.
 * A window longer than the history is divided by the days there are; the day in hand counts for its part that has passed, but
 * not for less than a quarter, lest one order at midnight look like a thousand a day.
 */
export function forecastOf(left: number, uses: readonly DayUse[], since: number | undefined, now: number): Forecast {
  const today = dayOf(now);
  const passed = Math.max(0.25, (now - today * DAY) / DAY);
  const first = Math.min(since === undefined ? today : dayOf(since), ...uses.map((use) => use.day));
  const history = Math.min(HISTORY, today - first + passed);
  const over = (days: number): number => {
    const from = today - days + 1;
    const sum = uses.reduce((all, use) => all + (use.day >= from && use.day <= today ? use.n : 0), 0);
    return most(sum) / Math.min(days - 1 + passed, Math.max(history, passed));
  };
  const perDay = { d7: over(7), d30: over(30), d90: over(90) };
  const recent = uses.filter((use) => use.n > 0 && use.day > today - HISTORY && use.day <= today);
  const rate = Math.max(perDay.d7, perDay.d30) || perDay.d90;
  const confidence = recent.length === 0 || rate === 0 ? 'none'
    : history < 7 || recent.length < 3 ? 'low'
      : history < 30 || recent.length < 10 ? 'fair' : 'good';
  const daysLeft = rate > 0 ? most(left) / rate : undefined;
  return {
    perDay, rate, confidence, historyDays: Math.max(1, Math.round(history)),
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
}
export type LevelState = 'ok' | 'soon' | 'low' | 'out';

/** Where a type stands against its marks. Without marks of its own a type is low only when its forecast says so, or nothing is left of what was used. */
export function levelState(marks: Marks, set: boolean, stand: Stand): LevelState {
  const { rate } = stand.forecast;
  if (stand.sellable === 0 && (set || rate > 0)) return 'out';
  if (marks.low !== null && stand.sellable < marks.low) return 'low';
  if (rate > 0 && stand.sellable / rate < marks.leadDays) return 'soon';
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
