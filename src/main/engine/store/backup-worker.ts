/** The thread that copies the database and checks the copy: see backup.ts. Says one thing and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Copied, CopyTask } from './backup.ts';
import { checkCopy, copyDatabase, fsyncPath, sha256File } from './backup-copy.ts';

const { path, part, ended } = workerData as CopyTask;
const goOn = (): void => {
  if (Atomics.load(ended, 0) !== 0) throw new Error('ended');
};

async function work(): Promise<Copied> {
  try {
    goOn();
    await copyDatabase(path, part, goOn);
    goOn();
    checkCopy(part);
    goOn();
    fsyncPath(part);
    return { sha256: await sha256File(part, goOn) };
  } catch (error) {
    return { failed: (error as NodeJS.ErrnoException).code ?? 'CHECK' };
  }
}

void work().then((copied) => parentPort!.postMessage(copied));
