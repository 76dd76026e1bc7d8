/** ES9+.HandleNotification (SGP.22 v2.2, 5.6.4 and 3.5): what became of a profile on the chip. Never answers an error. */
import { createHash } from 'node:crypto';
import { explainInstall } from '../../../shared/rsp-status/index.ts';
import { sameBytes } from '../../../shared/tlv/index.ts';
import { BPP_COMMANDS, checkEuiccChain, parseCertificate, parsePendingNotification, verifyRaw } from '../../rsp/index.ts';
import type { InstallResult, OtherNotification } from '../../rsp/index.ts';
import type { EngineContext, Tx } from '../context.ts';
import { ownCertificate, revocationOf } from '../keys/index.ts';
import { closeOrder, noteProgress } from '../orders/index.ts';
import { findProfile, transition } from '../profiles/index.ts';
import type { ProfileEvent } from '../profiles/index.ts';
import { write } from '../store/index.ts';
import type { ListenerIdentities, Remote } from './answer.ts';
import { deliveryOrder, insertNotification, orderFactsById, pastDelivery, recordStep, sessionById, updateSession } from './records.ts';
import type { DeliverySession } from './records.ts';
import { codeOfInstall, decideInstall } from './results.ts';
import { mayKeep, overflow } from './quarantine.ts';
import { installResultView } from './messages.ts';
import { deviceCall, euiccKey, hexId, sessionsChanged, tryParse } from './step.ts';

export interface NotificationRequest {
  /** BF37 or `30` TLV. */
  readonly pendingNotification: Uint8Array;
}

/** What was made of a notification; for logs and tests, the device hears nothing of it. */
export type NotificationFate = 'malformed' | 'unverified' | 'repeated' | 'accepted' | 'ignored';

/** Of what cannot be verified only the beginning is kept: nobody needs more of it, and strangers choose its length. */
const KEEP_OCTETS = 8192;

export async function handleNotification(ctx: EngineContext, listener: ListenerIdentities, request: NotificationRequest, remote: Remote): Promise<NotificationFate> {
  const message = tryParse(() => parsePendingNotification(request.pendingNotification));
  if (!message.ok) return 'malformed';
  const fate = message.value.kind === 'installResult' ? await installResult(ctx, message.value, remote) : await signedNotification(ctx, listener, message.value, remote);
  if (fate !== 'repeated') sessionsChanged(ctx);
  return fate;
}

interface Row { readonly kind: 'install' | 'other'; readonly transactionId?: string; readonly eid?: string | null; readonly verified: boolean; readonly outcome?: string }

/** Stores a notification once; false when the same octets came before. */
async function store(tx: Tx, ctx: EngineContext, notification: InstallResult | OtherNotification, row: Row): Promise<boolean> {
  const digest = new Uint8Array(createHash('sha256').update(notification.raw).digest());
  const fresh = await insertNotification(tx, {
    digest, received_at: ctx.clock.now(), kind: row.kind, transaction_id: row.transactionId ?? null, eid: row.eid ?? null, iccid: notification.notification.iccid ?? null,
    sequence: notification.notification.seqNumber, operation: notification.notification.operation ?? null, outcome: row.outcome ?? null,
    verified: row.verified ? 1 : 0, raw: row.verified ? notification.raw : notification.raw.subarray(0, KEEP_OCTETS),
  });
  return fresh;
}

/** What nobody vouches for is kept to be looked at, up to a bound and a share of it for each address. */
async function quarantine(ctx: EngineContext, notification: InstallResult | OtherNotification, row: Omit<Row, 'verified'>, remote: Remote): Promise<NotificationFate> {
  if (!mayKeep(ctx, remote.network ?? remote.address)) return 'unverified';
  const kept = await write(ctx, async (tx) => {
    if (!await store(tx, ctx, notification, { ...row, verified: false })) return false;
    await overflow(tx, ctx);
    return true;
  });
  return kept ? 'unverified' : 'repeated';
}

/** Works long after the session: what names eUICC and order outlives it. */
async function installResult(ctx: EngineContext, result: InstallResult, remote: Remote): Promise<NotificationFate> {
  const transactionId = hexId(result.transactionId);
  const session: DeliverySession | undefined = await sessionById(ctx.reader, transactionId) ?? await pastDelivery(ctx.reader, transactionId);
  const key = session && euiccKey(session);
  const row = { kind: 'install', transactionId, eid: session?.eid } as const;
  if (!session || !key || session.order_id === null) return quarantine(ctx, result, row, remote);
  const dppb = await ownCertificate(ctx, session.dppb_id);
  const ours = dppb?.certificate.registeredIds.includes(result.smdpOid) === true;
  if (!ours || !verifyRaw(key.curve, key.publicPoint, result.signedBytes, result.signature64)) return quarantine(ctx, result, row, remote);

  return write(ctx, async (tx): Promise<NotificationFate> => {
    const outcome = result.outcome.ok ? 'installed' : `${result.outcome.bppCommandId}/${result.outcome.errorReason}`;
    if (!await store(tx, ctx, result, { ...row, verified: true, outcome })) return 'repeated';
    const at = ctx.clock.now();
    // The session may have been purged since it was read; a result leaves no step without one.
    const present = await sessionById(tx, transactionId);
    if (present) {
      // A result of a session that was handed no package says nothing: the download in it goes on.
      const delivered = !undelivered.includes(present.phase);
      await updateSession(tx, transactionId, at, delivered ? { phase: result.outcome.ok ? 'installed' : 'install_failed' } : {});
      await recordStep(tx, {
        transactionId, at, function: 'handleNotification', milliseconds: remote.elapsed(), requestBytes: remote.requestBytes, responseBytes: 0,
        messages: { request: { pendingNotification: installResultView(result) }, response: {} },
      });
    }
    return applyInstall(tx, ctx, session, result, at);
  });
}

async function applyInstall(tx: Tx, ctx: EngineContext, session: DeliverySession, result: InstallResult, at: number): Promise<NotificationFate> {
  const order = await orderFactsById(tx, session.order_id!);
  // Nothing was ever delivered to this eUICC: a result without a package is noted and moves nothing.
  if (!order || order.boundEid !== session.eid || order.profileOrderId !== order.orderId) return 'ignored';
  const { superseded, before } = await deliveryOrder(tx, session);
  const decided = decideInstall({ outcome: result.outcome, orderState: order.orderState, closed: order.closedAt !== null, superseded, deliveredBefore: before });
  const failure = result.outcome.ok ? undefined : result.outcome;
  const why = failure ? explainInstall(failure.errorReason) : undefined;
  const detail = failure ? ` (${BPP_COMMANDS[failure.bppCommandId] ?? 'unknown step'}, reason ${failure.errorReason})` : '';
  const text = !why ? (decided.event === 'late_installed' ? 'Late result: the profile is installed on the eUICC' : 'Installed on the eUICC')
    : decided.event === 'install' ? 'The profile was on the eUICC already: an earlier installation succeeded'
      : `${decided.event === 'late_failed' ? 'Late result: ' : ''}Installation failed${detail}: ${why.cause.charAt(0).toLowerCase()}${why.cause.slice(1)}`;
  const event: ProfileEvent = { name: decided.event, at, source: 'euicc', text, orderId: order.orderId, transactionId: session.transaction_id, eid: session.eid! };
  await transition(tx, ctx, order.profileId, event, deviceCall(session.eid, session.transaction_id));
  if (decided.closes) await closeOrder(tx, order.orderId, at, decided.closes === 'installed' ? 'installed' : 'error', decided.closes, decided.closes === 'installed');
  await noteProgress(tx, ctx, {
    orderId: order.orderId, point: 'installation', eid: session.eid!, ok: decided.event === 'install' || decided.event === 'late_installed',
    ...(failure && why && decided.event !== 'install' ? { code: codeOfInstall(failure.errorReason), message: why.cause } : {}),
    result: { finalResult: result.finalResult, notification: result.raw }, dedupe: `installation:${session.transaction_id}:${result.notification.seqNumber}`,
  });
  return 'accepted';
}

/** Phases in which no package left yet. */
const undelivered: readonly string[] = ['initiated', 'authenticated', 'refused'];

const deviceEvents = { enable: 'device_enabled', disable: 'device_disabled', delete: 'device_deleted' } as const;
const progressPoints = { enable: 'enabled', disable: 'disabled', delete: 'deleted' } as const;
const deviceTexts = { enable: 'Switched on, on the device', disable: 'Switched off, on the device', delete: 'Deleted from the eUICC' } as const;

/** Enable, disable, delete: evidence about a profile, believed with the eUICC's chain and only for the EID that got it. */
async function signedNotification(ctx: EngineContext, listener: ListenerIdentities, other: OtherNotification, remote: Remote): Promise<NotificationFate> {
  const eum = tryParse(() => parseCertificate(other.eumCertificate));
  const root = eum.ok && eum.value.authorityKeyId ? listener.identities.find((identity) => sameBytes(identity.ci.keyId, eum.value.authorityKeyId!)) : undefined;
  if (!root) return quarantine(ctx, other, { kind: 'other' }, remote);
  const chain = checkEuiccChain({ euicc: other.euiccCertificate, eum: other.eumCertificate, ci: root.ci, at: new Date(ctx.clock.now()), revoked: await revocationOf(ctx) });
  if (!chain.ok || !verifyRaw(chain.euicc.curve, chain.euicc.publicPoint, other.signedBytes, other.signature64)) return quarantine(ctx, other, { kind: 'other' }, remote);

  const { iccid, seqNumber, operation } = other.notification;
  return write(ctx, async (tx): Promise<NotificationFate> => {
    // The counter runs per eUICC, but addresses are served in parallel: what is older for this very profile is out of date.
    const newest = iccid === undefined ? undefined : await tx.selectFrom('notifications').select((e) => e.fn.max('sequence').as('sequence'))
      .where('eid', '=', chain.eid).where('iccid', '=', iccid).where('kind', '=', 'other').where('verified', '=', 1).executeTakeFirst();
    if (!await store(tx, ctx, other, { kind: 'other', eid: chain.eid, verified: true, outcome: operation })) return 'repeated';
    const last = newest?.sequence;
    if (iccid === undefined || (last !== null && last !== undefined && seqNumber <= last)) return 'ignored';
    const profile = await findProfile(tx, iccid);
    if (!profile || profile.eid !== chain.eid || profile.bpp_delivered_at === null) return 'ignored';
    if (operation !== 'enable' && operation !== 'disable' && operation !== 'delete') return 'accepted';
    await transition(tx, ctx, profile.id, {
      name: deviceEvents[operation], at: ctx.clock.now(), source: 'euicc', text: deviceTexts[operation], ...(profile.order_id === null ? {} : { orderId: profile.order_id }),
    }, deviceCall(chain.eid, `notification-${seqNumber}`));
    if (profile.order_id !== null) {
      await noteProgress(tx, ctx, { orderId: profile.order_id, point: progressPoints[operation], eid: chain.eid, ok: true, dedupe: `${operation}:${chain.eid}:${seqNumber}` });
    }
    return 'accepted';
  });
}
