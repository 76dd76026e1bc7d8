/** Which rows of a list stand in sight. Rows are all of one height, so nothing has to be measured or remembered per row. */

/** Browsers end an element near 17.8 million pixels (Firefox) or 33.5 million (Chromium); a list stops scrolling before. */
const mostPixels = 17_000_000;
export const mostRows = (rowHeight: number): number => Math.floor(mostPixels / rowHeight);

export interface Sight {
  readonly first: number;
  /** One past the last. */
  readonly end: number;
}

export function rowsInSight(scrollTop: number, height: number, rowHeight: number, rows: number, overscan = 10): Sight {
  const first = Math.max(0, Math.min(rows, Math.floor(scrollTop / rowHeight) - overscan));
  const end = Math.min(rows, Math.ceil((scrollTop + height) / rowHeight) + overscan);
  return { first, end: Math.max(first, end) };
}

/** Where to scroll so that a row is in sight; undefined when it is. `height` is what rows have of the box, without the header. */
export function scrollFor(row: number, scrollTop: number, height: number, rowHeight: number): number | undefined {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + height) return Math.max(0, top + rowHeight - height);
  return undefined;
}
