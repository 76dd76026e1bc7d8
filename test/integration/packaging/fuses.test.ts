import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { getCurrentFuseWire, FuseState, FuseV1Options } from '@electron/fuses';
import { listPackage } from '@electron/asar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');

// The runtime of the tests is Linux only; elsewhere `npm test` names this as not run.
describe.runIf(process.platform === 'linux')('a packed application', () => {
  const output = mkdtempSync(join(tmpdir(), 'mvne-desk-pack-'));
  const resources = join(output, 'linux-unpacked', 'resources');
  beforeAll(() => {
    const runtime = spawnSync(process.execPath, ['scripts/electron-runtime.mjs'], { cwd: root, encoding: 'utf8' });
    expect(runtime.status, runtime.stderr).toBe(0);
    const packed = spawnSync(process.execPath, ['scripts/pack.mjs', '--runtime', join(root, '.cache', 'electron-runtime'), '--output', output], { cwd: root, encoding: 'utf8' });
    expect(packed.status, packed.stdout + packed.stderr).toBe(0);
  }, 300_000);
  afterAll(() => rmSync(output, { recursive: true, force: true }));

  it('has its fuses set as configured', async () => {
    const wire = await getCurrentFuseWire(join(output, 'linux-unpacked', 'mvne-desk'));
    const wanted: readonly (readonly [FuseV1Options, boolean])[] = [
      [FuseV1Options.RunAsNode, false], [FuseV1Options.EnableNodeOptionsEnvironmentVariable, false], [FuseV1Options.EnableNodeCliInspectArguments, false],
      [FuseV1Options.EnableCookieEncryption, true], [FuseV1Options.OnlyLoadAppFromAsar, true], [FuseV1Options.EnableEmbeddedAsarIntegrityValidation, true],
    ];
    for (const [fuse, on] of wanted) expect([FuseV1Options[fuse], wire[fuse]]).toEqual([FuseV1Options[fuse], on ? FuseState.ENABLE : FuseState.DISABLE]);
  });

  it('carries its Node runtime and the programs that Node runs outside the archive', () => {
    for (const file of ['runtime/node', 'app.asar', 'app.asar.unpacked/out/main/engine.cjs', 'app.asar.unpacked/out/main/vault.cjs', 'app.asar.unpacked/node_modules/better-sqlite3/package.json']) {
      expect([file, existsSync(join(resources, file))]).toEqual([file, true]);
    }
  });

  it('holds no sources, tests or source maps', () => {
    const entries = listPackage(join(resources, 'app.asar'), { isPack: false });
    expect(entries.filter((entry) => /^\/(src|test|bench|docs)\//.test(entry) || /^\/out\/.*\.map$/.test(entry))).toEqual([]);
  });
});
