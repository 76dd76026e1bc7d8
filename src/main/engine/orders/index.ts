/** Orders: from "this customer gets a profile" to its end. */
export { activationCodeOf, deliveryOf } from './delivery.ts';
export type { Delivery } from './delivery.ts';
export { cancelOrder, closeOrder, createOrder, expireOrder, prepareOrder, releaseOrder, sweepExpired } from './orders.ts';
export type { OrderRequest, ReadyOrder } from './orders.ts';
export { procedures } from './procedures.ts';
export { orderById } from './records.ts';
export type { OrderRecord } from './records.ts';
export { regroupedMatchingId } from './rules.ts';
export type { OrderOutcome } from './rules.ts';
