import { sql } from 'kysely';
import { preparation, type BatchDetail } from '../../../shared/contract/preparation.ts';
import { stock } from '../../../shared/contract/profiles.ts';
import { artefactsOfJobs, jobDetail, jobView, liveOf, wakeJobs } from '../jobs/index.ts';
import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { Implemented } from '../router/implement.ts';
import { command, query } from '../router/implement.ts';
import { checkPlan, estimateFor } from './checks.ts';
import { partsOf, referenceFor, resolvePlan, supplyOf } from './plan.ts';
import type { PlanPart, PreparationPlan, PreparationPreview } from '../../../shared/contract/preparation.ts';
import { batchPage, findPreparation, liveView, type NamedPreparation } from './records.ts';
import { discardDraft, rerunBatch, saveDraft, startBatch } from './start.ts';
import { sweepBatch } from './sweep.ts';
import { countFailed } from './waiting.ts';

const changes = ['preparation', 'jobs', 'numbers', 'stock'];

async function preview(ctx: EngineContext, plan: PreparationPlan): Promise<PreparationPreview> {
  const resolved = await resolvePlan(ctx.reader, plan);
  const supply = await supplyOf(ctx.reader, resolved);
  const parts = await partsOf(ctx.reader, resolved, supply);
  const reference = plan.reference ?? await referenceFor(ctx, ctx.reader, plan.type);
  const first = parts[0]?.first;
  const checks = await checkPlan(ctx, { ...resolved, supply, reference, parts });
  const estimate = await estimateFor(ctx, plan.count);
  return {
    type: resolved.type.name, template: resolved.template.name, templateVersion: resolved.template.version, reference, count: plan.count,
    available: { stock: supply.stock, ranges: supply.ranges }, fromStock: supply.fromStock, fromRanges: supply.fromRanges,
    keysGiven: supply.fromStock, keysMade: supply.fromRanges, parts, checks, ready: checks.every((one) => one.state !== 'blocker'),
    ...(first ? { first, last: parts[parts.length - 1]!.last } : {}), ...(estimate ? { estimate } : {}),
  };
}

async function detail(ctx: EngineContext, row: NamedPreparation): Promise<BatchDetail> {
  const jobs = await ctx.reader.selectFrom('jobs').selectAll().where('subject_id', '=', row.id).where('kind', 'in', ['prepare', 'output']).orderBy('created_at').orderBy(sql`rowid`).execute();
  const current = jobs.find((job) => job.id === row.job_id);
  const stockRows = row.batch_id === null ? [] : await ctx.reader.selectFrom('profiles').select(['stock_state', (e) => e.fn.countAll<number>().as('n')]).where('batch_id', '=', row.batch_id).groupBy('stock_state').execute();
  const ends = async (direction: 'asc' | 'desc') => (row.batch_id === null ? undefined : ctx.reader.selectFrom('profiles').select(['iccid', 'imsi', 'msisdn']).where('batch_id', '=', row.batch_id).orderBy('id', direction).limit(1).executeTakeFirst());
  const numbers = (one: { iccid: string; imsi: string; msisdn: string | null } | undefined) => (one ? { iccid: one.iccid, imsi: one.imsi, ...(one.msisdn === null ? {} : { msisdn: one.msisdn }) } : undefined);
  const stored = (text: string | null) => (text === null ? undefined : (JSON.parse(text) as PlanPart['first']));
  const first = numbers(await ends('asc')) ?? stored(row.first_numbers);
  const last = row.prepared + row.failed >= row.count ? numbers(await ends('desc')) ?? stored(row.last_numbers) : stored(row.last_numbers);
  const view = await liveView(ctx, ctx.reader, row);
  const ended = ['done', 'partly-failed', 'failed', 'cancelled'].includes(view.state);
  const again = ended && (row.prepared + row.failed < row.count || await countFailed(ctx.reader, row.id) > 0);
  const draftPlan = row.draft === 1 ? await resolveParts(ctx, row) : [];
  return {
    ...view, outputs: JSON.parse(row.outputs) as string[], parts: draftPlan, stock: Object.fromEntries(stockRows.map((one) => [one.stock_state, Number(one.n)])),
    ...(first ? { first } : {}), ...(last ? { last } : {}),
    ...(current ? { jobDetail: await jobDetail(ctx, current) } : {}), jobs: jobs.map((job) => jobView(job, liveOf(ctx, job.id))),
    artefacts: await artefactsOfJobs(ctx.reader, jobs.map((job) => job.id)),
    actions: [
      ...(view.state === 'draft' ? (['start', 'discard'] as const) : []),
      ...(view.state === 'queued' || view.state === 'running' ? (['pause'] as const) : []), ...(view.state === 'paused' ? (['resume'] as const) : []),
      ...(['queued', 'running', 'paused'].includes(view.state) ? (['cancel'] as const) : []), ...(again ? (['rerun'] as const) : []),
      ...(row.prepared > 0 ? (['outputs', 'labels'] as const) : []), ...(view.files > 0 ? (['sweep'] as const) : []),
    ],
  };
}

/** Of a draft: where its numbers would come from today. */
async function resolveParts(ctx: EngineContext, row: NamedPreparation): Promise<PlanPart[]> {
  const resolved = await resolvePlan(ctx.reader, {
    type: row.type, count: row.count, source: row.source, outputs: [], ...(row.range_id === null ? {} : { range: row.range_id }), ...(row.import_id === null ? {} : { import: String(row.import_id) }),
    ...(row.brand === null ? {} : { brand: row.brand }),
  });
  return partsOf(ctx.reader, resolved, await supplyOf(ctx.reader, resolved));
}

export function procedures(): Implemented[] {
  return [
    query(preparation.preview, (ctx, plan) => preview(ctx, plan)),
    command(preparation.saveDraft, {
      run: (tx, ctx, { id, plan }, _before, call) => saveDraft(tx, ctx, plan, id, call),
      object: (_input, output) => ({ type: 'preparation', id: output.id }),
      changes: ['preparation'],
    }),
    command(preparation.discardDraft, {
      run: async (tx, _ctx, { id }) => {
        await discardDraft(tx, id);
        return { id };
      },
      object: ({ id }) => ({ type: 'preparation', id }),
      changes: ['preparation'],
    }),
    command(preparation.start, {
      before: async (ctx) => (await ctx.vault.call('createBatchKey', {})).batchKey,
      run: (tx, ctx, { plan, draft }, batchKey, call) => startBatch(tx, ctx, plan, batchKey, draft, call),
      after: (ctx) => wakeJobs(ctx),
      object: (_input, output) => ({ type: 'preparation', id: output.batch.id }),
      changes,
    }),
    // The short way: stock first, then ranges, no name.
    command(stock.prepare, {
      before: async (ctx) => (await ctx.vault.call('createBatchKey', {})).batchKey,
      run: async (tx, ctx, { type, count }, batchKey, call) => (await startBatch(tx, ctx, { type, count, source: 'both', outputs: [] }, batchKey, undefined, call)).job,
      after: (ctx) => wakeJobs(ctx),
      object: (_input, output) => ({ type: 'job', id: output.id }),
      changes,
    }),
    query(preparation.list, (ctx, wish) => batchPage(ctx, wish)),
    query(preparation.show, async (ctx, { id }) => detail(ctx, await findPreparation(ctx.reader, id))),
    query(preparation.failed, async (ctx, { id, cursor, limit, state }) => {
      if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) throw new DeskProblem('INPUT_INVALID', 'This is not a position in the list of rows.', { field: 'cursor' });
      const { id: batch } = await findPreparation(ctx.reader, id);
      let rows = ctx.reader.selectFrom('preparation_failures').selectAll().where('preparation_id', '=', batch).orderBy('id').limit(limit + 1);
      if (state !== undefined) rows = rows.where('state', '=', state);
      if (cursor !== undefined) rows = rows.where('id', '>', Number(cursor));
      const found = await rows.execute();
      return {
        rows: found.slice(0, limit).map((row) => ({ row: row.row, iccid: row.iccid, ...(row.imsi === null ? {} : { imsi: row.imsi }), code: row.code, message: row.message, at: row.at, state: row.state })),
        ...(found.length > limit ? { next: String(found[limit - 1]!.id) } : {}),
      };
    }),
    command(preparation.rerun, {
      run: (tx, ctx, { id, what }, _before, call) => rerunBatch(tx, ctx, id, what, call),
      after: (ctx) => wakeJobs(ctx),
      object: (_input, output) => ({ type: 'preparation', id: output.batch.id }),
      changes,
    }),
    command(preparation.sweep, {
      before: async (ctx, { id }) => sweepBatch(ctx, (await findPreparation(ctx.reader, id)).id),
      run: async (tx, _ctx, _input, swept) => swept.record(tx),
      object: ({ id }) => ({ type: 'preparation', id }),
      changes: ['preparation', 'outputs'],
    }),
  ];
}
