import type { EngineContext, Reader } from '../context.ts';

export interface CallbackRecord {
  readonly name: string;
  readonly callback_url: string | null;
  readonly callback_ca: Uint8Array | null;
  readonly callback_identity: string | null;
}

export async function callbackOf(db: Reader, brandId: number): Promise<CallbackRecord | undefined> {
  return db.selectFrom('brands').select(['name', 'callback_url', 'callback_ca', 'callback_identity']).where('id', '=', brandId).executeTakeFirst();
}

/**
 * Roots an SM-DS is trusted by: the CIs of our identities (SGP.22 v2.2, 4.5.2.1.2), no others. Those on brainpool are left out:
 * Node's TLS client does not survive a verified chain with such a key.
 */
export async function smdsRoots(ctx: Pick<EngineContext, 'reader' | 'environment'>): Promise<Uint8Array[]> {
  let rows = ctx.reader.selectFrom('certificates').select('der').where('role', '=', 'ci').where('active', '=', 1).where('curve', '=', 'P-256');
  if (ctx.environment === 'live') rows = rows.where('test', '=', 0);
  return (await rows.orderBy('id').execute()).map((row) => row.der);
}
