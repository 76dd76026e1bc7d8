/** What happens to an open page when something moves below it: the program restarts, the reader goes back. */
import { expect, test } from '@playwright/test';
import { cleanUp, ensureBuilt, newFolder, serve } from '../../integration/hosting/product.ts';
import { go, openConsole } from './support.ts';

test.beforeAll(ensureBuilt);
test.afterAll(cleanUp);

test('after a restart the page says that it ended, and shows no state any more', async ({ browser }) => {
  test.setTimeout(120_000);
  const workspace = newFolder();
  const first = await serve(workspace, ['--sample', '--console', '127.0.0.1:0']);
  const { port } = new URL(first.ready.console!);
  const { page, context } = await openConsole(browser, first.ready.console!);
  await go(page, '/inventory');
  await expect(page.getByRole('contentinfo')).toContainText('Database ok');
  await first.stop();
  await expect(page.getByRole('contentinfo')).not.toContainText('Database ok', { timeout: 30_000 });
  const second = await serve(workspace, ['--console', `127.0.0.1:${port}`]);
  await expect(page.getByRole('heading', { name: 'This console ended when the program restarted' })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText('Database ok')).toHaveCount(0);
  await expect(page.getByText('You may not see this')).toHaveCount(0);
  // The new address makes the same page work again.
  await page.goto(second.ready.console!);
  await expect(page.getByRole('contentinfo')).toContainText('Database ok');
  await context.close();
  await second.stop();
});

test('Back closes a dialog with its screen, and asks first when something was entered', async ({ browser }) => {
  test.setTimeout(120_000);
  const serving = await serve(newFolder(), ['--console', '127.0.0.1:0']);
  const { page, context, faults } = await openConsole(browser, serving.ready.console!);
  const brands = page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Brands' });
  const dialog = page.getByRole('dialog', { name: 'Add brand' });
  await brands.click();
  await page.getByRole('button', { name: 'Add brand' }).first().click();
  await expect(dialog).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/:\d+\/(#\/)?$/);
  await expect(page.getByRole('dialog')).toHaveCount(0);

  await brands.click();
  await page.getByRole('button', { name: 'Add brand' }).first().click();
  await dialog.getByLabel('Name').fill('Kestrel');
  await page.goBack();
  const asked = page.getByRole('dialog', { name: 'Leave this dialog?' });
  await asked.getByRole('button', { name: 'Stay' }).click();
  await expect(asked).toHaveCount(0);
  await expect(page).toHaveURL(/#\/brands$/);
  await expect(dialog.getByLabel('Name')).toHaveValue('Kestrel');
  await page.goBack();
  await asked.getByRole('button', { name: 'Leave' }).click();
  await expect(page).toHaveURL(/:\d+\/(#\/)?$/);
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(faults).toEqual([]);
  await context.close();
  await serving.stop();
});

test('the decoder shows no earlier result beside a text it does not read', async ({ browser }) => {
  test.setTimeout(120_000);
  const serving = await serve(newFolder(), ['--console', '127.0.0.1:0']);
  const { page, context } = await openConsole(browser, serving.ready.console!);
  await go(page, '/sessions?view=decoder');
  await page.getByLabel('What the phone shows').fill('8.2.6/3.8');
  const says = page.getByRole('region', { name: 'What it says' });
  await expect(says).toContainText('8.2.6/3.8');
  await page.getByLabel('What the phone shows').fill('x'.repeat(70_000));
  await expect(says).toContainText('nothing of it was read');
  await expect(says).not.toContainText('8.2.6/3.8');
  await context.close();
  await serving.stop();
});
