import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// The dependency rule is only worth something if it sees TypeScript: without a parser for it, it passes silently. So each
// rule gets a planted violation in a small tree of its own.
const root = resolve(import.meta.dirname, '../../..');
const planted: readonly (readonly [rule: string, from: string, to: string])[] = [
  ['shared-imports-nothing', 'src/shared/a.ts', 'src/main/rsp/b.ts'],
  ['shared-runs-anywhere', 'src/shared/a.ts', 'node:fs'],
  ['rsp-and-saip-import-shared', 'src/main/rsp/a.ts', 'src/main/saip/b.ts'],
  ['rsp-and-saip-do-no-io', 'src/main/saip/a.ts', 'node:fs'],
  ['vault-imports', 'src/main/vault/a.ts', 'src/main/engine/store/b.ts'],
  ['vault-link-imports-shared', 'src/main/vault-link/a.ts', 'src/main/vault/b.ts'],
  ['engine-imports', 'src/main/engine/orders/a.ts', 'src/main/lab/b.ts'],
  ['engine-never-sees-keys', 'src/main/engine/orders/a.ts', 'src/main/vault/b.ts'],
  ['areas-by-their-index', 'src/main/engine/orders/a.ts', 'src/main/engine/profiles/records.ts'],
  ['wire-is-called-by-none', 'src/main/engine/orders/a.ts', 'src/main/engine/wire/es9plus/b.ts'],
  ['renderer-imports-shared', 'src/renderer/a.ts', 'src/main/rsp/b.ts'],
  ['preload-imports-shared', 'src/preload/a.ts', 'src/main/rsp/b.ts'],
  ['no-node-in-the-window', 'src/renderer/a.ts', 'node:fs'],
  ['device-has-its-own-secure-channel', 'src/main/lab/a.ts', 'src/main/rsp/scp03t.ts'],
  ['device-reaches-the-engine-by-network', 'src/main/lab/a.ts', 'src/main/engine/b.ts'],
  ['desktop-imports', 'src/main/desktop/a.ts', 'src/main/engine/b.ts'],
  ['hosting-imports', 'src/main/hosting/a.ts', 'src/main/engine/b.ts'],
];

describe('dependency rule', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'boundaries-'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const file of ['dependency-cruiser.config.cjs', 'tsconfig.main.json', 'tsconfig.base.json', 'package.json']) cpSync(join(root, file), join(folder, file));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const cruise = (): string[] => {
    const { stdout } = spawnSync(process.execPath, ['node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', '--config', 'dependency-cruiser.config.cjs', '--output-type', 'json', 'src'], { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    return (JSON.parse(stdout) as { summary: { violations: { rule: { name: string } }[] } }).summary.violations.map((violation) => violation.rule.name);
  };

  const plant = (from: string, to: string): void => {
    const importing = join(folder, from);
    mkdirSync(dirname(importing), { recursive: true });
    if (to.startsWith('node:')) {
      writeFileSync(importing, `import * as planted from '${to}';\nexport const use = planted;\n`);
      return;
    }
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    writeFileSync(join(folder, to), 'export interface Planted { value: number }\n');
    // A type-only import: gone after compilation, and still a dependency.
    writeFileSync(importing, `import type { Planted } from '${'../'.repeat(from.split('/').length - 1)}${to}';\nexport const use = (planted: Planted) => planted.value;\n`);
  };

  it.each(planted)('%s is caught', (rule, from, to) => {
    rmSync(join(folder, 'src'), { recursive: true, force: true });
    plant(from, to);
    expect(cruise()).toContain(rule);
  });

  it('says nothing about an allowed import', () => {
    rmSync(join(folder, 'src'), { recursive: true, force: true });
    plant('src/main/rsp/a.ts', 'src/shared/b.ts');
    expect(cruise()).toEqual([]);
  });
});
