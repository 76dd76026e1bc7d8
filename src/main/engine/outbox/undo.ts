/**
 * Compensation of an effect that had to happen before its transaction: the message that undoes it is written first, waiting,
 * and is taken back by the transaction that makes the effect part of our state. Whatever ends in between is undone by itself.
 */
import type { Tx } from '../context.ts';
import type { OutboxMessage } from './enqueue.ts';
import { laneOf } from './rules.ts';

/** Why it was taken back, where the effect was kept. */
export const KEPT = 'Not needed: what it would have undone was kept.';

export interface ArmedUndo {
  /** False: an earlier attempt at the same effect was kept, so that there is nothing to undo. */
  readonly armed: boolean;
  /** Payload of the undoing message of an earlier attempt, if there was one. */
  readonly earlier?: unknown;
}

/** Writes the undoing message, or sets it waiting again. */
export async function armUndo(tx: Tx, message: OutboxMessage & { readonly notBefore: number }): Promise<ArmedUndo> {
  const before = await tx.selectFrom('outbox').select(['state', 'payload', 'last_error']).where('dedupe', '=', message.dedupe).executeTakeFirst();
  const earlier = before && { earlier: JSON.parse(before.payload) as unknown };
  if (before?.state === 'discarded' && before.last_error === KEPT) return { armed: false, ...earlier };
  const row = {
    kind: message.kind, dedupe: message.dedupe, payload: JSON.stringify(message.payload), summary: message.summary, lane: laneOf(message), state: 'waiting',
    brand_id: message.brandId ?? null, order_id: message.orderId ?? null, next_at: message.notBefore, since: message.notBefore, created_at: message.at,
    attempts: 0, refusals: 0, done_at: null, last_error: null,
  };
  await tx.insertInto('outbox').values(row).onConflict((conflict) => conflict.column('dedupe').doUpdateSet(row)).execute();
  return { armed: true, ...earlier };
}

/** Takes it back, in the transaction that keeps the effect; again is fine. Answers false when the effect was undone meanwhile. */
export async function disarmUndo(tx: Tx, dedupe: string, at: number): Promise<boolean> {
  const kept = await tx.updateTable('outbox').set({ state: 'discarded', done_at: at, last_error: KEPT }).where('dedupe', '=', dedupe)
    .where((e) => e.or([e('state', '=', 'waiting'), e.and([e('state', '=', 'discarded'), e('last_error', '=', KEPT)])])).executeTakeFirst();
  return Number(kept.numUpdatedRows) === 1;
}

/** Takes it back because the effect never happened. */
export async function dropUndo(tx: Tx, dedupe: string, at: number, why: string): Promise<void> {
  await tx.updateTable('outbox').set({ state: 'discarded', done_at: at, last_error: why }).where('dedupe', '=', dedupe).where('state', '=', 'waiting').execute();
}
