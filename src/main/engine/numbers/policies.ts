/** Policies per profile type. What they mean is enforced where profiles change state. */
import type { z } from 'zod';
import type { numbers, policyRow } from '../../../shared/contract/numbers.ts';
import type { EngineContext, Tx } from '../context.ts';
import { policyOf } from '../profiles/index.ts';
import type { TypeRecord } from '../types/index.ts';
import type { Db } from './records.ts';

export type PolicyRow = z.input<typeof policyRow>;

export async function policyView(db: Db, type: { readonly id: number; readonly name: string }): Promise<PolicyRow> {
  const { changedAt, ...policy } = await policyOf(db, type.id);
  return { type: type.name, ...policy, ...(changedAt === undefined ? {} : { changedAt }) };
}

export async function listPolicies(db: Db, name: string | undefined): Promise<PolicyRow[]> {
  let query = db.selectFrom('profile_types').select(['id', 'name']).orderBy('name');
  if (name !== undefined) query = query.where('name', '=', name);
  const rows: PolicyRow[] = [];
  for (const type of await query.execute()) rows.push(await policyView(db, type));
  return rows;
}

/** What is not given stays. It counts for what happens from now on. */
export async function setPolicy(tx: Tx, ctx: Pick<EngineContext, 'clock'>, type: TypeRecord, change: z.output<typeof numbers.setPolicy.input>): Promise<PolicyRow> {
  const present = await policyOf(tx, type.id);
  const row = {
    type_id: type.id, recycling: change.recycling ?? present.recycling, cooling_days: change.coolingDays ?? present.coolingDays,
    msisdn: change.msisdn ?? present.msisdn, msisdn_days: change.msisdnDays ?? present.msisdnDays,
    quarantine: change.quarantine ?? present.quarantine, quarantine_days: change.quarantineDays ?? present.quarantineDays, changed_at: ctx.clock.now(),
  };
  await tx.insertInto('type_policies').values(row).onConflict((c) => c.column('type_id').doUpdateSet(row)).execute();
  return policyView(tx, type);
}
