/** serve: runs the workspace's engine until it is told to stop. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { contract } from '../../shared/contract/index.ts';
import type { EngineConfig, EngineReady, Es2plusListen, Es9plusListen, WorkspaceEnvironment } from '../hosting/config.ts';
import { openWorkspaceFolder } from '../hosting/workspace-folder.ts';
import type { LabCurve } from '../lab/pki/index.ts';
import { curveOfIdentity, ensureLabIdentity, labCurves } from './lab-folder.ts';
import { createOutput, type Output, refuse } from './output.ts';
import { addCommand, collect, oneOf, type Options, usage } from './program.ts';
import { createSample, wantsSample } from './sample.ts';
import { createSession, startHost, workspaceOf } from './session.ts';

/** `HOST:PORT` or `[::1]:PORT`; listeners for ES9+ may add `=IDENTITY,…`, those for ES2+ `=IDENTITY`. */
export function parseAddress(text: string): { host: string; port: number } {
  const match = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (!match || port > 65_535) throw new InvalidArgumentError('an address reads HOST:PORT.');
  return { host: match[1]!.replace(/^\[|\]$/g, ''), port };
}

export function parseListener(text: string): Es9plusListen {
  const [address, names, ...rest] = text.split('=');
  if (rest.length > 0 || names === '') throw new InvalidArgumentError('a listener reads HOST:PORT or HOST:PORT=IDENTITY,IDENTITY.');
  return { ...parseAddress(address ?? ''), ...(names !== undefined ? { identities: names.split(',') } : {}) };
}

export function parseEs2plusListener(text: string): Es2plusListen {
  const [address, identity, ...rest] = text.split('=');
  if (rest.length > 0 || identity === '' || identity?.includes(',')) throw new InvalidArgumentError('an ES2+ listener reads HOST:PORT or HOST:PORT=IDENTITY.');
  return { ...parseAddress(address ?? ''), ...(identity !== undefined ? { identity } : {}) };
}

/** Of a new workspace; what is there keeps its own. */
export const environmentOption = ['--environment <name>', 'lab (default), test or live: what a new workspace is for good; test and live need a passphrase', oneOf<WorkspaceEnvironment>('lab', 'test', 'live')] as const;

export function parseSmdpAddress(text: string): string {
  if (!/^[A-Za-z0-9.-]{1,253}(:\d{1,5})?$/.test(text)) throw new InvalidArgumentError('an SM-DP+ address is a host name, with a port where needed.');
  return text;
}

export interface ServeRequest {
  readonly es9plus: readonly Es9plusListen[];
  readonly es2plus?: readonly Es2plusListen[];
  readonly console?: { host: string; port: number };
  readonly smdpAddress?: string;
  readonly behindProxy?: boolean;
  readonly sample?: boolean;
  /** Of the identities a lab is to have; absent: those it has, those the listeners name, and P-256 where it has none. */
  readonly curves?: readonly LabCurve[];
}

export interface Serving {
  readonly ready: EngineReady;
  /** Of the ES2+ listeners that listen, in the order of `ready`. */
  readonly es2plusIdentities: readonly (readonly string[])[];
  readonly gaveUp: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Prepares a new Lab workspace (PKI, sample) and serves it. A listener needs an identity: when a lab has none at all, it gets
 * its own PKI first.
 */
export async function serve(options: Options, request: ServeRequest, output: Output): Promise<Serving> {
  const engine: Partial<Pick<EngineConfig, 'es9plus' | 'es2plus' | 'console' | 'smdpAddress' | 'behindProxy'>> = {
    es9plus: request.es9plus,
    ...(request.es2plus?.length ? { es2plus: request.es2plus } : {}),
    ...(request.console ? { console: request.console } : {}),
    ...(request.smdpAddress ? { smdpAddress: request.smdpAddress } : {}),
    ...(request.behindProxy ? { behindProxy: true } : {}),
  };
  if (request.es9plus.length > 0 || request.es2plus?.length) await prepareIdentity(options, request, output);
  const host = await startHost(options, { engine }, output);
  if (!host.ready) {
    const status = await host.client.call(contract.workspace.status, {});
    await host.close();
    const pid = status.ok ? status.data.processes?.host : undefined;
    refuse('WORKSPACE_IN_USE', `This workspace is being served by another process${pid === undefined ? '' : `, number ${pid}`}`,
      `Commands attach to it by themselves. To serve the workspace from here, stop the other first: Ctrl+C where it runs, close its window${pid === undefined ? '' : `, or "kill ${pid}"`}`);
  }
  let listening: { kind: string; port: number; identities: string[] }[];
  try {
    const session = createSession(host, output);
    if (request.sample && (await wantsSample(session))) await createSample(session);
    listening = (await session.call(contract.workspace.status, {})).listeners.filter((one) => one.kind === 'es2plus');
  } catch (error) {
    await host.close();
    throw error;
  }
  for (const sentence of host.ready.recovered) output.note(sentence);
  const es2plusIdentities = host.ready.es2plus.map(({ port }) => listening.find((one) => one.port === port)?.identities ?? []);
  return { ready: host.ready, es2plusIdentities, gaveUp: host.own?.gaveUp ?? new Promise(() => undefined), stop: () => host.close() };
}

async function prepareIdentity(options: Options, request: ServeRequest, output: Output): Promise<void> {
  const host = await startHost(options, {}, output);
  try {
    if (!host.own) return;
    const session = createSession(host, output);
    const identities = new Set((await session.call(contract.pki.list, {})).rows.map((row) => row.identity));
    const status = await session.call(contract.workspace.status, {});
    if (status.environment !== 'lab') return;
    if (identities.size === 0) output.note('No identity yet: this lab gets a PKI of its own');
    const address = request.smdpAddress ?? request.es9plus[0]?.host ?? request.es2plus?.[0]?.host;
    const named = [...request.es9plus.flatMap((one) => one.identities ?? []), ...(request.es2plus ?? []).flatMap((one) => one.identity ?? [])];
    const wanted = new Set([...identities, ...named].flatMap((identity) => curveOfIdentity(identity) ?? []));
    for (const curve of request.curves ?? (identities.size === 0 ? ['P-256' as const] : [])) wanted.add(curve);
    for (const curve of labCurves) if (wanted.has(curve)) await ensureLabIdentity(session, curve, address);
  } finally {
    await host.close();
  }
}

export function addServeCommand(program: Command): void {
  addCommand(program, 'serve', 'serve a workspace: ES9+ for devices, ES2+ for brands, the console for a browser')
    .option('--es9plus <listener>', 'HOST:PORT[=IDENTITY,...]; may be repeated', collect(parseListener))
    .option('--es2plus <listener>', 'HOST:PORT[=IDENTITY], mutual TLS for brands; may be repeated', collect(parseEs2plusListener))
    .option('--console <address>', 'HOST:PORT of the browser console (loopback only)', parseAddress)
    .option('--smdp-address <address>', 'FQDN[:PORT] that activation codes send devices to', parseSmdpAddress)
    .option('--behind-proxy', 'take client addresses from X-Forwarded-For')
    .option('--sample', 'fill a new Lab workspace with sample content')
    .option(...environmentOption)
    .action(async (options: Options<{ es9plus?: Es9plusListen[]; es2plus?: Es2plusListen[]; console?: { host: string; port: number }; smdpAddress?: string; behindProxy?: boolean; sample?: boolean }>) => {
      if (options.sample && options.environment !== undefined && options.environment !== 'lab') usage('sample content is for Lab workspaces: leave --sample out, or make a lab.');
      const output = createOutput(options.json ?? false);
      const fresh = openWorkspaceFolder(workspaceOf(options)).fresh;
      // A sample needs a device to download, and a device a listener.
      const es9plus = options.es9plus ?? (options.sample && fresh ? [{ host: '127.0.0.1', port: 0 }] : []);
      const serving = await serve(options, {
        es9plus, es2plus: options.es2plus ?? [], sample: options.sample ?? false, behindProxy: options.behindProxy ?? false,
        ...(options.console ? { console: options.console } : {}),
        ...(options.smdpAddress ? { smdpAddress: options.smdpAddress } : {}),
      }, output);
      const stop = stopRequested();
      // One line for whoever starts it and waits for it; a person at a terminal gets the sentences alone.
      if (!output.json) sayServing(workspaceOf(options), { es9plus: es9plus.length, es2plus: options.es2plus?.length ?? 0 }, serving, output);
      if (output.json || !process.stdout.isTTY) process.stdout.write(`${JSON.stringify({ ready: true, es9plus: serving.ready.es9plus, es2plus: serving.ready.es2plus, ...(serving.ready.console ? { console: serving.ready.console.url } : {}) })}\n`);
      await serveUntilStopped(serving, stop, output);
    });
}

/** Where everything is, and how it ends. */
export function sayServing(workspace: string, listeners: { readonly es9plus: number; readonly es2plus: number }, { ready, es2plusIdentities }: Pick<Serving, 'ready' | 'es2plusIdentities'>, output: Output): void {
  const address = ({ host, port }: { host: string; port: number }) => `${host.includes(':') ? `[${host}]` : host}:${port}`;
  output.note(`Workspace  ${resolve(workspace)}`);
  for (const one of ready.es9plus) output.note(`ES9+       https://${address(one)} (${one.identities.join(', ')})`);
  if (ready.es9plus.length < listeners.es9plus) output.note('ES9+       not open yet: certificates or vault are missing; it opens by itself');
  for (const [i, one] of ready.es2plus.entries()) output.note(`ES2+       https://${address(one)} (${[...(es2plusIdentities[i] ?? []), 'mutual TLS'].join(', ')})`);
  if (ready.es2plus.length < listeners.es2plus) output.note('ES2+       not open yet: certificates or vault are missing; it opens by itself');
  output.note(`Console    ${ready.console ? `${ready.console.url} (opens once)` : 'none (--console 127.0.0.1:PORT)'}`);
  output.note('Ctrl+C stops it.');
}

/** Serves until `stop`, or until engine or vault cannot be kept running (exit 1). */
export async function serveUntilStopped(serving: Serving, stop: Promise<undefined>, output: Output): Promise<void> {
  const reason = await Promise.race([stop, serving.gaveUp]);
  output.note(reason === undefined ? 'draining' : `stopping: ${reason}`);
  if (reason !== undefined) process.exitCode = 1;
  await serving.stop();
  // The other of the two waits for a signal for ever.
  process.exit();
}

/** Resolves at SIGTERM, SIGINT, SIGHUP, or the end of the process that started this one through a channel. */
export function stopRequested(): Promise<undefined> {
  return new Promise((done) => {
    const keepAlive = setInterval(() => undefined, 60_000);
    const stop = () => {
      clearInterval(keepAlive);
      done(undefined);
    };
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, stop);
    if (process.send && !process.connected) stop();
    process.once('disconnect', stop);
    process.channel?.unref();
  });
}
