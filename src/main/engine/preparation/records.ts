import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { BatchView, PreparationPlan } from '../../../shared/contract/preparation.ts';
import { type JobLive, jobView, liveOf, positionOf, readPosition } from '../jobs/index.ts';
import type { EngineContext, Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { Database } from '../store/index.ts';

export type PreparationRecord = Selectable<Database['preparations']>;

const withNames = (db: Reader | Tx) => db.selectFrom('preparations').innerJoin('profile_types', 'profile_types.id', 'preparations.type_id')
  .innerJoin('templates', 'templates.id', 'preparations.template_id').leftJoin('jobs', 'jobs.id', 'preparations.job_id').leftJoin('batches', 'batches.id', 'preparations.batch_id')
  .selectAll('preparations').select(['batches.number as number', 'profile_types.name as type', 'templates.name as template', 'templates.version as templateVersion', 'jobs.state as jobState'])
  .select((e) => [
    e.selectFrom('artefacts').whereRef('artefacts.preparation_id', '=', 'preparations.id').where('swept_at', 'is', null).select((c) => c.fn.countAll<number>().as('n')).as('files'),
  ]);
export type NamedPreparation = Awaited<ReturnType<ReturnType<typeof withNames>['executeTakeFirstOrThrow']>>;

export async function preparationById(db: Reader | Tx, id: string): Promise<PreparationRecord> {
  const row = await db.selectFrom('preparations').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw unknownBatch();
  return row;
}

export const unknownBatch = (): DeskProblem => new DeskProblem('NOT_FOUND', 'There is no such batch.', { field: 'id' });

/** By id, by reference, or by the number profiles show (`B-12`). Throws NOT_FOUND. */
export async function findPreparation(db: Reader | Tx, text: string): Promise<NamedPreparation> {
  const byNumber = /^B-(\d{1,12})$/.exec(text)?.[1];
  const row = await withNames(db).where((e) => e.or([
    e('preparations.id', '=', text), e('preparations.reference', '=', text), ...(byNumber === undefined ? [] : [e('batches.number', '=', Number(byNumber))]),
  ])).executeTakeFirst();
  if (!row) throw unknownBatch();
  return row;
}

const stateOf = (row: NamedPreparation): BatchView['state'] => (row.draft === 1 ? 'draft' : ((row.jobState ?? 'done') as BatchView['state']));

export function batchView(row: NamedPreparation, live: JobLive = {}, job?: ReturnType<typeof jobView>): BatchView {
  const optional = <K extends string, V>(key: K, value: V | null | undefined) => (value === null || value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
  return {
    id: row.id, reference: row.reference, state: stateOf(row), type: row.type, template: row.template, templateVersion: row.templateVersion,
    count: row.count, prepared: row.prepared, failed: row.failed, fromStock: row.from_stock, fromRanges: row.from_ranges, source: row.source,
    requester: row.actor, createdAt: row.created_at, files: Number(row.files ?? 0),
    ...optional('number', row.number === null ? undefined : `B-${row.number}`), ...optional('range', row.range_id),
    ...optional('import', row.import_id === null ? undefined : `I-${row.import_id}`), ...optional('brand', row.brand),
    ...optional('order', row.order_reference), ...optional('due', row.due), ...optional('note', row.note), ...optional('startedAt', row.started_at),
    ...optional('finishedAt', row.finished_at), ...optional('sweptAt', row.swept_at), ...optional('job', row.job_id),
    ...optional('rate', live.rate), ...optional('secondsLeft', job?.secondsLeft), ...optional('message', live.waitingFor ?? job?.message),
  };
}

/** With what its job says just now. */
export async function liveView(ctx: EngineContext, db: Reader | Tx, row: NamedPreparation): Promise<BatchView> {
  const job = row.job_id === null ? undefined : await db.selectFrom('jobs').selectAll().where('id', '=', row.job_id).executeTakeFirst();
  const live = job ? liveOf(ctx, job.id) : {};
  return batchView(row, live, job ? jobView(job, live) : undefined);
}

export interface BatchWish {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly state?: readonly BatchView['state'][] | undefined;
  readonly type?: string | undefined;
  readonly text?: string | undefined;
}

export async function batchPage(ctx: EngineContext, wish: BatchWish): Promise<{ rows: BatchView[]; next?: string; total: number }> {
  const { type, text } = wish;
  let query = withNames(ctx.reader);
  if (wish.state) {
    const states: readonly string[] = wish.state;
    query = query.where((e) => e.or([
      ...(states.includes('draft') ? [e('preparations.draft', '=', 1)] : []), e.and([e('preparations.draft', '=', 0), e('jobs.state', 'in', states.length === 0 ? [''] : states)]),
    ]));
  }
  if (type !== undefined) query = query.where('profile_types.name', '=', type);
  if (text !== undefined && text.trim() !== '') {
    const like = `%${text.trim().replace(/[\\%_]/g, (c) => `\\${c}`)}%`;
    query = query.where((e) => e.or([e('preparations.reference', 'like', sql<string>`${like} escape '\\'`), e('order_reference', 'like', sql<string>`${like} escape '\\'`), e('preparations.note', 'like', sql<string>`${like} escape '\\'`)]));
  }
  const counted = await query.clearSelect().select((e) => e.fn.countAll<number>().as('n')).executeTakeFirstOrThrow();
  if (wish.cursor !== undefined) {
    const [at, id] = readPosition(wish.cursor, 'batches');
    query = query.where(sql<boolean>`(preparations.created_at, preparations.id) < (${at}, ${id})`);
  }
  const found = await query.orderBy('preparations.created_at', 'desc').orderBy('preparations.id', 'desc').limit(wish.limit + 1).execute();
  const rows = found.slice(0, wish.limit);
  return {
    rows: await Promise.all(rows.map((row) => liveView(ctx, ctx.reader, row))), total: Number(counted.n),
    ...(found.length > wish.limit ? { next: positionOf(rows[rows.length - 1]!) } : {}),
  };
}

/** The plan a batch was made from. */
export function planOf(row: NamedPreparation): PreparationPlan {
  return {
    type: row.type, count: row.count, source: row.source, outputs: JSON.parse(row.outputs) as string[], reference: row.reference,
    ...(row.range_id === null ? {} : { range: row.range_id }), ...(row.import_id === null ? {} : { import: `I-${row.import_id}` }),
    ...(row.brand === null ? {} : { brand: row.brand }), ...(row.order_reference === null ? {} : { order: row.order_reference }),
    ...(row.due === null ? {} : { due: row.due }), ...(row.note === null ? {} : { note: row.note }),
  };
}
