// `npm test`: everything that shows the product works, from a fresh clone after `npm ci`. Ends with one line of counts.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { needDebianPackages } from './debian-packages.mjs';
import { installElectronRuntime } from './electron-runtime.mjs';

const root = resolve(import.meta.dirname, '..');
process.chdir(root);
const reports = join(root, '.cache', 'reports');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const total = { passed: 0, failed: 0 };
const left = [];
const broken = [];

function count(name, { passed, failed }) {
  total.passed += passed;
  total.failed += failed;
  console.log(`\n${name}: ${passed} passed, ${failed} failed\n`);
}

const run = (command, args, env = {}) => spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1;

const firstLine = (text) => (text ?? '').split('\n', 1)[0].slice(0, 300);

/** Titles of the end-to-end tests that failed, of a report's suites. */
function brokenIn(project, suites = [], path = []) {
  for (const suite of suites) {
    for (const spec of suite.specs ?? []) if (!spec.ok) broken.push(`${project}: ${[...path, suite.title, spec.title].join(': ')}`);
    brokenIn(project, suite.suites, [...path, suite.title]);
  }
}

/** A runner that reports nothing, or fails without naming a test, counts as one failure. */
function withStatus(result, status) {
  if (result.passed + result.failed === 0 || (status !== 0 && result.failed === 0)) return { ...result, failed: result.failed + 1 };
  return result;
}

function vitest(project) {
  const file = join(reports, `${project}.json`);
  const status = run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]);
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const skipped = (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0);
  if (skipped > 0) left.push(`${project}: ${skipped} tests did not run (they say which and why)`);
  for (const suite of report.testResults ?? []) {
    const failures = suite.assertionResults.filter((one) => one.status === 'failed');
    for (const one of failures) broken.push(`${project}: ${relative(root, suite.name)}: ${one.fullName}: ${firstLine(one.failureMessages?.[0])}`);
    if (suite.status === 'failed' && failures.length === 0) broken.push(`${project}: ${relative(root, suite.name)}: ${firstLine(suite.message)}`);
  }
  count(project, withStatus({ passed: report.numPassedTests ?? 0, failed: report.numFailedTests ?? 0 }, status));
}

function playwright(project, prefix = [], env = {}, folder = root) {
  const file = join(folder, '.cache', 'reports', `${project}.json`);
  const args = [...prefix, process.execPath, 'node_modules/@playwright/test/cli.js', 'test', '--project', project, '--reporter=list,json'];
  const status = spawnSync(args[0], args.slice(1), { stdio: 'inherit', cwd: folder, env: { ...process.env, ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: file } }).status ?? 1;
  const { stats = {}, suites } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  if (stats.skipped > 0) left.push(`${project}: ${stats.skipped} tests skipped`);
  brokenIn(project, suites);
  count(project, withStatus({ passed: (stats.expected ?? 0) + (stats.flaky ?? 0), failed: stats.unexpected ?? 0 }, status));
}

/** As root the window does not start, so Electron's tests run as a user made for them, with the sandbox of the system on. */
function electronAsUser(runtime) {
  const user = 'mvne-desk-test';
  if (spawnSync('id', [user]).status !== 0) run('useradd', ['--create-home', '--shell', '/bin/sh', user]);
  const mine = mkdtempSync(join(tmpdir(), 'mvne-desk-e2e-'));
  let folder = root;
  try {
    const may = (test, path) => spawnSync('runuser', ['-u', user, '--', 'test', test, path]).status === 0;
    const readable = may('-r', join(root, 'package.json')) && may('-r', join(root, 'out', 'main', 'desktop.cjs')) && may('-x', runtime) && may('-x', process.execPath);
    if (!readable) {
      // A clone below a closed folder (such as root's home) is copied to where the user can read it.
      folder = join(mine, 'clone');
      cpSync(root, folder, { recursive: true, verbatimSymlinks: true, filter: (from) => !from.startsWith(join(root, '.git')) });
    }
    // Node and its tools lie in the clone as well.
    const there = (path) => path.replaceAll(root, folder);
    const output = join(mine, 'output');
    mkdirSync(output, { recursive: true });
    run('chown', ['-R', user, mine]);
    const file = join(output, 'electron.json');
    const status = run('runuser', ['-u', user, '--', 'env', `HOME=/home/${user}`, `TMPDIR=${output}`, `PATH=${there(process.env.PATH)}`,
      `PLAYWRIGHT_JSON_OUTPUT_NAME=${file}`, `E2E_OUTPUT=${output}`, 'DBUS_SESSION_BUS_ADDRESS=disabled:', 'MVNE_DESK_NO_BUILD=1',
      'sh', '-c', `cd '${folder}' && exec xvfb-run -a -s '-screen 0 1600x1000x24' '${there(process.execPath)}' node_modules/@playwright/test/cli.js test --project electron --reporter=list,json --output '${output}/results'`]);
    const { stats = {}, suites } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    if (stats.skipped > 0) left.push(`electron: ${stats.skipped} tests skipped`);
    brokenIn('electron', suites);
    count('electron', withStatus({ passed: (stats.expected ?? 0) + (stats.flaky ?? 0), failed: stats.unexpected ?? 0 }, status));
  } finally {
    rmSync(mine, { recursive: true, force: true });
  }
}

const linux = process.platform === 'linux';
if (linux) needDebianPackages();
if (run(process.execPath, ['./mvne-desk', 'build']) !== 0) {
  console.log('0 passed, 1 failed');
  process.exit(1);
}
vitest('unit');
vitest('integration');
const conforms = run(process.execPath, ['scripts/conformance.mjs']) === 0;
count('conformance', { passed: conforms ? 1 : 0, failed: conforms ? 0 : 1 });
if (linux) {
  playwright('console');
  const runtime = await installElectronRuntime();
  if (process.getuid() === 0) electronAsUser(runtime);
  else playwright('electron', ['xvfb-run', '-a', '-s', '-screen 0 1600x1000x24'], { DBUS_SESSION_BUS_ADDRESS: 'disabled:', MVNE_DESK_NO_BUILD: '1' });
} else left.push('end-to-end tests: they need Debian\'s Chromium and Xvfb, and did not run here');

for (const line of broken) console.log(`failed: ${line}`);
for (const line of left) console.log(`not run: ${line}`);
writeFileSync(join(reports, 'summary.json'), JSON.stringify({ ...total, broken }));
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);
