/** How orders end: cancelled (SGP.22 v2.2, 5.3.3), expired, or by what a download brought. */
import type { Kysely } from 'kysely';
import type { Call, EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { transition } from '../profiles/index.ts';
import type { EventSource, ProfileRowRecord } from '../profiles/index.ts';
import { prepared, write } from '../store/index.ts';
import type { Database } from '../store/schema.ts';
import { demandOrder, orderById, ownProfile } from './records.ts';
import { demand, judgeCancellation } from './rules.ts';
import type { Expectation, OrderOutcome } from './rules.ts';
import { deleteEvent } from './smds.ts';

/**
 * Ends an order. `available` puts the profile back into stock and is refused once its package was delivered to a device
 * (`PROFILE_DELIVERED`); `unavailable` takes it out for good. With `expect` the canceller must name what the order has, as
 * ES2+ asks: `EID_REQUIRED`, `EID_MISMATCH`, `MATCHING_ID_REQUIRED`, `MATCHING_ID_MISMATCH`, and `PROFILE_DELIVERED` for whatever a device has.
 */
export async function cancelOrder(
  tx: Tx, ctx: EngineContext, orderId: string, finalState: 'available' | 'unavailable', call: Call, source: EventSource = 'operator', expect?: Expectation,
): Promise<ProfileRowRecord> {
  const order = await demandOrder(tx, orderId);
  const profile = await ownProfile(tx, order);
  if (!profile) throw new DeskProblem('TRANSITION_REFUSED', 'This order was cancelled before; the profile went back to stock.');
  if (expect) demand(judgeCancellation({ eid: order.eid, boundEid: order.bound_eid, matchingId: order.matching_id, state: profile.order_state }, expect), 'orderId');
  const at = ctx.clock.now();
  const after = await transition(tx, ctx, profile.id, {
    name: finalState === 'available' ? 'cancel_available' : 'cancel_unavailable', at, source, orderId,
    text: finalState === 'available' ? 'Cancelled; the profile is back in stock' : 'Cancelled; the profile will not be used again', reason: 'order cancelled',
  }, call);
  await closeOrder(tx, orderId, at, finalState, 'cancelled', true);
  return after;
}

interface Ending extends Record<string, string | number> { id: string; at: number; finalState: string; outcome: string }
const ending = (db: Kysely<Database>, p: Ending) => db.updateTable('orders')
  .set((e) => ({ closed_at: e.fn.coalesce('closed_at', e.val(p.at)), final_state: p.finalState, outcome: p.outcome, hold_eid: null, hold_until: null }))
  .where('id', '=', p.id);
const endAgain = prepared(ending);
const end = prepared((db, p: Ending) => ending(db, p).where('closed_at', 'is', null));
const dropKept = prepared((db, p: { id: string }) => db.deleteFrom('kept_packages').where('order_id', '=', p.id));

/**
 * Writes how an order ended, erases what only a download needed, and has its SM-DS event deleted. An end already written stays
 * unless `again`.
 */
export async function closeOrder(tx: Tx, orderId: string, at: number, finalState: string, outcome: OrderOutcome, again = false): Promise<void> {
  await (again ? endAgain : end).run(tx, { id: orderId, at, finalState, outcome });
  await dropKept.run(tx, { id: orderId });
  await deleteEvent(tx, orderId, at);
}

const SWEEP = 200;
/** Orders that time ends. What was delivered waits for its result instead. */
const expiring = ['allocated', 'linked', 'confirmed', 'released'] as const;

/** Ends orders whose time is over. Answers how many. Call it from a timer. */
export async function sweepExpired(ctx: EngineContext): Promise<number> {
  const now = ctx.clock.now();
  let total = 0;
  for (;;) {
    const due = await ctx.reader.selectFrom('orders as o').innerJoin('profiles as p', 'p.id', 'o.profile_id').select('o.id')
      .where('o.closed_at', 'is', null).where('o.expires_at', '<=', now).where('p.order_state', 'in', expiring).whereRef('p.order_id', '=', 'o.id')
      .limit(SWEEP).execute();
    if (due.length === 0) break;
    const ended = await write(ctx, async (tx) => {
      let count = 0;
      for (const { id } of due) if (await expireOrder(tx, ctx, id, now)) count++;
      return count;
    });
    total += ended;
    if (ended === 0) break;
  }
  const sessions = await ctx.reader.selectFrom('sessions').select('transaction_id').where('phase', 'in', ['initiated', 'authenticated']).where('expires_at', '<=', now).limit(1).executeTakeFirst();
  if (sessions) {
    await write(ctx, (tx) => tx.updateTable('sessions').set({ phase: 'expired' }).where('phase', 'in', ['initiated', 'authenticated']).where('expires_at', '<=', now).execute());
  }
  if (total > 0) ctx.changed('orders', 'profiles', 'sessions');
  else if (sessions) ctx.changed('sessions');
  return total;
}

/** Ends one order whose time is over, if it is still open and was not delivered. In the transaction of who found it. */
export async function expireOrder(tx: Tx, ctx: EngineContext, orderId: string, now: number): Promise<boolean> {
  const order = await orderById(tx, orderId);
  if (!order || order.closed_at !== null || order.expires_at === null || order.expires_at > now) return false;
  const profile = await ownProfile(tx, order);
  if (!profile || !(expiring as readonly string[]).includes(profile.order_state)) return false;
  await transition(tx, ctx, profile.id, { name: 'expire', at: now, source: 'system', text: 'The order expired', code: '8.8.5/4.10', orderId }, {
    actor: 'system', host: 'engine', correlationId: orderId,
  });
  await closeOrder(tx, orderId, now, 'error', 'expired');
  return true;
}
