/** One row of bulk work, and one row of its undo. */
import { sql } from 'kysely';
import type { ReleaseRule } from '../../../shared/contract/numbers.ts';
import type { Call, EngineContext, Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { prepared } from '../store/index.ts';
import type { BulkAction, StateAction } from './bulk-rules.ts';
import { eventFor, isStateAction, judge } from './bulk-rules.ts';
import { readFacet } from './groups.ts';
import { addNote, ensureLabel, labelByName, putLabel, takeLabel } from './notes.ts';
import type { ProfileRowRecord } from './records.ts';
import { decide } from './rules.ts';
import { ruleWords } from './stock-actions.ts';
import type { ProfileEvent } from './transition.ts';
import { transition } from './transition.ts';

/** What a row was before, as far as an undo needs it. */
export interface Before {
  readonly stock: string;
  readonly reason: string | null;
  readonly heldUntil: number | null;
  readonly heldFor: string | null;
  readonly rule: ReleaseRule | null;
}

export interface BulkRow {
  readonly seq: number;
  readonly id: number;
  readonly iccid: string;
  readonly before: string | null;
  readonly eventId: number | null;
}

export interface RowResult {
  readonly outcome: 'changed' | 'unchanged' | 'refused';
  readonly code?: string;
  readonly message?: string;
  readonly before?: Before;
  /** The last event of the profile's timeline when the row was done. */
  readonly eventId?: number;
}

const waiting = prepared<{ job: string; count: number }, BulkRow>((db, p) => ({
  compile: () => sql<BulkRow>`select b.seq, p.id, p.iccid, b.before, b.event_id as eventId from bulk_rows b indexed by bulk_rows_outcome cross join profiles p on p.id = b.profile_id
    where b.job_id = ${p.job} and b.outcome = 0 order by b.seq limit ${p.count}`.compile(db),
}));
/** Rows nothing was done with yet. */
export const rowsFor = (db: EngineContext['db'] | Tx, job: string, count: number): Promise<BulkRow[]> => waiting.all(db, { job, count });

type Present = Pick<ProfileRowRecord, 'id' | 'iccid' | 'stock_state' | 'stock_reason' | 'held_until' | 'held_for' | 'quarantine_rule' | 'quarantine_until' | 'quarantine_then'> & { facet: number };
const presentRow = prepared<{ id: number }, Present>((db, p) => ({
  compile: () => sql<Present>`select id, iccid, stock_state, stock_reason, held_until, held_for, quarantine_rule, quarantine_until, quarantine_then, facet from profiles where id = ${p.id}`.compile(db),
}));
const lastEvent = prepared<{ id: number }, { id: number | null }>((db, p) => ({ compile: () => sql<{ id: number | null }>`select max(id) as id from activation_events where profile_id = ${p.id}`.compile(db) }));
const eventIdOf = async (db: Reader | Tx, id: number): Promise<number> => (await lastEvent.one(db, { id }))?.id ?? 0;

const refused = (code: string, message: string): RowResult => ({ outcome: 'refused', code, message });

/** A refusal of the state tables is a result of this row; anything else is a failure of the job. */
async function attempt(work: () => Promise<RowResult>): Promise<RowResult> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DeskProblem && ['TRANSITION_REFUSED', 'PROFILE_DELIVERED', 'NOT_FOUND'].includes(error.code)) return refused(error.code, error.message);
    throw error;
  }
}

export async function applyRow(tx: Tx, ctx: EngineContext, action: BulkAction, { id, iccid }: BulkRow, at: number, call: Call): Promise<RowResult> {
  if (!isStateAction(action)) return other(tx, action, id, at, call);
  const row = (await presentRow.one(tx, { id }))!;
  const group = readFacet(row.facet);
  const verdict = judge(action, { state: group.state, delivered: group.delivered, prepared: group.secrets === 'sealed', eid: undefined });
  if (verdict.is === 'unchanged') return { outcome: 'unchanged' };
  if (verdict.is === 'refused') return refused('TRANSITION_REFUSED', `The profile ${iccid} cannot do "${action.do}": ${verdict.why}.`);
  return attempt(async () => {
    await transition(tx, ctx, id, eventFor(action, at, ruleWords), call);
    return { outcome: 'changed', before: beforeOf(row), eventId: await eventIdOf(tx, id) };
  });
}

async function other(tx: Tx, action: Exclude<BulkAction, StateAction>, id: number, at: number, call: Call): Promise<RowResult> {
  if (action.do === 'note') {
    await addNote(tx, id, at, call.actor, action.text);
    return { outcome: 'changed' };
  }
  if (action.do === 'addLabel') return { outcome: (await putLabel(tx, id, (await ensureLabel(tx, action.label, at)).id, at, call.actor)) ? 'changed' : 'unchanged' };
  const label = await labelByName(tx, action.label);
  return { outcome: label && (await takeLabel(tx, id, label.id)) ? 'changed' : 'unchanged' };
}

function beforeOf(row: Present): Before {
  return {
    stock: row.stock_state, reason: row.stock_reason, heldUntil: row.held_until, heldFor: row.held_for,
    rule: row.quarantine_rule === null ? null : { rule: row.quarantine_rule, afterwards: row.quarantine_then ?? 'release', ...(row.quarantine_until === null ? {} : { until: row.quarantine_until }) },
  };
}

/** Brings a row back to what it was, unless something has happened to it since. */
export async function takeBack(tx: Tx, ctx: EngineContext, action: BulkAction, row: BulkRow, at: number, call: Call): Promise<RowResult> {
  if (action.do === 'addLabel' || action.do === 'removeLabel') {
    return other(tx, { do: action.do === 'addLabel' ? 'removeLabel' : 'addLabel', label: action.label }, row.id, at, call);
  }
  const before = JSON.parse(row.before ?? 'null') as Before | null;
  if (!before) return refused('NOT_REVERSIBLE', `What ${row.iccid} was before is not known.`);
  if ((await eventIdOf(tx, row.id)) !== row.eventId) return refused('CHANGED_SINCE', `Something has happened to ${row.iccid} since; it stays as it is.`);
  const steps = stepsBack(action as StateAction, before, at);
  if (typeof steps === 'string') return refused('NOT_REVERSIBLE', `${row.iccid}: ${steps}`);
  return attempt(async () => {
    // Where the second step is refused the first must not stay; a single step writes nothing when it is refused.
    if (steps.length === 1) return lead(tx, ctx, row, steps, before, call);
    await sql`savepoint back`.execute(tx);
    try {
      const result = await lead(tx, ctx, row, steps, before, call);
      await sql`release back`.execute(tx);
      return result;
    } catch (error) {
      await sql`rollback to back`.execute(tx);
      await sql`release back`.execute(tx);
      throw error;
    }
  });
}

async function lead(tx: Tx, ctx: EngineContext, row: BulkRow, steps: readonly ProfileEvent[], before: Before, call: Call): Promise<RowResult> {
  const group = readFacet((await presentRow.one(tx, { id: row.id }))!.facet);
  let state = group.state;
  for (const step of steps) {
    const decision = decide({ state, delivered: group.delivered, prepared: group.secrets === 'sealed', eid: undefined }, step);
    if (!decision.ok) throw new DeskProblem('TRANSITION_REFUSED', `The profile ${row.iccid} cannot do "${step.name.replaceAll('_', ' ')}": ${decision.why}.`);
    state = decision.state;
  }
  if (state.stock !== before.stock) throw new DeskProblem('TRANSITION_REFUSED', `${row.iccid} was ${before.stock} and would become ${state.stock}.`);
  for (const step of steps) await transition(tx, ctx, row.id, step, call);
  return { outcome: 'changed', eventId: await eventIdOf(tx, row.id) };
}

/** The events that lead back, or why none do. */
export function stepsBack(action: StateAction, before: Before, at: number): ProfileEvent[] | string {
  const base = { at, source: 'operator' as const };
  const hold = (): ProfileEvent | string => (before.heldUntil !== null && before.heldUntil <= at ? 'its hold would have ended by now.' : {
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
      const out: ProfileEvent = { ...base, name: 'unquarantine', text: 'Taken out of quarantine: it was taken back', reason: 'taken back' };
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
