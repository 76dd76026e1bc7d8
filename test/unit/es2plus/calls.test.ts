import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bodyHash, callKey, keyText } from '../../../src/main/engine/wire/es2plus/calls.ts';
import { createLanes } from '../../../src/main/engine/wire/es2plus/lanes.ts';

const hex = (body: Record<string, unknown>): string => bodyHash(body).toString('hex');
const order = { iccid: '8949449999999990007', releaseFlag: true, matchingId: 'A-B' };

describe('the key of a call', () => {
  test('order of members and padding do not matter', () => {
    expect(hex({ matchingId: 'A-B', releaseFlag: true, iccid: '8949449999999990007F' })).toBe(hex(order));
  });
  test('anything else does', () => {
    const others = [{ ...order, releaseFlag: false }, { ...order, matchingId: 'A-C' }, { ...order, eid: '1'.repeat(32) }, { ...order, matchingId: '' }, { iccid: order.iccid, releaseFlag: true }, { ...order, iccid: '8949449999999990015' }];
    expect(new Set([order, ...others].map(hex)).size).toBe(others.length + 1);
  });
  test('the confirmation code cannot be found out from the hash, its presence can', () => {
    expect(hex({ ...order, confirmationCode: '1234' })).toBe(hex({ ...order, confirmationCode: '9999' }));
    expect(hex({ ...order, confirmationCode: '1234' })).not.toBe(hex(order));
  });
  test('one identifier for several functions in a second, as pySim makes them, is several calls', () => {
    const header = { requester: 'r', callId: 'FCI-1700000000-0' };
    const body = { iccid: order.iccid };
    expect(keyText(callKey(1, 'downloadOrder', header, body))).not.toBe(keyText(callKey(1, 'releaseProfile', header, body)));
  });
  test('no two keys read the same', () => {
    const key = fc.record({ brand: fc.nat(9), requester: fc.string({ maxLength: 4 }), callId: fc.string({ maxLength: 4 }), type: fc.string({ maxLength: 3 }) });
    fc.assert(fc.property(key, key, (a, b) => {
      const text = (k: typeof a) => keyText(callKey(k.brand, 'downloadOrder', { requester: k.requester, callId: k.callId }, { profileType: k.type }));
      expect(text(a) === text(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }));
  });
});

describe('lanes', () => {
  test('so many of one brand at once, in the order they came; another brand is not kept waiting', async () => {
    const lanes = createLanes(2, 3);
    const began: number[] = [];
    const turns = [0, 1, 2, 3, 4].map((n) => lanes.enter(1)!.then((leave) => {
      began.push(n);
      return leave;
    }));
    expect(lanes.enter(1)).toBeUndefined();
    (await lanes.enter(2)!)();
    await Promise.resolve();
    expect(began).toEqual([0, 1]);
    const first = await turns[0]!;
    first();
    first();
    await turns[2];
    expect(began).toEqual([0, 1, 2]);
    (await turns[1]!)();
    (await turns[2]!)();
    (await turns[3]!)();
    (await turns[4]!)();
    expect(began).toEqual([0, 1, 2, 3, 4]);
    // All left: the lane is as new.
    const again = [lanes.enter(1), lanes.enter(1)];
    expect(again.every((turn) => turn !== undefined)).toBe(true);
  });
});
