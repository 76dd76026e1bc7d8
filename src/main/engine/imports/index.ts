/** Import of vendors' files: what comes in from outside, checked and sealed. */
import { commitKind, rollbackKind } from './commit.ts';
import { validateKind } from './validate.ts';

export { procedures } from './procedures.ts';
export { recoverImports } from './recover.ts';
export { sweepImports } from './session.ts';
export { usableKey } from './transport.ts';
export type { TransportKeyRecord } from './transport.ts';

/** Long work of this area, for the job runner. */
export const jobKinds = [validateKind, commitKind, rollbackKind] as const;
