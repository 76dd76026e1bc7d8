/** What may be done to a cell before it is read. Octets to octets, so that it works on secrets as well. */
import type { ImportTransform, ImportTransformKind } from '../../../shared/contract/imports.ts';
import { DeskProblem } from '../context.ts';

export type Octets = Uint8Array;
export type Change = (cell: Octets) => Octets;

const ZERO = 0x30;
/** Blanks, dashes, dots, slashes, colons, underscores, apostrophes, brackets, and the no-break space of UTF-8 (C2 A0). */
const separators: ReadonlySet<number> = new Set([0x20, 0x09, 0x2d, 0x2e, 0x2f, 0x3a, 0x5f, 0x27, 0x28, 0x29, 0xc2, 0xa0]);
const isF = (octet: number | undefined): boolean => octet === 0x46 || octet === 0x66;
const ascii = (text: string): Octets => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Octets with blanks around cut away: a view, so that zeroing the field zeroes the value. */
export function trimmed(bytes: Octets): Octets {
  let from = 0;
  let to = bytes.length;
  while (from < to && bytes[from]! <= 0x20) from++;
  while (to > from && bytes[to - 1]! <= 0x20) to--;
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
}

export function withoutSeparators(cell: Octets): Octets {
  let kept = 0;
  for (const octet of cell) if (!separators.has(octet)) kept++;
  if (kept === cell.length) return cell;
  const out = new Uint8Array(kept);
  let at = 0;
  for (const octet of cell) if (!separators.has(octet)) out[at++] = octet;
  return out;
}

function joined(front: Octets, cell: Octets): Octets {
  const out = new Uint8Array(front.length + cell.length);
  out.set(front);
  out.set(cell, front.length);
  return out;
}

const starts = (cell: Octets, front: Octets): boolean => front.length <= cell.length && front.every((octet, index) => cell[index] === octet);

function swapPairs(cell: Octets): Octets {
  const out = Uint8Array.from(cell);
  for (let i = 0; i + 1 < out.length; i += 2) [out[i], out[i + 1]] = [out[i + 1]!, out[i]!];
  return out;
}

/** Pairs of hexadecimal digits in the other order. */
function reverseOctets(cell: Octets): Octets {
  const out = new Uint8Array(cell.length);
  for (let i = 0; i + 1 < cell.length; i += 2) {
    out[cell.length - 2 - i] = cell[i]!;
    out[cell.length - 1 - i] = cell[i + 1]!;
  }
  return cell.length % 2 === 0 ? out : cell;
}

function stripF(cell: Octets): Octets {
  let to = cell.length;
  while (to > 0 && isF(cell[to - 1])) to--;
  return cell.subarray(0, to);
}

/** EF.IMSI (3GPP TS 31.102, 4.2.2): length, parity with the first digit, then digits in swapped pairs. */
function efImsi(cell: Octets): Octets {
  if (cell.length !== 18) return cell;
  return stripF(swapPairs(cell.subarray(2)).subarray(1));
}

const hexValue = (octet: number): number => {
  const letter = octet | 0x20;
  return octet >= ZERO && octet <= 0x39 ? octet - ZERO : letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
};

/** Hexadecimal octets as the characters they are, filler FF at the end left off. */
function hexToDigits(cell: Octets): Octets {
  if (cell.length % 2 !== 0) return cell;
  const out = new Uint8Array(cell.length / 2);
  for (let i = 0; i < out.length; i++) {
    const high = hexValue(cell[2 * i]!);
    const low = hexValue(cell[2 * i + 1]!);
    if (high < 0 || low < 0) return cell;
    out[i] = high * 16 + low;
  }
  let to = out.length;
  while (to > 0 && out[to - 1] === 0xff) to--;
  return out.subarray(0, to);
}

/** International form: `+` and `00` say so; a leading 0 is the trunk prefix; what begins with the country code stays. */
function withCountry(cell: Octets, country: Octets): Octets {
  const plain = withoutSeparators(cell);
  if (plain.length === 0 || plain[0] === 0x2b) return plain;
  if (plain[0] === ZERO && plain[1] === ZERO) return plain.subarray(2);
  if (plain[0] === ZERO) return joined(country, plain.subarray(1));
  return starts(plain, country) && plain.length > 9 ? plain : joined(country, plain);
}

function padLeft(cell: Octets, length: number): Octets {
  return cell.length === 0 || cell.length >= length ? cell : joined(new Uint8Array(length - cell.length).fill(ZERO), cell);
}

function strip0x(cell: Octets): Octets {
  return cell[0] === ZERO && (cell[1] === 0x78 || cell[1] === 0x58) ? cell.subarray(2) : cell;
}

const upper = (cell: Octets): Octets => (cell.some((octet) => octet >= 0x61 && octet <= 0x7a) ? Uint8Array.from(cell, (octet) => (octet >= 0x61 && octet <= 0x7a ? octet - 0x20 : octet)) : cell);

const simple: Partial<Record<ImportTransformKind, Change>> = {
  trim: trimmed, 'remove-separators': withoutSeparators, 'strip-f': stripF, 'strip-0x': strip0x, uppercase: upper, 'nibble-swap': swapPairs,
  'reverse-octets': reverseOctets, 'ef-imsi': efImsi, 'hex-to-digits': hexToDigits,
};

/** Throws {@link DeskProblem} `TRANSFORM_INVALID` when the parameter does not fit. Answers may be views of the cell. */
export function changeOf({ kind, value = '' }: ImportTransform): Change {
  const fixed = simple[kind];
  if (fixed) return fixed;
  const invalid = (needed: string): never => {
    throw new DeskProblem('TRANSFORM_INVALID', `The change "${kind}" needs ${needed}.`, { field: 'columns' });
  };
  if (kind === 'prefix' || kind === 'remove-prefix') {
    if (!/^[\x21-\x7e]{1,32}$/.test(value)) invalid('a text of up to 32 characters');
    const front = ascii(value);
    return kind === 'prefix' ? (cell) => (cell.length === 0 ? cell : joined(front, cell)) : (cell) => (starts(cell, front) ? cell.subarray(front.length) : cell);
  }
  if (kind === 'country') {
    if (!/^[1-9]\d{0,2}$/.test(value)) invalid('a country code of 1 to 3 digits');
    const country = ascii(value);
    return (cell) => withCountry(cell, country);
  }
  if (kind === 'pad-left') {
    if (!/^[1-9]\d?$/.test(value)) invalid('a length');
    return (cell) => padLeft(cell, Number(value));
  }
  const [, from, to] = /^([1-9]\d{0,2})-([1-9]\d{0,2})$/.exec(value) ?? invalid('two places, such as 1-8');
  return (cell) => cell.subarray(Number(from) - 1, Number(to));
}

/** All changes in order. What was made on the way and is not the answer is zeroed. */
export function changed(cell: Octets, changes: readonly Change[]): Octets {
  let current = cell;
  for (const change of changes) {
    const next = change(current);
    if (next.buffer !== current.buffer && current.buffer !== cell.buffer) current.fill(0);
    current = next;
  }
  return current;
}
