import { sql } from 'kysely';
import type { Insertable, Selectable } from 'kysely';
import type { Reader, Tx } from '../context.ts';
import type { Database } from '../store/schema.ts';
import type { OrderFacts } from './rules.ts';

export type SessionRecord = Selectable<Database['sessions']>;
export type KeptPackage = Selectable<Database['kept_packages']>;

export async function sessionById(db: Reader | Tx, transactionId: string): Promise<SessionRecord | undefined> {
  return db.selectFrom('sessions').selectAll().where('transaction_id', '=', transactionId).executeTakeFirst();
}

function facts(db: Reader | Tx) {
  return db.selectFrom('orders as o').innerJoin('profiles as p', 'p.id', 'o.profile_id').select([
    'o.id as orderId', 'o.profile_id as profileId', 'p.iccid as iccid', 'o.type_id as typeId', 'o.matching_id as matchingId', 'o.eid as orderEid',
    'o.bound_eid as boundEid', 'p.eid as profileEid', 'p.order_state as orderState', 'p.order_id as profileOrderId', 'o.closed_at as closedAt',
    'o.outcome as outcome', 'o.expires_at as expiresAt', 'o.download_attempts as downloadAttempts', 'o.download_limit as downloadLimit',
    'o.confirmation as confirmation', 'o.confirmation_attempts as confirmationAttempts', 'o.confirmation_limit as confirmationLimit',
    'p.package_bytes as packageBytes', 'p.stock_state as stockState', 'o.smdp_address as smdpAddress',
  ]);
}

export interface FoundOrder extends OrderFacts { readonly confirmation: Uint8Array | null; readonly smdpAddress: string }
type Row = Awaited<ReturnType<ReturnType<typeof facts>['execute']>>[number];
// A profile that is on another order now, or back in stock, has another order's EID: it says nothing about this one.
const found = (row: Row): FoundOrder => ({
  ...row, confirmationRequired: row.confirmation !== null, profileEid: row.profileOrderId === row.orderId ? row.profileEid : null,
});

export async function orderFactsById(db: Reader | Tx, orderId: string): Promise<FoundOrder | undefined> {
  const row = await facts(db).where('o.id', '=', orderId).executeTakeFirst();
  return row && found(row);
}

/** By the tombstone of its MatchingID: a token is never used twice, so it names one order for ever. */
export async function orderFactsByMatchingId(db: Reader | Tx, matchingId: string): Promise<FoundOrder | undefined> {
  const row = await facts(db).innerJoin('matching_ids as m', 'm.order_id', 'o.id').where('m.matching_id', '=', matchingId).executeTakeFirst();
  return row && found(row);
}

const DEFAULT_ORDERS = 50;

/** Orders without MatchingID for an EID, oldest first: the open ones, and behind none of them the last that ended. */
export async function defaultOrders(db: Reader | Tx, eid: string): Promise<FoundOrder[]> {
  // Written out, not bound: the partial index of these orders serves only a condition it can read.
  const open = await facts(db).where('o.eid', '=', eid).where(sql<boolean>`o.matching_id = ''`).where('o.closed_at', 'is', null)
    .orderBy('o.created_at').orderBy('o.id').limit(DEFAULT_ORDERS).execute();
  if (open.length > 0) return open.map(found);
  // Through the profile's EID, which has an index; an order that gave its profile back is of no interest here.
  const ended = await db.selectFrom('orders').select('id')
    .where('profile_id', 'in', db.selectFrom('profiles as p').select('p.id').where('p.eid', '=', eid))
    .where('eid', '=', eid).where('matching_id', '=', '').where('closed_at', 'is not', null)
    .orderBy('created_at', 'desc').orderBy('id', 'desc').limit(1).executeTakeFirst();
  const last = ended && await orderFactsById(db, ended.id);
  return last ? [last] : [];
}

export async function keptPackage(db: Reader | Tx, orderId: string): Promise<KeptPackage | undefined> {
  return db.selectFrom('kept_packages').selectAll().where('order_id', '=', orderId).executeTakeFirst();
}

export interface Step {
  readonly transactionId: string;
  readonly at: number;
  readonly function: string;
  readonly milliseconds: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly code?: string;
}

/** A step of the session for the live screen. */
export async function recordStep(tx: Tx, step: Step): Promise<void> {
  await tx.insertInto('session_steps').values({
    transaction_id: step.transactionId, at: step.at, function: step.function, milliseconds: Math.round(step.milliseconds * 10) / 10,
    request_bytes: step.requestBytes, response_bytes: step.responseBytes, status: step.code === undefined ? 'Executed-Success' : 'Failed', code: step.code ?? null,
  }).execute();
}

export async function updateSession(tx: Tx, transactionId: string, at: number, changes: Partial<Omit<Insertable<Database['sessions']>, 'transaction_id'>>): Promise<void> {
  await tx.updateTable('sessions').set((e) => ({ ...changes, updated_at: at, steps: e('steps', '+', 1) })).where('transaction_id', '=', transactionId).execute();
}

/**
 * The steps of an order that succeeded, oldest first, as session and function. Steps are numbered as they are committed, which
 * tells apart what happened in one millisecond.
 */
export async function orderSteps(db: Reader | Tx, orderId: string, functions: readonly string[]): Promise<{ transactionId: string; eid: string | null }[]> {
  return db.selectFrom('session_steps as t').innerJoin('sessions as s', 's.transaction_id', 't.transaction_id')
    .select(['t.transaction_id as transactionId', 's.eid as eid'])
    .where('s.order_id', '=', orderId).where('t.function', 'in', functions).where('t.code', 'is', null).orderBy('t.id').execute();
}

export interface DeliveryOrder {
  /** The package was handed over again in a later session. */
  readonly superseded: boolean;
  /** An earlier session had handed it to the same eUICC. */
  readonly before: boolean;
}

/** Where a session stands among those that delivered the package of its order. */
export async function deliveryOrder(db: Reader | Tx, session: SessionRecord): Promise<DeliveryOrder> {
  const steps = await orderSteps(db, session.order_id!, ['getBoundProfilePackage']);
  const mine = steps.findLastIndex((step) => step.transactionId === session.transaction_id);
  return {
    superseded: steps.slice(mine + 1).some((step) => step.transactionId !== session.transaction_id),
    before: steps.slice(0, Math.max(mine, 0)).some((step) => step.transactionId !== session.transaction_id && step.eid === session.eid),
  };
}

/** Whether no other session of the order went on after this one. */
export async function isNewest(db: Reader | Tx, session: SessionRecord): Promise<boolean> {
  const steps = await orderSteps(db, session.order_id!, ['authenticateClient', 'getBoundProfilePackage']);
  return steps.at(-1)?.transactionId === session.transaction_id;
}
