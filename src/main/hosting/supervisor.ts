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
  /** Stops accepting, finishes what is in flight, closes; both processes are gone when it resolves. */
  stop(): Promise<void>;
}

export interface SuperviseOptions {
  readonly engine: EngineConfig;
  readonly vault: Omit<VaultConfig, 'passphrase'>;
  /** Kept for restarts of the vault; a fresh copy goes to each start. */
  readonly passphrase?: Uint8Array;
  readonly onEvent?: (event: { readonly part: 'engine' | 'vault'; readonly what: 'died' | 'restarted' | 'gave-up'; readonly detail: string }) => void;
}

const restartDelays = [100, 250, 500, 1000, 2000, 5000];
/** A part that lived this long starts again with the shortest delay. */
const steadyMs = 30_000;

export async function supervise(options: SuperviseOptions): Promise<Supervised> {
  const restarts = { engine: 0, vault: 0 };
  let stopping = false;
  const current: { engine?: Child<EngineReady>; vault?: Child<VaultReady> } = {};
  const report = options.onEvent ?? (() => undefined);

  const startVault = () => startChild<VaultConfig, VaultReady>('vault', {
    ...options.vault,
    ...(options.passphrase ? { passphrase: Uint8Array.from(options.passphrase) } : {}),
  });

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
            return;
          }
        }
      }
      restarts[part] += 1;
      startedAt = Date.now();
      (current as Record<string, unknown>)[part] = alive;
      if (stopping) alive.drain();
      report({ part, what: 'restarted', detail: `restart ${restarts[part]}` });
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
  });
  engineStart.catch(() => undefined);
  let engine: Child<EngineReady>;
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
  } catch (error) {
    void engineStart.then((late) => late.process.kill('SIGKILL')).catch(() => undefined);
    if (vaultStart) await vaultStart.then((v) => { v.process.kill('SIGKILL'); return v.gone; }).catch(() => undefined);
    throw error;
  }
  current.engine = engine;
  current.vault = await beginVault();
  const loops = [
    keepAlive('engine', engine, () => startChild<EngineConfig, EngineReady>('engine', options.engine)),
    keepAlive('vault', current.vault, startVault),
  ];

  return {
    engine: engine.ready,
    restarts,
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
