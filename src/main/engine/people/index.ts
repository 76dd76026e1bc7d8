/** Who may do what. Before people sign in there is one local owner: whoever the operating system let reach the workspace's socket. */
import { userInfo } from 'node:os';
import { type Permission, permissions } from '../../../shared/contract/define.ts';
import type { Call } from '../context.ts';

function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    // No entry for this user id (containers): the number still tells people apart.
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}

/** The actor of a call that arrived over a host's connection. */
export function actorFor(host: Call['host']): string {
  return host === 'engine' || host === 'es9plus' ? 'system' : `local:${osUser()}`;
}

const owner: ReadonlySet<string> = new Set(permissions);

/** Deny by default: the local owner and the engine itself may everything that is a known permission, devices nothing. */
export function allowed(call: Call, permission: Permission): boolean {
  if (call.actor === 'system') return call.host === 'engine' && owner.has(permission);
  return call.actor.startsWith('local:') && call.host !== 'es9plus' && owner.has(permission);
}
