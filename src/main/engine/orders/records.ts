import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { z } from 'zod';
import type { orderRow } from '../../../shared/contract/orders.ts';
import type { ActivationEvent, ProfileState } from '../../../shared/contract/states.ts';
import { reversed } from '../../../shared/identifiers/index.ts';
import type { Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { findProfile, profileById } from '../profiles/index.ts';
import type { ProfileRowRecord } from '../profiles/index.ts';
import { prepared } from '../store/index.ts';
import type { Database } from '../store/schema.ts';
import { regroupedMatchingId } from './rules.ts';

export type OrderRecord = Selectable<Database['orders']>;
export type OrderView = z.input<typeof orderRow>;
type OrderState = ProfileState['order'];

const byId = prepared((db, p: { id: string }) => db.selectFrom('orders').selectAll().where('id', '=', p.id));

export function orderById(db: Reader | Tx, id: string): Promise<OrderRecord | undefined> {
  return byId.one(db, { id });
}

/** Throws {@link DeskProblem} `ORDER_UNKNOWN`. */
export async function demandOrder(db: Reader | Tx, orderId: string): Promise<OrderRecord> {
  const order = await orderById(db, orderId);
  if (!order) throw new DeskProblem('ORDER_UNKNOWN', `There is no order ${orderId}.`, { field: 'orderId' });
  return order;
}

/** The profile of an order, unless it went back to stock or on to another order. */
export async function ownProfile(db: Reader | Tx, order: OrderRecord): Promise<ProfileRowRecord | undefined> {
  const profile = await profileById(db, order.profile_id);
  return profile?.order_id === order.id ? profile : undefined;
}

/** The profile of an ICCID in any spelling and the order it is on; undefined when there is no such profile. */
export async function orderOfIccid(db: Reader | Tx, iccid: string): Promise<{ readonly order?: OrderRecord; readonly profile: ProfileRowRecord } | undefined> {
  const profile = await findProfile(db, iccid);
  if (!profile) return undefined;
  const order = profile.order_id === null ? undefined : await orderById(db, profile.order_id);
  return { profile, ...(order ? { order } : {}) };
}

function listed(db: Reader | Tx) {
  return db.selectFrom('orders as o')
    .innerJoin('profiles as p', 'p.id', 'o.profile_id')
    .innerJoin('profile_types as t', 't.id', 'o.type_id')
    .leftJoin('brands as b', 'b.id', 'o.brand_id')
    .select((e) => [
      'o.id as id', 'p.iccid as iccid', 't.name as type', 'o.matching_id as matchingId', 'o.eid as eid', 'o.bound_eid as boundEid',
      'o.final_state as finalState', 'p.order_state as orderState', 'o.created_at as createdAt', 'o.expires_at as expiresAt',
      'o.download_attempts as downloadAttempts', 'o.download_limit as downloadLimit', 'o.confirmation_attempts as confirmationAttempts',
      'o.confirmation_limit as confirmationLimit', 'o.closed_at as closedAt', 'o.outcome as outcome', 'o.smdp_address as smdpAddress',
      'b.name as brand', 'o.confirmed_at as confirmedAt',
      sql<number>`o.confirmation is not null`.as('confirmationRequired'),
      e.selectFrom('activation_events as a').select('a.at').whereRef('a.order_id', '=', 'o.id').orderBy('a.id', 'desc').limit(1).as('lastEventAt'),
      e.selectFrom('activation_events as a').select('a.text').whereRef('a.order_id', '=', 'o.id').orderBy('a.id', 'desc').limit(1).as('lastEvent'),
    ]);
}

export type ListedOrder = Awaited<ReturnType<ReturnType<typeof listed>['execute']>>[number];

/** The order axis of the profile while the order is open, what it ended with afterwards. */
export const stateOfOrder = (row: { readonly finalState: string | null; readonly orderState: string }): OrderState => (row.finalState ?? row.orderState) as OrderState;

export function orderView(row: ListedOrder): OrderView {
  const eid = row.boundEid ?? row.eid;
  return {
    orderId: row.id, iccid: row.iccid, type: row.type, ...(row.matchingId === null ? {} : { matchingId: row.matchingId }), ...(eid ? { eid } : {}), state: stateOfOrder(row),
    ...(row.brand === null ? {} : { brand: row.brand }), ...(row.confirmedAt === null ? {} : { confirmedAt: row.confirmedAt }),
    confirmationRequired: row.confirmationRequired === 1, createdAt: row.createdAt, ...(row.expiresAt === null ? {} : { expiresAt: row.expiresAt }),
    downloadAttempts: row.downloadAttempts, downloadLimit: row.downloadLimit, confirmationAttempts: row.confirmationAttempts,
    confirmationLimit: row.confirmationLimit, ...(row.closedAt === null ? {} : { closedAt: row.closedAt }), ...(row.outcome === null ? {} : { outcome: row.outcome }),
    ...(row.lastEventAt === null ? {} : { lastEventAt: row.lastEventAt }), ...(row.lastEvent === null ? {} : { lastEvent: row.lastEvent }),
  };
}

export async function listedOrder(db: Reader | Tx, id: string): Promise<ListedOrder | undefined> {
  return listed(db).where('o.id', '=', id).executeTakeFirst();
}

export interface OrderFilter { readonly state?: readonly string[]; readonly open?: boolean; readonly text?: string; readonly type?: string; readonly brand?: string }
export interface OrderPosition { readonly createdAt: number; readonly id: string }

const LAST = '\u{10ffff}';

function filtered<Q extends ReturnType<typeof listed>>(query: Q, filter: OrderFilter): ReturnType<typeof listed> {
  let q: ReturnType<typeof listed> = query;
  if (filter.open === true) q = q.where('o.closed_at', 'is', null);
  if (filter.open === false) q = q.where('o.closed_at', 'is not', null);
  if (filter.type !== undefined) q = q.where('t.name', '=', filter.type);
  if (filter.brand !== undefined) q = filter.brand === '' ? q.where('o.brand_id', 'is', null) : q.where('b.name', '=', filter.brand);
  if (filter.state !== undefined && filter.state.length > 0) q = q.where(sql<string>`coalesce(o.final_state, p.order_state)`, 'in', filter.state);
  return q;
}

const CANDIDATES = 1000;

/** Orders an identifier may mean, each kind looked up in its own index: one condition over several tables would read them all. */
async function ordersNamed(db: Reader, given: string): Promise<string[]> {
  const text = given.replace(/\s+/g, '');
  const upper = text.toUpperCase();
  const ids = new Set<string>();
  const add = (rows: readonly { readonly id: string }[]): void => rows.forEach((row) => ids.add(row.id));
  add(await db.selectFrom('orders').select('id').where('id', '=', text.toLowerCase()).execute());
  const regrouped = regroupedMatchingId(text);
  for (const start of regrouped === undefined ? [upper] : [upper, regrouped]) {
    add(await db.selectFrom('matching_ids').select('order_id as id').where('matching_id', '>=', start).where('matching_id', '<', start + LAST).limit(CANDIDATES).execute());
  }
  if (/^\d+F?$/i.test(text)) {
    const digits = text.replace(/F$/i, '');
    for (const [column, start] of [['iccid', digits], ['iccid_rev', reversed(digits)], ['eid', digits], ['eid_rev', reversed(digits)]] as const) {
      // A few digits mean many profiles, of which only those on an order count; a whole number also finds orders that ended.
      const profiles = db.selectFrom('profiles').select('id').where(column, '>=', start).where(column, '<', start + LAST)
        .$if(digits.length < 18, (query) => query.where('order_id', 'is not', null)).limit(CANDIDATES);
      add(await db.selectFrom('orders').select('id').where('profile_id', 'in', profiles).limit(CANDIDATES).execute());
    }
  }
  return [...ids].slice(0, CANDIDATES);
}

/** Newest first, behind `after`. */
export async function ordersPage(db: Reader, filter: OrderFilter, limit: number, after?: OrderPosition): Promise<ListedOrder[]> {
  let query = filtered(listed(db), filter);
  if (filter.text !== undefined && filter.text.trim() !== '') query = query.where('o.id', 'in', await ordersNamed(db, filter.text));
  if (after) {
    query = query.where((e) => e.or([e('o.created_at', '<', after.createdAt), e.and([e('o.created_at', '=', after.createdAt), e('o.id', '<', after.id)])]));
  }
  return query.orderBy('o.created_at', 'desc').orderBy('o.id', 'desc').limit(limit).execute();
}

/** How many orders there are, up to a bound: counting a million rows would hold the reader. Undefined above it. */
export async function countOrders(db: Reader, bound: number): Promise<number | undefined> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from (select 1 from orders limit ${bound + 1})`.execute(db);
  const n = rows[0]?.n ?? 0;
  return n > bound ? undefined : n;
}

export async function orderTimeline(db: Reader, orderId: string): Promise<ActivationEvent[]> {
  const rows = await db.selectFrom('activation_events').selectAll().where('order_id', '=', orderId).orderBy('id').limit(1000).execute();
  return rows.map((row) => ({
    id: row.id, at: row.at, stage: row.stage as ActivationEvent['stage'], source: row.source as ActivationEvent['source'], text: row.text,
    ...(row.order_id === null ? {} : { orderId: row.order_id }), ...(row.code === null ? {} : { code: row.code }),
    ...(row.actor === null ? {} : { actor: row.actor }), ...(row.transaction_id === null ? {} : { transactionId: row.transaction_id }),
  }));
}
