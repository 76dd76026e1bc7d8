/**
 * Rows whose columns stand at constant places: values may be missing or touch their neighbours, so that blanks do not tell the columns.
 * Places are counted in characters. Nothing here makes a string: cells may hold secrets.
 */
import { setImmediate } from 'node:timers/promises';
import type { Cell, RowIndex } from './scan.ts';

export interface FixedColumns {
  /** Characters of each column, the blanks behind it with it; the last goes on to the end of the line. */
  readonly widths: readonly number[];
  /** Columns (but the last) behind whose values a blank stands in all rows looked at: a row without one is out of its columns. */
  readonly gutters: readonly boolean[];
  /** Octets of the body are UTF-8: a character may have several. */
  readonly utf8: boolean;
}

type Rows = Pick<RowIndex, 'starts' | 'ends' | 'length'>;

const BLANK = 0x20;
const TAB = 0x09;
/** Rows looked at, and characters of each. */
const sample = 500;
const widest = 4096;
/** Of the rows looked at, so many in a hundred may be out of their columns; each of them is found when it is read. */
const strayShare = 0.02;

/** Place of the octet where so many characters from `at` on end. */
function after(body: Uint8Array, at: number, end: number, characters: number, utf8: boolean): number {
  if (!utf8) return Math.min(end, at + characters);
  let left = characters;
  let i = at;
  for (; i < end; i++) {
    // A character begins with an octet that is none of those that go on with one.
    if ((body[i]! & 0xc0) !== 0x80 && left-- === 0) break;
  }
  return i;
}

const trimmedCell = (body: Uint8Array, from: number, to: number): Cell => {
  let start = from;
  let end = to;
  while (start < end && body[start]! <= BLANK) start++;
  while (end > start && body[end - 1]! <= BLANK) end--;
  return body.subarray(start, end);
};

/** Undefined for a row that does not stand in the columns. Cells without the blanks around them. */
export function fixedCells(body: Uint8Array, start: number, end: number, { widths, gutters, utf8 }: FixedColumns): Cell[] | undefined {
  const cells: Cell[] = [];
  for (let column = 0, at = start; column < widths.length; column++) {
    const last = column === widths.length - 1;
    const to = last ? end : after(body, at, end, widths[column]!, utf8);
    // What stands where the others have a blank belongs to two columns, or to another row.
    if (!last && to < end && gutters[column] && to > at && body[to - 1]! > BLANK) return undefined;
    cells.push(trimmedCell(body, at, to));
    at = to;
  }
  return cells;
}

function sampled(rows: Rows): number[] {
  const step = Math.max(1, Math.floor(rows.length / sample));
  return Array.from({ length: Math.min(sample, rows.length) }, (_, i) => Math.min(rows.length - 1, i * step));
}

/** In how many of the rows looked at a character that is no blank stands at each place; undefined where TABs make places meaningless. */
function inked(body: Uint8Array, rows: Rows, utf8: boolean): { ink: number[]; looked: number } | undefined {
  const ink: number[] = [];
  const chosen = sampled(rows);
  for (const row of chosen) {
    let place = -1;
    for (let at = rows.starts[row]!; at < rows.ends[row]! && place < widest; at++) {
      const octet = body[at]!;
      if (octet === TAB) return undefined;
      if (utf8 && (octet & 0xc0) === 0x80) continue;
      place += 1;
      ink[place] = (ink[place] ?? 0) + (octet > BLANK ? 1 : 0);
    }
  }
  return { ink, looked: chosen.length };
}

/** Columns that blanks part in all rows, or all but a few stray ones; undefined where there are less than two. */
export function findFixed(body: Uint8Array, rows: Rows, utf8: boolean): FixedColumns | undefined {
  const found = inked(body, rows, utf8);
  if (!found) return undefined;
  const few = found.looked < 50 ? 0 : found.looked * strayShare;
  const written = (place: number): boolean => (found.ink[place] ?? 0) > few;
  const starts = found.ink.map((_, place) => place).filter((place) => written(place) && !written(place - 1));
  if (starts.length < 2 || starts.length > 200) return undefined;
  const from = starts.map((place, column) => (column === 0 ? 0 : place));
  let end = found.ink.length;
  while (!written(end - 1)) end--;
  const widths = from.map((place, column) => (from[column + 1] ?? end) - place);
  return { widths, gutters: widths.map((_, column) => column < widths.length - 1), utf8 };
}

/** Columns of widths somebody gave. */
export function givenFixed(body: Uint8Array, rows: Rows, widths: readonly number[], utf8: boolean): FixedColumns {
  const found = inked(body, rows, utf8);
  let place = -1;
  const gutters = widths.map((width, column) => {
    place += width;
    return column < widths.length - 1 && found !== undefined && (found.ink[place] ?? 0) <= (found.looked < 50 ? 0 : found.looked * strayShare);
  });
  return { widths, gutters, utf8 };
}

function values(body: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if (body[at]! > BLANK && (at === start || body[at - 1]! <= BLANK)) count++;
  return count;
}

/**
 * The columns of rows that blanks alone would cut wrongly: they stand at constant places and in some row a value is missing, or has blanks
 * inside. `columns`: so many the file names.
 */
export async function fixedInstead(body: Uint8Array, rows: Rows, columns: number | undefined, utf8: boolean): Promise<FixedColumns | undefined> {
  const found = findFixed(body, rows, utf8);
  if (!found || (columns !== undefined && found.widths.length !== columns)) return undefined;
  for (let row = 0; row < rows.length; row++) {
    if (row % 20_000 === 19_999) await setImmediate();
    if (values(body, rows.starts[row]!, rows.ends[row]!) !== found.widths.length && fixedCells(body, rows.starts[row]!, rows.ends[row]!, found)) return found;
  }
  return undefined;
}
