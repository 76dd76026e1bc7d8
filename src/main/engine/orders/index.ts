/** Orders: from "this customer gets a profile" to its end. */
export { activationCodeOf, deliveryOf } from './delivery.ts';
export type { Delivery } from './delivery.ts';
export { confirmOrder, prepareConfirmation } from './confirm.ts';
export type { ConfirmationRequest, ReadyConfirmation } from './confirm.ts';
export { createOrder, prepareOrder } from './create.ts';
export type { OrderRequest, ReadyOrder } from './create.ts';
export { cancelOrder, closeOrder, expireOrder, sweepExpired } from './ending.ts';
export { procedures } from './procedures.ts';
export { noteProgress } from './progress.ts';
export type { Progress } from './progress.ts';
export { orderById, orderOfIccid } from './records.ts';
export type { OrderRecord } from './records.ts';
export { prepareRelease, releaseOrder } from './release.ts';
export type { ReadyRelease } from './release.ts';
export { downloadOrder } from './reserve.ts';
export type { Customer, DownloadRequest, OrderResult } from './reserve.ts';
export { regroupedMatchingId } from './rules.ts';
export type { Expectation, OrderOutcome } from './rules.ts';
