/** One ES2+ call from its members to its reply: read, found again or carried out, recorded. Never rejects. */
import { appendAudit } from '../../audit/index.ts';
import type { AuditEntry } from '../../audit/append.ts';
import type { Call, EngineContext } from '../../context.ts';
import type { Customer } from '../../orders/index.ts';
import { toProblem } from '../../router/problems.ts';
import { write } from '../../store/index.ts';
import { callKey, keepCall, keptCall, keyText } from './calls.ts';
import type { CallKey } from './calls.ts';
import { statusCodeOf } from './codes.ts';
import type { Es2FunctionName, StatusCode } from './codes.ts';
import { es2Functions } from './functions.ts';
import type { Done, Es2Function } from './functions.ts';
import { failedReplyOf, successReply } from './reply.ts';
import { halfCharacter, plainIccid, readRequest } from './request.ts';
import type { Es2Header, Es2Members } from './request.ts';

/** Calls being answered, by key: the same call twice at once is answered once. */
const inHand = new WeakMap<EngineContext, Map<string, Promise<Answered>>>();

interface Answered {
  /** JSON. */
  readonly reply: string;
  /** Code of ours when it was refused. */
  readonly refused?: string;
}

function callsInHand(ctx: EngineContext): Map<string, Promise<Answered>> {
  let calls = inHand.get(ctx);
  if (!calls) inHand.set(ctx, calls = new Map());
  return calls;
}

interface Recorded {
  readonly name: Es2FunctionName;
  readonly call: Call;
  readonly header: Es2Header | undefined;
  readonly members: Es2Members;
}

const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** ICCID, EID and MatchingID as they were asked for, where they have the form of one: nothing else of a request is recorded. */
function asked(members: Es2Members): Pick<Done, 'iccid' | 'eid' | 'matchingId'> {
  const iccid = asText(members['iccid']);
  const eid = asText(members['eid']);
  const matchingId = asText(members['matchingId']);
  return {
    ...(iccid !== undefined && /^\d{18,20}F{0,2}$/i.test(iccid) ? { iccid: plainIccid(iccid) } : {}),
    ...(eid !== undefined && /^\d{32}$/.test(eid) ? { eid } : {}),
    ...(matchingId !== undefined && /^[0-9A-Z_-]{0,255}$/.test(matchingId) ? { matchingId } : {}),
  };
}

function entry({ name, call, header, members }: Recorded, at: number, outcome: 'done' | 'refused', done: Partial<Done>, code?: string): AuditEntry {
  const { iccid, eid, matchingId } = { ...asked(members), ...done };
  const type = asText(members['profileType']);
  const list = members['iccidList'];
  return {
    at, event: `es2plus.${name}`, actor: call.actor, host: call.host, outcome, correlationId: call.correlationId,
    ...(done.orderId === undefined ? {} : { object: { type: 'order', id: done.orderId } }),
    fields: {
      ...(iccid === undefined ? {} : { iccid }), ...(type === undefined || type.length > 64 || halfCharacter.test(type) ? {} : { type }),
      ...(Array.isArray(list) ? { iccids: list.length } : {}),
      ...(typeof members['releaseFlag'] === 'boolean' ? { release: members['releaseFlag'] } : {}),
      ...(members['finalProfileStatusIndicator'] === 'Available' || members['finalProfileStatusIndicator'] === 'Unavailable' ? { finalState: members['finalProfileStatusIndicator'] } : {}),
      ...(header === undefined ? {} : { requester: header.requester, callId: header.callId }),
      ...(done.repeated === true ? { repeated: true } : {}), ...(code === undefined ? {} : { code }),
    },
    sensitive: { ...(eid ? { eid } : {}), ...(matchingId ? { matchingId } : {}) },
  };
}

async function record(ctx: EngineContext, what: Recorded, outcome: 'done' | 'refused', done: Partial<Done>, code?: string): Promise<void> {
  try {
    await write(ctx, (tx) => appendAudit(tx, ctx.random, entry(what, ctx.clock.now(), outcome, done, code)));
    ctx.changed('audit');
  } catch (error) {
    ctx.log.error('an ES2+ call could not be recorded', { function: what.name, correlationId: what.call.correlationId, error });
  }
}

async function refuse(ctx: EngineContext, what: Recorded, problem: string, status: StatusCode): Promise<Answered> {
  await record(ctx, what, 'refused', {}, problem);
  return { reply: JSON.stringify(failedReplyOf(status)), refused: problem };
}

async function carryOut(ctx: EngineContext, customer: Customer, what: Recorded, body: never, key: CallKey): Promise<string> {
  const { name, call } = what;
  const wanted = es2Functions[name] as unknown as Es2Function<Es2FunctionName, unknown>;
  const prepared = await wanted.prepare(ctx, customer, body);
  const reply = await write(ctx, async (tx) => {
    const at = ctx.clock.now();
    const done = await wanted.run(tx, ctx, customer, body, prepared, call);
    const text = JSON.stringify(successReply(done.fields));
    await appendAudit(tx, ctx.random, entry(what, at, 'done', done));
    // A question has no effect that a second answer could double.
    if (name !== 'getProfileStatus') await keepCall(tx, key, { reply: text, orderId: done.orderId ?? null }, at);
    return text;
  });
  if (name === 'getProfileStatus') ctx.changed('audit');
  else ctx.changed('orders', 'profiles', 'audit');
  return reply;
}

async function answerOnce(ctx: EngineContext, customer: Customer, what: Recorded, body: never, key: CallKey): Promise<Answered> {
  const { name, call } = what;
  try {
    const kept = name === 'getProfileStatus' ? undefined : await keptCall(ctx.reader, key);
    if (kept) {
      await record(ctx, what, 'done', { repeated: true, ...(kept.orderId === null ? {} : { orderId: kept.orderId }) });
      return { reply: kept.reply };
    }
    return { reply: await carryOut(ctx, customer, what, body, key) };
  } catch (error) {
    const problem = toProblem(error)?.code;
    if (problem === undefined) ctx.log.error('an ES2+ function failed', { function: name, correlationId: call.correlationId, error });
    return refuse(ctx, what, problem ?? 'INTERNAL', statusCodeOf(name, problem ?? 'INTERNAL'));
  }
}

/** The reply's JSON. The confirmation code in `members` is dropped as soon as it was read; it cannot be zeroed, being text. */
export async function answerEs2plus(ctx: EngineContext, customer: Customer, name: Es2FunctionName, members: Es2Members): Promise<string> {
  const call: Call = { actor: `brand:${customer.name}`, host: 'es2plus', correlationId: Buffer.from(ctx.random(12)).toString('hex') };
  const read = readRequest(name, ctx.environment, members);
  const { confirmationCode: _dropped, ...rest } = members;
  const what: Recorded = { name, call, header: read.header, members: rest };
  if (!read.ok) return (await refuse(ctx, what, read.refusal.problem, read.refusal.status)).reply;
  const key = callKey(customer.brandId, name, read.header, read.body);
  const calls = callsInHand(ctx);
  const text = keyText(key);
  const other = calls.get(text);
  if (other) {
    const { reply, refused } = await other;
    await record(ctx, what, refused === undefined ? 'done' : 'refused', { repeated: true }, refused);
    return reply;
  }
  const answered = answerOnce(ctx, customer, what, read.body as never, key);
  calls.set(text, answered);
  try {
    return (await answered).reply;
  } finally {
    calls.delete(text);
  }
}
