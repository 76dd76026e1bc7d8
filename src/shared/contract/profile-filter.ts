/**
 * How a list of profiles is narrowed and ordered. One vocabulary for window, address, command line and saved views; what is
 * not in it is refused by name.
 */
import { z } from 'zod';
import { deviceStates, networkStates, orderStates, stockStates } from './states.ts';

/** What each operator means: `between` takes two ends, either may be empty; `present` and `absent` take nothing. */
export const filterOps = ['is', 'isNot', 'in', 'notIn', 'between', 'begins', 'ends', 'present', 'absent'] as const;
export type FilterOp = (typeof filterOps)[number];

/**
 * `choice`: one of few values; `name`: name of something that exists (type, brand, label …); `digits`: an identifier; `token`: a MatchingID;
 * `moment`: epoch milliseconds, or an ISO 8601 date or time (a date as upper end takes the whole day); `number`: a whole number.
 */
export type FieldKind = 'choice' | 'name' | 'digits' | 'token' | 'moment' | 'number' | 'flag';

export interface FilterField {
  readonly kind: FieldKind;
  readonly ops: readonly FilterOp[];
  /** For `choice`. */
  readonly values?: readonly string[];
}

const choice = ['is', 'isNot', 'in', 'notIn'] as const;
const optionalName = ['is', 'isNot', 'in', 'notIn', 'present', 'absent'] as const;
const digits = ['is', 'isNot', 'in', 'notIn', 'between', 'begins', 'ends'] as const;
const optionalDigits = [...digits, 'present', 'absent'] as const;
const moment = ['between', 'present', 'absent'] as const;

/** What is held of a profile's secrets: sealed slots of a prepared one, the record of an imported one, nothing any more, nothing yet. */
export const secretStates = ['sealed', 'record', 'erased', 'none'] as const;

export const filterFields = {
  type: { kind: 'name', ops: choice },
  /** `name@version`, or a name alone for every version. */
  template: { kind: 'name', ops: choice },
  order: { kind: 'choice', ops: choice, values: orderStates },
  stock: { kind: 'choice', ops: choice, values: stockStates },
  network: { kind: 'choice', ops: choice, values: networkStates },
  device: { kind: 'choice', ops: choice, values: deviceStates },
  secrets: { kind: 'choice', ops: choice, values: secretStates },
  /** The brand whose order the profile is on. */
  brand: { kind: 'name', ops: optionalName },
  /** Reference of a preparation batch, `B-12`. */
  batch: { kind: 'name', ops: optionalName },
  /** Reference of an import, `I-7`. */
  import: { kind: 'name', ops: optionalName },
  label: { kind: 'name', ops: optionalName },
  note: { kind: 'flag', ops: ['present', 'absent'] },
  iccid: { kind: 'digits', ops: digits },
  imsi: { kind: 'digits', ops: digits },
  msisdn: { kind: 'digits', ops: optionalDigits },
  eid: { kind: 'digits', ops: optionalDigits },
  matchingId: { kind: 'token', ops: ['is', 'in', 'begins', 'present', 'absent'] },
  held: { kind: 'moment', ops: moment },
  created: { kind: 'moment', ops: ['between'] },
  prepared: { kind: 'moment', ops: moment },
  delivered: { kind: 'moment', ops: moment },
  lastEvent: { kind: 'moment', ops: moment },
  /** Download attempts of the order it is on. */
  attempts: { kind: 'number', ops: ['is', 'isNot', 'in', 'between', 'present', 'absent'] },
} as const satisfies Record<string, FilterField>;
export type FieldName = keyof typeof filterFields;
export const fieldNames = Object.keys(filterFields) as FieldName[];

export const condition = z.object({
  field: z.enum(fieldNames as [FieldName, ...FieldName[]]),
  op: z.enum(filterOps),
  values: z.array(z.string().max(120)).max(50).default([]),
});
export type Condition = z.input<typeof condition>;

/** All of it must hold. The plain members are what older addresses use; `where` says everything else. */
export const profileFilter = z.object({
  type: z.string().optional(),
  order: z.array(z.enum(orderStates)).optional(),
  network: z.array(z.enum(networkStates)).optional(),
  stock: z.array(z.enum(stockStates)).optional(),
  device: z.array(z.enum(deviceStates)).optional(),
  /** A beginning or an end of an ICCID, IMSI, MSISDN or EID; a beginning of a MatchingID; a batch or import reference. */
  text: z.string().max(64).optional(),
  where: z.array(condition).max(20).optional(),
});
export type ProfileFilter = z.input<typeof profileFilter>;

/**
 * Columns a list can be ordered by. `leading` ones have few values: any number of them may stand first, in any order; a
 * `key` column is unique or nearly so and stands last, at most one. `alone`: not behind a leading column.
 */
export const sortColumns = {
  type: 'leading', template: 'leading', order: 'leading', stock: 'leading', network: 'leading', device: 'leading', secrets: 'leading',
  iccid: 'key', created: 'key', lastEvent: 'key',
  imsi: 'alone', msisdn: 'alone', eid: 'alone', prepared: 'alone', delivered: 'alone', held: 'alone',
} as const;
export type SortColumn = keyof typeof sortColumns;
export const sortNames = Object.keys(sortColumns) as SortColumn[];

export const sortKey = z.object({ by: z.enum(sortNames as [SortColumn, ...SortColumn[]]), down: z.boolean().default(false) });
export type SortKey = z.input<typeof sortKey>;
/** Without one: newest first, or by the date or number that is filtered, where that answers sooner. */
export const profileSort = z.array(sortKey).max(8);

/** Columns of a row, in the order they stand unless chosen otherwise. */
export const profileColumns = [
  'badge', 'iccid', 'imsi', 'msisdn', 'type', 'template', 'batch', 'import', 'order', 'stock', 'network', 'device', 'eid', 'brand', 'heldUntil', 'heldFor',
  'lastEvent', 'lastEventAt', 'createdAt', 'preparedAt', 'deliveredAt', 'attempts', 'labels', 'notes', 'secrets',
] as const;
export type ProfileColumn = (typeof profileColumns)[number];
export const profileColumn = z.enum(profileColumns);

const escaped = (value: string): string => value.replace(/[%,:]/g, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
const plain = (text: string): string => text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** `field:op:value,value`, as it stands in an address (`?where=…`, repeated) and behind `--filter`. */
export const conditionText = (c: Condition): string => [c.field, c.op, ...((c.values ?? []).length > 0 ? [(c.values ?? []).map(escaped).join(',')] : [])].join(':');

/** The condition a text stands for; undefined when field or operator is unknown or does not fit the field. `field:value` means `is`. */
export function readCondition(text: string): Condition | undefined {
  const [field, second, ...rest] = text.split(':');
  if (field === undefined || !(field in filterFields) || second === undefined) return undefined;
  const known = (filterOps as readonly string[]).includes(second);
  const op: FilterOp = known ? (second as FilterOp) : second.includes(',') ? 'in' : 'is';
  const list = known ? rest.join(':') : [second, ...rest].join(':');
  if (!(filterFields[field as FieldName].ops as readonly FilterOp[]).includes(op)) return undefined;
  const values = list === '' ? [] : list.split(',').map(plain);
  return { field: field as FieldName, op, values };
}

/** `stock,-created`: a minus in front of a column that goes down. Undefined when a column is unknown. */
export function readSort(text: string): SortKey[] | undefined {
  const keys = text.split(',').filter((part) => part !== '').map((part) => ({ by: part.replace(/^-/, '') as SortColumn, down: part.startsWith('-') }));
  return keys.every((key) => key.by in sortColumns) ? keys : undefined;
}
export const sortText = (sort: readonly SortKey[]): string => sort.map((key) => `${key.down === true ? '-' : ''}${key.by}`).join(',');
