/**
 * Rows in an order, block by block, out of indexes alone. A list of a million is never sorted: each group stands sorted in an
 * index and the groups are merged. Every statement is a short range, and other work has its turn between blocks.
 */
import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Reader, Tx } from '../context.ts';
import { prepared } from '../store/index.ts';
import type { KeyRange, RangeKey } from './filter-parts.ts';
import type { Entry, Key } from './order.ts';
import { compareEntries } from './order.ts';

/** Blocks of rows in order; a block is never empty. */
export type Blocks = AsyncGenerator<Entry[], void, undefined>;
type Db = Reader | Tx;

export type GroupKey = 'created' | 'lastEvent' | 'iccid';
export const isGroupKey = (key: string): key is GroupKey => key === 'created' || key === 'lastEvent' || key === 'iccid';

interface KeyIndex {
  readonly column: string;
  readonly index: string;
  /** What the index leaves out. */
  readonly only?: string;
}

/** Beginning with the group. */
const groupIndexes: Record<GroupKey, KeyIndex> = {
  created: { column: 'created_at', index: 'profiles_group_created' },
  lastEvent: { column: 'last_event_at', index: 'profiles_group_event' },
  iccid: { column: 'iccid', index: 'profiles_group_iccid' },
};
type PlainKey = Exclude<RangeKey, 'created' | 'lastEvent'>;
const plainIndexes: Record<PlainKey, KeyIndex> = {
  iccid: { column: 'iccid', index: 'sqlite_autoindex_profiles_1' },
  imsi: { column: 'imsi', index: 'sqlite_autoindex_profiles_2' },
  msisdn: { column: 'msisdn', index: 'profiles_msisdn', only: 'msisdn is not null' },
  eid: { column: 'eid', index: 'profiles_eid', only: 'eid is not null' },
  prepared: { column: 'prepared_at', index: 'profiles_prepared', only: 'prepared_at is not null' },
  delivered: { column: 'bpp_delivered_at', index: 'profiles_delivered', only: 'bpp_delivered_at is not null' },
  held: { column: 'held_until', index: 'profiles_held', only: `stock_state = 'held' and held_until is not null` },
};
export const plainKeys = Object.keys(plainIndexes) as PlainKey[];
export const isPlainKey = (key: string): key is PlainKey => (plainKeys as string[]).includes(key);

interface RangeQuery { readonly ties: ReturnType<typeof fetcher>; readonly rest: ReturnType<typeof fetcher> }
interface Values { readonly [name: string]: string | number; facet: number; from: Key; to: Key; id: number; count: number }

const fetcher = (text: (p: Values) => ReturnType<typeof sql<{ id: number; key: Key }>>) => prepared<Values, { id: number; key: Key }>((db, p) => ({ compile: () => text(p).compile(db) }));

/** The rows of one key behind a row, and the rows of later keys: together what comes behind a position. */
function rangeQuery({ column, index, only }: KeyIndex, grouped: boolean, down: boolean): RangeQuery {
  const raw = (text: string) => sql.raw(text);
  const where = (p: Values) => sql`from profiles indexed by ${raw(index)} where ${grouped ? sql`facet = ${p.facet}` : raw(only ?? 'true')}`;
  const way = down ? 'desc' : 'asc';
  return {
    ties: fetcher((p) => sql`select id, ${raw(column)} as key ${where(p)} and ${raw(column)} = ${p.from} and id ${raw(down ? '<' : '>')} ${p.id} order by id ${raw(way)} limit ${p.count}`),
    // Going up, a range begins behind its start when that is a position.
    rest: fetcher((p) => sql`select id, ${raw(column)} as key ${where(p)} and ${raw(column)} >= ${p.from} and ${raw(column)} < ${p.to} order by ${raw(column)} ${raw(way)}, id ${raw(way)} limit ${p.count}`),
  };
}

const queries = new Map<string, RangeQuery>();
function queryFor(key: RangeKey, grouped: boolean, down: boolean): RangeQuery {
  const name = `${key} ${grouped} ${down}`;
  let query = queries.get(name);
  if (!query) queries.set(name, query = rangeQuery(grouped ? groupIndexes[key as GroupKey] : plainIndexes[key as PlainKey], grouped, down));
  return query;
}

const textKeys: readonly RangeKey[] = ['iccid', 'imsi', 'msisdn', 'eid'];
const whole = (key: RangeKey): KeyRange => (textKeys.includes(key) ? { from: '', to: ':' } : { from: -8_640_000_000_000_000, to: 8_640_000_000_000_001 });
/** The key right behind one: where a range that excludes it begins. */
const behind = (key: Key): Key => (typeof key === 'number' ? key + 1 : `${key}\u0000`);

export interface Walk {
  readonly key: RangeKey;
  readonly down: boolean;
  readonly range?: KeyRange;
  /** The row the walk goes on behind. */
  readonly after?: Entry;
}

/** Reads one range piece by piece. */
function reader(db: Db, walk: Walk, facet: number | undefined, bounds: KeyRange): (count: number) => Promise<Entry[]> {
  const { ties, rest } = queryFor(walk.key, facet !== undefined, walk.down);
  let after = walk.after;
  return async (count) => {
    const at = { facet: facet ?? 0, count };
    const found: Entry[] = [];
    if (after && after.key !== null) found.push(...await ties.all(db, { ...at, from: after.key, to: '', id: after.id }));
    if (found.length < count) {
      const from = after && after.key !== null && !walk.down ? behind(after.key) : bounds.from;
      const to = after && after.key !== null && walk.down ? after.key : bounds.to;
      found.push(...await rest.all(db, { ...at, from, to, id: 0, count: count - found.length }));
    }
    after = found[found.length - 1] ?? after;
    return found;
  };
}

/** Within the bounds and, when there is a position, beyond it. */
function bounded(walk: Walk): { readonly bounds: KeyRange; readonly after?: Entry } {
  const bounds = walk.range ?? whole(walk.key);
  const at = walk.after;
  if (!at || at.key === null) return { bounds };
  // A position before the range (it was narrowed since) means the whole range; one behind it, nothing.
  if (walk.down ? at.key >= bounds.to : at.key < bounds.from) return { bounds };
  return { bounds, after: at };
}

const LARGEST = 1_000;

/** One index from end to end. */
export async function* walkIndex(db: Db, walk: Walk, first = 100): Blocks {
  const { bounds, after } = bounded(walk);
  const read = reader(db, { key: walk.key, down: walk.down, ...(after ? { after } : {}) }, undefined, bounds);
  for (let count = first; ; count = Math.min(LARGEST, count * 2)) {
    const block = await read(count);
    if (block.length > 0) yield block;
    if (block.length < count) return;
    await setImmediate();
  }
}

interface Head { readonly read: (count: number) => Promise<Entry[]>; block: Entry[]; at: number; step: number; ended: boolean }

/** The groups in one order. `first`: rows that are likely to be wanted. */
export async function* mergeGroups(db: Db, facets: readonly number[], walk: Walk & { readonly key: GroupKey }, first = 100): Blocks {
  const { bounds, after } = bounded(walk);
  const start = Math.max(2, Math.ceil((first * 2) / Math.max(1, facets.length)));
  const heads: Head[] = [];
  for (const [index, facet] of facets.entries()) {
    const read = reader(db, { key: walk.key, down: walk.down, ...(after ? { after } : {}) }, facet, bounds);
    const block = await read(start);
    if (block.length > 0) heads.push({ read, block, at: 0, step: start, ended: block.length < start });
    if (index % 200 === 199) await setImmediate();
  }
  const compare = compareEntries(walk.down);
  const heap = heapOf(heads, (a, b) => compare(a.block[a.at]!, b.block[b.at]!) < 0);
  let out: Entry[] = [];
  for (let size = first; heap.size() > 0;) {
    const head = heap.top();
    out.push(head.block[head.at]!);
    head.at += 1;
    if (head.at === head.block.length) {
      if (head.ended) head.block = [];
      else {
        head.step = Math.min(LARGEST, head.step * 2);
        head.block = await head.read(head.step);
        head.ended = head.block.length < head.step;
      }
      head.at = 0;
    }
    if (head.block.length === 0) heap.removeTop();
    else heap.sinkTop();
    if (out.length >= size) {
      yield out;
      out = [];
      size = Math.min(LARGEST * 2, size * 2);
      await setImmediate();
    }
  }
  if (out.length > 0) yield out;
}

interface Heap<T> { size(): number; top(): T; sinkTop(): void; removeTop(): void }

function heapOf<T>(items: T[], before: (a: T, b: T) => boolean): Heap<T> {
  const sink = (from: number): void => {
    for (let at = from; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < items.length && before(items[child]!, items[least]!)) least = child;
      if (least === at) return;
      [items[at], items[least]] = [items[least]!, items[at]!];
      at = least;
    }
  };
  for (let at = (items.length >> 1) - 1; at >= 0; at--) sink(at);
  return {
    size: () => items.length,
    top: () => items[0]!,
    sinkTop: () => sink(0),
    removeTop() {
      const last = items.pop()!;
      if (items.length > 0) {
        items[0] = last;
        sink(0);
      }
    },
  };
}

const batchRows = prepared<{ value: number; id: number; count: number }, { id: number }>((db, p) => ({
  compile: () => sql<{ id: number }>`select id from profiles indexed by profiles_batch where batch_id = ${p.value} and id < ${p.id} order by id desc limit ${p.count}`.compile(db),
}));
const importRows = prepared<{ value: number; id: number; count: number }, { id: number }>((db, p) => ({
  compile: () => sql<{ id: number }>`select id from profiles indexed by profiles_import where import_id = ${p.value} and id < ${p.id} order by id desc limit ${p.count}`.compile(db),
}));

/** The rows of one batch or import, the latest that came in first; their key is their id. */
export async function* walkMembers(db: Db, column: 'batch_id' | 'import_id', value: number, below: number | undefined, first = 100): Blocks {
  const query = column === 'batch_id' ? batchRows : importRows;
  let id = below ?? Number.MAX_SAFE_INTEGER;
  for (let count = first; ; count = Math.min(LARGEST, count * 2)) {
    const rows = await query.all(db, { value, id, count });
    if (rows.length > 0) yield rows.map((row) => ({ id: row.id, key: row.id }));
    if (rows.length < count) return;
    id = rows[rows.length - 1]!.id;
    await setImmediate();
  }
}

/** Two walks in the same order as one; a row of both stands once. */
export async function* mergeWith(blocks: Blocks, more: readonly Entry[], down: boolean): Blocks {
  const compare = compareEntries(down);
  let at = 0;
  for await (const block of blocks) {
    const out: Entry[] = [];
    for (const entry of block) {
      while (at < more.length && compare(more[at]!, entry) < 0) out.push(more[at++]!);
      if (more[at]?.id === entry.id) at += 1;
      out.push(entry);
    }
    yield out;
  }
  if (at < more.length) yield more.slice(at);
}
