/** One ES9+ request in either binding, without a socket: what is asked is in, the reply is out (SGP.22 v2.2, 6.5 and 6.6). */
import type { EngineContext } from '../../context.ts';
import type { ListenerIdentities, Remote } from '../../downloads/index.ts';
import { BodyError } from '../https-listener.ts';
import { asn1Fault, ASN1_TYPE, readAsn1Call, writeAsn1 } from './asn1.ts';
import { run } from './functions.ts';
import type { Es9Name } from './functions.ts';
import { failureBody, MemberError, parseBody, readJsonCall, writeJson } from './json.ts';

const JSON_PATH = '/gsma/rsp2/es9plus/';
const ASN1_PATH = '/gsma/rsp2/asn1';
const jsonNames: readonly string[] = ['initiateAuthentication', 'authenticateClient', 'getBoundProfilePackage', 'cancelSession', 'handleNotification'] satisfies Es9Name[];

export type Route = { readonly binding: 'json'; readonly name: Es9Name } | { readonly binding: 'asn1' };

export interface Reply {
  readonly status: number;
  /** Absent with an empty body. */
  readonly type?: string;
  readonly body?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a reply says about HTTP itself; never used for the outcome of a function. */
export const httpProblem = (status: number, message: string, headers?: Readonly<Record<string, string>>): Reply =>
  ({ status, type: 'application/json', body: Buffer.from(JSON.stringify({ error: message })), ...(headers ? { headers } : {}) });

/** The path of a request target; the absolute form (RFC 9112, 3.2.2) names the same resource. */
function pathOf(target: string): string {
  return target.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0]!;
}

/** What a request is for, before its body is read. */
export function route(method: string | undefined, target: string, contentType: string | undefined): Route | { readonly refused: Reply } {
  const path = pathOf(target);
  const name = path.startsWith(JSON_PATH) ? path.slice(JSON_PATH.length) : undefined;
  const found: Route | undefined = path === ASN1_PATH ? { binding: 'asn1' } : name !== undefined && jsonNames.includes(name) ? { binding: 'json', name: name as Es9Name } : undefined;
  if (!found) return { refused: httpProblem(404, 'no such function') };
  if (method !== 'POST') return { refused: httpProblem(405, 'POST only', { Allow: 'POST' }) };
  const type = contentType?.split(';', 1)[0]!.trim().toLowerCase();
  if (found.binding === 'asn1') return type === ASN1_TYPE ? found : { refused: httpProblem(415, `${ASN1_TYPE} only`) };
  return type === undefined || /^application\/(?:[\w.+-]+\+)?json$/.test(type) ? found : { refused: httpProblem(415, 'application/json only') };
}

const empty: Reply = { status: 204 };
const jsonReply = (text: string | undefined): Reply => (text === undefined ? empty : { status: 200, type: 'application/json', body: Buffer.from(text) });
const asn1Reply = (der: Uint8Array | undefined): Reply => (der === undefined ? empty : { status: 200, type: ASN1_TYPE, body: Buffer.from(der.buffer, der.byteOffset, der.byteLength) });

/** Answers everything, also a fault of ours. A body the binding cannot read throws {@link BodyError}. */
export function serve(ctx: EngineContext, listener: ListenerIdentities, to: Route, body: Buffer, remote: Omit<Remote, 'binding'>): Promise<Reply> {
  return to.binding === 'asn1' ? serveAsn1(ctx, listener, body, { ...remote, binding: 'asn1' }) : serveJson(ctx, listener, to.name, body, { ...remote, binding: 'json' });
}

async function serveJson(ctx: EngineContext, listener: ListenerIdentities, name: Es9Name, body: Buffer, remote: Remote): Promise<Reply> {
  const members = parseBody(body);
  try {
    return jsonReply(writeJson(await run(ctx, listener, readJsonCall(name, members), remote)));
  } catch (error) {
    // An LPA sends a notification until it is acknowledged: what cannot be read must not come again for ever.
    if (error instanceof MemberError) return name === 'handleNotification' ? empty : jsonReply(failureBody(error.failure));
    return name === 'handleNotification' ? again(ctx, error) : jsonReply(failureBody(fault(ctx, name, error)));
  }
}

async function serveAsn1(ctx: EngineContext, listener: ListenerIdentities, body: Buffer, remote: Remote): Promise<Reply> {
  const call = readAsn1Call(body);
  try {
    return asn1Reply(writeAsn1(await run(ctx, listener, call, remote)));
  } catch (error) {
    if (error instanceof BodyError) throw error;
    if (call.name === 'handleNotification') return again(ctx, error);
    fault(ctx, call.name, error);
    return asn1Reply(asn1Fault(call.name));
  }
}

function fault(ctx: EngineContext, name: Es9Name, error: unknown) {
  ctx.log.error('an ES9+ function failed', { function: name, error });
  return { subject: '8.8', reason: '4.2', message: 'The SM-DP+ could not finish the function.' };
}

/** A notification that was not stored must come again; every other function has its own way to say that it failed. */
function again(ctx: EngineContext, error: unknown): Reply {
  fault(ctx, 'handleNotification', error);
  return httpProblem(503, 'try again', { 'Retry-After': '30' });
}
