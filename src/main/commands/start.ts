/** start: the desktop window where there can be one, else the same application on loopback. */
import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { openWorkspaceFolder } from '../hosting/workspace-folder.ts';
import { electronRuntime, whyNoWindow } from '../hosting/electron-runtime.ts';
import { appRoot } from '../hosting/files.ts';
import { createOutput } from './output.ts';
import { addCommand, type Options } from './program.ts';
import { isProtected } from './passphrase.ts';
import { environmentOption, sayServing, serve, serveUntilStopped, stopRequested } from './serve.ts';
import { workspaceOf } from './session.ts';

export function addStartCommand(program: Command): void {
  addCommand(program, 'start', 'open the desktop window, or serve the console where there is no display')
    .option('--console-only', 'do not open a window')
    .option(...environmentOption)
    .action(async (options: Options<{ consoleOnly?: boolean }>) => {
      const output = createOutput(options.json ?? false);
      const workspace = workspaceOf(options);
      const lab = (options.environment ?? 'lab') === 'lab';
      const typesPassphrase = !lab || options.passphraseFd !== undefined || isProtected(workspace);
      const reason = options.consoleOnly ? 'asked for the console' : typesPassphrase ? 'a window cannot ask for the passphrase' : (whyNoWindow() ?? (await electronRuntime(output.note)));
      if (typeof reason !== 'string') {
        const child = spawn(reason.executable, [appRoot()], { stdio: 'inherit', env: { ...process.env, MVNE_DESK_WORKSPACE: workspace } });
        // A window must not outlive the command that opened it; SIGTERM closes it in order.
        void stopRequested().then(() => child.kill('SIGTERM'));
        process.exitCode = await new Promise<number>((done) => {
          child.once('error', () => done(1));
          child.once('exit', (code) => done(code ?? 1));
        });
        process.exit();
      }
      const { fresh } = openWorkspaceFolder(workspace);
      output.note(`No window: ${reason}. The same application is served to a browser on this machine.`);
      if (fresh && lab) output.note('First start: a Lab workspace with sample content is being made');
      const serving = await serve({ ...options, workspace }, {
        es9plus: [{ host: '127.0.0.1', port: 0 }], console: { host: '127.0.0.1', port: 0 }, sample: fresh && lab,
      }, output);
      const stop = stopRequested();
      if (output.json) process.stdout.write(`${JSON.stringify({ ready: true, console: serving.ready.console?.url, es9plus: serving.ready.es9plus })}\n`);
      else {
        sayServing(workspace, { es9plus: 1, es2plus: 0 }, serving, output);
        process.stdout.write(`Open ${serving.ready.console?.url}\n`);
      }
      await serveUntilStopped(serving, stop, output);
    });
}
