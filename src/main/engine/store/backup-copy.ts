/** What a backup does to its file before that gets its name: in the thread of backup-worker.ts, and the check also without one. */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fdatasyncSync, fsyncSync, openSync } from 'node:fs';
import Sqlite from 'better-sqlite3';

/** Pages of one step, between which is looked whether to go on, and after which the disk is waited for: the engine's commits wait for it too. 4 and 16 MiB. */
const stepPages = 1_024;
const syncPages = 4_096;

/** A folder is opened to read only. */
export function fsyncPath(path: string, flags: 'r' | 'r+' = 'r+'): void {
  const fd = openSync(path, flags);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Hex. `goOn` throws when nobody wants the answer any more. */
export async function sha256File(path: string, goOn: () => void): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) {
    goOn();
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}

/**
 * Copies what the database holds at this moment, over a connection of its own. The connection keeps one view of the database from
 * the first page to the last: without it every commit of the writer would start the copy anew.
 */
export async function copyDatabase(path: string, part: string, goOn: () => void): Promise<void> {
  const source = new Sqlite(path, { readonly: true, fileMustExist: true });
  const fd = openSync(part, 'r+');
  try {
    source.pragma('query_only = ON');
    source.pragma('trusted_schema = OFF');
    source.pragma('cache_size = -1024');
    source.exec('begin');
    source.prepare('select count(*) from sqlite_schema').get();
    let synced = 0;
    await source.backup(part, {
      progress({ totalPages, remainingPages }) {
        goOn();
        const done = totalPages - remainingPages;
        // Little is left for the last step, which waits for the disk and cannot be ended.
        if (done - synced >= syncPages) {
          fdatasyncSync(fd);
          synced = done;
        }
        return stepPages;
      },
    });
    source.exec('commit');
  } finally {
    closeSync(fd);
    source.close();
  }
}

/** Takes the copy out of WAL mode (one file, no companions), then opens it to read only and checks every page. */
export function checkCopy(path: string): void {
  const copy = new Sqlite(path, { fileMustExist: true });
  try {
    copy.pragma('journal_mode = DELETE');
  } finally {
    copy.close();
  }
  const checked = new Sqlite(path, { readonly: true, fileMustExist: true });
  try {
    // Never mapped: who ends the check cuts the file off under it.
    checked.pragma('mmap_size = 0');
    checked.pragma('cache_size = -65536');
    if (checked.pragma('integrity_check(1)', { simple: true }) !== 'ok') throw new Error('integrity_check');
  } finally {
    checked.close();
  }
}
