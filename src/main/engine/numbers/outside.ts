/**
 * Numbers of profiles that no block holds, as stretches. Found by seeks in the index of the number, in steps of some thousand
 * numbers: a full stretch is jumped over, only where numbers are missing are they read.
 */
import { sql } from 'kysely';
import { setImmediate } from 'node:timers/promises';
import type { z } from 'zod';
import type { NumberKind, numbers, outsideRun } from '../../../shared/contract/numbers.ts';
import type { Reader } from '../context.ts';
import { blockAt, within } from './records.ts';
import type { Span } from './rules.ts';
import { after, before, keyOf, numberOf } from './rules.ts';

type Run = z.input<typeof outsideRun>;
type Outside = z.input<typeof numbers.outside.output>;
/** Numbers missing in a row that do not end a stretch: what a vendor left out, not where another order begins. */
export const JOINED = 100;
const MOST_RUNS = 200;
/** Numbers jumped over, and read, at a time; the first look is a short one, as many stretches are. */
const JUMP = 10_000;
const READ = 2_000;
const FIRST_READ = 2 * JOINED;

interface Stretch extends Span {
  readonly profiles: number;
}

/**
 * Walks the stock in the order of its digits, from one stretch to the next. A number of another length that stands between numbers
 * of a block or stretch in that order is found once the others have a block.
 */
export async function outsideRuns(db: Reader, kind: NumberKind, most = MOST_RUNS): Promise<Outside> {
  const known = await db.selectFrom('numbers_outside').select('n').where('kind', '=', kind).executeTakeFirst();
  const profiles = Math.max(0, known?.n ?? 0);
  if (profiles === 0) return { rows: [], profiles, behind: 0, joined: JOINED };
  const types = new Map((await db.selectFrom('profile_types').select(['id', 'name']).execute()).map((type) => [type.id, type.name]));
  const rows: Run[] = [];
  for (const span of await stretches(db, kind, most)) {
    const size = BigInt(span.last) - BigInt(span.first) + 1n;
    rows.push({ kind, first: numberOf(kind, span.first), last: numberOf(kind, span.last), numbers: Number(size), profiles: span.profiles, types: await typesIn(db, kind, span, types) });
  }
  return { rows, profiles, behind: Math.max(0, profiles - rows.reduce((sum, row) => sum + row.profiles, 0)), joined: JOINED };
}

async function stretches(db: Reader, kind: NumberKind, most: number): Promise<Stretch[]> {
  const found: Stretch[] = [];
  let from = '';
  while (found.length < most) {
    const next = await db.selectFrom('profiles').select(kind).where(kind, '>=', from).where(kind, 'is not', null).orderBy(kind).limit(1).executeTakeFirst();
    const number = next?.[kind];
    if (number === undefined || number === null) break;
    const first = keyOf(kind, number);
    const block = await blockAt(db, kind, first);
    if (!block) found.push(await stretchFrom(db, kind, first));
    // ':' follows '9': behind everything that begins with these digits.
    from = `${block ? block.last : found.at(-1)!.last}:`;
    await setImmediate();
  }
  return found;
}

/** Digits all numbers of a block share, see `blockProblem`. */
const SHARED: Record<NumberKind, number> = { iccid: 2, imsi: 3, msisdn: 0 };

/** From a number no block holds to the last one before {@link JOINED} or more are missing, a block begins, or the digits end. */
async function stretchFrom(db: Reader, kind: NumberKind, first: string): Promise<Stretch> {
  const behind = await db.selectFrom('number_blocks').select('first').where('kind', '=', kind).where('digits', '=', first.length).where('first', '>', first).orderBy('first').limit(1).executeTakeFirst();
  const end = first.slice(0, SHARED[kind]).padEnd(first.length, '9');
  const limit = behind && behind.first <= end ? before(behind.first)! : end;
  let last = first;
  for (let size = FIRST_READ; last < limit; size = READ) {
    const keys = await numbersBehind(db, kind, { first: after(last)!, last: limit }, 0, size);
    const gap = keys.findIndex((key, index) => missing(keys[index - 1] ?? last, key) > JOINED);
    last = (gap < 0 ? keys.at(-1) : keys[gap - 1]) ?? last;
    if (gap >= 0 || keys.length < size) break;
    // As long as a jump misses no more than one gap may have, there is none in it that ends the stretch.
    for (let far = await jump(db, kind, last, limit); far !== undefined; far = await jump(db, kind, last, limit)) last = far;
  }
  return { first, last, profiles: await countIn(db, kind, { first, last }) };
}

/** Numbers between two keys. */
const missing = (a: string, b: string): bigint => BigInt(b) - BigInt(a) - 1n;

async function jump(db: Reader, kind: NumberKind, last: string, limit: string): Promise<string | undefined> {
  await setImmediate();
  if (last >= limit) return undefined;
  const [far] = await numbersBehind(db, kind, { first: after(last)!, last: limit }, JUMP - 1, 1);
  return far !== undefined && missing(last, far) - BigInt(JUMP - 1) <= BigInt(JOINED) ? far : undefined;
}

/** Numbers of the stock within a span, in order, each once: profiles that retired may have had the MSISDN of another. */
async function numbersBehind(db: Reader, kind: NumberKind, span: Span, skip: number, most: number): Promise<string[]> {
  const all = db.selectFrom('profiles').select(kind).where(within(kind, kind, span)).orderBy(kind).limit(most).offset(skip);
  return (await (kind === 'msisdn' ? all.distinct() : all).execute()).map((row) => keyOf(kind, row[kind]!));
}

async function countIn(db: Reader, kind: NumberKind, span: Span): Promise<number> {
  let n = 0;
  for (let first: string | undefined = span.first; first !== undefined && first <= span.last;) {
    // In parts of so many numbers, not rows: they are full but for small gaps.
    const end = (BigInt(first) + BigInt(JUMP * 5 - 1)).toString().padStart(first.length, '0');
    const part: Span = { first, last: end.length > span.last.length || end > span.last ? span.last : end };
    n += Number((await db.selectFrom('profiles').select(sql<number>`count(*)`.as('n')).where(within(kind, kind, part)).executeTakeFirstOrThrow()).n);
    first = after(part.last);
    await setImmediate();
  }
  return n;
}

/** Types of the first, the last and a few in between. */
async function typesIn(db: Reader, kind: NumberKind, span: Span, names: ReadonlyMap<number, string>): Promise<string[]> {
  const found = new Set<string>();
  for (const direction of ['asc', 'desc'] as const) {
    const rows = await db.selectFrom('profiles').select('type_id').where(within(kind, kind, span)).orderBy(kind, direction).limit(50).execute();
    for (const { type_id } of rows) found.add(names.get(type_id) ?? '?');
  }
  return [...found].sort();
}

