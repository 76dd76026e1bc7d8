/** How much one address may ask of a listener. Memory is bounded: what is quiet is forgotten. */
import type { Clock } from '../context.ts';

const MINUTE = 60_000;
const ADDRESSES = 50_000;

export interface RequestRate {
  /** Counts a request; false when the address asked too often in the last minute. */
  admit(address: string, perMinute: number): boolean;
}

/** Sliding window over two fixed minutes: the part of the last one that is still in view counts as well. */
export function requestRate(clock: Clock): RequestRate {
  let window = 0;
  let current = new Map<string, number>();
  let previous = new Map<string, number>();
  return {
    admit(address, perMinute) {
      const now = clock.now();
      const minute = Math.floor(now / MINUTE);
      if (minute !== window) {
        previous = minute === window + 1 ? current : new Map();
        current = new Map();
        window = minute;
      }
      const part = 1 - (now % MINUTE) / MINUTE;
      const count = current.get(address) ?? 0;
      if (count + (previous.get(address) ?? 0) * part >= perMinute) return false;
      if (count === 0 && current.size >= ADDRESSES) return false;
      current.set(address, count + 1);
      return true;
    },
  };
}

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
