/** Life of the engine process: start, ready or fatal, drain. The host speaks over Node's own channel between parent and child. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import packageJson from '../../../package.json' with { type: 'json' };
import type { ChildFatal, EngineConfig, EngineReady, HostMessage } from '../hosting/config.ts';
import { connectVault } from '../vault-link/index.ts';
import { areaJobKinds, areaOutboxHandlers, areaProcedures } from './areas.ts';
import { composeEngine, type EngineParts, workspacePaths } from './compose.ts';
import { DeskProblem } from './context.ts';
import { closeJournal } from './downloads/index.ts';
import { type Listening, startListeners } from './listeners.ts';
import { lockWorkspace, type WorkspaceLock } from './lock.ts';
import { errorFields, type FileLog, openLog } from './log.ts';
import { closeNumberJournal, numbersNoted } from './numbers/index.ts';
import { startOutbox } from './outbox/index.ts';
import { closeOutgoing } from './outgoing/index.ts';
import { recoverWork, startChores } from './recovery.ts';
import { type Console, startConsole } from './router/console.ts';
import { mismatch } from './router/index.ts';
import { createServer, type DeskServer, listenOnSocket, socketHost } from './router/server.ts';

const uploadLimit = 512 * 1024 * 1024;
/** A host that is gone gets this long for an orderly end; then the process ends anyway, and recovery does the rest. Milliseconds. */
const orphanGrace = 800;

interface Running {
  readonly ready: EngineReady;
  /** Stops accepting, finishes what is in hand, closes. */
  stop(): Promise<void>;
}

const say = (message: { readonly type: string }): void => {
  if (process.connected) process.send?.(message);
};

/** Every step, also when one before it failed; then the first failure. */
async function unwind(steps: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function start(config: EngineConfig, locked: () => void): Promise<Running> {
  if (process.platform !== 'win32') process.umask(0o077);
  mkdirSync(config.workspace, { recursive: true, mode: 0o700 });
  const lock: WorkspaceLock = lockWorkspace(config.workspace);
  const undo: (() => unknown)[] = [() => lock.release()];
  try {
    locked();
    const log: FileLog = openLog({ folder: workspacePaths(config.workspace).logs });
    undo.unshift(() => log.close());
    const procedures = areaProcedures();
    const gaps = mismatch(procedures);
    const wrong = [...gaps.missing, ...gaps.unknown, ...gaps.twice];
    if (wrong.length > 0) throw new DeskProblem('CONTRACT_INCOMPLETE', `This build does not fit its contract: ${wrong.join(', ')}`);

    let connections = 0;
    let parts: EngineParts | undefined;
    const vault = connectVault({
      socketPath: config.vaultSocketPath,
      onStateChange(state) {
        if (state === 'ready') connections += 1;
        if (parts) {
          parts.ctx.runtime.vaultRestarts = Math.max(0, connections - 1);
          parts.ctx.changed('workspace');
          log.info('vault', { reason: state });
        }
      },
    });
    undo.unshift(() => vault.close());
    parts = await composeEngine({
      workspace: config.workspace, version: packageJson.version, clock: { now: () => Date.now() }, random: (n) => randomBytes(n), log, vault,
      procedures, jobKinds: areaJobKinds(), uploadCapacity: uploadLimit, ...(config.environment === undefined ? {} : { environment: config.environment }), ...(config.smdpAddress === undefined ? {} : { smdpAddress: config.smdpAddress }),
    });
    const { ctx, router, jobs, store } = parts;
    undo.unshift(async () => {
      await numbersNoted(ctx);
      await parts.close();
      await closeNumberJournal(ctx);
    });
    ctx.runtime.recovered.push(...(await recoverWork(ctx, jobs)));

    const listening: Listening = await startListeners(ctx, config);
    undo.unshift(async () => {
      await listening.close();
      await closeJournal(ctx);
    });
    const server: DeskServer = createServer({ ctx, router, uploadLimit, hostOf: socketHost });
    await listenOnSocket(server, config.socketPath);
    undo.unshift(async () => {
      await server.close();
      if (process.platform !== 'win32') rmSync(config.socketPath, { force: true });
    });
    let console: Console | undefined;
    if (config.console) {
      console = await startConsole({ ctx, router, uploadLimit, ...config.console, ...(config.rendererRoot === undefined ? {} : { rendererRoot: config.rendererRoot }) });
      const opened = console;
      undo.unshift(() => opened.close());
      ctx.runtime.listeners.push({ kind: 'console', address: opened.host, port: opened.port, identities: [], state: 'listening' });
    }
    const chores = startChores(parts);
    undo.unshift(() => chores.stop());
    jobs.wake();
    const outbox = startOutbox(ctx, areaOutboxHandlers());
    undo.unshift(async () => {
      await outbox.stop();
      closeOutgoing(ctx);
    });
    log.info('engine is ready', { count: ctx.runtime.recovered.length });

    return {
      ready: {
        type: 'ready', workspaceId: ctx.runtime.workspaceId, es9plus: listening.es9plus, es2plus: listening.es2plus, recovered: [...ctx.runtime.recovered],
        ...(console ? { console: { url: console.url, host: console.host, port: console.port } } : {}),
      },
      async stop() {
        log.info('engine drains');
        // Before the server waits for its requests: a backup may be one of them, and the host waits seconds only.
        await unwind([() => store.endBackups(), ...undo]);
      },
    };
  } catch (error) {
    await unwind(undo).catch((second: unknown) => process.stderr.write(`engine: ${describe(second)}\n`));
    throw error;
  }
}

/** Name, code and place; the text of a foreign error may quote what it was given. */
function describe(error: unknown): string {
  const { name, code, message, frames } = errorFields(error);
  return [name, code, message, frames].filter((part) => part !== undefined && part !== '').join(' ');
}

function fatal(error: unknown): ChildFatal {
  if (error instanceof DeskProblem) return { type: 'fatal', code: error.code, message: error.message };
  const code = (error as { code?: unknown } | null)?.code;
  return { type: 'fatal', code: 'ENGINE_FAILED', message: `The engine could not start (${typeof code === 'string' ? code : error instanceof Error ? error.name : 'unknown'})` };
}

/** Waits for the host's `start`, serves until `drain`, SIGTERM or the host's end. */
export function runEngine(): void {
  let starting: Promise<Running> | undefined;
  let ending = false;

  const end = async (grace?: number): Promise<void> => {
    if (ending) return;
    ending = true;
    if (grace !== undefined) setTimeout(() => process.exit(0), grace).unref();
    try {
      await (await starting)?.stop();
      process.exit(0);
    } catch (error) {
      process.stderr.write(`engine: could not close in order: ${describe(error)}\n`);
      process.exit(1);
    }
  };

  process.on('message', (message: HostMessage<EngineConfig>) => {
    if (message?.type === 'drain') void end();
    if (message?.type !== 'start' || starting) return;
    starting = start(message.config, () => say({ type: 'locked' }));
    starting.then(({ ready }) => say(ready), (error: unknown) => {
      if (!(error instanceof DeskProblem)) process.stderr.write(`engine: ${describe(error)}\n`);
      if (process.connected) process.send?.(fatal(error), () => process.exit(1));
      else process.exit(1);
    });
  });
  // What nobody expected ends the process: its state is unknown, the host starts it again, and recovery knows the database.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      process.stderr.write(`engine: ${event}: ${describe(error)}\n`);
      process.exit(70);
    });
  }
  process.on('disconnect', () => void end(orphanGrace));
  process.on('SIGTERM', () => void end());
  // A terminal's Ctrl+C is the host's to handle.
  process.on('SIGINT', () => undefined);
  if (!process.connected) {
    process.stderr.write('engine: this program is started by a host (./mvne-desk serve)\n');
    process.exit(2);
  }
}
