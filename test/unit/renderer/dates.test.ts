import { describe, expect, it } from 'vitest';
import { dateProblem, isDate } from '../../../src/renderer/design/date-text.ts';

describe('a date as it is typed', () => {
  it('is a day of the calendar in the form lists show, and nothing else', () => {
    for (const good of ['2026-12-01', '2028-02-29']) expect(isDate(good), good).toBe(true);
    for (const bad of ['', '2026', '2026-13-01', '2026-02-29', '12/01/2026', '1.12.2026', '2026-12-1', '2026-12-01 10:00', ' 2026-12-01']) expect(isDate(bad), bad).toBe(false);
  });
  it('has a time where one is asked for', () => {
    for (const good of ['2026-12-01 14:30', '2026-12-01T00:00']) expect(isDate(good, true), good).toBe(true);
    for (const bad of ['2026-12-01', '2026-12-01 24:30', '2026-12-01 14:60', '2026-02-30 10:00', '2026-12-01 2pm']) expect(isDate(bad, true), bad).toBe(false);
  });
  it('says what is wrong; nothing is no mistake', () => {
    expect(dateProblem('')).toBeUndefined();
    expect(dateProblem('2026-12-01')).toBeUndefined();
    expect(dateProblem('12/01/2026')).toBe('A date as 2026-12-01');
    expect(dateProblem('2026-02-30')).toBe('There is no such day');
    expect(dateProblem('2026-12-01', true)).toBe('As 2026-12-01 14:30');
    expect(dateProblem('2026-12-01 25:00', true)).toBe('There is no such day or time');
  });
});
