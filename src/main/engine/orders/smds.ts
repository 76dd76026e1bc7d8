/**
 * Events at an SM-DS (SGP.22 v2.2, 3.6.1): registered before the transaction that releases the order, because its caller is to
 * hear at once that it failed; deleted from the outbox when the order ends. What was registered and not kept undoes itself.
 */
import type { EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { deleteSmdsEvent, keepSmdsEvent, registerSmdsEvent, smdsUrl } from '../outgoing/index.ts';
import { prepared } from '../store/index.ts';

export interface OrderEvent {
  readonly orderId: string;
  readonly brandId: number | null;
  readonly smdsAddress: string;
  readonly eid: string;
  /** The MatchingID: it is what the device comes with (5.3.2). */
  readonly eventId: string;
}

const asSmdsEvent = ({ brandId, ...event }: OrderEvent) => ({ ...event, ...(brandId === null ? {} : { brandId }) });

/** A host name, perhaps with a port. `SMDS_UNREACHABLE` (5.3.2: 8.9/5.1) for what is none. */
export function readSmdsAddress(text: string): string {
  const address = text.trim();
  if (smdsUrl(address, 'registerEvent')) return address;
  throw new DeskProblem('SMDS_UNREACHABLE', `"${address.slice(0, 80)}" is no address of an SM-DS.`, { field: 'smdsAddress', hint: 'Write its host name without https://.' });
}

/**
 * Registers outside a transaction; {@link keepEvent} must follow in the transaction that releases the order. Throws
 * {@link DeskProblem} `SMDS_UNREACHABLE` (8.9/5.1), `SMDS_REFUSED` (8.9/4.2).
 */
export async function registerEvent(ctx: EngineContext, event: OrderEvent): Promise<void> {
  const registered = await registerSmdsEvent(ctx, asSmdsEvent(event));
  if (!registered.ok) throw registered.problem;
}

/** The event stays. `SMDS_UNREACHABLE` when it was taken back already, which takes ten minutes. */
export async function keepEvent(tx: Tx, event: OrderEvent, at: number): Promise<void> {
  await keepSmdsEvent(tx, asSmdsEvent(event), at);
}

const eventOf = prepared((db, p: { id: string }) => db.selectFrom('orders').select(['event_id', 'smds_address', 'eid', 'brand_id']).where('id', '=', p.id));

/** When an order ends: its event is deleted, once. */
export async function deleteEvent(tx: Tx, orderId: string, at: number): Promise<void> {
  const order = await eventOf.one(tx, { id: orderId });
  if (!order || order.event_id === null || order.smds_address === null || order.eid === null) return;
  await deleteSmdsEvent(tx, { ...asSmdsEvent({ orderId, brandId: order.brand_id, smdsAddress: order.smds_address, eid: order.eid, eventId: order.event_id }), orderId, at });
}
