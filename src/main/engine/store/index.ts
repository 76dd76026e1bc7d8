/** The workspace's database: one writer, one read-only connection, migrations, backup, integrity. */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Kysely } from 'kysely';
import { type Clock, DeskProblem, type Log, type Reader, type Tx } from '../context.ts';
import { type BackupResult, createBackups, removeLeftParts } from './backup.ts';
import { checkpointBeside } from './checkpoint.ts';
import { kyselyOn } from './dialect.ts';
import { migrate, migrations } from './migrate.ts';
import { prepared, useDirectly } from './prepared.ts';
import type { Database } from './schema.ts';
import { registerWriter, writesDone } from './write.ts';

export { backupFileBeside, type BackupResult } from './backup.ts';
export { checkpointFileBeside } from './checkpoint.ts';
export { prepared, preparedChange, preparedInsert } from './prepared.ts';
export type { Database } from './schema.ts';
export { outsideWrite, write } from './write.ts';

export interface Store {
  readonly db: Kysely<Database>;
  readonly reader: Reader;
  readonly sqlite: Sqlite.Database;
  readonly schemaVersion: string;
  /** True when this call created the database. */
  readonly created: boolean;
  /** What opening had to repair or change, in sentences. */
  readonly recovered: string[];
  /** Code `BACKUP_FAILED`. */
  backup(): Promise<BackupResult>;
  /** First step of an orderly end: gives the backup in hand up and refuses further ones. */
  endBackups(): Promise<void>;
  /** Checks pages, indexes and foreign keys of the whole database; `ok` or what is wrong. */
  integrity(): { ok: boolean; problems: string[] };
  /** Closes both connections and marks the shutdown as clean. */
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly path: string;
  readonly backupFolder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** File of the thread for checkpoints; without one the writer makes them. */
  readonly checkpointWorker?: string | undefined;
  /** File of the thread for backups; without one they are made in this thread. */
  readonly backupWorker?: string | undefined;
  /** Only for tests of the migration runner. */
  readonly migrations?: typeof migrations;
}

function configure(sqlite: Sqlite.Database): void {
  sqlite.pragma('journal_mode = WAL');
  sqlite.pragma('synchronous = FULL');
  sqlite.pragma('foreign_keys = ON');
  sqlite.pragma('trusted_schema = OFF');
  sqlite.pragma('cell_size_check = ON');
  sqlite.pragma('busy_timeout = 5000');
  // Sealed secrets lie in these pages: what is deleted is overwritten.
  sqlite.pragma('secure_delete = ON');
  sqlite.pragma('cache_size = -65536');
  sqlite.pragma('mmap_size = 268435456');
  sqlite.pragma('temp_store = MEMORY');
  // Fewer, larger checkpoints: stock is loaded in random order of eight indexes.
  sqlite.pragma('wal_autocheckpoint = 8192');
  sqlite.pragma('journal_size_limit = 67108864');
}

function openConnection(path: string, readonly: boolean): Sqlite.Database {
  try {
    return new Sqlite(path, { readonly });
  } catch {
    throw new DeskProblem('DATABASE_UNREADABLE', 'The workspace database cannot be opened; check the permissions of the workspace folder');
  }
}

/** Opens (or creates) the database. Codes: `DATABASE_UNREADABLE`, `DATABASE_DAMAGED`, `SCHEMA_NEWER`, `MIGRATION_FAILED`, `BACKUP_FAILED`. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { path, backupFolder, clock, log } = options;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const created = !existsSync(path);
  // Born 0600: SQLite gives WAL and shared memory files the rights of the database file.
  if (created) closeSync(openSync(path, 'w', 0o600));
  else if (process.platform !== 'win32') chmodSync(path, 0o600);
  const recovered: string[] = [];
  const sqlite = openConnection(path, false);
  const db = kyselyOn(sqlite);
  const backups = createBackups(sqlite, { path, folder: backupFolder, clock, log, workerFile: options.backupWorker });
  removeLeftParts(backupFolder, log);
  try {
    configureChecked(sqlite);
    if (!created && !wasClean(sqlite)) {
      const answer = sqlite.pragma('quick_check', { simple: true });
      if (answer !== 'ok') throw damaged();
      recovered.push('The program ended without closing the database; it was checked and is sound');
      log.warn('database was not closed cleanly and passed its check');
    }
    const { schema, ran } = await migrate(db, () => backups.beforeMigration(), options.migrations);
    if (ran.length > 0 && !created) recovered.push(`The database was brought to schema ${schema}; a backup was written before`);
    sqlite.prepare(`insert into meta (key, value) values ('shutdown', 'running') on conflict (key) do update set value = excluded.value`).run();
    const readSqlite = openConnection(path, true);
    readSqlite.pragma('query_only = ON');
    readSqlite.pragma('trusted_schema = OFF');
    readSqlite.pragma('cell_size_check = ON');
    readSqlite.pragma('busy_timeout = 5000');
    readSqlite.pragma('cache_size = -65536');
    readSqlite.pragma('mmap_size = 268435456');
    const reader = kyselyOn(readSqlite);
    useDirectly(reader, readSqlite);
    const checkpoints = options.checkpointWorker === undefined ? undefined : checkpointBeside(sqlite, { path, workerFile: options.checkpointWorker, log });
    registerWriter(db, sqlite, checkpoints);
    let closed = false;
    return {
      db, reader, sqlite, schemaVersion: schema, created, recovered,
      backup: () => backups.write(),
      endBackups: () => backups.end(),
      integrity() {
        const pages = sqlite.pragma('integrity_check') as { integrity_check: string }[];
        const keys = sqlite.pragma('foreign_key_check') as { table: string }[];
        const problems = [...pages.map((p) => p.integrity_check).filter((p) => p !== 'ok'), ...keys.map((k) => `a row of ${k.table} refers to one that is missing`)];
        return { ok: problems.length === 0, problems };
      },
      async close() {
        if (closed) return;
        closed = true;
        await backups.end();
        await writesDone(db);
        await checkpoints?.close();
        // Waits for the transaction in hand: Kysely gives the one connection out in turn.
        await db.connection().execute(async () => {
          sqlite.prepare(`update meta set value = 'clean' where key = 'shutdown'`).run();
        });
        readSqlite.close();
        sqlite.close();
      },
    };
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

const damaged = (): DeskProblem => new DeskProblem('DATABASE_DAMAGED', 'The workspace database is damaged; restore the last backup. Nothing was changed');

function configureChecked(sqlite: Sqlite.Database): void {
  try {
    configure(sqlite);
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) throw damaged();
    throw error;
  }
}

function wasClean(sqlite: Sqlite.Database): boolean {
  try {
    const table = sqlite.prepare(`select 1 from sqlite_schema where name = 'meta'`).get();
    if (table === undefined) return true;
    const row = sqlite.prepare(`select value from meta where key = 'shutdown'`).get() as { value: string } | undefined;
    return row?.value === 'clean';
  } catch {
    // Not even this could be read: let the check speak.
    return false;
  }
}

export async function readMeta(db: Reader | Tx, key: string): Promise<string | undefined> {
  return (await db.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst())?.value;
}

const putMeta = prepared((db, p: { key: string; value: string }) => db.insertInto('meta').values({ key: p.key, value: p.value })
  .onConflict((c) => c.column('key').doUpdateSet((e) => ({ value: e.ref('excluded.value') }))));

export async function writeMeta(tx: Tx, key: string, value: string): Promise<void> {
  await putMeta.run(tx, { key, value });
}
