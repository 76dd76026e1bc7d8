/** lab setup, lab fill: content for a Lab workspace. */
import type { Command } from 'commander';
import { contract } from '../../shared/contract/index.ts';
import { createOutput } from './output.ts';
import { addCommand, group, type Options, wholeNumber } from './program.ts';
import { serve } from './serve.ts';
import { withSession } from './session.ts';

export function addLabCommands(program: Command): void {
  const lab = group(program, 'lab', 'lab tools');
  addCommand(lab, 'setup', 'give a Lab workspace its own PKI and sample content')
    .action(async (options: Options) => {
      const output = createOutput(options.json ?? false);
      const serving = await serve(options, { es9plus: [{ host: '127.0.0.1', port: 0 }], sample: true }, output);
      await serving.stop();
      output.result({ ok: true, workspaceId: serving.ready.workspaceId }, 'The lab is set up');
    });
  addCommand(lab, 'fill', 'fill the inventory with synthetic profiles')
    .requiredOption('--profiles <number>', 'how many', wholeNumber)
    .option('--type <name>', 'profile type')
    .action((options: Options<{ profiles: number; type?: string }>) => withSession(options, {}, async ({ call, finish, output }) => {
      const done = await finish(await call(contract.stock.fillLab, { profiles: options.profiles, ...(options.type ? { type: options.type } : {}) }));
      output.result({ jobId: done.id, profiles: done.done }, `${done.done} synthetic profiles added`);
    }));
}
