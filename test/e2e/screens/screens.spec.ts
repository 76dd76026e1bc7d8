/** Takes the pictures in docs/screens: both themes, both sizes, with content that looks like a working day. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { callEs2plus, createOperatorCa, issueTlsCertificate } from '../../../src/main/lab/operator/index.ts';
import { certificatePem } from '../../../src/main/lab/pki/index.ts';
import { cleanUp, ensureBuilt, must, newFolder, run, serve } from '../../integration/hosting/product.ts';
import { go, openConsole, rpc } from '../console/support.ts';

const folder = join(process.cwd(), 'docs', 'screens');
const sizes = [{ width: 1440, height: 900 }, { width: 1024, height: 768 }] as const;

test.beforeAll(ensureBuilt);
test.afterAll(cleanUp);

type Screen = readonly [name: string, route: string, act?: () => Promise<void>];

async function take(page: Page, screens: readonly Screen[]): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const size of sizes) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize(size);
      for (const [name, route, act] of screens) {
        await go(page, route);
        if (!/^(empty|error)|nothing$/.test(name) && /^\/(inventory|activations|sessions)(\?stock|\?where|$)/.test(route)) await expect(page.getByRole('row').nth(3)).toBeVisible();
        await act?.();
        await page.mouse.move(size.width - 5, size.height - 5);
        await page.waitForTimeout(500);
        writeFileSync(join(folder, `${name}-${colorScheme}-${size.width}x${size.height}.png`), await page.screenshot());
        // A dialog first, then what was selected below it.
        for (let i = 0; act !== undefined && i < 2; i++) {
          await page.keyboard.press('Escape');
          await expect(page.getByRole('dialog')).toHaveCount(0);
        }
      }
    }
  }
}

test('pictures of an empty workspace, and of an engine that cannot answer', async ({ browser }) => {
  mkdirSync(folder, { recursive: true });
  const serving = await serve(newFolder(), ['--console', '127.0.0.1:0']);
  const { page, context } = await openConsole(browser, serving.ready.console!);
  await take(page, [['empty-home', '/'], ['empty-inventory', '/inventory'], ['empty-imports', '/imports'], ['empty-preparation', '/preparation'], ['empty-numbers', '/numbers'], ['empty-templates', '/templates'], ['empty-types', '/templates/types']]);
  const refusal = { ok: false, error: { code: 'INTERNAL', message: 'The engine could not finish this; its log says why.', correlationId: 'c-9f31' } };
  await page.route('**/rpc/profiles.list*', (route) => route.fulfill({ status: 500, contentType: 'application/json', body: JSON.stringify(refusal) }));
  await go(page, '/');
  await page.reload();
  await take(page, [['error-inventory', '/inventory', () => expect(page.locator('#main').getByRole('alert')).toBeVisible()]]);
  await context.close();
  await serving.stop();
  expect(readFileSync(join(folder, 'error-inventory-light-1440x900.png')).length).toBeGreaterThan(10_000);
});

test('pictures of a working day', async ({ browser }) => {
  mkdirSync(folder, { recursive: true });
  const workspace = newFolder();
  const serving = await serve(workspace, ['--sample', '--console', '127.0.0.1:0', '--es9plus', '127.0.0.1:0', '--es2plus', '127.0.0.1:0', '--smdp-address', 'smdp.lab.example']);
  const at = ['--workspace', workspace];
  await must(['lab', 'fill', '--profiles', '2000', ...at]);
  const code = join(newFolder(), 'code');
  writeFileSync(code, '4711');
  // Some life: downloads that went well, one with a wrong confirmation code, one with an unknown code.
  for (let i = 0; i < 3; i++) {
    const { activationCode } = await must<{ activationCode: string }>(['order', 'create', '--type', 'Lab consumer', ...at]);
    await must(['device', 'download', activationCode, ...at]);
  }
  const guarded = await must<{ orderId: string; activationCode: string }>(['order', 'create', '--type', 'Lab consumer', '--confirmation-code-file', code, ...at]);
  writeFileSync(code, '0000');
  await run(['device', 'download', guarded.activationCode, '--confirmation-code-file', code, ...at]);
  const open = await must<{ orderId: string }>(['order', 'create', '--type', 'Lab consumer', '--expires', '30d', ...at]);

  // A brand that orders, and whose system does not answer; another that may not for a while.
  for (const [name, types] of [['Kestrel Mobile', 'Lab consumer'], ['Nordlys', '*']] as const) {
    const ca = createOperatorCa({ name: `${name} client CA`, now: new Date() });
    const file = join(newFolder(), 'ca.pem');
    writeFileSync(file, certificatePem(ca.certificate));
    await must(['brand', 'add', name, '--client-ca', file, '--types', types, '--open-orders', '500', '--orders-per-day', '200', '--callback-url', 'https://127.0.0.1:9', ...at]);
    if (name === 'Nordlys') {
      await must(['brand', 'suspend', name, ...at]);
      continue;
    }
    const client = issueTlsCertificate(ca, { now: new Date(), commonName: `${name} BSS` });
    const { port } = (serving.ready as unknown as { es2plus: { port: number }[] }).es2plus[0]!;
    const es2 = { host: '127.0.0.1', port, cert: client.cert, key: client.key };
    for (let i = 0; i < 4; i++) {
      const ordered = await callEs2plus(es2, 'downloadOrder', { profileType: 'Lab consumer' });
      const confirmed = i === 3 ? undefined : await callEs2plus(es2, 'confirmOrder', { iccid: ordered.body!['iccid'], releaseFlag: true });
      if (i < 2) await must(['device', 'download', `1$127.0.0.1:${serving.ready.es9plus[0]!.port}$${String(confirmed!.body!['matchingId'])}`, ...at]);
    }
  }

  const { page, context } = await openConsole(browser, serving.ready.console!);
  const sessions = await rpc<{ rows: { transactionId: string; phase: string; iccid?: string }[] }>(page, 'sessions.list', { limit: 20 });
  const good = sessions.rows.find((row) => row.phase === 'installed')!;
  const other = (await rpc<{ rows: { iccid: string }[] }>(page, 'profiles.list', { limit: 1, filter: { stock: ['quarantined'] } })).rows[0]!;
  const messages = await rpc<{ rows: { id: number }[] }>(page, 'outbox.list', {});
  const reserved = await rpc<{ rows: { orderId: string }[] }>(page, 'orders.list', { filter: { state: ['allocated'] } });
  const template = { at: 'usim[4]/ef-spn', ...(await rpc<{ rows: { id: string }[] }>(page, 'types.templates')).rows[0]! };
  // A second version, so that there is something to compare.
  const { template: edited } = await rpc<{ template: { id: string } }>(page, 'types.editTemplate', { id: template.id, edits: [{ kind: 'spn', name: 'Kestrel' }, { kind: 'hpplmn', minutes: 30 }], note: 'Shown as Kestrel' });
  const batches = await rpc<{ rows: { id: string }[] }>(page, 'preparation.list', {});
  // A vendor's file on its way: checked, with rows to repair.
  await go(page, '/imports');
  const vendor = Array.from({ length: 1_000 }, (_, n) => [n % 250 === 9 ? '8.98821E+18' : `898821100007${String(n).padStart(6, '0')}`, `00101${String(7_000_000 + n).padStart(10, '0')}`, '0000', String(10_000_000 + n)].join(';'));
  await page.getByLabel('Stock file', { exact: true }).setInputFiles({ name: 'vendor-2026-11.csv', mimeType: 'text/csv', buffer: Buffer.from(`ser_nb;imsi;pin1;puk1\n${vendor.join('\n')}\n`) });
  await expect(page).toHaveURL(/imports\/im_/);
  const opened = /imports\/([^/?]+)/.exec(page.url())![1]!;
  await page.getByRole('button', { name: 'Next: say what the columns are' }).click();
  await page.getByRole('button', { name: 'Next: rules' }).click();
  await page.getByRole('combobox', { name: 'Profile type' }).click();
  await page.getByRole('option', { name: /Lab consumer/ }).click();
  await page.getByRole('button', { name: 'Check 1,000 rows' }).click();
  await expect(page.getByText(/\d ready · \d/).first()).toBeVisible();
  const screens: readonly Screen[] = [
    ['home', '/'], ['inventory', '/inventory'], ['profile', `/inventory/${good.iccid}`],
    ['inventory-filtered', '/inventory?stock=sold&where=lastEvent%3Abetween%3A-7d%2C&sort=order,-lastEvent&cols=iccid!,badge,order,lastEvent,brand,attempts,eid'],
    ['inventory-nothing', '/inventory?stock=sellable&order=error'], ['profile-timeline', `/inventory/${good.iccid}?tab=timeline`], ['profile-network', `/inventory/${good.iccid}?tab=network`],
    ['inventory-compare', `/inventory/compare?a=${good.iccid}&b=${other.iccid}`],
    ['inventory-selected', '/inventory?stock=sellable', async () => {
      await page.keyboard.press('j');
      await page.keyboard.press('x');
      await page.keyboard.press('Shift+J');
      await expect(page.getByRole('group', { name: 'Selected profiles' })).toBeVisible();
    }], ['inventory-bulk', '/inventory?stock=sellable', async () => {
      await page.keyboard.press('j');
      await page.keyboard.press('x');
      await page.keyboard.press('Shift+J');
      await page.keyboard.press('b');
      await page.getByRole('menuitem', { name: 'Quarantine…' }).click();
      await expect(page.getByRole('dialog')).toBeVisible();
    }],
    ['inventory-filter', '/inventory?stock=sellable', async () => {
      await page.keyboard.press('f');
      await expect(page.getByRole('dialog', { name: 'Add a filter' })).toBeVisible();
    }],
    ['activations', '/activations'],
    ['new-order', '/activations', async () => {
      await page.keyboard.press('n');
      const dialog = page.getByRole('dialog', { name: 'New order' });
      await dialog.getByLabel('Profile type').click();
      await page.getByRole('option', { name: /Lab consumer/ }).click();
      await expect(page.getByRole('listbox')).toHaveCount(0);
    }],
    ['imports', '/imports'],
    ...(['source', 'map', 'rules', 'validate', 'preview'] as const).map((step) => [`import-${step}`, `/imports/${opened}?step=${step}`] as const),
    ['import-mappings', '/imports?view=mappings'], ['transport-keys', '/imports?view=keys'], ['numbers', '/numbers'], ['numbers-levels', '/numbers/levels'], ['numbers-policies', '/numbers/policies'], ['preparation', '/preparation'], ['batch', `/preparation/${batches.rows[0]!.id}`], ['recipients', '/preparation?view=recipients'], ['recipient-new', '/preparation/recipients/new'],
    ['batch-new', '/preparation/new', async () => {
      await page.getByLabel('How many').fill('20');
      await expect(page.getByRole('region', { name: 'Preview' })).toBeVisible();
    }],
    ['delivery', `/activations/${open.orderId}`], ['live-sessions', '/sessions'], ['session', `/sessions/${good.transactionId}`],
    ['session-refused', `/sessions/${sessions.rows.find((row) => row.transactionId !== good.transactionId && row.phase !== 'installed')?.transactionId ?? good.transactionId}`],
    ['notifications', '/sessions?view=notifications'],
    ['decoder', '/sessions?view=decoder', async () => {
      await page.getByLabel('What the phone shows').fill('{"header":{"functionExecutionStatus":{"status":"Failed","statusCodeData":{"subjectCode":"8.2.6","reasonCode":"3.8"}}}}');
      await expect(page.getByRole('region', { name: 'What it says' })).toContainText('8.2.6/3.8');
    }],
    ['settings', '/settings'], ['templates', '/templates'], ['types', '/templates/types'], ['template', `/templates/${template.id}?at=${encodeURIComponent(template.at)}`], ['template-size', `/templates/${template.id}/size`], ['template-slots', `/templates/${template.id}/slots`], ['template-findings', `/templates/${template.id}/findings`], ['template-versions', `/templates/${template.id}/versions`], ['template-edit', `/templates/${template.id}/edit`], ['templates-compare', `/templates/compare?a=${template.id}&b=${edited.id}`],
    ['keys', '/keys'], ['keys-validity', '/keys/horizon'], ['keys-devices', '/keys/devices'], ['brands', '/brands'], ['brand', '/brands/Kestrel%20Mobile'],
    ['brand-add', '/brands', async () => {
      await page.getByRole('button', { name: 'Add brand' }).first().click();
      await expect(page.getByRole('dialog', { name: 'Add brand' })).toBeVisible();
    }],
    ['outbox', '/outbox'], ['message', `/outbox/${messages.rows[0]!.id}`], ['order-reserved', `/activations/${reserved.rows[0]!.orderId}`],
  ];
  await take(page, screens);
  await context.close();
  await serving.stop();
  for (const name of ['home', 'inventory']) expect(readFileSync(join(folder, `${name}-light-1440x900.png`)).length).toBeGreaterThan(10_000);
});
