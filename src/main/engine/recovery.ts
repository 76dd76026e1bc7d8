/** What a start repairs after whatever ended the last one, and what a running engine does by itself. */
import { areaPreparer } from './areas.ts';
import type { EngineParts } from './compose.ts';
import type { EngineContext } from './context.ts';
import { purgeSessions, recoverDeliveries } from './downloads/index.ts';
import { recoverImports, sweepImports } from './imports/index.ts';
import type { JobRunner } from './jobs/index.ts';
import { ledgerEntitlements, recoverNumbers, sweepStock, watchLevels } from './numbers/index.ts';
import { sweepExpired } from './orders/index.ts';
import { tidyOutbox } from './outbox/index.ts';
import { recoverPreparation } from './preparation/index.ts';
import { recoverCounts } from './profiles/index.ts';
import { purgeCalls } from './wire/es2plus/index.ts';

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** Brings durable work back into a state it can go on from; answers what it did, in sentences. */
export async function recoverWork(ctx: EngineContext, jobs: JobRunner): Promise<string[]> {
  const did: string[] = [...(await recoverImports(ctx)), ...(await recoverDeliveries(ctx)), ...(await recoverPreparation(ctx)), ...(await ledgerEntitlements(ctx)), ...(await recoverNumbers(ctx)), ...(await recoverCounts(ctx))];
  const requeued = await jobs.recover();
  if (requeued > 0) did.push(`${count(requeued, 'job')} had been interrupted and ${requeued === 1 ? 'goes' : 'go'} on`);
  return did;
}

/** Small regular work; a failure is logged and tried again next time. */
export function startChores({ ctx, uploads, files }: EngineParts): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  const preparer = areaPreparer();
  const levels = watchLevels(ctx, preparer);
  const chores = async () => {
    uploads.sweep();
    sweepImports(ctx);
    files.sweep();
    const expired = await sweepExpired(ctx);
    await tidyOutbox(ctx);
    if (expired > 0) ctx.changed('orders', 'profiles', 'audit');
    await purgeSessions(ctx);
    await purgeCalls(ctx);
    await sweepStock(ctx, preparer);
  };
  const timer = setInterval(() => {
    running = running.then(chores).catch((error: unknown) => ctx.log.error('regular work failed', { error }));
  }, 30_000);
  return {
    async stop() {
      clearInterval(timer);
      await levels.stop();
      await running;
    },
  };
}
