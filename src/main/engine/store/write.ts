/**
 * Transactions of the one writer. What waits for the writer at the same moment shares one transaction and one fsync, each
 * `write` under a savepoint of its own: it stays whole or leaves nothing, and nobody hears of success before the commit is on
 * disk.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers';
import type SqliteDatabase from 'better-sqlite3';
import type { Kysely } from 'kysely';
import type { Tx } from '../context.ts';
import type { Checkpoints } from './checkpoint.ts';
import { kept } from './kept.ts';
import { endDirectUse, useDirectly } from './prepared.ts';
import type { Database } from './schema.ts';
import { forgetTaken, notedSoFar, tellTaken } from './taken-numbers.ts';

interface Waiting {
  readonly fn: (tx: Tx) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Writer {
  readonly sqlite: SqliteDatabase.Database;
  readonly checkpoints: Checkpoints | undefined;
  waiting: Waiting[];
  running: Promise<void> | undefined;
}

const SHARED = 32;
const writers = new WeakMap<object, Writer>();
const writing = new AsyncLocalStorage<true>();

/** Makes `db`, on the writer's connection, known to {@link write}. */
export function registerWriter(db: Kysely<Database>, sqlite: SqliteDatabase.Database, checkpoints?: Checkpoints): void {
  writers.set(db, { sqlite, checkpoints, waiting: [], running: undefined });
}

/**
 * One immediate transaction on the writer; commits when `fn` resolves, rolls back when it throws. Inside it only calls on `tx`
 * are awaited. A `write` inside a `write` would wait for itself for ever, so it is refused.
 */
export function write<T>(ctx: { readonly db: Kysely<Database> }, fn: (tx: Tx) => Promise<T>): Promise<T> {
  if (writing.getStore()) throw new Error('write() inside a transaction: pass the transaction on instead');
  const writer = writers.get(ctx.db);
  if (!writer) return ctx.db.transaction().execute((tx) => writing.run(true, () => fn(tx)));
  return new Promise<T>((resolve, reject) => {
    writer.waiting.push({ fn, resolve: resolve as (value: unknown) => void, reject });
    writer.running ??= drain(ctx.db, writer);
  });
}

/** Starts what goes on after the transaction in hand, such as a job: it will want transactions of its own. */
export function outsideWrite<T>(fn: () => T): T {
  return writing.exit(fn);
}

/** Resolves when nothing waits for the writer. */
export async function writesDone(db: Kysely<Database>): Promise<void> {
  const writer = writers.get(db);
  while (writer?.running) await writer.running;
}

async function drain(db: Kysely<Database>, writer: Writer): Promise<void> {
  do {
    // Requests that came in the same turn of the event loop join; an idle writer waits for nobody else.
    await new Promise((next) => setImmediate(next));
    await commitTogether(db, writer, writer.waiting.splice(0, SHARED));
    await writer.checkpoints?.afterCommit();
  } while (writer.waiting.length > 0);
  writer.running = undefined;
}

async function commitTogether(db: Kysely<Database>, writer: Writer, group: readonly Waiting[]): Promise<void> {
  const alone = group.length === 1;
  const done: (() => void)[] = [];
  const undone = new Set(group);
  try {
    await db.transaction().execute(async (tx) => {
      useDirectly(tx, writer.sqlite);
      try {
        for (const one of group) {
          const value = await (alone ? writing.run(true, () => one.fn(tx)) : underSavepoint(tx, writer, one, undone));
          if (value !== refused) done.push(() => one.resolve(value));
        }
      } finally {
        endDirectUse(tx);
      }
    });
  } catch (error) {
    forgetTaken(writer.sqlite, 0);
    // The commit failed, or SQLite gave the whole transaction up: nothing of it is in the database.
    for (const one of undone) one.reject(error);
    return;
  }
  await tellTaken(writer.sqlite);
  for (const tell of done) tell();
}

const refused = Symbol('refused');

async function underSavepoint(tx: Tx, { sqlite }: Writer, one: Waiting, undone: Set<Waiting>): Promise<unknown> {
  kept(sqlite, 'savepoint one').run();
  const noted = notedSoFar(sqlite);
  try {
    const value = await writing.run(true, () => one.fn(tx));
    kept(sqlite, 'release one').run();
    return value;
  } catch (error) {
    // A full disk ends the whole transaction by itself; then there is no savepoint to return to, and the others fail with it.
    if (!sqlite.inTransaction) throw error;
    kept(sqlite, 'rollback to one').run();
    kept(sqlite, 'release one').run();
    forgetTaken(sqlite, noted);
    undone.delete(one);
    one.reject(error);
    return refused;
  }
}
