/** Which profiles a bulk action or an export means, block by block, in an order that a position can be kept in. */
import type { z } from 'zod';
import { conditionText } from '../../../shared/contract/profile-filter.ts';
import type { selection } from '../../../shared/contract/inventory.ts';
import { luhnCheckDigit, stripIccid } from '../../../shared/identifiers/index.ts';
import type { Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { compile } from './filter.ts';
import type { Order } from './order.ts';
import { newestFirst, readCursor, writeCursor } from './order.ts';
import { answer, lastOf } from './walk.ts';

export type Selection = z.output<typeof selection>;

export interface Selected {
  readonly ids: readonly number[];
  /** Where to go on behind this block. */
  readonly cursor: string;
}

export const isPicked = (asked: Selection): asked is Extract<Selection, { iccids: string[] }> => 'iccids' in asked;

/** ICCIDs in any spelling, as profiles have them, each once. */
const plainIccids = (iccids: readonly string[]): string[] => [...new Set(iccids.map((text) => {
  const digits = stripIccid(text.trim());
  return digits.length === 18 && /^\d+$/.test(digits) ? digits + luhnCheckDigit(digits) : digits;
}))];

/** Ids of ICCIDs in any spelling, in their order. Throws `NOT_FOUND` naming the first that nobody has. */
export async function idsOf(db: Reader | Tx, iccids: readonly string[]): Promise<number[]> {
  const plain = plainIccids(iccids);
  const ids: number[] = [];
  for (let at = 0; at < plain.length; at += 1_000) {
    const wanted = plain.slice(at, at + 1_000);
    const rows = await db.selectFrom('profiles').select(['id', 'iccid']).where('iccid', 'in', wanted).execute();
    const known = new Map(rows.map((row) => [row.iccid, row.id]));
    for (const iccid of wanted) {
      const id = known.get(iccid);
      if (id === undefined) throw new DeskProblem('NOT_FOUND', `No profile has the ICCID ${iccid.slice(0, 24)}.`, { field: 'selection' });
      ids.push(id);
    }
  }
  return ids;
}

export interface SelectionQuestion {
  readonly order?: Order;
  readonly cursor?: string | undefined;
  /** Profiles that came in after this one are not meant. */
  readonly upTo?: number;
  readonly now: number;
}

export async function* selected(db: Reader | Tx, asked: Selection, { order = newestFirst, cursor, upTo = Number.MAX_SAFE_INTEGER, now }: SelectionQuestion): AsyncGenerator<Selected, void, undefined> {
  if (isPicked(asked)) {
    const ids = await idsOf(db, asked.iccids);
    const from = cursor === undefined ? 0 : Number(cursor);
    for (let at = from; at < ids.length; at += 1_000) yield { ids: ids.slice(at, at + 1_000), cursor: String(at + 1_000) };
    return;
  }
  const except = new Set(await knownIds(db, asked.except));
  const after = cursor === undefined ? undefined : readCursor(cursor, order);
  const { blocks } = await answer(db, await compile(db, asked.filter, now), { order, first: 1_000, ...(after ? { after } : {}) });
  for await (const block of blocks) {
    const last = lastOf(block);
    if (!last) continue;
    const { id, key, created, ranks } = last;
    yield {
      ids: block.flatMap((entry) => (entry.id <= upTo && !except.has(entry.id) ? [entry.id] : [])),
      cursor: writeCursor({ order, ranks, entry: { id, key, ...(created === undefined ? {} : { created }) } }),
    };
  }
}

/** Like {@link idsOf}, but what is gone is left out: it cannot be meant. */
export async function knownIds(db: Reader | Tx, iccids: readonly string[]): Promise<number[]> {
  if (iccids.length === 0) return [];
  const rows = await db.selectFrom('profiles').select('id').where('iccid', 'in', plainIccids(iccids)).execute();
  return rows.map((row) => row.id);
}

/** For titles and the audit log: `stock sellable, created:between:2026-01-01,`. */
export function scopeOf(asked: Selection): string {
  if (isPicked(asked)) return asked.iccids.length === 1 ? asked.iccids[0]! : `${asked.iccids.length} picked`;
  const { filter, except } = asked;
  const words = [
    ...(filter.type === undefined ? [] : [`type ${filter.type}`]), ...(['order', 'stock', 'network', 'device'] as const).flatMap((axis) => (filter[axis]?.length ? [`${axis} ${filter[axis].join(' or ')}`] : [])),
    ...(filter.text === undefined || filter.text.trim() === '' ? [] : [`text ${filter.text.trim()}`]), ...(filter.where ?? []).map(conditionText),
  ];
  return `${words.length === 0 ? 'all profiles' : words.join(', ')}${except.length === 0 ? '' : `, without ${except.length}`}`;
}
