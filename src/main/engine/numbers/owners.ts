/**
 * Who owns which ICCIDs is said in one place: the entitlements of the brands (brand_iccids). Blocks follow them: none lies
 * across the end of an entitlement, and what an entitlement names is in the ledger.
 */
import { sql } from 'kysely';
import type { EngineContext, Tx } from '../context.ts';
import { cutOut, insertBlock, uncovered } from './ledger.ts';
import type { WriteContext } from './ledger.ts';
import type { BlockRecord } from './records.ts';
import { blocksOfRange, ownersOf } from './records.ts';
import { firstsOf, plus } from './range-rules.ts';
import type { Span } from './rules.ts';
import { after, entitlementOf, keysOfEntitlement, without } from './rules.ts';

/** Call behind every change of entitlements, in its transaction, with those that are new or other than before. */
export async function entitlementsChanged(tx: Tx, ctx: WriteContext, ranges: readonly Span[]): Promise<void> {
  const touched = new Set<string>();
  for (const range of ranges) {
    const span = keysOfEntitlement(range);
    if (!span) continue;
    for (const block of await cutOut(tx, ctx, 'iccid', span)) if (block.range_id !== null) touched.add(block.range_id);
    for (const part of await uncovered(tx, 'iccid', span)) await insertBlock(tx, ctx, { kind: 'iccid', ...part, source: 'entitlement' });
  }
  await dropNamedBefore(tx);
  // A range that loses or wins an owner shows it in its IMSIs and MSISDNs too.
  const owned = await tx.selectFrom('number_blocks').select('range_id').distinct().where('brand_id', 'is not', null).where('range_id', 'is not', null).execute();
  for (const { range_id } of owned) touched.add(range_id!);
  for (const rangeId of touched) await followIccids(tx, ctx, rangeId);
}

/** Blocks there only because an entitlement named them go with it, unless somebody gave them more to say. */
async function dropNamedBefore(tx: Tx): Promise<void> {
  const ownerOf = await ownersOf(tx);
  const named = await tx.selectFrom('number_blocks').selectAll().where('kind', '=', 'iccid').where('source', '=', 'entitlement').execute();
  for (const block of named.filter((one) => ownerOf(one) === undefined)) {
    if (block.used === 0 && block.burnt === 0 && block.type_id === null && block.range_id === null && block.note === null && block.state === 'open') {
      await tx.deleteFrom('number_blocks').where('id', '=', block.id).execute();
    } else {
      await tx.updateTable('number_blocks').set({ source: 'own' }).where('id', '=', block.id).execute();
    }
  }
}

/** IMSIs and MSISDNs of a range belong to whom its ICCIDs belong to, place by place. */
export async function followIccids(tx: Tx, ctx: WriteContext, rangeId: string): Promise<void> {
  const range = await tx.selectFrom('ranges').selectAll().where('id', '=', rangeId).executeTakeFirst();
  if (!range) return;
  const ownerOf = await ownersOf(tx);
  const firsts = firstsOf({ iccidFirst: range.iccid_first, imsiFirst: range.imsi_first, msisdnFirst: range.msisdn_first ?? undefined });
  for (const block of (await blocksOfRange(tx, rangeId)).filter((one) => one.kind === 'iccid')) {
    const place = Number(BigInt(block.first) - BigInt(range.iccid_first));
    const owner = ownerOf(block)?.id ?? null;
    for (const kind of ['imsi', 'msisdn'] as const) {
      const first = firsts[kind];
      if (first === undefined) continue;
      const span = { first: plus(first, place)!, last: plus(first, place + block.count - 1)! };
      for (const beside of await cutOut(tx, ctx, kind, span)) {
        if (beside.brand_id !== owner) await tx.updateTable('number_blocks').set({ brand_id: owner }).where('id', '=', beside.id).execute();
      }
    }
  }
}

/** Makes the ICCIDs of a block a brand's entitlement, or nobody's. */
export async function entitle(tx: Tx, ctx: Pick<EngineContext, 'clock' | 'random'>, block: BlockRecord, brandId: number | null): Promise<void> {
  const span = entitlementOf(block);
  const all = await tx.selectFrom('brand_iccids').selectAll().where(sql<boolean>`length(first) = ${span.first.length}`).execute();
  for (const row of all) {
    if (row.first > span.last || row.last < span.first) continue;
    await tx.deleteFrom('brand_iccids').where('brand_id', '=', row.brand_id).where('first', '=', row.first).where('last', '=', row.last).execute();
    for (const part of without(row, [span])) await tx.insertInto('brand_iccids').values({ brand_id: row.brand_id, ...part }).execute();
  }
  const joined = brandId === null ? [] : [await join(tx, brandId, span)];
  await entitlementsChanged(tx, ctx, joined);
}

/** Adds a range; one that it touches is made one with it. */
async function join(tx: Tx, brandId: number, span: Span): Promise<Span> {
  const own = await tx.selectFrom('brand_iccids').select(['first', 'last']).where('brand_id', '=', brandId).execute();
  let { first, last } = span;
  for (const row of own) {
    if (row.first.length !== first.length || (after(row.last) !== first && after(last) !== row.first)) continue;
    await tx.deleteFrom('brand_iccids').where('brand_id', '=', brandId).where('first', '=', row.first).where('last', '=', row.last).execute();
    if (row.first < first) first = row.first;
    if (row.last > last) last = row.last;
  }
  await tx.insertInto('brand_iccids').values({ brand_id: brandId, first, last }).execute();
  return { first, last };
}

