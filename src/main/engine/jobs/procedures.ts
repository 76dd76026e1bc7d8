import type { Selectable } from 'kysely';
import { jobs } from '../../../shared/contract/profiles.ts';
import { DeskProblem, type EngineContext, type Tx } from '../context.ts';
import { command, type Implemented, query } from '../router/implement.ts';
import type { Database } from '../store/index.ts';
import type { StoredParams } from './kinds.ts';
import { type JobRow, jobView } from './records.ts';
import { type JobEvent, type JobState, nextJobState } from './rules.ts';

const unknownJob = (): DeskProblem => new DeskProblem('NOT_FOUND', 'There is no such job', { field: 'id' });

async function change(tx: Tx, ctx: EngineContext, id: string, event: JobEvent): Promise<JobRow> {
  const row = await tx.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw unknownJob();
  const to = nextJobState(row.state as JobState, event);
  if (!to) throw new DeskProblem('TRANSITION_REFUSED', `A job that is ${row.state} cannot be changed this way (${event})`);
  const ended = to === 'cancelled';
  const changed = await tx.updateTable('jobs').set({ state: to, ...(ended ? { finished_at: ctx.clock.now() } : {}) }).where('id', '=', id).returningAll().executeTakeFirstOrThrow();
  if (ended) await ctx.runtime.jobs?.ended(tx, row.kind, { id, params: (JSON.parse(row.params) as StoredParams<unknown>).params, state: 'cancelled' });
  return changed;
}

const rowErrorView = (e: Selectable<Database['job_errors']>) => ({ row: e.row, column: e.column_name, code: e.code, message: e.message, ...(e.found === null ? {} : { found: e.found }) });

export function procedures(): Implemented[] {
  const changing = (p: typeof jobs.pause, event: JobEvent) => command(p, {
    run: async (tx, ctx, { id }) => jobView(await change(tx, ctx, id, event)),
    after: (ctx) => ctx.runtime.jobs?.wake(),
    object: ({ id }) => ({ type: 'job', id }),
    changes: ['jobs'],
  });
  return [
    query(jobs.list, async (ctx, { limit }) => {
      const rows = await ctx.reader.selectFrom('jobs').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
      return { rows: rows.map((r) => jobView(r, ctx.runtime.jobs?.rate(r.id))) };
    }),
    query(jobs.show, async (ctx, { id }) => {
      const row = await ctx.reader.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
      if (!row) throw unknownJob();
      const errors = await ctx.reader.selectFrom('job_errors').selectAll().where('job_id', '=', id).orderBy('id').limit(1000).execute();
      return { ...jobView(row, ctx.runtime.jobs?.rate(id)), errors: errors.map(rowErrorView) };
    }),
    changing(jobs.pause, 'pause'),
    changing(jobs.resume, 'resume'),
    changing(jobs.cancel, 'cancel'),
  ];
}
