/** How the rows of a filter are found: few by the narrowest index and sorted, many by walking an index that has their order. */
import { sql, type RawBuilder } from 'kysely';
import type { Reader, Tx } from '../context.ts';
import type { Chip, Question } from './filter.ts';
import { groupsOf, inGroups, rowConditions } from './filter.ts';
import type { Check, Driver, RowCondition } from './filter-parts.ts';
import { allOf } from './filter-parts.ts';
import type { Group } from './groups.ts';
import { readFacet, sumOf } from './groups.ts';
import type { Entry, Key, KeyColumn, Order, Position, Rank } from './order.ts';
import { compareEntries, compareRanks, newestFirst, ranksOf } from './order.ts';
import type { Blocks } from './streams.ts';
import { isGroupKey, isPlainKey, mergeGroups, mergeWith, walkIndex, walkMembers } from './streams.ts';

/** So many rows are fetched and sorted; of more, an index is walked in their order. */
export const FEW = 10_000;

export interface Found extends Entry {
  /** Values of the leading columns. */
  readonly ranks: readonly Rank[];
}

export interface Answer {
  readonly order: Order;
  /** Exact, when it is known without reading the rows. */
  readonly total?: number;
  /** There are more than so many. */
  readonly more?: number;
  readonly blocks: AsyncGenerator<Found[], void, undefined>;
}

export interface Wanted {
  readonly chips?: readonly Chip[];
  readonly order?: Order;
  readonly after?: Position;
  /** Rows likely to be read. */
  readonly first?: number;
  /** Instead of {@link FEW}, so that tests walk small stock too. */
  readonly few?: number;
}

interface Measured { readonly condition: RowCondition; readonly counts: readonly number[]; readonly sum: number }

async function measure(db: Reader | Tx, condition: RowCondition, few: number): Promise<Measured> {
  if (!condition.drivers) return { condition, counts: [], sum: Number.POSITIVE_INFINITY };
  const counts: number[] = [];
  for (const { ids } of condition.drivers) {
    const { rows } = await sql<{ n: number }>`select count(*) as n from (select 1 from (${ids}) limit ${few + 1})`.execute(db);
    counts.push(rows[0]!.n);
  }
  return { condition, counts, sum: counts.reduce((a, b) => a + b, 0) };
}

/** What the order's key is in a row; null where such rows stand last. */
const keyOf: Record<KeyColumn, string> = {
  id: 'p.id', created: 'p.created_at', lastEvent: 'p.last_event_at', iccid: 'p.iccid', imsi: 'p.imsi', msisdn: 'p.msisdn', eid: 'p.eid',
  prepared: 'p.prepared_at', delivered: 'p.bpp_delivered_at', held: `(case when p.stock_state = 'held' then p.held_until end)`,
};

export async function answer(db: Reader | Tx, question: Question, { chips = question.chips, order: asked, after, first = 100, few = FEW }: Wanted = {}): Promise<Answer> {
  const groups = groupsOf(question, chips);
  const all = sumOf(groups);
  const rows = rowConditions(chips);
  const narrowed = groups.length < question.every.length;
  const measured: Measured[] = [];
  for (const row of rows) measured.push(await measure(db, row, few));
  const narrowest = measured.reduce<Measured | undefined>((best, one) => (best && best.sum <= one.sum ? best : one), undefined);
  const easy = all <= few || (narrowest?.sum ?? all) <= few;
  const order = asked ?? after?.order ?? (easy ? newestFirst : ownOrder(measured, few));
  const context: Context = { db, question, groups, narrowed, rows, order, first, few, ...(after ? { after } : {}) };

  if (all === 0) return { order, total: 0, blocks: none() };
  if (rows.length === 0 && isGroupKey(order.key)) return { order, total: all, blocks: walkGroups(context, order.key, undefined) };
  if (easy) {
    const found = await pick(context, narrowest !== undefined && narrowest.sum <= all ? narrowest : undefined);
    return { order, total: found.length, blocks: once(after ? found.filter((one) => compareFound(order, one, { ...after.entry, ranks: after.ranks }) > 0) : found) };
  }
  const many = measured.length === 1 && !narrowed && measured[0]!.condition.drivers?.some(({ range }, index) => range !== undefined && measured[0]!.counts[index]! > few);
  return { order, ...(rows.length === 0 ? { total: all } : many ? { more: few } : {}), blocks: walkAll(context, measured) };
}

interface Context {
  readonly db: Reader | Tx;
  readonly question: Question;
  readonly groups: readonly Group[];
  readonly narrowed: boolean;
  readonly rows: readonly RowCondition[];
  readonly order: Order;
  readonly after?: Position;
  readonly first: number;
  readonly few: number;
}

/** Without an order asked for: one in which a condition's rows stand together, else newest first. */
function ownOrder(measured: readonly Measured[], few: number): Order {
  for (const { condition } of measured) if (condition.walk) return { leading: [], key: 'id', down: true };
  for (const one of measured) {
    const range = denseRange(one, few);
    if (!range) continue;
    const { key } = range.driver.range!;
    return { leading: [], key, down: key === 'created' || key === 'lastEvent' || key === 'prepared' || key === 'delivered' };
  }
  return newestFirst;
}

/** The one index range of a condition that has many rows, when the other ranges have few. */
function denseRange({ condition, counts }: Measured, few: number): { readonly driver: Driver; readonly others: readonly Driver[] } | undefined {
  const dense = (condition.drivers ?? []).filter((_, index) => counts[index]! > few);
  const others = (condition.drivers ?? []).filter((_, index) => counts[index]! > 0 && counts[index]! <= few);
  const rest = counts.filter((count) => count <= few).reduce((a, b) => a + b, 0);
  return dense.length === 1 && dense[0]!.range && rest <= few ? { driver: dense[0]!, others } : undefined;
}

async function* none(): AsyncGenerator<Found[], void, undefined> {
  // Nothing to give.
}

async function* once(found: Found[]): AsyncGenerator<Found[], void, undefined> {
  if (found.length > 0) yield found;
}

const compareFound = (order: Order, a: Found, b: Found): number => compareRanks(order, a.ranks, b.ranks) || compareEntries(order.down)(a, b);

/**
 * The rows that pass the row conditions of these chips, as groups with their counts; undefined where there are too many of them
 * to look at each.
 */
export async function narrowed(db: Reader | Tx, chips: readonly Chip[], few = FEW): Promise<Group[] | undefined> {
  const rows = rowConditions(chips);
  let narrowest: Measured | undefined;
  for (const row of rows) {
    const one = await measure(db, row, few);
    if (!narrowest || one.sum < narrowest.sum) narrowest = one;
  }
  if (!narrowest || narrowest.sum > few) return undefined;
  const found = await sql<{ facet: number; n: number }>`
    select p.facet as facet, count(*) as n from profiles p where p.id in (${unionOf(narrowest.condition.drivers!)}) and ${allOf(rows.map((row) => row.check))} group by p.facet`.execute(db);
  return found.rows.map(({ facet, n }) => readFacet(facet, n));
}

interface Picked { readonly id: number; readonly facet: number; readonly key: Key | null; readonly created: number }

const unionOf = (drivers: readonly Driver[]): RawBuilder<unknown> => sql`${sql.join(drivers.map(({ ids }) => sql`select id from (${ids})`), sql` union all `)}`;

/** All rows, sorted. Without a measured condition the groups are the narrowest. */
async function pick(context: Context, by: Measured | undefined): Promise<Found[]> {
  const { db, question, groups, narrowed, rows, order } = context;
  const checks: Check[] = rows.map((row) => row.check);
  if (by && narrowed) checks.push(inGroups(groups));
  const what = sql`p.id as id, p.facet as facet, ${sql.raw(keyOf[order.key])} as key, p.created_at as created`;
  const query = by
    ? sql<Picked>`select ${what} from profiles p where p.id in (${unionOf(by.condition.drivers!)}) and ${allOf(checks)}`
    : sql<Picked>`select ${what} from profiles p indexed by profiles_group_created where ${inGroups(groups)} and ${allOf(checks)}`;
  const found = (await query.execute(db)).rows;
  const ranks = ranksByFacet(order, question);
  return found.map(({ id, facet, key, created }): Found => ({ id, key, ranks: ranks(facet), ...(key === null ? { created } : {}) })).sort((a, b) => compareFound(order, a, b));
}

function ranksByFacet(order: Order, question: Question): (facet: number) => readonly Rank[] {
  if (order.leading.length === 0) return () => [];
  const known = new Map<number, readonly Rank[]>();
  return (facet) => {
    let ranks = known.get(facet);
    if (!ranks) known.set(facet, ranks = ranksOf(order, readFacet(facet), question.names));
    return ranks;
  };
}

/** Groups of one rank after the other, each rank merged in the order of its key. */
async function* walkGroups(context: Context, key: 'created' | 'lastEvent' | 'iccid', range: Driver['range'], check?: Check): AsyncGenerator<Found[], void, undefined> {
  const { db, question, groups, order, after, first } = context;
  const phases = new Map<string, { ranks: Rank[]; facets: number[] }>();
  for (const group of groups) {
    const ranks = ranksOf(order, group, question.names);
    const name = JSON.stringify(ranks);
    const phase = phases.get(name) ?? { ranks, facets: [] };
    phase.facets.push(group.facet);
    phases.set(name, phase);
  }
  for (const { ranks, facets } of [...phases.values()].sort((a, b) => compareRanks(order, a.ranks, b.ranks))) {
    const place = after ? compareRanks(order, ranks, after.ranks) : 1;
    if (place < 0) continue;
    const blocks = mergeGroups(db, facets, { key, down: order.down, ...(range ? { range: range.range } : {}), ...(place === 0 ? { after: after!.entry } : {}) }, first);
    for await (const block of passing(db, blocks, check)) yield carried(block, (entry): Found => ({ ...entry, ranks }));
  }
}

/** Many rows under conditions: along the order, each block checked for what the walk itself does not ensure. */
async function* walkAll(context: Context, measured: readonly Measured[]): AsyncGenerator<Found[], void, undefined> {
  const { db, groups, narrowed, order, after, first, few } = context;
  const rest = (without?: Measured): Check[] => measured.filter((one) => one !== without).map((one) => one.condition.check);
  const inWanted = narrowed ? [inGroups(groups)] : [];
  const checkOf = (checks: readonly Check[]): Check | undefined => (checks.length === 0 ? undefined : allOf(checks));
  const ranked = async function* ranked(blocks: Blocks): AsyncGenerator<Found[], void, undefined> {
    for await (const block of blocks) yield carried(block, (entry): Found => ({ ...entry, ranks: [] }));
  };
  if (order.key === 'id') {
    const member = measured.find((one) => one.condition.walk);
    const below = after?.entry.id;
    if (member) yield* ranked(passing(db, walkMembers(db, member.condition.walk!.column, member.condition.walk!.value, below, first), checkOf([...rest(member), ...inWanted])));
    return;
  }
  const ranged = order.leading.length > 0 ? undefined : measured.map((one) => ({ one, dense: denseRange(one, few) })).find(({ dense }) => dense?.driver.range!.key === order.key);
  const driver = ranged?.dense?.driver;
  const only = ranged?.dense?.others.length === 0 ? ranged.one : undefined;
  const walk = { down: order.down, ...(after && after.entry.key !== null ? { after: after.entry } : {}), ...(driver ? { range: driver.range!.range } : {}) };
  if (isGroupKey(order.key) && (only || !ranged)) {
    yield* walkGroups(context, order.key, driver?.range, checkOf(rest(only)));
    return;
  }
  if (!isPlainKey(order.key)) {
    yield* walkGroups(context, order.key as 'created', undefined, checkOf(rest()));
    return;
  }
  if (after?.entry.key !== null) {
    let blocks = walkIndex(db, { key: order.key, ...walk }, first);
    if (ranged && ranged.dense!.others.length > 0) blocks = mergeWith(blocks, await beside(context, ranged.dense!.others), order.down);
    yield* ranked(passing(db, blocks, checkOf([...rest(only), ...inWanted])));
  }
  if (!driver) yield* withoutKey(context, checkOf(rest()));
}

/** Rows that few-rowed ranges of a condition find, in the order of the walk they are merged into. */
async function beside(context: Context, drivers: readonly Driver[]): Promise<Entry[]> {
  const { db, order, after } = context;
  const { rows } = await sql<Picked>`select p.id as id, 0 as facet, ${sql.raw(keyOf[order.key])} as key, p.created_at as created from profiles p where p.id in (${unionOf(drivers)})`.execute(db);
  const compare = compareEntries(order.down);
  return rows.map(({ id, key, created }): Entry => ({ id, key, ...(key === null ? { created } : {}) }))
    .filter((entry) => after === undefined || compare(entry, after.entry) > 0).sort(compare);
}

/** Behind a walk along a key that not all rows have: the others, newest first. */
async function* withoutKey(context: Context, check: Check | undefined): AsyncGenerator<Found[], void, undefined> {
  const { db, groups, order, after, first } = context;
  if (order.key === 'imsi' || order.key === 'iccid') return;
  const known = groups.filter((group) => !(order.key === 'eid' && group.eid) && !(order.key === 'msisdn' && group.msisdn) && !(order.key === 'delivered' && group.delivered));
  const missing = sql`${sql.raw(keyOf[order.key])} is null`;
  const start = after && after.entry.key === null ? { after: { id: after.entry.id, key: after.entry.created! } } : {};
  const blocks = mergeGroups(db, known.map((group) => group.facet), { key: 'created', down: true, ...start }, first);
  for await (const block of passing(db, blocks, allOf([missing as Check, ...(check ? [check] : [])]))) {
    yield carried(block, (entry): Found => ({ id: entry.id, key: null, created: entry.key as number, ranks: [] }));
  }
}

/** A block of what passed, perhaps nothing, and the last row that was looked at for it. */
const scanned = new WeakMap<readonly Entry[], Entry>();
function scannedTo<T extends Entry[]>(block: T, last: Entry | undefined): T {
  if (last) scanned.set(block, last);
  return block;
}
/** Where a walk stands behind a block: the last row it looked at. */
export const lastOf = <T extends Entry>(block: readonly T[]): T | undefined => (scanned.get(block) as T | undefined) ?? block[block.length - 1];
const carried = <T extends Entry>(block: readonly Entry[], change: (entry: Entry) => T): T[] => {
  const last = scanned.get(block);
  return scannedTo(block.map(change), last && change(last));
};

/** The rows of each block that pass; SQLite looks each one up by its id. */
async function* passing(db: Reader | Tx, blocks: Blocks, check: Check | undefined): Blocks {
  if (!check) {
    yield* blocks;
    return;
  }
  for await (const block of blocks) {
    const { rows } = await sql<{ id: number }>`select p.id as id from profiles p where p.id in (select value from json_each(${JSON.stringify(block.map((entry) => entry.id))})) and ${check}`.execute(db);
    const wanted = new Set(rows.map((row) => row.id));
    yield scannedTo(block.filter((entry) => wanted.has(entry.id)), block[block.length - 1]);
  }
}
