/** Stock per profile type against its marks. */
import type { z } from 'zod';
import type { levelRow } from '../../../shared/contract/numbers.ts';
import type { ProfileState } from '../../../shared/contract/states.ts';
import type { EngineContext } from '../context.ts';
import { stockByType } from '../profiles/index.ts';
import { DAY, defaultMarks, forecastOf, levelState } from './forecast.ts';
import type { LevelState, Marks, Stand } from './forecast.ts';
import type { Db } from './records.ts';
import { numbersLeft } from './ranges.ts';
import { usesOfTypes } from './use.ts';

export type LevelRow = z.input<typeof levelRow>;

/** A type with all that a level is judged by. */
export interface Level {
  readonly typeId: number;
  readonly type: string;
  readonly marks: Marks;
  /** The operator has set marks. */
  readonly set: boolean;
  readonly changedAt: number | undefined;
  readonly stand: Stand;
  readonly held: number;
  readonly imported: number;
  readonly numbersLeft: number;
  readonly state: LevelState;
}

/** Profiles that running and waiting batches will still make. */
async function preparingByType(db: Db): Promise<Map<number, number>> {
  const rows = await db.selectFrom('preparations as p').innerJoin('jobs as j', 'j.id', 'p.job_id').select(['p.type_id', 'j.done', 'j.total', 'j.rejected'])
    .where('j.state', 'in', ['queued', 'running', 'paused']).execute();
  const sums = new Map<number, number>();
  for (const row of rows) sums.set(row.type_id, (sums.get(row.type_id) ?? 0) + Math.max(0, row.total - row.done - row.rejected));
  return sums;
}

export async function levelsOf(db: Db, now: number, onlyType?: number): Promise<Level[]> {
  let query = db.selectFrom('profile_types as t').leftJoin('stock_levels as l', 'l.type_id', 't.id')
    .select(['t.id', 't.name', 't.created_at', 'l.low', 'l.target', 'l.lead_days', 'l.cover_days', 'l.auto', 'l.changed_at']).orderBy('t.name');
  if (onlyType !== undefined) query = query.where('t.id', '=', onlyType);
  const types = await query.execute();
  const uses = await usesOfTypes(db, now);
  const preparing = await preparingByType(db);
  const stocks = await stockByType(db);
  // Every profile came with a batch.
  const first = new Map((await db.selectFrom('batches').select((e) => ['type_id', e.fn.min('created_at').as('at')]).where('type_id', 'is not', null).groupBy('type_id').execute()).map((row) => [row.type_id!, row.at]));
  const levels: Level[] = [];
  for (const type of types) {
    const of = (state: ProfileState['stock']) => stocks.get(type.id)?.get(state) ?? 0;
    const sellable = of('sellable');
    const set = type.changed_at !== null;
    const marks: Marks = set ? { low: type.low, target: type.target, leadDays: type.lead_days!, coverDays: type.cover_days!, auto: type.auto === 1 } : defaultMarks;
    const ofType = uses.get(type.id) ?? [];
    const since = Math.min(first.get(type.id) ?? now, ...ofType.map((use) => use.day * DAY));
    const stand = { sellable, preparing: preparing.get(type.id) ?? 0, forecast: forecastOf(sellable, ofType, since, now), stocked: sellable + of('held') + of('sold') + of('quarantined') + of('retired') > 0 || ofType.length > 0 };
    levels.push({
      typeId: type.id, type: type.name, marks, set, changedAt: type.changed_at ?? undefined, stand, held: of('held'), imported: of('imported'),
      numbersLeft: await numbersLeft(db, type.id), state: levelState(marks, set, stand),
    });
  }
  return levels;
}

export const days = (n: number): string => (n < 1 ? 'less than a day' : n < 2 ? 'a day' : `${Math.floor(n).toLocaleString('en')} days`);
const perDay = (n: number): string => (n < 10 ? n.toFixed(1) : Math.round(n).toLocaleString('en'));
const count = (n: number, one: string): string => `${n.toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`;

/** Where a type stands, in one sentence. */
export function sentenceOf(level: Level): string {
  const { sellable, forecast } = level.stand;
  const few = forecast.tooFew === true;
  const speed = few ? '; too few sales so far to foretell from' : forecast.rate > 0 ? `; ${perDay(forecast.rate)} are sold a day` : '';
  const lasts = few || forecast.daysLeft === undefined || sellable === 0 ? '' : `, enough for ${days(forecast.daysLeft)}`;
  if (level.state === 'out') return `Nothing left to sell${speed}.`;
  if (level.state === 'none') return 'No stock yet.';
  if (level.state === 'low') {
    const mark = level.set && level.marks.low !== null ? `under the mark of ${level.marks.low.toLocaleString('en')}` : 'which is few; no mark is set';
    return `${count(sellable, 'profile')} left, ${mark}${lasts}${few ? speed : ''}.`;
  }
  if (level.state === 'soon') return `${count(sellable, 'profile')} left${lasts}${speed}; a preparation takes ${count(level.marks.leadDays, 'day')}.`;
  return `${count(sellable, 'profile')} left${lasts}${few ? speed : ''}.`;
}

export async function levelViews(ctx: Pick<EngineContext, 'clock'>, db: Db, onlyType?: number): Promise<LevelRow[]> {
  const now = ctx.clock.now();
  const pending = new Map((await db.selectFrom('proposals').select(['id', 'type_id']).where('state', 'in', ['open', 'snoozed']).execute()).map((row) => [row.type_id, row.id]));
  return (await levelsOf(db, now, onlyType)).map((level) => {
    const { forecast } = level.stand;
    const behind = level.stand.sellable + level.stand.preparing + level.imported + level.numbersLeft;
    const ends = forecast.rate > 0 && behind / forecast.rate < 36_500 ? Math.round(now + (behind / forecast.rate) * DAY) : undefined;
    const proposal = pending.get(level.typeId);
    return {
      type: level.type, marks: { ...level.marks }, set: level.set, sellable: level.stand.sellable, held: level.held, imported: level.imported,
      preparing: level.stand.preparing, numbersLeft: level.numbersLeft, forecast, state: level.state, text: sentenceOf(level),
      ...(ends === undefined ? {} : { numbersEndAt: ends }), ...(proposal === undefined ? {} : { proposal }),
    };
  });
}
