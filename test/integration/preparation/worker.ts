/** A process to be killed: engine and vault over one folder, preparing batches. Prints one JSON line per step. */
import { join } from 'node:path';
import { recoverPreparation } from '../../../src/main/engine/preparation/index.ts';
import { recoverNumbers } from '../../../src/main/engine/numbers/index.ts';
import { openVault, vaultInProcess } from '../../../src/main/vault/index.ts';
import { addRange, addStock, batchEngine } from '../../unit/preparation/support.ts';

const [folder, ...steps] = process.argv.slice(2) as [string, ...string[]];
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

async function main(): Promise<void> {
  const vault = vaultInProcess(openVault({ root: join(folder, 'vault') }));
  const engine = await batchEngine({ vault, folder: join(folder, 'workspace'), seed: `${process.pid} ${Date.now()}` });
  say({ open: true });
  say({ recovered: [...(await recoverPreparation(engine.ctx)), ...(await recoverNumbers(engine.ctx))] });
  await engine.jobs.recover();
  for (const step of steps) {
    const [what, value] = step.split('=') as [string, string];
    if (what === 'setup') {
      const { buildSampleTemplate } = await import('../../../src/main/saip/index.ts');
      await engine.ok('types.importTemplate', { file: engine.uploads.put(buildSampleTemplate()), name: 'sample' });
      await engine.ok('types.create', { name: 'Sample', template: 'sample' });
    }
    if (what === 'stock') await addStock(engine, Number(value.split('@')[0]), Number(value.split('@')[1]));
    if (what === 'range') await addRange(engine, Number(value.split('@')[1]), Number(value.split('@')[0]));
    if (what === 'start') say(await engine.ok('preparation.start', { plan: { type: 'Sample', count: Number(value) } }));
    if (what === 'cancel') {
      const { rows } = await engine.ok<{ rows: { id: string; state: string; kind: string }[] }>('jobs.list', {} as never);
      const job = rows.find((one) => one.kind === 'prepare' && (one.state === 'queued' || one.state === 'running'));
      if (job) say(await engine.ok('jobs.cancel', { id: job.id }));
    }
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
  say({ error: error instanceof Error ? error.stack ?? error.message : String(error) });
  process.exitCode = 1;
});
