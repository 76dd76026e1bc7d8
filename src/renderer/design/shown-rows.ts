/** Row errors: how many are drawn, and the sentence when that is not all of them. */
import { count } from './formats.ts';

export const shownRows = 200;

/** `known` errors came with the report, `rejected` rows were refused; a report carries the first of them only. */
export function shownNote(known: number, rejected: number): string | undefined {
  const all = Math.max(known, rejected);
  const shown = Math.min(known, shownRows);
  if (shown >= all) return undefined;
  return known > shown ? `${count(shown)} of ${count(all)} shown; the CSV has ${known < all ? `the first ${count(known)}` : 'all'}` : `${count(shown)} of ${count(all)} shown`;
}
