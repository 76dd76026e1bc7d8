import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createHash } from 'node:crypto';
import Sqlite from 'better-sqlite3';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryLog } from '../../../src/main/engine/log.ts';
import { openStore, readMeta, type Store, type StoreOptions, write, writeMeta } from '../../../src/main/engine/store/index.ts';
import { migrations } from '../../../src/main/engine/store/migrate.ts';
import { testClock } from '../../support/engine.ts';

let folder: string;
let open: Store[] = [];
const options = (more: Partial<StoreOptions> = {}): StoreOptions => ({ path: join(folder, 'desk.db'), backupFolder: join(folder, 'backups'), clock: testClock(), log: memoryLog(), ...more });
const start = async (more: Partial<StoreOptions> = {}) => {
  const store = await openStore(options(more));
  open.push(store);
  return store;
};
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'desk-store-')); });
afterEach(async () => {
  for (const store of open) await store.close();
  open = [];
  rmSync(folder, { recursive: true, force: true });
});

describe('the connections', () => {
  it('are set as the policy says', async () => {
    const { sqlite } = await start();
    const pragma = (name: string) => sqlite.pragma(name, { simple: true });
    expect({ journal: pragma('journal_mode'), synchronous: pragma('synchronous'), keys: pragma('foreign_keys'), trusted: pragma('trusted_schema'), cells: pragma('cell_size_check'), busy: pragma('busy_timeout'), erase: pragma('secure_delete') })
      .toEqual({ journal: 'wal', synchronous: 2, keys: 1, trusted: 0, cells: 1, busy: 5000, erase: 1 });
  });
  it('the reader cannot write', async () => {
    const { reader } = await start();
    await expect(reader.insertInto('meta').values({ key: 'x', value: 'y' }).execute()).rejects.toThrow(/readonly|read-only/i);
  });
  it('every table is STRICT', async () => {
    const { sqlite } = await start();
    const loose = (sqlite.pragma('table_list') as { name: string; type: string; strict: number; schema: string }[]).filter((t) => t.schema === 'main' && t.type === 'table' && t.strict === 0 && !/^(sqlite_|kysely_)/.test(t.name));
    expect(loose).toEqual([]);
  });
  it('keeps statements prepared without mixing their parameters', async () => {
    const store = await start();
    for (let i = 0; i < 500; i++) await write(store, (tx) => writeMeta(tx, `k${i}`, `v${i}`));
    for (let i = 0; i < 500; i += 7) expect(await readMeta(store.reader, `k${i}`)).toBe(`v${i}`);
  });
});

describe('write', () => {
  it('is one immediate transaction, all or nothing, one after the other', async () => {
    const store = await start();
    const other = new Sqlite(join(folder, 'desk.db'), { timeout: 0 });
    await write(store, async (tx) => {
      // The lock is taken before the first change.
      expect(() => other.exec('begin immediate')).toThrow(/locked/);
      await writeMeta(tx, 'a', '1');
    });
    other.close();
    await expect(write(store, async (tx) => { await writeMeta(tx, 'b', '1'); throw new Error('no'); })).rejects.toThrow('no');
    expect([await readMeta(store.reader, 'a'), await readMeta(store.reader, 'b')]).toEqual(['1', undefined]);
    await writeMeta(store.db as never, 'n', '0');
    await Promise.all(Array.from({ length: 20 }, () => write(store, async (tx) => writeMeta(tx, 'n', String(Number(await readMeta(tx, 'n')) + 1)))));
    expect(await readMeta(store.reader, 'n')).toBe('20');
  });
  it('inside a write is refused instead of waiting for itself', async () => {
    const store = await start();
    await expect(write(store, () => write(store, async () => 1))).rejects.toThrow(/transaction/);
    await expect(write(store, async () => 2)).resolves.toBe(2);
  });
});

describe('migrations', () => {
  const next = { '0099-next': { up: async (db: never) => { await sql`create table next (a text) strict`.execute(db); } } };
  it('back up first, then run in order, and say so', async () => {
    await (await start()).close();
    const store = await start({ migrations: { ...migrations, ...next } });
    expect(store.schemaVersion).toBe('0099-next');
    expect(store.recovered.join()).toContain('0099-next');
    const files = readdirSync(join(folder, 'backups'));
    expect(files).toHaveLength(1);
    const copy = new Sqlite(join(folder, 'backups', files[0]!), { readonly: true });
    expect(copy.prepare(`select count(*) as n from sqlite_schema where name = 'next'`).get()).toEqual({ n: 0 });
    copy.close();
  });
  it('stop on failure and leave nothing half done', async () => {
    await (await start()).close();
    const broken = { '0098-half': { up: async (db: never) => { await sql`create table half (a text) strict`.execute(db); await sql`insert into nowhere values (1)`.execute(db); } } };
    await expect(openStore(options({ migrations: { ...migrations, ...broken, '0100-later': next['0099-next'] } }))).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
    const store = await start();
    expect(store.sqlite.prepare(`select count(*) as n from sqlite_schema where name in ('half', 'next')`).get()).toEqual({ n: 0 });
  });
  it('refuse a newer schema and leave it as it is', async () => {
    await (await start({ migrations: { ...migrations, ...next } })).close();
    await expect(openStore(options())).rejects.toMatchObject({ code: 'SCHEMA_NEWER' });
    expect((await start({ migrations: { ...migrations, ...next } })).schemaVersion).toBe('0099-next');
  });
});

describe('what happened last time', () => {
  it('is checked and said after a crash, and not after an orderly end', async () => {
    const first = await start();
    await write(first, (tx) => writeMeta(tx, 'kept', 'yes'));
    const crashed = mkdtempSync(join(tmpdir(), 'desk-crash-'));
    // The files as a kill would leave them: database and WAL, not closed.
    for (const name of ['desk.db', 'desk.db-wal']) copyFileSync(join(folder, name), join(crashed, name));
    const store = await openStore(options({ path: join(crashed, 'desk.db') }));
    expect(store.recovered).toEqual([expect.stringContaining('without closing')]);
    expect(await readMeta(store.reader, 'kept')).toBe('yes');
    await store.close();
    const again = await openStore(options({ path: join(crashed, 'desk.db') }));
    expect(again.recovered).toEqual([]);
    await again.close();
    rmSync(crashed, { recursive: true, force: true });
  });
  it('refuses a damaged database', async () => {
    const store = await start();
    await write(store, async (tx) => { for (let i = 0; i < 400; i++) await writeMeta(tx, `key ${i}`, 'x'.repeat(300)); });
    await store.close();
    const path = join(folder, 'desk.db');
    const bytes = readFileSync(path);
    // Not closed in order, and every page but the first is noise.
    const raw = new Sqlite(path);
    raw.exec(`update meta set value = 'running' where key = 'shutdown'`);
    raw.close();
    const damaged = readFileSync(path);
    for (let at = 4096 * 2; at < damaged.length; at += 4096) damaged.fill(0x5a, at, at + 2000);
    writeFileSync(path, damaged);
    await expect(openStore(options())).rejects.toMatchObject({ code: expect.stringMatching(/^(DATABASE_DAMAGED|SQLITE_CORRUPT)/) });
    expect(bytes.length).toBeGreaterThan(4096 * 3);
  });
});

describe('backup', () => {
  it('is one consistent file of 0600 with the hash it says, taken while others write', async () => {
    const store = await start();
    await write(store, async (tx) => { for (let i = 0; i < 3000; i++) await writeMeta(tx, `k${i}`, 'x'.repeat(200)); });
    let writing = true;
    const writer = (async () => {
      for (let i = 0; writing; i++) {
        await write(store, async (tx) => { await writeMeta(tx, 'pair.a', String(i)); await writeMeta(tx, 'pair.b', String(i)); });
        await setImmediate();
      }
    })();
    const { file, bytes, sha256 } = await store.backup();
    writing = false;
    await writer;
    const path = join(folder, 'backups', file);
    expect(statSync(path)).toMatchObject({ size: bytes });
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(sha256);
    expect(readdirSync(join(folder, 'backups'))).toEqual([file]);
    const copy = new Sqlite(path, { readonly: true });
    const value = (key: string) => (copy.prepare('select value from meta where key = ?').get(key) as { value: string } | undefined)?.value;
    expect(value('pair.a')).toBe(value('pair.b'));
    expect(value('k2999')).toBe('x'.repeat(200));
    copy.close();
    expect((await store.backup()).file).not.toBe(file);
  });
  it('that cannot be written says so and leaves nothing', async () => {
    const store = await start({ backupFolder: '/dev/null/backups' });
    await expect(store.backup()).rejects.toThrow();
    const other = await start({ path: join(folder, 'b.db'), backupFolder: join(folder, 'half') });
    other.sqlite.backup = async (name: string) => { writeFileSync(name, 'half a database'); return { totalPages: 1, remainingPages: 0 }; };
    await expect(other.backup()).rejects.toMatchObject({ code: 'BACKUP_FAILED' });
    // Opens and reads well; only the check finds that a row breaks its table's rule.
    other.sqlite.backup = async (name: string) => {
      const bad = new Sqlite(name);
      bad.unsafeMode();
      bad.exec(`create table t (a); insert into t values (null); pragma writable_schema = on; update sqlite_schema set sql = 'CREATE TABLE t (a not null)' where name = 't'`);
      bad.close();
      return { totalPages: 1, remainingPages: 0 };
    };
    await expect(other.backup()).rejects.toMatchObject({ code: 'BACKUP_FAILED' });
    expect(existsSync(join(folder, 'half')) ? readdirSync(join(folder, 'half')) : []).toEqual([]);
  });
  it('integrity names what is wrong', async () => {
    const store = await start();
    expect(store.integrity()).toEqual({ ok: true, problems: [] });
    store.sqlite.pragma('foreign_keys = OFF');
    store.sqlite.exec(`insert into profile_types (id, name, template_id, service_provider_name, profile_name, profile_class, ppr1, ppr2, notification_addresses, protection, created_at) values (1, 't', 99, '', '', 'test', 0, 0, '[]', 'session-keys', 0)`);
    expect(store.integrity()).toMatchObject({ ok: false, problems: [expect.stringContaining('profile_types')] });
  });
});
