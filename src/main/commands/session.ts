/** What nearly every command needs: the workspace's engine, uploads, and secrets read from files. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { FileOffer, Procedure, InputOf, OutputOf } from '../../shared/contract/define.ts';
import { contract } from '../../shared/contract/index.ts';
import type { JobView } from '../../shared/contract/profiles.ts';
import { type Host, type HostOptions, isRunning, openHost } from '../hosting/host.ts';
import { EngineUnreachable } from '../hosting/client.ts';
import { ChildStartError } from '../hosting/child.ts';
import type { WorkspaceEnvironment } from '../hosting/config.ts';
import { defaultWorkspace, holdsWorkspace, openWorkspaceFolder } from '../hosting/workspace-folder.ts';
import { readDescriptor } from './descriptor.ts';
import { createOutput, type Output, refuse, unwrap } from './output.ts';
import { isProtected, readPassphrase } from './passphrase.ts';
import { saveOffered } from './save-offered.ts';

export interface CommonOptions {
  readonly workspace?: string;
  readonly json?: boolean;
  readonly passphraseFd?: string;
  /** Of the workspace this command may make. */
  readonly environment?: WorkspaceEnvironment;
}

export interface Session {
  readonly host: Host;
  readonly output: Output;
  call<P extends Procedure>(procedure: P, input: InputOf<P>): Promise<OutputOf<P>>;
  /** Sends a file's bytes beside the contract; the copy in this process is zeroed. */
  uploadFile(path: string): Promise<string>;
  uploadBytes(bytes: Uint8Array): Promise<string>;
  /** Fetches a file the engine hands out; written beside `path` and moved there when whole, readable by its owner alone. Answers its octets. */
  saveFile(offer: FileOffer, path: string): Promise<number>;
  /** Follows a job to its end; progress goes to stderr. */
  finish(job: JobView): Promise<JobView>;
}

export function readFileOrRefuse(path: string): Buffer {
  try {
    return path === '-' ? readDescriptor(0) : readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    refuse('FILE_UNREADABLE', code === 'ENOENT' ? `There is no file ${path}` : `${path} cannot be read (${code ?? 'unknown reason'})`);
  }
}

/** For commands that need what is in a workspace: where there is none, none is made. */
export const existing = { existing: true } as const;

export interface SessionNeeds extends Pick<HostOptions, 'engine'> {
  readonly existing?: boolean;
}

export async function withSession<T>(
  options: CommonOptions, extra: SessionNeeds, work: (session: Session) => Promise<T>,
): Promise<T> {
  const output = createOutput(options.json ?? false);
  const host = await startHost(options, extra, output);
  try {
    return await work(createSession(host, output));
  } finally {
    await host.close();
  }
}

/** For what needs an engine but nothing of a workspace: the one named when it is there, else one that is gone afterwards. */
export async function withAnyEngine<T>(options: CommonOptions, work: (session: Session) => Promise<T>): Promise<T> {
  if (holdsWorkspace(workspaceOf(options))) return withSession(options, existing, work);
  const { passphraseFd: _unused, ...rest } = options;
  const workspace = mkdtempSync(join(tmpdir(), 'mvne-desk-'));
  try {
    return await withSession({ ...rest, workspace }, {}, work);
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** The workspace a command is for: named, from the environment, or this user's lab. */
export function workspaceOf(options: CommonOptions): string {
  return options.workspace ?? (process.env['MVNE_DESK_WORKSPACE'] || defaultWorkspace());
}

export async function startHost(options: CommonOptions, { existing: needed, ...extra }: SessionNeeds, output: Output): Promise<Host> {
  const workspace = workspaceOf(options);
  if (needed && !holdsWorkspace(workspace)) {
    refuse('WORKSPACE_MISSING', `There is no workspace in ${resolve(workspace)}`, 'Name another folder with --workspace, or make a lab there with "lab setup"');
  }
  // A running engine's vault is open already: a command that attaches needs no passphrase.
  const attaches = options.passphraseFd === undefined && isProtected(workspace) && (await isRunning(openWorkspaceFolder(workspace), 'cli'));
  const chosen = (options.environment ?? 'lab') !== 'lab' && !holdsWorkspace(workspace);
  const passphrase = attaches ? undefined : await readPassphrase(workspace, options.passphraseFd, chosen ? options.environment : undefined);
  try {
    return await openHost({
      workspace, host: 'cli', ...extra, ...(options.environment ? { engine: { ...extra.engine, environment: options.environment } } : {}), ...(passphrase ? { passphrase } : {}),
      onEvent: ({ part, what, detail, console }) => {
        output.note(`${part} ${what} (${detail})`);
        // An address works once, and the cookie it gave ended with the engine that set it.
        if (console) output.note(`The console is now at ${console}`);
      },
    });
  } catch (error) {
    if (error instanceof ChildStartError) refuse(error.code, error.message);
    throw error;
  }
}

/** Milliseconds that an engine may be away while its job is followed: it starts again by itself, and the job goes on. */
const enginePatience = 60_000;
const engineAway = new Set(['ENGINE_UNAVAILABLE', 'VAULT_UNAVAILABLE']);

/** The job as it is now; undefined while the engine cannot say. */
async function jobNow(host: Host, id: string): Promise<JobView | undefined> {
  try {
    const reply = await host.client.call(contract.jobs.show, { id });
    return !reply.ok && engineAway.has(reply.error.code) ? undefined : unwrap(reply);
  } catch (error) {
    if (error instanceof EngineUnreachable) return undefined;
    throw error;
  }
}

export function createSession(host: Host, output: Output, patience = enginePatience): Session {
  const uploadBytes = async (bytes: Uint8Array): Promise<string> => {
    try {
      return unwrap(await host.client.upload(bytes)).handle;
    } finally {
      bytes.fill(0);
    }
  };
  const call = async <P extends Procedure>(procedure: P, input: InputOf<P>): Promise<OutputOf<P>> =>
    unwrap(await host.client.call(procedure, input));
  return {
    host, output, call, uploadBytes,
    saveFile: (offer, path) => saveOffered(host, offer, path),
    uploadFile: async (path) => uploadBytes(readFileOrRefuse(path)),
    finish: async (job) => {
      let shown = 0;
      let awaySince: number | undefined;
      for (let view = job; ; ) {
        if (view.state === 'done' || view.state === 'partly-failed') return view;
        if (view.state === 'failed' || view.state === 'cancelled' || view.state === 'paused') {
          refuse(`JOB_${view.state.toUpperCase()}`, view.message ?? `The job ended as ${view.state} after ${view.done} of ${view.total}`);
        }
        if (!output.json && Date.now() - shown > 1000 && view.total > 0) {
          shown = Date.now();
          output.note(`${view.title}: ${view.done} of ${view.total}${view.rate ? `, ${Math.round(view.rate)}/s` : ''}`);
        }
        await new Promise((done) => setTimeout(done, 50));
        const now = await jobNow(host, job.id);
        if (now) {
          if (awaySince !== undefined) output.note('The engine is back; the job goes on');
          awaySince = undefined;
          view = now;
        } else if (awaySince === undefined) {
          awaySince = Date.now();
          output.note('The engine is away; waiting for it');
        } else if (Date.now() - awaySince > patience) {
          refuse('ENGINE_UNAVAILABLE', `The engine did not come back; job ${job.id} (${view.title}) stood at ${view.done} of ${view.total}`,
            'The job goes on by itself when the workspace is served again: do not start it a second time');
        }
      }
    },
  };
}
