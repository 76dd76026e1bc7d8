/** The workspace's place on disk and its sockets. */
import { createHash } from 'node:crypto';
import { chmodSync, closeSync, existsSync, fsyncSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
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

/** Whether `path` holds a workspace. Nothing is made. */
export function holdsWorkspace(path: string): boolean {
  return existsSync(join(resolve(path), 'desk.db'));
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
    const fresh = !holdsWorkspace(root);
    if (fresh) refuseForeign(root);
    if (process.platform !== 'win32') makePrivate(root);
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

// What a first start that was cut short leaves, an administrator's settings, and what file systems put into every folder.
const ownNames = /^(desk\.db|lock\.db|settings\.json$|vault$|vault\.sock$|engine\.sock$|journal$|logs$|backups$|lab$|lost\+found$|\.DS_Store$)/;

/** A folder of somebody else's (/etc, /tmp, a project) is not filled with ours, nor is its mode changed. */
function refuseForeign(root: string): void {
  if (readdirSync(root).some((name) => !ownNames.test(name))) throw new WorkspaceFolderError(`${root} holds other files; choose an empty folder for a new workspace`);
}

// Database and sockets lie in it.
function makePrivate(root: string): void {
  const { mode, uid } = statSync(root);
  if ((mode & 0o077) === 0) return;
  if (process.getuid && uid !== process.getuid()) throw new WorkspaceFolderError(`${root} belongs to another user and is open to others`);
  chmodSync(root, 0o700);
}

const vaultFile = (root: string, name: string): string => join(resolve(root), 'vault', name);
const WANTED = 'passphrase-wanted';

/** Whether the workspace's key encryption key is sealed under a passphrase, as the second octet of the vault's file `kek` says, or shall be when it is made. */
export function isProtected(workspace: string): boolean {
  const kek = vaultFile(workspace, 'kek');
  return existsSync(kek) ? readFileSync(kek)[1] === 1 : isPassphraseWanted(workspace);
}

/** A first start with a passphrase was cut off before the vault made its key. */
export const isPassphraseWanted = (workspace: string): boolean => !existsSync(vaultFile(workspace, 'kek')) && existsSync(vaultFile(workspace, WANTED));

/** Before anything else of a workspace is made with a passphrase: the vault makes no key without one from now on. */
export function wantPassphrase(workspace: string): void {
  if (existsSync(vaultFile(workspace, 'kek'))) return;
  mkdirSync(vaultFile(workspace, ''), { recursive: true, mode: 0o700 });
  const file = openSync(vaultFile(workspace, WANTED), 'w', 0o600);
  fsyncSync(file);
  closeSync(file);
  if (process.platform === 'win32') return;
  for (const path of [vaultFile(workspace, ''), resolve(workspace)]) {
    const folder = openSync(path, 'r');
    fsyncSync(folder);
    closeSync(folder);
  }
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
