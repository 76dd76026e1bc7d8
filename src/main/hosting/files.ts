/** Where the parts of the product lie, for every host: a source checkout, a built one, a packed application. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder that holds the product's package.json. */
export function appRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder) throw new Error('package.json of MVNE Desk not found above its program files');
    folder = above;
  }
  return folder;
}

/** Where Node can read the programs: it cannot look inside an Electron archive, so a packed application has them beside it. */
function programRoot(): string {
  const root = appRoot();
  return root.endsWith('app.asar') ? `${root}.unpacked` : root;
}

export type ProgramName = 'engine' | 'vault' | 'cli' | 'desktop';

export function programFile(name: ProgramName): string {
  return join(programRoot(), 'out', 'main', `${name}.cjs`);
}

export function rendererRoot(): string {
  return join(programRoot(), 'out', 'renderer');
}

export function preloadFile(): string {
  return join(appRoot(), 'out', 'preload', 'index.cjs');
}

/** Node 22 or later, by which engine and vault run in every host: never Electron's own (design: one crypto library). */
export function nodeExecutable(env: NodeJS.ProcessEnv = process.env): string {
  if (env['MVNE_DESK_NODE']) return env['MVNE_DESK_NODE'];
  const exe = process.platform === 'win32' ? 'node.exe' : 'node';
  const beside = [join(appRoot(), 'runtime', exe), join(dirname(appRoot()), 'runtime', exe), join(appRoot(), 'node_modules', '.bin', exe)];
  const found = beside.find((file) => existsSync(file));
  if (found) return found;
  if (!process.versions['electron'] && Number(process.versions.node.split('.')[0]) >= 22) return process.execPath;
  throw new Error('No Node 22 or later found: install it, or set MVNE_DESK_NODE to its path');
}
