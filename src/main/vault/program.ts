/** The vault as a process of its own: started over Node's channel by a host, serving the engine over its socket. */
import { url as inspectorUrl } from 'node:inspector';
import { serveVault, SocketError } from '../vault-link/server.ts';
import type { VaultServer } from '../vault-link/server.ts';
import { StoreError } from './files.ts';
import { openVault } from './open-vault.ts';
import type { OpenVault } from './open-vault.ts';
import { RandomnessFailed } from './random.ts';
import { SelfTestFailed } from './self-test.ts';
import { workerFileBeside } from './workers.ts';

interface Config {
  readonly root: string;
  readonly socketPath: string;
  readonly passphrase?: Uint8Array;
  readonly workers?: number;
}

/** One line on stderr. Names and codes only: an unexpected error's message might hold what it was about. */
function log(event: string, fields: Record<string, string | number | undefined> = {}): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), program: 'vault', event, ...fields })}\n`);
}

function nameOf(error: unknown): Record<string, string | undefined> {
  if (!(error instanceof Error)) return { error: typeof error };
  const frame = error.stack?.split('\n').find((line) => line.trim().startsWith('at '))?.trim();
  return { error: error.name, code: String((error as NodeJS.ErrnoException).code ?? ''), where: frame };
}

function send(message: object): Promise<void> {
  return new Promise((done) => {
    if (process.connected && process.send) process.send(message, () => done());
    else done();
  });
}

/** Keeps memory from being read from outside, as far as Node can: no inspector, no diagnostic report with its contents. */
function closeWindows(): string | undefined {
  if (process.report) {
    process.report.reportOnFatalError = false;
    process.report.reportOnSignal = false;
    process.report.reportOnUncaughtException = false;
  }
  // Without a listener this signal starts the inspector.
  process.on('SIGUSR1', () => undefined);
  const asked = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].some((option) => /--(inspect|heapsnapshot|heap-prof|cpu-prof|report-)/.test(option));
  return inspectorUrl() !== undefined || asked ? 'the vault does not run under an inspector or profiler' : undefined;
}

function fatalOf(error: unknown): { code: string; message: string } {
  if (error instanceof StoreError || error instanceof SelfTestFailed || error instanceof SocketError) return { code: error.code, message: error.message };
  if (error instanceof RandomnessFailed) return { code: 'SELF_TEST_FAILED', message: error.message };
  log('start failed', nameOf(error));
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (typeof syscall === 'string') {
    return { code: 'VAULT_FOLDER_UNUSABLE', message: `the vault's folder cannot be read or written (${syscall}: ${code ?? 'unknown'})` };
  }
  return { code: 'VAULT_INTERNAL', message: 'the vault could not start; its log has the details' };
}

function readConfig(value: unknown): Config | undefined {
  const config = value as Partial<Record<keyof Config, unknown>> | null | undefined;
  if (config === null || typeof config !== 'object') return undefined;
  const { root, socketPath, passphrase, workers } = config;
  const good = typeof root === 'string' && root !== '' && typeof socketPath === 'string' && socketPath !== ''
    && (passphrase === undefined || passphrase instanceof Uint8Array)
    && (workers === undefined || (Number.isInteger(workers) && (workers as number) >= 0 && (workers as number) <= 64));
  return good ? (config as Config) : undefined;
}

/** Runs until drained, disconnected or broken. `programFile` is the file Node was started with. */
export function runVault(programFile: string): void {
  let running: { vault: OpenVault; server: VaultServer } | undefined;
  let state: 'new' | 'starting' | 'running' | 'ending' = 'new';

  const end = (code: number, graceMs: number): void => {
    state = 'ending';
    setTimeout(() => process.exit(code), graceMs).unref();
    const closing = running ? running.server.close().then(() => running?.vault.close()) : Promise.resolve();
    closing.then(() => process.exit(code), () => process.exit(1));
  };
  const fatal = async (code: string, message: string): Promise<void> => {
    state = 'ending';
    await send({ type: 'fatal', code, message });
    process.exit(1);
  };

  // Its state is unknown after either: the host starts another one.
  const die = (error: unknown): void => {
    log('fatal', nameOf(error));
    process.exit(1);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  // A terminal's Ctrl+C and the system's shutdown are the host's to handle.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => end(0, 10_000));

  const forbidden = closeWindows();

  const start = async (given: unknown): Promise<void> => {
    state = 'starting';
    if (forbidden) return fatal('VAULT_OBSERVED', forbidden);
    const config = readConfig(given);
    if (!config) return fatal('VAULT_CONFIG_INVALID', 'the host started the vault with an incomplete configuration');
    try {
      const vault = openVault({
        root: config.root, passphrase: config.passphrase, workers: config.workers ?? 2, workerFile: workerFileBeside(programFile),
      });
      const server = await serveVault({
        socketPath: config.socketPath,
        handle: (name, input) => vault.handle(name, input),
        onInternal: (operation, error) => {
          log('request failed', { operation, ...nameOf(error) });
          // Nothing made after this may be trusted. By name: from a worker it comes as a copy.
          if (error instanceof Error && error.name === 'RandomnessFailed') process.exit(1);
        },
      });
      running = { vault, server };
      if ((state as string) === 'ending') return end(0, 900);
      state = 'running';
      await send({ type: 'ready', protection: vault.protection });
    } catch (error) {
      const { code, message } = fatalOf(error);
      await fatal(code, message);
    } finally {
      config.passphrase?.fill(0);
    }
  };

  process.on('message', (message: unknown) => {
    const { type, config } = (message ?? {}) as { type?: unknown; config?: unknown };
    if (type === 'start' && state === 'new') void start(config);
    else if (type === 'drain' && state !== 'ending') end(0, 10_000);
  });
  process.on('disconnect', () => end(0, 900));
}
