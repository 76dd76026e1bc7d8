import type { Call, EngineContext, Tx } from '../context.ts';
import { typeById } from '../types/index.ts';
import { strangersOf } from './network.ts';
import { waitingOne } from './waiting.ts';
import { demandFresh, prepareAll, stockCandidate } from './work.ts';
import { auditUnit, writePiece } from './write.ts';

/**
 * Prepares one imported profile at once, outside a batch; answers the write to do in the caller's transaction, or `undefined`
 * when the profile does not wait for preparation. Throws `VaultError`, `IMSI_NETWORK` and `PREPARED_BEFORE`.
 */
export async function prepareOne(ctx: EngineContext, profileId: number): Promise<((tx: Tx, call: Call) => Promise<void>) | undefined> {
  const row = await ctx.db.selectFrom('profiles').select('type_id').where('id', '=', profileId).executeTakeFirst();
  const type = row && await typeById(ctx.db, row.type_id);
  const stranger = type && await strangersOf(ctx, type);
  const found = type && await waitingOne(ctx.db, profileId, type.id);
  if (!type || !stranger || !found) return undefined;
  demandFresh(ctx, stockCandidate(found), stranger);
  const { batchKey } = await ctx.vault.call('createBatchKey', {});
  const done = await prepareAll(ctx, type.template_id, batchKey, [stockCandidate(found)]);
  return async (tx, call) => {
    const at = ctx.clock.now();
    const batchId = (await tx.insertInto('batches').values({ kind: 'preparation', type_id: type.id, batch_key: batchKey, job_id: null, created_at: at }).returning('id').executeTakeFirstOrThrow()).id;
    const written = await writePiece(tx, ctx, { piece: { typeId: type.id, templateId: type.template_id, batchId, done, refused: [] }, at, call });
    if (written.iccids.length > 0) await auditUnit(tx, ctx, { type, written, batchId, jobId: null, at, call });
  };
}
