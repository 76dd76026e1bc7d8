import type { EngineContext } from '../context.ts';
import { rollbackImport } from './import.ts';

/** Imports that a crash left half written are taken back. Call before the first call is served. Answers sentences. */
export async function rollbackUnfinishedImports(ctx: Pick<EngineContext, 'db' | 'sqlite'>): Promise<string[]> {
  const unfinished = await ctx.db.selectFrom('imports').select(['id', 'file_name']).where('state', '=', 'running').execute();
  const sentences: string[] = [];
  for (const { id, file_name } of unfinished) {
    const removed = await rollbackImport(ctx, id);
    sentences.push(`The import of ${file_name} was interrupted; its ${removed} ${removed === 1 ? 'profile was' : 'profiles were'} removed again. Import the file once more.`);
  }
  return sentences;
}

/** What this area has to repair at start, in sentences. */
export async function recoverImports(ctx: Pick<EngineContext, 'db' | 'sqlite'>): Promise<string[]> {
  return rollbackUnfinishedImports(ctx);
}
