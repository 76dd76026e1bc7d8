import type { FileEntry, FileSystem } from '../file-system.ts';
import { viewEntry } from '../file-system.ts';
import type { FileView } from '../files.ts';
import { SaipError } from '../errors.ts';
import type { ProfileElement, ProfileHeader } from '../package.ts';

/** What the rules on a whole, well-ordered package look at. */
export interface Scope {
  readonly elements: readonly ProfileElement[];
  readonly header: ProfileHeader | undefined;
  readonly system: FileSystem;
}

/** The content of a file; absent where its own fields are broken, which V17 and V20 say. */
export function bodyOf(scope: Scope, entry: FileEntry): FileView | undefined {
  try {
    return viewEntry(scope.system, entry);
  } catch (error) {
    if (error instanceof SaipError) return undefined;
    throw error;
  }
}

/** Files of a name that will exist, made by a template or by file management, links included. */
export function named(scope: Scope, ...names: string[]): FileEntry[] {
  return scope.system.files.filter((entry) => !entry.skipped && entry.standard !== undefined && names.includes(entry.standard));
}

/** Application directories, in the order of their creation. */
export function applications(scope: Scope): FileEntry[] {
  return scope.system.files.filter((entry) => entry.kind === 'ADF' && !entry.skipped);
}

export const isEf = (entry: FileEntry): boolean => entry.kind === 'TR' || entry.kind === 'LF' || entry.kind === 'CY' || entry.kind === 'BT';

/** True when every octet is FF: a record or a file nobody wrote. */
export const blank = (bytes: Uint8Array): boolean => bytes.every((octet) => octet === 0xff);

/** The records of a file; a transparent file is one record. */
export function recordsOf({ body, recordLength }: FileView): Uint8Array[] {
  if (recordLength === 0) return [];
  return Array.from({ length: Math.floor(body.length / recordLength) }, (_, i) => body.subarray(i * recordLength, (i + 1) * recordLength));
}
