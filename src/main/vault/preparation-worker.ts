/** Entry of a preparation worker. Gets one moved buffer with everything in it and zeroes that buffer when it is done. */
import { createSecretKey } from 'node:crypto';
import { decodeFrame, encodeFrame } from '../vault-link/frames.ts';
import { VaultError } from '../vault-link/operations.ts';
import { personaliseItem } from './personalising.ts';
import type { WorkerAnswer, WorkerTask } from './preparation.ts';
import { checkedRandom } from './random.ts';
import { createTemplates } from './templates.ts';

const random = checkedRandom();
const templates = createTemplates();

function answer(task: WorkerTask): WorkerAnswer {
  try {
    const keys = task.keys.map((octets) => createSecretKey(octets));
    const bench = { compiled: templates.load(task.template).compiled, batchKey: keys[task.batchKey]!, fingerprintKey: keys[task.fingerprintKey]!, random };
    return {
      items: task.items.map(({ sealed, subscriberKey, ...item }) => personaliseItem(bench, {
        ...item, subscriber: sealed && subscriberKey !== undefined ? { sealed, batchKey: keys[subscriberKey]! } : undefined,
      })),
    };
  } catch (error) {
    if (error instanceof VaultError) return { error: { code: error.code, message: error.message } };
    throw error;
  }
}

/** Takes and returns a frame of the vault's link. The answer holds sealed data only. */
export function prepareChunk(frame: Uint8Array): Uint8Array {
  try {
    return encodeFrame({ id: 0, data: answer(decodeFrame(frame.subarray(4)).args as WorkerTask) });
  } finally {
    frame.fill(0);
  }
}
