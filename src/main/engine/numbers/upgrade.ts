/** Once, at the first start with ledgers: what brands were entitled to before there were any. */
import type { EngineContext } from '../context.ts';
import { readMeta, write, writeMeta } from '../store/index.ts';
import { entitlementsChanged } from './owners.ts';

const MARK = 'numbers.entitlements';

/** Brings the ledgers in line with entitlements that are older than they are; answers what it did, in sentences. */
export async function ledgerEntitlements(ctx: Pick<EngineContext, 'db' | 'reader' | 'clock' | 'random'>): Promise<string[]> {
  if (await readMeta(ctx.reader, MARK) !== undefined) return [];
  return write(ctx, async (tx) => {
    const ranges = await tx.selectFrom('brand_iccids').select(['first', 'last']).execute();
    if (ranges.length > 0) await entitlementsChanged(tx, ctx, ranges);
    await writeMeta(tx, MARK, 'in the ledger');
    return ranges.length === 0 ? [] : ['ICCIDs brands are entitled to were entered in the number ledger'];
  });
}
