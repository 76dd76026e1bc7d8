/**
 * The number journal: which numbers profiles were given, outside the database, so that a backup restored from yesterday cannot
 * give one out again. One line a run of numbers, tab-separated: origin, kind, first key, how many, epoch milliseconds. Only ever
 * appended to, and forced to disk after the commit it tells of and before anybody hears of that commit.
 */
import { constants } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { NumberKind } from '../../../shared/contract/numbers.ts';
import { numberKinds } from '../../../shared/contract/numbers.ts';
import type { RandomBytes } from '../context.ts';
import type { TakenNumbers } from '../store/taken-numbers.ts';
import { NumberRuns, runsOf } from './number-runs.ts';
import type { Span } from './rules.ts';
import { keyOf } from './rules.ts';

export const NUMBERS_FILE = 'numbers.log';

export type Origin = TakenNumbers['origin'];
interface Entry { readonly origin: Origin; readonly kind: NumberKind; readonly first: string; readonly count: number; readonly at: number }

const identityLine = /^journal\t([0-9a-f]{16})$/;
const entryLine = /^(own|file)\t(iccid|imsi|msisdn)\t(\d{5,20})\t(\d{1,9})\t(\d{1,15})$/;

const known = (): Record<NumberKind, NumberRuns> => ({ iccid: new NumberRuns(), imsi: new NumberRuns(), msisdn: new NumberRuns() });

export class NumberJournal {
  readonly #path: string;
  readonly #folder: string;
  #handle: FileHandle | undefined;
  /** On their way to the disk; a failed write is tried again with the next. */
  #waiting: Entry[] = [];
  #writing: Promise<void> = Promise.resolve();
  readonly #runs: Record<Origin, Record<NumberKind, NumberRuns>> = { own: known(), file: known() };
  /** Of this file: a database that names another one has not been looked through for it. */
  identity = '';
  /** Lines that cannot be read. One at the end is what a crash cut off. */
  damaged = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, NUMBERS_FILE);
  }

  async load(random: RandomBytes): Promise<void> {
    let text = '';
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    for (const line of text.split('\n')) {
      if (line === '') continue;
      const identity = identityLine.exec(line);
      const entry = entryLine.exec(line);
      if (identity) this.identity = identity[1]!;
      else if (entry) this.#runs[entry[1] as Origin][entry[2] as NumberKind].add(entry[3]!, Number(entry[4]));
      else this.damaged += 1;
    }
    if (this.identity === '') {
      this.identity = Buffer.from(random(8)).toString('hex');
      await this.#append(`journal\t${this.identity}\n`);
    }
  }

  has(kind: NumberKind, key: string, origin: Origin): boolean {
    return this.#runs[origin][kind].has(key);
  }

  ofOwnKeys(kind: NumberKind): Span[] {
    return this.#runs.own[kind].all();
  }

  /** Parts of a span that were given out, of whatever origin; they may overlap. */
  given(kind: NumberKind, span: Span): Span[] {
    return [...this.#runs.own[kind].meet(span), ...this.#runs.file[kind].meet(span)];
  }

  /** Resolves when the numbers are on disk; those that are known already are left out. Rejects when they are not; they go with the next. */
  async append(taken: readonly TakenNumbers[], at: number): Promise<void> {
    for (const origin of ['own', 'file'] as const) {
      for (const kind of numberKinds) {
        const keys = new Set<string>();
        for (const one of taken) {
          const number = one.origin === origin ? one[kind] : undefined;
          if (number === undefined || number === null) continue;
          const key = keyOf(kind, number);
          if (!this.has(kind, key, origin)) keys.add(key);
        }
        for (const { first, count } of runsOf(keys)) this.#waiting.push({ origin, kind, first, count, at });
      }
    }
    const written = this.#writing.then(() => this.#flush());
    this.#writing = written.catch(() => undefined);
    await written;
  }

  async #flush(): Promise<void> {
    const entries = this.#waiting;
    if (entries.length === 0) return;
    await this.#append(entries.map((one) => `${one.origin}\t${one.kind}\t${one.first}\t${one.count}\t${one.at}\n`).join(''));
    this.#waiting = this.#waiting.slice(entries.length);
    for (const one of entries) this.#runs[one.origin][one.kind].add(one.first, one.count);
  }

  async #append(lines: string): Promise<void> {
    const handle = this.#handle ??= await this.#open();
    await handle.appendFile(lines);
    await handle.datasync();
  }

  async #open(): Promise<FileHandle> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const handle = await open(this.#path, constants.O_APPEND | constants.O_CREAT | constants.O_RDWR, 0o600);
    // A crash may have cut the last line; the next one must not be glued to it.
    const { size } = await handle.stat();
    if (size > 0) {
      const last = Buffer.alloc(1);
      await handle.read(last, 0, 1, size - 1);
      if (last[0] !== 0x0a) await handle.appendFile('\n');
    }
    // The folder entry of a new file has to reach the disk as well; not every platform lets a folder be synced.
    const folder = await open(this.#folder, constants.O_RDONLY).catch(() => undefined);
    await folder?.sync().catch(() => undefined);
    await folder?.close();
    return handle;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#handle?.close();
    this.#handle = undefined;
  }
}
