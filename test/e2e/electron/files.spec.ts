/** Files the engine hands out, saved by the desktop window. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, test } from '@playwright/test';
import { cleanUp, ensureBuilt, newFolder } from '../../integration/hosting/product.ts';
import { call, type Desktop, openDesktop } from './support.ts';

let desktop: Desktop;

test.beforeAll(async () => {
  test.setTimeout(150_000);
  ensureBuilt();
  desktop = await openDesktop(newFolder());
});
test.afterAll(async () => {
  await desktop?.app.close().catch(() => undefined);
  cleanUp();
});

interface Ended {
  readonly state: string;
  readonly from: string;
  readonly name: string;
}

/** Answers the system's dialog in advance: the next download goes to `path`. What it came to is asked for afterwards. */
async function saveNextAs(path: string): Promise<() => Promise<Ended>> {
  await desktop.app.evaluate(({ session }, to) => {
    const held = globalThis as unknown as { ended?: Promise<unknown> };
    held.ended = new Promise((done) => {
      session.defaultSession.once('will-download', (_event, item) => {
        item.setSavePath(to);
        item.once('done', (_done, state) => done({ state, from: item.getURL(), name: item.getFilename() }));
      });
    });
  }, path);
  return () => desktop.app.evaluate(() => (globalThis as unknown as { ended: Promise<Ended> }).ended);
}

test('the inventory as shown is exported: the file on disk has its rows and columns', async () => {
  const { page, faults } = desktop;
  const { data } = await call<{ rows: { iccid: string }[]; total?: number }>(page, 'profiles.list', { limit: 200, filter: { stock: ['sellable'] } });
  const iccids = data.rows.map((row) => row.iccid);
  expect(iccids.length).toBeGreaterThan(2);
  const every = (await call<{ rows: unknown[] }>(page, 'profiles.list', { limit: 200 })).data.rows.length;
  expect(iccids.length).toBeLessThan(every);

  await page.evaluate(() => { location.hash = '/inventory?stock=sellable'; });
  await expect(page.getByRole('row').nth(2)).toBeVisible();
  await page.keyboard.press('e');
  const dialog = page.getByRole('dialog', { name: `Export ${iccids.length} profiles` });
  await dialog.getByLabel(/^All columns/).check();
  const file = join(newFolder(), 'inventory.csv');
  const ended = await saveNextAs(file);
  await dialog.getByRole('button', { name: 'Save file' }).click();
  const { state, from, name } = await ended();
  expect(state).toBe('completed');
  expect(from).toMatch(/^app:\/\/desk\/files\/fl_[0-9a-f]{32}$/);
  expect(name).toMatch(/\.csv$/);

  const rows = parse(readFileSync(file), { columns: true, bom: true }) as Record<string, string>[];
  const column = Object.keys(rows[0]!).find((one) => /iccid/i.test(one))!;
  expect(rows.map((row) => row[column]).toSorted()).toEqual(iccids.toSorted());
  expect(Object.keys(rows[0]!).length).toBeGreaterThan(20);
  await expect(dialog).toBeHidden();

  // Once only: the same address gives nothing a second time, and nothing is written for it.
  const again = join(newFolder(), 'again.csv');
  const second = await saveNextAs(again);
  await page.evaluate((address) => {
    const link = document.createElement('a');
    link.href = address;
    link.download = 'again.csv';
    link.click();
  }, from);
  expect((await second()).state).not.toBe('completed');
  expect(existsSync(again)).toBe(false);
  expect(faults).toEqual([]);
});
