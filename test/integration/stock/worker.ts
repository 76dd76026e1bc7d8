/** A process to be killed: engine and vault over one folder, doing stock work. Prints one JSON line per step. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recoverImports } from '../../../src/main/engine/imports/index.ts';
import { recoverPreparation } from '../../../src/main/engine/preparation/index.ts';
import { buildSampleTemplate } from '../../../src/main/saip/index.ts';
import { openVault, vaultInProcess } from '../../../src/main/vault/index.ts';
import { openTestEngine } from '../../support/engine.ts';

const [folder, ...steps] = process.argv.slice(2) as [string, ...string[]];
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

async function main(): Promise<void> {
  const vault = vaultInProcess(openVault({ root: join(folder, 'vault') }));
  const engine = await openTestEngine({ vault, folder: join(folder, 'workspace'), seed: `${process.pid} ${Date.now()}` });
  say({ recovered: await recoverImports(engine.ctx) });
  await recoverPreparation(engine.ctx);
  await engine.jobs.recover();
  for (const step of steps) {
    const [what, value] = step.split('=') as [string, string];
    if (what === 'setup') {
      await engine.ok('types.importTemplate', { file: engine.uploads.put(buildSampleTemplate()), name: 'sample' });
      await engine.ok('types.create', { name: 'Sample', template: 'sample' });
      await engine.ok('stock.createRange', { type: 'Sample', iccidFirst: '898821100000100000', imsiFirst: '001010000100000', count: 50_000 });
    }
    if (what === 'import') {
      say({ importing: true });
      say(await engine.ok('stock.importFile', { file: engine.uploads.put(readFileSync(value)), fileName: 'stock.csv', type: 'Sample' }));
    }
    if (what === 'prepare') say(await engine.ok('stock.prepare', { type: 'Sample', count: Number(value) }));
    if (what === 'work') {
      say({ working: true });
      engine.jobs.wake();
      await engine.jobs.idle();
      say({ idle: true });
    }
  }
  await engine.close();
}

main().catch((error: unknown) => {
  say({ error: String(error) });
  process.exitCode = 1;
});
