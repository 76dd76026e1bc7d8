/** What a brand gets: its types, its ICCIDs, as many as agreed; and that nobody else gets them. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasRanges, rangeOfIccid } from '../../../src/main/engine/brands/index.ts';
import { cancelOrder, downloadOrder } from '../../../src/main/engine/orders/index.ts';
import type { Customer, DownloadRequest, OrderResult } from '../../../src/main/engine/orders/index.ts';
import { addPlainBrand, codeOf, fillStock, iccidOf, openDesk } from './support.ts';
import type { Desk } from './support.ts';

let desk: Desk;
beforeEach(async () => { desk = await openDesk(); });
afterEach(() => desk.engine.close());

const order = (customer: Customer | undefined, request: DownloadRequest = { type: 'consumer' }): Promise<OrderResult> =>
  desk.inTx((tx) => downloadOrder(tx, desk.ctx, { ...(customer ? { customer } : {}), ...request }, desk.as(customer?.name), customer ? 'es2plus' : 'operator'));
const code = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'done', codeOf);
/** ICCIDs a customer gets by type until nothing is left. */
async function all(customer: Customer | undefined): Promise<string[]> {
  const got: string[] = [];
  for (;;) {
    const made = await order(customer).catch(codeOf);
    if (typeof made === 'string') {
      expect(made).toBe('STOCK_EMPTY');
      return got;
    }
    got.push(made.profile.iccid);
  }
}
const range = (first: number, last: number): [string, string] => [iccidOf(first), iccidOf(last)];

test('a profile held for somebody is not sold to another brand by its ICCID', async () => {
  fillStock(desk.ctx, desk.consumer, 0, 3);
  await desk.ctx.db.updateTable('profiles').set({ stock_state: 'held', held_for: 'First' }).where('iccid', 'in', [iccidOf(0), iccidOf(1)]).execute();
  const first = await addPlainBrand(desk, 'First');
  const other = await addPlainBrand(desk, 'Other');
  expect(await code(order(other, { iccid: iccidOf(0) }))).toBe('PROFILE_NOT_AVAILABLE');
  await expect(order(other, { iccid: iccidOf(0) })).rejects.toThrow(`The profile ${iccidOf(0)} is held for First, not for Other.`);
  expect((await order(first, { iccid: iccidOf(0) })).profile.iccid).toBe(iccidOf(0));
  expect((await order(undefined, { iccid: iccidOf(1) })).profile.iccid).toBe(iccidOf(1));
});

describe('ranges', () => {
  test('without any, the oldest profile goes first', async () => {
    fillStock(desk.ctx, desk.consumer, 0, 3, (n) => iccidOf(9 - n));
    expect(await hasRanges(desk.ctx.reader)).toBe(false);
    expect(await all(undefined)).toEqual([9, 8, 7].map(iccidOf));
  });
  test('a pick by type passes over the ranges of others; their owners pick inside them', async () => {
    fillStock(desk.ctx, desk.consumer, 0, 30);
    const first = await addPlainBrand(desk, 'First', { ranges: [range(0, 4), range(10, 14)] });
    const last = await addPlainBrand(desk, 'Last', { ranges: [range(25, 29)] });
    const free = await addPlainBrand(desk, 'Free');
    expect(await all(last)).toEqual([25, 26, 27, 28, 29].map(iccidOf));
    expect((await order(undefined)).profile.iccid).toBe(iccidOf(5));
    expect((await order(free)).profile.iccid).toBe(iccidOf(6));
    expect(await all(undefined)).toEqual([7, 8, 9, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24].map(iccidOf));
    expect(await all(first)).toEqual([0, 1, 2, 3, 4, 10, 11, 12, 13, 14].map(iccidOf));
    expect(await all(free)).toEqual([]);
  });
  test('are of one length: an ICCID of 20 digits between two of 19 is nobody\'s', async () => {
    const long = (n: number): string => `8988001000000000000${n}`;
    fillStock(desk.ctx, desk.consumer, 0, 5);
    fillStock(desk.ctx, desk.consumer, 100, 3, (n) => long(n - 100));
    const brand = await addPlainBrand(desk, 'Brand', { ranges: [['8988001000000000000', '8988001999999999999']] });
    expect(await rangeOfIccid(desk.ctx.reader, long(1))).toBeUndefined();
    expect(await rangeOfIccid(desk.ctx.reader, iccidOf(1))).toMatchObject({ brandId: brand.brandId });
    expect(await all(undefined)).toEqual([0, 1, 2].map(long));
    expect(await all(brand)).toEqual([0, 1, 2, 3, 4].map(iccidOf));
  });
  test('by ICCID: inside its own only, or outside those of others; the operator may name any', async () => {
    fillStock(desk.ctx, desk.consumer, 0, 30);
    const owner = await addPlainBrand(desk, 'Owner', { ranges: [range(10, 19)] });
    const free = await addPlainBrand(desk, 'Free');
    const by = (customer: Customer | undefined, n: number): Promise<string> => code(order(customer, { iccid: iccidOf(n) }));
    expect(await by(owner, 9)).toBe('ICCID_NOT_ENTITLED');
    expect(await by(owner, 20)).toBe('ICCID_NOT_ENTITLED');
    expect(await by(owner, 10)).toBe('done');
    expect(await by(owner, 19)).toBe('done');
    expect(await by(free, 11)).toBe('ICCID_NOT_ENTITLED');
    expect(await by(free, 9)).toBe('done');
    expect(await by(undefined, 12)).toBe('done');
  });
  test('the pick is a range of an index, whatever lies in the ranges of others', async () => {
    fillStock(desk.ctx, desk.consumer, 0, 2000);
    await addPlainBrand(desk, 'Most', { ranges: [range(0, 1989)] });
    const seen: string[] = [];
    const { sqlite } = desk.ctx;
    const real = sqlite.prepare.bind(sqlite);
    sqlite.prepare = ((sql: string) => {
      seen.push(sql);
      return real(sql);
    }) as typeof sqlite.prepare;
    try {
      expect((await order(undefined)).profile.iccid).toBe(iccidOf(1990));
    } finally {
      sqlite.prepare = real;
    }
    const picks = seen.filter((sql) => /length\("?iccid"?\)/.test(sql));
    expect(picks).not.toEqual([]);
    for (const sql of picks) {
      const plan = (real(`explain query plan ${sql}`).all(...Array.from({ length: (sql.match(/\?/g) ?? []).length }, () => 1)) as { detail: string }[]).map((row) => row.detail).join('; ');
      expect(plan).toContain('profiles_sellable (type_id=? AND <expr>=? AND iccid>? AND iccid<?)');
      expect(plan).not.toMatch(/SCAN|TEMP B-TREE/);
    }
    for (const sql of [
      `select brand_id from brand_iccids where length(first) = +? and first <= +? order by first desc limit +?`,
      `select 1 from orders where brand_id = +? and closed_at is null limit +?`, `select 1 from orders where brand_id = +? and created_at > +? limit +?`,
      `select * from orders where brand_id = +? and request_digest = +? and closed_at is null limit +?`,
    ]) {
      const plan = (real(`explain query plan ${sql}`).all(...Array.from({ length: (sql.match(/\?/g) ?? []).length }, () => 1)) as { detail: string }[]).map((row) => row.detail).join('; ');
      expect(plan, sql).toMatch(/SEARCH .* USING (COVERING )?INDEX (brand_iccids_first|orders_brand_open|orders_brand|orders_request)/);
      expect(plan, sql).not.toMatch(/SCAN|TEMP B-TREE/);
    }
  });
});

test('types: only those granted', async () => {
  fillStock(desk.ctx, desk.consumer, 0, 2);
  fillStock(desk.ctx, desk.iot, 10, 2);
  const brand = await addPlainBrand(desk, 'Brand', { types: [desk.iot] });
  expect(await code(order(brand))).toBe('TYPE_NOT_ENTITLED');
  expect(await code(order(brand, { iccid: iccidOf(0) }))).toBe('ICCID_NOT_ENTITLED');
  expect(await code(order(brand, { iccid: iccidOf(0), type: 'iot' }))).toBe('ICCID_NOT_ENTITLED');
  expect((await order(brand, { type: 'iot' })).profile.iccid).toBe(iccidOf(10));
  expect(await code(order(await addPlainBrand(desk, 'Nothing', { types: [] }), { type: 'iot' }))).toBe('TYPE_NOT_ENTITLED');
});

describe('quotas', () => {
  test('open orders: what ended makes room', async () => {
    fillStock(desk.ctx, desk.consumer, 0, 10);
    const brand = await addPlainBrand(desk, 'Brand', { openOrders: 2 });
    const first = await order(brand);
    await order(brand);
    expect(await code(order(brand))).toBe('QUOTA_EXCEEDED');
    // The operator's own and another brand's do not count.
    expect(await code(order(undefined))).toBe('done');
    expect(await code(order(await addPlainBrand(desk, 'Other', { openOrders: 1 })))).toBe('done');
    await desk.inTx((tx) => cancelOrder(tx, desk.ctx, first.order.id, 'available', desk.as('Brand'), 'es2plus', {}));
    expect(await code(order(brand))).toBe('done');
    expect(await code(order(brand))).toBe('QUOTA_EXCEEDED');
  });
  test('orders in 24 hours: what is older makes room, what was cancelled does not', async () => {
    fillStock(desk.ctx, desk.consumer, 0, 10);
    const brand = await addPlainBrand(desk, 'Brand', { ordersPerDay: 2 });
    const first = await order(brand);
    desk.engine.clock.advance(3_600_000);
    await order(brand);
    await desk.inTx((tx) => cancelOrder(tx, desk.ctx, first.order.id, 'available', desk.as('Brand'), 'es2plus', {}));
    expect(await code(order(brand))).toBe('QUOTA_EXCEEDED');
    desk.engine.clock.advance(86_400_000 - 3_600_000 - 1);
    expect(await code(order(brand))).toBe('QUOTA_EXCEEDED');
    desk.engine.clock.advance(1);
    expect(await code(order(brand))).toBe('done');
    expect(await code(order(brand))).toBe('QUOTA_EXCEEDED');
  });
  test('a repeated request is answered though the quota is used up', async () => {
    fillStock(desk.ctx, desk.consumer, 0, 3);
    const brand = await addPlainBrand(desk, 'Brand', { openOrders: 1 });
    const first = await order(brand, { iccid: iccidOf(1) });
    expect(await order(brand, { iccid: iccidOf(1) })).toMatchObject({ repeated: true, order: { id: first.order.id } });
  });
  test('of none at all', async () => {
    fillStock(desk.ctx, desk.consumer, 0, 3);
    expect(await code(order(await addPlainBrand(desk, 'Closed', { openOrders: 0 })))).toBe('QUOTA_EXCEEDED');
    expect(await code(order(await addPlainBrand(desk, 'Shut', { ordersPerDay: 0 })))).toBe('QUOTA_EXCEEDED');
  });
  test('hold when a hundred orders come at once', async () => {
    fillStock(desk.ctx, desk.consumer, 0, 100);
    const brand = await addPlainBrand(desk, 'Brand', { openOrders: 37, ordersPerDay: 60 });
    const codes = await Promise.all(Array.from({ length: 100 }, () => code(order(brand))));
    expect(codes.filter((one) => one === 'done')).toHaveLength(37);
    expect(codes.filter((one) => one === 'QUOTA_EXCEEDED')).toHaveLength(63);
  });
});

test.each<[string, boolean]>([['without ranges', false], ['with ranges of another brand', true]])('200 at once for 150 profiles %s: exactly 150, none twice', async (_name, ranges) => {
  fillStock(desk.ctx, desk.consumer, 0, 150);
  fillStock(desk.ctx, desk.consumer, 150, ranges ? 20 : 0);
  if (ranges) await addPlainBrand(desk, 'Other', { ranges: [range(150, 169)] });
  const brands = [undefined, await addPlainBrand(desk, 'A'), await addPlainBrand(desk, 'B')];
  const results = await Promise.all(Array.from({ length: 200 }, (_, i) => order(brands[i % 3]).then((made) => made.profile.iccid, codeOf)));
  const got = results.filter((one) => one !== 'STOCK_EMPTY');
  expect(got).toHaveLength(150);
  expect(new Set(got)).toEqual(new Set(Array.from({ length: 150 }, (_, n) => iccidOf(n))));
});
