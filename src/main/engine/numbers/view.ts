/** Blocks as people see them. */
import { sql } from 'kysely';
import type { z } from 'zod';
import type { blockFilter, blockRow, NumberKind, numbers } from '../../../shared/contract/numbers.ts';
import type { Reader } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { DAY, forecastOf } from './forecast.ts';
import type { BlockRecord, Db } from './records.ts';
import { blockAt, blockById, blocksOfRange, ownersOf } from './records.ts';
import { plus } from './range-rules.ts';
import { keptPlaces } from './kept-places.ts';
import { keyOf, numberOf } from './rules.ts';
import { usesOfBlocks } from './use.ts';

type Row = z.input<typeof blockRow>;
type Filter = z.output<typeof blockFilter>;
type Blocks = z.input<typeof numbers.blocks.output>;

interface RangeFacts { readonly id: string; readonly firsts: Record<NumberKind, string | null>; readonly used: number; readonly count: number }

export async function blockViews(db: Db, blocks: readonly BlockRecord[], now: number): Promise<Row[]> {
  const ownerOf = await ownersOf(db);
  const types = new Map((await db.selectFrom('profile_types').select(['id', 'name']).execute()).map((type) => [type.id, type.name]));
  const ranges = await rangeFacts(db, blocks);
  const kept = await keptPlaces(db, [...ranges.keys()]);
  const uses = await usesOfBlocks(db, blocks.map((block) => block.id), now);
  return blocks.map((block) => {
    const used = Math.min(block.used, block.count);
    const range = block.range_id === null ? undefined : ranges.get(block.range_id);
    const reserved = range ? placesIn(block, range, kept.filter((place) => place.rangeId === range.id && place.state === 'open')) : 0;
    const free = block.state === 'open' ? Math.max(0, block.count - used - reserved) : 0;
    const owner = ownerOf(block)?.name;
    return {
      id: block.id, kind: block.kind, first: numberOf(block.kind, block.first), last: numberOf(block.kind, block.last), count: block.count,
      used, burnt: block.burnt, reserved, free, source: block.source, state: block.state, createdAt: block.created_at,
      ...(owner === undefined ? {} : { owner }), ...(block.type_id === null ? {} : { type: types.get(block.type_id) ?? '?' }),
      ...(block.reason === null ? {} : { reason: block.reason }), ...(block.note === null ? {} : { note: block.note }),
      ...(block.range_id === null ? {} : { range: block.range_id }),
      forecast: forecastOf(free, uses.get(block.id) ?? [], historySince(block, uses.get(block.id)), now),
    };
  });
}

/** Imported numbers may be older than their block. */
function historySince(block: BlockRecord, uses: readonly { day: number }[] | undefined): number {
  return Math.min(block.created_at, ...(uses ?? []).map((use) => use.day * DAY));
}

async function rangeFacts(db: Db, blocks: readonly BlockRecord[]): Promise<Map<string, RangeFacts>> {
  const ids = [...new Set(blocks.flatMap((block) => (block.range_id === null ? [] : [block.range_id])))];
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('ranges').selectAll().where('id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.id, { id: row.id, firsts: { iccid: row.iccid_first, imsi: row.imsi_first, msisdn: row.msisdn_first }, used: row.used, count: row.count }]));
}

function placesIn(block: BlockRecord, range: RangeFacts, places: readonly { first: number; count: number }[]): number {
  const from = Number(BigInt(block.first) - BigInt(range.firsts[block.kind]!));
  const to = from + block.count;
  return places.reduce((sum, place) => sum + Math.max(0, Math.min(to, place.first + place.count) - Math.max(from, place.first)), 0);
}

/** Ledgers hold hundreds of blocks, not millions: the owner of ICCIDs is looked up behind the query. */
export async function listBlocks(db: Reader, kind: NumberKind, filter: Filter, limit: number, cursor: string | undefined, now: number): Promise<Blocks> {
  let query = db.selectFrom('number_blocks').selectAll().where('kind', '=', kind).orderBy('digits').orderBy('first');
  if (filter.state && filter.state.length > 0) query = query.where('state', 'in', filter.state);
  if (filter.source && filter.source.length > 0) query = query.where('source', 'in', filter.source);
  if (filter.type !== undefined) {
    const type = await db.selectFrom('profile_types').select('id').where('name', '=', filter.type).executeTakeFirst();
    query = query.where('type_id', '=', type?.id ?? -1);
  }
  let blocks = await query.execute();
  if (filter.owner !== undefined) {
    const ownerOf = await ownersOf(db);
    blocks = blocks.filter((block) => (ownerOf(block)?.name ?? '') === filter.owner);
  }
  if (filter.text !== undefined && filter.text.trim() !== '') {
    const digits = filter.text.replace(/[^\d]/g, '');
    const key = keyOf(kind, digits);
    blocks = digits === '' ? [] : blocks.filter((block) => block.first.startsWith(digits) || (key.length === block.digits ? block.first <= key && key <= block.last
      : digits.length < block.digits && block.first.slice(0, digits.length) <= digits && digits <= block.last.slice(0, digits.length)));
  }
  const from = cursor === undefined ? 0 : blocks.findIndex((block) => `${block.digits}:${block.first}` > cursor);
  if (cursor !== undefined && !/^\d{1,2}:\d{5,20}$/.test(cursor)) throw new DeskProblem('INPUT_INVALID', 'The position in the list is not one this program gave out; start from the first page.', { field: 'cursor' });
  const page = from < 0 ? [] : blocks.slice(from, from + limit);
  const last = page.at(-1);
  return {
    rows: await blockViews(db, page, now), total: blocks.length, totals: await totalsOf(db, kind),
    ...(last !== undefined && last !== blocks.at(-1) ? { next: `${last.digits}:${last.first}` } : {}),
  };
}

async function totalsOf(db: Reader, kind: NumberKind): Promise<Blocks['totals']> {
  const sums = await sql<{ blocks: number; numbers: number; used: number; burnt: number; free: number }>`
    select count(*) as blocks, total(count) as numbers, coalesce(sum(used), 0) as used, coalesce(sum(burnt), 0) as burnt,
      total(case when state = 'open' then max(0, count - used) else 0 end) as free from number_blocks where kind = ${kind}`.execute(db);
  const outside = await db.selectFrom('numbers_outside').select('n').where('kind', '=', kind).executeTakeFirst();
  const { blocks, numbers: all, used, burnt, free } = sums.rows[0]!;
  const whole = (n: number) => Math.min(Number.MAX_SAFE_INTEGER, Math.round(n));
  return { blocks, numbers: whole(all), used, burnt, free: whole(free), outside: Math.max(0, outside?.n ?? 0) };
}

export async function viewOf(db: Db, block: BlockRecord, now: number): Promise<Row> {
  return (await blockViews(db, [block], now))[0]!;
}

/** Code `NOT_FOUND`. */
export async function showBlock(db: Reader, id: string, now: number): Promise<z.input<typeof numbers.block.output>> {
  const block = await blockById(db, id);
  if (!block) throw new DeskProblem('NOT_FOUND', 'There is no such block of numbers.', { field: 'id' });
  const beside = block.range_id === null ? [] : (await blocksOfRange(db, block.range_id)).filter((one) => one.kind !== block.kind);
  const next = await nextOf(db, block);
  const audit = await db.selectFrom('audit').select(['at', 'event', 'actor']).where('object_id', '=', id).orderBy('seq', 'desc').limit(50).execute();
  return {
    ...await viewOf(db, block, now),
    beside: beside.map((one) => ({ id: one.id, kind: one.kind, first: numberOf(one.kind, one.first), last: numberOf(one.kind, one.last) })),
    ...(next === undefined ? {} : { next }),
    changes: audit.map(({ at, event, actor }) => ({ at, actor, text: words[event] ?? event })),
  };
}

const words: Record<string, string> = {
  'numbers.added': 'Registered', 'numbers.adopted': 'Made from numbers in the stock', 'numbers.split': 'Split', 'numbers.assigned': 'Assigned', 'numbers.state_changed': 'State changed',
};

async function nextOf(db: Reader, block: BlockRecord): Promise<string | undefined> {
  if (block.range_id === null || block.state !== 'open') return undefined;
  const range = await db.selectFrom('ranges').selectAll().where('id', '=', block.range_id).executeTakeFirst();
  const first = range && { iccid: range.iccid_first, imsi: range.imsi_first, msisdn: range.msisdn_first }[block.kind];
  if (!range || !first || range.used >= range.count) return undefined;
  const key = plus(first, range.used)!;
  return (await blockAt(db, block.kind, key))?.id === block.id ? numberOf(block.kind, key) : undefined;
}
