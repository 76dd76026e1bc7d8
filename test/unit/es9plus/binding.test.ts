import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseDefaultOrder, isOurAddress, isSupportedSvn, judgeBinding, judgeOrder } from '../../../src/main/engine/downloads/rules.ts';
import type { OrderFacts } from '../../../src/main/engine/downloads/rules.ts';
import { bytesMember, failureBody, MemberError, parseBody, successBody, textMember, transactionMember } from '../../../src/main/engine/wire/es9plus/json.ts';
import { BodyError } from '../../../src/main/engine/wire/https-listener.ts';
import { addressKey, requestRate } from '../../../src/main/engine/wire/limits.ts';

describe('members', () => {
  test('base64 in any length, and back', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
      const { value } = JSON.parse(successBody({ value: bytes })) as { value: string };
      expect([...bytesMember({ value }, 'value')]).toEqual([...bytes]);
      expect([...bytesMember({ value: value.replace(/.{10}/g, '$&\r\n ') }, 'value')]).toEqual([...bytes]);
    }));
  });

  test('whatever a body holds, a member is read or refused', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      for (const read of [() => bytesMember({ value }, 'value'), () => textMember({ value }, 'value', 20), () => transactionMember({ transactionId: value })]) {
        try {
          read();
        } catch (error) {
          expect(error).toBeInstanceOf(MemberError);
        }
      }
    }));
    fc.assert(fc.property(fc.string(), (text) => {
      try {
        expect(typeof parseBody(Buffer.from(text))).toBe('object');
      } catch (error) {
        expect(error).toBeInstanceOf(BodyError);
      }
    }));
  });

  test.each(['AAAAA', 'AAA', 'A===', '====', 'AA=A', 'AA==AA==', ' '])('%j is not base64', (value) => {
    expect(() => bytesMember({ value }, 'value')).toThrow(MemberError);
  });

  test('inherited members are not there', () => {
    expect(() => textMember({}, 'constructor', 10)).toThrow(MemberError);
    expect(() => textMember(parseBody(Buffer.from('{"__proto__":{"x":"y"}}')), 'x', 10)).toThrow(MemberError);
  });

  test('a failure has header, codes and message, and nothing else', () => {
    expect(JSON.parse(failureBody({ subject: '8.1.1', reason: '3.10', message: 'm' }))).toEqual({
      header: { functionExecutionStatus: { status: 'Failed', statusCodeData: { subjectCode: '8.1.1', reasonCode: '3.10', message: 'm' } } },
    });
  });
});

describe('limits', () => {
  test('a sliding minute', () => {
    let now = 1_000_000 * 60_000;
    const rate = requestRate({ now: () => now });
    const burst = (): number => Array.from({ length: 20 }, () => rate.admit('a', 10)).filter(Boolean).length;
    expect(burst()).toBe(10);
    now += 30_000;
    expect(burst()).toBe(0);
    now += 60_000;
    // Half of the last minute is still in view.
    expect(burst()).toBe(5);
    now += 120_000;
    expect(burst()).toBe(10);
    expect(rate.admit('b', 10)).toBe(true);
  });

  test('one IPv6 network is one client', () => {
    expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe(addressKey('2001:db8:1:2:ffff::1'));
    expect(addressKey('2001:db8:1:2::1')).not.toBe(addressKey('2001:db8:1:3::1'));
    expect(addressKey('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(addressKey('::1')).toBe('0:0:0:0');
    expect(addressKey('fe80::1%eth0')).toBe('fe80:0:0:0');
  });
});

describe('addresses and versions', () => {
  test.each([
    ['smdp.example', ['smdp.example'], true], ['SMDP.Example', ['smdp.example'], true], ['smdp.example:443', ['smdp.example'], true], ['smdp.example', ['smdp.example:8443'], true],
    ['smdp.example:1', ['smdp.example:2'], false], ['smdp.example.', ['smdp.example'], true], ['other', ['smdp.example'], false], ['', ['smdp.example'], false], [':443', [':443'], false],
    ['smdp.example.evil', ['smdp.example'], false], ['localhost:8443', ['smdp.example', 'localhost:8443'], true],
  ])('%j against %j', (given, ours, expected) => expect(isOurAddress(given, ours)).toBe(expected));

  test.each([['2.0.0', true], ['2.2.2', true], ['2.7.1', true], ['1.0.0', false], ['3.0.0', false], ['20.0.0', false]])('version %s', (svn, expected) => expect(isSupportedSvn(svn)).toBe(expected));
});

describe('judging orders', () => {
  const NOW = 1000;
  const base: OrderFacts = {
    orderId: 'o-1', profileId: 1, iccid: '8944500000000000001', typeId: 1, matchingId: 'M', orderEid: null, boundEid: null, profileEid: null, orderState: 'released',
    profileOrderId: 'o-1', closedAt: null, outcome: null, expiresAt: null, downloadAttempts: 0, downloadLimit: 3, confirmationRequired: false, confirmationAttempts: 0,
    confirmationLimit: 3, packageBytes: 1, stockState: 'sold',
  };
  const E = '1'.repeat(32);
  const F = '2'.repeat(32);
  const verdict = (change: Partial<OrderFacts>, byEid = false): string => {
    const { failed, ends } = judgeOrder({ ...base, ...change }, E, NOW, byEid);
    return `${failed ? `${failed.subject}/${failed.reason}` : 'ok'}${ends ? ` ${ends}` : ''}`;
  };
  test.each<[Partial<OrderFacts>, string]>([
    [{}, 'ok'], [{ orderState: 'downloaded', boundEid: E }, 'ok'], [{ orderState: 'downloaded', boundEid: F }, '8.1.1/3.8'], [{ orderEid: F }, '8.1.1/3.8'], [{ profileEid: F }, '8.1.1/3.8'],
    [{ orderState: 'confirmed' }, '8.2/1.2'], [{ orderState: 'linked' }, '8.2/1.2'], [{ stockState: 'quarantined' }, '8.2/1.2'], [{ expiresAt: NOW }, '8.8.5/4.10 expired'], [{ expiresAt: NOW + 1 }, 'ok'],
    [{ expiresAt: NOW, orderState: 'downloaded', boundEid: E }, '8.8.5/4.10'], [{ downloadAttempts: 3 }, '8.8.5/6.4 download_limit'],
    [{ closedAt: 1, outcome: 'expired' }, '8.8.5/4.10'], [{ closedAt: 1, outcome: 'download_limit' }, '8.8.5/6.4'], [{ closedAt: 1, outcome: 'confirmation_limit' }, '8.2.7/6.4'],
    [{ closedAt: 1, outcome: 'expired', orderEid: F }, '8.1.1/3.8'], [{ closedAt: 1, outcome: 'cancelled' }, '8.2.6/3.8'], [{ closedAt: 1, outcome: 'installed', orderState: 'installed' }, '8.2.6/3.8'],
    [{ closedAt: 1, outcome: 'rejected' }, '8.2.6/3.8'], [{ profileOrderId: 'o-2' }, '8.2.6/3.8'],
  ])('%j: %s', (change, expected) => expect(verdict(change)).toBe(expected));

  test('found by EID, a used-up order sounds like no order', () => {
    expect(verdict({ closedAt: 1, outcome: 'installed' }, true)).toBe('8.1.1/3.8');
    expect(judgeOrder(undefined, E, NOW, true)).toMatchObject({ failed: { subject: '8.1.1', reason: '3.8' } });
    expect(judgeOrder(undefined, E, NOW, false)).toMatchObject({ failed: { subject: '8.2.6', reason: '3.8' } });
  });

  test('of several orders for one EID: the oldest usable, else the oldest open, else the last', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((orderId): OrderFacts => ({ ...base, orderId, profileOrderId: orderId }));
    const choose = (...orders: OrderFacts[]): string | undefined => chooseDefaultOrder(orders, NOW)?.orderId;
    expect(choose(a!, b!, c!)).toBe('a');
    expect(choose({ ...a!, expiresAt: 1 }, { ...b!, downloadLimit: 0 }, c!)).toBe('c');
    expect(choose({ ...a!, orderState: 'confirmed' }, { ...b!, downloadLimit: 0 })).toBe('a');
    expect(choose({ ...a!, closedAt: 1 }, { ...b!, closedAt: 2 })).toBe('b');
    expect(choose()).toBeUndefined();
  });

  test.each<[Partial<OrderFacts>, string]>([
    [{}, 'ok'], [{ boundEid: E, orderState: 'downloaded' }, 'ok'], [{ boundEid: F, orderState: 'downloaded' }, '8.1.1/3.8'], [{ closedAt: 1, outcome: 'cancelled' }, '8.8.5/4.10'],
    [{ closedAt: 1, outcome: 'confirmation_limit' }, '8.2.7/6.4'], [{ expiresAt: NOW }, '8.8.5/4.10'], [{ orderState: 'confirmed' }, '8.2/1.2'], [{ stockState: 'quarantined' }, '8.2/1.2'],
  ])('binding %j: %s', (change, expected) => {
    const answer = judgeBinding({ ...base, ...change }, E, NOW);
    expect(answer ? `${answer.failed.subject}/${answer.failed.reason}` : 'ok').toBe(expected);
  });
});
