/** What a grid is told: its columns, what may be picked, where rows come from. */
import type { ReactNode } from 'react';
import type { GridLayout } from './grid-layout.ts';
import type { GridSource } from './grid-source.ts';

export interface Column<Row> {
  readonly id: string;
  readonly name: string;
  /** Least width in pixels; what is left over is shared in the same proportions. */
  readonly width: number;
  /** Its part of what is left over, where that is not in proportion to its width. */
  readonly grow?: number;
  readonly cell: (row: Row) => ReactNode;
  readonly align?: 'right';
  /** Not shown until the reader asks for it. */
  readonly optional?: boolean;
  /** Never offered for hiding: the row would lose its name. */
  readonly always?: boolean;
  /** Name under which the engine sorts by this column. */
  readonly sort?: string;
  /** What the column says, where its name alone does not. */
  readonly hint?: string;
}

/** Rows a reader picks for one action on all of them. */
export interface Selection<Row> {
  readonly chosen: ReadonlySet<string>;
  toggle(row: Row): void;
  /** All rows read so far, or none. */
  toggleAll(): void;
  /** Rows that no action could take have no box. */
  selectable(row: Row): boolean;
  /** Picks a stretch of rows, or lets it go. */
  stretch?(rows: readonly Row[], on: boolean): void;
  /** Whether a row is picked, where `chosen` alone does not say it. */
  has?(row: Row): boolean;
  /** State of the box in the header, where it is not told by `chosen`. */
  readonly all?: 'all' | 'some' | 'none';
  readonly allLabel?: string;
}

export interface GridProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows?: readonly Row[];
  readonly source?: GridSource<Row>;
  readonly rowId: (row: Row) => string;
  readonly onOpen: (row: Row) => void;
  readonly layout?: GridLayout | undefined;
  readonly onLayout?: ((layout: GridLayout) => void) | undefined;
  readonly total?: number | undefined;
  readonly hasMore?: boolean;
  readonly loadingMore?: boolean;
  readonly onMore?: () => void;
  /** Keys also work while nothing else has the focus. */
  readonly mainList?: boolean;
  readonly selection?: Selection<Row>;
  /** Under this name place and active row come back when the reader does. */
  readonly memory?: string | undefined;
  /** Another key is another list: it is shown from its top. */
  readonly listKey?: string;
}
