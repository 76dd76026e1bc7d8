import type { EngineContext } from '../context.ts';
import { write } from '../store/index.ts';
import { rollbackKind, startRollback } from './commit.ts';
import { rollbackImport } from './import.ts';
import { removeStagings } from './session.ts';

/**
 * What this area has to repair at start, in sentences. An import at one stroke that was cut off is taken back; one that runs as
 * a job goes on from its sealed staging; staging of everything else is removed. Call before the first call is served.
 */
export async function recoverImports(ctx: EngineContext): Promise<string[]> {
  const unfinished = await ctx.db.selectFrom('imports').leftJoin('jobs', 'jobs.id', 'imports.job_id').select(['imports.id', 'file_name', 'handle', 'job_id', 'imports.actor', 'jobs.state as job'])
    .where('imports.state', '=', 'running').execute();
  const goesOn = (one: (typeof unfinished)[number]): boolean => one.job === 'running' || one.job === 'queued' || one.job === 'paused';
  removeStagings(ctx, new Set(unfinished.filter(goesOn).map((one) => one.handle).filter((one) => one !== null)));
  const sentences: string[] = [];
  for (const one of unfinished) {
    if (goesOn(one)) continue;
    if (one.job_id !== null) {
      if (await takenBackByJob(ctx, one)) sentences.push(`The import of ${one.file_name} had stopped half way; what it wrote is taken back. Import the file once more.`);
      continue;
    }
    const removed = await rollbackImport(ctx, one.id);
    sentences.push(`The import of ${one.file_name} was interrupted; its ${removed} ${removed === 1 ? 'profile was' : 'profiles were'} removed again. Import the file once more.`);
  }
  return sentences;
}

/** Queues the job that takes an import back, unless one lives; answers whether. */
async function takenBackByJob(ctx: EngineContext, one: { readonly id: number; readonly handle: string | null; readonly file_name: string; readonly actor: string | null }): Promise<boolean> {
  const handle = one.handle ?? '';
  const living = await ctx.db.selectFrom('jobs').select('id').where('kind', '=', rollbackKind.kind).where('subject_id', '=', handle).where('state', 'in', ['queued', 'running', 'paused']).executeTakeFirst();
  if (living) return false;
  const call = { actor: one.actor ?? 'system', host: 'engine', correlationId: `recover-${Buffer.from(ctx.random(8)).toString('hex')}` } as const;
  await write(ctx, (tx) => startRollback(tx, ctx, { id: handle, importId: one.id, fileName: one.file_name }, call));
  return true;
}
