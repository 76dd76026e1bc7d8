/**
 * The rows of an import into the stock. Under an `imports` row that is `running` they are listed and counted, but nothing may take or
 * change them (`profiles/unfinished.ts`). A job writes them chunk by chunk out of sealed staging, which is on the disk before the first chunk, so a
 * crash at any moment costs nothing: the job goes on where it was. Cancelled or failed, it is taken back by another job.
 */
import { existsSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { Call } from '../context.ts';
import { demandDiskRoom, startJob } from '../jobs/index.ts';
import type { JobKind } from '../jobs/index.ts';
import { startStates } from '../profiles/index.ts';
import type { GoodRow, Staging } from '../store/bulk-imports.ts';
import { importedAfter, lastProfileId, openStaging, removeStaging } from '../store/bulk-imports.ts';
import { deleteImported, insertProfiles, together } from '../store/bulk-profiles.ts';
import { fixFileOf, keptFixFile } from './fix-file.ts';
import { noteTaken } from '../store/taken-numbers.ts';
import type { ImportSession } from './session.ts';
import { dropStaging, openSessions, stagingPath, wipeFile } from './session.ts';
import type { Validation } from './validation.ts';

/** Milliseconds of the processor for one transaction: others that want to write wait for it. */
const budget = 60;
/** Rows written at a stretch; between two, the engine answers what only reads. Whole statements of `bulk-profiles`. */
export const slice = 3 * together;
/** Profiles taken back in one transaction. */
const chunkBack = 500;

export interface CommitParams {
  /** Of the session, and of the staging file. */
  readonly id: string;
  readonly importId: number;
  readonly batchId: number;
  readonly fileName: string;
  readonly typeId: number;
  readonly templateId: number;
  readonly rows: number;
}
export interface CommitProgress {
  /** Last row written. */
  readonly row: number;
}

export interface ImportRecord {
  readonly handle: string | null;
  readonly fileName: string;
  readonly sha256: Uint8Array;
  readonly actor: string;
  readonly preset: string | null;
  readonly jobId: string | null;
}

/** Refuses a file that is in the stock. Throws {@link DeskProblem} `FILE_ALREADY_IMPORTED`. */
export async function refuseKnownFile(db: EngineContext['db'] | Tx, sha256: Uint8Array): Promise<void> {
  const same = await sameFile(db, sha256);
  if (!same) return;
  if (same.state === 'running') throw new DeskProblem('FILE_ALREADY_IMPORTED', 'This file is being imported at this moment.', { field: 'file' });
  throw new DeskProblem('FILE_ALREADY_IMPORTED', `This file was imported on ${new Date(same.created_at).toISOString()} as ${same.file_name}.`, { field: 'file', hint: 'Nothing was changed. The profiles are in the inventory.' });
}

export async function sameFile(db: EngineContext['db'] | EngineContext['reader'] | Tx, sha256: Uint8Array): Promise<{ file_name: string; created_at: number; state: string } | undefined> {
  return db.selectFrom('imports').select(['file_name', 'created_at', 'state']).where('sha256', '=', sha256).where('state', '<>', 'rolled-back').executeTakeFirst();
}

/** The rows `imports` and `batches` of an import that begins. */
export async function beginImport(tx: Tx, ctx: EngineContext, validation: Validation, record: ImportRecord): Promise<{ importId: number; batchId: number }> {
  const at = ctx.clock.now();
  const { type, transportKeys } = validation.plan;
  const counts = validation.counts();
  const batch = await tx.insertInto('batches').values({ kind: 'import', type_id: type.id, batch_key: validation.batchKey, job_id: record.jobId, created_at: at }).returning('id').executeTakeFirstOrThrow();
  const made = await tx.insertInto('imports').values({
    file_name: record.fileName, sha256: record.sha256, type_id: type.id, accepted: counts.good, rejected: counts.bad, state: 'running', job_id: record.jobId, created_at: at,
    handle: record.handle, actor: record.actor, skipped: counts.skipped, left_out: counts.leftOut + counts.bad, preset: record.preset, finished_at: null, first_profile: lastProfileId(ctx.sqlite) + 1,
  }).returning('id').executeTakeFirstOrThrow();
  for (const key of transportKeys) await tx.insertInto('import_keys').values({ import_id: made.id, transport_key_id: key.id }).execute();
  return { importId: made.id, batchId: batch.id };
}

export interface Target {
  readonly importId: number;
  readonly batchId: number;
  readonly typeId: number;
  readonly templateId: number;
  readonly fileName: string;
}

/** One chunk into the stock, inside a `write`. */
export function insertGood(ctx: Pick<EngineContext, 'sqlite' | 'clock'>, target: Target, rows: readonly GoodRow[]): void {
  const at = ctx.clock.now();
  insertProfiles(ctx.sqlite, rows.map((row) => ({
    iccid: row.iccid, imsi: row.imsi, ...(row.msisdn === null ? {} : { msisdn: row.msisdn }), typeId: target.typeId, templateId: target.templateId, state: startStates.import,
    createdAt: at, lastEvent: `Imported from ${target.fileName}`, importId: target.importId,
    ...(row.subscriber === null ? {} : { subscriber: row.subscriber, importBatchId: target.batchId }), ...(row.fingerprint === null ? {} : { fingerprint: row.fingerprint }),
  })));
}

/** Makes the rows count. Throws {@link DeskProblem} `CONFLICT` when the import was undone meanwhile. */
export async function finishImport(tx: Tx, ctx: Pick<EngineContext, 'clock' | 'sqlite'>, importId: number): Promise<void> {
  const changed = await tx.updateTable('imports').set({ state: 'done', finished_at: ctx.clock.now() }).where('id', '=', importId).where('state', '=', 'running').executeTakeFirst();
  if (changed.numUpdatedRows !== 1n) throw new DeskProblem('CONFLICT', 'The import was undone in the meantime; import the file again.');
  noteTaken(ctx.sqlite, 'import-done');
}

/** Staging as the job sees it: the session's while there is one, else the file a crash left. */
const reopened = new Map<string, Staging>();

function stagingOf(ctx: EngineContext, params: CommitParams): Staging {
  const session = openSessions(ctx).find((one) => one.id === params.id);
  if (session?.validation) return session.validation.staging;
  const path = stagingPath(ctx, params.id);
  const known = reopened.get(path);
  if (known) return known;
  if (!existsSync(path)) throw new DeskProblem('IMPORT_UNKNOWN', 'What was sealed of the file is gone, so the import cannot go on; what it wrote is taken back. Import the file once more.');
  const staging = openStaging(path, false);
  reopened.set(path, staging);
  return staging;
}

function closeStaging(ctx: EngineContext, params: CommitParams): void {
  const path = stagingPath(ctx, params.id);
  reopened.get(path)?.close();
  reopened.delete(path);
  removeStaging(path);
}

const conflict = (what: string): DeskProblem => new DeskProblem('CONFLICT', `${what} came into the stock while the file was in hand. What was written of it is taken back; check the file again.`);

export function isConstraint(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_CONSTRAINT');
}

/** Milliseconds of the processor this thread has used: on a busy machine the clock would make chunks too small to be worth a commit. */
const worked = (): number => {
  // Not in every Node that may run an engine.
  const used = (process as Partial<Pick<NodeJS.Process, 'threadCpuUsage'>>).threadCpuUsage?.();
  if (!used) return performance.now();
  const { user, system } = used;
  return (user + system) / 1_000;
};

export const commitKind: JobKind<CommitParams, CommitProgress> = {
  kind: 'import.commit',
  title: (params) => `Import ${params.fileName}`,
  subject: (params) => ({ type: 'import', id: params.id }),
  total: (_ctx, params) => params.rows,
  async unit(ctx, job) {
    await demandDiskRoom(ctx, 'the import');
    const staging = stagingOf(ctx, job.params);
    const from = job.progress?.row ?? -1;
    return {
      done: 0, progress: { row: from }, finished: false, changes: ['profiles', 'stock', 'types', 'workspace', 'imports'],
      // What it comes to is known when it is written.
      async commit(this: { done: number; progress: CommitProgress; finished: boolean; message?: string }, tx: Tx) {
        const until = worked() + budget;
        let row = from;
        let done = 0;
        let last = false;
        while (!last && (done === 0 || worked() < until)) {
          if (done > 0) await setImmediate();
          const rows = staging.goodAfter(row, slice);
          try {
            insertGood(ctx, job.params, rows);
          } catch (error) {
            if (isConstraint(error)) throw conflict('Some of these numbers or keys');
            throw error;
          }
          done += rows.length;
          row = rows.at(-1)?.row ?? row;
          last = rows.length < slice;
        }
        // The commit waits for the disk: in a turn of its own.
        await setImmediate();
        if (last) {
          await finishImport(tx, ctx, job.params.importId);
          this.message = `${(job.done + done).toLocaleString('en')} profiles are in the stock`;
        }
        Object.assign(this, { done, progress: { row }, finished: last });
      },
    };
  },
  async ended(tx, ctx, { id, params, state, call }) {
    const session = openSessions(ctx).find((one) => one.id === params.id);
    if (state === 'done' || state === 'partly-failed') {
      void whenCommitted(ctx, id, () => {
        if (session) retireSession(session);
        closeStaging(ctx, params);
      });
      return;
    }
    if (session) session.state = 'mapped';
    await startRollback(tx, ctx, params, call);
    if (!session) void whenCommitted(ctx, id, () => closeStaging(ctx, params));
  },
};

/** What cannot be taken back waits until the end of the job is on the disk; the next start tidies where that never came. */
async function whenCommitted(ctx: EngineContext, jobId: string, then: () => void): Promise<void> {
  try {
    for (let tries = 0; tries < 200; tries++) {
      await new Promise((next) => setTimeout(next, 5 + tries));
      const row = await ctx.reader.selectFrom('jobs').select('state').where('id', '=', jobId).executeTakeFirst();
      if (row && row.state !== 'running' && row.state !== 'queued' && row.state !== 'paused') {
        then();
        ctx.changed('imports');
        return;
      }
    }
  } catch (error) {
    ctx.log.warn('tidying after an import', { jobId, error });
  }
}

/** The file is in the stock: its octets go; the rows left out stay for the fix file. */
function retireSession(session: ImportSession): void {
  const { validation } = session;
  if (validation) {
    const fix = fixFileOf(session, validation);
    if (fix.rows > 0) session.fix = keptFixFile(fix);
  }
  session.state = 'done';
  dropStaging(session);
  wipeFile(session);
}

export interface RollbackParams {
  readonly id: string;
  readonly importId: number;
  readonly fileName: string;
  readonly from: number;
  readonly total: number;
}

export async function startRollback(tx: Tx, ctx: EngineContext, params: Pick<CommitParams, 'id' | 'importId' | 'fileName'>, call: Call): Promise<void> {
  const row = await tx.selectFrom('imports').select(['first_profile', 'state']).where('id', '=', params.importId).executeTakeFirstOrThrow();
  if (row.state !== 'running') return;
  const job = await tx.selectFrom('jobs').select('done').where('id', '=', (e) => e.selectFrom('imports').select('job_id').where('id', '=', params.importId)).executeTakeFirst();
  await startJob(tx, ctx, rollbackKind, { id: params.id, importId: params.importId, fileName: params.fileName, from: row.first_profile - 1, total: job?.done ?? 0 }, call);
}

export const rollbackKind: JobKind<RollbackParams, { readonly after: number }> = {
  kind: 'import.rollback',
  title: (params) => `Take back ${params.fileName}`,
  subject: (params) => ({ type: 'import', id: params.id }),
  total: (_ctx, params) => params.total,
  unit(ctx, job) {
    const after = job.progress?.after ?? job.params.from;
    const ids = importedAfter(ctx.sqlite, job.params.importId, after, chunkBack);
    const finished = ids.length < chunkBack;
    return Promise.resolve({
      done: ids.length, progress: { after: ids.at(-1) ?? after }, finished, changes: ['profiles', 'stock', 'types', 'workspace', 'imports'],
      commit: async (tx: Tx) => {
        deleteImported(ctx.sqlite, job.params.importId, ids);
        if (finished) await tx.updateTable('imports').set({ state: 'rolled-back', finished_at: ctx.clock.now() }).where('id', '=', job.params.importId).where('state', '=', 'running').execute();
      },
      ...(finished ? { message: 'Nothing of the file is in the stock' } : {}),
    });
  },
};
