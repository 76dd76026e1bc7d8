/** What may be used again: the policy of the profile's type, on top of the state tables (a delivered profile never may, SGP.22 v2.2, 3.1.6). */
import type { QuarantineRule, RecyclingRule } from '../../../shared/contract/numbers.ts';
import type { Reader, Tx } from '../context.ts';
import { prepared } from '../store/index.ts';

export interface Policy {
  readonly recycling: RecyclingRule;
  readonly coolingDays: number;
  readonly msisdn: 'burn' | 'reuse';
  readonly msisdnDays: number;
  readonly quarantine: QuarantineRule;
  readonly quarantineDays: number;
  readonly changedAt: number | undefined;
}

/** Of a type nobody set a policy for. */
export const defaultPolicy: Policy = {
  recycling: 'never-delivered', coolingDays: 30, msisdn: 'burn', msisdnDays: 90, quarantine: 'manual', quarantineDays: 30, changedAt: undefined,
};

const DAY = 86_400_000;
const ofType = prepared((db, p: { id: number }) => db.selectFrom('type_policies').selectAll().where('type_id', '=', p.id));
const lastReturn = prepared((db, p: { id: number }) => db.selectFrom('orders').select((e) => [e.fn.countAll<number>().as('orders'), e.fn.max('closed_at').as('closedAt')]).where('profile_id', '=', p.id));

export async function policyOf(db: Reader | Tx, typeId: number): Promise<Policy> {
  const row = await ofType.one(db, { id: typeId });
  return row === undefined ? defaultPolicy : {
    recycling: row.recycling, coolingDays: row.cooling_days, msisdn: row.msisdn, msisdnDays: row.msisdn_days,
    quarantine: row.quarantine, quarantineDays: row.quarantine_days, changedAt: row.changed_at,
  };
}

export const count = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;

/** Why the policy keeps a profile from sale now, or undefined. `cancel`: its order is being cancelled. */
export async function policyRefusal(tx: Tx, profile: { readonly id: number; readonly type_id: number }, what: 'cancel' | 'unquarantine', at: number): Promise<string | undefined> {
  const policy = await policyOf(tx, profile.type_id);
  if (policy.recycling === 'never-delivered') return undefined;
  if (what === 'cancel') return policy.recycling === 'never' ? 'profiles of its type are never used again once they were ordered (recycling policy)' : undefined;
  const past = await lastReturn.one(tx, { id: profile.id });
  if (!past || past.orders === 0) return undefined;
  if (policy.recycling === 'never') return 'profiles of its type are never used again once they were ordered (recycling policy)';
  const until = (past.closedAt ?? at) + policy.coolingDays * DAY;
  return until > at ? `it cools off until ${new Date(until).toISOString().slice(0, 10)}, ${count(policy.coolingDays, 'day')} after its order was cancelled (recycling policy)` : undefined;
}

/** How long a profile cools off whose order was just cancelled; undefined when it may be sold at once. Milliseconds. */
export async function coolingOff(tx: Tx, typeId: number): Promise<{ readonly days: number; readonly milliseconds: number } | undefined> {
  const policy = await policyOf(tx, typeId);
  return policy.recycling === 'cooling-off' ? { days: policy.coolingDays, milliseconds: policy.coolingDays * DAY } : undefined;
}
