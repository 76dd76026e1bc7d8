/**
 * Whether this console's session has ended. The program makes a new session at every start, so an open page cannot come back by
 * itself: nothing it shows is true any more, and only the new address helps.
 */
import { useSyncExternalStore } from 'react';

let ended = false;
const listeners = new Set<() => void>();

export function noteSessionEnd(): void {
  if (ended) return;
  ended = true;
  for (const tell of listeners) tell();
}

export const sessionEnded = (): boolean => ended;

/** Test seam. */
export function forgetSessionEnd(): void {
  ended = false;
  for (const tell of listeners) tell();
}

export function useSessionEnded(): boolean {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    sessionEnded,
  );
}
