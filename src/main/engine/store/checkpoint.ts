/**
 * Checkpoints in a thread of their own. Stock is written in the random order of many indexes, so that what the log holds goes to tens of
 * thousands of places of the database: a third of a second in which the engine would answer nobody. The thread has a connection of its
 * own and asks for a passive checkpoint, which waits for nobody and for which nobody waits. The log starts anew only when all of it
 * is in the database, and so the writer holds still for what was written meanwhile; the engine answers whoever only reads. Without a
 * thread, for a minute after one failed, or when it is slower than the log grows, SQLite makes checkpoints with the commit, as it always does.
 */
import { Worker } from 'node:worker_threads';
import type SqliteDatabase from 'better-sqlite3';
import type { Log } from '../context.ts';
import { besideEngine } from './beside.ts';

/** Pages of the log, and how many of them are in the database. */
export interface Checkpointed {
  readonly log: number;
  readonly checkpointed: number;
}

/** Pages of the log from which on the thread is asked, and from which on SQLite does it without. 32 and 256 MiB. */
const worthAsking = 8_192;
const bySqlite = 65_536;
/** Milliseconds without work after which the thread ends. */
const idle = 30_000;
/** Milliseconds without a thread after one failed: a disk that is full may have room again. */
const pause = 60_000;

export interface Checkpoints {
  /** Call when a transaction was committed and before the next: resolves when that may begin. */
  afterCommit(): Promise<void> | undefined;
  /** Resolves when the thread has closed its connection. */
  close(): Promise<void>;
}

/** The thread's file beside the engine that runs; undefined when that runs from its sources. */
export const checkpointFileBeside = (program: string | undefined): string | undefined => besideEngine(program, 'checkpoint-worker.cjs');

export interface CheckpointOptions {
  readonly path: string;
  readonly workerFile: string;
  readonly log: Pick<Log, 'warn'>;
  /** Pages; only for tests. */
  readonly from?: number;
  /** Milliseconds on a clock that only goes forward; only for tests. */
  readonly now?: () => number;
}

/** Takes checkpoints over from the writer's connection. */
export function checkpointBeside(sqlite: SqliteDatabase.Database, { path, workerFile, log, from = worthAsking, now = () => performance.now() }: CheckpointOptions): Checkpoints {
  const state = sqlite.prepare<[], Checkpointed>('pragma wal_checkpoint(NOOP)');
  let worker: Worker | undefined;
  let exited: Promise<unknown> = Promise.resolve();
  let answered: ((done: Checkpointed | undefined) => void) | undefined;
  let running: Promise<Checkpointed | undefined> | undefined;
  let end: NodeJS.Timeout | undefined;
  let closed = false;
  /** Set while the writer makes checkpoints because a thread failed. */
  let failedAt: number | undefined;
  sqlite.pragma(`wal_autocheckpoint = ${bySqlite}`);

  function failed(error: unknown): void {
    log.warn('the thread for checkpoints failed; the writer makes them for a minute', { error });
    failedAt = now();
    sqlite.pragma(`wal_autocheckpoint = ${worthAsking}`);
  }

  /** After the pause the log may grow again until a thread is needed, and then one is started. */
  function writerAlone(): boolean {
    if (failedAt === undefined) return false;
    if (now() - failedAt < pause) return true;
    failedAt = undefined;
    sqlite.pragma(`wal_autocheckpoint = ${bySqlite}`);
    return false;
  }

  function start(): Worker {
    const made = new Worker(workerFile, { workerData: { path }, resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 } });
    exited = new Promise((resolve) => made.once('exit', resolve));
    made.on('message', (done: Checkpointed) => answered?.(done));
    made.on('error', failed);
    made.once('exit', () => {
      if (worker === made) worker = undefined;
      answered?.(undefined);
    });
    return made;
  }

  function letGo(): void {
    worker?.postMessage('end');
    worker = undefined;
  }

  function ask(): Promise<Checkpointed | undefined> {
    clearTimeout(end);
    try {
      worker ??= start();
    } catch (error) {
      failed(error);
      return Promise.resolve(undefined);
    }
    const one = worker;
    running = new Promise<Checkpointed | undefined>((resolve) => {
      answered = resolve;
      one.postMessage('checkpoint');
    }).finally(() => {
      running = undefined;
      answered = undefined;
      end = setTimeout(letGo, idle);
      end.unref();
    });
    return running;
  }

  /** Of no importance to whoever waits for the commit, which is done. */
  function look(): Checkpointed {
    try {
      return state.get()!;
    } catch (error) {
      log.warn('the length of the log is not known', { error });
      return { log: 0, checkpointed: 0 };
    }
  }

  let rest = false;
  return {
    afterCommit() {
      if (closed || running || writerAlone()) return undefined;
      const { log: pages, checkpointed } = look();
      if (pages < from) rest = false;
      if (rest) {
        // The first pass is over; only what was written during it is left.
        rest = false;
        return pages > checkpointed ? ask().then(() => undefined) : undefined;
      }
      if (pages - checkpointed < from) return undefined;
      void ask().then((done) => {
        rest = done !== undefined;
      });
      return undefined;
    },
    async close() {
      closed = true;
      clearTimeout(end);
      await running;
      letGo();
      await exited;
    },
  };
}
