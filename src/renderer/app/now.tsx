/** One shared clock for relative times, so that a list of them ticks together and cheaply. */
import { useSyncExternalStore } from 'react';

const everyMs = 5_000;
let now = Date.now();
const listeners = new Set<() => void>();
let timer: number | undefined;

function listen(tell: () => void): () => void {
  listeners.add(tell);
  timer ??= window.setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, everyMs);
  return () => {
    listeners.delete(tell);
    if (listeners.size === 0) {
      window.clearInterval(timer);
      timer = undefined;
    }
  };
}

export function useNow(): number {
  return useSyncExternalStore(listen, () => now);
}
