/**
 * Which permissions the engine refused in this window. The engine alone decides; the window remembers a refusal so that
 * commands needing the same permission are shown disabled, with the reason, instead of failing one by one.
 */
import { useSyncExternalStore } from 'react';
import type { Permission } from '../../shared/contract/define.ts';

let refused: ReadonlySet<Permission> = new Set();
const listeners = new Set<() => void>();

export function noteRefusal(permission: Permission): void {
  if (refused.has(permission)) return;
  refused = new Set([...refused, permission]);
  for (const tell of listeners) tell();
}

export function forgetRefusals(): void {
  refused = new Set();
  for (const tell of listeners) tell();
}

export function useRefused(): ReadonlySet<Permission> {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => refused,
  );
}
