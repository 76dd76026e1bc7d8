import type { Kysely } from 'kysely';
import { sql } from 'kysely';

// Ledgers of ICCIDs, IMSIs and MSISDNs; numbers that are burnt; how fast they and the profiles of a type are used; levels,
// proposals and policies per profile type; holds and quarantines that end by themselves.

const day = 86_400_000;

/** The block a number lies in: blocks of a kind and length do not overlap, so it is the last that begins at or before it. */
const blockOf = (kind: string, key: string): string =>
  `(select id from number_blocks where kind = ${kind} and digits = length(${key}) and first <= ${key} order by first desc limit 1) and last >= ${key}`;
/** An ICCID of 19 digits stands in the ledger without its check digit. */
const keyOfNew = `(case when new.kind = 'iccid' and length(new.number) = 19 then substr(new.number, 1, 18) else new.number end)`;
const standsInProfiles = `(case new.kind when 'iccid' then exists (select 1 from profiles where iccid = new.number)
  when 'imsi' then exists (select 1 from profiles where imsi = new.number) else exists (select 1 from profiles where msisdn = new.number) end)`;

/** What a profile that ends takes with it; the MSISDN by the policy of its type. */
const burnAll = (row: 'new' | 'old', why: string): string => {
  const burn = (kind: string, freeAt: string, when: string) => `insert into burnt_numbers (kind, number, at, why, iccid, free_at)
     select '${kind}', ${row}.${kind}, coalesce(${row}.last_event_at, ${row}.created_at), ${why}, ${row}.iccid, ${freeAt} where ${when}
     on conflict (kind, number) do update set at = excluded.at, why = excluded.why, iccid = excluded.iccid, free_at = excluded.free_at where burnt_numbers.free_at is not null;`;
  const policy = `(select coalesce(${row}.last_event_at, ${row}.created_at) + msisdn_days * ${day} from type_policies where type_id = ${row}.type_id and msisdn = 'reuse')`;
  return burn('iccid', 'null', 'true') + burn('imsi', 'null', 'true') + burn('msisdn', policy, `${row}.msisdn is not null`);
};

const statements = [
  // `first` and `last` as the ledger counts them: ICCIDs of 19 digits without check digit (18 digits), those of 20 as they are.
  // The owner of an ICCID block is the brand whose entitlement (brand_iccids) holds it, never a column here.
  `create table number_blocks (
     id text primary key, kind text not null check (kind in ('iccid', 'imsi', 'msisdn')), digits integer not null,
     first text not null, last text not null, count integer not null check (count > 0),
     brand_id integer references brands(id) check (brand_id is null or kind <> 'iccid'), type_id integer references profile_types(id), range_id text references ranges(id),
     source text not null check (source in ('own', 'import', 'hlr', 'partner', 'entitlement')),
     state text not null default 'open' check (state in ('open', 'reserved', 'blocked', 'closed')), reason text, note text,
     used integer not null default 0, burnt integer not null default 0, created_at integer not null, changed_at integer not null,
     check (length(first) = digits and length(last) = digits and first <= last)) strict, without rowid`,
  `create unique index number_blocks_place on number_blocks (kind, digits, first)`,
  `create index number_blocks_range on number_blocks (range_id) where range_id is not null`,
  // Neither may two blocks of a kind share a number: the neighbours on both sides are all that can.
  ...(['insert', 'update of first, last, kind, digits'] as const).map((event, index) => `create trigger number_blocks_apart_${index} before ${event} on number_blocks
     when exists (select 1 from number_blocks where kind = new.kind and digits = new.digits and id <> new.id and first <= new.last and last >= new.first)
     begin select raise(abort, 'blocks of numbers never overlap'); end`),
  // Never given out again. `free_at`: an MSISDN that may serve again from then on.
  `create table burnt_numbers (
     kind text not null check (kind in ('iccid', 'imsi', 'msisdn')), number text not null, at integer not null, why text not null, iccid text,
     free_at integer check (free_at is null or kind = 'msisdn'), primary key (kind, number)) strict, without rowid`,
  `create trigger burnt_numbers_kept before delete on burnt_numbers begin select raise(abort, 'a burnt number stays burnt'); end`,
  // Numbers used per block and day, orders and returns per type and day: what forecasts are made of.
  `create table number_use (block_id text not null, day integer not null, n integer not null, primary key (block_id, day)) strict, without rowid`,
  `create table type_use (type_id integer not null, day integer not null, ordered integer not null default 0, returned integer not null default 0, primary key (type_id, day)) strict, without rowid`,
  // Numbers of profiles that no block holds.
  `create table numbers_outside (kind text primary key, n integer not null) strict, without rowid`,
  `create table type_policies (
     type_id integer primary key references profile_types(id), recycling text not null check (recycling in ('never', 'never-delivered', 'cooling-off')),
     cooling_days integer not null, msisdn text not null check (msisdn in ('burn', 'reuse')), msisdn_days integer not null,
     quarantine text not null check (quarantine in ('manual', 'date', 'delete-seen', 'network-removed')), quarantine_days integer not null, changed_at integer not null) strict`,
  `create table stock_levels (
     type_id integer primary key references profile_types(id), low integer, target integer, lead_days integer not null, cover_days integer not null,
     auto integer not null, changed_at integer not null) strict`,
  `create table proposals (
     id text primary key, type_id integer not null references profile_types(id), state text not null check (state in ('open', 'snoozed', 'accepted', 'started', 'dismissed', 'gone')),
     quantity integer not null, figures text not null, made_at integer not null, decided_at integer, actor text, reason text, snoozed_until integer, job_id text) strict, without rowid`,
  // One at a time: what a type waits for is said once.
  `create unique index proposals_pending on proposals (type_id) where state in ('open', 'snoozed')`,
  `create index proposals_made on proposals (made_at)`,

  `alter table ranges add column state text not null default 'open' check (state in ('open', 'reserved', 'blocked', 'closed'))`,
  `alter table profiles add column held_for text`,
  `alter table profiles add column quarantine_rule text check (quarantine_rule in ('date', 'delete-seen', 'network-removed'))`,
  `alter table profiles add column quarantine_until integer`,
  `alter table profiles add column quarantine_then text check (quarantine_then in ('release', 'retire'))`,
  `create index profiles_held on profiles (held_until) where stock_state = 'held' and held_until is not null`,
  `create index profiles_quarantine_until on profiles (quarantine_until) where quarantine_until is not null`,
  `create index profiles_quarantine_seen on profiles (quarantine_rule, device_state, network_state) where quarantine_rule is not null`,

  // Numbers burn with their profile, whoever ends it; and a row that goes frees no number that was handed out.
  `create trigger profiles_retired after update of stock_state on profiles when new.stock_state = 'retired' and old.stock_state <> 'retired'
   begin ${burnAll('new', `'Retired' || coalesce(': ' || new.stock_reason, '')`)} end`,
  `create trigger profiles_removed after delete on profiles when old.stock_state <> 'imported' or old.prepared_at is not null or old.order_id is not null or old.bpp_delivered_at is not null
   begin ${burnAll('old', `'Its profile was removed after it had been handed out'`)} end`,
  `create trigger profiles_burnt before insert on profiles
   when exists (select 1 from burnt_numbers where kind = 'iccid' and number = new.iccid) or exists (select 1 from burnt_numbers where kind = 'imsi' and number = new.imsi)
     or (new.msisdn is not null and exists (select 1 from burnt_numbers where kind = 'msisdn' and number = new.msisdn and (free_at is null or free_at > new.created_at)))
   begin select raise(abort, 'a burnt number is never used again'); end`,
  `create trigger burnt_numbers_counted after insert on burnt_numbers begin
     update number_blocks set burnt = burnt + 1, used = used + (not ${standsInProfiles}) where id = ${blockOf('new.kind', keyOfNew)}; end`,

  `create trigger orders_used after insert on orders begin
     insert into type_use (type_id, day, ordered) values (new.type_id, cast(new.created_at / ${day} as integer), 1) on conflict (type_id, day) do update set ordered = ordered + 1;
     insert into type_use (type_id, day, returned) select new.type_id, cast(new.closed_at / ${day} as integer), 1 where new.final_state = 'available'
       on conflict (type_id, day) do update set returned = returned + 1; end`,
  `create trigger orders_returned after update of final_state on orders when new.final_state = 'available' and old.final_state is not 'available' begin
     insert into type_use (type_id, day, returned) values (new.type_id, cast(new.closed_at / ${day} as integer), 1) on conflict (type_id, day) do update set returned = returned + 1; end`,

  // What there is becomes a ledger: a block of each kind for each range.
  `insert into number_blocks (id, kind, digits, first, last, count, type_id, range_id, source, used, created_at, changed_at)
   select 'blk_' || lower(hex(randomblob(6))), 'iccid', 18, iccid_first, printf('%018d', cast(iccid_first as integer) + count - 1), count, type_id, id, 'own', used, created_at, created_at from ranges`,
  `insert into number_blocks (id, kind, digits, first, last, count, type_id, range_id, source, used, created_at, changed_at)
   select 'blk_' || lower(hex(randomblob(6))), 'imsi', length(imsi_first), imsi_first, printf('%0' || length(imsi_first) || 'd', cast(imsi_first as integer) + count - 1), count, type_id, id, 'own', used, created_at, created_at from ranges`,
  `insert into number_blocks (id, kind, digits, first, last, count, type_id, range_id, source, used, created_at, changed_at)
   select 'blk_' || lower(hex(randomblob(6))), 'msisdn', length(msisdn_first), msisdn_first, printf('%0' || length(msisdn_first) || 'd', cast(msisdn_first as integer) + count - 1), count, type_id, id, 'own', 0, created_at, created_at
   from ranges where msisdn_first is not null`,
  // Files could bring MSISDNs that lie in a range: these are counted, not taken over.
  `update number_blocks set used = (select count(*) from profiles p where p.msisdn >= number_blocks.first and p.msisdn <= number_blocks.last and length(p.msisdn) = number_blocks.digits)
   where kind = 'msisdn'`,
  `insert into burnt_numbers (kind, number, at, why, iccid, free_at)
   select 'iccid', iccid, coalesce(last_event_at, created_at), 'Retired' || coalesce(': ' || stock_reason, ''), iccid, null from profiles where stock_state = 'retired'
   union all select 'imsi', imsi, coalesce(last_event_at, created_at), 'Retired' || coalesce(': ' || stock_reason, ''), iccid, null from profiles where stock_state = 'retired'`,
  `insert or ignore into burnt_numbers (kind, number, at, why, iccid, free_at)
   select 'msisdn', msisdn, coalesce(last_event_at, created_at), 'Retired' || coalesce(': ' || stock_reason, ''), iccid, null from profiles where stock_state = 'retired' and msisdn is not null`,
  `insert into type_use (type_id, day, ordered, returned)
   select type_id, day, sum(o), sum(r) from (
     select type_id, cast(created_at / ${day} as integer) as day, 1 as o, 0 as r from orders
     union all select type_id, cast(closed_at / ${day} as integer), 0, 1 from orders where final_state = 'available' and closed_at is not null) group by 1, 2`,
  ...(['iccid', 'imsi', 'msisdn'] as const).map((kind) => `insert into number_use (block_id, day, n)
   select b.id, cast(p.created_at / ${day} as integer), count(*) from number_blocks b join profiles p on length(p.${kind}) = b.digits${kind === 'iccid' ? ' + 1' : ''}
     and p.${kind} >= b.first and p.${kind} < b.last || ':' where b.kind = '${kind}' group by 1, 2`),
  `insert into numbers_outside (kind, n)
   select 'iccid', (select count(*) from profiles) - (select coalesce(sum(used), 0) from number_blocks where kind = 'iccid')
   union all select 'imsi', (select count(*) from profiles) - (select coalesce(sum(used), 0) from number_blocks where kind = 'imsi')
   union all select 'msisdn', (select count(*) from profiles where msisdn is not null) - (select coalesce(sum(used), 0) from number_blocks where kind = 'msisdn')`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
