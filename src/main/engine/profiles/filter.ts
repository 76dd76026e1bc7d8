/**
 * What a filter asks for, in three parts: which groups, which ranges of the keys a list is ordered by, and conditions on single rows.
 * A row condition comes with the index range that finds its rows (`driver`), when there is one.
 */
import { sql, type SqlBool } from 'kysely';
import type { z } from 'zod';
import type { FieldName, FilterOp, profileFilter } from '../../../shared/contract/profile-filter.ts';
import { filterFields } from '../../../shared/contract/profile-filter.ts';
import type { Reader, Tx } from '../context.ts';
import { compileField } from './filter-fields.ts';
import type { Check, Compiled, RowCondition } from './filter-parts.ts';
import { invalid } from './filter-parts.ts';
import { compileText } from './filter-text.ts';
import type { Group } from './groups.ts';
import { loadGroups } from './groups.ts';

export type ProfileFilter = z.output<typeof profileFilter>;

export interface Chip extends Compiled {
  /** Member of the filter, or `where.<index>`. */
  readonly chip: string;
  /** For fields the groups know: whose values are counted without this chip. */
  readonly field?: FieldName;
}

export interface Names {
  readonly types: ReadonlyMap<number, string>;
  /** `name@version` */
  readonly templates: ReadonlyMap<number, string>;
}

export interface Question {
  readonly names: Names;
  readonly every: readonly Group[];
  readonly chips: readonly Chip[];
}

export async function loadNames(db: Reader | Tx): Promise<Names> {
  const types = await db.selectFrom('profile_types').select(['id', 'name']).execute();
  const templates = await db.selectFrom('templates').select(['id', 'name', 'version']).execute();
  return { types: new Map(types.map((type) => [type.id, type.name])), templates: new Map(templates.map((one) => [one.id, `${one.name}@${one.version}`])) };
}

/** Throws {@link DeskProblem} `FILTER_INVALID` with the chip as field. */
export async function compile(db: Reader | Tx, filter: ProfileFilter, now: number): Promise<Question> {
  const names = await loadNames(db);
  const every = await loadGroups(db);
  const chips: Chip[] = [];
  const plain = (field: FieldName, values: readonly string[] | undefined): void => {
    if (values && values.length > 0) chips.push({ chip: field, field, groups: inGroup(field, new Set(values), names) });
  };
  plain('type', filter.type === undefined ? undefined : [filter.type]);
  plain('order', filter.order);
  plain('stock', filter.stock);
  plain('network', filter.network);
  plain('device', filter.device);
  if (filter.text !== undefined && filter.text.trim() !== '') chips.push({ chip: 'text', ...(await compileText(db, filter.text)) });
  for (const [index, one] of (filter.where ?? []).entries()) {
    const chip = `where.${index}`;
    const values = one.values.map((value) => value.trim());
    checkForm(chip, one.field, one.op, values);
    const field = one.field;
    if (field === 'type' || field === 'template' || field === 'order' || field === 'stock' || field === 'network' || field === 'device' || field === 'secrets') {
      const allowed = 'values' in filterFields[field] ? (filterFields[field] as { values: readonly string[] }).values : undefined;
      const unknown = allowed && values.find((value) => !allowed.includes(value));
      if (unknown !== undefined) throw invalid(chip, `${field} has no value ${unknown.slice(0, 40)}.`);
      const meant = inGroup(field, new Set(values), names);
      chips.push({ chip, field, groups: one.op === 'isNot' || one.op === 'notIn' ? (group) => !meant(group) : meant });
    } else {
      chips.push({ chip, ...(await compileField(db, { chip, field, op: one.op, values, now })) });
    }
  }
  return { names, every, chips };
}

function checkForm(chip: string, field: FieldName, op: FilterOp, values: readonly string[]): void {
  if (!(filterFields[field].ops as readonly FilterOp[]).includes(op)) throw invalid(chip, `${field} cannot be asked for with "${op}".`);
  const wrong = op === 'present' || op === 'absent' ? values.length > 0
    : op === 'between' ? values.length !== 2 || values.every((value) => value === '')
    : op === 'is' || op === 'isNot' ? values.length !== 1 || values[0] === ''
    : values.length === 0 || values.includes('');
  if (wrong) throw invalid(chip, op === 'between' ? '"between" takes two ends, of which one may be empty.' : `"${op}" has too many or too few values.`);
}

function inGroup(field: FieldName, wanted: ReadonlySet<string>, names: Names): (group: Group) => boolean {
  switch (field) {
    case 'type': return (group) => wanted.has(names.types.get(group.typeId) ?? '');
    case 'template': return (group) => {
      const name = names.templates.get(group.templateId) ?? '';
      return wanted.has(name) || wanted.has(name.slice(0, name.lastIndexOf('@')));
    };
    case 'secrets': return (group) => wanted.has(group.secrets);
    case 'order': case 'stock': case 'network': case 'device': return (group) => wanted.has(group.state[field]);
    default: throw new TypeError(`${field} is not a group's`);
  }
}

/** The groups that all chips leave. */
export const groupsOf = (question: Question, chips: readonly Chip[] = question.chips): Group[] =>
  question.every.filter((group) => chips.every((chip) => chip.groups === undefined || chip.groups(group)));

export const rowConditions = (chips: readonly Chip[]): RowCondition[] => chips.flatMap((chip) => (chip.row ? [chip.row] : []));

/** `p.facet in (…)`: numbers of our own, so they stand in the text. */
export const inGroups = (groups: readonly Group[], alias = 'p'): Check => sql<SqlBool>`${sql.raw(alias)}.facet in (${sql.raw(groups.map((group) => group.facet).join(','))})`;
