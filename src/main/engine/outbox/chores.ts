import { setImmediate } from 'node:timers/promises';
import type { EngineContext } from '../context.ts';
import { write } from '../store/index.ts';
import { bringNear, purgeOld } from './records.ts';

/** Old rows go, and none waits for a moment that a corrected clock has moved far away. */
export async function tidyOutbox(ctx: EngineContext): Promise<void> {
  await write(ctx, (tx) => bringNear(tx, ctx.clock.now()));
  while (await write(ctx, (tx) => purgeOld(tx, ctx.clock.now()))) await setImmediate();
}
