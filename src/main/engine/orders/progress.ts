/** What a brand is told of its orders while they are downloaded (SGP.22 v2.2, 5.3.5). */
import type { ProgressPoint } from '../../../shared/contract/brands.ts';
import { callbackOf } from '../brands/index.ts';
import type { EngineContext, Tx } from '../context.ts';
import { enqueue } from '../outbox/index.ts';
import { PROGRESS_KIND } from '../outgoing/index.ts';
import type { ProgressPayload } from '../outgoing/index.ts';
import { prepared } from '../store/index.ts';

export interface Progress {
  readonly orderId: string;
  readonly point: ProgressPoint;
  /** Set when it is known by now. */
  readonly eid?: string | undefined;
  readonly ok: boolean;
  /** SGP.22 subject/reason of a failure, `8.2.7/3.8`. */
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  /** For the point `installation`, as received (DER): the finalResult element, and the whole notification it stands in. */
  readonly result?: { readonly finalResult: Uint8Array; readonly notification: Uint8Array } | undefined;
  /** Tells this occurrence from any other of the same order. */
  readonly dedupe: string;
}

const names: Readonly<Record<ProgressPoint, string>> = {
  eligibility: 'Eligibility', confirmation: 'Confirmation failure', download: 'Download', installation: 'Installation',
  enabled: 'Enabled', disabled: 'Disabled', deleted: 'Deleted',
};

const told = prepared((db, p: { id: string }) => db.selectFrom('orders as o').innerJoin('profiles as p', 'p.id', 'o.profile_id').innerJoin('profile_types as t', 't.id', 'o.type_id')
  .select(['o.brand_id as brandId', 'p.iccid as iccid', 't.name as type']).where('o.id', '=', p.id).where('o.brand_id', 'is not', null));

/** ExecutionStatus of a failure; a code that is not subject/reason is told as an execution error. */
function statusCode(code: string | undefined, message: string | undefined): { subjectCode: string; reasonCode: string; message: string } {
  const [, subjectCode, reasonCode] = /^([\d.]+)\/([\d.]+)$/.exec(code ?? '') ?? [];
  return { subjectCode: subjectCode ?? '8.8', reasonCode: reasonCode ?? '4.2', message: message ?? 'Execution error' };
}

/**
 * Writes the message to the brand in the transaction of the step, if the order is a brand's, the brand has a callback and is
 * sent this point. Nothing otherwise.
 */
export async function noteProgress(tx: Tx, ctx: Pick<EngineContext, 'clock'>, progress: Progress): Promise<void> {
  const order = await told.one(tx, { id: progress.orderId });
  if (!order || order.brandId === null) return;
  const callback = await callbackOf(tx, order.brandId);
  const number = callback?.points[progress.point];
  if (!callback || number === undefined || number === null) return;
  const at = ctx.clock.now();
  const payload: ProgressPayload = {
    brandId: order.brandId, ...(progress.eid === undefined ? {} : { eid: progress.eid }), iccid: order.iccid, profileType: order.type,
    timestamp: new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'), notificationPointId: number,
    notificationPointStatus: progress.ok ? { status: 'Executed-Success' } : { status: 'Failed', statusCodeData: statusCode(progress.code, progress.message) },
    ...(progress.result === undefined ? {} : { resultData: Buffer.from(progress.result[callback.result]).toString('base64') }),
  };
  await enqueue(tx, {
    kind: PROGRESS_KIND, dedupe: `${PROGRESS_KIND}:${progress.orderId}:${progress.dedupe}`, payload,
    summary: `${names[progress.point]} (point ${number}) of ${order.iccid}${progress.ok ? '' : ', failed'}`, brandId: order.brandId, orderId: progress.orderId, at,
  });
}
