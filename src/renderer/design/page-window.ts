/**
 * Pages of a keyset-paged list, of which only those around the reader are held: a million rows may be scrolled through, a few
 * thousand stand in memory. What changed in the engine is read again where the reader looks, page by page.
 */
export interface PageOf<Row> {
  readonly rows: readonly Row[];
  readonly next?: string | undefined;
  readonly total?: number | undefined;
  /** There are more than so many, when the total is not known at once. */
  readonly more?: number | undefined;
}

interface Slot<Row> {
  cursor: string | undefined;
  start: number;
  count: number;
  rows: readonly Row[] | undefined;
  stale: boolean;
}

/** Pages kept on either side of what is in sight. */
const keptBeside = 6;
/** Rows from the end at which the next page is asked for. */
const nearEnd = 60;

export class PageWindow<Row> {
  /** Rises with every change that should be drawn. */
  version = 0;
  total: number | undefined;
  moreThan: number | undefined;
  /** The first page has come. */
  begun = false;
  error: unknown;
  loading = false;
  private slots: Slot<Row>[] = [];
  private tail: string | undefined;
  private ended = false;
  private sight = { first: 0, end: 40 };
  private readonly listeners = new Set<() => void>();
  private readonly ask: (cursor: string | undefined) => Promise<PageOf<Row>>;
  private firstWanted = false;

  constructor(ask: (cursor: string | undefined) => Promise<PageOf<Row>>) {
    this.ask = ask;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get length(): number {
    const last = this.slots.at(-1);
    return last === undefined ? 0 : last.start + last.count;
  }

  get hasMore(): boolean {
    return !this.ended;
  }

  /** Rows in memory, in order. */
  *held(): Generator<Row> {
    for (const slot of this.slots) if (slot.rows !== undefined) yield* slot.rows;
  }

  at(index: number): Row | undefined {
    const slot = this.slotOf(index);
    return slot?.rows?.[index - slot.start];
  }

  look(first: number, end: number): void {
    this.sight = { first, end };
    this.forget();
    void this.pump();
  }

  /** What is held may be old. */
  invalidate(): void {
    for (const slot of this.slots) slot.stale = true;
    this.firstWanted = true;
    this.forget();
    void this.pump();
  }

  again(): void {
    this.error = undefined;
    this.changed();
    void this.pump();
  }

  private slotOf(index: number): Slot<Row> | undefined {
    let low = 0;
    let high = this.slots.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const slot = this.slots[middle]!;
      if (index < slot.start) high = middle - 1;
      else if (index >= slot.start + slot.count) low = middle + 1;
      else return slot;
    }
    return undefined;
  }

  private inSight(slot: Slot<Row>): boolean {
    return slot.start < this.sight.end && slot.start + slot.count > this.sight.first;
  }

  /** Lets go of rows far from the reader; those that are old go at once when nobody looks at them. */
  private forget(): void {
    const seen = this.slots.map((slot, at) => (this.inSight(slot) ? at : -1)).filter((at) => at >= 0);
    const low = (seen[0] ?? 0) - keptBeside;
    const high = (seen.at(-1) ?? 0) + keptBeside;
    this.slots.forEach((slot, at) => {
      if (slot.rows !== undefined && (at < low || at > high || (slot.stale && !this.inSight(slot)))) slot.rows = undefined;
    });
  }

  private wanted(): Slot<Row> | 'next' | undefined {
    if (this.slots.length === 0) return 'next';
    const seen = this.slots.filter((slot) => this.inSight(slot));
    const missing = seen.find((slot) => slot.rows === undefined);
    if (missing !== undefined) return missing;
    // A reader at the very end waits for rows; those that stand there may be old a moment longer. Otherwise a busy engine, which
    // keeps saying that something changed, would never let anybody further down.
    if (!this.ended && this.sight.end >= this.length) return 'next';
    const first = this.slots[0]!;
    if (this.firstWanted && first.stale) return first;
    const old = seen.find((slot) => slot.stale);
    if (old !== undefined) return old;
    if (!this.ended && this.sight.end >= this.length - nearEnd) return 'next';
    // The neighbours, so that a scroll finds its rows there.
    const at = this.slots.indexOf(seen.at(-1)!);
    const beside = [this.slots[at + 1], this.slots[this.slots.indexOf(seen[0]!) - 1]];
    return beside.find((slot) => slot !== undefined && slot.rows === undefined);
  }

  private async pump(): Promise<void> {
    // Looking alone changes nothing: only what was read is told on.
    if (this.loading || this.error !== undefined || this.wanted() === undefined) return;
    this.loading = true;
    let asked: Slot<Row> | 'next' | undefined;
    while ((asked = this.wanted()) !== undefined) {
      try {
        this.take(asked, await this.ask(asked === 'next' ? this.tail : asked.cursor));
      } catch (error) {
        this.error = error;
        break;
      }
      this.changed();
    }
    this.loading = false;
    this.changed();
  }

  private take(asked: Slot<Row> | 'next', page: PageOf<Row>): void {
    let slot: Slot<Row>;
    if (asked === 'next') {
      slot = { cursor: this.tail, start: this.length, count: 0, rows: undefined, stale: false };
      this.slots.push(slot);
    } else slot = asked;
    const at = this.slots.indexOf(slot);
    slot.rows = page.rows;
    slot.count = page.rows.length;
    slot.stale = false;
    if (at === 0) {
      this.begun = true;
      this.firstWanted = false;
      this.total = page.total;
      this.moreThan = page.more;
    }
    const after = this.slots[at + 1];
    if (page.next === undefined || (page.rows.length === 0 && at > 0)) {
      this.slots.length = at + 1;
      this.tail = undefined;
      this.ended = true;
    } else if (after === undefined) {
      this.tail = page.next;
      this.ended = false;
    } else if (after.cursor !== page.next) {
      // Rows came or went above: the next page begins elsewhere now.
      after.cursor = page.next;
      after.stale = true;
      if (!this.inSight(after)) after.rows = undefined;
    }
    let start = 0;
    for (const each of this.slots) {
      each.start = start;
      start += each.count;
    }
  }

  private changed(): void {
    this.version += 1;
    for (const tell of this.listeners) tell();
  }
}
