/** DownloadOrder: a profile is taken for somebody (SGP.22 v2.2, 5.3.1). */
import type { Insertable } from 'kysely';
import { sameBytes } from '../../../shared/tlv/index.ts';
import { grantsOf, usageOf, withinQuota } from '../brands/index.ts';
import type { Grants } from '../brands/index.ts';
import type { Call, EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { transition } from '../profiles/index.ts';
import type { EventSource, ProfileRowRecord } from '../profiles/index.ts';
import { prepared, preparedInsert } from '../store/index.ts';
import type { Database } from '../store/schema.ts';
import { freeProfile, namedProfile } from './pick.ts';
import { orderById } from './records.ts';
import type { OrderRecord } from './records.ts';
import { demand, makeOrderId, readOrderEid, reservationDigest } from './rules.ts';

/** The brand that orders; absent, the order is the operator's own. */
export interface Customer {
  readonly brandId: number;
  readonly name: string;
}

export interface DownloadRequest {
  readonly customer?: Customer | undefined;
  readonly type?: string | undefined;
  readonly iccid?: string | undefined;
  readonly eid?: string | undefined;
  /**
   * Tells one call of a customer from any other, for requests by type alone: it must cover the caller's own name of the call,
   * since two equal requests by type are two orders. A request with an ICCID is known again by what it asks for.
   */
  readonly requestDigest?: Uint8Array | undefined;
}

export interface OrderResult {
  readonly order: OrderRecord;
  readonly profile: ProfileRowRecord;
  /** The same was asked before, and this is the answer of then. */
  readonly repeated: boolean;
}

/** Fields fixed before the order exists, where the caller has decided them. */
export interface Beforehand {
  readonly id?: string;
  readonly expiresAt?: number;
}

const DAY = 86_400_000;
type NewOrder = Omit<Required<Insertable<Database['orders']>>, 'confirmation_attempts' | 'download_attempts'>;
const newOrder = preparedInsert((db, row: NewOrder) => db.insertInto('orders').values(row));
const sameRequest = prepared((db, p: { brandId: number; digest: Uint8Array }) => db.selectFrom('orders').selectAll()
  .where('brand_id', '=', p.brandId).where('request_digest', '=', p.digest).where('closed_at', 'is', null).limit(1));

/**
 * Takes a profile: Available → Allocated, or Linked when the EID is known. In the transaction of the call. The same request of
 * the same customer again, while its order waits for the confirmation, is answered as before. Throws {@link DeskProblem}
 * `EID_INVALID`, `TYPE_UNKNOWN`, `TYPE_NOT_ENTITLED`, `PROFILE_UNKNOWN`, `ICCID_NOT_ENTITLED`, `TYPE_MISMATCH`,
 * `PROFILE_NOT_AVAILABLE`, `STOCK_EMPTY`, `QUOTA_EXCEEDED`.
 */
export async function downloadOrder(
  tx: Tx, ctx: EngineContext, request: DownloadRequest, call: Call, source: EventSource = 'operator', beforehand: Beforehand = {},
): Promise<OrderResult> {
  const { customer } = request;
  const eid = request.eid === undefined ? undefined : demand(readOrderEid(request.eid, ctx.environment), 'eid');
  const grants = customer && await demandGrants(tx, customer);
  const named = await namedProfile(tx, request, grants);
  const digest = named.profile ? reservationDigest({ iccid: named.profile.iccid, type: request.type, eid }) : request.requestDigest;
  const earlier = customer && digest && await earlierOrder(tx, customer, named.profile, digest);
  if (earlier) return earlier;

  const at = ctx.clock.now();
  const profile = await freeProfile(tx, named, grants);
  if (grants) await demandQuota(tx, grants, at);
  const settings = ctx.settings();
  const id = beforehand.id ?? makeOrderId(ctx.random(20));
  await newOrder.run(tx, {
    id, profile_id: profile.id, type_id: profile.type_id, matching_id: null, eid: eid ?? null, smdp_address: settings.smdpAddress,
    confirmation: null, confirmation_limit: settings.confirmationAttempts, download_limit: settings.downloadLimit,
    expires_at: beforehand.expiresAt ?? at + settings.orderLifetimeDays * DAY, hold_eid: null, hold_until: null, bound_eid: null, created_at: at,
    closed_at: null, final_state: null, outcome: null, brand_id: customer?.brandId ?? null, source, request_digest: digest ?? null,
    confirmed_at: null, smds_address: null, event_id: null,
  });
  const by = customer ? ` by ${customer.name}` : '';
  const step = { at, source, orderId: id };
  const after = await transition(tx, ctx, profile.id, eid === undefined
    ? { ...step, name: 'order', text: `Ordered${by}` }
    : { ...step, name: 'order_for_eid', text: `Ordered${by} for one EID`, eid }, call);
  return { order: (await orderById(tx, id))!, profile: after, repeated: false };
}

async function demandGrants(tx: Tx, customer: Customer): Promise<Grants> {
  const grants = await grantsOf(tx, customer.brandId);
  if (!grants) throw new DeskProblem('BRAND_UNKNOWN', `There is no brand ${customer.name}.`);
  return grants;
}

async function demandQuota(tx: Tx, grants: Grants, at: number): Promise<void> {
  const { open, lastDay } = await usageOf(tx, grants.brandId, at, { open: grants.openOrders, day: grants.ordersPerDay });
  const decided = withinQuota(grants, open, lastDay);
  if (!decided.ok) throw new DeskProblem(decided.code, decided.message);
}

/** The order this very request made, if it still waits for its confirmation: confirming puts another digest in the place of this one. */
async function earlierOrder(tx: Tx, customer: Customer, named: ProfileRowRecord | undefined, digest: Uint8Array): Promise<OrderResult | undefined> {
  let order: OrderRecord | undefined;
  if (!named) order = await sameRequest.one(tx, { brandId: customer.brandId, digest });
  else if (named.order_id !== null) {
    const present = await orderById(tx, named.order_id);
    const same = present?.brand_id === customer.brandId && present.request_digest !== null && sameBytes(present.request_digest, digest);
    if (same && present.closed_at === null) order = present;
  }
  if (!order) return undefined;
  const profile = named ?? await tx.selectFrom('profiles').selectAll().where('id', '=', order.profile_id).executeTakeFirst();
  return profile?.order_id === order.id ? { order, profile, repeated: true } : undefined;
}
