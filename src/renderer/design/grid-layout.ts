/**
 * How a reader arranged a list: which columns, in which order, how wide, which stay at the left, how it is sorted, how tall its
 * rows are. Pure; kept per list, and written into an address as `cols=iccid!~172,imsi,-msisdn&sort=type,-createdAt&rows=comfortable`.
 */
export type Direction = 'asc' | 'desc';
export interface SortKey {
  /** What the engine calls it, `Column.sort`. */
  readonly by: string;
  readonly direction: Direction;
}
export type Density = 'compact' | 'comfortable';

export interface GridLayout {
  /** Every column of the list, in the reader's order. */
  readonly order: readonly string[];
  readonly hidden: readonly string[];
  /** Pixels, only of columns that were given a width. */
  readonly widths: Readonly<Record<string, number>>;
  readonly pinned: readonly string[];
  readonly sort: readonly SortKey[];
  readonly density: Density;
}

/** What the layout needs to know of a column. */
export interface ColumnTraits {
  readonly id: string;
  readonly width: number;
  readonly optional?: boolean;
  readonly always?: boolean;
  /** Name under which the engine sorts by it; absent where it cannot. */
  readonly sort?: string;
}

export const narrowest = 56;
export const widest = 900;
export const rowHeights: Readonly<Record<Density, number>> = { compact: 34, comfortable: 44 };

export const defaultLayout = (columns: readonly ColumnTraits[]): GridLayout => ({
  order: columns.map((c) => c.id), hidden: columns.filter((c) => c.optional === true).map((c) => c.id), widths: {}, pinned: [], sort: [], density: 'compact',
});

/** Columns as drawn: pinned ones first, each group in the reader's order. */
export function shownColumns<C extends ColumnTraits>(columns: readonly C[], layout: GridLayout): C[] {
  const byId = new Map(columns.map((c) => [c.id, c] as const));
  const all = layout.order.map((id) => byId.get(id)).filter((c) => c !== undefined).filter((c) => c.always === true || !layout.hidden.includes(c.id));
  return [...all.filter((c) => layout.pinned.includes(c.id)), ...all.filter((c) => !layout.pinned.includes(c.id))];
}

const without = (list: readonly string[], id: string): string[] => list.filter((other) => other !== id);

/** Puts a column in front of another, or at the end; it takes the pinned state of the place it goes to. */
export function placeColumn(columns: readonly ColumnTraits[], layout: GridLayout, id: string, before: string | undefined): GridLayout {
  if (id === before || !layout.order.includes(id)) return layout;
  const shown = shownColumns(columns, layout).map((c) => c.id);
  const rest = without(shown, id);
  const at = before === undefined ? rest.length : rest.indexOf(before);
  if (at < 0) return layout;
  const pinned = layout.pinned.includes(before ?? '') || (before !== undefined && layout.pinned.includes(id) && at > 0 && layout.pinned.includes(rest[at - 1] ?? ''));
  const next = [...rest.slice(0, at), id, ...rest.slice(at)];
  return { ...layout, order: [...next, ...layout.order.filter((other) => !next.includes(other))], pinned: pinned ? [...without(layout.pinned, id), id] : without(layout.pinned, id) };
}

/** Where a column may go: only within its own group, pinned or not. */
export function canMove(columns: readonly ColumnTraits[], layout: GridLayout, id: string, by: -1 | 1): boolean {
  const shown = shownColumns(columns, layout).map((c) => c.id);
  const at = shown.indexOf(id);
  const other = shown[at + by];
  return at >= 0 && other !== undefined && layout.pinned.includes(other) === layout.pinned.includes(id);
}

export function moveColumn(columns: readonly ColumnTraits[], layout: GridLayout, id: string, by: -1 | 1): GridLayout {
  if (!canMove(columns, layout, id, by)) return layout;
  const shown = shownColumns(columns, layout).map((c) => c.id);
  const at = shown.indexOf(id);
  const next = [...shown];
  next[at] = shown[at + by] ?? id;
  next[at + by] = id;
  return { ...layout, order: [...next, ...layout.order.filter((other) => !next.includes(other))] };
}

export function withWidth(layout: GridLayout, id: string, width: number | undefined): GridLayout {
  const { [id]: _, ...rest } = layout.widths;
  return { ...layout, widths: width === undefined ? rest : { ...rest, [id]: Math.round(Math.min(widest, Math.max(narrowest, width))) } };
}

export const togglePinned = (layout: GridLayout, id: string): GridLayout => ({ ...layout, pinned: layout.pinned.includes(id) ? without(layout.pinned, id) : [...layout.pinned, id] });
export const toggleHidden = (layout: GridLayout, id: string): GridLayout => ({ ...layout, hidden: layout.hidden.includes(id) ? without(layout.hidden, id) : [...layout.hidden, id] });

/** A press on a header: the one column, then the other direction, then no order of its own. `add` keeps the keys there are. */
export function pressSort(sort: readonly SortKey[], by: string, add: boolean): SortKey[] {
  const mine = sort.find((key) => key.by === by);
  if (mine === undefined || (!add && sort.length > 1)) return withSort(sort, by, 'asc', add);
  if (mine.direction === 'desc') return add ? sort.filter((key) => key !== mine) : [];
  return sort.map((key) => (key === mine ? { by, direction: 'desc' as const } : key));
}

export const withSort = (sort: readonly SortKey[], by: string, direction: Direction, add: boolean): SortKey[] => [...(add ? sort.filter((key) => key.by !== by) : []), { by, direction }];

/** The list from its other end; `own` is how it stands without an order of its own. */
export const reversed = (sort: readonly SortKey[], own: SortKey): SortKey[] => (sort.length === 0 ? [own] : sort).map((key) => ({ by: key.by, direction: key.direction === 'asc' ? 'desc' : 'asc' }));

export const sortText = (sort: readonly SortKey[]): string => sort.map((key) => `${key.direction === 'desc' ? '-' : ''}${key.by}`).join(',');

export function readSort(columns: readonly ColumnTraits[], text: string): SortKey[] {
  const sort: SortKey[] = [];
  for (const part of text.split(',')) {
    const by = part.trim().replace(/^-/, '');
    if (sort.some((key) => key.by === by) || !columns.some((c) => c.sort === by)) continue;
    sort.push({ by, direction: part.trim().startsWith('-') ? 'desc' : 'asc' });
  }
  return sort;
}

/** Columns of a layout as text; empty for the list's own. */
export function columnsText(columns: readonly ColumnTraits[], layout: GridLayout): string {
  const fresh = defaultLayout(columns);
  if (layout.order.join() === fresh.order.join() && [...layout.hidden].sort().join() === [...fresh.hidden].sort().join() && Object.keys(layout.widths).length === 0 && layout.pinned.length === 0) return '';
  const shown = shownColumns(columns, layout).map((c) => `${c.id}${layout.pinned.includes(c.id) ? '!' : ''}${layout.widths[c.id] === undefined ? '' : `~${layout.widths[c.id]}`}`);
  return [...shown, ...columns.filter((c) => c.optional !== true && layout.hidden.includes(c.id)).map((c) => `-${c.id}`)].join(',');
}

/** Reads `columnsText`. Unknown columns are dropped; one that is not named at all keeps its own place and visibility. */
export function readColumns(columns: readonly ColumnTraits[], text: string): Pick<GridLayout, 'order' | 'hidden' | 'widths' | 'pinned'> {
  const fresh = defaultLayout(columns);
  const named: string[] = [];
  const hidden = new Set(fresh.hidden);
  const widths: Record<string, number> = {};
  const pinned: string[] = [];
  for (const part of text.split(',')) {
    const found = /^(-?)([A-Za-z][\w.]*)(!?)(?:~(\d{1,4}))?$/.exec(part.trim());
    const id = found?.[2];
    const column = columns.find((c) => c.id === id);
    if (found === null || id === undefined || column === undefined || named.includes(id)) continue;
    if (found[1] === '-') {
      if (column.always !== true) hidden.add(id);
      continue;
    }
    named.push(id);
    hidden.delete(id);
    if (found[3] === '!') pinned.push(id);
    if (found[4] !== undefined) widths[id] = Math.min(widest, Math.max(narrowest, Number(found[4])));
  }
  if (named.length === 0) return fresh;
  const order = [...named];
  fresh.order.forEach((id, at) => {
    if (named.includes(id)) return;
    const before = fresh.order.slice(0, at).reverse().find((other) => order.includes(other));
    order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, id);
  });
  return { order, hidden: [...hidden], widths, pinned };
}
