/** The public listeners, as the host asked for them. */
import type { EngineConfig, EngineReady } from '../hosting/config.ts';
import type { EngineContext } from './context.ts';

export interface Listening {
  readonly es9plus: EngineReady['es9plus'];
  close(): Promise<void>;
}

export async function startListeners(_ctx: EngineContext, _config: EngineConfig): Promise<Listening> {
  return { es9plus: [], close: async () => undefined };
}
