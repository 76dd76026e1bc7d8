/** ICCID ranges as they are typed, one per line: `FIRST-LAST` of equal length, or a prefix with a star. Pure. */
import { count } from '../design/formats.ts';

export interface RangeLine {
  readonly text: string;
  /** As the engine takes it; absent when the line is wrong. */
  readonly value?: string;
  /** What the line means, or what is wrong with it, as a sentence. */
  readonly note: string;
  readonly wrong: boolean;
}

const longest = 20;
export const mostRanges = 200;

/** Every line that holds something, checked; a later line that repeats part of an earlier one is wrong. */
export function readRanges(text: string): RangeLine[] {
  const seen: { readonly first: string; readonly last: string; readonly line: number }[] = [];
  return text
    .split(/[\n,;]/)
    .map((line) => line.replaceAll(/[\s.]/g, '').replace(/[–—]/, '-'))
    .filter((line) => line !== '')
    .map((line, at): RangeLine => {
      const read = readOne(line);
      if (typeof read === 'string') return { text: line, note: read, wrong: true };
      const clash = seen.find((other) => other.first <= read.last && read.first <= other.last);
      if (clash !== undefined) return { text: line, note: `Overlaps line ${clash.line}`, wrong: true };
      seen.push({ first: read.first, last: read.last, line: at + 1 });
      return { text: line, value: line, note: read.note, wrong: false };
    });
}

function readOne(line: string): { first: string; last: string; note: string } | string {
  const prefix = /^(\d+)\*$/.exec(line)?.[1];
  if (prefix !== undefined) {
    if (prefix.length < 2 || prefix.length > 19) return 'A prefix has 2 to 19 digits';
    if (!prefix.startsWith('89')) return 'An ICCID begins with 89';
    return { first: prefix.padEnd(longest, '0'), last: prefix.padEnd(longest, '9'), note: `Every ICCID that begins with ${prefix}` };
  }
  const [, first, last] = /^(\d+)-(\d+)$/.exec(line) ?? [];
  if (first === undefined || last === undefined) return 'Write FIRST-LAST, or a prefix with a star such as 8988001*';
  if (first.length < 18 || first.length > longest) return `An ICCID has 18 to 20 digits; the first has ${first.length}`;
  if (first.length !== last.length) return `Both ends need the same length; they have ${first.length} and ${last.length} digits`;
  if (!first.startsWith('89') || !last.startsWith('89')) return 'An ICCID begins with 89';
  if (first > last) return 'The last ICCID comes before the first';
  return { first: first.padEnd(longest, '0'), last: last.padEnd(longest, '9'), note: `${count(sizeOf(first, last))} ICCIDs` };
}

/** How many ICCIDs lie between two, both included; the check digit of longer ones does not count. */
function sizeOf(first: string, last: string): number {
  const cut = first.length >= 19 ? -1 : undefined;
  return Number(BigInt(last.slice(0, cut)) - BigInt(first.slice(0, cut))) + 1;
}

/** A range as the engine holds it, written short: a common prefix followed by zeros and by nines is that prefix with a star. */
export function shownRange({ first, last }: { readonly first: string; readonly last: string }): string {
  let at = 0;
  while (at < first.length && first[at] === last[at]) at += 1;
  return at > 1 && /^0+$/.test(first.slice(at)) && /^9+$/.test(last.slice(at)) && first.length === last.length ? `${first.slice(0, at)}*` : `${first}-${last}`;
}
