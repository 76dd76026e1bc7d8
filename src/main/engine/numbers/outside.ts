/**
 * Numbers of profiles that no block holds, as runs. Found by seeks: between two blocks the profiles are taken together by
 * their leading digits, so that a million of them cost no scan.
 */
import { sql } from 'kysely';
import { setImmediate } from 'node:timers/promises';
import type { z } from 'zod';
import type { NumberKind, outsideRun } from '../../../shared/contract/numbers.ts';
import type { Reader } from '../context.ts';
import { blockAt, blocksIn, within } from './records.ts';
import type { Span } from './rules.ts';
import { after, before, keyOf, numberOf } from './rules.ts';

type Run = z.input<typeof outsideRun>;
/** Runs are at most this long: one block of a million numbers. */
const RUN_DIGITS = 6;
const MOST_RUNS = 200;
const COUNTED = 10_000;

/**
 * Walks the stock in the order of its digits, from one run to the next. A number of another length that stands between numbers
 * of a block or run in that order is found once the others have a block.
 */
export async function outsideRuns(db: Reader, kind: NumberKind): Promise<{ rows: Run[]; profiles: number }> {
  const known = await db.selectFrom('numbers_outside').select('n').where('kind', '=', kind).executeTakeFirst();
  const profiles = Math.max(0, known?.n ?? 0);
  if (profiles === 0) return { rows: [], profiles };
  const types = new Map((await db.selectFrom('profile_types').select(['id', 'name']).execute()).map((type) => [type.id, type.name]));
  const rows: Run[] = [];
  for (const span of await runsOf(db, kind)) {
    rows.push({ kind, first: numberOf(kind, span.first), last: numberOf(kind, span.last), ...await countIn(db, kind, span), types: await typesIn(db, kind, span, types) });
    await setImmediate();
  }
  return { rows, profiles };
}

async function runsOf(db: Reader, kind: NumberKind): Promise<Span[]> {
  const runs: Span[] = [];
  let from = '';
  for (;;) {
    const next = await db.selectFrom('profiles').select(kind).where(kind, '>=', from).where(kind, 'is not', null).orderBy(kind).limit(1).executeTakeFirst();
    const number = next?.[kind];
    if (number === undefined || number === null) return runs;
    const first = keyOf(kind, number);
    const block = await blockAt(db, kind, first);
    if (block) {
      // ':' follows '9': behind everything that begins with these digits.
      from = `${block.last}:`;
      continue;
    }
    const end = first.slice(0, Math.max(1, first.length - RUN_DIGITS)).padEnd(first.length, '9');
    const [behind] = await blocksIn(db, kind, { first, last: end });
    const last = (await edge(db, kind, { first, last: behind ? before(behind.first)! : end }, 'desc'))!;
    const previous = runs.at(-1);
    // Neighbouring runs of a million that are both full are one.
    if (previous && after(previous.last) === first) runs[runs.length - 1] = { first: previous.first, last };
    else runs.push({ first, last });
    if (runs.length > MOST_RUNS) return runs.slice(0, MOST_RUNS);
    from = behind ? `${behind.last}:` : `${end}:`;
  }
}

async function edge(db: Reader, kind: NumberKind, span: Span, direction: 'asc' | 'desc'): Promise<string | undefined> {
  const row = await db.selectFrom('profiles').select(kind).where(within(kind, kind, span)).orderBy(kind, direction).limit(1).executeTakeFirst();
  const number = row?.[kind];
  return number === undefined || number === null ? undefined : keyOf(kind, number);
}

async function countIn(db: Reader, kind: NumberKind, span: Span): Promise<{ profiles: number; more: boolean }> {
  const found = await sql<{ n: number }>`select count(*) as n from (select 1 from profiles where ${within(kind, kind, span)} limit ${COUNTED + 1})`.execute(db);
  const n = found.rows[0]?.n ?? 0;
  return { profiles: Math.min(n, COUNTED), more: n > COUNTED };
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

