import type { JobStep, JobView, RowError } from '../../../shared/contract/jobs.ts';
import type { Call, EngineContext, Tx } from '../context.ts';
import { type JobLive, type JobRow, jobView } from './records.ts';

export type JobRowError = RowError;

export interface JobUnit<S> {
  /** Database changes of this unit; runs in one transaction with the job's own row. */
  readonly commit?: (tx: Tx) => Promise<void>;
  /** Units added by this step. */
  readonly done: number;
  readonly rejected?: number;
  readonly errors?: readonly JobRowError[];
  /** Where to go on: kept with the commit, so a crash never repeats or skips a unit. JSON. */
  readonly progress: S;
  readonly finished: boolean;
  /** With `finished`: all was tried and some of it could not be done. */
  readonly partly?: boolean;
  readonly message?: string;
  /** Areas whose lists became stale. */
  readonly changes?: readonly string[];
}

export interface JobRecord<P, S> {
  readonly id: string;
  readonly params: P;
  /** Undefined for the first unit. */
  readonly progress: S | undefined;
  readonly done: number;
  readonly total: number;
  readonly rejected: number;
  /** Who started it: actor and correlation id of the starting call. */
  readonly call: Call;
}

/** How a job ended. */
export type JobEnd = 'done' | 'partly-failed' | 'failed' | 'cancelled';

/** What a job's page shows beside its numbers. */
export interface JobPicture {
  readonly steps?: readonly JobStep[];
  /** What stays when it is cancelled now, in a sentence. */
  readonly cancelEffect?: string;
}

export interface JobKind<P, S> {
  readonly kind: string;
  title(params: P): string;
  /** The thing it works on, for a link from its page. */
  subject?(params: P): { readonly type: string; readonly id: string };
  /** Units in all, for progress and time left. Asked inside the starting transaction: reads go through `ctx.reader`. */
  total(ctx: EngineContext, params: P): Promise<number> | number;
  /**
   * One step of at most about a second. Throws `DeskProblem` to fail the job with a sentence; the code `DISK_LOW` and a full
   * disk pause it instead, and the same unit is tried again when it is resumed. Work of the next unit may be begun ahead; it must leave no trace until its own commit.
   */
  unit(ctx: EngineContext, job: JobRecord<P, S>): Promise<JobUnit<S>>;
  /** After a crash, before the job is queued again: undo what a unit may have left outside its transaction. */
  recover?(tx: Tx, ctx: EngineContext, job: { readonly id: string; readonly params: P }): Promise<void>;
  /** In the transaction that cancels or fails the job. */
  ended?(tx: Tx, ctx: EngineContext, job: { readonly id: string; readonly params: P; readonly state: JobEnd; readonly call: Call }): Promise<void>;
  /** For its page; without it the job is one step. Only reads. */
  describe?(ctx: EngineContext, job: { readonly row: JobRow; readonly params: P; readonly progress: S | undefined; readonly live: JobLive }): Promise<JobPicture> | JobPicture;
}

export interface StoredParams<P> {
  readonly params: P;
  readonly host: Call['host'];
  readonly correlationId: string;
}

/** Who a job works for. */
export const callOf = (row: Pick<JobRow, 'actor'>, stored: StoredParams<unknown>): Call => ({ actor: row.actor, host: stored.host, correlationId: stored.correlationId });

/** Writes the job's row as queued; the runner takes it up after the commit (`wakeJobs`). `params` must be JSON without secrets. */
export async function startJob<P, S>(tx: Tx, ctx: EngineContext, kind: JobKind<P, S>, params: P, call: Call): Promise<JobView> {
  const id = `job_${Buffer.from(ctx.random(10)).toString('hex')}`;
  const stored: StoredParams<P> = { params, host: call.host, correlationId: call.correlationId };
  const subject = kind.subject?.(params);
  const row = await tx.insertInto('jobs').values({
    id, kind: kind.kind, title: kind.title(params), state: 'queued', total: await kind.total(ctx, params), params: JSON.stringify(stored),
    message: null, actor: call.actor, created_at: ctx.clock.now(), started_at: null, finished_at: null,
    subject_type: subject?.type ?? null, subject_id: subject?.id ?? null,
  }).returningAll().executeTakeFirstOrThrow();
  return jobView(row);
}
