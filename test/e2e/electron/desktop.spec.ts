/** The application as a whole: first start, the chain through its window, recovery, the end. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { cleanUp, commandOf, descendants, ensureBuilt, isAlive, kill, must, newFolder, partsBelow, until } from '../../integration/hosting/product.ts';
import { call, openDesktop, runtime } from './support.ts';

test.beforeAll(ensureBuilt);
test.afterEach(cleanUp);

test('first start makes the sample; an order in the window is downloaded by the command line and shown installed; it survives its engine; the end leaves no process', async () => {
  test.setTimeout(180_000);
  const workspace = newFolder();
  const desktop = await openDesktop(workspace);
  const { page, app } = desktop;

  // First start: no screen is blank.
  const home = await call<{ profiles: number; activations: { installed: number } }>(page, 'workspace.home');
  expect(home.data.profiles).toBeGreaterThanOrEqual(40);
  expect(home.data.activations.installed).toBe(1);

  await page.keyboard.press('n');
  const dialog = page.getByRole('dialog', { name: 'New order' });
  await dialog.getByLabel('Profile type').click();
  await page.getByRole('option', { name: /Lab consumer/ }).click();
  await dialog.getByRole('button', { name: 'Order and release' }).click();
  await expect(dialog).toBeHidden();
  const code = (await page.getByText(/^LPA:1\$/).first().innerText()).trim();
  const done = await must<{ ok: boolean; iccid: string }>(['device', 'download', code, '--workspace', workspace]);
  expect(done.ok).toBe(true);
  await expect(page.getByRole('region', { name: 'Timeline' }).getByText(/installed/i).first()).toBeVisible();

  // kill -9 of the engine: the window says so at most, and goes on by itself.
  const before = partsBelow(desktop.pid);
  expect(Math.min(before.engine, before.vault)).toBeGreaterThan(0);
  kill(before.engine);
  await until('another engine runs', () => {
    const { engine } = partsBelow(desktop.pid);
    return engine > 0 && engine !== before.engine;
  });
  await until('the window is answered again', async () => (await call(page, 'workspace.status')).ok);
  await page.getByRole('link', { name: 'Inventory' }).click();
  await expect(page.getByRole('row').nth(3)).toBeVisible();
  await expect(page.locator('#main').getByRole('alert')).toHaveCount(0, { timeout: 20_000 });
  // The stream is there again as well: a change elsewhere arrives without a reload.
  await page.getByRole('link', { name: 'Activations' }).click();
  const order = await must<{ orderId: string; iccid: string }>(['order', 'create', '--type', 'Lab consumer', '--workspace', workspace]);
  await expect(page.getByText(order.iccid).first()).toBeVisible({ timeout: 20_000 });

  const below = [desktop.pid, ...descendants(desktop.pid).map(({ pid }) => pid)];
  expect(below.length).toBeGreaterThan(4);
  await app.evaluate(({ app: one }) => one.quit()).catch(() => undefined);
  await until('every process is gone', () => below.every((pid) => !isAlive(pid)), 20_000);
  expect((await must<{ verified: boolean }>(['audit', 'verify', '--workspace', workspace])).verified).toBe(true);
});

test('kill -9 of the application takes engine and vault along', async () => {
  const workspace = newFolder();
  const desktop = await openDesktop(workspace);
  const parts = partsBelow(desktop.pid);
  kill(desktop.pid);
  await until('engine and vault are gone', () => !isAlive(parts.engine) && !isAlive(parts.vault), 5_000);
  await desktop.app.close().catch(() => undefined);
});

test('the application does not start with a switch that opens its window', () => {
  for (const given of ['--no-sandbox', '--disable-web-security']) {
    const { status, stderr } = spawnSync(runtime, ['.', given, '--disable-gpu', `--user-data-dir=${newFolder()}`], { encoding: 'utf8', timeout: 30_000, env: { ...process.env, MVNE_DESK_WORKSPACE: newFolder() } });
    expect([given, status, stderr.includes(`the window does not start with ${given}`)]).toEqual([given, 1, true]);
  }
  for (const file of ['playwright.config.ts', 'scripts/test.mjs']) expect([file, readFileSync(file, 'utf8').split('\n').some((line) => line.includes('electron') && line.includes('--no-sandbox'))]).toEqual([file, false]);
  expect(commandOf(process.pid)).not.toContain('--no-sandbox');
});
