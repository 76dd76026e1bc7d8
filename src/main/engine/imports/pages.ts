/** Rows of an import, page by page. */
import type { ImportRow } from '../../../shared/contract/imports.ts';
import { DeskProblem } from '../context.ts';
import type { ImportSession } from './session.ts';
import { rowView } from './view.ts';

export interface PageInput {
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly group?: string | undefined;
  readonly state?: ImportRow['state'] | undefined;
}

/** Rows looked at for one page: a state that is rare is passed on to the next page. */
const looked = 200_000;

export function pageOf(session: ImportSession, input: PageInput): { rows: ImportRow[]; next?: string; total: number } {
  const v = session.validation;
  if (!v || (session.state !== 'validated' && session.state !== 'committing')) throw new DeskProblem('IMPORT_BUSY', 'The rows have not been checked yet.', { hint: 'Wait for the check, or start it.' });
  const after = input.cursor === undefined ? -1 : Number(input.cursor);
  if (!Number.isInteger(after)) throw new DeskProblem('INPUT_INVALID', 'This page of rows is unknown.', { field: 'cursor' });
  const counts = v.counts();
  const rows: number[] = [];
  let last = after;
  let more = false;
  if (input.group !== undefined) {
    const found = v.group(input.group);
    for (;;) {
      const some = found ? v.staging.group(found.kind, found.column, last, 500) : [];
      for (const { row } of some) {
        if (rows.length === input.limit) {
          more = true;
          break;
        }
        last = row;
        const state = v.stateOf(row);
        if (input.state === undefined ? state === 'good' || state === 'bad' : state === input.state) rows.push(row);
      }
      if (more || some.length < 500) break;
    }
    return { rows: rows.map((row) => rowView(session, v, row)), ...(more ? { next: String(last) } : {}), total: found?.rows ?? 0 };
  }
  for (let row = after + 1; row < v.rows; row++) {
    if (rows.length === input.limit || row - after > looked) {
      more = true;
      break;
    }
    last = row;
    if (input.state === undefined || v.stateOf(row) === input.state) rows.push(row);
  }
  const total = input.state === undefined ? v.rows : { good: counts.good, bad: counts.bad, 'left-out': counts.leftOut, skipped: counts.skipped }[input.state];
  return { rows: rows.map((row) => rowView(session, v, row)), ...(more ? { next: String(last) } : {}), total };
}
