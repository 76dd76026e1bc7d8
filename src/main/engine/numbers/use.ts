/** What was used per day: of blocks by the rows that took their numbers, of types by their orders less what came back. */
import type { Db } from './records.ts';
import type { DayUse } from './forecast.ts';
import { dayOf, HISTORY } from './forecast.ts';

export async function usesOfBlocks(db: Db, ids: readonly string[], now: number): Promise<Map<string, DayUse[]>> {
  const uses = new Map<string, DayUse[]>();
  if (ids.length === 0) return uses;
  const rows = await db.selectFrom('number_use').selectAll().where('block_id', 'in', [...ids]).where('day', '>', dayOf(now) - HISTORY).orderBy('day').execute();
  for (const { block_id, day, n } of rows) {
    const list = uses.get(block_id);
    if (list) list.push({ day, n });
    else uses.set(block_id, [{ day, n }]);
  }
  return uses;
}

export async function usesOfTypes(db: Db, now: number): Promise<Map<number, DayUse[]>> {
  const uses = new Map<number, DayUse[]>();
  const rows = await db.selectFrom('type_use').selectAll().where('day', '>', dayOf(now) - HISTORY).orderBy('day').execute();
  for (const { type_id, day, ordered, returned } of rows) {
    const list = uses.get(type_id);
    const one = { day, n: ordered - returned };
    if (list) list.push(one);
    else uses.set(type_id, [one]);
  }
  return uses;
}
