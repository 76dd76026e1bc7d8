import type { EngineContext } from '../context.ts';
import { write } from '../store/index.ts';
import { removeOrphans } from './outputs-folder.ts';
import { releaseStale } from './start.ts';

/** What this area has to repair at start, in sentences. Call before the first call is served. */
export async function recoverPreparation(ctx: Pick<EngineContext, 'db' | 'paths'>): Promise<string[]> {
  const sentences: string[] = [];
  const released = await write(ctx, (tx) => releaseStale(tx));
  if (released > 0) sentences.push(`${released} ${released === 1 ? 'number' : 'numbers'} that an ended batch still held ${released === 1 ? 'is' : 'are'} free again`);
  const orphans = await removeOrphans(ctx);
  if (orphans > 0) sentences.push(`${orphans} unfinished output ${orphans === 1 ? 'file was' : 'files were'} removed`);
  return sentences;
}
