/** The steps of a batch as its page shows them. */
import { sql } from 'kysely';
import type { JobStep } from '../../../shared/contract/jobs.ts';
import type { JobLive, JobRow } from '../jobs/index.ts';
import { liveOf } from '../jobs/index.ts';
import type { EngineContext } from '../context.ts';
import type { PrepareParams } from './params.ts';
import type { PreparationRecord } from './records.ts';

/** Milliseconds a running job's steps took since the engine started, and the profiles they did in that time. */
export interface StepTimes {
  profiles: number;
  vault: number;
  write: number;
}
const times = new WeakMap<object, Map<string, StepTimes>>();

export function noteTimes(ctx: EngineContext, jobId: string, profiles: number, vault: number, write: number): void {
  let map = times.get(ctx.runtime);
  if (!map) times.set(ctx.runtime, map = new Map());
  const known = map.get(jobId) ?? { profiles: 0, vault: 0, write: 0 };
  map.set(jobId, { profiles: known.profiles + profiles, vault: known.vault + vault, write: known.write + write });
}

export function forgetTimes(ctx: EngineContext, jobId: string): void {
  times.get(ctx.runtime)?.delete(jobId);
}

interface Facts {
  readonly row: JobRow;
  readonly params: PrepareParams;
  readonly live: JobLive;
  readonly batch: PreparationRecord;
}

const over = (state: string): boolean => ['done', 'partly-failed', 'failed', 'cancelled'].includes(state);

export async function batchSteps(ctx: EngineContext, { row, params, live, batch }: Facts): Promise<JobStep[]> {
  const tried = row.done + row.rejected;
  const known = times.get(ctx.runtime)?.get(row.id);
  const rate = (milliseconds: number | undefined): { rate?: number } => (known && milliseconds && row.state === 'running' ? { rate: (known.profiles * 1000) / milliseconds } : {});
  const secondsLeft = row.state === 'running' && live.rate ? { secondsLeft: (row.total - tried) / live.rate } : {};
  const state = (done: boolean): JobStep['state'] => (done ? 'done' : row.state === 'running' ? 'running' : row.state === 'failed' ? 'failed' : row.state === 'cancelled' ? 'skipped' : 'waiting');
  const whole = tried >= row.total || row.state === 'done' || row.state === 'partly-failed';
  const profiles = { done: tried, total: row.total, unit: 'profiles', state: state(whole), ...secondsLeft };
  const steps: JobStep[] = [
    params.numbers > 0
      ? { id: 'reserve', title: 'Reserve numbers', state: 'done', done: params.numbers, total: params.numbers, unit: 'numbers', note: 'Held for this batch from its start on.' }
      : { id: 'reserve', title: 'Reserve numbers', state: 'skipped', done: 0, total: 0, unit: 'numbers', note: params.what === 'failed' ? 'The rows have their numbers.' : 'All of it comes from imported stock.' },
    { id: 'keys', title: 'Unwrap or make keys', ...profiles, ...rate(known?.vault) },
    { id: 'seal', title: 'Personalise and seal', ...profiles, ...rate(known?.vault) },
    { id: 'store', title: 'Store', ...profiles, ...rate(known?.write), ...(row.rejected > 0 ? { note: `${row.rejected.toLocaleString('en')} could not be prepared.` } : {}) },
  ];
  const files = await ctx.reader.selectFrom('jobs').selectAll().where('subject_id', '=', batch.id).where('kind', '=', 'output').where('created_at', '>=', row.created_at).orderBy('created_at', 'desc').orderBy(sql`rowid`, 'desc').limit(1).executeTakeFirst();
  const made = await ctx.reader.selectFrom('artefacts').select([(e) => e.fn.countAll<number>().as('n'), (e) => e.fn.count<number>('swept_at').as('swept')]).where('preparation_id', '=', batch.id).executeTakeFirstOrThrow();
  const total = Number(made.n);
  const swept = Number(made.swept);
  steps.push(filesStep(ctx, files, total, row.state));
  steps.push({
    id: 'sweep', title: 'Delete output files', unit: 'files', done: swept, total, state: total > 0 && swept === total ? 'done' : 'waiting',
    note: total === 0 ? 'No file was made yet.' : swept === total ? 'No output file is left; row counts and digests stay.' : `${total - swept === 1 ? '1 file lies' : `${(total - swept).toLocaleString('en')} files lie`} in the workspace until somebody deletes ${total - swept === 1 ? 'it' : 'them'}.`,
  });
  return steps;
}

function filesStep(ctx: EngineContext, job: JobRow | undefined, made: number, parent: string): JobStep {
  const base = { id: 'outputs', title: 'Output files', unit: 'rows' };
  if (!job) return { ...base, unit: 'files', done: made, total: made, state: parent === 'failed' || parent === 'cancelled' ? 'skipped' : over(parent) ? 'done' : 'waiting' };
  const live = liveOf(ctx, job.id);
  const tried = job.done + job.rejected;
  const states: Record<string, JobStep['state']> = { queued: 'waiting', paused: 'waiting', running: 'running', done: 'done', 'partly-failed': 'failed', failed: 'failed', cancelled: 'skipped' };
  return {
    ...base, done: tried, total: job.total, state: states[job.state] ?? 'waiting', ...(job.message === null ? {} : { note: job.message }),
    ...(job.state === 'running' && live.rate ? { rate: live.rate, secondsLeft: (job.total - tried) / live.rate } : {}),
  };
}
