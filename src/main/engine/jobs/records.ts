import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { ErrorGroup, JobArtefact, JobView, RowError } from '../../../shared/contract/jobs.ts';
import type { Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { Database } from '../store/index.ts';
import { type JobState, jobActionsIn } from './rules.ts';

export type JobRow = Selectable<Database['jobs']>;

/** What the runner knows of a job beside its row. */
export interface JobLive {
  /** Units per second. */
  readonly rate?: number;
  readonly waitingFor?: string;
}

export function jobView(row: JobRow, live: JobLive = {}): JobView {
  const state = row.state as JobState;
  const left = row.total - row.done - row.rejected;
  return {
    id: row.id, kind: row.kind, title: row.title, state, done: row.done, total: row.total, rejected: row.rejected,
    createdAt: row.created_at, actor: row.actor, actions: jobActionsIn(state, row.kind),
    ...(row.started_at === null ? {} : { startedAt: row.started_at }), ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
    ...(row.message === null ? {} : { message: row.message }),
    ...(live.rate === undefined || state !== 'running' ? {} : { rate: live.rate, ...(live.rate > 0 && left >= 0 ? { secondsLeft: left / live.rate } : {}) }),
    ...(live.waitingFor === undefined || state !== 'running' ? {} : { waitingFor: live.waitingFor }),
    ...(row.subject_type === null || row.subject_id === null ? {} : { subject: { type: row.subject_type, id: row.subject_id } }),
  };
}

/** Rows of a job that could not be done. */
export async function noteErrors(tx: Tx, jobId: string, errors: readonly RowError[]): Promise<void> {
  for (let i = 0; i < errors.length; i += 500) {
    await tx.insertInto('job_errors').values(errors.slice(i, i + 500).map((e) => ({ job_id: jobId, row: e.row, column_name: e.column, code: e.code, message: e.message, found: e.found ?? null, iccid: e.iccid ?? null }))).execute();
  }
}

export type Position = readonly [at: number, id: string];

/** Position in a list ordered by time and id. Throws {@link DeskProblem} INPUT_INVALID. */
export function readPosition(cursor: string, what: string): Position {
  const match = /^(\d{1,15})-([A-Za-z0-9_]{1,64})$/.exec(cursor);
  if (!match) throw new DeskProblem('INPUT_INVALID', `This is not a position in the list of ${what}.`, { field: 'cursor' });
  return [Number(match[1]), match[2]!];
}

export const positionOf = (row: { readonly created_at: number; readonly id: string }): string => `${row.created_at}-${row.id}`;

export interface JobWish {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly kind?: readonly string[] | undefined;
  readonly state?: readonly string[] | undefined;
}

export async function jobPage(db: Reader, wish: JobWish): Promise<{ rows: JobRow[]; next?: string }> {
  let query = db.selectFrom('jobs').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc').limit(wish.limit + 1);
  if (wish.kind) query = query.where('kind', 'in', wish.kind);
  if (wish.state) query = query.where('state', 'in', wish.state);
  if (wish.cursor !== undefined) {
    const [at, id] = readPosition(wish.cursor, 'jobs');
    query = query.where(sql<boolean>`(created_at, id) < (${at}, ${id})`);
  }
  const found = await query.execute();
  const rows = found.slice(0, wish.limit);
  return { rows, ...(found.length > wish.limit ? { next: positionOf(rows[rows.length - 1]!) } : {}) };
}

const errorView = (e: Selectable<Database['job_errors']>): RowError => ({
  row: e.row, column: e.column_name, code: e.code, message: e.message, ...(e.found === null ? {} : { found: e.found }), ...(e.iccid === null ? {} : { iccid: e.iccid }),
});

export async function errorsOf(db: Reader, jobId: string, wish: { readonly limit: number; readonly after?: number; readonly code?: string | undefined }): Promise<{ rows: RowError[]; last?: number }> {
  let query = db.selectFrom('job_errors').selectAll().where('job_id', '=', jobId).orderBy('id').limit(wish.limit + 1);
  if (wish.after !== undefined) query = query.where('id', '>', wish.after);
  if (wish.code !== undefined) query = query.where('code', '=', wish.code);
  const found = await query.execute();
  const rows = found.slice(0, wish.limit);
  return { rows: rows.map(errorView), ...(found.length > wish.limit ? { last: rows[rows.length - 1]!.id } : {}) };
}

/** A group's sentence is that of its first row, without the profile it names. */
export async function errorGroupsOf(db: Reader, jobId: string): Promise<ErrorGroup[]> {
  const groups = await db.selectFrom('job_errors').select(['code', 'column_name', (e) => e.fn.countAll<number>().as('rows'), (e) => e.fn.min('id').as('first')])
    .where('job_id', '=', jobId).groupBy(['code', 'column_name']).orderBy('rows', 'desc').limit(100).execute();
  const firsts = groups.length === 0 ? [] : await db.selectFrom('job_errors').select(['id', 'message', 'iccid']).where('id', 'in', groups.map((g) => g.first)).execute();
  return groups.map((g) => {
    const first = firsts.find((one) => one.id === g.first);
    const message = first?.message ?? '';
    return { code: g.code, column: g.column_name, rows: Number(g.rows), message: first?.iccid ? message.replace(` of profile ${first.iccid}`, '') : message };
  });
}

export type ArtefactRow = Selectable<Database['artefacts']>;

export function artefactView(row: ArtefactRow, recipient?: string): JobArtefact {
  return {
    id: row.id, name: row.name, kind: row.kind, title: row.title, rows: row.rows, bytes: row.bytes, sha256: Buffer.from(row.sha256).toString('hex'), createdAt: row.created_at,
    ...(recipient === undefined ? {} : { recipient }), ...(row.protection === null ? {} : { protection: row.protection }),
    ...(row.swept_at === null ? {} : { sweptAt: row.swept_at }),
  };
}

export async function artefactsOfJobs(db: Reader | Tx, jobIds: readonly string[]): Promise<JobArtefact[]> {
  if (jobIds.length === 0) return [];
  const rows = await db.selectFrom('artefacts').leftJoin('recipients', 'recipients.id', 'artefacts.recipient_id').selectAll('artefacts').select('recipients.name as recipientName')
    .where('job_id', 'in', jobIds).orderBy(sql`artefacts.rowid`).execute();
  return rows.map(({ recipientName, ...row }) => artefactView(row, recipientName ?? undefined));
}
