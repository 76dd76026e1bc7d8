import type { Kysely } from 'kysely';
import { sql } from 'kysely';

// Lists of a million profiles by any filter, counts without counting, labels, notes, saved views, bulk work that can be taken back.

const rank = (column: string, states: readonly string[], other: number): string =>
  `case ${column} ${states.map((state, index) => `when '${state}' then ${index}`).join(' ')} else ${other} end`;

/**
 * Everything about a profile that has few values, as one number: profiles with the same number form a group. Read back by
 * engine/profiles/groups. What is held of the secrets: 0 sealed slots, 1 the record of an import, 2 erased, 3 nothing yet.
 */
const facet = `((type_id * 65536 + template_id) * 2097152 + (batch_id is not null) * 1048576 + (import_id is not null) * 524288 + (msisdn is not null) * 262144
  + (${rank('order_state', ['available', 'allocated', 'linked', 'confirmed', 'released', 'downloaded', 'installed', 'error', 'unavailable'], 15)}) * 16384
  + (${rank('stock_state', ['imported', 'prepared', 'sellable', 'held', 'sold', 'quarantined', 'retired'], 15)}) * 1024
  + (${rank('network_state', ['absent', 'provisioned', 'active', 'suspended', 'removed'], 7)}) * 128
  + (${rank('device_state', ['unknown', 'installed', 'enabled', 'disabled', 'deleted'], 7)}) * 16
  + (case when slots is not null then 0 when subscriber is not null then 1 when prepared_at is not null then 2
       when stock_state = 'retired' and import_batch_id is not null then 2 else 3 end) * 4
  + (bpp_delivered_at is not null) * 2 + (eid is not null))`;

const statements = [
  `alter table profiles add column facet integer generated always as (${facet}) virtual`,
  // One row a group; the triggers keep it exact within the transaction that changes a profile.
  `create table profile_counts (facet integer primary key, n integer not null) strict`,
  `insert into profile_counts (facet, n) select facet, count(*) from profiles group by facet`,
  `create trigger profile_counts_insert after insert on profiles begin
     insert into profile_counts (facet, n) values (new.facet, 1) on conflict (facet) do update set n = n + 1; end`,
  `create trigger profile_counts_delete after delete on profiles begin
     update profile_counts set n = n - 1 where facet = old.facet; end`,
  `create trigger profile_counts_update after update on profiles when new.facet <> old.facet begin
     update profile_counts set n = n - 1 where facet = old.facet;
     insert into profile_counts (facet, n) values (new.facet, 1) on conflict (facet) do update set n = n + 1; end`,
  `update profiles set last_event_at = created_at where last_event_at is null`,
  // A group in each of the orders a list is read in: pages are merged from the groups that are wanted.
  `create index profiles_group_created on profiles (facet, created_at, id)`,
  `create index profiles_group_event on profiles (facet, last_event_at, id)`,
  `create index profiles_group_iccid on profiles (facet, iccid)`,
  `create index profiles_import on profiles (import_id, id) where import_id is not null`,
  `create index profiles_prepared on profiles (prepared_at, id) where prepared_at is not null`,
  `create index profiles_delivered on profiles (bpp_delivered_at, id) where bpp_delivered_at is not null`,
  // Groups say it.
  `drop index profiles_order`,
  `create index orders_attempts on orders (download_attempts, profile_id) where download_attempts > 0`,
  `create index orders_brand_profile on orders (brand_id, profile_id) where brand_id is not null`,
  `create index orders_failed on orders (profile_id) where final_state = 'error'`,

  `create table labels (id integer primary key, name text not null unique collate nocase, colour text not null, created_at integer not null) strict`,
  `create table profile_labels (
     profile_id integer not null references profiles(id) on delete cascade, label_id integer not null references labels(id), at integer not null, actor text not null,
     primary key (profile_id, label_id)) strict, without rowid`,
  `create index profile_labels_label on profile_labels (label_id, profile_id)`,
  // Append-only: what was written about a profile stays.
  `create table profile_notes (id integer primary key, profile_id integer not null, at integer not null, author text not null, text text not null) strict`,
  `create index profile_notes_profile on profile_notes (profile_id, id)`,
  `create trigger profile_notes_kept before update on profile_notes begin select raise(abort, 'notes are never changed'); end`,
  `create trigger profile_notes_stay before delete on profile_notes begin select raise(abort, 'notes are never removed'); end`,
  `create table saved_views (
     id text primary key, area text not null, name text not null, owner text not null, shared integer not null, content text not null,
     created_at integer not null, updated_at integer not null) strict, without rowid`,
  `create unique index saved_views_name on saved_views (area, owner, name collate nocase)`,
  `create table default_views (area text not null, owner text not null, view_id text not null, primary key (area, owner)) strict, without rowid`,

  `create table bulks (
     job_id text primary key, action text not null, title text not null, selection text not null, up_to integer not null, cursor text, collected integer not null default 0,
     complete integer not null default 0, limit_to integer, undoes text, undone_by text, changed integer not null default 0, unchanged integer not null default 0, refused integer not null default 0,
     created_at integer not null) strict, without rowid`,
  // One row a profile: what became of it, what it was before, and the event it was left with, by which an undo sees whether anything happened since.
  `create table bulk_rows (
     job_id text not null, seq integer not null, profile_id integer not null, outcome integer not null default 0, code text, message text,
     before text, event_id integer, undone integer, primary key (job_id, seq)) strict, without rowid`,
  `create index bulk_rows_outcome on bulk_rows (job_id, outcome, seq)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
