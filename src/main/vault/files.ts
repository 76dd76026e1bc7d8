/** Files of the vault's folder: private to one user, written whole or not at all. */
import { closeSync, constants, fchmodSync, fstatSync, fsyncSync, linkSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';

/** The vault's folder or one of its files cannot be used; the vault does not start. */
export class StoreError extends Error {
  readonly code: 'VAULT_FOLDER_UNSAFE' | 'VAULT_STORE_BROKEN' | 'VAULT_LOCKED' | 'VAULT_KEY_MISSING' | 'VAULT_PROTECTION_DIFFERS';
  constructor(code: StoreError['code'], message: string) {
    super(message);
    this.name = 'StoreError';
    this.code = code;
  }
}

const POSIX = process.platform !== 'win32';
const TEMPORARY = '.tmp-';

/** Makes the folder 0700 when it is missing; throws {@link StoreError} when others may enter it. */
export function openPrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stat = lstatSync(folder);
  if (!stat.isDirectory()) throw new StoreError('VAULT_FOLDER_UNSAFE', `${basename(folder)} in the workspace is not a folder`);
  if (POSIX && (stat.uid !== process.getuid?.() || (stat.mode & 0o077) !== 0)) {
    throw new StoreError('VAULT_FOLDER_UNSAFE', `the folder ${basename(folder)} must belong to this user and be closed to others (mode 0700)`);
  }
}

/** Content of a file only this user may read; undefined when there is none. Throws {@link StoreError}. */
export function readPrivateFile(path: string, limit = 65_536): Buffer | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new StoreError('VAULT_FOLDER_UNSAFE', `the vault's file ${basename(path)} cannot be opened (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || (POSIX && (stat.uid !== process.getuid?.() || (stat.mode & 0o077) !== 0))) {
      throw new StoreError('VAULT_FOLDER_UNSAFE', `the vault's file ${basename(path)} must belong to this user and be closed to others (mode 0600)`);
    }
    if (stat.size > limit) throw new StoreError('VAULT_STORE_BROKEN', `the vault's file ${basename(path)} is larger than any the vault writes`);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Writes a file so that after a crash at any moment either the old state or the new one is there, never a part of it.
 * With `fresh`, an existing file is left alone and false is returned.
 */
export function writePrivateFile(path: string, content: Uint8Array, options: { fresh?: boolean } = {}): boolean {
  const temporary = join(dirname(path), `${basename(path)}${TEMPORARY}${randomUUID()}`);
  const fd = openSync(temporary, 'wx', 0o600);
  try {
    try {
      if (POSIX) fchmodSync(fd, 0o600);
      for (let at = 0; at < content.length;) at += writeSync(fd, content, at);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    if (options.fresh) {
      // A link fails where a rename would replace: of two vaults starting at once only one makes the file.
      linkSync(temporary, path);
      rmSync(temporary);
    } else renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    if (options.fresh && (error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  syncFolder(dirname(path));
  return true;
}

function syncFolder(folder: string): void {
  if (!POSIX) return;
  const fd = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Removes what a crash between writing and renaming left. */
export function removeTemporaryFiles(folder: string): void {
  for (const name of readdirSync(folder)) if (name.includes(TEMPORARY)) rmSync(join(folder, name), { force: true });
}
