/** ES9+.CancelSession (SGP.22 v2.2, 5.6.5 and 3.1.3.1). */
import type { CancelSessionMessage } from '../../../shared/contract/session-message.ts';
import { explainCancel } from '../../../shared/rsp-status/index.ts';
import type { CancelMeaning } from '../../../shared/rsp-status/index.ts';
import { fromHex, sameBytes } from '../../../shared/tlv/index.ts';
import { parseCancelSessionResponse, verifyRaw } from '../../rsp/index.ts';
import type { EngineContext, Tx } from '../context.ts';
import { ownCertificate } from '../keys/index.ts';
import { closeOrder, noteProgress } from '../orders/index.ts';
import { transition } from '../profiles/index.ts';
import { write } from '../store/index.ts';
import type { Answer, ListenerIdentities, Remote } from './answer.ts';
import { failed, unknownTransaction } from './answer.ts';
import { cancelRequest, unreadableCancel } from './messages.ts';
import { isNewest, orderFactsById, recordStep, sessionById, standingRefusal, updateSession } from './records.ts';
import type { SessionRecord } from './records.ts';
import { downloadable } from './rules.ts';
import { answerBytes, deviceCall, euiccKey, inTurn, isAlive, refuseStep, sessionsChanged, tryParse } from './step.ts';

export interface CancelRequest {
  readonly transactionId: string;
  /** BF41 TLV. */
  readonly cancelSessionResponse: Uint8Array;
}

const ended: readonly string[] = ['cancelled', 'expired'];

/**
 * Ends a session at the wish of the device. Checks in order: transaction (and that an eUICC proved itself in it), signed
 * transaction id, signature, our object identifier. An eUICC that refused to cancel (the error arm) changes nothing.
 */
export async function cancelSession(ctx: EngineContext, listener: ListenerIdentities, request: CancelRequest, remote: Remote): Promise<Answer<Record<string, never>>> {
  const transactionId = request.transactionId.toUpperCase();
  const session = await sessionById(ctx.reader, transactionId);
  const key = session && euiccKey(session);
  if (!session || !key || !isAlive(session, ctx.clock.now()) || ended.includes(session.phase)) return unknownTransaction();
  if (!listener.identities.some((identity) => identity.name === session.identity)) return unknownTransaction();
  const step = { session, function: 'cancelSession', remote } as const;

  const message = tryParse(() => parseCancelSessionResponse(request.cancelSessionResponse));
  if (!message.ok) {
    return refuseStep(ctx, {
      ...step, failure: failed('1.6/2.1', 'The cancelSessionResponse cannot be read.').failed, request: unreadableCancel(transactionId, request.cancelSessionResponse.length, message.why),
    });
  }
  const response = message.value;
  const refusal = { ...step, request: cancelRequest(transactionId, response) };
  if (response.kind === 'error') {
    await write(ctx, (tx) => noteStep(tx, ctx, session, remote, refusal.request));
    return { ok: {} };
  }
  if (!sameBytes(response.transactionId, fromHex(transactionId))) return refuseStep(ctx, { ...refusal, failure: unknownTransaction().failed });
  if (!verifyRaw(key.curve, key.publicPoint, response.signedBytes, response.signature64)) {
    return refuseStep(ctx, { ...refusal, failure: failed('8.1/6.1', 'The signature of the eUICC is invalid.').failed });
  }
  const dpauth = await ownCertificate(ctx, session.dpauth_id);
  if (dpauth?.certificate.registeredIds.includes(response.smdpOid) !== true) {
    return refuseStep(ctx, { ...refusal, failure: failed('8.8/3.10', 'The SM-DP+ OID provided is invalid.').failed });
  }
  await inTurn(session.order_id ?? transactionId, () => write(ctx, async (tx) => {
    const at = ctx.clock.now();
    // What came of the installation stands; a cancellation behind it is only noted.
    const present = await sessionById(tx, transactionId) ?? session;
    const finished = present.phase === 'installed' || present.phase === 'install_failed';
    // After a refusal the device has no other way than to end the session: the refusal is what went wrong, and stays.
    const refused = finished ? undefined : await standingRefusal(tx, transactionId);
    await noteStep(tx, ctx, session, remote, refusal.request, finished ? {} : {
      phase: 'cancelled', code: refused ?? explainCancel(response.reason).code ?? null, ...(refused === undefined ? { detail: null } : {}),
    });
    if (!finished) await endOrder(tx, ctx, present, response.reason, at, refused !== undefined);
  }));
  sessionsChanged(ctx);
  return { ok: {} };
}

async function noteStep(
  tx: Tx, ctx: EngineContext, session: SessionRecord, remote: Remote, request: CancelSessionMessage['request'], changes: Parameters<typeof updateSession>[3] = {},
): Promise<void> {
  const at = ctx.clock.now();
  await updateSession(tx, session.transaction_id, at, changes);
  await recordStep(tx, {
    transactionId: session.transaction_id, at, function: 'cancelSession', milliseconds: remote.elapsed(), requestBytes: remote.requestBytes, responseBytes: answerBytes({}),
    messages: { request, response: {} },
  });
}

function wordsOf(meaning: CancelMeaning, refused: boolean): string {
  const cause = `${meaning.cause.charAt(0).toLowerCase()}${meaning.cause.slice(1)}`;
  if (!refused) return `Cancelled on the device: ${cause}`;
  // "Postponed" and "timeout" are what devices send to get out of a refused session; nobody decided anything by it.
  return meaning.terminal ? `The device ended the session after the refusal: ${cause}` : 'The device ended the session after the refusal';
}

/** "The identification of the step reached" (SGP.22 v2.2, 5.6.5), of the points of 5.3.5. */
function stepReached(session: SessionRecord, reason: number): 'eligibility' | 'download' | 'installation' {
  if (reason === LOAD_BPP_EXECUTION_ERROR) return 'installation';
  return session.phase === 'bound' ? 'download' : 'eligibility';
}

const LOAD_BPP_EXECUTION_ERROR = 5;

/**
 * What the reason does to the order. Only the session that was offered the profile speaks for it, and only while no other
 * eUICC holds or got it: a stranger who scanned the same code must not be able to end the order.
 */
async function endOrder(tx: Tx, ctx: EngineContext, session: SessionRecord, reason: number, at: number, refused: boolean): Promise<void> {
  if (session.order_id === null) return;
  const order = await orderFactsById(tx, session.order_id);
  if (!order || order.closedAt !== null || order.profileOrderId !== order.orderId || !downloadable.includes(order.orderState)) return;
  const held = await tx.selectFrom('orders').select('hold_eid').where('id', '=', order.orderId).executeTakeFirst();
  const holder = order.boundEid ?? held?.hold_eid;
  if (holder !== session.eid || !await isNewest(tx, session)) return;
  const meaning = explainCancel(reason);
  await transition(tx, ctx, order.profileId, {
    name: meaning.terminal ? 'download_cancelled' : 'download_postponed', at, source: 'euicc', text: wordsOf(meaning, refused),
    ...(meaning.code === undefined ? {} : { code: meaning.code }), orderId: order.orderId, transactionId: session.transaction_id,
  }, deviceCall(session.eid, session.transaction_id));
  if (meaning.terminal) {
    await closeOrder(tx, order.orderId, at, 'error', 'rejected');
    await noteProgress(tx, ctx, {
      orderId: order.orderId, point: stepReached(session, reason), eid: session.eid ?? undefined, ok: false, code: meaning.code, message: meaning.cause,
      dedupe: `cancelled:${session.transaction_id}`,
    });
  } else await tx.updateTable('orders').set({ hold_eid: null, hold_until: null }).where('id', '=', order.orderId).execute();
}
