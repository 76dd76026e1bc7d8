import { sql } from 'kysely';
import { luhnCheckDigit, luhnValid } from '../../../shared/identifiers/index.ts';
import type { EngineContext, Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { TypeRecord } from '../types/index.ts';
import type { RangeNumbers } from './range-rules.ts';
import { numbersAt, overlap, plus, rangeProblem } from './range-rules.ts';

export async function allRanges(db: Reader | Tx): Promise<RangeNumbers[]> {
  const rows = await db.selectFrom('ranges').selectAll().execute();
  return rows.map(numbersOf);
}

function numbersOf(row: { id: string; iccid_first: string; imsi_first: string; msisdn_first: string | null; count: number; used: number }): RangeNumbers {
  return { id: row.id, iccidFirst: row.iccid_first, imsiFirst: row.imsi_first, msisdnFirst: row.msisdn_first ?? undefined, count: row.count, used: row.used };
}

/** Ranges of a type that have numbers left, oldest first. */
export async function openRanges(db: Reader | Tx, typeId: number): Promise<RangeNumbers[]> {
  const rows = await db.selectFrom('ranges').selectAll().where('type_id', '=', typeId).whereRef('used', '<', 'count')
    .orderBy('created_at').orderBy('id').execute();
  return rows.map(numbersOf);
}

export interface RangeInput {
  readonly iccidFirst: string;
  readonly imsiFirst: string;
  readonly msisdnFirst?: string;
  readonly count: number;
}

export interface RangeCreated {
  readonly id: string;
  readonly iccidFirst: string;
  readonly iccidLast: string;
  readonly imsiFirst: string;
  readonly imsiLast: string;
}

/** Throws {@link DeskProblem} `RANGE_INVALID`, `RANGE_OVERLAPS`. No number of it may be in a range or in the stock already. */
export async function createRange(tx: Tx, ctx: EngineContext, type: TypeRecord, input: RangeInput): Promise<RangeCreated> {
  if (input.iccidFirst.length === 19 && !luhnValid(input.iccidFirst)) {
    const body = input.iccidFirst.slice(0, 18);
    throw new DeskProblem('RANGE_INVALID', `The check digit of the first ICCID is wrong: ${input.iccidFirst.slice(18)} where ${luhnCheckDigit(body)} belongs.`, { field: 'iccidFirst' });
  }
  const range: RangeNumbers = {
    id: `rng_${Buffer.from(ctx.random(6)).toString('hex')}`, iccidFirst: input.iccidFirst.slice(0, 18), imsiFirst: input.imsiFirst,
    msisdnFirst: input.msisdnFirst?.replace(/^\+/, ''), count: input.count, used: 0,
  };
  const problem = rangeProblem(range);
  if (problem) throw new DeskProblem('RANGE_INVALID', `The range cannot be: ${problem}.`, { field: 'count' });
  for (const other of await allRanges(tx)) {
    const what = overlap(range, other);
    if (what) throw new DeskProblem('RANGE_OVERLAPS', `The ${what}s of this range are partly those of the range ${other.id}.`, { field: what === 'ICCID' ? 'iccidFirst' : what === 'IMSI' ? 'imsiFirst' : 'msisdnFirst' });
  }
  const last = numbersAt(range, range.count - 1);
  await refuseStock(tx, 'iccid', range.iccidFirst, last.iccid.slice(0, 18));
  await refuseStock(tx, 'imsi', range.imsiFirst, last.imsi);
  await tx.insertInto('ranges').values({
    id: range.id, type_id: type.id, iccid_first: range.iccidFirst, imsi_first: range.imsiFirst, msisdn_first: range.msisdnFirst ?? null,
    count: range.count, used: 0, created_at: ctx.clock.now(),
  }).execute();
  return { id: range.id, iccidFirst: numbersAt(range, 0).iccid, iccidLast: last.iccid, imsiFirst: range.imsiFirst, imsiLast: last.imsi };
}

/** ICCIDs are compared without check digit: `first` and `last` are the beginnings of 19 digits. */
async function refuseStock(tx: Tx, column: 'iccid' | 'imsi', first: string, last: string): Promise<void> {
  const length = column === 'iccid' ? first.length + 1 : first.length;
  const found = await tx.selectFrom('profiles').select(column).where(column, '>=', first).where(column, '<', plus(last, 1) ?? `${last}:`)
    .where(sql<boolean>`length(${sql.ref(column)}) = ${length}`).limit(1).executeTakeFirst();
  if (found) {
    throw new DeskProblem('RANGE_OVERLAPS', `The ${column.toUpperCase()} ${found[column]} of this range is in the stock already.`, { field: column === 'iccid' ? 'iccidFirst' : 'imsiFirst' });
  }
}

export async function listRanges(db: Reader) {
  const rows = await db.selectFrom('ranges').innerJoin('profile_types', 'profile_types.id', 'ranges.type_id')
    .select(['ranges.id', 'profile_types.name as type', 'iccid_first', 'imsi_first', 'msisdn_first', 'count', 'used', 'ranges.created_at'])
    .orderBy('ranges.created_at', 'desc').execute();
  return rows.map((row) => ({
    id: row.id, type: row.type, iccidFirst: row.iccid_first + luhnCheckDigit(row.iccid_first), imsiFirst: row.imsi_first,
    ...(row.msisdn_first === null ? {} : { msisdnFirst: row.msisdn_first }), count: row.count, used: row.used, createdAt: row.created_at,
  }));
}
