/** What belongs to the running process and not to the database. */
import type { z } from 'zod';
import type { listenerStatus, Settings } from '../../shared/contract/workspace.ts';
import type { JobRunner } from './jobs/runner.ts';
import type { BackupResult } from './store/index.ts';
import type { ManagedSettings } from './workspace/settings-file.ts';

export type ListenerStatus = z.infer<typeof listenerStatus>;

export interface EngineRuntime {
  readonly version: string;
  readonly startedAt: number;
  readonly workspaceId: string;
  readonly workspaceName: string;
  readonly schemaVersion: string;
  /** What this start had to repair, in sentences for the operator. */
  readonly recovered: string[];
  readonly listeners: ListenerStatus[];
  /** Times the vault connection had to be made again. */
  vaultRestarts: number;
  /** Set once the jobs of all areas are known. */
  jobs: JobRunner | undefined;
  /** The settings as committed; replaced after `workspace.saveSettings`. */
  settings: Settings;
  /** What settings.json fixes. */
  readonly managed: ManagedSettings;
  backup(): Promise<BackupResult>;
  /** Calls `listener` with areas that became stale, until the returned function is called. */
  subscribe(listener: (areas: readonly string[]) => void): () => void;
}
