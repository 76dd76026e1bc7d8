/** The door of the console, and what its page may not do. */
import { expect, test } from '@playwright/test';
import { request } from 'node:http';
import { cleanUp, ensureBuilt, newFolder, serve, type Serving } from '../../integration/hosting/product.ts';
import { everyRoute, go, openConsole, type Watched } from './support.ts';

let serving: Serving;
let port: number;
let watched: Watched;
let cookie: string;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async ({ browser }) => {
  ensureBuilt();
  serving = await serve(newFolder(), ['--sample', '--console', '127.0.0.1:0', '--es9plus', '127.0.0.1:0']);
  port = Number(new URL(serving.ready.console!).port);
  watched = await openConsole(browser, serving.ready.console!);
  cookie = (await watched.context.cookies()).map((one) => `${one.name}=${one.value}`).join('; ');
});
test.afterAll(async () => {
  await watched?.context.close();
  await serving?.stop();
  cleanUp();
});

function ask(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  return new Promise((done, failed) => {
    const req = request({ host: '127.0.0.1', port, method, path, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers } }, (res) => {
      let text = '';
      res.on('data', (part: Buffer) => { text += part.toString(); });
      res.on('end', () => done({ status: res.statusCode ?? 0, body: text, headers: res.headers }));
    });
    req.on('error', failed);
    req.end(body);
  });
}
const call = JSON.stringify({ input: {} });

test('the address works once, and leaves no token behind', async ({ browser }) => {
  expect(watched.page.url()).not.toContain('token');
  const other = await browser.newContext();
  const page = await other.newPage();
  expect((await page.goto(serving.ready.console!))?.status()).toBe(403);
  await expect(page.getByText('This console opens with the address printed by the program, once.')).toBeVisible();
  expect(await other.cookies()).toEqual([]);
  await other.close();
  for (const token of ['', 'x'.repeat(43), `${new URL(serving.ready.console!).searchParams.get('token')}`]) expect((await ask('GET', `/?token=${token}`)).status).toBe(403);
});

test('the cookie is HttpOnly and SameSite=Strict, and everything needs it', async () => {
  const [kept] = await watched.context.cookies();
  expect(kept).toMatchObject({ name: `desk-${new URL(serving.ready.console!).port}`, httpOnly: true, sameSite: 'Strict', path: '/' });
  expect(kept!.value.length).toBeGreaterThanOrEqual(43);
  expect(await watched.page.evaluate(() => document.cookie)).toBe('');
  expect((await ask('POST', '/rpc/workspace.status', { cookie }, call)).status).toBe(200);
  for (const wrong of [undefined, `${kept!.name}=`, `${kept!.name}=x`, `desk=${kept!.value}`, `${cookie}x`, cookie.slice(0, -1)]) {
    for (const [method, path, body] of [['POST', '/rpc/workspace.status', call], ['POST', '/uploads', 'x'], ['GET', '/streams/workspace.changes', undefined], ['GET', '/assets/', undefined], ['GET', '/index.html', undefined]] as const) {
      expect([wrong, path, (await ask(method, path, wrong === undefined ? {} : { cookie: wrong }, body)).status]).toEqual([wrong, path, 403]);
    }
  }
});

test('other hosts, origins and sites are refused, also with the cookie', async () => {
  const cases: Record<string, string>[] = [
    { host: 'evil.example' }, { host: `evil.example:${port}` }, { host: '127.0.0.1:1' }, { host: `127.0.0.1.evil.example:${port}` },
    { origin: 'http://evil.example' }, { origin: 'null' }, { origin: `https://127.0.0.1:${port}` }, { origin: `http://127.0.0.1:${port + 1}` },
    { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' },
  ];
  for (const headers of cases) expect([headers, (await ask('POST', '/rpc/workspace.status', { cookie, ...headers }, call)).status]).toEqual([headers, 403]);
  expect((await ask('POST', '/rpc/workspace.status', { cookie, origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' }, call)).status).toBe(200);
  // No form of another page can make a call: only JSON is read.
  expect((await ask('POST', '/rpc/workspace.status', { cookie, 'content-type': 'text/plain' }, call)).status).not.toBe(200);
  expect((await ask('GET', '/rpc/workspace.status', { cookie })).status).toBe(404);
});

test('no file outside the window is served', async () => {
  for (const path of ['/../main/cli.cjs', '/..%2fmain/cli.cjs', '/%2e%2e/%2e%2e/package.json', '/assets/../../main/engine.cjs', '/assets/..%5c..%5cpackage.json', '//etc/passwd', '/.sources', '/desk.db']) {
    const answer = await ask('GET', path, { cookie });
    expect([path, answer.status >= 400]).toEqual([path, true]);
  }
});

test('the page carries its policy with a fresh nonce', async () => {
  const first = await ask('GET', '/', { cookie });
  const second = await ask('GET', '/', { cookie });
  const nonce = (answer: typeof first) => /'nonce-([^']+)'/.exec(String(answer.headers['content-security-policy']))?.[1];
  expect(String(first.headers['content-security-policy'])).toMatch(/default-src 'none'; script-src 'self'; style-src 'self' 'nonce-/);
  expect(String(first.headers['content-security-policy'])).not.toMatch(/unsafe/);
  expect(nonce(first)).toBeTruthy();
  expect(nonce(first)).not.toBe(nonce(second));
  expect(first.body).toContain(nonce(first)!);
  expect(first.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY', 'cache-control': 'no-store' });
});

test('every screen opens without an error, a warning or a violation', async () => {
  for (const route of await everyRoute(watched.page)) {
    await go(watched.page, route);
    await watched.page.waitForTimeout(150);
    expect([route, watched.faults]).toEqual([route, []]);
  }
});

test('inline script, eval, other origins and frames are blocked', async () => {
  const { page } = watched;
  const tried = await page.evaluate(async () => {
    const found: Record<string, unknown> = {};
    const violations: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'window.__inline = true';
    document.body.append(script);
    found['inline'] = (window as unknown as Record<string, unknown>)['__inline'] === true;
    const handler = document.createElement('div');
    handler.setAttribute('onclick', 'window.__handler = true');
    document.body.append(handler);
    handler.click();
    found['handler'] = (window as unknown as Record<string, unknown>)['__handler'] === true;
    // Later, on the page's own time: a debugger's own call may evaluate.
    found['eval'] = await new Promise((done) => setTimeout(() => {
      try {
        done((Reflect.get(window, 'eval') as (code: string) => unknown)('1 + 1'));
      } catch (error) {
        done((error as Error).name);
      }
    }, 0));
    const attempt = async (work: () => Promise<unknown>) => work().then(() => 'went through', () => 'blocked');
    found['fetch'] = await attempt(() => fetch('http://127.0.0.1:1/'));
    found['data'] = await attempt(() => import('data:text/javascript,export default 1' as string) as Promise<unknown>);
    const style = document.createElement('style');
    style.textContent = 'body { --without-nonce: 1 }';
    document.body.append(style);
    found['style'] = getComputedStyle(document.body).getPropertyValue('--without-nonce');
    const frame = document.createElement('iframe');
    frame.src = 'data:text/html,<p>frame</p>';
    document.body.append(frame);
    await new Promise((done) => setTimeout(done, 300));
    for (const element of [script, handler, style, frame]) element.remove();
    return { found, violations: [...new Set(violations)].sort() };
  });
  expect(tried.found).toEqual({ inline: false, handler: false, eval: 'EvalError', fetch: 'blocked', data: 'blocked', style: '' });
  for (const directive of ['script-src-elem', 'script-src-attr', 'script-src', 'connect-src', 'style-src-elem', 'frame-src']) expect(tried.violations).toContain(directive);
});
