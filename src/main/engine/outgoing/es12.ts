/**
 * ES12: events at an SM-DS (SGP.22 v2.2, 5.9 and 6.5.2.13, 6.5.2.14). Registration answers at once, because ConfirmOrder and
 * ReleaseProfile must say 8.9/5.1 or 8.9/4.2; deletion goes through the outbox.
 */
import { mask } from '../../../shared/identifiers/index.ts';
import { DeskProblem, type EngineContext, type Tx } from '../context.ts';
import { armUndo, attemptSettled, disarmUndo, dropUndo, enqueue } from '../outbox/index.ts';
import type { OutboxDelivery, OutboxHandler, OutboxOutcome } from '../outbox/index.ts';
import { write } from '../store/index.ts';
import { type Answer, postJson, type Timeouts } from './client.ts';
import { smdsRoots } from './records.ts';
import { functionStatus, type FunctionStatus } from './status.ts';
import { shownUrl, smdsUrl } from './target.ts';
import { type OwnSide, ownSide } from './tls.ts';

export const DELETE_EVENT_KIND = 'es12.deleteEvent';
/** A registration that no transaction kept is taken back after this. Milliseconds. */
const UNDO_AFTER = 600_000;

export interface SmdsEvent {
  /** Host, perhaps with port. */
  readonly smdsAddress: string;
  readonly eid: string;
  /** What the LPA presents as MatchingID. Unique among our events. */
  readonly eventId: string;
  readonly orderId?: string;
  readonly brandId?: number;
}

/** `SMDS_UNREACHABLE` (8.9/5.1): name, connection, TLS, time, HTTP. `SMDS_REFUSED` (8.9/4.2): the SM-DS answered Failed. */
export type Registration = { readonly ok: true } | { readonly ok: false; readonly problem: DeskProblem };

interface UndoPayload { readonly smdsAddress: string; readonly eid: string; readonly eventId: string; readonly rspServerAddress?: string }

type Es12Answer = { readonly status: FunctionStatus } | { readonly unreachable: string; readonly reached: boolean; readonly retryAfter?: number };

function es12Answer(answer: Answer): Es12Answer {
  if (!answer.ok) return { unreachable: answer.why, reached: answer.reached };
  const after = answer.retryAfter === undefined ? {} : { retryAfter: answer.retryAfter };
  if (answer.status !== 200) return { unreachable: `It answers HTTP ${answer.status}.`, reached: true, ...after };
  const status = functionStatus(answer.text);
  return status ? { status } : { unreachable: 'It answers without a function status.', reached: true };
}

async function callSmds(ctx: EngineContext, functionName: 'registerEvent' | 'deleteEvent', smdsAddress: string, callId: string, members: object, options: { signal?: AbortSignal; timeouts?: Timeouts }): Promise<Es12Answer> {
  const url = smdsUrl(smdsAddress, functionName);
  if (!url) return { unreachable: 'This is not the address of an SM-DS: a host name, perhaps with a port.', reached: false };
  let own: OwnSide;
  try {
    own = await ownSide(ctx);
  } catch (error) {
    if (error instanceof DeskProblem) return { unreachable: error.message, reached: false };
    throw error;
  }
  const body = { header: { functionRequesterIdentifier: own.requester, functionCallIdentifier: callId }, ...members };
  return es12Answer(await postJson(ctx, { url, own, roots: await smdsRoots(ctx), body, ...options }));
}

const addressOf = (event: SmdsEvent): string => event.smdsAddress.trim().toLowerCase();
const undoKey = (event: SmdsEvent): string => `es12.undo:${addressOf(event)}:${event.eid}:${event.eventId}`;

const sameEvent = (a: unknown, b: UndoPayload): boolean => {
  const given = a as Partial<UndoPayload> | null | undefined;
  return given?.smdsAddress === b.smdsAddress && given.eid === b.eid && given.eventId === b.eventId && given.rspServerAddress === b.rspServerAddress;
};

/**
 * Registers an event, outside any transaction; {@link keepSmdsEvent} must follow in the transaction that confirms or releases the
 * order. What takes the event back is in the outbox before the call leaves, so that a crash, an answer that got lost or a
 * transaction that is refused leaves no event behind after ten minutes.
 */
export async function registerSmdsEvent(ctx: EngineContext, event: SmdsEvent, limits?: Timeouts): Promise<Registration> {
  const smdsAddress = addressOf(event);
  const unreachable = (why: string): Registration => ({ ok: false, problem: new DeskProblem('SMDS_UNREACHABLE', `The SM-DS ${smdsAddress.slice(0, 100)} could not be reached. ${why}`, { field: 'smdsAddress' }) });
  if (!smdsUrl(smdsAddress, 'registerEvent')) return unreachable('This is not the address of an SM-DS: a host name, perhaps with a port.');

  const rspServerAddress = ctx.settings().smdpAddress;
  const payload: UndoPayload = { smdsAddress, eid: event.eid, eventId: event.eventId, rspServerAddress };
  const dedupe = undoKey(event);
  const at = ctx.clock.now();
  const arm = () => write(ctx, (tx) => armUndo(tx, {
    kind: DELETE_EVENT_KIND, dedupe, payload, summary: `Take back an event at ${smdsAddress} whose order was not confirmed`, at, notBefore: at + UNDO_AFTER,
    ...(event.orderId === undefined ? {} : { orderId: event.orderId }), ...(event.brandId === undefined ? {} : { brandId: event.brandId }),
  }));
  const armed = await arm();
  // An earlier one may be on its way there right now: it must not arrive behind the registration, nor its outcome stand for this one.
  if (await attemptSettled(ctx, dedupe)) await arm();

  const drop = (why: string) => (armed.armed ? write(ctx, (tx) => dropUndo(tx, dedupe, ctx.clock.now(), why)) : Promise.resolve());
  const callId = Buffer.from(ctx.random(16)).toString('hex').toUpperCase();
  // A Root SM-DS ignores the indicator; an Alternative one must pass the event on, or no device would ask for it.
  const answer = await callSmds(ctx, 'registerEvent', smdsAddress, callId, { eid: event.eid, rspServerAddress, eventId: event.eventId, forwardingIndicator: true }, limits ? { timeouts: limits } : {});
  if ('unreachable' in answer) {
    // Where the request may have arrived, the event may exist: what undoes it stays.
    if (!answer.reached) await drop('The SM-DS was not reached: there is nothing to take back.');
    return unreachable(answer.unreachable);
  }
  const { status } = answer;
  const known = !status.ok && status.code === '8.9.5/3.3' && sameEvent(armed.earlier, payload);
  if (!status.ok && !known) {
    await drop('The SM-DS refused the event: there is nothing to take back.');
    return { ok: false, problem: new DeskProblem('SMDS_REFUSED', `The SM-DS ${smdsAddress} refused the event (${status.code}${status.message === undefined ? '' : `: ${status.message}`}).`, { field: 'smdsAddress' }) };
  }
  return { ok: true };
}

/** In the transaction that makes the event one of our state. Throws {@link DeskProblem} `SMDS_UNREACHABLE` when it was taken back already, which takes ten minutes. */
export async function keepSmdsEvent(tx: Tx, event: SmdsEvent, at: number): Promise<void> {
  if (await disarmUndo(tx, undoKey(event), at)) return;
  throw new DeskProblem('SMDS_UNREACHABLE', 'The registration at the SM-DS took too long and was taken back. Try again.', { field: 'smdsAddress' });
}

/** Deletes the event of an order that ended, whatever way: written in that transaction, once for each order and event. */
export async function deleteSmdsEvent(tx: Tx, event: SmdsEvent & { readonly orderId: string; readonly at: number }): Promise<void> {
  const smdsAddress = addressOf(event);
  await enqueue(tx, {
    kind: DELETE_EVENT_KIND, dedupe: `es12.delete:${event.orderId}:${event.eventId}`, payload: { smdsAddress, eid: event.eid, eventId: event.eventId },
    summary: `Delete the event of a closed order at ${smdsAddress}`, orderId: event.orderId, at: event.at, ...(event.brandId === undefined ? {} : { brandId: event.brandId }),
  });
}

function judgeDeletion(answer: Es12Answer): OutboxOutcome {
  if ('unreachable' in answer) return { done: false, unreachable: true, why: answer.unreachable, ...(answer.retryAfter === undefined ? {} : { retryAfter: answer.retryAfter }) };
  const { status } = answer;
  // The event is unknown: that is what was wanted.
  if (status.ok || status.code === '8.9.5/3.9') return { done: true };
  return { done: false, why: `The SM-DS refused (${status.code}${status.message === undefined ? '' : `: ${status.message}`}).` };
}

const deletionOf = (row: OutboxDelivery): UndoPayload => row.payload as UndoPayload;

export function deleteEventHandler(limits?: Timeouts): OutboxHandler {
  return {
    kind: DELETE_EVENT_KIND,
    async deliver(ctx, row, signal) {
      const { smdsAddress, eid, eventId } = deletionOf(row);
      return judgeDeletion(await callSmds(ctx, 'deleteEvent', smdsAddress, row.functionCallIdentifier, { eid, eventId }, { signal, ...(limits ? { timeouts: limits } : {}) }));
    },
    async describe(ctx, row) {
      const { smdsAddress, eid, eventId } = deletionOf(row);
      const url = smdsUrl(smdsAddress, 'deleteEvent');
      const requester = await ownSide(ctx).then((own) => own.requester, () => ctx.settings().smdpAddress);
      const body = { header: { functionRequesterIdentifier: requester, functionCallIdentifier: row.functionCallIdentifier }, eid: mask(eid), eventId: mask(eventId) };
      return { target: url ? shownUrl(url) : smdsAddress, body: JSON.stringify(body, null, 2) };
    },
  };
}
