/** Number ranges: ICCID, IMSI and MSISDN in step for a profile type, built on blocks of the ledgers. */
import { luhnCheckDigit, luhnValid } from '../../../shared/identifiers/index.ts';
import { numberKinds } from '../../../shared/contract/numbers.ts';
import type { NumberKind } from '../../../shared/contract/numbers.ts';
import type { EngineContext, Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { TypeRecord } from '../types/index.ts';
import { changeBlock, cutOut, insertBlock, newId, uncovered } from './ledger.ts';
import { blockAt, firstBurnt, firstInStock, ownersOf } from './records.ts';
import type { RangeNumbers } from './range-rules.ts';
import { firstsOf, numbersAt, overlap, plus, rangeProblem } from './range-rules.ts';
import { followIccids } from './owners.ts';
import { keptPlaces } from './kept-places.ts';
import { burnForgottenOf } from './recover.ts';
import type { Span } from './rules.ts';
import { lastOf } from './rules.ts';

export async function allRanges(db: Reader | Tx): Promise<RangeNumbers[]> {
  const rows = await db.selectFrom('ranges').selectAll().execute();
  return rows.map(numbersOf);
}

function numbersOf(row: { id: string; iccid_first: string; imsi_first: string; msisdn_first: string | null; count: number; used: number }): RangeNumbers {
  return { id: row.id, iccidFirst: row.iccid_first, imsiFirst: row.imsi_first, msisdnFirst: row.msisdn_first ?? undefined, count: row.count, used: row.used };
}

export interface RangeChoice {
  /** Only ICCIDs of this brand's blocks; `count` of the answer then ends with them. */
  readonly brandId?: number;
  readonly rangeId?: string;
}

/** Open ranges of a type that have numbers left, oldest first. */
export async function openRanges(db: Reader | Tx, typeId: number, choice: RangeChoice = {}): Promise<RangeNumbers[]> {
  let query = db.selectFrom('ranges').selectAll().where('type_id', '=', typeId).whereRef('used', '<', 'count').where('state', '=', 'open')
    .orderBy('created_at').orderBy('id');
  if (choice.rangeId !== undefined) query = query.where('id', '=', choice.rangeId);
  const ranges = (await query.execute()).map(numbersOf);
  if (choice.brandId === undefined) return ranges;
  const ownerOf = await ownersOf(db);
  const own: RangeNumbers[] = [];
  for (const range of ranges) {
    // From its next number on, as far as blocks of the brand go.
    let end = range.used;
    while (end < range.count) {
      const block = await blockAt(db, 'iccid', plus(range.iccidFirst, end)!);
      if (!block || ownerOf(block)?.id !== choice.brandId) break;
      end = Number(BigInt(block.last) - BigInt(range.iccidFirst)) + 1;
    }
    if (end > range.used) own.push({ ...range, count: Math.min(end, range.count) });
  }
  return own;
}

/** How many places of a range, from one on, belong to a customer. */
export type OwnPlaces = (range: Pick<RangeNumbers, 'iccidFirst'>, from: number, count: number) => Promise<number>;

/** Of a brand: its own ICCIDs. Of the operator, and of a brand that has none of its own: those that belong to nobody. */
export async function ownPlaces(db: Reader | Tx, brandId: number | undefined): Promise<OwnPlaces> {
  const owned = await db.selectFrom('brand_iccids').select('brand_id').distinct().execute();
  if (owned.length === 0) return async (_range, _from, count) => count;
  const wanted = owned.some((one) => one.brand_id === brandId) ? brandId : undefined;
  const ownerOf = await ownersOf(db);
  return async (range, from, count) => {
    let end = from;
    while (end < from + count) {
      const block = await blockAt(db, 'iccid', plus(range.iccidFirst, end)!);
      if (!block || ownerOf(block)?.id !== wanted) break;
      end = Number(BigInt(block.last) - BigInt(range.iccidFirst)) + 1;
    }
    return Math.min(end - from, count);
  };
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

const fields = { iccid: 'iccidFirst', imsi: 'imsiFirst', msisdn: 'msisdnFirst' } as const;
/**
 * Throws {@link DeskProblem} `RANGE_INVALID`, `RANGE_OVERLAPS`. None of its numbers may be in a range, in the stock or burnt
 * already. Blocks there are become the range's where it takes them; where there are none, new ones are made.
 */
export async function createRange(tx: Tx, ctx: EngineContext, type: TypeRecord, input: RangeInput): Promise<RangeCreated> {
  if (input.iccidFirst.length === 19 && !luhnValid(input.iccidFirst)) {
    const body = input.iccidFirst.slice(0, 18);
    throw new DeskProblem('RANGE_INVALID', `The check digit of the first ICCID is wrong: ${input.iccidFirst.slice(18)} where ${luhnCheckDigit(body)} belongs.`, { field: 'iccidFirst' });
  }
  const range: RangeNumbers = {
    id: newId(ctx, 'rng'), iccidFirst: input.iccidFirst.slice(0, 18), imsiFirst: input.imsiFirst,
    msisdnFirst: input.msisdnFirst?.replace(/^\+/, ''), count: input.count, used: 0,
  };
  const problem = rangeProblem(range);
  if (problem) throw new DeskProblem('RANGE_INVALID', `The range cannot be: ${problem}.`, { field: 'count' });
  for (const other of await allRanges(tx)) {
    const what = overlap(range, other);
    if (what) throw new DeskProblem('RANGE_OVERLAPS', `The ${what}s of this range are partly those of the range ${other.id}.`, { field: what === 'ICCID' ? 'iccidFirst' : what === 'IMSI' ? 'imsiFirst' : 'msisdnFirst' });
  }
  const firsts = firstsOf(range);
  const spans = numberKinds.flatMap((kind) => (firsts[kind] === undefined ? [] : [{ kind, span: { first: firsts[kind], last: lastOf(firsts[kind], range.count)! } }]));
  for (const { kind, span } of spans) await refuseUsed(tx, kind, span);
  await tx.insertInto('ranges').values({
    id: range.id, type_id: type.id, iccid_first: range.iccidFirst, imsi_first: range.imsiFirst, msisdn_first: range.msisdnFirst ?? null,
    count: range.count, used: 0, created_at: ctx.clock.now(),
  }).execute();
  for (const { kind, span } of spans) await takeBlocks(tx, ctx, kind, span, range.id, type);
  await followIccids(tx, ctx, range.id);
  await burnForgottenOf(tx, ctx, range.id);
  const last = numbersAt(range, range.count - 1);
  return { id: range.id, iccidFirst: numbersAt(range, 0).iccid, iccidLast: last.iccid, imsiFirst: range.imsiFirst, imsiLast: last.imsi };
}

async function refuseUsed(tx: Tx, kind: NumberKind, span: Span): Promise<void> {
  const field = fields[kind];
  const found = await firstInStock(tx, kind, span);
  if (found) throw new DeskProblem('RANGE_OVERLAPS', `The ${kind.toUpperCase()} ${found} of this range is in the stock already.`, { field });
  const burnt = await firstBurnt(tx, kind, span);
  if (burnt) throw new DeskProblem('RANGE_OVERLAPS', `The ${kind.toUpperCase()} ${burnt} of this range was used up before and is never given out again.`, { field });
}

async function takeBlocks(tx: Tx, ctx: EngineContext, kind: NumberKind, span: Span, rangeId: string, type: TypeRecord): Promise<void> {
  for (const block of await cutOut(tx, ctx, kind, span)) {
    if (block.state !== 'open') {
      throw new DeskProblem('RANGE_OVERLAPS', `${kind.toUpperCase()}s of this range lie in a block that is ${block.state}${block.reason === null ? '' : `: ${block.reason}`}.`, { field: fields[kind], hint: 'Open that block first, or choose other numbers.' });
    }
    if (block.type_id !== null && block.type_id !== type.id) {
      const other = await tx.selectFrom('profile_types').select('name').where('id', '=', block.type_id).executeTakeFirstOrThrow();
      throw new DeskProblem('RANGE_OVERLAPS', `${kind.toUpperCase()}s of this range lie in a block for profiles of type "${other.name}".`, { field: fields[kind] });
    }
    await changeBlock(tx, ctx, block.id, { range_id: rangeId, type_id: type.id });
  }
  for (const part of await uncovered(tx, kind, span)) await insertBlock(tx, ctx, { kind, ...part, source: 'own', type_id: type.id, range_id: rangeId });
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

/** Numbers left in open ranges of a type, whoever they belong to. */
export const numbersLeft = async (db: Reader | Tx, typeId: number): Promise<number> => sumOf(await leftInRanges(db, typeId, async (_range, _from, count) => count));

/** What is left of an open range: numbers behind those given out, and places that ended batches left. */
export interface LeftInRange {
  readonly range: RangeNumbers;
  readonly behind: number;
  readonly given: number;
}
export const sumOf = (left: readonly LeftInRange[]): number => left.reduce((sum, one) => sum + one.behind + one.given, 0);

/** Oldest range first. `own`: which places count, see {@link ownPlaces}. */
export async function leftInRanges(db: Reader | Tx, typeId: number, own: OwnPlaces): Promise<LeftInRange[]> {
  const ranges = (await db.selectFrom('ranges').selectAll().where('type_id', '=', typeId).where('state', '=', 'open').orderBy('created_at').orderBy('id').execute()).map(numbersOf);
  const kept = (await keptPlaces(db, ranges.map((range) => range.id))).filter((place) => place.state === 'free');
  const left: LeftInRange[] = [];
  for (const range of ranges) {
    let given = 0;
    for (const place of kept) if (place.rangeId === range.id) given += await own(range, place.first, place.count);
    left.push({ range, behind: range.used < range.count ? await own(range, range.used, range.count - range.used) : 0, given });
  }
  return left;
}
