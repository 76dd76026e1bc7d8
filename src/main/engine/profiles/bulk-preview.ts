/** What a bulk action would do, in numbers and reasons, before anything is changed. */
import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { bulkPreview } from '../../../shared/contract/inventory.ts';
import type { EngineContext, Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { BulkAction, Verdict } from './bulk-rules.ts';
import { isIrreversible, isStateAction, judge, releaseOf, type StateAction } from './bulk-rules.ts';
import { compile, groupsOf, rowConditions } from './filter.ts';
import type { Group } from './groups.ts';
import { readFacet } from './groups.ts';
import { labelByName } from './notes.ts';
import type { Facts } from './rules.ts';
import type { Selection } from './selection.ts';
import { isPicked, knownIds, selected } from './selection.ts';
import { demandAhead, demandRule } from './stock-actions.ts';
import { mergeGroups } from './streams.ts';
import { idsOfImport, unfinishedAmong, unfinishedImports, unfinishedWhy } from './unfinished.ts';

export type Preview = z.input<typeof bulkPreview>;

export interface Remembered {
  readonly selection: Selection;
  readonly action: BulkAction;
  readonly upTo: number;
  readonly matching: number;
  readonly willChange: number;
  readonly at: number;
  /** The job last started with it. */
  job?: string;
}

const LIFE = 30 * 60_000;
const MOST = 500;
const SAMPLES = 3;
/** Blocks looked at for samples: behind an import that is being written there may be none for long. */
const FEW = 8;
const tokens = new WeakMap<object, Map<string, Remembered>>();

function remember(ctx: EngineContext, preview: Remembered): string {
  let known = tokens.get(ctx.db);
  if (!known) tokens.set(ctx.db, known = new Map());
  for (const [token, one] of known) if (known.size >= MOST || ctx.clock.now() - one.at > LIFE) known.delete(token);
  const token = `pv_${Buffer.from(ctx.random(16)).toString('hex')}`;
  known.set(token, preview);
  return token;
}

/**
 * The preview of a token that was not carried out yet. Throws {@link DeskProblem} `PREVIEW_EXPIRED`, `PREVIEW_USED`. Whether it was is
 * asked of the database: a job that was rolled back has used nothing.
 */
export async function recall(tx: Tx, ctx: EngineContext, token: string): Promise<Remembered> {
  const found = tokens.get(ctx.db)?.get(token);
  if (!found || ctx.clock.now() - found.at > LIFE) throw new DeskProblem('PREVIEW_EXPIRED', 'The preview is too old to be carried out.', { field: 'token', hint: 'Preview again; the stock may have changed.' });
  if (found.job !== undefined && (await tx.selectFrom('bulks').select('job_id').where('job_id', '=', found.job).executeTakeFirst())) {
    throw new DeskProblem('PREVIEW_USED', 'This preview was carried out already.', { field: 'token', hint: 'Preview again to do the same once more; the stock has changed since.' });
  }
  return found;
}

/** Binds the token to the job made of it, in the transaction that makes the job. */
export function useUp(ctx: EngineContext, token: string, job: string): void {
  const found = tokens.get(ctx.db)?.get(token);
  if (found) found.job = job;
}

/** Throws {@link DeskProblem} `DATE_INVALID`. */
export function checkAction(action: BulkAction, now: number): void {
  if (action.do === 'hold') demandAhead(action.until, now, 'action.until');
  const release = action.do === 'quarantine' ? releaseOf(action) : undefined;
  if (release) demandRule(release, now);
}

interface Tally { matching: number; willChange: number; unchanged: number; readonly reasons: Map<string, { count: number; sample: string[]; facets: number[] }>; readonly sample: string[]; readonly changing: number[] }

const refusedAs = (tally: Tally, why: string) => {
  const known = tally.reasons.get(why) ?? { count: 0, sample: [], facets: [] };
  tally.reasons.set(why, known);
  return known;
};

const factsOfGroup = (group: Group): Facts => ({ state: group.state, delivered: group.delivered, prepared: group.secrets === 'sealed', eid: undefined });

export async function preview(ctx: EngineContext, selection: Selection, action: BulkAction): Promise<Preview> {
  const now = ctx.clock.now();
  checkAction(action, now);
  const db = ctx.reader;
  const top = await db.selectFrom('profiles').select((e) => e.fn.max('id').as('id')).executeTakeFirst();
  const upTo = top?.id ?? 0;
  const tally: Tally = { matching: 0, willChange: 0, unchanged: 0, reasons: new Map(), sample: [], changing: [] };
  const question = isPicked(selection) ? undefined : await compile(db, selection.filter, now);
  if (question && isStateAction(action) && rowConditions(question.chips).length === 0) await byGroups(db, groupsOf(question), { except: isPicked(selection) ? [] : selection.except, upTo }, action, tally);
  else await byRows(db, selection, action, tally, { now, upTo });
  const refused = [...tally.reasons].map(([reason, { count, sample }]) => ({ reason, count, sample })).filter((one) => one.count > 0).sort((a, b) => b.count - a.count);
  const irreversible = isIrreversible(action);
  return {
    matching: tally.matching, willChange: tally.willChange, unchanged: tally.unchanged, refused: refused.reduce((sum, one) => sum + one.count, 0), refusedByReason: refused,
    sample: tally.sample, irreversible, ...(irreversible ? { confirm: tally.willChange } : {}),
    token: remember(ctx, { selection, action, upTo, matching: tally.matching, willChange: tally.willChange, at: now }),
  };
}

interface Bounds { readonly except: readonly string[]; readonly upTo: number }

/** State tables see only what a group has in common: a million rows are judged as some hundred groups. */
async function byGroups(db: Reader, groups: readonly Group[], { except, upTo }: Bounds, action: StateAction, tally: Tally): Promise<void> {
  const without = new Map<number, number>();
  if (except.length > 0) {
    const ids = await knownIds(db, except);
    const { rows } = await sql<{ facet: number; n: number }>`select facet, count(*) as n from profiles where id in (select value from json_each(${JSON.stringify(ids)})) group by facet`.execute(db);
    for (const row of rows) without.set(row.facet, row.n);
  }
  const unfinished = await unfinishedByGroup(db, groups, { except, upTo }, tally);
  for (const group of groups) {
    const all = group.count - (without.get(group.facet) ?? 0);
    if (all <= 0) continue;
    tally.matching += all;
    // More may have come in since the groups were counted.
    const count = all - Math.min(all, unfinished.get(group.facet) ?? 0);
    if (all > count) refusedAs(tally, unfinishedWhy).count += all - count;
    if (count === 0) continue;
    const verdict = judge(action, factsOfGroup(group));
    if (verdict.is === 'unchanged') tally.unchanged += count;
    else if (verdict.is === 'change') {
      tally.willChange += count;
      tally.changing.push(group.facet);
    } else {
      const reason = refusedAs(tally, verdict.why);
      reason.count += count;
      reason.facets.push(group.facet);
    }
  }
  const imports = await unfinishedImports(db);
  const sampleOf = async (facets: readonly number[]): Promise<string[]> => {
    const found: string[] = [];
    let blocks = 0;
    for await (const block of mergeGroups(db, facets, { key: 'created', down: true }, SAMPLES)) {
      const { rows } = await sql<{ iccid: string; import_id: number | null }>`select iccid, import_id from profiles where id in (select value from json_each(${JSON.stringify(block.map((entry) => entry.id))}))`.execute(db);
      found.push(...rows.filter((row) => row.import_id === null || !imports.has(row.import_id)).map((row) => row.iccid));
      blocks += 1;
      if (found.length >= SAMPLES || blocks === FEW) break;
    }
    return found.slice(0, SAMPLES);
  };
  tally.sample.push(...await sampleOf(tally.changing));
  for (const reason of tally.reasons.values()) reason.sample.push(...await sampleOf(reason.facets));
}

/** How many of these groups belong to imports that are not finished; with samples of them in the tally. */
async function unfinishedByGroup(db: Reader, groups: readonly Group[], { except, upTo }: Bounds, tally: Tally): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  const imports = await unfinishedImports(db);
  if (imports.size === 0) return counts;
  const meant = new Set(groups.map((group) => group.facet));
  const without = new Set(except.length === 0 ? [] : await knownIds(db, except));
  const sample: number[] = [];
  for (const importId of imports.keys()) {
    for await (const block of idsOfImport(db, importId, upTo)) {
      const ids = block.filter((id) => !without.has(id));
      const found = (await unfinishedAmong(db, imports, ids)).filter(({ facet }) => meant.has(facet));
      for (const { facet, n } of found) counts.set(facet, (counts.get(facet) ?? 0) + n);
      if (found.length > 0 && sample.length === 0) sample.push(...ids);
      await setImmediate();
    }
  }
  if (sample.length > 0) {
    const { rows } = await sql<{ iccid: string; facet: number }>`select iccid, facet from profiles where id in (select value from json_each(${JSON.stringify(sample)})) order by id desc`.execute(db);
    refusedAs(tally, unfinishedWhy).sample.push(...rows.filter(({ facet }) => meant.has(facet)).slice(0, SAMPLES).map(({ iccid }) => iccid));
  }
  return counts;
}

async function byRows(db: Reader, selection: Selection, action: BulkAction, tally: Tally, { now, upTo }: { readonly now: number; readonly upTo: number }): Promise<void> {
  const label = action.do === 'addLabel' || action.do === 'removeLabel' ? (await labelByName(db, action.label))?.id ?? -1 : undefined;
  const unfinished = await unfinishedImports(db);
  for await (const { ids } of selected(db, selection, { now, upTo })) {
    const { rows } = await sql<{ iccid: string; facet: number; import_id: number | null; labelled: number }>`
      select p.iccid, p.facet, p.import_id, ${label === undefined ? sql`0` : sql`exists (select 1 from profile_labels l where l.profile_id = p.id and l.label_id = ${label})`} as labelled
      from profiles p where p.id in (select value from json_each(${JSON.stringify(ids)}))`.execute(db);
    for (const row of rows) {
      tally.matching += 1;
      const verdict: Verdict = row.import_id !== null && unfinished.has(row.import_id) ? { is: 'refused', why: unfinishedWhy } : isStateAction(action) ? judge(action, factsOfGroup(readFacet(row.facet)))
        : { is: action.do === 'note' || (row.labelled === 1) === (action.do === 'removeLabel') ? 'change' : 'unchanged' };
      if (verdict.is === 'unchanged') tally.unchanged += 1;
      else if (verdict.is === 'change') {
        tally.willChange += 1;
        if (tally.sample.length < SAMPLES) tally.sample.push(row.iccid);
      } else {
        const reason = refusedAs(tally, verdict.why);
        reason.count += 1;
        if (reason.sample.length < SAMPLES) reason.sample.push(row.iccid);
      }
    }
  }
}
