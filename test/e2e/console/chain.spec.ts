/** The whole chain through the window, with a device that downloads beside it. One workspace, in order. */
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Locator, test } from '@playwright/test';
import { cleanUp, ensureBuilt, must, newFolder, serve, type Serving } from '../../integration/hosting/product.ts';
import { go, openConsole, rpc, settle, type Watched } from './support.ts';

const jsQr = createRequire(join(process.cwd(), 'package.json'))('jsqr') as (data: Uint8ClampedArray, width: number, height: number) => { data: string } | null;

let serving: Serving;
let workspace: string;
let watched: Watched;
let code = '';
let orderId = '';
let iccid = '';
const confirmation = '73920164';
// Typical for a stock file of the lab; the canaries have a test of their own.
const rows = Array.from({ length: 6 }, (_, i) => `898821100000800${String(i).padStart(3, '0')},00101000080000${i},+8821100080000${i},0F1E2D3C4B5A69788796A5B4C3D2E1F${i},F0E1D2C3B4A5968778695A4B3C2D1E0${i},0000,1234567${i}`);

test.describe.configure({ mode: 'serial' });
test.beforeAll(async ({ browser }) => {
  ensureBuilt();
  workspace = newFolder();
  serving = await serve(workspace, ['--sample', '--console', '127.0.0.1:0', '--es9plus', '127.0.0.1:0']);
  watched = await openConsole(browser, serving.ready.console!);
});
test.afterAll(async () => {
  await watched?.context.close();
  await serving?.stop();
  cleanUp();
});
test.afterEach(() => {
  expect(watched.faults.splice(0)).toEqual([]);
});

const choose = async (dialog: Locator, type: string) => {
  await dialog.getByRole('combobox', { name: 'Profile type' }).click();
  await watched.page.getByRole('option', { name: new RegExp(type) }).click();
};
const order = () => watched.page.getByRole('region', { name: 'Timeline' });

test('a stock file is checked, imported and prepared', async () => {
  const { page } = watched;
  await go(page, '/inventory');
  await page.keyboard.press('i');
  await expect(page).toHaveURL(/#\/imports$/);
  await page.getByLabel('Stock file', { exact: true }).setInputFiles({ name: 'window.csv', mimeType: 'text/csv', buffer: Buffer.from(`iccid,imsi,msisdn,ki,opc,pin1,puk1\n${[...rows, '123,456,,,,,'].join('\n')}\n`) });
  await page.getByRole('button', { name: 'Next: say what the columns are' }).click();
  await page.getByRole('button', { name: 'Next: rules' }).click();
  await choose(page.getByRole('region', { name: 'What the rows become' }), 'Lab consumer');
  await page.getByRole('button', { name: 'Check 7 rows' }).click();
  const stand = page.getByRole('region', { name: 'Where the import stands' });
  await expect(stand).toContainText('6 ready · 1 to repair');
  await page.getByRole('button', { name: 'Preview without the 1' }).click();
  await page.getByRole('button', { name: 'Import 6 profiles, leave out 1' }).click();
  await expect(page.getByRole('heading', { name: '6 profiles imported' })).toBeVisible();
  await page.getByRole('button', { name: 'Prepare these profiles' }).click();
  await expect(page).toHaveURL(/#\/preparation\/new\?import=I-/);
  await page.getByLabel('How many').fill('6');
  await page.getByRole('button', { name: 'Prepare 6 profiles' }).click();
  await expect(page.getByText('6 of 6 profiles').first()).toBeVisible();
});

test('an order with a confirmation code; the QR code reads as the code shown', async () => {
  const { page } = watched;
  await page.keyboard.press('n');
  const dialog = page.getByRole('dialog', { name: 'New order' });
  await dialog.getByRole('button', { name: 'Order and release' }).click();
  await expect(dialog.getByText('Choose a profile type')).toBeVisible();
  await choose(dialog, 'Lab consumer');
  await dialog.getByLabel('Confirmation code').fill(confirmation);
  await dialog.getByRole('button', { name: 'Order and release' }).click();
  await expect(dialog).toBeHidden();
  await expect(page).toHaveURL(/#\/activations\/o-/);
  orderId = /activations\/([^/?]+)$/.exec(page.url())![1]!;
  code = (await page.getByText(/^LPA:1\$/).first().innerText()).trim();
  expect(code).toMatch(/^LPA:1\$127\.0\.0\.1:\d+\$[0-9A-Z-]+\$\$1$|^LPA:1\$127\.0\.0\.1:\d+\$[0-9A-Z-]+\$[0-9.]*\$1$/);
  // As a camera would: from the pixels on the screen.
  const shot = (await page.getByRole('img', { name: /QR code/ }).screenshot()).toString('base64');
  const pixels = await page.evaluate(async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d')!;
    context.drawImage(image, 0, 0);
    return { width: image.width, height: image.height, data: [...context.getImageData(0, 0, image.width, image.height).data] };
  }, shot);
  expect(jsQr(new Uint8ClampedArray(pixels.data), pixels.width, pixels.height)?.data).toBe(code);
  iccid = (await rpc<{ iccid: string }>(page, 'orders.show', { orderId })).iccid;
});

test('the download is followed live: wrong code, right code, Installed, without a reload', async () => {
  const { page } = watched;
  await page.evaluate(() => { (window as unknown as Record<string, unknown>)['__same'] = true; });
  const file = join(newFolder(), 'code');
  writeFileSync(file, '00000000');
  await expect(must(['device', 'download', code, '--confirmation-code-file', file, '--workspace', workspace])).rejects.toThrow(/8\.2\.7\/3\.8/);
  await expect(order().getByText(/8\.2\.7\/3\.8/).first()).toBeVisible();
  writeFileSync(file, confirmation);
  await must(['device', 'download', code, '--confirmation-code-file', file, '--workspace', workspace]);
  await expect(order().getByText(/installed/i).first()).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(/installed/i);
  expect(await page.evaluate(() => (window as unknown as Record<string, unknown>)['__same'])).toBe(true);
});

test('the session is there step by step', async () => {
  const { page } = watched;
  await go(page, '/sessions');
  const session = (await rpc<{ rows: { transactionId: string; iccid?: string }[] }>(page, 'sessions.list', { limit: 1 })).rows[0]!;
  expect(session.iccid).toBe(iccid);
  await expect(page.getByRole('row').filter({ hasText: iccid }).first()).toBeVisible();
  await go(page, `/sessions/${session.transactionId}`);
  const steps = page.getByRole('listbox', { name: 'Steps of the session' });
  for (const name of ['initiateAuthentication', 'authenticateClient', 'getBoundProfilePackage', 'handleNotification']) await expect(steps.getByText(name)).toBeVisible();
  await steps.focus();
  await page.keyboard.press('Home');
  await expect(steps.getByRole('option').first()).toHaveAttribute('aria-selected', 'true');
});

test('an identifier pasted with spaces leads to its profile', async () => {
  const { page } = watched;
  await go(page, '/');
  await page.keyboard.press('s');
  await expect(page.getByLabel('Find any identifier')).toBeFocused();
  await page.keyboard.insertText(` ${iccid.replaceAll(/(.{4})/g, '$1 ')}`);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`#/inventory/${iccid}$`));
  await expect(page.getByRole('tabpanel')).toContainText(/installed/i);
});

test('an order is cancelled and its profile returns', async () => {
  const { page } = watched;
  const made = await must<{ orderId: string; iccid: string }>(['order', 'create', '--type', 'Lab consumer', '--workspace', workspace]);
  await go(page, `/activations/${made.orderId}`);
  await page.getByRole('button', { name: 'Cancel order' }).click();
  const dialog = page.getByRole('dialog', { name: 'Cancel order' });
  await dialog.getByRole('button', { name: 'Cancel order' }).click();
  await expect(dialog).toBeHidden();
  await expect(order().getByText(/cancel/i).first()).toBeVisible();
  expect(await must(['profile', 'show', made.iccid, '--workspace', workspace])).toMatchObject({ state: { order: 'available', stock: 'sellable' } });
});

test('a profile is quarantined with a reason, and returned to sale', async () => {
  const { page } = watched;
  const { rows: found } = await rpc<{ rows: { iccid: string }[] }>(page, 'profiles.list', { limit: 1, filter: { stock: ['sellable'], order: ['available'] } });
  await go(page, `/inventory/${found[0]!.iccid}`);
  await page.getByRole('button', { name: 'Quarantine' }).click();
  const dialog = page.getByRole('dialog', { name: 'Quarantine profile' });
  await dialog.getByRole('button', { name: 'Quarantine' }).click();
  await expect(dialog.getByText('Between 3 and 200 characters')).toBeVisible();
  await dialog.getByLabel('Reason').fill('Card body lost on the way');
  await dialog.getByRole('button', { name: 'Quarantine' }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole('button', { name: 'Return to sale' }).first().click();
  const back = page.getByRole('dialog', { name: 'Return profile to sale' });
  await back.getByLabel('Reason').fill('Found again');
  await back.getByRole('button', { name: 'Return to sale' }).click();
  await expect(page.getByRole('button', { name: 'Quarantine' })).toBeEnabled();
});

test('a setting is changed after review, and a wrong one is not', async () => {
  const { page } = watched;
  await go(page, '/settings');
  await page.getByLabel('Order lifetime').fill('99999');
  await expect(page.getByRole('button', { name: 'Review and save' })).toBeDisabled();
  await page.getByLabel('Order lifetime').fill('45');
  await page.getByRole('button', { name: 'Review and save' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(await rpc(page, 'workspace.settings')).toMatchObject({ orderLifetimeDays: 45 });
});

test('palette and keyboard reach every area', async () => {
  const { page } = watched;
  await go(page, '/');
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Type a command').fill('live sess');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#\/sessions$/);
  for (const [key, path] of [['i', /#\/inventory$/], ['a', /#\/activations$/], ['l', /#\/sessions$/], ['s', /#\/settings$/], ['h', /#\/$/]] as const) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await expect(page).toHaveURL(path);
    await settle(page);
  }
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Type a command').fill(iccid);
  await expect(page.getByRole('option', { name: new RegExp([...iccid].join(' ?')) }).first()).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+?');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await go(page, '/inventory');
  await expect(page.getByRole('row').nth(3)).toBeVisible();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#\/inventory\/\d+$/);
  await expect(page.getByRole('tab', { name: 'Timeline' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/#\/inventory$/);
});

test('no secret crossed to the page', async () => {
  expect(watched.answers.length).toBeGreaterThan(30);
  const all = watched.answers.map((one) => one.body).join('\n');
  for (const row of rows) for (const secret of row.split(',').slice(3).filter((one) => one.length > 6)) expect(all.toLowerCase().includes(secret.toLowerCase())).toBe(false);
  expect(all.includes(confirmation)).toBe(false);
});
