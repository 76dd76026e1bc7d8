import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { insideRanges, numbersAt, overlap, plus, rangeProblem } from '../../../src/main/engine/numbers/range-rules.ts';
import type { RangeNumbers } from '../../../src/main/engine/numbers/range-rules.ts';
import { luhnValid } from '../../../src/shared/identifiers/index.ts';

describe('ranges', () => {
  const range = (extra: Partial<RangeNumbers> = {}): RangeNumbers => ({ id: 'r', iccidFirst: '898821100000000100', imsiFirst: '001010000000100', msisdnFirst: undefined, count: 10, used: 0, ...extra });
  it('count on with check digits that hold', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 9 }), (index) => {
      const set = numbersAt(range({ msisdnFirst: '441234567890' }), index);
      expect(luhnValid(set.iccid)).toBe(true);
      expect(set.iccid.slice(0, 18)).toBe(plus('898821100000000100', index));
      expect(Number(set.imsi)).toBe(1010000000100 + index);
      expect(set.msisdn).toBe(String(441234567890 + index));
    }));
  });
  it('meet exactly when they share a number', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 20 }), (shift, count) => {
      const other = range({ iccidFirst: plus('898821100000000080', shift)!, imsiFirst: '262010000000000', count });
      const share = shift < 30 && shift + count > 20;
      expect(overlap(range(), other) !== undefined).toBe(share);
      expect(overlap(other, range()) !== undefined).toBe(share);
    }));
    expect(overlap(range(), range({ iccidFirst: '898821100000009999' }))).toBe('IMSI');
  });
  it('know their own numbers and their limits', () => {
    expect(insideRanges([range()], numbersAt(range(), 9).iccid, '262010000000000')).toMatchObject({ column: 'iccid' });
    expect(insideRanges([range()], '8988211999999999993', numbersAt(range(), 9).imsi)).toMatchObject({ column: 'imsi' });
    expect(insideRanges([range()], '8988211999999999993', '001010000000110')).toBeUndefined();
    expect(rangeProblem(range())).toBeUndefined();
    expect(rangeProblem(range({ iccidFirst: '899999999999999999' }))).toBeDefined();
    expect(rangeProblem(range({ imsiFirst: '001999999999999' }))).toBeDefined();
    expect(rangeProblem(range({ iccidFirst: '778821100000000100' }))).toBeDefined();
  });
});
