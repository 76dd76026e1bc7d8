/** Taking, confirming and releasing in one step, as the window does. */
import type { Call, EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { EventSource, ProfileRowRecord } from '../profiles/index.ts';
import { confirmOrder, readConfirmation } from './confirm.ts';
import type { ConfirmationRequest, ReadyConfirmation } from './confirm.ts';
import type { OrderRecord } from './records.ts';
import { downloadOrder } from './reserve.ts';
import { makeOrderId } from './rules.ts';

export interface OrderRequest extends Omit<ConfirmationRequest, 'orderId' | 'smdsAddress'> {
  readonly type?: string | undefined;
  readonly iccid?: string | undefined;
}

/** A request whose every part was checked and whose secret is sealed. */
export interface ReadyOrder {
  readonly type?: string;
  readonly iccid?: string;
  readonly confirmation: ReadyConfirmation;
}

/** Checks and seals what stands outside the transaction. Throws {@link DeskProblem}. */
export async function prepareOrder(ctx: EngineContext, request: OrderRequest): Promise<ReadyOrder> {
  const { type, iccid, ...rest } = request;
  const orderId = makeOrderId(ctx.random(20));
  const confirmation = await readConfirmation(ctx, { ...rest, orderId });
  if (confirmation.matchingId === '' && confirmation.eid === undefined) {
    throw new DeskProblem('EID_REQUIRED', 'With an empty MatchingID the device is found by its EID alone: give the EID.', { field: 'eid' });
  }
  return { confirmation, ...(type === undefined ? {} : { type }), ...(iccid === undefined ? {} : { iccid }) };
}

/** Takes a profile, confirms and (when asked) releases it: SGP.22 v2.2, 5.3.1 and 5.3.2. In the transaction of the call. */
export async function createOrder(tx: Tx, ctx: EngineContext, ready: ReadyOrder, call: Call, source: EventSource = 'operator'): Promise<{ order: OrderRecord; profile: ProfileRowRecord }> {
  const { orderId: id, eid, expiresAt } = ready.confirmation;
  await downloadOrder(tx, ctx, { type: ready.type, iccid: ready.iccid, eid }, call, source, { id, expiresAt });
  const { order, profile } = await confirmOrder(tx, ctx, ready.confirmation, call, source);
  return { order, profile };
}
