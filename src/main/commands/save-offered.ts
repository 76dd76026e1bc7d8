/** Writes a file the engine hands out to disk: whole or not at all, for its owner's eyes. */
import { randomBytes } from 'node:crypto';
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { FileOffer } from '../../shared/contract/define.ts';
import type { Host } from '../hosting/host.ts';
import { refuse } from './output.ts';

/** Answers the octets written. Refuses with `FILE_NOT_WRITTEN`; nothing stands at `path` then that was not there before. */
export async function saveOffered(host: Pick<Host, 'client'>, offer: FileOffer, path: string): Promise<number> {
  const beside = `${path}.${randomBytes(4).toString('hex')}.part`;
  try {
    const answer = await host.client.openFile(offer.file);
    if (answer.statusCode !== 200) {
      answer.resume();
      return refuse('FILE_NOT_WRITTEN', 'The engine does not hand out this file any more', 'Ask for it again');
    }
    const out = createWriteStream(beside, { mode: 0o600, flags: 'wx', flush: true });
    await pipeline(answer, out);
    renameSync(beside, path);
    return out.bytesWritten;
  } catch (error) {
    rmSync(beside, { force: true });
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined || error instanceof Error && error.name !== 'Error') throw error;
    return refuse('FILE_NOT_WRITTEN', `${path} could not be written (${code})`, 'Nothing was left behind. Look at the folder and the room on the disk.');
  }
}
