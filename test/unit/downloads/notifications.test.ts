import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { VirtualEuicc } from '../../../src/main/lab/device/index.ts';
import { handleNotification } from '../../../src/main/engine/downloads/index.ts';
import { decideInstall } from '../../../src/main/engine/downloads/results.ts';
import { codeOf, notify, open, packageOf } from './driver.ts';
import type { Driver } from './driver.ts';
import { behaving, device, eidOf, listener, makeWorld, order, orderRow, profileRow, remote, stages } from './support.ts';
import type { MadeOrder, World } from './support.ts';

let world: World;
let serial = 1000;
beforeAll(async () => {
  world = await makeWorld({ profiles: 60 });
});
afterAll(() => world.close());
beforeEach(() => {
  serial++;
});

async function delivered(chip: VirtualEuicc, made?: MadeOrder): Promise<{ made: MadeOrder; session: Driver; package: Uint8Array }> {
  const own = made ?? await order(world);
  const session = await open(world, chip);
  const answer = await session.authenticate(own.matchingId);
  if (!('ok' in answer)) throw new Error(codeOf(answer));
  return { made: own, session, package: packageOf(await session.package()) };
}

const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy[at < 0 ? copy.length + at : at]! ^= 1;
  return copy;
};
const lastOf = (chip: VirtualEuicc): Uint8Array => chip.state.notifications.at(-1)!.der;

describe('the result of an installation', () => {
  test('success: installed, once, and again without effect', async () => {
    const chip = device(serial);
    const { made, session, package: bound } = await delivered(chip);
    const result = session.load(bound);
    expect(await notify(world, result)).toBe('accepted');
    expect(await profileRow(world, made.iccid)).toMatchObject({ order_state: 'installed', device_state: 'installed', device_source: 'euicc' });
    const before = await stages(world, made.orderId);
    expect(await notify(world, result)).toBe('repeated');
    expect(await stages(world, made.orderId)).toEqual(before);
  });

  test('long after the session, and after a restart', async () => {
    const chip = device(serial);
    const { made, session, package: bound } = await delivered(chip);
    const result = session.load(bound);
    world.clock.advance(10 * 86_400_000);
    world = await world.restart();
    expect(await notify(world, result)).toBe('accepted');
    expect(await orderRow(world, made.orderId)).toMatchObject({ outcome: 'installed' });
    world.clock.advance(-10 * 86_400_000);
  });

  test.each([['a forged signature', -1], ['another outcome', 40]])('%s changes nothing and is kept to be looked at', async (_name, at) => {
    const chip = device(serial);
    const { made, session, package: bound } = await delivered(chip);
    const result = session.load(bound);
    expect(['unverified', 'malformed']).toContain(await notify(world, flipped(result, at)));
    expect((await profileRow(world, made.iccid)).order_state).toBe('downloaded');
    expect(await notify(world, result)).toBe('accepted');
  });

  test('another SM-DP+ OID is not ours', async () => {
    const chip = device(serial, { misbehaviour: { smdpOid: Uint8Array.of(0x88, 0x37, 0x03) } });
    const { made, session, package: bound } = await delivered(chip);
    expect(await notify(world, session.load(bound))).toBe('unverified');
    expect((await profileRow(world, made.iccid)).order_state).toBe('downloaded');
  });

  test('interrupted: the order stays open for the same chip, and the retry succeeds', async () => {
    const chip = device(serial);
    const { made, session } = await delivered(chip);
    void session;
    const { segmentBoundPackage } = await import('../../../src/main/lab/device/index.ts');
    const again = await delivered(chip, made);
    const cut = segmentBoundPackage(again.package);
    if (!cut.ok) throw new Error(cut.why);
    for (const segment of cut.segments.slice(0, 4)) chip.loadSegment(segment);
    chip.interrupt();
    expect(await notify(world, lastOf(chip))).toBe('accepted');
    expect(await profileRow(world, made.iccid)).toMatchObject({ order_state: 'released', eid: eidOf(serial) });
    expect(codeOf(await (await open(world, device(serial + 5000))).authenticate(made.matchingId))).toBe('8.1.1/3.8');
    const retry = await delivered(chip, made);
    expect(await notify(world, retry.session.load(retry.package))).toBe('accepted');
    expect((await profileRow(world, made.iccid)).order_state).toBe('installed');
  });

  test('a package the chip refuses ends the order; a late result is evidence only', async () => {
    const chip = device(serial);
    const { made, session, package: bound } = await delivered(chip);
    const result = session.load(flipped(bound, -100));
    expect(await notify(world, result)).toBe('accepted');
    expect(await orderRow(world, made.orderId)).toMatchObject({ outcome: 'install_failed', final_state: 'error' });
    expect((await profileRow(world, made.iccid)).order_state).toBe('error');
    await expect(world.engine.refused('orders.cancel', { orderId: made.orderId })).resolves.toMatchObject({ code: 'PROFILE_DELIVERED' });
    expect(await world.engine.ok('orders.cancel', { orderId: made.orderId, finalState: 'unavailable' })).toMatchObject({ state: 'unavailable' });
  });

  test('success after the order ended: the evidence is kept, the order stays', async () => {
    const chip = device(serial);
    const { made, session, package: bound } = await delivered(chip);
    const result = session.load(bound);
    await world.engine.ok('orders.cancel', { orderId: made.orderId, finalState: 'unavailable' });
    expect(await notify(world, result)).toBe('accepted');
    expect(await profileRow(world, made.iccid)).toMatchObject({ order_state: 'unavailable', device_state: 'installed' });
  });

  test('an older session\'s failure does not undo the newer one', async () => {
    const chip = device(serial);
    const first = await delivered(chip);
    const failure = first.session.load(flipped(first.package, -100));
    const second = await delivered(chip, first.made);
    expect(await notify(world, failure)).toBe('accepted');
    expect((await profileRow(world, first.made.iccid)).order_state).toBe('downloaded');
    expect(await notify(world, second.session.load(second.package))).toBe('accepted');
    expect((await profileRow(world, first.made.iccid)).order_state).toBe('installed');
  });

  test('"already on the chip" after an earlier delivery is that one\'s success', async () => {
    const chip = device(serial);
    const first = await delivered(chip);
    first.session.load(first.package);
    const second = await delivered(chip, first.made);
    expect(await notify(world, second.session.load(second.package))).toBe('accepted');
    expect(await orderRow(world, first.made.orderId)).toMatchObject({ outcome: 'installed' });
  });
});

describe('enable, disable, delete', () => {
  test('evidence of the chip, once, in order', async () => {
    const chip = device(serial);
    const { made, session, package: bound } = await delivered(chip);
    await notify(world, session.load(bound));
    const device_state = async () => (await profileRow(world, made.iccid)).device_state;
    chip.enableProfile(made.iccid);
    const enabled = lastOf(chip);
    chip.disableProfile(made.iccid);
    const disabled = lastOf(chip);
    expect(await notify(world, disabled)).toBe('accepted');
    expect(await device_state()).toBe('disabled');
    // Older than what is known: noted, not believed.
    expect(await notify(world, enabled)).toBe('ignored');
    expect(await device_state()).toBe('disabled');
    expect(await notify(world, disabled)).toBe('repeated');
    chip.deleteProfile(made.iccid);
    expect(await notify(world, lastOf(chip))).toBe('accepted');
    expect(await profileRow(world, made.iccid)).toMatchObject({ device_state: 'deleted', order_state: 'installed' });
    expect(['unverified', 'malformed']).toContain(await notify(world, flipped(lastOf(chip), 60)));
  });

  test('a chip speaks for its own profiles only', async () => {
    const chip = device(serial);
    const { made, session, package: bound } = await delivered(chip);
    await notify(world, session.load(bound));
    const thief = device(serial + 5000);
    thief.state.profiles.push({ ...chip.state.profiles[0]!, ciKeyId: thief.state.credentials[0]!.ciKeyId });
    thief.state.nextSeqNumber = 500;
    thief.enableProfile(made.iccid);
    expect(await notify(world, lastOf(thief))).toBe('ignored');
    expect((await profileRow(world, made.iccid)).device_state).toBe('installed');
    const forged = behaving(chip, { wrongSignature: 'otherNotification' });
    forged.enableProfile(made.iccid);
    expect(await notify(world, lastOf(forged))).toBe('unverified');
    expect((await profileRow(world, made.iccid)).device_state).toBe('installed');
  });
});

describe('what nobody vouches for', () => {
  const unverified = async (): Promise<number> => Number((await world.ctx.reader.selectFrom('notifications').select((e) => e.fn.countAll<number>().as('n')).where('verified', '=', 0).executeTakeFirstOrThrow()).n);
  const post = async (der: Uint8Array, address: string) => handleNotification(
    world.ctx, await listener(world), { pendingNotification: der }, { ...remote, address, ...(address.includes(':') ? { network: address.split('::')[0]! } : {}) },
  );
  /** Never the same octets twice. */
  const forge = (result: Uint8Array, i: number): Uint8Array => {
    const forged = Uint8Array.from(result);
    forged[forged.length - 1] = i & 0xff;
    forged[forged.length - 2] = (i >> 8) & 0xff;
    forged[forged.length - 3] = i >> 16;
    return forged;
  };

  test('is kept up to a bound, the newest, however much comes', async () => {
    const chip = device(serial);
    const { session, package: bound } = await delivered(chip);
    const result = session.load(bound);
    let n = 0;
    // One after the other and many at once: those that share a transaction see the same count.
    for (; n < 300; n++) await post(forge(result, n), `192.0.2.${n % 250}`);
    for (; n < 1500; n += 100) await Promise.all(Array.from({ length: 100 }, (_, i) => post(forge(result, n + i), `198.51.100.${(n + i) % 250}`)));
    await post(forge(result, ++n), '192.0.2.7');
    expect(await unverified()).toBe(1000);
    const newest = await world.ctx.reader.selectFrom('notifications').select('raw').where('verified', '=', 0).orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow();
    expect(Buffer.from(newest.raw).equals(forge(result, n))).toBe(true);
    // The restarted engine counts anew and goes on with the same bound.
    world = await world.restart();
    for (let i = 1; i <= 5; i++) await post(forge(result, n + i), '192.0.2.7');
    expect(await unverified()).toBe(1000);
    expect(await notify(world, result)).toBe('accepted');
  });

  test('one address has a share of it, for an hour', async () => {
    const chip = device(serial);
    const { session, package: bound } = await delivered(chip);
    const result = session.load(bound);
    const of = async (address: (i: number) => string, from: number): Promise<number> => {
      const before = await unverified();
      for (let i = 0; i < 130; i++) expect(await post(forge(result, from + i), address(i))).toBe('unverified');
      return await unverified() - before;
    };
    await world.ctx.db.deleteFrom('notifications').where('verified', '=', 0).execute();
    world = await world.restart();
    expect(await of(() => '203.0.113.1', 100_000)).toBe(100);
    expect(await of(() => '203.0.113.1', 200_000)).toBe(0);
    expect(await of((i) => `2001:db8:1:2::${i.toString(16)}`, 300_000)).toBe(100);
    expect(await of((i) => `203.0.113.${100 + i}`, 400_000)).toBe(130);
    world.clock.advance(3_600_001);
    expect(await of(() => '203.0.113.1', 500_000)).toBe(100);
    // An honest result from an address that has used up its share is heard all the same.
    expect(await handleNotification(world.ctx, await listener(world), { pendingNotification: result }, { ...remote, address: '203.0.113.1' })).toBe('accepted');
  });

  test('making room reads no more than what goes', () => {
    const plan = world.ctx.sqlite.prepare('explain query plan delete from notifications where id in (select id from notifications where verified = +? order by id limit +?)').all(0, 1) as { detail: string }[];
    expect(plan.map((row) => row.detail).join('; ')).toMatch(/SEARCH notifications USING COVERING INDEX notifications_received/);
    expect(plan.map((row) => row.detail).join('; ')).not.toMatch(/SCAN|TEMP B-TREE/);
  });
});

describe('late', () => {
  test('for an order that was cancelled, months after', async () => {
    const chip = device(serial);
    const { made, session, package: bound } = await delivered(chip);
    const result = session.load(bound);
    await world.engine.ok('orders.cancel', { orderId: made.orderId, finalState: 'unavailable' });
    const months = 200 * 86_400_000;
    world.clock.advance(months);
    try {
      chip.enableProfile(made.iccid);
      // Out of order: what the chip did next arrives before the result.
      expect(await notify(world, lastOf(chip))).toBe('accepted');
      expect(await profileRow(world, made.iccid)).toMatchObject({ order_state: 'unavailable', device_state: 'enabled' });
      expect(await notify(world, result)).toBe('accepted');
      expect(await profileRow(world, made.iccid)).toMatchObject({ order_state: 'unavailable', device_state: 'enabled', stock_state: 'sold' });
      expect(await orderRow(world, made.orderId)).toMatchObject({ outcome: 'cancelled' });
      expect(await world.engine.refused('orders.create', { type: 'consumer', iccid: made.iccid })).toMatchObject({ code: 'PROFILE_NOT_AVAILABLE' });
    } finally {
      world.clock.advance(-months);
    }
  });
});

test('what a result does, as a table', () => {
  const base = { orderState: 'downloaded', closed: false, superseded: false, deliveredBefore: false };
  const fail = (errorReason: number) => ({ ok: false, errorReason }) as const;
  expect(decideInstall({ ...base, outcome: { ok: true } })).toEqual({ event: 'install', closes: 'installed' });
  expect(decideInstall({ ...base, outcome: { ok: true }, superseded: true })).toEqual({ event: 'install', closes: 'installed' });
  expect(decideInstall({ ...base, outcome: { ok: true }, closed: true })).toEqual({ event: 'late_installed' });
  for (const reason of [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 127, 99]) expect(decideInstall({ ...base, outcome: fail(reason) }), String(reason)).toEqual({ event: 'install_failed', closes: 'install_failed' });
  for (const reason of [10, 11]) expect(decideInstall({ ...base, outcome: fail(reason) }), String(reason)).toEqual({ event: 'install_failed_retryable' });
  expect(decideInstall({ ...base, outcome: fail(9), deliveredBefore: true })).toEqual({ event: 'install', closes: 'installed' });
  expect(decideInstall({ ...base, outcome: fail(12), superseded: true })).toEqual({ event: 'late_failed' });
  expect(decideInstall({ ...base, outcome: fail(12), closed: true })).toEqual({ event: 'late_failed' });
  expect(decideInstall({ ...base, outcome: fail(12), orderState: 'released' })).toEqual({ event: 'late_failed' });
});
