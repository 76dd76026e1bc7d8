import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { qrRows } from '../../../src/main/engine/orders/delivery.ts';
import { makeOrderId, readExpiry, readOrderEid, readOrderMatchingId, withoutNewline } from '../../../src/main/engine/orders/rules.ts';

const NOW = Date.UTC(2026, 0, 15, 12);
const value = (decided: { ok: boolean; value?: unknown; code?: string }): unknown => (decided.ok ? decided.value : decided.code);

describe('when an order ends', () => {
  test.each([
    ['30d', NOW + 30 * 86_400_000], ['12h', NOW + 43_200_000], ['90m', NOW + 5_400_000], ['2w', NOW + 14 * 86_400_000], ['+1d', NOW + 86_400_000],
    ['2026-02-01', Date.UTC(2026, 1, 1)], ['2026-02-01T10:30:00Z', Date.UTC(2026, 1, 1, 10, 30)], ['2026-02-01T10:30:00', Date.UTC(2026, 1, 1, 10, 30)],
    ['2026-02-01T10:30:00+02:00', Date.UTC(2026, 1, 1, 8, 30)], ['1800000000000', 1_800_000_000_000], [' 1d ', NOW + 86_400_000],
  ])('%s', (text, expected) => {
    expect(value(readExpiry(text, NOW, 'live'))).toBe(expected);
    expect(value(readExpiry(text, NOW, 'lab'))).toBe(expected);
  });

  test.each(['', 'soon', '30', '1e9d', '30 days', '2026-13-01', '2026-02-30T10:00:00Z7', '01/02/2026', '-', '99999999999999999', '9999w99', '999999999w'])('%j is no moment', (text) => {
    const decided = readExpiry(text, NOW, 'live');
    expect(decided.ok && decided.value > NOW, text).toBe(false);
  });

  test.each(['-1h', '2020-01-01', '1500000000000', '0d'])('%s lies in the past: a Lab only', (text) => {
    expect(value(readExpiry(text, NOW, 'live'))).toBe('EXPIRY_INVALID');
    expect(value(readExpiry(text, NOW, 'test'))).toBe('EXPIRY_INVALID');
    expect(readExpiry(text, NOW, 'lab').ok).toBe(true);
  });

  test('no text makes it throw or answer something else than a safe integer', () => {
    fc.assert(fc.property(fc.string({ maxLength: 40 }), (text) => {
      const decided = readExpiry(text, NOW, 'lab');
      return !decided.ok || Number.isSafeInteger(decided.value);
    }));
  });
});

describe('what an operator gives', () => {
  test('EIDs: check digits count, but not in a Lab', () => {
    expect(value(readOrderEid('89049032123451234512345678901235', 'live'))).toBe('89049032123451234512345678901235');
    expect(value(readOrderEid('89049032123451234512345678901236', 'live'))).toBe('EID_INVALID');
    expect(value(readOrderEid('89049032123451234512345678901236', 'lab'))).toBe('89049032123451234512345678901236');
    expect(value(readOrderEid('8904903212345123451234567890123', 'lab'))).toBe('EID_INVALID');
  });

  test('MatchingIDs: guessable ones in a Lab only, empty ones everywhere', () => {
    expect(value(readOrderMatchingId('ABC', 'lab'))).toBe('ABC');
    expect(value(readOrderMatchingId('ABC', 'live'))).toBe('MATCHING_ID_WEAK');
    expect(value(readOrderMatchingId('AAAAAAAAAAAAAAAAAAAAAAAA', 'live'))).toBe('MATCHING_ID_WEAK');
    expect(value(readOrderMatchingId('04386-AGYFT-A74Y8-3F815', 'live'))).toBe('04386-AGYFT-A74Y8-3F815');
    expect(value(readOrderMatchingId('', 'live'))).toBe('');
    expect(value(readOrderMatchingId('lower', 'lab'))).toBe('MATCHING_ID_INVALID');
  });

  test('one line ending at the end of a code file is not part of the code', () => {
    const trimmed = (text: string): string => Buffer.from(withoutNewline(Buffer.from(text))).toString();
    expect(trimmed('abc\n')).toBe('abc');
    expect(trimmed('abc\r\n')).toBe('abc');
    expect(trimmed('abc\n\n')).toBe('abc\n');
    expect(trimmed('abc ')).toBe('abc ');
    expect(trimmed('abc\r')).toBe('abc\r');
    expect(trimmed('\n')).toBe('');
    expect(trimmed('')).toBe('');
  });
});

test('order ids differ with every octet of the randomness', () => {
  const random = (at: number, to: number): Uint8Array => new Uint8Array(20).map((_, i) => (i === at ? to : 0));
  const ids = new Set(Array.from({ length: 20 }, (_, i) => makeOrderId(random(i, 7))));
  expect(ids.size).toBe(20);
  expect(makeOrderId(random(0, 0))).toBe('o-00000000000000000000');
});

test('the QR matrix is square, of zeros and ones, with its three finders', () => {
  const rows = qrRows('LPA:1$smdp.test.example$ABCDE-FGHJK-LMNPQ-RSTUV');
  expect(rows.every((row) => row.length === rows.length && /^[01]+$/.test(row))).toBe(true);
  const size = rows.length;
  for (const [y, x] of [[0, 0], [0, size - 7], [size - 7, 0]] as const) expect(rows[y]!.slice(x, x + 7)).toBe('1111111');
});
