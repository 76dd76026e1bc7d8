/** How much one address may ask of a listener. Memory is bounded: what is quiet is forgotten. */
import type { Clock } from '../context.ts';

const MINUTE = 60_000;
const ADDRESSES = 50_000;

export interface RequestRate {
  /** Counts a request; false when the address asked too often in the last minute. */
  admit(address: string, perMinute: number): boolean;
  /** Seconds until the address is admitted again, at least one. */
  secondsUntilAdmitted(address: string, perMinute: number): number;
}

/**
 * Sliding window over two fixed minutes: the part of the last one that is still in view counts as well. When there are more
 * addresses than can be remembered the one that came first this minute is forgotten: newcomers are never locked out by a crowd.
 */
export function requestRate(clock: Clock, addresses = ADDRESSES): RequestRate {
  let window = 0;
  let current = new Map<string, number>();
  let previous = new Map<string, number>();
  const turn = (now: number): void => {
    const minute = Math.floor(now / MINUTE);
    if (minute === window) return;
    previous = minute === window + 1 ? current : new Map();
    current = new Map();
    window = minute;
  };
  return {
    admit(address, perMinute) {
      const now = clock.now();
      turn(now);
      const part = 1 - (now % MINUTE) / MINUTE;
      const count = current.get(address) ?? 0;
      if (count + (previous.get(address) ?? 0) * part >= perMinute) return false;
      if (count === 0 && current.size >= addresses) current.delete(current.keys().next().value!);
      current.set(address, count + 1);
      return true;
    },
    secondsUntilAdmitted(address, perMinute) {
      const now = clock.now();
      turn(now);
      const gone = now % MINUTE;
      const count = current.get(address) ?? 0;
      const before = previous.get(address) ?? 0;
      // Within this minute the last one slides out of view; what was asked in this one does so only in the next.
      const wait = count < perMinute ? slidOut(before, perMinute - count) - gone : MINUTE - gone + slidOut(count, perMinute);
      return Math.max(1, Math.ceil((wait + 1) / 1000));
    },
  };
}

/** Milliseconds into a minute after which `count` of the minute before weighs less than `room`. */
const slidOut = (count: number, room: number): number => (count < room ? 0 : MINUTE * (1 - room / count));

/** An IPv6 client owns a whole /64: counting single addresses would count nothing. */
export function addressKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = tail === undefined ? left : [...left, ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0'), ...right];
  return groups.slice(0, 4).map((group) => Number.parseInt(group || '0', 16).toString(16)).join(':');
}
