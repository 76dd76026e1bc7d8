/** Files that the browser console hands out: once, to the page that was opened with the console's address, and to nobody else. */
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineContext } from '../../../src/main/engine/context.ts';
import { createHandouts, type HandoutStore } from '../../../src/main/engine/handouts.ts';
import { type Console, startConsole } from '../../../src/main/engine/router/console.ts';
import type { Router } from '../../../src/main/engine/router/index.ts';
import { seededRandom, testClock } from '../../support/engine.ts';

let files: HandoutStore;
let opened: Console;
let cookie: string;
const clock = testClock();

interface Got { status: number; headers: IncomingHttpHeaders; body: string }
const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Got> => new Promise((resolve, reject) => {
  const asked = request({ host: '127.0.0.1', port: opened.port, path, method, headers: { host: `127.0.0.1:${opened.port}`, ...headers } }, (answer) => {
    const parts: Buffer[] = [];
    answer.on('data', (part: Buffer) => parts.push(part));
    answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(parts).toString() }));
    answer.on('error', reject);
  });
  asked.on('error', reject);
  asked.end();
});
const offer = (): string => files.offer({ name: 'list.csv', type: 'text/csv; charset=utf-8', bytes: 3, open: () => [Buffer.from('a,b')] }).file;

beforeEach(async () => {
  const random = seededRandom();
  files = createHandouts({ clock, random });
  const ctx = { files, random, log: { error: () => undefined } } as unknown as EngineContext;
  opened = await startConsole({ ctx, router: {} as Router, uploadLimit: 100, host: '127.0.0.1', port: 0 });
  const first = await get(new URL(opened.url).pathname + new URL(opened.url).search);
  cookie = first.headers['set-cookie']![0]!.split(';', 1)[0]!;
});
afterEach(() => opened.close());

describe('a file of the console', () => {
  it('goes to the page once, as a download nobody keeps', async () => {
    const file = offer();
    const got = await get(`/files/${file}`, { cookie, 'sec-fetch-site': 'same-origin' });
    expect([got.status, got.body]).toEqual([200, 'a,b']);
    expect(got.headers).toMatchObject({
      'content-disposition': 'attachment; filename="list.csv"', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'content-length': '3',
      'cross-origin-resource-policy': 'same-origin', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer', 'content-security-policy': expect.stringContaining("default-src 'none'") as string,
    });
    expect((await get(`/files/${file}`, { cookie })).status).toBe(404);
    const late = offer();
    clock.advance(600_000);
    expect((await get(`/files/${late}`, { cookie })).status).toBe(404);
  });

  it('goes to nobody else, who does not use it up either', async () => {
    const file = offer();
    const port = String(opened.port);
    const strangers: [string, Record<string, string>][] = [
      ['no cookie', {}], ['a wrong cookie', { cookie: `desk-${port}=${'A'.repeat(43)}` }], ['the cookie of another console', { cookie: cookie.replace(`desk-${port}`, 'desk-1') }], ['a cut cookie', { cookie: cookie.slice(0, -1) }],
      ['a name that leads here', { cookie, host: `desk.example:${port}` }], ['another port', { cookie, host: '127.0.0.1:1' }], ['another page', { cookie, origin: 'http://evil.example' }], ['a page of another port', { cookie, origin: 'http://127.0.0.1:1' }],
      ['a page over TLS', { cookie, origin: `https://127.0.0.1:${port}` }], ['no origin at all', { cookie, origin: 'null' }], ['another site', { cookie, 'sec-fetch-site': 'cross-site' }], ['a neighbour site', { cookie, 'sec-fetch-site': 'same-site' }],
    ];
    for (const [who, headers] of strangers) {
      const got = await get(`/files/${file}`, headers);
      expect([who, got.status, got.headers['set-cookie'], got.body.includes('a,b')]).toEqual([who, 403, undefined, false]);
    }
    // The address printed by the program opens the page, never a file, and only once.
    expect((await get(`/files/${file}${new URL(opened.url).search}`)).status).toBe(403);
    const again = await get(`/${new URL(opened.url).search}`);
    expect([again.status, again.headers['set-cookie']]).toEqual([403, undefined]);
    for (const path of ['/files/', '/files/fl_0', `/files/${file}/x`, `/files/..%2f${file}`]) expect([path, (await get(path, { cookie })).status]).toEqual([path, 404]);
    expect((await get(`/files/${file}`, { cookie }, 'POST')).status).toBe(404);
    for (const site of ['none', 'same-origin']) {
      const mine = offer();
      expect((await get(`/files/${mine}`, { cookie, 'sec-fetch-site': site, origin: `http://127.0.0.1:${port}` })).body).toBe('a,b');
    }
    expect((await get(`/files/${file}`, { cookie: `other=1; ${cookie}`, host: `localhost:${port}` })).body).toBe('a,b');
  });
});
