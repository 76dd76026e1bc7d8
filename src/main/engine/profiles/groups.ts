/**
 * Groups of the inventory: profiles alike in type, template, the four axes and what is held of them. There are some hundreds,
 * whatever the number of profiles; the database keeps how many are in each (`profile_counts`, by triggers). Every question
 * about these columns is answered from the groups; pages are merged from those that are wanted.
 */
import { sql } from 'kysely';
import type { ProfileState } from '../../../shared/contract/states.ts';
import { deviceStates, networkStates, orderStates } from '../../../shared/contract/states.ts';
import { secretStates } from '../../../shared/contract/profile-filter.ts';
import type { Reader, Tx } from '../context.ts';

/** As the migration numbers them; never in another order. */
const stockRanks = ['imported', 'prepared', 'sellable', 'held', 'sold', 'quarantined', 'retired'] as const;
const secretRanks = ['sealed', 'record', 'erased', 'none'] as const satisfies readonly (typeof secretStates)[number][];

export interface Group {
  /** The number its profiles carry. */
  readonly facet: number;
  readonly count: number;
  readonly typeId: number;
  readonly templateId: number;
  readonly state: ProfileState;
  readonly secrets: (typeof secretStates)[number];
  readonly delivered: boolean;
  readonly eid: boolean;
  readonly msisdn: boolean;
  readonly batch: boolean;
  readonly import: boolean;
}

/** What a number of `profiles.facet` says. */
export function readFacet(facet: number, count = 0): Group {
  const low = facet % 2_097_152;
  const high = (facet - low) / 2_097_152;
  const templateId = high % 65_536;
  return {
    facet, count, typeId: (high - templateId) / 65_536, templateId,
    state: {
      order: orderStates[(low >> 14) & 15], stock: stockRanks[(low >> 10) & 15], network: networkStates[(low >> 7) & 7], device: deviceStates[(low >> 4) & 7],
    } as ProfileState,
    secrets: secretRanks[(low >> 2) & 3]!, delivered: (low & 2) !== 0, eid: (low & 1) !== 0, msisdn: (low & 262_144) !== 0, batch: (low & 1_048_576) !== 0, import: (low & 524_288) !== 0,
  };
}

/** Groups that have profiles. Inside a transaction they include its own changes. */
export async function loadGroups(db: Reader | Tx): Promise<Group[]> {
  const { rows } = await sql<{ facet: number; n: number }>`select facet, n from profile_counts where n > 0`.execute(db);
  return rows.map((row) => readFacet(row.facet, row.n));
}

export const sumOf = (groups: readonly Group[]): number => groups.reduce((sum, group) => sum + group.count, 0);

/** Counts by whatever `by` answers. */
export function countBy<K>(groups: readonly Group[], by: (group: Group) => K): Map<K, number> {
  const counts = new Map<K, number>();
  for (const group of groups) counts.set(by(group), (counts.get(by(group)) ?? 0) + group.count);
  return counts;
}

/** Profiles of each stock state by type: what lists of types and Home show. */
export async function stockByType(db: Reader | Tx): Promise<Map<number, Map<ProfileState['stock'], number>>> {
  const types = new Map<number, Map<ProfileState['stock'], number>>();
  for (const group of await loadGroups(db)) {
    const stock = types.get(group.typeId) ?? new Map<ProfileState['stock'], number>();
    stock.set(group.state.stock, (stock.get(group.state.stock) ?? 0) + group.count);
    types.set(group.typeId, stock);
  }
  return types;
}

/** Groups whose kept number differs from a recount of all profiles. Reads the whole table: for checks and tests. */
export async function recount(db: Reader | Tx): Promise<{ facet: number; kept: number; counted: number }[]> {
  const { rows } = await sql<{ facet: number; kept: number; counted: number }>`
    select facet, sum(kept) as kept, sum(counted) as counted from (
      select facet, n as kept, 0 as counted from profile_counts union all select facet, 0, count(*) from profiles group by facet)
    group by facet having sum(kept) <> sum(counted)`.execute(db);
  return rows;
}
