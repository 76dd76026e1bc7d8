/** Rows with another number of values than the file has columns, also once more after they came back in a fix file. */
import { normalised } from './columns.ts';
import type { Cell } from './scan.ts';
import { textOf } from './text.ts';
import { trimmed } from './transforms.ts';

/** The columns a fix file has behind those of the file. */
export interface FixColumns {
  /** Where the first of them stands: so many columns the file itself had. */
  readonly from: number;
  /** The sentences of the last one. */
  readonly error: number;
}

export function fixColumns(names: readonly string[]): FixColumns | undefined {
  const plain = names.map(normalised);
  const error = plain.lastIndexOf('error');
  return error > 0 && plain[error + 1] === 'hint' ? { from: plain.indexOf('error'), error } : undefined;
}

/** Names of the columns of the file itself: without those of a fix file, and without nameless ones at the end, which a fix file adds for rows that are too long. */
export function ownColumns(names: readonly string[]): readonly string[] {
  let to = fixColumns(names)?.from ?? names.length;
  while (to > 0 && /^(?:column \d+)?$/.test(names[to - 1]!.trim())) to--;
  return names.slice(0, to);
}

/** Values up to the last one that is there. */
function filled(cells: readonly Cell[], to: number): number {
  let at = Math.min(to, cells.length);
  while (at > 0 && trimmed(cells[at - 1]!).length === 0) at--;
  return at;
}

/** Empty cells more at the end do no harm. */
export function widthProblem(width: number, cells: readonly Cell[]): string | undefined {
  if (cells.length === width) return undefined;
  const values = filled(cells, cells.length);
  if (cells.length > width && values <= width) return undefined;
  return `${values} ${values === 1 ? 'value' : 'values'} where the file has ${width} columns`;
}

/** The sentence of {@link widthProblem} as a fix file has it. */
const said = /The row has (?:still )?(\d+) values? where the file has (\d+) columns/;

/**
 * A fix file fills a row that was cut short up to the width of the table, so that its sentences stand under their names. When it comes
 * back with as many values as it had, nothing was corrected, and the values would be missing without a word.
 */
export function sameAsBefore(columns: FixColumns, cells: readonly Cell[]): string | undefined {
  const cell = cells[columns.error];
  if (!cell || cell.length < 20) return undefined;
  const [, values, width] = said.exec(textOf(cell.subarray(0, 2_000), 'utf-8')) ?? [];
  if (values === undefined || filled(cells, columns.from) !== Number(values)) return undefined;
  return `still ${values} ${values === '1' ? 'value' : 'values'} where the file has ${width} columns: correct the row, or clear its error cell if nothing is missing`;
}
