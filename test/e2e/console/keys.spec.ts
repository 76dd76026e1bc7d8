/** Keys & certificates through the window: what there is, what ends when, imports that are refused at their field. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { cleanUp, ensureBuilt, must, newFolder, serve, type Serving } from '../../integration/hosting/product.ts';
import { go, openConsole, rpc, type Watched } from './support.ts';

let serving: Serving;
let watched: Watched;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async ({ browser }) => {
  ensureBuilt();
  const workspace = newFolder();
  serving = await serve(workspace, ['--sample', '--console', '127.0.0.1:0', '--es9plus', '127.0.0.1:0']);
  const { activationCode } = await must<{ activationCode: string }>(['order', 'create', '--type', 'Lab consumer', '--workspace', workspace]);
  await must(['device', 'download', activationCode, '--workspace', workspace]);
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

test('an identity stands with its chain, its keys and who could use it', async () => {
  const { page } = watched;
  await go(page, '/settings/certificates');
  await expect(page).toHaveURL(/#\/keys$/);
  const { rows } = await rpc<{ rows: { name: string; usable: boolean; ciKeyId: string }[] }>(page, 'pki.identities');
  const identity = page.getByRole('region', { name: rows[0]!.name, exact: true });
  await expect(identity).toContainText(rows[0]!.ciKeyId.slice(0, 12));
  await expect(identity).not.toContainText('Cannot serve');
  await expect(identity).toContainText('1 of 1 could use it');
  for (const role of ['CI root', 'DPauth', 'DPpb', 'TLS']) await expect(identity.getByRole('rowheader', { name: role })).toBeVisible();
  await expect(identity.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'DPauth' }) })).toContainText('software vault');
});

test('what ends when, with what stops working then', async () => {
  const { page } = watched;
  await page.getByRole('tab', { name: /^Validity/ }).click();
  const { rows } = await rpc<{ rows: { title: string; consequence: string }[] }>(page, 'pki.horizon');
  expect(rows.length).toBeGreaterThan(3);
  const table = page.getByRole('group', { name: 'What ends when' });
  await expect(table.getByRole('rowheader')).toHaveCount(rows.length);
  await expect(table).toContainText(rows[0]!.consequence);
});

test('files that are no certificate, no key, no list are refused at their field', async () => {
  const { page } = watched;
  const nonsense = { mimeType: 'application/octet-stream', buffer: Buffer.from('nothing of the kind') };
  await go(page, '/keys');
  await page.getByRole('button', { name: 'Import certificate' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import certificate' });
  await dialog.getByLabel('Identity').fill('second');
  await dialog.getByLabel('Role').click();
  await page.getByRole('option', { name: 'DPauth' }).click();
  await dialog.getByLabel('Certificate', { exact: true }).setInputFiles({ name: 'dpauth.pem', ...nonsense });
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(dialog.getByText('DPauth needs its private key')).toBeVisible();
  await dialog.getByLabel('Private key', { exact: true }).setInputFiles({ name: 'dpauth.key', ...nonsense });
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(dialog.getByRole('alert')).toBeVisible();
  await expect(dialog.getByLabel('Certificate', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await page.getByRole('button', { name: 'Import revocation list' }).click();
  const list = page.getByRole('dialog', { name: 'Import revocation list' });
  await list.getByLabel('Revocation list (CRL)', { exact: true }).setInputFiles({ name: 'ci.crl', ...nonsense });
  await list.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(list.getByRole('alert')).toBeVisible();
  await page.keyboard.press('Escape');
});

test('eUICCs seen so far are checked, also as if an identity were gone', async () => {
  const { page } = watched;
  await go(page, '/keys/devices');
  await expect(page.getByText('Every eUICC seen so far shares a CI key')).toBeVisible();
});

test('a certificate is downloaded from its row, and never with a key', async () => {
  const { page } = watched;
  await go(page, '/keys');
  const { rows } = await rpc<{ rows: { name: string }[] }>(page, 'pki.identities');
  await page.getByRole('button', { name: `Actions for TLS of ${rows[0]!.name}` }).click();
  const coming = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Download certificate' }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toBe(`${rows[0]!.name}-tls.pem`);
  const text = readFileSync(await download.path(), 'utf8');
  expect(new X509Certificate(text).subjectAltName).toContain('DNS:localhost');
  expect(text).not.toContain('PRIVATE KEY');
});

test('palette and keys lead there', async () => {
  const { page } = watched;
  await go(page, '/');
  for (const [key, path] of [['b', /#\/brands$/], ['o', /#\/outbox$/], ['k', /#\/keys$/]] as const) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await expect(page).toHaveURL(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Type a command').fill('revocation');
  await expect(page.getByRole('option', { name: /Import revocation list/ })).toBeVisible();
  await page.keyboard.press('Escape');
});
