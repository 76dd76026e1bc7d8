/** demo: the whole chain once, in a temporary workspace. Exit 0 only when the device holds the profile and all is proven. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { contract } from '../../shared/contract/index.ts';
import { downloadRefusal, downloadToDevice } from './device.ts';
import { ensureLabIdentity, labEid, openDevice } from './lab-folder.ts';
import { createOutput, refuse } from './output.ts';
import { addCommand, type Options } from './program.ts';
import { ensureSampleType, sampleStockFile, sampleType } from './sample.ts';
import { createSession, startHost } from './session.ts';

interface DemoStep { readonly step: string; readonly ms: number; readonly result: string }

export function addDemoCommand(program: Command): void {
  addCommand(program, 'demo', 'run the whole chain in a temporary workspace')
    .action(async (options: Options) => {
      const output = createOutput(options.json ?? false);
      const workspace = mkdtempSync(join(tmpdir(), 'mvne-desk-demo-'));
      try {
        const steps = await runDemo({ ...options, workspace }, (step) => {
          if (!output.json) output.note(`${step.ms.toFixed(0).padStart(6)} ms  ${step.step}: ${step.result}`);
        });
        output.result({ ok: true, steps }, 'The chain holds: the profile is in the device, the order says Installed, the audit chain verifies.');
      } finally {
        rmSync(workspace, { recursive: true, force: true });
      }
    });
}

async function runDemo(options: Options & { workspace: string }, onStep: (step: DemoStep) => void): Promise<DemoStep[]> {
  const steps: DemoStep[] = [];
  const timed = async <T>(step: string, work: () => Promise<T>, say: (done: T) => string): Promise<T> => {
    const from = performance.now();
    const done = await work();
    const entry = { step, ms: Math.round((performance.now() - from) * 10) / 10, result: say(done) };
    steps.push(entry);
    onStep(entry);
    return done;
  };
  const quiet = createOutput(true);

  await timed('make a workspace with its own PKI', async () => {
    const host = await startHost(options, {}, quiet);
    try {
      return await ensureLabIdentity(createSession(host, quiet), 'P-256', '127.0.0.1');
    } finally {
      await host.close();
    }
  }, (identity) => `identity "${identity}"`);

  const host = await timed('start engine, vault and ES9+ listener', () => startHost(options, { engine: { es9plus: [{ host: '127.0.0.1', port: 0 }] } }, quiet),
    (started) => `listening on ${started.ready?.es9plus[0]?.host}:${started.ready?.es9plus[0]?.port}`);
  try {
    const session = createSession(host, quiet);
    const { call, uploadBytes, finish } = session;
    await timed('import a template, create a profile type', () => ensureSampleType(session), () => sampleType);
    const imported = await timed('import stock from a file', async () => {
      const report = await call(contract.stock.importFile, { file: await uploadBytes(sampleStockFile(10)), fileName: 'demo.csv', type: sampleType });
      if (report.job) await finish(report.job);
      return report;
    }, (report) => `${report.accepted} profiles`);
    if (imported.accepted !== 10) refuse('DEMO_FAILED', `10 rows were given, ${imported.accepted} imported`);
    await timed('prepare profiles', async () => finish(await call(contract.stock.prepare, { type: sampleType, count: 5 })), (job) => `${job.done} prepared`);
    const order = await timed('order a profile', () => call(contract.orders.create, { type: sampleType }), (made) => `${made.orderId}, ${made.state}`);
    const outcome = await timed('download and install in the virtual device', () => downloadToDevice(session, { activationCode: `LPA:${order.activationCode}` }),
      (done) => done.steps.map((step) => `${step.name} ${step.ms.toFixed(0)} ms`).join(', '));
    if (!outcome.ok) throw downloadRefusal(outcome);
    const held = openDevice(options.workspace, labEid(1)).profiles.some((profile) => profile.iccid === order.iccid);
    if (!held) refuse('DEMO_FAILED', `The device does not hold profile ${order.iccid}`);
    const shown = await timed('read the order back', () => call(contract.orders.show, { orderId: order.orderId }), (found) => found.state);
    if (shown.state !== 'installed') refuse('DEMO_FAILED', `The order says ${shown.state}, not installed`);
    const chain = await timed('verify the audit chain', () => call(contract.audit.verify, {}), (result) => `${result.records} records`);
    if (!chain.verified) refuse('DEMO_FAILED', `The audit chain is broken at record ${chain.firstBad}`);
  } finally {
    await host.close();
  }
  return steps;
}
