/** The desktop application in a real Electron, with the sandbox of the system on. */
import { join, resolve } from 'node:path';
import { _electron, type ElectronApplication, expect, type Page } from '@playwright/test';
import { newFolder } from '../../integration/hosting/product.ts';

export const runtime = resolve('.cache/electron-runtime/electron');

export interface Desktop {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly pid: number;
  readonly faults: string[];
  /** Everything the application wrote to its terminal. */
  said(): string;
}

/** Own settings for each start: a second start would otherwise hand over to the first. */
export async function openDesktop(workspace: string, extra: { args?: string[]; env?: Record<string, string> } = {}): Promise<Desktop> {
  const profile = newFolder('desk-user-');
  let said = '';
  const app = await _electron.launch({
    executablePath: runtime, chromiumSandbox: true, args: ['.', `--user-data-dir=${profile}`, '--disable-gpu', ...(extra.args ?? [])], timeout: 60_000,
    env: { ...process.env as Record<string, string>, MVNE_DESK_WORKSPACE: workspace, XDG_CONFIG_HOME: join(profile, 'config'), ...extra.env },
  });
  app.process().stderr?.on('data', (part: Buffer) => { said += part.toString(); });
  const page = await app.firstWindow({ timeout: 90_000 });
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible({ timeout: 60_000 });
  return { app, page, pid: app.process().pid!, faults, said: () => said };
}

/** A call of the window through its bridge. */
export async function call<T = Record<string, unknown>>(page: Page, procedure: string, input: unknown = {}): Promise<{ ok: boolean; data: T; error: { code: string; message: string } }> {
  return page.evaluate(([name, value]) => (window as unknown as { desk: { call(n: unknown, i: unknown): Promise<never> } }).desk.call(name, value), [procedure, input] as const);
}
