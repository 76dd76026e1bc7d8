/** A process to be killed: an engine over one folder, doing bulk work. Prints one JSON line per step. */
import { join } from 'node:path';
import { fill, inventoryEngine } from '../../unit/inventory/support.ts';
import { testNow } from '../../support/engine.ts';

const [folder, ...steps] = process.argv.slice(2) as [string, ...string[]];
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

async function main(): Promise<void> {
  const engine = await inventoryEngine({ folder: join(folder, 'workspace'), seed: `${process.pid} ${Date.now()}` });
  say({ open: true });
  await engine.jobs.recover();
  for (const step of steps) {
    const [what, value] = step.split('=') as [string, string];
    if (what === 'setup') {
      await fill(engine, Number(value), 7);
      engine.ctx.sqlite.exec(`update profiles set stock_state = 'sellable', held_until = null where order_state = 'available' and id % 9 <> 0`);
    }
    // All of them, so that every state there is, is changed or refused.
    if (what === 'hold') {
      const { token } = await engine.ok<{ token: string }>('bulk.preview', { selection: { filter: {} }, action: { do: 'hold', until: testNow + 86_400_000, for: 'Ana' } });
      say({ started: await engine.ok('bulk.start', { token }) });
    }
    if (what === 'undo') say({ started: await engine.ok('bulk.undo', { job: value }) });
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
