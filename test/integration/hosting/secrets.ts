/** Looks for secrets in bytes, in every form a program might have written them down. */
import { closeSync, existsSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

export interface Canary {
  readonly name: string;
  /** As it stands in the stock file: hexadecimal of a key, digits of a code. */
  readonly text: string;
  readonly kind: 'key' | 'code';
}

export interface Needle {
  readonly name: string;
  readonly form: string;
  readonly bytes: Buffer;
}

const swapped = (digits: string) => digits.replaceAll(/(.)(.)/g, '$2$1');

/** Base64 of `bytes` wherever it stands in a longer run: the part that does not depend on its neighbours, for each alignment. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64').replaceAll('=', '');
    const first = Math.ceil((before * 8) / 6);
    return text.slice(first, Math.floor(((before + bytes.length) * 8) / 6));
  });
}

export function needlesOf(canaries: readonly Canary[]): Needle[] {
  return canaries.flatMap(({ name, text, kind }) => {
    const forms: [string, Buffer][] = [];
    const add = (form: string, bytes: Buffer) => forms.push([form, bytes]);
    // A key as octets, and as the text it came in.
    const written = kind === 'key' ? [Buffer.from(text.toLowerCase()), Buffer.from(text.toUpperCase())] : [Buffer.from(text)];
    for (const value of kind === 'key' ? [Buffer.from(text, 'hex'), ...written] : written) {
      add('raw', value);
      add('array', Buffer.from([...value].join(',')));
      for (const form of base64Forms(value)) {
        add('base64', Buffer.from(form));
        add('base64url', Buffer.from(form.replaceAll('+', '-').replaceAll('/', '_')));
      }
    }
    if (kind === 'key') {
      add('nibbles swapped', Buffer.from(swapped(text), 'hex'));
      for (const value of [swapped(text).toLowerCase(), swapped(text).toUpperCase()]) add('nibbles swapped, hex', Buffer.from(value));
    }
    for (const value of written) add('UTF-16', Buffer.from(value.toString('latin1'), 'utf16le'));
    if (kind === 'code') {
      add('hex', Buffer.from(written[0]!.toString('hex')));
      add('BCD', Buffer.from(text, 'hex'));
      add('BCD swapped', Buffer.from(swapped(text), 'hex'));
    }
    // Four octets or fewer turn up anywhere by chance.
    const seen = new Set<string>();
    const fresh = (bytes: Buffer) => !seen.has(bytes.toString('latin1')) && seen.add(bytes.toString('latin1')) !== undefined;
    return forms.filter(([, bytes]) => bytes.length > 4 && fresh(bytes)).map(([form, bytes]) => ({ name, form, bytes }));
  });
}

export function findIn(bytes: Buffer, needles: readonly Needle[], place: string): string[] {
  return needles.filter((needle) => bytes.includes(needle.bytes)).map((needle) => `${needle.name} as ${needle.form} in ${place}`);
}

/** Every file below `folder`, in pieces that overlap. */
export function findBelow(folder: string, needles: readonly Needle[]): { hits: string[]; files: string[] } {
  const hits: string[] = [];
  const files: string[] = [];
  const longest = Math.max(...needles.map((needle) => needle.bytes.length));
  const piece = Buffer.alloc(8 * 1024 * 1024);
  const walk = (path: string) => {
    if (!existsSync(path)) return;
    const stat = lstatSync(path);
    if (stat.isDirectory()) for (const name of readdirSync(path)) walk(join(path, name));
    else if (stat.isFile()) {
      files.push(path);
      const file = openSync(path, 'r');
      for (let at = 0; at < stat.size; at += piece.length - longest) {
        const length = readSync(file, piece, 0, piece.length, at);
        hits.push(...findIn(piece.subarray(0, length), needles, path));
      }
      closeSync(file);
    }
  };
  walk(folder);
  return { hits: [...new Set(hits)], files };
}
