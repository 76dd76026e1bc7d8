/**
 * Pages of sessions. What is chosen by (code or phase, and identity) is sought through an index that is also in order of time,
 * one lane for each pair of values, and the lanes are merged: a page costs the same among two hundred sessions and two hundred
 * thousand.
 */
import { sql, type RawBuilder } from 'kysely';
import type { SessionFilter } from '../../../shared/contract/sessions.ts';
import { sessionPhases } from '../../../shared/contract/sessions.ts';
import { reversed } from '../../../shared/identifiers/index.ts';
import { cancelMeanings } from '../../../shared/rsp-status/index.ts';
import type { Reader } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { endedByRefusal } from './rules.ts';

export type SessionPhase = (typeof sessionPhases)[number];
type Condition = RawBuilder<boolean>;

function listed(db: Reader) {
  return db.selectFrom('sessions as s').leftJoin('profiles as p', 'p.id', 's.profile_id').select([
    's.transaction_id as transactionId', 's.started_at as startedAt', 's.updated_at as updatedAt', 's.phase as phase', 's.identity as identity', 's.eid as eid',
    'p.iccid as iccid', 's.order_id as orderId', 's.tac as tac', 's.remote as remote', 's.code as code', 's.steps as steps', 's.svn as svn', 's.expires_at as expiresAt',
    's.binding as binding', 's.smdp_address as smdpAddress', 's.curve as curve', 's.ci_key_id as ciKeyId', 's.claimed_eid as claimedEid', 's.detail as detail',
  ]);
}
export type SessionListRow = Awaited<ReturnType<ReturnType<typeof listed>['execute']>>[number];

const running: readonly string[] = ['initiated', 'authenticated'];

/** A session as people see it. One nobody came back to has expired, also before the sweep wrote it down. */
export function sessionView(row: SessionListRow, now: number) {
  const refused = endedByRefusal(row);
  const phase = (running.includes(row.phase) && row.expiresAt <= now ? 'expired' : refused ? 'refused' : row.phase) as SessionPhase;
  return {
    transactionId: row.transactionId, startedAt: row.startedAt, updatedAt: row.updatedAt, phase, identity: row.identity, steps: row.steps, binding: row.binding,
    ...(row.eid !== null ? { eid: row.eid } : row.claimedEid !== null ? { claimedEid: row.claimedEid } : {}), ...(row.iccid === null ? {} : { iccid: row.iccid }), ...(row.orderId === null ? {} : { orderId: row.orderId }),
    ...(row.tac === null ? {} : { tac: row.tac }), ...(row.remote === null ? {} : { remote: row.remote }), ...(row.code === null ? {} : { code: row.code }), ...(row.code === null || row.detail === null ? {} : { detail: row.detail }),
    ...(refused ? { cancelledAfter: true } : {}),
  };
}

export async function sessionRow(db: Reader, transactionId: string): Promise<SessionListRow | undefined> {
  return listed(db).where('s.transaction_id', '=', transactionId.toUpperCase()).executeTakeFirst();
}

export async function sessionsOfEid(db: Reader, eid: string, but: string, limit: number): Promise<SessionListRow[]> {
  return listed(db).where((e) => e.or([e('s.eid', '=', eid), e('s.claimed_eid', '=', eid)])).where('s.transaction_id', '!=', but).orderBy('s.started_at', 'desc').limit(limit).execute();
}

export function readCursor(cursor: string): readonly [number, string] {
  const match = /^(\d{1,15})-([0-9A-F]{2,32})$/.exec(cursor);
  if (!match) throw new DeskProblem('INPUT_INVALID', 'This is not a position in the list of sessions.', { field: 'cursor' });
  return [Number(match[1]), match[2]!];
}
const cursorOf = (row: { startedAt: number; transactionId: string }): string => `${row.startedAt}-${row.transactionId}`;

const LAST = '\u{10ffff}';
const cancelCodes = sql.join(cancelMeanings.flatMap((meaning) => meaning.code ?? []));
const aCancellation = sql<boolean>`(s.code is null or s.code in (${cancelCodes}))`;
const aRefusal = sql<boolean>`s.code not in (${cancelCodes})`;

interface Stored {
  readonly stored: SessionPhase;
  /** What else must hold. */
  readonly holds?: Condition;
}

/** Stored phases that read as `phase`. */
function storedAs(phase: SessionPhase, now: number): readonly Stored[] {
  const past = sql<boolean>`s.expires_at <= ${now}`;
  switch (phase) {
    case 'initiated': case 'authenticated': return [{ stored: phase, holds: sql<boolean>`s.expires_at > ${now}` }];
    case 'expired': return [{ stored: 'expired' }, { stored: 'initiated', holds: past }, { stored: 'authenticated', holds: past }];
    case 'refused': return [{ stored: 'refused' }, { stored: 'cancelled', holds: aRefusal }];
    case 'cancelled': return [{ stored: 'cancelled', holds: aCancellation }];
    default: return [{ stored: phase }];
  }
}

const CANDIDATES = 2_000;
/** Digits of the end of an EID that the index has. */
const EID_END = 4;

const endsWith = (digits: string): Condition => sql<boolean>`(coalesce(s.eid, s.claimed_eid) is not null and substr(coalesce(s.eid, s.claimed_eid), -4) = ${digits.slice(-EID_END)}
  and substr(coalesce(s.eid, s.claimed_eid), ${sql.lit(-digits.length)}) = ${digits})`;

/** Sessions an identifier (or the beginning of one) can mean; undefined when there are too many to name. */
async function candidates(db: Reader, text: string): Promise<string[] | undefined> {
  const digits = /^\d+F?$/.test(text) ? text.replace(/F$/, '') : undefined;
  const found = new Set<string>();
  let over = false;
  const take = async (query: Promise<{ id: string }[]>): Promise<void> => {
    const rows = await query;
    if (rows.length > CANDIDATES) over = true;
    for (const row of rows) found.add(row.id);
  };
  const ids = () => db.selectFrom('sessions as s').select('s.transaction_id as id').limit(CANDIDATES + 1);
  await take(ids().where('s.transaction_id', '>=', text).where('s.transaction_id', '<', text + LAST).execute());
  await take(ids().where('s.order_id', '=', text.toLowerCase()).execute());
  await take(ids().innerJoin('matching_ids as m', 'm.order_id', 's.order_id').where('m.matching_id', '=', text).execute());
  if (digits !== undefined && !over) {
    for (const column of ['s.eid', 's.claimed_eid'] as const) if (!over) await take(ids().where(column, '>=', digits).where(column, '<', digits + LAST).execute());
    if (digits.length >= EID_END && digits.length < 32 && !over) await take(ids().where(endsWith(digits)).execute());
    for (const [column, from] of [['iccid', digits], ['iccid_rev', reversed(digits)]] as const) {
      if (over) break;
      const profiles = await db.selectFrom('profiles').select('id').where(column, '>=', from).where(column, '<', from + LAST).limit(CANDIDATES + 1).execute();
      if (profiles.length > CANDIDATES) over = true;
      else if (profiles.length > 0) await take(ids().where(sql<boolean>`s.profile_id in (select value from json_each(${JSON.stringify(profiles.map((p) => p.id))}))`).execute());
    }
  }
  return over || found.size > CANDIDATES ? undefined : [...found];
}

/** So many sessions fit the beginning that walking them by time finds a page soon. */
function roughly(text: string): Condition {
  const digits = /^\d+F?$/.test(text) ? text.replace(/F$/, '') : undefined;
  const id = sql<boolean>`s.transaction_id >= ${text} and s.transaction_id < ${text + LAST}`;
  if (digits === undefined) return sql<boolean>`(${id})`;
  const back = reversed(digits);
  const end = digits.length >= EID_END && digits.length < 32 ? endsWith(digits) : sql<boolean>`false`;
  return sql<boolean>`((${id}) or ${end} or (s.eid >= ${digits} and s.eid < ${digits + LAST}) or (s.claimed_eid >= ${digits} and s.claimed_eid < ${digits + LAST}) or (p.iccid >= ${digits} and p.iccid < ${digits + LAST}) or (p.iccid_rev >= ${back} and p.iccid_rev < ${back + LAST}))`;
}

/** Conditions of each lane; a session fits at most one of them. `+` keeps SQLite from seeking by what is only checked. */
async function lanesOf(db: Reader, filter: SessionFilter, now: number): Promise<Condition[][]> {
  const all: Condition[] = [];
  const text = filter.text?.replace(/\s+/g, '').toUpperCase();
  let named = false;
  if (text) {
    const ids = await candidates(db, text);
    if (ids?.length === 0) return [];
    named = ids !== undefined;
    all.push(ids === undefined ? roughly(text) : sql<boolean>`s.transaction_id in (select value from json_each(${JSON.stringify(ids)}))`);
  }
  const codes = [...new Set(filter.codes)];
  const identities = [...new Set(filter.identities)];
  const phases = [...new Set(filter.phases)].flatMap((phase) => storedAs(phase, now));
  if (filter.failedOnly && codes.length === 0) all.push(sql<boolean>`s.code is not null`);
  const phaseHolds = phases.length === 0 ? [] : [sql<boolean>`(${sql.join(phases.map(({ stored, holds }) => (holds ? sql`(+s.phase = ${stored} and ${holds})` : sql`+s.phase = ${stored}`)), sql` or `)})`];
  if (named || codes.length + identities.length + phases.length === 0) {
    if (codes.length > 0) all.push(sql<boolean>`+s.code in (${sql.join(codes)})`);
    if (identities.length > 0) all.push(sql<boolean>`+s.identity in (${sql.join(identities)})`);
    return [[...all, ...phaseHolds]];
  }
  // The indexes lead on from phase or code to the identity, of which there are few: one lane for each.
  const served = identities.length > 0 ? identities : await servingIdentities(db);
  const leads: Condition[][] = codes.length > 0 ? codes.map((code) => [sql<boolean>`s.code = ${code}`, ...phaseHolds])
    : (phases.length > 0 ? phases : sessionPhases.map((stored): Stored => ({ stored }))).map(({ stored, holds }) => [sql<boolean>`s.phase = ${stored}`, ...(holds ? [holds] : [])]);
  return leads.flatMap((lead) => served.map((identity) => [...lead, sql<boolean>`s.identity = ${identity}`, ...all]));
}

interface Place { readonly startedAt: number; readonly transactionId: string }
const later = (a: Place, b: Place): number => b.startedAt - a.startedAt || (a.transactionId < b.transactionId ? 1 : -1);

/** Places of the newest sessions of all lanes, read from the indexes; `than` bounds them. */
async function places(db: Reader, lanes: readonly Condition[][], than: Condition | undefined, limit: number): Promise<Place[]> {
  const found: Place[] = [];
  for (const conditions of lanes) {
    // The profile is joined only where its ICCID is asked for.
    let q = db.selectFrom('sessions as s').leftJoin('profiles as p', 'p.id', 's.profile_id').select(['s.started_at as startedAt', 's.transaction_id as transactionId']);
    for (const condition of than ? [...conditions, than] : conditions) q = q.where(condition);
    found.push(...await q.orderBy('s.started_at', 'desc').orderBy('s.transaction_id', 'desc').limit(limit).execute());
  }
  return found.sort(later);
}

export async function sessionPage(db: Reader, filter: SessionFilter, cursor: string | undefined, limit: number, now: number) {
  const before = cursor === undefined ? undefined : readCursor(cursor);
  const found = await places(db, await lanesOf(db, filter, now), before && sql<boolean>`(s.started_at, s.transaction_id) < (${before[0]}, ${before[1]})`, limit + 1);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const rows = page.length === 0 ? [] : await listed(db).where(sql<boolean>`s.transaction_id in (select value from json_each(${JSON.stringify(page.map((row) => row.transactionId))}))`).execute();
  return { rows: rows.sort(later).map((row) => sessionView(row, now)), ...(found.length > limit && last ? { next: cursorOf(last) } : {}) };
}

const COUNTED = 500;

async function newerThan(db: Reader, filter: SessionFilter, newest: string, now: number): Promise<number> {
  const [at, id] = readCursor(newest);
  const found = await places(db, await lanesOf(db, filter, now), sql<boolean>`(s.started_at, s.transaction_id) > (${at}, ${id})`, COUNTED);
  return Math.min(found.length, COUNTED);
}

const MINUTE = 60_000;

/** Codes that sessions have, jumping through the index from one to the next instead of reading them all. */
async function standingCodes(db: Reader): Promise<string[]> {
  const { rows } = await sql<{ v: string | null }>`with recursive each_value(v) as (select min(code) from sessions where code is not null
    union all select (select min(code) from sessions where code is not null and code > v) from each_value where v is not null) select v from each_value limit 60`.execute(db);
  return rows.flatMap((row) => row.v ?? []);
}

/** Identities that sessions were served by, in the same way for each phase. */
async function servingIdentities(db: Reader): Promise<string[]> {
  const { rows } = await sql<{ v: string | null }>`with recursive phases(p) as (select value from json_each(${JSON.stringify(sessionPhases)})),
    each_value(p, v) as (select p, (select min(identity) from sessions where phase = p) from phases
    union all select p, (select min(identity) from sessions where phase = p and identity > v) from each_value where v is not null) select distinct v from each_value where v is not null limit 60`.execute(db);
  return rows.flatMap((row) => row.v ?? []).sort();
}

export async function sessionPulse(db: Reader, filter: SessionFilter, newest: string | undefined, now: number) {
  const first = (Math.floor(now / MINUTE) - 59) * MINUTE;
  const { rows } = await sql<{ minute: number; started: number; failed: number }>`select started_at / 60000 as minute, count(*) as started, count(code) as failed
    from sessions where started_at >= ${first} group by 1`.execute(db);
  const byMinute = new Map(rows.map((row) => [row.minute * MINUTE, row]));
  return {
    at: now,
    minutes: Array.from({ length: 60 }, (_, n) => first + n * MINUTE).map((at) => ({ at, started: byMinute.get(at)?.started ?? 0, failed: byMinute.get(at)?.failed ?? 0 })),
    newer: newest === undefined ? 0 : await newerThan(db, filter, newest, now),
    codes: await standingCodes(db), identities: await servingIdentities(db),
  };
}
