/**
 * The job of a batch. While a unit is written, the vault works on the next one: what it makes ahead leaves no trace before its
 * own commit, and is thrown away when that never comes.
 */
import type { JobStep } from '../../../shared/contract/jobs.ts';
import type { JobEnd, JobKind, JobRowError, JobUnit } from '../jobs/index.ts';
import { startJob } from '../jobs/index.ts';
import type { Call, EngineContext, Tx } from '../context.ts';
import { fileKind, filesOfBatch } from './file-kind.ts';
import type { PrepareParams, PrepareProgress } from './params.ts';
import { beginning } from './params.ts';
import { preparationById } from './records.ts';
import { releaseNumbers } from './reservations.ts';
import { batchSteps, forgetTimes, noteTimes } from './steps.ts';
import type { Piece } from './work.ts';
import { makePiece, noteWrite } from './work.ts';
import { auditUnit, refusedRow, writePiece } from './write.ts';

type Ahead = { readonly unit: number; readonly piece: Promise<Piece | { readonly error: unknown }> };
/** By engine and job. */
const ahead = new WeakMap<object, Map<string, Ahead>>();
const aheadOf = (ctx: EngineContext): Map<string, Ahead> => {
  let map = ahead.get(ctx.runtime);
  if (!map) ahead.set(ctx.runtime, map = new Map());
  return map;
};

async function pieceFor(ctx: EngineContext, jobId: string, params: PrepareParams, from: PrepareProgress): Promise<Piece> {
  const waiting = aheadOf(ctx).get(jobId);
  aheadOf(ctx).delete(jobId);
  const made = waiting?.unit === from.unit ? await waiting.piece : undefined;
  // What failed ahead is tried again in its own turn, where the runner hears of it.
  return made && !('error' in made) ? made : makePiece(ctx, params, from);
}

const whole = (n: number): string => n.toLocaleString('en');

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export const prepareKind: JobKind<PrepareParams, PrepareProgress> = {
  kind: 'prepare',
  title: (params) => (params.what === 'start' ? `Prepare ${whole(params.stock + params.numbers)} × ${params.typeName}` : params.what === 'rest'
    ? `Prepare the rest of ${params.reference}` : `Try the failed rows of ${params.reference} again`),
  subject: (params) => ({ type: 'preparation', id: params.preparationId }),
  total: (_ctx, params) => params.stock + params.numbers + params.failed,
  async unit(ctx, job) {
    const from = job.progress ?? beginning;
    const piece = await pieceFor(ctx, job.id, job.params, from);
    const unit: Writable<JobUnit<PrepareProgress>> = { done: 0, rejected: 0, errors: [], progress: piece.next, finished: false, changes: ['profiles', 'workspace', 'preparation'] };
    if (piece.chosen === 0) {
      return { ...unit, progress: from, finished: true, partly: true, message: `Only ${whole(job.done)} could be prepared: the rest was used or changed meanwhile.` };
    }
    const moreToCome = job.total - job.done - job.rejected > piece.chosen;
    if (moreToCome && job.params.what !== 'failed') {
      aheadOf(ctx).set(job.id, { unit: piece.next.unit, piece: makePiece(ctx, job.params, piece.next).catch((error: unknown) => ({ error })) });
    }
    return Object.assign(unit, {
      commit: async (tx: Tx) => {
        const at = ctx.clock.now();
        const started = performance.now();
        const batch = await preparationById(tx, job.params.preparationId);
        const written = await writePiece(tx, ctx, { piece, at, call: job.call });
        noteWrite(ctx, piece.chosen, performance.now() - started);
        const errors = written.refused.map((refusal, index): JobRowError => refusedRow(refusal, job.done + job.rejected + written.iccids.length + index + 1));
        await noteFailures(tx, batch.id, job.id, written.refused.map((one, index) => ({ ...one, error: errors[index]! })), at);
        const repaired = piece.done.flatMap(({ candidate }) => (candidate.again && written.iccids.includes(candidate.item.iccid) ? [candidate.again.failure] : []));
        if (repaired.length > 0) await tx.updateTable('preparation_failures').set({ state: 'prepared', at }).where('id', 'in', repaired).execute();
        if (written.iccids.length > 0) {
          await auditUnit(tx, ctx, { type: { name: job.params.typeName }, written, batchId: piece.batchId, preparationId: batch.id, jobId: job.id, at, call: job.call });
        }
        const stockTried = piece.done.filter(({ candidate }) => candidate.profileId !== undefined && !candidate.again).length
          + piece.refused.filter(({ candidate }) => candidate.profileId !== undefined && !candidate.again).length - written.changed;
        unit.progress = { ...piece.next, stockTried: from.stockTried + stockTried, numbersTried: from.numbersTried + piece.numbers };
        unit.done = written.iccids.length;
        unit.rejected = written.refused.length;
        unit.errors = errors;
        unit.finished = job.done + job.rejected + unit.done + unit.rejected >= job.total;
        unit.partly = unit.finished && job.rejected + unit.rejected > 0;
        await tx.updateTable('preparations').set((e) => ({
          prepared: e('prepared', '+', unit.done), from_ranges: e('from_ranges', '+', written.fromRanges), from_stock: e('from_stock', '+', unit.done - written.fromRanges),
          failed: e.selectFrom('preparation_failures').select((c) => c.fn.countAll<number>().as('n')).where('preparation_id', '=', batch.id).where('state', '=', 'failed'),
          stock_owed: job.params.what === 'failed' ? 0 : Math.max(0, job.params.stock - from.stockTried - stockTried),
          worked_ms: e('worked_ms', '+', Math.round(piece.vaultMs + performance.now() - started)), started_at: e.fn.coalesce('started_at', e.val(at)),
        })).where('id', '=', batch.id).execute();
        noteTimes(ctx, job.id, piece.chosen, piece.vaultMs, performance.now() - started);
      },
    });
  },
  async ended(tx, ctx, job) {
    aheadOf(ctx).delete(job.id);
    forgetTimes(ctx, job.id);
    await releaseNumbers(tx, job.params.preparationId);
    await tx.updateTable('preparations').set({ finished_at: ctx.clock.now(), stock_owed: 0 }).where('id', '=', job.params.preparationId).execute();
    if (job.state === 'done' || job.state === 'partly-failed') await startFiles(tx, ctx, job);
  },
  async describe(ctx, { row, params, live }) {
    const batch = await preparationById(ctx.reader, params.preparationId);
    const steps: JobStep[] = await batchSteps(ctx, { row, params, live, batch });
    const left = row.total - row.done - row.rejected;
    const reserved = await ctx.reader.selectFrom('number_reservations').select((e) => e.fn.sum<number>(e('count', '-', e.ref('taken'))).as('n')).where('preparation_id', '=', batch.id).executeTakeFirst();
    const numbers = Number(reserved?.n ?? 0);
    return {
      steps,
      ...(['queued', 'running', 'paused'].includes(row.state) ? {
        cancelEffect: `${row.done === 0 ? 'Nothing is prepared yet' : `${whole(row.done)} prepared ${row.done === 1 ? 'profile stays' : 'profiles stay'} sellable`}; the other ${whole(left)} ${left === 1 ? 'is' : 'are'} not made${numbers > 0 ? `, and ${numbers === 1 ? '1 reserved number is' : `${whole(numbers)} reserved numbers are`} free again` : ''}. The unit in hand is finished first.`,
      } : {}),
    };
  },
};

/** Digest list, ticket and the output files that were asked for, once all profiles are there. */
async function startFiles(tx: Tx, ctx: EngineContext, job: { readonly params: PrepareParams; readonly state: JobEnd; readonly call: Call }): Promise<void> {
  const batch = await preparationById(tx, job.params.preparationId);
  if (batch.prepared === 0) return;
  await startJob(tx, ctx, fileKind, filesOfBatch(batch), job.call);
}

async function noteFailures(tx: Tx, preparationId: string, jobId: string, refused: readonly { candidate: { profileId?: number; item: { iccid: string; imsi: string } }; error: JobRowError }[], at: number): Promise<void> {
  for (const { candidate, error } of refused) {
    await tx.insertInto('preparation_failures').values({
      preparation_id: preparationId, job_id: jobId, profile_id: candidate.profileId ?? null, iccid: candidate.item.iccid, imsi: candidate.item.imsi,
      row: error.row, code: error.code, message: error.message, at, state: 'failed',
    }).onConflict((conflict) => conflict.columns(['preparation_id', 'iccid']).doUpdateSet({ job_id: jobId, code: error.code, message: error.message, at, state: 'failed' })).execute();
  }
}
