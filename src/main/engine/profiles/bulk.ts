/**
 * Bulk work as a job: first the selection is written down row by row, then each row goes the way a single action goes, by the tables of
 * `transition`, together with those that stand at the same place. What was done, refused and how it was before stands in `bulk_rows`, so that a crash repeats nothing and an undo
 * knows what to restore.
 */
import { sql } from 'kysely';
import type { JobView } from '../../../shared/contract/profiles.ts';
import type { Call, EngineContext, Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { JobKind, JobRowError, JobUnit } from '../jobs/index.ts';
import { noteErrors, startJob } from '../jobs/index.ts';
import { applyRows, factsOf, type Outcome, passOver, rowsFor, takeBack } from './bulk-apply.ts';
import type { Remembered } from './bulk-preview.ts';
import type { BulkAction } from './bulk-rules.ts';
import { isIrreversible, isStateAction, judge, titleOf, undoRefusal } from './bulk-rules.ts';
import type { Selection } from './selection.ts';
import { idsOf, isPicked, scopeOf, selected } from './selection.ts';
import { ensureLabel } from './notes.ts';
import { unfinishedAmong, unfinishedImports, unfinishedText } from './unfinished.ts';
import { prepared } from '../store/index.ts';

/** Rows written down in one transaction. */
const COLLECTED = 4_000;
/** Rows changed in one transaction, by how long this machine took for the last ones: others wait for the writer, and the engine answers nobody, while it lasts. */
const sizes = { least: 100, first: 300, most: 1_500, milliseconds: 16 } as const;
const learnt = new WeakMap<object, number>();
const sizeFor = (ctx: EngineContext): number => learnt.get(ctx.runtime) ?? sizes.first;

function learn(ctx: EngineContext, rows: number, milliseconds: number): void {
  if (rows < sizes.least) return;
  const fitting = (rows * sizes.milliseconds) / Math.max(milliseconds, 0.1);
  learnt.set(ctx.runtime, Math.round(Math.max(sizes.least, Math.min(sizes.most, (sizeFor(ctx) + fitting) / 2))));
}

export interface BulkParams {
  readonly title: string;
  readonly matching: number;
  /** Of an action that cannot be taken back: so many profiles were said to end. */
  readonly confirmed?: number;
}
/** `ending`: how many of the rows written down would end for good. */
export type BulkProgress = { readonly collected: number; readonly ending?: number };

export const outcomes = ['waiting', 'changed', 'unchanged', 'refused'] as const;

const bulkOf = async (db: EngineContext['db'] | Tx, jobId: string) => {
  const row = await db.selectFrom('bulks').selectAll().where('job_id', '=', jobId).executeTakeFirst();
  if (!row) throw new DeskProblem('NOT_FOUND', 'There is no such bulk job.', { field: 'job' });
  return row;
};

export async function startBulk(tx: Tx, ctx: EngineContext, { selection, action, upTo, matching, willChange }: Remembered, confirm: number | undefined, call: Call): Promise<JobView> {
  if (willChange === 0) throw new DeskProblem('NOTHING_TO_DO', 'No profile of the selection would change.');
  if (isIrreversible(action) && confirm !== willChange) {
    throw new DeskProblem('CONFIRMATION_WRONG', `Type ${willChange} to confirm: so many profiles end for good.`, { field: 'confirm' });
  }
  const title = `${titleOf(action)}: ${scopeOf(selection)}`;
  const job = await startJob(tx, ctx, bulkKind, { title: title.slice(0, 200), matching, ...(isIrreversible(action) ? { confirmed: willChange } : {}) }, call);
  await tx.insertInto('bulks').values({
    job_id: job.id, action: JSON.stringify(action), title, selection: JSON.stringify(selection), up_to: upTo, cursor: null, limit_to: isIrreversible(action) ? matching : null,
    undoes: null, undone_by: null, created_at: ctx.clock.now(),
  }).execute();
  if (action.do === 'addLabel') await ensureLabel(tx, action.label, ctx.clock.now());
  if (isPicked(selection)) {
    const kept = await writeDown(tx, job.id, 0, await idsOf(tx, selection.iccids), undefined, true);
    if (kept.length > 0) {
      await tx.updateTable('jobs').set({ rejected: kept.length }).where('id', '=', job.id).execute();
      await noteErrors(tx, job.id, kept);
    }
  }
  return job;
}

/** Code `NOT_REVERSIBLE`, `ALREADY_UNDONE`, `JOB_RUNNING`. */
export async function startUndo(tx: Tx, ctx: EngineContext, jobId: string, call: Call): Promise<JobView> {
  const bulk = await bulkOf(tx, jobId);
  const job = await tx.selectFrom('jobs').select('state').where('id', '=', jobId).executeTakeFirstOrThrow();
  const refusal = undoProblem(bulk, job.state);
  if (refusal) throw new DeskProblem(refusal.code, refusal.why, { field: 'job' });
  const title = `Take back: ${bulk.title}`;
  const undo = await startJob(tx, ctx, bulkKind, { title: title.slice(0, 200), matching: bulk.changed }, call);
  await tx.insertInto('bulks').values({
    job_id: undo.id, action: bulk.action, title, selection: '{}', up_to: 0, cursor: null, limit_to: null, undoes: jobId, undone_by: null, created_at: ctx.clock.now(),
  }).execute();
  await tx.updateTable('bulks').set({ undone_by: undo.id }).where('job_id', '=', jobId).execute();
  return undo;
}

type Bulk = Awaited<ReturnType<typeof bulkOf>>;

export function undoProblem(bulk: Pick<Bulk, 'action' | 'undoes' | 'undone_by' | 'changed'>, jobState: string): { code: string; why: string } | undefined {
  const action = JSON.parse(bulk.action) as BulkAction;
  const never = bulk.undoes === null ? undoRefusal(action) : 'This job took something back; start the action again instead.';
  if (never) return { code: 'NOT_REVERSIBLE', why: never };
  if (bulk.undone_by !== null) return { code: 'ALREADY_UNDONE', why: 'It was taken back already.' };
  if (['queued', 'running', 'paused'].includes(jobState)) return { code: 'JOB_RUNNING', why: 'The job is not over; stop it first.' };
  if (bulk.changed === 0) return { code: 'NOT_REVERSIBLE', why: 'It changed nothing.' };
  return undefined;
}

/**
 * Answers the rows that are refused at once, because their import is not finished: were it taken back, a profile that comes in later could
 * get their number, and nobody meant that one.
 */
async function writeDown(tx: Tx, jobId: string, from: number, ids: readonly number[], cursor: string | undefined, complete: boolean): Promise<JobRowError[]> {
  await sql`insert into bulk_rows (job_id, seq, profile_id) select ${jobId}, ${from} + key + 1, value from json_each(${JSON.stringify(ids)})`.execute(tx);
  await tx.updateTable('bulks').set({ collected: from + ids.length, complete: complete ? 1 : 0, ...(cursor === undefined ? {} : { cursor }) }).where('job_id', '=', jobId).execute();
  if (complete) await tx.updateTable('jobs').set({ total: from + ids.length }).where('id', '=', jobId).execute();
  return refuseUnfinished(tx, jobId, from);
}

async function refuseUnfinished(tx: Tx, jobId: string, from: number): Promise<JobRowError[]> {
  const errors: JobRowError[] = [];
  for (const [importId, fileName] of await unfinishedImports(tx)) {
    const { rows } = await sql<{ seq: number; iccid: string }>`select b.seq, p.iccid from bulk_rows b cross join profiles p on p.id = b.profile_id
      where b.job_id = ${jobId} and b.seq > ${from} and p.import_id = ${importId}`.execute(tx);
    if (rows.length === 0) continue;
    const refusal = { code: 'IMPORT_UNFINISHED', message: unfinishedText(fileName) };
    await sql`update bulk_rows set outcome = ${outcomes.indexOf('refused')}, code = ${refusal.code}, message = ${refusal.message}
      where job_id = ${jobId} and seq in (select value from json_each(${JSON.stringify(rows.map((row) => row.seq))}))`.execute(tx);
    errors.push(...rows.map((row) => ({ row: row.seq, column: 'iccid', ...refusal, found: row.iccid, iccid: row.iccid })));
  }
  if (errors.length > 0) await tx.updateTable('bulks').set((e) => ({ refused: e('refused', '+', errors.length) })).where('job_id', '=', jobId).execute();
  return errors.sort((a, b) => a.row - b.row);
}

/** The next piece of the selection; of an undo, of what its job changed. */
async function collect(ctx: EngineContext, jobId: string, bulk: Bulk, confirmed: number | undefined, before: number): Promise<JobUnit<BulkProgress>> {
  const unit = async (ids: readonly number[], cursor: string | undefined, complete: boolean): Promise<JobUnit<BulkProgress>> => {
    const ending = confirmed === undefined ? 0 : before + await endingAmong(ctx.reader, bulk, ids);
    if (confirmed !== undefined && ending > confirmed) throw changed(`More profiles would end now than the ${confirmed} that were confirmed; nothing was changed.`);
    const written: { -readonly [K in keyof JobUnit<BulkProgress>]: JobUnit<BulkProgress>[K] } = {
      done: 0, finished: complete && bulk.collected + ids.length === 0, progress: { collected: bulk.collected + ids.length, ending },
    };
    written.commit = async (tx) => {
      written.errors = await writeDown(tx, jobId, bulk.collected, ids, cursor, complete);
      written.rejected = written.errors.length;
    };
    return written;
  };
  const ids: number[] = [];
  let cursor = bulk.cursor ?? undefined;
  for await (const block of selected(ctx.reader, JSON.parse(bulk.selection) as Selection, { cursor, upTo: bulk.up_to, now: bulk.created_at })) {
    ids.push(...block.ids);
    cursor = block.cursor;
    if (ids.length >= COLLECTED) return unit(ids, cursor, false);
  }
  if (bulk.limit_to !== null && bulk.collected + ids.length > bulk.limit_to) {
    throw changed(`More profiles match now than the ${bulk.limit_to} of the preview; nothing was changed.`);
  }
  return unit(ids, cursor, true);
}

const changed = (what: string): DeskProblem => new DeskProblem('SELECTION_CHANGED', `${what} Preview again.`);

/** How many of these the state tables let end now. */
async function endingAmong(db: Reader, bulk: Bulk, ids: readonly number[]): Promise<number> {
  const action = JSON.parse(bulk.action) as BulkAction;
  if (!isStateAction(action)) return 0;
  const { rows } = await sql<{ facet: number; n: number }>`select facet, count(*) as n from profiles where id in (select value from json_each(${JSON.stringify(ids)})) group by facet`.execute(db);
  const unfinished = await unfinishedAmong(db, await unfinishedImports(db), ids);
  const ending = (list: readonly { facet: number; n: number }[]): number => list.reduce((sum, { facet, n }) => sum + (judge(action, factsOf(facet)).is === 'change' ? n : 0), 0);
  return ending(rows) - ending(unfinished);
}

async function collectChanged(ctx: EngineContext, jobId: string, bulk: Bulk): Promise<JobUnit<BulkProgress>> {
  const after = Number(bulk.cursor ?? 0);
  const rows = await ctx.reader.selectFrom('bulk_rows').select('seq').where('job_id', '=', bulk.undoes!).where('outcome', '=', 1).where('seq', '>', after).orderBy('seq').limit(COLLECTED).execute();
  const last = rows[rows.length - 1]?.seq;
  const complete = rows.length < COLLECTED;
  return {
    done: 0, finished: complete && bulk.collected + rows.length === 0, progress: { collected: bulk.collected + rows.length },
    async commit(tx) {
      if (last !== undefined) {
        await sql`insert into bulk_rows (job_id, seq, profile_id, before, event_id) select ${jobId}, seq, profile_id, before, event_id from bulk_rows
          where job_id = ${bulk.undoes} and outcome = 1 and seq > ${after} and seq <= ${last}`.execute(tx);
      }
      const collected = bulk.collected + rows.length;
      await tx.updateTable('bulks').set({ collected, complete: complete ? 1 : 0, cursor: String(last ?? after) }).where('job_id', '=', jobId).execute();
      if (complete) await tx.updateTable('jobs').set({ total: collected }).where('id', '=', jobId).execute();
    },
  };
}

/** Changes the next rows. The outcome is known when they are written, so the unit is filled in its commit. */
function change(ctx: EngineContext, jobId: string, bulk: Bulk, confirmed: number | undefined, call: Call): JobUnit<BulkProgress> {
  const action = JSON.parse(bulk.action) as BulkAction;
  const unit: { -readonly [K in keyof JobUnit<BulkProgress>]: JobUnit<BulkProgress>[K] } = {
    done: 0, progress: { collected: bulk.collected }, finished: false, changes: ['profiles', 'workspace', 'types', 'numbers'],
  };
  unit.commit = async (tx) => {
    const started = performance.now();
    const at = ctx.clock.now();
    const size = sizeFor(ctx);
    const found = await rowsFor(tx, jobId, size + 1, bulk.undoes !== null);
    const rows = found.slice(0, size);
    unit.finished = found.length <= size;
    const errors: JobRowError[] = [];
    const counts = { changed: 0, unchanged: 0, refused: 0 };
    const { open, kept } = await passOver(tx, rows);
    for (const one of [...kept, ...(bulk.undoes === null ? await applyRows(tx, action, open, at, call) : await takeBack(tx, action, open, at, call))]) {
      counts[one.outcome] += one.rows.length;
      if (one.outcome === 'refused') errors.push(...one.rows.map((row) => ({ row: row.seq, column: 'iccid', code: one.code!, message: one.message!, found: row.iccid, iccid: row.iccid })));
      await finishRows(tx, jobId, bulk.undoes, one);
    }
    // Rows that could not end when they were previewed and can now: nobody has confirmed them.
    if (confirmed !== undefined && bulk.changed + counts.changed > confirmed) throw changed(`More profiles would end now than the ${confirmed} that were confirmed; ${bulk.changed} ended, the others were left alone.`);
    await tx.updateTable('bulks').set((e) => ({
      changed: e('changed', '+', counts.changed), unchanged: e('unchanged', '+', counts.unchanged), refused: e('refused', '+', counts.refused),
    })).where('job_id', '=', jobId).execute();
    unit.done = counts.changed + counts.unchanged;
    unit.rejected = counts.refused;
    unit.errors = errors.sort((a, b) => a.row - b.row);
    if (unit.finished) {
      const end = await bulkOf(tx, jobId);
      unit.partly = end.refused > 0;
      unit.message = `${end.changed} changed, ${end.unchanged} already so, ${end.refused} refused`;
    }
    learn(ctx, rows.length, performance.now() - started);
  };
  return unit;
}

type Written = { outcome: number; code: string | null; message: string | null; before: string | null; job: string; seqs: string };
const setOutcome = prepared<Written, unknown>((db, p) => ({
  compile: () => sql`update bulk_rows set outcome = ${p.outcome}, code = ${p.code}, message = ${p.message}, before = ${p.before}, event_id = (select max(e.id) from activation_events e where e.profile_id = bulk_rows.profile_id)
    where job_id = ${p.job} and seq in (select value from json_each(${p.seqs}))`.compile(db),
}));
const setUndone = prepared<{ job: string; seqs: string }, unknown>((db, p) => ({
  compile: () => sql`update bulk_rows set undone = 1 where job_id = ${p.job} and seq in (select value from json_each(${p.seqs}))`.compile(db),
}));

async function finishRows(tx: Tx, jobId: string, undoes: string | null, { rows, outcome, code, message, before }: Outcome): Promise<void> {
  if (rows.length === 0) return;
  const seqs = JSON.stringify(rows.map((row) => row.seq));
  const written = await setOutcome.run(tx, {
    outcome: outcomes.indexOf(outcome), code: code ?? null, message: message ?? null, before: undoes === null && before !== undefined ? JSON.stringify(before) : null,
    job: jobId, seqs,
  });
  if (written !== rows.length) throw new Error('a row of bulk work is not the one that was read');
  if (undoes !== null && outcome === 'changed') await setUndone.run(tx, { job: undoes, seqs });
}

export const bulkKind: JobKind<BulkParams, BulkProgress> = {
  kind: 'bulk',
  title: (params) => params.title,
  total: (_ctx, params) => params.matching,
  async describe(ctx, { row }) {
    const bulk = await ctx.reader.selectFrom('bulks').select(['action', 'undoes']).where('job_id', '=', row.id).executeTakeFirst();
    const never = !bulk || bulk.undoes !== null || undoRefusal(JSON.parse(bulk.action) as BulkAction);
    return { cancelEffect: never ? 'What is changed by then stays changed; the rest is left alone.' : 'What is changed by then stays changed and can be taken back; the rest is left alone.' };
  },
  async unit(ctx, job) {
    const bulk = await bulkOf(ctx.db, job.id);
    if (bulk.complete === 0) return bulk.undoes === null ? collect(ctx, job.id, bulk, job.params.confirmed, job.progress?.ending ?? 0) : collectChanged(ctx, job.id, bulk);
    return change(ctx, job.id, bulk, job.params.confirmed, job.call);
  },
};
