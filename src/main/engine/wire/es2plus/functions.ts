/** The functions of ES2+ over the same area functions that window and command line use (SGP.22 v2.2, 5.3.1 to 5.3.4). */
import { grantsOf, mayOrderIccid, rangeOfIccid } from '../../brands/index.ts';
import type { Call, EngineContext, Reader, Tx } from '../../context.ts';
import { DeskProblem } from '../../context.ts';
import { activationCodeOf, cancelOrder, confirmOrder, downloadOrder, orderOfIccid, prepareConfirmation, prepareRelease, releaseOrder } from '../../orders/index.ts';
import type { Customer, OrderRecord } from '../../orders/index.ts';
import type { ProfileRowRecord } from '../../profiles/index.ts';
import type { Es2FunctionName } from './codes.ts';
import type { ReplyFields } from './reply.ts';
import { plainIccid } from './request.ts';
import type { Es2Request, profileStates } from './schemas.ts';

export interface Done {
  readonly fields: ReplyFields;
  /** What the audit record says besides; absent where nothing was changed. */
  readonly orderId?: string;
  readonly iccid?: string;
  readonly eid?: string | null;
  readonly matchingId?: string | null;
  readonly repeated?: boolean;
}

/** `prepare` may ask vault and network; `run` stands in the one transaction of the call. */
export interface Es2Function<N extends Es2FunctionName, P> {
  readonly prepare: (ctx: EngineContext, customer: Customer, body: Es2Request<N>) => Promise<P>;
  readonly run: (tx: Tx, ctx: EngineContext, customer: Customer, body: Es2Request<N>, prepared: P, call: Call) => Promise<Done>;
}

const nothing = (): Promise<void> => Promise.resolve();

interface Found { readonly order: OrderRecord | undefined; readonly profile: ProfileRowRecord }

/** The profile and its order, when the customer may know of them. `PROFILE_UNKNOWN`, `ICCID_NOT_ENTITLED`. */
async function accessible(db: Reader | Tx, customer: Customer, iccid: string): Promise<Found> {
  const found = await orderOfIccid(db, plainIccid(iccid));
  if (!found) throw new DeskProblem('PROFILE_UNKNOWN', 'No profile with this ICCID is known.');
  const { order, profile } = found;
  if (order ? order.brand_id !== customer.brandId : !(await mayOrder(db, customer, profile))) {
    throw new DeskProblem('ICCID_NOT_ENTITLED', 'The caller may not use the profile with this ICCID.');
  }
  return { order, profile };
}

async function mayOrder(db: Reader | Tx, customer: Customer, profile: ProfileRowRecord): Promise<boolean> {
  const grants = await grantsOf(db, customer.brandId);
  if (!grants) return false;
  const owner = await rangeOfIccid(db, profile.iccid);
  return mayOrderIccid(grants, { iccid: profile.iccid, typeId: profile.type_id }, owner?.brandId).ok;
}

/** An order the customer has for the profile. `ORDER_UNKNOWN` when it was never ordered. */
async function demandOrder(db: Reader | Tx, customer: Customer, iccid: string): Promise<Found & { readonly order: OrderRecord }> {
  const { order, profile } = await accessible(db, customer, iccid);
  if (!order) throw new DeskProblem('ORDER_UNKNOWN', 'There is no open download order for this ICCID.');
  return { order, profile };
}

const downloadOrderFunction: Es2Function<'downloadOrder', void> = {
  prepare: nothing,
  run: async (tx, ctx, customer, body, _prepared, call) => {
    const { iccid, profileType, eid } = body;
    const { order, profile, repeated } = await downloadOrder(tx, ctx, {
      customer, ...(profileType === undefined ? {} : { type: profileType }), ...(eid === undefined ? {} : { eid }),
      ...(iccid === undefined ? {} : { iccid: plainIccid(iccid) }),
    }, call, 'es2plus');
    // "If ICCID was provided as an input data, the returned value SHALL be the same" (5.3.1), padding and all.
    return { fields: { iccid: iccid?.toUpperCase() ?? profile.iccid }, orderId: order.id, iccid: profile.iccid, eid: order.eid, repeated };
  },
};

const confirmOrderFunction: Es2Function<'confirmOrder', Awaited<ReturnType<typeof prepareConfirmation>>> = {
  prepare: async (ctx, customer, body) => {
    const { order } = await demandOrder(ctx.reader, customer, body.iccid);
    const { eid, matchingId, smdsAddress, confirmationCode } = body;
    return prepareConfirmation(ctx, {
      orderId: order.id, release: body.releaseFlag, ...(eid === undefined ? {} : { eid }), ...(matchingId === undefined ? {} : { matchingId }),
      ...(smdsAddress === undefined ? {} : { smdsAddress }), ...(confirmationCode === undefined ? {} : { confirmationCode: new Uint8Array(Buffer.from(confirmationCode, 'utf8')) }),
    });
  },
  run: async (tx, ctx, _customer, _body, ready, call) => {
    const { order, profile, repeated } = await confirmOrder(tx, ctx, ready, call, 'es2plus');
    return {
      fields: { ...(order.eid === null ? {} : { eid: order.eid }), matchingId: order.matching_id ?? '', smdpAddress: order.smdp_address },
      orderId: order.id, iccid: profile.iccid, eid: order.eid, matchingId: order.matching_id, repeated,
    };
  },
};

const cancelOrderFunction: Es2Function<'cancelOrder', void> = {
  prepare: nothing,
  run: async (tx, ctx, customer, body, _prepared, call) => {
    const { order, profile } = await demandOrder(tx, customer, body.iccid);
    // 5.3.3: "allocated and not yet downloaded", whatever shall become of it; an order that failed may be cancelled (3.1.6).
    if (profile.order_state === 'downloaded' || profile.order_state === 'installed') throw new DeskProblem('PROFILE_DELIVERED', 'The profile was downloaded to a device already.');
    await cancelOrder(tx, ctx, order.id, body.finalProfileStatusIndicator === 'Available' ? 'available' : 'unavailable', call, 'es2plus', {
      ...(body.eid === undefined ? {} : { eid: body.eid }), ...(body.matchingId === undefined ? {} : { matchingId: body.matchingId }),
    });
    return { fields: {}, orderId: order.id, iccid: profile.iccid, eid: order.eid, matchingId: order.matching_id };
  },
};

const releaseProfileFunction: Es2Function<'releaseProfile', Awaited<ReturnType<typeof prepareRelease>> | undefined> = {
  prepare: async (ctx, customer, body) => {
    const { order, profile } = await demandOrder(ctx.reader, customer, body.iccid);
    return alreadyReleased(order, profile) ? undefined : prepareRelease(ctx, order.id);
  },
  run: async (tx, ctx, customer, body, ready, call) => {
    const { order, profile } = await demandOrder(tx, customer, body.iccid);
    // "If a Profile has already been released this function will return 'Executed-Success' and take no other action" (5.3.4, note).
    const repeated = alreadyReleased(order, profile);
    if (!repeated) await releaseOrder(tx, ctx, ready ?? order.id, call, 'es2plus');
    return { fields: {}, orderId: order.id, iccid: profile.iccid, eid: order.eid, matchingId: order.matching_id, repeated };
  },
};

const alreadyReleased = (order: OrderRecord, profile: ProfileRowRecord): boolean =>
  order.closed_at === null && profile.order_id === order.id && (profile.order_state === 'released' || profile.order_state === 'downloaded');

type ProfileState = (typeof profileStates)[number];

/** Not of SGP.22: many brands' systems ask for it, in these members. What a brand may not see is unknown to it. */
const getProfileStatusFunction: Es2Function<'getProfileStatus', readonly Record<string, unknown>[]> = {
  prepare: async (ctx, customer, body) => {
    const list: Record<string, unknown>[] = [];
    for (const { iccid } of body.iccidList) list.push(await statusOf(ctx, customer, iccid));
    return list;
  },
  run: async (_tx, ctx, _customer, _body, list) => ({ fields: { profileStatusList: list, completionTimestamp: timestamp(ctx.clock.now()) } }),
};

/** UTC, whole seconds (SGP.22 v2.2, 5.2.1: DATETIME). */
const timestamp = (at: number): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');

async function statusOf(ctx: EngineContext, customer: Customer, given: string): Promise<Record<string, unknown>> {
  const iccid = given.toUpperCase();
  let found: Found;
  try {
    found = await accessible(ctx.reader, customer, given);
  } catch (error) {
    if (error instanceof DeskProblem) return { iccid, state: 'UNKNOWN' satisfies ProfileState, lockFlag: false };
    throw error;
  }
  const { order, profile } = found;
  const eid = profile.eid ?? order?.eid ?? undefined;
  const token = order && order.closed_at === null && order.matching_id !== null
    ? activationCodeOf({ smdpAddress: order.smdp_address, matchingId: order.matching_id, confirmationRequired: order.confirmation !== null }) : undefined;
  return {
    iccid, ...(eid === undefined ? {} : { eid }), ...(token === undefined ? {} : { acToken: token }),
    state: profile.order_state.toUpperCase(), lockFlag: profile.stock_state === 'quarantined',
    ...(profile.last_event_at === null ? {} : { status_last_update_timestamp: timestamp(profile.last_event_at) }),
  };
}

export const es2Functions: { readonly [N in Es2FunctionName]: Es2Function<N, never> } = {
  downloadOrder: downloadOrderFunction, confirmOrder: confirmOrderFunction, cancelOrder: cancelOrderFunction, releaseProfile: releaseProfileFunction,
  getProfileStatus: getProfileStatusFunction,
} as never;
