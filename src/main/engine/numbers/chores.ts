/** What happens by itself: holds and quarantines end, levels are looked at. Call it from a timer; it reads first and writes only what is due. */
import type { EngineContext } from '../context.ts';
import { wakeJobs } from '../jobs/index.ts';
import { sweepHolds, sweepQuarantines } from '../profiles/index.ts';
import type { Preparer } from './proposals.ts';
import { checkLevels } from './proposals.ts';

export async function sweepStock(ctx: EngineContext, preparer: Preparer): Promise<void> {
  await sweepHolds(ctx);
  await sweepQuarantines(ctx);
  const { started } = await checkLevels(ctx, preparer);
  if (started > 0) wakeJobs(ctx);
}

/** Areas whose changes may bring a type under its marks, or above them. */
const telling = new Set(['profiles', 'orders', 'jobs', 'stock', 'types']);

/** Looks at the levels soon after something changed that they follow from; many changes in a row are one look. */
export function watchLevels(ctx: EngineContext, preparer: Preparer, delay = 2_000): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const look = () => {
    timer = undefined;
    running = running.then(async () => {
      if (stopped) return;
      const { started } = await checkLevels(ctx, preparer);
      if (started > 0) wakeJobs(ctx);
    }).catch((error: unknown) => ctx.log.error('looking at stock levels', { error }));
  };
  const end = ctx.runtime.subscribe((areas) => {
    if (!stopped && timer === undefined && areas.some((area) => telling.has(area))) timer = setTimeout(look, delay).unref();
  });
  return {
    async stop() {
      stopped = true;
      end();
      clearTimeout(timer);
      await running;
    },
  };
}
