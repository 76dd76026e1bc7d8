/** A batch through the window: previewed, run, its files made and swept; who may get which columns. One workspace, in order. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { cleanUp, ensureBuilt, must, newFolder, serve, type Serving } from '../../integration/hosting/product.ts';
import { go, openConsole, rpc, type Watched } from './support.ts';

let serving: Serving;
let watched: Watched;
let batch = '';
const ageRecipient = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'; // the one of the age specification's examples

test.describe.configure({ mode: 'serial' });
test.beforeAll(async ({ browser }) => {
  ensureBuilt();
  const workspace = newFolder();
  serving = await serve(workspace, ['--sample', '--console', '127.0.0.1:0', '--es9plus', '127.0.0.1:0']);
  await must(['range', 'create', '--type', 'Lab consumer', '--iccid-first', '898821100000970000', '--imsi-first', '001010000970000', '--count', '500', '--workspace', workspace]);
  watched = await openConsole(browser, serving.ready.console!);
});
test.afterAll(async () => {
  await watched?.context.close();
  await serving?.stop();
  cleanUp();
});
test.afterEach(() => {
  expect(watched.faults.splice(0).filter((fault) => !/status of 4\d\d/.test(fault))).toEqual([]);
});
const violations = async (page: Page): Promise<string[]> => (await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze()).violations.map((one) => `${one.id}: ${one.nodes.slice(0, 2).map((node) => node.target.join(' ')).join(' | ')}`);

test('a preview shows first and last numbers and every check before anything starts', async () => {
  const { page } = watched;
  await go(page, '/inventory');
  await page.keyboard.press('p');
  await expect(page).toHaveURL(/#\/preparation\/new$/);
  await page.getByRole('combobox', { name: 'Profile type' }).click();
  await page.getByRole('option', { name: /Lab consumer/ }).click();
  await page.getByLabel('How many').fill('2000');
  const preview = page.getByRole('region', { name: 'Preview' });
  await expect(preview).toContainText(/of 2,000 wanted/);
  await expect(page.getByRole('region', { name: /in the way/ })).toContainText(/range|stock/i);
  await expect(page.getByRole('button', { name: 'Prepare 2,000 profiles' })).toBeDisabled();
  await page.getByLabel('How many').fill('200');
  await page.getByRole('button', { name: 'Number ranges' }).click();
  await expect(preview.getByRole('row', { name: /First/ })).toContainText('89882110000097000');
  await expect(page.getByRole('button', { name: 'Prepare 200 profiles' })).toBeEnabled();
  expect(await violations(page)).toEqual([]);
  expect((await rpc<{ rows: unknown[] }>(page, 'preparation.list', { text: 'W-1' })).rows).toEqual([]);
});

test('leaving asks, a draft keeps what was entered', async () => {
  const { page } = watched;
  await page.getByLabel('Reference').fill('W-1');
  await page.getByRole('link', { name: 'Activations' }).click();
  const ask = page.getByRole('dialog', { name: 'Leave without keeping it?' });
  await ask.getByRole('button', { name: 'Stay' }).click();
  await page.getByRole('button', { name: 'Keep as draft' }).click();
  await expect(page).toHaveURL(/#\/preparation$/);
  await page.getByRole('row').filter({ hasText: 'W-1' }).click();
  await expect(page.getByText('A draft holds no numbers')).toBeVisible();
  await page.getByRole('button', { name: 'Look and start' }).click();
  await expect(page.getByLabel('How many')).toHaveValue('200');
});

test('it runs step by step, and its page says what came of it', async () => {
  const { page } = watched;
  await page.getByRole('button', { name: 'Prepare 200 profiles' }).click();
  await expect(page).toHaveURL(/#\/preparation\/bat_/);
  batch = /preparation\/([^/?]+)$/.exec(page.url())![1]!;
  await expect(page.getByRole('heading', { level: 1 })).toContainText('W-1');
  const steps = page.getByRole('group', { name: 'Steps' });
  for (const step of ['Reserve numbers', 'Personalise and seal', 'Store']) await expect(steps.getByRole('row').filter({ hasText: step })).toContainText('Done');
  await expect(page.getByText('200 of 200 profiles').first()).toBeVisible();
  await expect(page.getByRole('region', { name: 'Its profiles' })).toContainText(/Sellable\s*200/);
  expect(await violations(page)).toEqual([]);
});

test('a recipient is refused what it must not have, and sees its file before it exists', async () => {
  const { page } = watched;
  await go(page, '/preparation?view=recipients');
  await page.getByRole('button', { name: /Add recipient/ }).first().click();
  await expect(page).toHaveURL(/recipients\/new$/);
  expect(await violations(page)).toEqual([]);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('OTA of the test');
  await page.getByRole('combobox', { name: 'Kind' }).click();
  await page.getByRole('option', { name: 'OTA platform' }).click();
  const add = page.getByRole('combobox', { name: 'Add a column' });
  await add.click();
  await expect(page.getByRole('option', { name: /^K( |$|not)/ }).first()).toHaveAttribute('aria-disabled', 'true');
  await page.getByRole('option', { name: /^ICCID/ }).first().click();
  await add.click();
  await page.getByRole('option', { name: /KIC/ }).first().click();
  await expect(page.getByText(/OTA keys leave under a transport key of their own/)).toBeVisible();
  await page.getByLabel(/Whole file encrypted to/).fill(ageRecipient);
  await expect(page.getByText(/OTA keys leave under a transport key of their own/)).toBeHidden();
  await expect(page.getByRole('button', { name: 'Register' })).toBeEnabled();
  await page.getByRole('button', { name: 'Register' }).click();
  await expect(page).toHaveURL(/view=recipients$/);
  await expect(page.getByRole('row').filter({ hasText: 'OTA of the test' })).toContainText('Ready');
});

test('its file is made, handed out with its digest, and swept', async () => {
  const { page } = watched;
  await go(page, `/preparation/${batch}`);
  await page.getByRole('combobox', { name: 'Recipient' }).click();
  await page.getByRole('option', { name: 'OTA of the test' }).click();
  await page.getByRole('button', { name: 'Make the file' }).click();
  const made = page.getByRole('group', { name: 'Artefacts' }).getByRole('row').filter({ hasText: 'OTA of the test' });
  await expect(made).toContainText('200');
  const saved = page.waitForEvent('download');
  await made.getByRole('button', { name: /^Save / }).click();
  expect((await saved).suggestedFilename()).not.toBe('');
  await page.getByRole('button', { name: 'Delete files…' }).click();
  await page.getByRole('button', { name: 'Delete them' }).click();
  await expect(made).toContainText('file deleted');
  await expect(made.getByRole('button', { name: /^Copy SHA-256/ })).toBeVisible();
});

test('the ticket alone is printed', async () => {
  const { page } = watched;
  await expect(page.locator('.batch-ticket')).toBeHidden();
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('.batch-ticket')).toBeVisible();
  await expect(page.locator('.batch-ticket')).toContainText('Batch W-1');
  await expect(page.locator('nav[aria-label=Areas]')).toHaveCSS('visibility', 'hidden');
  await page.emulateMedia({ media: 'screen' });
});

test('the jobs menu knows the batch and leads to it', async () => {
  const { page } = watched;
  await go(page, '/');
  await page.keyboard.press('g');
  await page.keyboard.press('j');
  const menu = page.getByRole('dialog', { name: 'Jobs' });
  const job = menu.getByRole('listitem').filter({ hasText: 'Prepare 200' }).first();
  await expect(job).toContainText('Done');
  await job.getByRole('button', { name: 'Details' }).click();
  await expect(page).toHaveURL(new RegExp(`#/preparation/${batch}$`));
});
