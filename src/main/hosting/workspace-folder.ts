/** The workspace's place on disk and its sockets. */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
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

/** The folder cannot hold a workspace; `code` is stable, the message a sentence for the user. */
export class WorkspaceFolderError extends Error {
  readonly code = 'WORKSPACE_UNUSABLE';
}

/** Makes the folder (0700) when it is missing. Throws {@link WorkspaceFolderError} when it cannot be used. */
export function openWorkspaceFolder(path: string): WorkspaceFolder {
  const root = resolve(path);
  try {
    if (existsSync(root) && !statSync(root).isDirectory()) throw new WorkspaceFolderError(`${root} is not a folder`);
    makeFolders(root);
    const fresh = !existsSync(join(root, 'desk.db'));
    if (process.platform !== 'win32') makePrivate(root, fresh);
    return { root, engineSocket: socketPath(root, 'engine'), vaultSocket: socketPath(root, 'vault'), fresh };
  } catch (error) {
    if (error instanceof WorkspaceFolderError) throw error;
    throw new WorkspaceFolderError(`${root} cannot be used as a workspace (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`);
  }
}

// One by one: Node's own recursion never ends where a file system takes no folders.
function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

// Database and sockets lie in it. A folder with other things in it may be shared for a reason (such as /tmp): its mode is
// not ours to change, and it is no workspace where others can write.
function makePrivate(root: string, fresh: boolean): void {
  const { mode, uid } = statSync(root);
  if ((mode & 0o077) === 0) return;
  if (process.getuid && uid !== process.getuid()) throw new WorkspaceFolderError(`${root} belongs to another user and is open to others`);
  if (!fresh || readdirSync(root).length === 0) chmodSync(root, 0o700);
  else if ((mode & 0o022) !== 0) throw new WorkspaceFolderError(`${root} holds other files and others can write to it; choose an empty folder`);
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
    throw new WorkspaceFolderError(`${folder} is not a private folder of this user`);
  }
  return join(folder, `${name}.sock`);
}
