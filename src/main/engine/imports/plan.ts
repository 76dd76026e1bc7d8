/** A mapping made ready: changes of each column, keys of the vault, guards against numbers that may not come. */
import type { ImportColumn, ImportDetection, ImportFieldName, ImportRules } from '../../../shared/contract/imports.ts';
import type { OperationInput } from '../../vault-link/operations.ts';
import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { RangeNumbers } from '../numbers/index.ts';
import { allRanges, plus } from '../numbers/index.ts';
import type { TypeRecord } from '../types/index.ts';
import { knownType, templateById } from '../types/index.ts';
import type { FixColumns } from './cell-count.ts';
import { fixColumns } from './cell-count.ts';
import type { SecretName } from './columns.ts';
import { aliasesOf, checkedSecret, isCheck, isIdentity, isSecret, keyFields, labelOf, normalised } from './columns.ts';
import type { HeaderKeys } from './header-keys.ts';
import { headerKeys } from './header-keys.ts';
import type { KeyNotices, KeyUse } from './key-notices.ts';
import { keyNotices, notClear } from './key-notices.ts';
import type { PlanNetwork } from './network.ts';
import { planNetwork } from './network.ts';
import type { Change } from './transforms.ts';
import { changeOf } from './transforms.ts';
import type { TransportKeyRecord } from './transport.ts';
import { usableKey } from './transport.ts';
import type { KeyLengths } from './values.ts';

export interface PlanColumn {
  readonly index: number;
  readonly field: ImportFieldName;
  readonly changes: readonly Change[];
  readonly wrapped: boolean;
}

export interface Guards {
  /** The range a number belongs to. */
  inRange(iccid: string, imsi: string): { readonly column: 'iccid' | 'imsi'; readonly range: string } | undefined;
  /** Whether it is one of the brand; without a brand every one is. */
  ofBrand(iccid: string): boolean;
  readonly iccids: { readonly first: string; readonly last: string } | undefined;
  readonly imsis: { readonly first: string; readonly last: string } | undefined;
}

export interface Plan {
  readonly type: TypeRecord;
  readonly columns: readonly PlanColumn[];
  readonly width: number;
  /** The column of access classes, which are looked at and not kept. */
  readonly accessClass: number | undefined;
  /** Where the file is a fix file. */
  readonly fix: FixColumns | undefined;
  readonly keyLengths: KeyLengths;
  /** Columns for which the template has no slot: passed over. */
  readonly noPlace: readonly ImportFieldName[];
  readonly rules: ImportRules;
  /** Rows with K but neither OP nor OPc are wrong: what would be made for them no network knows. */
  readonly opcRefused: boolean;
  readonly country: Change | undefined;
  readonly plmn: Change | undefined;
  readonly guards: Guards;
  readonly network: PlanNetwork;
  readonly checkedIccids: boolean | 'mixed';
  readonly vault: Pick<OperationInput<'sealImport'>, 'keys' | 'wrapped' | 'shared'>;
  readonly transportKeys: readonly TransportKeyRecord[];
  readonly keyNotices: KeyNotices;
}

/** Octets the type's template takes of each value; of identities, characters. What it has no slot for is absent. */
export async function keyLengthsOf(ctx: Pick<EngineContext, 'reader'>, type: TypeRecord): Promise<KeyLengths> {
  const template = await templateById(ctx.reader, type.template_id);
  const slots = JSON.parse(template?.slots ?? '[]') as { name: string; length: number }[];
  const lengths: Record<string, number> = Object.fromEntries(slots.map((slot) => [slot.name, slot.length]));
  if (lengths['opc'] !== undefined) lengths['op'] = lengths['opc'];
  // Tag and length stand in front of an identity.
  for (const name of ['impi', 'impu']) if (lengths[name] !== undefined) lengths[name] -= lengths[name] > 129 ? 3 : 2;
  return lengths as KeyLengths;
}

/** Whether the template has a slot for what a column holds; identifiers that are no slots are kept by the stock itself. */
const hasPlace = (field: ImportFieldName, lengths: KeyLengths): boolean => {
  const name = isCheck(field) ? checkedSecret(field) : field;
  return !(isSecret(name) || isIdentity(name)) || lengths[name] !== undefined;
};

export interface PlanInput {
  readonly type: string;
  readonly columns: readonly ImportColumn[];
  readonly names: readonly string[];
  readonly rules: ImportRules;
  readonly op: Uint8Array | undefined;
  readonly checkedIccids: boolean | 'mixed';
  /** What the header says, and which columns look encrypted. */
  readonly detection: Pick<ImportDetection, 'header' | 'columns'>;
}

/**
 * Codes: `TYPE_UNKNOWN`, `COLUMN_MISSING`, `COLUMN_TWICE`, `CLEAR_KEYS_REFUSED`, `TRANSPORT_KEY_UNKNOWN`, `TRANSPORT_KEY_UNFIT`,
 * `BRAND_UNKNOWN`, `TRANSFORM_INVALID`.
 */
export async function planOf(ctx: EngineContext, input: PlanInput): Promise<Plan> {
  const type = await knownType(ctx, input.type);
  const mapped = input.columns.filter((one): one is ImportColumn & { field: ImportFieldName } => one.field !== undefined);
  for (const { index } of mapped) if (index >= input.names.length) throw new DeskProblem('COLUMN_MISSING', `The file has no column ${index + 1}.`, { field: 'columns' });
  refuseTwice(mapped.map((one) => one.field));
  const has = (field: ImportFieldName): boolean => mapped.some((one) => one.field === field);
  if (!has('iccid')) throw missing('iccid');
  if (!has('imsi') && !(has('msin') && ((has('mcc') && has('mnc')) || input.rules.plmn))) throw missing('imsi');
  for (const { field } of mapped) {
    if (isCheck(field) && !has(field.slice(0, -3) as ImportFieldName)) throw new DeskProblem('COLUMN_MISSING', `There is a column of check values (${labelOf(field)}) but none of what they check.`, { field: 'columns', hint: 'Pass the column over, or map the key it belongs to.' });
  }
  const keyLengths = await keyLengthsOf(ctx, type);
  const kept = mapped.filter((one) => hasPlace(one.field, keyLengths));
  const keyOf = await headerKeys(ctx, input.detection.header);
  const { vault, transportKeys, uses } = await vaultPart(ctx, mapped, kept, input, keyLengths, keyOf);
  const { rules } = input;
  return {
    type, width: input.names.length, fix: fixColumns(input.names), accessClass: placeOf(input.names, 'acc', mapped), rules, checkedIccids: input.checkedIccids, keyLengths, vault, transportKeys, keyNotices: keyNotices(uses, new Set(kept.map((one) => one.field)), keyOf),
    noPlace: mapped.filter((one) => !isCheck(one.field) && !kept.includes(one)).map((one) => one.field),
    columns: kept.map((one) => ({ index: one.index, field: one.field, changes: one.transforms.map(changeOf), wrapped: one.wrapping !== undefined })),
    opcRefused: (rules.missingOpc ?? (ctx.environment === 'lab' ? 'make' : 'refuse')) === 'refuse',
    country: rules.country === undefined ? undefined : changeOf({ kind: 'country', value: rules.country }),
    plmn: rules.plmn === undefined ? undefined : changeOf({ kind: 'prefix', value: rules.plmn }),
    guards: await guardsOf(ctx, rules),
    network: await planNetwork(ctx, type),
  };
}

type MappedColumn = ImportColumn & { readonly field: ImportFieldName };

function placeOf(names: readonly string[], name: string, mapped: readonly ImportColumn[]): number | undefined {
  const index = names.findIndex((one) => normalised(one) === name);
  return index < 0 || mapped.some((one) => one.index === index) ? undefined : index;
}

function refuseTwice(fields: readonly ImportFieldName[]): void {
  const twice = fields.find((field, index) => fields.indexOf(field) !== index);
  if (twice) throw new DeskProblem('COLUMN_TWICE', `The file has two columns for ${labelOf(twice)}.`, { field: 'columns', hint: 'Choose one of them and pass the other over.' });
}

function missing(field: ImportFieldName): DeskProblem {
  return new DeskProblem('COLUMN_MISSING', `The file has no column for ${labelOf(field)}.`, { field: 'columns', hint: `Say which column it is; by name ${labelOf(field)} is known as ${aliasesOf(field).slice(0, 4).join(', ')}.` });
}

async function vaultPart(
  ctx: EngineContext, mapped: readonly MappedColumn[], kept: readonly MappedColumn[], { rules, op, detection }: PlanInput, lengths: KeyLengths, keyOf: HeaderKeys,
): Promise<Pick<Plan, 'vault' | 'transportKeys'> & { uses: KeyUse[] }> {
  const records: TransportKeyRecord[] = [];
  const uses: KeyUse[] = [];
  const wrapped: Plan['vault']['wrapped'] = [];
  const wrap = async (name: SecretName, wrapping: NonNullable<ImportColumn['wrapping']>): Promise<void> => {
    const record = await usableKey(ctx.reader, wrapping.key);
    if (wrapping.mode === 'cbc-23' && !record.algorithm.startsWith('aes')) throw new DeskProblem('TRANSPORT_KEY_UNFIT', `The start value 0x23 belongs to AES; the key ${record.name} is for ${record.algorithm}.`, { field: 'columns' });
    let key = records.findIndex((one) => one.id === record.id);
    if (key < 0) key = records.push(record) - 1;
    uses.push({ field: name, key: records[key]! });
    const octets = keyFields.has(name) ? lengths[name] : undefined;
    wrapped.push({ name, key, mode: wrapping.mode, reversed: wrapping.reversed, ...(octets === undefined ? {} : { octets }) });
  };
  for (const column of mapped) {
    const { field, wrapping } = column;
    if (wrapping && !isSecret(field)) throw new DeskProblem('TRANSPORT_KEY_UNFIT', `${labelOf(field)} is no secret: it cannot come under a transport key.`, { field: 'columns' });
    if (wrapping && isSecret(field)) {
      if (kept.includes(column)) await wrap(field, wrapping);
    } else if (keyFields.has(field)) refuseClear(ctx, labelOf(field), notClear(column, keyOf, detection.columns));
  }
  if (op) {
    if (mapped.some((one) => one.field === 'op' || one.field === 'opc')) throw new DeskProblem('COLUMN_TWICE', 'The OP is given for the whole file and the file has a column for OP or OPc.', { field: 'rules.op' });
    if (rules.opWrapping) await wrap('op', rules.opWrapping);
    else refuseClear(ctx, 'OP');
  }
  return {
    transportKeys: records, uses,
    vault: { keys: records.map((one) => ({ algorithm: one.algorithm, sealed: one.sealed })), wrapped, shared: op ? [{ name: 'op', value: op }] : [] },
  };
}

/** Throws {@link DeskProblem} `CLEAR_KEYS_REFUSED` outside a lab, or what is known better. */
export function refuseClear(ctx: Pick<EngineContext, 'environment'>, what: string, better?: DeskProblem): void {
  if (ctx.environment === 'lab') return;
  if (better) throw better;
  throw new DeskProblem('CLEAR_KEYS_REFUSED', `${what} comes in clear, which only a lab takes.`, { field: 'columns', hint: 'Ask the sender to encrypt key columns under a transport key, register that key, and choose it for the column.' });
}

const between = (number: string, first: string, last: string): boolean => number.length === first.length && first <= number && number <= last;

async function guardsOf(ctx: EngineContext, rules: ImportRules): Promise<Guards> {
  const inRange = rangeGuard(await allRanges(ctx.reader));
  const spans = rules.brand === undefined ? undefined : await brandSpans(ctx, rules.brand);
  return { inRange, ofBrand: (iccid) => spans === undefined || spans.some((span) => iccid.length >= span.first.length && between(iccid.slice(0, span.first.length), span.first, span.last)), iccids: rules.iccids, imsis: rules.imsis };
}

async function brandSpans(ctx: EngineContext, name: string): Promise<{ first: string; last: string }[]> {
  const brand = await ctx.reader.selectFrom('brands').select('id').where('name', '=', name).executeTakeFirst();
  if (!brand) throw new DeskProblem('BRAND_UNKNOWN', `There is no brand named ${name.slice(0, 64)}.`, { field: 'rules.brand' });
  return ctx.reader.selectFrom('brand_iccids').select(['first', 'last']).where('brand_id', '=', brand.id).execute();
}

interface Span {
  readonly first: string;
  readonly last: string;
  readonly range: string;
}

/** Ranges do not meet, so the one a number may lie in is the last that begins at or before it. */
function rangeGuard(ranges: readonly RangeNumbers[]): Guards['inRange'] {
  const spans = (first: (range: RangeNumbers) => string): Map<number, Span[]> => {
    const byLength = new Map<number, Span[]>();
    for (const range of ranges) {
      const from = first(range);
      const list = byLength.get(from.length) ?? [];
      list.push({ first: from, last: plus(from, range.count - 1) ?? from, range: range.id });
      byLength.set(from.length, list);
    }
    for (const list of byLength.values()) list.sort((a, b) => (a.first < b.first ? -1 : 1));
    return byLength;
  };
  const iccids = spans((range) => range.iccidFirst);
  const imsis = spans((range) => range.imsiFirst);
  const find = (list: readonly Span[] | undefined, number: string): string | undefined => {
    if (!list) return undefined;
    let low = 0;
    let high = list.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const span = list[middle]!;
      if (number < span.first) high = middle - 1;
      else if (number > span.last) low = middle + 1;
      else return span.range;
    }
    return undefined;
  };
  return (iccid, imsi) => {
    const byIccid = iccid.length === 19 ? find(iccids.get(18), iccid.slice(0, 18)) : undefined;
    if (byIccid !== undefined) return { column: 'iccid', range: byIccid };
    const byImsi = find(imsis.get(imsi.length), imsi);
    return byImsi === undefined ? undefined : { column: 'imsi', range: byImsi };
  };
}
