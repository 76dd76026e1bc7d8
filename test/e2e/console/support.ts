/** The console in a browser: opened with its one-time address, watched for faults. */
import { type Browser, type BrowserContext, expect, type Page } from '@playwright/test';

export interface Watched {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors and warnings of the console, uncaught exceptions, violations of the content security policy. */
  readonly faults: string[];
  /** Every answer that crossed to the page, as text. */
  readonly answers: { readonly url: string; readonly body: string }[];
}

export async function openConsole(browser: Browser, url: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options });
  return watch(await context.newPage(), url);
}

export async function watch(page: Page, url: string): Promise<Watched> {
  const faults: string[] = [];
  const answers: { url: string; body: string }[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  page.on('response', (response) => {
    if (!/\/(rpc|uploads)/.test(response.url())) return;
    void response.text().then((body) => answers.push({ url: response.url(), body }), () => undefined);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(url);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  return { page, context: page.context(), faults, answers };
}

/** Goes to an in-app address and waits until nothing is loading any more. */
export async function go(page: Page, path: string): Promise<void> {
  // The screen before stands until the next one is drawn: without a moment of rest its heading would be taken for the new one's.
  await page.evaluate((to) => new Promise<void>((done) => {
    location.hash = to;
    requestAnimationFrame(() => requestAnimationFrame(() => requestIdleCallback(() => done(), { timeout: 5_000 })));
  }), path);
  await settle(page);
}

export async function settle(page: Page): Promise<void> {
  await expect(page.locator('#main h1, #main [class*=MuiTypography], #main p').first()).toBeVisible();
  await expect(page.getByRole('progressbar', { name: /loading/i })).toHaveCount(0);
  await expect(page.locator('#main [aria-busy=true]')).toHaveCount(0);
}

/** Calls the engine as the page does, with its cookie. */
export async function rpc<T>(page: Page, procedure: string, input: unknown = {}): Promise<T> {
  const reply = await page.evaluate(async ([name, value]) => {
    const answer = await fetch(`/rpc/${name as string}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ input: value }) });
    return await answer.json() as { ok: boolean; data: unknown; error: { message: string } };
  }, [procedure, input] as const);
  if (!reply.ok) throw new Error(reply.error.message);
  return reply.data as T;
}

/** Every address of the window, with examples of what the workspace holds. */
export async function everyRoute(page: Page): Promise<string[]> {
  const profiles = await rpc<{ rows: { iccid: string; state: { order: string } }[] }>(page, 'profiles.list', { limit: 50 });
  const orders = await rpc<{ rows: { orderId: string }[] }>(page, 'orders.list', { limit: 5 });
  const sessions = await rpc<{ rows: { transactionId: string }[] }>(page, 'sessions.list', { limit: 1 });
  const templates = await rpc<{ rows: { id: string }[] }>(page, 'types.templates');
  const batches = await rpc<{ rows: { id: string }[] }>(page, 'preparation.list', { limit: 1 });
  const installed = profiles.rows.find((row) => row.state.order === 'installed') ?? profiles.rows[0];
  return [
    '/', '/inventory', ...(installed ? [`/inventory/${installed.iccid}`, `/inventory/${installed.iccid}?tab=network`, `/inventory/${installed.iccid}?tab=timeline`, `/inventory/compare?a=${installed.iccid}&b=${installed.iccid}`, `/inventory/compare?a=${installed.iccid}&b=${profiles.rows.find((row) => row !== installed)!.iccid}`, '/inventory?stock=retired&order=error'] : []), '/activations', ...orders.rows.slice(0, 2).map((row) => `/activations/${row.orderId}`),
    '/imports', '/imports?view=mappings', '/imports?view=keys', '/preparation', '/preparation?view=files', '/preparation?view=recipients', '/preparation/new', '/preparation/recipients/new', ...(batches.rows[0] ? [`/preparation/${batches.rows[0].id}`] : []),
    '/sessions', ...sessions.rows.map((row) => `/sessions/${row.transactionId}`), '/brands', '/outbox', '/keys', '/keys/horizon', '/keys/crls', '/keys/devices', '/numbers', '/numbers/levels', '/numbers/policies', '/settings', '/templates', '/templates/types', ...templates.rows.slice(0, 1).flatMap(({ id }) => ['', '/findings', '/size', '/slots', '/versions', '/used', '/edit'].map((tab) => `/templates/${id}${tab}`)), '/templates/compare', '/no/such/page',
  ];
}
