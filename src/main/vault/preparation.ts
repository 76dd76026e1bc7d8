/** Preparation in workers: many profiles at once, without holding up the vault's signing and binding. */
import type { KeyObject } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { personaliseItem } from './personalising.ts';
import type { PreparedItem, ProfileItem } from './personalising.ts';
import type { RandomBytes } from './random.ts';
import type { KnownTemplate, TemplateSource } from './templates.ts';
import type { WorkerAnswer, Workers } from './workers.ts';

export interface PreparationOptions {
  /** Undefined: in this thread. */
  readonly workers: Workers | undefined;
  readonly fingerprintKey: KeyObject;
  readonly random: RandomBytes;
}

export interface Preparation {
  /** One answer per item, in order. Throws {@link VaultError} for the first that cannot be made; then none is returned. */
  prepare(template: KnownTemplate, batchKey: KeyObject, items: readonly ProfileItem[]): Promise<PreparedItem[]>;
}

/** What a worker gets. Keys are named by their place in `keys`. */
export interface WorkerTask {
  readonly template: TemplateSource;
  readonly keys: readonly Uint8Array[];
  readonly batchKey: number;
  readonly fingerprintKey: number;
  readonly items: readonly (Omit<ProfileItem, 'subscriber'> & { readonly sealed?: Uint8Array; readonly subscriberKey?: number })[];
}

export interface PreparedAnswer extends WorkerAnswer {
  readonly items?: PreparedItem[];
}

/** About 10 ms of work: enough to make the hand-over cheap, little enough to share it evenly. */
const CHUNK = 200;

export function createPreparation(options: PreparationOptions): Preparation {
  const { workers, fingerprintKey, random } = options;
  if (!workers) return inThisThread(fingerprintKey, random);

  const runChunk = async (template: KnownTemplate, batchKey: KeyObject, items: readonly ProfileItem[]): Promise<PreparedItem[]> => {
    // Profiles of a chunk mostly come from one batch: each key travels once and is named by its place.
    const keys = [...new Set([batchKey, fingerprintKey, ...items.flatMap(({ subscriber }) => (subscriber ? [subscriber.batchKey] : []))])];
    const octets = keys.map((key) => key.export());
    try {
      const { items: prepared } = await workers.run<PreparedAnswer>('prepareChunk', {
        template: template.source, keys: octets, batchKey: 0, fingerprintKey: 1,
        items: items.map(({ subscriber, ...item }) => ({ ...item, ...(subscriber && { sealed: subscriber.sealed, subscriberKey: keys.indexOf(subscriber.batchKey) }) })),
      } satisfies WorkerTask);
      return prepared!;
    } finally {
      for (const key of octets) key.fill(0);
    }
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
  };
}
