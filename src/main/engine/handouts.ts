/** Files the engine hands out: offered by an answer, fetched once by `GET /files/<handle>`, made while they are read. */
import type { Clock, FileToHand, Handouts, RandomBytes } from './context.ts';

export interface HandoutStore extends Handouts {
  /** Drops what is older than its time; called by a timer. */
  sweep(): void;
  clear(): void;
}

export interface HandoutOptions {
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Milliseconds; ten minutes unless told otherwise. */
  readonly lifetime?: number;
}

/** Open offers at one time: more means a caller that never fetches. */
const most = 200;

export function createHandouts({ clock, random, lifetime = 600_000 }: HandoutOptions): HandoutStore {
  const held = new Map<string, { file: FileToHand; until: number }>();
  const drop = (handle: string): void => {
    const entry = held.get(handle);
    held.delete(handle);
    entry?.file.dropped?.();
  };
  const sweep = (): void => {
    const now = clock.now();
    for (const [handle, { until }] of held) if (until <= now) drop(handle);
  };
  return {
    offer(file) {
      sweep();
      // The oldest stands first.
      for (const handle of held.keys()) {
        if (held.size < most) break;
        drop(handle);
      }
      const handle = `fl_${Buffer.from(random(16)).toString('hex')}`;
      held.set(handle, { file, until: clock.now() + lifetime });
      return { file: handle, name: file.name, ...(file.bytes === undefined ? {} : { bytes: file.bytes }) };
    },
    take(handle) {
      sweep();
      const entry = held.get(handle);
      held.delete(handle);
      return entry?.file;
    },
    sweep,
    clear() {
      for (const handle of held.keys()) drop(handle);
    },
  };
}
