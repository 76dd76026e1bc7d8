/** Numbers of one kind as runs of keys (see `keyOf`): what is known, what of a span is known. Adding is cheap; runs are put in order when they are asked for. */
import type { Span } from './rules.ts';

interface Run { first: bigint; last: bigint }
interface OfLength { runs: Run[]; inOrder: boolean }

const text = (n: bigint, digits: number): string => n.toString().padStart(digits, '0');

export class NumberRuns {
  readonly #byLength = new Map<number, OfLength>();

  add(first: string, count: number): void {
    let known = this.#byLength.get(first.length);
    if (!known) this.#byLength.set(first.length, known = { runs: [], inOrder: true });
    const from = BigInt(first);
    const last = from + BigInt(count) - 1n;
    const end = known.runs.at(-1);
    if (end && from === end.last + 1n) {
      end.last = last;
      return;
    }
    if (end && from <= end.last) known.inOrder = false;
    known.runs.push({ first: from, last });
  }

  /** Parts of the span that are known, in order. */
  meet(span: Span): Span[] {
    const known = this.#byLength.get(span.first.length);
    if (!known) return [];
    sort(known);
    const digits = span.first.length;
    const [first, last] = [BigInt(span.first), BigInt(span.last)];
    const found: Span[] = [];
    for (let i = firstEndingAt(known.runs, first); i < known.runs.length && known.runs[i]!.first <= last; i++) {
      const run = known.runs[i]!;
      found.push({ first: text(run.first > first ? run.first : first, digits), last: text(run.last < last ? run.last : last, digits) });
    }
    return found;
  }

  all(): Span[] {
    return [...this.#byLength].flatMap(([digits, known]) => {
      sort(known);
      return known.runs.map((run) => ({ first: text(run.first, digits), last: text(run.last, digits) }));
    });
  }

  has(key: string): boolean {
    return this.meet({ first: key, last: key }).length > 0;
  }
}

/** Index of the first run that ends at or behind `key`. */
function firstEndingAt(runs: readonly Run[], key: bigint): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runs[middle]!.last < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sort(known: OfLength): void {
  if (known.inOrder) return;
  known.runs.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const joined: Run[] = [];
  for (const run of known.runs) {
    const end = joined.at(-1);
    if (end && run.first <= end.last + 1n) {
      if (run.last > end.last) end.last = run.last;
    } else joined.push({ ...run });
  }
  known.runs = joined;
  known.inOrder = true;
}

/** Keys in order, as runs. */
export function runsOf(keys: Iterable<string>): { first: string; count: number }[] {
  const sorted = [...keys].map((key) => ({ key, n: BigInt(key) })).sort((a, b) => a.key.length - b.key.length || (a.n < b.n ? -1 : a.n > b.n ? 1 : 0));
  const runs: { first: string; count: number; next: bigint }[] = [];
  for (const { key, n } of sorted) {
    const end = runs.at(-1);
    if (end && end.first.length === key.length && n === end.next) {
      end.count += 1;
      end.next += 1n;
    } else if (!end || end.first.length !== key.length || n >= end.next) runs.push({ first: key, count: 1, next: n + 1n });
  }
  return runs.map(({ first, count }) => ({ first, count }));
}
