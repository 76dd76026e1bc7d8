/** The HTTPS listener that devices call: ES9+ (SGP.22 v2.2, 5.6 and 6). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EngineContext } from '../../context.ts';
import { DeskProblem } from '../../context.ts';
import type { ListenerIdentities } from '../../downloads/index.ts';
import { loadIdentities, tlsCandidates } from '../../keys/index.ts';
import type { Identity } from '../../keys/index.ts';
import { readBody, startHttpsListener } from '../https-listener.ts';
import type { RequestOrigin } from '../https-listener.ts';
import { es9Functions } from './functions.ts';
import type { Outcome } from './functions.ts';
import { failureBody, MemberError, parseBody, successBody } from './json.ts';

export interface Es9plusOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Names of identities; all of the workspace when absent. */
  readonly identities?: readonly string[];
  /** Takes the client's address from the last entry of `X-Forwarded-For`: only behind one's own proxy. */
  readonly behindProxy?: boolean;
}

export interface Es9plusListener {
  readonly address: string;
  readonly port: number;
  readonly identities: readonly string[];
  /** Takes no new connection, finishes requests in hand, ends. */
  close(): Promise<void>;
}

const PATH = '/gsma/rsp2/es9plus/';
/** The specification implemented: SGP.22 v2.2. Clients of later 2.x versions accept it; one of 3.x is not served. */
const PROTOCOL = 'gsma/rsp/v2.2.0';

/** Tells a client what it did wrong with HTTP itself; never used for the outcome of a function. */
function httpError(response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): void {
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(JSON.stringify({ error: message }));
  response.writeHead(status, { 'Content-Type': 'application/json', 'X-Admin-Protocol': PROTOCOL, 'Content-Length': body.length, ...headers });
  response.end(body);
}

function send(response: ServerResponse, outcome: Outcome): void {
  if (response.destroyed) return;
  if (outcome === undefined) {
    response.writeHead(204, { 'X-Admin-Protocol': PROTOCOL });
    response.end();
    return;
  }
  const body = Buffer.from('ok' in outcome ? successBody(outcome.ok) : failureBody(outcome.failed));
  response.writeHead(200, { 'Content-Type': 'application/json', 'X-Admin-Protocol': PROTOCOL, 'Content-Length': body.length });
  response.end(body);
}

/** Loopback names under which a listener of a Lab is reached. */
function ownAddresses(host: string, port: number): string[] {
  const everywhere = host === '0.0.0.0' || host === '::';
  return [...new Set([host, ...(everywhere || host === '127.0.0.1' || host === 'localhost' ? ['127.0.0.1', 'localhost'] : [])])].map((name) => `${name}:${port}`);
}

async function listenerIdentities(ctx: EngineContext, names: readonly string[] | undefined): Promise<Identity[]> {
  const found = await loadIdentities(ctx, names);
  const missing = names?.filter((name) => !found.some((identity) => identity.name === name)) ?? [];
  if (missing.length > 0) throw new DeskProblem('IDENTITY_UNKNOWN', `There is no identity "${missing[0]}" with a CI certificate in this workspace.`);
  return found;
}

/**
 * Starts one listener. Throws {@link DeskProblem} `IDENTITY_UNKNOWN`, `TLS_CERTIFICATE_MISSING`, `TLS_CERTIFICATE_UNUSABLE`,
 * `LISTENER_FAILED` (address in use or not ours).
 */
export async function startEs9plus(ctx: EngineContext, options: Es9plusOptions): Promise<Es9plusListener> {
  const first = await listenerIdentities(ctx, options.identities);
  let own: string[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse, from: RequestOrigin): Promise<void> {
    const path = (request.url ?? '').split('?', 1)[0]!;
    const name = path.startsWith(PATH) ? path.slice(PATH.length) : '';
    const run = Object.hasOwn(es9Functions, name) ? es9Functions[name] : undefined;
    if (!run) return httpError(response, 404, 'no such function');
    if (request.method !== 'POST') return httpError(response, 405, 'POST only', { Allow: 'POST' });
    const type = request.headers['content-type'];
    if (type !== undefined && !/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type.trim())) return httpError(response, 415, 'application/json only');

    const body = await readBody(request, ctx.settings().limits.bodyBytes);
    const began = performance.now();
    const members = parseBody(body);
    const remote = { address: from.address, requestBytes: body.length, elapsed: () => performance.now() - began };
    await listener.refresh();
    const identities: ListenerIdentities = { identities: await loadIdentities(ctx, options.identities), ownAddresses: own };
    let outcome: Outcome;
    try {
      outcome = await run(ctx, identities, members, remote);
    } catch (error) {
      if (!(error instanceof MemberError)) throw error;
      outcome = { failed: error.failure };
    }
    send(response, outcome);
  }

  const listener = await startHttpsListener(ctx, {
    name: 'ES9+', host: options.host, port: options.port, behindProxy: options.behindProxy === true,
    certificates: async () => {
      const identities = await loadIdentities(ctx, options.identities);
      return tlsCandidates(identities, identities.length > 0 ? await loadIdentities(ctx) : []);
    },
    answer, refuse: httpError,
    failed: (request, response, error) => {
      ctx.log.error('an ES9+ function failed', { function: (request.url ?? '').slice(PATH.length, PATH.length + 40), error });
      // A notification that was not stored must come again; every other function has its own way to say that it failed.
      if (request.url === `${PATH}handleNotification`) httpError(response, 503, 'try again', { 'Retry-After': '30' });
      else if (!response.headersSent) send(response, { failed: { subject: '8.8', reason: '4.2', message: 'The SM-DP+ could not finish the function.' } });
    },
  });
  own = ownAddresses(options.host, listener.port);
  return { address: listener.address, port: listener.port, identities: first.map((identity) => identity.name), close: () => listener.close() };
}
