/** What an operator changes after validation, by group or by cell. */
import { setImmediate } from 'node:timers/promises';
import type { ImportRepairKind, ImportRow } from '../../../shared/contract/imports.ts';
import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { checkAgain, leaveOut } from './amend.ts';
import { isIdentifier } from './columns.ts';
import { findingKinds } from './findings.ts';
import type { FindingName } from './findings.ts';
import { repairChange } from './row.ts';
import type { ImportSession } from './session.ts';
import type { Validation } from './validation.ts';
import { rowView } from './view.ts';

/** Rows checked again while the caller waits; more are a job. */
export const atOnce = 2_000;
const slice = 2_000;

/** Throws {@link DeskProblem} `IMPORT_UNVALIDATED`. */
export function validated(session: ImportSession): Validation {
  if (session.state !== 'validated' || !session.validation) throw new DeskProblem('IMPORT_UNVALIDATED', 'The rows have not been checked yet.', { hint: 'Check them first.' });
  return session.validation;
}

interface Group {
  readonly kind: FindingName;
  readonly column: number;
}

function groupNamed(v: Validation, id: string): Group {
  const group = v.group(id);
  if (group) return group;
  const file = [...v.file.values()].find((one) => `${one.kind}:-1` === id && !one.accepted);
  if (file) return { kind: file.kind, column: -1 };
  throw new DeskProblem('GROUP_UNKNOWN', 'There is no such group of rows any more.', { field: 'group' });
}

/** Rows of a group that count, in slices. */
async function rowsOf(v: Validation, { kind, column }: Group): Promise<number[]> {
  const rows: number[] = [];
  for (let after = -1; ;) {
    const found = v.staging.group(kind, column, after, slice);
    for (const { row } of found) {
      const state = v.stateOf(row);
      if (state === 'good' || state === 'bad') rows.push(row);
    }
    if (found.length < slice) return rows;
    after = found.at(-1)!.row;
    await setImmediate();
  }
}

export interface Repaired {
  readonly changed: number;
  /** Rows that wait for a job, because they are many. */
  readonly waiting: number;
}

const unfit = (message: string): DeskProblem => new DeskProblem('REPAIR_UNFIT', message, { field: 'repair' });

/** Mends a group. Codes `GROUP_UNKNOWN`, `REPAIR_UNFIT`. */
export async function repairGroup(ctx: EngineContext, session: ImportSession, id: string, repair: ImportRepairKind, value: string | undefined): Promise<Repaired> {
  const v = validated(session);
  const group = groupNamed(v, id);
  if (!(findingKinds[group.kind].repairs as readonly ImportRepairKind[]).includes(repair)) throw unfit('This does not mend these rows.');
  if (repair === 'accept') {
    v.file.get(group.kind)!.accepted = true;
    return { changed: 1, waiting: 0 };
  }
  const rows = await rowsOf(v, group);
  if (repair === 'leave-out') return { changed: await leaveOut(v, session.source, rows), waiting: 0 };
  if (repair === 'skip') {
    session.rules = { ...session.rules, duplicates: 'skip' };
    Object.assign(v.plan.rules, { duplicates: 'skip' });
    return again(ctx, session, v, rows);
  }
  if (repair === 'country' && !/^[1-9]\d{0,2}$/.test(value ?? '')) throw new DeskProblem('REPAIR_UNFIT', 'A country code has 1 to 3 digits, the first not 0.', { field: 'value' });
  if (repair === 'plmn' && !/^\d{5,6}$/.test(value ?? '')) throw new DeskProblem('REPAIR_UNFIT', 'MCC and MNC have 5 or 6 digits together.', { field: 'value' });
  const column = repair === 'swap-keys' || repair === 'swap-numbers' ? -1 : group.column;
  const field = v.plan.columns.find((one) => one.index === column)?.field;
  if (column >= 0 && (!field || !repairChange(repair, field, value ?? ''))) throw unfit('This does not mend these rows.');
  for (let from = 0; from < rows.length; from += slice) {
    v.staging.write(() => {
      for (const row of rows.slice(from, from + slice)) v.staging.putPatch({ row, column, kind: repair, value: value ?? '' });
    });
    await setImmediate();
  }
  v.repaired += rows.length;
  return again(ctx, session, v, rows);
}

async function again(ctx: EngineContext, session: ImportSession, v: Validation, rows: readonly number[]): Promise<Repaired> {
  if (rows.length <= atOnce) {
    await checkAgain(ctx, v, session.source, rows);
    return { changed: rows.length, waiting: 0 };
  }
  for (let from = 0; from < rows.length; from += slice) {
    v.staging.write(() => {
      for (const row of rows.slice(from, from + slice)) v.staging.putWaiting(row);
    });
    await setImmediate();
  }
  return { changed: rows.length, waiting: rows.length };
}

/** Codes `ROW_UNKNOWN`, `CELL_SECRET`. */
export async function repairCell(ctx: EngineContext, session: ImportSession, line: number, column: number, value: string): Promise<ImportRow> {
  const v = validated(session);
  const row = session.source.rowAt(line);
  if (row === undefined) throw new DeskProblem('ROW_UNKNOWN', `No row begins on line ${line}.`, { field: 'line' });
  const field = v.plan.columns.find((one) => one.index === column)?.field;
  if (!isIdentifier(field)) throw new DeskProblem('CELL_SECRET', 'Only identifiers are corrected here. Secrets are corrected in the file, so that they pass through no screen.', { field: 'column', hint: 'Take the fix file, correct the value there, and import it.' });
  if (/[^\x20-\x7e]/.test(value)) throw new DeskProblem('INPUT_INVALID', 'An identifier has digits only.', { field: 'value' });
  v.staging.write(() => {
    v.staging.dropPatches(row, column);
    v.staging.putPatch({ row, column, kind: 'set', value });
  });
  v.repaired += 1;
  await checkAgain(ctx, v, session.source, [row]);
  return rowView(session, v, row);
}

export interface LeaveOut {
  readonly group?: string | undefined;
  readonly lines?: readonly number[] | undefined;
  readonly bad?: boolean | undefined;
  readonly back: boolean;
}

/** Codes `GROUP_UNKNOWN`, `ROW_UNKNOWN`. */
export async function leaveRowsOut(ctx: EngineContext, session: ImportSession, input: LeaveOut): Promise<number> {
  const v = validated(session);
  const rows = await chosen(session, v, input);
  if (!input.back) return leaveOut(v, session.source, rows);
  const out = rows.filter((row) => v.stateOf(row) === 'left-out');
  await checkAgain(ctx, v, session.source, out);
  return out.length;
}

async function chosen(session: ImportSession, v: Validation, { group, lines, bad, back }: LeaveOut): Promise<number[]> {
  if (lines) {
    return lines.map((line) => {
      const row = session.source.rowAt(line);
      if (row === undefined) throw new DeskProblem('ROW_UNKNOWN', `No row begins on line ${line}.`, { field: 'lines' });
      return row;
    });
  }
  if (group !== undefined && !back) return rowsOf(v, groupNamed(v, group));
  if (!bad && !back) throw new DeskProblem('INPUT_INVALID', 'Say which rows: a group, lines, or all that are wrong.');
  const wanted = back ? 'left-out' : 'bad';
  const rows: number[] = [];
  for (let row = 0; row < v.rows; row++) if (v.stateOf(row) === wanted) rows.push(row);
  return rows;
}
