/**
 * At the start of the engine the number journal is held against the database. Where the journal knows numbers of a range the
 * database does not know as given out, the database is older than the journal: they are burnt, and the range goes on behind them.
 * After that, what the database knows and the journal does not (a crash came between commit and line) is added to the journal.
 */
import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { NumberKind } from '../../../shared/contract/numbers.ts';
import { numberKinds } from '../../../shared/contract/numbers.ts';
import { appendAudit } from '../audit/index.ts';
import type { EngineContext, Tx } from '../context.ts';
import { readMeta, write, writeMeta } from '../store/index.ts';
import type { Database } from '../store/schema.ts';
import type { Taken, TakenNumbers } from '../store/taken-numbers.ts';
import { listenForNumbers } from '../store/taken-numbers.ts';
import { burn } from './blocks.ts';
import { NumberJournal } from './journal.ts';
import type { Db } from './records.ts';
import { within } from './records.ts';
import { firstsOf, numbersAt, plus } from './range-rules.ts';
import type { RangeNumbers } from './range-rules.ts';
import { countOf, keyOf } from './rules.ts';

type JournalContext = Pick<EngineContext, 'paths'>;
type RangeRow = Selectable<Database['ranges']>;

const WHY = 'Given out after the backup this database came from';
/** Places burnt in one transaction, and rows looked through at a time. */
const STEP = 2_000;
const MARK = 'numbers.journal';

interface Known {
  readonly journal: NumberJournal;
  completing: Promise<void>;
  /** The journal knows profiles this database does not have. */
  ahead: boolean;
}
const journals = new Map<string, Known>();

/** The journal once it was read; before that nothing is known. */
const journalOf = (ctx: JournalContext): NumberJournal | undefined => journals.get(ctx.paths.journal)?.journal;

/** Resolves when the journal has what imports that ended brought. */
export const numbersNoted = async (ctx: JournalContext): Promise<void> => journals.get(ctx.paths.journal)?.completing;

export async function closeNumberJournal(ctx: JournalContext): Promise<void> {
  const open = journals.get(ctx.paths.journal);
  journals.delete(ctx.paths.journal);
  await open?.completing;
  await open?.journal.close();
}

/** Call before the first call is served and before the first job goes on. Answers what was repaired, in sentences. */
export async function recoverNumbers(ctx: EngineContext): Promise<string[]> {
  await closeNumberJournal(ctx);
  const journal = new NumberJournal(ctx.paths.journal);
  await journal.load(ctx.random);
  const entry: Known = { journal, completing: Promise.resolve(), ahead: false };
  journals.set(ctx.paths.journal, entry);
  const sentences: string[] = [];
  for (const row of await ctx.db.selectFrom('ranges').selectAll().orderBy('created_at').orderBy('id').execute()) {
    const behind = await burnForgotten(ctx, journal, row);
    if (behind > 0) sentences.push(sentenceOf(rangeOf(row), behind));
  }
  await completeJournal(ctx, journal);
  entry.ahead = await knowsMore(ctx.reader, journal);
  const complete = (): void => {
    entry.completing = entry.completing.then(() => completeJournal(ctx, journal)).catch((error: unknown) => ctx.log.error('completing the number journal', { error }));
  };
  listenForNumbers(ctx.sqlite, async (taken: readonly Taken[]) => {
    const numbers = taken.filter((one) => one !== 'import-done');
    try {
      if (numbers.length > 0) await journal.append(numbers, ctx.clock.now());
    } catch (error) {
      // The commit stands. The lines go with the next ones, and a start completes the journal from the database.
      ctx.log.error('writing the number journal', { error });
    }
    if (numbers.length < taken.length) complete();
  });
  return sentences;
}

async function knowsMore(db: Db, journal: NumberJournal): Promise<boolean> {
  for (const span of journal.ofOwnKeys('iccid')) {
    const { n } = await db.selectFrom('profiles').select((e) => e.fn.countAll<number>().as('n')).where(within('iccid', 'iccid', span)).executeTakeFirstOrThrow();
    if (n < countOf(span)) return true;
  }
  return false;
}

/** Whether {@link forgottenNumbers} may find anything. */
export const journalAhead = (ctx: JournalContext): boolean => journals.get(ctx.paths.journal)?.ahead ?? false;

const sentenceOf = (range: RangeNumbers, burnt: number): string =>
  `The number journal knows more of the range from ${numbersAt(range, 0).iccid} than the database, which is older: ${burnt} ${burnt === 1 ? 'number was' : 'numbers were'} burnt, and the range goes on behind ${burnt === 1 ? 'it' : 'them'}`;

/** In the transaction that creates a range: what the journal knows of its numbers is burnt. Answers how many places. */
export async function burnForgottenOf(tx: Tx, ctx: Pick<EngineContext, 'paths' | 'clock' | 'random'>, rangeId: string): Promise<number> {
  const journal = journalOf(ctx);
  if (!journal) return 0;
  const row = await tx.selectFrom('ranges').selectAll().where('id', '=', rangeId).executeTakeFirstOrThrow();
  const parts = await forgottenParts(tx, journal, row);
  if (parts.length > 0) await record(tx, ctx, row, parts);
  for (const part of parts) await burnPart(tx, ctx, row, part);
  return placesOf(parts);
}

/** Numbers given to profiles with keys made here that this database has forgotten: another profile must not bring them. */
export async function forgottenNumbers(db: Db, ctx: JournalContext, kind: NumberKind, numbers: readonly string[]): Promise<Set<string>> {
  const journal = journalAhead(ctx) ? journalOf(ctx) : undefined;
  const given = journal ? numbers.filter((number) => journal.has(kind, keyOf(kind, number), 'own')) : [];
  const forgotten = new Set(given);
  for (let i = 0; i < given.length; i += 500) {
    const rows = await db.selectFrom('profiles').select(kind).where(kind, 'in', given.slice(i, i + 500)).execute();
    for (const row of rows) forgotten.delete(row[kind]!);
  }
  return forgotten;
}

/** Profiles whose keys were made here, by what the journal knows. One that waits for its preparation was prepared after the backup its database came from. */
export function keysMadeFor(ctx: JournalContext, iccids: readonly string[]): Set<string> {
  const journal = journalOf(ctx);
  return new Set(journal ? iccids.filter((iccid) => journal.has('iccid', keyOf('iccid', iccid), 'own')) : []);
}

const rangeOf = (row: RangeRow): RangeNumbers => ({ id: row.id, iccidFirst: row.iccid_first, imsiFirst: row.imsi_first, msisdnFirst: row.msisdn_first ?? undefined, count: row.count, used: row.used });

/** A run of places no profile of this database has: behind those given out, left free by a batch, or kept by one. */
interface Open { readonly from: number; readonly to: number; readonly free?: number; readonly kept?: true }
interface Part extends Open { readonly places: readonly number[] }

async function burnForgotten(ctx: EngineContext, journal: NumberJournal, row: RangeRow): Promise<number> {
  const parts = await forgottenParts(ctx.db, journal, row);
  if (parts.length > 0) await write(ctx, (tx) => record(tx, ctx, row, parts));
  for (const part of parts) {
    for (const step of steps(part)) await write(ctx, (tx) => burnPart(tx, ctx, row, step));
  }
  return placesOf(parts);
}

const lastOf = (part: Part): number => part.places.at(-1)!;
/** How many places are burnt: of a batch in hand those it must not use, elsewhere all up to the last. */
const placesOf = (parts: readonly Part[]): number => parts.reduce((sum, part) => sum + (part.kept ? part.places.length : lastOf(part) - part.from + 1), 0);

/** Small enough for a transaction each, in order: a crash between two leaves the range behind the first. */
function* steps(part: Part): Generator<Part> {
  if (part.kept) {
    for (let i = 0; i < part.places.length; i += STEP) yield { ...part, places: part.places.slice(i, i + STEP) };
    return;
  }
  const last = lastOf(part);
  for (let from = part.from; from <= last; from += STEP) yield { ...part, from, places: [Math.min(last, from + STEP - 1)] };
}

async function forgottenParts(db: Db, journal: NumberJournal, row: RangeRow): Promise<Part[]> {
  const open: Open[] = row.used < row.count ? [{ from: row.used, to: row.count - 1 }] : [];
  for (const kept of await db.selectFrom('number_reservations').selectAll().where('range_id', '=', row.id).whereRef('taken', '<', 'count').execute()) {
    open.push({ from: kept.first + kept.taken, to: kept.first + kept.count - 1, ...(kept.state === 'free' ? { free: kept.id } : { kept: true as const }) });
  }
  const parts: Part[] = [];
  for (const one of open) {
    const places = new Set<number>();
    const firsts = firstsOf(rangeOf(row));
    for (const kind of numberKinds) {
      const first = firsts[kind];
      if (first === undefined) continue;
      for (const span of journal.given(kind, { first: plus(first, one.from)!, last: plus(first, one.to)! })) {
        const [from, to] = [Number(BigInt(span.first) - BigInt(first)), Number(BigInt(span.last) - BigInt(first))];
        for (let at = from; at <= to; at += STEP) await addForgotten(db, kind, first, at, Math.min(to, at + STEP - 1), places);
      }
    }
    if (places.size > 0) parts.push({ ...one, places: [...places].sort((a, b) => a - b) });
  }
  return parts;
}

/** Places whose number the database knows neither from a profile nor as burnt. */
async function addForgotten(db: Db, kind: NumberKind, first: string, from: number, to: number, places: Set<number>): Promise<void> {
  const span = { first: plus(first, from)!, last: plus(first, to)! };
  const known = new Set<string>();
  for (const row of await db.selectFrom('profiles').select(kind).where(within(kind, kind, span)).execute()) known.add(keyOf(kind, row[kind]!));
  for (const row of await db.selectFrom('burnt_numbers').select('number').where('kind', '=', kind).where(within(kind, 'number', span)).execute()) known.add(keyOf(kind, row.number));
  for (let place = from; place <= to; place++) if (!known.has(plus(first, place)!)) places.add(place);
}

/** Burns the places of a part: up to its last one and moves what is given next behind it; of a batch in hand just those it must not use. */
async function burnPart(tx: Tx, ctx: Pick<EngineContext, 'clock'>, row: RangeRow, part: Part): Promise<void> {
  const range = rangeOf(row);
  const last = lastOf(part);
  const places = part.kept ? part.places : Array.from({ length: last - part.from + 1 }, (_, index) => part.from + index);
  const at = ctx.clock.now();
  for (let i = 0; i < places.length; i += 200) {
    const sets = places.slice(i, i + 200).map((place) => numbersAt(range, place));
    for (const kind of numberKinds) {
      const numbers = sets.flatMap((set) => (set[kind] === undefined ? [] : [{ number: set[kind], iccid: set.iccid }]));
      if (numbers.length === 0) continue;
      const standing = new Set((await tx.selectFrom('profiles').select(kind).where(kind, 'in', numbers.map((one) => one.number)).execute()).map((one) => one[kind]));
      await burn(tx, numbers.filter((one) => !standing.has(one.number)).map((one) => ({ kind, number: one.number, iccid: one.iccid, at, why: WHY })));
    }
  }
  if (part.free !== undefined) await shortenFree(tx, part.free, last + 1);
  else if (!part.kept) await tx.updateTable('ranges').set({ used: last + 1 }).where('id', '=', row.id).where('used', '<=', last).execute();
}

/** Places an ended batch left begin at `from` now. */
async function shortenFree(tx: Tx, id: number, from: number): Promise<void> {
  const block = await tx.selectFrom('number_reservations').selectAll().where('id', '=', id).executeTakeFirst();
  if (!block) return;
  const count = block.first + block.count - from;
  if (count <= 0) await tx.deleteFrom('number_reservations').where('id', '=', id).execute();
  else await tx.updateTable('number_reservations').set({ first: from, count, taken: 0 }).where('id', '=', id).execute();
}

async function record(tx: Tx, ctx: Pick<EngineContext, 'clock' | 'random'>, row: RangeRow, parts: readonly Part[]): Promise<void> {
  const behind = parts.find((part) => !part.kept && part.free === undefined);
  await appendAudit(tx, ctx.random, {
    at: ctx.clock.now(), event: 'numbers.burnt_after_restore', actor: 'system', host: 'engine', outcome: 'done', correlationId: 'recover-numbers', object: { type: 'range', id: row.id },
    fields: { places: placesOf(parts), usedBefore: row.used, usedNow: behind ? lastOf(behind) + 1 : row.used, firstIccid: numbersAt(rangeOf(row), 0).iccid, reason: WHY },
  });
}

/**
 * Adds what the database knows and the journal does not. Rows are looked through from where the last look ended, all of them when
 * this journal is not the one that was looked at, or lines of it are lost. Rows of an import that is under way do not count yet.
 * Imported rows that were prepared since the last look are looked at again: keys of those without a record were made here. Where
 * a record lacked some, nothing in the row tells so: the line of the last commit before a crash is lost.
 */
async function completeJournal(ctx: EngineContext, journal: NumberJournal): Promise<void> {
  const db = ctx.reader;
  const noted = /^([0-9a-f]{16}:\d+):(\d+)(?::(\d+))?$/.exec((await readMeta(db, MARK)) ?? '');
  const state = `${journal.identity}:${journal.damaged}`;
  const start = noted?.[1] === state ? Number(noted[2]) : 0;
  const running = await db.selectFrom('imports').select((e) => e.fn.min('first_profile').as('first')).where('state', '=', 'running').executeTakeFirst();
  const end = running?.first ?? Number.MAX_SAFE_INTEGER;
  let after = start;
  for (;;) {
    const rows = await db.selectFrom('profiles').select(['id', 'iccid', 'imsi', 'msisdn', 'import_id', 'import_batch_id', 'prepared_at']).where('id', '>', after).where('id', '<', end).orderBy('id').limit(STEP).execute();
    if (rows.length === 0) break;
    await journal.append(rows.map((row): TakenNumbers => ({ iccid: row.iccid, imsi: row.imsi, msisdn: row.msisdn, origin: row.import_id === null && row.import_batch_id === null && row.prepared_at !== null ? 'own' : 'file' })), ctx.clock.now());
    after = rows.at(-1)!.id;
    await setImmediate();
  }
  const prepared = await completePrepared(ctx, journal, noted?.[1] === state ? Number(noted[3] ?? 0) : 0);
  const mark = `${state}:${after}:${prepared}`;
  if (noted?.[0] !== mark) await write(ctx, (tx) => writeMeta(tx, MARK, mark));
}

/** Answers the time of the last preparation looked at. A crash keeps at most the lines of the commits just before it out of the journal, so the last one is looked at again. */
async function completePrepared(ctx: EngineContext, journal: NumberJournal, from: number): Promise<number> {
  const { last } = await ctx.reader.selectFrom('profiles').select((e) => e.fn.max('prepared_at').as('last')).where('prepared_at', 'is not', null).executeTakeFirstOrThrow();
  let [at, id] = [from, 0];
  for (;;) {
    const rows = await ctx.reader.selectFrom('profiles').select(['id', 'iccid', 'imsi', 'msisdn', 'prepared_at'])
      .where(sql<boolean>`(prepared_at, id) > (${at}, ${id})`).where('prepared_at', 'is not', null)
      .where('subscriber', 'is', null).where('stock_state', '<>', 'retired')
      .orderBy('prepared_at').orderBy('id').limit(STEP).execute();
    if (rows.length === 0) return Math.max(from, last ?? 0);
    await journal.append(rows.map((row): TakenNumbers => ({ iccid: row.iccid, imsi: row.imsi, msisdn: row.msisdn, origin: 'own' })), ctx.clock.now());
    [at, id] = [rows.at(-1)!.prepared_at!, rows.at(-1)!.id];
    await setImmediate();
  }
}
