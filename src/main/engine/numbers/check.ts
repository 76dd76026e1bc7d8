/**
 * The proof that ledgers and profiles agree: counts every block and range anew, in steps of some thousand numbers, and reports
 * gaps, overlaps, reuse and counters that are off. Reads only.
 */
import { sql } from 'kysely';
import type { NumberKind } from '../../../shared/contract/numbers.ts';
import { numberKinds, outsideWords } from '../../../shared/contract/numbers.ts';
import { luhnValid } from '../../../shared/identifiers/index.ts';
import type { EngineContext } from '../context.ts';
import type { JobKind, JobRowError } from '../jobs/index.ts';
import type { BlockRecord, Db } from './records.ts';
import { ownersOf, within } from './records.ts';
import { numbersAt, plus } from './range-rules.ts';
import { keptPlaces } from './kept-places.ts';
import { countOf, keyOf, keysOfEntitlement, numberOf, overlap } from './rules.ts';

export interface CheckProgress {
  readonly phase: 'blocks' | 'ranges' | 'outside' | 'entitlements';
  /** Blocks and ranges done. */
  readonly at: number;
  /** Within a block or range: the last number looked at, and what was counted. */
  readonly from?: string;
  readonly rows?: number;
  readonly burntAlone?: number;
  readonly burnt?: number;
  readonly findings: number;
  /** Profiles no block holds, by kind, are what all profiles less these are. */
  readonly inBlocks?: Partial<Record<NumberKind, number>>;
  /** Once `outside` is done: numbers of profiles that no block holds. */
  readonly outside?: Partial<Record<NumberKind, number>>;
}

const STEP = 20_000;

interface Finding { readonly code: string; readonly column: string; readonly message: string; readonly found?: string }
interface Step { readonly findings: readonly Finding[]; readonly done: number; readonly next: CheckProgress; readonly finished: boolean }

export const checkKind: JobKind<Record<string, never>, CheckProgress> = {
  kind: 'numbers-check',
  title: () => 'Check the number ledgers',
  async total(ctx) {
    const blocks = await ctx.reader.selectFrom('number_blocks').select((e) => e.fn.countAll<number>().as('n')).executeTakeFirstOrThrow();
    const ranges = await ctx.reader.selectFrom('ranges').select((e) => e.fn.countAll<number>().as('n')).executeTakeFirstOrThrow();
    return blocks.n + ranges.n + 2;
  },
  async unit(ctx, job) {
    const progress = job.progress ?? { phase: 'blocks', at: 0, findings: 0 };
    const step = await oneStep(ctx, progress);
    const findings = progress.findings + step.findings.length;
    return {
      done: step.done, progress: { ...step.next, findings }, finished: step.finished,
      ...(step.findings.length > 0 ? { errors: step.findings.map((finding, index): JobRowError => ({ row: progress.findings + index + 1, ...finding })), rejected: step.findings.length } : {}),
      ...(step.finished ? { message: [findings === 0 ? 'Ledgers and profiles agree.' : `${findings} finding${findings === 1 ? '' : 's'}: see the rows.`, outsideWords(step.next.outside ?? {})].filter(Boolean).join(' '), partly: findings > 0 } : {}),
    };
  },
};

/** All of it at once, for tests and small workspaces. */
export async function checkAll(ctx: Pick<EngineContext, 'reader'>): Promise<Finding[]> {
  const all: Finding[] = [];
  let progress: CheckProgress = { phase: 'blocks', at: 0, findings: 0 };
  for (;;) {
    const step = await oneStep(ctx, progress);
    all.push(...step.findings);
    if (step.finished) return all;
    progress = step.next;
  }
}

async function oneStep({ reader: db }: Pick<EngineContext, 'reader'>, progress: CheckProgress): Promise<Step> {
  if (progress.phase === 'blocks') {
    const [block, behind] = await db.selectFrom('number_blocks').selectAll().orderBy('kind').orderBy('digits').orderBy('first').offset(progress.at).limit(2).execute();
    if (block) return blockStep(db, block, behind, progress);
    return { findings: [], done: 0, next: { phase: 'ranges', at: 0, findings: 0, inBlocks: progress.inBlocks ?? {} }, finished: false };
  }
  if (progress.phase === 'ranges') {
    const range = await db.selectFrom('ranges').selectAll().orderBy('id').offset(progress.at).limit(1).executeTakeFirst();
    if (range) return rangeStep(db, range, progress);
    return { findings: [], done: 0, next: { ...progress, phase: 'outside' }, finished: false };
  }
  if (progress.phase === 'outside') {
    const { findings, outside } = await outsideFindings(db, progress);
    return { findings, done: 1, next: { phase: 'entitlements', at: 0, findings: 0, outside }, finished: false };
  }
  return { findings: await entitlementFindings(db), done: 1, next: progress, finished: true };
}

const title = (block: BlockRecord): string => `${block.kind.toUpperCase()} block ${numberOf(block.kind, block.first)} to ${numberOf(block.kind, block.last)}`;

async function blockStep(db: Db, block: BlockRecord, behind: BlockRecord | undefined, progress: CheckProgress): Promise<Step> {
  const from = progress.from ?? block.first;
  const rows = await db.selectFrom('profiles').select([block.kind, 'stock_state', 'iccid as id']).where(within(block.kind, block.kind, { first: from, last: block.last }))
    .orderBy(block.kind).limit(STEP).execute() as unknown as (Record<NumberKind, string> & { stock_state: string; id: string })[];
  const findings: Finding[] = [];
  if (progress.from === undefined) {
    if (countOf(block) !== block.count) findings.push({ code: 'COUNTER_WRONG', column: block.kind, message: `${title(block)} says it holds ${block.count} numbers and holds ${countOf(block)}.`, found: block.id });
    if (behind && behind.kind === block.kind && overlap(block, behind)) findings.push({ code: 'BLOCKS_OVERLAP', column: block.kind, message: `${title(block)} and ${title(behind)} share numbers.`, found: block.id });
  }
  findings.push(...await reuseIn(db, block.kind, rows));
  const counted = (progress.rows ?? 0) + rows.length;
  const last = rows.at(-1);
  if (rows.length === STEP && last) {
    // Equal MSISDNs stand together: go on behind them.
    return { findings, done: 0, next: { ...progress, from: plus(keyOf(block.kind, last[block.kind]), 1) ?? block.last, rows: counted }, finished: false };
  }
  const burnt = await db.selectFrom('burnt_numbers').select((e) => e.fn.countAll<number>().as('n')).where('kind', '=', block.kind).where(within(block.kind, 'number', block)).executeTakeFirstOrThrow();
  const alone = burnt.n === 0 ? 0 : (await db.selectFrom('burnt_numbers').select((e) => e.fn.countAll<number>().as('n')).where('kind', '=', block.kind).where(within(block.kind, 'number', block))
    .where((e) => e.not(e.exists(e.selectFrom('profiles').select(sql`1`.as('one')).whereRef(`profiles.${block.kind}`, '=', 'burnt_numbers.number')))).executeTakeFirstOrThrow()).n;
  if (block.used !== counted + alone) findings.push({ code: 'COUNTER_WRONG', column: block.kind, message: `${title(block)} says ${block.used} numbers are used; ${counted + alone} are.`, found: block.id });
  if (block.burnt !== burnt.n) findings.push({ code: 'COUNTER_WRONG', column: block.kind, message: `${title(block)} says ${block.burnt} numbers are burnt; ${burnt.n} are.`, found: block.id });
  const inBlocks = { ...progress.inBlocks, [block.kind]: (progress.inBlocks?.[block.kind] ?? 0) + counted };
  return { findings, done: 1, next: { phase: 'blocks', at: progress.at + 1, findings: 0, inBlocks }, finished: false };
}

/** Rows in the order of a number: two with one number, or one whose number burnt before it was made. */
async function reuseIn(db: Db, kind: NumberKind, rows: readonly (Record<NumberKind, string> & { stock_state: string; id: string })[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  let before: (typeof rows)[number] | undefined;
  for (const row of rows) {
    if (before && before[kind] === row[kind] && before.stock_state !== 'retired' && row.stock_state !== 'retired') {
      findings.push({ code: 'NUMBER_REUSED', column: kind, message: `The profiles ${before.id} and ${row.id} have the same ${kind.toUpperCase()}.`, found: row[kind] });
    }
    if (kind === 'iccid' && row.iccid.length === 19 && !luhnValid(row.iccid)) findings.push({ code: 'CHECK_DIGIT', column: kind, message: 'The check digit of this ICCID is wrong.', found: row.iccid });
    before = row;
  }
  const [first] = rows;
  if (!first || !before) return findings;
  const burnt = await db.selectFrom('burnt_numbers as b').innerJoin('profiles as p', (join) => join.onRef(sql.ref<string>(`p.${kind}`) as never, '=', 'b.number' as never))
    .select(['b.number', 'p.iccid', 'b.iccid as by']).where('b.kind', '=', kind).where('b.number', '>=', first[kind]).where('b.number', '<=', before[kind])
    .where('p.stock_state', '<>', 'retired').where((e) => e.or([e('b.free_at', 'is', null), e('b.free_at', '>', e.ref('p.created_at'))])).limit(1000).execute();
  for (const row of burnt) findings.push({ code: 'BURNT_IN_USE', column: kind, message: `The profile ${row.iccid} has a ${kind.toUpperCase()} that is burnt${row.by === null ? '' : ` with ${row.by}`}.`, found: row.number });
  return findings;
}

interface RangeRow { id: string; iccid_first: string; imsi_first: string; msisdn_first: string | null; count: number; used: number }

/** A range in order of its places: each given-out place has its profile with ICCID, IMSI and MSISDN in step, or is burnt, or kept; none behind has one. */
async function rangeStep(db: Db, row: RangeRow, progress: CheckProgress): Promise<Step> {
  const range = { id: row.id, iccidFirst: row.iccid_first, imsiFirst: row.imsi_first, msisdnFirst: row.msisdn_first ?? undefined, count: row.count, used: row.used };
  const findings: Finding[] = [];
  const start = progress.from === undefined ? 0 : Number(progress.from);
  const end = Math.min(range.count, start + STEP);
  const span = { first: plus(range.iccidFirst, start)!, last: plus(range.iccidFirst, end - 1)! };
  const profiles = await db.selectFrom('profiles').select(['iccid', 'imsi', 'msisdn']).where(within('iccid', 'iccid', span)).orderBy('iccid').execute();
  const burnt = new Set((await db.selectFrom('burnt_numbers').select('number').where('kind', '=', 'iccid').where(within('iccid', 'number', span)).execute()).map((one) => one.number));
  const kept = await keptPlaces(db, [range.id]);
  const byPlace = new Map(profiles.map((profile) => [Number(BigInt(profile.iccid.slice(0, 18)) - BigInt(range.iccidFirst)), profile]));
  const gaps: string[] = [];
  for (let place = start; place < Math.min(end, range.used); place++) {
    const numbers = numbersAt(range, place);
    const profile = byPlace.get(place);
    const waiting = kept.some((one) => one.first <= place && place < one.first + one.count);
    if (!profile) {
      if (!burnt.has(numbers.iccid) && !waiting) gaps.push(numbers.iccid);
      continue;
    }
    if (waiting) findings.push({ code: 'KEPT_IN_USE', column: 'iccid', message: `A batch keeps this number, and the profile ${profile.iccid} has it.`, found: numbers.iccid });
    if (profile.imsi !== numbers.imsi) findings.push({ code: 'OUT_OF_STEP', column: 'imsi', message: `The profile ${profile.iccid} has the IMSI ${profile.imsi}; its place in the range is that of ${numbers.imsi}.`, found: profile.iccid });
    if (numbers.msisdn !== undefined && profile.msisdn !== numbers.msisdn) findings.push({ code: 'OUT_OF_STEP', column: 'msisdn', message: `The profile ${profile.iccid} has the MSISDN ${profile.msisdn ?? '(none)'}; its place in the range is that of ${numbers.msisdn}.`, found: profile.iccid });
  }
  for (const [place, profile] of byPlace) {
    if (place >= range.used) findings.push({ code: 'USED_AHEAD', column: 'iccid', message: `The profile ${profile.iccid} has a number its range ${range.id} has not given out yet.`, found: profile.iccid });
  }
  if (gaps.length > 0) findings.push({ code: 'GAP', column: 'iccid', message: `${gaps.length} number${gaps.length === 1 ? '' : 's'} of the range ${range.id} from ${gaps[0]} on ${gaps.length === 1 ? 'was' : 'were'} given out, and no profile has ${gaps.length === 1 ? 'it' : 'them'}.`, found: gaps[0]! });
  // Places behind what was given out hold nothing but what USED_AHEAD would find: by one seek.
  const finished = end >= range.count || (end >= range.used && !(await anyBehind(db, range.iccidFirst, end, range.count)));
  return { findings, done: finished ? 1 : 0, next: finished ? { phase: 'ranges', at: progress.at + 1, findings: 0, inBlocks: progress.inBlocks ?? {} } : { ...progress, from: String(end) }, finished: false };
}

async function anyBehind(db: Db, first: string, place: number, count: number): Promise<boolean> {
  const span = { first: plus(first, place)!, last: plus(first, count - 1)! };
  return (await db.selectFrom('profiles').select('id').where(within('iccid', 'iccid', span)).limit(1).executeTakeFirst()) !== undefined;
}

async function outsideFindings(db: Db, progress: CheckProgress): Promise<{ findings: Finding[]; outside: Partial<Record<NumberKind, number>> }> {
  const findings: Finding[] = [];
  const counted: Partial<Record<NumberKind, number>> = {};
  for (const kind of numberKinds) {
    const all = await db.selectFrom('profiles').select((e) => e.fn.count<number>(kind).as('n')).executeTakeFirstOrThrow();
    const outside = Number(all.n) - (progress.inBlocks?.[kind] ?? 0);
    counted[kind] = outside;
    const noted = (await db.selectFrom('numbers_outside').select('n').where('kind', '=', kind).executeTakeFirst())?.n ?? 0;
    if (outside !== noted) findings.push({ code: 'COUNTER_WRONG', column: kind, message: `${noted} ${kind.toUpperCase()}s are noted as outside any block; ${outside} are.` });
  }
  for (const { id } of await db.selectFrom('profile_types').select('id').execute()) {
    const missing = await db.selectFrom('profiles as p').select('p.iccid').where('p.type_id', '=', id).where('p.stock_state', '=', 'retired')
      .where((e) => e.not(e.exists(e.selectFrom('burnt_numbers').select(sql`1`.as('one')).where('kind', '=', 'iccid').whereRef('number', '=', 'p.iccid')))).limit(100).execute();
    for (const { iccid } of missing) findings.push({ code: 'NOT_BURNT', column: 'iccid', message: `The profile ${iccid} is retired, and its ICCID is not burnt.`, found: iccid });
  }
  return { findings, outside: counted };
}

/** Entitlements and blocks say the same. */
async function entitlementFindings(db: Db): Promise<Finding[]> {
  const findings: Finding[] = [];
  const blocks = await db.selectFrom('number_blocks').selectAll().where('kind', '=', 'iccid').orderBy('digits').orderBy('first').execute();
  const ownerOf = await ownersOf(db);
  for (const range of await db.selectFrom('brand_iccids').selectAll().execute()) {
    const span = keysOfEntitlement(range);
    if (!span) continue;
    let covered = 0n;
    for (const block of blocks) {
      if (!overlap(block, span)) continue;
      covered += BigInt(block.last < span.last ? block.last : span.last) - BigInt(block.first > span.first ? block.first : span.first) + 1n;
      if (block.first < span.first || block.last > span.last) findings.push({ code: 'ACROSS_BRANDS', column: 'iccid', message: `${title(block)} lies across the end of the entitlement ${range.first} to ${range.last}.`, found: block.id });
      else if (ownerOf(block)?.id !== range.brand_id) findings.push({ code: 'ACROSS_BRANDS', column: 'iccid', message: `${title(block)} is not taken for its brand's.`, found: block.id });
    }
    if (covered !== BigInt(span.last) - BigInt(span.first) + 1n) findings.push({ code: 'NOT_IN_LEDGER', column: 'iccid', message: `The entitlement ${range.first} to ${range.last} is not wholly in the ledger.` });
  }
  return findings;
}
