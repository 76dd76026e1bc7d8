/** A vendor's file through the window: mapped, checked, mended, imported; and the transport key it may come under. One workspace, in order. */
import { readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { luhnCheckDigit } from '../../../src/shared/identifiers/index.ts';
import { cleanUp, ensureBuilt, newFolder, serve, type Serving } from '../../integration/hosting/product.ts';
import { go, openConsole, rpc, type Watched } from './support.ts';

let serving: Serving;
let watched: Watched;
const many = 400;
/** Another one for every row: no K twice. */
const key = (n: number, salt: number): string => Array.from({ length: 16 }, (_, at) => (at === 0 ? n >> 8 : at === 1 ? n & 255 : (n * 31 + at * 17 + salt) % 256).toString(16).padStart(2, '0')).join('').toUpperCase();
const iccid = (n: number): string => {
  const body = `898821100007${String(n).padStart(6, '0')}`;
  return body + luhnCheckDigit(body);
};
const imsi = (n: number): string => `00101${String(7_000_000 + n).padStart(10, '0')}`;
/** Three check digits that do not fit, one ICCID a spreadsheet destroyed, two IMSIs that are too short. */
const rows = Array.from({ length: many }, (_, n) => {
  const card = [10, 20, 30].includes(n) ? `${iccid(n).slice(0, 18)}${(Number(iccid(n).at(-1)) + 1) % 10}` : n === 40 ? '8.98821E+18' : iccid(n);
  return [card, [50, 60].includes(n) ? imsi(n).slice(0, 12) : imsi(n), key(n, 1), key(n, 90), '0000', String(10_000_000 + n)].join(';');
});
const file = Buffer.from(`ser_nb;imsi;ki;opc;pin1;code\n${rows.join('\n')}\n`);

test.describe.configure({ mode: 'serial' });
test.beforeAll(async ({ browser }) => {
  ensureBuilt();
  serving = await serve(newFolder(), ['--sample', '--console', '127.0.0.1:0']);
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

const counts = (page: Page) => page.getByRole('region', { name: 'Where the import stands' });
const violations = async (page: Page): Promise<string[]> => (await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze()).violations.map((one) => `${one.id}: ${one.nodes.slice(0, 2).map((node) => node.target.join(' ')).join(' | ')}`);
const here = (page: Page) => page.getByRole('navigation', { name: 'Steps of the import' }).locator('[aria-current=step]');

test('a transport key of two people: its check value is the vault’s', async () => {
  const { page } = watched;
  await go(page, '/imports?view=keys');
  await page.getByRole('button', { name: 'Add transport key' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Add transport key' });
  await dialog.getByLabel('Name', { exact: true }).fill('K4 test');
  await dialog.getByRole('button', { name: 'Add key' }).click();
  await expect(dialog.getByText('Type the component or choose its file').first()).toBeVisible();
  // 000102…0F as two components by XOR.
  for (const [at, value, who] of [[1, 'FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF', 'Ana'], [2, 'FFFEFDFCFBFAF9F8F7F6F5F4F3F2F1F0', 'Tom']] as const) {
    const part = dialog.getByRole('group', { name: `Component ${at}`, exact: true });
    await part.getByLabel(`Component ${at}, hexadecimal`).fill(value);
    await part.getByLabel('Custodian').fill(at === 1 ? who : 'ana');
  }
  await dialog.getByRole('button', { name: 'Add key' }).click();
  await expect(dialog.getByText('Another component is by the same person')).toBeVisible();
  await dialog.getByRole('group', { name: 'Component 2', exact: true }).getByLabel('Custodian').fill('Tom');
  await dialog.getByRole('button', { name: 'Add key' }).click();
  const made = page.getByRole('dialog', { name: 'Transport key added' });
  await expect(made).toContainText('C6A13B'); // AES-128 of zeros under 000102…0F
  await made.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'K4 test' })).toContainText('Active');
});

test('a file is read, its columns proposed; what is not certain is chosen', async () => {
  const { page } = watched;
  await go(page, '/inventory');
  await expect(page.getByRole('row').nth(2)).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('i');
  await expect(page).toHaveURL(/#\/imports$/);
  await page.getByLabel('Stock file', { exact: true }).setInputFiles({ name: 'vendor.csv', mimeType: 'text/csv', buffer: file });
  await expect(here(page)).toContainText('Source');
  await expect(page.getByRole('region', { name: 'The file' })).toContainText('400 rows');
  await expect(page.getByRole('region', { name: 'First values of each column, as they are read' })).toContainText(iccid(0));
  await expect(page.getByRole('region', { name: 'First values of each column, as they are read' })).not.toContainText(key(0, 1));
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Next: say what the columns are' }).click();
  await expect(here(page)).toContainText('Map');
  await page.getByRole('combobox', { name: 'Column code is' }).click();
  await page.getByRole('option', { name: 'PUK1' }).first().click();
  await expect(page.getByRole('combobox', { name: 'Column code is' })).toContainText('PUK1');
  await expect(page.getByText('Everything needed is there.')).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test('a reload keeps the step and what was chosen; the mapping is kept for the next file', async () => {
  const { page } = watched;
  await expect(page.getByText('Saved as you choose')).toBeVisible();
  await page.reload();
  await expect(here(page)).toContainText('Map');
  await expect(page.getByRole('combobox', { name: 'Column code is' })).toContainText('PUK1');
  await page.getByLabel('Save this one as').fill('Vendor, monthly');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText(/Vendor, monthly kept/)).toBeVisible();
  await page.getByRole('button', { name: 'Next: rules' }).click();
  await expect(page.getByRole('note', { name: /Choose the profile type first/ })).toBeVisible();
  await page.getByRole('combobox', { name: 'Profile type' }).click();
  await page.getByRole('option', { name: /Lab consumer/ }).click();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Check 400 rows' }).click();
});

test('what is wrong stands in groups; a guess is confirmed, a cell corrected, the rest left out', async () => {
  const { page } = watched;
  await expect(counts(page)).toContainText('394 ready · 6 to repair · 0 left out');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: /^Correct the check digit/ }).first().click();
  const confirm = page.getByRole('group', { name: /^Correct the check digit/ });
  await expect(confirm.getByRole('row')).toHaveCount(4);
  await expect(confirm).toContainText(iccid(10));
  await confirm.getByRole('button', { name: /in 3 rows/ }).click();
  await expect(counts(page)).toContainText('397 ready · 3 to repair');
  const group = page.getByRole('article').filter({ hasText: 'IMSI' });
  await group.getByRole('button', { name: 'Correct by hand' }).click();
  const cell = group.getByRole('textbox', { name: 'imsi of line 52' });
  await cell.fill(imsi(50));
  await cell.press('Enter');
  await expect(counts(page)).toContainText('398 ready · 2 to repair');
  await expect(group.getByText('corrected here')).toBeVisible();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the fix file' }).click();
  const fix = readFileSync(await (await saved).path(), 'utf8');
  expect(fix).toContain(';error;hint');
  expect(fix.trim().split('\n').length).toBe(3);
  await page.getByRole('button', { name: 'Leave out all 2 that are not good' }).click();
  await expect(counts(page)).toContainText('398 ready · 0 to repair · 2 left out');
  // Going back loses nothing.
  await page.getByRole('button', { name: /^Source \(done\)/ }).click();
  await page.getByRole('button', { name: /^Validate \(done\)/ }).click();
  await expect(counts(page)).toContainText('398 ready · 0 to repair · 2 left out');
});

test('the preview says what would happen, then it happens', async () => {
  const { page } = watched;
  await page.getByRole('button', { name: 'Next: preview' }).click();
  await expect(page.getByRole('region', { name: 'What would happen' })).toContainText('398');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Import 398 profiles' }).click();
  await expect(page.getByRole('heading', { name: '398 profiles imported' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'What came of the rows' })).toContainText('2');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('link', { name: 'See them in the inventory' }).click();
  await expect(page).toHaveURL(/inventory\?where=import%3Ais%3AI-\d+$/);
  await expect(page.getByRole('row').nth(2)).toBeVisible();
});

test('the same file again is said to be known, and leads nowhere', async () => {
  const { page } = watched;
  await go(page, '/imports');
  await expect(page.getByRole('grid', { name: 'Imported files' }).getByRole('row').filter({ hasText: 'vendor.csv' })).toContainText('Imported');
  await page.getByLabel('Stock file', { exact: true }).setInputFiles({ name: 'again.csv', mimeType: 'text/csv', buffer: file });
  await expect(page.getByText(/imported on|was imported before|Already imported/i).first()).toBeVisible();
});

test('rows that are pasted become a file; it is discarded without a trace', async () => {
  const { page } = watched;
  await go(page, '/imports');
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', 'iccid,imsi\n8988211000099990012,001019999999901\n');
    window.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await expect(page.getByRole('heading', { level: 1 })).toContainText('pasted.csv');
  await page.getByRole('button', { name: 'Discard', exact: true }).click();
  await page.getByRole('button', { name: 'Discard it' }).click();
  await expect(page).toHaveURL(/#\/imports$/);
  expect((await rpc<{ rows: { fileName: string }[] }>(page, 'imports.list', {})).rows.some((row) => row.fileName === 'pasted.csv')).toBe(false);
});

test('no secret of the file crossed to the page', async () => {
  expect(watched.answers.length).toBeGreaterThan(20);
  const all = watched.answers.map((one) => one.body.toUpperCase()).join('\n');
  for (let n = 0; n < many; n++) for (const secret of [key(n, 1), key(n, 90)]) expect(all.includes(secret)).toBe(false);
  expect(all.includes('FFFEFDFCFBFAF9F8F7F6F5F4F3F2F1F0')).toBe(false);
});
