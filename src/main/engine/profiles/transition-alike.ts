/**
 * What {@link transition} does, for many profiles that stand at the same place: one decision by the same tables, one change of their rows,
 * an activation event and an audit record for each.
 */
import { sql } from 'kysely';
import { appendAlike } from '../audit/index.ts';
import type { Call, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { prepared, preparedChange } from '../store/index.ts';
import type { ProfileRowRecord } from './records.ts';
import type { EventName, Facts } from './rules.ts';
import { besideStageOf, decide } from './rules.ts';
import type { ProfileEvent } from './transition.ts';
import { changesOf, columnsOf, obeyPolicy, recorded, refusal } from './transition.ts';

/** Events whose changes follow from the event and the state alone, and which tell nobody outside. */
export type StockEvent = Omit<ProfileEvent, 'eid' | 'outbox' | 'orderId' | 'transactionId' | 'name'> & { readonly name: Extract<EventName, 'hold' | 'release_hold' | 'quarantine' | 'unquarantine' | 'retire'> };

export type Alike = Pick<ProfileRowRecord, 'id' | 'iccid' | 'type_id' | 'order_id'>;

export interface Moved<P> {
  readonly moved: readonly P[];
  readonly refused: readonly { readonly profile: P; readonly problem: DeskProblem }[];
}

type Keys = { ids: string; order: string; network: string; stock: string; device: string };
const changeAll = preparedChange((db, p: Keys, columns: Partial<ProfileRowRecord>) => db.updateTable('profiles').set(columns)
  .where(sql<boolean>`id in (select value from json_each(${p.ids}))`)
  .where('order_state', '=', p.order).where('network_state', '=', p.network).where('stock_state', '=', p.stock).where('device_state', '=', p.device));

const newEvents = prepared<{ ids: string; at: number; stage: string; source: string; text: string; code: string | null; actor: string }, unknown>((db, p) => ({
  compile: () => sql`insert into activation_events (profile_id, order_id, at, stage, source, text, code, actor, transaction_id)
    select r.id, r.order_id, ${p.at}, ${p.stage}, ${p.source}, ${p.text}, ${p.code}, ${p.actor}, null from json_each(${p.ids}) j cross join profiles r on r.id = j.value order by j.key`.compile(db),
}));
// Segments kept for a retry hold the same secrets as the slots.
const dropKept = prepared<{ ids: string }, unknown>((db, p) => ({
  compile: () => sql`delete from kept_packages where order_id in (select o.id from orders o where o.profile_id in (select value from json_each(${p.ids})))`.compile(db),
}));

/**
 * Moves those of `profiles`, all in the state of `facts` as this transaction sees them, that the tables and the policy of their type let go.
 * Throws {@link DeskProblem} `CONFLICT` when a row is not in that state.
 */
export async function transitionAlike<P extends Alike>(tx: Tx, facts: Facts, profiles: readonly P[], event: StockEvent, call: Call): Promise<Moved<P>> {
  const beforeRow = { stock_state: facts.state.stock, bpp_delivered_at: facts.delivered ? 0 : null };
  const decision = decide(facts, event);
  if (!decision.ok) return { moved: [], refused: profiles.map((profile) => ({ profile, problem: refusal({ ...beforeRow, iccid: profile.iccid }, event, decision.why) })) };
  const after = decision.state;
  const moved: P[] = [];
  const refused: { profile: P; problem: DeskProblem }[] = [];
  for (const profile of profiles) {
    const problem = await refusedByPolicy(tx, { ...beforeRow, id: profile.id, iccid: profile.iccid, type_id: profile.type_id }, event, after);
    if (problem) refused.push({ profile, problem });
    else moved.push(profile);
  }
  if (moved.length === 0) return { moved, refused };

  const ids = JSON.stringify(moved.map((profile) => profile.id));
  const { state } = facts;
  const changed = await changeAll.run(tx, { ids, order: state.order, network: state.network, stock: state.stock, device: state.device }, {
    ...columnsOf(after), ...changesOf(beforeRow, event), last_event: event.text, last_event_at: event.at,
  });
  if (changed !== moved.length) throw new DeskProblem('CONFLICT', `${moved.length - changed} of ${moved.length} profiles were changed by someone else at the same moment. Look again and repeat.`);
  if (event.name === 'retire') await dropKept.run(tx, { ids });
  const written = await newEvents.run(tx, { ids, at: event.at, stage: besideStageOf[event.name]!, source: event.source, text: event.text, code: event.code ?? null, actor: call.actor });
  if (written !== moved.length) throw new Error('a profile that was moved has no activation event');
  await appendAlike(tx, {
    at: event.at, event: 'profile.state_changed', actor: call.actor, host: call.host, outcome: 'done', correlationId: call.correlationId, fields: recorded(event, state, after),
  }, 'profile', moved.map((profile) => ({ id: profile.iccid, ...(profile.order_id === null ? {} : { fields: { orderId: profile.order_id } }) })));
  return { moved, refused };
}

async function refusedByPolicy(tx: Tx, ...[row, event, after]: Parameters<typeof obeyPolicy> extends [Tx, ...infer Rest] ? Rest : never): Promise<DeskProblem | undefined> {
  if (event.name !== 'unquarantine' && event.release === undefined) return undefined;
  try {
    await obeyPolicy(tx, row, event, after);
    return undefined;
  } catch (error) {
    if (error instanceof DeskProblem) return error;
    throw error;
  }
}
