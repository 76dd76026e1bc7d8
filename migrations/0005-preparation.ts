import type { Kysely } from 'kysely';
import { sql } from 'kysely';

// Preparation in batches, the numbers they reserve, files made from them and who gets those.
const statements = [
  // What a job works on, so that its page can lead there.
  `alter table jobs add column subject_type text`,
  `alter table jobs add column subject_id text`,
  `create index jobs_subject on jobs (subject_id, created_at) where subject_id is not null`,
  `alter table job_errors add column iccid text`,
  // Deleting a batch key's files or ending a job never takes these: row counts and digests stay for good.
  `create table artefacts (
     id text primary key, kind text not null check (kind in ('output', 'labels', 'vouchers', 'digests', 'ticket', 'report')),
     name text not null, title text not null, recipient_id text, preparation_id text, job_id text not null,
     rows integer not null, bytes integer not null, sha256 blob not null, protection text, media_type text not null,
     actor text not null, created_at integer not null, opened integer not null default 0, swept_at integer) strict`,
  `create index artefacts_job on artefacts (job_id)`,
  `create index artefacts_preparation on artefacts (preparation_id, created_at) where preparation_id is not null`,
  `create index artefacts_recipient on artefacts (recipient_id, created_at) where recipient_id is not null`,
  `create index artefacts_created on artefacts (created_at, id)`,

  // A draft has no batch and no job. Afterwards the state of the batch is that of its last job.
  `create table preparations (
     id text primary key, reference text not null unique, draft integer not null, type_id integer not null references profile_types(id),
     template_id integer not null references templates(id), count integer not null check (count > 0),
     prepared integer not null default 0, failed integer not null default 0, from_stock integer not null default 0, from_ranges integer not null default 0,
     source text not null check (source in ('stock', 'ranges', 'both')), range_id text, import_id integer, brand text, order_reference text,
     due integer, note text, outputs text not null default '[]',
     batch_id integer references batches(id), job_id text, actor text not null,
     created_at integer not null, started_at integer, finished_at integer, swept_at integer,
     -- Milliseconds its units took, for the estimate of the next one.
     worked_ms integer not null default 0,
     -- What it means to take from the stock and has not yet: other batches leave it alone.
     stock_owed integer not null default 0,
     first_numbers text, last_numbers text) strict`,
  `create index preparations_created on preparations (created_at, id)`,
  `create index preparations_job on preparations (job_id) where job_id is not null`,
  `create index preparations_batch on preparations (batch_id) where batch_id is not null`,
  `create index preparations_owed on preparations (type_id) where stock_owed > 0`,
  // Numbers a batch holds: places first + taken to first + count - 1 of the range. Free ones were left by a batch that ended early.
  `create table number_reservations (
     id integer primary key, range_id text not null references ranges(id), first integer not null check (first >= 0),
     count integer not null check (count > 0), taken integer not null default 0 check (taken between 0 and count),
     state text not null check (state in ('open', 'free')), preparation_id text, created_at integer not null) strict`,
  `create index number_reservations_range on number_reservations (range_id, state)`,
  `create index number_reservations_preparation on number_reservations (preparation_id) where preparation_id is not null`,
  `create table preparation_failures (
     id integer primary key, preparation_id text not null, job_id text, profile_id integer, iccid text not null, imsi text, row integer not null,
     code text not null, message text not null, at integer not null,
     state text not null default 'failed' check (state in ('failed', 'prepared', 'gone')), unique (preparation_id, iccid)) strict`,
  `create index preparation_failures_state on preparation_failures (preparation_id, state, id)`,
  `create index profiles_batch on profiles (batch_id, id) where batch_id is not null`,
  `create index profiles_waiting_import on profiles (import_id, id) where stock_state = 'imported'`,

  `create table recipients (
     id text primary key, name text not null unique, kind text not null check (kind in ('hlr', 'ota', 'print', 'custom')), form text not null,
     state text not null default 'active' check (state in ('active', 'retired')), created_at integer not null) strict`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
