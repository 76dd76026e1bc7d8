/** Preparation: numbers and secrets become sealed slots in the vault, and the profile becomes sellable. */
import { createHash } from 'node:crypto';
import { appendAudit } from '../audit/index.ts';
import type { JobKind, JobRowError, JobUnit } from '../jobs/index.ts';
import { decide, startStates, transition } from '../profiles/index.ts';
import { insertProfiles, updatePrepared } from '../store/bulk-profiles.ts';
import type { PreparedColumns, PreparedUpdate, ProfileInsert } from '../store/bulk-profiles.ts';
import type { OperationInput, OperationOutput } from '../../vault-link/operations.ts';
import { VaultError } from '../../vault-link/operations.ts';
import type { Call, EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { TypeRecord } from '../types/index.ts';
import { typeById, withTemplate } from '../types/index.ts';
import type { NumberSet, RangeNumbers } from '../numbers/index.ts';
import { numbersAt, openRanges } from '../numbers/index.ts';

/** Profiles of one unit: one vault call and one transaction. */
export const unitSize = 500;

export interface PrepareParams {
  readonly typeId: number;
  readonly typeName: string;
  readonly count: number;
}
export interface PrepareProgress {
  readonly batchId: number;
}

type Item = OperationInput<'prepare'>['items'][number];
type Prepared = OperationOutput<'prepare'>['items'][number];

/** An imported profile, or a number set of a range. */
interface Candidate {
  readonly item: Item;
  readonly profileId?: number;
  /** Of a range: as the row gets it, without `+`. */
  readonly msisdn?: string;
}

interface RangeUse {
  readonly range: RangeNumbers;
  readonly numbers: readonly NumberSet[];
}

/** What there is to prepare: imported profiles that wait, and numbers left in ranges. */
export async function preparable(db: EngineContext['db'] | Tx, typeId: number): Promise<{ imported: number; inRanges: number }> {
  const imported = await waiting(db, typeId).select((e) => e.fn.countAll<number>().as('n')).executeTakeFirstOrThrow();
  const ranges = await openRanges(db, typeId);
  return { imported: Number(imported.n), inRanges: ranges.reduce((sum, range) => sum + range.count - range.used, 0) };
}

/** Imported profiles of finished imports. */
function waiting(db: EngineContext['db'] | Tx, typeId: number) {
  return db.selectFrom('profiles').where('profiles.type_id', '=', typeId).where('stock_state', '=', 'imported').where('order_state', '=', 'available')
    .where((e) => e.or([
      e('import_id', 'is', null),
      e('import_id', 'not in', e.selectFrom('imports').select('id').where('state', '=', 'running')),
    ]));
}

export const prepareKind: JobKind<PrepareParams, PrepareProgress> = {
  kind: 'prepare',
  title: (params) => `Prepare ${params.count} × ${params.typeName}`,
  total: (_ctx, params) => params.count,
  async unit(ctx, job) {
    const type = await typeById(ctx.db, job.params.typeId);
    if (!type) throw new DeskProblem('TYPE_UNKNOWN', 'The profile type of this job is gone.');
    const wanted = Math.min(unitSize, job.total - job.done);
    const imported = await chooseImported(ctx, type.id, wanted);
    const uses = await chooseNumbers(ctx, type.id, wanted - imported.length);
    const fromRanges = uses.flatMap((use) => use.numbers).map((numbers): Candidate => ({ item: { iccid: numbers.iccid, imsi: numbers.imsi, ...international(numbers.msisdn) }, msisdn: numbers.msisdn }));
    if (imported.length + fromRanges.length === 0) {
      return { done: 0, progress: job.progress ?? { batchId: 0 }, finished: true, message: `Only ${job.done} could be prepared: the stock and the ranges of this type are used up.` };
    }
    const batch = job.progress ? await existingBatch(ctx, job.progress.batchId) : (await ctx.vault.call('createBatchKey', {})).batchKey;
    const ofStock = await prepareApart(ctx, type, batch, imported);
    const ofRanges = await prepareAll(ctx, type, batch, fromRanges);
    const unit: Writable<JobUnit<PrepareProgress>> = {
      done: 0, rejected: 0, errors: ofStock.refused.map((refusal, index) => rowError(refusal, job.done + index)), progress: { batchId: job.progress?.batchId ?? 0 }, finished: false, changes: ['profiles', 'workspace'],
    };
    return Object.assign(unit, {
      commit: async (tx: Tx) => {
        const at = ctx.clock.now();
        const batchId = job.progress?.batchId ?? await newBatch(tx, type.id, batch, job.id, at);
        const iccids = await writeUnit(tx, ctx, { type, batchId, at, ofStock: ofStock.prepared, ofRanges, uses });
        for (const refusal of ofStock.refused) await setAside(tx, ctx, refusal, at, job.call);
        if (iccids.length > 0) await auditUnit(tx, ctx, { type, iccids, batchId, jobId: job.id, at, fromRanges: ofRanges.length, call: job.call });
        unit.done = iccids.length;
        unit.progress = { batchId };
        unit.finished = job.done + iccids.length >= job.total;
      },
    });
  },
};

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The stock keeps digits of the international form; `+` makes the card keep them so too (TON international). */
const international = (msisdn: string | undefined): { msisdn?: string } => (msisdn === undefined ? {} : { msisdn: `+${msisdn}` });

async function existingBatch(ctx: EngineContext, batchId: number): Promise<Uint8Array> {
  return (await ctx.db.selectFrom('batches').select('batch_key').where('id', '=', batchId).executeTakeFirstOrThrow()).batch_key;
}

async function newBatch(tx: Tx, typeId: number, batchKey: Uint8Array, jobId: string | null, at: number): Promise<number> {
  return (await tx.insertInto('batches').values({ kind: 'preparation', type_id: typeId, batch_key: batchKey, job_id: jobId, created_at: at }).returning('id').executeTakeFirstOrThrow()).id;
}

async function chooseImported(ctx: EngineContext, typeId: number, count: number, profileId?: number): Promise<Candidate[]> {
  let query = waiting(ctx.db, typeId).leftJoin('batches', 'batches.id', 'profiles.import_batch_id')
    .select(['profiles.id', 'iccid', 'imsi', 'msisdn', 'subscriber', 'batches.batch_key as importKey']).orderBy('profiles.id').limit(count);
  if (profileId !== undefined) query = query.where('profiles.id', '=', profileId);
  const rows = await query.execute();
  return rows.map((row) => ({
    profileId: row.id,
    item: {
      iccid: row.iccid, imsi: row.imsi, ...international(row.msisdn ?? undefined),
      ...(row.subscriber && row.importKey ? { subscriber: { sealed: row.subscriber, batchKey: row.importKey } } : {}),
    },
  }));
}

async function chooseNumbers(ctx: EngineContext, typeId: number, count: number): Promise<RangeUse[]> {
  const uses: RangeUse[] = [];
  let missing = count;
  for (const range of missing > 0 ? await openRanges(ctx.db, typeId) : []) {
    const take = Math.min(missing, range.count - range.used);
    if (take <= 0) continue;
    uses.push({ range, numbers: Array.from({ length: take }, (_, index) => numbersAt(range, range.used + index)) });
    missing -= take;
  }
  return uses;
}

async function prepareAll(ctx: EngineContext, type: TypeRecord, batchKey: Uint8Array, candidates: readonly Candidate[]): Promise<{ candidate: Candidate; prepared: Prepared }[]> {
  if (candidates.length === 0) return [];
  const { items } = await withTemplate(ctx, type.template_id, (template) =>
    ctx.vault.call('prepare', { template, batchKey, items: candidates.map((candidate) => candidate.item) }));
  return candidates.map((candidate, index) => ({ candidate, prepared: items[index]! }));
}

interface Refusal {
  readonly candidate: Candidate;
  readonly why: string;
}

/** One bad record must not hold up the others: a unit the vault refuses is halved until the bad ones stand alone. */
async function prepareApart(ctx: EngineContext, type: TypeRecord, batchKey: Uint8Array, candidates: readonly Candidate[]): Promise<{ prepared: { candidate: Candidate; prepared: Prepared }[]; refused: Refusal[] }> {
  try {
    return { prepared: await prepareAll(ctx, type, batchKey, candidates), refused: [] };
  } catch (error) {
    if (!(error instanceof VaultError) || (error.code !== 'SECRETS_INVALID' && error.code !== 'SEAL_BROKEN')) throw error;
    if (candidates.length === 1) return { prepared: [], refused: [{ candidate: candidates[0]!, why: error.message }] };
    const middle = candidates.length >> 1;
    const first = await prepareApart(ctx, type, batchKey, candidates.slice(0, middle));
    const second = await prepareApart(ctx, type, batchKey, candidates.slice(middle));
    return { prepared: [...first.prepared, ...second.prepared], refused: [...first.refused, ...second.refused] };
  }
}

function rowError(refusal: Refusal, row: number): JobRowError {
  return { row: row + 1, column: 'secrets', code: 'SECRETS_INVALID', message: `${refusal.why} The profile was put into quarantine.`, found: refusal.candidate.item.iccid };
}

async function setAside(tx: Tx, ctx: EngineContext, refusal: Refusal, at: number, call: Call): Promise<void> {
  const reason = `Its secrets do not fit the template: ${refusal.why}`.slice(0, 200);
  await transition(tx, ctx, refusal.candidate.profileId!, { name: 'quarantine', at, source: 'system', text: reason, reason }, call);
}

interface UnitWrite {
  readonly type: TypeRecord;
  readonly batchId: number;
  readonly at: number;
  readonly ofStock: readonly { candidate: Candidate; prepared: Prepared }[];
  readonly ofRanges: readonly { candidate: Candidate; prepared: Prepared }[];
  readonly uses: readonly RangeUse[];
}

/** Rows and range counters together: a number is used exactly when its profile exists. Answers the ICCIDs now sellable. */
async function writeUnit(tx: Tx, ctx: Pick<EngineContext, 'sqlite'>, unit: UnitWrite): Promise<string[]> {
  const { type, batchId, at } = unit;
  for (const { range, numbers } of unit.uses) {
    const moved = await tx.updateTable('ranges').set({ used: range.used + numbers.length })
      .where('id', '=', range.id).where('used', '=', range.used).executeTakeFirst();
    if (moved.numUpdatedRows !== 1n) throw new DeskProblem('CONFLICT', `The number range ${range.id} was used by another job at the same moment; start the preparation again.`);
  }
  const columnsOf = (prepared: Prepared): PreparedColumns => ({
    batchId, slots: prepared.sealed, packageDigest: prepared.digest, packageBytes: prepared.packageBytes, fingerprint: prepared.fingerprint, at,
  });
  const updates = unit.ofStock.map(({ candidate, prepared }): PreparedUpdate => ({ id: candidate.profileId!, ...columnsOf(prepared), lastEvent: 'Prepared' }));
  const updated = updatePrepared(ctx.sqlite, updates, 'imported', stockAfterPreparation());
  insertProfiles(ctx.sqlite, unit.ofRanges.map(({ candidate, prepared }): ProfileInsert => ({
    iccid: candidate.item.iccid, imsi: candidate.item.imsi, ...(candidate.msisdn === undefined ? {} : { msisdn: candidate.msisdn }),
    typeId: type.id, templateId: type.template_id, state: startStates.range, createdAt: at, lastEvent: 'Prepared', prepared: columnsOf(prepared),
  })));
  return [
    ...unit.ofStock.filter(({ candidate }) => updated.has(candidate.profileId!)).map(({ candidate }) => candidate.item.iccid),
    ...unit.ofRanges.map(({ candidate }) => candidate.item.iccid),
  ];
}

/** Two steps of the stock table, taken once for all rows because all stand at the same place. */
function stockAfterPreparation(): string {
  let state = { ...startStates.import } as Parameters<typeof decide>[0]['state'];
  for (const name of ['prepare', 'release_for_sale'] as const) {
    const decision = decide({ state, delivered: false, prepared: true, eid: undefined }, { name });
    if (!decision.ok) throw new Error(`the stock table has no way from imported to sellable: ${decision.why}`);
    state = decision.state;
  }
  return state.stock;
}

async function auditUnit(
  tx: Tx, ctx: EngineContext,
  unit: { type: TypeRecord; iccids: readonly string[]; batchId: number; jobId: string | null; at: number; fromRanges: number; call: Call },
): Promise<void> {
  await appendAudit(tx, ctx.random, {
    at: unit.at, event: 'preparation.unit', actor: unit.call.actor, host: unit.call.host, outcome: 'done', correlationId: unit.call.correlationId,
    object: unit.jobId === null ? { type: 'profile', id: unit.iccids[0]! } : { type: 'job', id: unit.jobId },
    fields: {
      type: unit.type.name, batch: unit.batchId, count: unit.iccids.length, fromRanges: unit.fromRanges,
      firstIccid: unit.iccids[0]!, lastIccid: unit.iccids[unit.iccids.length - 1]!,
      iccidsSha256: createHash('sha256').update(unit.iccids.join('\n')).digest('hex'),
    },
  });
}

/**
 * Prepares one imported profile at once, outside a job; answers the write to do in the caller's transaction, or `undefined`
 * when the profile does not wait for preparation. Throws `VaultError`.
 */
export async function prepareOne(ctx: EngineContext, profileId: number): Promise<((tx: Tx, call: Call) => Promise<void>) | undefined> {
  const row = await ctx.db.selectFrom('profiles').select('type_id').where('id', '=', profileId).executeTakeFirst();
  const type = row && await typeById(ctx.db, row.type_id);
  const candidates = type ? await chooseImported(ctx, type.id, 1, profileId) : [];
  if (!type || candidates.length === 0) return undefined;
  const { batchKey } = await ctx.vault.call('createBatchKey', {});
  const ofStock = await prepareAll(ctx, type, batchKey, candidates);
  return async (tx, call) => {
    const at = ctx.clock.now();
    const batchId = await newBatch(tx, type.id, batchKey, null, at);
    const iccids = await writeUnit(tx, ctx, { type, batchId, at, ofStock, ofRanges: [], uses: [] });
    if (iccids.length > 0) await auditUnit(tx, ctx, { type, iccids, batchId, jobId: null, at, fromRanges: 0, call });
  };
}
