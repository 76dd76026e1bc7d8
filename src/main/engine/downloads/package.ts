/** ES9+.GetBoundProfilePackage (SGP.22 v2.2, 5.6.2 and 3.1.3.2). */
import type { GetBoundProfilePackageMessage } from '../../../shared/contract/session-message.ts';
import { fromHex, sameBytes } from '../../../shared/tlv/index.ts';
import { DOWNLOAD_ERRORS, eidBytes, euiccSignature2Input, isOnCurve, parsePrepareDownloadResponse, verifyRaw } from '../../rsp/index.ts';
import type { Curve, PrepareDownloadOk } from '../../rsp/index.ts';
import type { EngineContext, Tx } from '../context.ts';
import { ownCertificate } from '../keys/index.ts';
import type { OwnCertificate } from '../keys/index.ts';
import { closeOrder, noteProgress } from '../orders/index.ts';
import { loadForBinding, transition } from '../profiles/index.ts';
import { write } from '../store/index.ts';
import { withTemplate } from '../types/index.ts';
import type { Answer, Failure, ListenerIdentities, Remote } from './answer.ts';
import { codeOf, failed, unknownTransaction } from './answer.ts';
import { journalOf } from './journal.ts';
import { packageRequest, packageResponse, unreadablePackage } from './messages.ts';
import { keepPackage, keptPackage, orderFactsById, recordStep, sessionById, updateOrder, updateSession } from './records.ts';
import type { FoundOrder, SessionRecord } from './records.ts';
import { foreignEid, judgeBinding } from './rules.ts';
import { answerBytes, deviceCall, euiccKey, inTurn, isAlive, ownFaultNoted, refuseStep, sessionLife, sessionsChanged, tryParse, writeRefusal } from './step.ts';

export interface PackageRequest {
  readonly transactionId: string;
  /** BF21 TLV. */
  readonly prepareDownloadResponse: Uint8Array;
}

export interface PackageOk {
  readonly transactionId: string;
  /** BF36 TLV. */
  readonly boundProfilePackage: Uint8Array;
}

/** Host identifier of the key agreement (annex G): any constant of ours, at most 16 octets; never the EID or the ICCID. */
const HOST_ID = new TextEncoder().encode('mvne-desk');

/** `bound`: the reply was lost and the device asks again. */
const open: readonly string[] = ['authenticated', 'bound'];

/**
 * Binds the profile to the eUICC and hands it over. Checks in order: transaction, signature, confirmation code, order. The EID
 * is linked in the transaction that marks the delivery, so of two devices with one code the first wins and the second hears
 * 8.1.1/3.8. The delivery journal is on disk before the package leaves.
 */
export async function getBoundProfilePackage(
  ctx: EngineContext, listener: ListenerIdentities, request: PackageRequest, remote: Remote,
): Promise<Answer<PackageOk>> {
  const transactionId = request.transactionId.toUpperCase();
  const known = await usable(ctx, listener, transactionId);
  if (!known) return unknownTransaction();
  return inTurn(known.order_id!, async (waited) => {
    // While this request waited for its turn the session may have moved on.
    const session = waited ? await usable(ctx, listener, transactionId) : known;
    if (!session) return unknownTransaction();
    return ownFaultNoted(ctx, { session, function: 'getBoundProfilePackage', remote }, () => inHand(ctx, session, request.prepareDownloadResponse, remote));
  });
}

async function usable(ctx: EngineContext, listener: ListenerIdentities, transactionId: string): Promise<SessionRecord | undefined> {
  const session = await sessionById(ctx.reader, transactionId);
  if (!session || !isAlive(session, ctx.clock.now()) || !open.includes(session.phase)) return undefined;
  if (session.order_id === null || session.smdp_signature2 === null || session.eid === null) return undefined;
  return listener.identities.some((identity) => identity.name === session.identity) ? session : undefined;
}

/** The step in hand, as a refusal or a success is written of it. */
interface Step {
  readonly session: SessionRecord;
  readonly function: 'getBoundProfilePackage';
  readonly remote: Remote;
  readonly request: GetBoundProfilePackageMessage['request'];
}

async function inHand(ctx: EngineContext, session: SessionRecord, der: Uint8Array, remote: Remote): Promise<Answer<PackageOk>> {
  const step = { session, function: 'getBoundProfilePackage', remote } as const;
  const message = tryParse(() => parsePrepareDownloadResponse(der));
  if (!message.ok) {
    return refuseStep(ctx, {
      ...step, failure: failed('1.6/2.1', 'The prepareDownloadResponse cannot be read.').failed, request: unreadablePackage(session.transaction_id, der.length, message.why),
    });
  }
  const response = message.value;
  const refusal: Step = { ...step, request: packageRequest(session.transaction_id, response) };
  if (!sameBytes(response.transactionId, fromHex(session.transaction_id))) return refuseStep(ctx, { ...refusal, failure: unknownTransaction().failed });
  if (response.kind === 'error') {
    const name = DOWNLOAD_ERRORS[response.errorCode] ?? 'undefinedError';
    return refuseStep(ctx, { ...refusal, failure: failed('8.1/6.1', `The eUICC could not prepare the download (${name}).`).failed, changes: { phase: 'refused' } });
  }
  const key = euiccKey(session);
  if (!key || !verifyRaw(key.curve, key.publicPoint, euiccSignature2Input(response.signedBytes, session.smdp_signature2!), response.signature64)) {
    return refuseStep(ctx, { ...refusal, failure: failed('8.1/6.1', 'The signature of the eUICC is invalid.').failed });
  }
  if (!isOnCurve(session.curve as Curve, response.euiccOtpk)) {
    return refuseStep(ctx, { ...refusal, failure: failed('8.1/6.1', 'The one-time key of the eUICC is not a point of the curve.').failed });
  }
  const order = await orderFactsById(ctx.reader, session.order_id!);
  if (!order) return unknownTransaction();
  const about = { profileId: order.profileId, orderId: order.orderId, eid: session.eid! };
  const early = judgeBinding(order, session.eid!, ctx.clock.now());
  // A device that lost the race or an order that has ended must not be able to try codes.
  if (early) return refuseStep(ctx, { ...refusal, failure: early.failed, about });
  if (order.confirmationRequired) {
    if (!response.hashCc) return refuseStep(ctx, { ...refusal, failure: failed('8.2.7/2.2', 'The confirmation code is missing.').failed, about });
    const { ok } = await ctx.vault.call('verifyConfirmationCode', {
      orderId: order.orderId, sealed: order.confirmation!, transactionId: fromHex(session.transaction_id), hashCc: response.hashCc,
    });
    if (!ok) return wrongCode(ctx, refusal, order);
  }
  return bind(ctx, refusal, order, response);
}

/** Counts a wrong confirmation code; the last allowed one ends the order (SGP.22 v2.2, 3.1.3.2 step 7). */
async function wrongCode(ctx: EngineContext, step: Step, order: FoundOrder): Promise<{ failed: Failure }> {
  const { session } = step;
  const failure = await write(ctx, async (tx) => {
    const at = ctx.clock.now();
    await tx.updateTable('orders').set((e) => ({ confirmation_attempts: e('confirmation_attempts', '+', 1) })).where('id', '=', order.orderId).execute();
    const present = await orderFactsById(tx, order.orderId);
    const live = present !== undefined && present.closedAt === null && present.profileOrderId === order.orderId;
    const last = live && present.confirmationAttempts >= present.confirmationLimit;
    const refused = last
      ? failed('8.2.7/6.4', 'The maximum number of confirmation code attempts has been exceeded.').failed
      : failed('8.2.7/3.8', 'The confirmation code is refused.').failed;
    await writeRefusal(tx, ctx, {
      ...step, failure: refused, ...(last ? {} : { about: { profileId: order.profileId, orderId: order.orderId, eid: session.eid! } }),
    });
    if (last) {
      await transition(tx, ctx, order.profileId, {
        name: 'limit_reached', at, source: 'es9plus', text: 'Refused: too many wrong confirmation codes', code: codeOf(refused), orderId: order.orderId, transactionId: session.transaction_id,
      }, deviceCall(session.eid, session.transaction_id));
      await closeOrder(tx, order.orderId, at, 'error', 'confirmation_limit');
    }
    await noteProgress(tx, ctx, {
      orderId: order.orderId, point: 'confirmation', eid: session.eid!, ok: false, code: codeOf(refused), message: refused.message,
      dedupe: `confirmation:${session.transaction_id}:${present?.confirmationAttempts ?? 0}`,
    });
    return refused;
  });
  sessionsChanged(ctx);
  return { failed: failure };
}

/** Neither bound again nor anything left to bind: what the device hears is 8.2/3.7. */
interface Unbound { readonly why: string }
interface Bound { readonly boundPackage: Uint8Array; readonly fresh?: { readonly otpkDp: Uint8Array; readonly kept: Uint8Array } }

/** AAD under which the vault keeps the segments of one order for one eUICC. */
const keepFor = (orderId: string, eid: string): string => `${orderId}:${eid}`;

/**
 * The kept segments re-signed when the eUICC comes back with the same one-time key, else a fresh binding with a fresh one-time
 * key of ours, unless the workspace wants none (SGP.22 v2.2, 5.6.2): one otPK.DP is never used with two otPK.EUICC.
 */
async function makePackage(ctx: EngineContext, session: SessionRecord, order: FoundOrder, response: PrepareDownloadOk, dppb: OwnCertificate): Promise<Bound | Unbound> {
  const eid = session.eid!;
  const common = { transactionId: fromHex(session.transaction_id), euiccOtpk: response.euiccOtpk, signingKeyId: dppb.keyId, keepFor: keepFor(order.orderId, eid) };
  const kept = await keptPackage(ctx.reader, order.orderId);
  if (kept && kept.eid === eid && sameBytes(kept.euicc_otpk, response.euiccOtpk)) {
    return { boundPackage: (await ctx.vault.call('rebind', { ...common, kept: kept.kept, hostId: kept.host_id, otpkDp: kept.otpk_dp })).boundPackage };
  }
  if (kept && ctx.settings().rebinding === 'refuse') return { why: 'The package is bound to another one-time key, and binding it again is switched off.' };
  const material = await loadForBinding(ctx.reader, order.profileId);
  if (!material) return { why: 'The profile package is not available for binding.' };
  const { boundPackage, otpkDp, kept: fresh } = await withTemplate(ctx, material.templateId, (template) => ctx.vault.call('bind', {
    ...common, iccid: material.iccid, template, batchKey: material.batchKey, sealed: material.slots, expectedDigest: material.packageDigest,
    metadata: session.metadata!, eid: eidBytes(eid), hostId: HOST_ID, curve: session.curve as Curve, protection: material.type.protection as 'session-keys' | 'profile-keys',
  }));
  return { boundPackage, fresh: { otpkDp, kept: fresh } };
}

async function bind(ctx: EngineContext, step: Step, order: FoundOrder, response: PrepareDownloadOk): Promise<Answer<PackageOk>> {
  const { session, remote } = step;
  const about = { profileId: order.profileId, orderId: order.orderId, eid: session.eid! };
  const dppb = await ownCertificate(ctx, session.dppb_id);
  if (!dppb) throw new Error('the DPpb certificate of a session is missing');
  const bound = await makePackage(ctx, session, order, response, dppb);
  if ('why' in bound) return refuseStep(ctx, { ...step, failure: failed('8.2/3.7', bound.why).failed, about });

  const ok: PackageOk = { transactionId: session.transaction_id, boundProfilePackage: bound.boundPackage };
  const messages = { request: step.request, response: packageResponse(ok) };
  const delivered = await write(ctx, async (tx): Promise<{ at: number } | { failed: Failure }> => {
    const at = ctx.clock.now();
    const present = await orderFactsById(tx, order.orderId);
    const lost = present ? judgeBinding(present, session.eid!, at) : foreignEid();
    if (lost) {
      await writeRefusal(tx, ctx, { ...step, failure: lost.failed, about });
      return lost;
    }
    await markDelivered(tx, ctx, session, order, response, bound, at);
    await recordStep(tx, {
      transactionId: session.transaction_id, at, function: 'getBoundProfilePackage', milliseconds: remote.elapsed(), requestBytes: remote.requestBytes, responseBytes: answerBytes({ ...ok }),
      messages,
    });
    await noteProgress(tx, ctx, { orderId: order.orderId, point: 'download', eid: session.eid!, ok: true, dedupe: `download:${session.transaction_id}` });
    return { at };
  });
  sessionsChanged(ctx);
  if ('failed' in delivered) return delivered;
  await journalOf(ctx).append({ iccid: order.iccid, eid: session.eid!, at: delivered.at });
  return { ok };
}

async function markDelivered(tx: Tx, ctx: EngineContext, session: SessionRecord, order: FoundOrder, response: PrepareDownloadOk, bound: Bound, at: number): Promise<void> {
  const eid = session.eid!;
  await transition(tx, ctx, order.profileId, {
    name: 'deliver', at, source: 'es9plus', eid, orderId: order.orderId, transactionId: session.transaction_id,
    text: bound.fresh ? 'The package was bound to the eUICC and handed over' : 'The kept package was handed over again',
  }, deviceCall(eid, session.transaction_id));
  await updateOrder(tx, order.orderId, { bound_eid: eid, hold_eid: eid, hold_until: at + sessionLife(ctx) });
  if (bound.fresh) {
    await keepPackage(tx, {
      order_id: order.orderId, eid, euicc_otpk: response.euiccOtpk, otpk_dp: bound.fresh.otpkDp, host_id: HOST_ID, kept: bound.fresh.kept, created_at: at,
    });
  }
  await updateSession(tx, session.transaction_id, at, { phase: 'bound', code: null, detail: null, expires_at: at + sessionLife(ctx) });
}
