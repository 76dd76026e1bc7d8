import { stringify } from 'csv-stringify/sync';
import type { JobStep } from '../../../shared/contract/jobs.ts';
import { jobs } from '../../../shared/contract/jobs.ts';
import { DeskProblem, type EngineContext, type Tx } from '../context.ts';
import { command, type Implemented, query } from '../router/implement.ts';
import { artefactsOfJobs, errorGroupsOf, errorsOf, type JobLive, jobPage, type JobRow, jobView } from './records.ts';
import { isUnstoppable, type JobEvent, type JobState, nextJobState } from './rules.ts';

const unknownJob = (): DeskProblem => new DeskProblem('NOT_FOUND', 'There is no such job', { field: 'id' });

/** Applies an operator's decision; throws `NOT_FOUND`, `TRANSITION_REFUSED`, `JOB_UNSTOPPABLE`. */
export async function changeJob(tx: Tx, ctx: EngineContext, id: string, event: JobEvent): Promise<JobRow> {
  const row = await tx.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw unknownJob();
  const to = nextJobState(row.state as JobState, event);
  if (!to) throw new DeskProblem('TRANSITION_REFUSED', `A job that is ${row.state} cannot be changed this way (${event})`);
  if (isUnstoppable(row.kind) && event !== 'resume') {
    throw new DeskProblem('JOB_UNSTOPPABLE', `"${row.title}" cannot be paused or cancelled: half of an import would be left. It ends by itself.`);
  }
  const ended = to === 'cancelled';
  const changed = await tx.updateTable('jobs').set({ state: to, ...(event === 'resume' ? { message: null } : {}), ...(ended ? { finished_at: ctx.clock.now() } : {}) })
    .where('id', '=', id).returningAll().executeTakeFirstOrThrow();
  if (ended) await ctx.runtime.jobs?.ended(tx, row, 'cancelled');
  return changed;
}

export const liveOf = (ctx: EngineContext, id: string): JobLive => ctx.runtime.jobs?.live(id) ?? {};

async function jobById(ctx: EngineContext, id: string): Promise<JobRow> {
  const row = await ctx.reader.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw unknownJob();
  return row;
}

/** A job whose kind tells of no steps is one. */
function oneStep(row: JobRow, live: JobLive): JobStep {
  const view = jobView(row, live);
  const states: Record<JobState, JobStep['state']> = { queued: 'waiting', running: 'running', paused: 'waiting', done: 'done', 'partly-failed': 'done', failed: 'failed', cancelled: 'skipped' };
  return {
    id: 'work', title: row.title, state: states[row.state as JobState], done: row.done + row.rejected, total: row.total, unit: 'rows',
    ...(view.rate === undefined ? {} : { rate: view.rate }), ...(view.secondsLeft === undefined ? {} : { secondsLeft: view.secondsLeft }),
  };
}

/** One job with all its page shows. */
export async function jobDetail(ctx: EngineContext, row: JobRow) {
  const live = liveOf(ctx, row.id);
  const { rows: errors } = await errorsOf(ctx.reader, row.id, { limit: 1000 });
  const picture = await ctx.runtime.jobs?.describe(row) ?? {};
  return {
    ...jobView(row, live), errors, errorGroups: errors.length === 0 ? [] : await errorGroupsOf(ctx.reader, row.id),
    steps: [...(picture.steps ?? [oneStep(row, live)])], artefacts: await artefactsOfJobs(ctx.reader, [row.id]),
    ...(picture.cancelEffect === undefined ? {} : { cancelEffect: picture.cancelEffect }),
  };
}

/** A cell that a spreadsheet would read as a formula is written as text. */
const plainCell = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

function* errorsFile(pages: Iterable<readonly { row: number; column: string; code: string; message: string; found?: string | undefined; iccid?: string | undefined }[]>): Iterable<Uint8Array> {
  yield Buffer.from('row,iccid,column,code,message,found\n');
  for (const page of pages) yield Buffer.from(stringify(page.map((e) => [String(e.row), e.iccid ?? '', e.column, e.code, plainCell(e.message), plainCell(e.found ?? '')])));
}

export function procedures(): Implemented[] {
  const changing = (p: typeof jobs.pause, event: JobEvent) => command(p, {
    run: async (tx, ctx, { id }) => jobView(await changeJob(tx, ctx, id, event)),
    after: (ctx) => ctx.runtime.jobs?.wake(),
    object: ({ id }) => ({ type: 'job', id }),
    changes: ['jobs', 'preparation'],
  });
  return [
    query(jobs.list, async (ctx, wish) => {
      const { rows, next } = await jobPage(ctx.reader, wish);
      return { rows: rows.map((r) => jobView(r, liveOf(ctx, r.id))), ...(next === undefined ? {} : { next }) };
    }),
    query(jobs.show, async (ctx, { id }) => jobDetail(ctx, await jobById(ctx, id))),
    query(jobs.errors, async (ctx, { id, cursor, limit, code }) => {
      if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) throw new DeskProblem('INPUT_INVALID', 'This is not a position in the list of rows.', { field: 'cursor' });
      const { rows, last } = await errorsOf(ctx.reader, (await jobById(ctx, id)).id, { limit, code, ...(cursor === undefined ? {} : { after: Number(cursor) }) });
      return { rows, ...(last === undefined ? {} : { next: String(last) }) };
    }),
    command(jobs.errorsFile, {
      before: async (ctx, { id }) => {
        const row = await jobById(ctx, id);
        const pages = [];
        for (let after = 0; ;) {
          const page = await errorsOf(ctx.reader, row.id, { limit: 1000, after });
          pages.push(page.rows);
          if (page.last === undefined) break;
          after = page.last;
        }
        return pages;
      },
      run: async (_tx, ctx, { id }, pages) => ctx.files.offer({ name: `${id}-rows.csv`, type: 'text/csv', open: () => errorsFile(pages) }),
      object: ({ id }) => ({ type: 'job', id }),
      changes: [],
    }),
    changing(jobs.pause, 'pause'),
    changing(jobs.resume, 'resume'),
    changing(jobs.cancel, 'cancel'),
  ];
}
