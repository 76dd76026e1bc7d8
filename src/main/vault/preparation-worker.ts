/** Entry of the vault's workers. Gets one moved buffer with everything in it and zeroes that buffer when it is done. */
import { createSecretKey } from 'node:crypto';
import { decodeFrame, encodeFrame } from '../vault-link/frames.ts';
import { VaultError } from '../vault-link/operations.ts';
import { sealRows } from './importing.ts';
import type { SealRowsAnswer, SealRowsTask } from './importing.ts';
import { personaliseItem } from './personalising.ts';
import type { PreparedAnswer, WorkerTask } from './preparation.ts';
import { checkedRandom } from './random.ts';
import { createTemplates } from './templates.ts';

const random = checkedRandom();
const templates = createTemplates();

/** Takes and returns a frame of the vault's link. The answer holds sealed data only. */
function working<T, A>(work: (task: T) => A): (frame: Uint8Array) => Uint8Array {
  return (frame) => {
    try {
      return encodeFrame({ id: 0, data: work(decodeFrame(frame.subarray(4)).args as T) });
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      return encodeFrame({ id: 0, data: { error: { code: error.code, message: error.message } } });
    } finally {
      frame.fill(0);
    }
  };
}

export const prepareChunk = working((task: WorkerTask): PreparedAnswer => {
  const keys = task.keys.map((octets) => createSecretKey(octets));
  const bench = { compiled: templates.load(task.template).compiled, batchKey: keys[task.batchKey]!, fingerprintKey: keys[task.fingerprintKey]!, random };
  return {
    items: task.items.map(({ sealed, subscriberKey, ...item }) => personaliseItem(bench, {
      ...item, subscriber: sealed && subscriberKey !== undefined ? { sealed, batchKey: keys[subscriberKey]! } : undefined,
    })),
  };
});

export const sealRowsChunk = working(({ batchKey, fingerprintKey, plan, rows, count }: SealRowsTask): SealRowsAnswer => ({
  answers: sealRows({ batchKey: createSecretKey(batchKey), fingerprintKey: createSecretKey(fingerprintKey), random }, plan, rows, count),
}));
