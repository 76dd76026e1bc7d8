/** The public listeners, as the host asked for them. */
import type { EngineConfig, EngineReady, Es9plusListen } from '../hosting/config.ts';
import { DeskProblem, type EngineContext } from './context.ts';
import type { ListenerStatus } from './runtime.ts';
import { toProblem } from './router/problems.ts';
import { type Es9plusListener, startEs9plus } from './wire/es9plus/index.ts';
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

interface Wanted {
  readonly options: Es9plusListen;
  listener: Es9plusListener | undefined;
  status: ListenerStatus;
}

const failed = (options: Es9plusListen, problem: DeskProblem): ListenerStatus => ({
  kind: 'es9plus', address: options.host, port: options.port, identities: [...(options.identities ?? [])], state: 'failed', message: problem.message,
});

/**
 * Opens every ES9+ listener. One that only waits for certificates (or the vault) is shown as failed and opens when they come;
 * any other failure (`LISTENER_FAILED`: address in use or not ours; `IDENTITY_UNKNOWN`: named, but not there) is the caller's, with the listeners opened so far closed again.
 */
export async function startListeners(ctx: EngineContext, config: Pick<EngineConfig, 'es9plus' | 'behindProxy' | 'smdpAddress'>): Promise<Listening> {
  const wanted: Wanted[] = [];
  let closing = false;
  const addressChosen = config.smdpAddress !== undefined || ctx.runtime.managed.smdpAddress !== undefined || (await readSettings(ctx.reader)).stored.has('smdpAddress');

  /** Nobody chose an address: devices are sent to where this engine listens. */
  const adoptAddress = () => {
    const first = wanted.find((w) => w.listener);
    if (addressChosen || !first) return;
    const everywhere = first.options.host === '0.0.0.0' || first.options.host === '::';
    ctx.runtime.settings = { ...ctx.runtime.settings, smdpAddress: `${everywhere ? 'localhost' : first.options.host}:${first.listener!.port}` };
  };

  const show = () => {
    adoptAddress();
    const others = ctx.runtime.listeners.filter((l) => l.kind !== 'es9plus');
    ctx.runtime.listeners.splice(0, ctx.runtime.listeners.length, ...wanted.map((w) => w.status), ...others);
    ctx.changed('workspace');
  };

  const open = async (w: Wanted): Promise<void> => {
    try {
      const { host, port, identities } = w.options;
      const listener = await startEs9plus(ctx, { host, port, ...(identities === undefined ? {} : { identities }), behindProxy: config.behindProxy === true });
      w.listener = listener;
      w.status = { kind: 'es9plus', address: listener.address, port: listener.port, identities: [...listener.identities], state: 'listening' };
    } catch (error) {
      const problem = toProblem(error);
      if (!problem || !awaited.has(problem.code)) throw error;
      w.status = failed(w.options, problem);
    }
  };

  let attempt: Promise<void> | undefined;
  const retry = () => {
    if (closing || attempt || wanted.every((w) => w.listener)) return;
    attempt = (async () => {
      for (const w of wanted) {
        if (w.listener || closing) continue;
        try {
          await open(w);
        } catch (error) {
          const problem = toProblem(error);
          w.status = failed(w.options, problem ?? new DeskProblem('LISTENER_FAILED', 'The listener could not be opened; the log holds the reason'));
          if (!problem) ctx.log.error('ES9+ listener', { port: w.options.port, error });
        }
      }
      show();
    })().finally(() => {
      attempt = undefined;
    });
  };

  const closeAll = () => Promise.all(wanted.map((w) => w.listener?.close())).then(() => undefined);
  try {
    for (const options of config.es9plus) {
      const w: Wanted = { options, listener: undefined, status: failed(options, new DeskProblem('LISTENER_FAILED', 'not opened yet')) };
      wanted.push(w);
      await open(w);
    }
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
    es9plus: wanted.filter((w) => w.listener).map((w) => ({ host: w.options.host, port: w.listener!.port, identities: [...w.listener!.identities] })),
    es2plus: [],
    async close() {
      closing = true;
      clearInterval(timer);
      unsubscribe();
      await attempt;
      await closeAll();
    },
  };
}
