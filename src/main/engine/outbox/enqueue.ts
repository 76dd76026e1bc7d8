import type { Tx } from '../context.ts';
import { laneOf } from './rules.ts';

export interface OutboxMessage {
  readonly kind: string;
  /** A message with a key that was written before is not written again, whatever became of the first. */
  readonly dedupe: string;
  /** JSON-able, without secrets. */
  readonly payload: unknown;
  /** What it says, for people, without identifiers of people. */
  readonly summary: string;
  readonly brandId?: number;
  /** Messages of one order to one receiver go out in the order they were written. */
  readonly orderId?: string;
  /** Not sent before; at most 15 minutes after `at`. UTC epoch milliseconds. */
  readonly notBefore?: number;
  readonly at: number;
}

/**
 * Writes a message in the transaction of the change it tells of: both happen or neither. The worker finds it within a second
 * of the commit, or at once after `ctx.changed('outbox')`.
 */
export async function enqueue(tx: Tx, message: OutboxMessage): Promise<void> {
  const due = message.notBefore ?? message.at;
  await tx.insertInto('outbox').values({
    kind: message.kind, dedupe: message.dedupe, payload: JSON.stringify(message.payload), summary: message.summary, lane: laneOf(message),
    brand_id: message.brandId ?? null, order_id: message.orderId ?? null, next_at: due, since: due, created_at: message.at,
  }).onConflict((conflict) => conflict.column('dedupe').doNothing()).execute();
}
