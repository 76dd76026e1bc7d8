/** Where output files lie, and how they come to lie there: whole or not at all, readable by their owner alone. */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineContext } from '../context.ts';

export const outputsFolder = (ctx: Pick<EngineContext, 'paths'>): string => join(ctx.paths.root, 'outputs');

/** A name that is safe on every disk and says what the file is. */
export function safeName(text: string): string {
  const plain = text.normalize('NFKD').replace(/[^A-Za-z0-9._ -]+/g, '').trim().replace(/\s+/g, '-').replace(/^[.-]+/, '').slice(0, 100);
  return plain === '' ? 'file' : plain;
}

export const artefactPath = (ctx: Pick<EngineContext, 'paths'>, artefact: { readonly id: string; readonly name: string }): string => join(outputsFolder(ctx), `${artefact.id}-${artefact.name}`);

/** A file on its way into the folder. */
export interface GrowingFile {
  readonly bytes: number;
  add(octets: Uint8Array): Promise<void>;
  /** Puts it in its place, on disk for certain; answers its digest. */
  finish(path: string): Promise<Uint8Array>;
  drop(): Promise<void>;
}

export async function growFile(ctx: Pick<EngineContext, 'paths'>, name: string): Promise<GrowingFile> {
  const folder = outputsFolder(ctx);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, `.${name}.part`);
  await rm(temporary, { force: true });
  const handle: FileHandle = await open(temporary, 'wx', 0o600);
  const hash: Hash = createHash('sha256');
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    async add(octets) {
      hash.update(octets);
      bytes += octets.length;
      await handle.appendFile(octets);
    },
    async finish(path) {
      await handle.sync();
      await handle.close();
      await rename(temporary, path);
      const directory = await open(folder, 'r');
      // Windows has no directory to bring to disk.
      await directory.sync().catch(() => undefined);
      await directory.close();
      return hash.digest();
    },
    async drop() {
      await handle.close().catch(() => undefined);
      await rm(temporary, { force: true });
    },
  };
}

/** Takes away what no record tells of: a file whose job ended between its place and its record. Answers how many there were. */
export async function removeOrphans(ctx: Pick<EngineContext, 'paths' | 'db'>): Promise<number> {
  const names = await readdir(outputsFolder(ctx)).catch(() => [] as string[]);
  if (names.length === 0) return 0;
  const known = new Set((await ctx.db.selectFrom('artefacts').select(['id', 'name']).where('swept_at', 'is', null).execute()).map((one) => `${one.id}-${one.name}`));
  let removed = 0;
  for (const name of names) {
    if (known.has(name) || !/^(\.out_|out_)/.test(name)) continue;
    await rm(join(outputsFolder(ctx), name), { force: true });
    removed += 1;
  }
  return removed;
}
