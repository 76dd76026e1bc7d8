/** The browser console: the same routes on loopback, behind a one-time token, a cookie and checks of Host and Origin. */
import { timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type EngineContext, DeskProblem } from '../context.ts';
import type { Router } from './index.ts';
import { createServer, type DeskServer, refusal } from './server.ts';

export interface ConsoleOptions {
  readonly ctx: EngineContext;
  readonly router: Router;
  readonly uploadLimit: number;
  readonly host: string;
  readonly port: number;
  /** Folder of the built window. */
  readonly rendererRoot?: string;
}

export interface Console extends DeskServer {
  readonly host: string;
  readonly port: number;
  /** Works once. */
  readonly url: string;
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

/** Emotion's style elements carry the nonce of their page; scripts come from files only. */
export function contentSecurityPolicy(nonce: string): string {
  return [
    `default-src 'none'`, `script-src 'self'`, `style-src 'self' 'nonce-${nonce}'`, `img-src 'self' data: blob:`, `font-src 'self'`, `connect-src 'self'`,
    `base-uri 'none'`, `form-action 'none'`, `frame-ancestors 'none'`, `object-src 'none'`,
  ].join('; ');
}

const sameText = (a: string, b: string): boolean => {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
};

/** Cookies know no port: each console has a name of its own, or two workspaces in one browser would end each other. */
const cookieName = (port: number): string => `desk-${port}`;
const cookie = (header: string | undefined, port: number): string | undefined =>
  header?.split(';').map((c) => c.trim()).find((c) => c.startsWith(`${cookieName(port)}=`))?.slice(cookieName(port).length + 1);

const notice = `<!doctype html><html lang="en"><meta charset="utf-8"><title>MVNE Desk</title><p>This console opens with the address printed by the program, once. Start it again for a new address.</p></html>`;

/** Starts the console. Code `CONSOLE_FAILED`. */
export async function startConsole(options: ConsoleOptions): Promise<Console> {
  const { ctx } = options;
  if (!loopback.has(options.host)) throw new DeskProblem('CONSOLE_FAILED', 'The console listens on loopback only; use an SSH tunnel to reach it from elsewhere');
  const text = (n: number) => Buffer.from(ctx.random(n)).toString('base64url');
  let token: string | undefined = text(32);
  const session = text(32);
  const server = createServer({ ctx, router: options.router, uploadLimit: options.uploadLimit, hostOf: () => 'console' });
  const { app } = server;
  let names: string[] = [];
  const listening = (): number => (app.server.address() as AddressInfo).port;

  const refuse = (reply: FastifyReply, message: string) =>
    reply.code(403).header('cache-control', 'no-store').type('application/json').send(JSON.stringify(refusal('NOT_PERMITTED', message, crypto.randomUUID())));
  const pathOf = (request: FastifyRequest) => request.url.split('?', 1)[0]!;

  app.addHook('onSend', async (_request, reply) => {
    reply.header('content-security-policy', (reply.getHeader('content-security-policy') as string | undefined) ?? `default-src 'none'; frame-ancestors 'none'`)
      .header('cross-origin-opener-policy', 'same-origin').header('cross-origin-resource-policy', 'same-origin').header('x-frame-options', 'DENY');
  });
  app.addHook('onRequest', async (request, reply) => {
    const { host, origin } = request.headers;
    // A name other than loopback's is DNS rebinding; another origin is another page in the same browser.
    if (host === undefined || !names.includes(host)) return refuse(reply, 'This address is not served');
    if (origin !== undefined && !names.some((name) => origin === `http://${name}`)) return refuse(reply, 'Calls from other pages are not answered');
    const site = request.headers['sec-fetch-site'];
    const navigation = request.method === 'GET' && pathOf(request) === '/';
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !navigation) return refuse(reply, 'Calls from other pages are not answered');
    const offered = navigation ? (request.query as { token?: unknown }).token : undefined;
    if (typeof offered === 'string' && token !== undefined && sameText(offered, token)) {
      token = undefined;
      return reply.header('set-cookie', `${cookieName(listening())}=${session}; HttpOnly; SameSite=Strict; Path=/`).header('cache-control', 'no-store').redirect('/', 302);
    }
    if (sameText(cookie(request.headers.cookie, listening()) ?? '', session)) {
      // The used token must not stay in the address bar or history.
      if (offered !== undefined) return reply.header('cache-control', 'no-store').redirect('/', 302);
      return undefined;
    }
    if (navigation) return reply.code(403).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(notice);
    return refuse(reply, 'The console has not been opened with its address');
  });

  const root = options.rendererRoot;
  if (root !== undefined && existsSync(join(root, 'index.html'))) {
    const page = (_request: FastifyRequest, reply: FastifyReply) => {
      const nonce = Buffer.from(ctx.random(18)).toString('base64url');
      return reply.header('content-security-policy', contentSecurityPolicy(nonce)).header('cache-control', 'no-store').type('text/html; charset=utf-8')
        .send(readFileSync(join(root, 'index.html'), 'utf8').replaceAll('__CSP_NONCE__', nonce));
    };
    app.get('/', page);
    app.get('/index.html', page);
    await app.register(fastifyStatic, { root, index: false, dotfiles: 'deny', cacheControl: true, maxAge: '1h', redirect: false, list: false });
  } else {
    app.get('/', (_request, reply) => reply.code(503).type('text/html; charset=utf-8').send('<!doctype html><html lang="en"><meta charset="utf-8"><title>MVNE Desk</title><p>The window is not built: run <code>npm run build</code>.</p></html>'));
  }

  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'another program listens there' : code === 'EACCES' ? 'this user may not listen there' : 'the address is not one of this machine';
    throw new DeskProblem('CONSOLE_FAILED', `The console cannot be opened on ${options.host}:${options.port}: ${why}.`);
  }
  const port = listening();
  names = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
  const shown = options.host === '::1' ? '[::1]' : options.host;
  return { ...server, host: options.host, port, url: `http://${shown}:${port}/?token=${token}` };
}
