/** Threads of the vault for work on many profiles at once, shared by all such work. */
import { basename, dirname, join } from 'node:path';
import { Piscina } from 'piscina';
import { decodeFrame, encodeFrame } from '../vault-link/frames.ts';
import { VaultError, vaultErrors } from '../vault-link/operations.ts';
import type { VaultErrorCode } from '../vault-link/operations.ts';

/** Functions the worker's file exports. */
export type WorkerFunction = 'prepareChunk' | 'sealRowsChunk';

/** What a worker answers, as a message of the vault's frames. */
export interface WorkerAnswer {
  readonly error?: { readonly code: string; readonly message: string };
}

export interface Workers {
  /** Runs a task in a thread; its octets are copied over and zeroed there. Throws {@link VaultError}. */
  run<A extends WorkerAnswer>(name: WorkerFunction, task: object): Promise<A>;
  close(): Promise<void>;
}

/** The workers' file beside the program that runs, whether that is the built one or the source. */
export function workerFileBeside(program: string): string {
  return basename(program).endsWith('.ts')
    ? join(dirname(program), 'vault', 'preparation-worker.ts')
    : join(dirname(program), 'preparation-worker.cjs');
}

/** Undefined where all work is to be done in the caller's thread. */
export function createWorkers(count: number, workerFile: string | undefined): Workers | undefined {
  if (count === 0 || !workerFile) return undefined;
  let pool: Piscina<Uint8Array, Uint8Array> | undefined;
  return {
    async run<A extends WorkerAnswer>(name: WorkerFunction, task: object): Promise<A> {
      // A thread costs 80 MB: they are there only while there is work for them.
      pool ??= new Piscina({ filename: workerFile, minThreads: 0, maxThreads: count, idleTimeout: 30_000 });
      const frame = encodeFrame({ id: 0, args: task });
      // Moved, not copied: from here on only the worker has it, and zeroes it.
      const answer = decodeFrame((await pool.run(frame, { name, transferList: [frame.buffer as ArrayBuffer] })).subarray(4)).data as A;
      if (answer.error) {
        const { code, message } = answer.error;
        throw new VaultError((vaultErrors as readonly string[]).includes(code) ? (code as VaultErrorCode) : 'VAULT_INTERNAL', message);
      }
      return answer;
    },
    async close() {
      await pool?.close();
    },
  };
}
