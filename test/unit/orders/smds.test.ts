/** Orders with an SM-DS: the event is there when the order is released, and gone when it ends, whatever comes between (SGP.22 v2.2, 3.6). */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cancelOrder, closeOrder, confirmOrder, downloadOrder, prepareConfirmation, prepareRelease, releaseOrder, sweepExpired } from '../../../src/main/engine/orders/index.ts';
import type { Customer, OrderResult } from '../../../src/main/engine/orders/index.ts';
import type { Answer, Posting } from '../../../src/main/engine/outgoing/client.ts';
import { addPlainBrand, codeOf, eidOf, fillStock, openDesk } from '../brands/support.ts';
import type { Desk } from '../brands/support.ts';

const smds = vi.hoisted(() => ({ calls: [] as { url: string; body: unknown }[], answer: undefined as unknown }));
vi.mock('../../../src/main/engine/outgoing/client.ts', async (original) => ({
  ...await original<object>(),
  postJson: (_ctx: unknown, posting: Posting): Promise<Answer> => {
    smds.calls.push({ url: posting.url.href, body: posting.body });
    return Promise.resolve(smds.answer as Answer);
  },
}));
vi.mock('../../../src/main/engine/outgoing/tls.ts', async (original) => ({ ...await original<object>(), ownSide: () => Promise.resolve({ certificate: {}, requester: '2.999.10' }) }));

const said = (status: object): Answer => ({ ok: true, status: 200, text: JSON.stringify({ header: { functionExecutionStatus: status } }) });
const SUCCESS = said({ status: 'Executed-Success' });
const failed = (subjectCode: string, reasonCode: string): Answer => said({ status: 'Failed', statusCodeData: { subjectCode, reasonCode, message: 'no' } });

let desk: Desk;
let brand: Customer;
beforeEach(async () => {
  smds.calls.length = 0;
  smds.answer = SUCCESS;
  desk = await openDesk();
  fillStock(desk.ctx, desk.consumer, 0, 5);
  brand = await addPlainBrand(desk, 'Brand');
});
afterEach(() => desk.engine.close());

const reserve = (linked = true): Promise<OrderResult> => desk.inTx((tx) => downloadOrder(tx, desk.ctx, { customer: brand, type: 'consumer', ...(linked ? { eid: eidOf(1) } : {}) }, desk.as('Brand'), 'es2plus'));
const prepare = (orderId: string, more: object = {}) => prepareConfirmation(desk.ctx, { orderId, matchingId: `EVENT-${orderId.slice(2, 8).toUpperCase()}`, smdsAddress: 'smds.test.example', release: true, ...more });
const confirm = async (orderId: string, more: object = {}): Promise<OrderResult> => {
  const ready = await prepare(orderId, more);
  return desk.inTx((tx) => confirmOrder(tx, desk.ctx, ready, desk.as('Brand'), 'es2plus'));
};
const code = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'done', codeOf);
const outbox = () => desk.ctx.reader.selectFrom('outbox').select(['state', 'payload', 'next_at', 'order_id', 'brand_id']).where('kind', '=', 'es12.deleteEvent').orderBy('id').execute();
const waiting = async () => (await outbox()).filter((row) => row.state === 'waiting');
const state = async (id: number): Promise<string> => (await desk.ctx.reader.selectFrom('profiles').select('order_state').where('id', '=', id).executeTakeFirstOrThrow()).order_state;

describe('releasing with confirmOrder', () => {
  test('registers the MatchingID as EventID first, and keeps the event', async () => {
    const { order, profile } = await reserve();
    const done = await confirm(order.id);
    expect(smds.calls).toEqual([{ url: 'https://smds.test.example/gsma/rsp2/es12/registerEvent', body: expect.objectContaining({ eid: eidOf(1), eventId: done.order.matching_id, rspServerAddress: 'smdp.test.example' }) }]);
    expect(done.order).toMatchObject({ smds_address: 'smds.test.example', event_id: done.order.matching_id });
    expect(await state(profile.id)).toBe('released');
    expect(await waiting()).toEqual([]);
  });
  test('with an EID that comes with the confirmation, and a MatchingID of ours', async () => {
    const { order } = await reserve(false);
    const done = await confirm(order.id, { eid: eidOf(2), matchingId: undefined });
    expect(smds.calls[0]!.body).toMatchObject({ eid: eidOf(2), eventId: done.order.matching_id });
  });
  test.each<[string, Answer, string, number]>([
    ['nobody is there', { ok: false, why: 'Nobody.', reached: false }, 'SMDS_UNREACHABLE', 0], ['the answer is lost', { ok: false, why: 'Lost.', reached: true }, 'SMDS_UNREACHABLE', 1],
    ['it answers HTTP 500', { ok: true, status: 500, text: '' }, 'SMDS_UNREACHABLE', 1], ['it refuses', failed('8.9.5', '3.3'), 'SMDS_REFUSED', 0],
  ])('when %s, nothing changes', async (_name, answer, expected, undone) => {
    const { order, profile } = await reserve();
    smds.answer = answer;
    expect(await code(confirm(order.id))).toBe(expected);
    expect(await state(profile.id)).toBe('linked');
    // What may have reached it is taken back in ten minutes.
    expect((await waiting()).map((row) => row.next_at - desk.ctx.clock.now())).toEqual(Array.from({ length: undone }, () => 600_000));
    smds.answer = SUCCESS;
    expect((await confirm(order.id)).order.event_id).not.toBeNull();
    expect(await waiting()).toEqual([]);
  });
  test('what is refused for another reason asks no SM-DS', async () => {
    const [one, two] = [await reserve(), await reserve()];
    await confirm(one.order.id, { matchingId: 'TAKEN-EVENT' });
    smds.calls.length = 0;
    expect(await code(confirm(two.order.id, { matchingId: 'TAKEN-EVENT' }))).toBe('MATCHING_ID_USED');
    expect(await code(confirm(two.order.id, { eid: eidOf(9) }))).toBe('EID_MISMATCH');
    expect(await code(confirm(two.order.id, { matchingId: '' }))).toBe('MATCHING_ID_INVALID');
    expect(smds.calls).toEqual([]);
  });
  test('an event whose transaction never came, or came too late, is taken back', async () => {
    const { order } = await reserve();
    const ready = await prepare(order.id);
    expect(await waiting()).toMatchObject([{ order_id: order.id, brand_id: brand.brandId, next_at: desk.ctx.clock.now() + 600_000 }]);
    desk.ctx.sqlite.prepare(`update outbox set state = 'done' where state = 'waiting'`).run();
    expect(await desk.code((tx) => confirmOrder(tx, desk.ctx, ready, desk.as('Brand')))).toBe('SMDS_UNREACHABLE');
  });
  test('the same again registers nothing again', async () => {
    const { order } = await reserve();
    await confirm(order.id);
    expect((await confirm(order.id)).repeated).toBe(true);
    expect(smds.calls).toHaveLength(1);
    expect(await waiting()).toEqual([]);
  });
});

describe('releasing later', () => {
  test('confirmed without an event, which comes with the release', async () => {
    const { order, profile } = await reserve();
    const done = await confirm(order.id, { release: false });
    expect(done.order).toMatchObject({ smds_address: 'smds.test.example', event_id: null });
    expect(smds.calls).toEqual([]);
    expect(await desk.code((tx) => releaseOrder(tx, desk.ctx, order.id, desk.as('Brand')))).toBe('SMDS_UNREACHABLE');
    smds.answer = failed('8.9.5', '3.3');
    expect(await code(prepareRelease(desk.ctx, order.id))).toBe('SMDS_REFUSED');
    expect(await state(profile.id)).toBe('confirmed');
    smds.answer = SUCCESS;
    const ready = await prepareRelease(desk.ctx, order.id);
    expect((await desk.inTx((tx) => releaseOrder(tx, desk.ctx, ready, desk.as('Brand')))).order_state).toBe('released');
    expect((await desk.ctx.reader.selectFrom('orders').select('event_id').where('id', '=', order.id).executeTakeFirst())?.event_id).toBe(done.order.matching_id);
    expect(await waiting()).toEqual([]);
  });
  test('the window releases it in one call', async () => {
    const { order } = await reserve();
    await confirm(order.id, { release: false });
    expect(await desk.engine.ok('orders.release' as never, { orderId: order.id })).toMatchObject({ state: 'released' });
    expect(smds.calls).toHaveLength(1);
  });
});

describe('an order that ends has its event deleted, once', () => {
  test.each<[string, (made: OrderResult) => Promise<unknown>]>([
    ['cancelled', (made) => desk.inTx((tx) => cancelOrder(tx, desk.ctx, made.order.id, 'available', desk.as('Brand'), 'es2plus', { eid: eidOf(1), matchingId: made.order.matching_id! }))],
    ['expired', () => {
      desk.engine.clock.advance(91 * 86_400_000);
      return sweepExpired(desk.ctx);
    }],
    ['installed', (made) => desk.inTx((tx) => closeOrder(tx, made.order.id, desk.ctx.clock.now(), 'installed', 'installed'))],
    ['failed', (made) => desk.inTx((tx) => closeOrder(tx, made.order.id, desk.ctx.clock.now(), 'error', 'install_failed'))],
  ])('%s', async (_name, end) => {
    const made = await reserve();
    const done = await confirm(made.order.id);
    await end(done);
    await desk.inTx((tx) => closeOrder(tx, made.order.id, desk.ctx.clock.now(), 'unavailable', 'cancelled', true));
    const rows = await waiting();
    expect(rows).toHaveLength(1);
    expect(JSON.parse(rows[0]!.payload)).toEqual({ smdsAddress: 'smds.test.example', eid: eidOf(1), eventId: done.order.matching_id });
    expect(rows[0]).toMatchObject({ order_id: made.order.id, brand_id: brand.brandId });
  });
  test('one without an event has none to delete', async () => {
    const made = await reserve();
    await confirm(made.order.id, { release: false });
    await desk.inTx((tx) => cancelOrder(tx, desk.ctx, made.order.id, 'available', desk.as()));
    expect(await outbox()).toEqual([]);
  });
});
