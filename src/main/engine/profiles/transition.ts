import type { Insertable } from 'kysely';
import type { ReleaseRule } from '../../../shared/contract/numbers.ts';
import type { ActivationEvent, ActivationStage, ProfileState } from '../../../shared/contract/states.ts';
import { appendAudit, type AuditEntry } from '../audit/index.ts';
import type { Call, EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { prepared, preparedChange, preparedInsert } from '../store/index.ts';
import type { Database } from '../store/schema.ts';
import type { ProfileRowRecord } from './records.ts';
import { factsOf, profileById, reversed, stateOf } from './records.ts';
import { coolingOff, count, policyRefusal } from './recycling.ts';
import type { EventName } from './rules.ts';
import { besideStageOf, decide, stageOf } from './rules.ts';
import { demandFinished } from './unfinished.ts';

export type EventSource = ActivationEvent['source'];

/** An effect outside the machine, written to the outbox in the transaction of the change. `dedupe` makes it happen once. */
export interface OutboxEffect {
  readonly kind: string;
  readonly dedupe: string;
  /** JSON-able, without secrets. */
  readonly payload: unknown;
}

/** What every entry of a profile's timeline says. */
interface TimelineEntry {
  /** UTC epoch milliseconds. */
  readonly at: number;
  readonly source: EventSource;
  /** Plain sentence for the timeline. */
  readonly text: string;
  /** SGP.22 subject/reason, `8.2.6/3.8`. */
  readonly code?: string;
  readonly orderId?: string;
  readonly transactionId?: string;
}

export interface ProfileEvent extends TimelineEntry {
  readonly name: EventName;
  readonly eid?: string;
  /** Why, for quarantine and retirement. */
  readonly reason?: string;
  /** For `hold`: until when, and for whom. */
  readonly heldUntil?: number;
  readonly heldFor?: string;
  /** For `quarantine`: when it ends by itself, and how. */
  readonly release?: ReleaseRule;
  readonly outbox?: readonly OutboxEffect[];
}

/** What `transition` needs of the engine. */
export type TransitionContext = Pick<EngineContext, 'random'>;

/**
 * The only writer of profile state. Decides by the tables of `rules.ts`, then writes profile row, activation event, audit
 * record and outbox rows, all in the transaction given. Refusals throw {@link DeskProblem}: `TRANSITION_REFUSED` (the tables
 * do not allow it), `PROFILE_DELIVERED` (never Available again), `IMPORT_UNFINISHED`, `NOT_FOUND`, `CONFLICT` (the row changed under us).
 */
export async function transition(tx: Tx, ctx: TransitionContext, profileId: number, event: ProfileEvent, call: Call): Promise<ProfileRowRecord> {
  const row = await profileById(tx, profileId);
  if (!row) throw new DeskProblem('NOT_FOUND', 'There is no such profile.');
  await demandFinished(tx, row);
  const before = stateOf(row);
  const decision = decide(factsOf(row), event);
  if (!decision.ok) throw refusal(row, event, decision.why);
  const after = decision.state;
  await obeyPolicy(tx, row, event, after);

  const columns = { ...columnsOf(after), ...changesOf(row, event), last_event: event.text, last_event_at: event.at };
  const changed = await changeProfile.run(tx, {
    id: profileId, order: before.order, network: before.network, stock: before.stock, device: before.device,
  }, columns);
  if (changed !== 1) throw new DeskProblem('CONFLICT', `The profile ${row.iccid} was changed by someone else at the same moment. Look again and repeat.`);

  if (event.name === 'retire') {
    // Segments kept for a retry hold the same secrets as the slots.
    await tx.deleteFrom('kept_packages').where('order_id', 'in', (e) => e.selectFrom('orders').select('id').where('profile_id', '=', profileId)).execute();
  }
  const orderId = event.orderId ?? row.order_id ?? undefined;
  const stage = stageOf[event.name] ?? besideStageOf[event.name];
  if (stage) await insertActivation(tx, profileId, { ...event, stage, orderId }, call);
  await appendAudit(tx, ctx.random, {
    at: event.at, event: 'profile.state_changed', actor: call.actor, host: call.host, outcome: 'done',
    object: { type: 'profile', id: row.iccid }, correlationId: call.correlationId,
    fields: { ...recorded(event, before, after), ...(orderId === undefined ? {} : { orderId }) },
    ...(event.eid === undefined ? {} : { sensitive: { eid: event.eid } }),
  });
  for (const effect of event.outbox ?? []) {
    await tx.insertInto('outbox').values({
      kind: effect.kind, dedupe: effect.dedupe, payload: JSON.stringify(effect.payload), next_at: event.at, created_at: event.at,
    }).onConflict((conflict) => conflict.column('dedupe').doNothing()).execute();
  }
  // Read, not put together: the database computes a column from what changed.
  const changedRow = await profileById(tx, profileId);
  if (!changedRow) throw new DeskProblem('NOT_FOUND', 'There is no such profile.');
  return event.name === 'cancel_available' && after.stock === 'sellable' ? coolOff(tx, ctx, changedRow, event, call) : changedRow;
}

/** What the audit record of a move says of it. */
export function recorded(event: ProfileEvent, before: ProfileState, after: ProfileState): AuditEntry['fields'] {
  return {
    cause: event.name, ...difference(before, after), ...(event.code === undefined ? {} : { code: event.code }),
    ...(event.transactionId === undefined ? {} : { transactionId: event.transactionId }),
    ...(event.reason === undefined ? {} : { reason: event.reason }),
    ...(event.heldUntil === undefined ? {} : { heldUntil: event.heldUntil }), ...(event.heldFor === undefined ? {} : { heldFor: event.heldFor }),
    ...(event.release === undefined ? {} : { release: { ...event.release } }),
  };
}

/** The recycling policy of the type, where a profile would go back to sale; and that no rule promises a delivered one to be sold. */
export async function obeyPolicy(tx: Tx, row: Pick<ProfileRowRecord, 'id' | 'iccid' | 'type_id' | 'bpp_delivered_at'>, event: ProfileEvent, after: ProfileState): Promise<void> {
  if (event.name === 'quarantine' && event.release !== undefined && event.release.rule !== 'manual' && event.release.afterwards === 'release' && row.bpp_delivered_at !== null) {
    throw refusal(row, event, 'its package was delivered to a device, so a rule can only retire it');
  }
  const what = event.name === 'cancel_available' ? 'cancel' : event.name === 'unquarantine' && after.stock === 'sellable' ? 'unquarantine' : undefined;
  const why = what && await policyRefusal(tx, row, what, event.at);
  if (why) {
    throw new DeskProblem('TRANSITION_REFUSED', `The profile ${row.iccid} cannot go back to sale: ${why}.`, {
      hint: what === 'cancel' ? 'Cancel it as unavailable, or change the policy of its type.' : 'Wait, retire it, or change the policy of its type.',
    });
  }
}

async function coolOff(tx: Tx, ctx: TransitionContext, row: ProfileRowRecord, event: ProfileEvent, call: Call): Promise<ProfileRowRecord> {
  const cooling = await coolingOff(tx, row.type_id);
  if (!cooling) return row;
  const reason = `Cools off for ${count(cooling.days, 'day')} after its order was cancelled`;
  return transition(tx, ctx, row.id, {
    name: 'quarantine', at: event.at, source: 'system', text: reason, reason, release: { rule: 'date', until: event.at + cooling.milliseconds, afterwards: 'release' },
  }, call);
}

const changeProfile = preparedChange((
  db, p: { id: number; order: string; network: string; stock: string; device: string }, columns: Partial<ProfileRowRecord>,
) => db.updateTable('profiles').set(columns).where('id', '=', p.id)
  .where('order_state', '=', p.order).where('network_state', '=', p.network).where('stock_state', '=', p.stock).where('device_state', '=', p.device));
const noteEvent = prepared((db, p: { id: number; text: string; at: number }) => db.updateTable('profiles')
  .set({ last_event: p.text, last_event_at: p.at }).where('id', '=', p.id));
const newActivation = preparedInsert((db, row: Insertable<Database['activation_events']>) => db.insertInto('activation_events').values(row));

export interface ActivationNote extends TimelineEntry {
  readonly stage: ActivationStage;
}

/** A step of an activation that changes no state (contacted, authenticated, bound, refused): activation event only. */
export async function recordActivation(tx: Tx, profileId: number, note: ActivationNote, call: Call): Promise<void> {
  await insertActivation(tx, profileId, note, call);
  await noteEvent.run(tx, { id: profileId, text: note.text, at: note.at });
}

async function insertActivation(tx: Tx, profileId: number, note: ActivationNote, call: Call): Promise<void> {
  await newActivation.run(tx, {
    profile_id: profileId, order_id: note.orderId ?? null, at: note.at, stage: note.stage, source: note.source, text: note.text,
    code: note.code ?? null, actor: call.actor, transaction_id: note.transactionId ?? null,
  });
}

export function refusal(row: Pick<ProfileRowRecord, 'iccid' | 'bpp_delivered_at'>, event: ProfileEvent, why: string): DeskProblem {
  const delivered = row.bpp_delivered_at !== null && (event.name === 'cancel_available' || event.name === 'unquarantine');
  return new DeskProblem(
    delivered ? 'PROFILE_DELIVERED' : 'TRANSITION_REFUSED',
    `The profile ${row.iccid} cannot do "${event.name.replaceAll('_', ' ')}": ${why}.`,
    delivered ? { hint: 'A delivered profile can only become unavailable or be retired.' } : {},
  );
}

type StateColumns = Pick<ProfileRowRecord, 'order_state' | 'network_state' | 'stock_state' | 'device_state'>;

export function columnsOf(state: ProfileState): StateColumns {
  return { order_state: state.order, network_state: state.network, stock_state: state.stock, device_state: state.device };
}

const noHold = { held_until: null, held_for: null, stock_reason: null } as const;
const noRule = { quarantine_rule: null, quarantine_until: null, quarantine_then: null } as const;

function ruleColumns(release: ReleaseRule | undefined): Partial<ProfileRowRecord> {
  if (release === undefined || release.rule === 'manual') return noRule;
  return { quarantine_rule: release.rule, quarantine_until: release.until ?? null, quarantine_then: release.afterwards };
}

/** What an event writes beside the states. */
export function changesOf(row: Pick<ProfileRowRecord, 'stock_state' | 'bpp_delivered_at'>, event: ProfileEvent): Partial<ProfileRowRecord> {
  const eid = (): Partial<ProfileRowRecord> => (event.eid === undefined ? {} : { eid: event.eid, eid_rev: reversed(event.eid) });
  const evidence = (): Partial<ProfileRowRecord> => ({ device_source: event.source, device_at: event.at });
  switch (event.name) {
    case 'order': case 'order_for_eid':
      return { ...eid(), order_id: event.orderId ?? null, ...(row.stock_state === 'held' ? noHold : {}) };
    case 'link_eid': return eid();
    case 'deliver': case 'found_delivered':
      return {
        ...eid(), bpp_delivered_at: row.bpp_delivered_at ?? event.at,
        ...(event.name === 'found_delivered' ? { stock_reason: event.reason ?? event.text, ...noRule } : {}),
      };
    case 'cancel_available': return { eid: null, eid_rev: null, order_id: null };
    case 'cancel_unavailable': return row.stock_state === 'sold' || row.stock_state === 'quarantined' ? {} : { stock_reason: event.reason ?? event.text };
    case 'hold': return { held_until: event.heldUntil ?? null, held_for: event.heldFor ?? null, stock_reason: event.reason ?? null };
    case 'release_hold': return noHold;
    case 'quarantine': return { ...noHold, stock_reason: event.reason ?? event.text, ...ruleColumns(event.release) };
    case 'unquarantine': return { stock_reason: null, ...noRule };
    // The keyed fingerprint of K stays, so that the same K can never come in again.
    case 'retire': return { ...noHold, stock_reason: event.reason ?? event.text, ...noRule, subscriber: null, slots: null };
    case 'install': case 'late_installed': case 'device_enabled': case 'device_disabled': case 'device_deleted': return evidence();
    default: return {};
  }
}

function difference(before: ProfileState, after: ProfileState): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const axis of ['order', 'network', 'stock', 'device'] as const) {
    if (before[axis] !== after[axis]) {
      fields[`${axis}Before`] = before[axis];
      fields[`${axis}After`] = after[axis];
    }
  }
  return fields;
}
