/** A brand through the window: added, ordering over ES2+, confirmed by hand, told of the download, suspended. One workspace, in order. */
import { randomUUID } from 'node:crypto';
import { expect, test } from '@playwright/test';
import { callEs2plus, createOperatorCa, issueTlsCertificate } from '../../../src/main/lab/operator/index.ts';
import { certificatePem } from '../../../src/main/lab/pki/index.ts';
import { cleanUp, ensureBuilt, must, newFolder, serve, type Serving, until } from '../../integration/hosting/product.ts';
import { go, openConsole, rpc, type Watched } from './support.ts';

let serving: Serving;
let workspace: string;
let watched: Watched;
let iccid = '';
let orderId = '';
const now = new Date();
const ca = createOperatorCa({ name: 'Kestrel client CA', now });
const client = issueTlsCertificate(ca, { now, commonName: 'Kestrel BSS' });
const pem = Buffer.from(certificatePem(ca.certificate));
// Nothing listens there: messages to it wait and are given up by hand.
const nowhere = 'https://127.0.0.1:9';

const es2 = (name: 'downloadOrder' | 'confirmOrder', body: Record<string, unknown>) => {
  const { port } = (serving.ready as unknown as { es2plus: { port: number }[] }).es2plus[0]!;
  return callEs2plus({ host: '127.0.0.1', port, cert: client.cert, key: client.key, functionCallIdentifier: randomUUID() }, name, body);
};

test.describe.configure({ mode: 'serial' });
test.beforeAll(async ({ browser }) => {
  ensureBuilt();
  workspace = newFolder();
  serving = await serve(workspace, ['--sample', '--console', '127.0.0.1:0', '--es9plus', '127.0.0.1:0', '--es2plus', '127.0.0.1:0']);
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

test('a brand is added with its client CA; what is wrong is said at its field', async () => {
  const { page } = watched;
  await go(page, '/brands');
  await expect(page.getByText('No brand orders here yet')).toBeVisible();
  await page.getByRole('button', { name: 'Add brand' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Add brand' });
  await dialog.getByLabel('Name').fill('Kestrel');
  await dialog.getByRole('button', { name: 'Add brand' }).click();
  await expect(dialog.getByText('A client CA or a client certificate is needed')).toBeVisible();
  const file = dialog.getByLabel('Client CA');
  await file.setInputFiles({ name: 'ca.pem', mimeType: 'text/plain', buffer: Buffer.from('nothing of the kind') });
  await dialog.getByLabel('ICCID ranges').fill('8945');
  await dialog.getByRole('button', { name: 'Add brand' }).click();
  await expect(dialog.getByText('One range is wrong')).toBeVisible();
  await dialog.getByLabel('ICCID ranges').fill('89*');
  await dialog.getByRole('button', { name: 'Every type, also later ones' }).click();
  await dialog.getByLabel('Open orders at once').fill('1');
  await dialog.getByLabel('Tell the brand how each download goes').click();
  await dialog.getByLabel('Callback address').fill(nowhere);
  await dialog.getByRole('button', { name: 'Add brand' }).click();
  await expect(dialog.getByText(/neither a DER certificate nor PEM/)).toBeVisible();
  await file.setInputFiles({ name: 'ca.pem', mimeType: 'text/plain', buffer: pem });
  await dialog.getByRole('button', { name: 'Add brand' }).click();
  await expect(dialog).toBeHidden();
  await expect(page).toHaveURL(/#\/brands\/Kestrel$/);
  await expect(page.getByRole('region', { name: 'May order' })).toContainText('89*');
  await expect(page.getByRole('region', { name: 'Recognised by' })).toContainText('Kestrel client CA');
});

test('it orders over ES2+; the order is reserved, then confirmed in the window', async () => {
  const { page } = watched;
  const type = (await rpc<{ rows: { name: string }[] }>(page, 'types.list')).rows[0]!.name;
  const answer = await es2('downloadOrder', { profileType: type });
  expect(answer.code).toBe('ok');
  iccid = String(answer.body!['iccid']);
  // Its quota is one order at a time.
  expect((await es2('downloadOrder', { profileType: type })).code).not.toBe('ok');
  await go(page, '/activations?brand=Kestrel&open=yes');
  const row = page.getByRole('row').filter({ hasText: iccid.replace(/F$/i, '') });
  await expect(row).toContainText('Allocated');
  await row.click();
  await expect(page.getByRole('list', { name: 'How far the order has come' }).locator('[aria-current=step]')).toContainText('Reserved');
  orderId = /activations\/([^/?]+)$/.exec(page.url())![1]!;
  await page.getByRole('button', { name: 'Confirm order' }).click();
  const dialog = page.getByRole('dialog', { name: 'Confirm order' });
  await dialog.getByRole('button', { name: 'Given' }).click();
  await dialog.getByRole('button', { name: 'Confirm and release' }).click();
  await expect(dialog.getByText('Give it or have it generated')).toBeVisible();
  await dialog.getByRole('button', { name: 'Generated' }).click();
  await dialog.getByRole('button', { name: 'Confirm and release' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Released');
  await expect(page.getByText(/^LPA:1\$/).first()).toBeVisible();
});

test('messages to it wait with their reason, are seen as sent, and discarded with a reason', async () => {
  const { page } = watched;
  const { delivery } = await rpc<{ delivery: { activationCode: string } }>(page, 'orders.show', { orderId });
  await must(['device', 'download', delivery.activationCode, '--workspace', workspace]);
  await until('an attempt failed', async () => (await rpc<{ rows: { lastError?: string }[] }>(page, 'outbox.list', { filter: { brand: 'Kestrel' } })).rows.some((row) => row.lastError !== undefined));
  await go(page, `/outbox?order=${orderId}`);
  const rows = page.getByRole('grid', { name: 'Outgoing messages' }).getByRole('row').filter({ hasText: 'Kestrel' });
  await expect(rows.first()).toContainText('Waiting');
  await expect(page.getByRole('contentinfo')).toContainText(/Outbox \d+ waiting/);
  await page.getByRole('checkbox', { name: 'Select all rows read so far' }).check();
  await page.getByRole('button', { name: 'Discard' }).click();
  const dialog = page.getByRole('dialog', { name: /^Discard \d+ message/ });
  await dialog.getByRole('button', { name: 'Discard' }).click();
  await expect(dialog.getByText('Between 3 and 200 characters')).toBeVisible();
  await dialog.getByLabel('Reason').fill('The brand reads its orders itself');
  await dialog.getByRole('button', { name: 'Discard' }).click();
  await expect(dialog).toBeHidden();
  await expect(rows.first()).toContainText('Discarded');
  await rows.first().click();
  await expect(page.getByLabel('Body of the message')).toContainText('notificationPointId');
  // The device is masked: 32 digits never stand there in a row.
  expect(await page.getByLabel('Body of the message').innerText()).not.toMatch(/\d{32}/);
});

test('suspended, it is refused; resumed, it may order again', async () => {
  const { page } = watched;
  const type = (await rpc<{ rows: { name: string }[] }>(page, 'types.list')).rows[0]!.name;
  await go(page, '/brands');
  await page.getByRole('row').filter({ hasText: 'Kestrel' }).click();
  await page.getByRole('button', { name: 'Suspend' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Suspended');
  const refused = await es2('downloadOrder', { profileType: type }).then((answer) => answer.code, () => 'no answer');
  expect(refused).not.toBe('ok');
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Active');
  expect((await es2('downloadOrder', { profileType: type })).code).toBe('ok');
});
