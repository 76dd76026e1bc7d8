/** An engine in a temporary folder with a fixed clock, seeded randomness and a vault of the test's choice. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reply } from '../../src/shared/contract/define.ts';
import { areaJobKinds, areaProcedures } from '../../src/main/engine/areas.ts';
import { composeEngine, type EngineParts } from '../../src/main/engine/compose.ts';
import type { Call, Environment, RandomBytes } from '../../src/main/engine/context.ts';
import type { AnyKind } from '../../src/main/engine/jobs/runner.ts';
import { memoryLog } from '../../src/main/engine/log.ts';
import type { Implemented } from '../../src/main/engine/router/implement.ts';
import { readRows, writeAnswers } from '../../src/main/vault-link/import-rows.ts';
import type { OperationInput, OperationName, OperationOutput, Vault } from '../../src/main/vault-link/operations.ts';
import { VaultError } from '../../src/main/vault-link/operations.ts';
import { copyFreshDatabase } from './fresh-database.ts';

/** 2026-01-15 12:00 UTC. */
export const testNow = Date.UTC(2026, 0, 15, 12);

export interface TestClock {
  now(): number;
  advance(milliseconds: number): void;
}

export function testClock(start = testNow): TestClock {
  let at = start;
  return { now: () => at, advance: (ms) => { at += ms; } };
}

/** Deterministic octets: SHA-256 of seed and counter. Test material. */
export function seededRandom(seed = 'test'): RandomBytes {
  let counter = 0;
  return (length) => {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) out.set(createHash('sha256').update(`${seed}:${counter++}`).digest().subarray(0, Math.min(32, length - at)), at);
    return out;
  };
}

export type VaultHandlers = { readonly [N in OperationName]?: (input: OperationInput<N>) => OperationOutput<N> | Promise<OperationOutput<N>> };

const digest = (...parts: (Uint8Array | string)[]): Uint8Array => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

/** A vault that seals nothing: right shapes, stable answers. `handlers` stand before its own. Never for anything but tests. */
export function fakeVault(handlers: VaultHandlers = {}): Vault & { readonly calls: { name: OperationName; input: unknown }[] } {
  const calls: { name: OperationName; input: unknown }[] = [];
  let keys = 0;
  const own: VaultHandlers = {
    status: () => ({ protection: 'not-protected', keys, templates: 0, selfTest: [{ name: 'fake', ok: true }], startedAt: testNow }),
    generateKey: () => ({ keyId: `fake-key-${++keys}`, publicKey: new Uint8Array(65).fill(4) }),
    importKey: () => ({ keyId: `fake-key-${++keys}`, curve: 'P-256', publicKey: new Uint8Array(65).fill(4) }),
    createBatchKey: () => ({ batchKey: new Uint8Array(60).fill(7) }),
    sealSubscribers: ({ items }) => ({
      items: items.map((i) => ({ sealed: digest('sealed', i.iccid), ...(i.secrets.k ? { fingerprint: digest('fingerprint', i.secrets.k as Uint8Array).subarray(0, 16) } : {}) })),
    }),
    createTransportKey: ({ algorithm, components }) => ({ sealed: digest('transport key', algorithm, ...components.map((one) => one.value as Uint8Array)), kcv: new Uint8Array(3).fill(0xab), convention: 'aes-zero', checked: false }),
    sealImport: ({ rows, count }) => ({
      answers: writeAnswers(readRows(rows as Uint8Array, count).map(({ iccid, values }) => {
        const k = values.find((one) => one.name === 'k' && !one.kcv);
        return { problems: [], fingerprint: k && digest('fingerprint', k.octets).subarray(0, 16), sealed: iccid === '' ? undefined : digest('sealed', iccid) };
      })),
    }),
    loadTemplate: () => ({}),
    prepare: ({ items }) => ({ items: items.map((i) => ({ sealed: digest('slots', i.iccid), digest: digest('package', i.iccid), packageBytes: 4096, fingerprint: digest('fp', i.iccid).subarray(0, 16) })) }),
    sealConfirmationCode: ({ orderId, code }) => ({ sealed: digest(orderId, code as Uint8Array) }),
  };
  return {
    calls, state: 'ready',
    async call(name, input) {
      calls.push({ name, input });
      const handler = (handlers[name] ?? own[name]) as ((i: typeof input) => never) | undefined;
      if (!handler) throw new VaultError('VAULT_INTERNAL', `the fake vault has no ${name}`);
      return handler(input);
    },
    close: async () => undefined,
  };
}

export interface TestEngineOptions {
  /** A vault, handlers for the fake one, or the real vault in this process (its keys lie in the test's folder). */
  readonly vault?: Vault | VaultHandlers | 'in-process';
  readonly clock?: TestClock;
  readonly seed?: string;
  readonly environment?: Environment;
  /** Instead of all areas: only these, so that a test stands when another area does not. */
  readonly procedures?: readonly Implemented[];
  readonly jobKinds?: readonly AnyKind[];
  /** An existing workspace folder to open again; it is not removed by `close`. */
  readonly folder?: string;
  readonly smdpAddress?: string;
}

export interface TestEngine extends EngineParts {
  readonly folder: string;
  readonly clock: TestClock;
  readonly log: ReturnType<typeof memoryLog>;
  readonly vault: Vault;
  /** As the desktop's local owner. Answers the reply; every call has a fresh correlation id. */
  call(procedure: string, input?: unknown, options?: { commandId?: string; host?: Call['host'] }): Promise<Reply<never>>;
  /** The data of a call that must succeed; throws with code and message otherwise. */
  ok<T = never>(procedure: string, input?: unknown, options?: { commandId?: string }): Promise<T>;
  /** The error of a call that must be refused; throws otherwise. */
  refused(procedure: string, input?: unknown, options?: { commandId?: string }): Promise<{ code: string; message: string; field?: string; hint?: string }>;
  /** A `Call` for functions of areas that take one. */
  as(host?: Call['host']): Call;
  /** Closes the engine and opens it again on the same folder. */
  reopen(): Promise<TestEngine>;
}

async function chooseVault(wanted: TestEngineOptions['vault'], folder: string): Promise<Vault> {
  if (wanted === 'in-process') {
    const { openVault, vaultInProcess } = await import('../../src/main/vault/index.ts');
    return vaultInProcess(openVault({ root: join(folder, 'vault') }));
  }
  return typeof (wanted as Vault | undefined)?.call === 'function' ? (wanted as Vault) : fakeVault(wanted as VaultHandlers | undefined);
}

export async function openTestEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'desk-test-'));
  if (options.folder === undefined) copyFreshDatabase(join(folder, 'desk.db'));
  const clock = options.clock ?? testClock();
  const log = memoryLog();
  const vault = await chooseVault(options.vault, folder);
  const parts = await composeEngine({
    workspace: folder, version: '0.0.0-test', clock, random: seededRandom(options.seed), log, vault,
    procedures: options.procedures ?? areaProcedures(), jobKinds: options.jobKinds ?? areaJobKinds(),
    environment: options.environment ?? 'lab', smdpAddress: options.smdpAddress ?? 'smdp.test.example',
  });
  let n = 0;
  const as = (host: Call['host'] = 'desktop'): Call => ({ actor: 'local:tester', host, correlationId: `test-${++n}` });
  const call: TestEngine['call'] = (procedure, input = {}, o = {}) =>
    parts.router.call(procedure, input, { ...as(o.host), ...(o.commandId === undefined ? {} : { commandId: o.commandId }) }) as Promise<Reply<never>>;
  const close = async () => {
    await parts.close();
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  };
  return {
    ...parts, folder, clock, log, vault, as, call, close,
    async ok(procedure, input, o) {
      const reply = await call(procedure, input, o);
      if (!reply.ok) throw new Error(`${procedure} was refused: ${reply.error.code} ${reply.error.message}${reply.error.field ? ` (${reply.error.field})` : ''}${reply.error.code === 'INTERNAL' ? ` ${JSON.stringify(log.lines.at(-1))}` : ''}`);
      return reply.data;
    },
    async refused(procedure, input, o) {
      const reply = await call(procedure, input, o);
      if (reply.ok) throw new Error(`${procedure} was not refused`);
      return reply.error;
    },
    async reopen() {
      await parts.close();
      const again = await openTestEngine({ ...options, folder, clock, seed: `${options.seed ?? 'test'}+`, vault });
      return { ...again, close: async () => {
        await again.close();
        if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
      } };
    },
  };
}
