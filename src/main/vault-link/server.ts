/** The vault's end of the socket: reads requests, checks each against its schema, answers with stable codes only. */
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { dirname } from 'node:path';
import { encodeFrame, FrameError, FrameReader } from './frames.ts';
import type { Message, ReceivedMessage } from './frames.ts';
import { operations, VaultError } from './operations.ts';
import type { OperationInput, OperationName, OperationOutput } from './operations.ts';

/** Does one operation; the input has passed its schema. */
export type Handle = <N extends OperationName>(name: N, input: OperationInput<N>) => Promise<OperationOutput<N>> | OperationOutput<N>;

export interface ServeOptions {
  readonly socketPath: string;
  readonly handle: Handle;
  /** An error that is no {@link VaultError}: the caller is told VAULT_INTERNAL, the vault's log what it was. */
  readonly onInternal?: (operation: string, error: unknown) => void;
}

export interface VaultServer {
  /** Takes nothing new, answers what is in flight, closes. */
  close(): Promise<void>;
}

export class SocketError extends Error {
  readonly code: 'VAULT_IN_USE' | 'SOCKET_FOLDER_UNSAFE' | 'SOCKET_UNUSABLE';
  constructor(code: SocketError['code'], message: string) {
    super(message);
    this.name = 'SocketError';
    this.code = code;
  }
}

/** Requests of one connection being worked on at once; beyond that its socket is not read. */
const MAX_IN_FLIGHT = 64;

const isPipe = (path: string): boolean => process.platform === 'win32' && path.startsWith('\\\\');

/** Throws {@link SocketError} unless the folder belongs to this user alone; makes it when it is missing. */
function privateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.platform === 'win32') return;
  const stat = lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.() || (stat.mode & 0o077) !== 0) {
    throw new SocketError('SOCKET_FOLDER_UNSAFE', 'the folder of the vault\'s socket must belong to this user and be closed to others (mode 0700)');
  }
}

/** Removes a socket nobody listens on; refuses when somebody does, or when something else lies there. */
async function clearStale(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return;
  if (!stat.isSocket()) throw new SocketError('SOCKET_UNUSABLE', 'something that is no socket lies in the place of the vault\'s socket');
  const alive = await new Promise<boolean>((done) => {
    const probe = connect(path);
    probe.once('connect', () => { probe.destroy(); done(true); });
    probe.once('error', () => done(false));
  });
  if (alive) throw new SocketError('VAULT_IN_USE', 'another vault already serves this workspace');
  rmSync(path, { force: true });
}

/** Listens; the socket gets mode 0600. Throws {@link SocketError}. */
export async function serveVault(options: ServeOptions): Promise<VaultServer> {
  const { socketPath } = options;
  const sockets = new Set<Connection>();
  const server = createServer((socket) => {
    const connection = serveConnection(socket, options);
    sockets.add(connection);
    socket.once('close', () => sockets.delete(connection));
  });
  if (!isPipe(socketPath)) {
    privateFolder(dirname(socketPath));
    await clearStale(socketPath);
  }
  await listen(server, socketPath);
  return {
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      await Promise.all([...sockets].map((connection) => connection.finish()));
      await closed;
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => reject(error.code === 'EADDRINUSE'
      ? new SocketError('VAULT_IN_USE', 'another vault already serves this workspace')
      : new SocketError('SOCKET_UNUSABLE', `the vault's socket cannot be opened (${error.code ?? error.name})`));
    server.once('error', refuse);
    // The socket is made inside listen(): the mask keeps it private from its first moment.
    const before = isPipe(path) ? undefined : process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off('error', refuse);
        try {
          if (!isPipe(path)) chmodSync(path, 0o600);
          resolve();
        } catch (error) {
          refuse(error as NodeJS.ErrnoException);
        }
      });
    } finally {
      if (before !== undefined) process.umask(before);
    }
  });
}

interface Connection {
  finish(): Promise<void>;
}

function serveConnection(socket: Socket, options: ServeOptions): Connection {
  const reader = new FrameReader();
  let inFlight = 0;
  let finishing: (() => void) | undefined;

  const flow = (): void => {
    if (finishing) {
      if (inFlight === 0) {
        // Ends once the last answer is written, whatever the peer does.
        socket.destroySoon();
        finishing();
      }
    } else if (inFlight < MAX_IN_FLIGHT && !socket.writableNeedDrain) socket.resume();
    else socket.pause();
  };
  const send = (answer: Message): void => {
    let frame: Uint8Array;
    try {
      frame = encodeFrame(answer);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      frame = encodeFrame({ id: answer.id, error: { code: 'VAULT_INPUT_INVALID', message: 'the answer would be too large; ask for fewer items' } });
    }
    if (!socket.destroyed) socket.write(frame, () => frame.fill(0));
    else frame.fill(0);
  };
  const serve = async ({ message, frame }: ReceivedMessage): Promise<void> => {
    inFlight += 1;
    try {
      const data = await answer(message, options);
      send({ id: message.id, data });
      zeroOwn(message.op, data);
    } catch (error) {
      if (!(error instanceof VaultError)) options.onInternal?.(String(message.op), error);
      const told = error instanceof VaultError ? error : new VaultError('VAULT_INTERNAL', 'the vault failed at this request; its log has the details');
      send({ id: message.id, error: { code: told.code, message: told.message } });
    } finally {
      frame.fill(0);
      inFlight -= 1;
      flow();
    }
  };

  socket.on('data', (chunk: Buffer) => {
    let received: ReceivedMessage[];
    try {
      received = reader.push(chunk);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      socket.destroy();
      return;
    }
    for (const one of received) void serve(one);
    flow();
  });
  socket.on('drain', flow);
  // A peer that went away needs no answer; what it asked for is finished and dropped.
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    reader.close();
    finishing?.();
  });
  return {
    finish: () => new Promise((done) => {
      finishing = done;
      socket.pause();
      if (socket.destroyed) done();
      else flow();
    }),
  };
}

async function answer(message: Message, options: ServeOptions): Promise<unknown> {
  const { op } = message;
  if (typeof op !== 'string' || !Object.hasOwn(operations, op)) {
    throw new VaultError('VAULT_INPUT_INVALID', 'the vault has no such operation');
  }
  const name = op as OperationName;
  const input = operations[name].input.safeParse(message.args ?? {});
  if (!input.success) {
    const issue = input.error.issues[0];
    // The path and the rule only: an issue may quote what was received.
    throw new VaultError('VAULT_INPUT_INVALID', `${name}: ${issue?.path.join('.') || 'input'} is not acceptable (${issue?.code ?? 'invalid'})`);
  }
  return options.handle(name, input.data as OperationInput<OperationName>);
}

/** The released TLS key is in the frame by now; the vault keeps no second copy of it in an answer. */
function zeroOwn(op: string | undefined, data: unknown): void {
  if (op === 'releaseTlsKey') (data as OperationOutput<'releaseTlsKey'>).pkcs8.fill(0);
}
