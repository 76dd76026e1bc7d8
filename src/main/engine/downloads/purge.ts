/** Old sessions go: what a person could still want to look at stays, and what a late result needs. */
import type { EngineContext, Tx } from '../context.ts';
import { prepared, write } from '../store/index.ts';

const DAY = 86_400_000;
/** Sessions looked at in one piece, and pieces in one call: the chores of the engine come often. */
const PIECE = 200;
const PIECES = 25;
/** After all were looked at, there is nothing new for a while. */
const REST = 3_600_000;

interface Position { startedAt: number; transactionId: string; restUntil: number }
const positions = new WeakMap<object, Position>();

const old = prepared((db, p: { before: number; startedAt: number; transactionId: string; limit: number }) => db.selectFrom('sessions as s').leftJoin('orders as o', 'o.id', 's.order_id').select([
  's.transaction_id as transactionId', 's.started_at as startedAt', 's.updated_at as updatedAt', 's.order_id as orderId', 'o.closed_at as closedAt',
]).where((e) => e.and([e('s.started_at', '<', p.before), e('s.started_at', '>=', p.startedAt), e.or([e('s.started_at', '>', p.startedAt), e.and([e('s.started_at', '=', p.startedAt), e('s.transaction_id', '>', p.transactionId)])])]))
  .orderBy('s.started_at').orderBy('s.transaction_id').limit(p.limit));
type Old = Awaited<ReturnType<typeof old.all>>[number];

const delivering = prepared((db, p: { id: string }) => db.selectFrom('sessions as s').innerJoin('session_steps as t', 't.transaction_id', 's.transaction_id')
  .select(['s.transaction_id', 's.order_id', 's.profile_id', 's.eid', 's.euicc_public_key', 's.euicc_certificate', 's.dppb_id', 't.at as delivered_at'])
  .where('s.transaction_id', '=', p.id).where('t.function', '=', 'getBoundProfilePackage').where('t.code', 'is', null).orderBy('t.id').limit(1));
const dropMessages = prepared((db, p: { id: string }) => db.deleteFrom('session_messages').where('transaction_id', '=', p.id));
const dropSteps = prepared((db, p: { id: string }) => db.deleteFrom('session_steps').where('transaction_id', '=', p.id));
const dropSession = prepared((db, p: { id: string }) => db.deleteFrom('sessions').where('transaction_id', '=', p.id));

/** An order that is open may still be downloaded, or waits for its result. */
const goes = (row: Old, before: number): boolean => row.updatedAt < before && (row.orderId === null || row.closedAt !== null);

/**
 * Removes sessions with their steps and messages that are older than the setting `sessionKeepDays`, but for those of open
 * orders. Of a session that delivered a package stays who got it and the key its result would be signed with, so that a result
 * that comes years later can still be believed. Answers how many went; a call does a bounded piece of the work and the next goes
 * on from there.
 */
export async function purgeSessions(ctx: EngineContext): Promise<number> {
  const now = ctx.clock.now();
  const position = positions.get(ctx.db) ?? { startedAt: -1, transactionId: '', restUntil: 0 };
  positions.set(ctx.db, position);
  if (position.restUntil > now && position.restUntil - now <= REST) return 0;
  const before = now - ctx.settings().sessionKeepDays * DAY;
  let gone = 0;
  for (let piece = 0; piece < PIECES; piece++) {
    const rows = await old.all(ctx.reader, { before, startedAt: position.startedAt, transactionId: position.transactionId, limit: PIECE });
    const going = rows.filter((row) => goes(row, before));
    if (going.length > 0) await write(ctx, async (tx) => {
      for (const { transactionId } of going) await purge(tx, transactionId);
    });
    gone += going.length;
    const last = rows.at(-1);
    if (rows.length < PIECE || !last) {
      Object.assign(position, { startedAt: -1, transactionId: '', restUntil: now + REST });
      break;
    }
    Object.assign(position, { startedAt: last.startedAt, transactionId: last.transactionId });
  }
  if (gone > 0) ctx.changed('sessions');
  return gone;
}

async function purge(tx: Tx, id: string): Promise<void> {
  const row = await delivering.one(tx, { id });
  if (row && row.order_id !== null && row.profile_id !== null && row.eid !== null && row.euicc_public_key !== null && row.euicc_certificate !== null) {
    await tx.insertInto('past_deliveries').values({
      transaction_id: row.transaction_id, order_id: row.order_id, profile_id: row.profile_id, eid: row.eid, euicc_public_key: row.euicc_public_key,
      euicc_certificate: row.euicc_certificate, dppb_id: row.dppb_id, delivered_at: row.delivered_at,
    }).onConflict((conflict) => conflict.column('transaction_id').doNothing()).execute();
  }
  await dropMessages.run(tx, { id });
  await dropSteps.run(tx, { id });
  await dropSession.run(tx, { id });
}
