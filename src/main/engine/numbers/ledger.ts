/** The only writer of blocks: adds, cuts, changes them. Everything in the transaction given. */
import type { Insertable, Updateable } from 'kysely';
import type { NumberKind } from '../../../shared/contract/numbers.ts';
import type { EngineContext, Tx } from '../context.ts';
import type { Database } from '../store/schema.ts';
import type { BlockRecord } from './records.ts';
import { blocksIn, countUsed } from './records.ts';
import type { Span } from './rules.ts';
import { countOf, cut, without } from './rules.ts';

export type WriteContext = Pick<EngineContext, 'clock' | 'random'>;
export const newId = (ctx: Pick<EngineContext, 'random'>, prefix: string): string => `${prefix}_${Buffer.from(ctx.random(6)).toString('hex')}`;

export type NewBlock = Span & { readonly kind: NumberKind } & Pick<Insertable<Database['number_blocks']>, 'source'>
  & Partial<Pick<Insertable<Database['number_blocks']>, 'brand_id' | 'type_id' | 'range_id' | 'state' | 'reason' | 'note'>>;

/** Writes a block with what its numbers are used for already. The caller has made sure that it meets no other one. */
export async function insertBlock(tx: Tx, ctx: WriteContext, block: NewBlock): Promise<BlockRecord> {
  const at = ctx.clock.now();
  const { kind, first, last } = block;
  const { rows, ...counters } = await countUsed(tx, kind, { first, last });
  const row = await tx.insertInto('number_blocks').values({
    id: newId(ctx, 'blk'), kind, digits: first.length, first, last, count: countOf(block), brand_id: block.brand_id ?? null, type_id: block.type_id ?? null,
    range_id: block.range_id ?? null, source: block.source, state: block.state ?? 'open', reason: block.reason ?? null, note: block.note ?? null,
    ...counters, created_at: at, changed_at: at,
  }).returningAll().executeTakeFirstOrThrow();
  // They are outside no longer.
  if (rows > 0) await tx.updateTable('numbers_outside').set((e) => ({ n: e('n', '-', rows) })).where('kind', '=', kind).execute();
  return row;
}

export async function changeBlock(tx: Tx, ctx: Pick<EngineContext, 'clock'>, id: string, columns: Updateable<Database['number_blocks']>): Promise<BlockRecord> {
  return tx.updateTable('number_blocks').set({ ...columns, changed_at: ctx.clock.now() }).where('id', '=', id).returningAll().executeTakeFirstOrThrow();
}

/**
 * Cuts a block so that its second part begins at `at`; answers both, or the block alone when `at` is not inside it. Counters are
 * counted anew for the shorter part. What was used per day stays with the part that has the use; where both have, it is shared
 * in their proportion, as days are not kept per number.
 */
export async function cutBlock(tx: Tx, ctx: WriteContext, block: BlockRecord, at: string): Promise<readonly [BlockRecord, BlockRecord] | readonly [BlockRecord]> {
  const parts = cut(block, at);
  if (!parts) return [block];
  const [left, right] = parts;
  const counts = [countOf(left), countOf(right)] as const;
  const short = counts[0] <= counts[1] ? 0 : 1;
  const counted = block.used === 0 ? { used: 0, burnt: 0 } : await countUsed(tx, block.kind, parts[short]);
  const ofShort = { used: counted.used, burnt: counted.burnt };
  const other = { used: block.used - counted.used, burnt: block.burnt - counted.burnt };
  const [ofLeft, ofRight] = short === 0 ? [ofShort, other] : [other, ofShort];
  const first = await changeBlock(tx, ctx, block.id, { last: left.last, count: counts[0], ...ofLeft });
  const now = ctx.clock.now();
  const second = await tx.insertInto('number_blocks').values({ ...block, ...right, id: newId(ctx, 'blk'), count: counts[1], ...ofRight, changed_at: now }).returningAll().executeTakeFirstOrThrow();
  await shareUse(tx, first, second);
  return [first, second];
}

async function shareUse(tx: Tx, first: BlockRecord, second: BlockRecord): Promise<void> {
  if (second.used === 0) return;
  const share = second.used / Math.max(1, first.used + second.used);
  for (const { day, n } of await tx.selectFrom('number_use').select(['day', 'n']).where('block_id', '=', first.id).execute()) {
    const moved = Math.round(n * share);
    if (moved <= 0) continue;
    await tx.insertInto('number_use').values({ block_id: second.id, day, n: moved }).execute();
    await tx.updateTable('number_use').set({ n: n - moved }).where('block_id', '=', first.id).where('day', '=', day).execute();
  }
}

/** Cuts the blocks at the ends of a span, so that each lies wholly in it or outside. Answers those within. */
export async function cutOut(tx: Tx, ctx: WriteContext, kind: NumberKind, span: Span): Promise<BlockRecord[]> {
  for (const block of await blocksIn(tx, kind, span)) {
    const pieces = await cutBlock(tx, ctx, block, span.first);
    const within = pieces[1] ?? pieces[0];
    const behind = cut(within, beyond(span.last, within.last));
    if (behind) await cutBlock(tx, ctx, within, behind[1].first);
  }
  return blocksIn(tx, kind, span);
}

/** The key behind `last`, if the block goes on there; else a key that cuts nothing. */
const beyond = (last: string, end: string): string => (last < end ? (BigInt(last) + 1n).toString().padStart(last.length, '0') : `${end}0`);

/** Parts of a span no block holds. */
export async function uncovered(tx: Tx, kind: NumberKind, span: Span): Promise<Span[]> {
  return without(span, await blocksIn(tx, kind, span));
}
