/** The HTTPS listener that devices call: ES9+ (SGP.22 v2.2, 5.6 and 6). */
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { EngineContext } from '../../context.ts';
import { DeskProblem } from '../../context.ts';
import type { ListenerIdentities } from '../../downloads/index.ts';
import { loadIdentities } from '../../keys/index.ts';
import type { Identity } from '../../keys/index.ts';
import { es9Functions } from './functions.ts';
import type { Outcome } from './functions.ts';
import { BodyError, failureBody, MemberError, parseBody, successBody } from './json.ts';
import { addressKey, requestRate } from './limits.ts';
import { eraseKey, tlsCandidates, tlsMaterial } from './tls.ts';
import type { TlsMaterial } from './tls.ts';

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
const DRAIN = 5000;

class RequestBody extends Error {}

function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const declared = Number(request.headers['content-length'] ?? 0);
    if (declared > limit) {
      reject(new BodyError(413, 'the body is too large'));
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.pause();
        reject(new BodyError(413, 'the body is too large'));
        return;
      }
      chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on('error', () => reject(new RequestBody('the client went away')));
    request.on('aborted', () => reject(new RequestBody('the client went away')));
  });
}

/** Tells a client what it did wrong with HTTP itself; never used for the outcome of a function. */
function httpError(response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): void {
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(JSON.stringify({ error: message }));
  response.writeHead(status, { 'Content-Type': 'application/json', 'X-Admin-Protocol': PROTOCOL, 'Content-Length': body.length, ...(status === 413 ? { Connection: 'close' } : {}), ...headers });
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

function clientAddress(request: IncomingMessage, behindProxy: boolean): string {
  if (behindProxy) {
    const forwarded = request.headers['x-forwarded-for'];
    const last = (Array.isArray(forwarded) ? forwarded.join() : forwarded)?.split(',').at(-1)?.trim();
    if (last !== undefined && /^[0-9A-Fa-f:.]{3,45}$/.test(last)) return last;
  }
  return request.socket.remoteAddress ?? 'unknown';
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
  let material: TlsMaterial = await tlsMaterial(ctx, tlsCandidates(first, await loadIdentities(ctx)));
  const { limits } = ctx.settings();
  const server = createServer({
    ...material.options,
    SNICallback: (name, done) => done(null, material.secureContextFor(name)),
    handshakeTimeout: limits.headerSeconds * 1000,
    headersTimeout: limits.headerSeconds * 1000,
    requestTimeout: (limits.headerSeconds + limits.bodySeconds) * 1000,
    keepAliveTimeout: 30_000,
    connectionsCheckingInterval: 1000,
    maxHeaderSize: 16_384,
  });
  eraseKey(material);
  server.maxConnections = limits.connections;

  const rate = requestRate(ctx.clock);
  const connections = new Map<string, number>();
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    const key = addressKey(socket.remoteAddress ?? 'unknown');
    const count = (connections.get(key) ?? 0) + 1;
    connections.set(key, count);
    socket.once('close', () => {
      sockets.delete(socket);
      const left = (connections.get(key) ?? 1) - 1;
      if (left > 0) connections.set(key, left);
      else connections.delete(key);
    });
    // Behind a proxy every connection comes from one address.
    if (!options.behindProxy && count > ctx.settings().limits.connectionsPerAddress) socket.destroy();
  });
  // A handshake that fails is the client's affair; without a listener Node only drops the connection, which is what we want.
  server.on('tlsClientError', () => undefined);

  let own: string[] = [];

  async function currentIdentities(): Promise<ListenerIdentities> {
    const identities = await loadIdentities(ctx, options.identities);
    const candidates = tlsCandidates(identities, identities.length > 0 ? await loadIdentities(ctx) : []);
    if (candidates.length > 0 && candidates.map((certificate) => certificate.certificateId).join() !== material.certificates) {
      material = await tlsMaterial(ctx, candidates);
      server.setSecureContext(material.options);
      eraseKey(material);
    }
    return { identities, ownAddresses: own };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?', 1)[0]!;
    const name = path.startsWith(PATH) ? path.slice(PATH.length) : '';
    const run = Object.hasOwn(es9Functions, name) ? es9Functions[name] : undefined;
    if (!run) return httpError(response, 404, 'no such function');
    if (request.method !== 'POST') return httpError(response, 405, 'POST only', { Allow: 'POST' });
    const address = clientAddress(request, options.behindProxy === true);
    const settings = ctx.settings();
    if (!rate.admit(addressKey(address), settings.limits.requestsPerMinutePerAddress)) return httpError(response, 429, 'too many requests', { 'Retry-After': '60' });
    const type = request.headers['content-type'];
    if (type !== undefined && !/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type.trim())) return httpError(response, 415, 'application/json only');

    const body = await readBody(request, settings.limits.bodyBytes);
    const began = performance.now();
    const members = parseBody(body);
    const remote = { address, requestBytes: body.length, elapsed: () => performance.now() - began };
    let outcome: Outcome;
    try {
      outcome = await run(ctx, await currentIdentities(), members, remote);
    } catch (error) {
      if (!(error instanceof MemberError)) throw error;
      outcome = { failed: error.failure };
    }
    send(response, outcome);
  }

  server.on('request', (request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (error instanceof RequestBody) return;
      if (error instanceof BodyError) {
        httpError(response, error.status, error.message);
        return;
      }
      ctx.log.error('an ES9+ function failed', { function: (request.url ?? '').slice(PATH.length, PATH.length + 40), error });
      // A notification that was not stored must come again; every other function has its own way to say that it failed.
      if (request.url === `${PATH}handleNotification`) httpError(response, 503, 'try again', { 'Retry-After': '30' });
      else if (!response.headersSent) send(response, { failed: { subject: '8.8', reason: '4.2', message: 'The SM-DP+ could not finish the function.' } });
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another program listens there' : error.code === 'EACCES' ? 'this user may not listen there' : 'the address is not one of this machine';
      reject(new DeskProblem('LISTENER_FAILED', `The ES9+ listener cannot be opened on ${options.host}:${options.port}: ${why}.`));
    });
    server.listen(options.port, options.host, resolve);
  });
  server.on('error', (error) => ctx.log.error('the ES9+ listener reports an error', { error }));
  const bound = server.address() as AddressInfo;
  own = ownAddresses(options.host, bound.port);
  const names = first.map((identity) => identity.name);
  ctx.log.info('ES9+ listener is open', { address: bound.address, port: bound.port, identity: names.join() });

  return {
    address: bound.address, port: bound.port, identities: names,
    close: () => new Promise<void>((resolve) => {
      const force = setTimeout(() => {
        server.closeAllConnections();
        for (const socket of sockets) socket.destroy();
      }, DRAIN);
      server.close(() => {
        clearTimeout(force);
        resolve();
      });
      server.closeIdleConnections();
    }),
  };
}
