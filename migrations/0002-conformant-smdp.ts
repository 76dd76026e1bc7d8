import type { Kysely } from 'kysely';
import { sql } from 'kysely';

// Brands that order over ES2+, what goes out to them, what was learnt of eUICCs, revoked certificates, the messages of a session.
const statements = [
  `create table brands (
     id integer primary key, name text not null unique, state text not null default 'active' check (state in ('active', 'suspended')),
     all_types integer not null default 0, open_orders integer, orders_per_day integer,
     callback_url text, callback_ca blob, callback_identity text, callback_points text not null default '{}',
     callback_result text not null default 'finalResult' check (callback_result in ('finalResult', 'notification')),
     created_at integer not null) strict`,
  // A client is recognised by the CA that issued its certificate, or by the very certificate.
  `create table brand_credentials (
     id integer primary key, brand_id integer not null references brands(id), kind text not null check (kind in ('ca', 'certificate')),
     der blob not null, sha256 blob not null, subject text not null, not_after integer not null, created_at integer not null,
     unique (kind, sha256)) strict`,
  `create index brand_credentials_brand on brand_credentials (brand_id)`,
  `create table brand_types (brand_id integer not null references brands(id), type_id integer not null references profile_types(id), primary key (brand_id, type_id)) strict, without rowid`,
  // ICCIDs of equal length compare as text.
  `create table brand_iccids (brand_id integer not null references brands(id), first text not null, last text not null, primary key (brand_id, first, last)) strict, without rowid`,
  `create index brand_iccids_first on brand_iccids (length(first), first)`,
  // What may be sold by type, by ICCID: a pick passes over the ranges of other brands.
  `create index profiles_sellable on profiles (type_id, length(iccid), iccid) where stock_state = 'sellable' and order_state = 'available'`,
  // One answer for a repeated call; functionCallIdentifier alone is not unique among real clients.
  `create table es2_calls (
     brand_id integer not null, requester text not null, function text not null, call_id text not null, body_hash blob not null,
     reply text not null, order_id text, at integer not null, primary key (brand_id, requester, function, call_id, body_hash)) strict, without rowid`,
  `create index es2_calls_at on es2_calls (at)`,

  // An order exists from DownloadOrder on: its MatchingID comes with ConfirmOrder (null until then; '' is found by EID alone).
  `create table orders_next (
     id text primary key, profile_id integer not null references profiles(id), type_id integer not null references profile_types(id),
     matching_id text, eid text, smdp_address text not null,
     confirmation blob, confirmation_attempts integer not null default 0, confirmation_limit integer not null,
     download_attempts integer not null default 0, download_limit integer not null,
     expires_at integer, hold_eid text, hold_until integer, bound_eid text,
     created_at integer not null, closed_at integer, final_state text, outcome text,
     brand_id integer references brands(id), source text not null default 'operator', request_digest blob,
     confirmed_at integer, smds_address text, event_id text) strict`,
  `insert into orders_next (id, profile_id, type_id, matching_id, eid, smdp_address, confirmation, confirmation_attempts, confirmation_limit,
     download_attempts, download_limit, expires_at, hold_eid, hold_until, bound_eid, created_at, closed_at, final_state, outcome, confirmed_at)
   select id, profile_id, type_id, matching_id, eid, smdp_address, confirmation, confirmation_attempts, confirmation_limit,
     download_attempts, download_limit, expires_at, hold_eid, hold_until, bound_eid, created_at, closed_at, final_state, outcome, created_at from orders`,
  `drop table orders`,
  `alter table orders_next rename to orders`,
  `create index orders_profile on orders (profile_id)`,
  `create index orders_created on orders (created_at, id)`,
  `create index orders_default on orders (eid, created_at) where matching_id = '' and closed_at is null`,
  `create index orders_open on orders (closed_at, expires_at)`,
  `create index orders_brand on orders (brand_id, created_at) where brand_id is not null`,
  // Quotas are counted and repeated requests found without reading what has ended.
  `create index orders_brand_open on orders (brand_id) where brand_id is not null and closed_at is null`,
  `create index orders_request on orders (brand_id, request_digest) where request_digest is not null and closed_at is null`,

  `alter table outbox add column brand_id integer`,
  `alter table outbox add column order_id text`,
  `alter table outbox add column summary text`,
  // Rows of one lane go to one receiver: they share its back-off, and a lane that is down holds no other one up.
  `alter table outbox add column lane text not null default ''`,
  // Since when it is tried (again): the age at which it is given up counts from here. Null: since it was written.
  `alter table outbox add column since integer`,
  // Attempts the receiver answered with an error, as opposed to those that did not reach it.
  `alter table outbox add column refusals integer not null default 0`,
  `create index outbox_due on outbox (lane, next_at, id) where state = 'waiting'`,
  `create index outbox_done on outbox (done_at) where done_at is not null`,
  `create index outbox_state on outbox (state, id)`,
  `create index outbox_brand on outbox (brand_id, id) where brand_id is not null`,
  `create index outbox_created on outbox (created_at, id)`,
  `create index outbox_order on outbox (order_id, id) where order_id is not null`,

  `create table euiccs (
     eid text primary key, first_seen integer not null, last_seen integer not null, sessions integer not null default 1,
     svn text not null, profile_version text not null, firmware_version text not null, uicc_capability blob, rsp_capability blob,
     free_nvm integer, free_ram integer, forbidden_ppr integer, ci_ids text not null, category text, sas text, tac text, info2 blob not null,
     -- What its certificate and its EUM's are looked up by among the revoked ones: pairs of issuer and serial number, JSON.
     chain text) strict, without rowid`,
  `create index euiccs_seen on euiccs (last_seen)`,

  `alter table sessions add column binding text not null default 'json'`,
  // The EID in the certificate of an eUICC that was refused before it proved itself; and the sentence it was refused with.
  `alter table sessions add column claimed_eid text`,
  `alter table sessions add column detail text`,
  `create index sessions_claimed on sessions (claimed_eid) where claimed_eid is not null`,
  // People read the end of an EID out loud; the last four digits lead to few sessions.
  `create index sessions_eid_end on sessions (substr(coalesce(eid, claimed_eid), -4)) where coalesce(eid, claimed_eid) is not null`,
  // Only what may be shown: the writer leaves the secrets out (downloads/messages).
  `create table session_messages (
     step_id integer primary key, transaction_id text not null, request text not null, response text not null) strict`,
  `create index session_messages_transaction on session_messages (transaction_id, step_id)`,
  `create index notifications_received on notifications (verified, id)`,
  // What a result needs that arrives after its session was purged: who got the package of which order, and the key its result is signed with.
  `create table past_deliveries (
     transaction_id text primary key, order_id text not null, profile_id integer not null, eid text not null, euicc_public_key blob not null,
     euicc_certificate blob not null, dppb_id integer not null, delivered_at integer not null) strict, without rowid`,
  `create index past_deliveries_order on past_deliveries (order_id, delivered_at)`,
  `create index notifications_transaction on notifications (transaction_id, id) where transaction_id is not null`,
  // Lists of sessions by phase, code and identity, each in order of time; the last hour's figures come out of an index alone.
  // Code and end are in the first, because what a session reads as depends on them (downloads/session-list).
  `create index sessions_phase on sessions (phase, identity, started_at, transaction_id, code, expires_at)`,
  `create index sessions_unproven on sessions (started_at, transaction_id) where eid is null`,
  `create index sessions_code on sessions (code, identity, started_at, transaction_id) where code is not null`,
  `create index sessions_failed on sessions (started_at, transaction_id) where code is not null`,
  `create index sessions_rate on sessions (started_at, code)`,
  `create index sessions_profile on sessions (profile_id) where profile_id is not null`,

  `create table crls (
     id integer primary key, issuer_key_id blob not null unique, issuer text not null, role text not null check (role in ('ci', 'eum')),
     number text not null, this_update integer not null, next_update integer not null, revoked integer not null, sha256 blob not null,
     der blob not null, imported_at integer not null) strict`,
  // Serial numbers as upper-case hexadecimal; the issuer is a key, because names of roots change between issues.
  `create table revoked_certificates (
     issuer_key_id blob not null, serial text not null, revoked_at integer not null, reason integer,
     -- Key of the CI that listed it, where that is not the issuer of the certificate.
     list_key_id blob, primary key (issuer_key_id, serial)) strict, without rowid`,
  `create index revoked_indirect on revoked_certificates (list_key_id, serial, issuer_key_id) where list_key_id is not null`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
