/** Online backup: a consistent copy through SQLite's own interface, checked, then put in place by rename. */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Clock, DeskProblem } from '../context.ts';

export interface BackupResult {
  /** Name inside the backup folder. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

function fsyncPath(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Opens the copy by itself, takes it out of WAL mode (one file, no companions) and checks every page. */
function checkCopy(path: string): void {
  const copy = new Sqlite(path);
  try {
    copy.pragma('journal_mode = DELETE');
    const answer = copy.pragma('integrity_check', { simple: true });
    if (answer !== 'ok') throw new Error('integrity_check');
  } finally {
    copy.close();
  }
}

/** Writes a backup of the live database. Code `BACKUP_FAILED`; nothing half-written stays behind. */
export async function backupDatabase(sqlite: Sqlite.Database, folder: string, clock: Clock, label = 'desk'): Promise<BackupResult> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stamp = new Date(clock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
  let target = join(folder, `${label}-${stamp}.sqlite`);
  for (let n = 2; existsSync(target); n++) target = join(folder, `${label}-${stamp}-${n}.sqlite`);
  const temporary = `${target}.part`;
  try {
    closeSync(openSync(temporary, 'w', 0o600));
    await sqlite.backup(temporary);
    checkCopy(temporary);
    fsyncPath(temporary);
    const sha256 = await sha256File(temporary);
    renameSync(temporary, target);
    if (process.platform !== 'win32') fsyncPath(folder);
    return { file: basename(target), bytes: statSync(target).size, sha256 };
  } catch (error) {
    rmSync(temporary, { force: true });
    rmSync(`${temporary}-journal`, { force: true });
    throw new DeskProblem('BACKUP_FAILED', 'The backup could not be written or did not pass its check; look at the free space of the backup folder', { hint: (error as NodeJS.ErrnoException).code ?? 'CHECK' });
  }
}
