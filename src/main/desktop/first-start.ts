/** A new Lab workspace gets its PKI and sample content from the command line's own tools, in a Node process of its own. */
import { spawn } from 'node:child_process';
import { nodeExecutable, programFile } from '../hosting/files.ts';

export function setUpLab(workspace: string): Promise<void> {
  return new Promise((done, failed) => {
    const env = { ...process.env };
    delete env['NODE_OPTIONS'];
    delete env['ELECTRON_RUN_AS_NODE'];
    const child = spawn(nodeExecutable(), [programFile('cli'), 'lab', 'setup', '--workspace', workspace, '--json'], { stdio: ['ignore', 'pipe', 'inherit'], env });
    let said = '';
    child.stdout.on('data', (part: Buffer) => { said += part.toString('utf8'); });
    child.once('error', failed);
    child.once('exit', (code) => (code === 0 ? done() : failed(new Error(`the sample workspace could not be made: ${said.trim()}`))));
  });
}
