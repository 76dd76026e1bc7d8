/**
 * Starts engine and vault, restarts whichever dies, and stops both in order. A crash of the vault costs at most the requests
 * in flight (the engine's client reconnects); a crash of the engine loses nothing acknowledged.
 */
import type { EngineConfig, EngineReady, VaultConfig, VaultReady } from './config.ts';
import { type Child, ChildStartError, startChild } from './child.ts';

export interface Supervised {
  readonly engine: EngineReady;
  readonly restarts: { engine: number; vault: number };
  /** Process ids, for diagnosis and for tests that kill. */
  pids(): { engine?: number; vault?: number };
  /** Resolves when a part could not be started again and again: the host has nothing left to serve. */
  readonly gaveUp: Promise<string>;
  /** Stops accepting, finishes what is in flight, closes; both processes are gone when it resolves. */
  stop(): Promise<void>;
}

export interface SuperviseOptions {
  readonly engine: EngineConfig;
  readonly vault: Omit<VaultConfig, 'passphrase'>;
  /** Kept for restarts of the vault; a fresh copy goes to each start. */
  readonly passphrase?: Uint8Array;
  readonly onEvent?: (event: { readonly part: 'engine' | 'vault'; readonly what: 'died' | 'restarted' | 'gave-up'; readonly detail: string; readonly console?: string }) => void;
}

const restartDelays = [100, 250, 500, 1000, 2000, 5000];
/** A part that lived this long starts again with the shortest delay. */
const steadyMs = 30_000;

export async function supervise(options: SuperviseOptions): Promise<Supervised> {
  const restarts = { engine: 0, vault: 0 };
  let stopping = false;
  const current: { engine?: Child<EngineReady>; vault?: Child<VaultReady> } = {};
  const report = options.onEvent ?? (() => undefined);
  let sayGaveUp: (reason: string) => void = () => undefined;
  const gaveUp = new Promise<string>((done) => { sayGaveUp = done; });
  const abort = new AbortController();

  const startVault = () => startChild<VaultConfig, VaultReady>('vault', {
    ...options.vault,
    ...(options.passphrase ? { passphrase: Uint8Array.from(options.passphrase) } : {}),
  }, undefined, abort.signal);

  const keepAlive = async <R>(part: 'engine' | 'vault', child: Child<R>, start: () => Promise<Child<R>>): Promise<void> => {
    let attempt = 0;
    let startedAt = Date.now();
    let alive = child;
    for (;;) {
      const { code, signal } = await alive.gone;
      if (stopping) return;
      report({ part, what: 'died', detail: signal ?? `exit ${code}` });
      if (Date.now() - startedAt > steadyMs) attempt = 0;
      for (;;) {
        await new Promise((done) => setTimeout(done, restartDelays[Math.min(attempt++, restartDelays.length - 1)]));
        if (stopping) return;
        try {
          alive = await start();
          break;
        } catch (error) {
          const reason = error instanceof ChildStartError ? error.code : String(error);
          if (attempt > 20) {
            report({ part, what: 'gave-up', detail: reason });
            sayGaveUp(`the ${part} could not be started again (${reason})`);
            return;
          }
        }
      }
      restarts[part] += 1;
      startedAt = Date.now();
      (current as Record<string, unknown>)[part] = alive;
      if (stopping) alive.drain();
      const url = part === 'engine' ? (alive.ready as EngineReady).console?.url : undefined;
      report({ part, what: 'restarted', detail: `restart ${restarts[part]}`, ...(url ? { console: url } : {}) });
    }
  };

  // The engine comes first because it holds the workspace's lock: a host that loses the race must not touch the vault.
  let vaultStart: Promise<Child<VaultReady>> | undefined;
  const beginVault = () => {
    vaultStart ??= startVault();
    vaultStart.catch(() => undefined);
    return vaultStart;
  };
  let vaultFailed: unknown;
  const engineStart = startChild<EngineConfig, EngineReady>('engine', options.engine, (note) => {
    if (note === 'locked') beginVault().catch((error: unknown) => { vaultFailed = error; });
  }, abort.signal);
  engineStart.catch(() => undefined);
  let engine: Child<EngineReady>;
  let vault: Child<VaultReady>;
  try {
    engine = await Promise.race([
      engineStart,
      new Promise<never>((_, reject) => {
        const poll = setInterval(() => {
          if (vaultFailed) { clearInterval(poll); reject(vaultFailed); }
        }, 20);
        engineStart.finally(() => clearInterval(poll)).catch(() => undefined);
      }),
    ]);
    vault = await beginVault();
  } catch (error) {
    // Neither may stay without the other: the one still starting would wait for ever.
    abort.abort();
    await Promise.allSettled([engineStart.then((late) => late.gone), vaultStart?.then((late) => late.gone)]);
    throw error;
  }
  current.engine = engine;
  current.vault = vault;
  const loops = [
    keepAlive('engine', engine, () => startChild<EngineConfig, EngineReady>('engine', samePorts(options.engine, engine.ready))),
    keepAlive('vault', vault, startVault),
  ];

  return {
    engine: engine.ready,
    restarts, gaveUp,
    pids: () => ({
      ...(current.engine?.process.pid ? { engine: current.engine.process.pid } : {}),
      ...(current.vault?.process.pid ? { vault: current.vault.process.pid } : {}),
    }),
    stop: async () => {
      stopping = true;
      for (const part of ['engine', 'vault'] as const) {
        const child = current[part];
        if (!child) continue;
        child.drain();
        const timer = setTimeout(() => child.process.kill('SIGKILL'), 15_000);
        await child.gone;
        clearTimeout(timer);
      }
      options.passphrase?.fill(0);
      await Promise.all(loops);
    },
  };
}

/** A port the system chose stays the same after a restart: devices and browsers know it. */
function samePorts(config: EngineConfig, first: EngineReady): EngineConfig {
  const all = first.es9plus.length === config.es9plus.length;
  return {
    ...config,
    es9plus: config.es9plus.map((listen, at) => ({ ...listen, port: (all ? first.es9plus[at]?.port : undefined) ?? listen.port })),
    ...(config.es2plus ? { es2plus: config.es2plus.map((listen, at) => ({ ...listen, port: (first.es2plus.length === config.es2plus?.length ? first.es2plus[at]?.port : undefined) ?? listen.port })) } : {}),
    ...(config.console && first.console ? { console: { ...config.console, port: first.console.port } } : {}),
  };
}
