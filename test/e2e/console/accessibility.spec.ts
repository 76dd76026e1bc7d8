/** Every screen and the main dialogs in both themes against axe, with content and without. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { cleanUp, ensureBuilt, newFolder, serve } from '../../integration/hosting/product.ts';
import { everyRoute, go, openConsole } from './support.ts';

test.beforeAll(ensureBuilt);
test.afterAll(cleanUp);

/** `colours`: only what another theme can change. */
async function violations(page: Page, colours: boolean): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations: found } = await (colours ? axe.withRules(['color-contrast', 'link-in-text-block']) : axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])).analyze();
  return found.map((one) => `${one.id}: ${one.nodes.slice(0, 2).map((node) => node.target.join(' ')).join(' | ')}`);
}

const dialogs: readonly (readonly [string, string])[] = [['n', 'New order'], ['Control+k', 'Command palette'], ['Shift+?', 'Keyboard shortcuts']];

for (const [name, args] of [['with sample content', ['--sample']], ['an empty workspace', []]] as const) {
  test(`${name}: no violation, no fault`, async ({ browser }) => {
    test.setTimeout(240_000);
    const serving = await serve(newFolder(), [...args, '--console', '127.0.0.1:0', ...(args.length > 0 ? ['--es9plus', '127.0.0.1:0'] : [])]);
    const { page, context, faults } = await openConsole(browser, serving.ready.console!);
    const found: string[] = [];
    const routes = await everyRoute(page);
    for (const colorScheme of args.length > 0 ? (['light', 'dark'] as const) : (['dark'] as const)) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const route of routes) {
        await go(page, route);
        found.push(...(await violations(page, colorScheme === 'dark' && args.length > 0)).map((one) => `${colorScheme} ${route} ${one}`));
      }
      await go(page, '/inventory');
      if (args.length > 0) for (const [key, dialog] of dialogs) {
        await page.keyboard.press(key);
        await expect(page.getByRole('dialog', { name: dialog })).toBeVisible();
        found.push(...(await violations(page, colorScheme === 'dark')).map((one) => `${colorScheme} ${dialog} ${one}`));
        await page.keyboard.press('Escape');
        await expect(page.getByRole('dialog')).toHaveCount(0);
      }
    }
    // An empty workspace says what to do next instead of showing nothing.
    if (args.length === 0) {
      for (const [route, text] of [['/', /template|profile type|first/i], ['/inventory', /import|no profile/i], ['/activations', /order/i], ['/sessions', /No device has come yet/]] as const) {
        await go(page, route);
        await expect(page.locator('#main')).toContainText(text);
      }
    }
    expect(found).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
    await serving.stop();
  });
}
