/**
 * Cells of one JSON object a line, cut out as octets: neither `JSON.parse` nor a string ever holds a secret, and a number keeps
 * all its digits. Objects are flat; what is nested in one is passed over.
 */
import type { Cell } from './scan.ts';

const OPEN = 0x7b;
const CLOSE = 0x7d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export interface JsonPair {
  readonly name: string;
  /** Undefined for what is nested. */
  readonly value: Cell | undefined;
}

/** The pairs of the object between two places, or undefined when that is no object. */
export function jsonPairs(body: Uint8Array, start: number, end: number): JsonPair[] | undefined {
  const pairs: JsonPair[] = [];
  let at = skip(body, start, end);
  if (body[at++] !== OPEN) return undefined;
  at = skip(body, at, end);
  if (body[at] === CLOSE) return skip(body, at + 1, end) === end ? pairs : undefined;
  for (;;) {
    if (body[at] !== QUOTE) return undefined;
    const nameEnd = stringEnd(body, at + 1, end);
    if (nameEnd < 0) return undefined;
    const name = Buffer.from(unescaped(body, at + 1, nameEnd)).toString('utf8');
    at = skip(body, nameEnd + 1, end);
    if (body[at++] !== 0x3a) return undefined;
    at = skip(body, at, end);
    const read = readValue(body, at, end);
    if (!read) return undefined;
    if (pairs.length < 200) pairs.push({ name, value: read.value });
    at = skip(body, read.at, end);
    if (body[at] === CLOSE && at < end) return skip(body, at + 1, end) === end ? pairs : undefined;
    if (body[at++] !== 0x2c) return undefined;
    at = skip(body, at, end);
  }
}

/** Cells in the order of `columns`; a name that is not there is an empty cell. Undefined when the row is no object. */
export function jsonCells(body: Uint8Array, start: number, end: number, columns: ReadonlyMap<string, number>): Cell[] | undefined {
  const pairs = jsonPairs(body, start, end);
  if (!pairs) return undefined;
  const cells: Cell[] = Array.from({ length: columns.size }, () => new Uint8Array(0));
  for (const { name, value } of pairs) {
    const column = columns.get(name);
    if (column !== undefined && value) cells[column] = value;
  }
  return cells;
}

function skip(body: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && body[at]! <= 0x20) at++;
  return at;
}

function stringEnd(body: Uint8Array, from: number, end: number): number {
  for (let i = from; i < end; i++) {
    if (body[i] === BACKSLASH) i++;
    else if (body[i] === QUOTE) return i;
    else if (body[i]! < 0x20) return -1;
  }
  return -1;
}

function readValue(body: Uint8Array, at: number, end: number): { value: Cell | undefined; at: number } | undefined {
  if (at >= end) return undefined;
  if (body[at] === QUOTE) {
    const close = stringEnd(body, at + 1, end);
    return close < 0 ? undefined : { value: unescaped(body, at + 1, close), at: close + 1 };
  }
  if (body[at] === OPEN || body[at] === 0x5b) {
    const after = nestedEnd(body, at, end);
    return after < 0 ? undefined : { value: undefined, at: after };
  }
  let to = at;
  while (to < end && body[to] !== 0x2c && body[to] !== CLOSE && body[to]! > 0x20) to++;
  const bare = body.subarray(at, to);
  if (same(bare, 'null')) return { value: new Uint8Array(0), at: to };
  if (same(bare, 'true') || same(bare, 'false')) return { value: bare, at: to };
  return bare.length > 0 && bare.every((octet) => (octet >= 0x30 && octet <= 0x39) || octet === 0x2d || octet === 0x2b || octet === 0x2e || (octet | 0x20) === 0x65)
    ? { value: bare, at: to } : undefined;
}

const same = (octets: Uint8Array, word: string): boolean => octets.length === word.length && octets.every((octet, index) => octet === word.charCodeAt(index));

function nestedEnd(body: Uint8Array, from: number, end: number): number {
  let depth = 0;
  for (let i = from; i < end; i++) {
    const octet = body[i]!;
    if (octet === QUOTE) {
      i = stringEnd(body, i + 1, end);
      if (i < 0) return -1;
    } else if (octet === OPEN || octet === 0x5b) depth++;
    else if ((octet === CLOSE || octet === 0x5d) && --depth === 0) return i + 1;
  }
  return -1;
}

const escapes: Readonly<Record<number, number>> = { 0x62: 8, 0x66: 12, 0x6e: 10, 0x72: 13, 0x74: 9 };

/** A view where nothing is escaped, else fresh octets. */
function unescaped(body: Uint8Array, from: number, to: number): Cell {
  if (!body.subarray(from, to).includes(BACKSLASH)) return body.subarray(from, to);
  const out = new Uint8Array((to - from) * 2);
  let at = 0;
  for (let i = from; i < to; i++) {
    const octet = body[i]!;
    if (octet !== BACKSLASH) {
      out[at++] = octet;
      continue;
    }
    const kind = body[++i]!;
    if (kind !== 0x75) {
      out[at++] = escapes[kind] ?? kind;
      continue;
    }
    let code = 0;
    for (let k = 0; k < 4; k++) {
      const digit = body[++i] ?? 0x30;
      const letter = digit | 0x20;
      code = code * 16 + (digit <= 0x39 ? digit - 0x30 : letter - 0x57);
    }
    if (code < 0x80) out[at++] = code;
    else if (code < 0x800) {
      out[at++] = 0xc0 | (code >> 6);
      out[at++] = 0x80 | (code & 0x3f);
    } else {
      out[at++] = 0xe0 | (code >> 12);
      out[at++] = 0x80 | ((code >> 6) & 0x3f);
      out[at++] = 0x80 | (code & 0x3f);
    }
  }
  return out.subarray(0, at);
}
