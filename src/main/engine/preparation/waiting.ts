/** Imported profiles that wait for preparation, oldest first. */
import { sql } from 'kysely';
import type { Reader, Tx } from '../context.ts';

export interface StockWish {
  readonly typeId: number;
  readonly importId?: number | undefined;
}

async function waiting(db: Reader | Tx, wish: StockWish) {
  let query = db.selectFrom('profiles').where('profiles.type_id', '=', wish.typeId).where('stock_state', '=', 'imported').where('order_state', '=', 'available');
  if (wish.importId !== undefined) query = query.where('import_id', '=', wish.importId);
  // Imports that run are few; where there is none, the rows are not even read.
  const running = await db.selectFrom('imports').select('id').where('state', '=', 'running').execute();
  return running.length === 0 ? query : query.where((e) => e.or([e('import_id', 'is', null), e('import_id', 'not in', running.map((one) => one.id))]));
}

export async function countWaiting(db: Reader | Tx, wish: StockWish): Promise<number> {
  return Number((await (await waiting(db, wish)).select((e) => e.fn.countAll<number>().as('n')).executeTakeFirstOrThrow()).n);
}

/** What unfinished batches of the type mean to take from the stock and have not taken yet. */
export async function owedStock(db: Reader | Tx, wish: StockWish): Promise<number> {
  const rows = await db.selectFrom('preparations').select(['import_id', 'stock_owed']).where('type_id', '=', wish.typeId).where('stock_owed', '>', 0).execute();
  // One that takes from any import may take from this one.
  return rows.filter((row) => wish.importId === undefined || row.import_id === null || row.import_id === wish.importId).reduce((sum, row) => sum + row.stock_owed, 0);
}

export interface WaitingProfile {
  readonly id: number;
  readonly iccid: string;
  readonly imsi: string;
  readonly msisdn: string | null;
  readonly subscriber: Uint8Array | null;
  readonly importKey: Uint8Array | null;
  /** 1 when its K came in with it. */
  readonly keyed: number;
}

const keyed = sql<number>`profiles.key_fingerprint is not null`.as('keyed');

export async function waitingProfiles(db: Reader | Tx, wish: StockWish & { readonly after: number; readonly count: number }): Promise<WaitingProfile[]> {
  return await (await waiting(db, wish)).leftJoin('batches', 'batches.id', 'profiles.import_batch_id')
    .select(['profiles.id', 'iccid', 'imsi', 'msisdn', 'subscriber', 'batches.batch_key as importKey', keyed])
    .where('profiles.id', '>', wish.after).orderBy('profiles.id').limit(wish.count).execute();
}

/** The same, as far as a preview needs them. */
export async function waitingIccids(db: Reader | Tx, wish: StockWish & { readonly after: number; readonly count: number }): Promise<{ id: number; iccid: string }[]> {
  return await (await waiting(db, wish)).select(['profiles.id', 'iccid']).where('profiles.id', '>', wish.after).orderBy('profiles.id').limit(wish.count).execute();
}

/** How many of `count` waiting profiles behind the first `skip` have an IMSI that does not begin with `plmn`, and the first such IMSI. */
export async function strangersWaiting(db: Reader | Tx, wish: StockWish & { readonly skip: number; readonly count: number; readonly plmn: string }): Promise<{ count: number; imsi: string } | undefined> {
  const looked = (await waiting(db, wish)).select(['profiles.id', 'imsi']).orderBy('profiles.id').limit(wish.count).offset(wish.skip);
  // SQLite takes the IMSI from the row that has the smallest id.
  const { rows } = await sql<{ count: number; first: number; imsi: string }>`select count(*) as count, min(id) as first, imsi from (${looked}) where substr(imsi, 1, ${wish.plmn.length}) <> ${wish.plmn}`.execute(db);
  return rows[0] && rows[0].count > 0 ? { count: rows[0].count, imsi: rows[0].imsi } : undefined;
}

/** One profile by row, when it waits. */
export async function waitingOne(db: Reader | Tx, profileId: number, typeId: number): Promise<WaitingProfile | undefined> {
  return (await waiting(db, { typeId })).leftJoin('batches', 'batches.id', 'profiles.import_batch_id')
    .select(['profiles.id', 'iccid', 'imsi', 'msisdn', 'subscriber', 'batches.batch_key as importKey', keyed]).where('profiles.id', '=', profileId).executeTakeFirst();
}

/** Rows that failed and can be tried again: their profile still waits, or stands in quarantine unprepared. */
const failedRows = (db: Reader | Tx, preparationId: string) => db.selectFrom('preparation_failures').innerJoin('profiles', 'profiles.id', 'preparation_failures.profile_id')
  .where('preparation_id', '=', preparationId).where('preparation_failures.state', '=', 'failed')
  .where('stock_state', 'in', ['imported', 'quarantined']).where('slots', 'is', null).where('order_state', '=', 'available');

export async function countFailed(db: Reader | Tx, preparationId: string): Promise<number> {
  return Number((await failedRows(db, preparationId).select((e) => e.fn.countAll<number>().as('n')).executeTakeFirstOrThrow()).n);
}

export async function failedProfiles(db: Reader | Tx, preparationId: string, after: number, count: number): Promise<(WaitingProfile & { failure: number; row: number; quarantined: boolean })[]> {
  const rows = await failedRows(db, preparationId).leftJoin('batches', 'batches.id', 'profiles.import_batch_id')
    .select(['profiles.id', 'profiles.iccid', 'profiles.imsi', 'msisdn', 'subscriber', 'batches.batch_key as importKey', keyed, 'preparation_failures.id as failure', 'row', 'stock_state'])
    .where('preparation_failures.id', '>', after).orderBy('preparation_failures.id').limit(count).execute();
  return rows.map(({ stock_state, ...row }) => ({ ...row, quarantined: stock_state === 'quarantined' }));
}

/** The waiting profiles so many would come from, by import: runs of neighbours of one import, in order. */
export async function planStock(db: Reader | Tx, wish: StockWish, skip: number, count: number): Promise<{ importId: number | null; count: number; first: Numbers; last: Numbers }[]> {
  if (count === 0) return [];
  const at = async (index: number) => (await waiting(db, wish)).select(['profiles.id', 'iccid', 'imsi', 'msisdn', 'import_id']).orderBy('profiles.id').limit(1).offset(index).executeTakeFirst();
  const first = await at(skip);
  const last = await at(skip + count - 1);
  if (!first || !last) return [];
  // Which imports lie between is said up to a few; a batch over hundreds of files is shown as one run.
  const between = await (await waiting(db, wish)).select(['import_id', (e) => e.fn.countAll<number>().as('n'), (e) => e.fn.min('profiles.id').as('from'), (e) => e.fn.max('profiles.id').as('to')])
    .where('profiles.id', '>=', first.id).where('profiles.id', '<=', last.id).groupBy('import_id').orderBy(sql`min(profiles.id)`).limit(9).execute();
  const apart = between.length <= 8 && between.every((one, index) => index === 0 || Number(one.from) > Number(between[index - 1]!.to));
  if (!apart) return [{ importId: null, count, first: numbersOf(first), last: numbersOf(last) }];
  const ends = await db.selectFrom('profiles').select(['id', 'iccid', 'imsi', 'msisdn']).where('id', 'in', between.flatMap((one) => [Number(one.from), Number(one.to)])).execute();
  const byId = new Map(ends.map((row) => [row.id, numbersOf(row)]));
  return between.map((one) => ({ importId: one.import_id, count: Number(one.n), first: byId.get(Number(one.from))!, last: byId.get(Number(one.to))! }));
}

export interface Numbers {
  readonly iccid: string;
  readonly imsi: string;
  readonly msisdn?: string;
}

export const numbersOf = (row: { readonly iccid: string; readonly imsi: string; readonly msisdn: string | null }): Numbers =>
  ({ iccid: row.iccid, imsi: row.imsi, ...(row.msisdn === null ? {} : { msisdn: row.msisdn }) });
