/**
 * Sessions nobody vouches for: initiateAuthentication takes no proof, so a stranger may open as many as the listener lets
 * through. Of one address only the newest stay open, and of all that no eUICC ever proved itself in only the newest stay at all.
 */
import type { EngineContext, Tx } from '../context.ts';
import { prepared } from '../store/index.ts';

const ADDRESSES = 10_000;
/** Rows kept of sessions without an eUICC, and how often (in new sessions) their number is looked at. */
const KEEP_UNPROVEN = 20_000;
const LOOK_EVERY = 256;

interface Opened { readonly transactionId: string; readonly until: number }
interface Book { readonly addresses: Map<string, Opened[]>; opened: number }
const books = new WeakMap<object, Book>();

const close = prepared((db, p: { id: string }) => db.updateTable('sessions').set({ phase: 'expired' }).where('transaction_id', '=', p.id).where('phase', '=', 'initiated'));

/** Notes a session that was opened, in the transaction that opens it; the oldest of its address that is one too many ends. */
export async function noteOpened(tx: Tx, ctx: EngineContext, opened: Opened & { readonly network: string }, keep = KEEP_UNPROVEN): Promise<void> {
  let book = books.get(ctx.db);
  if (!book) books.set(ctx.db, book = { addresses: new Map(), opened: 0 });
  const now = ctx.clock.now();
  const own = (book.addresses.get(opened.network) ?? []).filter((one) => one.until > now);
  own.push({ transactionId: opened.transactionId, until: opened.until });
  book.addresses.delete(opened.network);
  if (book.addresses.size >= ADDRESSES) book.addresses.delete(book.addresses.keys().next().value!);
  book.addresses.set(opened.network, own);
  while (own.length > ctx.settings().limits.openSessionsPerAddress) await close.run(tx, { id: own.shift()!.transactionId });
  book.opened += 1;
  if (book.opened % LOOK_EVERY === 0) await dropUnproven(tx, keep);
}

/** Sessions without an eUICC beyond the newest `keep` go, with their steps and messages. */
export async function dropUnproven(tx: Tx, keep: number): Promise<void> {
  const last = await tx.selectFrom('sessions').select(['started_at', 'transaction_id']).where('eid', 'is', null)
    .orderBy('started_at', 'desc').orderBy('transaction_id', 'desc').limit(1).offset(keep).executeTakeFirst();
  if (!last) return;
  const going = await tx.selectFrom('sessions').select('transaction_id').where('eid', 'is', null).where('started_at', '<=', last.started_at)
    .orderBy('started_at').limit(4 * LOOK_EVERY).execute();
  const ids = going.map((row) => row.transaction_id);
  for (const table of ['session_messages', 'session_steps', 'sessions'] as const) await tx.deleteFrom(table).where('transaction_id', 'in', ids).execute();
}
