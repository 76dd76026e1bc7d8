import type { Reader, Tx } from '../context.ts';

/** Places of a range that batches keep and have not used, by state: `open` for a running batch, `free` left by one that ended early. */
export async function keptPlaces(db: Reader | Tx, rangeIds: readonly string[]): Promise<{ rangeId: string; first: number; count: number; state: string; preparation: string | null }[]> {
  if (rangeIds.length === 0) return [];
  const rows = await db.selectFrom('number_reservations').select(['range_id', 'first', 'count', 'taken', 'state', 'preparation_id']).where('range_id', 'in', [...rangeIds]).whereRef('taken', '<', 'count').execute();
  return rows.map((row) => ({ rangeId: row.range_id, first: row.first + row.taken, count: row.count - row.taken, state: row.state, preparation: row.preparation_id }));
}
