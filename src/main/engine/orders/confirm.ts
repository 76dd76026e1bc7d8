/** ConfirmOrder: the order gets its MatchingID, perhaps a confirmation code, and is released (SGP.22 v2.2, 5.3.2). */
import type { Selectable } from 'kysely';
import { makeMatchingId, matchingIdRandomBytes } from '../../../shared/identifiers/index.ts';
import { sameBytes } from '../../../shared/tlv/index.ts';
import { VaultError } from '../../vault-link/operations.ts';
import type { Call, EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { transition } from '../profiles/index.ts';
import type { EventSource, ProfileRowRecord } from '../profiles/index.ts';
import { prepared, preparedChange } from '../store/index.ts';
import type { Database } from '../store/schema.ts';
import { fitsActivationCode } from './delivery.ts';
import { demandOrder, orderById, ownProfile } from './records.ts';
import type { OrderRecord } from './records.ts';
import type { OrderResult } from './reserve.ts';
import { confirmationDigest, demand, judgeConfirmation, readExpiry, readOrderEid, readOrderMatchingId, withoutNewline } from './rules.ts';
import { keepEvent, readSmdsAddress, registerEvent } from './smds.ts';
import type { OrderEvent } from './smds.ts';

export interface ConfirmationRequest {
  readonly orderId: string;
  readonly eid?: string | undefined;
  /** Absent: made unguessable. Empty: the device is found by its EID alone. */
  readonly matchingId?: string | undefined;
  /** The code itself; zeroed here. */
  readonly confirmationCode?: Uint8Array | undefined;
  readonly smdsAddress?: string | undefined;
  readonly expires?: string | undefined;
  readonly downloadLimit?: number | undefined;
  readonly release: boolean;
}

/** A confirmation whose every part was checked, whose secret is sealed and whose event is registered. */
export interface ReadyConfirmation {
  readonly orderId: string;
  readonly eid?: string;
  readonly matchingId: string;
  readonly confirmation?: Uint8Array;
  readonly smdsAddress?: string;
  /** The SM-DS knows the event; the transaction keeps it. */
  readonly registered: boolean;
  readonly expiresAt: number;
  readonly downloadLimit?: number;
  readonly release: boolean;
  /** To know the same request again. */
  readonly digest?: Uint8Array;
}

const DAY = 86_400_000;
const confirmable: readonly string[] = ['allocated', 'linked'];

/** Reads and seals what needs no order. Throws {@link DeskProblem}; the code given is zeroed. */
export async function readConfirmation(ctx: EngineContext, request: ConfirmationRequest): Promise<ReadyConfirmation> {
  try {
    const settings = ctx.settings();
    const now = ctx.clock.now();
    const eid = request.eid === undefined ? undefined : demand(readOrderEid(request.eid, ctx.environment), 'eid');
    const matchingId = request.matchingId === undefined
      ? makeMatchingId(ctx.random(matchingIdRandomBytes))
      : demand(readOrderMatchingId(request.matchingId, ctx.environment), 'matchingId');
    const smdsAddress = request.smdsAddress === undefined ? undefined : readSmdsAddress(request.smdsAddress);
    if (request.downloadLimit === 0 && ctx.environment !== 'lab') {
      throw new DeskProblem('INPUT_INVALID', 'An order that allows no download can be made in a Lab workspace only.', { field: 'downloadLimit' });
    }
    const expiresAt = request.expires === undefined
      ? now + settings.orderLifetimeDays * DAY
      : demand(readExpiry(request.expires, now, ctx.environment), 'expires');
    const code = { smdpAddress: settings.smdpAddress, matchingId, confirmationRequired: request.confirmationCode !== undefined };
    if (!fitsActivationCode(code)) {
      throw new DeskProblem('ACTIVATION_CODE_TOO_LONG', 'With this MatchingID the activation code would have more than 255 characters.', { field: 'matchingId', hint: 'Give a shorter MatchingID.' });
    }
    const digest = confirmationDigest({ eid, matchingId: request.matchingId === undefined ? undefined : matchingId, smdsAddress, release: request.release, code: request.confirmationCode !== undefined });
    const confirmation = request.confirmationCode && await sealCode(ctx, request.orderId, request.confirmationCode);
    return {
      orderId: request.orderId, matchingId, registered: false, expiresAt, release: request.release,
      ...(eid === undefined ? {} : { eid }), ...(confirmation === undefined ? {} : { confirmation }), ...(smdsAddress === undefined ? {} : { smdsAddress }),
      ...(request.downloadLimit === undefined ? {} : { downloadLimit: request.downloadLimit }), ...(digest === undefined ? {} : { digest }),
    };
  } finally {
    request.confirmationCode?.fill(0);
  }
}

async function sealCode(ctx: EngineContext, orderId: string, given: Uint8Array): Promise<Uint8Array> {
  const code = Uint8Array.from(withoutNewline(given));
  try {
    return (await ctx.vault.call('sealConfirmationCode', { orderId, code })).sealed;
  } catch (error) {
    if (error instanceof VaultError && (error.code === 'CONFIRMATION_CODE_INVALID' || error.code === 'VAULT_INPUT_INVALID')) {
      throw new DeskProblem('CONFIRMATION_CODE_INVALID', 'A confirmation code has 1 to 64 characters.', { field: 'confirmationCode' });
    }
    throw error;
  } finally {
    code.fill(0);
  }
}

/**
 * What stands outside the transaction: reading, sealing, and for an order with an SM-DS that is to be released the registration
 * of its event. Throws {@link DeskProblem}, those of {@link confirmOrder} among them, and `SMDS_UNREACHABLE`, `SMDS_REFUSED`.
 */
export async function prepareConfirmation(ctx: EngineContext, request: ConfirmationRequest): Promise<ReadyConfirmation> {
  const ready = await readConfirmation(ctx, request);
  const order = await demandOrder(ctx.reader, request.orderId);
  const profile = await ownProfile(ctx.reader, order);
  // What is confirmed already the transaction answers or refuses; it needs no second event.
  if (order.closed_at !== null || !profile || !confirmable.includes(profile.order_state)) return ready;
  await demandConfirmable(ctx.reader, order, ready);
  const event = ready.release ? eventOf(order, ready) : undefined;
  if (!event) return ready;
  await registerEvent(ctx, event);
  return { ...ready, registered: true };
}

function eventOf(order: OrderRecord, ready: ReadyConfirmation): OrderEvent | undefined {
  const eid = order.eid ?? ready.eid;
  if (ready.smdsAddress === undefined || eid === undefined) return undefined;
  return { orderId: order.id, brandId: order.brand_id, smdsAddress: ready.smdsAddress, eid, eventId: ready.matchingId };
}

const tokenOf = prepared((db, p: { matchingId: string }) => db.selectFrom('matching_ids').select('order_id').where('matching_id', '=', p.matchingId));

async function demandConfirmable(db: Tx | EngineContext['reader'], order: OrderRecord, ready: ReadyConfirmation): Promise<void> {
  demand(judgeConfirmation({ orderEid: order.eid, eid: ready.eid, matchingId: ready.matchingId, smdsAddress: ready.smdsAddress }), 'eid');
  if (ready.matchingId !== '' && await tokenOf.one(db, { matchingId: ready.matchingId })) {
    throw new DeskProblem('MATCHING_ID_USED', 'This MatchingID was used before. A MatchingID is never used twice, also after its order has ended.', { field: 'matchingId' });
  }
}

const changeOrder = preparedChange((db, p: { id: string }, columns: Partial<Selectable<Database['orders']>>) => db.updateTable('orders').set(columns).where('id', '=', p.id));
const newToken = prepared((db, p: { matchingId: string; orderId: string; at: number }) => db.insertInto('matching_ids')
  .values({ matching_id: p.matchingId, order_id: p.orderId, created_at: p.at }));

/**
 * Allocated or Linked → Confirmed or Released, in the transaction of the call. The same request of a brand again is answered as
 * before as long as its order is open and not delivered (never with a confirmation code, whose value cannot be compared). Throws {@link DeskProblem}
 * `ORDER_UNKNOWN`, `TRANSITION_REFUSED`, `EID_REQUIRED`, `EID_MISMATCH`, `MATCHING_ID_USED`, `MATCHING_ID_INVALID`.
 */
export async function confirmOrder(tx: Tx, ctx: EngineContext, ready: ReadyConfirmation, call: Call, source: EventSource = 'operator'): Promise<OrderResult> {
  const order = await demandOrder(tx, ready.orderId);
  const profile = await ownProfile(tx, order);
  if (!profile || order.closed_at !== null) throw new DeskProblem('TRANSITION_REFUSED', 'The order has ended; it cannot be confirmed any more.');
  if (!confirmable.includes(profile.order_state)) {
    if (isRepeated(order, profile, ready)) return { order, profile, repeated: true };
    throw new DeskProblem('TRANSITION_REFUSED', `The order is ${profile.order_state}; only an order that waits for its confirmation can be confirmed.`);
  }
  await demandConfirmable(tx, order, ready);
  return { ...await confirm(tx, ctx, { order, profile }, ready, call, source), repeated: false };
}

function isRepeated(order: OrderRecord, profile: ProfileRowRecord, ready: ReadyConfirmation): boolean {
  return order.brand_id !== null && (profile.order_state === 'confirmed' || profile.order_state === 'released')
    && order.request_digest !== null && ready.digest !== undefined && sameBytes(order.request_digest, ready.digest);
}

async function confirm(
  tx: Tx, ctx: EngineContext, { order, profile: before }: { readonly order: OrderRecord; readonly profile: ProfileRowRecord }, ready: ReadyConfirmation, call: Call, source: EventSource,
): Promise<{ order: OrderRecord; profile: ProfileRowRecord }> {
  const at = ctx.clock.now();
  const step = { at, source, orderId: order.id };
  const eid = order.eid ?? ready.eid;
  if (ready.matchingId !== '') await newToken.run(tx, { matchingId: ready.matchingId, orderId: order.id, at });
  if (order.eid === null && eid !== undefined) await transition(tx, ctx, before.id, { ...step, name: 'link_eid', text: 'Linked to one EID', eid }, call);
  const event = ready.registered ? eventOf(order, ready) : undefined;
  if (ready.release && ready.smdsAddress !== undefined && !event) throw new TypeError('an order with an SM-DS is released without its event');
  if (event) await keepEvent(tx, event, at);
  await changeOrder.run(tx, { id: order.id }, {
    matching_id: ready.matchingId, eid: eid ?? null, confirmation: ready.confirmation ?? null, expires_at: ready.expiresAt,
    download_limit: ready.downloadLimit ?? order.download_limit, confirmed_at: at, smds_address: ready.smdsAddress ?? null,
    event_id: event?.eventId ?? null, request_digest: ready.digest ?? null,
  });
  let profile = await transition(tx, ctx, before.id, { ...step, name: 'confirm', text: ready.confirmation ? 'Confirmed, with a confirmation code' : 'Confirmed' }, call);
  if (ready.release) profile = await transition(tx, ctx, before.id, { ...step, name: 'release', text: 'Released for download' }, call);
  return { order: (await orderById(tx, order.id))!, profile };
}
