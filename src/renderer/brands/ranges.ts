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

export const mostRanges = 200;

interface Span {
  readonly first: string;
  readonly last: string;
}
/** Lengths an ICCID is held with; a prefix stands for both. */
const lengths = [19, 20] as const;

/** Every line that holds something, checked; one that overlaps an earlier one is right and counts once. */
export function readRanges(text: string): RangeLine[] {
  const seen: (Span & { readonly line: number })[] = [];
  return text
    .split(/[\n,;]/)
    .map((line) => line.replaceAll(/[\s.]/g, '').replace(/[\u2010-\u2015]/, '-'))
    .filter((line) => line !== '')
    .map((line, at): RangeLine => {
      const read = readOne(line);
      if (typeof read === 'string') return { text: line, note: read, wrong: true };
      const other = seen.find((one) => read.spans.some((span) => span.first.length === one.first.length && one.first <= span.last && span.first <= one.last));
      for (const span of read.spans) seen.push({ ...span, line: at + 1 });
      return { text: line, value: line, note: other === undefined ? read.note : `${read.note}; overlaps line ${other.line}, which is counted once`, wrong: false };
    });
}

function readOne(line: string): { spans: readonly Span[]; note: string } | string {
  const prefix = /^(\d+)\*$/.exec(line)?.[1];
  if (prefix !== undefined) {
    if (prefix.length < 2 || prefix.length > 19) return 'A prefix has 2 to 19 digits';
    if (!prefix.startsWith('89')) return 'An ICCID begins with 89';
    return { spans: lengths.map((length) => ({ first: prefix.padEnd(length, '0'), last: prefix.padEnd(length, '9') })), note: `Every ICCID that begins with ${prefix}` };
  }
  const [, first, last] = /^(\d+)F?-(\d+)F?$/i.exec(line) ?? [];
  if (first === undefined || last === undefined) return 'Write FIRST-LAST, or a prefix with a star such as 8988001*';
  if (first.length < 18 || first.length > 20) return `An ICCID has 18 to 20 digits; the first has ${first.length}`;
  if (first.length !== last.length) return `Both ends need the same length; they have ${first.length} and ${last.length} digits`;
  if (!first.startsWith('89') || !last.startsWith('89')) return 'An ICCID begins with 89';
  if (first > last) return 'The last ICCID comes before the first';
  return { spans: [first.length === 18 ? { first: `${first}0`, last: `${last}9` } : { first, last }], note: `${count(sizeOf(first, last))} ICCIDs` };
}

/** How many ICCIDs lie between two, both included; the check digit of longer ones does not count. */
function sizeOf(first: string, last: string): number {
  const cut = first.length >= 19 ? -1 : undefined;
  return Number(BigInt(last.slice(0, cut)) - BigInt(first.slice(0, cut))) + 1;
}

/** Ranges as the engine holds them, written as people do: the two lengths of one prefix become that prefix with a star. */
export function shownRanges(ranges: readonly Span[]): string[] {
  const shown = new Set(ranges.map((range) => {
    const prefix = prefixOf(range);
    const twin = prefix !== undefined && lengths.every((length) => ranges.some((other) => other.first.length === length && prefixOf(other) === prefix));
    return twin ? `${prefix}*` : `${range.first}-${range.last}`;
  }));
  return [...shown];
}

/** What all ICCIDs of a range begin with, when they are all that do. */
function prefixOf({ first, last }: Span): string | undefined {
  let at = 0;
  while (at < first.length && first[at] === last[at]) at += 1;
  return at > 1 && /^0*$/.test(first.slice(at)) && /^9*$/.test(last.slice(at)) ? first.slice(0, at) : undefined;
}
