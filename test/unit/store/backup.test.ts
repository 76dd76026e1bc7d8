import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backupFileBeside, createBackups } from '../../../src/main/engine/store/backup.ts';
import { checkCopy, copyDatabase } from '../../../src/main/engine/store/backup-copy.ts';
import { openStore, write, writeMeta } from '../../../src/main/engine/store/index.ts';
import { memoryLog } from '../../../src/main/engine/log.ts';

const workerFile = join(import.meta.dirname, '../../../src/main/engine/store/backup-worker.ts');
let folder: string;
let backups: string;
let path: string;
let sqlite: Sqlite.Database;
let warned: string[];
const log = { warn: (text: string) => void warned.push(text), info: () => undefined };
const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5) };
const name = 'desk-20260102T030405Z.sqlite';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'desk-backup-'));
  backups = join(folder, 'backups');
  path = join(folder, 'desk.db');
  sqlite = new Sqlite(path);
  sqlite.pragma('journal_mode = WAL');
  sqlite.pragma('synchronous = OFF');
  sqlite.exec('create table t (id integer primary key, a integer not null, b integer not null, filler blob, look text); create index t_look on t (look)');
  warned = [];
});
afterEach(() => {
  sqlite.close();
  rmSync(folder, { recursive: true, force: true });
});

const put = (rows: number): void => void sqlite.prepare(`insert into t (a, b, filler, look) select i, i, zeroblob(1000), hex(randomblob(16)) from (with recursive n(i) as (select 1 union all select i + 1 from n where i < ?) select i from n)`).run(rows);
const create = (file: string | undefined = workerFile) => createBackups(sqlite, { path, folder: backups, clock, log, workerFile: file });
const left = (): string[] => (existsSync(backups) ? readdirSync(backups) : []);
const part = join('backups', `${name}.part`);
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setImmediate();
}

describe('a backup in a thread', () => {
  it('is one consistent file of 0600 with the hash it says, and the writer goes on meanwhile', async () => {
    put(20_000);
    let commits = 0;
    let writing = true;
    const change = sqlite.prepare('update t set a = a + 1, b = b + 1 where id % 97 = ?');
    const writer = (async () => {
      for (; writing; commits++) {
        change.run(commits % 97);
        await setImmediate();
      }
    })();
    const { file, bytes, sha256 } = await create().write();
    writing = false;
    await writer;
    expect(file).toBe(name);
    const copy = join(backups, file);
    expect(createHash('sha256').update(readFileSync(copy)).digest('hex')).toBe(sha256);
    expect(statSync(copy).size).toBe(bytes);
    if (process.platform !== 'win32') expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(left()).toEqual([name]);
    // More than a copy that starts anew with every commit would ever end under.
    expect(commits).toBeGreaterThan(3);
    const read = new Sqlite(copy, { readonly: true });
    expect(read.prepare('select count(*) as n, sum(a <> b) as torn from t').get()).toEqual({ n: 20_000, torn: 0 });
    expect(read.pragma('journal_mode', { simple: true })).toBe('delete');
    read.close();
    expect(warned).toEqual([]);
  });

  it('is what the database held at its first page, whatever is committed between its steps', async () => {
    put(6_000);
    const copy = join(folder, 'copy.sqlite');
    writeFileSync(copy, '');
    const sum = (db: Sqlite.Database): unknown => db.prepare('select sum(a) from t').pluck().get();
    const before = sum(sqlite);
    let steps = 0;
    await copyDatabase(path, copy, () => {
      // Ends at some time, so that a copy that starts anew ends too.
      if (steps++ < 5) sqlite.exec('update t set a = a + 1, b = b + 1');
    });
    expect(steps).toBeGreaterThan(1);
    checkCopy(copy);
    const read = new Sqlite(copy, { readonly: true });
    expect(sum(read)).toBe(before);
    read.close();
    expect(sum(sqlite)).not.toBe(before);
  });

  it('does not pass its check when a page is damaged', async () => {
    put(200);
    // Opens and reads well; only the check finds that a row breaks its table's rule.
    sqlite.exec(`create table bad (a); insert into bad values (null)`);
    sqlite.unsafeMode();
    sqlite.exec(`pragma writable_schema = on; update sqlite_schema set sql = 'CREATE TABLE bad (a not null)' where name = 'bad'`);
    await expect(create().write()).rejects.toMatchObject({ code: 'BACKUP_FAILED', hint: 'CHECK' });
    expect(left()).toEqual([]);
  });

  it('whose thread dies says so, leaves nothing, and the next one works', async () => {
    put(200);
    const broken = join(folder, 'broken.cjs');
    for (const text of [`throw new Error('no thread')`, `process.exit(3)`, `new Promise(() => undefined)`]) {
      writeFileSync(broken, text);
      await expect(create(broken).write()).rejects.toMatchObject({ code: 'BACKUP_FAILED', hint: 'THREAD' });
      expect(left()).toEqual([]);
    }
    expect(warned).toHaveLength(1);
    expect((await create().write()).file).toBe(name);
  });

  it('of a database that cannot be read says so and leaves nothing', async () => {
    const elsewhere = createBackups(sqlite, { path: join(folder, 'gone.db'), folder: backups, clock, log, workerFile });
    await expect(elsewhere.write()).rejects.toMatchObject({ code: 'BACKUP_FAILED', hint: 'SQLITE_CANTOPEN' });
    expect(left()).toEqual([]);
  });

  it('waits for the one before it, also within one second', async () => {
    put(2_000);
    const two = create();
    const files = await Promise.all([two.write(), two.write()]);
    expect(files.map((one) => one.file)).toEqual([name, name.replace('Z', 'Z-2')]);
  });

  it('is made in this thread when the build has no such file', async () => {
    put(200);
    expect((await create(join(folder, 'missing.cjs')).write()).file).toBe(name);
    expect(backupFileBeside('/opt/desk/out/main/engine.cjs')).toBe(join('/opt/desk/out/main', 'backup-worker.cjs'));
    expect(backupFileBeside('/src/main/engine.ts')).toBeUndefined();
  });
});

describe('the end of the program', () => {
  const refused = { code: 'BACKUP_FAILED', hint: 'ENDED' };
  it('gives up a copy in hand, and whatever waits behind it', async () => {
    put(60_000);
    const all = create();
    const first = expect(all.write()).rejects.toMatchObject(refused);
    const second = expect(all.write()).rejects.toMatchObject(refused);
    await until(() => existsSync(join(folder, part)) && statSync(join(folder, part)).size > 0);
    await all.end();
    await first;
    await second;
    await expect(all.write()).rejects.toMatchObject(refused);
    expect(left()).toEqual([]);
    // Nobody but the writer has the database open: closing it leaves one file.
    sqlite.close();
    expect(readdirSync(folder).sort()).toEqual(['backups', 'desk.db']);
    sqlite = new Sqlite(path);
  });

  it('gives up a backup whose thread has not begun', async () => {
    put(200);
    const all = create();
    const one = expect(all.write()).rejects.toMatchObject(refused);
    await until(() => existsSync(join(folder, part)));
    await all.end();
    await one;
    expect(left()).toEqual([]);
  });

  it('cuts off the check of a copy, which would look at nothing else', async () => {
    // The thread stands in a check that reads page after page for as long as the file holds what it should.
    const checking = join(folder, 'checking.cjs');
    writeFileSync(checking, `
      const { parentPort, workerData } = require('node:worker_threads');
      const Sqlite = require(${JSON.stringify(join(import.meta.dirname, '../../../node_modules/better-sqlite3'))});
      require('node:fs').copyFileSync(workerData.path, workerData.part);
      for (;;) {
        const db = new Sqlite(workerData.part, { readonly: true });
        let answer;
        try { answer = db.pragma('integrity_check(1)', { simple: true }); } catch { answer = 'failed'; }
        const tables = (() => { try { return db.prepare('select count(*) as n from sqlite_schema').get().n; } catch { return 0; } })();
        db.close();
        if (answer !== 'ok' || tables === 0) break;
      }
      parentPort.postMessage({ failed: 'CHECK' });
    `);
    put(2_000);
    sqlite.pragma('wal_checkpoint(TRUNCATE)');
    const all = create(checking);
    const one = expect(all.write()).rejects.toMatchObject(refused);
    await until(() => existsSync(join(folder, part)) && statSync(join(folder, part)).size > 0);
    await all.end();
    await one;
    expect(left()).toEqual([]);
  });

  it('finds a copy that was cut off damaged, not sound', () => {
    put(2_000);
    sqlite.pragma('wal_checkpoint(TRUNCATE)');
    const copy = join(folder, 'copy.sqlite');
    writeFileSync(copy, readFileSync(path));
    checkCopy(copy);
    writeFileSync(copy, readFileSync(path).subarray(0, 4096 * 20));
    expect(() => checkCopy(copy)).toThrow();
  });

  it('also gives up a backup that is made without a thread', async () => {
    put(20_000);
    const all = createBackups(sqlite, { path, folder: backups, clock, log });
    const one = expect(all.write()).rejects.toMatchObject(refused);
    await until(() => existsSync(join(folder, part)));
    await all.end();
    await one;
    expect(left()).toEqual([]);
  });
});

describe('a store', () => {
  it('removes at its start what a kill left half-written, and nothing else', async () => {
    mkdirSync(backups);
    const kept = [name, 'before-migration-20260102T030405Z.sqlite', 'my own.sqlite.part', 'notes.txt'];
    const half = ['', '-journal', '-wal', '-shm'].map((suffix) => `desk-20260102T030405Z-2.sqlite.part${suffix}`).concat('before-migration-20260102T030406Z.sqlite.part');
    for (const file of [...kept, ...half]) writeFileSync(join(backups, file), 'x');
    const store = await openStore({ path: join(folder, 'b.db'), backupFolder: backups, clock, log: memoryLog() });
    expect(left().sort()).toEqual([...kept].sort());
    await store.close();
  });

  it('closes in order while a backup runs', async () => {
    const options = { path: join(folder, 'b.db'), backupFolder: backups, clock, log: memoryLog(), backupWorker: workerFile };
    const store = await openStore(options);
    await write(store, async (tx) => { for (let n = 0; n < 5_000; n++) await writeMeta(tx, `k${n}`, 'x'.repeat(1_000)); });
    const one = expect(store.backup()).rejects.toMatchObject({ code: 'BACKUP_FAILED' });
    await until(() => left().length > 0);
    await store.close();
    await one;
    expect(left()).toEqual([]);
    expect(readdirSync(folder)).not.toContain('b.db-wal');
    const again = await openStore(options);
    expect(again.recovered).toEqual([]);
    await again.close();
  });
});
