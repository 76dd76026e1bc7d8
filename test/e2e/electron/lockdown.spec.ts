/** What a page in the desktop window cannot do, whatever it tries. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { expect, test } from '@playwright/test';
import { cleanUp, commandOf, descendants, ensureBuilt, newFolder } from '../../integration/hosting/product.ts';
import { call, type Desktop, openDesktop } from './support.ts';

let desktop: Desktop;
let outside: Server;
let address: string;
const visits: string[] = [];

test.beforeAll(async () => {
  test.setTimeout(150_000);
  ensureBuilt();
  outside = createServer((request, response) => {
    visits.push(request.url ?? '');
    response.setHeader('access-control-allow-origin', '*');
    response.end('<title>outside</title>');
  });
  await new Promise<void>((done) => outside.listen(0, '127.0.0.1', done));
  address = `http://127.0.0.1:${(outside.address() as { port: number }).port}`;
  desktop = await openDesktop(newFolder());
});
test.afterAll(async () => {
  await desktop?.app.close().catch(() => undefined);
  outside?.close();
  cleanUp();
});

test('no switch that weakens Chromium was given, and nobody here is root', () => {
  expect(process.getuid?.()).not.toBe(0);
  for (const { pid } of [{ pid: desktop.pid }, ...descendants(desktop.pid)]) expect(commandOf(pid)).not.toMatch(/--no-sandbox|--disable-setuid-sandbox|--disable-web-security/);
});

test('preferences of every window, read back', async () => {
  const all = await desktop.app.evaluate(({ webContents }) => webContents.getAllWebContents().map((one) => (one as unknown as { getLastWebPreferences(): Record<string, unknown> }).getLastWebPreferences()));
  expect(all.length).toBe(1);
  for (const preferences of all) {
    expect(preferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false, nodeIntegrationInSubFrames: false, webSecurity: true, webviewTag: false, allowRunningInsecureContent: false });
    // Read back only when they are on.
    for (const name of ['navigateOnDragDrop', 'nodeIntegrationInWorker']) expect([name, preferences[name] ?? false]).toEqual([name, false]);
    expect(preferences['enableBlinkFeatures'] ?? '').toBe('');
    expect(preferences['experimentalFeatures'] ?? false).toBe(false);
  }
});

test('the renderer is in the sandbox of the system', async () => {
  const pid = await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.getOSProcessId());
  expect(commandOf(pid)).toContain('--type=renderer');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  expect(/^Seccomp:\t(\d)/m.exec(status)?.[1]).toBe('2');
  expect(/^NoNewPrivs:\t(\d)/m.exec(status)?.[1]).toBe('1');
});

test('the page holds nothing of Node or Electron, and four functions of ours', async () => {
  const found = await desktop.page.evaluate(() => {
    const own = window as unknown as Record<string, unknown>;
    return {
      node: ['require', 'process', 'module', 'exports', 'Buffer', 'global', '__dirname', 'electron', 'ipcRenderer', 'setImmediate'].filter((name) => typeof own[name] !== 'undefined'),
      bridge: Object.entries(own['desk'] as object).map(([name, value]) => `${name}: ${typeof value}`).sort(),
      frozen: Reflect.set(own['desk'] as object, 'call', () => undefined) && String((own['desk'] as { call: unknown }).call).includes('undefined'),
      origin: location.origin, secure: isSecureContext,
    };
  });
  expect(found).toEqual({ node: [], bridge: ['call: function', 'host: string', 'subscribe: function', 'upload: function'], frozen: false, origin: 'app://desk', secure: true });
});

test('the scheme serves the window\'s files alone', async () => {
  const answers = await desktop.page.evaluate(async () => {
    const ask = async (url: string, init?: RequestInit) => fetch(url, init).then((response) => response.status, () => 'blocked');
    return {
      page: await ask('app://desk/index.html'),
      up: await ask('app://desk/../main/engine.cjs'), encoded: await ask('app://desk/..%2fmain%2fengine.cjs'), double: await ask('app://desk/%2e%2e/%2e%2e/package.json'), back: await ask('app://desk/..%5cmain%5cengine.cjs'),
      zero: await ask('app://desk/index.html%00.js'), folder: await ask('app://desk/assets/'), missing: await ask('app://desk/nothing.js'), other: await ask('app://desk/.sources'),
      host: await ask('app://elsewhere/index.html'), post: await ask('app://desk/index.html', { method: 'POST', body: 'x' }), put: await ask('app://desk/index.html', { method: 'PUT', body: 'x' }),
      file: await ask('file:///etc/passwd'), http: await ask('http://127.0.0.1:1/'), blob: await ask('blob:app://desk/x'),
    };
  });
  expect(answers.page).toBe(200);
  for (const [name, answer] of Object.entries(answers)) if (name !== 'page') expect([name, answer === 'blocked' || Number(answer) >= 400]).toEqual([name, true]);
});

test('the policy is active: no inline script, no eval, no frame, no other origin', async () => {
  const policy = await desktop.page.evaluate(async () => (await fetch('app://desk/')).headers.get('content-security-policy'));
  expect(policy).toMatch(/default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[^']+'/);
  expect(policy).not.toContain('unsafe');
  const tried = await desktop.page.evaluate(async (other) => {
    const seen: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective));
    const own = window as unknown as Record<string, unknown>;
    const script = document.createElement('script');
    script.textContent = 'window.__inline = true';
    const image = document.createElement('img');
    image.src = `${other}/image`;
    const frame = document.createElement('iframe');
    frame.src = 'app://desk/';
    const far = document.createElement('iframe');
    far.src = `${other}/frame`;
    const view = document.createElement('webview');
    view.setAttribute('src', 'app://desk/');
    const plugin = document.createElement('object');
    plugin.data = `${other}/object`;
    document.body.append(script, image, frame, far, view, plugin);
    // Later, on the page's own time: a debugger's own call may evaluate.
    const evaluated = await new Promise((done) => setTimeout(() => {
      try { done((Reflect.get(window, 'eval') as (code: string) => unknown)('1')); } catch (error) { done((error as Error).name); }
    }, 0));
    const fetched = await fetch(`${other}/fetch`).then(() => 'went through', () => 'blocked');
    const socket = await new Promise((done) => {
      try { const one = new WebSocket(other.replace('http', 'ws')); one.onerror = () => done('blocked'); one.onopen = () => done('open'); } catch { done('blocked'); }
    });
    await new Promise((done) => setTimeout(done, 500));
    const inner = frame.contentDocument === null ? 'another origin' : (frame.contentDocument.body?.textContent ?? '');
    for (const one of [script, image, frame, far, view, plugin]) one.remove();
    return { inline: own['__inline'] === true, evaluated, fetched, socket, inner, seen: [...new Set(seen)] };
  }, address);
  expect(tried).toMatchObject({ inline: false, evaluated: 'EvalError', fetched: 'blocked', socket: 'blocked' });
  for (const directive of ['script-src-elem', 'script-src', 'connect-src', 'img-src', 'frame-src', 'object-src']) expect(tried.seen).toContain(directive);
  expect(visits).toEqual([]);
});

test('every permission is denied but copying a text', async () => {
  const answers = await desktop.page.evaluate(async () => {
    const state = async (name: string) => navigator.permissions.query({ name: name as PermissionName }).then((one) => one.state, (error: Error) => error.name);
    const refused = async (work: () => Promise<unknown>) => { try { await work(); return 'given'; } catch { return 'refused'; } };
    return {
      states: Object.fromEntries(await Promise.all(['geolocation', 'notifications', 'camera', 'microphone', 'midi', 'clipboard-read'].map(async (name) => [name, await state(name)] as const))),
      media: await refused(() => navigator.mediaDevices.getUserMedia({ audio: true })),
      screen: await refused(() => navigator.mediaDevices.getDisplayMedia()),
      place: await refused(() => new Promise((done, failed) => { navigator.geolocation.getCurrentPosition(done, failed, { timeout: 3_000 }); })),
      notify: await Notification.requestPermission(),
      midi: await refused(() => navigator.requestMIDIAccess({ sysex: true })),
      read: await refused(() => navigator.clipboard.readText()),
      hid: await refused(async () => { const list = await (navigator as unknown as { hid: { requestDevice(o: object): Promise<unknown[]> } }).hid.requestDevice({ filters: [] }); if (list.length === 0) throw new Error('none'); }),
    };
  });
  for (const [name, state] of Object.entries(answers.states)) expect([name, ['denied', 'TypeError', 'prompt'].includes(state)]).toEqual([name, true]);
  expect(answers.states['geolocation']).toBe('denied');
  expect(answers).toMatchObject({ media: 'refused', screen: 'refused', place: 'refused', notify: 'denied', midi: 'refused', read: 'refused', hid: 'refused' });
});

test('the window stays where it is: navigation, new windows, downloads, dropped files', async () => {
  const { page, app } = desktop;
  const before = page.url();
  const opened = await page.evaluate((other) => [window.open(other), window.open('app://desk/'), window.open('about:blank'), window.open('file:///etc/passwd')].map((one) => one === null), address);
  expect(opened).toEqual([true, true, true, true]);
  for (const target of [`${address}/navigate`, 'file:///etc/passwd', 'https://example.com/', 'app://elsewhere/', 'data:text/html,<p>x', 'javascript:document.title="owned"']) {
    await page.evaluate((to) => { location.href = to; }, target);
    await page.waitForTimeout(120);
    expect([target, page.url()]).toEqual([target, before]);
  }
  await page.evaluate((other) => {
    const link = document.createElement('a');
    link.href = `${other}/link`;
    link.target = '_blank';
    document.body.append(link);
    link.click();
    link.download = 'x';
    link.click();
    link.remove();
    const form = document.createElement('form');
    form.action = `${other}/form`;
    document.body.append(form);
    form.submit();
    form.remove();
    const data = new DataTransfer();
    data.items.add(new File(['<p>dropped'], 'page.html', { type: 'text/html' }));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, address);
  await page.waitForTimeout(300);
  expect(page.url()).toBe(before);
  expect(await page.title()).not.toBe('owned');
  expect(await app.evaluate(({ webContents }) => webContents.getAllWebContents().length)).toBe(1);
  expect(visits).toEqual([]);
});

test('calls from a frame, another page or another window are refused', async () => {
  const { app } = desktop;
  // The handler itself, asked in the name of senders a page cannot be: the real one is asked above and below.
  const answers = await app.evaluate(async ({ ipcMain, BrowserWindow }) => {
    const handlers = (ipcMain as unknown as { _invokeHandlers: Map<string, (event: unknown, ...args: unknown[]) => Promise<unknown>> })._invokeHandlers;
    const handler = handlers.get('desk:call')!;
    const own = BrowserWindow.getAllWindows()[0]!.webContents;
    const ask = async (event: object) => {
      let answer: unknown;
      const returned = await handler({ _reply: (value: unknown) => { answer = value; }, sendReply: (value: unknown) => { answer = value; }, _throw: (error: unknown) => { answer = { thrown: String(error) }; }, ...event }, 'workspace.status', {}, undefined);
      answer ??= returned;
      for (let i = 0; i < 100 && answer === undefined; i++) await new Promise((done) => setTimeout(done, 20));
      return (answer as { ok?: boolean; error?: { code: string } } | undefined)?.error?.code ?? (answer as { ok?: boolean } | undefined)?.ok;
    };
    const stranger = new BrowserWindow({ show: false, webPreferences: { sandbox: true } });
    await stranger.loadURL('app://desk/').catch(() => undefined);
    const result = {
      own: await ask({ sender: own, senderFrame: own.mainFrame }),
      frame: await ask({ sender: own, senderFrame: { url: 'app://desk/', parent: own.mainFrame } }),
      none: await ask({ sender: own, senderFrame: null }),
      elsewhere: await ask({ sender: { ...own, id: own.id, mainFrame: (() => { const f = { url: 'app://desk.evil/' }; return f; })() }, senderFrame: { url: 'app://desk.evil/' } }),
      stranger: await ask({ sender: stranger.webContents, senderFrame: stranger.webContents.mainFrame }),
    };
    stranger.destroy();
    return result;
  });
  expect(answers).toEqual({ own: true, frame: 'NOT_PERMITTED', none: 'NOT_PERMITTED', elsewhere: 'NOT_PERMITTED', stranger: 'NOT_PERMITTED' });
});

test('bad payloads are refused with a code, and the window lives', async () => {
  const { page } = desktop;
  const raw = (name: unknown, input: unknown, commandId?: unknown) => page.evaluate(([n, i, c]) => (window as unknown as { desk: { call(...all: unknown[]): Promise<{ ok: boolean; error?: { code: string } }> } }).desk.call(n, i, c).then((reply) => reply.error?.code ?? 'ok', (error: Error) => `thrown: ${error.message}`), [name, input, commandId] as const);
  expect(await raw('workspace.status', {})).toBe('ok');
  expect(await raw(42, {})).toBe('INPUT_INVALID');
  expect(await raw(undefined, {})).toBe('INPUT_INVALID');
  expect(await raw('x'.repeat(101), {})).toBe('INPUT_INVALID');
  expect(await raw('workspace.status', {}, { not: 'a text' })).toBe('INPUT_INVALID');
  expect(await raw('no.such', {})).toBe('PROCEDURE_UNKNOWN');
  expect(await raw('../uploads', {})).toBe('PROCEDURE_UNKNOWN');
  expect(await raw('__proto__', {})).toBe('PROCEDURE_UNKNOWN');
  expect(await raw('orders.show', { orderId: 7 })).toBe('INPUT_INVALID');
  expect(await raw('orders.create', null)).toBe('INPUT_INVALID');
  expect(await raw('profiles.list', 'x'.repeat(1_100_000))).toBe('INPUT_INVALID');
  const upload = (text: string) => page.evaluate((value) => (window as unknown as { desk: { upload(bytes: unknown): Promise<{ ok: boolean; error?: { code: string } }> } }).desk.upload(value).then((reply) => reply.error?.code ?? 'ok', () => 'thrown'), text);
  expect(await upload('a text, not bytes')).toBe('UPLOAD_TOO_LARGE');
  const ended = await page.evaluate(async () => {
    const { desk } = window as unknown as { desk: { subscribe(name: unknown, input: unknown, on: () => void): () => void; call(name: string, input: unknown): Promise<{ ok: boolean }> } };
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const cycle = await desk.call('workspace.status', cyclic).then((reply) => reply.ok, () => false);
    for (let i = 0; i < 100; i++) desk.subscribe('no.such', {}, () => undefined);
    return { cycle, after: (await desk.call('workspace.status', {})).ok };
  });
  expect(ended).toEqual({ cycle: false, after: true });
  expect((await call(page, 'workspace.status')).ok).toBe(true);
});
