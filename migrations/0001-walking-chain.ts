import type { Kysely } from 'kysely';
import { sql } from 'kysely';

// Every table is STRICT. Times are UTC epoch milliseconds. Identifiers are TEXT, also where they look like numbers.
// `*_rev` columns hold the digits reversed, so that "ends with" is an index range as well.
const statements = [
  `create table meta (key text primary key, value text not null) strict, without rowid`,
  `create table settings (key text primary key, value text not null) strict, without rowid`,

  `create table templates (
     id integer primary key, name text not null, version integer not null, der blob not null, digest blob not null,
     base blob not null, slots text not null, size_bytes integer not null, algorithm text not null, saip_version text not null,
     elements integer not null, errors integer not null, warnings integer not null, findings text not null, created_at integer not null,
     unique (name, version)) strict`,
  `create table profile_types (
     id integer primary key, name text not null unique, template_id integer not null references templates(id),
     service_provider_name text not null, profile_name text not null, profile_class text not null,
     icon_type text, icon blob, ppr1 integer not null, ppr2 integer not null, owner text, notification_addresses text not null,
     protection text not null, created_at integer not null) strict`,
  `create table batches (
     id integer primary key, kind text not null check (kind in ('import', 'preparation')), type_id integer not null references profile_types(id),
     batch_key blob not null, job_id text, created_at integer not null) strict`,
  `create table ranges (
     id text primary key, type_id integer not null references profile_types(id), iccid_first text not null, imsi_first text not null,
     msisdn_first text, count integer not null check (count > 0), used integer not null default 0 check (used <= count),
     created_at integer not null) strict`,
  `create table imports (
     id integer primary key, file_name text not null, sha256 blob not null, type_id integer not null references profile_types(id),
     accepted integer not null, rejected integer not null, state text not null check (state in ('running', 'done', 'rolled-back')),
     job_id text, created_at integer not null) strict`,
  `create unique index imports_sha on imports (sha256) where state <> 'rolled-back'`,

  `create table profiles (
     id integer primary key, iccid text not null unique, iccid_rev text not null, imsi text not null unique, imsi_rev text not null,
     msisdn text, msisdn_rev text, type_id integer not null references profile_types(id), template_id integer not null references templates(id),
     eid text, eid_rev text,
     order_state text not null check (order_state in ('available','allocated','linked','confirmed','released','downloaded','installed','error','unavailable')),
     network_state text not null check (network_state in ('absent','provisioned','active','suspended','removed')),
     stock_state text not null check (stock_state in ('imported','prepared','sellable','held','sold','quarantined','retired')),
     device_state text not null check (device_state in ('unknown','installed','enabled','disabled','deleted')),
     stock_reason text, held_until integer, device_source text, device_at integer,
     import_id integer references imports(id), import_batch_id integer references batches(id), subscriber blob,
     batch_id integer references batches(id), slots blob, package_digest blob, package_bytes integer, key_fingerprint blob,
     prepared_at integer, bpp_delivered_at integer, order_id text, created_at integer not null,
     last_event_at integer, last_event text,
     check (not (order_state = 'available' and bpp_delivered_at is not null))) strict`,
  `create unique index profiles_fingerprint on profiles (key_fingerprint) where key_fingerprint is not null`,
  `create index profiles_iccid_rev on profiles (iccid_rev)`,
  `create index profiles_imsi_rev on profiles (imsi_rev)`,
  `create index profiles_msisdn on profiles (msisdn) where msisdn is not null`,
  `create index profiles_msisdn_rev on profiles (msisdn_rev) where msisdn_rev is not null`,
  `create index profiles_eid on profiles (eid) where eid is not null`,
  `create index profiles_eid_rev on profiles (eid_rev) where eid_rev is not null`,
  `create index profiles_stock on profiles (type_id, stock_state, order_state, id)`,
  `create index profiles_order on profiles (order_state, id)`,

  `create table orders (
     id text primary key, profile_id integer not null references profiles(id), type_id integer not null references profile_types(id),
     matching_id text not null, eid text, smdp_address text not null,
     confirmation blob, confirmation_attempts integer not null default 0, confirmation_limit integer not null,
     download_attempts integer not null default 0, download_limit integer not null,
     expires_at integer, hold_eid text, hold_until integer, bound_eid text,
     created_at integer not null, closed_at integer, final_state text, outcome text) strict`,
  `create index orders_profile on orders (profile_id)`,
  `create index orders_created on orders (created_at, id)`,
  `create index orders_default on orders (eid, created_at) where matching_id = '' and closed_at is null`,
  `create index orders_open on orders (closed_at, expires_at)`,
  // A MatchingID is never used twice, also after its order is gone.
  `create table matching_ids (matching_id text primary key, order_id text not null, created_at integer not null) strict, without rowid`,

  `create table sessions (
     transaction_id text primary key, identity text not null, remote text, smdp_address text not null, phase text not null,
     euicc_challenge blob not null, server_challenge blob not null, ci_key_id blob not null, curve text not null, svn text,
     dpauth_id integer not null, dppb_id integer not null, eid text, euicc_public_key blob, euicc_certificate blob,
     order_id text, profile_id integer, smdp_signed2 blob, smdp_signature2 blob, metadata blob, tac text, code text,
     steps integer not null default 0, started_at integer not null, updated_at integer not null, expires_at integer not null) strict`,
  `create index sessions_started on sessions (started_at, transaction_id)`,
  `create index sessions_order on sessions (order_id) where order_id is not null`,
  `create index sessions_eid on sessions (eid) where eid is not null`,
  `create table session_steps (
     id integer primary key, transaction_id text not null, at integer not null, function text not null, milliseconds real not null,
     request_bytes integer not null, response_bytes integer not null, status text not null, code text) strict`,
  `create index session_steps_transaction on session_steps (transaction_id, id)`,
  // What a retry needs; the one-time private key is never here (SGP.22 v2.2, 5.6.2).
  `create table kept_packages (
     order_id text primary key, eid text not null, euicc_otpk blob not null, otpk_dp blob not null, host_id blob not null,
     kept blob not null, created_at integer not null) strict`,
  `create table notifications (
     id integer primary key, digest blob not null unique, received_at integer not null, kind text not null, transaction_id text, eid text, iccid text,
     sequence integer, operation text, outcome text, verified integer not null, raw blob not null) strict`,
  `create index notifications_eid on notifications (eid, sequence) where eid is not null`,

  `create table activation_events (
     id integer primary key, profile_id integer not null, order_id text, at integer not null, stage text not null, source text not null,
     text text not null, code text, actor text, transaction_id text) strict`,
  `create index activation_events_profile on activation_events (profile_id, id)`,
  `create index activation_events_order on activation_events (order_id, id) where order_id is not null`,
  `create index activation_events_at on activation_events (at, stage)`,

  `create table audit (
     seq integer primary key, at integer not null, event text not null, actor text not null, host text not null, outcome text not null,
     object_type text, object_id text, correlation_id text, record text not null, prev_hash blob not null, hash blob not null) strict`,
  `create index audit_object on audit (object_id, seq) where object_id is not null`,
  `create trigger audit_no_update before update on audit begin select raise(abort, 'audit records are never changed'); end`,
  `create trigger audit_no_delete before delete on audit begin select raise(abort, 'audit records are never removed'); end`,
  `create table audit_values (seq integer not null, field text not null, salt blob not null, value text not null, primary key (seq, field)) strict, without rowid`,

  `create table commands (id text primary key, procedure text not null, input_hash blob not null, reply text not null, at integer not null) strict, without rowid`,
  `create index commands_at on commands (at)`,
  `create table outbox (
     id integer primary key, kind text not null, dedupe text not null unique, payload text not null, state text not null default 'waiting',
     attempts integer not null default 0, next_at integer not null, created_at integer not null, done_at integer, last_error text) strict`,
  `create index outbox_next on outbox (state, next_at)`,
  `create table jobs (
     id text primary key, kind text not null, title text not null, state text not null, done integer not null default 0, total integer not null default 0,
     rejected integer not null default 0, params text not null, progress text not null default '{}', message text, actor text not null,
     created_at integer not null, started_at integer, finished_at integer) strict`,
  `create index jobs_created on jobs (created_at)`,
  `create table job_errors (
     id integer primary key, job_id text not null, row integer not null, column_name text not null, code text not null, message text not null, found text) strict`,
  `create index job_errors_job on job_errors (job_id, id)`,

  `create table certificates (
     id integer primary key, identity text not null, role text not null check (role in ('ci','eum','dpauth','dppb','tls')), der blob not null,
     sha256 blob not null, subject text not null, subject_key_id blob, authority_key_id blob, public_key blob not null, curve text not null,
     not_before integer not null, not_after integer not null, oid text, dns_names text not null, test integer not null,
     key_id text, key_provider text, active integer not null default 1, created_at integer not null,
     unique (identity, role, sha256)) strict`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
