/**
 * Online backup: a consistent copy through SQLite's own interface, checked, then put in place by rename. Copy, check and hash are made in a
 * thread of their own: the check alone holds a processor for many seconds. From the sources, and before a migration, when nobody
 * is served yet, they are made here.
 */
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { truncate } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type Sqlite from 'better-sqlite3';
import { type Clock, DeskProblem, type Log } from '../context.ts';
import { checkCopy, fsyncPath, sha256File } from './backup-copy.ts';
import { besideEngine } from './beside.ts';

export interface BackupResult {
  /** Name inside the backup folder. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What the thread is given. `ended` is not zero as soon as nobody wants the copy any more. */
export interface CopyTask {
  readonly path: string;
  readonly part: string;
  readonly ended: Int32Array<SharedArrayBuffer>;
}
/** What it says: the hash in hex, or the code of what went wrong. */
export type Copied = { readonly sha256: string } | { readonly failed: string };

export interface BackupOptions {
  readonly path: string;
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn' | 'info'>;
  /** File of the thread; without one everything is done here. */
  readonly workerFile?: string | undefined;
}

export interface Backups {
  /** Writes a backup, one after the other. Code `BACKUP_FAILED`; nothing half-written stays behind. */
  write(): Promise<BackupResult>;
  /** The backup that is written before a migration. */
  beforeMigration(): Promise<BackupResult>;
  /** Ends the backup in hand and refuses every further one; resolves when its file and its thread are gone. */
  end(): Promise<void>;
}

const partForm = /^(?:desk|before-migration)-\d{8}T\d{6}Z(?:-\d+)?\.sqlite\.part(?:-journal|-wal|-shm)?$/;

/** The thread's file beside the engine that runs; undefined when that runs from its sources. */
export const backupFileBeside = (program: string | undefined): string | undefined => besideEngine(program, 'backup-worker.cjs');

function removePart(part: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(part + suffix, { force: true });
}

/** Removes what a killed program left half-written. Only the owner of the workspace's lock may ask. */
export function removeLeftParts(folder: string, log: Pick<Log, 'warn' | 'info'>): void {
  try {
    if (!existsSync(folder)) return;
    const left = readdirSync(folder).filter((name) => partForm.test(name));
    for (const name of left) rmSync(join(folder, name), { force: true });
    if (left.length > 0) log.info('half-written backups were removed', { count: left.length });
  } catch (error) {
    log.warn('half-written backups could not be removed', { error });
  }
}

export function createBackups(sqlite: Sqlite.Database, { path, folder, clock, log, workerFile }: BackupOptions): Backups {
  const ended = new Int32Array(new SharedArrayBuffer(4));
  const goOn = (): void => {
    if (ended[0] !== 0) throw new Error('ended');
  };
  let last: Promise<unknown> = Promise.resolve();
  let inThread: string | undefined;

  async function copyHere(part: string): Promise<Copied> {
    await sqlite.backup(part, { progress: () => (goOn(), 100) });
    checkCopy(part);
    fsyncPath(part);
    return { sha256: await sha256File(part, goOn) };
  }

  /** Resolves when the thread is gone, so that nobody holds the file any more. */
  async function copyInThread(part: string, file: string): Promise<Copied> {
    let copied: Copied = { failed: 'THREAD' };
    const worker = new Worker(file, { workerData: { path, part, ended } satisfies CopyTask, resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 } });
    inThread = part;
    try {
      await new Promise<void>((resolve) => {
        worker.on('message', (said: Copied) => {
          copied = said;
        });
        worker.on('error', (error) => {
          copied = { failed: 'THREAD' };
          log.warn('the thread for backups failed', { error });
        });
        worker.once('exit', () => resolve());
      });
    } finally {
      inThread = undefined;
    }
    return copied;
  }

  async function backUp(label: string, file: string | undefined): Promise<BackupResult> {
    const stamp = new Date(clock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
    let part: string | undefined;
    let hint: string;
    try {
      goOn();
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      let target = join(folder, `${label}-${stamp}.sqlite`);
      for (let n = 2; existsSync(target); n++) target = join(folder, `${label}-${stamp}-${n}.sqlite`);
      part = `${target}.part`;
      closeSync(openSync(part, 'w', 0o600));
      const copied = await (file === undefined ? copyHere(part) : copyInThread(part, file));
      goOn();
      if ('sha256' in copied) {
        renameSync(part, target);
        if (process.platform !== 'win32') fsyncPath(folder, 'r');
        return { file: basename(target), bytes: statSync(target).size, sha256: copied.sha256 };
      }
      hint = copied.failed;
    } catch (error) {
      hint = (error as NodeJS.ErrnoException).code ?? 'CHECK';
    }
    if (part !== undefined) removePart(part);
    if (ended[0] !== 0) throw new DeskProblem('BACKUP_FAILED', 'The program is ending: the backup was given up and nothing of it is kept. Ask again after the next start', { hint: 'ENDED' });
    throw new DeskProblem('BACKUP_FAILED', 'The backup could not be written or did not pass its check; look at the free space of the backup folder', { hint });
  }

  function inTurn(label: string, file: string | undefined): Promise<BackupResult> {
    const one = last.then(() => backUp(label, file));
    last = one.catch(() => undefined);
    return one;
  }

  return {
    // A build without the thread's file still makes its backups.
    write: () => inTurn('desk', workerFile !== undefined && existsSync(workerFile) ? workerFile : undefined),
    beforeMigration: () => inTurn('before-migration', undefined),
    async end() {
      Atomics.store(ended, 0, 1);
      // Copy and hash look at the flag. The check is one call of SQLite that looks at nothing: a file that ends too early ends it.
      const part = inThread;
      if (part !== undefined) await truncate(part, 0).catch((error: unknown) => log.warn('the check of a backup could not be cut off', { error }));
      await last;
    },
  };
}
