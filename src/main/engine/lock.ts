/** One engine per workspace: an operating system's lock that dies with the process, however it dies. */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { DeskProblem } from './context.ts';

export interface WorkspaceLock {
  release(): void;
}

/** Takes the lock or refuses with `WORKSPACE_IN_USE`. SQLite's file lock is the portable way to one without stale files. */
export function lockWorkspace(root: string): WorkspaceLock {
  const path = join(root, 'lock.db');
  let db: Sqlite.Database | undefined;
  try {
    closeSync(openSync(path, 'a', 0o600));
    db = new Sqlite(path, { timeout: 200 });
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('begin exclusive');
  } catch (error) {
    db?.close();
    const code = (error as { code?: string }).code ?? '';
    if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) throw new DeskProblem('WORKSPACE_IN_USE', 'Another MVNE Desk has this workspace open');
    throw new DeskProblem('WORKSPACE_UNUSABLE', 'The workspace folder cannot be written to; check its owner, permissions and free space', { hint: code });
  }
  const held = db;
  return { release: () => held.close() };
}
