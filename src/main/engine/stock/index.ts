/** Stock: number ranges, preparation. */
import { fillLabKind } from './lab.ts';
import { prepareKind } from './prepare.ts';

export { preparable, prepareOne } from './prepare.ts';
export { procedures } from './procedures.ts';
export { allRanges, insideRanges } from '../numbers/index.ts';
export type { RangeNumbers } from '../numbers/index.ts';

/** Long work of this area, for the job runner. */
export const jobKinds = [prepareKind, fillLabKind] as const;
