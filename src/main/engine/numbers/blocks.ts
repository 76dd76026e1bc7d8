/** What an operator does with blocks. Each function stands in the transaction of its call. */
import type { BlockState, NumberKind, NumberSource } from '../../../shared/contract/numbers.ts';
import type { EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { changeBlock, cutBlock, insertBlock, newId, uncovered } from './ledger.ts';
import { entitle } from './owners.ts';
import type { BlockRecord } from './records.ts';
import { blockById, blocksIn, blocksOfRange, burntAt, profilesWith } from './records.ts';
import { keptPlaces } from './kept-places.ts';
import { plus } from './range-rules.ts';
import type { Span } from './rules.ts';
import { blockProblem, cut, lastOf, numberOf, readKey } from './rules.ts';

const KIND: Record<NumberKind, string> = { iccid: 'ICCID', imsi: 'IMSI', msisdn: 'MSISDN' };

export function demandKey(kind: NumberKind, text: string, field: string, code = 'BLOCK_INVALID'): string {
  const read = readKey(kind, text);
  if (!read.ok) throw new DeskProblem(code, read.message, { field });
  return read.key;
}

export async function demandBlock(tx: Tx, id: string): Promise<BlockRecord> {
  const block = await blockById(tx, id);
  if (!block) throw new DeskProblem('BLOCK_UNKNOWN', 'There is no such block of numbers.', { field: 'id' });
  return block;
}

async function demandBrand(tx: Tx, name: string): Promise<number> {
  const brand = await tx.selectFrom('brands').select('id').where('name', '=', name).executeTakeFirst();
  if (!brand) throw new DeskProblem('BRAND_UNKNOWN', `There is no brand named ${name}.`, { field: 'owner' });
  return brand.id;
}

async function demandType(tx: Tx, name: string): Promise<number> {
  const type = await tx.selectFrom('profile_types').select('id').where('name', '=', name).executeTakeFirst();
  if (!type) throw new DeskProblem('TYPE_UNKNOWN', `There is no profile type "${name}".`, { field: 'type' });
  return type.id;
}

function demandSpan(kind: NumberKind, span: Span): Span {
  const problem = blockProblem(kind, span);
  if (problem) throw new DeskProblem('BLOCK_INVALID', `The block cannot be: ${problem}.`, { field: 'first' });
  return span;
}

async function demandFree(tx: Tx, kind: NumberKind, span: Span): Promise<void> {
  const [other] = await blocksIn(tx, kind, span);
  if (other) {
    throw new DeskProblem('BLOCK_OVERLAPS', `Some of these ${KIND[kind]}s are in the block ${numberOf(kind, other.first)} to ${numberOf(kind, other.last)} already.`, { field: 'first', hint: 'Blocks never overlap. Split that block if part of it is meant.' });
  }
}

export interface BlockInput {
  readonly kind: NumberKind;
  readonly first: string;
  readonly count?: number | undefined;
  readonly last?: string | undefined;
  readonly owner?: string | undefined;
  readonly type?: string | undefined;
  readonly source: NumberSource;
  readonly state: Exclude<BlockState, 'closed'>;
  readonly reason?: string | undefined;
  readonly note?: string | undefined;
}

/** Codes `BLOCK_INVALID`, `BLOCK_OVERLAPS`, `BRAND_UNKNOWN`, `TYPE_UNKNOWN`. */
export async function addBlock(tx: Tx, ctx: EngineContext, input: BlockInput): Promise<BlockRecord> {
  const { kind } = input;
  const first = demandKey(kind, input.first, 'first');
  const last = input.last === undefined ? lastOf(first, input.count!) : demandKey(kind, input.last, 'last');
  if (last === undefined) throw new DeskProblem('BLOCK_INVALID', `There are not so many ${KIND[kind]}s behind ${input.first}.`, { field: 'count' });
  const span = demandSpan(kind, { first, last });
  const brandId = input.owner === undefined ? undefined : await demandBrand(tx, input.owner);
  const typeId = input.type === undefined ? undefined : await demandType(tx, input.type);
  await demandFree(tx, kind, span);
  if (input.state !== 'open' && input.reason === undefined) throw new DeskProblem('BLOCK_INVALID', `Say why the block is ${input.state}.`, { field: 'reason' });
  const block = await insertBlock(tx, ctx, {
    kind, ...span, source: input.source, state: input.state, reason: input.reason ?? null, note: input.note ?? null, type_id: typeId ?? null,
    ...(brandId === undefined || kind === 'iccid' ? {} : { brand_id: brandId }),
  });
  if (brandId !== undefined && kind === 'iccid') await entitle(tx, ctx, block, brandId);
  return (await blockById(tx, block.id))!;
}

/** Blocks for numbers that profiles have and no block holds; the parts that blocks hold are left out. */
export async function adoptRuns(tx: Tx, ctx: EngineContext, kind: NumberKind, runs: readonly Span[], source: NumberSource): Promise<BlockRecord[]> {
  const made: BlockRecord[] = [];
  for (const run of runs) {
    const span = demandSpan(kind, { first: demandKey(kind, run.first, 'runs'), last: demandKey(kind, run.last, 'runs') });
    for (const part of await uncovered(tx, kind, span)) made.push(await insertBlock(tx, ctx, { kind, ...part, source }));
  }
  if (made.length === 0) throw new DeskProblem('BLOCK_OVERLAPS', 'Blocks hold all of these numbers already.', { field: 'runs' });
  return made;
}

/** Codes `BLOCK_UNKNOWN`, `BLOCK_INVALID`, `RANGE_BUSY`. */
export async function splitBlock(tx: Tx, ctx: EngineContext, id: string, at: string): Promise<readonly [BlockRecord, BlockRecord]> {
  const block = await demandBlock(tx, id);
  const key = demandKey(block.kind, at, 'at');
  if (!cut(block, key)) {
    throw new DeskProblem('BLOCK_INVALID', `The second part must begin behind ${numberOf(block.kind, block.first)} and not behind ${numberOf(block.kind, block.last)}.`, { field: 'at' });
  }
  if (block.range_id === null) {
    const parts = await cutBlock(tx, ctx, block, key);
    return [parts[0], parts[1]!];
  }
  await splitRange(tx, ctx, block.range_id, block, key);
  const first = (await blockById(tx, id))!;
  const [second] = await blocksIn(tx, block.kind, { first: key, last: key });
  return [first, second!];
}

/** A range becomes two, each with its own numbers, use and places kept by batches that ended. */
async function splitRange(tx: Tx, ctx: EngineContext, rangeId: string, block: BlockRecord, key: string): Promise<void> {
  const range = await tx.selectFrom('ranges').selectAll().where('id', '=', rangeId).executeTakeFirstOrThrow();
  const kept = await keptPlaces(tx, [rangeId]);
  demandIdle(kept);
  const firsts = { iccid: range.iccid_first, imsi: range.imsi_first, msisdn: range.msisdn_first } as const;
  const place = Number(BigInt(key) - BigInt(firsts[block.kind]!));
  const nextId = newId(ctx, 'rng');
  await tx.insertInto('ranges').values({
    ...range, id: nextId, iccid_first: plus(range.iccid_first, place)!, imsi_first: plus(range.imsi_first, place)!,
    msisdn_first: range.msisdn_first === null ? null : plus(range.msisdn_first, place)!, count: range.count - place, used: Math.max(0, range.used - place),
  }).execute();
  await tx.updateTable('ranges').set({ count: place, used: Math.min(range.used, place) }).where('id', '=', rangeId).execute();
  for (const tile of await blocksOfRange(tx, rangeId)) {
    const border = plus(firsts[tile.kind]!, place)!;
    const parts = await cutBlock(tx, ctx, tile, border);
    const behind = parts[1] ?? (tile.first >= border ? parts[0] : undefined);
    if (behind) await changeBlock(tx, ctx, behind.id, { range_id: nextId });
  }
  await moveKept(tx, rangeId, nextId, place);
}

/** Places left free by batches that ended, behind the cut, are places of the new range. */
async function moveKept(tx: Tx, rangeId: string, nextId: string, place: number): Promise<void> {
  for (const row of await tx.selectFrom('number_reservations').selectAll().where('range_id', '=', rangeId).execute()) {
    if (row.first >= place) {
      await tx.updateTable('number_reservations').set({ range_id: nextId, first: row.first - place }).where('id', '=', row.id).execute();
    } else if (row.first + row.count > place) {
      const inFirst = place - row.first;
      const { id, ...rest } = row;
      await tx.updateTable('number_reservations').set({ count: inFirst, taken: Math.min(row.taken, inFirst) }).where('id', '=', id).execute();
      await tx.insertInto('number_reservations').values({ ...rest, range_id: nextId, first: 0, count: row.count - inFirst, taken: Math.max(0, row.taken - inFirst) }).execute();
    }
  }
}

function demandIdle(kept: readonly { state: string; preparation: string | null }[]): void {
  const busy = kept.find((place) => place.state === 'open');
  if (busy) throw new DeskProblem('RANGE_BUSY', `A preparation${busy.preparation === null ? '' : ` (${busy.preparation})`} is taking numbers of this range.`, { field: 'id', hint: 'Wait until it has ended, or cancel it.' });
}

/** Codes `BLOCK_UNKNOWN`, `BRAND_UNKNOWN`, `TYPE_UNKNOWN`, `BLOCK_REFUSED`. */
export async function assignBlock(
  tx: Tx, ctx: EngineContext, input: { readonly id: string; readonly owner?: string | null | undefined; readonly type?: string | null | undefined; readonly note?: string | null | undefined },
): Promise<BlockRecord> {
  const block = await demandBlock(tx, input.id);
  if (block.state === 'closed') throw new DeskProblem('BLOCK_REFUSED', 'The block is closed for good.', { field: 'id' });
  if (input.type !== undefined) {
    const typeId = input.type === null ? null : await demandType(tx, input.type);
    if (block.range_id !== null && typeId !== block.type_id) {
      throw new DeskProblem('BLOCK_REFUSED', 'The block belongs to a number range, which is for one profile type.', { field: 'type', hint: 'Split off the part that is meant, close it, and register those numbers anew.' });
    }
    await changeBlock(tx, ctx, block.id, { type_id: typeId });
  }
  if (input.note !== undefined) await changeBlock(tx, ctx, block.id, { note: input.note });
  if (input.owner !== undefined) {
    const brandId = input.owner === null ? null : await demandBrand(tx, input.owner);
    if (block.kind === 'iccid') await entitle(tx, ctx, block, brandId);
    else if (block.range_id !== null) {
      throw new DeskProblem('BLOCK_REFUSED', `The ${KIND[block.kind]}s of a number range belong to whom its ICCIDs belong to.`, { field: 'owner', hint: 'Assign the block of ICCIDs of this range.' });
    } else await changeBlock(tx, ctx, block.id, { brand_id: brandId });
  }
  return (await blockById(tx, block.id))!;
}

/** Codes `BLOCK_UNKNOWN`, `BLOCK_REFUSED`, `REASON_MISSING`, `RANGE_BUSY`. */
export async function setBlockState(tx: Tx, ctx: EngineContext, id: string, state: BlockState, reason: string | undefined): Promise<BlockRecord> {
  const block = await demandBlock(tx, id);
  if (block.state === state) throw new DeskProblem('BLOCK_REFUSED', `The block is ${state} already.`, { field: 'state' });
  if (block.state === 'closed') throw new DeskProblem('BLOCK_REFUSED', 'The block is closed for good.', { field: 'state' });
  if (state !== 'open' && reason === undefined) throw new DeskProblem('REASON_MISSING', `Say why the block is to be ${state}.`, { field: 'reason' });
  const why = state === 'open' ? null : reason!;
  if (block.range_id === null) return changeBlock(tx, ctx, id, { state, reason: why });
  demandIdle(await keptPlaces(tx, [block.range_id]));
  await tx.updateTable('ranges').set({ state }).where('id', '=', block.range_id).execute();
  for (const tile of await blocksOfRange(tx, block.range_id)) await changeBlock(tx, ctx, tile.id, { state, reason: why });
  return (await blockById(tx, id))!;
}

/** A number nobody has, taken out for ever. Codes `NUMBER_INVALID`, `NUMBER_IN_USE`. */
export async function burnNumber(tx: Tx, ctx: EngineContext, kind: NumberKind, text: string, reason: string): Promise<string> {
  const key = demandKey(kind, text, 'number', 'NUMBER_INVALID');
  const number = numberOf(kind, key);
  const [profile] = await profilesWith(tx, kind, key);
  if (profile) throw new DeskProblem('NUMBER_IN_USE', `The profile ${profile.iccid} has this ${KIND[kind]}.`, { field: 'number', hint: 'Its numbers burn when the profile is retired.' });
  if (await burntAt(tx, kind, number)) throw new DeskProblem('NUMBER_IN_USE', `This ${KIND[kind]} is burnt already.`, { field: 'number' });
  const [block] = await blocksIn(tx, kind, { first: key, last: key });
  if (block !== undefined && block.range_id !== null) {
    throw new DeskProblem('NUMBER_IN_USE', `This ${KIND[kind]} is one of a number range, which gives out its numbers in order.`, { field: 'number', hint: 'Split the range before and behind it, and close the block with that number.' });
  }
  await burn(tx, [{ kind, number, at: ctx.clock.now(), why: reason }]);
  return number;
}

export interface Burn {
  readonly kind: NumberKind;
  readonly number: string;
  readonly at: number;
  readonly why: string;
  readonly iccid?: string;
}

/** Burns numbers, also where no profile has them. One that is burnt stays as it is. */
export async function burn(tx: Tx, numbers: readonly Burn[]): Promise<void> {
  for (let i = 0; i < numbers.length; i += 500) {
    await tx.insertInto('burnt_numbers').values(numbers.slice(i, i + 500).map((one) => ({ ...one, iccid: one.iccid ?? null, free_at: null })))
      .onConflict((c) => c.columns(['kind', 'number']).doNothing()).execute();
  }
}

