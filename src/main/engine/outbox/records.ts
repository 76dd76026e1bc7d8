/** Queries of the outbox table. Constants stand in the text where an index is partial: SQLite must see them to use it. */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { EngineContext, Reader, Tx } from '../context.ts';
import type { Database } from '../store/index.ts';
import { prepared } from '../store/index.ts';
import { FARTHEST, GIVE_UP_AFTER } from './rules.ts';
import type { OutboxDelivery } from './types.ts';

export type OutboxRecord = Selectable<Database['outbox']>;

const waiting = sql<boolean>`state = 'waiting'`;

/** Lanes in which a row waits are walked one index step each, however many rows they hold. */
export const firstLane = prepared((db, _p: Record<never, never>) => db.selectFrom('outbox').select('lane').where(waiting).orderBy('lane').limit(1));
export const nextLane = prepared((db, p: { after: string }) => db.selectFrom('outbox').select('lane').where(waiting).where('lane', '>', p.after).orderBy('lane').limit(1));

/**
 * Rows of a lane whose time has come, earliest first. A row whose order has an earlier one waiting in the lane is left out:
 * what happened to an order is told in its order.
 */
export const dueRows = prepared((db, p: { lane: string; now: number; limit: number }) => db.selectFrom('outbox as o').selectAll()
  .where(sql<boolean>`o.state = 'waiting'`).where('o.lane', '=', p.lane).where('o.next_at', '<=', p.now)
  .where((e) => e.or([
    e('o.order_id', 'is', null),
    e.not(e.exists(e.selectFrom('outbox as earlier').select('earlier.id').whereRef('earlier.order_id', '=', 'o.order_id').whereRef('earlier.lane', '=', 'o.lane')
      .where(sql<boolean>`earlier.state = 'waiting'`).whereRef('earlier.id', '<', 'o.id'))),
  ]))
  .orderBy('o.next_at').orderBy('o.id').limit(p.limit));

export async function outboxRow(db: Reader | Tx, id: number): Promise<OutboxRecord | undefined> {
  return db.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirst();
}

export const sinceOf = (row: Pick<OutboxRecord, 'since' | 'created_at'>): number => row.since ?? row.created_at;

/** Names the message for its receiver, in every attempt the same; a row written anew under its old key is another message. */
export function callIdentifier(workspaceId: string, row: Pick<OutboxRecord, 'dedupe' | 'created_at'>): string {
  return createHash('sha256').update(JSON.stringify([workspaceId, row.dedupe, row.created_at])).digest('hex').slice(0, 32).toUpperCase();
}

export function deliveryOf(ctx: Pick<EngineContext, 'runtime'>, row: OutboxRecord): OutboxDelivery {
  return {
    id: row.id, kind: row.kind, payload: JSON.parse(row.payload) as unknown, createdAt: row.created_at,
    functionCallIdentifier: callIdentifier(ctx.runtime.workspaceId, row),
    ...(row.brand_id === null ? {} : { brandId: row.brand_id }), ...(row.order_id === null ? {} : { orderId: row.order_id }),
  };
}

/** It arrived: also when it was given up while the attempt ran, but not when a person discarded it. */
export async function writeDone(tx: Tx, id: number, now: number): Promise<void> {
  await tx.updateTable('outbox').set((e) => ({ state: 'done', attempts: e('attempts', '+', 1), done_at: now, last_error: null }))
    .where('id', '=', id).where('state', 'in', ['waiting', 'dead']).execute();
}

export interface Failure {
  readonly now: number;
  readonly why: string;
  readonly dead: boolean;
  readonly refused: boolean;
  readonly nextAt: number;
}

export async function writeFailure(tx: Tx, row: Pick<OutboxRecord, 'id' | 'order_id' | 'lane'>, failure: Failure): Promise<void> {
  await tx.updateTable('outbox').set((e) => ({
    state: failure.dead ? 'dead' : 'waiting', attempts: e('attempts', '+', 1), refusals: e('refusals', '+', failure.refused ? 1 : 0),
    last_error: failure.why, next_at: failure.nextAt,
  })).where('id', '=', row.id).where('state', '=', 'waiting').execute();
  // What must wait for this row anyway is not looked at again and again until then.
  if (!failure.dead && row.order_id !== null) {
    await tx.updateTable('outbox').set({ next_at: failure.nextAt }).where('order_id', '=', row.order_id).where('lane', '=', row.lane)
      .where('state', '=', 'waiting').where('id', '>', row.id).where('next_at', '<', failure.nextAt).execute();
  }
}

/** Gives up what a receiver that cannot be reached was not told in time; answers how many. */
export async function giveUpOld(tx: Tx, lane: string, now: number, why: string): Promise<number> {
  const given = await tx.updateTable('outbox').set((e) => ({ state: 'dead', last_error: e.fn.coalesce('last_error', e.val(why)) }))
    .where(waiting).where('lane', '=', lane).where((e) => e(e.fn.coalesce('since', 'created_at'), '<=', now - GIVE_UP_AFTER)).executeTakeFirst();
  return Number(given.numUpdatedRows);
}

/** Done and discarded rows are kept this long. Milliseconds. */
const KEEP = 90 * 86_400_000;
const AT_ONCE = 5000;

/** Removes old rows, some at a time; answers whether more are left. Dead ones are not done: they stay until a person decides. */
export async function purgeOld(tx: Tx, now: number): Promise<boolean> {
  const old = tx.selectFrom('outbox').select('id').where('done_at', 'is not', null).where('done_at', '<', now - KEEP).limit(AT_ONCE);
  const gone = await tx.deleteFrom('outbox').where('id', 'in', old).executeTakeFirst();
  return Number(gone.numDeletedRows) === AT_ONCE;
}

/** After the clock was set back, rows would wait for a moment that lies far ahead. */
export async function bringNear(tx: Tx, now: number): Promise<void> {
  await tx.updateTable('outbox').set({ next_at: now, since: now }).where('state', '=', 'waiting').where('next_at', '>', now + FARTHEST).execute();
}
