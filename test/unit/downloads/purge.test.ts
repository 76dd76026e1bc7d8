import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { purgeSessions } from '../../../src/main/engine/downloads/index.ts';
import type { VirtualEuicc } from '../../../src/main/lab/device/index.ts';
import { codeOf, notify, open, packageOf } from './driver.ts';
import type { Driver } from './driver.ts';
import { changeSettings, device, makeWorld, order, orderRow, profileRow } from './support.ts';
import type { MadeOrder, World } from './support.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
let world: World;
let serial = 11_000;
beforeAll(async () => {
  world = await makeWorld({ profiles: 30 });
});
afterAll(() => world.close());
beforeEach(() => {
  serial++;
});

async function delivered(chip: VirtualEuicc, made: MadeOrder): Promise<{ session: Driver; package: Uint8Array }> {
  const session = await open(world, chip);
  expect(codeOf(await session.authenticate(made.matchingId))).toBe('ok');
  return { session, package: packageOf(await session.package()) };
}

async function left(session: Driver) {
  const id = session.initiated.transactionId;
  const count = async (table: 'sessions' | 'session_steps' | 'session_messages' | 'past_deliveries') => Number((await world.ctx.reader.selectFrom(table)
    .select((e) => e.fn.countAll<number>().as('n')).where('transaction_id', '=', id).executeTakeFirstOrThrow()).n);
  return [await count('sessions'), await count('session_steps'), await count('session_messages'), await count('past_deliveries')];
}

const later = async (days: number): Promise<number> => {
  world.clock.advance(days * DAY + HOUR);
  return purgeSessions(world.ctx);
};

test('sessions older than the setting go with all of theirs; younger ones and those of open orders stay', async () => {
  const failed = await open(world, device(serial));
  await failed.authenticate('NONE');
  const openOrder = await order(world, { expires: '3650d' });
  const waiting = await open(world, device(serial + 100));
  await waiting.authenticate(openOrder.matchingId);
  const outstanding = await order(world, { expires: '3650d' });
  const bound = await delivered(device(serial + 200), outstanding);
  const done = await order(world);
  const chip = device(serial + 300);
  const finished = await delivered(chip, done);
  await notify(world, finished.session.load(finished.package));

  await later(89);
  expect(await left(failed)).toEqual([1, 2, 2, 0]);
  const young = await open(world, device(serial + 400));
  await young.authenticate('NONE');
  await later(2);
  expect(await left(failed)).toEqual([0, 0, 0, 0]);
  expect(await left(young)).toEqual([1, 2, 2, 0]);
  expect(await left(waiting)).toEqual([1, 2, 2, 0]);
  expect(await left(bound.session)).toEqual([1, 3, 3, 0]);
  expect(await left(finished.session)).toEqual([0, 0, 0, 1]);
  expect((await profileRow(world, done.iccid)).order_state).toBe('installed');
});

test('the setting decides how old', async () => {
  const session = await open(world, device(serial));
  await session.authenticate('NONE');
  await changeSettings(world, { sessionKeepDays: 5 });
  await later(4);
  expect((await left(session))[0]).toBe(1);
  await later(2);
  expect((await left(session))[0]).toBe(0);
  await changeSettings(world, { sessionKeepDays: 90 });
});

test('a result that comes after its session was purged is still believed, and a forged one is not', async () => {
  const made = await order(world);
  const { session, package: bound } = await delivered(device(serial), made);
  const result = session.load(bound);
  await world.engine.ok('orders.cancel', { orderId: made.orderId, finalState: 'unavailable' });
  await later(91);
  expect(await left(session)).toEqual([0, 0, 0, 1]);
  const forged = Uint8Array.from(result);
  forged[forged.length - 1]! ^= 1;
  expect(await notify(world, forged)).toBe('unverified');
  expect((await profileRow(world, made.iccid)).device_state).toBe('unknown');
  expect(await notify(world, result)).toBe('accepted');
  expect(await profileRow(world, made.iccid)).toMatchObject({ order_state: 'unavailable', device_state: 'installed' });
  expect(await notify(world, result)).toBe('repeated');
  expect(await left(session)).toEqual([0, 0, 0, 1]);
});

test('a purged session still counts as the earlier one of its order', async () => {
  const made = await order(world);
  const chip = device(serial);
  const first = await delivered(chip, made);
  first.session.load(first.package);
  const second = await delivered(chip, made);
  const already = second.session.load(second.package);
  await world.ctx.db.updateTable('orders').set({ closed_at: 1 }).where('id', '=', made.orderId).execute();
  await later(91);
  expect(await left(first.session)).toEqual([0, 0, 0, 1]);
  await world.ctx.db.updateTable('orders').set({ closed_at: null }).where('id', '=', made.orderId).execute();
  // "Already on the chip" means that the earlier delivery succeeded.
  expect(await notify(world, already)).toBe('accepted');
  expect(await orderRow(world, made.orderId)).toMatchObject({ outcome: 'installed' });
});

test('many sessions go in bounded pieces, and the next call goes on', async () => {
  const base = await world.ctx.reader.selectFrom('sessions').selectAll().limit(1).executeTakeFirstOrThrow();
  const at = world.ctx.clock.now() - 400 * DAY;
  const insert = world.ctx.sqlite.prepare(`insert into sessions (transaction_id, identity, smdp_address, phase, euicc_challenge, server_challenge, ci_key_id, curve, dpauth_id, dppb_id, started_at, updated_at, expires_at)
    values (?, '', '', 'refused', x'', x'', ?, '', 0, 0, ?, ?, ?)`);
  world.ctx.sqlite.transaction(() => {
    for (let i = 0; i < 5100; i++) insert.run(`F${i.toString(16).padStart(31, '0').toUpperCase()}`, base.ci_key_id, at + (i >> 3), at, at);
  })();
  world.clock.advance(2 * HOUR);
  const calls = [await purgeSessions(world.ctx), await purgeSessions(world.ctx), await purgeSessions(world.ctx)];
  expect(calls[0]).toBe(5000);
  expect(calls[1]).toBeGreaterThanOrEqual(100);
  expect(calls[2]).toBe(0);
  const { n } = await world.ctx.reader.selectFrom('sessions').select((e) => e.fn.countAll<number>().as('n')).where('transaction_id', 'like', 'F0000000%').executeTakeFirstOrThrow();
  expect(Number(n)).toBe(0);
});
