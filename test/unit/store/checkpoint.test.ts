import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkpointBeside, checkpointFileBeside } from '../../../src/main/engine/store/checkpoint.ts';

const workerFile = join(import.meta.dirname, '../../../src/main/engine/store/checkpoint-worker.ts');
let folder: string;
let path: string;
let sqlite: Sqlite.Database;
let warned: string[];
const log = { warn: (text: string) => void warned.push(text) };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'desk-checkpoint-'));
  path = join(folder, 'desk.db');
  sqlite = new Sqlite(path);
  sqlite.pragma('journal_mode = WAL');
  sqlite.pragma('wal_autocheckpoint = 8192');
  sqlite.exec('create table t (id integer primary key, filler blob)');
  warned = [];
});
afterEach(() => {
  sqlite.close();
  rmSync(folder, { recursive: true, force: true });
});

const length = (): { log: number; checkpointed: number } => sqlite.prepare('pragma wal_checkpoint(NOOP)').get() as never;
const put = (rows: number): void => void sqlite.prepare(`insert into t (filler) select zeroblob(4000) from (with recursive n(i) as (select 1 union all select i + 1 from n where i < ?) select i from n)`).run(rows);
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((next) => setTimeout(next, 5));
}

describe('checkpoints beside the writer', () => {
  it('bring the log into the database, and the log starts anew while the writer goes on', async () => {
    const checkpoints = checkpointBeside(sqlite, { path, workerFile, log, from: 100 });
    expect(sqlite.pragma('wal_autocheckpoint', { simple: true })).toBe(65_536);
    let longest = 0;
    let restarts = 0;
    for (let n = 0, before = 0; n < 600 || restarts < 2; n++) {
      put(10);
      const { log: pages } = length();
      if (pages < before) restarts++;
      before = pages;
      longest = Math.max(longest, pages);
      await checkpoints.afterCommit();
      await new Promise((next) => setImmediate(next));
    }
    const rows = sqlite.prepare('select count(*) from t').pluck().get() as number;
    await checkpoints.close();
    expect(sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
    sqlite.close();
    sqlite = new Sqlite(path);
    expect(sqlite.prepare('select count(*) from t').pluck().get()).toBe(rows);
    expect(longest).toBeLessThan(60_000);
    expect(warned).toEqual([]);
  });

  it('leave a short log alone', async () => {
    const checkpoints = checkpointBeside(sqlite, { path, workerFile, log, from: 1_000 });
    put(20);
    expect(checkpoints.afterCommit()).toBeUndefined();
    await checkpoints.close();
    expect(length().checkpointed).toBe(0);
  });

  it('do not take what a reader still looks at from under it, and wait for nobody', async () => {
    const reader = new Sqlite(path, { readonly: true });
    put(10);
    const looking = reader.prepare('select id from t').iterate();
    looking.next();
    const checkpoints = checkpointBeside(sqlite, { path, workerFile, log, from: 50 });
    put(200);
    await checkpoints.afterCommit();
    put(200);
    await until(() => length().checkpointed > 0);
    await checkpoints.afterCommit();
    expect([...looking]).toHaveLength(9);
    reader.close();
    await checkpoints.close();
    expect(sqlite.prepare('select count(*) from t').pluck().get()).toBe(410);
  });

  it('are made by the writer again when the thread cannot', async () => {
    const broken = join(folder, 'broken.cjs');
    writeFileSync(broken, `throw new Error('no thread')`);
    const checkpoints = checkpointBeside(sqlite, { path, workerFile: broken, log, from: 10 });
    put(50);
    checkpoints.afterCommit();
    await until(() => warned.length > 0);
    expect(sqlite.pragma('wal_autocheckpoint', { simple: true })).toBe(8_192);
    put(50);
    expect(checkpoints.afterCommit()).toBeUndefined();
    await checkpoints.close();
  });

  it('are made in a thread again a minute after one died, and by the writer until then', async () => {
    const flaky = join(folder, 'flaky.cjs');
    writeFileSync(flaky, `throw new Error('no room')`);
    let at = 0;
    const checkpoints = checkpointBeside(sqlite, { path, workerFile: flaky, log, from: 10, now: () => at });
    const autocheckpoint = (): unknown => sqlite.pragma('wal_autocheckpoint', { simple: true });
    put(50);
    void checkpoints.afterCommit();
    await until(() => warned.length === 1 && autocheckpoint() === 8_192);
    // There is room again, but nobody looks before the pause is over.
    writeFileSync(flaky, `require(${JSON.stringify(workerFile)})`);
    at = 59_999;
    put(50);
    expect(checkpoints.afterCommit()).toBeUndefined();
    expect([autocheckpoint(), length().checkpointed]).toEqual([8_192, 0]);
    at = 60_000;
    put(50);
    await until(() => {
      void checkpoints.afterCommit();
      return length().checkpointed > 0;
    });
    expect(autocheckpoint()).toBe(65_536);
    expect(warned).toHaveLength(1);
    await checkpoints.close();
  });

  it('stand beside the built engine only', () => {
    expect(checkpointFileBeside('/opt/desk/out/main/engine.cjs')).toBe(join('/opt/desk/out/main', 'checkpoint-worker.cjs'));
    expect(checkpointFileBeside('/src/main/engine.ts')).toBeUndefined();
    expect(checkpointFileBeside(undefined)).toBeUndefined();
  });
});
