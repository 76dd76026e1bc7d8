/** The workspace's place on disk and its sockets. */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';

export interface WorkspaceFolder {
  readonly root: string;
  readonly engineSocket: string;
  readonly vaultSocket: string;
  /** No database yet: this start makes the workspace. */
  readonly fresh: boolean;
}

export function defaultWorkspace(): string {
  return join(envPaths('mvne-desk', { suffix: '' }).data, 'lab');
}

/** Makes the folder (0700) when it is missing; throws with a sentence when it cannot be used. */
export function openWorkspaceFolder(path: string): WorkspaceFolder {
  const root = resolve(path);
  if (existsSync(root) && !lstatSync(root).isDirectory()) throw new Error(`${root} is not a folder`);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  // An existing folder of the user's keeps its content, never a wider mode: sockets and database lie in it.
  if (process.platform !== 'win32') chmodSync(root, 0o700);
  const fresh = !existsSync(join(root, 'desk.db'));
  return { root, engineSocket: socketPath(root, 'engine'), vaultSocket: socketPath(root, 'vault'), fresh };
}

// A Unix socket's path may have 107 octets at most; deeper workspaces keep theirs in a private folder of the user's.
function socketPath(root: string, name: string): string {
  const id = createHash('sha256').update(root).digest('hex').slice(0, 24);
  if (process.platform === 'win32') return `\\\\.\\pipe\\mvne-desk-${id}-${name}`;
  const direct = join(root, `${name}.sock`);
  if (Buffer.byteLength(direct) <= 100) return direct;
  const folder = join(tmpdir(), `mvne-desk-${process.getuid?.() ?? 0}-${id}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stat = lstatSync(folder);
  if (!stat.isDirectory() || (process.getuid && stat.uid !== process.getuid()) || (stat.mode & 0o077) !== 0) {
    throw new Error(`${folder} is not a private folder of this user`);
  }
  return join(folder, `${name}.sock`);
}
