/** The real engine program as a child process, spoken to over its socket. Runs from the source; Node 24 strips the types. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reply } from '../../src/shared/contract/define.ts';
import type { ChildFatal, EngineConfig, EngineReady } from '../../src/main/hosting/config.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

export interface EngineProcess {
  readonly child: ChildProcess;
  readonly config: EngineConfig;
  /** `ready` or `fatal`, whichever came. */
  readonly said: EngineReady | ChildFatal;
  readonly gone: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  call(procedure: string, input?: unknown, commandId?: string): Promise<Reply<never>>;
  http(method: string, path: string, options?: { body?: Uint8Array | string; headers?: Record<string, string> }): Promise<Answer>;
  kill(): Promise<void>;
  drain(): Promise<number | null>;
}

export const newWorkspace = (): string => mkdtempSync(join(tmpdir(), 'desk-engine-'));

export function httpRequest(where: { socketPath: string } | { host: string; port: number }, method: string, path: string, options: { body?: Uint8Array | string; headers?: Record<string, string> } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request({ ...where, method, path, headers: { ...(options.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(options.body as string)) }), ...options.headers } }, (res) => {
      const parts: Buffer[] = [];
      res.on('data', (p: Buffer) => parts.push(p));
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(parts).toString('utf8') }));
      res.on('error', reject);
    });
    req.on('error', reject);
    req.end(options.body);
  });
}

export async function startEngineProcess(workspace: string, options: Partial<EngineConfig> = {}): Promise<EngineProcess> {
  const config: EngineConfig = { workspace, socketPath: join(workspace, 'engine.sock'), vaultSocketPath: join(workspace, 'vault.sock'), es9plus: [], ...options };
  const child = fork(join(import.meta.dirname, '../../src/main/engine.ts'), [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'] });
  let errors = '';
  child.stderr?.on('data', (d: Buffer) => { errors += d.toString(); });
  const gone = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) => child.once('exit', (code, signal) => done({ code, signal })));
  const said = await new Promise<EngineReady | ChildFatal>((resolve, reject) => {
    child.on('message', (m: EngineReady | ChildFatal | { type: 'locked' }) => {
      if (m.type === 'ready' || m.type === 'fatal') resolve(m);
    });
    void gone.then(({ code, signal }) => reject(new Error(`the engine ended before it was ready: ${code ?? signal} ${errors}`)));
    child.send({ type: 'start', config });
  });
  const http: EngineProcess['http'] = (method, path, o) => httpRequest({ socketPath: config.socketPath }, method, path, o);
  return {
    child, config, said, gone, http,
    async call(procedure, input = {}, commandId) {
      const answer = await http('POST', `/rpc/${procedure}`, { body: JSON.stringify({ input, ...(commandId === undefined ? {} : { commandId }) }), headers: { 'content-type': 'application/json', 'x-desk-host': 'cli' } });
      return JSON.parse(answer.body) as Reply<never>;
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
    async drain() {
      if (child.connected) child.send({ type: 'drain' });
      return (await gone).code;
    },
  };
}
