/** ReleaseProfile: a confirmed order becomes downloadable (SGP.22 v2.2, 5.3.4). */
import type { Call, EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { transition } from '../profiles/index.ts';
import type { EventSource, ProfileRowRecord } from '../profiles/index.ts';
import { demandOrder, ownProfile } from './records.ts';
import type { OrderRecord } from './records.ts';
import { keepEvent, registerEvent } from './smds.ts';
import type { OrderEvent } from './smds.ts';

/** What {@link prepareRelease} did before the transaction. */
export interface ReadyRelease {
  readonly orderId: string;
  readonly event?: OrderEvent;
}

/** The event an order still needs before it may be released. */
function missingEvent(order: OrderRecord): OrderEvent | undefined {
  if (order.smds_address === null || order.event_id !== null || order.eid === null || !order.matching_id) return undefined;
  return { orderId: order.id, brandId: order.brand_id, smdsAddress: order.smds_address, eid: order.eid, eventId: order.matching_id };
}

/** Registers the event of an order with an SM-DS, outside the transaction. Throws {@link DeskProblem} `ORDER_UNKNOWN`, `SMDS_UNREACHABLE`, `SMDS_REFUSED`. */
export async function prepareRelease(ctx: EngineContext, orderId: string): Promise<ReadyRelease> {
  const order = await demandOrder(ctx.reader, orderId);
  const profile = await ownProfile(ctx.reader, order);
  const event = missingEvent(order);
  if (!event || profile?.order_state !== 'confirmed' || order.closed_at !== null) return { orderId };
  await registerEvent(ctx, event);
  return { orderId, event };
}

/**
 * Confirmed → Released, in the transaction of the call. An order that is released already stays so and nothing happens (5.3.4,
 * note). `TRANSITION_REFUSED` in every other state, `SMDS_UNREACHABLE` when an order with an SM-DS comes without {@link prepareRelease}.
 */
export async function releaseOrder(tx: Tx, ctx: EngineContext, ready: string | ReadyRelease, call: Call, source: EventSource = 'operator'): Promise<ProfileRowRecord> {
  const { orderId, event } = typeof ready === 'string' ? { orderId: ready, event: undefined } : ready;
  const order = await demandOrder(tx, orderId);
  const profile = await ownProfile(tx, order);
  if (!profile || order.closed_at !== null) throw new DeskProblem('TRANSITION_REFUSED', 'The order has ended; only a confirmed order can be released.');
  if (profile.order_state === 'released') return profile;
  if (profile.order_state === 'allocated' || profile.order_state === 'linked') {
    throw new DeskProblem('TRANSITION_REFUSED', 'The order is not confirmed yet: it has no MatchingID a device could ask for.', { hint: 'Confirm it; that can release it in the same step.' });
  }
  const at = ctx.clock.now();
  if (profile.order_state === 'confirmed' && missingEvent(order)) {
    if (!event) throw new DeskProblem('SMDS_UNREACHABLE', 'The event of this order is not registered at its SM-DS. Repeat the call.');
    await keepEvent(tx, event, at);
    await tx.updateTable('orders').set({ event_id: event.eventId }).where('id', '=', orderId).execute();
  }
  return transition(tx, ctx, profile.id, { name: 'release', at, source, text: 'Released for download', orderId }, call);
}
