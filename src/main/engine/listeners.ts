/** The public listeners, as the host asked for them. */
import type { EngineConfig, EngineReady, Es2plusListen, Es9plusListen } from '../hosting/config.ts';
import { DeskProblem, type EngineContext } from './context.ts';
import type { ListenerStatus } from './runtime.ts';
import { toProblem } from './router/problems.ts';
import { startEs2plus } from './wire/es2plus/index.ts';
import { startEs9plus } from './wire/es9plus/index.ts';
import { readSettings } from './workspace/index.ts';

export interface Listening {
  /** Those that listen now. */
  readonly es9plus: EngineReady['es9plus'];
  readonly es2plus: EngineReady['es2plus'];
  close(): Promise<void>;
}

/** What a workspace may still lack when its engine starts: the listener opens by itself once it is there. */
const awaited = new Set(['TLS_CERTIFICATE_MISSING', 'TLS_CERTIFICATE_UNUSABLE', 'VAULT_UNAVAILABLE']);

/** Milliseconds between attempts when nothing else says that trying again makes sense. */
const retryEvery = 5_000;

/** What both kinds of listener are once they are open. */
interface Listener {
  readonly address: string;
  readonly port: number;
  readonly identities: readonly string[];
  close(): Promise<void>;
}

interface Wanted {
  readonly kind: 'es9plus' | 'es2plus';
  readonly host: string;
  readonly port: number;
  readonly identities: readonly string[];
  readonly start: () => Promise<Listener>;
  listener: Listener | undefined;
  status: ListenerStatus;
}

const failed = (wanted: Pick<Wanted, 'kind' | 'host' | 'port' | 'identities'>, problem: DeskProblem): ListenerStatus => ({
  kind: wanted.kind, address: wanted.host, port: wanted.port, identities: [...wanted.identities], state: 'failed', message: problem.message,
});

function want(kind: Wanted['kind'], where: { readonly host: string; readonly port: number }, identities: readonly string[], start: Wanted['start']): Wanted {
  const wanted = { kind, host: where.host, port: where.port, identities, start };
  return { ...wanted, listener: undefined, status: failed(wanted, new DeskProblem('LISTENER_FAILED', 'not opened yet')) };
}

function wantEs9plus(ctx: EngineContext, { host, port, identities }: Es9plusListen, behindProxy: boolean): Wanted {
  return want('es9plus', { host, port }, identities ?? [], () => startEs9plus(ctx, { host, port, ...(identities === undefined ? {} : { identities }), behindProxy }));
}

function wantEs2plus(ctx: EngineContext, { host, port, identity }: Es2plusListen): Wanted {
  // Never behind a proxy: who calls is known by the certificate of the connection itself.
  return want('es2plus', { host, port }, identity === undefined ? [] : [identity], () => startEs2plus(ctx, { host, port, ...(identity === undefined ? {} : { identity }) }));
}

/**
 * Opens every listener: ES9+ for devices, ES2+ for brands. One that only waits for certificates (or the vault) is shown as
 * failed and opens when they come; any other failure (`LISTENER_FAILED`: address in use or not ours; `IDENTITY_UNKNOWN`: named,
 * but not there) is the caller's, with the listeners opened so far closed again.
 */
export async function startListeners(ctx: EngineContext, config: Pick<EngineConfig, 'es9plus' | 'es2plus' | 'behindProxy' | 'smdpAddress'>): Promise<Listening> {
  const wanted: Wanted[] = [];
  let closing = false;
  const addressChosen = config.smdpAddress !== undefined || ctx.runtime.managed.smdpAddress !== undefined || (await readSettings(ctx.reader)).stored.has('smdpAddress');
  const open = (kind: Wanted['kind']) => wanted.flatMap((w) => (w.kind === kind && w.listener ? [{ host: w.host, port: w.listener.port, identities: [...w.listener.identities] }] : []));

  /** Nobody chose an address: devices are sent to where this engine listens. */
  const adoptAddress = () => {
    const first = open('es9plus')[0];
    if (addressChosen || !first) return;
    const everywhere = first.host === '0.0.0.0' || first.host === '::';
    ctx.runtime.settings = { ...ctx.runtime.settings, smdpAddress: `${everywhere ? 'localhost' : first.host}:${first.port}` };
  };

  const show = () => {
    adoptAddress();
    const others = ctx.runtime.listeners.filter((l) => l.kind === 'console');
    ctx.runtime.listeners.splice(0, ctx.runtime.listeners.length, ...wanted.map((w) => w.status), ...others);
    ctx.changed('workspace');
  };

  const start = async (w: Wanted): Promise<void> => {
    try {
      const listener = await w.start();
      w.listener = listener;
      w.status = { kind: w.kind, address: listener.address, port: listener.port, identities: [...listener.identities], state: 'listening' };
    } catch (error) {
      const problem = toProblem(error);
      if (!problem || !awaited.has(problem.code)) throw error;
      w.status = failed(w, problem);
    }
  };

  let attempt: Promise<void> | undefined;
  const retry = () => {
    if (closing || attempt || wanted.every((w) => w.listener)) return;
    attempt = (async () => {
      for (const w of wanted) {
        if (w.listener || closing) continue;
        try {
          await start(w);
        } catch (error) {
          const problem = toProblem(error);
          w.status = failed(w, problem ?? new DeskProblem('LISTENER_FAILED', 'The listener could not be opened; the log holds the reason'));
          if (!problem) ctx.log.error('a listener could not be opened', { port: w.port, error });
        }
      }
      show();
    })().finally(() => {
      attempt = undefined;
    });
  };

  const closeAll = () => Promise.all(wanted.map((w) => w.listener?.close())).then(() => undefined);
  try {
    wanted.push(...config.es9plus.map((listen) => wantEs9plus(ctx, listen, config.behindProxy === true)), ...(config.es2plus ?? []).map((listen) => wantEs2plus(ctx, listen)));
    for (const w of wanted) await start(w);
  } catch (error) {
    await closeAll();
    throw error;
  }
  show();
  const unsubscribe = ctx.runtime.subscribe((areas) => {
    if (areas.includes('pki')) retry();
  });
  const timer = setInterval(retry, retryEvery);
  return {
    es9plus: open('es9plus'),
    es2plus: open('es2plus').map(({ host, port }) => ({ host, port })),
    async close() {
      closing = true;
      clearInterval(timer);
      unsubscribe();
      await attempt;
      await closeAll();
    },
  };
}
