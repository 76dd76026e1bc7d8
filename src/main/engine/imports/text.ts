/** Text of a file as octets: which encoding it is in, and UTF-16 brought to UTF-8 without ever being a string. */
import { setImmediate } from 'node:timers/promises';
import type { ImportFormat } from '../../../shared/contract/imports.ts';
import { DeskProblem } from '../context.ts';

export type Encoding = ImportFormat['encoding'];

/** Octets looked at or made between two breaths. */
const SLICE = 4 * 1024 * 1024;

export interface FoundEncoding {
  readonly encoding: Encoding;
  /** Octets of the byte order mark. */
  readonly mark: number;
  readonly why: string;
}

/** Throws {@link DeskProblem} `FILE_MALFORMED` for what is no text. */
export function findEncoding(file: Uint8Array): FoundEncoding {
  if (file[0] === 0xef && file[1] === 0xbb && file[2] === 0xbf) return { encoding: 'utf-8', mark: 3, why: 'It begins with the mark of UTF-8.' };
  if (file[0] === 0xff && file[1] === 0xfe) return { encoding: 'utf-16le', mark: 2, why: 'It begins with the mark of UTF-16, little end first.' };
  if (file[0] === 0xfe && file[1] === 0xff) return { encoding: 'utf-16be', mark: 2, why: 'It begins with the mark of UTF-16, big end first.' };
  refuseBinary(file);
  const head = file.subarray(0, 4096);
  const zeros = [0, 0];
  head.forEach((octet, index) => {
    if (octet === 0) zeros[index % 2]! += 1;
  });
  const half = head.length / 2;
  if (zeros[1]! > 0.7 * half && zeros[0]! < 0.1 * half) return { encoding: 'utf-16le', mark: 0, why: 'Every second octet is zero, as in UTF-16, little end first.' };
  if (zeros[0]! > 0.7 * half && zeros[1]! < 0.1 * half) return { encoding: 'utf-16be', mark: 0, why: 'Every second octet is zero, as in UTF-16, big end first.' };
  if (zeros[0]! + zeros[1]! > 0) throw new DeskProblem('FILE_MALFORMED', 'The file is not text.', { field: 'file', hint: 'A stock file is text: lines with values between separators, or one JSON object a line.' });
  const valid = validUtf8(file);
  if (valid === 'ascii') return { encoding: 'utf-8', mark: 0, why: 'It is plain ASCII.' };
  return valid === 'utf-8' ? { encoding: 'utf-8', mark: 0, why: 'Its letters beyond ASCII are UTF-8.' } : { encoding: 'windows-1252', mark: 0, why: 'Its letters beyond ASCII are not UTF-8, so they are read as Windows-1252 (Latin-1).' };
}

function refuseBinary(file: Uint8Array): void {
  const starts = (...octets: number[]): boolean => octets.every((octet, index) => file[index] === octet);
  const refuse = (what: string, hint: string): never => {
    throw new DeskProblem('FILE_MALFORMED', `The file is ${what}, not text.`, { field: 'file', hint });
  };
  if (starts(0x50, 0x4b, 3, 4)) refuse('a spreadsheet or an archive', 'Save the sheet as "CSV UTF-8", with its number columns formatted as text; or unpack the archive.');
  if (starts(0xd0, 0xcf, 0x11, 0xe0)) refuse('an old spreadsheet', 'Save the sheet as "CSV UTF-8", with its number columns formatted as text.');
  if (starts(0x1f, 0x8b)) refuse('compressed', 'Unpack it first.');
  if (starts(0x25, 0x50, 0x44, 0x46)) refuse('a PDF', 'Ask the sender for the data file.');
  if (Buffer.from(file.subarray(0, 24)).includes('-----BEGIN PGP')) refuse('encrypted with PGP', 'Decrypt it first.');
}

/** Only the beginning and the end: a million rows of digits have their names in the header or nowhere. */
function validUtf8(file: Uint8Array): 'ascii' | 'utf-8' | 'other' {
  let beyond = false;
  for (const part of [file.subarray(0, 1024 * 1024), file.subarray(Math.max(1024 * 1024, file.length - 256 * 1024))]) {
    if (!part.some((octet) => octet >= 0x80)) continue;
    beyond = true;
    // A cut at either end may fall into a character.
    let from = 0;
    while (from < 4 && (part[from]! & 0xc0) === 0x80) from++;
    let to = part.length;
    while (to > part.length - 4 && to > from && part[to - 1]! >= 0x80) to--;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(part.subarray(from, to));
    } catch {
      return 'other';
    }
  }
  return beyond ? 'utf-8' : 'ascii';
}

/** The text behind the mark: the file's own octets, or for UTF-16 fresh ones in UTF-8 (then the caller zeroes both). */
export async function bodyOf(file: Uint8Array, encoding: Encoding, mark: number): Promise<Uint8Array> {
  if (encoding !== 'utf-16le' && encoding !== 'utf-16be') return file.subarray(mark);
  const low = encoding === 'utf-16le' ? 0 : 1;
  const out = new Uint8Array(file.length * 2);
  let at = 0;
  let high = 0;
  for (let from = mark; from + 1 < file.length; from += SLICE) {
    const end = Math.min(from + SLICE, file.length - 1);
    for (let i = from; i < end; i += 2) {
      const unit = file[i + low]! | (file[i + 1 - low]! << 8);
      if (unit >= 0xd800 && unit < 0xdc00) {
        high = unit;
        continue;
      }
      const code = unit >= 0xdc00 && unit < 0xe000 && high > 0 ? 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00) : unit;
      high = 0;
      if (code < 0x80) out[at++] = code;
      else if (code < 0x800) {
        out[at++] = 0xc0 | (code >> 6);
        out[at++] = 0x80 | (code & 0x3f);
      } else if (code < 0x10000) {
        out[at++] = 0xe0 | (code >> 12);
        out[at++] = 0x80 | ((code >> 6) & 0x3f);
        out[at++] = 0x80 | (code & 0x3f);
      } else {
        out[at++] = 0xf0 | (code >> 18);
        out[at++] = 0x80 | ((code >> 12) & 0x3f);
        out[at++] = 0x80 | ((code >> 6) & 0x3f);
        out[at++] = 0x80 | (code & 0x3f);
      }
    }
    await setImmediate();
  }
  return out.subarray(0, at);
}

const cp1252 = new TextDecoder('windows-1252');

/** Text of what may be text: names, identifiers, sentences of a header. Never called with a secret. */
export function textOf(octets: Uint8Array, encoding: Encoding): string {
  if (encoding === 'windows-1252' && octets.some((octet) => octet >= 0x80)) return cp1252.decode(octets);
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('utf8');
}

/** Octets of the body as they go out again in the file's own encoding; the mark is the caller's. */
export function encoded(octets: Uint8Array, encoding: Encoding): Uint8Array {
  if (encoding !== 'utf-16le' && encoding !== 'utf-16be') return octets;
  const big = encoding === 'utf-16be';
  const out = new Uint8Array(octets.length * 2);
  let at = 0;
  const put = (unit: number): void => {
    out[at + (big ? 0 : 1)] = unit >> 8;
    out[at + (big ? 1 : 0)] = unit & 0xff;
    at += 2;
  };
  for (let i = 0; i < octets.length;) {
    const first = octets[i]!;
    const more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    let code = more === 0 ? first : first & (0x3f >> more);
    for (let k = 1; k <= more; k++) code = (code << 6) | ((octets[i + k] ?? 0x80) & 0x3f);
    i += 1 + more;
    if (code < 0x10000) put(code);
    else {
      put(0xd800 + ((code - 0x10000) >> 10));
      put(0xdc00 + ((code - 0x10000) & 0x3ff));
    }
  }
  return out.subarray(0, at);
}

/** The mark the file began with, or none. */
export function markOf(encoding: Encoding, mark: number): Uint8Array {
  if (mark === 0) return new Uint8Array(0);
  return encoding === 'utf-8' ? Uint8Array.of(0xef, 0xbb, 0xbf) : encoding === 'utf-16le' ? Uint8Array.of(0xff, 0xfe) : Uint8Array.of(0xfe, 0xff);
}
