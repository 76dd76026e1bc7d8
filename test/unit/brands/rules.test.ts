import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { covers, iccidLengths, mayOrderIccid, mayOrderType, mergeRanges, nextIccid, overlaps, parseRange, parseRanges, pointsOf, withinQuota } from '../../../src/main/engine/brands/rules.ts';
import type { Grants, IccidRange } from '../../../src/main/engine/brands/rules.ts';

const ranges = (text: string): readonly IccidRange[] | string => {
  const read = parseRange(text);
  return read.ok ? read.value : read.code;
};

describe('a range of ICCIDs', () => {
  test.each<[string, readonly IccidRange[]]>([
    ['8988001000000000000-8988001999999999999', [{ first: '8988001000000000000', last: '8988001999999999999' }]],
    ['89880010000000000000-89880010000000000009', [{ first: '89880010000000000000', last: '89880010000000000009' }]],
    ['8988001000000000000F-8988001000000000009F', [{ first: '8988001000000000000', last: '8988001000000000009' }]],
    // Without check digits: every number and whatever its check digit is.
    ['898800100000000000-898800100000000004', [{ first: '8988001000000000000', last: '8988001000000000049' }]],
    ['89880012*', [{ first: '8988001200000000000', last: '8988001299999999999' }, { first: '89880012000000000000', last: '89880012999999999999' }]],
    [' 8988 0012 * ', [{ first: '8988001200000000000', last: '8988001299999999999' }, { first: '89880012000000000000', last: '89880012999999999999' }]],
    ['8988001234567890123*', [{ first: '8988001234567890123', last: '8988001234567890123' }, { first: '89880012345678901230', last: '89880012345678901239' }]],
  ])('%s', (text, expected) => expect(ranges(text)).toEqual(expected));

  test.each([
    '', '*', '8*', '12*', '1288001*', '8988', '8988001000000000000', '8988001000000000000-', '-8988001000000000000', '8988001000000000009-8988001000000000000',
    '8988001000000000000-89880010000000000000', '8988001000000000000-8988001000000000001*', '8988001*-8988002*', '88001000000000000001-88001000000000000002', '8988001x*', '89*,88*',
  ])('%j is none', (text) => expect(ranges(text)).toBe('RANGE_INVALID'));

  test('one wrong element refuses the whole list', () => expect(parseRanges(['89880012*', 'x'])).toMatchObject({ ok: false, code: 'RANGE_INVALID' }));
});

/** ICCIDs of few digits that differ, so that ranges meet. */
const iccid = fc.tuple(fc.constantFrom(...iccidLengths), fc.integer({ min: 0, max: 60 })).map(([length, n]) => `89${String(n).padStart(length - 2, '0')}`);
const range = fc.tuple(iccid, fc.integer({ min: 0, max: 8 })).map(([first, more]): IccidRange => ({ first, last: (BigInt(first) + BigInt(more)).toString() }));

describe('ranges', () => {
  test('merging neither adds nor loses an ICCID, and leaves none that touch', () => {
    fc.assert(fc.property(fc.array(range, { maxLength: 12 }), iccid, (all, one) => {
      const merged = mergeRanges(all);
      expect(merged.some((r) => covers(r, one))).toBe(all.some((r) => covers(r, one)));
      for (const [i, a] of merged.entries()) for (const b of merged.slice(i + 1)) expect(overlaps(a, b) || nextIccid(a.last) === b.first).toBe(false);
    }));
  });
  test('two overlap when an ICCID lies in both', () => {
    fc.assert(fc.property(range, range, (a, b) => {
      const shared = [a.first, a.last, b.first, b.last].some((one) => covers(a, one) && covers(b, one));
      expect(overlaps(a, b)).toBe(shared);
      expect(overlaps(b, a)).toBe(overlaps(a, b));
    }));
  });
  test('what is read covers what it names, and every prefix is covered in both lengths', () => {
    fc.assert(fc.property(range, (r) => {
      const read = ranges(`${r.first}-${r.last}`);
      expect(read).toEqual([r]);
    }));
    fc.assert(fc.property(fc.stringMatching(/^89\d{0,17}$/), fc.constantFrom(...iccidLengths), fc.stringMatching(/^\d{18}$/), (prefix, length, tail) => {
      const one = (prefix + tail).slice(0, length);
      expect((ranges(`${prefix}*`) as IccidRange[]).some((r) => covers(r, one))).toBe(true);
    }));
  });
  test('no text makes it throw, and what is read is well formed', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[89\dF*-]{0,44}$/)), (text) => {
      const read = parseRange(text);
      return !read.ok || read.value.every((r) => r.first.length === r.last.length && r.first <= r.last && /^89\d{17,18}$/.test(r.first));
    }), { numRuns: 2000 });
  });
  test('the next ICCID keeps its length and ends behind the last', () => {
    expect(nextIccid('8988001000000000009')).toBe('8988001000000000010');
    expect(nextIccid('9'.repeat(19))).toBeUndefined();
  });
});

const grants = (changes: Partial<Grants> = {}): Grants => ({ brandId: 7, name: 'Brand', allTypes: true, typeIds: [], ranges: [], openOrders: null, ordersPerDay: null, ...changes });
const code = (decided: { ok: boolean; code?: string }): string => (decided.ok ? 'yes' : decided.code!);

describe('what a brand may', () => {
  test.each<[string, Partial<Grants>, string]>([
    ['every type', {}, 'yes'], ['this type', { allTypes: false, typeIds: [1, 2] }, 'yes'], ['another type', { allTypes: false, typeIds: [2] }, 'TYPE_NOT_ENTITLED'], ['no type', { allTypes: false }, 'TYPE_NOT_ENTITLED'],
  ])('%s', (_name, changes, expected) => expect(code(mayOrderType(grants(changes), { id: 1, name: 'consumer' }))).toBe(expected));

  const own = { ranges: [{ first: '8988001000000000010', last: '8988001000000000019' }] };
  test.each<[string, Partial<Grants>, string, number | undefined, string]>([
    ['without ranges, nobody\'s', {}, '8988001000000000015', undefined, 'yes'], ['without ranges, another\'s', {}, '8988001000000000015', 8, 'ICCID_NOT_ENTITLED'],
    ['in its own range', own, '8988001000000000015', 7, 'yes'], ['the first', own, '8988001000000000010', 7, 'yes'], ['the last', own, '8988001000000000019', 7, 'yes'],
    ['before its range', own, '8988001000000000009', undefined, 'ICCID_NOT_ENTITLED'], ['behind its range', own, '8988001000000000020', undefined, 'ICCID_NOT_ENTITLED'],
    ['of another length', own, '89880010000000000150', undefined, 'ICCID_NOT_ENTITLED'],
    ['in its range, of a type it may not have', { ...own, allTypes: false, typeIds: [2] }, '8988001000000000015', 7, 'ICCID_NOT_ENTITLED'],
    ['in its range, of its type', { ...own, allTypes: false, typeIds: [1] }, '8988001000000000015', 7, 'yes'],
  ])('an ICCID %s', (_name, changes, one, owner, expected) => expect(code(mayOrderIccid(grants(changes), { iccid: one, typeId: 1 }, owner))).toBe(expected));

  test.each<[Partial<Grants>, number, number, string]>([
    [{}, 1e9, 1e9, 'yes'], [{ openOrders: 2 }, 1, 99, 'yes'], [{ openOrders: 2 }, 2, 0, 'QUOTA_EXCEEDED'], [{ openOrders: 0 }, 0, 0, 'QUOTA_EXCEEDED'],
    [{ ordersPerDay: 3 }, 99, 2, 'yes'], [{ ordersPerDay: 3 }, 0, 3, 'QUOTA_EXCEEDED'], [{ ordersPerDay: 0 }, 0, 0, 'QUOTA_EXCEEDED'],
  ])('a quota %j with %i open and %i in a day: %s', (changes, open, day, expected) => expect(code(withinQuota(grants(changes), open, day))).toBe(expected));
});

test('progress points: the defaults, with what a brand has otherwise', () => {
  expect(pointsOf('{}')).toEqual({ eligibility: 1, confirmation: 2, download: 3, installation: 4, enabled: 101, disabled: 102, deleted: 103 });
  expect(pointsOf('{"enabled":201,"deleted":null}')).toMatchObject({ enabled: 201, deleted: null, download: 3 });
});
