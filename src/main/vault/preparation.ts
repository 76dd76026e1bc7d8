/** Preparation in workers: many profiles at once, without holding up the vault's signing and binding. */
import { basename, dirname, join } from 'node:path';
import type { KeyObject } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { Piscina } from 'piscina';
import { decodeFrame, encodeFrame } from '../vault-link/frames.ts';
import { VaultError, vaultErrors } from '../vault-link/operations.ts';
import type { VaultErrorCode } from '../vault-link/operations.ts';
import { personaliseItem } from './personalising.ts';
import type { PreparedItem, ProfileItem } from './personalising.ts';
import type { RandomBytes } from './random.ts';
import type { KnownTemplate, TemplateSource } from './templates.ts';

export interface PreparationOptions {
  /** 0: in this thread. */
  readonly workers: number;
  /** The worker's program; see {@link workerFileBeside}. */
  readonly workerFile: string | undefined;
  readonly fingerprintKey: KeyObject;
  readonly random: RandomBytes;
}

export interface Preparation {
  /** One answer per item, in order. Throws {@link VaultError} for the first that cannot be made; then none is returned. */
  prepare(template: KnownTemplate, batchKey: KeyObject, items: readonly ProfileItem[]): Promise<PreparedItem[]>;
  close(): Promise<void>;
}

/** What a worker gets. Keys are named by their place in `keys`. */
export interface WorkerTask {
  readonly template: TemplateSource;
  readonly keys: readonly Uint8Array[];
  readonly batchKey: number;
  readonly fingerprintKey: number;
  readonly items: readonly (Omit<ProfileItem, 'subscriber'> & { readonly sealed?: Uint8Array; readonly subscriberKey?: number })[];
}

/** What a worker answers, as a message of the vault's frames. */
export interface WorkerAnswer {
  readonly items?: PreparedItem[];
  readonly error?: { readonly code: string; readonly message: string };
}

/** About 10 ms of work: enough to make the hand-over cheap, little enough to share it evenly. */
const CHUNK = 200;

/** The worker's file beside the program that runs, whether that is the built one or the source. */
export function workerFileBeside(program: string): string {
  return basename(program).endsWith('.ts')
    ? join(dirname(program), 'vault', 'preparation-worker.ts')
    : join(dirname(program), 'preparation-worker.cjs');
}

export function createPreparation(options: PreparationOptions): Preparation {
  const { workers, workerFile, fingerprintKey, random } = options;
  if (workers === 0 || !workerFile) return inThisThread(fingerprintKey, random);
  let pool: Piscina<Uint8Array, Uint8Array> | undefined;

  const runChunk = async (template: KnownTemplate, batchKey: KeyObject, items: readonly ProfileItem[]): Promise<PreparedItem[]> => {
    // A thread costs 80 MB: they are there only while there is work for them.
    pool ??= new Piscina({ filename: workerFile, name: 'prepareChunk', minThreads: 0, maxThreads: workers, idleTimeout: 30_000 });
    // Profiles of a chunk mostly come from one batch: each key travels once and is named by its place.
    const keys = [...new Set([batchKey, fingerprintKey, ...items.flatMap(({ subscriber }) => (subscriber ? [subscriber.batchKey] : []))])];
    const octets = keys.map((key) => key.export());
    const task = encodeFrame({
      id: 0,
      args: {
        template: template.source, keys: octets, batchKey: 0, fingerprintKey: 1,
        items: items.map(({ subscriber, ...item }) => ({ ...item, ...(subscriber && { sealed: subscriber.sealed, subscriberKey: keys.indexOf(subscriber.batchKey) }) })),
      } satisfies WorkerTask,
    });
    for (const key of octets) key.fill(0);
    // Moved, not copied: from here on only the worker has it, and zeroes it.
    const answer = decodeFrame((await pool.run(task, { transferList: [task.buffer as ArrayBuffer] })).subarray(4)).data as WorkerAnswer;
    if (answer.error) {
      const { code, message } = answer.error;
      throw new VaultError((vaultErrors as readonly string[]).includes(code) ? (code as VaultErrorCode) : 'VAULT_INTERNAL', message);
    }
    return answer.items!;
  };

  return {
    async prepare(template, batchKey, items) {
      const chunks: Promise<PreparedItem[]>[] = [];
      for (let at = 0; at < items.length; at += CHUNK) chunks.push(runChunk(template, batchKey, items.slice(at, at + CHUNK)));
      const results = await Promise.allSettled(chunks);
      return results.flatMap((result) => {
        if (result.status === 'rejected') throw result.reason;
        return result.value;
      });
    },
    async close() {
      await pool?.close();
    },
  };
}

function inThisThread(fingerprintKey: KeyObject, random: RandomBytes): Preparation {
  return {
    async prepare(template, batchKey, items) {
      const out: PreparedItem[] = [];
      const bench = { compiled: template.compiled, batchKey, fingerprintKey, random };
      for (const item of items) {
        out.push(personaliseItem(bench, item));
        if (out.length % CHUNK === 0) await breathe();
      }
      return out;
    },
    close: () => Promise.resolve(),
  };
}
