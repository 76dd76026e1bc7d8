/** Conditions on single fields of a row: identifiers, dates, attempts, labels, notes, brand, batch, import. */
import { sql, type RawBuilder, type SqlBool } from 'kysely';
import type { FieldName, FilterOp } from '../../../shared/contract/profile-filter.ts';
import { parseIccid, reversed } from '../../../shared/identifiers/index.ts';
import type { Reader, Tx } from '../context.ts';
import type { Check, Compiled, Driver, KeyRange, RangeKey } from './filter-parts.ts';
import { bareDigits, invalid } from './filter-parts.ts';
import { parseMoment } from './moments.ts';

export interface FieldQuestion {
  readonly chip: string;
  readonly field: FieldName;
  readonly op: FilterOp;
  readonly values: readonly string[];
  readonly now: number;
}

const not = (check: Check): Check => sql<SqlBool>`not coalesce(${check}, 0)`;
const oneOf = (column: RawBuilder<unknown>, values: readonly (string | number)[]): Check => sql<SqlBool>`${column} in (${sql.join(values)})`;

export async function compileField(db: Reader | Tx, asked: FieldQuestion): Promise<Compiled> {
  switch (asked.field) {
    case 'iccid': case 'imsi': case 'msisdn': case 'eid': return digitsField(asked, asked.field);
    case 'created': case 'lastEvent': case 'prepared': case 'delivered': case 'held': return momentField(asked, asked.field);
    case 'attempts': return attemptsField(asked);
    case 'matchingId': return matchingIdField(asked);
    case 'label': return labelField(db, asked);
    case 'note': return noteField(asked);
    case 'brand': return brandField(db, asked);
    case 'batch': return referenceField(asked, 'batch_id', await batchIds(db, asked.values));
    case 'import': return referenceField(asked, 'import_id', asked.values.map((value) => Number(/^I?-?(\d{1,15})$/i.exec(value)?.[1] ?? -1)));
    default: throw new TypeError(`${asked.field} is a group's`);
  }
}

type DigitsColumn = 'iccid' | 'imsi' | 'msisdn' | 'eid';
/** Behind '9' in every identifier: closes the range of what begins with given digits. */
const END = ':';

function digitsField({ chip, op, values }: FieldQuestion, column: DigitsColumn): Compiled {
  const own = sql.raw(`p.${column}`);
  if (op === 'present' || op === 'absent') {
    if (column === 'eid') return { groups: (group) => group.eid === (op === 'present') };
    return { groups: (group) => group.msisdn === (op === 'present') };
  }
  const digits = values.map((value) => {
    const bare = bareDigits(value);
    if (value !== '' && !/^\d{1,32}$/.test(bare)) throw invalid(chip, `"${value.slice(0, 40)}" is not made of digits.`);
    // A whole ICCID may lack its check digit.
    if (column === 'iccid' && bare.length === 18 && (op === 'is' || op === 'in' || op === 'isNot' || op === 'notIn')) {
      const whole = parseIccid(bare);
      if (whole.ok) return whole.value;
    }
    return bare;
  });
  if (op === 'is' || op === 'in') return { row: { check: oneOf(own, digits), drivers: [{ ids: sql`select id from profiles where ${oneOf(sql.raw(column), digits)}` }] } };
  if (op === 'isNot' || op === 'notIn') return { row: { check: not(oneOf(own, digits)) } };
  if (op === 'between') {
    const [from = '', to = ''] = digits;
    const range: KeyRange = { from, to: to === '' ? END : `${to}${END}` };
    return keyed(column, range, sql<SqlBool>`${own} >= ${range.from} and ${own} < ${range.to}`);
  }
  if (op === 'begins' && digits.length === 1) {
    const range: KeyRange = { from: digits[0]!, to: `${digits[0]!}${END}` };
    return keyed(column, range, sql<SqlBool>`${own} >= ${range.from} and ${own} < ${range.to}`);
  }
  const name = op === 'ends' ? `${column}_rev` : column;
  const starts = op === 'ends' ? digits.map(reversed) : digits;
  const among = (alias: string): Check => sql<SqlBool>`(${sql.join(starts.map((start) => sql`(${sql.raw(alias + name)} >= ${start} and ${sql.raw(alias + name)} < ${start + END})`), sql` or `)})`;
  return {
    row: {
      check: among('p.'),
      drivers: starts.map((start) => ({ ids: sql`select id from profiles where ${sql.raw(name)} >= ${start} and ${sql.raw(name)} < ${start + END}` })),
    },
  };
}

const columnOfKey: Record<RangeKey, string> = {
  created: 'created_at', lastEvent: 'last_event_at', iccid: 'iccid', imsi: 'imsi', msisdn: 'msisdn', eid: 'eid', prepared: 'prepared_at', delivered: 'bpp_delivered_at', held: 'held_until',
};

/** A range of a key: its index finds the rows, and a walk along it needs no check. */
export function keyed(key: RangeKey, range: KeyRange, check: Check): Compiled {
  const column = sql.raw(columnOfKey[key]);
  const grouped = key === 'created' || key === 'lastEvent';
  const held = key === 'held' ? sql` and stock_state = 'held' and held_until is not null` : sql``;
  const ids = grouped
    // These indexes begin with the group.
    ? sql`select id from profiles indexed by ${sql.raw(key === 'created' ? 'profiles_group_created' : 'profiles_group_event')} where facet in (select facet from profile_counts where n > 0) and ${column} >= ${range.from} and ${column} < ${range.to}`
    : sql`select id from profiles where ${column} >= ${range.from} and ${column} < ${range.to}${held}`;
  return { row: { check, drivers: [{ ids, range: { key, range } }] } };
}

function momentField({ chip, field, op, values, now }: FieldQuestion, key: 'created' | 'lastEvent' | 'prepared' | 'delivered' | 'held'): Compiled {
  const own = sql.raw(`p.${columnOfKey[key]}`);
  if (op === 'present' || op === 'absent') {
    const yes = op === 'present';
    if (key === 'delivered') return { groups: (group) => group.delivered === yes };
    if (key === 'held') {
      const check = sql<SqlBool>`p.stock_state = 'held' and p.held_until is not null`;
      return yes ? keyed('held', ALWAYS, check) : { row: { check: not(check) } };
    }
    const check = sql<SqlBool>`${own} is not null`;
    return yes ? keyed(key, ALWAYS, check) : { row: { check: not(check) } };
  }
  const [from = '', to = ''] = values;
  const low = from === '' ? ALWAYS.from : parseMoment(from, 'start', now);
  const high = to === '' ? ALWAYS.to : parseMoment(to, 'end', now);
  if (low === undefined || high === undefined) throw invalid(chip, `${field} takes dates such as 2026-03-01 or 2026-03-01T08:00Z.`);
  const bounds = sql<SqlBool>`${own} >= ${low} and ${own} < ${high}`;
  return keyed(key, { from: low, to: high }, key === 'held' ? sql<SqlBool>`p.stock_state = 'held' and ${bounds}` : bounds);
}

const ALWAYS = { from: -8_640_000_000_000_000, to: 8_640_000_000_000_001 } as const;

function attemptsField({ chip, op, values }: FieldQuestion): Compiled {
  const ofOrder = (check: RawBuilder<unknown>): Check => sql<SqlBool>`exists (select 1 from orders o where o.id = p.order_id and ${check})`;
  if (op === 'present') return { row: { check: sql<SqlBool>`p.order_id is not null` } };
  if (op === 'absent') return { row: { check: sql<SqlBool>`p.order_id is null` } };
  const numbers = values.map((value) => (value === '' ? undefined : /^\d{1,6}$/.test(value) ? Number(value) : invalidNumber(chip, value)));
  const find = (check: RawBuilder<unknown>, from: number): Compiled => ({
    row: {
      check: ofOrder(sql`o.download_attempts ${check}`),
      ...(from > 0 ? { drivers: [{ ids: sql`select profile_id as id from orders indexed by orders_attempts where download_attempts > 0 and download_attempts ${check}` }] } : {}),
    },
  });
  if (op === 'between') {
    const [low = 0, high = 1_000_000] = numbers;
    return find(sql`between ${low} and ${high}`, low);
  }
  const list = numbers as number[];
  if (op === 'isNot') return { row: { check: not(ofOrder(sql`o.download_attempts = ${list[0]!}`)) } };
  return find(sql`in (${sql.join(list)})`, Math.min(...list));
}

function invalidNumber(chip: string, value: string): never {
  throw invalid(chip, `"${value.slice(0, 20)}" is not a whole number.`);
}

function matchingIdField({ chip, op, values }: FieldQuestion): Compiled {
  const some = sql<SqlBool>`exists (select 1 from orders o where o.id = p.order_id and o.matching_id <> '')`;
  if (op === 'present') return { row: { check: some } };
  if (op === 'absent') return { row: { check: not(some) } };
  const tokens = values.map((value) => value.toUpperCase().replace(/\s+/g, ''));
  if (tokens.some((token) => !/^[0-9A-Z-]{1,255}$/.test(token))) throw invalid(chip, 'A MatchingID has letters, digits and dashes only.');
  return { row: matchingIds(op === 'begins' ? tokens.map((token) => ({ from: token, to: `${token}~` })) : tokens.map((token) => ({ from: token, to: `${token}\u0001` }))) };
}

/** Profiles of which an order has one of these MatchingIDs. */
export function matchingIds(ranges: readonly { readonly from: string; readonly to: string }[]): { readonly check: Check; readonly drivers: readonly Driver[] } {
  const each = (column: string): RawBuilder<unknown> => sql`(${sql.join(ranges.map(({ from, to }) => sql`(${sql.raw(column)} >= ${from} and ${sql.raw(column)} < ${to})`), sql` or `)})`;
  return {
    check: sql<SqlBool>`exists (select 1 from orders o where o.profile_id = p.id and ${each('o.matching_id')})`,
    drivers: [{ ids: sql`select o.profile_id as id from matching_ids m cross join orders o on o.id = m.order_id and o.matching_id = m.matching_id where ${each('m.matching_id')}` }],
  };
}

async function labelField(db: Reader | Tx, { op, values }: FieldQuestion): Promise<Compiled> {
  const any = sql<SqlBool>`exists (select 1 from profile_labels l where l.profile_id = p.id)`;
  if (op === 'present') return { row: { check: any, drivers: [{ ids: sql`select distinct profile_id as id from profile_labels` }] } };
  if (op === 'absent') return { row: { check: not(any) } };
  const rows = await db.selectFrom('labels').select('id').where('name', 'in', values).execute();
  const ids = rows.length === 0 ? [-1] : rows.map((row) => row.id);
  const check = sql<SqlBool>`exists (select 1 from profile_labels l where l.profile_id = p.id and l.label_id in (${sql.join(ids)}))`;
  if (op === 'isNot' || op === 'notIn') return { row: { check: not(check) } };
  return { row: { check, drivers: [{ ids: sql`select distinct profile_id as id from profile_labels where label_id in (${sql.join(ids)})` }] } };
}

function noteField({ op }: FieldQuestion): Compiled {
  const check = sql<SqlBool>`exists (select 1 from profile_notes n where n.profile_id = p.id)`;
  return op === 'present' ? { row: { check, drivers: [{ ids: sql`select distinct profile_id as id from profile_notes` }] } } : { row: { check: not(check) } };
}

async function brandField(db: Reader | Tx, { op, values }: FieldQuestion): Promise<Compiled> {
  const ofOrder = (condition: RawBuilder<unknown>): Check => sql<SqlBool>`exists (select 1 from orders o where o.id = p.order_id and ${condition})`;
  // Orders whose profile went on are dropped by the check, which every driver's rows pass as well.
  const driver = (condition: RawBuilder<unknown>): RawBuilder<unknown> => sql`select distinct profile_id as id from orders indexed by orders_brand_profile where brand_id is not null and ${condition}`;
  if (op === 'present') return { row: { check: ofOrder(sql`o.brand_id is not null`), drivers: [{ ids: driver(sql`true`) }] } };
  if (op === 'absent') return { row: { check: not(ofOrder(sql`o.brand_id is not null`)) } };
  const rows = await db.selectFrom('brands').select('id').where('name', 'in', values).execute();
  const ids = rows.length === 0 ? [-1] : rows.map((row) => row.id);
  const check = ofOrder(sql`o.brand_id in (${sql.join(ids)})`);
  if (op === 'isNot' || op === 'notIn') return { row: { check: not(check) } };
  return { row: { check, drivers: [{ ids: driver(sql`brand_id in (${sql.join(ids)})`) }] } };
}

/** `B-12` is a batch by its number; everything else the reference a preparation was given. */
export async function batchIds(db: Reader | Tx, values: readonly string[]): Promise<number[]> {
  const ids: number[] = [];
  for (const value of values) {
    const named = await db.selectFrom('preparations').select('batch_id').where('reference', '=', value).executeTakeFirst();
    ids.push(named?.batch_id ?? await batchNumbered(db, value) ?? -1);
  }
  return ids;
}

/** The batch of the number people see; `undefined` for what is no number, or that of no batch. */
export async function batchNumbered(db: Reader | Tx, text: string): Promise<number | undefined> {
  const number = /^B?-?(\d{1,15})$/i.exec(text)?.[1];
  return number === undefined ? undefined : (await db.selectFrom('batches').select('id').where('number', '=', Number(number)).executeTakeFirst())?.id;
}

function referenceField({ op }: FieldQuestion, column: 'batch_id' | 'import_id', ids: readonly number[]): Compiled {
  const own = sql.raw(`p.${column}`);
  if (op === 'present' || op === 'absent') return { groups: (group) => group[column === 'batch_id' ? 'batch' : 'import'] === (op === 'present') };
  const check = oneOf(own, ids);
  if (op === 'isNot' || op === 'notIn') return { row: { check: not(check) } };
  return {
    row: {
      check, drivers: [{ ids: sql`select id from profiles where ${oneOf(sql.raw(column), ids)}` }],
      ...(ids.length === 1 ? { walk: { column, value: ids[0]! } } : {}),
    },
  };
}

