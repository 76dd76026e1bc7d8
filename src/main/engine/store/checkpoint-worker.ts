/** The thread that brings the log of the database into the database: see checkpoint.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import type { Checkpointed } from './checkpoint.ts';

const port = parentPort!;
const sqlite = new Sqlite((workerData as { path: string }).path, { fileMustExist: true });
sqlite.pragma('synchronous = FULL');
sqlite.pragma('trusted_schema = OFF');
// Whoever writes goes first.
sqlite.pragma('busy_timeout = 0');
sqlite.pragma('wal_autocheckpoint = 0');
sqlite.pragma('cache_size = -1024');

port.on('message', (message: 'checkpoint' | 'end') => {
  if (message === 'end') {
    sqlite.close();
    port.close();
    return;
  }
  const [done] = sqlite.pragma('wal_checkpoint(PASSIVE)') as { busy: number; log: number; checkpointed: number }[];
  port.postMessage({ log: done?.log ?? 0, checkpointed: done?.checkpointed ?? 0 } satisfies Checkpointed);
});
