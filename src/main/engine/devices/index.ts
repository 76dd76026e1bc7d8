/** eUICCs that authenticated here, and what they said of themselves. */
export { procedures } from './procedures.ts';
export { learnEuicc } from './records.ts';
export type { SeenEuicc } from './records.ts';
