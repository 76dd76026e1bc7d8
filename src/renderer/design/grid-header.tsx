/**
 * The header row of a grid. Mouse: a click sorts, Shift+click adds to the order, a drag moves the column, its right edge changes
 * the width. Keys: arrows go along, Enter sorts, Shift+Enter adds, Ctrl+arrows move the column, Shift+arrows change its width,
 * arrow down opens everything as a menu.
 */
import { useRef, useState, type DragEvent, type KeyboardEvent, type PointerEvent, type ReactElement, type ReactNode } from 'react';
import Divider from '@mui/material/Divider';
import ListItemText from '@mui/material/ListItemText';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import ArrowDownward from '@mui/icons-material/ArrowDownward';
import ArrowUpward from '@mui/icons-material/ArrowUpward';
import ArrowDropDown from '@mui/icons-material/ArrowDropDown';
import PushPin from '@mui/icons-material/PushPin';
import { canMove, moveColumn, placeColumn, pressSort, toggleHidden, togglePinned, withSort, withWidth, type GridLayout } from './grid-layout.ts';
import type { Column } from './grid-types.ts';

export interface HeaderActions {
  readonly layout: GridLayout;
  /** Absent where the reader cannot arrange the list. */
  readonly change?: (layout: GridLayout) => void;
  /** While the edge of a column is dragged; undefined when it is let go. */
  readonly resizing: (size: { readonly id: string; readonly width: number } | undefined) => void;
}

const step = 16;

export function GridHeader<Row>({ columns, all, lefts, least, actions, children }: { readonly columns: readonly Column<Row>[]; readonly all: readonly Column<Row>[]; readonly lefts: ReadonlyMap<string, number>; readonly least: number; readonly actions: HeaderActions; readonly children?: ReactNode }): ReactElement {
  const { layout, change } = actions;
  const [at, setAt] = useState(0);
  const [menu, setMenu] = useState<{ readonly id: string; readonly anchor: HTMLElement } | undefined>();
  const [dragged, setDragged] = useState<string | undefined>();
  const [target, setTarget] = useState<string | undefined>();
  const sizing = useRef(false);
  const line = useRef<HTMLDivElement>(null);
  const cellOf = (id: string): HTMLElement | null => line.current?.querySelector<HTMLElement>(`[data-column="${CSS.escape(id)}"]`) ?? null;
  const focus = (index: number): void => {
    const column = columns[Math.max(0, Math.min(columns.length - 1, index))];
    if (column === undefined) return;
    setAt(columns.indexOf(column));
    cellOf(column.id)?.focus();
  };
  /** The focus follows a column that moves. */
  const keep = (id: string, next: GridLayout): void => {
    change?.(next);
    requestAnimationFrame(() => cellOf(id)?.focus());
  };
  const widthOf = (id: string): number => cellOf(id)?.offsetWidth ?? 120;

  const onKey = (event: KeyboardEvent, column: Column<Row>, index: number): void => {
    const side = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (event.altKey || event.metaKey) return;
    if (side !== 0) {
      event.preventDefault();
      event.stopPropagation();
      if (event.ctrlKey && change !== undefined) keep(column.id, moveColumn(all, layout, column.id, side));
      else if (event.shiftKey && change !== undefined) change(withWidth(layout, column.id, widthOf(column.id) + side * step));
      else focus(index + side);
    } else if (event.key === 'Home' || event.key === 'End') {
      event.preventDefault();
      event.stopPropagation();
      focus(event.key === 'Home' ? 0 : columns.length - 1);
    } else if ((event.key === 'Enter' || event.key === ' ') && column.sort !== undefined && change !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      change({ ...layout, sort: pressSort(layout.sort, column.sort, event.shiftKey) });
    } else if ((event.key === 'ArrowDown' || event.key === 'ContextMenu') && change !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      setMenu({ id: column.id, anchor: event.currentTarget as HTMLElement });
    }
  };

  const onSize = (event: PointerEvent<HTMLElement>, id: string): void => {
    event.preventDefault();
    event.stopPropagation();
    const handle = event.currentTarget;
    const from = event.clientX;
    const width = widthOf(id);
    let now = width;
    sizing.current = true;
    handle.setPointerCapture(event.pointerId);
    handle.classList.add('on');
    const move = (e: globalThis.PointerEvent): void => {
      now = Math.max(40, width + e.clientX - from);
      actions.resizing({ id, width: now });
    };
    const end = (): void => {
      handle.removeEventListener('pointermove', move);
      handle.removeEventListener('pointerup', end);
      handle.removeEventListener('pointercancel', end);
      handle.classList.remove('on');
      actions.resizing(undefined);
      if (now !== width) change?.(withWidth(layout, id, now));
      // The click that ends the drag must not sort.
      setTimeout(() => {
        sizing.current = false;
      }, 0);
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('pointerup', end);
    handle.addEventListener('pointercancel', end);
  };

  const drop = (event: DragEvent): void => {
    event.preventDefault();
    if (dragged !== undefined && target !== undefined) change?.(placeColumn(all, layout, dragged, target));
    setDragged(undefined);
    setTarget(undefined);
  };
  const lastPinned = [...lefts.keys()].at(-1);
  const open = menu === undefined ? undefined : columns.find((c) => c.id === menu.id);
  return (
    <div role="rowgroup" className="head" style={{ minWidth: least }}>
      <div role="row" aria-rowindex={1} className="line" ref={line}>
        {children}
        {columns.map((column, index) => {
          const rank = layout.sort.findIndex((key) => key.by === column.sort);
          const key = column.sort === undefined ? undefined : layout.sort[rank];
          const sortable = column.sort !== undefined && change !== undefined;
          const left = lefts.get(column.id);
          const Arrow = key?.direction === 'desc' ? ArrowDownward : ArrowUpward;
          return (
            <div
              key={column.id}
              role="columnheader"
              data-column={column.id}
              {...(sortable ? { 'aria-sort': key === undefined ? ('none' as const) : key.direction === 'asc' ? ('ascending' as const) : ('descending' as const) } : {})}
              tabIndex={change === undefined ? undefined : index === Math.min(at, columns.length - 1) ? 0 : -1}
              {...(change === undefined ? {} : { 'aria-haspopup': 'menu' as const })}
              draggable={change !== undefined}
              title={column.hint}
              className={[sortable && 'sortable', key !== undefined && 'sorted', column.align === 'right' && 'right', left !== undefined && 'pinned', column.id === lastPinned && 'lastpin', column.id === dragged && 'dragged', column.id === target && 'target'].filter(Boolean).join(' ')}
              style={left === undefined ? undefined : { left }}
              onFocus={() => setAt(index)}
              onKeyDown={(event) => {
                if (event.target === event.currentTarget) onKey(event, column, index);
              }}
              onClick={(event) => {
                if (sizing.current || column.sort === undefined || change === undefined) return;
                change({ ...layout, sort: pressSort(layout.sort, column.sort, event.shiftKey) });
              }}
              onContextMenu={(event) => {
                if (change === undefined) return;
                event.preventDefault();
                setMenu({ id: column.id, anchor: event.currentTarget });
              }}
              onDragStart={(event) => {
                if (sizing.current) return event.preventDefault();
                event.dataTransfer.effectAllowed = 'move';
                event.dataTransfer.setData('text/plain', column.name);
                setDragged(column.id);
              }}
              onDragOver={(event) => {
                if (dragged === undefined) return;
                event.preventDefault();
                setTarget(column.id);
              }}
              onDragEnd={() => {
                setDragged(undefined);
                setTarget(undefined);
              }}
              onDrop={drop}
            >
              {left !== undefined && <PushPin aria-label="Pinned" role="img" sx={{ fontSize: '0.75rem', flex: 'none' }} />}
              <span className="name">{column.name}</span>
              {key !== undefined && <Arrow aria-hidden className="arrow" />}
              {key !== undefined && layout.sort.length > 1 && <span className="rank" aria-label={`${rank + 1}. key of the order`} role="img">{rank + 1}</span>}
              {change !== undefined && (
                <ArrowDropDown
                  aria-hidden
                  className="more"
                  onClick={(event) => {
                    event.stopPropagation();
                    const cell = event.currentTarget.closest<HTMLElement>('[role="columnheader"]');
                    if (cell !== null) setMenu({ id: column.id, anchor: cell });
                  }}
                />
              )}
              {change !== undefined && (
                <span
                  aria-hidden
                  className="size"
                  onPointerDown={(event) => onSize(event, column.id)}
                  onClick={(event) => event.stopPropagation()}
                  onDoubleClick={(event) => {
                    event.stopPropagation();
                    change(withWidth(layout, column.id, undefined));
                  }}
                />
              )}
            </div>
          );
        })}
      </div>
      {change !== undefined && menu !== undefined && open !== undefined && (
        <ColumnMenu
          column={open}
          anchor={menu.anchor}
          layout={layout}
          canLeft={canMove(all, layout, open.id, -1)}
          canRight={canMove(all, layout, open.id, 1)}
          onClose={() => setMenu(undefined)}
          onMove={(by) => keep(open.id, moveColumn(all, layout, open.id, by))}
          onWidth={(by) => change(withWidth(layout, open.id, by === undefined ? undefined : widthOf(open.id) + by))}
          change={change}
        />
      )}
    </div>
  );
}

interface MenuProps<Row> {
  readonly column: Column<Row>;
  readonly anchor: HTMLElement;
  readonly layout: GridLayout;
  readonly canLeft: boolean;
  readonly canRight: boolean;
  readonly onClose: () => void;
  readonly onMove: (by: -1 | 1) => void;
  readonly onWidth: (by: number | undefined) => void;
  readonly change: (layout: GridLayout) => void;
}

function ColumnMenu<Row>({ column, anchor, layout, canLeft, canRight, onClose, onMove, onWidth, change }: MenuProps<Row>): ReactElement {
  const by = column.sort;
  const pinned = layout.pinned.includes(column.id);
  const others = layout.sort.some((key) => key.by !== by);
  const item = (name: string, run: () => void, keys?: string, disabled = false): ReactElement => (
    <MenuItem
      key={name}
      disabled={disabled}
      onClick={() => {
        onClose();
        run();
      }}
    >
      <ListItemText disableTypography>{name}</ListItemText>
      {keys !== undefined && <span style={{ marginLeft: 24, fontSize: '0.75rem', opacity: 0.8 }}>{keys}</span>}
    </MenuItem>
  );
  const sort = (direction: 'asc' | 'desc', add: boolean) => () => change({ ...layout, sort: by === undefined ? layout.sort : withSort(layout.sort, by, direction, add) });
  return (
    <Menu open anchorEl={anchor} onClose={onClose} slotProps={{ list: { dense: true, 'aria-label': `Column ${column.name}` } }}>
      {by !== undefined && [
        item('Sort upwards', sort('asc', false), 'Enter'),
        item('Sort downwards', sort('desc', false)),
        ...(others ? [item('Then by this, upwards', sort('asc', true), 'Shift+Enter'), item('Then by this, downwards', sort('desc', true))] : []),
        ...(layout.sort.length > 0 ? [item('No order of its own', () => change({ ...layout, sort: [] }))] : []),
        <Divider key="after-sort" />,
      ]}
      {item('Move left', () => onMove(-1), 'Ctrl+←', !canLeft)}
      {item('Move right', () => onMove(1), 'Ctrl+→', !canRight)}
      {item(pinned ? 'Let go from the left' : 'Keep at the left', () => change(togglePinned(layout, column.id)))}
      <Divider />
      {item('Wider', () => onWidth(step * 2), 'Shift+→')}
      {item('Narrower', () => onWidth(-step * 2), 'Shift+←')}
      {item('Own width', () => onWidth(undefined), undefined, layout.widths[column.id] === undefined)}
      {column.always !== true && <Divider />}
      {column.always !== true && item('Hide column', () => change(toggleHidden(layout, column.id)))}
    </Menu>
  );
}
