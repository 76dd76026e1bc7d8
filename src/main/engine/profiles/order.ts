/** The order of a list: columns with few values first, then one key, then the row itself. And positions in it, as cursors. */
import { z } from 'zod';
import type { SortColumn } from '../../../shared/contract/profile-filter.ts';
import { secretStates, sortColumns } from '../../../shared/contract/profile-filter.ts';
import { deviceStates, networkStates, orderStates, stockStates } from '../../../shared/contract/states.ts';
import { DeskProblem } from '../context.ts';
import type { Names } from './filter.ts';
import type { RangeKey } from './filter-parts.ts';
import type { Group } from './groups.ts';

export type LeadingColumn = 'type' | 'template' | 'order' | 'stock' | 'network' | 'device' | 'secrets';
/** `id`: as they came in. */
export type KeyColumn = RangeKey | 'id';

export interface Order {
  readonly leading: readonly { readonly by: LeadingColumn; readonly down: boolean }[];
  readonly key: KeyColumn;
  readonly down: boolean;
}
export type Key = number | string;
export interface Entry {
  readonly id: number;
  /** `null` where the key is a date or number the row does not have: such rows stand last, newest first. */
  readonly key: Key | null;
  /** Of a row without key. */
  readonly created?: number;
}
export type Rank = string | number;

export const newestFirst: Order = { leading: [], key: 'created', down: true };

export const invalidSort = (message: string): DeskProblem => new DeskProblem('SORT_INVALID', message, { field: 'sort' });

/** Throws {@link DeskProblem} `SORT_INVALID`. */
export function readOrder(sort: readonly { readonly by: SortColumn; readonly down: boolean }[]): Order | undefined {
  if (sort.length === 0) return undefined;
  const last = sort[sort.length - 1]!;
  const kinds = sort.map((one) => sortColumns[one.by]);
  if (new Set(sort.map((one) => one.by)).size !== sort.length) throw invalidSort('A column stands twice in the order.');
  if (kinds.slice(0, -1).some((kind) => kind !== 'leading')) throw invalidSort(`Only ${namesOf('leading')} can stand before another column.`);
  if (sortColumns[last.by] === 'leading') return { leading: sort as Order['leading'], key: 'created', down: true };
  if (sortColumns[last.by] === 'alone' && sort.length > 1) throw invalidSort(`The list can be ordered by ${last.by} alone only.`);
  return { leading: sort.slice(0, -1) as unknown as Order['leading'], key: last.by as KeyColumn, down: last.down };
}

const namesOf = (kind: string): string => Object.keys(sortColumns).filter((name) => sortColumns[name as SortColumn] === kind).join(', ');

/** As the contract says it; undefined for the order the rows came in. */
export function sortOf(order: Order): { by: SortColumn; down: boolean }[] | undefined {
  if (order.key === 'id') return undefined;
  return [...order.leading, { by: order.key as SortColumn, down: order.down }];
}

const lives: Partial<Record<LeadingColumn, readonly string[]>> = { order: orderStates, stock: stockStates, network: networkStates, device: deviceStates, secrets: secretStates };

/** Where a group stands by its leading columns. */
export function ranksOf(order: Order, group: Group, names: Names): Rank[] {
  return order.leading.map(({ by }) => {
    if (by === 'type') return names.types.get(group.typeId) ?? '';
    if (by === 'template') return versionRank(names.templates.get(group.templateId) ?? '');
    return lives[by]!.indexOf(by === 'secrets' ? group.secrets : group.state[by]);
  });
}

/** Version 10 behind version 9. */
const versionRank = (name: string): string => name.replace(/@(\d+)$/, (_, version: string) => `@${version.padStart(9, '0')}`);

export function compareRanks(order: Order, a: readonly Rank[], b: readonly Rank[]): number {
  for (const [index, { down }] of order.leading.entries()) {
    const [x, y] = [a[index]!, b[index]!];
    const difference = typeof x === 'number' && typeof y === 'number' ? x - y : compareText(String(x), String(y));
    if (difference !== 0) return down ? -difference : difference;
  }
  return 0;
}
const compareText = (a: string, b: string): number => a.localeCompare(b, 'en') || (a < b ? -1 : a > b ? 1 : 0);

/** Two rows of one rank. Rows without a key stand last, the latest of them first. */
export function compareEntries(down: boolean): (a: Entry, b: Entry) => number {
  const sign = down ? -1 : 1;
  return (a, b) => {
    if (a.key === null || b.key === null) return a.key !== b.key ? (a.key === null ? 1 : -1) : b.created! - a.created! || b.id - a.id;
    if (a.key !== b.key) return a.key < b.key ? -sign : sign;
    return (a.id - b.id) * sign;
  };
}

/** Behind which row a page begins. */
export interface Position {
  readonly order: Order;
  readonly ranks: readonly Rank[];
  readonly entry: Entry;
}

const rank = z.union([z.string().max(200), z.number()]);
const stored = z.tuple([
  z.array(z.tuple([z.string(), z.boolean()])).max(7), z.string(), z.boolean(), z.array(rank).max(7), z.union([z.string().max(64), z.number(), z.null()]), z.number().int().min(0), z.number().int().nullable(),
]);

export function writeCursor(position: Position): string {
  const { order, ranks, entry } = position;
  return Buffer.from(JSON.stringify([order.leading.map((one) => [one.by, one.down]), order.key, order.down, ranks, entry.key, entry.id, entry.created ?? null])).toString('base64url');
}

const keyColumns: readonly string[] = ['created', 'lastEvent', 'iccid', 'imsi', 'msisdn', 'eid', 'prepared', 'delivered', 'held', 'id'] satisfies KeyColumn[];
const textKeys: readonly string[] = ['iccid', 'imsi', 'msisdn', 'eid'];
const leadingColumns: readonly string[] = ['type', 'template', 'order', 'stock', 'network', 'device', 'secrets'] satisfies LeadingColumn[];

/** Throws {@link DeskProblem} `INPUT_INVALID` for what is no position of ours, or one of a list in another order. */
export function readCursor(cursor: string, wanted: Order | undefined): Position {
  const position = parseCursor(cursor);
  if (!position || (wanted && JSON.stringify(wanted) !== JSON.stringify(position.order))) {
    throw new DeskProblem('INPUT_INVALID', 'The position in the list is not one this program gave out for this order; start from the first page.', { field: 'cursor' });
  }
  return position;
}

function parseCursor(cursor: string): Position | undefined {
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  const parsed = stored.safeParse(content);
  if (!parsed.success) return undefined;
  const [leading, key, down, ranks, at, id, created] = parsed.data;
  if (!keyColumns.includes(key) || ranks.length !== leading.length || leading.some(([by]) => !leadingColumns.includes(by))) return undefined;
  if (at !== null && (typeof at === 'string') !== textKeys.includes(key)) return undefined;
  if ((at === null) !== (created !== null)) return undefined;
  return {
    order: { leading: leading.map(([by, isDown]) => ({ by: by as LeadingColumn, down: isDown })), key: key as KeyColumn, down }, ranks,
    entry: { id, key: at, ...(created === null ? {} : { created }) },
  };
}
