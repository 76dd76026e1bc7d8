/** device download: the lab's virtual device (LPA and eUICC) downloads and installs a profile over ES9+. */
import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { contract } from '../../shared/contract/index.ts';
import { explainStatus } from '../../shared/rsp-status/index.ts';
import { download, type DownloadOutcome, type Es9Binding, parseActivationCode, VirtualEuicc } from '../lab/device/index.ts';
import { keepDevice, labEid, loadPki, openDevice } from './lab-folder.ts';
import { CommandRefused, refuse } from './output.ts';
import { addCommand, group, type Options } from './program.ts';
import { readFileOrRefuse, type Session, withSession } from './session.ts';

export interface DeviceDownload {
  readonly activationCode: string;
  readonly eid?: string;
  readonly confirmationCode?: Uint8Array;
  /** How the device codes its requests; JSON unless told. */
  readonly binding?: Es9Binding;
}

/** Runs one download on the workspace's virtual device and keeps the device's state, whatever came of it. */
export async function downloadToDevice(session: Session, options: DeviceDownload): Promise<DownloadOutcome & { readonly eid: string }> {
  const { host, call } = session;
  const code = parseActivationCode(options.activationCode);
  if (!code) refuse('ACTIVATION_CODE_INVALID', 'This is not an activation code: it reads LPA:1$address$matchingId');
  const status = await call(contract.workspace.status, {});
  const state = openDevice(host.folder.root, options.eid ?? labEid(1));
  // An activation code of this workspace leads to its own listener, whatever DNS says of the address in it.
  const listener = status.listeners.find((one) => one.kind === 'es9plus' && one.state === 'listening');
  const own = code.smdpAddress.toLowerCase() === status.smdpAddress.toLowerCase();
  if (own && !listener) refuse('LISTENER_MISSING', 'The engine that serves this workspace has no ES9+ listener', 'Start it with "serve --es9plus HOST:PORT"');
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
    .option('--binding <binding>', 'how the device codes its requests: json or asn1', 'json')
    .action((code: string, options: Options<{ confirmationCodeFile?: string; eid?: string; binding?: string }>) => {
      const { binding = 'json' } = options;
      if (binding !== 'json' && binding !== 'asn1') refuse('BINDING_UNKNOWN', 'The binding is json or asn1');
      if (options.eid !== undefined && !/^\d{32}$/.test(options.eid)) refuse('EID_INVALID', 'An EID has 32 digits');
      // An engine that runs only for this command needs a listener of its own; a running one is used as it is.
      return withSession(options, { engine: { es9plus: [{ host: '127.0.0.1', port: 0 }] } }, async (session) => {
        const confirmationCode = options.confirmationCodeFile === undefined ? undefined : trimNewline(readFileOrRefuse(options.confirmationCodeFile));
        try {
          const outcome = await downloadToDevice(session, {
            activationCode: code, binding,
            ...(options.eid !== undefined ? { eid: options.eid } : {}),
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
