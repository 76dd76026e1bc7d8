/**
 * The HTTPS listener under every interface strangers call: time and size limits, connection floods, a rate for each address,
 * replaced certificates without a restart, an orderly end. What is asked and answered is the interface's own (`answer`).
 */
import { constants } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { eraseKey, tlsMaterial } from '../keys/index.ts';
import type { OwnCertificate, TlsMaterial } from '../keys/index.ts';
import { trackConnections } from './connections.ts';
import { addressKey, requestRate } from './limits.ts';

export interface HttpsListenerOptions {
  /** For messages: `ES9+`, `ES2+`. */
  readonly name: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Takes the client's address from the last entry of `X-Forwarded-For`: only behind one's own proxy. */
  readonly behindProxy?: boolean;
  /** TLS certificates in the order of preference; asked again by `refresh`. */
  readonly certificates: () => Promise<readonly OwnCertificate[]>;
  /** Asks every client for a certificate. Which one is accepted is decided by `answer`, not by OpenSSL. */
  readonly requestClientCertificate?: boolean;
  /** False: `answer` limits by itself, because a client is known by more than its address. */
  readonly limitByAddress?: boolean;
  /** Answers one request. What it throws goes to `failed`. */
  readonly answer: (request: IncomingMessage, response: ServerResponse, from: RequestOrigin) => Promise<void>;
  /** A `BodyError` or a client that went away never reaches it. */
  readonly failed: (request: IncomingMessage, response: ServerResponse, error: unknown) => void;
  /** Answers what HTTP itself refuses. */
  readonly refuse: HttpRefusal;
}

export type HttpRefusal = (response: ServerResponse, status: number, message: string, headers?: Record<string, string>) => void;

export interface RequestOrigin {
  /** Address of the client, as limits count it. */
  readonly address: string;
}

export interface HttpsListener {
  readonly address: string;
  readonly port: number;
  /** Reads the certificates again; a replaced one is shown from the next connection on. */
  refresh(): Promise<void>;
  /** Takes no new connection, finishes requests in hand, ends. */
  close(): Promise<void>;
}

/** The body is not what the binding allows; becomes an HTTP error. */
export class BodyError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'BodyError';
    this.status = status;
  }
}

class ClientGone extends Error {}

const DRAIN = 5000;
/** Requests one connection may have unanswered: nobody honest pipelines, and each may cost a signature. */
const PIPELINED = 8;
/** Requests after which a connection is closed, so that none lives for ever. */
const REQUESTS_PER_CONNECTION = 1000;
/** Milliseconds without a request after which a connection is closed. */
const KEEP_ALIVE = 30_000;

/** Clients that wait for a word of ours before they send the body (RFC 9110, 10.1.1). */
const waiting = new WeakMap<IncomingMessage, ServerResponse>();

/** The whole body, at most `limit` octets: rejects with {@link BodyError} 413. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const declared = Number(request.headers['content-length'] ?? 0);
    if (declared > limit) {
      reject(new BodyError(413, 'the body is too large'));
      return;
    }
    waiting.get(request)?.writeContinue();
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.pause();
        chunks.length = 0;
        reject(new BodyError(413, 'the body is too large'));
        return;
      }
      chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on('error', () => reject(new ClientGone('the client went away')));
    request.on('close', () => reject(new ClientGone('the client went away')));
  });
}

function clientAddress(request: IncomingMessage, behindProxy: boolean): string {
  if (behindProxy) {
    const forwarded = request.headers['x-forwarded-for'];
    const last = (Array.isArray(forwarded) ? forwarded.join() : forwarded)?.split(',').at(-1)?.trim();
    if (last !== undefined && /^[0-9A-Fa-f:.]{3,45}$/.test(last)) return last;
  }
  return request.socket.remoteAddress ?? 'unknown';
}

/** Throws {@link DeskProblem} `TLS_CERTIFICATE_MISSING`, `TLS_CERTIFICATE_UNUSABLE`, `LISTENER_FAILED` (address in use or not ours). */
export async function startHttpsListener(ctx: EngineContext, options: HttpsListenerOptions): Promise<HttpsListener> {
  let material: TlsMaterial = await tlsMaterial(ctx, await options.certificates());
  const { limits } = ctx.settings();
  // Only the context of the server itself has a say in these: one chosen by name keeps them. A resumed session carries the
  // client's own certificate only: its chain, by which it is recognised, would be gone.
  const secureOptions = constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION | (options.requestClientCertificate ? constants.SSL_OP_NO_TICKET : 0);
  const handshake = { secureOptions, ...(options.requestClientCertificate ? { requestCert: true, rejectUnauthorized: false } : {}) };
  const server = createServer({
    ...material.options,
    ...handshake,
    SNICallback: (name, done) => done(null, material.secureContextFor(name)),
    handshakeTimeout: limits.headerSeconds * 1000,
    headersTimeout: limits.headerSeconds * 1000,
    requestTimeout: (limits.headerSeconds + limits.bodySeconds) * 1000,
    keepAliveTimeout: KEEP_ALIVE,
    connectionsCheckingInterval: 1000,
    maxHeaderSize: 16_384,
    requireHostHeader: true,
    insecureHTTPParser: false,
  });
  eraseKey(material);
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;
  // A client that stops reading its reply holds it in our memory.
  server.setTimeout((limits.headerSeconds + limits.bodySeconds) * 1000 + KEEP_ALIVE, (socket) => socket.destroy());

  const limited = options.limitByAddress !== false;
  const rate = requestRate(ctx.clock);
  const handshakes = requestRate(ctx.clock);
  const connections = trackConnections();
  const inHand = new Set<ServerResponse>();
  let closing = false;
  server.on('connection', (socket: Socket) => {
    const now = ctx.settings().limits;
    // Behind a proxy every connection comes from one address.
    if (limited && !options.behindProxy && !handshakes.admit(addressKey(socket.remoteAddress ?? 'unknown'), now.requestsPerMinutePerAddress)) socket.destroy();
    else connections.admit(socket, { total: now.connections, perAddress: options.behindProxy ? undefined : now.connectionsPerAddress });
  });
  // A handshake that fails is the client's affair; without a listener Node only drops the connection, which is what we want.
  server.on('tlsClientError', () => undefined);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = clientAddress(request, options.behindProxy === true);
    const key = addressKey(address);
    const { requestsPerMinutePerAddress: perMinute } = ctx.settings().limits;
    if (limited && !rate.admit(key, perMinute)) {
      options.refuse(response, 429, 'too many requests', { 'Retry-After': String(rate.secondsUntilAdmitted(key, perMinute)) });
      return;
    }
    await options.answer(request, response, { address });
  }

  const take = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    // As the socket is known now: a closed one has forgotten its peer.
    const peer = { remoteAddress: socket.remoteAddress, remotePort: socket.remotePort };
    if (!connections.asked(peer, PIPELINED)) {
      socket.destroy();
      return;
    }
    inHand.add(response);
    response.once('close', () => {
      inHand.delete(response);
      connections.answered(peer);
    });
    if (closing) response.setHeader('Connection', 'close');
    answer(request, response).catch((error: unknown) => {
      if (error instanceof ClientGone) return;
      if (error instanceof BodyError) options.refuse(response, error.status, error.message, error.status === 413 ? { Connection: 'close' } : {});
      else options.failed(request, response, error);
    });
  };
  server.on('request', take);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.set(request, response);
    take(request, response);
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another program listens there' : error.code === 'EACCES' ? 'this user may not listen there' : 'the address is not one of this machine';
      reject(new DeskProblem('LISTENER_FAILED', `The ${options.name} listener cannot be opened on ${options.host}:${options.port}: ${why}.`));
    });
    server.listen(options.port, options.host, resolve);
  });
  server.on('error', (error) => ctx.log.error(`the ${options.name} listener reports an error`, { error }));
  const bound = server.address() as AddressInfo;
  ctx.log.info(`${options.name} listener is open`, { address: bound.address, port: bound.port });

  return {
    address: bound.address, port: bound.port,
    async refresh() {
      const certificates = await options.certificates();
      if (certificates.length === 0 || certificates.map((certificate) => certificate.certificateId).join() === material.certificates) return;
      material = await tlsMaterial(ctx, certificates);
      server.setSecureContext({ ...material.options, ...handshake });
      eraseKey(material);
    },
    close: () => new Promise<void>((resolve) => {
      closing = true;
      const force = setTimeout(() => connections.dropAll(), DRAIN);
      server.close(() => {
        clearTimeout(force);
        resolve();
      });
      // Handshakes half done and connections kept alive wait for nothing of ours; the others end with their answer.
      connections.dropIdle();
      for (const response of inHand) if (!response.headersSent) response.setHeader('Connection', 'close');
    }),
  };
}
