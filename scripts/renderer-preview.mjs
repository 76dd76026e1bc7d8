#!/usr/bin/env node
/**
 * The window without an engine: builds the renderer into .cache/preview and serves it on loopback with a fake engine behind
 * the same HTTP contract and the same content security policy as the console. For looking at screens; ships nowhere.
 *
 *   node scripts/renderer-preview.mjs [--port 4173] [--mode full|empty|failing] [--no-build]
 */
import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fakeEngine } from '../test/fixtures/renderer/fake-engine.ts';

const root = resolve(import.meta.dirname, '..');
const out = join(root, '.cache/preview');
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.woff': 'font/woff' };

export async function buildRenderer() {
  const [{ build }, { default: react }] = await Promise.all([import('vite'), import('@vitejs/plugin-react')]);
  await build({ root: join(root, 'src/renderer'), base: './', configFile: false, logLevel: 'warn', plugins: [react()], build: { outDir: out, emptyOutDir: true, target: 'chrome114', assetsInlineLimit: 0, chunkSizeWarningLimit: 4_000 } });
}

/** @param {{ port?: number, mode?: 'full'|'empty'|'failing' }} options */
export async function servePreview({ port = 0, mode = 'full' } = {}) {
  const engine = fakeEngine(mode, Date.now);
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    try {
      if (request.method === 'POST') return await answer(engine, pathname, request, response);
      if (pathname.startsWith('/streams/')) {
        response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
        response.write(': open\n\n');
        return undefined;
      }
      return await page(pathname, response);
    } catch (error) {
      response.writeHead(404).end(String(error));
      return undefined;
    }
  });
  await new Promise((done) => server.listen(port, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => { server.closeAllConnections(); server.close(); } };
}

async function answer(engine, pathname, request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  let reply;
  if (pathname === '/uploads') reply = { ok: true, data: { handle: `up_${randomBytes(16).toString('hex')}` } };
  else {
    try {
      reply = { ok: true, data: engine.call(pathname.slice('/rpc/'.length), JSON.parse(Buffer.concat(chunks).toString()).input) };
    } catch (error) {
      if (error?.refused === undefined) console.error(pathname, error);
      reply = { ok: false, error: error?.refused ?? { code: 'INTERNAL', message: String(error?.message ?? error).slice(0, 300), correlationId: 'c-fake' } };
    }
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
}

async function page(pathname, response) {
  const file = normalize(join(out, pathname === '/' ? 'index.html' : pathname));
  if (!file.startsWith(out)) throw new Error('outside');
  let body = await readFile(file);
  const headers = { 'content-type': types[extname(file)] ?? 'application/octet-stream' };
  if (file.endsWith('.html')) {
    const nonce = randomBytes(16).toString('base64');
    body = Buffer.from(body.toString().replace('__CSP_NONCE__', nonce));
    headers['content-security-policy'] = `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  }
  response.writeHead(200, headers).end(body);
}

if (import.meta.filename === process.argv[1]) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '4173' }, mode: { type: 'string', default: 'full' }, 'no-build': { type: 'boolean', default: false } } });
  if (!values['no-build']) await buildRenderer();
  const { url } = await servePreview({ port: Number(values.port), mode: values.mode });
  console.log(url);
}
