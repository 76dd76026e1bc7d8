/** Files and secrets that came as raw bytes: in memory only, with a cap, for ten minutes, zeroed when they expire. */
import { type Clock, DeskProblem, type RandomBytes, type Uploads } from './context.ts';

export interface UploadStore extends Uploads {
  /** Zeroes what is older than its time; called by a timer. */
  sweep(): void;
  /** Zeroes everything. */
  clear(): void;
  readonly bytes: number;
}

export interface UploadOptions {
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Octets held at one time; 512 MiB unless told otherwise. */
  readonly capacity?: number;
  /** Milliseconds; ten minutes unless told otherwise. */
  readonly lifetime?: number;
}

export function createUploads({ clock, random, capacity = 512 * 1024 * 1024, lifetime = 600_000 }: UploadOptions): UploadStore {
  const held = new Map<string, { bytes: Uint8Array; until: number }>();
  let total = 0;
  const drop = (handle: string, zero: boolean) => {
    const entry = held.get(handle);
    if (!entry) return;
    held.delete(handle);
    total -= entry.bytes.length;
    if (zero) entry.bytes.fill(0);
  };
  const sweep = () => {
    const now = clock.now();
    for (const [handle, entry] of held) if (entry.until <= now) drop(handle, true);
  };
  return {
    get bytes() {
      return total;
    },
    put(bytes) {
      sweep();
      if (total + bytes.length > capacity) throw new DeskProblem('UPLOAD_TOO_LARGE', `Uploads may hold ${Math.round(capacity / 1_048_576)} MiB at one time`);
      const handle = `up_${Buffer.from(random(16)).toString('hex')}`;
      held.set(handle, { bytes, until: clock.now() + lifetime });
      total += bytes.length;
      return handle;
    },
    take(handle) {
      sweep();
      const entry = held.get(handle);
      if (!entry) throw new DeskProblem('UPLOAD_UNKNOWN', 'The uploaded file is not there any more: it was used already or has waited too long; choose it again');
      drop(handle, false);
      return entry.bytes;
    },
    sweep,
    clear() {
      for (const handle of held.keys()) drop(handle, true);
    },
  };
}
