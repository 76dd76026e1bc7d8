/** Numbers: ledgers of ICCIDs, IMSIs and MSISDNs, ranges built on them, levels of stock. */
export { insideRanges, numbersAt, plus } from './range-rules.ts';
export type { NumberSet, RangeNumbers } from './range-rules.ts';
export { allRanges, createRange, listRanges, openRanges } from './ranges.ts';
