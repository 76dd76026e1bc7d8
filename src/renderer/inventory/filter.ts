/**
 * The filter of the inventory as an address: `?stock=sellable,held&type=Lab&where=iccid:begins:8988&where=held:between:,%2B2d`.
 * The plain members are those of older links; `where` says everything else, one condition each.
 */
import { conditionText, filterFields, profileFilter, readCondition, type Condition, type FieldName, type FilterOp, type ProfileFilter } from '../../shared/contract/profile-filter.ts';
import { deviceStates, networkStates, orderStates, stockStates } from '../../shared/contract/states.ts';
import { readAxis } from '../design/url-filters.ts';

export type { ProfileFilter };

export const axes = {
  order: { key: 'order', values: orderStates },
  stock: { key: 'stock', values: stockStates },
  network: { key: 'network', values: networkStates },
  device: { key: 'device', values: deviceStates },
} as const;
type Axis = keyof typeof axes;
const isAxis = (field: string): field is Axis => field in axes;

export const filterKeys = ['text', 'type', 'order', 'stock', 'network', 'device', 'where'] as const;
const mostConditions = 20;

/** One chip of the filter bar. `id` is what the engine calls it: a member of the filter, or `where.<index>`. */
export interface Chip {
  readonly id: string;
  readonly condition: Condition & { readonly values: string[] };
}

const spanText = /^([+-])(\d{1,4})(min|h|d)$/;
const unitMs = { min: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `-7d`, `+2d`, `-10min` from now; `now`; anything else is a date or a time of its own. */
export function momentValue(text: string, now: number): string {
  if (text === 'now') return String(now);
  const found = spanText.exec(text);
  if (found === null) return text;
  const distance = Number(found[2]) * unitMs[found[3] as keyof typeof unitMs];
  return String(found[1] === '-' ? now - distance : now + distance);
}
export const isRelative = (text: string): boolean => text === 'now' || spanText.test(text);

const whereOf = (params: URLSearchParams): string[] => params.getAll('where').filter((text) => usable(readCondition(text))).slice(0, mostConditions);

function usable(condition: Condition | undefined): boolean {
  if (condition === undefined) return false;
  const values = condition.values ?? [];
  if (condition.op === 'present' || condition.op === 'absent') return values.length === 0;
  if (values.length === 0 || values.length > 50 || values.some((v) => v.length > 120)) return false;
  if (condition.op === 'between') return values.length === 2 && values.some((v) => v !== '');
  const field = filterFields[condition.field];
  return !('values' in field) || values.every((v) => (field.values as readonly string[]).includes(v));
}

/** Chips an address stands for, the plain ones first. */
export function chipsOf(params: URLSearchParams): Chip[] {
  const chips: Chip[] = [];
  const type = params.get('type')?.trim() ?? '';
  if (type !== '') chips.push({ id: 'type', condition: { field: 'type', op: 'is', values: [type] } });
  for (const axis of Object.keys(axes) as Axis[]) {
    const values = readAxis(params, axes[axis]);
    if (values.length > 0) chips.push({ id: axis, condition: { field: axis, op: values.length === 1 ? 'is' : 'in', values } });
  }
  whereOf(params).forEach((text, at) => {
    const condition = readCondition(text);
    if (condition !== undefined) chips.push({ id: `where.${at}`, condition: { ...condition, values: condition.values ?? [] } });
  });
  return chips;
}

/** Pasted identifiers come with spaces and dashes, an activation code around its MatchingID; a reference such as B-12 stays as it is. */
export function searchText(typed: string): string {
  const text = typed.trim();
  const code = /^(?:LPA:)?1\$[^$\s]+\$([0-9A-Z-]+)/i.exec(text.replaceAll(/\s+/g, ''));
  const shown = code?.[1] ?? (/^[\d\s+-]+$/.test(text) ? text.replaceAll(/[\s-]+/g, '') : text);
  return shown.slice(0, 64).trim();
}

/** The list filter an address stands for; only what is set is sent. Spans of time count from `now`, or stay as they are. */
export function filterOf(params: URLSearchParams, now: number | 'as written' = Date.now()): ProfileFilter {
  const filter: ProfileFilter = {};
  const type = params.get('type')?.trim() ?? '';
  const text = searchText(params.get('text') ?? '');
  if (type !== '') filter.type = type;
  if (text !== '') filter.text = text;
  const order = readAxis(params, axes.order) as (typeof orderStates)[number][];
  const stock = readAxis(params, axes.stock) as (typeof stockStates)[number][];
  const network = readAxis(params, axes.network) as (typeof networkStates)[number][];
  const device = readAxis(params, axes.device) as (typeof deviceStates)[number][];
  if (order.length > 0) filter.order = order;
  if (stock.length > 0) filter.stock = stock;
  if (network.length > 0) filter.network = network;
  if (device.length > 0) filter.device = device;
  const where = whereOf(params).map((line) => readCondition(line)!).map((c) => (now !== 'as written' && filterFields[c.field].kind === 'moment' ? { ...c, values: (c.values ?? []).map((v) => momentValue(v, now)) } : c));
  if (where.length > 0) filter.where = where;
  return profileFilter.safeParse(filter).success ? filter : {};
}

/** The address with a chip changed (`id`), added (no id), or removed (no condition). */
export function withChip(params: URLSearchParams, id: string | undefined, condition: Condition | undefined): URLSearchParams {
  const next = new URLSearchParams(params);
  const where = whereOf(params);
  const at = id?.startsWith('where.') === true ? Number(id.slice(6)) : -1;
  if (id !== undefined && at < 0) next.delete(id);
  const plain = condition === undefined ? undefined : plainText(next, condition);
  if (condition === undefined || plain !== undefined) {
    if (at >= 0) where.splice(at, 1);
    if (condition !== undefined && plain !== undefined) next.set(condition.field, plain);
  } else if (at >= 0) where[at] = conditionText(condition);
  else where.push(conditionText(condition));
  next.delete('where');
  for (const text of where) next.append('where', text);
  return next;
}

/** What a condition is as a plain member of the address, where it fits one that is still free. */
function plainText(params: URLSearchParams, condition: Condition): string | undefined {
  const values = condition.values ?? [];
  if ((params.get(condition.field) ?? '') !== '') return undefined;
  if (condition.field === 'type' && condition.op === 'is') return values[0];
  return isAxis(condition.field) && (condition.op === 'is' || condition.op === 'in') && values.length > 0 ? values.join(',') : undefined;
}

/** Choosing among operators a reader knows: one value or several is the same question. */
export function normalOp(op: FilterOp, values: readonly string[]): FilterOp {
  if (op === 'is' || op === 'in') return values.length === 1 ? 'is' : 'in';
  if (op === 'isNot' || op === 'notIn') return values.length === 1 ? 'isNot' : 'notIn';
  return op;
}

/** Address of a filter that came from the engine, as a saved view keeps it. */
export function paramsOfFilter(filter: ProfileFilter): URLSearchParams {
  const params = new URLSearchParams();
  for (const key of ['text', 'type'] as const) if (filter[key] !== undefined && filter[key] !== '') params.set(key, filter[key]);
  for (const axis of Object.keys(axes) as Axis[]) if ((filter[axis]?.length ?? 0) > 0) params.set(axis, filter[axis]!.join(','));
  for (const condition of filter.where ?? []) params.append('where', conditionText(condition));
  return params;
}

export const fieldOps = (field: FieldName): readonly FilterOp[] => filterFields[field].ops;
