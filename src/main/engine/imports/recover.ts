import type { EngineContext } from '../context.ts';
import { rollbackImport } from './import.ts';
import { removeStagings } from './session.ts';

/**
 * What this area has to repair at start, in sentences. An import at one stroke that was cut off is taken back; one that runs as
 * a job goes on from its sealed staging; staging of everything else is removed. Call before the first call is served.
 */
export async function recoverImports(ctx: Pick<EngineContext, 'db' | 'sqlite' | 'clock' | 'paths'>): Promise<string[]> {
  const unfinished = await ctx.db.selectFrom('imports').leftJoin('jobs', 'jobs.id', 'imports.job_id').select(['imports.id', 'file_name', 'handle', 'job_id', 'jobs.state as job'])
    .where('imports.state', '=', 'running').execute();
  const goesOn = (one: (typeof unfinished)[number]): boolean => one.job === 'running' || one.job === 'queued' || one.job === 'paused';
  removeStagings(ctx, new Set(unfinished.filter(goesOn).map((one) => one.handle).filter((one) => one !== null)));
  const sentences: string[] = [];
  for (const one of unfinished) {
    // A cancelled one has a job of its own that takes it back.
    if (one.job_id !== null) continue;
    const removed = await rollbackImport(ctx, one.id);
    sentences.push(`The import of ${one.file_name} was interrupted; its ${removed} ${removed === 1 ? 'profile was' : 'profiles were'} removed again. Import the file once more.`);
  }
  return sentences;
}
