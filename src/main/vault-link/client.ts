/**
 * The engine's end of the vault's socket. Calls share one connection and may be outstanding together. When the connection
 * is lost it comes back with back-off; operations that may be repeated are sent again, the others are refused, because the
 * vault may already have done them.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { encodeFrame, FrameError, FrameReader } from './frames.ts';
import type { Message } from './frames.ts';
import { operations, VaultError, vaultErrors } from './operations.ts';
import type { OperationInput, OperationName, OperationOutput, Vault, VaultErrorCode } from './operations.ts';

export interface ConnectOptions {
  readonly socketPath: string;
  readonly onStateChange?: (state: Vault['state']) => void;
  /** Longest life of a call, milliseconds. */
  readonly timeoutMs?: number;
  /** How long a call may wait for a vault that is not there, milliseconds. */
  readonly waitMs?: number;
  /** Delays between attempts to connect, milliseconds; the last one repeats. */
  readonly backoffMs?: readonly number[];
}

interface Pending {
  readonly name: OperationName;
  readonly frame: Uint8Array;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: VaultError) => void;
  readonly timer: NodeJS.Timeout;
  /** Limits the time without a connection; set while the call is not sent. */
  waiting: NodeJS.Timeout | undefined;
  sent: number;
  /** Writes the socket still holds: the frame is zeroed when the last is done. */
  writing: number;
  settled: boolean;
}

/** A request that took the vault down this often is not tried again. */
const MAX_SENDS = 3;

const unavailable = (why: string): VaultError => new VaultError('VAULT_UNAVAILABLE', why);

export function connectVault(options: ConnectOptions): Vault {
  const timeoutMs = options.timeoutMs ?? 60_000;
  const waitMs = options.waitMs ?? 10_000;
  const backoff = options.backoffMs ?? [20, 50, 100, 250, 500, 1000];
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let state: Vault['state'] = 'starting';
  let socket: Socket | undefined;
  let attempt = 0;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  const change = (next: Vault['state']): void => {
    if (state === next) return;
    state = next;
    options.onStateChange?.(next);
  };

  const settle = (id: number, finish: (call: Pending) => void): void => {
    const call = pending.get(id);
    if (!call) return;
    pending.delete(id);
    clearTimeout(call.timer);
    clearTimeout(call.waiting);
    call.settled = true;
    if (call.writing === 0) call.frame.fill(0);
    finish(call);
  };
  const refuse = (id: number, error: VaultError): void => settle(id, (call) => call.reject(error));

  const send = (call: Pending, over: Socket): void => {
    clearTimeout(call.waiting);
    call.waiting = undefined;
    call.sent += 1;
    call.writing += 1;
    over.write(call.frame, () => {
      call.writing -= 1;
      if (call.settled && call.writing === 0) call.frame.fill(0);
    });
  };
  const wait = (id: number, call: Pending): void => {
    call.waiting = setTimeout(() => refuse(id, unavailable('the vault is not running; it is started again by itself')), waitMs);
  };

  const receive = (message: Message): void => {
    settle(message.id, (call) => {
      if (message.error) {
        const { code, message: why } = message.error;
        call.reject((vaultErrors as readonly string[]).includes(code) ? new VaultError(code as VaultErrorCode, String(why)) : new VaultError('VAULT_INTERNAL', 'the vault answered with an unknown code'));
        return;
      }
      const output = operations[call.name].output.safeParse(message.data);
      if (output.success) call.resolve(output.data);
      else call.reject(new VaultError('VAULT_INTERNAL', `the vault's answer to ${call.name} has the wrong form`));
    });
  };

  const lost = (): void => {
    socket = undefined;
    if (closed) return;
    if (state === 'ready') change('unavailable');
    for (const [id, call] of pending) {
      if (call.sent > 0 && !operations[call.name].repeatable) {
        refuse(id, unavailable('the vault stopped while it worked on this; whether it was done is unknown'));
      } else if (call.sent >= MAX_SENDS) refuse(id, unavailable('the vault stopped each time it was asked this'));
      else if (!call.waiting) wait(id, call);
    }
    retry = setTimeout(open, backoff[Math.min(attempt++, backoff.length - 1)]);
  };

  function open(): void {
    retry = undefined;
    const reader = new FrameReader();
    const over = connect(options.socketPath);
    over.on('connect', () => {
      if (closed) return void over.destroy();
      attempt = 0;
      socket = over;
      change('ready');
      for (const call of pending.values()) send(call, over);
    });
    over.on('data', (chunk: Buffer) => {
      try {
        for (const { message } of reader.push(chunk)) receive(message);
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        over.destroy();
      }
    });
    // 'close' follows and does the work.
    over.on('error', () => undefined);
    over.on('close', () => {
      reader.close();
      lost();
    });
  }
  open();

  return {
    get state() {
      return state;
    },
    call<N extends OperationName>(name: N, input: OperationInput<N>): Promise<OperationOutput<N>> {
      return new Promise<OperationOutput<N>>((resolve, reject) => {
        if (closed) return reject(unavailable('the connection to the vault is closed'));
        const id = nextId++;
        let frame: Uint8Array;
        try {
          frame = encodeFrame({ id, op: name, args: input });
        } catch (error) {
          return reject(error instanceof FrameError ? new VaultError('VAULT_INPUT_INVALID', `${name}: ${error.message}`) : error);
        }
        const call: Pending = {
          name, frame, resolve: resolve as (value: unknown) => void, reject, waiting: undefined, sent: 0, writing: 0, settled: false,
          timer: setTimeout(() => refuse(id, unavailable(`the vault did not answer ${name} in time`)), timeoutMs),
        };
        pending.set(id, call);
        if (socket) send(call, socket);
        else wait(id, call);
      });
    },
    close(): Promise<void> {
      closed = true;
      clearTimeout(retry);
      for (const id of pending.keys()) refuse(id, unavailable('the connection to the vault is closed'));
      const over = socket;
      if (!over || over.destroyed) return Promise.resolve();
      return new Promise((done) => {
        over.once('close', () => done());
        over.destroy();
      });
    },
  };
}
