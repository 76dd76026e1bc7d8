/** Numbers: ledgers of ICCIDs, IMSIs and MSISDNs, ranges built on them, levels of stock. */
import { checkKind } from './check.ts';

export { burn } from './blocks.ts';
export type { Burn } from './blocks.ts';
export { sweepStock, watchLevels } from './chores.ts';
export { refusedNumbers, whereIs } from './find.ts';
export { levelsOf, levelViews, sentenceOf } from './levels.ts';
export type { Level } from './levels.ts';
export { entitlementsChanged } from './owners.ts';
export { procedures } from './procedures.ts';
export type { Preparer } from './proposals.ts';
export { insideRanges, numbersAt, plus } from './range-rules.ts';
export type { NumberSet, RangeNumbers } from './range-rules.ts';
export { keptPlaces } from './kept-places.ts';
export { allRanges, createRange, listRanges, openRanges, ownPlaces } from './ranges.ts';
export type { RangeChoice } from './ranges.ts';
export { closeNumberJournal, journalAhead, keysMadeFor, numbersNoted, recoverNumbers } from './recover.ts';
export { ledgerEntitlements } from './upgrade.ts';

/** Long work of this area, for the job runner. */
export const jobKinds = [checkKind] as const;
