/** Every screen and the main dialogs in both themes against axe, with content and without. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { cleanUp, ensureBuilt, newFolder, serve, type Serving } from '../../integration/hosting/product.ts';
import { everyRoute, go, openConsole, type Watched } from './support.ts';

test.beforeAll(ensureBuilt);
test.afterAll(cleanUp);

/** `colours`: only what another theme can change. No page of ours has a frame in it, so axe needs no page of its own to put the parts together. */
async function violations(page: Page, colours: boolean): Promise<string[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'] });
  const { violations: found } = await (colours ? axe.withRules(['color-contrast', 'link-in-text-block']) : axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])).analyze();
  return found.map((one) => `${one.id}: ${one.nodes.slice(0, 2).map((node) => node.target.join(' ')).join(' | ')}`);
}

const dialogs: readonly (readonly [string, string])[] = [['n', 'New order'], ['Control+k', 'Command palette'], ['Shift+?', 'Keyboard shortcuts']];

async function onEveryRoute(page: Page, colorScheme: 'light' | 'dark', colours: boolean): Promise<string[]> {
  const found: string[] = [];
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  for (const route of await everyRoute(page)) {
    await go(page, route);
    found.push(...(await violations(page, colours)).map((one) => `${route} ${one}`));
  }
  return found;
}

test.describe('with sample content', () => {
  let serving: Serving;
  let watched: Watched;
  test.beforeAll(async ({ browser }) => {
    serving = await serve(newFolder(), ['--sample', '--console', '127.0.0.1:0', '--es9plus', '127.0.0.1:0']);
    watched = await openConsole(browser, serving.ready.console!);
  });
  test.afterAll(async () => {
    await watched.context.close();
    await serving.stop();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`${colorScheme}: no violation, no fault`, async () => {
      test.setTimeout(240_000);
      const { page, faults } = watched;
      const found = await onEveryRoute(page, colorScheme, colorScheme === 'dark');
      await go(page, '/inventory');
      for (const [key, dialog] of dialogs) {
        await page.keyboard.press(key);
        await expect(page.getByRole('dialog', { name: dialog })).toBeVisible();
        found.push(...(await violations(page, colorScheme === 'dark')).map((one) => `${dialog} ${one}`));
        await page.keyboard.press('Escape');
        await expect(page.getByRole('dialog')).toHaveCount(0);
      }
      expect(found).toEqual([]);
      expect(faults).toEqual([]);
    });
  }
});

test('an empty workspace: no violation, no fault', async ({ browser }) => {
  test.setTimeout(240_000);
  const serving = await serve(newFolder(), ['--console', '127.0.0.1:0']);
  const { page, context, faults } = await openConsole(browser, serving.ready.console!);
  const found = await onEveryRoute(page, 'dark', false);
  // It says what to do next instead of showing nothing.
  for (const [route, text] of [['/', /template|profile type|first/i], ['/inventory', /import|no profile/i], ['/activations', /order/i], ['/sessions', /No device has come yet/]] as const) {
    await go(page, route);
    await expect(page.locator('#main')).toContainText(text);
  }
  expect(found).toEqual([]);
  expect(faults).toEqual([]);
  await context.close();
  await serving.stop();
});
