/** Templates through the window: from the built-in sample to a type that is moved to an edited version. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { cleanUp, ensureBuilt, newFolder, serve, type Serving } from '../../integration/hosting/product.ts';
import { go, openConsole, rpc, type Watched } from './support.ts';

let serving: Serving;
let watched: Watched;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async ({ browser }) => {
  ensureBuilt();
  serving = await serve(newFolder(), ['--console', '127.0.0.1:0']);
  watched = await openConsole(browser, serving.ready.console!);
});
test.afterAll(async () => {
  await watched?.context.close();
  await serving?.stop();
  cleanUp();
});
test.afterEach(() => {
  // The browser itself notes a refused question.
  expect(watched.faults.splice(0).filter((fault) => !/status of 4\d\d/.test(fault))).toEqual([]);
});

const rows = () => rpc<{ rows: { id: string; name: string; version: number; types: string[]; note?: string }[] }>(watched.page, 'types.templates').then((reply) => reply.rows);

test('an empty workspace starts from the built-in sample', async () => {
  const { page } = watched;
  await go(page, '/settings/types');
  await expect(page).toHaveURL(/#\/templates\/types$/);
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await expect(page).toHaveURL(/#\/templates$/);
  await page.getByRole('button', { name: 'Start from the built-in sample' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Sample, v1');
});

test('the tree is walked by keys, narrowed by a search, and shows what a file says', async () => {
  const { page } = watched;
  const tree = page.getByRole('tree', { name: 'Contents of the package' });
  await tree.getByRole('treeitem').first().focus();
  await page.keyboard.press('u');
  await page.keyboard.press('s');
  await expect(tree.getByRole('treeitem', { name: /^USIM #/ })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(tree.getByRole('treeitem', { name: /^USIM #/ })).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('ArrowRight');
  await expect(tree.getByRole('treeitem', { name: /^ADF\.USIM/ })).toBeFocused();
  await page.keyboard.press('End');
  await expect(tree.getByRole('treeitem').last()).toBeFocused();
  // Letters of the tree are no shortcuts: nothing else opened.
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.getByLabel(/Search the tree/).fill('6f46');
  await expect(tree.getByRole('treeitem')).toHaveCount(2);
  await tree.getByRole('treeitem', { name: /EF\.SPN/ }).click();
  const shown = page.getByRole('region', { name: 'What is selected' });
  await expect(shown).toContainText('MVNE Desk Lab');
  await expect(shown).toContainText('read: always');
  await expect(shown.getByLabel('Octets', { exact: true }).last()).toContainText('4d 56 4e 45');
  await page.getByLabel(/Search the tree/).fill('pin1');
  await tree.getByRole('treeitem', { name: /^PIN1/ }).click();
  await expect(shown).toContainText('not shown');
  await page.getByLabel(/Search the tree/).fill('no such thing');
  await expect(page.getByText('Nothing in this package fits.')).toBeVisible();
});

test('findings lead into the tree; size and slots have their tables; the file is handed out', async () => {
  const { page } = watched;
  await page.getByRole('tab', { name: /^Findings/ }).click();
  const first = page.getByRole('tabpanel').getByRole('link').first();
  await first.click();
  await expect(page).toHaveURL(/\?at=/);
  await page.getByRole('tab', { name: 'Size' }).click();
  await expect(page.getByRole('group', { name: 'Size by element' }).getByRole('rowheader').first()).toBeVisible();
  await page.getByRole('tab', { name: 'Slots' }).click();
  await expect(page.getByRole('group', { name: 'Written for each profile' }).getByRole('row').filter({ hasText: 'OPc' })).toContainText('Secret');
  await expect(page.getByRole('group', { name: 'Written at the first download' })).toContainText('Networks the operator prefers');
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toBe('Sample-v1.der');
  expect(readFileSync(await download.path())[0]).toBe(0xa0);
});

test('a type is made from it', async () => {
  const { page } = watched;
  await page.getByRole('button', { name: 'New type from it' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create profile type' });
  await expect(dialog.getByRole('combobox', { name: 'Template' })).toContainText('Sample, v1');
  await dialog.getByLabel('Name', { exact: true }).fill('Kestrel');
  await dialog.getByLabel('Provider name').fill('Kestrel Mobile');
  await dialog.getByLabel('Profile name').fill('Kestrel consumer');
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('tab', { name: 'Used by (1)' })).toBeVisible();
});

test('edits are tried out, refused where they stand, kept from being lost, and saved as a version the type moves to', async () => {
  const { page } = watched;
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Edit Sample, v1');
  const changes = page.getByRole('complementary', { name: 'Changes' });
  const section = (name: string) => page.getByRole('navigation', { name: 'Sections' }).getByRole('button', { name }).click();
  await page.getByLabel('Name', { exact: true }).fill('A name that is far too long');
  await expect(page.getByRole('region', { name: 'Provider name' }).getByRole('alert')).toBeVisible();
  await expect(changes.getByRole('button', { name: 'Save new version' })).toBeDisabled();
  await page.getByLabel('Name', { exact: true }).fill('Kestrel');
  await expect(changes).toContainText('Provider name Kestrel');

  await section('Networks and roaming');
  await page.getByRole('button', { name: 'Paste from text' }).click();
  await page.getByLabel('One network a line').fill('262-01 5G 4G\n310410\nfoo');
  await expect(page.getByText('1 line not understood: foo')).toBeVisible();
  await page.getByRole('button', { name: 'Add 2 networks' }).click();
  await expect(changes).toContainText('2 entries');

  // A service without its file breaks a rule: the sentence stands at its section, the other changes stay.
  await section('Services');
  await page.getByLabel('Search the services').fill('user controlled');
  await page.getByLabel(/^20 User controlled/).click();
  await expect(page.getByRole('region', { name: 'USIM', exact: true }).getByRole('alert')).toContainText('V33');
  await changes.getByRole('button', { name: /Drop the change of Services/ }).click();
  await expect(changes.getByRole('button', { name: 'Save new version' })).toBeEnabled();

  // What is pending is not lost by a link.
  await page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Brands' }).click();
  const asked = page.getByRole('dialog', { name: 'Leave without keeping it?' });
  await asked.getByRole('button', { name: 'Stay' }).click();
  await expect(page).toHaveURL(/\/edit$/);

  await changes.getByLabel(/^Why/).fill('autumn roaming');
  await changes.getByRole('button', { name: 'Save new version' }).click();
  const moving = page.getByRole('dialog', { name: 'Sample, v2 is saved' });
  await moving.getByLabel(/^Kestrel/).check();
  await moving.getByRole('button', { name: 'Move 1 type' }).click();
  await expect(page.getByRole('tab', { name: 'Versions (2)' })).toBeVisible();
  await expect(page.getByRole('group', { name: 'Versions' })).toContainText('Provider name Kestrel');
  const [newest] = await rows();
  expect(newest).toMatchObject({ name: 'Sample', version: 2, note: 'autumn roaming', types: ['Kestrel'] });
});

test('two versions are compared, one is retired and comes back', async () => {
  const { page } = watched;
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(page.getByRole('status', { name: /differences/ })).toContainText('EF.SPN');
  await page.getByRole('region', { name: 'USIM', exact: true }).getByRole('link', { name: 'after' }).first().click();
  await expect(page.getByRole('region', { name: 'What is selected' })).toContainText('Kestrel');
  const [, first] = await rows();
  await go(page, `/templates/${first!.id}`);
  await page.getByRole('button', { name: 'Retire' }).click();
  await expect(page.getByRole('button', { name: 'Offer again' })).toBeVisible();
  await go(page, '/templates');
  await expect(page.getByRole('group', { name: 'Templates' }).getByRole('link', { name: 'v1' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: /^Retired \(1\)/ })).toBeVisible();
  await go(page, `/templates/${first!.id}`);
  await page.getByRole('button', { name: 'Offer again' }).click();
  await expect(page.getByRole('button', { name: 'Retire' })).toBeVisible();
});

test('the type tells what changes before it takes another version', async () => {
  const { page } = watched;
  await go(page, '/templates/types');
  await page.getByRole('button', { name: 'Change Kestrel' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change Kestrel' });
  await dialog.getByRole('combobox', { name: 'Template' }).click();
  await page.getByRole('option', { name: /Sample, v1/ }).click();
  await expect(dialog).toContainText('What changes for profiles prepared from now on');
  await expect(dialog).toContainText('EF.SPN');
  await dialog.getByRole('button', { name: 'Change', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('group', { name: 'Profile types' })).toContainText('Sample v1');
});

test('a file that is no package, and a template that is not there, are told', async () => {
  const { page } = watched;
  await page.getByRole('button', { name: 'Import template' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import template' });
  await dialog.getByLabel('Profile package (.der)').setInputFiles({ name: 'x.der', mimeType: 'application/octet-stream', buffer: Buffer.from('nothing of the kind') });
  await expect(dialog.getByRole('alert')).toContainText('not a profile package');
  await page.keyboard.press('Escape');
  await go(page, '/templates/999');
  await expect(page.getByText('No such template', { exact: true })).toBeVisible();
});
