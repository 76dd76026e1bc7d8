/** The HTTPS listener that brands' systems call: ES2+ (SGP.22 v2.2, 5.3 and 6), with mutual TLS (6.4). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { recogniseBrand } from '../../brands/index.ts';
import type { EngineContext } from '../../context.ts';
import { DeskProblem } from '../../context.ts';
import { loadIdentities, tlsCandidates } from '../../keys/index.ts';
import type { OwnCertificate } from '../../keys/index.ts';
import { BodyError, readBody, startHttpsListener } from '../https-listener.ts';
import type { RequestOrigin } from '../https-listener.ts';
import { addressKey, requestRate } from '../limits.ts';
import { answerEs2plus } from './answer.ts';
import { chainOf } from './client.ts';
import { es2FunctionNames, statusCodeOf } from './codes.ts';
import type { Es2FunctionName } from './codes.ts';
import { createLanes } from './lanes.ts';
import { failedReplyOf } from './reply.ts';
import type { Es2Members } from './request.ts';

export { keepCalls, purgeCalls } from './calls.ts';

export interface Es2plusOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Identity whose TLS certificate is shown; the first with one when absent. */
  readonly identity?: string;
  readonly behindProxy?: boolean;
}

export interface Es2plusListener {
  readonly address: string;
  readonly port: number;
  readonly identities: readonly string[];
  /** Takes no new connection, finishes requests in hand, ends. */
  close(): Promise<void>;
}

const PATH = '/gsma/rsp2/es2plus/';
/** SGP.22 v2.2; clients of any 2.x are served. */
const PROTOCOL = 'gsma/rsp/v2.2.0';
/** Calls of one brand worked on at once, and those that may wait for their turn. */
const IN_HAND = 32;
const WAITING = 512;

function send(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  if (response.headersSent || response.destroyed) return;
  const octets = Buffer.from(body);
  response.writeHead(status, { 'Content-Type': 'application/json', 'X-Admin-Protocol': PROTOCOL, 'Content-Length': octets.length, ...headers });
  response.end(octets);
}

/** Tells a client what it did wrong with HTTP, JSON or TLS; never used for the outcome of a function. */
function httpError(response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): void {
  send(response, status, JSON.stringify({ error: message }), headers);
}

function parseMembers(body: Buffer): Es2Members {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new BodyError(400, 'the body is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new BodyError(400, 'the body is not a JSON object');
  return value as Es2Members;
}

const isFunction = (name: string): name is Es2FunctionName => (es2FunctionNames as readonly string[]).includes(name);

/** `undefined` when the request is one of ES2+ over HTTP. */
function wrongHttp(request: IncomingMessage, name: string): { status: number; message: string; headers?: Record<string, string> } | undefined {
  if (!isFunction(name)) return { status: 404, message: 'no such function' };
  if (request.method !== 'POST') return { status: 405, message: 'POST only', headers: { Allow: 'POST' } };
  const type = request.headers['content-type'];
  if (type !== undefined && !/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type.trim())) return { status: 415, message: 'application/json only' };
  const protocol = request.headers['x-admin-protocol'];
  if (protocol !== undefined && !/^\s*gsma\/rsp\/v2\./i.test(String(protocol))) return { status: 400, message: 'X-Admin-Protocol must begin with gsma/rsp/v2.' };
  return undefined;
}

async function certificatesOf(ctx: EngineContext, identity: string | undefined): Promise<{ names: string[]; certificates: readonly OwnCertificate[] }> {
  const identities = await loadIdentities(ctx, identity === undefined ? undefined : [identity]);
  if (identity !== undefined && identities.length === 0) throw new DeskProblem('IDENTITY_UNKNOWN', `There is no identity "${identity}" with a CI certificate in this workspace.`);
  const shown = identity === undefined ? identities.filter((one) => one.tls).slice(0, 1) : identities;
  return { names: shown.map((one) => one.name), certificates: tlsCandidates(shown, identities.length > 0 ? await loadIdentities(ctx) : []) };
}

/**
 * Starts one listener. Throws {@link DeskProblem} `IDENTITY_UNKNOWN`, `TLS_CERTIFICATE_MISSING`, `TLS_CERTIFICATE_UNUSABLE`,
 * `LISTENER_FAILED` (address in use or not ours).
 */
export async function startEs2plus(ctx: EngineContext, options: Es2plusOptions): Promise<Es2plusListener> {
  const { names } = await certificatesOf(ctx, options.identity);
  const strangers = requestRate(ctx.clock);
  const lanes = createLanes(IN_HAND, WAITING);

  /** The brand, or undefined when the refusal was sent. */
  async function admit(request: IncomingMessage, response: ServerResponse, from: RequestOrigin) {
    const chain = chainOf(request.socket);
    const found = await recogniseBrand(ctx, chain);
    if (found.ok) return found.brand;
    if (!strangers.admit(addressKey(from.address), ctx.settings().limits.requestsPerMinutePerAddress)) {
      httpError(response, 429, 'too many requests', { 'Retry-After': '60' });
      return undefined;
    }
    ctx.log.warn('ES2+ client refused', { code: found.code, address: from.address, ...(found.brand ? { reason: found.brand.name } : {}) });
    // A stranger's body is not read, and its connection does not stay. Why a certificate is not taken is our affair alone.
    const why = chain.length === 0 ? 'no client certificate' : found.brand ? 'this client is suspended' : 'the client certificate is not accepted';
    httpError(response, chain.length === 0 ? 401 : 403, why, { Connection: 'close' });
    return undefined;
  }

  async function answer(request: IncomingMessage, response: ServerResponse, from: RequestOrigin): Promise<void> {
    const brand = await admit(request, response, from);
    if (!brand) return;
    const path = (request.url ?? '').split('?', 1)[0]!;
    const name = path.startsWith(PATH) ? path.slice(PATH.length) : '';
    const wrong = wrongHttp(request, name);
    if (wrong) return httpError(response, wrong.status, wrong.message, wrong.headers);
    const members = parseMembers(await readBody(request, ctx.settings().limits.bodyBytes));
    await listener.refresh();
    const turn = lanes.enter(brand.id);
    if (!turn) return httpError(response, 503, 'too many calls at once', { 'Retry-After': '5' });
    const leave = await turn;
    try {
      send(response, 200, await answerEs2plus(ctx, { brandId: brand.id, name: brand.name }, name as Es2FunctionName, members));
    } finally {
      leave();
    }
  }

  const listener = await startHttpsListener(ctx, {
    name: 'ES2+', host: options.host, port: options.port, behindProxy: options.behindProxy === true, requestClientCertificate: true, limitByAddress: false,
    certificates: async () => (await certificatesOf(ctx, options.identity)).certificates,
    answer, refuse: httpError,
    failed: (request, response, error) => {
      const name = (request.url ?? '').slice(PATH.length, PATH.length + 40);
      ctx.log.error('an ES2+ function failed', { function: name, error });
      if (!response.headersSent) send(response, 200, JSON.stringify(failedReplyOf(statusCodeOf(isFunction(name) ? name : 'getProfileStatus', 'INTERNAL'))));
    },
  });
  return { address: listener.address, port: listener.port, identities: names, close: () => listener.close() };
}
