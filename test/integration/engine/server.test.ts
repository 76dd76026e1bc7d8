import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineReady } from '../../../src/main/hosting/config.ts';
import { type Answer, type EngineProcess, httpRequest, newWorkspace, startEngineProcess } from '../../support/engine-process.ts';

let workspace: string;
let engine: EngineProcess;
let port: number;
let token: string;
let cookie = '';
/** Octets as they are, and everything that comes back. */
const rawRequest = (path: string, text: string): Promise<string> => new Promise((resolve, reject) => {
  const socket = connect(path, () => socket.write(text));
  let answer = '';
  socket.on('data', (part: Buffer) => { answer += part.toString(); });
  socket.on('end', () => resolve(answer));
  socket.on('error', reject);
});
const json = { 'content-type': 'application/json' };

beforeAll(async () => {
  workspace = newWorkspace();
  const rendererRoot = join(workspace, 'renderer');
  mkdirSync(join(rendererRoot, 'assets'), { recursive: true });
  writeFileSync(join(rendererRoot, 'index.html'), '<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__"><div id="root"></div>');
  writeFileSync(join(rendererRoot, 'assets', 'index.js'), 'window.started = true;');
  engine = await startEngineProcess(workspace, { console: { host: '127.0.0.1', port: 0 }, rendererRoot });
  const ready = engine.said as EngineReady;
  port = ready.console!.port;
  token = new URL(ready.console!.url).searchParams.get('token')!;
});
afterAll(async () => {
  await engine.drain();
  rmSync(workspace, { recursive: true, force: true });
});

describe('the socket', () => {
  it('answers calls with the status of their kind and never more than code and sentence', async () => {
    expect(await engine.call('workspace.status')).toMatchObject({ ok: true, data: { environment: 'lab', listeners: [{ kind: 'console', port }] } });
    const cases: [Promise<Answer>, number, string][] = [
      [engine.http('POST', '/rpc/nope', { body: '{}', headers: json }), 404, 'PROCEDURE_UNKNOWN'],
      [engine.http('GET', '/anything'), 404, 'PROCEDURE_UNKNOWN'],
      [engine.http('POST', '/rpc/workspace.search', { body: '{"input":{}}', headers: json }), 400, 'INPUT_INVALID'],
      [engine.http('POST', '/rpc/workspace.search', { body: '{"input":', headers: json }), 400, 'INPUT_INVALID'],
      [engine.http('POST', '/rpc/workspace.search', { body: '[]', headers: json }), 400, 'INPUT_INVALID'],
      [engine.http('POST', '/rpc/workspace.search', { body: 'x', headers: { 'content-type': 'text/plain' } }), 400, 'INPUT_INVALID'],
      [engine.http('POST', '/rpc/workspace.search', { body: '{"input":{"__proto__":{}}}', headers: json }), 400, 'INPUT_INVALID'],
      [engine.http('POST', '/rpc/workspace.search', { body: JSON.stringify({ input: { text: 'x'.repeat(5_000_000) } }), headers: json }), 400, 'UPLOAD_TOO_LARGE'],
      [engine.http('POST', '/uploads', { body: '{}', headers: json }), 400, 'INPUT_INVALID'],
      [engine.http('GET', '/streams/nope'), 404, 'PROCEDURE_UNKNOWN'],
      [engine.http('GET', '/streams/workspace.changes?input=%7B'), 400, 'INPUT_INVALID'],
      [engine.http('POST', '/rpc/jobs.show', { body: '{"input":{"id":"none"}}', headers: json }), 404, 'NOT_FOUND'],
    ];
    for (const [answer, status, code] of cases) {
      const { status: got, body, headers } = await answer;
      const reply = JSON.parse(body) as { ok: boolean; error: Record<string, unknown> };
      expect({ got, code: reply.error['code'] }).toEqual({ got: status, code });
      expect(reply.error['correlationId']).toMatch(/^[0-9a-f-]{36}$/);
      expect(Object.keys(reply.error).filter((k) => !['code', 'message', 'field', 'hint', 'correlationId'].includes(k))).toEqual([]);
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });
  it('answers what its framework refuses in the same form, without the address', async () => {
    const long = 'secret-handle-'.repeat(25);
    for (const path of [`/files/${long}`, `/rpc/${long}`, `/streams/${long}`, '/files/%zzsecret-handle-']) {
      const { status, body, headers } = await engine.http(path.startsWith('/rpc') ? 'POST' : 'GET', path);
      expect([status, JSON.parse(body)]).toEqual([404, { ok: false, error: { code: 'PROCEDURE_UNKNOWN', message: 'There is nothing at this address', correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string } }]);
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    }
    for (const raw of ['NONSENSE secret-handle-\r\n\r\n', `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'secret-handle-'.repeat(2_000)}\r\n\r\n`]) {
      const [head, body] = (await rawRequest(engine.config.socketPath, raw)).split('\r\n\r\n') as [string, string];
      expect(head).toMatch(/^HTTP\/1\.1 400 /);
      expect(JSON.parse(body)).toEqual({ ok: false, error: { code: 'INPUT_INVALID', message: 'The request could not be read', correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string } });
    }
  });
  it('takes uploads as raw bytes', async () => {
    const answer = await engine.http('POST', '/uploads', { body: new Uint8Array([1, 2, 3]), headers: { 'content-type': 'application/octet-stream' } });
    expect(JSON.parse(answer.body)).toMatchObject({ ok: true, data: { handle: expect.stringMatching(/^up_[0-9a-f]{32}$/) } });
  });
  it('pushes changes to whoever listens', async () => {
    const seen = await new Promise<string>((resolve, reject) => {
      const req = get({ socketPath: engine.config.socketPath, path: '/streams/workspace.changes?input=%7B%7D' }, (res) => {
        expect(res.headers['content-type']).toBe('text/event-stream');
        void engine.call('workspace.saveSettings', { settings: { downloadLimit: 7 } }, 'stream-test-1').catch(reject);
        let text = '';
        res.on('data', (d: Buffer) => {
          text += d.toString();
          if (text.includes('data: ')) { req.destroy(); resolve(text); }
        });
      });
      req.on('error', (error) => { if (!req.destroyed) reject(error); });
    });
    expect(seen).toMatch(/data: \{"areas":\["workspace","settings","audit"\],"at":\d+\}/);
  });
});

describe('the console', () => {
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    httpRequest({ host: '127.0.0.1', port }, method, path, { headers: { host: `127.0.0.1:${port}`, ...headers }, ...(body === undefined ? {} : { body }) });

  it('is closed without token, with a wrong one, and to every route', async () => {
    for (const [method, path] of [['GET', '/'], ['GET', '/?token=wrong'], ['GET', '/?token='], ['GET', `/assets/index.js?token=${token}`], ['POST', '/rpc/workspace.status'], ['POST', '/uploads'], ['GET', '/streams/workspace.changes'], ['GET', '/assets/index.js'], ['GET', '/nope']] as const) {
      const answer = await ask(method, path, { cookie: `desk-${port}=wrong` });
      expect(`${path} ${answer.status}`).toBe(`${path} 403`);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });
  it('opens once with its token', async () => {
    const answer = await ask('GET', `/?token=${token}`, { 'sec-fetch-site': 'none' });
    expect(answer.status).toBe(302);
    expect(answer.headers['location']).toBe('/');
    const set = String(answer.headers['set-cookie']);
    expect(set).toMatch(new RegExp(`^desk-${port}=[A-Za-z0-9_-]{43}; HttpOnly; SameSite=Strict; Path=/$`));
    cookie = set.split(';')[0]!;
    expect((await ask('GET', `/?token=${token}`)).status).toBe(403);
  });
  it('serves the page with a policy whose nonce is new each time, and the files beside it', async () => {
    const pages = await Promise.all([ask('GET', '/', { cookie }), ask('GET', '/', { cookie })]);
    const nonces = pages.map((p) => /content="([A-Za-z0-9_-]{24})"/.exec(p.body)?.[1]);
    expect(new Set(nonces).size).toBe(2);
    pages.forEach((p, i) => {
      const policy = String(p.headers['content-security-policy']);
      expect(policy).toContain(`style-src 'self' 'nonce-${nonces[i]}'`);
      expect(policy).toContain(`script-src 'self';`);
      expect(policy).not.toContain('unsafe');
      expect(p.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
      expect(p.headers['access-control-allow-origin']).toBeUndefined();
    });
    expect((await ask('GET', '/assets/index.js', { cookie })).body).toContain('started');
    for (const path of ['/assets/../../desk.db', '/assets/%2e%2e/%2e%2e/desk.db', '/..%2fdesk.db', '/desk.db']) expect((await ask('GET', path, { cookie })).status).toBeGreaterThanOrEqual(400);
    expect(JSON.parse((await ask('GET', '/nope', { cookie })).body)).toMatchObject({ ok: false, error: { code: 'PROCEDURE_UNKNOWN' } });
  });
  it('answers calls as host console', async () => {
    const call = await ask('POST', '/rpc/workspace.saveSettings', { ...json, cookie, origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin', 'x-desk-host': 'desktop' }, JSON.stringify({ input: { settings: { downloadLimit: 4 } }, commandId: 'console-1' }));
    expect(JSON.parse(call.body)).toMatchObject({ ok: true });
    expect(await engine.call('audit.list', { limit: 1 })).toMatchObject({ data: { rows: [{ host: 'console', event: 'settings.changed' }] } });
  });
  it('is not reached through a foreign name or from a foreign page', async () => {
    const body = JSON.stringify({ input: {} });
    const foreign: Record<string, string>[] = [{ host: 'evil.example' }, { host: `evil.example:${port}` }, { host: '127.0.0.1' }, { origin: 'http://evil.example' }, { origin: 'null' }, { origin: `https://127.0.0.1:${port}` }, { origin: `http://127.0.0.1:${port + 1}` }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }];
    for (const headers of foreign) {
      const answer = await ask('POST', '/rpc/workspace.status', { ...json, cookie, ...headers }, body);
      expect(`${JSON.stringify(headers)} ${answer.status}`).toBe(`${JSON.stringify(headers)} 403`);
    }
    expect((await ask('POST', '/rpc/workspace.status', { ...json, cookie }, body)).status).toBe(200);
    expect((await ask('OPTIONS', '/rpc/workspace.status', { cookie, origin: 'http://evil.example', 'access-control-request-method': 'POST' })).status).toBe(403);
  });
  it('listens on loopback only', async () => {
    const other = newWorkspace();
    const refused = await startEngineProcess(other, { console: { host: '0.0.0.0', port: 0 } });
    expect(refused.said).toMatchObject({ type: 'fatal', code: 'CONSOLE_FAILED' });
    await refused.gone;
    rmSync(other, { recursive: true, force: true });
  });
});
