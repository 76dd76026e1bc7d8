/** One of the two programs as a child process: started, awaited, stopped. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { ChildFatal, HostMessage } from './config.ts';
import { nodeExecutable, programFile } from './files.ts';

export class ChildStartError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'ChildStartError';
    this.code = code;
  }
}

export interface Child<R> {
  readonly ready: R;
  readonly process: ChildProcess;
  /** Resolves when the process is gone, however it went. */
  readonly gone: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  drain(): void;
}

/**
 * Starts a program and waits for its `ready`. Any exit before that is a failure, whatever its code.
 * `onNote` gets the messages that come before `ready` (for example `{type:'locked'}`). `stop` ends a program that is still starting.
 */
export async function startChild<C, R extends { type: 'ready' }>(
  name: 'engine' | 'vault', config: C, onNote: (type: string) => void = () => undefined, stop?: AbortSignal,
): Promise<Child<R>> {
  const env = { ...process.env };
  // Nothing from the host's environment may change how the child runs.
  for (const key of ['NODE_OPTIONS', 'ELECTRON_RUN_AS_NODE', 'NODE_REPL_EXTERNAL_MODULE', 'NODE_V8_COVERAGE']) delete env[key];
  const child = spawn(nodeExecutable(), [programFile(name)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'], serialization: 'advanced', env, windowsHide: true,
    // A Ctrl+C in the terminal goes to the host alone; it drains the children in order.
    detached: process.platform !== 'win32',
  });
  const gone = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) => {
    child.once('exit', (code, signal) => done({ code, signal }));
    child.once('error', () => done({ code: null, signal: null }));
  });
  // A child that dies while it is written to must not take the host with it.
  child.on('error', () => undefined);
  const kill = () => void child.kill('SIGKILL');
  stop?.addEventListener('abort', kill, { once: true });
  void gone.then(() => stop?.removeEventListener('abort', kill));
  if (stop?.aborted) kill();
  const ready = await new Promise<R>((resolve, reject) => {
    const onMessage = (message: unknown) => {
      const m = message as { type?: string };
      if (m?.type === 'ready') {
        child.off('message', onMessage);
        resolve(message as R);
      } else if (m?.type === 'fatal') {
        const fatal = message as ChildFatal;
        reject(new ChildStartError(fatal.code, fatal.message));
      } else if (m?.type) onNote(m.type);
    };
    child.on('message', onMessage);
    void gone.then(({ code, signal }) => reject(new ChildStartError('CHILD_EXITED', `the ${name} ended before it was ready (${signal ?? `exit ${code}`})`)));
    child.send({ type: 'start', config } satisfies HostMessage<C>, () => undefined);
  }).catch(async (error: unknown) => {
    child.kill('SIGKILL');
    await gone;
    throw error;
  });
  return {
    ready, process: child, gone,
    drain: () => {
      if (child.connected) child.send({ type: 'drain' } satisfies HostMessage<C>, () => undefined);
    },
  };
}
