/** Effects outside the machine: written with the change that causes them, sent afterwards, at least once. */
export { enqueue } from './enqueue.ts';
export type { OutboxMessage } from './enqueue.ts';
export type { OutboxDelivery, OutboxDescription, OutboxHandler, OutboxOutcome } from './types.ts';
