/** Puts store, areas, jobs and router together: what engine program and tests share. No sockets, no process. */
import { join } from 'node:path';
import type { Settings } from '../../shared/contract/workspace.ts';
import type { Vault } from '../vault-link/operations.ts';
import { appendAudit, genesis } from './audit/index.ts';
import { type Clock, DeskProblem, type EngineContext, type Environment, type Log, type RandomBytes, type WorkspacePaths } from './context.ts';
import { createJobRunner, type JobRunner } from './jobs/index.ts';
import type { AnyKind } from './jobs/runner.ts';
import type { Implemented } from './router/implement.ts';
import { createRouter, type Router } from './router/index.ts';
import type { EngineRuntime } from './runtime.ts';
import { backupFileBeside, checkpointFileBeside, openStore, readMeta, type Store, write, writeMeta } from './store/index.ts';
import { createHandouts, type HandoutStore } from './handouts.ts';
import { createUploads, type UploadStore } from './uploads.ts';
import { defaultsFor, readSettings, readSettingsFile, withManaged } from './workspace/index.ts';

export interface EngineParts {
  readonly ctx: EngineContext;
  readonly router: Router;
  readonly store: Store;
  readonly uploads: UploadStore;
  readonly files: HandoutStore;
  readonly jobs: JobRunner;
  /** Finishes commands and job units in hand, then closes the database. */
  close(): Promise<void>;
}

export interface ComposeOptions {
  readonly workspace: string;
  readonly version: string;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly vault: Vault;
  readonly procedures: readonly Implemented[];
  readonly jobKinds: readonly AnyKind[];
  /** Of a workspace made by this call; one that is there already must have it. */
  readonly environment?: Environment;
  readonly name?: string;
  /** Given at the start: stands before what is stored. */
  readonly smdpAddress?: string;
  readonly uploadCapacity?: number;
  /** Ids of commands are kept this long; a repeat after that is a new command. Milliseconds. */
  readonly keepCommands?: number;
}

export function workspacePaths(root: string): WorkspacePaths {
  return { root, database: join(root, 'desk.db'), backups: join(root, 'backups'), journal: join(root, 'journal'), logs: join(root, 'logs') };
}

const environmentNames: Readonly<Record<Environment, string>> = { lab: 'Lab', test: 'Test', live: 'Live' };

/** Identity of the workspace, made with its first audit record on the first start. Throws {@link DeskProblem} `ENVIRONMENT_DIFFERS`. */
async function identity(store: Store, options: ComposeOptions): Promise<{ id: string; name: string; environment: Environment }> {
  const known = await readMeta(store.db, 'workspace.id');
  if (known !== undefined) {
    const environment = ((await readMeta(store.db, 'workspace.environment')) ?? 'lab') as Environment;
    if (options.environment !== undefined && options.environment !== environment) {
      throw new DeskProblem('ENVIRONMENT_DIFFERS', `This is a ${environmentNames[environment]} workspace and stays one; a ${environmentNames[options.environment]} workspace is made in a new folder.`);
    }
    return { id: known, name: (await readMeta(store.db, 'workspace.name')) ?? 'Workspace', environment };
  }
  const bytes = options.random(16);
  const id = `ws_${Buffer.from(bytes).toString('hex')}`;
  const environment = options.environment ?? 'lab';
  const name = options.name ?? environmentNames[environment];
  const now = options.clock.now();
  await write(store, async (tx) => {
    await writeMeta(tx, 'workspace.id', id);
    await writeMeta(tx, 'workspace.name', name);
    await writeMeta(tx, 'workspace.environment', environment);
    await writeMeta(tx, 'workspace.created', String(now));
    await appendAudit(tx, options.random, genesis(now, id, environment));
  });
  return { id, name, environment };
}

export async function composeEngine(options: ComposeOptions): Promise<EngineParts> {
  const { clock, random, log, vault } = options;
  const paths = workspacePaths(options.workspace);
  const store = await openStore({ path: paths.database, backupFolder: paths.backups, clock, log, checkpointWorker: checkpointFileBeside(process.argv[1]), backupWorker: backupFileBeside(process.argv[1]) });
  try {
    const who = await identity(store, options);
    const files = createHandouts({ clock, random });
    const uploads = createUploads({ clock, random, ...(options.uploadCapacity === undefined ? {} : { capacity: options.uploadCapacity }) });
    const listeners = new Set<(areas: readonly string[]) => void>();
    const { settings } = await readSettings(store.reader, defaultsFor(who.environment));
    const managed = readSettingsFile(options.workspace);
    // Asked many times in one request; the settings stored are replaced as a whole, never changed in place.
    let current: { readonly of: Settings; readonly settings: Settings } | undefined;
    const inForce = (s: Settings): Settings => ({ ...withManaged(s, managed), ...(options.smdpAddress === undefined ? {} : { smdpAddress: options.smdpAddress }) });
    const runtime: EngineRuntime = {
      version: options.version, startedAt: clock.now(), workspaceId: who.id, workspaceName: who.name, schemaVersion: store.schemaVersion,
      recovered: [...store.recovered], listeners: [], vaultRestarts: 0, jobs: undefined, settings, managed,
      backup: () => store.backup(),
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const ctx: EngineContext = {
      environment: who.environment, paths, db: store.db, reader: store.reader, sqlite: store.sqlite, vault, clock, random, log, uploads, files, runtime,
      settings: () => {
        if (current?.of !== runtime.settings) current = { of: runtime.settings, settings: inForce(runtime.settings) };
        return current.settings;
      },
      changed(...areas) {
        for (const listener of listeners) {
          try {
            listener(areas);
          } catch (error) {
            // The change is committed; a window that cannot be told must not make its command fail.
            log.error('telling of a change', { error });
          }
        }
      },
    };
    const jobs = createJobRunner(ctx, options.jobKinds);
    runtime.jobs = jobs;
    const router = createRouter(ctx, options.procedures);
    const keep = options.keepCommands ?? 7 * 86_400_000;
    await write(ctx, (tx) => tx.deleteFrom('commands').where('at', '<', clock.now() - keep).execute());
    let closed = false;
    return {
      ctx, router, store, uploads, files, jobs,
      async close() {
        if (closed) return;
        closed = true;
        // First: a command waits for its backup.
        await store.endBackups();
        await jobs.stop();
        await router.idle();
        uploads.clear();
        files.clear();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
