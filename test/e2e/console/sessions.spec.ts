/** Live sessions: the list, one session stepped through, what was sent and answered, the decoder, the export. */
import { readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { cleanUp, ensureBuilt, must, newFolder, serve } from '../../integration/hosting/product.ts';
import { fixtureFaults, playSessionFixture, readSessionFixture } from '../../support/session-fixture.ts';
import { go, openConsole, rpc } from './support.ts';

test.beforeAll(ensureBuilt);
test.afterAll(cleanUp);

test('a download is followed step by step, decoded and exported', async ({ browser }) => {
  test.setTimeout(180_000);
  const workspace = newFolder();
  const at = ['--workspace', workspace];
  const serving = await serve(workspace, ['--sample', '--console', '127.0.0.1:0', '--es9plus', '127.0.0.1:0']);
  const { activationCode } = await must<{ activationCode: string }>(['order', 'create', '--type', 'Lab consumer', ...at]);
  await must(['device', 'download', activationCode, ...at]);
  const { page, context, faults } = await openConsole(browser, serving.ready.console!);

  await go(page, '/sessions?phase=installed');
  const { rows } = await rpc<{ rows: { transactionId: string; eid: string; iccid: string }[] }>(page, 'sessions.list', { filter: { phases: ['installed'] } });
  const session = rows[0]!;
  const list = page.getByRole('grid', { name: 'Live sessions' });
  await expect(list.getByText(session.iccid)).toBeVisible();
  await expect(list).not.toContainText(session.eid);

  // While the pointer is on the list its rows stay where they are; what came since is offered.
  await page.mouse.move(700, 500);
  const second = await must<{ activationCode: string; iccid: string }>(['order', 'create', '--type', 'Lab consumer', ...at]);
  await must(['device', 'download', second.activationCode, ...at]);
  const offer = page.getByRole('button', { name: '1 new' });
  await expect(offer).toBeVisible();
  await expect(list.getByText(second.iccid)).toHaveCount(0);
  await offer.click();
  await expect(list.getByText(second.iccid)).toBeVisible();
  await expect(offer).toHaveCount(0);

  await list.getByText(session.iccid).click();
  const steps = page.getByRole('listbox', { name: 'Steps of the session' });
  await steps.focus();
  await page.keyboard.press('Home');
  await expect(page.getByRole('region', { name: 'Step 1 of 4' })).toContainText('initiateAuthentication');
  await page.keyboard.press('j');
  const step = page.getByRole('region', { name: 'Step 2 of 4' });
  await expect(step.getByRole('group', { name: 'Sent by the device' })).toContainText('euiccInfo2');
  await expect(page.locator('#main')).not.toContainText(session.eid);
  await page.getByRole('button', { name: 'Show the whole EID' }).click();
  await expect(step.getByRole('group', { name: 'Sent by the device' })).toContainText(session.eid);
  await page.getByRole('button', { name: 'Previous' }).click();
  await expect(page.getByRole('region', { name: 'Step 1 of 4' })).toBeVisible();

  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export as test fixture' }).click();
  const text = readFileSync((await (await downloading).path()), 'utf8');
  const matchingId = activationCode.split('$')[2]!;
  for (const canary of [session.eid, session.iccid, session.transactionId, matchingId, '127.0.0.1']) expect(text.toUpperCase()).not.toContain(canary.toUpperCase());
  const fixture = readSessionFixture(text);
  expect(fixtureFaults(fixture)).toEqual([]);
  expect(playSessionFixture(fixture)).toEqual({ events: ['deliver', 'install'], state: 'installed' });

  await page.keyboard.press('Control+k');
  await page.keyboard.type('decode what');
  await page.keyboard.press('Enter');
  await page.getByLabel('What the phone shows').fill(`LPA:${activationCode} said Subject code 8.2.6 Reason 3.8`);
  const found = page.getByRole('region', { name: 'What it says' });
  await expect(found.getByRole('region', { name: 'MatchingID: Refused' })).toContainText('8.2.6/3.8');
  await expect(found.getByRole('link', { name: 'The order with this MatchingID' })).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
  expect(violations.map((one) => one.id)).toEqual([]);
  await page.getByRole('tab', { name: 'Notifications' }).click();
  await expect(page.getByRole('grid', { name: 'Notifications' })).toContainText('Installation result');

  const decoded = await must<{ findings: { code?: string }[] }>(['decode', '8.1.1 - 3.8', ...at]);
  expect(decoded.findings[0]!.code).toBe('8.1.1/3.8');
  expect(faults).toEqual([]);
  await context.close();
  await serving.stop();
});
