// The external vectors lie outside the repository; a clone without them runs the project's own fixtures only.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';

const folder = join(process.cwd(), '..', 'shared', 'vectors');
export const vectorsPresent = existsSync(folder);

export function vector(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(folder, name)));
}

export function vectorJson<T>(name: string): T {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as T;
}

/** A group that appears as skipped, with the reason in its name, where the folder is absent. */
export function describeVectors(name: string, run: () => void): void {
  describe.skipIf(!vectorsPresent)(`${name} (external vectors, ../shared/vectors)`, run);
}
