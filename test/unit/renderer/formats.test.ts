import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { ago, bytes, grouped, moment, plural, share, shortened, span, words, zoneName } from '../../../src/renderer/design/formats.ts';

const at = Date.UTC(2026, 10, 22, 9, 5, 7);

describe('moments', () => {
  it('are sortable text in UTC', () => {
    expect(moment(at, 'utc')).toBe('2026-11-22 09:05:07');
    expect(moment(at, 'utc', false)).toBe('2026-11-22 09:05');
    expect(moment(Date.UTC(2026, 0, 1), 'utc')).toBe('2026-01-01 00:00:00');
  });
  it('sort as text the way they sort in time', () => {
    const some = fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) });
    fc.assert(fc.property(some, some, (a, b) => moment(Math.min(a, b), 'utc') <= moment(Math.max(a, b), 'utc')));
  });
  it('name their zone', () => {
    expect(zoneName('utc', at)).toBe('UTC');
    expect(zoneName('local', at)).toMatch(/^UTC/);
  });
  it('tell their age in one unit', () => {
    expect(ago(at, at + 3_000)).toBe('just now');
    expect(ago(at, at + 59_000)).toBe('59 s ago');
    expect(ago(at, at + 12 * 60_000)).toBe('12 min ago');
    expect(ago(at, at + 26 * 3_600_000)).toBe('1 d ago');
    expect(ago(at + 3 * 86_400_000, at)).toBe('in 3 d');
  });
});

describe('lengths of time', () => {
  it.each([
    [0, '0 ms'], [4.2, '4 ms'], [999, '999 ms'], [4_250, '4.2 s'], [9_999, '9.9 s'], [59_900, '59 s'], [60_000, '1 min'], [194_000, '3 min 14 s'], [7_500_000, '2 h 5 min'], [86_400_000, '1 d'], [2 * 86_400_000 + 4 * 3_600_000, '2 d 4 h'], [11 * 86_400_000, '11 d'],
  ])('%d ms is %s', (ms, text) => {
    expect(span(ms)).toBe(text);
  });
  it('never show sixty of a smaller unit', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 10 * 86_400_000 }), (ms) => !/\b60 (s|min)\b/.test(span(ms))));
  });
});

describe('sizes and shares', () => {
  it.each([[0, '0 B'], [1_023, '1023 B'], [1_024, '1.0 KiB'], [12_698, '12.4 KiB'], [482_344_960, '460 MiB']])('%d bytes is %s', (n, text) => {
    expect(bytes(n)).toBe(text);
  });
  it('has no share of nothing', () => {
    expect(share(0, 0)).toBe('–');
    expect(share(1, 8)).toBe('12.5%');
  });
});

describe('identifiers and words', () => {
  it('are grouped without losing a digit', () => {
    expect(grouped('8945700000000000142')).toBe('8945 7000 0000 0000 142');
    fc.assert(fc.property(fc.string({ maxLength: 40 }).filter((s) => !s.includes(' ')), fc.integer({ min: 1, max: 9 }), (text, size) => grouped(text, size).replaceAll(' ', '') === text));
  });
  it('are shortened only when it saves room', () => {
    expect(shortened('89049032004008882600000000000076')).toBe('89049032…0076');
    expect(shortened('8904903200400')).toBe('8904903200400');
  });
  it('become readable', () => {
    expect(words('install_failed')).toBe('Install failed');
    expect(words('session-keys')).toBe('Session keys');
    expect(words('Imported from fix1-done_2.csv')).toBe('Imported from fix1-done_2.csv');
    expect(words(' read again')).toBe('Read again');
    expect(plural(1, 'row')).toBe('1 row');
    expect(plural(1_200, 'row')).toBe('1,200 rows');
  });
});
