/** Opening a file and saying what its columns are. */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { DetectedColumn, ImportColumn, ImportDetection, ImportFormat, ImportPreset, ImportRules, SavedMapping } from '../../../shared/contract/imports.ts';
import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { fixColumns, ownColumns } from './cell-count.ts';
import { normalised } from './columns.ts';
import { detectColumns } from './detect.ts';
import { fixSentence, importOfFix } from './fix-of.ts';
import type { HeaderKey, HeaderKeys } from './header-keys.ts';
import { headerKeys, unchosen } from './header-keys.ts';
import { formatOf, mappingFor, mappingNamed, noRules, placed, presetNamed } from './mappings.ts';
import { auxiliaryNotice } from './notices.ts';
import { planOf } from './plan.ts';
import { presetFor } from './presets.ts';
import type { ImportSession } from './session.ts';
import { admit, dropStaging } from './session.ts';
import type { Source } from './source.ts';
import { openSource } from './source.ts';
import { fromHexOctets } from './values.ts';
import { trimmed } from './transforms.ts';

export interface OpenInput {
  readonly id: string;
  readonly fileName: string;
  readonly actor: string;
  readonly sha256: Uint8Array;
  readonly type?: string | undefined;
  readonly preset?: string | undefined;
  readonly mapping?: string | undefined;
}

/** In slices: a file of hundreds of megabytes must not hold others up. */
export async function sha256Of(file: Uint8Array): Promise<Uint8Array> {
  const hash = createHash('sha256');
  for (let at = 0; at < file.length; at += 4 * 1024 * 1024) {
    hash.update(file.subarray(at, at + 4 * 1024 * 1024));
    await setImmediate();
  }
  return hash.digest();
}

/** Codes: `FILE_EMPTY`, `FILE_MALFORMED`, `PRESET_UNKNOWN`, `MAPPING_UNKNOWN`, `IMPORTS_TOO_MANY`. The file stays the caller's when it throws. */
export async function newSession(ctx: EngineContext, file: Uint8Array, input: OpenInput): Promise<ImportSession> {
  admit(ctx, file.length);
  const wanted = input.mapping === undefined ? undefined : await mappingNamed(ctx.reader, input.mapping);
  const preset = input.preset === undefined ? undefined : await presetNamed(ctx.reader, input.preset);
  const source = await openSource(file, formatWish(wanted?.format ?? preset?.format));
  try {
    const fix = fixColumns(source.names) && { own: ownColumns(source.names), before: wanted ?? preset ? undefined : importOfFix(ctx, source.names, input.fileName) };
    const mapping = wanted ?? (preset || fix?.before ? undefined : await mappingFor(ctx.reader, source.names) ?? (fix && await mappingFor(ctx.reader, fix.own)));
    const known = preset ?? presetFor(source.format.layout, source.names);
    const { detection: found, checkedIccids, columns } = await detect(ctx, source, known, mapping, fix?.before);
    const detection = fix ? { ...found, why: [...found.why, fixSentence(fix.before)], ...(fix.before ? { fixOf: fix.before.fileName } : {}) } : found;
    const at = ctx.clock.now();
    return {
      id: input.id, fileName: input.fileName, sha256: input.sha256, bytes: file.length, openedAt: at, actor: input.actor, file, source, detection, checkedIccids,
      preset: known?.name, mapping: mapping?.name, type: input.type ?? fix?.before?.type ?? mapping?.type, columns, rules: fix?.before?.rules ?? mapping?.rules ?? noRules, op: undefined, state: 'opened', jobId: undefined,
      validation: undefined, fix: undefined, busy: false, wiped: false, touchedAt: at,
    };
  } catch (error) {
    source.wipe();
    throw error;
  }
}

/** Encoding and names of columns are the file's own; a preset says only how it is laid out. */
function formatWish(format: ImportFormat | undefined): { format?: Partial<ImportFormat> } {
  if (!format) return {};
  const { encoding: _encoding, separator, widths, ...rest } = format;
  return { format: { ...rest, ...(separator && (format.layout === 'table' || separator === 'fixed') ? { separator } : {}), ...(separator === 'fixed' && widths ? { widths } : {}) } };
}

export async function detect(ctx: EngineContext, source: Source, preset: ImportPreset | undefined, mapping: SavedMapping | undefined, before?: Pick<SavedMapping, 'columns'>): Promise<{ detection: ImportDetection; checkedIccids: boolean | 'mixed'; columns: ImportColumn[] }> {
  const found = detectColumns(source, preset);
  const keyOf = await headerKeys(ctx, source.header);
  const seen = found.columns.map((column) => withHeaderKey(column, keyOf(column.field), preset));
  const like = before ?? mapping;
  const columns = like ? placed(like, source.names) : proposed(seen, keyOf, preset);
  const notice = auxiliaryNotice(source.names, (index) => columns.some((one) => one.index === index && one.field !== undefined));
  return {
    checkedIccids: found.checkedIccids, columns,
    detection: {
      format: source.format, why: [...source.why, ...(notice === undefined ? [] : [notice])], columns: seen, rows: source.rows, header: source.header.map((pair) => ({ ...pair })),
      undecided: like ? [] : found.undecided, missing: found.missing, ...(preset ? { preset: preset.name } : {}), ...(mapping ? { mapping: mapping.name } : {}),
    },
  };
}

/** The one key that can be meant. */
const keyChosen = (header: HeaderKey | undefined): string | undefined => (header?.keys.length === 1 ? header.keys[0] : undefined);

/** A column whose keys are encrypted, as the header has it: unless the sender's dialect, chosen by name, says that it is not. */
function withHeaderKey(column: DetectedColumn, header: HeaderKey | undefined, preset: ImportPreset | undefined): DetectedColumn {
  if (!header || header.clear || column.encrypted) return column;
  const key = keyChosen(header);
  if (key === undefined && preset?.columns.some((one) => !one.encrypted && normalised(one.name) === normalised(column.name))) return column;
  const registered = header.keys.length === 0 ? 'which is not registered: if the keys are in the clear all the same, the header must say 0' : key === undefined ? unchosen(header) : `which is ${key} here`;
  return { ...column, encrypted: true, why: `${column.why} The header says that it is encrypted under transport key ${header.index}, ${registered}.` };
}

/** Columns that are sure enough; encrypted ones under the key the header names, where that is registered. */
function proposed(columns: readonly DetectedColumn[], keyOf: HeaderKeys, preset: ImportPreset | undefined): ImportColumn[] {
  return columns.map((column): ImportColumn => {
    const sure = column.field !== undefined && column.confidence >= 0.8 && column.alternatives.length === 0;
    const key = sure ? keyChosen(keyOf(column.field)) : undefined;
    const transforms = preset?.columns.find((one) => one.name.toLowerCase() === column.name.toLowerCase())?.transforms ?? [];
    return { index: column.index, transforms, ...(sure ? { field: column.field } : {}), ...(key === undefined ? {} : { wrapping: { key, mode: preset?.wrapping?.mode ?? 'ecb', reversed: preset?.wrapping?.reversed ?? 'no' } }) };
  });
}

export interface MapInput {
  readonly format?: ImportFormat | undefined;
  readonly columns?: readonly ImportColumn[] | undefined;
  readonly type?: string | undefined;
  readonly rules?: ImportRules | undefined;
}

/** Says how the file is read. Codes of `imports.map`. Nothing changes when it throws. */
export async function mapSession(ctx: EngineContext, session: ImportSession, input: MapInput): Promise<void> {
  let next: { source: Source; detection: ImportDetection; checkedIccids: boolean | 'mixed'; columns: ImportColumn[] } | undefined;
  if (input.format && JSON.stringify(formatOf(input.format)) !== JSON.stringify(formatOf(session.source.format))) {
    const source = await openSource(session.file, { format: input.format });
    next = { source, ...await detect(ctx, source, session.preset === undefined ? undefined : await presetNamed(ctx.reader, session.preset), undefined) };
  }
  const source = next?.source ?? session.source;
  const columns = input.columns ?? next?.columns ?? session.columns;
  const rules = input.rules ?? session.rules;
  const op = input.rules?.op === undefined ? (input.rules ? undefined : session.op) : takeOp(ctx, input.rules.op);
  const type = input.type ?? session.type;
  try {
    if (type !== undefined) await planOf(ctx, { type, columns, names: source.names, rules, op, checkedIccids: next?.checkedIccids ?? session.checkedIccids, detection: next?.detection ?? session.detection });
  } catch (error) {
    next?.source.wipe();
    if (op !== session.op) op?.fill(0);
    throw error;
  }
  if (next) {
    dropStaging(session);
    session.source.wipe();
    session.source = next.source;
    session.detection = next.detection;
    session.checkedIccids = next.checkedIccids;
  }
  if (op !== session.op) session.op?.fill(0);
  session.op = op;
  session.columns = columns;
  const { op: _handle, ...kept } = rules;
  session.rules = kept;
  session.type = type;
  session.state = type === undefined ? 'opened' : 'mapped';
}

/** The operator's OP: a file of hexadecimal digits, clear or wrapped. */
function takeOp(ctx: EngineContext, handle: string): Uint8Array {
  const file = ctx.uploads.take(handle);
  try {
    const octets = fromHexOctets(trimmed(file));
    if (!octets || (octets.length !== 16 && octets.length !== 32)) {
      octets?.fill(0);
      throw new DeskProblem('INPUT_INVALID', 'An OP has 32 or 64 hexadecimal digits.', { field: 'rules.op' });
    }
    return octets;
  } finally {
    file.fill(0);
  }
}
