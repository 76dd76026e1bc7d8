/** lab setup, lab fill: content for a Lab workspace. */
import type { Command } from 'commander';
import { contract } from '../../shared/contract/index.ts';
import { isRunning } from '../hosting/host.ts';
import { openWorkspaceFolder } from '../hosting/workspace-folder.ts';
import { addLabCrlCommand } from './lab-crl.ts';
import type { LabCurve } from '../lab/pki/index.ts';
import { ensureLabIdentity, labCurves } from './lab-folder.ts';
import { createOutput } from './output.ts';
import { addCommand, group, oneOf, type Options, wholeNumber } from './program.ts';
import { serve } from './serve.ts';
import { createSample, ensureSampleType, wantsSample } from './sample.ts';
import { type Session, withSession, workspaceOf } from './session.ts';

/** Milliseconds that a listener may take to open once its identity is there. */
const listenerOpens = 10_000;

const oneMore = 'A second identity, on brainpoolP256r1: lab setup --curve both';

/** The same content in a workspace that another process serves: as much of it as its listeners allow. */
async function setUpServed(session: Session, curves: readonly LabCurve[]): Promise<void> {
  const { call, output } = session;
  const es9plus = async () => (await call(contract.workspace.status, {})).listeners.filter((one) => one.kind === 'es9plus');
  const wanted = await es9plus();
  for (const curve of curves) await ensureLabIdentity(session, curve, wanted[0]?.address);
  let listening = false;
  for (const until = Date.now() + listenerOpens; wanted.length > 0 && !listening && Date.now() < until; ) {
    listening = (await es9plus()).some((one) => one.state === 'listening');
    if (!listening) await new Promise((done) => setTimeout(done, 100));
  }
  const sample = await wantsSample(session);
  if (sample) await createSample(session, listening);
  else await ensureSampleType(session);
  const { workspaceId } = await call(contract.workspace.status, {});
  output.result({ ok: true, workspaceId, sample, activation: sample && listening }, !sample ? 'The lab is set up; its content was there already'
    : listening ? 'The lab is set up' : 'The lab is set up, without a finished activation: the engine that serves it has no ES9+ listener ("serve --es9plus HOST:PORT")');
}

export function addLabCommands(program: Command): void {
  const lab = group(program, 'lab', 'lab tools');
  addLabCrlCommand(lab);
  addCommand(lab, 'setup', 'give a Lab workspace its own PKI and sample content')
    .option('--curve <curve>', `${labCurves.join(', ')} or both: an identity on each; one on brainpool brings the other, whose CI issues its TLS certificate (default: P-256)`, oneOf(...labCurves, 'both'))
    .action(async (options: Options<{ curve?: LabCurve | 'both' }>) => {
      const output = createOutput(options.json ?? false);
      const curves = options.curve === 'both' ? labCurves : [options.curve ?? 'P-256'];
      const hint = () => {
        if (options.curve === undefined && !output.json) output.note(oneMore);
      };
      if (await isRunning(openWorkspaceFolder(workspaceOf(options)), 'cli')) return withSession(options, {}, (session) => setUpServed(session, curves).then(hint));
      const serving = await serve(options, { es9plus: [{ host: '127.0.0.1', port: 0 }], sample: true, curves }, output);
      await serving.stop();
      output.result({ ok: true, workspaceId: serving.ready.workspaceId }, 'The lab is set up');
      return hint();
    });
  addCommand(lab, 'fill', 'fill the inventory with synthetic profiles')
    .requiredOption('--profiles <number>', 'how many', wholeNumber)
    .option('--type <name>', 'profile type')
    .action((options: Options<{ profiles: number; type?: string }>) => withSession(options, {}, async ({ call, finish, output }) => {
      const done = await finish(await call(contract.stock.fillLab, { profiles: options.profiles, ...(options.type ? { type: options.type } : {}) }));
      output.result({ jobId: done.id, profiles: done.done }, `${done.done} synthetic profiles added`);
    }));
}
