/** Filters as people say them. */
import { filterFields, type Condition, type FieldName, type FilterOp } from '../../shared/contract/profile-filter.ts';
import { isRelative } from './filter.ts';
import { words } from '../design/formats.ts';

export const fieldNames: Readonly<Record<FieldName, string>> = {
  type: 'Profile type', template: 'Template', order: 'Order', stock: 'Stock', network: 'Network', device: 'Device', secrets: 'Secrets', brand: 'Brand', batch: 'Batch', import: 'Import',
  label: 'Label', note: 'Notes', iccid: 'ICCID', imsi: 'IMSI', msisdn: 'MSISDN', eid: 'EID', matchingId: 'MatchingID', held: 'Held until', created: 'In stock since', prepared: 'Prepared',
  delivered: 'Delivered', lastEvent: 'Last event', attempts: 'Download attempts',
};

/** What else a reader may type to find a field in the menu. */
export const fieldKeywords: Readonly<Partial<Record<FieldName, string>>> = {
  type: 'product', order: 'state activation sm-dp+', stock: 'state sellable sold quarantine', network: 'state hss hlr', device: 'state installed enabled euicc', secrets: 'keys sealed erased', brand: 'customer operator es2+',
  batch: 'preparation', import: 'file', note: 'comment', eid: 'chip euicc', matchingId: 'activation code', held: 'hold reservation', created: 'imported age date', prepared: 'date', delivered: 'download date', lastEvent: 'activity date age', attempts: 'downloads retries',
};

export const fieldGroups: readonly (readonly [string, readonly FieldName[]])[] = [
  ['State', ['stock', 'order', 'network', 'device', 'secrets']],
  ['Kind and origin', ['type', 'template', 'brand', 'batch', 'import']],
  ['Numbers', ['iccid', 'imsi', 'msisdn', 'eid', 'matchingId']],
  ['Times', ['created', 'prepared', 'delivered', 'held', 'lastEvent']],
  ['Work', ['label', 'note', 'attempts']],
];

/** Operators as offered: one value and several are one question. */
export const opChoices = (field: FieldName): FilterOp[] => (filterFields[field].ops as readonly FilterOp[]).filter((op) => op !== 'is' && op !== 'isNot' || !(filterFields[field].ops as readonly FilterOp[]).includes(op === 'is' ? 'in' : 'notIn'));

export const opWords: Readonly<Record<FilterOp, string>> = {
  is: 'is', in: 'is', isNot: 'is not', notIn: 'is not', between: 'between', begins: 'begins with', ends: 'ends with', present: 'is set', absent: 'is not set',
};

const relativeUnits = { min: 'minutes', h: 'hours', d: 'days' } as const;
/** `-7d` → `7 days ago`, `+2d` → `in 2 days`. */
export function relativeWords(text: string): string {
  if (text === 'now') return 'now';
  const found = /^([+-])(\d+)(min|h|d)$/.exec(text);
  if (found === null) return text;
  const n = Number(found[2]);
  const unit = relativeUnits[found[3] as keyof typeof relativeUnits];
  const span = `${n} ${n === 1 ? unit.slice(0, -1) : unit}`;
  return found[1] === '-' ? `${span} ago` : `in ${span}`;
}

function momentWords(text: string): string {
  if (isRelative(text)) return relativeWords(text);
  return /^\d{9,}$/.test(text) ? `${new Date(Number(text)).toISOString().slice(0, 16).replace('T', ' ')} UTC` : text.replace('T', ' ');
}

/** What stands behind the field's name in a chip; `labelOf` turns a value into its word. */
export function conditionWords(condition: Condition, labelOf: (value: string) => string = words): { readonly op: string; readonly value: string } {
  const values = condition.values ?? [];
  const kind = filterFields[condition.field].kind;
  if (kind === 'flag') return { op: condition.op === 'present' ? 'with at least one' : 'without any', value: '' };
  if (condition.op === 'present' || condition.op === 'absent') return { op: opWords[condition.op], value: '' };
  const say = kind === 'moment' ? momentWords : kind === 'choice' || kind === 'name' ? labelOf : (v: string) => v;
  if (condition.op === 'between') {
    const [from = '', to = ''] = values;
    if (from === '') return { op: kind === 'moment' ? 'before' : 'up to', value: say(to) };
    if (to === '') return { op: kind === 'moment' ? 'after' : 'from', value: say(from) };
    return { op: 'between', value: `${say(from)} and ${say(to)}` };
  }
  return { op: condition.op === 'is' || condition.op === 'in' ? '' : opWords[condition.op], value: values.length <= 2 ? values.map(say).join(' or ') : `${values.length} values` };
}
