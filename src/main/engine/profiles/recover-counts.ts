/** After an end nobody planned: the kept counts of the groups against the profiles themselves. */
import { sql } from 'kysely';
import type { EngineContext } from '../context.ts';
import { write } from '../store/index.ts';
import { recount } from './groups.ts';

/** Counts anew where the two differ; answers what it did, in sentences. A clean start reads nothing. */
export async function recoverCounts(ctx: EngineContext): Promise<string[]> {
  if (ctx.runtime.recovered.length === 0) return [];
  const wrong = await recount(ctx.reader);
  if (wrong.length === 0) return [];
  await write(ctx, async (tx) => {
    await sql`delete from profile_counts`.execute(tx);
    await sql`insert into profile_counts (facet, n) select facet, count(*) from profiles group by facet`.execute(tx);
  });
  ctx.log.warn('kept counts of profiles were wrong', { count: wrong.length });
  return ['The counts of the inventory did not agree with its profiles and were counted anew'];
}
