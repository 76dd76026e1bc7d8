/** Where a grid takes its rows from: all of them at hand, or pages that come as they are reached and go when they are far away. */
export interface GridSource<Row> {
  /** How many rows are known so far. */
  readonly length: number;
  /** Undefined while the page of that row is not at hand. */
  at(index: number): Row | undefined;
  /** More rows follow. */
  readonly more: boolean;
  readonly loading: boolean;
  /** The reader looks at these rows: pages around them are wanted, others may go. */
  look?(first: number, end: number): void;
  /** Reading further was refused; `again` tries once more. */
  readonly refused?: { readonly error: unknown; again(): void } | undefined;
}

export function sourceOfRows<Row>(rows: readonly Row[], hasMore: boolean, loadingMore: boolean, onMore: (() => void) | undefined): GridSource<Row> {
  return {
    length: rows.length, at: (index) => rows[index], more: hasMore, loading: loadingMore,
    look: (_, end) => {
      if (hasMore && !loadingMore && end >= rows.length - 25) onMore?.();
    },
  };
}
