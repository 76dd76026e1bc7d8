/** device download: the lab's virtual device (LPA and eUICC) downloads and installs a profile over ES9+. */
import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import type { OutputOf } from '../../shared/contract/define.ts';
import { contract } from '../../shared/contract/index.ts';
import { explainStatus } from '../../shared/rsp-status/index.ts';
import { download, type DownloadOutcome, type Es9Binding, parseActivationCode, VirtualEuicc } from '../lab/device/index.ts';
import type { LabCurve } from '../lab/pki/index.ts';
import { keepDevice, labCurves, labEid, loadPki, openDevice } from './lab-folder.ts';
import { CommandRefused, refuse } from './output.ts';
import { addCommand, group, oneOf, type Options } from './program.ts';
import { readFileOrRefuse, type Session, withSession } from './session.ts';

export interface DeviceDownload {
  readonly activationCode: string;
  readonly eid?: string;
  readonly confirmationCode?: Uint8Array;
  /** How the device codes its requests; JSON unless told. */
  readonly binding?: Es9Binding;
  /** The device knows this curve and no other. */
  readonly curve?: LabCurve;
  /** The listener to go to is one that serves this identity. */
  readonly identity?: string;
}

/** The workspace's first device is made with whatever the lab has; one of a single curve is another. */
const defaultEid = (curve: LabCurve | undefined): string => labEid(curve === undefined ? 1 : 1001 + labCurves.indexOf(curve));

type Listener = OutputOf<typeof contract.workspace.status>['listeners'][number];

/** A listener of the identity named, else the first with an identity on a curve of the device, else the first. */
async function listenerFor({ call }: Session, all: readonly Listener[], curves: readonly string[], identity: string | undefined): Promise<Listener> {
  const listening = all.filter((one) => one.kind === 'es9plus' && one.state === 'listening');
  if (identity !== undefined) {
    return listening.find((one) => one.identities.includes(identity))
      ?? refuse('LISTENER_MISSING', `No ES9+ listener of the engine that serves this workspace serves the identity "${identity}"`, `Start it with "serve --es9plus HOST:PORT=${identity}"`);
  }
  const [first, ...more] = listening;
  if (!first) return refuse('LISTENER_MISSING', 'The engine that serves this workspace has no ES9+ listener', 'Start it with "serve --es9plus HOST:PORT"');
  if (more.length === 0) return first;
  const fitting = (await call(contract.pki.identities, {})).rows.filter((row) => curves.includes(row.curve)).map((row) => row.name);
  return listening.find((one) => one.identities.some((name) => fitting.includes(name))) ?? first;
}

/** Runs one download on the workspace's virtual device and keeps the device's state, whatever came of it. */
export async function downloadToDevice(session: Session, options: DeviceDownload): Promise<DownloadOutcome & { readonly eid: string }> {
  const { host, call } = session;
  const code = parseActivationCode(options.activationCode);
  if (!code) refuse('ACTIVATION_CODE_INVALID', 'This is not an activation code: it reads LPA:1$address$matchingId');
  const status = await call(contract.workspace.status, {});
  const state = openDevice(host.folder.root, options.eid ?? defaultEid(options.curve), options.curve);
  // An activation code of this workspace leads to its own listener, whatever DNS says of the address in it.
  const own = code.smdpAddress.toLowerCase() === status.smdpAddress.toLowerCase();
  const listener = own ? await listenerFor(session, status.listeners, state.credentials.map((one) => one.curve), options.identity) : undefined;
  const ci = (loadPki(host.folder.root, 'P-256') ?? loadPki(host.folder.root, 'brainpoolP256r1'))?.ci.certificate;
  const outcome = await download({
    activationCode: options.activationCode,
    device: new VirtualEuicc(state, { now: () => new Date(), random: randomBytes }),
    tls: { ...(ci ? { caCertificate: ci } : {}), ...(own && listener ? { connectTo: { host: listener.address === '0.0.0.0' ? '127.0.0.1' : listener.address, port: listener.port } } : {}) },
    clock: () => performance.now(),
    ...(options.confirmationCode ? { confirmationCode: options.confirmationCode } : {}),
    ...(options.binding ? { binding: options.binding } : {}),
  });
  keepDevice(host.folder.root, state);
  return { ...outcome, eid: state.eid };
}

/** The refusal a failed download becomes: the SGP.22 codes as they are, with cause and action in plain words. */
export function downloadRefusal(outcome: DownloadOutcome): CommandRefused {
  const { result } = outcome;
  switch (result.kind) {
    case 'refused': {
      const code = `${result.subjectCode}/${result.reasonCode}`;
      const entry = explainStatus(code);
      return new CommandRefused({ code: 'DOWNLOAD_REFUSED', message: `${code} at ${result.step}: ${entry?.cause ?? result.message}`, field: code, ...(entry ? { hint: entry.action } : {}) });
    }
    case 'device-refused': return new CommandRefused({ code: 'DEVICE_REFUSED', message: `The eUICC refused at ${result.step} with error ${result.code}` });
    case 'rejected': return new CommandRefused({
      code: result.code, message: result.message,
      ...(result.code === 'CONFIRMATION_CODE_NEEDED' ? { hint: 'Give it in a file with --confirmation-code-file, or with "--confirmation-code-file -" on standard input' } : {}),
    });
    case 'install-failed': return new CommandRefused({ code: 'INSTALL_FAILED', message: `The eUICC could not install the package: command ${result.bppCommandId}, reason ${result.errorReason}`, field: `${result.bppCommandId}/${result.errorReason}` });
    case 'broken': return new CommandRefused({
      code: result.code, message: `${result.step}: ${result.message}`,
      ...(result.code === 'NO_CONNECTION' ? { hint: 'Nothing answers at the address of the activation code: check that "serve --es9plus HOST:PORT" runs there' } : {}),
    });
    case 'installed': return new CommandRefused({ code: 'INTERNAL', message: 'the download did not fail' });
  }
}

export function addDeviceCommands(program: Command): void {
  const device = group(program, 'device', 'the virtual device of a lab workspace');
  addCommand(device, 'download <code>', 'download and install a profile with an activation code')
    .option('--confirmation-code-file <file>', 'file with the confirmation code ("-" reads standard input)')
    .option('--eid <digits>', 'EID of the virtual device; a new one is made when unknown')
    .option('--curve <curve>', `a device that knows this curve alone: ${labCurves.join(' or ')}`, oneOf(...labCurves))
    .option('--identity <name>', 'go to a listener that serves this identity (default: one the device can use)')
    .option('--binding <binding>', 'how the device codes its requests: json or asn1', 'json')
    .action((code: string, options: Options<{ confirmationCodeFile?: string; eid?: string; binding?: string; curve?: LabCurve; identity?: string }>) => {
      const { binding = 'json' } = options;
      if (binding !== 'json' && binding !== 'asn1') refuse('BINDING_UNKNOWN', 'The binding is json or asn1');
      if (options.eid !== undefined && !/^\d{32}$/.test(options.eid)) refuse('EID_INVALID', 'An EID has 32 digits');
      // An engine that runs only for this command needs a listener of its own; a running one is used as it is.
      return withSession(options, { engine: { es9plus: [{ host: '127.0.0.1', port: 0, ...(options.identity === undefined ? {} : { identities: [options.identity] }) }] } }, async (session) => {
        const confirmationCode = options.confirmationCodeFile === undefined ? undefined : trimNewline(readFileOrRefuse(options.confirmationCodeFile));
        try {
          const outcome = await downloadToDevice(session, {
            activationCode: code, binding,
            ...(options.eid !== undefined ? { eid: options.eid } : {}), ...(options.curve !== undefined ? { curve: options.curve } : {}), ...(options.identity !== undefined ? { identity: options.identity } : {}),
            ...(confirmationCode ? { confirmationCode } : {}),
          });
          if (!outcome.ok) throw downloadRefusal(outcome);
          session.output.result({ ok: true, eid: outcome.eid, iccid: outcome.iccid, transactionId: outcome.transactionId, steps: outcome.steps, result: outcome.result }, () => [
            ...outcome.steps.map((step) => `${step.name.padEnd(26)} ${step.ms.toFixed(1).padStart(8)} ms  ${step.status}`),
            `Profile ${outcome.iccid} installed in eUICC ${outcome.eid}`,
          ].join('\n'));
        } finally {
          confirmationCode?.fill(0);
        }
      });
    });
}

function trimNewline(bytes: Buffer): Uint8Array {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end -= 1;
  const code = Uint8Array.from(bytes.subarray(0, end));
  bytes.fill(0);
  return code;
}
