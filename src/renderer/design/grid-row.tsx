/** One row of a grid, and what stands where rows are still awaited. */
import { memo, type MouseEvent as ReactMouseEvent, type ReactElement } from 'react';
import Button from '@mui/material/Button';
import { problemOf } from '../app/client.ts';
import type { GridSource } from './grid-source.ts';
import type { Column } from './grid-types.ts';

export function MoreRow({ index, rowHeight, refused }: { readonly index: number; readonly rowHeight: number; readonly refused: GridSource<never>['refused'] }): ReactElement {
  return (
    <div role="row" aria-rowindex={index + 2} className="row waiting-text" style={{ transform: `translateY(${index * rowHeight}px)` }}>
      <span role="gridcell">
        {refused === undefined ? (
          'Loading more…'
        ) : (
          <>
            {problemOf(refused.error).message} <Button sx={{ minHeight: 24, py: 0 }} onClick={() => refused.again()}>Try again</Button>
          </>
        )}
      </span>
    </div>
  );
}

interface RowProps<Row> {
  readonly id: string;
  readonly index: number;
  readonly row: Row;
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  readonly lefts: ReadonlyMap<string, number>;
  readonly top: number;
  readonly active: boolean;
  readonly picked: boolean | undefined;
  readonly pickable: boolean;
  readonly onPress: (event: ReactMouseEvent, at: number, row: Row) => void;
}

/** Drawn again only when something of its own changed; moving through the list draws two rows. */
export const GridRow = memo(function GridRow<Row>({ id, index, row, name, columns, lefts, top, active, picked, pickable, onPress }: RowProps<Row>): ReactElement {
  const lastPinned = [...lefts.keys()].at(-1);
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={picked ?? active}
      className={`row${active ? ' active' : ''}${picked === true ? ' picked' : ''}`}
      style={{ transform: `translateY(${top}px)` }}
      onMouseDown={(event) => {
        // Shift+click picks a stretch of rows; it must not mark text on the way.
        if (event.shiftKey) event.preventDefault();
      }}
      onClick={(event) => onPress(event, index, row)}
    >
      {picked !== undefined && (
        <div role="gridcell" className="box pinned" style={{ left: 0 }} data-pick>
          {pickable && <input type="checkbox" tabIndex={-1} checked={picked} readOnly aria-label={`Select ${name}`} />}
        </div>
      )}
      {columns.map((column) => {
        const left = lefts.get(column.id);
        const edge = left !== undefined && column.id === lastPinned ? ' lastpin' : '';
        return (
          <div key={column.id} role="gridcell" className={`cell${column.align === 'right' ? ' right' : ''}${left === undefined ? '' : ' pinned'}${edge}`} style={left === undefined ? undefined : { left }}>
            {column.cell(row)}
          </div>
        );
      })}
    </div>
  );
}) as <Row>(props: RowProps<Row>) => ReactElement;
