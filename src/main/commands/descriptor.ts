/** Reads a descriptor to its end as bytes that can be zeroed: secrets come from pipes, files and terminals. */
import { readSync } from 'node:fs';

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Throws what the system says, but waits where a pipe of the caller's has nothing yet. */
export function readDescriptor(descriptor: number, limit = 512 * 1024 * 1024): Buffer {
  const parts: Buffer[] = [];
  const piece = Buffer.alloc(65_536);
  let size = 0;
  try {
    for (;;) {
      let length: number;
      try {
        length = readSync(descriptor, piece, 0, piece.length, null);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EOF') break;
        if (code !== 'EAGAIN') throw error;
        Atomics.wait(pause, 0, 0, 20);
        continue;
      }
      if (length === 0) break;
      size += length;
      if (size > limit) throw Object.assign(new Error('too large'), { code: 'EFBIG' });
      parts.push(Buffer.from(piece.subarray(0, length)));
    }
    return Buffer.concat(parts);
  } finally {
    piece.fill(0);
    for (const part of parts) part.fill(0);
  }
}
