/** Preparation in batches, the numbers they hold, and the files made from them. */
import { fileKind } from './file-kind.ts';
import { prepareKind } from './kind.ts';
import { outputProcedures } from './outputs.ts';
import { procedures as batchProcedures } from './procedures.ts';
import type { Implemented } from '../router/implement.ts';

export const procedures = (): Implemented[] => [...batchProcedures(), ...outputProcedures()];
export { recoverPreparation } from './recover.ts';
export { reservationOf, reservedNumbers } from './reservations.ts';
export type { ReservedNumbers } from './reservations.ts';
export { prepareOne } from './single.ts';
export { startBatch } from './start.ts';

/** Long work of this area, for the job runner. */
export const jobKinds = [prepareKind, fileKind] as const;
