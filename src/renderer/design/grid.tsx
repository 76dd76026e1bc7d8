/**
 * A list of any length: the engine pages, the grid asks for the pages in sight and draws only their rows. Keys: j/k or arrows
 * move, x picks, Enter opens, Home/End and Page keys jump. Columns are arranged by the reader.
 */
import { useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent as ReactKeyboardEvent, type MouseEvent as ReactMouseEvent, type ReactElement } from 'react';
import ChevronRight from '@mui/icons-material/ChevronRight';
import Box from '@mui/material/Box';
import { isTyping, layerOpen } from '../app/typing.ts';
import { count } from './formats.ts';
import { GridHeader, type HeaderActions } from './grid-header.tsx';
import { nextIndex } from './grid-keys.ts';
import { defaultLayout, rowHeights, shownColumns, withWidth } from './grid-layout.ts';
import { useBeyond } from './grid-parts.tsx';
import { forgetPlace, usePlace, useView } from './grid-place.ts';
import { GridRow, MoreRow } from './grid-row.tsx';
import { gridStyle, headerHeight, templateOf } from './grid-style.ts';
import { sourceOfRows, type GridSource } from './grid-source.ts';
import { mostRows, rowsInSight, scrollFor } from './grid-window.ts';
import type { GridProps, Selection } from './grid-types.ts';

export function DataGrid<Row extends object>(props: GridProps<Row>): ReactElement {
  const { label, columns, rowId, onOpen, total, mainList = false, selection, memory, onLayout, listKey } = props;
  const rowsGiven = props.rows;
  const { hasMore = false, loadingMore = false, onMore } = props;
  const source = useMemo(() => props.source ?? sourceOfRows(rowsGiven ?? [], hasMore, loadingMore, onMore), [props.source, rowsGiven, hasMore, loadingMore, onMore]);
  const layout = useMemo(() => props.layout ?? defaultLayout(columns), [props.layout, columns]);
  const rowHeight = rowHeights[layout.density];
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const at = useRef(-1);
  const { kept, keep: keepPlace } = usePlace(scroller, memory, () => at.current);
  const [active, setActive] = useState(kept?.active ?? -1);
  at.current = active;
  const view = useView(scroller, rowHeight, kept?.scrollTop ?? 0);
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

  const anchor = useRef(-1);
  const shownKey = useRef(listKey);
  useLayoutEffect(() => {
    if (shownKey.current === listKey) return;
    shownKey.current = listKey;
    anchor.current = -1;
    setActive((at) => (at < 0 ? -1 : 0));
    if (scroller.current !== null) scroller.current.scrollTop = 0;
    if (memory !== undefined) forgetPlace(memory);
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
      if (layerOpen(event.target)) return;
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

export { GridFoot } from './grid-parts.tsx';
export type { Column, GridProps, Selection } from './grid-types.ts';
