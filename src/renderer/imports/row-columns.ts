import type { ImportRow, ImportView } from '../../shared/contract/imports.ts';

/** Columns worth showing of rows: identifiers, and whatever somebody complained about; the whole file would not fit. */
export function shownColumns(view: Pick<ImportView, 'columns' | 'detection'>, rows: readonly Pick<ImportRow, 'problems'>[]): { readonly index: number; readonly name: string }[] {
  const identifiers = new Set<string>(['iccid', 'imsi', 'msisdn', 'mcc', 'mnc', 'msin']);
  const wanted = new Set<number>(view.columns.filter((column) => column.field !== undefined && identifiers.has(column.field)).map((column) => column.index));
  for (const row of rows) for (const problem of row.problems) if (problem.column !== undefined) wanted.add(problem.column);
  return view.detection.columns.filter((column) => wanted.has(column.index)).map(({ index, name }) => ({ index, name }));
}
