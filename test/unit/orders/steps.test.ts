/** DownloadOrder, ConfirmOrder, CancelOrder, ReleaseProfile one by one: every refusal, every repetition (SGP.22 v2.2, 5.3.1 to 5.3.4). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cancelOrder, confirmOrder, createOrder, downloadOrder, orderOfIccid, prepareConfirmation, prepareOrder, prepareRelease, releaseOrder, sweepExpired } from '../../../src/main/engine/orders/index.ts';
import type { ConfirmationRequest, Customer, DownloadRequest, Expectation, OrderResult } from '../../../src/main/engine/orders/index.ts';
import { VaultError } from '../../../src/main/vault-link/operations.ts';
import { profileById, transition } from '../../../src/main/engine/profiles/index.ts';
import { addPlainBrand, codeOf, eidOf, fillStock, iccidOf, openDesk } from '../brands/support.ts';
import type { Desk } from '../brands/support.ts';

let desk: Desk;
let brand: Customer;
let other: Customer;
let next = 0;
beforeAll(async () => {
  desk = await openDesk();
  fillStock(desk.ctx, desk.consumer, 0, 400);
  fillStock(desk.ctx, desk.iot, 400, 3);
  fillStock(desk.ctx, desk.consumer, 500, 1, iccidOf, 'quarantined');
  fillStock(desk.ctx, desk.consumer, 501, 1, iccidOf, 'imported');
  fillStock(desk.ctx, desk.consumer, 502, 1, iccidOf, 'held');
  brand = await addPlainBrand(desk, 'Brand');
  other = await addPlainBrand(desk, 'Other', { types: [desk.iot] });
});
afterAll(() => desk.engine.close());

/** An ICCID no other test uses. */
const fresh = (): string => iccidOf(399 - next++);
const reserve = (request: DownloadRequest): Promise<OrderResult> => desk.inTx((tx) => downloadOrder(tx, desk.ctx, request, desk.as(request.customer?.name), request.customer ? 'es2plus' : 'operator'));
const reserved = async (request: Partial<DownloadRequest> = {}): Promise<OrderResult> => reserve({ customer: brand, iccid: fresh(), ...request });
const confirm = async (request: Omit<ConfirmationRequest, 'release'> & { release?: boolean }): Promise<OrderResult> => {
  const ready = await prepareConfirmation(desk.ctx, { release: true, ...request });
  return desk.inTx((tx) => confirmOrder(tx, desk.ctx, ready, desk.as('Brand'), 'es2plus'));
};
const code = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'done', codeOf);
const cancel = (orderId: string, expect: Expectation | undefined, finalState: 'available' | 'unavailable' = 'available') =>
  desk.inTx((tx) => cancelOrder(tx, desk.ctx, orderId, finalState, desk.as('Brand'), 'es2plus', expect));
const state = async (iccid: string): Promise<string> => (await orderOfIccid(desk.ctx.reader, iccid))!.profile.order_state;
const deliver = (result: OrderResult, eid = eidOf(1)) => desk.inTx((tx) => transition(tx, desk.ctx, result.profile.id, { name: 'deliver', at: desk.ctx.clock.now(), source: 'es9plus', text: 'Handed over', eid, orderId: result.order.id }, desk.as()));

describe('downloadOrder', () => {
  test('without EID: Allocated, without MatchingID, as the customer\'s', async () => {
    const { order, profile, repeated } = await reserved();
    expect(order).toMatchObject({ matching_id: null, confirmed_at: null, brand_id: brand.brandId, source: 'es2plus', eid: null });
    expect(order.expires_at).toBe(desk.ctx.clock.now() + 90 * 86_400_000);
    expect([profile.order_state, repeated]).toEqual(['allocated', false]);
  });
  test('with EID: Linked', async () => {
    const { order, profile } = await reserved({ eid: eidOf(5) });
    expect(order.eid).toBe(eidOf(5));
    expect(profile).toMatchObject({ order_state: 'linked', eid: eidOf(5) });
  });
  test('by type, by type and ICCID, with padding, of a held profile', async () => {
    expect((await reserve({ customer: brand, type: 'consumer' })).profile.iccid).toBe(iccidOf(0));
    const iccid = fresh();
    expect((await reserve({ customer: brand, type: 'consumer', iccid: `${iccid}F` })).profile.iccid).toBe(iccid);
    expect((await reserve({ customer: brand, iccid: iccidOf(502) })).profile.stock_state).toBe('sold');
  });
  test.each<[string, () => Partial<DownloadRequest>, string]>([
    ['an unknown type', () => ({ type: 'nobody' }), 'TYPE_UNKNOWN'], ['an unknown ICCID', () => ({ iccid: '8900000000000099999' }), 'PROFILE_UNKNOWN'],
    ['what is no ICCID', () => ({ iccid: 'x' }), 'PROFILE_UNKNOWN'], ['another type than the ICCID\'s', () => ({ iccid: fresh(), type: 'iot' }), 'TYPE_MISMATCH'],
    ['a bad EID', () => ({ iccid: fresh(), eid: '123' }), 'EID_INVALID'], ['a quarantined profile', () => ({ iccid: iccidOf(500) }), 'PROFILE_NOT_AVAILABLE'],
    ['an unprepared profile', () => ({ iccid: iccidOf(501) }), 'PROFILE_NOT_AVAILABLE'], ['neither ICCID nor type', () => ({}), 'INPUT_INVALID'],
    ['a type the brand may not have', () => ({ type: 'consumer', customer: other }), 'TYPE_NOT_ENTITLED'],
    ['an ICCID of a type the brand may not have', () => ({ iccid: fresh(), customer: other }), 'ICCID_NOT_ENTITLED'],
    ['a brand that is gone', () => ({ iccid: fresh(), customer: { brandId: 999, name: 'Gone' } }), 'BRAND_UNKNOWN'],
  ])('%s', async (_name, request, expected) => {
    const before = await desk.ctx.reader.selectFrom('orders').select('id').execute();
    expect(await code(reserve({ customer: brand, ...request() }))).toBe(expected);
    expect(await desk.ctx.reader.selectFrom('orders').select('id').execute()).toHaveLength(before.length);
  });
  test('the stock of a type ends', async () => {
    for (let i = 0; i < 3; i++) await reserve({ customer: other, type: 'iot' });
    expect(await code(reserve({ customer: other, type: 'iot' }))).toBe('STOCK_EMPTY');
  });
  test.each(['allocated', 'confirmed', 'released'])('a profile whose order is %s is not free to anybody else', async (wanted) => {
    const { order, profile } = await reserved();
    if (wanted !== 'allocated') await confirm({ orderId: order.id, release: wanted === 'released' });
    expect(await state(profile.iccid)).toBe(wanted);
    for (const customer of [undefined, wanted === 'allocated' ? undefined : brand]) expect(await code(reserve({ ...(customer ? { customer } : {}), iccid: profile.iccid }))).toBe('PROFILE_NOT_AVAILABLE');
  });
});

describe('the same downloadOrder again', () => {
  test('is the same order, in whatever spelling', async () => {
    const iccid = fresh();
    const first = await reserve({ customer: brand, iccid, eid: eidOf(3) });
    const again = await reserve({ customer: brand, iccid: `${iccid}F`, eid: eidOf(3) });
    expect(again.repeated).toBe(true);
    expect(again.order).toEqual(first.order);
    expect(again.profile).toEqual(first.profile);
  });
  test.each<[string, Partial<DownloadRequest>]>([['without the EID', {}], ['with another EID', { eid: eidOf(4) }], ['with the type besides', { eid: eidOf(3), type: 'consumer' }]])('%s is another request: 8.2.1/3.3', async (_name, second) => {
    const iccid = fresh();
    await reserve({ customer: brand, iccid, eid: eidOf(3) });
    expect(await code(reserve({ customer: brand, iccid, ...second }))).toBe('PROFILE_NOT_AVAILABLE');
  });
  test('of another customer is refused', async () => {
    const iccid = fresh();
    await reserve({ customer: brand, iccid });
    expect(await code(reserve({ customer: await addPlainBrand(desk, `Third ${next}`), iccid }))).toBe('PROFILE_NOT_AVAILABLE');
    expect(await code(reserve({ iccid }))).toBe('PROFILE_NOT_AVAILABLE');
  });
  test('of the operator is refused: two people may have meant two customers', async () => {
    const iccid = fresh();
    await reserve({ iccid });
    expect(await code(reserve({ iccid }))).toBe('PROFILE_NOT_AVAILABLE');
  });
  test('after the confirmation or the end is refused or new', async () => {
    const first = await reserved();
    await confirm({ orderId: first.order.id });
    expect(await code(reserve({ customer: brand, iccid: first.profile.iccid }))).toBe('PROFILE_NOT_AVAILABLE');
    const second = await reserved();
    await cancel(second.order.id, {});
    const anew = await reserve({ customer: brand, iccid: second.profile.iccid });
    expect([anew.repeated, anew.order.id === second.order.id]).toEqual([false, false]);
  });
  test('by type: two orders, unless the caller names the call', async () => {
    const [a, b] = [await reserve({ customer: brand, type: 'consumer' }), await reserve({ customer: brand, type: 'consumer' })];
    expect(a.profile.id).not.toBe(b.profile.id);
    const requestDigest = new Uint8Array(32).fill(5);
    const c = await reserve({ customer: brand, type: 'consumer', requestDigest });
    const d = await reserve({ customer: brand, type: 'consumer', requestDigest });
    expect([d.repeated, d.order.id]).toEqual([true, c.order.id]);
    await confirm({ orderId: c.order.id });
    expect((await reserve({ customer: brand, type: 'consumer', requestDigest })).repeated).toBe(false);
  });
});

describe('confirmOrder', () => {
  test('makes an unguessable MatchingID and releases', async () => {
    const { order } = await reserved();
    const done = await confirm({ orderId: order.id });
    expect(done.order.matching_id).toMatch(/^[0-9A-Z]{5}(-[0-9A-Z]{5}){3}$/);
    expect(done.order).toMatchObject({ confirmed_at: desk.ctx.clock.now(), eid: null });
    expect([done.profile.order_state, done.repeated]).toEqual(['released', false]);
  });
  test('with everything given, not released', async () => {
    const { order } = await reserved({ eid: eidOf(6) });
    const done = await confirm({ orderId: order.id, eid: eidOf(6), matchingId: 'FULL-1', confirmationCode: Buffer.from('1234'), expires: '2d', downloadLimit: 4, release: false });
    expect(done.order).toMatchObject({ matching_id: 'FULL-1', eid: eidOf(6), download_limit: 4, expires_at: desk.ctx.clock.now() + 2 * 86_400_000 });
    expect(done.order.confirmation).not.toBeNull();
    expect(done.profile.order_state).toBe('confirmed');
  });
  test('an EID given on an Allocated order links it', async () => {
    const { order, profile } = await reserved();
    const done = await confirm({ orderId: order.id, eid: eidOf(7), matchingId: '' });
    expect(done.order).toMatchObject({ eid: eidOf(7), matching_id: '' });
    expect(done.profile.eid).toBe(eidOf(7));
    const moves = await desk.ctx.reader.selectFrom('audit').select('record').where('object_id', '=', profile.iccid).orderBy('seq').execute();
    expect(moves.map((row) => (JSON.parse(row.record) as { fields: { cause: string } }).fields.cause)).toEqual(['order', 'link_eid', 'confirm', 'release']);
  });
  test('the code given is zeroed, also when it is refused', async () => {
    const { order } = await reserved();
    for (const matchingId of ['bad id', 'ZEROED-1']) {
      const confirmationCode = new Uint8Array(Buffer.from('4711'));
      await code(confirm({ orderId: order.id, matchingId, confirmationCode }));
      expect([...confirmationCode]).toEqual([0, 0, 0, 0]);
    }
  });
  test.each<[string, Partial<DownloadRequest>, Partial<ConfirmationRequest>, string]>([
    ['an empty MatchingID without EID', {}, { matchingId: '' }, 'EID_REQUIRED'], ['an SM-DS without EID', {}, { smdsAddress: 'smds.test.example' }, 'EID_REQUIRED'],
    ['both without EID', {}, { smdsAddress: 'smds.test.example', matchingId: '' }, 'EID_REQUIRED'],
    ['an SM-DS with an empty MatchingID (5.3.2)', { eid: eidOf(1) }, { smdsAddress: 'smds.test.example', matchingId: '' }, 'MATCHING_ID_INVALID'],
    ['another EID than the one linked', { eid: eidOf(1) }, { eid: eidOf(2) }, 'EID_MISMATCH'], ['an unreadable EID', {}, { eid: '8' }, 'EID_INVALID'],
    ['an unreadable MatchingID', {}, { matchingId: 'a b' }, 'MATCHING_ID_INVALID'], ['no code', {}, { confirmationCode: new Uint8Array() }, 'CONFIRMATION_CODE_INVALID'],
    ['no moment', {}, { expires: 'soon' }, 'EXPIRY_INVALID'], ['too long a MatchingID', {}, { matchingId: 'A'.repeat(250) }, 'ACTIVATION_CODE_TOO_LONG'],
    ['no SM-DS address', { eid: eidOf(1) }, { smdsAddress: 'https://smds.test.example/' }, 'SMDS_UNREACHABLE'], ['an unknown order', {}, { orderId: 'o-none' }, 'ORDER_UNKNOWN'],
  ])('%s', async (_name, request, confirmation, expected) => {
    const { order, profile } = await reserved(request);
    const attempt = desk.engine.vault.call;
    if (expected === 'CONFIRMATION_CODE_INVALID') Object.assign(desk.engine.vault, { call: () => Promise.reject(new VaultError('CONFIRMATION_CODE_INVALID', 'bad')) });
    try {
      expect(await code(confirm({ orderId: order.id, ...confirmation }))).toBe(expected);
    } finally {
      Object.assign(desk.engine.vault, { call: attempt });
    }
    expect(await state(profile.iccid)).toBe(request.eid === undefined ? 'allocated' : 'linked');
  });
  test('a MatchingID in use, and one whose order ended', async () => {
    const [a, b] = [await reserved(), await reserved()];
    await confirm({ orderId: a.order.id, matchingId: 'MATCHING-ID-CONFLICT' });
    expect(await code(confirm({ orderId: b.order.id, matchingId: 'MATCHING-ID-CONFLICT' }))).toBe('MATCHING_ID_USED');
    await cancel(a.order.id, { matchingId: 'MATCHING-ID-CONFLICT' });
    expect(await code(confirm({ orderId: b.order.id, matchingId: 'MATCHING-ID-CONFLICT' }))).toBe('MATCHING_ID_USED');
    expect(await state(b.profile.iccid)).toBe('allocated');
  });
  test('a MatchingID taken between preparing and confirming', async () => {
    const [a, b] = [await reserved(), await reserved()];
    const ready = await prepareConfirmation(desk.ctx, { orderId: a.order.id, matchingId: 'RACE-1', release: true });
    await confirm({ orderId: b.order.id, matchingId: 'RACE-1' });
    expect(await desk.code((tx) => confirmOrder(tx, desk.ctx, ready, desk.as('Brand')))).toBe('MATCHING_ID_USED');
    expect(await state(a.profile.iccid)).toBe('allocated');
  });
  test('the same again is the same answer', async () => {
    const { order } = await reserved();
    const first = await confirm({ orderId: order.id, matchingId: 'TWICE-1', eid: eidOf(9) });
    const again = await confirm({ orderId: order.id, matchingId: 'TWICE-1', eid: eidOf(9) }).catch(codeOf);
    expect(again).toMatchObject({ repeated: true, order: first.order });
    const made = await reserved();
    const one = await confirm({ orderId: made.order.id });
    expect((await confirm({ orderId: made.order.id })).order.matching_id).toBe(one.order.matching_id);
  });
  test.each<[string, Partial<ConfirmationRequest>, string]>([
    ['with another MatchingID', { matchingId: 'OTHER-9' }, 'TRANSITION_REFUSED'], ['without the MatchingID', { matchingId: undefined }, 'TRANSITION_REFUSED'],
    ['not released', { release: false }, 'TRANSITION_REFUSED'], ['with a code', { confirmationCode: new Uint8Array([49]) }, 'TRANSITION_REFUSED'],
  ])('%s it is another request', async (_name, changes, expected) => {
    const { order } = await reserved();
    const matchingId = `AGAIN-${next}`;
    await confirm({ orderId: order.id, matchingId });
    expect(await code(confirm({ orderId: order.id, matchingId, ...changes }))).toBe(expected);
  });
  test('what ended or was delivered is confirmed by nobody', async () => {
    const ended = await reserved();
    await cancel(ended.order.id, {});
    expect(await code(confirm({ orderId: ended.order.id }))).toBe('TRANSITION_REFUSED');
    const delivered = await reserved();
    await confirm({ orderId: delivered.order.id, matchingId: 'DELIVERED-1' });
    await deliver(delivered);
    expect(await code(confirm({ orderId: delivered.order.id, matchingId: 'DELIVERED-1' }))).toBe('TRANSITION_REFUSED');
  });
});

test('outside a Lab a guessable MatchingID is refused to a brand as well', async () => {
  const strict = await openDesk({ environment: 'test' });
  try {
    fillStock(strict.ctx, strict.consumer, 0, 2);
    const customer = await addPlainBrand(strict, 'Brand');
    const { order } = await strict.inTx((tx) => downloadOrder(tx, strict.ctx, { customer, type: 'consumer' }, strict.as('Brand')));
    expect(await code(prepareConfirmation(strict.ctx, { orderId: order.id, matchingId: 'A', release: true }))).toBe('MATCHING_ID_WEAK');
    expect(await code(prepareConfirmation(strict.ctx, { orderId: order.id, downloadLimit: 0, release: true }))).toBe('INPUT_INVALID');
    expect(await code(prepareConfirmation(strict.ctx, { orderId: order.id, eid: '89049032123451234512345678901236', release: true }))).toBe('EID_INVALID');
  } finally {
    await strict.engine.close();
  }
});

describe('releaseProfile', () => {
  test('confirmed becomes released, released stays', async () => {
    const { order, profile } = await reserved();
    await confirm({ orderId: order.id, release: false });
    const release = async () => desk.inTx((tx) => releaseOrder(tx, desk.ctx, order.id, desk.as('Brand'), 'es2plus'));
    expect((await release()).order_state).toBe('released');
    const events = await desk.ctx.reader.selectFrom('activation_events').select('id').where('order_id', '=', order.id).execute();
    expect((await release()).order_state).toBe('released');
    expect(await desk.ctx.reader.selectFrom('activation_events').select('id').where('order_id', '=', order.id).execute()).toHaveLength(events.length);
    expect(await prepareRelease(desk.ctx, order.id)).toEqual({ orderId: order.id });
    expect(await state(profile.iccid)).toBe('released');
  });
  test.each(['allocated', 'linked', 'downloaded', 'cancelled', 'unknown'])('%s: refused', async (wanted) => {
    const made = await reserved(wanted === 'linked' ? { eid: eidOf(1) } : {});
    if (wanted === 'downloaded') {
      await confirm({ orderId: made.order.id });
      await deliver(made);
    }
    if (wanted === 'cancelled') await cancel(made.order.id, {});
    const id = wanted === 'unknown' ? 'o-none' : made.order.id;
    expect(await desk.code((tx) => releaseOrder(tx, desk.ctx, id, desk.as('Brand')))).toBe(wanted === 'unknown' ? 'ORDER_UNKNOWN' : 'TRANSITION_REFUSED');
  });
});

describe('cancelOrder', () => {
  const linked = { eid: eidOf(1) };
  test.each<[string, Partial<DownloadRequest>, Partial<ConfirmationRequest> | undefined, Expectation, string]>([
    ['Allocated', {}, undefined, {}, 'done'], ['Allocated, with an EID it does not have', {}, undefined, linked, 'done'],
    ['Linked', linked, undefined, linked, 'done'], ['Linked, without EID', linked, undefined, {}, 'EID_REQUIRED'], ['Linked, with another', linked, undefined, { eid: eidOf(2) }, 'EID_MISMATCH'],
    ['Confirmed', {}, { release: false }, { matchingId: 'M' }, 'done'], ['Released', {}, {}, { matchingId: 'M' }, 'done'],
    ['Released, without MatchingID', {}, {}, {}, 'MATCHING_ID_REQUIRED'], ['Released, with another', {}, {}, { matchingId: 'N' }, 'MATCHING_ID_MISMATCH'], ['Released, with none', {}, {}, { matchingId: '' }, 'MATCHING_ID_MISMATCH'],
    ['Released and linked', linked, {}, { ...linked, matchingId: 'M' }, 'done'], ['Released and linked, without EID', linked, {}, { matchingId: 'M' }, 'EID_REQUIRED'],
    ['with an empty MatchingID', linked, { matchingId: '' }, linked, 'done'], ['with an empty MatchingID, named', linked, { matchingId: '' }, { ...linked, matchingId: '' }, 'done'],
    ['Allocated, with a MatchingID it does not have', {}, undefined, { matchingId: 'N' }, 'MATCHING_ID_MISMATCH'],
  ])('%s', async (_name, request, confirmation, expectation, expected) => {
    const { order, profile } = await reserved(request);
    const own = `CANCEL-${next}`;
    const named = (id: string | undefined): string | undefined => (id === 'M' ? own : id);
    if (confirmation) await confirm({ orderId: order.id, matchingId: own, ...confirmation });
    const before = await state(profile.iccid);
    const expectations = { ...expectation, ...(expectation.matchingId === undefined ? {} : { matchingId: named(expectation.matchingId) }) };
    expect(await code(cancel(order.id, expectations))).toBe(expected);
    expect(await state(profile.iccid)).toBe(expected === 'done' ? 'available' : before);
    if (expected === 'done') {
      expect(await profileById(desk.ctx.reader, profile.id)).toMatchObject({ eid: null, order_id: null, stock_state: 'sellable' });
      expect(await desk.ctx.reader.selectFrom('orders').select(['outcome', 'final_state', 'closed_at']).where('id', '=', order.id).executeTakeFirst()).toEqual({ outcome: 'cancelled', final_state: 'available', closed_at: desk.ctx.clock.now() });
    }
  });
  test('Unavailable takes the profile out for good', async () => {
    const { order, profile } = await reserved();
    expect((await cancel(order.id, {}, 'unavailable')).order_state).toBe('unavailable');
    expect(await code(reserve({ customer: brand, iccid: profile.iccid }))).toBe('PROFILE_NOT_AVAILABLE');
  });
  test('a delivered one: never over ES2+, by the operator to Unavailable only', async () => {
    const made = await reserved();
    await confirm({ orderId: made.order.id, matchingId: 'GONE-1' });
    await deliver(made);
    expect(await code(cancel(made.order.id, { matchingId: 'GONE-1' }))).toBe('PROFILE_DELIVERED');
    expect(await code(cancel(made.order.id, { matchingId: 'GONE-1' }, 'unavailable'))).toBe('PROFILE_DELIVERED');
    expect(await code(cancel(made.order.id, undefined))).toBe('PROFILE_DELIVERED');
    expect((await cancel(made.order.id, undefined, 'unavailable')).order_state).toBe('unavailable');
  });
  test('what a device bound it to counts when it is named', async () => {
    const made = await reserved();
    await confirm({ orderId: made.order.id, matchingId: 'BOUND-1' });
    await desk.inTx((tx) => tx.updateTable('orders').set({ bound_eid: eidOf(1) }).where('id', '=', made.order.id).execute());
    expect(await code(cancel(made.order.id, { matchingId: 'BOUND-1', eid: eidOf(2) }))).toBe('EID_MISMATCH');
    expect(await code(cancel(made.order.id, { matchingId: 'BOUND-1' }))).toBe('done');
  });
  test('again, and of what never was', async () => {
    const made = await reserved();
    await cancel(made.order.id, {});
    expect(await code(cancel(made.order.id, {}))).toBe('TRANSITION_REFUSED');
    expect(await code(cancel('o-none', {}))).toBe('ORDER_UNKNOWN');
  });
});

describe('time', () => {
  test.each(['allocated', 'linked', 'confirmed', 'released'])('ends an order that is %s; the profile may be sold again', async (wanted) => {
    const made = await reserved(wanted === 'linked' ? { eid: eidOf(1) } : {});
    if (wanted === 'confirmed' || wanted === 'released') await confirm({ orderId: made.order.id, release: wanted === 'released', expires: '90d' });
    expect(await state(made.profile.iccid)).toBe(wanted);
    const clock = desk.engine.clock;
    clock.advance(90 * 86_400_000 + 1);
    try {
      expect(await sweepExpired(desk.ctx)).toBeGreaterThan(0);
      expect(await state(made.profile.iccid)).toBe('error');
      expect(await desk.ctx.reader.selectFrom('orders').select('outcome').where('id', '=', made.order.id).executeTakeFirst()).toEqual({ outcome: 'expired' });
      const expectations = { ...(wanted === 'linked' ? { eid: eidOf(1) } : {}), ...(wanted === 'confirmed' || wanted === 'released' ? { matchingId: (await orderOfIccid(desk.ctx.reader, made.profile.iccid))!.order!.matching_id! } : {}) };
      expect((await cancel(made.order.id, expectations)).order_state).toBe('available');
      expect((await reserve({ customer: brand, iccid: made.profile.iccid })).repeated).toBe(false);
    } finally {
      clock.advance(-(90 * 86_400_000 + 1));
    }
  });
});

test('createOrder never takes over what is reserved', async () => {
  const { profile } = await reserve({ iccid: fresh() });
  const ready = await prepareOrder(desk.ctx, { iccid: profile.iccid, release: true });
  expect(await desk.code((tx) => createOrder(tx, desk.ctx, ready, desk.as()))).toBe('PROFILE_NOT_AVAILABLE');
});

test('orderOfIccid: the order a profile is on, in any spelling', async () => {
  const { order, profile } = await reserved();
  expect((await orderOfIccid(desk.ctx.reader, `${profile.iccid}F`))?.order?.id).toBe(order.id);
  await cancel(order.id, {});
  expect(await orderOfIccid(desk.ctx.reader, profile.iccid)).toMatchObject({ profile: { order_state: 'available' } });
  expect((await orderOfIccid(desk.ctx.reader, profile.iccid))?.order).toBeUndefined();
  expect(await orderOfIccid(desk.ctx.reader, '8900000000000099999')).toBeUndefined();
});

describe('the procedures', () => {
  test('reserve and confirm, with their audit records', async () => {
    const made = await desk.engine.ok<{ orderId: string; iccid: string; state: string }>('orders.reserve' as never, { iccid: fresh(), eid: eidOf(8) });
    expect(made.state).toBe('linked');
    expect(await desk.engine.refused('orders.release' as never, { orderId: made.orderId })).toMatchObject({ code: 'TRANSITION_REFUSED', message: expect.stringContaining('not confirmed yet') as string });
    const done = await desk.engine.ok<{ activationCode: string; state: string; matchingId: string }>('orders.confirm' as never, { orderId: made.orderId, release: false });
    expect(done).toMatchObject({ state: 'confirmed', activationCode: `1$smdp.test.example$${done.matchingId}` });
    expect(await desk.engine.ok('orders.show' as never, { orderId: made.orderId })).toMatchObject({ state: 'confirmed', confirmedAt: desk.ctx.clock.now(), matchingId: done.matchingId });
    expect(await desk.engine.ok('orders.release' as never, { orderId: made.orderId })).toMatchObject({ state: 'released' });
    const records = await desk.ctx.reader.selectFrom('audit').select(['event', 'record']).where('object_id', '=', made.orderId).orderBy('seq').execute();
    expect(records.map((row) => row.event)).toEqual(['order.reserved', 'order.released', 'order.confirmed', 'order.released']);
    for (const { record } of records) for (const secret of [eidOf(8), done.matchingId]) expect(record).not.toContain(secret);
    expect(await desk.engine.refused('orders.confirm' as never, { orderId: 'o-none' })).toMatchObject({ code: 'ORDER_UNKNOWN' });
    expect(await desk.engine.refused('orders.reserve' as never, {})).toMatchObject({ code: 'INPUT_INVALID' });
  });
  test('a reserved order is shown without MatchingID and delivery', async () => {
    const { order } = await reserved();
    const shown = await desk.engine.ok<object>('orders.show' as never, { orderId: order.id });
    expect(shown).toMatchObject({ brand: 'Brand', state: 'allocated' });
    expect(Object.keys(shown)).not.toEqual(expect.arrayContaining(['matchingId']));
    expect(Object.keys(shown)).not.toEqual(expect.arrayContaining(['delivery']));
    expect(Object.keys(shown)).not.toEqual(expect.arrayContaining(['confirmedAt']));
  });
  test('the list of one brand', async () => {
    const { rows } = await desk.engine.ok<{ rows: { brand?: string }[] }>('orders.list' as never, { filter: { brand: 'Other' }, limit: 500 });
    expect(rows.length).toBe(3);
    expect(rows.every((row) => row.brand === 'Other')).toBe(true);
    expect(await desk.engine.ok('orders.list' as never, { filter: { brand: 'Nobody' } })).toMatchObject({ rows: [] });
  });
});
