/**
 * What an operator does with a large delivery, through the window alone: a file with 37 bad rows is imported and mended, profiles are
 * prepared, found, and their files handed out. `MVNE_DESK_SCALE_ROWS` and `MVNE_DESK_SCALE_PREPARE` say how many; times are printed.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { cleanUp, ensureBuilt, newFolder, serve, type Serving } from '../../integration/hosting/product.ts';
import { go, openConsole, rpc, type Watched } from '../console/support.ts';
import { badRows, iccidOf, mended, writeStockFile, wrongCheckDigits } from './stock-file.ts';

const rows = Number(process.env['MVNE_DESK_SCALE_ROWS'] ?? 1_000_000);
const toPrepare = Number(process.env['MVNE_DESK_SCALE_PREPARE'] ?? 100_000);
const long = { timeout: 3_600_000 };
const n = (value: number): string => value.toLocaleString('en');

let serving: Serving;
let watched: Watched;
let folder: string;
let wrong: number[];
let batch: string;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async ({ browser }) => {
  ensureBuilt();
  folder = newFolder();
  wrong = writeStockFile(join(folder, 'vendor.csv'), rows);
  serving = await serve(join(folder, 'workspace'), ['--sample', '--console', '127.0.0.1:0']);
  watched = await openConsole(browser, serving.ready.console!);
  watched.page.setDefaultTimeout(120_000);
});
test.afterAll(async () => {
  await watched?.context.close();
  await serving?.stop();
  cleanUp();
});
test.afterEach(() => {
  expect(watched.faults.splice(0).filter((fault) => !/status of 4\d\d/.test(fault))).toEqual([]);
});

async function took(what: string, work: () => Promise<unknown>): Promise<void> {
  const from = performance.now();
  await work();
  console.log(`  ${what.padEnd(56)} ${((performance.now() - from) / 1000).toFixed(1).padStart(8)} s`);
}
const counts = (page: Page) => page.getByRole('region', { name: 'Where the import stands' });

async function toTheCheck(page: Page, path: string, of: number): Promise<void> {
  await go(page, '/imports');
  await took(`open and read the columns of ${n(of)} rows`, async () => {
    await page.getByLabel('Stock file', { exact: true }).setInputFiles(path);
    await expect(page.getByRole('region', { name: 'The file' })).toContainText(`${n(of)} rows`, long);
  });
  await page.getByRole('button', { name: 'Next: say what the columns are' }).click();
  await expect(page.getByText('Everything needed is there.')).toBeVisible();
  await page.getByRole('button', { name: 'Next: rules' }).click();
  await page.getByRole('combobox', { name: 'Profile type' }).click();
  await page.getByRole('option', { name: /Lab consumer/ }).click();
}

async function commit(page: Page, of: number): Promise<void> {
  await page.getByRole('button', { name: 'Next: preview' }).click();
  await took(`import ${n(of)} profiles`, async () => {
    await page.getByRole('button', { name: `Import ${n(of)} profiles` }).click();
    await expect(page.getByRole('heading', { name: `${n(of)} profiles imported` })).toBeVisible(long);
  });
}

test('the delivery is checked: what is wrong stands in groups, the rest is imported', async () => {
  const { page } = watched;
  await toTheCheck(page, join(folder, 'vendor.csv'), rows);
  await took('check', async () => {
    await page.getByRole('button', { name: `Check ${n(rows)} rows` }).click();
    await expect(counts(page)).toContainText(/ready · .* to repair/, long);
    await expect(page.getByRole('button', { name: 'Save the fix file' }).first()).toBeEnabled(long);
  });
  await expect(counts(page)).toContainText(`${n(rows - badRows)} ready · ${badRows} to repair`);
  await page.getByRole('button', { name: /^Correct the check digit/ }).first().click();
  await page.getByRole('group', { name: /^Correct the check digit/ }).getByRole('button', { name: new RegExp(`in ${wrongCheckDigits} rows`) }).click();
  const left = badRows - wrongCheckDigits;
  await expect(counts(page)).toContainText(`${n(rows - left)} ready · ${left} to repair`, long);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the fix file' }).first().click();
  writeFileSync(join(folder, 'mended.csv'), mended(readFileSync(await (await saved).path(), 'utf8'), wrong));
  await page.getByRole('button', { name: `Leave out all ${left} that are not good` }).click();
  await commit(page, rows - left);
});

test('the rows left out come in by the corrected fix file', async () => {
  const { page } = watched;
  const left = badRows - wrongCheckDigits;
  await toTheCheck(page, join(folder, 'mended.csv'), left);
  await page.getByRole('button', { name: `Check ${left} rows` }).click();
  await expect(counts(page)).toContainText(`${left} ready · 0 to repair`);
  await commit(page, left);
  const { profiles } = await rpc<{ profiles: number }>(page, 'workspace.home');
  expect(profiles).toBeGreaterThanOrEqual(rows);
});

test('a batch is prepared out of it', async () => {
  const { page } = watched;
  await go(page, '/preparation/new');
  await page.getByRole('combobox', { name: 'Profile type' }).click();
  await page.getByRole('option', { name: /Lab consumer/ }).click();
  await page.getByRole('button', { name: 'Imported stock' }).click();
  await page.getByLabel('Reference').fill('SCALE-1');
  await page.getByLabel('How many').fill(String(toPrepare));
  const start = page.getByRole('button', { name: `Prepare ${n(toPrepare)} profiles` });
  await took('preview of the batch', () => expect(start).toBeEnabled({ timeout: 120_000 }));
  await start.click();
  await took(`prepare ${n(toPrepare)} profiles`, async () => {
    await expect(page).toHaveURL(/#\/preparation\/bat_/);
    await expect(page.getByText(`${n(toPrepare)} of ${n(toPrepare)} profiles`).first()).toBeVisible(long);
    await expect(page.getByRole('group', { name: 'Steps' }).getByRole('row').filter({ hasText: 'Store' })).toContainText('Done', long);
  });
  batch = /preparation\/([^/?]+)$/.exec(page.url())![1]!;
});

test('any profile is found', async () => {
  const { page } = watched;
  await go(page, '/');
  const times: number[] = [];
  for (let turn = 0; turn < 20; turn++) {
    const iccid = iccidOf(Math.floor((rows * (turn + 0.3)) / 20));
    await page.keyboard.press('s');
    const from = performance.now();
    await page.keyboard.insertText(turn % 2 === 0 ? iccid : iccid.replaceAll(/(.{4})/g, '$1 ').trim());
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(`#/inventory/${iccid}`), { timeout: 30_000 });
    await expect(page.getByRole('heading', { level: 1 })).toContainText(iccid.slice(-3));
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  console.log(`  found, from the number to its page: median ${times[10]!.toFixed(0)} ms, slowest of 20 ${times.at(-1)!.toFixed(0)} ms`);
});

test('the files are handed out, with the rows and the digest that are shown', async () => {
  const { page } = watched;
  for (const [preset, name] of [[/osmo-hlr \(CSV\)/, 'osmo-hlr CSV'], [/^OTA platform(?!, all)/, 'OTA platform'], [/^Print house/, 'Print house']] as const) {
    await go(page, '/preparation/recipients/new');
    await page.getByRole('button', { name: preset }).first().click();
    await page.getByRole('button', { name: 'Register' }).click();
    await expect(page).toHaveURL(/view=recipients$/);
    await go(page, `/preparation/${batch}`);
    await page.getByRole('combobox', { name: 'Recipient' }).click();
    await page.getByRole('option', { name, exact: true }).click();
    const made = page.getByRole('group', { name: 'Artefacts' }).getByRole('row').filter({ hasText: name });
    await took(`file for ${name}`, async () => {
      await page.getByRole('button', { name: 'Make the file' }).click();
      await expect(made).toContainText(n(toPrepare), long);
    });
    const saved = page.waitForEvent('download');
    await made.getByRole('button', { name: /^Save / }).click();
    const file = readFileSync(await (await saved).path());
    expect(file.toString('utf8').trim().split('\n').length).toBe(toPrepare + 1);
    const { rows: files } = await rpc<{ rows: { name: string; sha256: string }[] }>(page, 'outputs.list', { batch });
    expect(files.some((one) => one.sha256 === createHash('sha256').update(file).digest('hex'))).toBe(true);
  }
});
