/**
 * Events at an SM-DS (SGP.22 v2.2, 3.6.1): registered before the transaction that releases the order, because its caller is to
 * hear at once that it failed; deleted from the outbox when the order ends.
 *
 * Between the two stands a crash. So a message that deletes the event waits from before the registration on, and the
 * transaction that keeps the event discards it.
 */
import { toHex } from '../../../shared/tlv/index.ts';
import type { EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { enqueue } from '../outbox/index.ts';
import { prepared, write } from '../store/index.ts';

export interface SmdsEvent {
  readonly smdsAddress: string;
  readonly eid: string;
  /** The MatchingID: it is what the device comes with (5.3.2). */
  readonly eventId: string;
}

const KIND = 'es12.deleteEvent';
/** A registration and its transaction are over by then. Milliseconds. */
const UNDO_AFTER = 600_000;
const LAST = '\u{10ffff}';
const undoKey = (orderId: string, eventId: string): string => `es12.undo:${orderId}:${eventId}:`;

/** What the SM-DS is asked. Throws {@link DeskProblem} `SMDS_UNREACHABLE` (8.9/5.1), `SMDS_REFUSED` (8.9/4.2). */
async function register(_ctx: EngineContext, event: SmdsEvent): Promise<void> {
  throw new DeskProblem('SMDS_UNREACHABLE', `The SM-DS ${event.smdsAddress} cannot be reached.`, { field: 'smdsAddress' });
}

/** Registers outside a transaction; {@link keepEvent} must follow in the transaction that releases the order. */
export async function registerEvent(ctx: EngineContext, orderId: string, brandId: number | null, event: SmdsEvent): Promise<void> {
  const at = ctx.clock.now();
  const key = undoKey(orderId, event.eventId);
  await write(ctx, async (tx) => {
    // What an earlier attempt left behind must not delete the event of this one.
    await tx.updateTable('outbox').set({ next_at: at + UNDO_AFTER }).where('dedupe', '>=', key).where('dedupe', '<', key + LAST).where('state', '=', 'waiting').execute();
    await enqueue(tx, {
      kind: KIND, dedupe: key + toHex(ctx.random(8)), payload: event, summary: 'Take back an SM-DS event that no order kept', orderId,
      ...(brandId === null ? {} : { brandId }), notBefore: at + UNDO_AFTER, at,
    });
  });
  await register(ctx, event);
}

const undo = prepared((db, p: { first: string; last: string; at: number }) => db.updateTable('outbox').set({ state: 'discarded', done_at: p.at, last_error: null })
  .where('dedupe', '>=', p.first).where('dedupe', '<', p.last).where('state', '=', 'waiting'));

/** The event stays: the waiting deletion is discarded. `SMDS_UNREACHABLE` when it went out already, which takes ten minutes. */
export async function keepEvent(tx: Tx, orderId: string, event: SmdsEvent, at: number): Promise<void> {
  const key = undoKey(orderId, event.eventId);
  if (await undo.run(tx, { first: key, last: key + LAST, at }) === 0) {
    throw new DeskProblem('SMDS_UNREACHABLE', 'The registration at the SM-DS took too long and was taken back. Repeat the call.', { field: 'smdsAddress' });
  }
}

const eventOf = prepared((db, p: { id: string }) => db.selectFrom('orders').select(['event_id', 'smds_address', 'eid', 'brand_id']).where('id', '=', p.id));

/** When an order ends: its event is deleted, once. */
export async function deleteEvent(tx: Tx, orderId: string, at: number): Promise<void> {
  const order = await eventOf.one(tx, { id: orderId });
  if (!order || order.event_id === null || order.smds_address === null || order.eid === null) return;
  const payload: SmdsEvent = { smdsAddress: order.smds_address, eid: order.eid, eventId: order.event_id };
  await enqueue(tx, {
    kind: KIND, dedupe: `${KIND}:${orderId}`, payload, summary: `Delete the event of order ${orderId} at the SM-DS`, orderId,
    ...(order.brand_id === null ? {} : { brandId: order.brand_id }), at,
  });
}
