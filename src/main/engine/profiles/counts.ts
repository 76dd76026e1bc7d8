/** How many rows a filter has, what each value of a chip would leave, and which chip empties a list. */
import { sql } from 'kysely';
import type { ProfileFilter as AskedFilter } from '../../../shared/contract/profile-filter.ts';
import type { Reader } from '../context.ts';
import type { Chip, ProfileFilter, Question } from './filter.ts';
import { compile, groupsOf, rowConditions } from './filter.ts';
import type { Group } from './groups.ts';
import { countBy, sumOf } from './groups.ts';
import { readCursor, writeCursor } from './order.ts';
import { isGroupKey } from './streams.ts';
import { answer, FEW, lastOf, narrowed } from './walk.ts';

/** How long one answer counts before it says how far it came. Milliseconds. */
const PIECE = 150;

export async function countProfiles(db: Reader, filter: ProfileFilter, cursor: string | undefined, now: number, piece = PIECE): Promise<{ count: number; next?: string; done?: number }> {
  const question = await compile(db, filter, now);
  if (cursor === undefined) {
    const ranged = await countRange(db, question);
    if (ranged !== undefined) return { count: ranged, done: 1 };
  }
  const after = cursor === undefined ? undefined : readCursor(cursor, undefined);
  const { order, total, blocks } = await answer(db, question, { first: 1_000, ...(after ? { after } : {}) });
  if (total !== undefined && !after) return { count: total, done: 1 };
  const started = performance.now();
  let count = 0;
  for await (const block of blocks) {
    count += block.length;
    const last = lastOf(block);
    if (last && performance.now() - started > piece) {
      const { id, key, created, ranks } = last;
      return { count, next: writeCursor({ order, ranks, entry: { id, key, ...(created === undefined ? {} : { created }) } }) };
    }
  }
  return { count, done: 1 };
}

const indexOf = { created: 'profiles_group_created', lastEvent: 'profiles_group_event', iccid: 'profiles_group_iccid' } as const;
const columnOf = { created: 'created_at', lastEvent: 'last_event_at', iccid: 'iccid' } as const;

/** A single range of a key the groups are sorted by is counted in their index, group by group. */
async function countRange(db: Reader, question: Question): Promise<number | undefined> {
  const rows = rowConditions(question.chips);
  const [driver, ...others] = rows[0]?.drivers ?? [];
  if (rows.length !== 1 || !driver?.range || others.length > 0 || !isGroupKey(driver.range.key)) return undefined;
  const { key, range } = driver.range;
  const groups = groupsOf(question);
  let count = 0;
  for (const group of groups) {
    const found = await sql<{ n: number }>`select count(*) as n from profiles indexed by ${sql.raw(indexOf[key])}
      where facet = ${group.facet} and ${sql.raw(columnOf[key])} >= ${range.from} and ${sql.raw(columnOf[key])} < ${range.to}`.execute(db);
    count += found.rows[0]!.n;
    if (group.count > 20_000) await new Promise((resolve) => setImmediate(resolve));
  }
  return count;
}

const facetFields = ['type', 'template', 'order', 'stock', 'network', 'device', 'secrets'] as const;
type FacetField = (typeof facetFields)[number];
export interface Facets {
  readonly exact: boolean;
  readonly total?: number;
  readonly fields: { [F in FacetField]?: { value: string; count: number }[] };
}

/** Values of each field among the rows all chips but the field's own leave. */
export async function facetsOf(db: Reader, filter: ProfileFilter, now: number): Promise<Facets> {
  const question = await compile(db, filter, now);
  const groups = rowConditions(question.chips).length === 0 ? question.every : await narrowed(db, question.chips);
  if (!groups) return { exact: false, fields: {} };
  const among = (chips: readonly Chip[]): Group[] => groups.filter((group) => chips.every((chip) => chip.groups === undefined || chip.groups(group)));
  const fields: Facets['fields'] = {};
  for (const field of facetFields) {
    const counts = countBy(among(question.chips.filter((chip) => chip.field !== field)), (group) => valueOf(field, group, question));
    fields[field] = [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count || a.value.localeCompare(b.value, 'en'));
  }
  return { exact: true, total: sumOf(among(question.chips)), fields };
}

function valueOf(field: FacetField, group: Group, { names }: Question): string {
  if (field === 'type') return names.types.get(group.typeId) ?? '';
  if (field === 'template') return names.templates.get(group.templateId) ?? '';
  return field === 'secrets' ? group.secrets : group.state[field];
}

/** For an empty list: the rows there would be without each chip, up to a bound. */
export async function blame(db: Reader, filter: AskedFilter, now: number, atMost = FEW): Promise<{ chips: { chip: string; count: number; more: boolean }[]; atMost: number }> {
  const question = await compile(db, filter as ProfileFilter, now);
  const chips: { chip: string; count: number; more: boolean }[] = [];
  for (const left of question.chips) {
    const { total, blocks } = await answer(db, question, { chips: question.chips.filter((chip) => chip !== left), first: 1_000 });
    let count = total ?? 0;
    let more = false;
    if (total === undefined) {
      const started = performance.now();
      for await (const block of blocks) {
        count += block.length;
        more = count > atMost || performance.now() - started > PIECE;
        if (more) break;
      }
    }
    chips.push({ chip: left.chip, count: Math.min(count, atMost), more: more || count > atMost });
  }
  return { chips: chips.sort((a, b) => b.count - a.count), atMost };
}
