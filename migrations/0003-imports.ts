import type { Kysely } from 'kysely';
import { sql } from 'kysely';

// Imports as jobs, the transport keys their files are encrypted under, and what operators keep about their senders' files.
const statements = [
  // Name of the import for people and windows; null where a file was imported at one stroke.
  `alter table imports add column handle text`,
  `alter table imports add column actor text`,
  `alter table imports add column skipped integer not null default 0`,
  `alter table imports add column left_out integer not null default 0`,
  `alter table imports add column preset text`,
  `alter table imports add column finished_at integer`,
  // No profile of this import has a smaller id: taking an import back does not read the table.
  `alter table imports add column first_profile integer not null default 0`,
  `create unique index imports_handle on imports (handle) where handle is not null and state <> 'rolled-back'`,
  `create index imports_created on imports (created_at, id)`,
  `create table transport_keys (
     id integer primary key, name text not null unique, algorithm text not null, sealed blob, kcv text not null, convention text not null,
     checked integer not null, key_index text, note text, components integer not null, custodians text not null, actor text not null,
     created_at integer not null, retired_at integer, retired_reason text, check ((sealed is null) = (retired_at is not null))) strict`,
  `create table import_keys (
     import_id integer not null references imports(id), transport_key_id integer not null references transport_keys(id),
     primary key (import_id, transport_key_id)) strict, without rowid`,
  `create index import_keys_key on import_keys (transport_key_id)`,
  `create table import_mappings (
     name text primary key, body text not null, columns text not null, created_at integer not null, used_at integer) strict, without rowid`,
  `create index import_mappings_columns on import_mappings (columns)`,
  `create table import_presets (name text primary key, body text not null, created_at integer not null) strict, without rowid`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
