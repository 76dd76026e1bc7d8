/** A piece of bulk work, and a piece of its undo: rows alike are led together. */
import { sql } from 'kysely';
import type { ReleaseRule } from '../../../shared/contract/numbers.ts';
import type { Call, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { prepared } from '../store/index.ts';
import type { BulkAction, StateAction } from './bulk-rules.ts';
import { eventFor, isStateAction, judge } from './bulk-rules.ts';
import { readFacet } from './groups.ts';
import { addNotes, ensureLabel, labelByName, putLabel, takeLabel } from './notes.ts';
import type { ProfileRowRecord } from './records.ts';
import type { Facts } from './rules.ts';
import { decide } from './rules.ts';
import { ruleWords } from './stock-actions.ts';
import { unfinishedImports, unfinishedText } from './unfinished.ts';
import type { Alike, Moved, StockEvent } from './transition-alike.ts';
import { transitionAlike } from './transition-alike.ts';

/** What a row was before, as far as an undo needs it. */
export interface Before {
  readonly stock: string;
  readonly reason: string | null;
  readonly heldUntil: number | null;
  readonly heldFor: string | null;
  readonly rule: ReleaseRule | null;
}

/** A row of the job with its profile as the transaction sees it. */
export interface BulkRow extends Alike, Pick<ProfileRowRecord, 'import_id' | 'stock_state' | 'stock_reason' | 'held_until' | 'held_for' | 'quarantine_rule' | 'quarantine_until' | 'quarantine_then'> {
  readonly seq: number;
  readonly facet: number;
  /** Of an undo: as its job left them. */
  readonly before: string | null;
  readonly eventId: number | null;
  /** The last event of the profile's timeline now; asked for an undo only. */
  readonly lastEvent: number;
}

/** What became of some rows. */
export interface Outcome {
  readonly rows: readonly BulkRow[];
  readonly outcome: 'changed' | 'unchanged' | 'refused';
  readonly code?: string;
  readonly message?: string;
  readonly before?: Before;
}

const columns = sql.raw(`b.seq, p.id, p.iccid, p.type_id, p.order_id, p.import_id, p.facet, p.stock_state, p.stock_reason, p.held_until, p.held_for, p.quarantine_rule, p.quarantine_until, p.quarantine_then`);
const waitingRows = sql.raw('bulk_rows b indexed by bulk_rows_outcome cross join profiles p on p.id = b.profile_id');
type Wanted = { job: string; count: number };
const waiting = prepared<Wanted, BulkRow>((db, p) => ({
  compile: () => sql<BulkRow>`select ${columns}, null as before, null as eventId, 0 as lastEvent from ${waitingRows} where b.job_id = ${p.job} and b.outcome = 0 order by b.seq limit ${p.count}`.compile(db),
}));
const waitingUndo = prepared<Wanted, BulkRow>((db, p) => ({
  compile: () => sql<BulkRow>`select ${columns}, b.before, b.event_id as eventId, coalesce((select max(e.id) from activation_events e where e.profile_id = p.id), 0) as lastEvent
    from ${waitingRows} where b.job_id = ${p.job} and b.outcome = 0 order by b.seq limit ${p.count}`.compile(db),
}));
/** Rows nothing was done with yet, as the transaction sees them. */
export const rowsFor = (tx: Tx, job: string, count: number, undo: boolean): Promise<BulkRow[]> => (undo ? waitingUndo : waiting).all(tx, { job, count });

export const factsOf = (facet: number): Facts => {
  const group = readFacet(facet);
  return { state: group.state, delivered: group.delivered, prepared: group.secrets === 'sealed', eid: undefined };
};

/** Rows with the same key, in the order of their first. */
function alike(rows: readonly BulkRow[], key: (row: BulkRow) => string): BulkRow[][] {
  const groups = new Map<string, BulkRow[]>();
  for (const row of rows) {
    const name = key(row);
    const group = groups.get(name);
    if (group) group.push(row);
    else groups.set(name, [row]);
  }
  return [...groups.values()];
}

const refused = (row: BulkRow, code: string, message: string): Outcome => ({ rows: [row], outcome: 'refused', code, message });

/** Moved rows are one outcome, each refused one has its own. */
function outcomesOf({ moved, refused: kept }: Moved<BulkRow>, before?: Before): Outcome[] {
  return [
    ...(moved.length === 0 ? [] : [{ rows: moved, outcome: 'changed' as const, ...(before === undefined ? {} : { before }) }]),
    ...kept.map(({ profile, problem }) => refused(profile, problem.code, problem.message)),
  ];
}

/** Rows that may be changed, and those of an import that is not finished. */
export async function passOver(tx: Tx, rows: readonly BulkRow[]): Promise<{ readonly open: readonly BulkRow[]; readonly kept: readonly Outcome[] }> {
  const imports = await unfinishedImports(tx);
  if (imports.size === 0) return { open: rows, kept: [] };
  const fileOf = (row: BulkRow): string | undefined => (row.import_id === null ? undefined : imports.get(row.import_id));
  return {
    open: rows.filter((row) => fileOf(row) === undefined),
    kept: rows.flatMap((row) => (fileOf(row) === undefined ? [] : [refused(row, 'IMPORT_UNFINISHED', unfinishedText(fileOf(row)!))])),
  };
}

export async function applyRows(tx: Tx, action: BulkAction, rows: readonly BulkRow[], at: number, call: Call): Promise<Outcome[]> {
  if (!isStateAction(action)) return others(tx, action, rows, at, call);
  const outcomes: Outcome[] = [];
  const event = eventFor(action, at, ruleWords);
  for (const group of alike(rows, (row) => `${row.facet} ${JSON.stringify(beforeOf(row))}`)) {
    const facts = factsOf(group[0]!.facet);
    const verdict = judge(action, facts);
    if (verdict.is === 'unchanged') outcomes.push({ rows: group, outcome: 'unchanged' });
    else if (verdict.is === 'refused') outcomes.push(...group.map((row) => refused(row, 'TRANSITION_REFUSED', `The profile ${row.iccid} cannot do "${action.do}": ${verdict.why}.`)));
    else outcomes.push(...outcomesOf(await transitionAlike(tx, facts, group, event, call), beforeOf(group[0]!)));
  }
  return outcomes;
}

async function others(tx: Tx, action: Exclude<BulkAction, StateAction>, rows: readonly BulkRow[], at: number, call: Call): Promise<Outcome[]> {
  if (action.do === 'note') {
    await addNotes(tx, rows.map((row) => row.id), at, call.actor, action.text);
    return [{ rows, outcome: 'changed' }];
  }
  const label = action.do === 'addLabel' ? await ensureLabel(tx, action.label, at) : await labelByName(tx, action.label);
  const changed: BulkRow[] = [];
  const unchanged: BulkRow[] = [];
  for (const row of rows) {
    const did = label !== undefined && (action.do === 'addLabel' ? await putLabel(tx, row.id, label.id, at, call.actor) : await takeLabel(tx, row.id, label.id));
    (did ? changed : unchanged).push(row);
  }
  return [{ rows: changed, outcome: 'changed' }, { rows: unchanged, outcome: 'unchanged' }];
}

function beforeOf(row: BulkRow): Before {
  return {
    stock: row.stock_state, reason: row.stock_reason, heldUntil: row.held_until, heldFor: row.held_for,
    rule: row.quarantine_rule === null ? null : { rule: row.quarantine_rule, afterwards: row.quarantine_then ?? 'release', ...(row.quarantine_until === null ? {} : { until: row.quarantine_until }) },
  };
}

/** Brings rows back to what they were, but for those to which something has happened since. */
export async function takeBack(tx: Tx, action: BulkAction, rows: readonly BulkRow[], at: number, call: Call): Promise<Outcome[]> {
  if (!isStateAction(action)) {
    // Nothing leads back from a note; such a job cannot be started.
    if (action.do === 'note') return rows.map((row) => refused(row, 'NOT_REVERSIBLE', 'Notes stay.'));
    return others(tx, { do: action.do === 'addLabel' ? 'removeLabel' : 'addLabel', label: action.label }, rows, at, call);
  }
  const outcomes: Outcome[] = [];
  for (const group of alike(rows, (row) => `${row.facet} ${row.lastEvent === row.eventId} ${row.before}`)) {
    const [first] = group as [BulkRow];
    const before = JSON.parse(first.before ?? 'null') as Before | null;
    const refuseAll = (code: string, why: (row: BulkRow) => string): void => void outcomes.push(...group.map((row) => refused(row, code, why(row))));
    if (!before) refuseAll('NOT_REVERSIBLE', (row) => `What ${row.iccid} was before is not known.`);
    else if (first.lastEvent !== first.eventId) refuseAll('CHANGED_SINCE', (row) => `Something has happened to ${row.iccid} since; it stays as it is.`);
    else {
      const steps = stepsBack(action, before, at);
      const why = typeof steps === 'string' ? undefined : whyNot(factsOf(first.facet), steps, before);
      if (typeof steps === 'string') refuseAll('NOT_REVERSIBLE', (row) => `${row.iccid}: ${steps}`);
      else if (why !== undefined) refuseAll('TRANSITION_REFUSED', (row) => why.replaceAll('ICCID', row.iccid));
      else outcomes.push(...await lead(tx, factsOf(first.facet), group, steps, call));
    }
  }
  return outcomes;
}

/** Why the steps do not lead to what was, as a sentence about `ICCID`: all of them are known to be possible before the first is taken. */
function whyNot(facts: Facts, steps: readonly StockEvent[], before: Before): string | undefined {
  let { state } = facts;
  for (const step of steps) {
    const decision = decide({ ...facts, state }, step);
    if (!decision.ok) return `The profile ICCID cannot do "${step.name.replaceAll('_', ' ')}": ${decision.why}.`;
    state = decision.state;
  }
  return state.stock === before.stock ? undefined : `ICCID was ${before.stock} and would become ${state.stock}.`;
}

async function lead(tx: Tx, facts: Facts, group: readonly BulkRow[], steps: readonly StockEvent[], call: Call): Promise<Outcome[]> {
  let present = facts;
  let result: Moved<BulkRow> = { moved: group, refused: [] };
  for (const [index, step] of steps.entries()) {
    const next = await transitionAlike(tx, present, result.moved, step, call);
    // A policy may keep rows from the first step; a row that took it must take the others, or what was written of it would stay half way.
    if (index > 0 && next.refused.length > 0) throw next.refused[0]!.problem;
    result = { ...next, refused: [...result.refused, ...next.refused] };
    if (result.moved.length === 0) break;
    const decision = decide(present, step);
    if (!decision.ok) throw new DeskProblem('TRANSITION_REFUSED', decision.why);
    present = { ...present, state: decision.state };
  }
  return outcomesOf(result);
}

/** The events that lead back, or why none do. */
export function stepsBack(action: StateAction, before: Before, at: number): StockEvent[] | string {
  const base = { at, source: 'operator' as const };
  const hold = (): StockEvent | string => (before.heldUntil !== null && before.heldUntil <= at ? 'its hold would have ended by now.' : {
    ...base, name: 'hold', text: `Held again: ${action.do === 'releaseHold' ? 'the release' : 'the quarantine'} was taken back`,
    ...(before.heldUntil === null ? {} : { heldUntil: before.heldUntil }), ...(before.heldFor === null ? {} : { heldFor: before.heldFor }), ...(before.reason === null ? {} : { reason: before.reason }),
  });
  switch (action.do) {
    case 'hold': return [{ ...base, name: 'release_hold', text: 'No longer held: the hold was taken back' }];
    case 'releaseHold': {
      const again = hold();
      return typeof again === 'string' ? again : [again];
    }
    case 'quarantine': {
      const out: StockEvent = { ...base, name: 'unquarantine', text: 'Taken out of quarantine: it was taken back', reason: 'taken back' };
      if (before.stock !== 'held') return before.stock === 'prepared' ? 'it was prepared and not for sale, which nothing leads back to.' : [out];
      const again = hold();
      return typeof again === 'string' ? again : [out, again];
    }
    case 'unquarantine':
      return [{
        ...base, name: 'quarantine', text: `Put back into quarantine${before.reason === null ? '' : `: ${before.reason}`}`, ...(before.reason === null ? {} : { reason: before.reason }),
        ...(before.rule === null ? {} : { release: before.rule }),
      }];
    case 'retire': return 'a retired profile has lost its secrets.';
  }
}
