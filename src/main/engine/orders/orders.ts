/** Orders: what the window, the command line and other interfaces do with them. Functions that change take the transaction. */
import type { Kysely } from 'kysely';
import { makeMatchingId, matchingIdRandomBytes } from '../../../shared/identifiers/index.ts';
import { VaultError } from '../../vault-link/operations.ts';
import type { Call, EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { profileById, findProfile, takeSellable, transition } from '../profiles/index.ts';
import type { EventSource, ProfileRowRecord } from '../profiles/index.ts';
import { prepared, write } from '../store/index.ts';
import type { Database } from '../store/schema.ts';
import { typeById, typeByName } from '../types/index.ts';
import { fitsActivationCode } from './delivery.ts';
import { orderById } from './records.ts';
import type { OrderRecord } from './records.ts';
import { makeOrderId, readExpiry, readOrderEid, readOrderMatchingId, withoutNewline } from './rules.ts';
import type { Decided, OrderOutcome } from './rules.ts';

export interface OrderRequest {
  readonly type?: string;
  readonly iccid?: string;
  readonly eid?: string;
  readonly matchingId?: string;
  /** The code itself; zeroed here. */
  readonly confirmationCode?: Uint8Array;
  readonly expires?: string;
  readonly downloadLimit?: number;
  readonly release: boolean;
}

/** A request whose every part was checked and whose secret is sealed. */
export interface ReadyOrder {
  readonly id: string;
  readonly type?: string;
  readonly iccid?: string;
  readonly eid?: string;
  readonly matchingId: string;
  readonly confirmation?: Uint8Array;
  readonly expiresAt: number;
  readonly downloadLimit: number;
  readonly confirmationLimit: number;
  readonly smdpAddress: string;
  readonly release: boolean;
}

function demand<T>(decided: Decided<T>, field: string): T {
  if (!decided.ok) throw new DeskProblem(decided.code, decided.message, { field, ...(decided.hint === undefined ? {} : { hint: decided.hint }) });
  return decided.value;
}

const DAY = 86_400_000;

/** Checks and seals what stands outside the transaction. Throws {@link DeskProblem}. */
export async function prepareOrder(ctx: EngineContext, request: OrderRequest): Promise<ReadyOrder> {
  try {
    const settings = ctx.settings();
    const now = ctx.clock.now();
    const eid = request.eid === undefined ? undefined : demand(readOrderEid(request.eid, ctx.environment), 'eid');
    const matchingId = request.matchingId === undefined
      ? makeMatchingId(ctx.random(matchingIdRandomBytes))
      : demand(readOrderMatchingId(request.matchingId, ctx.environment), 'matchingId');
    if (matchingId === '' && eid === undefined) {
      throw new DeskProblem('EID_REQUIRED', 'With an empty MatchingID the device is found by its EID alone: give the EID.', { field: 'eid' });
    }
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
    const id = makeOrderId(ctx.random(20));
    const confirmation = request.confirmationCode && await sealCode(ctx, id, request.confirmationCode);
    return {
      id, type: request.type, iccid: request.iccid, eid, matchingId, confirmation, expiresAt, release: request.release,
      downloadLimit: request.downloadLimit ?? settings.downloadLimit, confirmationLimit: settings.confirmationAttempts, smdpAddress: settings.smdpAddress,
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

async function pick(tx: Tx, order: ReadyOrder): Promise<ProfileRowRecord> {
  const type = order.type === undefined ? undefined : await typeByName(tx, order.type);
  if (order.type !== undefined && type === undefined) throw new DeskProblem('TYPE_UNKNOWN', `There is no profile type "${order.type}".`, { field: 'type' });
  if (order.iccid === undefined) {
    const found = await takeSellable(tx, { typeId: type!.id });
    if (!found) throw new DeskProblem('STOCK_EMPTY', `No profile of type "${order.type}" is left for sale.`, { field: 'type', hint: 'Prepare more profiles of this type.' });
    return found;
  }
  const profile = await findProfile(tx, order.iccid);
  if (!profile) throw new DeskProblem('PROFILE_UNKNOWN', `There is no profile with the ICCID ${order.iccid}.`, { field: 'iccid' });
  if (type && profile.type_id !== type.id) {
    const real = await typeById(tx, profile.type_id);
    throw new DeskProblem('TYPE_MISMATCH', `The profile ${profile.iccid} is of type "${real?.name ?? '?'}", not "${type.name}".`, { field: 'type' });
  }
  if (profile.order_state !== 'available') throw new DeskProblem('PROFILE_NOT_AVAILABLE', `The profile ${profile.iccid} is not free: its order is ${profile.order_state}.`, { field: 'iccid' });
  if (profile.stock_state !== 'sellable' && profile.stock_state !== 'held') {
    throw new DeskProblem('PROFILE_NOT_AVAILABLE', `The profile ${profile.iccid} is not for sale: it is ${profile.stock_state}.`, { field: 'iccid', ...(profile.stock_state === 'imported' ? { hint: 'Prepare it first.' } : {}) });
  }
  return profile;
}

/** Takes a profile, confirms and (when asked) releases it: SGP.22 v2.2, 5.3.1 and 5.3.2. In the transaction of the call. */
export async function createOrder(tx: Tx, ctx: EngineContext, order: ReadyOrder, call: Call, source: EventSource = 'operator'): Promise<{ order: OrderRecord; profile: ProfileRowRecord }> {
  const at = ctx.clock.now();
  const picked = await pick(tx, order);
  if (order.matchingId !== '') {
    const taken = await tx.selectFrom('matching_ids').select('order_id').where('matching_id', '=', order.matchingId).executeTakeFirst();
    if (taken) throw new DeskProblem('MATCHING_ID_USED', 'This MatchingID was used before. A MatchingID is never used twice, also after its order has ended.', { field: 'matchingId' });
    await tx.insertInto('matching_ids').values({ matching_id: order.matchingId, order_id: order.id, created_at: at }).execute();
  }
  await tx.insertInto('orders').values({
    id: order.id, profile_id: picked.id, type_id: picked.type_id, matching_id: order.matchingId, eid: order.eid ?? null, smdp_address: order.smdpAddress,
    confirmation: order.confirmation ?? null, confirmation_limit: order.confirmationLimit, download_limit: order.downloadLimit,
    expires_at: order.expiresAt, hold_eid: null, hold_until: null, bound_eid: null, created_at: at, closed_at: null, final_state: null, outcome: null,
  }).execute();
  const step = { at, source, orderId: order.id };
  await transition(tx, ctx, picked.id, order.eid === undefined
    ? { ...step, name: 'order', text: 'Ordered' }
    : { ...step, name: 'order_for_eid', text: 'Ordered for one EID', eid: order.eid }, call);
  let profile = await transition(tx, ctx, picked.id, { ...step, name: 'confirm', text: order.confirmation ? 'Confirmed, with a confirmation code' : 'Confirmed' }, call);
  if (order.release) profile = await transition(tx, ctx, picked.id, { ...step, name: 'release', text: 'Released for download' }, call);
  return { order: (await orderById(tx, order.id))!, profile };
}

async function ownProfile(tx: Tx, order: OrderRecord): Promise<ProfileRowRecord | undefined> {
  const profile = await profileById(tx, order.profile_id);
  return profile?.order_id === order.id ? profile : undefined;
}

async function demandOrder(tx: Tx, orderId: string): Promise<OrderRecord> {
  const order = await orderById(tx, orderId);
  if (!order) throw new DeskProblem('ORDER_UNKNOWN', `There is no order ${orderId}.`, { field: 'orderId' });
  return order;
}

/** Confirmed → Released (SGP.22 v2.2, 5.3.4). */
export async function releaseOrder(tx: Tx, ctx: EngineContext, orderId: string, call: Call, source: EventSource = 'operator'): Promise<ProfileRowRecord> {
  const order = await demandOrder(tx, orderId);
  const profile = await ownProfile(tx, order);
  if (!profile || order.closed_at !== null) throw new DeskProblem('TRANSITION_REFUSED', 'The order has ended; only a confirmed order can be released.');
  return transition(tx, ctx, profile.id, { name: 'release', at: ctx.clock.now(), source, text: 'Released for download', orderId }, call);
}

/**
 * Ends an order (SGP.22 v2.2, 5.3.3). `available` puts the profile back into stock and is refused once its package was
 * delivered to a device (`PROFILE_DELIVERED`); `unavailable` takes it out for good.
 */
export async function cancelOrder(
  tx: Tx, ctx: EngineContext, orderId: string, finalState: 'available' | 'unavailable', call: Call, source: EventSource = 'operator',
): Promise<ProfileRowRecord> {
  const order = await demandOrder(tx, orderId);
  const profile = await ownProfile(tx, order);
  if (!profile) throw new DeskProblem('TRANSITION_REFUSED', 'This order was cancelled before; the profile went back to stock.');
  const at = ctx.clock.now();
  const after = await transition(tx, ctx, profile.id, {
    name: finalState === 'available' ? 'cancel_available' : 'cancel_unavailable', at, source, orderId,
    text: finalState === 'available' ? 'Cancelled; the profile is back in stock' : 'Cancelled; the profile will not be used again', reason: 'order cancelled',
  }, call);
  await closeOrder(tx, orderId, at, finalState, 'cancelled', true);
  return after;
}

interface Ending extends Record<string, string | number> { id: string; at: number; finalState: string; outcome: string }
const ending = (db: Kysely<Database>, p: Ending) => db.updateTable('orders')
  .set((e) => ({ closed_at: e.fn.coalesce('closed_at', e.val(p.at)), final_state: p.finalState, outcome: p.outcome, hold_eid: null, hold_until: null }))
  .where('id', '=', p.id);
const endAgain = prepared(ending);
const end = prepared((db, p: Ending) => ending(db, p).where('closed_at', 'is', null));
const dropKept = prepared((db, p: { id: string }) => db.deleteFrom('kept_packages').where('order_id', '=', p.id));

/** Writes how an order ended and erases what only a download needed. An end already written stays unless `again`. */
export async function closeOrder(tx: Tx, orderId: string, at: number, finalState: string, outcome: OrderOutcome, again = false): Promise<void> {
  await (again ? endAgain : end).run(tx, { id: orderId, at, finalState, outcome });
  await dropKept.run(tx, { id: orderId });
}

const SWEEP = 200;

/** Ends released orders whose time is over; what was delivered waits for its result. Answers how many. Call it from a timer. */
export async function sweepExpired(ctx: EngineContext): Promise<number> {
  const now = ctx.clock.now();
  let total = 0;
  for (;;) {
    const due = await ctx.reader.selectFrom('orders as o').innerJoin('profiles as p', 'p.id', 'o.profile_id').select('o.id')
      .where('o.closed_at', 'is', null).where('o.expires_at', '<=', now).where('p.order_state', '=', 'released').whereRef('p.order_id', '=', 'o.id')
      .limit(SWEEP).execute();
    if (due.length === 0) break;
    const ended = await write(ctx, async (tx) => {
      let count = 0;
      for (const { id } of due) if (await expireOrder(tx, ctx, id, now)) count++;
      return count;
    });
    total += ended;
    if (ended === 0) break;
  }
  const sessions = await ctx.reader.selectFrom('sessions').select('transaction_id').where('phase', 'in', ['initiated', 'authenticated']).where('expires_at', '<=', now).limit(1).executeTakeFirst();
  if (sessions) {
    await write(ctx, (tx) => tx.updateTable('sessions').set({ phase: 'expired' }).where('phase', 'in', ['initiated', 'authenticated']).where('expires_at', '<=', now).execute());
  }
  if (total > 0) ctx.changed('orders', 'profiles', 'sessions');
  else if (sessions) ctx.changed('sessions');
  return total;
}

/** Ends one order whose time is over, if it is still open and was not delivered. In the transaction of who found it. */
export async function expireOrder(tx: Tx, ctx: EngineContext, orderId: string, now: number): Promise<boolean> {
  const order = await orderById(tx, orderId);
  if (!order || order.closed_at !== null || order.expires_at === null || order.expires_at > now) return false;
  const profile = await ownProfile(tx, order);
  if (!profile || profile.order_state !== 'released') return false;
  await transition(tx, ctx, profile.id, { name: 'expire', at: now, source: 'system', text: 'The order expired', code: '8.8.5/4.10', orderId }, {
    actor: 'system', host: 'engine', correlationId: orderId,
  });
  await closeOrder(tx, orderId, now, 'error', 'expired');
  return true;
}
