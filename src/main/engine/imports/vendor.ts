/**
 * Files with a header of `Key: value` or `Key=value` lines: input files to a personaliser (`.inp`: start values and a quantity,
 * or a table) and its output files (`.out`: `var_out` names the columns, one row a card). And the dialect whose header is one
 * line of values by position.
 */
import type { ImportFormat } from '../../../shared/contract/imports.ts';
import { luhnCheckDigit } from '../../../shared/identifiers/index.ts';
import { DeskProblem } from '../context.ts';
import { plus } from '../numbers/index.ts';
import { columnNamed, normalised, readName } from './columns.ts';
import type { Cell, Separator } from './scan.ts';
import { cellsOf, startsWithAny } from './scan.ts';
import type { Encoding } from './text.ts';
import { textOf } from './text.ts';
import { trimmed } from './transforms.ts';

export const defaultComments = ['*', '#'];

/** Our words for what a header says, and the keys senders use. */
export const defaultHeaderKeys: Readonly<Record<string, readonly string[]>> = {
  quantity: ['quantity', 'qty', 'count', 'numberofcards'],
  transportKey: ['transportkey', 'transportkeyindex', 'k4', 'k4index', 'auctransportkeyidx'],
  otaTransportKey: ['otatransportkey', 'otatransportkeyindex', 'otatransportkeyidx'],
  customer: ['customer', 'client'], widths: ['widths', 'columnwidths', 'fieldwidths', 'fieldlengths'], batch: ['batch', 'batchid', 'po', 'order'], profile: ['profile', 'electricalprofile', 'type'],
};

/** Names of the header values by position: the dialect of one blank-separated line. */
export const positionalKeys = ['batchId', 'timestamp', 'quantity', 'electricalProfile', 'imsisPerCard', 'aucTransportKeyIdx', 'otaTransportKeyIdx', 'simType', 'step'];

export interface HeaderPair {
  readonly key: string;
  readonly value: string;
  readonly meaning?: string;
}

/** First numbers of rows that are not in the file: the n-th row is the first plus n. */
export interface StartValues {
  readonly names: readonly string[];
  readonly first: readonly string[];
  readonly count: number;
}

export interface VendorHeader {
  readonly pairs: readonly HeaderPair[];
  /** Where the rows begin: octets and line. */
  readonly from: number;
  readonly line: number;
  readonly names: readonly string[];
  readonly separator: Separator;
  /** Characters of each column, where the header says them. */
  readonly widths?: readonly number[];
  readonly start?: StartValues;
  readonly quantity?: number;
}

interface Line {
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

function* linesOf(body: Uint8Array, eol: number): Generator<Line> {
  for (let at = 0, line = 1; at < body.length; line++) {
    let end = body.indexOf(eol, at);
    if (end < 0) end = body.length;
    yield { start: at, end: end > at && body[end - 1] === 0x0d ? end - 1 : end, line };
    at = end + 1;
  }
}

const pairForm = /^([A-Za-z][\w .-]{0,40}?)\s*[:=]\s*(.*)$/;
const mostHeaderLines = 500;

const meaningOf = (key: string, keys: ImportFormat['headerKeys']): string | undefined => {
  const name = normalised(key);
  for (const [meaning, list] of Object.entries(keys ?? defaultHeaderKeys)) if (list.some((one) => normalised(one) === name)) return meaning;
  return undefined;
};

/** Whether the file begins with such a header. */
export function looksLikeVendor(body: Uint8Array, eol: number, encoding: Encoding): boolean {
  let pairs = 0;
  let known = 0;
  let seen = 0;
  for (const { start, end } of linesOf(body, eol)) {
    const text = textOf(trimmed(body.subarray(start, Math.min(end, start + 200))), encoding);
    if (text === '' || /^[*#;]/.test(text)) continue;
    if (++seen > 30) break;
    const pair = pairForm.exec(text);
    if (!pair) break;
    pairs += 1;
    if (/^var_?(in|out)$/i.test(pair[1]!.trim()) || meaningOf(pair[1]!, undefined)) known += 1;
  }
  return pairs >= 2 && known >= 1;
}

/** Some senders begin comments with `;`. A row whose first value is missing begins so too, and goes on with a value. */
function semicolonComment(line: Uint8Array): boolean {
  const next = line[0] === 0x3b ? trimmed(line.subarray(1))[0] : 0x30;
  return next === undefined || next < 0x30 || next > 0x39;
}

/** Whether the header has comments behind `;`: then its rows may have them, unless that is what parts their values. */
export function hasSemicolonComments(header: Uint8Array, eol: number): boolean {
  for (const { start, end } of linesOf(header, eol)) {
    const line = trimmed(header.subarray(start, end));
    if (line.length > 0 && semicolonComment(line)) return true;
  }
  return false;
}

/** Throws {@link DeskProblem} `FILE_MALFORMED` where the header promises rows that cannot be read. */
export function readVendorHeader(body: Uint8Array, eol: number, encoding: Encoding, format: Pick<ImportFormat, 'comments' | 'headerKeys' | 'separator' | 'widths' | 'columns'>): VendorHeader {
  const pairs: HeaderPair[] = [];
  const starts: { name: string; value: string }[] = [];
  let section: 'header' | 'in' | 'out' = 'header';
  let input: string[] | undefined;
  let output: string[] | undefined;
  let widths = format.widths;
  let rows: Line | undefined;
  const comments = format.comments.map((text) => Uint8Array.from(Buffer.from(text)));
  let count = 0;
  for (const line of linesOf(body, eol)) {
    const octets = trimmed(body.subarray(line.start, Math.min(line.end, line.start + 4096)));
    if (octets.length === 0 || startsWithAny(octets, 0, octets.length, comments) || semicolonComment(octets)) continue;
    const pair = pairForm.exec(textOf(octets.subarray(0, 1024), encoding));
    if (!pair || ++count > mostHeaderLines) {
      rows = line;
      break;
    }
    const [, key, value] = pair as unknown as [string, string, string];
    if (/^var_?in$/i.test(key.trim())) {
      section = 'in';
      if (value !== '') input = namesIn(value);
    } else if (/^var_?out$/i.test(key.trim())) {
      section = 'out';
      output = namesIn(value);
      widths ??= widthsIn(value);
    } else if (section === 'in' && columnNamed(key)) starts.push({ name: key.trim(), value: value.trim() });
    else pairs.push({ key: key.trim(), value: value.trim().slice(0, 200), ...meaning(key) });
  }
  const quantity = quantityOf(pairs);
  const base = { pairs, ...(quantity === undefined ? {} : { quantity }) };
  if (!rows) {
    if (starts.length === 0 || quantity === undefined) throw malformed('it has neither rows nor start values with a quantity');
    return { ...base, from: body.length, line: 0, names: starts.map((one) => one.name), separator: 'blanks', start: { names: starts.map((one) => one.name), first: starts.map((one) => one.value), count: quantity } };
  }
  return { ...base, ...rowsOf(body, rows, encoding, format.columns ?? input ?? (starts.length === 0 ? output : undefined) ?? output, format.separator, widths ?? widthsSaid(pairs)) };

  function meaning(key: string): { meaning?: string } {
    const found = meaningOf(key, format.headerKeys);
    return found === undefined ? {} : { meaning: found };
  }
}

const malformed = (why: string): DeskProblem => new DeskProblem('FILE_MALFORMED', `The vendor file cannot be read: ${why}.`, { field: 'file' });

/** A name, perhaps with the width of its column behind it: `IMSI(15)`, `IMSI[15]`, `IMSI:15`. */
const named = /^(.*?)(?:\((\d{1,3})\)|\[(\d{1,3})\]|:(\d{1,3}))?$/;
const parts = (text: string): string[] => text.split(/[/;,|\s]+/).filter((name) => name !== '');
const namesIn = (text: string): string[] => parts(text).map((name) => named.exec(name)![1]!);

function widthsIn(text: string): number[] | undefined {
  const found = parts(text).map((name) => Number(named.exec(name)!.slice(2).find((width) => width !== undefined) ?? 0));
  return found.length > 1 && found.every((width) => width > 0) ? found : undefined;
}

function widthsSaid(pairs: readonly HeaderPair[]): number[] | undefined {
  const text = pairs.find((pair) => pair.meaning === 'widths')?.value ?? '';
  const found = /^\d{1,3}(?:[/;,\s]+\d{1,3})+$/.test(text) ? text.split(/[/;,\s]+/).map(Number) : [];
  return found.length > 1 && found.every((width) => width > 0) ? found : undefined;
}

function quantityOf(pairs: readonly HeaderPair[]): number | undefined {
  const text = pairs.find((pair) => pair.meaning === 'quantity')?.value;
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

const vendorSeparators: readonly Exclude<Separator, 'fixed'>[] = ['tab', 'semicolon', 'pipe', 'comma', 'slash', 'blanks'];

/** Where rows begin, what cuts them, what they are called; a row of known names above them counts as their names. */
function rowsOf(body: Uint8Array, first: Line, encoding: Encoding, listed: readonly string[] | undefined, wish: Separator | undefined, widths: readonly number[] | undefined): Pick<VendorHeader, 'from' | 'line' | 'names' | 'separator' | 'widths'> {
  const wanted = wish === 'fixed' ? 'blanks' : wish;
  const cut = (separator: Exclude<Separator, 'fixed'>): string[] => cellsOf(body, first.start, Math.min(first.end, first.start + 4096), separator, false).map((cell) => cell.length > 60 ? '' : textOf(trimmed(cell), encoding));
  if (listed === undefined || listed.length === 0) {
    for (const separator of wanted ? [wanted] : vendorSeparators) {
      const names = cut(separator);
      if (names.length > 1 && names.every((name) => readName(name).known)) return { from: first.end + 1, line: first.line + 1, names, separator: wish ?? separator, ...(widths ? { widths } : {}) };
    }
    throw malformed(`line ${first.line} begins the rows, but nothing says what their columns are (var_out)`);
  }
  const fitting = wanted ?? vendorSeparators.find((one) => cut(one).length === listed.length);
  const names = cut(fitting ?? 'blanks');
  // Widths that a header says are mostly the longest values; where nothing parts the values they are what they seem.
  const apart = fitting === undefined && widths?.length === listed.length && fitsWidths(first.end - first.start, widths);
  const separator = wish === 'fixed' || apart ? 'fixed' : fitting ?? 'blanks';
  const said = separator === 'fixed' && widths ? { widths } : {};
  if (names.length === listed.length && names.every((name) => readName(name).known)) return { from: first.end + 1, line: first.line + 1, names: listed, separator, ...said };
  return { from: first.start, line: first.line, names: listed, separator, ...said };
}

/** A row as long as its columns together, or shorter by what may be missing at its end. */
function fitsWidths(length: number, widths: readonly number[]): boolean {
  const all = widths.reduce((sum, width) => sum + width, 0);
  return length <= all && length > all - widths.at(-1)!;
}

/** The n-th row of start values: each number counted on, its length kept; an ICCID with its check digit keeps one. */
export function startCells(start: StartValues, row: number): Cell[] {
  return start.first.map((first, index) => {
    const name = columnNamed(start.names[index]!);
    if (name === 'iccid' && /^\d{19}$/.test(first)) {
      const body = plus(first.slice(0, 18), row) ?? '';
      return Uint8Array.from(Buffer.from(body === '' ? '' : body + luhnCheckDigit(body)));
    }
    return Uint8Array.from(Buffer.from(/^\d{1,20}$/.test(first) ? plus(first, row) ?? '' : first));
  });
}

/**
 * Names of the values behind ICCID and IMSI: the MSISDN and so many more IMSIs. Senders write the MSISDN in front of them or behind; where
 * both could be it (15 digits, as an IMSI has), neither is named, so that no IMSI becomes a number to call.
 */
function namesBehind(cells: readonly Cell[], imsis: number): string[] {
  const likeImsi = (cell: Cell | undefined): boolean => cell?.length === 15;
  const unnamed = (index: number): string => `column ${index + 3}`;
  const msisdn = cells.length <= imsis ? -1 : imsis === 0 || !likeImsi(cells[0]) ? 0 : cells.length === imsis + 1 && !likeImsi(cells.at(-1)) ? imsis : undefined;
  if (msisdn === undefined) return cells.map((_, index) => (index === 0 || index >= imsis ? unnamed(index) : `IMSI${index + 1}`));
  let next = 2;
  return cells.map((_, index) => (index === msisdn ? 'MSISDN' : next < imsis + 2 ? `IMSI${next++}` : unnamed(index)));
}

/** The dialect of one header line: six or more values, then rows that begin with an ICCID. */
export function readPositional(body: Uint8Array, eol: number, encoding: Encoding, columns: readonly string[] | undefined): VendorHeader | undefined {
  const lines: Line[] = [];
  for (const line of linesOf(body, eol)) {
    if (trimmed(body.subarray(line.start, line.end)).length > 0) lines.push(line);
    if (lines.length === 2) break;
  }
  const [head, row] = lines;
  if (!head || !row || head.end - head.start > 400) return undefined;
  const values = cellsOf(body, head.start, head.end, 'blanks', false).map((cell) => textOf(cell, encoding));
  const cells = cellsOf(body, row.start, row.end, 'blanks', false);
  if (values.length < 6 || values.length > positionalKeys.length || !/^\d{1,9}$/.test(values[2]!) || cells.length < 2 || cells.length === values.length) return undefined;
  const leading = cells[0]!;
  if (leading.length < 18 || leading.length > 20 || !((leading[0] === 0x38 && leading[1] === 0x39) || (leading[0] === 0x39 && leading[1] === 0x38))) return undefined;
  const perCard = Number(values[4]) || 1;
  const names = columns ?? ['ICCID', 'IMSI', ...namesBehind(cells.slice(2), perCard - 1)];
  const pairs = values.map((value, index) => {
    const key = positionalKeys[index]!;
    const meaning = meaningOf(key, undefined);
    return { key, value, ...(meaning === undefined ? {} : { meaning }) };
  });
  return { pairs, from: row.start, line: row.line, names, separator: 'blanks', quantity: Number(values[2]) };
}
