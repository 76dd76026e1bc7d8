/** Saved views of the inventory: a name for a filter, an order and columns; one's own or everybody's. */
import { sql } from 'kysely';
import type { z } from 'zod';
import type { savedView } from '../../../shared/contract/inventory.ts';
import { viewContent } from '../../../shared/contract/inventory.ts';
import { conditionText, sortText } from '../../../shared/contract/profile-filter.ts';
import type { Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { compile } from './filter.ts';
import { readOrder } from './order.ts';

const AREA = 'inventory';
export type View = z.input<typeof savedView>;
type Content = z.output<typeof viewContent>;

interface Stored { readonly id: string; readonly name: string; readonly owner: string; readonly shared: number; readonly content: string; readonly updated_at: number }

/** The list as an address inside the program. */
export function addressOf({ filter, sort, columns, pinned, widths }: Content): string {
  const params = new URLSearchParams();
  if (filter.type !== undefined) params.set('type', filter.type);
  for (const axis of ['order', 'stock', 'network', 'device'] as const) if (filter[axis]?.length) params.set(axis, filter[axis].join(','));
  if (filter.text) params.set('text', filter.text);
  for (const condition of filter.where ?? []) params.append('where', conditionText(condition));
  if (sort.length > 0) params.set('sort', sortText(sort));
  if (columns.length > 0) params.set('cols', columns.map((id, at) => `${id}${at < pinned ? '!' : ''}${widths?.[id] === undefined ? '' : `~${widths[id]}`}`).join(','));
  const query = params.toString();
  return query === '' ? '/inventory' : `/inventory?${query}`;
}

function viewOf(row: Stored, actor: string, defaultId: string | undefined): View {
  const content = viewContent.parse(JSON.parse(row.content));
  return {
    id: row.id, name: row.name, shared: row.shared === 1, mine: row.owner === actor, owner: row.owner, isDefault: row.id === defaultId, content, href: addressOf(content), updatedAt: row.updated_at,
  };
}

const defaultOf = async (db: Reader | Tx, actor: string): Promise<string | undefined> =>
  (await db.selectFrom('default_views').select('view_id').where('area', '=', AREA).where('owner', '=', actor).executeTakeFirst())?.view_id;

export async function listViews(db: Reader | Tx, actor: string): Promise<View[]> {
  const rows = await db.selectFrom('saved_views').selectAll().where('area', '=', AREA).where((e) => e.or([e('owner', '=', actor), e('shared', '=', 1)])).orderBy('name').execute();
  const own = await defaultOf(db, actor);
  return rows.map((row) => viewOf(row, actor, own));
}

async function ownView(tx: Tx, id: string, actor: string): Promise<Stored> {
  const row = await tx.selectFrom('saved_views').selectAll().where('id', '=', id).where('area', '=', AREA).executeTakeFirst();
  if (!row || (row.owner !== actor && row.shared === 0)) throw new DeskProblem('NOT_FOUND', 'There is no such view.', { field: 'id' });
  if (row.owner !== actor) throw new DeskProblem('VIEW_NOT_YOURS', `The view ${row.name} belongs to ${row.owner}. Save it under a name of your own.`, { field: 'id' });
  return row;
}

async function freeName(tx: Tx, name: string, actor: string, id: string | undefined): Promise<void> {
  const other = await tx.selectFrom('saved_views').select(['id', 'name']).where('area', '=', AREA).where('owner', '=', actor).where(sql<boolean>`name = ${name} collate nocase`).executeTakeFirst();
  if (other && other.id !== id) throw new DeskProblem('VIEW_EXISTS', `You have a view named ${other.name} already.`, { field: 'name' });
}

export interface Author { readonly actor: string; readonly at: number; readonly newId: () => string }

/** Throws `FILTER_INVALID`, `SORT_INVALID`: a view that cannot be opened is not saved. */
export async function saveView(tx: Tx, { id, name, shared, content }: { id?: string | undefined; name: string; shared: boolean; content: Content }, { actor, at, newId }: Author): Promise<View> {
  await compile(tx, content.filter, at);
  readOrder(content.sort);
  const known = id === undefined ? undefined : await ownView(tx, id, actor);
  await freeName(tx, name, actor, known?.id);
  const row = { id: known?.id ?? newId(), area: AREA, name, owner: actor, shared: shared ? 1 : 0, content: JSON.stringify(content), updated_at: at };
  if (known) await tx.updateTable('saved_views').set(row).where('id', '=', known.id).execute();
  else await tx.insertInto('saved_views').values({ ...row, created_at: at }).execute();
  return viewOf(row, actor, await defaultOf(tx, actor));
}

export async function renameView(tx: Tx, { id, name, shared }: { id: string; name: string; shared?: boolean | undefined }, { actor, at }: Author): Promise<View> {
  const known = await ownView(tx, id, actor);
  await freeName(tx, name, actor, id);
  const change = { name, shared: shared === undefined ? known.shared : shared ? 1 : 0, updated_at: at };
  await tx.updateTable('saved_views').set(change).where('id', '=', id).execute();
  return viewOf({ ...known, ...change }, actor, await defaultOf(tx, actor));
}

export async function removeView(tx: Tx, id: string, actor: string): Promise<{ id: string }> {
  await ownView(tx, id, actor);
  await tx.deleteFrom('default_views').where('view_id', '=', id).execute();
  await tx.deleteFrom('saved_views').where('id', '=', id).execute();
  return { id };
}

export async function setDefaultView(tx: Tx, id: string | undefined, actor: string): Promise<{ id?: string }> {
  await tx.deleteFrom('default_views').where('area', '=', AREA).where('owner', '=', actor).execute();
  if (id === undefined) return {};
  const row = await tx.selectFrom('saved_views').select(['owner', 'shared']).where('id', '=', id).where('area', '=', AREA).executeTakeFirst();
  if (!row || (row.owner !== actor && row.shared === 0)) throw new DeskProblem('NOT_FOUND', 'There is no such view.', { field: 'id' });
  await tx.insertInto('default_views').values({ area: AREA, owner: actor, view_id: id }).execute();
  return { id };
}
