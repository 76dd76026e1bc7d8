/** Preparation in batches, the numbers they hold, and the files made from them. */
import { fileKind } from './file-kind.ts';
import { prepareKind } from './kind.ts';

export { procedures } from './procedures.ts';
export { recoverPreparation } from './recover.ts';
export { reservationOf, reservedNumbers } from './reservations.ts';
export type { ReservedNumbers } from './reservations.ts';
export { prepareOne } from './single.ts';
export { startBatch } from './start.ts';

/** Long work of this area, for the job runner. */
export const jobKinds = [prepareKind, fileKind] as const;
