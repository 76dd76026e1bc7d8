/** What an operator may do over ES2+ with a profile whose download went wrong (SGP.22 v2.2, 3.1.6, second diagram; 5.3.3). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { codeOf, open } from '../../unit/downloads/driver.ts';
import { addBrand, ask, device, makeWorld, orders, profileRow } from '../es2plus/support.ts';
import type { World } from '../es2plus/support.ts';

let world: World;
let brandId: number;
let next = 0;
let serial = 90_000;
let iccid: string;
let matchingId: string;
beforeAll(async () => {
  world = await makeWorld({ profiles: 20 });
  brandId = await addBrand(world.ctx, 'A', {});
});
afterAll(() => world.close());
beforeEach(async () => {
  serial++;
  iccid = world.iccids[next++]!;
  expect((await es2('downloadOrder', { iccid })).code).toBe('ok');
  const confirmed = await es2('confirmOrder', { iccid, releaseFlag: true, confirmationCode: 'S3CRET' });
  matchingId = String(confirmed.body['matchingId']);
});

const es2 = (name: 'downloadOrder' | 'confirmOrder' | 'cancelOrder' | 'releaseProfile', members: Record<string, unknown>) => ask(world.ctx, brandId, name, members);
const cancel = (finalProfileStatusIndicator: 'Available' | 'Unavailable', more: object = {}) => es2('cancelOrder', { iccid, matchingId, finalProfileStatusIndicator, ...more });
const state = async (): Promise<string> => (await profileRow(world, iccid)).order_state;
const started = async () => {
  const session = await open(world, device(serial));
  expect(codeOf(await session.authenticate(matchingId))).toBe('ok');
  return session;
};

describe('in Error', () => {
  test.each(['Available', 'Unavailable'] as const)('after a rejection before the package: cancelOrder makes it %s', async (wanted) => {
    expect(codeOf(await (await started()).cancel(0))).toBe('ok');
    expect(await state()).toBe('error');
    expect((await cancel(wanted)).code).toBe('ok');
    expect(await state()).toBe(wanted.toLowerCase());
  });

  test('after too many wrong confirmation codes: ordered anew, with another code', async () => {
    const session = await started();
    const { confirmation_limit: limit } = (await orders(world.ctx)).find((one) => one.matching_id === matchingId)!;
    for (let i = 0; i < limit; i++) await session.package(`wrong ${i}`);
    expect(await state()).toBe('error');
    expect((await cancel('Available')).code).toBe('ok');
    expect((await es2('downloadOrder', { iccid })).code).toBe('ok');
    const again = await es2('confirmOrder', { iccid, releaseFlag: true, confirmationCode: 'OTHER' });
    matchingId = String(again.body['matchingId']);
    expect(codeOf(await (await started()).package('OTHER'))).toBe('ok');
  });

  test('after a rejection behind the package: never Available again (8.2.1/3.3), Unavailable as the diagram has it', async () => {
    const session = await started();
    expect(codeOf(await session.package('S3CRET'))).toBe('ok');
    expect(codeOf(await session.cancel(0))).toBe('ok');
    expect(await state()).toBe('error');
    const eid = (await profileRow(world, iccid)).eid!;
    expect((await cancel('Available', { eid })).code).toBe('8.2.1/3.3');
    expect(await state()).toBe('error');
    expect((await cancel('Unavailable', { eid })).code).toBe('ok');
    expect(await state()).toBe('unavailable');
  });
});
