/** Ledgers, levels and policies through the window, with the rules of accessibility in both themes. One workspace, in order. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { cleanUp, ensureBuilt, newFolder, serve, type Serving } from '../../integration/hosting/product.ts';
import { go, openConsole, rpc, type Watched } from './support.ts';

let serving: Serving;
let watched: Watched;
const pictures = process.env['NUMBERS_PICTURES'];

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
  // The browser itself notes a refused command.
  expect(watched.faults.splice(0).filter((fault) => !fault.includes('status of 409'))).toEqual([]);
});

const picture = async (name: string): Promise<void> => {
  if (pictures === undefined) return;
  for (const scheme of ['light', 'dark'] as const) {
    await watched.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const size of [{ width: 1440, height: 900 }, { width: 1024, height: 768 }]) {
      await watched.page.setViewportSize(size);
      await watched.page.waitForTimeout(250);
      await watched.page.screenshot({ path: `${pictures}/${name}-${size.width}-${scheme}.png` });
    }
  }
  await watched.page.setViewportSize({ width: 1440, height: 900 });
  await watched.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
};

async function clean(): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await watched.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    // Colours change over some moments: they are judged when they stand.
    await watched.page.evaluate(async () => { await new Promise(requestAnimationFrame); await Promise.allSettled(document.getAnimations().map((one) => one.finished)); });
    const found = await new AxeBuilder({ page: watched.page }).analyze();
    expect(found.violations.map(({ id, nodes }) => ({ id, at: nodes.map((node) => node.target) }))).toEqual([]);
  }
}

let type = '';

test('an empty ledger says what it is for; a block is added, and what is wrong is said at its field', async () => {
  const { page } = watched;
  type = (await rpc<{ rows: { name: string }[] }>(page, 'types.list')).rows[0]!.name;
  await go(page, '/numbers?kind=msisdn');
  await expect(page.getByRole('heading', { name: 'Numbers', level: 1 })).toBeVisible();
  await page.getByRole('button', { name: 'Add block of numbers' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Add block of numbers' });
  await dialog.getByLabel('First ICCID').fill('8988217770000000001');
  await dialog.getByRole('button', { name: 'Add block' }).click();
  await expect(dialog.getByText(/check digit of the ICCID is wrong/)).toBeVisible();
  await dialog.getByLabel('First ICCID').fill('898821777000000000');
  await dialog.getByLabel('How many').fill('5000');
  await picture('add-block');
  await dialog.getByRole('button', { name: 'Add block' }).click();
  await expect(dialog).toHaveCount(0);
  await go(page, '/numbers');
  await expect(page.getByRole('grid', { name: 'ICCID blocks' })).toContainText('8988217770000000');
  await rpc(page, 'stock.createRange', { type, iccidFirst: '898821778000000000', imsiFirst: '001018000000000', msisdnFirst: '99980000000', count: 20_000 });
});

test('numbers outside any block become blocks with one click', async () => {
  const { page } = watched;
  await go(page, '/numbers?kind=imsi');
  await expect(page.getByText(/outside any block/)).toBeVisible();
  await page.getByRole('button', { name: 'Show them' }).click();
  await picture('outside');
  await page.getByRole('button', { name: /^Make \d+ blocks?$/ }).click();
  await expect(page.getByText(/outside any block/)).toHaveCount(0);
  await clean();
});

test('a block is split, blocked with a reason and opened again', async () => {
  const { page } = watched;
  await go(page, '/numbers?text=898821777');
  await page.getByRole('grid', { name: 'ICCID blocks' }).getByRole('row').nth(1).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('5,000: 0 used')).toBeVisible();
  await picture('block');
  await clean();
  await dialog.getByRole('button', { name: 'Split…' }).click();
  await page.getByLabel('The second part begins with').fill('898821777000002000');
  await page.getByRole('button', { name: 'Split', exact: true }).click();
  await expect(page.getByRole('dialog').getByText('2,000: 0 used')).toBeVisible();
  await page.getByRole('dialog').getByRole('button', { name: 'Block…' }).click();
  await page.getByLabel('Reason').fill('the regulator asks');
  await page.getByRole('button', { name: 'Block', exact: true }).click();
  await expect(page.getByRole('dialog').getByText('the regulator asks')).toBeVisible();
  await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
  await go(page, '/numbers?state=blocked');
  await expect(page.getByRole('grid', { name: 'ICCID blocks' }).getByRole('row')).toHaveCount(2);
  await go(page, '/numbers?state=closed');
  await expect(page.getByText('Nothing fits these filters')).toBeVisible();
  await page.getByRole('button', { name: 'Remove all filters' }).click();
  await picture('ledgers');
});

test('a number says what is known of it', async () => {
  const { page } = watched;
  await page.getByLabel('Number to look up: ICCID, IMSI or MSISDN').fill('8988217770000000');
  await page.getByLabel('Number to look up: ICCID, IMSI or MSISDN').fill('898821777000000005');
  await page.keyboard.press('Enter');
  const answer = page.getByRole('dialog', { name: 'What is known of the number' });
  await expect(answer.getByText('Blocked', { exact: true })).toBeVisible();
  await picture('find');
  await page.keyboard.press('Escape');
});

test('marks make a proposal, which starts a preparation', async () => {
  const { page } = watched;
  await go(page, '/numbers/levels');
  await page.getByRole('button', { name: `Set marks of ${type}` }).click();
  const dialog = page.getByRole('dialog', { name: `Marks of ${type}` });
  await dialog.getByLabel('Low-water mark (optional)').fill('100000');
  await dialog.getByLabel('Fill up to (optional)').fill('50');
  await dialog.getByRole('button', { name: 'Set marks' }).click();
  await expect(dialog.getByText('The target lies under the low-water mark.')).toBeVisible();
  const { sellable } = (await rpc<{ rows: { type: string; sellable: number }[] }>(page, 'levels.list')).rows.find((row) => row.type === type)!;
  await dialog.getByLabel('Low-water mark (optional)').fill(String(sellable + 100));
  await dialog.getByLabel('Fill up to (optional)').fill(String(sellable + 200));
  await picture('marks');
  await dialog.getByRole('button', { name: 'Set marks' }).click();
  await expect(page.getByRole('heading', { name: new RegExp(`Prepare 200 profiles of ${type}`) })).toBeVisible({ timeout: 20_000 });
  await picture('levels');
  await clean();
  await page.getByRole('button', { name: 'Prepare', exact: true }).click();
  await expect(page.getByRole('heading', { name: /^Prepare 200 profiles/ })).toHaveCount(0);
  await expect.poll(async () => (await rpc<{ rows: { type: string; sellable: number }[] }>(page, 'levels.list')).rows.find((row) => row.type === type)!.sellable, { timeout: 30_000 }).toBeGreaterThan(sellable + 150);
});

test('a policy is changed, and stands beside the actions it rules', async () => {
  const { page } = watched;
  await go(page, '/numbers/policies');
  await page.getByRole('button', { name: `Change the policy of ${type}` }).click();
  const dialog = page.getByRole('dialog', { name: `Policy of ${type}` });
  await dialog.getByLabel('A quarantine ends, unless told otherwise').click();
  await page.getByRole('option', { name: 'When the device reports it deleted' }).click();
  await dialog.getByRole('button', { name: 'Change policy' }).click();
  await expect(dialog).toHaveCount(0);
  await picture('policies');
  await clean();
  const { rows } = await rpc<{ rows: { iccid: string }[] }>(page, 'profiles.list', { limit: 1, filter: { type, stock: ['sellable'] } });
  await go(page, `/inventory/${rows[0]!.iccid}`);
  await page.getByRole('button', { name: 'Quarantine' }).first().click();
  const reason = page.getByRole('dialog', { name: 'Quarantine profile' });
  await expect(reason.getByLabel('It ends')).toContainText('When the device reports it deleted');
  await picture('quarantine');
  await reason.getByLabel('Reason').fill('reported lost');
  await reason.getByRole('button', { name: 'Quarantine' }).click();
  await expect(reason).toHaveCount(0);
  await expect.poll(async () => (await rpc<{ state: { stock: string } }>(page, 'profiles.show', { id: rows[0]!.iccid })).state.stock).toBe('quarantined');
});
