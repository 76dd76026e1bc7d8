/** Entry of a preparation worker. Gets one moved buffer with everything in it and zeroes that buffer when it is done. */
import { decodeFrame, encodeFrame } from '../vault-link/frames.ts';
import { VaultError } from '../vault-link/operations.ts';
import { personaliseItem } from './personalising.ts';
import type { ProfileItem } from './personalising.ts';
import type { WorkerAnswer } from './preparation.ts';
import { checkedRandom } from './random.ts';
import { createTemplates } from './templates.ts';
import type { TemplateSource } from './templates.ts';

interface Task {
  readonly template: TemplateSource;
  readonly batchKey: Uint8Array;
  readonly fingerprintKey: Uint8Array;
  readonly items: (ProfileItem & { readonly subscriber?: { readonly sealed: Uint8Array; readonly batchKey: Uint8Array } })[];
}

const random = checkedRandom();
const templates = createTemplates();

function answer(task: Task): WorkerAnswer {
  try {
    const { compiled } = templates.load(task.template);
    const bench = { compiled, batchKey: task.batchKey, fingerprintKey: task.fingerprintKey, random };
    return { items: task.items.map((item) => personaliseItem(bench, item)) };
  } catch (error) {
    if (error instanceof VaultError) return { error: { code: error.code, message: error.message } };
    throw error;
  }
}

/** Takes and returns a frame of the vault's link. The answer holds sealed data only. */
export function prepareChunk(frame: Uint8Array): Uint8Array {
  try {
    return encodeFrame({ id: 0, data: answer(decodeFrame(frame.subarray(4)).args as Task) });
  } finally {
    frame.fill(0);
  }
}
