/** Both ends of the vault's socket with a stand-in for the vault: what the link itself promises. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeFrame, FrameReader } from '../../../src/main/vault-link/frames.ts';
import type { Message } from '../../../src/main/vault-link/frames.ts';
import { connectVault, VaultError } from '../../../src/main/vault-link/index.ts';
import type { ConnectOptions, Vault } from '../../../src/main/vault-link/index.ts';
import { serveVault } from '../../../src/main/vault-link/server.ts';
import type { Handle, VaultServer } from '../../../src/main/vault-link/server.ts';

const coded = (code: string): Error => expect.objectContaining({ code }) as unknown as Error;
const signature = new Uint8Array(64).fill(5);
const data = Uint8Array.of(1, 2, 3);

let folder: string;
let socketPath: string;
const closing: (() => Promise<unknown> | unknown)[] = [];

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'mvne-link-')), 'run');
  socketPath = join(folder, 'vault.sock');
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

async function serve(handle: Handle, onInternal?: (operation: string, error: unknown) => void): Promise<VaultServer> {
  const server = await serveVault({ socketPath, handle, onInternal });
  closing.push(() => server.close());
  return server;
}
function client(options: Partial<ConnectOptions> = {}): Vault {
  const vault = connectVault({ socketPath, backoffMs: [10], ...options });
  closing.push(() => vault.close());
  return vault;
}
const handleWith = (work: (name: string, input: never) => unknown): Handle => (async (name: string, input: never) => work(name, input)) as unknown as Handle;

/** A peer that reads requests and decides itself when, and whether, it answers. */
async function peer(onMessage: (message: Message, answer: (frame: Uint8Array) => void, drop: () => void, connection: number) => void): Promise<Server> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let connections = 0;
  const server = createServer((socket) => {
    const reader = new FrameReader();
    const number = connections++;
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const { message } of reader.push(chunk as Buffer)) onMessage(message, (frame) => socket.write(frame), () => socket.destroy(), number);
    });
  });
  await new Promise<void>((done) => server.listen(socketPath, done));
  closing.push(() => new Promise((done) => server.close(done)));
  return server;
}

/** Sends octets to the vault's socket as a stranger would; the answers until the connection ends or `count` came. */
function stranger(octets: Uint8Array, count = Infinity): Promise<{ messages: Message[]; closed: boolean }> {
  return new Promise((done, fail) => {
    const messages: Message[] = [];
    const reader = new FrameReader();
    const socket = connect(socketPath, () => socket.write(octets));
    socket.on('data', (chunk: Buffer) => {
      for (const { message } of reader.push(chunk)) messages.push(message);
      if (messages.length >= count) {
        socket.destroy();
        done({ messages, closed: false });
      }
    });
    socket.on('error', (error: NodeJS.ErrnoException) => { if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') fail(error); });
    socket.on('close', () => done({ messages, closed: true }));
  });
}

describe('the server', () => {
  test('makes folder 0700 and socket 0600, and removes the socket', async () => {
    const server = await serveVault({ socketPath, handle: handleWith(() => ({})) });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    await server.close();
    expect(() => statSync(socketPath)).toThrow();
  });

  test('refuses a folder others may enter', async () => {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755);
    await expect(serve(handleWith(() => ({})))).rejects.toThrow(coded('SOCKET_FOLDER_UNSAFE'));
  });

  test('refuses a second vault, takes over a socket that is dead, and never removes a file', async () => {
    await serve(handleWith(() => ({})));
    await expect(serve(handleWith(() => ({})))).rejects.toThrow(coded('VAULT_IN_USE'));
    await closing.pop()!();
    writeFileSync(socketPath, 'a file');
    await expect(serve(handleWith(() => ({})))).rejects.toThrow(coded('SOCKET_UNUSABLE'));
    expect(statSync(socketPath).size).toBe(6);
  });

  test('checks every input and answers a refusal without quoting it', async () => {
    let handled = 0;
    await serve(handleWith(() => { handled += 1; return { signature }; }));
    const secret = 'SECRET-TEST-VALUE';
    for (const [op, args] of [
      ['sign', { keyId: 'x' }], ['sign', { keyId: 'x', data: secret }], ['sign', { keyId: data, data }], ['sign', secret], ['bind', {}],
      ['nothing', {}], ['toString', {}], ['__proto__', {}], [undefined, {}], [7, {}],
      ['generateKey', { use: secret, curve: 'P-256' }], ['bind', { eid: Uint8Array.of(1) }],
      ['prepare', { template: new Uint8Array(32), batchKey: data, items: Array.from({ length: 5001 }, () => ({ iccid: '', imsi: '' })) }],
    ] as [string, unknown][]) {
      const { messages } = await stranger(encodeFrame({ id: 9, op, args }), 1);
      expect(messages[0]).toMatchObject({ id: 9, error: { code: 'VAULT_INPUT_INVALID' } });
      expect(JSON.stringify(messages[0])).not.toContain(secret);
    }
    expect(handled).toBe(0);
  });

  test('answers stable codes only; what went wrong inside is told to the log alone', async () => {
    const logged: unknown[] = [];
    await serve(handleWith((name) => {
      if (name === 'sign') throw new VaultError('KEY_UNKNOWN', 'the vault has no key of this id');
      throw new Error('SECRET-TEST-VALUE in a path');
    }), (operation, error) => logged.push(operation, error));
    const vault = client();
    await expect(vault.call('sign', { keyId: 'x', data })).rejects.toThrow(coded('KEY_UNKNOWN'));
    await expect(vault.call('status', {})).rejects.toThrow(coded('VAULT_INTERNAL'));
    const { messages } = await stranger(encodeFrame({ id: 1, op: 'status', args: {} }), 1);
    expect(messages[0]).toMatchObject({ error: { code: 'VAULT_INTERNAL' } });
    expect(JSON.stringify(messages)).not.toContain('SECRET');
    expect(logged).toContain('status');
  });

  test.each([
    ['an impossible size', Uint8Array.of(0xff, 0xff, 0xff, 0xff)],
    ['no JSON', Uint8Array.of(0, 0, 0, 6, 0, 0, 0, 2, 0x7b, 0x7b)],
    ['text', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ])('closes the connection on %s, and serves others on', async (_, octets) => {
    await serve(handleWith(() => ({ signature })));
    const vault = client();
    await vault.call('sign', { keyId: 'x', data });
    expect(await stranger(octets)).toEqual({ messages: [], closed: true });
    expect((await vault.call('sign', { keyId: 'x', data })).signature).toHaveLength(64);
  });

  test('many calls outstanding on one connection, answered in any order', async () => {
    const release: (() => void)[] = [];
    await serve(handleWith((_, input: { data: Uint8Array }) => new Promise((done) => {
      const answer = { signature: new Uint8Array(64).fill(input.data[0]!) };
      release.push(() => done(answer));
      // All are in hand at the same time; the last to come is answered first.
      if (release.length === 8) setImmediate(() => { for (const go of release.reverse()) go(); });
    })));
    const vault = client();
    const order: number[] = [];
    const calls = Array.from({ length: 8 }, async (_, i) => {
      const { signature: got } = await vault.call('sign', { keyId: 'x', data: Uint8Array.of(i) });
      order.push(i);
      return got[0];
    });
    expect(await Promise.all(calls)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(order).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
  });

  test('a thousand at once are all answered, though fewer are worked on at a time', async () => {
    let inHand = 0;
    let most = 0;
    await serve(handleWith(async () => {
      most = Math.max(most, ++inHand);
      // Long enough for all of them to arrive, were they read.
      await new Promise((done) => setTimeout(done, 30));
      inHand -= 1;
      return { signature };
    }));
    const vault = client();
    const answers = await Promise.all(Array.from({ length: 1000 }, () => vault.call('sign', { keyId: 'x', data: new Uint8Array(2000) })));
    expect(answers).toHaveLength(1000);
    expect(most).toBeLessThan(150);
  });

  test('closing answers what is in flight first', async () => {
    let go: () => void = () => undefined;
    const server = await serve(handleWith(() => new Promise((done) => { go = () => done({ signature }); })));
    const vault = client({ waitMs: 200 });
    const call = vault.call('sign', { keyId: 'x', data });
    await expect.poll(() => go.toString()).toContain('signature');
    const closed = server.close();
    go();
    expect((await call).signature).toHaveLength(64);
    await closed;
  });

  test('a large message passes whole, both ways', async () => {
    const big = new Uint8Array(8_000_000);
    for (let i = 0; i < big.length; i += 61) big[i] = i & 0xff;
    await serve(handleWith((_, input: { key: Uint8Array }) => ({ pkcs8: Uint8Array.from(input.key), keyId: 'x', publicKey: input.key, curve: 'P-256', sealed: Uint8Array.from(input.key) })));
    const socketAnswer = await stranger(encodeFrame({ id: 1, op: 'importKey', args: { use: 'tls', key: big } }), 1);
    expect(Buffer.compare((socketAnswer.messages[0]!.data as { sealed: Uint8Array }).sealed, big)).toBe(0);
  });
});

describe('the client', () => {
  test('waits for a vault that starts later', async () => {
    const states: string[] = [];
    const vault = client({ onStateChange: (state) => states.push(state) });
    expect(vault.state).toBe('starting');
    const call = vault.call('sign', { keyId: 'x', data });
    await serve(handleWith(() => ({ signature })));
    expect((await call).signature).toHaveLength(64);
    expect(vault.state).toBe('ready');
    expect(states).toEqual(['ready']);
  });

  test('refuses after its waiting time when none comes, and after its life when none answers', async () => {
    const nobody = client({ waitMs: 30 });
    await expect(nobody.call('status', {})).rejects.toThrow(coded('VAULT_UNAVAILABLE'));
    await nobody.close();
    await peer(() => undefined);
    await expect(client({ timeoutMs: 50 }).call('status', {})).rejects.toThrow(coded('VAULT_UNAVAILABLE'));
  });

  test('sends repeatable calls again after the connection came back, and refuses the others', async () => {
    await peer((message, answer, drop, connection) => {
      if (connection === 0) {
        // Both calls are on their way before the connection breaks.
        if (message.op === 'generateKey') drop();
      } else if (message.op === 'sign') answer(encodeFrame({ id: message.id, data: { signature } }));
      else answer(encodeFrame({ id: message.id, data: { keyId: 'second', publicKey: new Uint8Array(65) } }));
    });
    const states: string[] = [];
    const vault = client({ onStateChange: (state) => states.push(state) });
    const results = await Promise.allSettled([vault.call('sign', { keyId: 'x', data }), vault.call('generateKey', { use: 'dppb', curve: 'P-256' })]);
    expect(results[0].status).toBe('fulfilled');
    expect(results[1]).toMatchObject({ status: 'rejected', reason: { code: 'VAULT_UNAVAILABLE' } });
    expect(states).toEqual(['ready', 'unavailable', 'ready']);
  });

  test('gives up on a call that takes the vault down each time', async () => {
    let sends = 0;
    await peer((_, _answer, drop) => { sends += 1; drop(); });
    await expect(client().call('sign', { keyId: 'x', data })).rejects.toThrow(coded('VAULT_UNAVAILABLE'));
    expect(sends).toBe(3);
  });

  test('an answer of a wrong form or with an unknown code is VAULT_INTERNAL; one nobody asked for is passed over', async () => {
    await peer(({ id, op }, answer) => {
      answer(encodeFrame({ id: id + 1000, data: {} }));
      if (op === 'sign') answer(encodeFrame({ id, data: { signature: Uint8Array.of(1) } }));
      else answer(encodeFrame({ id, error: { code: 'SOMETHING_ELSE', message: 'x' } }));
    });
    const vault = client();
    await expect(vault.call('sign', { keyId: 'x', data })).rejects.toThrow(coded('VAULT_INTERNAL'));
    await expect(vault.call('status', {})).rejects.toThrow(coded('VAULT_INTERNAL'));
  });

  test('a malformed answer ends the connection, and the call is sent again', async () => {
    await peer(({ id }, answer, _drop, connection) => {
      answer(connection === 0 ? Uint8Array.of(0, 0, 0, 5, 9, 9, 9, 9, 9) : encodeFrame({ id, data: { signature } }));
    });
    expect((await client().call('sign', { keyId: 'x', data })).signature).toHaveLength(64);
  });

  test('copies what it is given: the caller may zero it at once', async () => {
    await serve(handleWith((_, input: { data: Uint8Array }) => ({ signature: new Uint8Array(64).fill(input.data[0]!) })));
    const given = Uint8Array.of(42);
    const call = client().call('sign', { keyId: 'x', data: given });
    given.fill(0);
    expect((await call).signature[0]).toBe(42);
  });

  test('a closed client refuses, also what is outstanding', async () => {
    await peer(() => undefined);
    const vault = client();
    const call = vault.call('status', {});
    const refused = expect(call).rejects.toThrow(coded('VAULT_UNAVAILABLE'));
    await vault.close();
    await refused;
    await expect(vault.call('status', {})).rejects.toThrow(coded('VAULT_UNAVAILABLE'));
  });
});
