/** What a commit would do, before it does it. */
import { setImmediate } from 'node:timers/promises';
import type { ImportEffect } from '../../../shared/contract/imports.ts';
import type { EngineContext } from '../context.ts';
import { levelsOf } from '../numbers/index.ts';
import { stockByType } from '../profiles/index.ts';
import { findingKinds } from './findings.ts';
import type { ImportSession } from './session.ts';
import { sameFile } from './commit.ts';
import type { Validation } from './validation.ts';

const runsShown = 10;
const runsKept = 1_000;
const slice = 2_000;

interface Run {
  readonly first: string;
  last: string;
  count: number;
}

/** The number after, for ICCIDs without their check digit. */
function follows(before: string, next: string): boolean {
  const body = (iccid: string): string => (iccid.length === 19 ? iccid.slice(0, 18) : iccid);
  const [a, b] = [body(before), body(next)];
  if (a.length !== b.length || a.slice(0, -9) !== b.slice(0, -9)) return a.length === b.length && BigInt(b) - BigInt(a) === 1n;
  return Number(b.slice(-9)) - Number(a.slice(-9)) === 1;
}

export async function effectOf(ctx: EngineContext, session: ImportSession, v: Validation): Promise<ImportEffect> {
  const counts = v.counts();
  const spans = await ctx.reader.selectFrom('brand_iccids').innerJoin('brands', 'brands.id', 'brand_iccids.brand_id').select(['brands.name as brand', 'first', 'last']).execute();
  const brands = new Map<string, number>();
  const runs: Run[] = [];
  let moreRuns = 0;
  let run: Run | undefined;
  const edges: Partial<Record<'iccidFirst' | 'iccidLast' | 'imsiFirst' | 'imsiLast', string>> = {};
  const lower = (name: 'iccidFirst' | 'imsiFirst', value: string): void => void (edges[name] = edges[name] === undefined || value < edges[name] ? value : edges[name]);
  const upper = (name: 'iccidLast' | 'imsiLast', value: string): void => void (edges[name] = edges[name] === undefined || value > edges[name] ? value : edges[name]);
  for (let after = -1; ;) {
    const rows = v.staging.goodNumbers(after, slice);
    for (const { iccid, imsi } of rows) {
      if (run && follows(run.last, iccid)) {
        run.last = iccid;
        run.count += 1;
      } else if (runs.length < runsKept) runs.push(run = { first: iccid, last: iccid, count: 1 });
      else {
        moreRuns += 1;
        run = { first: iccid, last: iccid, count: 1 };
      }
      lower('iccidFirst', iccid);
      upper('iccidLast', iccid);
      lower('imsiFirst', imsi);
      upper('imsiLast', imsi);
      for (const span of spans) {
        if (iccid.length >= span.first.length && iccid.slice(0, span.first.length) >= span.first && iccid.slice(0, span.last.length) <= span.last) brands.set(span.brand, (brands.get(span.brand) ?? 0) + 1);
      }
    }
    await setImmediate();
    if (rows.length < slice) break;
    after = rows.at(-1)!.row;
  }
  runs.sort((a, b) => b.count - a.count);
  const withKey = v.withKey();
  const stock = await stockOf(ctx, v.plan.type.id);
  const days = await daysOfCover(ctx, v.plan.type.id, stock.imported + stock.sellable, counts.good);
  return {
    create: counts.good, skip: counts.skipped, leftOut: counts.leftOut, reject: counts.bad, type: v.plan.type.name,
    ...(edges.iccidFirst === undefined ? {} : { iccids: { first: edges.iccidFirst, last: edges.iccidLast! }, imsis: { first: edges.imsiFirst!, last: edges.imsiLast! } }),
    runs: runs.slice(0, runsShown), moreRuns: moreRuns + Math.max(0, runs.length - runsShown),
    ranges: await rangesTouched(v), brands: [...brands].map(([brand, rows]) => ({ brand, rows })).sort((a, b) => b.rows - a.rows),
    secrets: { withKey, withoutKey: counts.good - withKey },
    stock: { before: stock, after: { imported: stock.imported + counts.good, sellable: stock.sellable } },
    ...(days ? { daysOfCover: days } : {}),
    blockers: await commitBlockers(ctx, session, v),
  };
}

/** Rows refused because a range means to use their numbers, by range. */
async function rangesTouched(v: Validation): Promise<ImportEffect['ranges']> {
  const touched = new Map<string, number>();
  for (const group of v.groups()) {
    if (group.kind !== 'in-range') continue;
    for (let after = -1; ;) {
      const rows = v.staging.group(group.kind, group.column, after, 2_000);
      for (const { detail } of rows) {
        const range = /number range (\S+), /.exec(detail)?.[1];
        if (range) touched.set(range, (touched.get(range) ?? 0) + 1);
      }
      await setImmediate();
      if (rows.length < 2_000) break;
      after = rows.at(-1)!.row;
    }
  }
  return [...touched].map(([range, rows]) => ({ range, rows }));
}

async function stockOf(ctx: EngineContext, typeId: number): Promise<{ imported: number; sellable: number }> {
  const states = (await stockByType(ctx.reader)).get(typeId);
  return { imported: states?.get('imported') ?? 0, sellable: states?.get('sellable') ?? 0 };
}

/** At the pace of the last weeks, with what could be prepared counted in; nothing where sales are too few to foretell from. */
async function daysOfCover(ctx: EngineContext, typeId: number, stock: number, more: number): Promise<{ before: number; after: number } | undefined> {
  const [level] = await levelsOf(ctx.reader, ctx.clock.now(), typeId);
  if (level?.stand.forecast.tooFew === true) return undefined;
  const rate = level?.stand.forecast.rate ?? 0;
  return rate > 0 ? { before: stock / rate, after: (stock + more) / rate } : undefined;
}

/** What still stands in the way of a commit. */
export async function commitBlockers(ctx: EngineContext, session: ImportSession, v: Validation): Promise<string[]> {
  const counts = v.counts();
  const blockers = v.openFileFindings().map((one) => `${one.detail} ${findingKinds[one.kind].hint}`);
  if (counts.bad > 0) blockers.push(counts.bad === 1 ? '1 row is wrong: mend it or leave it out.' : `${counts.bad.toLocaleString('en')} rows are wrong: mend them or leave them out.`);
  if (counts.good === 0) blockers.push('No row is left to import.');
  if (await sameFile(ctx.reader, session.sha256)) blockers.push('This file was imported already.');
  return blockers;
}
