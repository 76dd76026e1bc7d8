/** The command line: `./mvne-desk`. */
import packageJson from '../../package.json' with { type: 'json' };
import { addBenchCommand } from './commands/bench.ts';
import { addBrandCommands } from './commands/brands.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addDeviceCommands } from './commands/device.ts';
import { addInventoryCommands } from './commands/inventory.ts';
import { addKeyCommands } from './commands/keys.ts';
import { addOrderCommands } from './commands/orders.ts';
import { addLabCommands } from './commands/lab.ts';
import { addOutboxCommands } from './commands/outbox.ts';
import { addTransportKeyCommands } from './commands/imports.ts';
import { newProgram, run } from './commands/program.ts';
import { addReplayCommand } from './commands/replay.ts';
import { addOutputCommands } from './commands/outputs.ts';
import { addPreparationCommands } from './commands/preparation.ts';
import { addSessionCommands } from './commands/session-tools.ts';
import { addServeCommand } from './commands/serve.ts';
import { addStartCommand } from './commands/start.ts';
import { addNumberCommands } from './commands/numbers.ts';
import { addStockCommands } from './commands/stock.ts';
import { addTemplateCommands } from './commands/templates.ts';

const program = newProgram(packageJson.version);
addStartCommand(program);
addServeCommand(program);
addKeyCommands(program);
addTemplateCommands(program);
addStockCommands(program);
addInventoryCommands(program);
addPreparationCommands(program);
addOutputCommands(program);
addNumberCommands(program);
addTransportKeyCommands(program);
addOrderCommands(program);
addBrandCommands(program);
addOutboxCommands(program);
addDeviceCommands(program);
addSessionCommands(program);
addLabCommands(program);
addReplayCommand(program);
addDemoCommand(program);
addBenchCommand(program);

// The launcher's end is this program's end, also when it was killed: engine and vault see their channel close in turn.
// What serves has a listener of its own and drains.
let finished = false;
process.on('disconnect', () => {
  if (!finished && process.listenerCount('disconnect') === 1) process.exit(1);
});
process.channel?.unref();

void run(program, process.argv.slice(2)).then((code) => {
  process.exitCode = code === 0 ? process.exitCode ?? 0 : code;
  finished = true;
  // A parent's open channel must not keep a finished command alive.
  if (process.connected) process.disconnect();
});
