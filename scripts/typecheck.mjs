// Types of each runtime against its own tsconfig, so that "runs anywhere" is compiled and not hoped.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const tsc = 'node_modules/typescript/bin/tsc';
let failed = 0;
for (const name of ['shared', 'main', 'preload', 'renderer', 'test']) {
  const project = `tsconfig.${name}.json`;
  if (!existsSync(project)) throw new Error(`${project} is missing`);
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], { stdio: 'inherit' });
  if (status !== 0) failed += 1;
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${project}`);
}
process.exit(failed === 0 ? 0 : 1);
