/** Stock: number ranges, the synthetic lab. */
import { fillLabKind } from './lab.ts';

export { procedures } from './procedures.ts';
export { allRanges, insideRanges } from '../numbers/index.ts';
export type { RangeNumbers } from '../numbers/index.ts';

/** Long work of this area, for the job runner. */
export const jobKinds = [fillLabKind] as const;
