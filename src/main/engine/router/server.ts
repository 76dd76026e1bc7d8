/** The contract over HTTP: calls, uploads and streams, the same on the workspace's socket and on the console's port. */
import { randomUUID } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Reply } from '../../../shared/contract/define.ts';
import type { Call, EngineContext } from '../context.ts';
import { actorFor } from '../people/index.ts';
import type { Router } from './index.ts';
import { toDeskError } from './problems.ts';
import { statusOf } from './status.ts';

export interface ServerOptions {
  readonly ctx: EngineContext;
  readonly router: Router;
  /** Largest upload, octets. */
  readonly uploadLimit: number;
  /** Who a request comes from; the socket's clients say so themselves. */
  readonly hostOf: (header: string | undefined) => Call['host'];
  /** Milliseconds between keep-alive comments on streams. */
  readonly keepAlive?: number;
}

export interface DeskServer {
  readonly app: FastifyInstance;
  /** Ends streams, refuses what is new, resolves when answers in hand are sent. */
  close(): Promise<void>;
}

const jsonLimit = 4 * 1024 * 1024;

export function refusal(code: string, message: string, correlationId: string): Reply<never> {
  return { ok: false, error: { code, message, correlationId } };
}

/** Collects a body into one buffer and zeroes the pieces: uploads carry secrets. */
function collect(payload: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    const zero = () => parts.forEach((p) => p.fill(0));
    payload.on('data', (part: Buffer) => {
      size += part.length;
      parts.push(part);
      if (size > limit) {
        zero();
        parts.length = 0;
        payload.removeAllListeners('data');
        payload.resume();
        reject(Object.assign(new Error('too large'), { statusCode: 413, code: 'FST_ERR_CTP_BODY_TOO_LARGE' }));
      }
    });
    payload.on('end', () => {
      const whole = Buffer.alloc(size);
      let at = 0;
      for (const part of parts) at += part.copy(whole, at);
      zero();
      resolve(whole);
    });
    payload.on('error', (error) => {
      zero();
      reject(error);
    });
  });
}

/** Content-Disposition of a download (RFC 6266): a plain name, and the same in UTF-8 where it has more than ASCII. */
export function attachment(name: string): string {
  const plain = name.replace(/[^\w. ()-]/g, '_');
  return `attachment; filename="${plain}"${plain === name ? '' : `; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)}`}`;
}

/** Answers what is no HTTP, or too slow or large in its head, before there is a request: in the form of every refusal, then the connection ends. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const body = JSON.stringify(refusal('INPUT_INVALID', 'The request could not be read', randomUUID()));
  if (socket.writable) socket.end(`HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\nconnection: close\r\n\r\n${body}`);
  else socket.destroy(error);
}

export function createServer(options: ServerOptions): DeskServer {
  const { ctx, router, uploadLimit, hostOf, keepAlive = 15_000 } = options;
  const app = Fastify({ logger: false, bodyLimit: jsonLimit, requestTimeout: 300_000, forceCloseConnections: 'idle', return503OnClosing: false, frameworkErrors: (_error, _request, reply) => void unroutable(reply), clientErrorHandler: refuseMalformed, routerOptions: { maxParamLength: 100 } });
  const streams = new Set<() => void>();
  let closing = false;
  const callOf = (header: string | string[] | undefined, commandId?: string): Call => {
    const host = hostOf(Array.isArray(header) ? header[0] : header);
    return { actor: actorFor(host), host, correlationId: randomUUID(), ...(commandId === undefined ? {} : { commandId }) };
  };
  // No hook runs for an address the router cannot read; its own answer would repeat it.
  const unroutable = (reply: FastifyReply) => send(reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer'), refusal('PROCEDURE_UNKNOWN', 'There is nothing at this address', randomUUID()));
  const send = (reply: FastifyReply, answer: Reply<unknown>) => {
    // What is answered after the idle connections were closed would hold the end up for as long as the client likes to keep its own.
    if (closing) reply.header('connection', 'close');
    return reply.code(statusOf(answer)).header('cache-control', 'no-store').type('application/json').send(JSON.stringify(answer));
  };

  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser('application/octet-stream', { bodyLimit: uploadLimit }, (_request, payload, done) => {
    collect(payload, uploadLimit).then((body) => done(null, body), (error: Error) => done(error));
  });
  app.addHook('onRequest', async (_request, reply) => {
    // On a connection that stayed open: the client asks again when the next engine is up.
    return closing ? send(reply.header('connection', 'close'), refusal('ENGINE_UNAVAILABLE', 'The engine is stopping', randomUUID())) : undefined;
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer');
  });
  app.setNotFoundHandler((_request, reply) => send(reply, refusal('PROCEDURE_UNKNOWN', 'There is nothing at this address', randomUUID())));
  app.setErrorHandler((error: { statusCode?: number; code?: string }, _request, reply) => {
    const correlationId = randomUUID();
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return send(reply, refusal('UPLOAD_TOO_LARGE', 'What was sent is too large', correlationId));
    if (error.statusCode !== undefined && error.statusCode < 500) return send(reply, refusal('INPUT_INVALID', 'The request could not be read', correlationId));
    ctx.log.error('request failed', { correlationId, error });
    return send(reply, refusal('INTERNAL', `Something went wrong inside the program; the log holds it under ${correlationId}`, correlationId));
  });

  app.post<{ Params: { procedure: string } }>('/rpc/:procedure', async (request, reply) => {
    const body = request.body as { input?: unknown; commandId?: unknown } | null;
    const wellFormed = body !== null && typeof body === 'object' && !Array.isArray(body) && (body.commandId === undefined || typeof body.commandId === 'string');
    const call = callOf(request.headers['x-desk-host'], wellFormed ? (body.commandId as string | undefined) : undefined);
    if (!wellFormed) return send(reply, refusal('INPUT_INVALID', 'A call is { input, commandId? }', call.correlationId));
    return send(reply, await router.call(request.params.procedure, body.input, call));
  });

  app.post('/uploads', async (request, reply) => {
    const call = callOf(request.headers['x-desk-host']);
    if (!Buffer.isBuffer(request.body)) return send(reply, refusal('INPUT_INVALID', 'An upload is application/octet-stream', call.correlationId));
    try {
      return await send(reply, { ok: true, data: { handle: ctx.uploads.put(request.body) } });
    } catch (error) {
      request.body.fill(0);
      return send(reply, { ok: false, error: toDeskError(error, call, ctx.log, 'uploads') });
    }
  });

  app.get<{ Params: { handle: string } }>('/files/:handle', async (request, reply) => {
    const file = ctx.files.take(request.params.handle);
    if (!file) return send(reply, refusal('NOT_FOUND', 'This file was fetched already, or has waited too long; ask for it again', randomUUID()));
    const parts = Readable.from(file.open(), { objectMode: false });
    // The head is sent by then: a broken connection tells the reader that the file is not whole.
    parts.on('error', (error) => ctx.log.error('handing out a file', { error }));
    return reply.code(200).header('cache-control', 'no-store').header('content-disposition', attachment(file.name)).type(file.type)
      .headers(file.bytes === undefined ? {} : { 'content-length': String(file.bytes) }).send(parts);
  });

  app.get<{ Params: { procedure: string }; Querystring: { input?: string } }>('/streams/:procedure', async (request, reply) => {
    const call = callOf(request.headers['x-desk-host']);
    let input: unknown;
    try {
      input = JSON.parse(request.query.input ?? '{}');
    } catch {
      return send(reply, refusal('INPUT_INVALID', 'The input of the stream is not JSON', call.correlationId));
    }
    const raw: ServerResponse = reply.raw;
    const ended = new AbortController();
    const write = (text: string) => {
      if (!ended.signal.aborted && raw.writable) raw.write(text);
    };
    // What arrives before the head is written waits in `first`.
    let first: unknown[] | undefined = [];
    const push = (data: unknown) => (first ? void first.push(data) : write(`data: ${JSON.stringify(data)}\n\n`));
    const opened = router.openStream(request.params.procedure, input, call, push, ended.signal);
    if (!opened.ok) return send(reply, opened);
    reply.hijack();
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    raw.write(': open\n\n');
    const waiting = first;
    first = undefined;
    waiting.forEach(push);
    const timer = setInterval(() => write(': still here\n\n'), keepAlive);
    const end = () => {
      clearInterval(timer);
      ended.abort();
      streams.delete(end);
      if (raw.writable) raw.end();
    };
    streams.add(end);
    raw.on('close', end);
    return reply;
  });

  return {
    app,
    async close() {
      closing = true;
      for (const end of streams) end();
      await app.close();
    },
  };
}

/** Listens on the workspace's socket, 0600. The caller holds the workspace's lock, so an old socket file is a dead one's. */
export async function listenOnSocket(server: DeskServer, path: string): Promise<void> {
  if (process.platform !== 'win32') rmSync(path, { force: true });
  const before = process.umask(0o177);
  try {
    await server.app.listen({ path });
  } finally {
    process.umask(before);
  }
  if (process.platform !== 'win32') chmodSync(path, 0o600);
}

export const socketHost = (header: string | undefined): Call['host'] => (header === 'desktop' || header === 'console' ? header : 'cli');
