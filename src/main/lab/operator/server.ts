/** An HTTPS server with mutual TLS that can be made to misbehave; what is asked and answered is the caller's. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { TlsKeyPair } from './pki.ts';

/** `close` and `hang` happen after the request was read, `answer-lost` after it was worked on. */
export type Misbehaviour =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'hang' } | { readonly kind: 'close' } | { readonly kind: 'answer-lost' } | { readonly kind: 'slow'; readonly milliseconds: number }
  | { readonly kind: 'body'; readonly status: number; readonly text: string } | { readonly kind: 'huge' };

export interface LabServerOptions {
  readonly tls: TlsKeyPair;
  /** PEM of the CAs whose client certificates are accepted; a client without one does not get past TLS. */
  readonly clientCa: readonly string[];
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
}

export interface LabRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** registeredID of the client's certificate, where it has one. */
  readonly clientOid: string | undefined;
}

export interface LabAnswer { readonly status: number; readonly body?: unknown }

export interface LabServer {
  readonly host: string;
  readonly port: number;
  /** Every request that was read, also those answered wrongly. */
  readonly requests: readonly LabRequest[];
  /** TCP connections so far. */
  readonly connections: number;
  /** From now on, for so many requests (all, unless told). Undefined: behaves again. */
  misbehave(how: Misbehaviour | undefined, times?: number): void;
  close(): Promise<void>;
}

const MOST = 1024 * 1024;

function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size > MOST) request.destroy();
      else parts.push(part);
    });
    request.on('end', () => resolve(Buffer.concat(parts).toString('utf8')));
    request.on('error', reject);
  });
}

function clientOid(request: IncomingMessage): string | undefined {
  const names = (request.socket as TLSSocket).getPeerCertificate().subjectaltname ?? '';
  return /Registered ID:([\d.]+)/.exec(names)?.[1];
}

function send(response: ServerResponse, status: number, text: string | undefined, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'X-Admin-Protocol': 'gsma/rsp/v2.2.0', ...(text === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers });
  response.end(text);
}

/** `work` answers one request; it is not called for one that is met with `status`, `body`, `hang` or `close`. */
export async function startLabServer(options: LabServerOptions, work: (request: LabRequest) => LabAnswer): Promise<LabServer> {
  const requests: LabRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let how: Misbehaviour | undefined;
  let left = 0;

  const server = createServer({
    cert: options.tls.cert, key: options.tls.key, ca: [...options.clientCa], requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2',
  }, (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);

  function next(): Misbehaviour | undefined {
    if (left <= 0) return undefined;
    left -= 1;
    return how;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readText(request);
    const asked: LabRequest = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, text, clientOid: clientOid(request) };
    requests.push(asked);
    const wrong = next();
    switch (wrong?.kind) {
      case 'hang': return;
      case 'close': request.socket.destroy(); return;
      case 'status': send(response, wrong.status, undefined, wrong.headers); return;
      case 'body': send(response, wrong.status, wrong.text); return;
      case 'huge': send(response, 200, `"${'x'.repeat(512 * 1024)}"`); return;
      case 'slow': await new Promise((done) => setTimeout(done, wrong.milliseconds)); break;
      default:
    }
    const { status, body } = work(asked);
    if (wrong?.kind === 'answer-lost') request.socket.destroy();
    else send(response, status, body === undefined ? undefined : JSON.stringify(body));
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  const bound = server.address() as AddressInfo;
  return {
    host: bound.address, port: bound.port, requests,
    get connections() {
      return connections;
    },
    misbehave(wanted, times = Number.POSITIVE_INFINITY) {
      how = wanted;
      left = wanted === undefined ? 0 : times;
    },
    close: () => new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    }),
  };
}
