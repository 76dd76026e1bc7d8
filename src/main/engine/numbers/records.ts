/** Rows of the ledgers, and the counts behind them. */
import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { NumberKind } from '../../../shared/contract/numbers.ts';
import type { Reader, Tx } from '../context.ts';
import { prepared } from '../store/index.ts';
import type { Database } from '../store/schema.ts';
import type { Span } from './rules.ts';
import { holds, numberOf } from './rules.ts';

export type BlockRecord = Selectable<Database['number_blocks']>;
export type Db = Reader | Tx;

const lastBefore = prepared((db, p: { kind: string; digits: number; key: string }) => db.selectFrom('number_blocks').selectAll()
  .where('kind', '=', p.kind as NumberKind).where('digits', '=', p.digits).where('first', '<=', p.key).orderBy('first', 'desc').limit(1));
const byId = prepared((db, p: { id: string }) => db.selectFrom('number_blocks').selectAll().where('id', '=', p.id));
const burntOne = prepared((db, p: { kind: string; number: string }) => db.selectFrom('burnt_numbers').selectAll().where('kind', '=', p.kind as NumberKind).where('number', '=', p.number));

/** The block a key lies in. */
export async function blockAt(db: Db, kind: NumberKind, key: string): Promise<BlockRecord | undefined> {
  const found = await lastBefore.one(db, { kind, digits: key.length, key });
  return found !== undefined && holds(found, key) ? found : undefined;
}
export const blockById = (db: Db, id: string): Promise<BlockRecord | undefined> => byId.one(db, { id });
export const burntAt = (db: Db, kind: NumberKind, number: string) => burntOne.one(db, { kind, number });

/** Blocks that share a number with the span, in order. */
export async function blocksIn(db: Db, kind: NumberKind, span: Span): Promise<BlockRecord[]> {
  const first = await blockAt(db, kind, span.first);
  const rest = await db.selectFrom('number_blocks').selectAll().where('kind', '=', kind).where('digits', '=', span.first.length)
    .where('first', '>', span.first).where('first', '<=', span.last).orderBy('first').execute();
  return first ? [first, ...rest] : rest;
}

export const blocksOfRange = (db: Db, rangeId: string): Promise<BlockRecord[]> =>
  db.selectFrom('number_blocks').selectAll().where('range_id', '=', rangeId).orderBy('kind').orderBy('first').execute();

/** Digits the numbers of keys of this length have in the stock. */
const digitsInStock = (kind: NumberKind, digits: number): number => (kind === 'iccid' && digits === 18 ? 19 : digits);

/** `column` within a span of keys, as a condition an index serves. */
export function within(kind: NumberKind, column: string, span: Span) {
  const name = sql.ref(column);
  return sql<boolean>`${name} >= ${span.first} and ${name} < ${`${span.last}:`} and length(${name}) = ${digitsInStock(kind, span.first.length)}`;
}

/** Numbers of a span that are used: profiles have them, or they are burnt without a profile. How many of them are burnt, and how many rows there are. */
export async function countUsed(db: Db, kind: NumberKind, span: Span): Promise<{ rows: number; used: number; burnt: number }> {
  const rows = await db.selectFrom('profiles').select((e) => e.fn.countAll<number>().as('n')).where(within(kind, kind, span)).executeTakeFirstOrThrow();
  const burnt = await db.selectFrom('burnt_numbers').select((e) => e.fn.countAll<number>().as('n')).where('kind', '=', kind).where(within(kind, 'number', span)).executeTakeFirstOrThrow();
  const alone = burnt.n === 0 ? { n: 0 } : await db.selectFrom('burnt_numbers').select((e) => e.fn.countAll<number>().as('n')).where('kind', '=', kind).where(within(kind, 'number', span))
    .where((e) => e.not(e.exists(e.selectFrom('profiles').select(sql`1`.as('one')).whereRef(`profiles.${kind}`, '=', 'burnt_numbers.number')))).executeTakeFirstOrThrow();
  return { rows: Number(rows.n), used: Number(rows.n) + Number(alone.n), burnt: Number(burnt.n) };
}

/** Profiles that have numbers of the span, the first of them; for refusals. */
export async function firstInStock(db: Db, kind: NumberKind, span: Span): Promise<string | undefined> {
  const found = await db.selectFrom('profiles').select(kind).where(within(kind, kind, span)).orderBy(kind).limit(1).executeTakeFirst();
  return found?.[kind] ?? undefined;
}
export async function firstBurnt(db: Db, kind: NumberKind, span: Span): Promise<string | undefined> {
  const found = await db.selectFrom('burnt_numbers').select('number').where('kind', '=', kind).where(within(kind, 'number', span)).where('free_at', 'is', null).orderBy('number').limit(1).executeTakeFirst();
  return found?.number;
}

export interface Profile { readonly id: number; readonly iccid: string; readonly stock_state: string; readonly order_state: string }
/** Profiles with a number; MSISDNs may have several. The one still in life first. */
export function profilesWith(db: Db, kind: NumberKind, key: string): Promise<Profile[]> {
  return db.selectFrom('profiles').select(['id', 'iccid', 'stock_state', 'order_state']).where(kind, '=', numberOf(kind, key))
    .orderBy(sql`stock_state = 'retired'`).limit(2).execute();
}

/** Entitlements of brands by ICCID: who owns a block. */
export interface Owner { readonly id: number; readonly name: string }
export async function ownersOf(db: Db): Promise<(block: Pick<BlockRecord, 'kind' | 'first' | 'brand_id'>) => Owner | undefined> {
  const brands = new Map((await db.selectFrom('brands').select(['id', 'name']).execute()).map((brand) => [brand.id, brand]));
  const ranges = await db.selectFrom('brand_iccids').select(['brand_id', 'first', 'last']).orderBy(sql`length(first)`).orderBy('first').execute();
  return ({ kind, first, brand_id }) => {
    if (kind !== 'iccid') return brand_id === null ? undefined : brands.get(brand_id);
    const iccid = numberOf(kind, first);
    const found = ranges.find((range) => holds(range, iccid));
    return found && brands.get(found.brand_id);
  };
}
