/**
 * Numbers a batch holds from its start on, so that no other one counts on them. What the batch takes moves on with its profiles;
 * what it leaves is free again and goes out first.
 */
import { sql } from 'kysely';
import { numbersAt, ownPlaces } from '../numbers/index.ts';
import type { NumberSet, RangeNumbers } from '../numbers/index.ts';
import type { EngineContext, Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { rangesOfType } from './ranges.ts';

/** A run of places in a range: `first` to `first + count - 1`. */
export interface Run {
  readonly range: RangeNumbers;
  readonly first: number;
  readonly count: number;
  /** Of a block that an ended batch left; absent: from the untouched rest of the range. */
  readonly freeBlock?: number;
}

export interface NumberWish {
  readonly typeId: number;
  readonly rangeId?: string | undefined;
  /** For whom: numbers of other brands are left alone. */
  readonly brandId?: number | undefined;
}

const left = (row: { readonly count: number; readonly taken: number }): number => row.count - row.taken;

/** Every run of unused numbers, in the order they are given out: ranges by age, in each the places left by ended batches first. */
async function freeRuns(db: Reader | Tx, wish: NumberWish): Promise<Run[]> {
  const ranges = (await rangesOfType(db, wish.typeId)).filter((range) => wish.rangeId === undefined || range.id === wish.rangeId);
  if (ranges.length === 0) return [];
  const blocks = await db.selectFrom('number_reservations').selectAll().where('state', '=', 'free').where('range_id', 'in', ranges.map((range) => range.id)).orderBy('first').execute();
  const runs = ranges.flatMap((range): Run[] => [
    ...blocks.filter((block) => block.range_id === range.id && left(block) > 0).map((block) => ({ range, first: block.first + block.taken, count: left(block), freeBlock: block.id })),
    ...(range.used < range.count ? [{ range, first: range.used, count: range.count - range.used }] : []),
  ]);
  // Runs are taken from their beginning on: as far as they belong to whom the numbers are for.
  const own = await ownPlaces(db, wish.brandId);
  const mine: Run[] = [];
  for (const run of runs) {
    const count = await own(run.range, run.first, run.count);
    if (count > 0) mine.push({ ...run, count });
  }
  return mine;
}

/** How many numbers are unused and unreserved. */
export async function numbersLeft(db: Reader | Tx, wish: NumberWish): Promise<number> {
  return (await freeRuns(db, wish)).reduce((sum, run) => sum + run.count, 0);
}

/** The runs so many numbers would come from now; fewer where there are not so many. */
export async function planNumbers(db: Reader | Tx, wish: NumberWish, count: number): Promise<Run[]> {
  const runs: Run[] = [];
  let missing = count;
  for (const run of missing > 0 ? await freeRuns(db, wish) : []) {
    if (missing === 0) break;
    const take = Math.min(missing, run.count);
    runs.push({ ...run, count: take });
    missing -= take;
  }
  return runs;
}

/** Reserves exactly `count` numbers; throws `STOCK_SHORT`. */
export async function reserveNumbers(tx: Tx, ctx: Pick<EngineContext, 'clock'>, wish: NumberWish, count: number, preparationId: string): Promise<void> {
  const runs = await planNumbers(tx, wish, count);
  const found = runs.reduce((sum, run) => sum + run.count, 0);
  if (found < count) throw new DeskProblem('STOCK_SHORT', `${count} numbers were asked for and ${found} are left.`, { field: 'count' });
  for (const run of runs) {
    if (run.freeBlock === undefined) {
      const moved = await tx.updateTable('ranges').set({ used: run.range.used + run.count }).where('id', '=', run.range.id).where('used', '=', run.range.used).executeTakeFirst();
      if (moved.numUpdatedRows !== 1n) throw new DeskProblem('CONFLICT', `The number range ${run.range.id} was used at the same moment; try again.`);
    } else {
      await shorten(tx, run.freeBlock, run.count);
    }
    await tx.insertInto('number_reservations').values({ range_id: run.range.id, first: run.first, count: run.count, state: 'open', preparation_id: preparationId, created_at: ctx.clock.now() }).execute();
  }
}

async function shorten(tx: Tx, block: number, by: number): Promise<void> {
  const row = await tx.selectFrom('number_reservations').selectAll().where('id', '=', block).where('state', '=', 'free').executeTakeFirstOrThrow();
  if (left(row) === by) await tx.deleteFrom('number_reservations').where('id', '=', block).execute();
  else await tx.updateTable('number_reservations').set({ first: row.first + row.taken + by, count: left(row) - by, taken: 0 }).where('id', '=', block).execute();
}

/** A number of a reservation, with what to note when it is taken. */
export interface Held {
  readonly reservation: number;
  readonly range: string;
  readonly numbers: NumberSet;
}

/**
 * Numbers a batch holds, from a place in their order on. The place counts from the beginning of what the batch reserved, whatever
 * of it is taken: so it is the same whether the unit before is written already or not.
 */
export async function heldNumbers(db: Reader | Tx, preparationId: string, from: number, count: number): Promise<Held[]> {
  const blocks = await db.selectFrom('number_reservations').innerJoin('ranges', 'ranges.id', 'number_reservations.range_id')
    .select(['number_reservations.id', 'range_id', 'first', 'number_reservations.count', 'iccid_first', 'imsi_first', 'msisdn_first', 'ranges.count as size', 'used'])
    .where('preparation_id', '=', preparationId).where('number_reservations.state', '=', 'open').orderBy('number_reservations.id').execute();
  const held: Held[] = [];
  let passed = from;
  for (const block of blocks) {
    const range: RangeNumbers = { id: block.range_id, iccidFirst: block.iccid_first, imsiFirst: block.imsi_first, msisdnFirst: block.msisdn_first ?? undefined, count: block.size, used: block.used };
    const start = Math.min(passed, block.count);
    passed -= start;
    for (let place = block.first + start; place < block.first + block.count && held.length < count; place++) {
      held.push({ reservation: block.id, range: block.range_id, numbers: numbersAt(range, place) });
    }
  }
  return held;
}

/** Notes numbers as taken, in the transaction that writes their profiles. */
export async function takeHeld(tx: Tx, held: readonly Held[]): Promise<void> {
  const counts = new Map<number, number>();
  for (const { reservation } of held) counts.set(reservation, (counts.get(reservation) ?? 0) + 1);
  for (const [id, n] of counts) {
    const moved = await tx.updateTable('number_reservations').set((e) => ({ taken: e('taken', '+', n) })).where('id', '=', id).where('state', '=', 'open')
      .where((e) => e(e('count', '-', e.ref('taken')), '>=', n)).executeTakeFirst();
    if (moved.numUpdatedRows !== 1n) throw new DeskProblem('CONFLICT', 'Numbers this batch held are gone; nothing was written.');
  }
}

/** Gives back what a batch held and did not take; answers how many numbers that were. */
export async function releaseNumbers(tx: Tx, preparationId: string): Promise<number> {
  const blocks = await tx.selectFrom('number_reservations').selectAll().where('preparation_id', '=', preparationId).where('state', '=', 'open').orderBy('first', 'desc').execute();
  let released = 0;
  for (const block of blocks) {
    released += left(block);
    if (left(block) === 0) {
      await tx.deleteFrom('number_reservations').where('id', '=', block.id).execute();
      continue;
    }
    // At the end of what was given out: the range simply stands where it stood.
    const back = await tx.updateTable('ranges').set({ used: block.first + block.taken }).where('id', '=', block.range_id).where('used', '=', block.first + block.count).executeTakeFirst();
    if (back.numUpdatedRows === 1n) await tx.deleteFrom('number_reservations').where('id', '=', block.id).execute();
    else await tx.updateTable('number_reservations').set({ first: block.first + block.taken, count: left(block), taken: 0, state: 'free', preparation_id: null }).where('id', '=', block.id).execute();
  }
  return released;
}

export interface ReservedNumbers {
  readonly rangeId: string;
  readonly first: number;
  readonly count: number;
  readonly state: 'open' | 'free';
  readonly preparationId?: string;
  readonly reference?: string;
}

/** Numbers that are reserved for batches (`open`) or were left by one (`free`), as places in their ranges. */
export async function reservedNumbers(db: Reader | Tx, rangeIds?: readonly string[]): Promise<ReservedNumbers[]> {
  let query = db.selectFrom('number_reservations').leftJoin('preparations', 'preparations.id', 'number_reservations.preparation_id')
    .select(['number_reservations.range_id', 'first', 'number_reservations.count', 'taken', 'number_reservations.state', 'preparation_id', 'reference']).where(sql<boolean>`taken < number_reservations.count`).orderBy('number_reservations.range_id').orderBy('first');
  if (rangeIds) query = query.where('number_reservations.range_id', 'in', rangeIds);
  return (await query.execute()).map((row): ReservedNumbers => ({
    rangeId: row.range_id, first: row.first + row.taken, count: left(row), state: row.state as ReservedNumbers['state'],
    ...(row.preparation_id === null ? {} : { preparationId: row.preparation_id }), ...(row.reference === null ? {} : { reference: row.reference }),
  }));
}

/** The batch that holds a place of a range now. */
export async function reservationOf(db: Reader | Tx, rangeId: string, place: number): Promise<ReservedNumbers | undefined> {
  return (await reservedNumbers(db, [rangeId])).find((one) => one.state === 'open' && place >= one.first && place < one.first + one.count);
}
