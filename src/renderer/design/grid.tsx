/**
 * A list of any length: the engine pages, the grid asks for the pages in sight and draws only their rows. Keys: j/k or arrows
 * move, x picks, Enter opens, Home/End and Page keys jump. Columns are arranged by the reader.
 */
import { memo, useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent as ReactKeyboardEvent, type MouseEvent as ReactMouseEvent, type ReactElement, type ReactNode } from 'react';
import ChevronRight from '@mui/icons-material/ChevronRight';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { problemOf } from '../app/client.ts';
import { isTyping } from '../app/typing.ts';
import { count } from './formats.ts';
import { GridHeader, type HeaderActions } from './grid-header.tsx';
import { nextIndex } from './grid-keys.ts';
import { defaultLayout, rowHeights, shownColumns, withWidth, type GridLayout } from './grid-layout.ts';
import { useBeyond } from './grid-parts.tsx';
import { gridStyle, headerHeight, templateOf } from './grid-style.ts';
import { sourceOfRows, type GridSource } from './grid-source.ts';
import { mostRows, rowsInSight, scrollFor } from './grid-window.ts';

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

interface Place {
  readonly scrollTop: number;
  readonly scrollLeft: number;
  readonly active: number;
}
const places = new Map<string, Place>();
/** Forgets where a list was left, so that it opens at its top. */
export const forgetPlace = (memory: string): void => void places.delete(memory);

export function DataGrid<Row extends object>(props: GridProps<Row>): ReactElement {
  const { label, columns, rowId, onOpen, total, mainList = false, selection, memory, onLayout, listKey } = props;
  const rowsGiven = props.rows;
  const { hasMore = false, loadingMore = false, onMore } = props;
  const source = useMemo(() => props.source ?? sourceOfRows(rowsGiven ?? [], hasMore, loadingMore, onMore), [props.source, rowsGiven, hasMore, loadingMore, onMore]);
  const layout = useMemo(() => props.layout ?? defaultLayout(columns), [props.layout, columns]);
  const rowHeight = rowHeights[layout.density];
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  // Read once: what is kept while the list stands must never move it.
  const [kept] = useState(() => (memory === undefined ? undefined : places.get(memory)));
  const [active, setActive] = useState(kept?.active ?? -1);
  const [view, setView] = useState({ top: kept?.scrollTop ?? 0, height: 800 });
  const length = Math.min(source.length, mostRows(rowHeight));
  const capped = length < source.length || (source.more && length === mostRows(rowHeight));
  const [sizing, setSizing] = useState<{ readonly id: string; readonly width: number } | undefined>();
  const boxes = selection !== undefined;
  const arranged = shownColumns(columns, layout);
  const sized = sizing === undefined ? layout : withWidth(layout, sizing.id, sizing.width);
  const { template, least, lefts: leftsNow } = templateOf(arranged, sized, boxes);
  // Rows are drawn again only when columns or the places of pinned ones changed, not for every width.
  const shown = useSame(arranged, `${arranged.map((c) => c.id).join()}`, columns);
  const lefts = useSame(leftsNow, [...leftsNow].join(), columns);
  const { first, end } = rowsInSight(view.top, view.height, rowHeight, length + (source.more && !capped ? 1 : 0));

  useEffect(() => source.look?.(first, end), [source, first, end]);

  useLayoutEffect(() => {
    const grid = scroller.current;
    if (grid === null || kept === undefined) return;
    grid.scrollTop = kept.scrollTop;
    grid.scrollLeft = kept.scrollLeft;
  }, [kept]);
  // Place and size of the box; a scroll within one row draws nothing.
  useLayoutEffect(() => {
    const grid = scroller.current;
    if (grid === null) return;
    const look = (): void => {
      const top = Math.floor(grid.scrollTop / rowHeight) * rowHeight;
      setView((was) => (was.top === top && was.height === grid.clientHeight ? was : { top, height: grid.clientHeight }));
    };
    look();
    const watch = new ResizeObserver(look);
    watch.observe(grid);
    grid.addEventListener('scroll', look, { passive: true });
    return () => {
      watch.disconnect();
      grid.removeEventListener('scroll', look);
    };
  }, [rowHeight]);
  const lastActive = useRef(active);
  lastActive.current = active;
  useEffect(() => {
    const grid = scroller.current;
    if (memory === undefined || grid === null) return;
    const keep = (): void => void places.set(memory, { scrollTop: grid.scrollTop, scrollLeft: grid.scrollLeft, active: lastActive.current });
    grid.addEventListener('scroll', keep, { passive: true });
    return () => grid.removeEventListener('scroll', keep);
  }, [memory]);
  const keepPlace = (at: number): void => {
    const grid = scroller.current;
    if (memory !== undefined && grid !== null) places.set(memory, { scrollTop: grid.scrollTop, scrollLeft: grid.scrollLeft, active: at });
  };

  const anchor = useRef(-1);
  const shownKey = useRef(listKey);
  useLayoutEffect(() => {
    if (shownKey.current === listKey) return;
    shownKey.current = listKey;
    anchor.current = -1;
    setActive((at) => (at < 0 ? -1 : 0));
    if (scroller.current !== null) scroller.current.scrollTop = 0;
    if (memory !== undefined) places.delete(memory);
  }, [listKey, memory]);

  const activate = useCallback(
    (next: number): void => {
      setActive(next);
      const grid = scroller.current;
      if (grid === null) return;
      const to = scrollFor(next, grid.scrollTop, grid.clientHeight - headerHeight, rowHeight);
      if (to !== undefined) grid.scrollTop = to;
    },
    [rowHeight],
  );
  const stretch = (from: number, to: number): void => {
    if (selection === undefined) return;
    const rows: Row[] = [];
    for (let at = Math.max(0, Math.min(from, to)); at <= Math.max(from, to); at++) {
      const row = source.at(at);
      if (row !== undefined && selection.selectable(row)) rows.push(row);
    }
    if (selection.stretch !== undefined) selection.stretch(rows, true);
    else for (const row of rows) if (!selection.chosen.has(rowId(row))) selection.toggle(row);
  };
  const pick = (at: number): void => {
    const row = source.at(at);
    if (selection === undefined || row === undefined || !selection.selectable(row)) return;
    selection.toggle(row);
    anchor.current = at;
  };

  const onKey = (event: KeyboardEvent | ReactKeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === 'Enter') {
      const row = source.at(active);
      if (row === undefined) return;
      event.preventDefault();
      keepPlace(active);
      onOpen(row);
      return;
    }
    if (selection !== undefined && active >= 0) {
      if (event.key === 'x') return pick(active);
      if (event.key === 'X') {
        stretch(anchor.current < 0 ? active : anchor.current, active);
        anchor.current = active;
        return;
      }
    }
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - headerHeight) / rowHeight) - 1);
    const next = nextIndex(event.key, active, length, page);
    if (next === undefined) return;
    event.preventDefault();
    if (event.shiftKey && selection !== undefined && active >= 0) {
      stretch(active, next);
      anchor.current = next;
    }
    activate(next);
  };
  const latestKey = useRef(onKey);
  latestKey.current = onKey;
  useEffect(() => {
    if (!mainList) return;
    const listen = (event: KeyboardEvent): void => {
      if (document.querySelector('[role="dialog"], [role="menu"]') !== null) return;
      if (!(event.target instanceof HTMLElement) || isTyping(event.target) || scroller.current?.contains(event.target) === true) return;
      // From a button only letters lead here; arrows, Enter and the rest are its own.
      const idle = event.target === document.body || event.target.id === 'main';
      if (!idle && !/^[jkxJKX]$/.test(event.key)) return;
      if (!idle && !event.ctrlKey && !event.metaKey && !event.altKey) scroller.current?.focus({ preventScroll: true });
      latestKey.current(event);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [mainList]);

  const press = useRef<(event: ReactMouseEvent, at: number, row: Row) => void>(() => undefined);
  press.current = (event, at, row) => {
    const box = event.target instanceof HTMLElement && event.target.closest('[data-pick]') !== null;
    if (selection !== undefined && event.shiftKey && anchor.current >= 0) stretch(anchor.current, at);
    else if (selection !== undefined && (box || event.ctrlKey || event.metaKey)) pick(at);
    else if (box || (window.getSelection()?.toString() ?? '') !== '') return;
    else {
      setActive(at);
      keepPlace(at);
      onOpen(row);
      return;
    }
    setActive(at);
    anchor.current = at;
  };
  const onPress = useCallback((event: ReactMouseEvent, at: number, row: Row) => press.current(event, at, row), []);

  const beyond = useBeyond(scroller, least);
  const activeHere = active >= first && active < Math.min(end, length) && source.at(active) !== undefined;
  const actions: HeaderActions = { layout, resizing: setSizing, ...(onLayout === undefined ? {} : { change: onLayout }) };
  const allState = selection === undefined ? 'none' : (selection.all ?? allOf(selection, source));
  return (
    <Box sx={{ position: 'relative', flex: 1, minHeight: 0, minWidth: 0, display: 'flex' }}>
      <Box
        ref={scroller}
        role="grid"
        aria-label={label}
        aria-rowcount={total === undefined ? -1 : total + 1}
        aria-colcount={shown.length + (boxes ? 1 : 0)}
        aria-busy={source.loading}
        {...(boxes ? { 'aria-multiselectable': true } : {})}
        tabIndex={0}
        {...(activeHere ? { 'aria-activedescendant': `${id}-${active}` } : {})}
        onKeyDown={(event) => {
          // Keys of the header are the header's.
          if (event.target === event.currentTarget || (event.target instanceof HTMLElement && event.target.closest('[role="columnheader"]') === null)) onKey(event);
        }}
        onFocus={(event) => {
          if (event.target === event.currentTarget) setActive((at) => (at < 0 && length > 0 ? 0 : at));
        }}
        sx={gridStyle}
        data-density={layout.density}
        data-list={listKey}
        style={{ ['--row-height' as string]: `${rowHeight}px`, ['--template' as string]: template }}
      >
        <GridHeader columns={shown} all={columns} lefts={lefts} least={least} actions={actions}>
          {selection !== undefined && (
            <div role="columnheader" className="box pinned" style={{ left: 0 }}>
              <label data-pick>
                <input
                  type="checkbox"
                  aria-label={selection.allLabel ?? 'Select all rows read so far'}
                  checked={allState === 'all'}
                  ref={(box) => {
                    if (box !== null) box.indeterminate = allState === 'some';
                  }}
                  onChange={selection.toggleAll}
                />
              </label>
            </div>
          )}
        </GridHeader>
        <div role="rowgroup" className="rows" style={{ height: (length + (source.more || capped ? 1 : 0)) * rowHeight, minWidth: least }}>
          {Array.from({ length: end - first }, (_, at) => {
            const index = first + at;
            const row = index < length ? source.at(index) : undefined;
            if (index >= length) return <MoreRow key="more" index={index} rowHeight={rowHeight} refused={source.refused} />;
            if (row === undefined) return <div key={`w${index}`} role="row" aria-rowindex={index + 2} className="row waiting" style={{ transform: `translateY(${index * rowHeight}px)` }}>{shown.map((c) => <div key={c.id} role="gridcell" className="cell"><span /></div>)}</div>;
            const key = rowId(row);
            const picked = selection === undefined ? undefined : (selection.has?.(row) ?? selection.chosen.has(key));
            return <GridRow key={key} id={`${id}-${index}`} index={index} row={row} name={key} columns={shown} lefts={lefts} top={index * rowHeight} active={index === active} picked={picked} pickable={selection?.selectable(row) ?? false} onPress={onPress} />;
          })}
          {capped && <div role="row" className="row waiting-text" style={{ transform: `translateY(${length * rowHeight}px)` }}><span role="gridcell">A list ends here after {count(length)} rows. Narrow it, or turn its order round to see the other end.</span></div>}
        </div>
      </Box>
      {beyond !== undefined && (
        <Box
          aria-hidden
          data-more-columns
          style={{ right: beyond.bar + 1, bottom: beyond.foot + 1 }}
          sx={(theme) => ({ position: 'absolute', top: 1, width: 44, zIndex: 5, pointerEvents: 'none', display: 'flex', justifyContent: 'flex-end', color: theme.desk.accentText, background: `linear-gradient(to right, transparent, ${theme.desk.surface} 75%)`, borderRight: `2px solid ${theme.desk.lineStrong}`, borderTopRightRadius: '7px' })}
        >
          <ChevronRight sx={{ fontSize: '1.125rem', mt: '7px' }} />
        </Box>
      )}
    </Box>
  );
}

/** The same object for as long as what it says stays the same. */
function useSame<T>(value: T, says: string, also: unknown): T {
  const held = useRef({ value, says, also });
  if (held.current.says !== says || held.current.also !== also) held.current = { value, says, also };
  return held.current.value;
}

/** Rows at hand only: a list is never read to its end for a tick in a box. */
function allOf<Row>(selection: Selection<Row>, source: GridSource<Row>): 'all' | 'some' | 'none' {
  if (selection.chosen.size === 0) return 'none';
  let selectable = 0;
  for (let at = 0; at < source.length; at++) {
    const row = source.at(at);
    if (row !== undefined && selection.selectable(row)) selectable += 1;
  }
  return selection.chosen.size >= selectable ? 'all' : 'some';
}

function MoreRow({ index, rowHeight, refused }: { readonly index: number; readonly rowHeight: number; readonly refused: GridSource<never>['refused'] }): ReactElement {
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
const GridRow = memo(function GridRow<Row>({ id, index, row, name, columns, lefts, top, active, picked, pickable, onPress }: RowProps<Row>): ReactElement {
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

export { GridFoot } from './grid-parts.tsx';
