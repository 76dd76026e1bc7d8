/** Whether this machine can show the desktop window, and with which Electron. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { appRoot, nodeExecutable } from './files.ts';

/** Why no window can be opened here, as the end of a sentence; undefined when nothing speaks against it. */
export function whyNoWindow(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (process.platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return 'this machine has no display';
  // A renderer without its sandbox would be the weakest part of the product, and Chromium's does not work for root.
  if (process.platform !== 'win32' && process.getuid?.() === 0) return 'the window\'s sandbox does not work as root';
  return undefined;
}

function installedRuntime(): string | undefined {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  const name = process.platform === 'win32' ? 'electron.exe' : process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron';
  if (override && existsSync(join(override, name))) return join(override, name);
  const pathFile = join(appRoot(), 'node_modules', 'electron', 'path.txt');
  if (!existsSync(pathFile)) return undefined;
  const executable = join(appRoot(), 'node_modules', 'electron', 'dist', readFileSync(pathFile, 'utf8').trim());
  return existsSync(executable) ? executable : undefined;
}

/** The Electron runtime, downloaded at the first use; or the reason why there is none. */
export async function electronRuntime(note: (text: string) => void): Promise<{ executable: string } | string> {
  const present = installedRuntime();
  if (present) return { executable: present };
  const installer = join(appRoot(), 'node_modules', 'electron', 'install.js');
  if (!existsSync(installer)) return 'Electron is not installed (run "npm ci")';
  note('Downloading the Electron runtime (once)');
  const done = spawnSync(nodeExecutable(), [installer], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 300_000, encoding: 'utf8' });
  const executable = installedRuntime();
  return done.status === 0 && executable ? { executable } : 'the Electron runtime could not be downloaded';
}
