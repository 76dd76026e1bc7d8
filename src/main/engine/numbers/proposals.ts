/** Proposals to prepare: made when a type runs low, taken back when it no longer does, accepted or turned down by people. */
import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { z } from 'zod';
import type { JobView } from '../../../shared/contract/jobs.ts';
import type { proposalRow } from '../../../shared/contract/numbers.ts';
import { appendAudit } from '../audit/index.ts';
import type { Call, EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { Database } from '../store/schema.ts';
import { needs, quantityOf } from './forecast.ts';
import { newId } from './ledger.ts';
import type { Level } from './levels.ts';
import { days, levelsOf, sentenceOf } from './levels.ts';
import type { Db } from './records.ts';
import { numbersAt } from './range-rules.ts';
import type { LeftInRange } from './ranges.ts';
import { leftInRanges, ownPlaces, sumOf } from './ranges.ts';
import { write } from '../store/index.ts';

type Proposal = Selectable<Database['proposals']>;
export type ProposalRow = z.input<typeof proposalRow>;
type Figures = Pick<ProposalRow, 'why' | 'sellable' | 'rate' | 'daysLeft' | 'endsAt' | 'fromStock' | 'ranges' | 'short' | 'coverAfter'> & { readonly level: string };

/** The area that prepares, which knows this one and not the other way round. */
export interface Preparer {
  /** What a start needs and may not be asked for inside a transaction. */
  ready(ctx: EngineContext): Promise<Uint8Array>;
  /** Starts a preparation in the transaction given. Throws `STOCK_SHORT`. */
  start(tx: Tx, ctx: EngineContext, plan: { readonly type: string; readonly count: number; readonly note: string }, batchKey: Uint8Array, call: Call): Promise<JobView>;
}

const WEEK = 7 * 86_400_000;
const system = (id: string): Call => ({ actor: 'system', host: 'engine', correlationId: id });

/** What a preparation for no brand in particular may take: no numbers of brands, no imports that batches in hand still want. */
async function supplyOf(db: Db, level: Level): Promise<{ readonly stock: number; readonly ranges: readonly LeftInRange[]; readonly all: number }> {
  const { owed } = await db.selectFrom('preparations').select((e) => e.fn.sum<number | null>('stock_owed').as('owed')).where('type_id', '=', level.typeId).where('stock_owed', '>', 0).executeTakeFirstOrThrow();
  const stock = Math.max(0, level.imported - Number(owed ?? 0));
  const ranges = await leftInRanges(db, level.typeId, await ownPlaces(db, undefined));
  return { stock, ranges, all: stock + sumOf(ranges) };
}

/** What a preparation of so many would use up now. */
async function figuresOf(db: Db, level: Level, quantity: number): Promise<Figures> {
  const { stand, marks } = level;
  const supply = await supplyOf(db, level);
  const fromStock = Math.min(quantity, supply.stock);
  let missing = quantity - fromStock;
  const ranges: ProposalRow['ranges'] = [];
  for (const { range, behind } of supply.ranges) {
    const count = Math.min(missing, behind);
    if (count <= 0) continue;
    ranges.push({ id: range.id, first: numbersAt(range, range.used).iccid, last: numbersAt(range, range.used + count - 1).iccid, count, leftAfter: behind - count });
    missing -= count;
  }
  // Places that ended batches left count too; which they are is known when they are taken.
  missing = Math.max(0, quantity - supply.all);
  const { rate, daysLeft, endsAt, confidence, perDay, tooFew } = stand.forecast;
  const n = (value: number) => (value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en'));
  const why = [
    sentenceOf(level),
    ...(stand.preparing > 0 ? [`${stand.preparing.toLocaleString('en')} are being prepared already.`] : []),
    ...(rate > 0 ? [`Sold per day: ${n(perDay.d7)} over 7 days, ${n(perDay.d30)} over 30, ${n(perDay.d90)} over 90${tooFew !== true && confidence === 'low' ? '; there is little data yet' : ''}.`] : []),
    marks.target !== null ? `Fills up to ${Math.max(marks.target, marks.low ?? 0).toLocaleString('en')} profiles.` : `Lasts ${days(marks.coverDays)} behind the ${days(marks.leadDays)} a preparation takes.`,
    ...(missing > 0 ? [`${missing.toLocaleString('en')} of them are short: neither waiting imports nor numbers are left for so many.`] : []),
  ];
  const after = stand.sellable + stand.preparing + quantity - missing;
  return {
    level: level.state, why, sellable: stand.sellable, rate, fromStock, ranges, short: missing,
    ...(daysLeft === undefined ? {} : { daysLeft }), ...(endsAt === undefined ? {} : { endsAt }), ...(rate > 0 && tooFew !== true ? { coverAfter: after / rate } : {}),
  };
}

/** Whether a proposal somebody turned down stands in the way of another one. */
function silenced(last: Proposal | undefined, level: Level, now: number): boolean {
  if (last?.state !== 'dismissed' || last.decided_at === null) return false;
  if (now - last.decided_at > WEEK) return false;
  if (level.changedAt !== undefined && level.changedAt > last.decided_at) return false;
  // Nothing left is news to who turned down "low".
  return !(level.state === 'out' && (JSON.parse(last.figures) as Figures).level !== 'out');
}

export interface LevelCheck {
  readonly made: number;
  readonly started: number;
  readonly changed: boolean;
}

/**
 * Looks at every type and makes, freshens or takes back its proposal; a type that may starts its preparation by itself. Reads
 * first, and opens a transaction only when there is something to write.
 */
export async function checkLevels(ctx: EngineContext, preparer: Preparer): Promise<LevelCheck> {
  const now = ctx.clock.now();
  const levels = (await levelsOf(ctx.reader, now)).filter((level) => level.set);
  const pending = await ctx.reader.selectFrom('proposals').selectAll().where('state', 'in', ['open', 'snoozed']).execute();
  const busy = levels.filter((level) => needs(level.marks, level.set, level.stand) || pending.some((one) => one.type_id === level.typeId));
  let made = 0;
  let started = 0;
  let changed = false;
  for (const { typeId, marks } of busy) {
    const batchKey = marks.auto && !pending.some((one) => one.type_id === typeId && one.state === 'snoozed') ? await preparer.ready(ctx) : undefined;
    const done = await write(ctx, (tx) => checkType(tx, ctx, typeId, batchKey && ((plan, call) => preparer.start(tx, ctx, plan, batchKey, call))));
    made += done === 'made' ? 1 : 0;
    started += done === 'started' ? 1 : 0;
    changed ||= done !== 'same';
  }
  if (changed) ctx.changed('numbers', 'workspace', ...(started > 0 ? ['jobs'] : []));
  return { made, started, changed };
}

type Start = (plan: { readonly type: string; readonly count: number; readonly note: string }, call: Call) => Promise<JobView>;

async function checkType(tx: Tx, ctx: EngineContext, typeId: number, start: Start | undefined): Promise<'same' | 'made' | 'started' | 'changed'> {
  const now = ctx.clock.now();
  const [level] = await levelsOf(tx, now, typeId);
  const present = await tx.selectFrom('proposals').selectAll().where('type_id', '=', typeId).where('state', 'in', ['open', 'snoozed']).executeTakeFirst();
  if (!level) return 'same';
  const quantity = needs(level.marks, level.set, level.stand) ? quantityOf(level.marks, level.stand) : 0;
  if (quantity === 0) {
    if (!present) return 'same';
    await tx.updateTable('proposals').set({ state: 'gone', decided_at: now, reason: 'The stock is above its marks again' }).where('id', '=', present.id).execute();
    return 'changed';
  }
  const figures = await figuresOf(tx, level, quantity);
  if (present) {
    if (present.state === 'open' && (await startByItself(tx, ctx, level, { id: present.id, quantity, figures }, start))) return 'started';
    const woken = present.state === 'snoozed' && (present.snoozed_until ?? 0) <= now;
    const text = JSON.stringify(figures);
    if (!woken && text === present.figures && quantity === present.quantity) return 'same';
    await tx.updateTable('proposals').set({ quantity, figures: text, ...(woken ? { state: 'open' as const, snoozed_until: null } : {}) }).where('id', '=', present.id).execute();
    return woken ? 'changed' : 'same';
  }
  const last = await tx.selectFrom('proposals').selectAll().where('type_id', '=', typeId).orderBy('made_at', 'desc').limit(1).executeTakeFirst();
  if (silenced(last, level, now)) return 'same';
  const id = newId(ctx, 'prp');
  await tx.insertInto('proposals').values({ id, type_id: typeId, state: 'open', quantity, figures: JSON.stringify(figures), made_at: now, decided_at: null, actor: null, reason: null, snoozed_until: null, job_id: null }).execute();
  await note(tx, ctx, 'proposal.made', id, level.type, { quantity, sellable: level.stand.sellable, why: figures.why[0]! });
  return (await startByItself(tx, ctx, level, { id, quantity, figures }, start)) ? 'started' : 'made';
}

/** With what there is, also for a proposal that found nothing before. What stands in the way leaves the proposal to people. */
async function startByItself(tx: Tx, ctx: EngineContext, level: Level, { id, quantity, figures }: { readonly id: string; readonly quantity: number; readonly figures: Figures }, start: Start | undefined): Promise<boolean> {
  const possible = quantity - figures.short;
  if (!level.marks.auto || start === undefined || possible === 0) return false;
  await sql`savepoint by_itself`.execute(tx);
  try {
    const job = await start({ type: level.type, count: possible, note: figures.why[0]! }, system(id));
    await tx.updateTable('proposals').set({ state: 'started', decided_at: ctx.clock.now(), actor: 'system', job_id: job.id, quantity, figures: JSON.stringify(figures) }).where('id', '=', id).execute();
    await note(tx, ctx, 'proposal.started', id, level.type, { quantity: possible, job: job.id });
    return true;
  } catch (error) {
    // Numbers somebody took meanwhile, a template that breaks rules, a full disk: other types must not wait for it.
    if (!(error instanceof DeskProblem)) throw error;
    await sql`rollback to by_itself`.execute(tx);
    ctx.log.warn('a preparation was not started by itself', { code: error.code, correlationId: id });
    return false;
  }
}

async function note(tx: Tx, ctx: EngineContext, event: string, id: string, type: string, fields: Record<string, string | number>): Promise<void> {
  await appendAudit(tx, ctx.random, { at: ctx.clock.now(), event, actor: 'system', host: 'engine', outcome: 'done', object: { type: 'proposal', id }, correlationId: id, fields: { type, ...fields } });
}

export async function viewProposals(db: Db, rows: readonly Proposal[]): Promise<ProposalRow[]> {
  const types = new Map((await db.selectFrom('profile_types').select(['id', 'name']).execute()).map((type) => [type.id, type.name]));
  return rows.map((row) => {
    const { level: _level, ...figures } = JSON.parse(row.figures) as Figures;
    return {
      id: row.id, type: types.get(row.type_id) ?? '?', state: row.state, quantity: row.quantity, ...figures, madeAt: row.made_at,
      ...(row.decided_at === null ? {} : { decidedAt: row.decided_at }), ...(row.actor === null ? {} : { actor: row.actor }), ...(row.reason === null ? {} : { reason: row.reason }),
      ...(row.snoozed_until === null ? {} : { snoozedUntil: row.snoozed_until }), ...(row.job_id === null ? {} : { job: row.job_id }),
    };
  });
}

async function demandPending(tx: Tx, id: string): Promise<Proposal> {
  const row = await tx.selectFrom('proposals').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new DeskProblem('PROPOSAL_UNKNOWN', 'There is no such proposal.', { field: 'id' });
  if (row.state !== 'open' && row.state !== 'snoozed') throw new DeskProblem('PROPOSAL_CLOSED', `This proposal is ${row.state} already.`, { field: 'id' });
  return row;
}

/** Codes `PROPOSAL_UNKNOWN`, `PROPOSAL_CLOSED`, `STOCK_SHORT`. */
export async function acceptProposal(tx: Tx, ctx: EngineContext, input: { readonly id: string; readonly quantity?: number | undefined }, preparer: Preparer, batchKey: Uint8Array, call: Call): Promise<{ proposal: ProposalRow; job: JobView }> {
  const row = await demandPending(tx, input.id);
  const now = ctx.clock.now();
  const [level] = await levelsOf(tx, now, row.type_id);
  const wanted = input.quantity ?? row.quantity;
  const possible = Math.min(wanted, (await supplyOf(tx, level!)).all);
  if (possible === 0) throw new DeskProblem('STOCK_SHORT', `Neither waiting imports nor numbers are left for ${level!.type}.`, { field: 'quantity', hint: 'Import stock or register another number range.' });
  const figures = await figuresOf(tx, level!, possible);
  const job = await preparer.start(tx, ctx, { type: level!.type, count: possible, note: figures.why[0]! }, batchKey, call);
  const after = await tx.updateTable('proposals').set({ state: 'accepted', quantity: possible, figures: JSON.stringify(figures), decided_at: now, actor: call.actor, job_id: job.id }).where('id', '=', row.id).returningAll().executeTakeFirstOrThrow();
  return { proposal: (await viewProposals(tx, [after]))[0]!, job };
}

/** Turns a proposal down, or puts it off until a day. Codes `PROPOSAL_UNKNOWN`, `PROPOSAL_CLOSED`. */
export async function dismissProposal(tx: Tx, ctx: EngineContext, input: { readonly id: string; readonly reason: string; readonly until?: number | undefined }, call: Call): Promise<ProposalRow> {
  const row = await demandPending(tx, input.id);
  const now = ctx.clock.now();
  if (input.until !== undefined && input.until <= now) throw new DeskProblem('INPUT_INVALID', 'The day to come back to it must lie ahead.', { field: 'until' });
  const after = await tx.updateTable('proposals').set({
    state: input.until === undefined ? 'dismissed' : 'snoozed', decided_at: now, actor: call.actor, reason: input.reason, snoozed_until: input.until ?? null,
  }).where('id', '=', row.id).returningAll().executeTakeFirstOrThrow();
  return (await viewProposals(tx, [after]))[0]!;
}
