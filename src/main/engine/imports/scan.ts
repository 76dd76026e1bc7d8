/**
 * Rows and cells of a file, as places in its octets. The index of rows is three numbers a row; cells are cut when a row is read.
 * Nothing here makes a string: cells may hold secrets.
 */
import { setImmediate } from 'node:timers/promises';
import type { ImportFormat } from '../../../shared/contract/imports.ts';
import { DeskProblem } from '../context.ts';

export type Separator = NonNullable<ImportFormat['separator']>;

export const separatorOctet: Readonly<Record<Exclude<Separator, 'blanks' | 'fixed'>, number>> = { comma: 0x2c, semicolon: 0x3b, tab: 0x09, pipe: 0x7c, slash: 0x2f };
const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** A row of a stock file is a few hundred octets; an unclosed quote must not swallow the file into one cell. */
const LONGEST_ROW = 64 * 1024;
export const mostRows = 5_000_000;
/** Octets between two breaths: a few milliseconds. */
const SLICE = 2 * 1024 * 1024;

/** Where rows begin and end (without line ends), and on which line of the file; growing arrays of 32-bit numbers. */
export class RowIndex {
  starts = new Uint32Array(1024);
  ends = new Uint32Array(1024);
  lines = new Uint32Array(1024);
  length = 0;

  add(start: number, end: number, line: number): void {
    if (this.length === this.starts.length) {
      const larger = (array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> => {
        const next = new Uint32Array(array.length * 2);
        next.set(array);
        return next;
      };
      this.starts = larger(this.starts);
      this.ends = larger(this.ends);
      this.lines = larger(this.lines);
    }
    this.starts[this.length] = start;
    this.ends[this.length] = end;
    this.lines[this.length] = line;
    this.length += 1;
  }

  /** The row that begins on this line; undefined when none does. */
  rowAt(line: number): number | undefined {
    let low = 0;
    let high = this.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.lines[middle]!;
      if (found === line) return middle;
      if (found < line) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }
}

export interface ScanOptions {
  /** Undefined where quotation marks mean nothing (JSON lines, vendor files). */
  readonly quoted: boolean;
  readonly comments: readonly Uint8Array[];
  /** What ends a line: LF (also behind CR), or CR alone in files of old. */
  readonly eol?: number;
  /** The separator of a table: rows of nothing but separators, blanks and empty quotes are as good as empty lines. */
  readonly hollow?: number;
  /** Octets and line to begin at. */
  readonly from?: number;
  readonly line?: number;
}

const malformed = (line: number, why: string): DeskProblem => new DeskProblem('FILE_MALFORMED', `The file cannot be read at line ${line}: ${why}.`, { field: 'file' });

/** Rows that are not empty and no comment. Throws {@link DeskProblem} `FILE_MALFORMED` with the line. */
export async function scanRows(body: Uint8Array, options: ScanOptions): Promise<RowIndex> {
  const index = new RowIndex();
  const view = Buffer.from(body.buffer, body.byteOffset, body.length);
  let line = options.line ?? 1;
  const eol = options.eol ?? LF;
  let breath = SLICE;
  for (let at = options.from ?? 0; at < body.length;) {
    if (at > breath) {
      breath = at + SLICE;
      await setImmediate();
    }
    const start = at;
    const first = line;
    let end = lineEnd(view, at, eol);
    if (options.quoted && oddQuotes(body, start, end)) {
      // The row goes on past the end of the line: until its quotes are even.
      for (;;) {
        if (end >= body.length) throw malformed(first, 'a quotation mark is opened and never closed');
        if (end - start > LONGEST_ROW) throw malformed(first, 'a quotation mark is never closed, or a line is far too long');
        line += 1;
        const next = end + 1;
        end = lineEnd(view, next, eol);
        if (oddQuotes(body, next, end)) break;
      }
    }
    at = end + 1;
    line += 1;
    const last = end > start && body[end - 1] === CR ? end - 1 : end;
    if (last - start > LONGEST_ROW) throw malformed(first, 'the line is far too long');
    if (blank(body, start, last, options.hollow) || startsWithAny(body, start, last, options.comments)) continue;
    if (index.length === mostRows + 1) throw new DeskProblem('FILE_MALFORMED', `A stock file has at most ${mostRows.toLocaleString('en')} rows.`, { field: 'file', hint: 'Split it.' });
    index.add(start, last, first);
  }
  return index;
}

/** Lines of the file end with this octet. */
export function lineEnding(body: Uint8Array): number {
  const head = body.subarray(0, 256 * 1024);
  return !head.includes(LF) && head.includes(CR) ? CR : LF;
}

/** Place of the next end of a line, or the end. */
function lineEnd(view: Buffer, from: number, eol: number): number {
  const found = view.indexOf(eol, from);
  return found < 0 ? view.length : found;
}

function oddQuotes(body: Uint8Array, from: number, to: number): boolean {
  let odd = false;
  for (let i = from; i < to; i++) if (body[i] === QUOTE) odd = !odd;
  return odd;
}

function blank(body: Uint8Array, from: number, to: number, hollow: number | undefined): boolean {
  for (let i = from; i < to; i++) if (body[i]! > 0x20 && (hollow === undefined || (body[i] !== hollow && body[i] !== QUOTE))) return false;
  return true;
}

export function startsWithAny(body: Uint8Array, from: number, to: number, prefixes: readonly Uint8Array[]): boolean {
  return prefixes.some((prefix) => from + prefix.length <= to && prefix.every((octet, index) => body[from + index] === octet));
}

/** A cell: a view of the body, or fresh octets where doubled quotes had to be taken out. Both may be zeroed. */
export type Cell = Uint8Array;

/** Cuts a row at its separator. Blanks: any run of them, those at the ends not counted. */
export function cellsOf(body: Uint8Array, start: number, end: number, separator: Exclude<Separator, 'fixed'>, quoted: boolean): Cell[] {
  if (separator === 'blanks') return blankCells(body, start, end);
  const mark = separatorOctet[separator];
  const cells: Cell[] = [];
  for (let at = start; ;) {
    if (quoted) {
      let from = at;
      while (from < end && (body[from] === 0x20 || (body[from] === 0x09 && mark !== 0x09))) from++;
      if (body[from] === QUOTE && from < end) {
        const close = closingQuote(body, from + 1, end);
        cells.push(asText(unquoted(body, from + 1, close)));
        let next = close + 1;
        while (next < end && body[next] !== mark) next++;
        if (next >= end) return cells;
        at = next + 1;
        continue;
      }
    }
    let to = at;
    while (to < end && body[to] !== mark) to++;
    cells.push(quoted ? asText(body.subarray(at, to)) : body.subarray(at, to));
    if (to >= end) return cells;
    at = to + 1;
  }
}

/** `="8988…"`: how digits are kept from being made a number by a spreadsheet. */
function asText(cell: Cell): Cell {
  return cell[0] === 0x3d && cell[1] === QUOTE && cell.length > 3 && cell[cell.length - 1] === QUOTE ? cell.subarray(2, cell.length - 1) : cell;
}

function closingQuote(body: Uint8Array, from: number, end: number): number {
  for (let i = from; i < end; i++) {
    if (body[i] !== QUOTE) continue;
    if (body[i + 1] === QUOTE && i + 1 < end) i++;
    else return i;
  }
  return end;
}

function unquoted(body: Uint8Array, from: number, to: number): Cell {
  let doubled = 0;
  for (let i = from; i < to; i++) if (body[i] === QUOTE) doubled++;
  if (doubled === 0) return body.subarray(from, to);
  const out = new Uint8Array(to - from - (doubled >> 1));
  for (let i = from, at = 0; i < to; i++) {
    out[at++] = body[i]!;
    if (body[i] === QUOTE) i++;
  }
  return out;
}

function blankCells(body: Uint8Array, start: number, end: number): Cell[] {
  const cells: Cell[] = [];
  for (let at = start; at < end;) {
    while (at < end && body[at]! <= 0x20) at++;
    const from = at;
    while (at < end && body[at]! > 0x20) at++;
    if (at > from) cells.push(body.subarray(from, at));
  }
  return cells;
}
