import { orders } from '../../../shared/contract/orders.ts';
import type { ProfileState } from '../../../shared/contract/states.ts';
import { DeskProblem } from '../context.ts';
import { findProfile } from '../profiles/index.ts';
import { command, query } from '../router/implement.ts';
import type { Implemented } from '../router/implement.ts';
import { prepareOne } from '../preparation/index.ts';
import { activationCodeOf, deliveryOf } from './delivery.ts';
import { confirmOrder, prepareConfirmation } from './confirm.ts';
import type { ReadyConfirmation } from './confirm.ts';
import { createOrder, prepareOrder } from './create.ts';
import type { ReadyOrder } from './create.ts';
import { cancelOrder } from './ending.ts';
import { prepareRelease, releaseOrder } from './release.ts';
import type { ReadyRelease } from './release.ts';
import { downloadOrder } from './reserve.ts';
import { countOrders, listedOrder, ordersPage, orderTimeline, orderView, stateOfOrder } from './records.ts';
import type { OrderPosition } from './records.ts';

const stale = ['orders', 'profiles'];
/** Only an order that may still lead to a download has something to hand over. */
const deliverable: readonly ProfileState['order'][] = ['confirmed', 'released', 'downloaded'];

const writeCursor = (position: OrderPosition): string => Buffer.from(JSON.stringify([position.createdAt, position.id])).toString('base64url');

function readCursor(cursor: string): OrderPosition {
  try {
    const [createdAt, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [unknown, unknown];
    if (typeof createdAt === 'number' && typeof id === 'string') return { createdAt, id };
  } catch {
    // Falls through to the refusal: whatever is wrong with it, it is not a position of ours.
  }
  throw new DeskProblem('INPUT_INVALID', 'This is not a position in the list of orders.', { field: 'cursor' });
}

interface Prepared {
  readonly ready: ReadyOrder;
  readonly writePrepared: Awaited<ReturnType<typeof prepareOne>>;
}

export function procedures(): Implemented[] {
  return [
    command<typeof orders.create.input, typeof orders.create.output, typeof orders.create, Prepared>(orders.create, {
      before: async (ctx, input) => {
        const { confirmationCode, ...rest } = input;
        const ready = await prepareOrder(ctx, { ...rest, ...(confirmationCode === undefined ? {} : { confirmationCode: ctx.uploads.take(confirmationCode) }) });
        // A profile that is asked for by name and still waits for its preparation is prepared with the order.
        const wanted = input.iccid === undefined ? undefined : await findProfile(ctx.reader, input.iccid);
        return { ready, writePrepared: wanted?.stock_state === 'imported' ? await prepareOne(ctx, wanted.id) : undefined };
      },
      run: async (tx, ctx, _input, { ready, writePrepared }, call) => {
        await writePrepared?.(tx, call);
        const { order, profile } = await createOrder(tx, ctx, ready, call);
        return {
          orderId: order.id, iccid: profile.iccid, matchingId: ready.confirmation.matchingId, state: profile.order_state as ProfileState['order'],
          activationCode: activationCodeOf({ smdpAddress: order.smdp_address, matchingId: ready.confirmation.matchingId, confirmationRequired: order.confirmation !== null }),
        };
      },
      object: (_input, output) => ({ type: 'order', id: output.orderId }),
      changes: stale,
    }),
    command(orders.reserve, {
      run: async (tx, ctx, input, _before, call) => {
        const { order, profile } = await downloadOrder(tx, ctx, input, call);
        return { orderId: order.id, iccid: profile.iccid, state: profile.order_state as ProfileState['order'] };
      },
      object: (_input, output) => ({ type: 'order', id: output.orderId }),
      changes: stale,
    }),
    command<typeof orders.confirm.input, typeof orders.confirm.output, typeof orders.confirm, ReadyConfirmation>(orders.confirm, {
      before: (ctx, { confirmationCode, ...rest }) => prepareConfirmation(ctx, { ...rest, ...(confirmationCode === undefined ? {} : { confirmationCode: ctx.uploads.take(confirmationCode) }) }),
      run: async (tx, ctx, _input, ready, call) => {
        const { order, profile } = await confirmOrder(tx, ctx, ready, call);
        const matchingId = order.matching_id ?? '';
        return {
          orderId: order.id, iccid: profile.iccid, matchingId, state: profile.order_state as ProfileState['order'],
          activationCode: activationCodeOf({ smdpAddress: order.smdp_address, matchingId, confirmationRequired: order.confirmation !== null }),
        };
      },
      object: (input) => ({ type: 'order', id: input.orderId }),
      changes: stale,
    }),
    command<typeof orders.release.input, typeof orders.release.output, typeof orders.release, ReadyRelease>(orders.release, {
      before: (ctx, input) => prepareRelease(ctx, input.orderId),
      run: async (tx, ctx, input, ready, call) => {
        const profile = await releaseOrder(tx, ctx, ready, call);
        return { orderId: input.orderId, state: profile.order_state as ProfileState['order'] };
      },
      object: (input) => ({ type: 'order', id: input.orderId }),
      changes: stale,
    }),
    command(orders.cancel, {
      run: async (tx, ctx, input, _before, call) => {
        const profile = await cancelOrder(tx, ctx, input.orderId, input.finalState, call);
        return { orderId: input.orderId, iccid: profile.iccid, state: profile.order_state as ProfileState['order'] };
      },
      object: (input) => ({ type: 'order', id: input.orderId }),
      changes: stale,
    }),
    query(orders.show, async (ctx, input) => {
      const row = await listedOrder(ctx.reader, input.orderId);
      if (!row) throw new DeskProblem('ORDER_UNKNOWN', `There is no order ${input.orderId}.`, { field: 'orderId' });
      const timeline = await orderTimeline(ctx.reader, row.id);
      const matchingId = row.matchingId;
      const shown = matchingId !== null && row.closedAt === null && deliverable.includes(stateOfOrder(row));
      return {
        ...orderView(row), timeline,
        ...(shown ? { delivery: deliveryOf({ smdpAddress: row.smdpAddress, matchingId, confirmationRequired: row.confirmationRequired === 1 }) } : {}),
      };
    }),
    query(orders.list, async (ctx, input) => {
      const after = input.cursor === undefined ? undefined : readCursor(input.cursor);
      const rows = await ordersPage(ctx.reader, input.filter, input.limit + 1, after);
      const page = rows.slice(0, input.limit);
      const last = page[page.length - 1];
      const unfiltered = Object.values(input.filter).every((value) => value === undefined);
      const total = unfiltered && after === undefined ? await countOrders(ctx.reader, 100_000) : undefined;
      return {
        rows: page.map(orderView),
        ...(rows.length > input.limit && last ? { next: writeCursor({ createdAt: last.createdAt, id: last.id }) } : {}),
        ...(total === undefined ? {} : { total }),
      };
    }),
  ];
}
