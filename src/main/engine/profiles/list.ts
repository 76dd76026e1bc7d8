/**
 * Pages of the inventory, newest first, by key (`id`). Texts are a beginning or an end of an identifier: the end is a
 * beginning of the reversed columns, so both are index ranges.
 */
import { sql } from 'kysely';
import type { Expression, SqlBool } from 'kysely';
import type { z } from 'zod';
import { withoutSeparators } from '../../../shared/identifiers/index.ts';
import type { profileFilter, ProfileRow } from '../../../shared/contract/profiles.ts';
import type { Reader } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { ProfileRowRecord } from './records.ts';
import { reversed, stateOf } from './records.ts';

export type ProfileFilter = z.output<typeof profileFilter>;

export interface Page {
  readonly rows: ProfileRow[];
  readonly next?: string;
  readonly total?: number;
}

/** Above so many index hits a text stops being selective: walking by id finds a page sooner than sorting the hits. */
const SELECTIVE = 20_000;
/** Largest number counted exactly under a filter; above it a filter counts as not selective. */
const COUNTED = 10_000;
/** Ids per step of a walk, so that no single query holds the process for long. */
const WINDOW = 20_000;

type Condition = Expression<SqlBool>;

export async function listProfiles(db: Reader, filter: ProfileFilter, limit: number, cursor?: string): Promise<Page> {
  const types = new Map((await db.selectFrom('profile_types').select(['id', 'name']).execute()).map((type) => [type.id, type.name]));
  const below = cursor === undefined ? undefined : position(cursor);
  const text = await textCondition(db, filter.text);
  if (text === 'nothing') return { rows: [], total: 0 };
  const typeId = filter.type === undefined ? undefined : [...types].find(([, name]) => name === filter.type)?.[0];
  if (filter.type !== undefined && typeId === undefined) return { rows: [], total: 0 };
  const conditions = conditionsOf(filter, typeId, [...types.keys()]);
  const indexed: Condition[] = [...conditions.map((c) => c.is), ...(text ? [text.is] : [])];
  const bare: Condition[] = [...conditions.map((c) => c.bare), ...(text ? [text.is] : [])];
  const usable = text ? !text.dense : conditions.some((c) => c.indexed);
  const counted = indexed.length === 0 || !usable ? undefined : await countedUpTo(db, indexed);
  // Few hits: take them by index and sort. Many, or no index: go down by id, a page is found soon.
  const few = indexed.length === 0 || (counted !== undefined && counted <= COUNTED);
  const ids = few ? await pickIds(db, indexed, limit + 1, below) : await walkIds(db, bare, limit + 1, below);
  const shown = ids.slice(0, limit);
  const found = shown.length === 0 ? [] : await db.selectFrom('profiles').select(listColumns).where('id', 'in', shown).orderBy('id', 'desc').execute();
  const total = below !== undefined ? undefined : indexed.length === 0 ? await countAll(db) : few ? counted : undefined;
  return {
    rows: found.map((row) => rowView(row, types.get(row.type_id) ?? '')),
    ...(ids.length > limit ? { next: String(shown[shown.length - 1]) } : {}),
    ...(total === undefined ? {} : { total }),
  };
}

const listColumns = [
  'id', 'iccid', 'imsi', 'msisdn', 'type_id', 'order_state', 'network_state', 'stock_state', 'device_state', 'eid', 'last_event_at', 'last_event', 'created_at',
] as const;

export function rowView(row: Pick<ProfileRowRecord, (typeof listColumns)[number]>, type: string): ProfileRow {
  return {
    iccid: row.iccid, imsi: row.imsi, type, state: stateOf(row), createdAt: row.created_at,
    ...(row.msisdn === null ? {} : { msisdn: row.msisdn }), ...(row.eid === null ? {} : { eid: row.eid }),
    ...(row.last_event_at === null ? {} : { lastEventAt: row.last_event_at }), ...(row.last_event === null ? {} : { lastEvent: row.last_event }),
  };
}

function position(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor)) throw new DeskProblem('INPUT_INVALID', 'The position in the list is not one this program gave out; start from the first page.', { field: 'cursor' });
  return Number(cursor);
}

/** A condition twice: for an index, and (with SQLite's unary plus) so that no index is taken for it. */
interface Filtering {
  readonly is: Condition;
  readonly bare: Condition;
  readonly indexed: boolean;
}

function conditionsOf(filter: ProfileFilter, typeId: number | undefined, everyType: readonly number[]): Filtering[] {
  const list: Filtering[] = [];
  const within = (column: string, values: readonly (string | number)[] | undefined, indexed: boolean): void => {
    if (!values || values.length === 0) return;
    const is = sql<SqlBool>`${sql.ref(column)} in (${sql.join(values)})`;
    list.push({ is, bare: sql<SqlBool>`+${is}`, indexed });
  };
  const stock = filter.stock !== undefined && filter.stock.length > 0;
  // The stock index begins with the type: naming every type makes it usable.
  within('type_id', typeId !== undefined ? [typeId] : stock ? everyType : undefined, true);
  within('stock_state', filter.stock, true);
  within('order_state', filter.order, true);
  within('network_state', filter.network, false);
  within('device_state', filter.device, false);
  return list;
}

const TEXT_COLUMNS = [['iccid', 'iccid_rev'], ['imsi', 'imsi_rev'], ['msisdn', 'msisdn_rev'], ['eid', 'eid_rev']] as const;

async function textCondition(db: Reader, text: string | undefined): Promise<{ is: Condition; dense: boolean } | 'nothing' | undefined> {
  if (text === undefined || text.trim() === '') return undefined;
  const digits = withoutSeparators(text).replace(/^\+|[fF]$/g, '');
  if (!/^\d{1,32}$/.test(digits)) return 'nothing';
  const backwards = reversed(digits);
  const ranges: Condition[] = [];
  let hits = 0;
  for (const [column, rev] of TEXT_COLUMNS) {
    for (const [name, start] of [[column, digits], [rev, backwards]] as const) {
      // ':' follows '9': everything that begins with these digits.
      const range = sql<SqlBool>`${sql.ref(name)} >= ${start} and ${sql.ref(name)} < ${`${start}:`}`;
      const counted = await sql<{ n: number }>`select count(*) as n from (select 1 from profiles where ${range} limit ${SELECTIVE + 1 - hits})`.execute(db);
      const n = counted.rows[0]?.n ?? 0;
      hits += n;
      if (n > 0) ranges.push(sql<SqlBool>`(${range})`);
      if (hits > SELECTIVE) return { is: anyPrefix(digits, backwards), dense: true };
    }
  }
  if (ranges.length === 0) return 'nothing';
  return { is: sql<SqlBool>`(${sql.join(ranges, sql` or `)})`, dense: false };
}

function anyPrefix(digits: string, backwards: string): Condition {
  const each = TEXT_COLUMNS.flatMap(([column, rev]) => [[column, digits], [rev, backwards]] as const)
    .map(([name, start]) => sql`(+${sql.ref(name)} >= ${start} and +${sql.ref(name)} < ${`${start}:`})`);
  return sql<SqlBool>`(${sql.join(each, sql` or `)})`;
}

async function pickIds(db: Reader, conditions: readonly Condition[], count: number, below: number | undefined): Promise<number[]> {
  let query = db.selectFrom('profiles').select('id').orderBy('id', 'desc').limit(count);
  if (below !== undefined) query = query.where('id', '<', below);
  for (const condition of conditions) query = query.where(condition);
  return (await query.execute()).map((row) => row.id);
}

/** Goes down by id in windows; between two windows other work has its turn. */
async function walkIds(db: Reader, conditions: readonly Condition[], count: number, below: number | undefined): Promise<number[]> {
  const top = await db.selectFrom('profiles').select((e) => e.fn.max('id').as('id')).executeTakeFirst();
  const found: number[] = [];
  for (let high = below ?? (top?.id ?? 0) + 1; high > 1 && found.length < count; high -= WINDOW) {
    let query = db.selectFrom('profiles').select('id').orderBy('id', 'desc').limit(count - found.length)
      .where('id', '<', high).where('id', '>=', Math.max(1, high - WINDOW));
    for (const condition of conditions) query = query.where(condition);
    found.push(...(await query.execute()).map((row) => row.id));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return found;
}

async function countAll(db: Reader): Promise<number> {
  return (await sql<{ n: number }>`select count(*) as n from profiles`.execute(db)).rows[0]?.n ?? 0;
}

/** Exact up to {@link COUNTED}; one more stands for "many". */
async function countedUpTo(db: Reader, conditions: readonly Condition[]): Promise<number> {
  const counted = await sql<{ n: number }>`select count(*) as n from (select 1 from profiles where ${sql.join(conditions, sql` and `)} limit ${COUNTED + 1})`.execute(db);
  return counted.rows[0]?.n ?? 0;
}
