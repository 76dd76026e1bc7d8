/** Deleting output files. Their records stay: name, row count, digest, and when they went. */
import { rm } from 'node:fs/promises';
import type { EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { ArtefactRow } from '../jobs/index.ts';
import { artefactPath } from './outputs-folder.ts';

export interface Swept {
  readonly files: number;
  readonly bytes: number;
  record(tx: Tx): Promise<{ files: number; bytes: number }>;
}

/** Deletes the files first: a record that says a file is gone must be true. What was gone already counts as swept. */
async function sweep(ctx: EngineContext, rows: readonly ArtefactRow[]): Promise<Swept> {
  for (const row of rows) await rm(artefactPath(ctx, row), { force: true });
  const sum = { files: rows.length, bytes: rows.reduce((total, row) => total + row.bytes, 0) };
  return {
    ...sum,
    async record(tx) {
      const now = ctx.clock.now();
      for (let i = 0; i < rows.length; i += 500) await tx.updateTable('artefacts').set({ swept_at: now }).where('id', 'in', rows.slice(i, i + 500).map((row) => row.id)).where('swept_at', 'is', null).execute();
      for (const id of new Set(rows.flatMap((row) => (row.preparation_id === null ? [] : [row.preparation_id])))) {
        const left = await tx.selectFrom('artefacts').select('id').where('preparation_id', '=', id).where('swept_at', 'is', null).limit(1).executeTakeFirst();
        if (!left) await tx.updateTable('preparations').set({ swept_at: now }).where('id', '=', id).execute();
      }
      return sum;
    },
  };
}

export async function sweepBatch(ctx: EngineContext, preparationId: string): Promise<Swept> {
  const working = await ctx.reader.selectFrom('jobs').select('id').where('subject_id', '=', preparationId).where('kind', '=', 'output').where('state', 'in', ['queued', 'running', 'paused']).executeTakeFirst();
  if (working) throw new DeskProblem('TRANSITION_REFUSED', 'Files of this batch are being made; sweep them when that has ended.');
  return sweep(ctx, await ctx.reader.selectFrom('artefacts').selectAll().where('preparation_id', '=', preparationId).where('swept_at', 'is', null).execute());
}

export async function sweepFiles(ctx: EngineContext, ids: readonly string[]): Promise<Swept> {
  const rows = await ctx.reader.selectFrom('artefacts').selectAll().where('id', 'in', ids).execute();
  if (rows.length !== new Set(ids).size) throw new DeskProblem('OUTPUT_UNKNOWN', 'One of these files is not known.', { field: 'ids' });
  return sweep(ctx, rows.filter((row) => row.swept_at === null));
}
