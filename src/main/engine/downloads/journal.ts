/**
 * The delivery journal: before a bound package leaves the machine, who gets it is appended here and forced to disk. It lies
 * outside the database, so that a backup restored from yesterday cannot sell a profile again that is on a chip today.
 * One line a delivery: ICCID, EID, epoch milliseconds, tab-separated.
 */
import { constants } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineContext } from '../context.ts';
import { transition } from '../profiles/index.ts';
import { write } from '../store/index.ts';

export const JOURNAL_FILE = 'deliveries.log';

export interface Delivery {
  readonly iccid: string;
  readonly eid: string;
  readonly at: number;
}

interface Waiting { readonly line: string; readonly done: () => void; readonly failed: (error: unknown) => void }

/** One journal file: lines that arrive while a write is under way share the next one. */
export class DeliveryJournal {
  readonly #folder: string;
  #handle: FileHandle | undefined;
  #waiting: Waiting[] = [];
  #running = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Resolves when the line is on disk; rejects when it is not, and then the package must not leave. */
  append(delivery: Delivery): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ line: `${delivery.iccid}\t${delivery.eid}\t${delivery.at}\n`, done, failed });
      if (!this.#running) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const handle = this.#handle ??= await this.#open();
        await handle.appendFile(batch.map((entry) => entry.line).join(''));
        await handle.datasync();
        for (const entry of batch) entry.done();
      } catch (error) {
        for (const entry of batch) entry.failed(error);
      }
    }
    this.#running = false;
  }

  async #open(): Promise<FileHandle> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const handle = await open(join(this.#folder, JOURNAL_FILE), constants.O_APPEND | constants.O_CREAT | constants.O_RDWR, 0o600);
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
    await this.#handle?.close();
    this.#handle = undefined;
  }
}

const journals = new Map<string, DeliveryJournal>();

/** The journal of a workspace; one per folder and process. */
export function journalOf(ctx: Pick<EngineContext, 'paths'>): DeliveryJournal {
  let journal = journals.get(ctx.paths.journal);
  if (!journal) {
    journal = new DeliveryJournal(ctx.paths.journal);
    journals.set(ctx.paths.journal, journal);
  }
  return journal;
}

/** Closes the journal's file; it opens again by itself. */
export async function closeJournal(ctx: Pick<EngineContext, 'paths'>): Promise<void> {
  await journals.get(ctx.paths.journal)?.close();
}

/** Reads the journal, the last delivery of each ICCID. A line cut off by a crash was never answered and is left out. */
export async function readJournal(folder: string): Promise<Map<string, Delivery>> {
  let text: string;
  try {
    text = await readFile(join(folder, JOURNAL_FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
  const found = new Map<string, Delivery>();
  for (const line of text.split('\n')) {
    const match = /^(\d{18,20})\t(\d{32})\t(\d{1,15})$/.exec(line);
    if (match) found.set(match[1]!, { iccid: match[1]!, eid: match[2]!, at: Number(match[3]) });
  }
  return found;
}

const CHUNK = 500;

/**
 * At the start of the engine: a profile this database believes never delivered but the journal knows on a chip is taken out
 * of sale for ever. Answers what was repaired, in sentences.
 */
export async function recoverDeliveries(ctx: EngineContext): Promise<string[]> {
  const deliveries = [...(await readJournal(ctx.paths.journal)).values()];
  const quarantined: string[] = [];
  for (let at = 0; at < deliveries.length; at += CHUNK) {
    const chunk = deliveries.slice(at, at + CHUNK);
    const unknown = await ctx.reader.selectFrom('profiles').select(['id', 'iccid']).where('iccid', 'in', chunk.map((delivery) => delivery.iccid))
      .where('bpp_delivered_at', 'is', null).execute();
    if (unknown.length === 0) continue;
    await write(ctx, async (tx) => {
      const now = ctx.clock.now();
      for (const profile of unknown) {
        const delivery = chunk.find((candidate) => candidate.iccid === profile.iccid)!;
        const day = new Date(delivery.at).toISOString();
        await transition(tx, ctx, profile.id, {
          name: 'found_delivered', at: now, source: 'system', eid: delivery.eid,
          text: 'Quarantined: the delivery journal knows a delivery this database does not',
          reason: `delivered to a device on ${day}, after the backup this database came from`,
        }, { actor: 'system', host: 'engine', correlationId: 'recover-deliveries' });
        await tx.updateTable('orders').set({ closed_at: now, final_state: 'error', outcome: 'found_delivered' })
          .where('profile_id', '=', profile.id).where('closed_at', 'is', null).execute();
        quarantined.push(profile.iccid);
      }
    });
  }
  if (quarantined.length === 0) return [];
  const named = quarantined.slice(0, 3).join(', ');
  return [`${quarantined.length} profile${quarantined.length === 1 ? ' was' : 's were'} quarantined: the delivery journal knows that a device got ${quarantined.length === 1 ? 'it' : 'them'}, and the database is older (${named}${quarantined.length > 3 ? ', …' : ''})`];
}
