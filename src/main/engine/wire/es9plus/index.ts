/** The HTTPS listener that devices call: ES9+ in both bindings (SGP.22 v2.2, 5.6 and 6). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EngineContext } from '../../context.ts';
import { DeskProblem } from '../../context.ts';
import type { ListenerIdentities } from '../../downloads/index.ts';
import { loadIdentities, tlsCandidates } from '../../keys/index.ts';
import type { Identity } from '../../keys/index.ts';
import { readBody, startHttpsListener } from '../https-listener.ts';
import type { RequestOrigin } from '../https-listener.ts';
import { addressKey } from '../limits.ts';
import { httpProblem, route, serve } from './serve.ts';
import type { Reply } from './serve.ts';

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

/** The specification implemented: SGP.22 v2.2. Clients of later 2.x versions accept it; one of 3.x is not served. */
const PROTOCOL = 'gsma/rsp/v2.2.0';

/** No message of ES9+ comes near it; many slow clients with large bodies would hold the engine's memory. */
const LARGEST_BODY = 65_536;

function send(response: ServerResponse, { status, type, body, headers }: Reply): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    ...(body === undefined ? {} : { 'Content-Type': type, 'Content-Length': body.length }), 'X-Admin-Protocol': PROTOCOL, ...headers,
  });
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
    const to = route(request.method, request.url ?? '', request.headers['content-type']);
    if ('refused' in to) return send(response, to.refused);
    const body = await readBody(request, Math.min(ctx.settings().limits.bodyBytes, LARGEST_BODY));
    const began = performance.now();
    await listener.refresh();
    const identities: ListenerIdentities = { identities: await loadIdentities(ctx, options.identities), ownAddresses: own };
    send(response, await serve(ctx, identities, to, body, { address: from.address, network: addressKey(from.address), requestBytes: body.length, elapsed: () => performance.now() - began }));
  }

  const listener = await startHttpsListener(ctx, {
    name: 'ES9+', host: options.host, port: options.port, behindProxy: options.behindProxy === true,
    certificates: async () => {
      const identities = await loadIdentities(ctx, options.identities);
      return tlsCandidates(identities, identities.length > 0 ? await loadIdentities(ctx) : []);
    },
    answer,
    refuse: (response, status, message, headers) => send(response, httpProblem(status, message, headers)),
    failed: (_request, response, error) => {
      ctx.log.error('an ES9+ request failed', { error });
      send(response, httpProblem(503, 'try again', { 'Retry-After': '30' }));
    },
  });
  own = ownAddresses(options.host, listener.port);
  return { address: listener.address, port: listener.port, identities: first.map((identity) => identity.name), close: () => listener.close() };
}
