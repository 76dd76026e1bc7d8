/** Changes after validation: rows corrected, left out, taken back in, and checked again without the others. */
import { setImmediate } from 'node:timers/promises';
import type { EngineContext } from '../context.ts';
import { batchRows, Checker, markDouble, sameValue } from './check.ts';
import type { FindingName } from './findings.ts';
import type { Occurrences } from './occurrences.ts';
import type { Source } from './source.ts';
import type { Validation } from './validation.ts';

/** Rows changed between two breaths. */
const slice = 400;

interface Watched {
  readonly occurrences: Occurrences;
  readonly kind: FindingName;
  readonly column: number;
  readonly label: string;
}

function watched(v: Validation): Watched[] {
  const columnOf = (...fields: string[]): number => v.plan.columns.find((one) => fields.includes(one.field))?.index ?? -1;
  return [
    { occurrences: v.iccids, kind: 'duplicate-file', column: columnOf('iccid'), label: 'ICCID' },
    { occurrences: v.imsis, kind: 'duplicate-file', column: columnOf('imsi') >= 0 ? columnOf('imsi') : columnOf('msin'), label: 'IMSI' },
    ...(v.msisdns ? [{ occurrences: v.msisdns, kind: 'msisdn-file' as const, column: columnOf('msisdn'), label: 'MSISDN' }] : []),
    { occurrences: v.keys, kind: 'key-file', column: columnOf('k'), label: 'K' },
  ];
}

/** The row no longer counts: what was a double of it is none any more. Inside a write of staging. */
function withdraw(v: Validation, source: Source, row: number): void {
  for (const { occurrences, kind, column, label } of watched(v)) {
    if (!occurrences.has(row)) continue;
    const first = occurrences.remove(row);
    if (first === undefined) continue;
    const value = v.staging.row(first);
    if (v.staging.dropProblem(kind, column, first) && counts(v, first)) {
      v.count({ row: first, kind, column }, -1);
      judge(v, first);
    }
    for (const other of occurrences.others(first)) {
      if (value && sameValue(label, value, v.staging.row(other))) markDouble(v, { row: other, kind, column, detail: `The same ${label} stands in line ${source.line(first)}.`, found: undefined });
    }
  }
}

const counts = (v: Validation, row: number): boolean => {
  const state = v.stateOf(row);
  return state === 'good' || state === 'bad';
};

function judge(v: Validation, row: number): void {
  const state = v.judged(row);
  v.setState(row, state);
  v.staging.setState(row, state);
}

function uncount(v: Validation, row: number): void {
  if (!counts(v, row)) return;
  for (const problem of v.staging.problemsOf(row)) v.count(problem, -1);
}

/** Leaves rows out; answers how many were in. */
export async function leaveOut(v: Validation, source: Source, rows: readonly number[]): Promise<number> {
  let changed = 0;
  for (let from = 0; from < rows.length; from += slice) {
    v.staging.write(() => {
      for (const row of rows.slice(from, from + slice)) {
        if (!counts(v, row)) continue;
        uncount(v, row);
        withdraw(v, source, row);
        v.setState(row, 'left-out');
        v.staging.setState(row, 'left-out');
        changed += 1;
      }
    });
    await setImmediate();
  }
  return changed;
}

/** Checks rows again, as corrected by now; those left out are in again. `onBatch` may end it early. */
export async function checkAgain(ctx: EngineContext, v: Validation, source: Source, rows: readonly number[]): Promise<void> {
  const checker = new Checker(ctx, source, v, true);
  const sorted = [...rows].sort((a, b) => a - b);
  try {
    for (let from = 0; from < sorted.length; from += batchRows) {
      const batch = sorted.slice(from, from + batchRows);
      unsettle(v, source, batch);
      await checker.rows(batch);
    }
    await checker.finish();
  } catch (error) {
    await checker.abandon();
    throw error;
  }
}

/** Forgets what is known of rows, so that they can be looked at as if for the first time. */
export function unsettle(v: Validation, source: Source, rows: readonly number[]): void {
  v.staging.write(() => {
    for (const row of rows) {
      uncount(v, row);
      withdraw(v, source, row);
      v.staging.dropProblems(row);
    }
  });
}
