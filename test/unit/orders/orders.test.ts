import jsQR from 'jsqr';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OrderRow } from '../../../src/shared/contract/orders.ts';
import { parseActivationCode } from '../../../src/shared/identifiers/index.ts';
import { sweepExpired } from '../../../src/main/engine/orders/index.ts';
import { ADDRESS, eidOf, makeWorld, order, orderRow, profileRow } from '../downloads/support.ts';
import type { MadeOrder, World } from '../downloads/support.ts';

let world: World;
beforeAll(async () => {
  world = await makeWorld({ profiles: 60 });
});
afterAll(() => world.close());

const refused = async (input: Record<string, unknown>, code?: string): Promise<string> => {
  const upload = code === undefined ? {} : { confirmationCode: world.ctx.uploads.put(Buffer.from(code)) };
  return (await world.engine.refused('orders.create', { type: 'consumer', ...input, ...upload })).code;
};
type Shown = OrderRow & { delivery?: { activationCode: string; lpaCode: string; iosLink: string; androidLink: string; qr: string[] }; timeline: { stage: string }[] };
const show = (orderId: string): Promise<Shown> => world.engine.ok<Shown>('orders.show' as never, { orderId });

/** Reads the matrix as a camera would. */
function scan(rows: readonly string[]): string | undefined {
  const scale = 4;
  const quiet = 4;
  const side = (rows.length + 2 * quiet) * scale;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let y = 0; y < rows.length * scale; y++) {
    for (let x = 0; x < rows.length * scale; x++) {
      if (rows[Math.floor(y / scale)]![Math.floor(x / scale)] !== '1') continue;
      const at = ((y + quiet * scale) * side + x + quiet * scale) * 4;
      pixels[at] = pixels[at + 1] = pixels[at + 2] = 0;
    }
  }
  return (jsQR as unknown as (data: Uint8ClampedArray, width: number, height: number) => { data: string } | null)(pixels, side, side)?.data;
}

describe('making orders', () => {
  test('by type: the oldest profile, an unguessable code, a delivery that scans', async () => {
    const made = await order(world);
    expect(made).toMatchObject({ iccid: world.iccids[0], state: 'released' });
    expect(made.matchingId).toMatch(/^[0-9A-Z]{5}(-[0-9A-Z]{5}){3}$/);
    expect(made.activationCode).toBe(`1$${ADDRESS}$${made.matchingId}`);
    const shown = await show(made.orderId);
    expect(shown.delivery).toMatchObject({ activationCode: made.activationCode, lpaCode: `LPA:${made.activationCode}` });
    expect(scan(shown.delivery!.qr)).toBe(`LPA:${made.activationCode}`);
    expect(decodeURIComponent(shown.delivery!.iosLink)).toContain(`carddata=LPA:${made.activationCode}`);
    expect(decodeURIComponent(shown.delivery!.androidLink)).toContain(`carddata=LPA:${made.activationCode}`);
    expect(shown.timeline.map((event) => event.stage)).toEqual(['ordered', 'confirmed', 'released']);
    expect(await profileRow(world, made.iccid)).toMatchObject({ order_state: 'released', stock_state: 'sold', order_id: made.orderId });
  });

  test('by ICCID as people write it, held back, with EID, code, limit and expiry', async () => {
    const iccid = world.iccids[30]!;
    const made = await order(world, { type: undefined, iccid: `${iccid}F`, eid: eidOf(1), matchingId: 'TEST-1', downloadLimit: 3, expires: '1d', release: false }, 'geheim\n');
    expect(made).toMatchObject({ iccid, matchingId: 'TEST-1', state: 'confirmed', activationCode: `1$${ADDRESS}$TEST-1$$1` });
    expect(parseActivationCode(made.activationCode)).toMatchObject({ ok: true, value: { confirmationRequired: true } });
    const row = await orderRow(world, made.orderId);
    expect(row).toMatchObject({ download_limit: 3, expires_at: world.clock.now() + 86_400_000, eid: eidOf(1) });
    expect(Buffer.from(row.confirmation!).includes('geheim')).toBe(false);
    expect(await show(made.orderId)).toMatchObject({ confirmationRequired: true, eid: eidOf(1), state: 'confirmed' });
    expect(await world.engine.ok('orders.release', { orderId: made.orderId })).toMatchObject({ state: 'released' });
    // SGP.22 v2.2, 5.3.4, note: a profile that is released already stays so.
    const events = (await show(made.orderId)).timeline.length;
    expect(await world.engine.ok('orders.release', { orderId: made.orderId })).toMatchObject({ state: 'released' });
    expect((await show(made.orderId)).timeline).toHaveLength(events);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['an unknown type', { type: 'nobody' }, 'TYPE_UNKNOWN'], ['an unknown ICCID', { iccid: '8944500000000099995' }, 'PROFILE_UNKNOWN'],
    ['an ICCID on order', { type: undefined, iccid: 0 }, 'PROFILE_NOT_AVAILABLE'], ['an empty MatchingID without EID', { matchingId: '' }, 'EID_REQUIRED'],
    ['a MatchingID of small letters', { matchingId: 'abc' }, 'INPUT_INVALID'], ['a bad EID', { eid: '123' }, 'EID_INVALID'], ['a bad expiry', { expires: 'soon' }, 'EXPIRY_INVALID'],
    ['neither type nor ICCID', { type: undefined }, 'INPUT_INVALID'],
  ])('%s', async (_name, input, expected) => {
    const full = input['iccid'] === 0 ? { ...input, iccid: world.iccids[0] } : input;
    const before = await world.ctx.reader.selectFrom('orders').select('id').execute();
    expect(await refused(full)).toBe(expected);
    expect(await world.ctx.reader.selectFrom('orders').select('id').execute()).toHaveLength(before.length);
  });

  test('a code of no or too many characters', async () => {
    expect(await refused({}, '\n')).toBe('CONFIRMATION_CODE_INVALID');
    expect(await refused({}, 'x'.repeat(65))).toBe('CONFIRMATION_CODE_INVALID');
  });

  test('a MatchingID is never used twice, also after its order ended', async () => {
    const made = await order(world, { matchingId: 'ONCE-ONLY' });
    expect(await refused({ matchingId: 'ONCE-ONLY' })).toBe('MATCHING_ID_USED');
    await world.engine.ok('orders.cancel', { orderId: made.orderId });
    expect(await refused({ matchingId: 'ONCE-ONLY' })).toBe('MATCHING_ID_USED');
  });

  test('orders at the same moment get different profiles', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => order(world)));
    expect(new Set(made.map((one) => one.iccid)).size).toBe(8);
  });

  test('the code never shows in the audit log or the database', async () => {
    await order(world, {}, 'vErYsEcReT77');
    const rows = await world.ctx.reader.selectFrom('audit').select('record').execute();
    const values = await world.ctx.reader.selectFrom('audit_values').select('value').execute();
    expect(JSON.stringify([rows, values])).not.toContain('vErYsEcReT77');
  });
});

test('a MatchingID so long that its activation code does not fit is refused, the longest that fits is taken', async () => {
  const room = 255 - `1$${ADDRESS}$`.length;
  expect(await refused({ matchingId: 'B'.repeat(room + 1) })).toBe('ACTIVATION_CODE_TOO_LONG');
  expect(await refused({ matchingId: 'C'.repeat(room - 2) }, 'TEST-CODE')).toBe('ACTIVATION_CODE_TOO_LONG');
  expect((await order(world, { matchingId: 'D'.repeat(room) })).activationCode).toHaveLength(255);
});

test('outside a Lab: no guessable MatchingID, no past, no order without downloads', async () => {
  const strict = await makeWorld({ profiles: 3, environment: 'test' });
  try {
    const no = async (input: Record<string, unknown>): Promise<string> => (await strict.engine.refused('orders.create', { type: 'consumer', ...input })).code;
    expect(await no({ matchingId: 'A' })).toBe('MATCHING_ID_WEAK');
    expect(await no({ expires: '-1h' })).toBe('EXPIRY_INVALID');
    expect(await no({ downloadLimit: 0 })).toBe('INPUT_INVALID');
    expect(await no({ eid: '89049032123451234512345678901236' })).toBe('EID_INVALID');
  } finally {
    await strict.close();
  }
});

describe('ending orders', () => {
  test('cancelled: the profile is back in stock and can be sold again', async () => {
    const made = await order(world, { eid: eidOf(3) });
    expect(await world.engine.ok('orders.cancel', { orderId: made.orderId })).toMatchObject({ iccid: made.iccid, state: 'available' });
    expect(await profileRow(world, made.iccid)).toMatchObject({ order_state: 'available', stock_state: 'sellable', eid: null, order_id: null });
    expect(await show(made.orderId)).toMatchObject({ state: 'available', outcome: 'cancelled' });
    expect((await show(made.orderId)).delivery).toBeUndefined();
    expect(await world.engine.refused('orders.cancel', { orderId: made.orderId })).toMatchObject({ code: 'TRANSITION_REFUSED' });
    const again = await order(world, { type: undefined, iccid: made.iccid });
    expect(again.orderId).not.toBe(made.orderId);
    expect((await show(made.orderId)).state).toBe('available');
  });

  test('taken out for good', async () => {
    const made = await order(world);
    expect(await world.engine.ok('orders.cancel', { orderId: made.orderId, finalState: 'unavailable' })).toMatchObject({ state: 'unavailable' });
    expect(await refused({ type: undefined, iccid: made.iccid })).toBe('PROFILE_NOT_AVAILABLE');
  });

  test('unknown orders', async () => {
    for (const name of ['orders.cancel', 'orders.release', 'orders.show']) expect(await world.engine.refused(name, { orderId: 'o-none' })).toMatchObject({ code: 'ORDER_UNKNOWN' });
  });

  test('the sweep ends what is over and was not delivered', async () => {
    const short = await order(world, { expires: '1h' });
    const long = await order(world, { expires: '2d' });
    const confirmed = await order(world, { expires: '1h', release: false });
    expect(await sweepExpired(world.ctx)).toBe(0);
    world.clock.advance(3_600_001);
    expect(await sweepExpired(world.ctx)).toBe(2);
    expect(await sweepExpired(world.ctx)).toBe(0);
    expect(await show(short.orderId)).toMatchObject({ state: 'error', outcome: 'expired' });
    expect(await show(long.orderId)).toMatchObject({ state: 'released' });
    expect(await show(confirmed.orderId)).toMatchObject({ state: 'error', outcome: 'expired' });
    expect((await show(short.orderId)).timeline.at(-1)!.stage).toBe('expired');
    // Nothing was delivered: it may be sold again.
    expect(await world.engine.ok('orders.cancel', { orderId: short.orderId })).toMatchObject({ state: 'available' });
  });
});

describe('the list', () => {
  type Page = { rows: OrderRow[]; next?: string; total?: number };
  const list = (input: Record<string, unknown>): Promise<Page> => world.engine.ok<Page>('orders.list' as never, input);

  test('in pages, newest first, each order once', async () => {
    const all = (await list({ limit: 500 })).rows;
    expect((await list({})).total).toBe(all.length);
    const seen: OrderRow[] = [];
    let cursor: string | undefined;
    do {
      const page: Page = await list({ limit: 7, ...(cursor ? { cursor } : {}) });
      seen.push(...page.rows);
      cursor = page.next;
    } while (cursor);
    expect(seen.map((row) => row.orderId)).toEqual(all.map((row) => row.orderId));
    expect(new Set(seen.map((row) => row.orderId)).size).toBe(all.length);
    expect(await world.engine.refused('orders.list', { cursor: 'nonsense' })).toMatchObject({ code: 'INPUT_INVALID' });
  });

  test('filtered by state, openness, type and any identifier', async () => {
    const made: MadeOrder = await order(world, { matchingId: 'FIND-ME-7', eid: eidOf(7) });
    const { rows: open } = await list({ filter: { open: true } });
    expect(open.every((row) => row.closedAt === undefined)).toBe(true);
    const { rows: released } = await list({ filter: { state: ['released'] }, limit: 500 });
    expect(released.length).toBeGreaterThan(0);
    expect(released.every((row) => row.state === 'released')).toBe(true);
    expect((await list({ filter: { type: 'nobody' } })).rows).toEqual([]);
    for (const text of ['find-me', made.iccid, `${made.iccid}F`, made.iccid.slice(-6), made.iccid.slice(0, 18), eidOf(7), made.orderId]) {
      expect((await list({ filter: { text } })).rows.map((row) => row.orderId), text).toContain(made.orderId);
    }
    expect((await list({ filter: { text: '%' } })).rows).toEqual([]);
    await world.engine.ok('orders.cancel', { orderId: made.orderId });
    expect((await list({ filter: { text: made.iccid } })).rows.map((row) => row.orderId)).toContain(made.orderId);
  });
});
