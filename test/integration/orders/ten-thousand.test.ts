/**
 * Ten thousand orders at once for fewer profiles, on a real database: by type and by ICCID, of the operator and of two brands,
 * many of them colliding on purpose, many sent twice. Every profile goes to one order, every refusal says why, nothing is lost.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { procedures as auditProcedures } from '../../../src/main/engine/audit/procedures.ts';
import { procedures as brandProcedures } from '../../../src/main/engine/brands/index.ts';
import { confirmOrder, downloadOrder, prepareConfirmation, procedures as orderProcedures } from '../../../src/main/engine/orders/index.ts';
import type { Customer } from '../../../src/main/engine/orders/index.ts';
import { addPlainBrand, codeOf, eidOf, fillStock, iccidOf, openDesk } from '../../unit/brands/support.ts';
import type { Desk } from '../../unit/brands/support.ts';

/** Profiles outside all ranges, and inside the range of the brand Ranged. */
const FREE = 3500;
const RANGED = 800;
/** ICCIDs asked for by name: the last of the free ones, each by several. */
const NAMED = 1000;

interface Outcome { readonly kind: string; readonly request: string; readonly code: string; readonly orderId?: string; readonly iccid?: string; readonly matchingId?: string }
type Attempt = () => Promise<Outcome>;

let desk: Desk;
let open: Customer;
let ranged: Customer;
let outcomes: Outcome[];

/** The same order for the same seed. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const all = [...items];
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let i = all.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}

/** The window's way, with a command id. */
const operator = (kind: string, request: string, input: Record<string, unknown>): Attempt => async () => {
  const reply = await desk.engine.call('orders.create', input, { commandId: `command-${request}` });
  return reply.ok ? { kind, request, code: 'done', ...(reply.data as object) } : { kind, request, code: reply.error.code };
};

/** ES2+'s way: two calls, each with a transaction of its own. */
const brand = (kind: string, request: string, customer: Customer, wanted: { type?: string; iccid?: string; eid?: string }, confirm: boolean): Attempt => async () => {
  try {
    const { order, profile, repeated } = await desk.inTx((tx) => downloadOrder(tx, desk.ctx, { customer, ...wanted }, desk.as(customer.name), 'es2plus'));
    if (!confirm) return { kind, request, code: repeated ? 'repeated' : 'done', orderId: order.id, iccid: profile.iccid };
    const ready = await prepareConfirmation(desk.ctx, { orderId: order.id, release: true });
    const done = await desk.inTx((tx) => confirmOrder(tx, desk.ctx, ready, desk.as(customer.name), 'es2plus'));
    return { kind, request, code: 'done', orderId: order.id, iccid: profile.iccid, matchingId: done.order.matching_id! };
  } catch (error) {
    return { kind, request, code: codeOf(error) };
  }
};

const of = (kind: string): Outcome[] => outcomes.filter((one) => one.kind === kind);
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const named = (i: number): string => iccidOf(FREE - NAMED + (i % NAMED));

beforeAll(async () => {
  desk = await openDesk({ procedures: [...orderProcedures(), ...brandProcedures(), ...auditProcedures()] });
  fillStock(desk.ctx, desk.consumer, 0, FREE);
  fillStock(desk.ctx, desk.consumer, FREE, RANGED);
  open = await addPlainBrand(desk, 'Open');
  ranged = await addPlainBrand(desk, 'Ranged', { ranges: [[iccidOf(FREE).slice(0, 18).padEnd(19, '0'), iccidOf(FREE + RANGED - 1)]] });
  const attempts: Attempt[] = [
    ...times(3000, (i) => operator('operator by type', `type-${i}`, { type: 'consumer' })),
    ...times(1000, (i) => brand('brand by type', `open-${i}`, open, { type: 'consumer' }, true)),
    ...times(1000, (i) => brand('ranged brand by type', `ranged-${i}`, ranged, { type: 'consumer' }, true)),
    ...times(2000, (i) => operator('operator by ICCID', `iccid-${i}`, { iccid: named(i) })),
    // Sent twice: with the id of a command, and as the same request of a brand.
    ...times(1000, (i) => operator('operator by type, again', `type-${i}`, { type: 'consumer' })),
    ...times(1000, (i) => brand('brand by ICCID', `brand-iccid-${i}`, open, { iccid: named(i), eid: eidOf(i % NAMED) }, false)),
    ...times(1000, (i) => brand('brand by ICCID, again', `brand-iccid-${i}`, open, { iccid: named(i), eid: eidOf(i % NAMED) }, false)),
  ];
  expect(attempts).toHaveLength(10_000);
  outcomes = await Promise.all(shuffled(attempts, 20_260_115).map((attempt) => attempt()));
});
afterAll(() => desk.engine.close());

describe('10,000 orders at once', () => {
  test('every one of them is answered, and every refusal says why', () => {
    expect(outcomes).toHaveLength(10_000);
    const allowed: Record<string, readonly string[]> = {
      'operator by type': ['done', 'STOCK_EMPTY'], 'operator by type, again': ['done', 'STOCK_EMPTY'], 'brand by type': ['done', 'STOCK_EMPTY'], 'ranged brand by type': ['done', 'STOCK_EMPTY'],
      'operator by ICCID': ['done', 'PROFILE_NOT_AVAILABLE'], 'brand by ICCID': ['done', 'repeated', 'PROFILE_NOT_AVAILABLE'], 'brand by ICCID, again': ['done', 'repeated', 'PROFILE_NOT_AVAILABLE'],
    };
    for (const one of outcomes) expect(allowed[one.kind], one.request).toContain(one.code);
    const refused = (code: string): number => outcomes.filter((one) => one.code === code).length;
    // 5,000 asked by type for 4,300 less those named; 2,000 of the operator named 1,000.
    expect(refused('STOCK_EMPTY')).toBeGreaterThanOrEqual(700);
    expect(refused('PROFILE_NOT_AVAILABLE')).toBeGreaterThanOrEqual(1000);
    expect(of('ranged brand by type').filter((one) => one.code === 'STOCK_EMPTY')).toHaveLength(1000 - RANGED);
  });

  test('every profile goes to one order, every order has one, none is left and none comes from a range of others', async () => {
    const orders = await desk.ctx.reader.selectFrom('orders as o').innerJoin('profiles as p', 'p.id', 'o.profile_id')
      .select(['o.id', 'o.brand_id as brandId', 'p.iccid', 'p.order_id as current', 'p.order_state as state', 'p.stock_state as stock']).execute();
    expect(orders).toHaveLength(FREE + RANGED);
    expect(new Set(orders.map((order) => order.iccid)).size).toBe(FREE + RANGED);
    for (const order of orders) {
      expect(order.current).toBe(order.id);
      expect(order.stock).toBe('sold');
      expect(['allocated', 'linked', 'released']).toContain(order.state);
    }
    const free = new Set(times(FREE, iccidOf));
    expect(orders.filter((order) => !free.has(order.iccid)).map((order) => order.brandId)).toEqual(times(RANGED, () => ranged.brandId));
    expect(of('ranged brand by type').filter((one) => one.code === 'done')).toHaveLength(RANGED);
  });

  test('whoever was told of a profile has its order', async () => {
    const told = outcomes.filter((one) => one.code === 'done' || one.code === 'repeated');
    const orders = new Map((await desk.ctx.reader.selectFrom('orders as o').innerJoin('profiles as p', 'p.id', 'o.profile_id').select(['o.id', 'p.iccid', 'o.matching_id as matchingId']).execute()).map((order) => [order.id, order]));
    for (const one of told) {
      expect(orders.get(one.orderId!)?.iccid).toBe(one.iccid);
      if (one.matchingId !== undefined) expect(orders.get(one.orderId!)?.matchingId).toBe(one.matchingId);
    }
    expect(new Set(told.map((one) => one.orderId)).size).toBe(orders.size);
    const tokens = [...orders.values()].flatMap((order) => order.matchingId ?? []);
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  test('what was sent twice was done once and answered alike', () => {
    const byRequest = (first: string, again: string): [Outcome, Outcome][] => {
      const firsts = new Map(of(first).map((one) => [one.request, one]));
      return of(again).map((one) => [firsts.get(one.request)!, one]);
    };
    const commands = byRequest('operator by type', 'operator by type, again');
    expect(commands).toHaveLength(1000);
    for (const [one, two] of commands) expect({ ...two, kind: '' }).toEqual({ ...one, kind: '' });
    const requests = byRequest('brand by ICCID', 'brand by ICCID, again');
    expect(requests).toHaveLength(1000);
    for (const [one, two] of requests) {
      expect([one.orderId, one.iccid]).toEqual([two.orderId, two.iccid]);
      expect([one.code, two.code].sort()).toEqual(one.orderId === undefined ? ['PROFILE_NOT_AVAILABLE', 'PROFILE_NOT_AVAILABLE'] : ['done', 'repeated']);
    }
    expect(requests.some(([one]) => one.orderId !== undefined)).toBe(true);
  });

  test('the audit chain holds, with a record for each', async () => {
    const verified = await desk.engine.ok<{ verified: boolean; records: number }>('audit.verify' as never, {});
    expect(verified.verified).toBe(true);
    const records = await desk.ctx.reader.selectFrom('audit').select(['outcome', (e) => e.fn.countAll<number>().as('n')]).where('event', '=', 'order.created').groupBy('outcome').execute();
    const done = (kind: string, code: boolean): number => of(kind).filter((one) => (one.code === 'done') === code).length;
    const count = (outcome: string): number => Number(records.find((row) => row.outcome === outcome)?.n);
    expect(count('done')).toBe(done('operator by type', true) + done('operator by ICCID', true));
    expect(count('refused')).toBeGreaterThanOrEqual(done('operator by type', false) + done('operator by ICCID', false));
  });

  test('all of it is there after a restart', async () => {
    const integrity = desk.ctx.sqlite.pragma('integrity_check', { simple: true });
    expect(integrity).toBe('ok');
    expect(desk.ctx.sqlite.pragma('foreign_key_check')).toEqual([]);
    const again = await desk.engine.reopen();
    try {
      expect((await again.ctx.reader.selectFrom('orders').select((e) => e.fn.countAll<number>().as('n')).executeTakeFirst())?.n).toBe(FREE + RANGED);
      expect(await again.ok('audit.verify' as never, {})).toMatchObject({ verified: true });
    } finally {
      await again.close();
    }
  });
});
