/** Calls to an engine over the workspace's socket. */
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import type { InputOf, OutputOf, Procedure, Reply } from '../../shared/contract/define.ts';

export type HostName = 'desktop' | 'cli';

/** The engine could not be reached at all; nothing was done by this call, or it may be repeated under its command id. */
export class EngineUnreachable extends Error {
  constructor(cause: string) {
    super(`the engine cannot be reached (${cause})`);
    this.name = 'EngineUnreachable';
  }
}

export interface EngineClient {
  call<P extends Procedure>(procedure: P, input: InputOf<P>, commandId?: string): Promise<Reply<OutputOf<P>>>;
  /** For hosts that forward calls of a window: name and input unchecked, the engine checks both. */
  callByName(name: string, input: unknown, commandId?: string): Promise<Reply<unknown>>;
  upload(bytes: Uint8Array): Promise<Reply<{ handle: string }>>;
  /** The answer to `GET /files/<handle>` as it comes: status 200 and the file, else a reply of the contract. */
  openFile(handle: string): Promise<IncomingMessage>;
  subscribe(name: string, input: unknown, onData: (data: unknown) => void): () => void;
}

export function connectEngine(socketPath: string, host: HostName): EngineClient {
  const send = (method: 'GET' | 'POST', path: string, body: Uint8Array | undefined, type: string): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const req = request({ socketPath, method, path, headers: {
        host: 'engine', 'x-desk-host': host, ...(body ? { 'content-type': type, 'content-length': body.length } : {}),
      } }, (res) => {
        const parts: Buffer[] = [];
        res.on('data', (part: Buffer) => parts.push(part));
        res.on('end', () => resolve(Buffer.concat(parts)));
        res.on('error', (error) => reject(new EngineUnreachable(error.message)));
      });
      req.on('error', (error: NodeJS.ErrnoException) => reject(new EngineUnreachable(error.code ?? error.message)));
      req.end(body);
    });
  const reply = (body: Buffer): Reply<unknown> => {
    try {
      return JSON.parse(body.toString('utf8')) as Reply<unknown>;
    } catch {
      throw new EngineUnreachable('its answer was cut off');
    }
  };
  const callByName: EngineClient['callByName'] = async (name, input, commandId = randomUUID()) =>
    reply(await send('POST', `/rpc/${encodeURIComponent(name)}`, Buffer.from(JSON.stringify({ input, commandId })), 'application/json'));
  return {
    callByName,
    call: async (procedure, input, commandId) => (await callByName(procedure.name, input, commandId)) as never,
    upload: async (bytes) => reply(await send('POST', '/uploads', bytes, 'application/octet-stream')) as Reply<{ handle: string }>,
    openFile: (handle) => new Promise((resolve, reject) => {
      const req = request({ socketPath, path: `/files/${encodeURIComponent(handle)}`, headers: { host: 'engine', 'x-desk-host': host } }, resolve);
      req.on('error', (error: NodeJS.ErrnoException) => reject(new EngineUnreachable(error.code ?? error.message)));
      req.end();
    }),
    subscribe: (name, input, onData) => openStream(socketPath, host, name, input, onData),
  };
}

function openStream(socketPath: string, host: HostName, name: string, input: unknown, onData: (data: unknown) => void): () => void {
  let ended = false;
  let live: ReturnType<typeof request> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const again = () => {
    if (!ended && !timer) timer = setTimeout(() => { timer = undefined; open(); }, 500);
  };
  const open = () => {
    if (ended) return;
    const path = `/streams/${encodeURIComponent(name)}?input=${encodeURIComponent(JSON.stringify(input))}`;
    live = request({ socketPath, path, headers: { host: 'engine', 'x-desk-host': host, accept: 'text/event-stream' } }, (res) => {
      let rest = '';
      res.setEncoding('utf8');
      res.on('data', (text: string) => {
        rest += text;
        for (let at = rest.indexOf('\n\n'); at >= 0; at = rest.indexOf('\n\n')) {
          const lines = rest.slice(0, at).split('\n').filter((line) => line.startsWith('data:'));
          rest = rest.slice(at + 2);
          if (lines.length > 0) onData(JSON.parse(lines.map((line) => line.slice(5).trimStart()).join('\n')));
        }
      });
      res.on('close', again);
    });
    live.on('error', again);
    live.end();
  };
  open();
  return () => {
    ended = true;
    clearTimeout(timer);
    live?.destroy();
  };
}
