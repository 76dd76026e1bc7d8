/** What a host tells the two programs it starts, and what they answer. The channel is Node's own, between parent and child. */

export interface Es9plusListen {
  readonly host: string;
  readonly port: number;
  /** Names of identities; all of the workspace when absent. */
  readonly identities?: readonly string[];
}

export interface Es2plusListen {
  readonly host: string;
  readonly port: number;
  /** Identity whose TLS certificate is shown; the first with one when absent. */
  readonly identity?: string;
}

/** Lab: synthetic content, no passphrase. Test and Live: the vault is protected by one. */
export type WorkspaceEnvironment = 'lab' | 'test' | 'live';

export interface EngineConfig {
  /** The workspace folder. */
  readonly workspace: string;
  readonly socketPath: string;
  readonly vaultSocketPath: string;
  /** Folder of the built window, served to the browser console. */
  readonly rendererRoot?: string;
  readonly es9plus: readonly Es9plusListen[];
  /** Mutual TLS for brands (SGP.22 v2.2, 5.3). */
  readonly es2plus?: readonly Es2plusListen[];
  readonly console?: { readonly host: string; readonly port: number };
  readonly smdpAddress?: string;
  /** Of a workspace this start makes; one that is there already must have it. */
  readonly environment?: WorkspaceEnvironment;
  /** Take the client address from `X-Forwarded-For`: only behind one's own proxy. */
  readonly behindProxy?: boolean;
}

export interface VaultConfig {
  /** `<workspace>/vault`, 0700. */
  readonly root: string;
  readonly socketPath: string;
  /** Zeroed by the vault once used. */
  readonly passphrase?: Uint8Array;
  readonly workers?: number;
}

export interface EngineReady {
  readonly type: 'ready';
  readonly workspaceId: string;
  readonly es9plus: readonly { readonly host: string; readonly port: number; readonly identities: readonly string[] }[];
  readonly es2plus: readonly { readonly host: string; readonly port: number }[];
  readonly console?: { readonly url: string; readonly host: string; readonly port: number };
  readonly recovered: readonly string[];
}

export interface VaultReady {
  readonly type: 'ready';
  readonly protection: 'not-protected' | 'passphrase';
}

export interface ChildFatal {
  readonly type: 'fatal';
  readonly code: string;
  readonly message: string;
}

export type HostMessage<C> = { readonly type: 'start'; readonly config: C } | { readonly type: 'drain' };
