/** One row of the file: cells changed, identifiers read, secrets packed for the vault. */
import { luhnCheckDigit } from '../../../shared/identifiers/index.ts';
import type { ImportFieldName, ImportRepairKind } from '../../../shared/contract/imports.ts';
import type { Patch, StagedProblem } from '../store/bulk-imports.ts';
import type { RowWriter } from '../../vault-link/import-rows.ts';
import { sameAsBefore, widthProblem } from './cell-count.ts';
import type { IdentityName, SecretName } from './columns.ts';
import { checkedSecret, isCheck, isIdentifier, isSecret } from './columns.ts';
import type { FindingName } from './findings.ts';
import { mncProblem, networkProblem } from './network.ts';
import { accessClassNotice } from './notices.ts';
import type { Plan, PlanColumn } from './plan.ts';
import type { Cell } from './scan.ts';
import type { Encoding } from './text.ts';
import { textOf } from './text.ts';
import type { Change } from './transforms.ts';
import { changed, changeOf, trimmed, withoutSeparators } from './transforms.ts';
import type { Value } from './values.ts';
import { readIccid, readIdentity, readImsi, readKcv, readMsisdn, readSecret, readWrapped } from './values.ts';

/** A row as far as the engine alone can tell. */
export interface Draft {
  readonly row: number;
  readonly iccid: string | undefined;
  readonly imsi: string | undefined;
  readonly msisdn: string | undefined;
  readonly problems: StagedProblem[];
  /** It has a place in what was packed for the vault. */
  readonly packed: boolean;
}

const digitsOnly = (cell: Uint8Array): string => Buffer.from(withoutSeparators(trimmed(cell))).toString('latin1').replace(/[fF]$/, '');
const withCheckDigit = (cell: Uint8Array): Uint8Array => {
  const body = digitsOnly(cell).slice(0, 18);
  return Uint8Array.from(Buffer.from(/^\d{18}$/.test(body) ? body + luhnCheckDigit(body) : digitsOnly(cell)));
};

/** Digits a value is filled up to with zeros. */
const padTo: Partial<Record<ImportFieldName, string>> = { imsi: '15', pin1: '4', pin2: '4', puk1: '8', puk2: '8', adm1: '8', adm2: '8' };

/** A repair as a change of the cell; undefined for repairs that change no cell. */
export function repairChange(repair: ImportRepairKind | 'set', field: ImportFieldName, value: string): Change | undefined {
  if (repair === 'set') return () => Uint8Array.from(Buffer.from(value));
  if (repair === 'luhn-append' || repair === 'luhn-correct') return withCheckDigit;
  if (repair === 'pad-left') return changeOf({ kind: 'pad-left', value: padTo[field] ?? '8' });
  if (repair === 'plmn') return changeOf({ kind: 'prefix', value });
  if (repair === 'country') return changeOf({ kind: 'country', value });
  if (repair === 'trim' || repair === 'remove-separators' || repair === 'strip-f' || repair === 'strip-0x' || repair === 'uppercase') return changeOf({ kind: repair });
  return undefined;
}

const swaps: Readonly<Record<string, readonly [ImportFieldName, ImportFieldName]>> = { 'swap-keys': ['k', 'opc'], 'swap-numbers': ['iccid', 'imsi'] };

/** Cells as patched: the columns of a swap exchanged. Column changes come apart, with those of the plan. */
export function patchedCells(plan: Plan, cells: readonly Cell[], patches: readonly Patch[]): readonly Cell[] {
  const out = [...cells];
  for (const { kind } of patches) {
    const pair = swaps[kind];
    const [a, b] = (pair ?? []).map((field) => plan.columns.find((one) => one.field === field)?.index);
    if (a !== undefined && b !== undefined) [out[a], out[b]] = [out[b]!, out[a]!];
  }
  return out;
}

function changesOf(column: PlanColumn, plan: Plan, patches: readonly Patch[]): readonly Change[] {
  const own = patches.filter((patch) => patch.column === column.index);
  const rule = column.field === 'msisdn' ? plan.country : undefined;
  if (own.length === 0 && !rule) return column.changes;
  return [...column.changes, ...own.map((patch) => repairChange(patch.kind as ImportRepairKind, column.field, patch.value)).filter((one) => one !== undefined), ...(rule ? [rule] : [])];
}

/** The cell of a column as it is read: for showing what a repair would make of an identifier. */
export function cellText(plan: Plan, column: PlanColumn, cells: readonly Cell[], patches: readonly Patch[], encoding: Encoding): string {
  const cell = patchedCells(plan, cells, patches)[column.index] ?? new Uint8Array(0);
  return textOf(trimmed(changed(cell, changesOf(column, plan, patches))), encoding);
}

/** Reads a row. Secrets go into `writer` (under the ICCID, or none when that cannot be read); fresh octets are zeroed. */
export function readRow(plan: Plan, row: number, given: readonly Cell[] | undefined, patches: readonly Patch[], encoding: Encoding, writer: RowWriter): Draft {
  const problems: StagedProblem[] = [];
  const fail = (kind: FindingName, column: number, detail: string, found?: string): void => void problems.push({ row, kind, column, detail, found: found?.slice(0, 40) });
  if (!given) {
    fail('row-malformed', -1, '');
    return { row, iccid: undefined, imsi: undefined, msisdn: undefined, problems, packed: false };
  }
  const count = widthProblem(plan.width, given) ?? (plan.fix && sameAsBefore(plan.fix, given));
  if (count !== undefined) {
    fail('cell-count', -1, count);
    return { row, iccid: undefined, imsi: undefined, msisdn: undefined, problems, packed: false };
  }
  const cells = patches.length > 0 ? patchedCells(plan, given, patches) : given;
  const texts: Partial<Record<ImportFieldName, string>> = {};
  const columns: Partial<Record<ImportFieldName, number>> = {};
  const secrets: { name: SecretName | IdentityName; octets: Uint8Array; kcv: boolean }[] = [];
  let keyIsWrong = false;
  const secret = (column: PlanColumn, name: SecretName, kcv: boolean, octets: Uint8Array): void => {
    const read: Value<Uint8Array | undefined> = kcv ? readKcv(octets) : column.wrapped ? readWrapped(name, octets) : readSecret(name, octets, plan.keyLengths);
    if (!read.ok) {
      fail(read.finding, column.index, read.detail);
      keyIsWrong ||= name === 'k' && !kcv;
    } else if (read.value) secrets.push({ name, octets: read.value, kcv });
  };
  for (const column of plan.columns) {
    const cell = cells[column.index]!;
    const changes = patches.length > 0 || plan.country ? changesOf(column, plan, patches) : column.changes;
    const octets = changes.length > 0 ? changed(cell, changes) : cell;
    columns[column.field] = column.index;
    if (isIdentifier(column.field)) texts[column.field] = octets.length > 255 ? 'too long' : textOf(trimmed(octets), encoding);
    else if (isSecret(column.field)) secret(column, column.field, false, octets);
    else if (isCheck(column.field)) secret(column, checkedSecret(column.field), true, octets);
    if (octets.buffer !== cell.buffer) octets.fill(0);
  }
  const identifiers = readIdentifiers(plan, texts, columns, fail);
  const other = plan.accessClass === undefined || identifiers.imsi === undefined ? undefined : accessClassNotice(cells[plan.accessClass]!, identifiers.imsi);
  if (other !== undefined) fail('acc-other', plan.accessClass!, other);
  for (const name of ['impi', 'impu'] as const) {
    if (columns[name] === undefined) continue;
    const read = readIdentity(name, texts[name] ?? '', plan.keyLengths[name]);
    if (!read.ok) fail(read.finding, columns[name], read.detail, texts[name]);
    else if (read.value !== undefined) secrets.push({ name, octets: Uint8Array.from(Buffer.from(read.value)), kcv: false });
  }
  const has = (name: SecretName): boolean => secrets.some((one) => one.name === name && !one.kcv);
  if (!has('k') && !keyIsWrong) {
    if (has('opc') || has('op')) fail('key-missing', columns[has('opc') ? 'opc' : 'op'] ?? -1, '');
    else if (plan.rules.missingKey === 'refuse') fail('key-required', columns.k ?? -1, '');
    else if (columns.k !== undefined) fail('key-made', columns.k, '');
  } else if (has('k') && plan.keyLengths.opc !== undefined && !has('opc') && !has('op') && plan.vault.shared.length === 0 && !problems.some((one) => one.column === columns.opc || one.column === columns.op)) fail(plan.opcRefused ? 'opc-missing' : 'opc-made', columns.opc ?? columns.op ?? columns.k ?? -1, '');
  const packed = secrets.length > 0;
  if (packed) {
    const whole = identifiers.iccid !== undefined && identifiers.imsi !== undefined && problems.every((one) => harmless.has(one.kind));
    writer.begin(whole ? identifiers.iccid! : '');
    for (const { name, octets, kcv } of secrets) {
      writer.value(name, octets, kcv);
      octets.fill(0);
    }
  }
  return { row, ...identifiers, problems, packed };
}

/** Warnings a row is sealed with all the same. */
export const harmless: ReadonlySet<string> = new Set<FindingName>(['key-made', 'opc-made', 'iccid-longer', 'imsi-network-lab', 'mnc-column-lab', 'acc-other']);

type Fail = (kind: FindingName, column: number, detail: string, found?: string) => void;

function readIdentifiers(plan: Plan, texts: Partial<Record<ImportFieldName, string>>, columns: Partial<Record<ImportFieldName, number>>, fail: Fail): Pick<Draft, 'iccid' | 'imsi' | 'msisdn'> {
  const iccidText = texts.iccid ?? '';
  const imsiText = texts.imsi ?? imsiOfParts(plan, texts);
  const imsiColumn = columns.imsi ?? columns.msin ?? -1;
  const iccid = readIccid(iccidText, plan.checkedIccids !== false);
  let imsi = readImsi(imsiText);
  if (!imsi.ok && imsi.finding === 'imsi-msin' && plan.rules.plmn) imsi = readImsi(plan.rules.plmn + imsiText);
  const mnc = texts.imsi === undefined && texts.mnc !== undefined ? mncProblem(plan.network, texts.mnc) : undefined;
  if (mnc) fail(mnc.kind, columns.mnc!, mnc.detail, texts.mnc);
  const swapped = columns.imsi !== undefined && !iccid.ok && !imsi.ok && readIccid(imsiText).ok && readImsi(iccidText).ok;
  if (swapped) fail('numbers-swapped', columns.iccid!, '', iccidText);
  else {
    if (!iccid.ok) fail(iccid.finding, columns.iccid!, iccid.detail, iccidText);
    if (!imsi.ok) fail(imsi.finding, imsiColumn, imsi.detail, imsiText);
  }
  if (!swapped && iccid.ok && iccid.value.length === 20 && plan.checkedIccids === true) fail('iccid-longer', columns.iccid!, '', iccidText);
  const msisdn = columns.msisdn === undefined ? { ok: true as const, value: undefined } : readMsisdn(texts.msisdn ?? '');
  if (!msisdn.ok) fail(msisdn.finding, columns.msisdn!, msisdn.detail, texts.msisdn);
  const read = { iccid: iccid.ok ? iccid.value : undefined, imsi: imsi.ok ? imsi.value : undefined, msisdn: msisdn.ok ? msisdn.value : undefined };
  guard(plan, read, columns, imsiColumn, fail);
  return read;
}

function imsiOfParts(plan: Plan, texts: Partial<Record<ImportFieldName, string>>): string {
  const msin = texts.msin ?? '';
  if (msin === '') return '';
  // Where a program dropped zeros of a country code of three digits, they come back.
  const mcc = texts.mcc ?? '';
  return texts.mcc !== undefined || texts.mnc !== undefined ? mcc.padStart(3, '0') + mncOf(plan, texts.mnc ?? '') + msin : (plan.rules.plmn ?? '') + msin;
}

/** A single digit has lost zeros; how many, EF.AD of the template knows. */
const mncOf = (plan: Plan, mnc: string): string => (mnc.length < 2 ? mnc.padStart(plan.network.mncLength ?? 2, '0') : mnc);

function guard(plan: Plan, { iccid, imsi }: Pick<Draft, 'iccid' | 'imsi'>, columns: Partial<Record<ImportFieldName, number>>, imsiColumn: number, fail: Fail): void {
  const { guards } = plan;
  const outside = (number: string, span: { first: string; last: string } | undefined): boolean => span !== undefined && (number.slice(0, span.first.length) < span.first || number.slice(0, span.last.length) > span.last);
  if (iccid !== undefined) {
    if (outside(iccid, guards.iccids)) fail('outside-range', columns.iccid!, '', iccid);
    if (!guards.ofBrand(iccid)) fail('outside-brand', columns.iccid!, '', iccid);
  }
  if (imsi !== undefined && outside(imsi, guards.imsis)) fail('outside-range', imsiColumn, '', imsi);
  const foreign = imsi === undefined ? undefined : networkProblem(plan.network, imsi);
  if (foreign) fail(foreign.kind, imsiColumn, foreign.detail, imsi);
  if (iccid === undefined || imsi === undefined) return;
  const clash = guards.inRange(iccid, imsi);
  if (clash) fail('in-range', clash.column === 'iccid' ? columns.iccid! : imsiColumn, `This number belongs to the number range ${clash.range}, which will use it.`, clash.column === 'iccid' ? iccid : imsi);
}
