/** Saved views as addresses, and addresses as views. A view is a name for an address; nothing else is kept of it. */
import type { SavedView, ViewContent } from '../../shared/contract/inventory.ts';
import { sortText as askedText } from '../../shared/contract/profile-filter.ts';
import { columnsText, readColumns, shownColumns, type ColumnTraits, type GridLayout } from '../design/grid-layout.ts';
import { filterOf, paramsOfFilter } from './filter.ts';
import { askedSort } from './sorting.ts';

export interface BuiltInView {
  readonly id: string;
  readonly name: string;
  readonly params: URLSearchParams;
}

const address = (entries: Readonly<Record<string, string>>): URLSearchParams => new URLSearchParams(entries);

/** What most people look for on most days. Spans of time stay spans: `+2d` is two days from when the list is opened. */
export const builtInViews: readonly BuiltInView[] = [
  { id: 'sellable', name: 'Sellable', params: address({ stock: 'sellable' }) },
  { id: 'not-installed', name: 'Sold, not installed', params: address({ stock: 'sold', order: 'allocated,linked,confirmed,released,downloaded,error' }) },
  { id: 'half-done', name: 'Half done', params: address({ order: 'downloaded', where: 'lastEvent:between:,-10min' }) },
  { id: 'quarantined', name: 'Quarantined', params: address({ stock: 'quarantined' }) },
  { id: 'held', name: 'Held', params: address({ stock: 'held' }) },
  { id: 'expiring-holds', name: 'Expiring holds', params: address({ stock: 'held', where: 'held:between:,+2d', sort: 'held' }) },
  { id: 'imported', name: 'Imported, not prepared', params: address({ stock: 'imported' }) },
];

/** All profiles, where a default view would otherwise be opened. */
export const allProfiles = 'all';

const entriesOf = (params: URLSearchParams): string => [...params.entries()].filter(([key, value]) => key !== 'view' && value !== '').map((e) => e.join('=')).sort().join('&');
export const sameList = (a: URLSearchParams, b: URLSearchParams): boolean => entriesOf(a) === entriesOf(b);

export function paramsOfView(view: Pick<SavedView, 'id' | 'content'>, columns: readonly ColumnTraits[]): URLSearchParams {
  const { filter = {}, sort = [], columns: shown = [], pinned = 0, widths = {}, rows } = view.content;
  const params = paramsOfFilter(filter);
  if (sort.length > 0) params.set('sort', askedText(sort));
  if (shown.length > 0) {
    const fixed = columns.filter((c) => c.optional !== true && c.always !== true && !shown.includes(c.id)).map((c) => `-${c.id}`);
    params.set('cols', [...shown.map((id, at) => `${id}${at < pinned ? '!' : ''}${widths[id] === undefined ? '' : `~${widths[id]}`}`), ...fixed].join(','));
  }
  if (rows !== undefined) params.set('rows', rows);
  params.set('view', view.id);
  return params;
}

/** What the list now shows, to be saved. */
export function contentOf(params: URLSearchParams, columns: readonly ColumnTraits[], layout: GridLayout): ViewContent {
  const shown = shownColumns(columns, layout);
  return {
    filter: filterOf(params, 'as written'), sort: askedSort(layout.sort), columns: shown.map((c) => c.id),
    pinned: Math.min(6, layout.pinned.filter((id) => shown.some((c) => c.id === id)).length),
    widths: Object.fromEntries(Object.entries(layout.widths).filter(([id]) => shown.some((c) => c.id === id))), rows: layout.density,
  };
}

/** The whole list as a link: filter, order and columns, whatever the reader at the other end has arranged. */
export function linkOf(params: URLSearchParams, columns: readonly ColumnTraits[], layout: GridLayout): URLSearchParams {
  const link = new URLSearchParams(params);
  link.delete('view');
  const cols = columnsText(columns, layout);
  if (cols !== '') link.set('cols', cols);
  if (layout.sort.length > 0) link.set('sort', layout.sort.map((key) => `${key.direction === 'desc' ? '-' : ''}${key.by}`).join(','));
  if (layout.density !== 'compact') link.set('rows', layout.density);
  return link;
}

/** The arrangement an address asks for, over the reader's own. */
export function layoutOf(params: URLSearchParams, columns: readonly ColumnTraits[], own: GridLayout): GridLayout {
  const cols = params.get('cols');
  const rows = params.get('rows');
  return { ...own, ...(cols === null ? {} : readColumns(columns, cols)), ...(rows === 'compact' || rows === 'comfortable' ? { density: rows } : {}) };
}
