/** Validation as a job: first all rows in their order, or after corrections only those that wait. Nothing of it is durable. */
import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { isDiskFull } from '../jobs/index.ts';
import type { JobKind } from '../jobs/index.ts';
import { openStaging } from '../store/bulk-imports.ts';
import { unsettle } from './amend.ts';
import { batchRows, Checker } from './check.ts';
import { labelOf } from './columns.ts';
import type { FindingName } from './findings.ts';
import { typeProblem } from './network.ts';
import { auxiliaryNotice } from './notices.ts';
import { planOf } from './plan.ts';
import type { ImportSession } from './session.ts';
import { dropStaging, openSessions, sessionOf, stagingPath } from './session.ts';
import { Validation } from './validation.ts';

export interface ValidateParams {
  readonly id: string;
  readonly fileName: string;
  /** Only rows that wait to be checked again. */
  readonly again: boolean;
  readonly rows: number;
}

interface Run {
  readonly jobId: string;
  readonly checker: Checker;
  next: number;
  stop: boolean;
  working: boolean;
}

const runs = new WeakMap<ImportSession, Run>();
/** Milliseconds of one unit: a cancel is heard within it. */
const unitTime = 250;

/** Makes ready what rows are checked against; corrections made before are kept while the rows are the same. */
export async function beginValidation(ctx: EngineContext, session: ImportSession): Promise<Validation> {
  const plan = await planOf(ctx, { type: session.type!, columns: session.columns, names: session.source.names, rules: session.rules, op: session.op, checkedIccids: session.checkedIccids, detection: session.detection });
  const { batchKey } = await ctx.vault.call('createBatchKey', {});
  const before = session.validation;
  const keep = before?.rows === session.source.rows ? before : undefined;
  if (!keep) dropStaging(session);
  keep?.staging.clear();
  const staging = keep?.staging ?? openStaging(stagingPath(ctx, session.id), true);
  const validation = new Validation(staging, plan, batchKey, session.source.rows);
  validation.repaired = keep?.repaired ?? 0;
  for (const [kind, finding] of keep?.file ?? []) if (finding.accepted) validation.file.set(kind, finding);
  session.validation = validation;
  return validation;
}

/** All rows at once, without a job: for files imported at one stroke. */
export async function validateAll(ctx: EngineContext, session: ImportSession): Promise<Validation> {
  const validation = await beginValidation(ctx, session);
  const checker = new Checker(ctx, session.source, validation, false);
  try {
    for (let row = 0; row < validation.rows; row += batchRows) await checker.rows(batchFrom(row, validation.rows));
    await checker.finish();
  } catch (error) {
    await checker.abandon();
    throw error;
  }
  lookAtFile(session, validation);
  return validation;
}

function batchFrom(row: number, rows: number): number[] {
  return Array.from({ length: Math.min(batchRows, rows - row) }, (_, index) => row + index);
}

export const validateKind: JobKind<ValidateParams, null> = {
  kind: 'import.validate',
  title: (params) => `${params.again ? 'Check again' : 'Check'} ${params.fileName}`,
  subject: (params) => ({ type: 'import', id: params.id }),
  total: (_ctx, params) => params.rows,
  async unit(ctx, job) {
    const session = sessionOf(ctx, job.params.id);
    let run = runs.get(session);
    if (run?.jobId !== job.id) {
      if (!job.params.again) await beginValidation(ctx, session);
      run = { jobId: job.id, checker: new Checker(ctx, session.source, session.validation!, job.params.again), next: 0, stop: false, working: false };
      runs.set(session, run);
    }
    run.working = true;
    try {
      const { written, finished } = await work(session, run, job.params.again);
      if (run.stop) return { done: written, progress: null, finished: true };
      return { done: written, progress: null, finished, changes: ['imports'], ...(finished ? { message: summary(session.validation!) } : {}) };
    } catch (error) {
      // Rows half looked at cannot be looked at once more: they are checked from the start when there is room.
      throw isDiskFull(error) ? new DeskProblem('WORKSPACE_READ_ONLY', 'The disk of the workspace is full, so the rows could not be checked. Make room and check the file again.') : error;
    } finally {
      run.working = false;
      if (run.stop) {
        await run.checker.abandon();
        letGo(session, job.params.again);
      }
    }
  },
  ended(_tx, ctx, { id, params, state }) {
    const session = openSessions(ctx).find((one) => one.id === params.id);
    if (!session) return Promise.resolve();
    const run = runs.get(session);
    if (state === 'done' || state === 'partly-failed') {
      session.state = 'validated';
      runs.delete(session);
    } else {
      session.state = 'mapped';
      if (run?.jobId === id) run.stop = true;
      if (!run?.working) letGo(session, params.again);
    }
    return Promise.resolve();
  },
};

/** What a cancelled job leaves: nothing checked. Corrections stay, to be checked with everything next time. */
function letGo(session: ImportSession, again: boolean): void {
  runs.delete(session);
  if (!again) dropStaging(session);
}

async function work(session: ImportSession, run: Run, again: boolean): Promise<{ written: number; finished: boolean }> {
  const validation = session.validation!;
  const until = performance.now() + unitTime;
  let written = 0;
  while (!run.stop && performance.now() < until) {
    const rows = again ? takeWaiting(session) : batchFrom(run.next, validation.rows);
    if (rows.length === 0) {
      written += await run.checker.finish();
      if (!again) lookAtFile(session, validation);
      validation.done = validation.rows;
      return { written, finished: true };
    }
    if (again) unsettle(validation, session.source, rows);
    written += await run.checker.rows(rows);
    run.next += rows.length;
  }
  validation.done += written;
  return { written, finished: false };
}

function takeWaiting(session: ImportSession): number[] {
  const { staging } = session.validation!;
  const rows = staging.waiting(batchRows);
  staging.write(() => {
    for (const row of rows) staging.dropWaiting(row);
  });
  return rows;
}

const count = (n: number, one: string, many: string): string => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

function summary(validation: Validation): string {
  const counts = validation.counts();
  return `${count(counts.good, 'row is', 'rows are')} good, ${count(counts.bad, 'is', 'are')} not${counts.skipped > 0 ? `, ${count(counts.skipped, 'is', 'are')} in the stock already` : ''}`;
}

/** What can be said of the file as a whole, or of the type for all its rows. */
function lookAtFile(session: ImportSession, validation: Validation): void {
  const { source } = session;
  const { file, plan } = validation;
  const say = (kind: FindingName, detail: string | undefined): void => {
    if (detail === undefined) file.delete(kind);
    else file.set(kind, { kind, detail, accepted: file.get(kind)?.detail === detail && file.get(kind)!.accepted });
  };
  say('quantity', source.quantity !== undefined && !source.start && source.quantity !== source.rows ? `The header says ${source.quantity.toLocaleString('en')}; the file has ${count(source.rows, 'row', 'rows')}.` : undefined);
  const { noPlace } = plan;
  say('no-slot', noPlace.length === 0 ? undefined : `The template of ${plan.type.name} has no place for ${new Intl.ListFormat('en').format(noPlace.map(labelOf))}: ${noPlace.length === 1 ? 'the column is' : 'these columns are'} passed over.`);
  const { against, checkedAgainst, unchecked } = plan.keyNotices;
  say('key-header', against);
  say('key-header-told', checkedAgainst);
  say('key-unchecked', unchecked);
  say('auxiliary', auxiliaryNotice(source.names, (index) => plan.columns.some((one) => one.index === index)));
  const type = typeProblem(plan.network);
  for (const kind of ['mnc-type', 'mnc-type-lab'] as const) say(kind, type?.kind === kind ? type.detail : undefined);
}
