/** The built product as its user runs it: the launcher, its output, its processes. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';

// Vitest and Playwright both run in the repository's root.
const root = resolve('.');
const launcher = join(root, 'mvne-desk');

export interface Ready {
  readonly ready: true;
  readonly es9plus: { host: string; port: number; identities: string[] }[];
  readonly console?: string;
}

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The one JSON object on stdout; throws when there is anything else. */
  json(): Record<string, unknown> & { error?: { code: string; message: string } };
}

export interface Running {
  readonly child: ChildProcess;
  readonly gone: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  stdout(): string;
  stderr(): string;
}

export interface RunOptions {
  readonly env?: Record<string, string | undefined>;
  /** Written to descriptor 3, then closed. */
  readonly fd3?: string;
  readonly stdin?: string;
  readonly node?: string;
  readonly cwd?: string;
}

/** Builds the programs when they are older than their sources. */
export function ensureBuilt(): void {
  const built = spawnSync(process.execPath, [launcher, 'build'], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`the build failed\n${built.stdout}${built.stderr}`);
}

const folders: string[] = [];
const started = new Set<ChildProcess>();

export function newFolder(name = 'desk-test-'): string {
  const folder = mkdtempSync(join(tmpdir(), name));
  folders.push(folder);
  return folder;
}

export const commandLine = [process.execPath, launcher] as const;

export function start(args: readonly string[], options: RunOptions = {}): Running {
  const env: NodeJS.ProcessEnv = { ...process.env, MVNE_DESK_NO_BUILD: '1', DISPLAY: undefined, WAYLAND_DISPLAY: undefined, ...options.env };
  const child = spawn(options.node ?? process.execPath, [launcher, ...args], {
    env, cwd: options.cwd ?? root, stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...(options.fd3 === undefined ? [] : ['pipe' as const])],
  });
  started.add(child);
  let out = '';
  let err = '';
  child.stdout!.on('data', (part: Buffer) => { out += part.toString(); });
  child.stderr!.on('data', (part: Buffer) => { err += part.toString(); });
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.stdin);
  if (options.fd3 !== undefined) {
    const pipe = child.stdio[3] as Readable & Writable;
    pipe.on('error', () => undefined);
    pipe.resume();
    pipe.end(options.fd3);
  }
  const gone = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) => {
    child.once('close', (code, signal) => {
      started.delete(child);
      done({ code, signal });
    });
  });
  return { child, gone, stdout: () => out, stderr: () => err };
}

export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const running = start(args, options);
  const { code, signal } = await running.gone;
  const stdout = running.stdout();
  return {
    code, signal, stdout, stderr: running.stderr(),
    json: () => {
      const lines = stdout.split('\n').filter((line) => line !== '');
      if (lines.length !== 1) throw new Error(`not one line on stdout but ${lines.length}: ${stdout}\n${running.stderr()}`);
      return JSON.parse(lines[0]!) as Record<string, unknown>;
    },
  };
}

/** Runs a command that has to succeed and answers its result. */
export async function must<T = Record<string, unknown>>(args: readonly string[], options: RunOptions = {}): Promise<T> {
  const done = await run([...args, '--json'], options);
  if (done.code !== 0) throw new Error(`${args.join(' ')} ended with ${done.code ?? done.signal}: ${done.stdout}${done.stderr}`);
  return done.json() as T;
}

export interface Serving extends Running {
  readonly ready: Ready;
  /** Ids of engine and vault below this program. */
  parts(): { engine: number; vault: number };
  stop(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export async function serve(workspace: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Serving> {
  const running = start(['serve', '--workspace', workspace, ...args], options);
  const ready = await new Promise<Ready>((done, failed) => {
    const look = () => {
      const line = running.stdout().split('\n').find((one) => one.includes('"ready":true'));
      if (line) done(JSON.parse(line) as Ready);
    };
    running.child.stdout!.on('data', look);
    void running.gone.then(({ code, signal }) => failed(new Error(`serve ended with ${code ?? signal}: ${running.stdout()}${running.stderr()}`)));
  });
  return {
    ...running, ready,
    parts: () => partsBelow(running.child.pid!),
    stop: () => {
      running.child.kill('SIGTERM');
      return running.gone;
    },
  };
}

/** Makes a workspace in the folder, so that reading commands find one. */
export async function makeWorkspace(workspace: string, args: readonly string[] = [], options: RunOptions = {}): Promise<void> {
  await (await serve(workspace, args, options)).stop();
}

/** Every process of the product below `pid`, itself not included. */
export function descendants(pid: number): { pid: number; command: string }[] {
  const below = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== undefined) below.set(parent, [...(below.get(parent) ?? []), Number(name)]);
  }
  const all: { pid: number; command: string }[] = [];
  const walk = (id: number) => {
    for (const child of below.get(id) ?? []) {
      all.push({ pid: child, command: commandOf(child) });
      walk(child);
    }
  };
  walk(pid);
  return all;
}

function parentOf(pid: number): number | undefined {
  try {
    // The name in brackets may hold anything; what follows it does not.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return fields[0] === 'Z' ? undefined : Number(fields[1]);
  } catch {
    return undefined;
  }
}

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

export const isAlive = (pid: number): boolean => parentOf(pid) !== undefined;

export function partsBelow(pid: number): { engine: number; vault: number } {
  const all = descendants(pid);
  const find = (name: string) => all.find(({ command }) => command.includes(`${name}.cjs`))?.pid ?? 0;
  return { engine: find('engine'), vault: find('vault') };
}

/** Waits until `condition` holds; answers how long that took, in milliseconds. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, limit = 20_000): Promise<number> {
  const from = performance.now();
  while (!(await condition())) {
    if (performance.now() - from > limit) throw new Error(`did not come true in ${limit} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
  return performance.now() - from;
}

/** Ends what a test left running and removes its folders. */
export function cleanUp(): void {
  for (const child of started) {
    if (child.pid) for (const { pid } of descendants(child.pid)) kill(pid);
    child.kill('SIGKILL');
  }
  started.clear();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    if (pid > 0) process.kill(pid, signal);
  } catch {
    // It was quicker.
  }
}

/** Seeded choices (mulberry32), so that a failing run can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
