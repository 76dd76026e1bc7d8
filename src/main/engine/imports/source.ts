/** A file as rows and cells: its form found out or given, its rows indexed. Holds the file's octets until it is wiped. */
import type { ImportFormat } from '../../../shared/contract/imports.ts';
import { DeskProblem } from '../context.ts';
import { readName } from './columns.ts';
import type { FixedColumns } from './fixed.ts';
import { findFixed, fixedCells, fixedInstead, givenFixed } from './fixed.ts';
import { jsonCells, jsonPairs } from './json-lines.ts';
import type { Cell, Separator } from './scan.ts';
import { cellsOf, lineEnding, mostRows, RowIndex, scanRows, separatorOctet, startsWithAny } from './scan.ts';
import { bodyOf, findEncoding, textOf } from './text.ts';
import { trimmed } from './transforms.ts';
import type { HeaderPair, StartValues, VendorHeader } from './vendor.ts';
import { defaultComments, hasSemicolonComments, looksLikeVendor, readPositional, readVendorHeader, startCells } from './vendor.ts';

export interface Source {
  readonly format: ImportFormat;
  /** Octets of the mark in front. */
  readonly mark: number;
  readonly body: Uint8Array;
  readonly why: readonly string[];
  readonly names: readonly string[];
  readonly rows: number;
  readonly header: readonly HeaderPair[];
  /** What the header says there should be. */
  readonly quantity: number | undefined;
  /** Rows come out of start values. */
  readonly start: StartValues | undefined;
  /** Octets above the first row, names included, as they stand in the file. */
  readonly above: Uint8Array;
  /** Undefined for a row that is of no form (a line that is no JSON object). Views of the body, or fresh. */
  cells(row: number): Cell[] | undefined;
  /** The row as it stands in the file. */
  raw(row: number): Uint8Array;
  line(row: number): number;
  rowAt(line: number): number | undefined;
  wipe(): void;
}

const separatorNames: Readonly<Record<Separator, string>> = { comma: 'commas', semicolon: 'semicolons', tab: 'TABs', pipe: 'bars', blanks: 'blanks', slash: 'slashes', fixed: 'constant places' };
const candidates: readonly Exclude<Separator, 'fixed'>[] = ['comma', 'semicolon', 'tab', 'pipe', 'slash', 'blanks'];

export interface SourceWish {
  /** From a person, a preset or a saved mapping; what is not given is found out. */
  readonly format?: Partial<ImportFormat>;
}

/** Reads from `given`, which stays the caller's to zero; `wipe` zeroes what was made of it. Throws {@link DeskProblem} `FILE_EMPTY`, `FILE_MALFORMED`. */
export async function openSource(given: Uint8Array, wish: SourceWish = {}): Promise<Source> {
  // A plain array of octets: views of a Buffer are Buffers, and dearer.
  const file = new Uint8Array(given.buffer, given.byteOffset, given.length);
  let body = file;
  try {
    if (file.length === 0) throw new DeskProblem('FILE_EMPTY', 'The file is empty.', { field: 'file' });
    const found = findEncoding(file);
    const encoding = wish.format?.encoding ?? found.encoding;
    const mark = encoding === found.encoding ? found.mark : 0;
    body = await bodyOf(file, encoding, mark);
    if (blank(body)) throw new DeskProblem('FILE_EMPTY', 'The file is empty.', { field: 'file' });
    if (body.subarray(0, 65_536).includes(0)) throw new DeskProblem('FILE_MALFORMED', 'The file is not text.', { field: 'file', hint: 'A stock file is text: lines with values between separators, or one JSON object a line.' });
    const eol = lineEnding(body);
    const parts = { encoding, mark, body, eol, why: [encoding === found.encoding ? found.why : 'The encoding was chosen by hand.'] };
    const layout = wish.format?.layout ?? layoutOf(body, eol, encoding);
    const source = layout === 'json-lines' ? await jsonSource(parts) : layout === 'table' ? await tableSource(parts, wish) : await vendorSource(parts, layout, wish);
    if (source.rows > mostRows) throw new DeskProblem('FILE_MALFORMED', `A stock file has at most ${mostRows.toLocaleString('en')} rows.`, { field: 'file', hint: 'Split it.' });
    return {
      ...source,
      wipe() {
        if (body.buffer !== file.buffer) body.fill(0);
      },
    };
  } catch (error) {
    if (body.buffer !== file.buffer) body.fill(0);
    throw error;
  }
}

interface Parts {
  readonly encoding: ImportFormat['encoding'];
  readonly mark: number;
  readonly body: Uint8Array;
  readonly eol: number;
  readonly why: readonly string[];
}
type Unwiped = Omit<Source, 'wipe'>;

const blank = (body: Uint8Array): boolean => body.every((octet) => octet <= 0x20);

function layoutOf(body: Uint8Array, eol: number, encoding: ImportFormat['encoding']): ImportFormat['layout'] {
  const first = trimmed(body.subarray(0, 4096))[0];
  if (first === 0x7b) return 'json-lines';
  if (looksLikeVendor(body, eol, encoding)) return 'vendor';
  return readPositional(body, eol, encoding, undefined) ? 'positional' : 'table';
}

const places = (index: RowIndex, from: number) => ({
  line: (row: number): number => index.lines[row + from]!,
  rowAt: (line: number): number | undefined => {
    const row = index.rowAt(line);
    return row === undefined || row < from ? undefined : row - from;
  },
});

async function jsonSource(parts: Parts): Promise<Unwiped> {
  const { body } = parts;
  const index = await scanRows(body, { quoted: false, comments: [], eol: parts.eol });
  const columns = new Map<string, number>();
  for (let row = 0; row < Math.min(index.length, 200); row++) {
    for (const { name } of jsonPairs(body, index.starts[row]!, index.ends[row]!) ?? []) if (!columns.has(name) && columns.size < 200) columns.set(name, columns.size);
  }
  if (columns.size === 0) throw new DeskProblem('FILE_MALFORMED', 'No line of the file is a JSON object.', { field: 'file' });
  return {
    format: { layout: 'json-lines', encoding: parts.encoding, header: true, comments: [] }, mark: parts.mark, body, why: [...parts.why, 'Its first line begins with a brace: one JSON object a line.'],
    names: [...columns.keys()], rows: index.length, header: [], quantity: undefined, start: undefined, above: new Uint8Array(0),
    cells: (row) => jsonCells(body, index.starts[row]!, index.ends[row]!, columns), raw: (row) => body.subarray(index.starts[row], index.ends[row]), ...places(index, 0),
  };
}

async function tableSource(parts: Parts, { format }: SourceWish): Promise<Unwiped> {
  const { body } = parts;
  const comments = format?.comments ?? commentsOf(body, parts);
  const octets = comments.map((text) => Uint8Array.from(Buffer.from(text)));
  const sample = sampleRows(body, parts.eol, octets);
  const cut = format?.separator ?? separatorOf(body, sample);
  const hollow = cut === 'blanks' || cut === 'fixed' ? undefined : separatorOctet[cut];
  const index = await scanRows(body, { quoted: hollow !== undefined, comments: octets, eol: parts.eol, ...(hollow === undefined ? {} : { hollow }) });
  if (index.length === 0) throw new DeskProblem('FILE_EMPTY', 'The file is empty.', { field: 'file' });
  const fixed = await fixedOf(parts, index, format, cut);
  const separator = fixed ? 'fixed' : cut;
  const cells = cellsWith(body, index, separator, hollow !== undefined, fixed);
  const first = (cells(0) ?? []).map((cell) => (cell.length > 64 ? '' : textOf(trimmed(cell), parts.encoding)));
  const header = format?.header ?? namesColumns(first);
  const skip = header ? 1 : 0;
  if (index.length === skip) throw new DeskProblem('FILE_EMPTY', 'The file names its columns but has no rows.', { field: 'file' });
  const given = format?.columns;
  const names = header ? first.map((name, at) => (name === '' ? `column ${at + 1}` : name)) : Array.from({ length: widest(cells, index.length) }, (_, at) => given?.[at] ?? `column ${at + 1}`);
  return {
    format: { layout: 'table', encoding: parts.encoding, separator, header, comments, ...(fixed ? { widths: [...fixed.widths] } : {}), ...(given && !header ? { columns: given } : {}) }, mark: parts.mark, body,
    why: [...parts.why, fixed ? fixedSentence(fixed) : `Its values stand between ${separatorNames[separator]}.`, ...(comments.length > 0 ? [`Lines that begin with ${comments.join(' or ')} are comments.`] : []), header ? 'The first row names the columns.' : 'The first row is data: the columns have no names.'],
    names, rows: index.length - skip, header: [], quantity: undefined, start: undefined, above: header ? body.subarray(index.starts[0], index.ends[0]) : new Uint8Array(0),
    cells: (row) => cells(row + skip), raw: (row) => body.subarray(index.starts[row + skip], index.ends[row + skip]), ...places(index, skip),
  };
}

const fixedSentence = ({ widths }: FixedColumns): string => `Its ${widths.length} columns stand at constant places, ${widths.join(', ')} characters wide.`;

type RowCells = (row: number) => Cell[] | undefined;

function cellsWith(body: Uint8Array, index: RowIndex, separator: Separator, quoted: boolean, fixed: FixedColumns | undefined): RowCells {
  if (fixed || separator === 'fixed') return (row) => fixed && fixedCells(body, index.starts[row]!, index.ends[row]!, fixed);
  return (row) => cellsOf(body, index.starts[row]!, index.ends[row]!, separator, quoted);
}

/** Where blanks part values, senders write a dash for one that is missing. */
function withoutDashes(cells: RowCells): RowCells {
  const dash = (cell: Cell): boolean => cell.length < 8 && cell.includes(0x2d) && trimmed(cell).length === 1;
  return (row) => cells(row)?.map((cell) => (dash(cell) ? cell.subarray(0, 0) : cell));
}

/** Columns at constant places: as somebody gave them, or as they are found where blanks would cut some row wrongly. */
async function fixedOf({ body, encoding }: Parts, index: RowIndex, format: Partial<ImportFormat> | undefined, separator: Separator, names?: number): Promise<FixedColumns | undefined> {
  const utf8 = encoding !== 'windows-1252';
  if (separator === 'fixed') {
    const fixed = format?.widths ? givenFixed(body, index, format.widths, utf8) : findFixed(body, index, utf8);
    if (!fixed) throw new DeskProblem('FILE_MALFORMED', 'The rows have no columns at constant places.', { field: 'format', hint: 'Say how many characters each column has, or choose what stands between the columns.' });
    if (names !== undefined && names !== fixed.widths.length) throw new DeskProblem('FILE_MALFORMED', `The header names ${names} columns; ${format?.widths ? 'the widths are for' : 'at constant places stand'} ${fixed.widths.length}.`, { field: 'format', hint: 'Say how many characters each column has.' });
    return fixed;
  }
  return separator === 'blanks' && format?.separator === undefined ? fixedInstead(body, index, names, utf8) : undefined;
}

/** Signs that begin comments in tables: lines of them stand among rows and name no columns. */
function commentsOf(body: Uint8Array, { eol, encoding }: Parts): string[] {
  const sample = sampleRows(body, eol, []);
  const begin = (sign: string): Span[] => sample.filter(({ start, end }) => startsWithAny(body, start, end, [Uint8Array.from(Buffer.from(sign))]));
  return ['#', '*', '//'].filter((sign) => {
    const lines = begin(sign);
    const names = ({ start, end }: Span): boolean => textOf(body.subarray(start, Math.min(end, start + 2_000)), encoding).split(/[,;|\t/]|\s{2,}/).filter((cell) => readName(cell).known).length > 1;
    return lines.length > 0 && lines.length < sample.length && !lines.some(names);
  });
}

function widest(cells: RowCells, rows: number): number {
  let most = 0;
  for (let row = 0; row < Math.min(rows, 50); row++) most = Math.max(most, cells(row)?.length ?? 0);
  return Math.min(most, 200);
}

async function vendorSource(parts: Parts, layout: 'vendor' | 'positional', { format }: SourceWish): Promise<Unwiped> {
  const { body, encoding } = parts;
  let comments = format?.comments ?? defaultComments;
  const read: VendorHeader | undefined = layout === 'vendor'
    ? readVendorHeader(body, parts.eol, encoding, { comments, ...(format?.headerKeys ? { headerKeys: format.headerKeys } : {}), ...(format?.separator ? { separator: format.separator } : {}), ...(format?.widths ? { widths: format.widths } : {}), ...(format?.columns ? { columns: format.columns } : {}) })
    : readPositional(body, parts.eol, encoding, format?.columns);
  if (!read) throw new DeskProblem('FILE_MALFORMED', 'The first line is not a header of values by position.', { field: 'file' });
  if (format?.comments === undefined && read.separator !== 'semicolon' && hasSemicolonComments(body.subarray(0, read.from), parts.eol)) comments = [...comments, ';'];
  const octets = comments.map((text) => Uint8Array.from(Buffer.from(text)));
  const index = read.start ? new RowIndex() : await scanRows(body, { quoted: false, comments: octets, from: read.from, line: read.line, eol: parts.eol });
  const start = read.start;
  const wish = { ...format, ...(read.widths ? { widths: [...read.widths] } : {}) };
  const fixed = start || index.length === 0 ? undefined : await fixedOf(parts, index, wish, read.separator, read.names.length);
  const separator = fixed ? 'fixed' : read.separator;
  const base = {
    format: { layout, encoding, separator, header: false, comments, ...(fixed ? { widths: [...fixed.widths] } : {}), ...(format?.headerKeys ? { headerKeys: format.headerKeys } : {}), ...(format?.columns ? { columns: format.columns } : {}) } as ImportFormat,
    mark: parts.mark, body, names: read.names, header: read.pairs, quantity: read.quantity, start,
    why: [...parts.why, layout === 'vendor' ? 'It begins with a header of keys and values.' : 'Its first line is a header of values by position.',
      start ? 'It has start values and a quantity: the rows are counted on from them.' : `${fixed ? fixedSentence(fixed) : `Its rows are cut at ${separatorNames[separator]}.`} The columns are named by the header.`],
    above: body.subarray(0, Math.min(read.from, body.length)),
  };
  if (start) {
    if (start.count === 0) throw new DeskProblem('FILE_EMPTY', 'The quantity of the file is zero.', { field: 'file' });
    const text = (row: number): Uint8Array => Uint8Array.from(Buffer.from(startCells(start, row).map((cell) => Buffer.from(cell).toString('latin1')).join(' ')));
    return { ...base, rows: start.count, cells: (row) => startCells(start, row), raw: text, line: (row) => row + 1, rowAt: (line) => (line >= 1 && line <= start.count ? line - 1 : undefined) };
  }
  if (index.length === 0) throw new DeskProblem('FILE_EMPTY', 'The file has a header but no rows.', { field: 'file' });
  return {
    ...base, rows: index.length,
    cells: withoutDashes(cellsWith(body, index, separator, false, fixed)),
    raw: (row) => body.subarray(index.starts[row], index.ends[row]), ...places(index, 0),
  };
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function sampleRows(body: Uint8Array, eol: number, comments: readonly Uint8Array[]): Span[] {
  const rows: Span[] = [];
  for (let at = 0; at < body.length && rows.length < 40;) {
    let end = body.indexOf(eol, at);
    if (end < 0) end = body.length;
    const line = body.subarray(at, end);
    if (line.some((octet) => octet > 0x20) && !comments.some((prefix) => prefix.every((octet, index) => line[index] === octet))) rows.push({ start: at, end: end > at && body[end - 1] === 0x0d ? end - 1 : end });
    at = end + 1;
  }
  return rows;
}

/** The separator that cuts most of the first rows into the same number of cells, and into the most. */
export function separatorOf(body: Uint8Array, sample: readonly Span[]): Separator {
  let best: { separator: Separator; score: number } = { separator: 'comma', score: 0 };
  for (const separator of candidates) {
    const counts = new Map<number, number>();
    for (const { start, end } of sample) {
      const count = cellsOf(body, start, Math.min(end, start + 8192), separator, separator !== 'blanks').length;
      counts.set(count, (counts.get(count) ?? 0) + 1);
    }
    const [cells, rows] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [1, 0];
    if (cells < 2) continue;
    // Blanks and slashes also stand inside values: they must be better than the others by far.
    const weight = separator === 'blanks' ? 0.5 : separator === 'slash' ? 0.6 : 1;
    const score = (rows / sample.length) * (1 + Math.min(cells, 20) / 100) * weight;
    if (score > best.score + 1e-9) best = { separator, score };
  }
  return best.separator;
}

/** Whether a first row names columns: a known name among them, or no cell with a digit in front. */
function namesColumns(first: readonly string[]): boolean {
  if (first.some((cell) => readName(cell).known)) return true;
  return first.every((cell) => !/^[+"']?\d/.test(cell) && !/^[0-9A-Fa-f]{16,}$/.test(cell)) && first.some((cell) => cell !== '');
}
