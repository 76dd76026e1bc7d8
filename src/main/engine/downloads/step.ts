/** What every ES9+ step has in common: who calls, one row for the live screen, one turn per order. */
import type { SessionMessage } from '../../../shared/contract/session-message.ts';
import { mask } from '../../../shared/identifiers/index.ts';
import { sameBytes, toHex } from '../../../shared/tlv/index.ts';
import { parseCertificate, RspError } from '../../rsp/index.ts';
import type { Curve } from '../../rsp/index.ts';
import type { Call, EngineContext, Tx } from '../context.ts';
import { recordActivation } from '../profiles/index.ts';
import { write } from '../store/index.ts';
import type { Failure, Remote } from './answer.ts';
import { codeOf, ownFault } from './answer.ts';
import { failedView } from './messages.ts';
import { orderFactsById, recordStep, updateSession } from './records.ts';
import type { SessionRecord } from './records.ts';

export type SessionFunction = 'initiateAuthentication' | 'authenticateClient' | 'getBoundProfilePackage' | 'handleNotification' | 'cancelSession';

export const hexId = (transactionId: Uint8Array): string => toHex(transactionId).toUpperCase();

export function deviceCall(eid: string | null | undefined, transactionId: string): Call {
  return { actor: eid ? `device:${mask(eid)}` : 'device', host: 'es9plus', correlationId: transactionId };
}

/** Octets of a JSON answer with these fields; binary ones stand in base64. */
export function answerBytes(fields: Readonly<Record<string, string | Uint8Array>>): number {
  let size = 72;
  for (const [name, value] of Object.entries(fields)) size += name.length + 6 + (typeof value === 'string' ? value.length : Math.ceil(value.length / 3) * 4);
  return size;
}

const FAILED_BYTES = 170;

/** Sliding lifetime of a session in milliseconds. */
export const sessionLife = (ctx: EngineContext): number => ctx.settings().sessionMinutes * 60_000;

export const isAlive = (session: SessionRecord, now: number): boolean => session.expires_at > now;

export interface Refusal {
  readonly session: SessionRecord;
  readonly function: SessionFunction;
  readonly failure: Failure;
  readonly remote: Remote;
  /** What may be kept of the request. */
  readonly request?: SessionMessage['request'];
  /** What of the session changes besides its code and counters. */
  readonly changes?: Parameters<typeof updateSession>[3];
  /** Profile whose timeline shows the refusal. */
  readonly about?: { readonly profileId: number; readonly orderId: string; readonly eid?: string };
}

/** Steps kept of a session. An honest one has a dozen; who repeats a refused message for as long as it lives fills no table. */
const MOST_STEPS = 100;

const DETAIL = 300;

/** Writes a refused step in the transaction in hand. */
export async function writeRefusal(tx: Tx, ctx: EngineContext, refusal: Refusal): Promise<void> {
  const at = ctx.clock.now();
  const code = codeOf(refusal.failure);
  const { transaction_id: transactionId } = refusal.session;
  await updateSession(tx, transactionId, at, { ...refusal.changes, code, detail: refusal.failure.message.slice(0, DETAIL) });
  if (refusal.session.steps >= MOST_STEPS) return;
  await recordStep(tx, {
    transactionId, at, function: refusal.function, milliseconds: refusal.remote.elapsed(), requestBytes: refusal.remote.requestBytes, responseBytes: FAILED_BYTES, code,
    ...(refusal.request ? { messages: { request: refusal.request, response: failedView(refusal.failure) } } : {}),
  });
  if (refusal.about) {
    await recordActivation(tx, refusal.about.profileId, {
      stage: 'refused', at, source: 'es9plus', text: `Refused: ${refusal.failure.message}`, code, orderId: refusal.about.orderId, transactionId,
    }, deviceCall(refusal.about.eid, transactionId));
  }
}

/** Writes a refused step in a transaction of its own and answers it. */
export async function refuseStep(ctx: EngineContext, refusal: Refusal): Promise<{ failed: Failure }> {
  await write(ctx, (tx) => writeRefusal(tx, ctx, refusal));
  sessionsChanged(ctx);
  return { failed: refusal.failure };
}

async function aboutOf(ctx: EngineContext, { order_id: orderId, eid }: SessionRecord): Promise<Pick<Refusal, 'about'>> {
  const order = orderId === null ? undefined : await orderFactsById(ctx.reader, orderId);
  return order ? { about: { profileId: order.profileId, orderId: order.orderId, ...(eid === null ? {} : { eid }) } } : {};
}

/**
 * Runs a step; when it fails for a reason of ours, that is written down at this moment as a refusal with 8.8/4.2 before the
 * fault goes on to the caller, who answers it. Whatever the device does then, and it can only end the session (SGP.22 v2.2,
 * 3.1.3.1), does not look like a decision of its user.
 */
export async function ownFaultNoted<T>(ctx: EngineContext, refusal: Omit<Refusal, 'failure'>, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    try {
      await refuseStep(ctx, { ...(await aboutOf(ctx, refusal.session)), ...refusal, failure: ownFault() });
    } catch (second) {
      ctx.log.error('a failed ES9+ step could not be noted', { function: refusal.function, transactionId: refusal.session.transaction_id, error: second });
    }
    throw error;
  }
}

/** Decodes a message; what cannot be read becomes its sentence. */
export function tryParse<T>(parse: () => T): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string } {
  try {
    return { ok: true, value: parse() };
  } catch (error) {
    if (error instanceof RspError) return { ok: false, why: error.message };
    throw error;
  }
}

const turns = new Map<string, Promise<unknown>>();

/**
 * Runs one after the other what concerns one order: confirmation codes tried side by side would each see the same count of
 * attempts. One engine owns a workspace, so a turn inside the process is enough.
 */
export async function inTurn<T>(orderId: string, run: (waited: boolean) => Promise<T>): Promise<T> {
  const before = turns.get(orderId);
  const mine = before ? before.then(() => run(true)) : run(false);
  const settled = mine.catch(() => undefined);
  turns.set(orderId, settled);
  try {
    return await mine;
  } finally {
    if (turns.get(orderId) === settled) turns.delete(orderId);
  }
}

const keys = new Map<string, { curve: Curve; publicPoint: Uint8Array }>();

/** Key of the eUICC a session was authenticated with, out of its stored certificate. */
export function euiccKey(session: Pick<SessionRecord, 'transaction_id' | 'euicc_certificate' | 'euicc_public_key'>): { curve: Curve; publicPoint: Uint8Array } | undefined {
  if (session.euicc_certificate === null || session.euicc_public_key === null) return undefined;
  const known = keys.get(session.transaction_id);
  // A refused session may have been authenticated again by another eUICC.
  if (known && sameBytes(known.publicPoint, session.euicc_public_key)) return known;
  const { curve, publicPoint } = parseCertificate(session.euicc_certificate);
  keys.set(session.transaction_id, { curve, publicPoint });
  if (keys.size > 2048) keys.delete(keys.keys().next().value!);
  return { curve, publicPoint };
}

const later = new WeakMap<object, NodeJS.Timeout>();

/** Tells open windows about sessions at most four times a second, however many devices there are. */
export function sessionsChanged(ctx: EngineContext): void {
  if (later.has(ctx.db)) return;
  later.set(ctx.db, setTimeout(() => {
    later.delete(ctx.db);
    ctx.changed('sessions', 'orders', 'profiles');
  }, 250).unref());
}
