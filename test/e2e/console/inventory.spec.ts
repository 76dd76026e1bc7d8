/** The inventory in a browser: grid, filters, views, bulk changes with undo, export, comparing, one profile in full. */
import { readFileSync } from 'node:fs';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { cleanUp, ensureBuilt, must, newFolder, serve, type Serving } from '../../integration/hosting/product.ts';
import { go, openConsole, rpc, type Watched } from './support.ts';

let serving: Serving;
let watched: Watched;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  ensureBuilt();
  const workspace = newFolder();
  serving = await serve(workspace, ['--sample', '--console', '127.0.0.1:0']);
  await must(['lab', 'fill', '--profiles', '2500', '--workspace', workspace]);
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

const grid = (page: Page): Locator => page.getByRole('grid', { name: 'Inventory' });
const headers = (page: Page): Promise<string[]> => grid(page).getByRole('columnheader').evaluateAll((cells) => cells.map((cell) => cell.querySelector('.name')?.textContent ?? '').filter((name) => name !== ''));
const picked = (page: Page): Locator => page.getByRole('group', { name: 'Selected profiles' });
const rowAt = (page: Page, at: number): Locator => grid(page).locator(`[aria-rowindex="${at + 2}"]`);
const list = async (page: Page, address: string): Promise<void> => {
  await go(page, address);
  await expect(rowAt(page, 0)).toBeVisible();
};
const total = async (page: Page, filter: object = {}): Promise<number> => (await rpc<{ count: number }>(page, 'profiles.count', { filter })).count;
const shown = (n: number): string => new Intl.NumberFormat('en-GB').format(n);

test('far rows come as they are reached, and few are drawn', async () => {
  const { page } = watched;
  await list(page, '/inventory');
  await grid(page).focus();
  await page.keyboard.press('Home');
  const first = await rowAt(page, 0).innerText();
  // Each End leads to the last row read so far, and has the next page read.
  for (let reached = 0; reached <= 1_200;) {
    await expect(async () => {
      await page.keyboard.press('End');
      const at = Number(await grid(page).locator('.row.active').getAttribute('aria-rowindex', { timeout: 3_000 }));
      expect(at).toBeGreaterThan(reached);
      reached = at;
    }).toPass({ timeout: 15_000 });
  }
  expect(await grid(page).getByRole('row').count()).toBeLessThan(90);
  await page.keyboard.press('Home');
  await expect(rowAt(page, 0)).toContainText(first.split('\n')[0]!);
});

test('columns are moved, resized, kept at the left, hidden; it is all still there after a reload', async () => {
  const { page } = watched;
  await list(page, '/inventory');
  expect((await headers(page)).slice(0, 4)).toEqual(['ICCID', 'Situation', 'Profile type', 'Stock']);
  const stock = grid(page).locator('[data-column="stock"]');
  await stock.focus();
  await page.keyboard.press('Control+ArrowLeft');
  await expect(stock).toBeFocused();
  expect((await headers(page)).slice(0, 4)).toEqual(['ICCID', 'Situation', 'Stock', 'Profile type']);
  const before = (await stock.boundingBox())!.width;
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await expect.poll(async () => (await stock.boundingBox())!.width).toBeGreaterThan(before + 20);
  // With the mouse: the edge of a column, and a header over another.
  const type = grid(page).locator('[data-column="type"]');
  const edge = (await type.locator('.size').boundingBox())!;
  const typeWidth = (await type.boundingBox())!.width;
  await page.mouse.move(edge.x + 4, edge.y + 10);
  await page.mouse.down();
  await page.mouse.move(edge.x + 64, edge.y + 10, { steps: 4 });
  await page.mouse.up();
  await expect.poll(async () => (await type.boundingBox())!.width).toBeGreaterThan(typeWidth + 40);
  await grid(page).locator('[data-column="imsi"] .name').dragTo(grid(page).locator('[data-column="badge"] .name'));
  expect((await headers(page)).slice(0, 3)).toEqual(['ICCID', 'IMSI', 'Situation']);
  await stock.focus();
  await page.keyboard.press('ArrowDown');
  await page.getByRole('menuitem', { name: 'Keep at the left' }).click();
  expect((await headers(page))[0]).toBe('Stock');
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('dialog', { name: 'Columns' }).getByRole('checkbox', { name: 'Labels' }).uncheck();
  await page.getByRole('dialog', { name: 'Columns' }).getByRole('button', { name: 'Comfortable' }).click();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  const arranged = await headers(page);
  expect(arranged).not.toContain('Labels');
  await page.reload();
  await expect(rowAt(page, 0)).toBeVisible();
  expect(await headers(page)).toEqual(arranged);
  await expect(grid(page)).toHaveAttribute('data-density', 'comfortable');
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('button', { name: 'Reset' }).click();
  await page.keyboard.press('Escape');
  expect((await headers(page)).slice(0, 4)).toEqual(['ICCID', 'Situation', 'Profile type', 'Stock']);
});

test('sorted by several columns; the order is in the address', async () => {
  const { page } = watched;
  await list(page, '/inventory');
  const stock = grid(page).locator('[data-column="stock"]');
  const iccid = grid(page).locator('[data-column="iccid"]');
  await stock.click();
  await expect(stock).toHaveAttribute('aria-sort', 'ascending');
  await iccid.click({ modifiers: ['Shift'] });
  await iccid.click({ modifiers: ['Shift'] });
  await expect(iccid).toHaveAttribute('aria-sort', 'descending');
  await expect(page).toHaveURL(/sort=stock(%2C|,)-iccid/);
  await expect(rowAt(page, 0)).toContainText('Imported');
  const [a, b] = [await rowAt(page, 0).innerText(), await rowAt(page, 1).innerText()].map((text) => /\d{19,20}/.exec(text)![0]);
  expect(a! > b!).toBe(true);
  await stock.focus();
  await page.keyboard.press('Enter');
  await expect(stock).toHaveAttribute('aria-sort', 'ascending');
  await expect(iccid).toHaveAttribute('aria-sort', 'none');
  await stock.click();
  await stock.click();
  await expect(page).not.toHaveURL(/sort=/);
});

test('chips narrow the list, show what each value leaves, and live in the history', async () => {
  const { page } = watched;
  await list(page, '/inventory');
  const quarantined = await total(page, { stock: ['quarantined'] });
  const sellable = await total(page, { stock: ['sellable'] });
  await page.getByRole('button', { name: 'Stock', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Filter by Stock' });
  await expect(dialog.getByRole('listitem').filter({ hasText: 'Sellable' })).toContainText(shown(sellable));
  await dialog.getByLabel('Quarantined').check();
  await page.keyboard.press('Escape');
  await expect(page.getByText(quarantined === 1 ? '1 profile' : `${shown(quarantined)} profiles`, { exact: true })).toBeVisible();
  await expect(page).toHaveURL(/stock=quarantined/);
  await expect(page.getByRole('dialog')).toHaveCount(0);
  // Another one from the menu, found by typing.
  // Pressed while the filter just closed may still be going away: the key must not be lost.
  await page.keyboard.press('f');
  await expect(page.getByLabel('Find a filter')).toBeFocused();
  await page.keyboard.type('icc');
  await expect(page.getByRole('option', { name: 'ICCID', exact: true })).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Value' }).fill('8988 2119');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'ICCID begins with 89882119' })).toBeVisible();
  await expect(page).toHaveURL(/where=iccid/);
  await page.goBack();
  await expect(page).not.toHaveURL(/where=iccid/);
  await page.goForward();
  await expect(page).toHaveURL(/where=iccid/);
  await page.getByRole('button', { name: 'Remove filter ICCID' }).click();
  await page.getByRole('button', { name: /^Stock: Quarantined/ }).click();
  await page.getByLabel('How Stock is compared').click();
  await page.getByRole('option', { name: 'is not' }).click();
  await page.keyboard.press('Escape');
  const all = await total(page);
  await expect(page.getByText(`${shown(all - quarantined)} profiles`, { exact: true })).toBeVisible();
});

test('an empty list names the chip that keeps the most away', async () => {
  const { page } = watched;
  await go(page, '/inventory?stock=sellable&order=installed&where=iccid:begins:89');
  await expect(page.getByText('Nothing fits these filters')).toBeVisible();
  const remove = page.getByRole('button', { name: /^Remove “(Stock: Sellable|Order: Installed)”$/ });
  await remove.click();
  await expect(rowAt(page, 0)).toBeVisible();
});

test('the text field takes beginning or end, and / leads to it', async () => {
  const { page } = watched;
  await list(page, '/inventory');
  const iccid = /\d{19}/.exec(await rowAt(page, 3).innerText())![0];
  await page.keyboard.press('/');
  await page.keyboard.insertText(iccid.slice(-6));
  await expect(grid(page).getByText(iccid)).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(page).not.toHaveURL(/text=/);
});

test('a view is saved, changed, opened first, and deleted with a way back', async () => {
  const { page } = watched;
  await list(page, '/inventory?stock=sold');
  await grid(page).locator('[data-column="iccid"]').click();
  await page.getByRole('button', { name: /^View/ }).click();
  await page.getByRole('menuitem', { name: 'Save as a new view…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Save as a view' });
  await dialog.getByRole('button', { name: 'Save view' }).click();
  await expect(dialog.getByText('This is needed')).toBeVisible();
  await dialog.getByLabel('Name').fill('Sold by number');
  await dialog.getByRole('button', { name: 'Save view' }).click();
  await expect(page.getByRole('button', { name: 'View: Sold by number' })).toBeVisible();
  await page.getByRole('button', { name: 'Remove filter Stock' }).click();
  await expect(page.getByRole('button', { name: 'View: Sold by number, changed' })).toBeVisible();
  await page.getByRole('button', { name: /^View/ }).click();
  await page.getByRole('menuitem', { name: /^Back to/ }).click();
  await expect(page.getByRole('button', { name: /^Stock: Sold/ })).toBeVisible();
  await page.getByRole('button', { name: /^View/ }).click();
  await page.getByRole('menuitem', { name: 'Open the inventory with it' }).click();
  await page.getByRole('button', { name: /^View/ }).click();
  await expect(page.getByRole('menuitemradio', { name: /Sold by number.*opens first/ })).toBeVisible();
  await page.keyboard.press('Escape');
  await go(page, '/');
  await expect(page.getByRole('search', { name: 'Filter the inventory' })).toHaveCount(0);
  await go(page, '/inventory');
  await expect(page).toHaveURL(/view=/);
  await expect(page.getByRole('button', { name: 'View: Sold by number' })).toBeVisible();
  await page.getByRole('button', { name: /^View/ }).click();
  await page.getByRole('menuitem', { name: 'Delete “Sold by number”' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: /^View/ }).click();
  await expect(page.getByRole('menuitemradio', { name: /Sold by number/ })).toBeVisible();
  await page.getByRole('menuitemradio', { name: 'Half done' }).click();
  await expect(page.getByRole('button', { name: 'View: Half done' })).toBeVisible();
  for (const view of (await rpc<{ rows: { id: string }[] }>(page, 'views.list')).rows) await page.evaluate(async (id) => { await fetch('/rpc/views.remove', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ input: { id }, commandId: crypto.randomUUID() }) }); }, view.id);
});

test('rows are picked by keyboard; Esc lets them go', async () => {
  const { page } = watched;
  await list(page, '/inventory?stock=sellable');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.keyboard.press('Shift+J');
  await page.keyboard.press('Shift+J');
  await expect(picked(page)).toContainText('3 selected');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Shift+X');
  await expect(picked(page)).toContainText('5 selected');
  await page.keyboard.press('Escape');
  await expect(picked(page)).toHaveCount(0);
  await rowAt(page, 1).getByRole('checkbox').click();
  await rowAt(page, 4).getByRole('checkbox').click({ modifiers: ['Shift'] });
  await expect(picked(page)).toContainText('4 selected');
  await page.keyboard.press('Escape');
});

test('a bulk change says what it would do, does it, and takes it back', async () => {
  const { page } = watched;
  const sellable = await total(page, { stock: ['sellable'] });
  const quarantined = await total(page, { stock: ['quarantined'] });
  await list(page, '/inventory?stock=sellable');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.getByRole('button', { name: `Select all ${shown(sellable)} that match` }).click();
  await rowAt(page, 0).getByRole('checkbox').click();
  await expect(picked(page)).toContainText(`${shown(sellable - 1)} of ${shown(sellable)} are selected, without 1`);
  await page.keyboard.press('b');
  await page.getByRole('menuitem', { name: 'Quarantine…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('Lost on the way');
  await dialog.getByRole('button', { name: `Quarantine: ${shown(sellable - 1)} profiles` }).click();
  await expect(dialog.getByText('Done')).toBeVisible();
  await expect(dialog.getByRole('listitem').first()).toContainText('Changed');
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  expect(await total(page, { stock: ['quarantined'] })).toBe(quarantined + sellable - 1);
  await expect(picked(page)).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText(`${shown(sellable - 1)} profiles as before`)).toBeVisible();
  expect(await total(page, { stock: ['sellable'] })).toBe(sellable);
});

test('what cannot be undone asks for the number', async () => {
  const { page } = watched;
  await list(page, '/inventory?stock=sold');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.getByRole('button', { name: /^Select all .* match$/ }).click();
  await page.keyboard.press('b');
  await page.getByRole('menuitem', { name: 'Retire…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('End of the trial');
  const go_ = dialog.getByRole('button', { name: /^Retire for good: / });
  await expect(go_).toBeDisabled();
  await expect(dialog.getByRole('list', { name: 'Refused, by reason' })).toContainText('Its order state is');
  const n = Number((await go_.innerText()).replace(/\D/g, ''));
  await dialog.getByLabel(`Type ${shown(n)} to go on`).fill(String(n + 1));
  await expect(go_).toBeDisabled();
  await dialog.getByLabel(`Type ${shown(n)} to go on`).fill(String(n));
  await expect(go_).toBeEnabled();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('Escape');
});

test('the list is saved as a file', async () => {
  const { page } = watched;
  await list(page, '/inventory?stock=quarantined');
  const n = await total(page, { stock: ['quarantined'] });
  await page.keyboard.press('e');
  const dialog = page.getByRole('dialog', { name: n === 1 ? 'Export 1 profile' : `Export ${shown(n)} profiles` });
  await dialog.getByLabel(/^All columns/).check();
  const [download] = await Promise.all([page.waitForEvent('download'), dialog.getByRole('button', { name: 'Save file' }).click()]);
  const lines = readFileSync((await download.path())!, 'utf8').trim().split(/\r?\n/);
  expect(lines).toHaveLength(n + 1);
  expect(lines[0]!.split(',').length).toBeGreaterThan(20);
});

test('two profiles are compared', async () => {
  const { page } = watched;
  await list(page, '/inventory');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.keyboard.press('End');
  await page.keyboard.press('x');
  await expect(picked(page)).toContainText('2 selected');
  await page.keyboard.press('c');
  await expect(page).toHaveURL(/inventory\/compare\?a=\d+&b=\d+/);
  const table = page.getByRole('table', { name: 'Fields of both profiles' });
  await expect(table.getByRole('row').nth(2)).toBeVisible();
  const different = await table.getByRole('row').count();
  await page.getByLabel('Only differences').click();
  await expect(page.getByLabel('Only differences')).not.toBeChecked();
  expect(await table.getByRole('row').count()).toBeGreaterThan(different);
});

test('one profile: labels, notes, every tab with an address', async () => {
  const { page } = watched;
  const { rows } = await rpc<{ rows: { iccid: string }[] }>(page, 'profiles.list', { limit: 1, filter: { stock: ['sellable'] } });
  const iccid = rows[0]!.iccid;
  await go(page, `/inventory/${iccid}`);
  await page.getByRole('button', { name: 'Label', exact: true }).click();
  await page.getByRole('combobox', { name: 'Label' }).fill('watched');
  await page.keyboard.press('Enter');
  // One layer each; one more would lead back to the list.
  const box = page.getByRole('combobox', { name: 'Label' });
  await expect(async () => {
    if (await box.isVisible()) await page.keyboard.press('Escape');
    await expect(box).toHaveCount(0, { timeout: 3_000 });
  }).toPass();
  await expect(page.getByRole('group', { name: 'Labels' })).toContainText('watched');
  for (const [tab, text] of [['Timeline', /Prepared/], ['Order', /order/i], ['Network identity', /IMSI/], ['Preparation', /Template digest/], ['Sessions', /No device|Started/], ['Notes', /New note/], ['Audit', /profile\.labelled/]] as const) {
    await page.getByRole('tab', { name: tab, exact: false }).click();
    await expect(page.getByRole('tabpanel')).toContainText(text);
    await expect(page).toHaveURL(/\?tab=/);
  }
  await page.getByRole('tab', { name: 'Notes' }).click();
  await page.getByLabel('New note').fill('Asked for by the shop in Bergen');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('list', { name: 'Notes, newest first' })).toContainText('Bergen');
  await page.getByRole('tab', { name: 'Network identity' }).click();
  await page.getByRole('button', { name: 'Show check values' }).click();
  await expect(page.getByRole('table', { name: 'Secrets of this profile' }).getByText(/^[0-9A-F]{6}$/).first()).toBeVisible();
  await page.getByRole('button', { name: 'Remove label watched' }).click();
  await expect(page.getByRole('group', { name: 'Labels' })).not.toContainText('watched');
});

test('an unknown number shows what comes near it', async () => {
  const { page } = watched;
  const { rows } = await rpc<{ rows: { iccid: string }[] }>(page, 'profiles.list', { limit: 1, filter: { text: '89882119' } });
  const iccid = rows[0]!.iccid;
  const wrong = `${iccid.slice(0, -1)}${(Number(iccid.slice(-1)) + 1) % 10}`;
  await go(page, `/inventory/${wrong}`);
  await expect(page.getByText('No such profile')).toBeVisible();
  await expect(page.getByText(/check digit/)).toBeVisible();
  await page.getByRole('list', { name: 'Profiles with a number near it' }).getByRole('link').first().click();
  await expect(page.getByRole('tab', { name: 'Timeline' })).toBeVisible();
  watched.faults.splice(0, watched.faults.length, ...watched.faults.filter((fault) => !/404/.test(fault)));
});

test('the header search reads digits, groups what it found, and says when nothing was', async () => {
  const { page } = watched;
  await go(page, '/');
  await page.keyboard.press('s');
  await page.keyboard.insertText('8988 2119');
  await expect(page.getByRole('group', { name: 'Profiles' }).getByRole('option').first()).toBeVisible();
  await page.getByRole('option', { name: /^All with/ }).click();
  await expect(page).toHaveURL(/inventory\?text=89882119/);
  await expect(rowAt(page, 0)).toBeVisible();
  await page.keyboard.press('s');
  await page.keyboard.insertText('LPA:1$smdp.example.com$NONE1-NONE2');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/Nothing found for .*read as an activation code/)).toBeVisible();
});

test('numbers right after each other, as a scanner gives them, each open their profile', async () => {
  const { page } = watched;
  const { rows } = await rpc<{ rows: { iccid: string }[] }>(page, 'profiles.list', { limit: 6 });
  await page.getByRole('textbox', { name: 'Find any identifier' }).or(page.getByRole('combobox', { name: 'Find any identifier' })).first().clear();
  await page.getByRole('heading', { level: 1 }).click();
  await go(page, '/');
  for (const { iccid } of rows) {
    await page.keyboard.press('s');
    await page.keyboard.insertText(iccid);
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(`#/inventory/${iccid}$`));
  }
});
