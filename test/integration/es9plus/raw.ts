/** Connections no honest device makes: raw octets over TLS or below it, from chosen addresses, and listeners with other limits. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { Settings } from '../../../src/shared/contract/workspace.ts';
import { startEs9plus } from '../../../src/main/engine/wire/es9plus/index.ts';
import type { Es9plusListener, Es9plusOptions } from '../../../src/main/engine/wire/es9plus/index.ts';
import { ADDRESS } from './support.ts';
import type { World } from './support.ts';

/** A listener of its own under other limits than the workspace's. */
export function listenWith(world: World, limits: Partial<Settings['limits']>, options: Partial<Es9plusOptions> = {}): Promise<Es9plusListener> {
  const settings = world.ctx.settings();
  const changed = { ...settings, limits: { ...settings.limits, ...limits } };
  const ctx = new Proxy(world.ctx, { get: (target, name) => (name === 'settings' ? () => changed : Reflect.get(target, name)) });
  return startEs9plus(ctx, { host: '127.0.0.1', port: 0, ...options });
}

export function openTls(port: number, options: ConnectionOptions & { localAddress?: string } = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = tlsConnect({ host: '127.0.0.1', port, servername: ADDRESS, rejectUnauthorized: false, ...options }, () => resolve(socket));
    socket.once('error', reject);
    socket.on('error', () => undefined);
  });
}

/** A TCP connection that never speaks. */
export function openPlain(port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress }, () => resolve(socket));
    socket.once('error', reject);
    socket.on('error', () => undefined);
  });
}

/** Everything the server says until it closes or has been quiet for `quiet` milliseconds. */
export function heard(socket: Socket, quiet = 300): Promise<{ text: string; closed: boolean }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let timer = setTimeout(() => done(false), quiet);
    const done = (closed: boolean): void => {
      clearTimeout(timer);
      resolve({ text: Buffer.concat(chunks).toString('latin1'), closed });
    };
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      clearTimeout(timer);
      timer = setTimeout(() => done(false), quiet);
    });
    socket.once('close', () => done(true));
  });
}

export async function talk(port: number, octets: string, quiet?: number): Promise<{ text: string; closed: boolean; answers: number[] }> {
  const socket = await openTls(port);
  const answer = heard(socket, quiet);
  socket.write(octets, 'latin1');
  const { text, closed } = await answer;
  socket.destroy();
  return { text, closed, answers: [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1])) };
}

/** Reads on, because the end of what was sent is seen only behind it. */
export function closed(socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  socket.resume();
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
