/** Effects outside the machine: written with the change that causes them, sent afterwards, at least once. */
export { tidyOutbox } from './chores.ts';
export { enqueue } from './enqueue.ts';
export type { OutboxMessage } from './enqueue.ts';
export { countDead, procedures } from './procedures.ts';
export type { OutboxDelivery, OutboxDescription, OutboxHandler, OutboxOutcome } from './types.ts';
export { armUndo, disarmUndo, dropUndo } from './undo.ts';
export { attemptSettled, startOutbox } from './worker.ts';
export type { OutboxOptions, OutboxWorker } from './worker.ts';
