/** A page of the inventory. */
import type { SortKey } from '../../../shared/contract/profile-filter.ts';
import type { ProfileRow } from '../../../shared/contract/profiles.ts';
import type { Reader } from '../context.ts';
import { compile, type ProfileFilter } from './filter.ts';
import { readCursor, readOrder, sortOf, writeCursor } from './order.ts';
import { rowsOf } from './row.ts';
import type { Found } from './walk.ts';
import { answer } from './walk.ts';

export interface Page {
  readonly rows: ProfileRow[];
  readonly next?: string;
  readonly total?: number;
  readonly more?: number;
  readonly sort?: SortKey[];
}

export interface PageQuestion {
  readonly filter: ProfileFilter;
  readonly sort?: readonly { readonly by: SortKey['by']; readonly down: boolean }[];
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly now: number;
  /** See `walk.ts`. */
  readonly few?: number;
}

/** Throws `FILTER_INVALID`, `SORT_INVALID`, and `INPUT_INVALID` for a cursor of another list. */
export async function listProfiles(db: Reader, { filter, sort = [], limit, cursor, now, few }: PageQuestion): Promise<Page> {
  const asked = readOrder(sort);
  const after = cursor === undefined ? undefined : readCursor(cursor, asked);
  const question = await compile(db, filter, now);
  const { order, total, more, blocks } = await answer(db, question, { first: limit + 1, ...(asked ? { order: asked } : {}), ...(after ? { after } : {}), ...(few === undefined ? {} : { few }) });
  const found: Found[] = [];
  for await (const block of blocks) {
    found.push(...block.slice(0, limit + 1 - found.length));
    if (found.length > limit) break;
  }
  const shown = found.slice(0, limit);
  const last = shown[shown.length - 1];
  const ended = found.length <= limit;
  const count = after ? undefined : total ?? (ended ? found.length : undefined);
  const sorted = sortOf(order);
  return {
    rows: await rowsOf(db, shown.map((entry) => entry.id), question.names, now),
    ...(ended || !last ? {} : { next: writeCursor({ order, ranks: last.ranks, entry: { id: last.id, key: last.key, ...(last.created === undefined ? {} : { created: last.created }) } }) }),
    ...(count === undefined ? {} : { total: count }), ...(count !== undefined || more === undefined || after ? {} : { more }), ...(sorted ? { sort: sorted } : {}),
  };
}
