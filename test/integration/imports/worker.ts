/** A process to be killed: engine and vault over one folder, importing a file as a window does. Prints one JSON line per step. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jobKinds, procedures as imports, recoverImports } from '../../../src/main/engine/imports/index.ts';
import { procedures as jobs } from '../../../src/main/engine/jobs/procedures.ts';
import { procedures as profiles } from '../../../src/main/engine/profiles/index.ts';
import { procedures as types } from '../../../src/main/engine/types/index.ts';
import { buildSampleTemplate } from '../../../src/main/saip/index.ts';
import { openVault, vaultInProcess } from '../../../src/main/vault/index.ts';
import { openTestEngine } from '../../support/engine.ts';

const [folder, ...steps] = process.argv.slice(2) as [string, ...string[]];
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

async function main(): Promise<void> {
  const vault = vaultInProcess(openVault({ root: join(folder, 'vault') }));
  const engine = await openTestEngine({
    vault, folder: join(folder, 'workspace'), seed: `${process.pid} ${Date.now()}`, procedures: [...types(), ...profiles(), ...imports(), ...jobs()], jobKinds,
  });
  say({ recovered: await recoverImports(engine.ctx), requeued: await engine.jobs.recover() });
  let id = '';
  for (const step of steps) {
    const [what, value] = step.split('=') as [string, string];
    if (what === 'setup') {
      await engine.ok('types.importTemplate', { file: engine.uploads.put(buildSampleTemplate()), name: 'sample' });
      await engine.ok('types.create', { name: 'Sample', template: 'sample' });
    }
    if (what === 'check') {
      ({ id } = await engine.ok<{ id: string }>('imports.open', { file: engine.uploads.put(readFileSync(value)), fileName: 'big.csv', type: 'Sample' }));
      await engine.ok('imports.validate', { id });
      say({ checking: true });
      await engine.jobs.idle();
      say({ checked: (await engine.ok<{ counts: object }>('imports.show', { id })).counts });
    }
    if (what === 'commit') {
      await engine.ok('imports.commit', { id });
      say({ writing: true });
      await engine.jobs.idle();
      say({ written: true });
    }
    if (what === 'work') {
      say({ writing: true });
      engine.jobs.wake();
      await engine.jobs.idle();
      say({ written: true });
    }
  }
  await engine.close();
}

main().catch((error: unknown) => {
  say({ error: String(error instanceof Error ? error.stack : error) });
  process.exitCode = 1;
});
