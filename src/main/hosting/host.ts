/** Finds the workspace's running engine or starts one. */
import { join } from 'node:path';
import { contract } from '../../shared/contract/index.ts';
import { ChildStartError } from './child.ts';
import { connectEngine, type EngineClient, EngineUnreachable, type HostName } from './client.ts';
import type { EngineConfig, EngineReady } from './config.ts';
import { rendererRoot } from './files.ts';
import { type SuperviseOptions, type Supervised, supervise } from './supervisor.ts';
import { openWorkspaceFolder, wantPassphrase, type WorkspaceFolder } from './workspace-folder.ts';

export interface HostOptions {
  readonly workspace: string;
  readonly host: HostName;
  readonly engine?: Partial<Pick<EngineConfig, 'es9plus' | 'es2plus' | 'console' | 'smdpAddress' | 'behindProxy' | 'environment'>>;
  readonly passphrase?: Uint8Array;
  readonly onEvent?: SuperviseOptions['onEvent'];
}

export interface Host {
  readonly folder: WorkspaceFolder;
  readonly client: EngineClient;
  /** Absent when another host's engine is used. */
  readonly own?: Supervised;
  readonly ready?: EngineReady;
  close(): Promise<void>;
}

export async function isRunning(folder: WorkspaceFolder, host: HostName): Promise<boolean> {
  try {
    return (await connectEngine(folder.engineSocket, host).call(contract.workspace.status, {})).ok;
  } catch (error) {
    if (error instanceof EngineUnreachable) return false;
    throw error;
  }
}

/** Attaches to the engine that serves the workspace, or starts engine and vault for the life of the returned host. */
export async function openHost(options: HostOptions): Promise<Host> {
  const folder = openWorkspaceFolder(options.workspace);
  const client = connectEngine(folder.engineSocket, options.host);
  // The other host may be starting (it holds the lock, its socket is not there yet) or draining (the reverse).
  for (let attempt = 0; ; attempt++) {
    if (await isRunning(folder, options.host)) return { folder, client, close: () => Promise.resolve() };
    if (options.passphrase) wantPassphrase(folder.root);
    try {
      const own = await supervise({
        engine: {
          workspace: folder.root, socketPath: folder.engineSocket, vaultSocketPath: folder.vaultSocket,
          rendererRoot: rendererRoot(), es9plus: options.engine?.es9plus ?? [],
          ...(options.engine?.es2plus ? { es2plus: options.engine.es2plus } : {}),
          ...(options.engine?.console ? { console: options.engine.console } : {}),
          ...(options.engine?.smdpAddress ? { smdpAddress: options.engine.smdpAddress } : {}),
          ...(options.engine?.behindProxy ? { behindProxy: true } : {}),
          ...(options.engine?.environment ? { environment: options.engine.environment } : {}),
        },
        vault: { root: join(folder.root, 'vault'), socketPath: folder.vaultSocket },
        ...(options.passphrase ? { passphrase: options.passphrase } : {}),
        ...(options.onEvent ? { onEvent: options.onEvent } : {}),
      });
      return { folder, client, own, ready: own.engine, close: () => own.stop() };
    } catch (error) {
      if (!(error instanceof ChildStartError) || error.code !== 'WORKSPACE_IN_USE' || attempt >= 60) throw error;
      await new Promise((done) => setTimeout(done, 250));
    }
  }
}
