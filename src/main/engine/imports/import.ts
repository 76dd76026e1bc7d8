import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { JobRowError } from '../jobs/index.ts';
import { startStates } from '../profiles/index.ts';
import { deleteImported, importedIds, insertProfiles } from '../store/bulk-profiles.ts';
import { write } from '../store/index.ts';
import type { EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { TypeRecord } from '../types/index.ts';
import { allRanges } from '../stock/index.ts';
import { knownType, templateById } from '../types/index.ts';
import type { StockRow } from './read.ts';
import { readStock } from './read.ts';
import type { KeyLengths } from './values.ts';

/** Rows of one transaction. */
const CHUNK = 2_000;

export interface ImportOutcome {
  /** Absent for a dry run. */
  readonly importId?: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly errors: readonly JobRowError[];
  readonly fileSha256: string;
}

/** Octets the type's template takes of each key. */
export async function keyLengthsOf(ctx: Pick<EngineContext, 'reader'>, type: TypeRecord): Promise<KeyLengths> {
  const template = await templateById(ctx.reader, type.template_id);
  const slots = JSON.parse(template?.slots ?? '[]') as { name: string; length: number }[];
  const lengthOf = (name: string): number | undefined => slots.find((slot) => slot.name === name)?.length;
  return {
    k: lengthOf('k'), opc: lengthOf('opc'), op: lengthOf('opc'),
    scp80Kic: lengthOf('scp80Kic'), scp80Kid: lengthOf('scp80Kid'), scp80Kik: lengthOf('scp80Kik'),
  };
}

/**
 * Everything of an import that may not stand in one transaction: reading, checking, sealing, and the rows in chunks under an
 * `imports` row that is still `running`. `finishImport` in the caller's transaction makes them count. One row error refuses
 * the whole file. Zeroes `file`. Codes: `TYPE_UNKNOWN`, `FILE_EMPTY`, `FILE_MALFORMED`, `COLUMN_MISSING`,
 * `FILE_ALREADY_IMPORTED`, `ROWS_INVALID`.
 */
export async function importStock(
  ctx: EngineContext, file: Uint8Array, input: { readonly fileName: string; readonly type: string; readonly dryRun: boolean },
): Promise<ImportOutcome> {
  try {
    const type = await knownType(ctx, input.type);
    const sha256 = createHash('sha256').update(file).digest();
    const fileSha256 = sha256.toString('hex');
    await refuseKnownFile(ctx, sha256);
    const { batchKey } = await ctx.vault.call('createBatchKey', {});
    const reading = await readStock(ctx, file, { batchKey, ranges: await allRanges(ctx.reader), keyLengths: await keyLengthsOf(ctx, type) });
    const result = { accepted: reading.rows.length, rejected: reading.rejected, errors: reading.errors, fileSha256 };
    if (input.dryRun) return result;
    if (reading.rejected > 0) throw rowsInvalid(reading.errors, reading.rejected);
    const importId = await writeRows(ctx, type, reading.rows, { batchKey, fileName: input.fileName, sha256 });
    return { ...result, importId };
  } finally {
    file.fill(0);
  }
}

async function refuseKnownFile(ctx: EngineContext, sha256: Uint8Array): Promise<void> {
  const same = await ctx.db.selectFrom('imports').select(['file_name', 'created_at', 'state']).where('sha256', '=', sha256).where('state', '<>', 'rolled-back').executeTakeFirst();
  if (!same) return;
  if (same.state === 'running') throw new DeskProblem('FILE_ALREADY_IMPORTED', 'This file is being imported at this moment.', { field: 'file' });
  throw new DeskProblem('FILE_ALREADY_IMPORTED', `This file was imported on ${new Date(same.created_at).toISOString()} as ${same.file_name}.`, { field: 'file', hint: 'Nothing was changed. The profiles are in the inventory.' });
}

function rowsInvalid(errors: readonly JobRowError[], rejected: number): DeskProblem {
  const named = errors.slice(0, 5).map((error) => `row ${error.row}${error.column ? `, ${error.column}` : ''}: ${error.message} (${error.code})`);
  const more = rejected > named.length ? ` There are ${rejected} such rows in all.` : '';
  return new DeskProblem('ROWS_INVALID', `Nothing was imported, because ${rejected === 1 ? 'a row is' : 'rows are'} wrong: ${named.join(' ')}${more}`, { field: 'file', hint: 'A dry run lists every wrong row; correct them and import the file again.' });
}

async function writeRows(
  ctx: EngineContext, type: TypeRecord, rows: readonly StockRow[], file: { readonly batchKey: Uint8Array; readonly fileName: string; readonly sha256: Uint8Array },
): Promise<number> {
  const at = ctx.clock.now();
  const { importId, batchId } = await write(ctx, async (tx) => {
    const batch = await tx.insertInto('batches').values({ kind: 'import', type_id: type.id, batch_key: file.batchKey, job_id: null, created_at: at }).returning('id').executeTakeFirstOrThrow();
    const made = await tx.insertInto('imports').values({
      file_name: file.fileName, sha256: file.sha256, type_id: type.id, accepted: rows.length, rejected: 0, state: 'running', job_id: null, created_at: at,
    }).returning('id').executeTakeFirstOrThrow();
    return { importId: made.id, batchId: batch.id };
  }).catch((error: unknown) => {
    throw isConstraint(error) ? new DeskProblem('FILE_ALREADY_IMPORTED', 'This file is being imported at this moment.', { field: 'file' }) : error;
  });
  try {
    for (let from = 0; from < rows.length; from += CHUNK) {
      const chunk = rows.slice(from, from + CHUNK);
      await write(ctx, async () => {
        insertProfiles(ctx.sqlite, chunk.map((row) => ({
          ...row, typeId: type.id, templateId: type.template_id, state: startStates.import, createdAt: at, lastEvent: `Imported from ${file.fileName}`,
          importId, ...(row.subscriber ? { importBatchId: batchId } : {}),
        })));
      });
      await setImmediate();
    }
  } catch (error) {
    await rollbackImport(ctx, importId);
    // The rows were checked a moment ago: somebody else brought the same numbers in between.
    if (isConstraint(error)) throw new DeskProblem('CONFLICT', 'Some of these numbers or keys came into the stock while the file was read. Nothing was imported; try again.');
    throw error;
  }
  return importId;
}

function isConstraint(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_CONSTRAINT');
}

/** Makes the rows count; in the transaction that also writes the audit record. */
export async function finishImport(tx: Tx, importId: number): Promise<void> {
  const changed = await tx.updateTable('imports').set({ state: 'done' }).where('id', '=', importId).where('state', '=', 'running').executeTakeFirst();
  if (changed.numUpdatedRows !== 1n) throw new DeskProblem('CONFLICT', 'The import was undone in the meantime; import the file again.');
}

/** Removes what an import wrote; answers how many profiles. */
export async function rollbackImport(ctx: Pick<EngineContext, 'db' | 'sqlite'>, importId: number): Promise<number> {
  const ids = importedIds(ctx.sqlite, importId);
  let removed = 0;
  for (let from = 0; from < ids.length; from += CHUNK) {
    removed += await write(ctx, async () => deleteImported(ctx.sqlite, importId, ids.slice(from, from + CHUNK)));
    await setImmediate();
  }
  await write(ctx, (tx) => tx.updateTable('imports').set({ state: 'rolled-back' }).where('id', '=', importId).where('state', '=', 'running').execute());
  return removed;
}
