/** An order that is registered at an SM-DS has its event deleted whenever the download procedure ends it (SGP.22 v2.2, 3.1.3.1 step 6, 3.1.3.3 step 10, 3.6.3). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { VirtualEuicc } from '../../../src/main/lab/device/index.ts';
import { codeOf, notify, open, packageOf } from '../downloads/driver.ts';
import type { Driver } from '../downloads/driver.ts';
import { device, eidOf, makeWorld, order, orderRow, profileRow } from '../downloads/support.ts';
import type { MadeOrder, World } from '../downloads/support.ts';

let world: World;
let serial = 70_000;
beforeAll(async () => {
  world = await makeWorld({ profiles: 30 });
});
afterAll(() => world.close());
beforeEach(() => {
  serial++;
});

async function registered(input: Record<string, unknown> = {}, code?: string): Promise<MadeOrder> {
  const made = await order(world, { eid: eidOf(serial), ...input }, code);
  await world.ctx.db.updateTable('orders').set({ smds_address: 'smds.test.example', event_id: made.matchingId }).where('id', '=', made.orderId).execute();
  return made;
}
const deletions = async (made: MadeOrder): Promise<unknown[]> =>
  (await world.ctx.reader.selectFrom('outbox').select('payload').where('kind', '=', 'es12.deleteEvent').where('order_id', '=', made.orderId).execute()).map((row) => JSON.parse(row.payload) as unknown);
const ofEvent = (made: MadeOrder) => [{ smdsAddress: 'smds.test.example', eid: eidOf(serial), eventId: made.matchingId }];

async function authenticated(made: MadeOrder, chip: VirtualEuicc): Promise<Driver> {
  const session = await open(world, chip);
  expect(codeOf(await session.authenticate(made.matchingId))).toBe('ok');
  return session;
}
const spoiled = (bound: Uint8Array): Uint8Array => Uint8Array.from(bound, (octet, at) => (at === bound.length - 100 ? octet ^ 1 : octet));

describe('the event of an order', () => {
  test('is deleted once the profile is installed', async () => {
    const made = await registered();
    const session = await authenticated(made, device(serial));
    const result = session.load(packageOf(await session.package()));
    expect(await deletions(made)).toEqual([]);
    await notify(world, result);
    await notify(world, result);
    expect((await profileRow(world, made.iccid)).order_state).toBe('installed');
    expect(await deletions(made)).toEqual(ofEvent(made));
  });

  test('is deleted when the installation failed for good', async () => {
    const made = await registered();
    const session = await authenticated(made, device(serial));
    await notify(world, session.load(spoiled(packageOf(await session.package()))));
    expect((await profileRow(world, made.iccid)).order_state).toBe('error');
    expect(await deletions(made)).toEqual(ofEvent(made));
  });

  test.each([[0, true], [1, false], [2, false], [3, true], [4, true], [5, true], [127, true]] as const)('after a cancellation with reason %i: deleted %s', async (reason, deleted) => {
    const made = await registered();
    const session = await authenticated(made, device(serial));
    expect(codeOf(await session.cancel(reason))).toBe('ok');
    expect(await deletions(made)).toEqual(deleted ? ofEvent(made) : []);
  });

  test('is deleted when the confirmation code was wrong too often', async () => {
    const made = await registered({}, 'S3CRET');
    const { confirmation_limit: limit } = await orderRow(world, made.orderId);
    const session = await authenticated(made, device(serial));
    for (let i = 0; i < limit; i++) {
      expect(await deletions(made)).toEqual([]);
      await session.package(`wrong ${i}`);
    }
    expect(await deletions(made)).toEqual(ofEvent(made));
  });

  test.each([['the download attempts are used up', { downloadLimit: 0 }, '8.8.5/6.4'], ['the order has expired', { expires: '-1h' }, '8.8.5/4.10']])('is deleted when %s', async (_why, input, code) => {
    const made = await registered(input);
    expect(codeOf(await (await open(world, device(serial))).authenticate(made.matchingId))).toBe(code);
    expect(await deletions(made)).toEqual(ofEvent(made));
  });
});
