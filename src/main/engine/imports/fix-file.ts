/**
 * The fix file: rows that were not imported, octet for octet as they came (filled up to the width of the table), with an error and a hint beside each. It has the form
 * of the file itself, so that it can be corrected and imported again.
 */
import type { ImportFormat } from '../../../shared/contract/imports.ts';
import { fixColumns } from './cell-count.ts';
import { findingKinds } from './findings.ts';
import type { FindingName } from './findings.ts';
import type { ImportSession } from './session.ts';
import { cellsOf, separatorOctet } from './scan.ts';
import { encoded, markOf } from './text.ts';
import type { Validation } from './validation.ts';

export interface FixRow {
  readonly raw: Uint8Array;
  /** Values in it. */
  readonly cells: number;
  readonly error: string;
  readonly hint: string;
}

export interface FixFile {
  readonly format: ImportFormat;
  readonly mark: number;
  readonly above: Uint8Array;
  readonly names: readonly string[];
  /** The rows come from start values: they have no line in the file. */
  readonly made: boolean;
  readonly rows: number;
  /** Columns of the widest row: behind them stand error and hint. */
  width(): number;
  each(): Iterable<FixRow>;
  wipe(): void;
}

/** What a fix file that came back had behind the columns of the file is not sent out a second time. */
function withoutSentences(raw: Uint8Array, columns: number, separator: keyof typeof separatorOctet): Uint8Array {
  let quoted = false;
  let seen = 0;
  for (let at = 0; at < raw.length; at++) {
    if (raw[at] === 0x22) quoted = !quoted;
    else if (raw[at] === separatorOctet[separator] && !quoted && ++seen === columns) {
      const kept = raw.subarray(0, at);
      // Quotation marks inside a value may have led astray.
      return cellsOf(kept, 0, kept.length, separator, true).length === columns ? kept : raw;
    }
  }
  return raw;
}

/** A row with more values than this keeps its form and pushes its sentences out. */
const widest = 200;

/** Of a validated import. The rows are read from the file while they go out. */
export function fixFileOf(session: ImportSession, validation: Validation): FixFile {
  const { source } = session;
  const counts = validation.counts();
  const { layout, separator } = source.format;
  const mark = separator === undefined || separator === 'blanks' || separator === 'fixed' ? undefined : separator;
  const old = layout === 'table' && mark !== undefined && source.format.header ? fixColumns(source.names) : undefined;
  const own = (raw: Uint8Array): Uint8Array => (old && mark !== undefined ? withoutSentences(raw, old.from, mark) : raw);
  const columns = old?.from ?? source.names.length;
  const cellsIn = (row: number): number => {
    const cells = source.cells(row);
    // Where doubled quotation marks were taken out there is a copy, perhaps of a secret.
    for (const cell of cells ?? []) if (cell.buffer !== source.body.buffer) cell.fill(0);
    return Math.min(cells?.length ?? columns, old?.from ?? Infinity);
  };
  return {
    format: source.format, mark: source.mark, above: own(source.above), names: source.names.slice(0, columns), made: source.start !== undefined, rows: counts.bad + counts.leftOut,
    width() {
      let most = columns;
      for (let after = -1; source.format.layout === 'table';) {
        const found = validation.staging.group('cell-count', -1, after, 2_000);
        for (const { row } of found) most = Math.max(most, Math.min(cellsIn(row), widest));
        if (found.length < 2_000) break;
        after = found.at(-1)!.row;
      }
      return most;
    },
    *each() {
      for (let row = 0; row < validation.rows; row++) {
        const state = validation.stateOf(row);
        if (state !== 'bad' && state !== 'left-out') continue;
        const problems = validation.staging.problemsOf(row).filter((one) => findingKinds[one.kind as FindingName].severity === 'blocker');
        yield {
          raw: own(source.raw(row)), cells: source.format.layout === 'table' ? cellsIn(row) : columns,
          error: problems.length === 0 ? 'Left out by choice.' : problems.map((one) => sentenceOf(source.names[one.column], one)).join(' '),
          hint: [...new Set(problems.map((one) => findingKinds[one.kind as FindingName].hint))].join(' '),
        };
      }
    },
    wipe: () => undefined,
  };
}

const sentenceOf = (column: string | undefined, one: { readonly kind: string; readonly detail: string }): string => `${column === undefined ? '' : `${column}: `}${findingKinds[one.kind as FindingName].message(one.detail)}`;

/** A copy that needs neither file nor staging; zeroed by `wipe`. Beyond `most` octets only the first rows are kept. */
export function keptFixFile(fix: FixFile, most = 64 * 1024 * 1024): FixFile {
  const rows: FixRow[] = [];
  let octets = 0;
  for (const row of fix.each()) {
    octets += row.raw.length + row.error.length + row.hint.length;
    if (octets > most) break;
    rows.push({ ...row, raw: Uint8Array.from(row.raw) });
  }
  const above = Uint8Array.from(fix.above);
  const width = fix.width();
  return {
    ...fix, above, rows: rows.length, width: () => width, each: () => rows,
    wipe() {
      above.fill(0);
      for (const row of rows) row.raw.fill(0);
    },
  };
}

const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'utf8'));
/** A spreadsheet runs a cell that begins so as a formula; only our own two columns are changed. */
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
const lineEnd = '\r\n';

/** The file's octets, a few hundred rows at a time. */
export function* fixOctets(fix: FixFile): Generator<Uint8Array> {
  const { encoding } = fix.format;
  yield markOf(encoding, fix.mark);
  let parts: Uint8Array[] = [];
  let size = 0;
  const write = writerOf(fix);
  const flush = function* (): Generator<Uint8Array> {
    if (size === 0) return;
    const joined = Buffer.concat(parts);
    yield Uint8Array.from(encoded(joined, encoding));
    joined.fill(0);
    parts = [];
    size = 0;
  };
  for (const part of write.above()) {
    parts.push(part);
    size += part.length;
  }
  for (const row of fix.each()) {
    for (const part of write.row(row)) {
      parts.push(part);
      size += part.length;
    }
    if (size > 64 * 1024) yield* flush();
  }
  yield* flush();
}

interface FixWriter {
  above(): Uint8Array[];
  row(row: FixRow): Uint8Array[];
}

function writerOf(fix: FixFile): FixWriter {
  const { layout } = fix.format;
  if (layout === 'json-lines') {
    return { above: () => [], row: ({ raw, error, hint }) => jsonRow(raw, error, hint) };
  }
  const { separator } = fix.format;
  if (layout !== 'table' || separator === undefined || separator === 'blanks' || separator === 'fixed') return vendorWriter(fix);
  const octet = separatorOctet[separator];
  const mark = String.fromCharCode(octet);
  const cell = (text: string): string => `"${harmless(text).replaceAll('"', '""')}"`;
  // A row that was cut short is filled up with empty values, and the header where a row is too long: error and hint stand under their names.
  const columns = fix.names.length;
  const width = fix.width();
  const filled = (cells: number): string => mark.repeat(Math.max(0, width - cells));
  // Separators behind the last value, more than the table is wide, go: with them the row says no more.
  const placed = (raw: Uint8Array, cells: number): [Uint8Array, number] => {
    let less = 0;
    while (cells - less > width && raw[raw.length - 1 - less] === octet) less++;
    return [raw.subarray(0, raw.length - less), cells - less];
  };
  return {
    above: () => (fix.format.header ? [fix.above, ascii(`${filled(columns)}${mark}error${mark}hint${lineEnd}`)] : []),
    row: ({ raw, cells, error, hint }) => {
      const [kept, many] = placed(raw, cells);
      return [kept, ascii(`${filled(many)}${mark}${cell(error)}${mark}${cell(hint)}${lineEnd}`)];
    },
  };
}

/** In files of vendors the sentences stand in comment lines above each row, so that the form of the rows stays. */
function vendorWriter(fix: FixFile): FixWriter {
  const comment = fix.format.comments[0] ?? '#';
  const text = (line: string): string => line.replace(/[\r\n]+/g, ' ');
  return {
    above: () => (fix.made
      ? [ascii(`${comment} error and hint stand above each row${lineEnd}Quantity: ${fix.rows}${lineEnd}var_out: ${fix.names.join('/')}${lineEnd}`)]
      : [withQuantity(fix.above, fix.rows), ...(fix.above.at(-1) === 0x0a || fix.above.length === 0 ? [] : [ascii(lineEnd)])]),
    row: ({ raw, error, hint }) => [ascii(`${comment} error: ${text(error)}${lineEnd}${comment} hint: ${text(hint)}${lineEnd}`), raw, ascii(lineEnd)],
  };
}

/** The header says how many rows there are: in the fix file fewer. */
function withQuantity(above: Uint8Array, rows: number): Uint8Array {
  const text = Buffer.from(above).toString('latin1');
  return Uint8Array.from(Buffer.from(text.replace(/^((?:quantity|qty|count)\s*[:=]\s*)\d+/im, `$1${rows}`), 'latin1'));
}

function jsonRow(raw: Uint8Array, error: string, hint: string): Uint8Array[] {
  const close = raw.lastIndexOf(0x7d);
  const more = `"error":${JSON.stringify(error)},"hint":${JSON.stringify(hint)}`;
  // A line that is no object goes out as it is, behind one that says so.
  if (close < 0 || raw.indexOf(0x7b) < 0) return [ascii(`{${more}}${lineEnd}`), raw, ascii(lineEnd)];
  const empty = raw.subarray(raw.indexOf(0x7b) + 1, close).every((octet) => octet <= 0x20);
  return [raw.subarray(0, close), ascii(`${empty ? '' : ','}${more}}${lineEnd}`)];
}

export const fixFileName = (fileName: string): string => {
  const safe = fileName.replace(/[^\w .()-]/g, '_').slice(0, 200);
  const dot = safe.lastIndexOf('.');
  return dot > 0 ? `${safe.slice(0, dot)}-to-fix${safe.slice(dot)}` : `${safe}-to-fix.csv`;
};
