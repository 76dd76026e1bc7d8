/** Every test engine begins with a database of today's schema. It is made once a run; a test takes a copy of it. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryLog } from '../../src/main/engine/log.ts';
import { openStore } from '../../src/main/engine/store/index.ts';

const place = 'MVNE_DESK_TEST_DATABASE';

/** Before the first test; answers what removes it after the last. */
export default async function setup(): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'desk-fresh-'));
  const path = join(folder, 'desk.db');
  const store = await openStore({ path, backupFolder: join(folder, 'backups'), clock: { now: () => 0 }, log: memoryLog() });
  await store.close();
  process.env[place] = path;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** A migrated database without a workspace in it at `path`. Outside a test run there is none: the engine migrates a new one itself. */
export function copyFreshDatabase(path: string): void {
  const from = process.env[place];
  if (from !== undefined) copyFileSync(from, path);
}
