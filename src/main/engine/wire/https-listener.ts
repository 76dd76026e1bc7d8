/**
 * The HTTPS listener under every interface strangers call: time and size limits, connection floods, a rate for each address,
 * replaced certificates without a restart, an orderly end. What is asked and answered is the interface's own (`answer`).
 */
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { eraseKey, tlsMaterial } from '../keys/index.ts';
import type { OwnCertificate, TlsMaterial } from '../keys/index.ts';
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

/** The whole body, at most `limit` octets: rejects with {@link BodyError} 413. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
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
    request.on('error', () => reject(new ClientGone('the client went away')));
    request.on('aborted', () => reject(new ClientGone('the client went away')));
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
  // A resumed session carries the client's own certificate only: its chain, by which it is recognised, would be gone.
  const clientCertificate = options.requestClientCertificate ? { requestCert: true, rejectUnauthorized: false, secureOptions: constants.SSL_OP_NO_TICKET } : {};
  const server = createServer({
    ...material.options,
    ...clientCertificate,
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

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = clientAddress(request, options.behindProxy === true);
    if (options.limitByAddress !== false && !rate.admit(addressKey(address), ctx.settings().limits.requestsPerMinutePerAddress)) {
      options.refuse(response, 429, 'too many requests', { 'Retry-After': '60' });
      return;
    }
    await options.answer(request, response, { address });
  }

  server.on('request', (request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (error instanceof ClientGone) return;
      if (error instanceof BodyError) options.refuse(response, error.status, error.message, error.status === 413 ? { Connection: 'close' } : {});
      else options.failed(request, response, error);
    });
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
      server.setSecureContext({ ...material.options, ...clientCertificate });
      eraseKey(material);
    },
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
