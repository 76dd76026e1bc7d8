/** Import of vendors' files: what comes in from outside, checked and sealed. */
export { procedures } from './procedures.ts';
export { recoverImports } from './recover.ts';
