import { sql } from 'kysely';
import type { Insertable, Selectable } from 'kysely';
import type { Reader, Tx } from '../context.ts';
import { prepared } from '../store/index.ts';
import type { Database } from '../store/schema.ts';
import { pointsOf } from './rules.ts';
import type { Grants, IccidRange, Points } from './rules.ts';

export type BrandRecord = Selectable<Database['brands']>;
export type CredentialRecord = Selectable<Database['brand_credentials']>;
export type NewCredential = Omit<Insertable<Database['brand_credentials']>, 'id' | 'brand_id'>;

const byId = prepared((db, p: { id: number }) => db.selectFrom('brands').selectAll().where('id', '=', p.id));
const byName = prepared((db, p: { name: string }) => db.selectFrom('brands').selectAll().where('name', '=', p.name));
const typesOf = prepared((db, p: { id: number }) => db.selectFrom('brand_types').select('type_id').where('brand_id', '=', p.id));
const rangesOf = prepared((db, p: { id: number }) => db.selectFrom('brand_iccids').select(['first', 'last']).where('brand_id', '=', p.id));

export function brandById(db: Reader | Tx, id: number): Promise<BrandRecord | undefined> {
  return byId.one(db, { id });
}
export function brandByName(db: Reader | Tx, name: string): Promise<BrandRecord | undefined> {
  return byName.one(db, { name });
}

/** What a brand may; undefined when there is no such brand. */
export async function grantsOf(db: Reader | Tx, brandId: number): Promise<Grants | undefined> {
  const brand = await brandById(db, brandId);
  if (!brand) return undefined;
  const types = brand.all_types === 1 ? [] : await typesOf.all(db, { id: brandId });
  return {
    brandId, name: brand.name, allTypes: brand.all_types === 1, typeIds: types.map((row) => row.type_id), ranges: await rangesOf.all(db, { id: brandId }),
    openOrders: brand.open_orders, ordersPerDay: brand.orders_per_day,
  };
}

export interface OwnedRange extends IccidRange {
  readonly brandId: number;
}

// Ranges of equal length do not overlap: the last that begins at or before the ICCID is the only one that may hold it.
const lastBefore = prepared((db, p: { iccid: string; digits: number }) => db.selectFrom('brand_iccids').select(['brand_id as brandId', 'first', 'last'])
  .where(sql`length(first)`, '=', p.digits).where('first', '<=', p.iccid).orderBy('first', 'desc').limit(1));
const anyRange = prepared((db, _p: Record<string, never>) => db.selectFrom('brand_iccids').select('brand_id').limit(1));

/** The range an ICCID lies in, whoever's it is. */
export async function rangeOfIccid(db: Reader | Tx, iccid: string): Promise<OwnedRange | undefined> {
  const found = await lastBefore.one(db, { iccid, digits: iccid.length });
  return found !== undefined && iccid <= found.last ? found : undefined;
}

export async function hasRanges(db: Reader | Tx): Promise<boolean> {
  return await anyRange.one(db, {}) !== undefined;
}

// Counted up to the quota and not beyond it.
const countOpen = prepared((db, p: { id: number; most: number }) => db.selectFrom((e) => e.selectFrom('orders').select(sql`1`.as('one'))
  .where('brand_id', '=', p.id).where('closed_at', 'is', null).limit(p.most).as('o')).select((e) => e.fn.countAll<number>().as('n')));
const countSince = prepared((db, p: { id: number; since: number; most: number }) => db.selectFrom((e) => e.selectFrom('orders').select(sql`1`.as('one'))
  .where('brand_id', '=', p.id).where('created_at', '>', p.since).limit(p.most).as('o')).select((e) => e.fn.countAll<number>().as('n')));

const DAY = 86_400_000;
const UNBOUNDED = 1_000_000_000;

/** Orders of a brand open now and made in the last 24 hours, each counted up to `most`. */
export async function usageOf(db: Reader | Tx, brandId: number, now: number, most: { readonly open: number | null; readonly day: number | null } = { open: UNBOUNDED, day: UNBOUNDED }): Promise<{ open: number; lastDay: number }> {
  const open = most.open === null ? 0 : Number((await countOpen.one(db, { id: brandId, most: most.open }))?.n ?? 0);
  const lastDay = most.day === null ? 0 : Number((await countSince.one(db, { id: brandId, since: now - DAY, most: most.day }))?.n ?? 0);
  return { open, lastDay };
}

/** What a brand is sent, and in which form; undefined when it has no callback. */
export async function callbackOf(db: Reader | Tx, brandId: number): Promise<{ readonly points: Points; readonly result: 'finalResult' | 'notification' } | undefined> {
  const brand = await brandById(db, brandId);
  return !brand || brand.callback_url === null ? undefined : { points: pointsOf(brand.callback_points), result: brand.callback_result };
}
