import { sql } from 'kysely';
import type { Insertable, Selectable } from 'kysely';
import type { Reader, Tx } from '../context.ts';
import { prepared, preparedChange, preparedInsert } from '../store/index.ts';
import type { Database } from '../store/schema.ts';
import type { StepMessages } from './messages.ts';
import type { OrderFacts } from './rules.ts';

export type SessionRecord = Selectable<Database['sessions']>;
export type KeptPackage = Selectable<Database['kept_packages']>;

const session = prepared((db, p: { id: string }) => db.selectFrom('sessions').selectAll().where('transaction_id', '=', p.id));

export function sessionById(db: Reader | Tx, transactionId: string): Promise<SessionRecord | undefined> {
  return session.one(db, { id: transactionId });
}

type NewSession = Required<Insertable<Database['sessions']>>;
const newSession = preparedInsert((db, row: NewSession) => db.insertInto('sessions').values(row));

export async function insertSession(tx: Tx, row: NewSession): Promise<void> {
  await newSession.run(tx, row);
}

function facts(db: Reader | Tx) {
  return db.selectFrom('orders as o').innerJoin('profiles as p', 'p.id', 'o.profile_id').select([
    'o.id as orderId', 'o.profile_id as profileId', 'p.iccid as iccid', 'o.type_id as typeId', 'o.matching_id as matchingId', 'o.eid as orderEid',
    'o.bound_eid as boundEid', 'p.eid as profileEid', 'p.order_state as orderState', 'p.order_id as profileOrderId', 'o.closed_at as closedAt',
    'o.outcome as outcome', 'o.expires_at as expiresAt', 'o.download_attempts as downloadAttempts', 'o.download_limit as downloadLimit',
    'o.confirmation as confirmation', 'o.confirmation_attempts as confirmationAttempts', 'o.confirmation_limit as confirmationLimit',
    'p.package_bytes as packageBytes', 'p.template_id as templateId', 'p.stock_state as stockState', 'o.smdp_address as smdpAddress',
  ]);
}

export interface FoundOrder extends OrderFacts { readonly templateId: number; readonly confirmation: Uint8Array | null; readonly smdpAddress: string }
type Row = Awaited<ReturnType<ReturnType<typeof facts>['execute']>>[number];
// A profile that is on another order now, or back in stock, has another order's EID: it says nothing about this one.
const found = (row: Row): FoundOrder => ({
  ...row, confirmationRequired: row.confirmation !== null, profileEid: row.profileOrderId === row.orderId ? row.profileEid : null,
});

const factsById = prepared((db, p: { id: string }) => facts(db).where('o.id', '=', p.id));
const factsByMatchingId = prepared((db, p: { matchingId: string }) => facts(db).innerJoin('matching_ids as m', 'm.order_id', 'o.id').where('m.matching_id', '=', p.matchingId));
// Written out, not bound: the partial index of these orders serves only a condition it can read.
const openDefaults = prepared((db, p: { eid: string; limit: number }) => facts(db).where('o.eid', '=', p.eid).where(sql<boolean>`o.matching_id = ''`)
  .where('o.closed_at', 'is', null).orderBy('o.created_at').orderBy('o.id').limit(p.limit));

export async function orderFactsById(db: Reader | Tx, orderId: string): Promise<FoundOrder | undefined> {
  const row = await factsById.one(db, { id: orderId });
  return row && found(row);
}

/** By the tombstone of its MatchingID: a token is never used twice, so it names one order for ever. */
export async function orderFactsByMatchingId(db: Reader | Tx, matchingId: string): Promise<FoundOrder | undefined> {
  const row = await factsByMatchingId.one(db, { matchingId });
  return row && found(row);
}

const DEFAULT_ORDERS = 50;

/** Orders without MatchingID for an EID, oldest first: the open ones, and behind none of them the last that ended. */
export async function defaultOrders(db: Reader | Tx, eid: string): Promise<FoundOrder[]> {
  const open = await openDefaults.all(db, { eid, limit: DEFAULT_ORDERS });
  if (open.length > 0) return open.map(found);
  // Through the profile's EID, which has an index; an order that gave its profile back is of no interest here.
  const ended = await db.selectFrom('orders').select('id')
    .where('profile_id', 'in', db.selectFrom('profiles as p').select('p.id').where('p.eid', '=', eid))
    .where('eid', '=', eid).where('matching_id', '=', '').where('closed_at', 'is not', null)
    .orderBy('created_at', 'desc').orderBy('id', 'desc').limit(1).executeTakeFirst();
  const last = ended && await orderFactsById(db, ended.id);
  return last ? [last] : [];
}

const kept = prepared((db, p: { orderId: string }) => db.selectFrom('kept_packages').selectAll().where('order_id', '=', p.orderId));
const keepAgain = preparedInsert((db, row: KeptPackage) => db.insertInto('kept_packages').values(row).onConflict((conflict) => conflict.column('order_id').doUpdateSet((e) => ({
  eid: e.ref('excluded.eid'), euicc_otpk: e.ref('excluded.euicc_otpk'), otpk_dp: e.ref('excluded.otpk_dp'), host_id: e.ref('excluded.host_id'),
  kept: e.ref('excluded.kept'), created_at: e.ref('excluded.created_at'),
}))));

export function keptPackage(db: Reader | Tx, orderId: string): Promise<KeptPackage | undefined> {
  return kept.one(db, { orderId });
}

/** Keeps what a retry needs, in place of what was kept before. */
export async function keepPackage(tx: Tx, row: KeptPackage): Promise<void> {
  await keepAgain.run(tx, row);
}

const changeOrder = preparedChange((db, p: { id: string }, columns: Partial<Selectable<Database['orders']>>) => db.updateTable('orders').set(columns).where('id', '=', p.id));

export async function updateOrder(tx: Tx, orderId: string, columns: Partial<Selectable<Database['orders']>>): Promise<void> {
  await changeOrder.run(tx, { id: orderId }, columns);
}

const attempt = prepared((db, p: { id: string; eid: string; until: number }) => db.updateTable('orders')
  .set((e) => ({ download_attempts: e('download_attempts', '+', 1), hold_eid: p.eid, hold_until: p.until })).where('id', '=', p.id));
const supersede = prepared((db, p: { id: string; eid: string }) => db.updateTable('sessions').set({ phase: 'expired' })
  .where('order_id', '=', p.id).where('eid', '=', p.eid).where('phase', '=', 'authenticated'));

const attemptOnly = prepared((db, p: { id: string }) => db.updateTable('orders').set((e) => ({ download_attempts: e('download_attempts', '+', 1) })).where('id', '=', p.id));

/** An attempt that was refused for the eUICC counts as well (SGP.22 v2.2, 3.1.3 step 3), but holds nothing. */
export async function countAttempt(tx: Tx, orderId: string): Promise<void> {
  await attemptOnly.run(tx, { id: orderId });
}

/** Counts an attempt, holds the order for the eUICC, and ends its older sessions: one per order and eUICC, the newest wins. */
export async function holdOrder(tx: Tx, orderId: string, eid: string, until: number): Promise<void> {
  await attempt.run(tx, { id: orderId, eid, until });
  await supersede.run(tx, { id: orderId, eid });
}

export interface Step {
  readonly transactionId: string;
  readonly at: number;
  readonly function: string;
  readonly milliseconds: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly code?: string;
  /** What of the messages may be kept. */
  readonly messages?: StepMessages;
}

const newStep = preparedInsert((db, row: Insertable<Database['session_steps']>) => db.insertInto('session_steps').values(row));

// The step this belongs to was written just before, by the same connection in the same transaction.
const newMessages = preparedInsert((db, row: { transaction_id: string; request: string; response: string }) => db.insertInto('session_messages')
  .values({ step_id: sql<number>`last_insert_rowid()`, ...row }));

/** A step of the session for the live screen, with its messages. */
export async function recordStep(tx: Tx, step: Step): Promise<void> {
  await newStep.run(tx, {
    transaction_id: step.transactionId, at: step.at, function: step.function, milliseconds: Math.round(step.milliseconds * 10) / 10,
    request_bytes: step.requestBytes, response_bytes: step.responseBytes, status: step.code === undefined ? 'Executed-Success' : 'Failed', code: step.code ?? null,
  });
  if (!step.messages) return;
  const { request, response } = step.messages;
  await newMessages.run(tx, { transaction_id: step.transactionId, request: JSON.stringify(request), response: JSON.stringify(response) });
}

const changeSession = preparedChange((db, p: { id: string; at: number }, columns: Partial<Insertable<Database['sessions']>>) => db.updateTable('sessions')
  .set((e) => ({ ...columns, updated_at: p.at, steps: e('steps', '+', 1) })).where('transaction_id', '=', p.id));

export async function updateSession(tx: Tx, transactionId: string, at: number, changes: Partial<Omit<Insertable<Database['sessions']>, 'transaction_id'>>): Promise<void> {
  await changeSession.run(tx, { id: transactionId, at }, changes);
}

const steps = prepared((db, p: { orderId: string; first: string; second: string }) => db.selectFrom('session_steps as t').innerJoin('sessions as s', 's.transaction_id', 't.transaction_id')
  .select(['t.transaction_id as transactionId', 's.eid as eid'])
  .where('s.order_id', '=', p.orderId).where('t.function', 'in', [p.first, p.second]).where('t.code', 'is', null).orderBy('t.id'));

/**
 * The steps of an order that succeeded, oldest first, as session and function. Steps are numbered as they are committed, which
 * tells apart what happened in one millisecond.
 */
export function orderSteps(db: Reader | Tx, orderId: string, first: string, second = first): Promise<{ transactionId: string; eid: string | null }[]> {
  return steps.all(db, { orderId, first, second });
}

const judged = prepared((db, p: { id: string; first: string; second: string }) => db.selectFrom('session_steps').select('code')
  .where('transaction_id', '=', p.id).where('function', 'in', [p.first, p.second]).orderBy('id', 'desc').limit(1));

/** Code of the refusal a session stands at: its last step was refused and none after it went well. */
export async function standingRefusal(db: Reader | Tx, transactionId: string): Promise<string | undefined> {
  return (await judged.one(db, { id: transactionId, first: 'authenticateClient', second: 'getBoundProfilePackage' }))?.code ?? undefined;
}

export interface DeliveryOrder {
  /** The package was handed over again in a later session. */
  readonly superseded: boolean;
  /** An earlier session had handed it to the same eUICC. */
  readonly before: boolean;
}

/** Who got the package of an order in a session: what is needed to believe its result, kept also when the session was purged. */
export type DeliverySession = Pick<SessionRecord, 'transaction_id' | 'order_id' | 'eid' | 'euicc_public_key' | 'euicc_certificate' | 'dppb_id'> & { readonly purged?: true };

const past = prepared((db, p: { id: string }) => db.selectFrom('past_deliveries').selectAll().where('transaction_id', '=', p.id));
const pastOfOrder = prepared((db, p: { orderId: string }) => db.selectFrom('past_deliveries').select(['transaction_id as transactionId', 'eid'])
  .where('order_id', '=', p.orderId).orderBy('delivered_at'));

export async function pastDelivery(db: Reader | Tx, transactionId: string): Promise<DeliverySession | undefined> {
  const row = await past.one(db, { id: transactionId });
  return row && { ...row, purged: true };
}

/** Where a session stands among those that delivered the package of its order. Purged ones are older than all others. */
export async function deliveryOrder(db: Reader | Tx, session: Pick<SessionRecord, 'transaction_id' | 'order_id' | 'eid'>): Promise<DeliveryOrder> {
  const all = [...await pastOfOrder.all(db, { orderId: session.order_id! }), ...await orderSteps(db, session.order_id!, 'getBoundProfilePackage')];
  const mine = all.findLastIndex((step) => step.transactionId === session.transaction_id);
  return {
    superseded: all.slice(mine + 1).some((step) => step.transactionId !== session.transaction_id),
    before: all.slice(0, Math.max(mine, 0)).some((step) => step.transactionId !== session.transaction_id && step.eid === session.eid),
  };
}

/** Whether no other session of the order went on after this one. */
export async function isNewest(db: Reader | Tx, session: SessionRecord): Promise<boolean> {
  const all = await orderSteps(db, session.order_id!, 'authenticateClient', 'getBoundProfilePackage');
  return all.at(-1)?.transactionId === session.transaction_id;
}

const newNotification = preparedInsert((db, row: Insertable<Database['notifications']>) => db.insertInto('notifications').values(row)
  .onConflict((conflict) => conflict.column('digest').doNothing()));

/** False when the same octets are stored already. */
export async function insertNotification(tx: Tx, row: Insertable<Database['notifications']>): Promise<boolean> {
  return await newNotification.run(tx, row) > 0;
}
