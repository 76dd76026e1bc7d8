/** Starting batches, keeping drafts, trying again. All inside the caller's transaction. */
import type { BatchView, JobView, PreparationPlan } from './views.ts';
import { brandByName } from '../brands/index.ts';
import { startJob } from '../jobs/index.ts';
import type { Call, EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { typeById } from '../types/index.ts';
import { prepareKind } from './kind.ts';
import { networkCheck } from './network.ts';
import type { Resolved } from './plan.ts';
import { partsOf, referenceFor, resolvePlan, supplyOf } from './plan.ts';
import { findPreparation, liveView, preparationById } from './records.ts';
import type { PreparationRecord } from './records.ts';
import { releaseNumbers, reserveNumbers } from './reservations.ts';
import { countFailed, countWaiting } from './waiting.ts';

export interface Started {
  readonly batch: BatchView;
  readonly job: JobView;
}

const newId = (ctx: Pick<EngineContext, 'random'>): string => `bat_${Buffer.from(ctx.random(8)).toString('hex')}`;

async function freeReference(ctx: EngineContext, tx: Tx, resolved: Resolved): Promise<string> {
  const { plan, draftId } = resolved;
  if (plan.reference === undefined) return referenceFor(ctx, tx, plan.type);
  const other = await tx.selectFrom('preparations').select('id').where('reference', '=', plan.reference).executeTakeFirst();
  if (other && other.id !== draftId) throw new DeskProblem('REFERENCE_EXISTS', `There is a batch named ${plan.reference} already.`, { field: 'reference' });
  return plan.reference;
}

async function columnsOf(ctx: EngineContext, tx: Tx, resolved: Resolved, call: Call) {
  const { plan, type, brand, importId } = resolved;
  return {
    reference: await freeReference(ctx, tx, resolved), type_id: type.id, template_id: type.template_id, count: plan.count, source: plan.source,
    range_id: plan.range ?? null, import_id: importId ?? null, brand: brand?.name ?? null, order_reference: plan.order || null, due: plan.due ?? null, note: plan.note || null,
    outputs: JSON.stringify(plan.outputs), actor: call.actor,
  };
}

async function draftOf(tx: Tx, id: string): Promise<PreparationRecord> {
  const row = await preparationById(tx, id);
  if (row.draft !== 1) throw new DeskProblem('TRANSITION_REFUSED', 'This batch was started; it is no draft any more.');
  return row;
}

export async function saveDraft(tx: Tx, ctx: EngineContext, plan: PreparationPlan, id: string | undefined, call: Call): Promise<BatchView> {
  if (id !== undefined) await draftOf(tx, id);
  const resolved = await resolvePlan(tx, plan, id);
  const columns = await columnsOf(ctx, tx, resolved, call);
  const at = id ?? newId(ctx);
  if (id === undefined) {
    await tx.insertInto('preparations').values({ id: at, draft: 1, created_at: ctx.clock.now(), batch_id: null, job_id: null, started_at: null, finished_at: null, swept_at: null, first_numbers: null, last_numbers: null, ...columns }).execute();
  } else {
    await tx.updateTable('preparations').set(columns).where('id', '=', id).execute();
  }
  return liveView(ctx, tx, await findPreparation(tx, at));
}

export async function discardDraft(tx: Tx, id: string): Promise<void> {
  await draftOf(tx, id);
  await tx.deleteFrom('preparations').where('id', '=', id).execute();
}

/** Reserves the numbers and queues the job. Throws `STOCK_SHORT`, `PREPARATION_BLOCKED` and what `resolvePlan` throws. */
export async function startBatch(tx: Tx, ctx: EngineContext, plan: PreparationPlan, batchKey: Uint8Array, draft: string | undefined, call: Call): Promise<Started> {
  if (draft !== undefined) await draftOf(tx, draft);
  const resolved = await resolvePlan(tx, plan, draft);
  const { type, template } = resolved;
  if (template.errors > 0) throw new DeskProblem('PREPARATION_BLOCKED', `The template ${template.name} breaks rules that must hold; no profile is made of it.`, { field: 'type' });
  const supply = await supplyOf(tx, resolved);
  if (supply.fromStock + supply.fromRanges < plan.count) {
    throw new DeskProblem('STOCK_SHORT', `${plan.count} were asked for; ${supply.stock} imported profiles and ${supply.ranges} numbers in ranges are left for ${type.name}.`, { field: 'count', hint: 'Import stock or register another number range.' });
  }
  const parts = await partsOf(tx, resolved, supply);
  const network = await networkCheck(ctx, { type, parts, stock: resolved.stock, supply });
  if (network?.state === 'blocker') throw new DeskProblem('PREPARATION_BLOCKED', network.sentence, { field: 'type', ...(network.hint === undefined ? {} : { hint: network.hint }) });
  const now = ctx.clock.now();
  const columns = await columnsOf(ctx, tx, resolved, call);
  const id = draft ?? newId(ctx);
  const batch = await tx.insertInto('batches').values({ kind: 'preparation', type_id: type.id, batch_key: batchKey, job_id: null, created_at: now }).returning('id').executeTakeFirstOrThrow();
  const rest = {
    draft: 0, batch_id: batch.id, created_at: now, stock_owed: supply.fromStock, started_at: null, finished_at: null, swept_at: null,
    first_numbers: parts[0] ? JSON.stringify(parts[0].first) : null, last_numbers: parts.length > 0 ? JSON.stringify(parts[parts.length - 1]!.last) : null,
  };
  if (draft === undefined) await tx.insertInto('preparations').values({ id, job_id: null, ...columns, ...rest }).execute();
  else await tx.updateTable('preparations').set({ ...columns, ...rest }).where('id', '=', draft).execute();
  if (supply.fromRanges > 0) await reserveNumbers(tx, ctx, resolved.numbers, supply.fromRanges, id);
  return queue(tx, ctx, id, batch.id, { what: 'start', typeName: type.name, reference: columns.reference, stock: supply.fromStock, numbers: supply.fromRanges, failed: 0 }, call);
}

type Work = Omit<Parameters<typeof prepareKind.title>[0], 'preparationId'>;

async function queue(tx: Tx, ctx: EngineContext, id: string, batchId: number, work: Work, call: Call): Promise<Started> {
  const job = await startJob(tx, ctx, prepareKind, { preparationId: id, ...work }, call);
  await tx.updateTable('preparations').set({ job_id: job.id, finished_at: null }).where('id', '=', id).execute();
  await tx.updateTable('batches').set({ job_id: job.id }).where('id', '=', batchId).execute();
  return { batch: await liveView(ctx, tx, await findPreparation(tx, id)), job };
}

/** Throws `TRANSITION_REFUSED` while a job of the batch is at work, or when there is nothing to try. */
export async function rerunBatch(tx: Tx, ctx: EngineContext, text: string, what: 'failed' | 'rest', call: Call): Promise<Started> {
  const row = await findPreparation(tx, text);
  if (row.draft === 1 || row.batch_id === null) throw new DeskProblem('TRANSITION_REFUSED', 'This batch was never started.');
  if (row.jobState === 'queued' || row.jobState === 'running' || row.jobState === 'paused') throw new DeskProblem('TRANSITION_REFUSED', `This batch is ${row.jobState}; it can be tried again when it has ended.`);
  const type = (await typeById(tx, row.type_id))!;
  const base = { typeName: type.name, reference: row.reference };
  if (what === 'failed') {
    const failed = await countFailed(tx, row.id);
    if (failed === 0) throw new DeskProblem('TRANSITION_REFUSED', 'No row of this batch can be tried again: none failed, or their profiles were changed since.');
    return queue(tx, ctx, row.id, row.batch_id, { ...base, what, stock: 0, numbers: 0, failed }, call);
  }
  const owes = row.count - row.prepared - row.failed;
  if (owes <= 0) throw new DeskProblem('TRANSITION_REFUSED', 'This batch owes nothing beside its failed rows.');
  const wishStock = { typeId: row.type_id, importId: row.import_id ?? undefined };
  const brand = row.brand === null ? undefined : await brandByName(tx, row.brand);
  if (row.brand !== null && !brand) throw new DeskProblem('TRANSITION_REFUSED', `This batch is for ${row.brand}, and there is no brand of this name any more.`);
  const wishNumbers = { typeId: row.type_id, rangeId: row.range_id ?? undefined, brandId: brand?.id };
  await releaseNumbers(tx, row.id);
  const supply = await supplyOf(tx, { plan: { type: type.name, count: owes, source: row.source, outputs: [] }, stock: wishStock, numbers: wishNumbers });
  if (supply.fromStock + supply.fromRanges < owes) {
    throw new DeskProblem('STOCK_SHORT', `${owes} are owed; ${await countWaiting(tx, wishStock)} imported profiles and ${supply.ranges} numbers are left.`, { hint: 'Import stock or register another number range.' });
  }
  if (supply.fromRanges > 0) await reserveNumbers(tx, ctx, wishNumbers, supply.fromRanges, row.id);
  await tx.updateTable('preparations').set({ stock_owed: supply.fromStock }).where('id', '=', row.id).execute();
  return queue(tx, ctx, row.id, row.batch_id, { ...base, what, stock: supply.fromStock, numbers: supply.fromRanges, failed: 0 }, call);
}

/** Numbers of batches whose job is over and could not say so before the engine ended. Answers how many were released. */
export async function releaseStale(tx: Tx): Promise<number> {
  const stale = await tx.selectFrom('preparations').innerJoin('jobs', 'jobs.id', 'preparations.job_id').select('preparations.id')
    .where('jobs.state', 'not in', ['queued', 'running', 'paused'])
    .where((e) => e.or([e('stock_owed', '>', 0), e.exists(e.selectFrom('number_reservations').select('number_reservations.id').whereRef('preparation_id', '=', 'preparations.id').where('number_reservations.state', '=', 'open'))])).execute();
  let released = 0;
  for (const { id } of stale) {
    released += await releaseNumbers(tx, id);
    await tx.updateTable('preparations').set({ stock_owed: 0 }).where('id', '=', id).execute();
  }
  return released;
}
