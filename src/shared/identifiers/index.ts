/** Identifiers of the trade: reading, checking, building, showing. Pure, runs anywhere. */
export * from './activation-code.ts';
export * from './eid.ts';
export * from './iccid.ts';
export * from './luhn.ts';
export * from './matching-id.ts';
export * from './numbers.ts';
export * from './recognise.ts';
export type { Parsed } from './result.ts';
export { withoutSeparators } from './result.ts';
export * from './show.ts';
