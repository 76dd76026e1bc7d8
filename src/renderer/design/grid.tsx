/**
 * A list of any length: the engine pages, the grid asks for the next page as the reader comes near it and draws only the rows
 * in sight. Keys: j/k or arrows move, Enter opens, Home/End and Page keys jump.
 */
import { useCallback, useEffect, useId, useMemo, useRef, useState, type ReactElement, type ReactNode, type RefObject } from 'react';
import ChevronRight from '@mui/icons-material/ChevronRight';
import Box from '@mui/material/Box';
import Checkbox from '@mui/material/Checkbox';
import { columnVisibilityFeature, tableFeatures, useTable, type ColumnDef } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { rowHeight } from './tokens.ts';
import { count } from './formats.ts';
import { columnsBeyond, nextIndex } from './grid-keys.ts';

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
}

/** Rows a reader picks for one action on all of them. */
export interface Selection<Row> {
  readonly chosen: ReadonlySet<string>;
  toggle(row: Row): void;
  /** All rows read so far, or none. */
  toggleAll(): void;
  /** Rows that no action could take have no box. */
  selectable(row: Row): boolean;
}

export interface GridProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowId: (row: Row) => string;
  readonly onOpen: (row: Row) => void;
  readonly visibility?: Readonly<Record<string, boolean>>;
  readonly total?: number | undefined;
  readonly hasMore?: boolean;
  readonly loadingMore?: boolean;
  readonly onMore?: () => void;
  /** Keys also work while nothing else has the focus. */
  readonly mainList?: boolean;
  readonly selection?: Selection<Row>;
}

const features = tableFeatures({ columnVisibilityFeature });
const nearEnd = 25;
const boxWidth = 34;

export function DataGrid<Row extends object>(props: GridProps<Row>): ReactElement {
  const { label, columns, rows, rowId, onOpen, visibility, total, hasMore = false, loadingMore = false, onMore, mainList = false, selection } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(-1);
  const definitions = useMemo(() => columns.map((column) => ({ id: column.id, header: column.name, accessorFn: (row: Row) => row }) as ColumnDef<typeof features, Row>), [columns]);
  const table = useTable({ features, columns: definitions, data: rows as Row[], getRowId: rowId, state: { columnVisibility: visibility ?? {} } });
  const shownIds = table.getVisibleLeafColumns().map((c) => c.id);
  const shown = columns.filter((c) => shownIds.includes(c.id));
  const model = table.getRowModel().rows;

  const virtual = useVirtualizer({ count: model.length + (hasMore ? 1 : 0), getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12, paddingStart: 0 });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !loadingMore && last >= model.length - nearEnd) onMore?.();
  }, [hasMore, loadingMore, last, model.length, onMore]);

  const onKey = useCallback(
    (event: KeyboardEvent | React.KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.key === 'Enter') {
        const row = rows[active];
        if (row !== undefined) {
          event.preventDefault();
          onOpen(row);
        }
        return;
      }
      const current = rows[active];
      if (event.key === 'x' && selection !== undefined && current !== undefined) {
        if (selection.selectable(current)) selection.toggle(current);
        return;
      }
      const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
      const next = nextIndex(event.key, active, rows.length, page);
      if (next === undefined) return;
      event.preventDefault();
      setActive(next);
      virtual.scrollToIndex(next, { align: 'auto' });
    },
    [active, rows, onOpen, virtual, selection],
  );
  useEffect(() => {
    if (!mainList) return;
    const listen = (event: KeyboardEvent): void => {
      if (event.target === document.body || (event.target instanceof HTMLElement && event.target.id === 'main')) onKey(event);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [mainList, onKey]);

  const template = `${selection === undefined ? '' : `${boxWidth}px `}${shown.map((c) => `minmax(${c.width}px, ${c.grow ?? c.width}fr)`).join(' ')}`;
  const least = shown.reduce((sum, c) => sum + c.width, 0) + 24 + (selection === undefined ? 0 : boxWidth);
  const selectable = selection === undefined ? 0 : rows.filter((row) => selection.selectable(row)).length;
  const beyond = useBeyond(scroller, least);
  const activeRow = active >= 0 && active < rows.length ? `${id}-${active}` : undefined;
  return (
    <Box sx={{ position: 'relative', flex: 1, minHeight: 0, minWidth: 0, display: 'flex' }}>
      <Box
        ref={scroller}
        role="grid"
        aria-label={label}
        aria-rowcount={total === undefined ? -1 : total + 1}
        aria-colcount={shown.length + (selection === undefined ? 0 : 1)}
        aria-busy={loadingMore}
        tabIndex={0}
        {...(activeRow === undefined ? {} : { 'aria-activedescendant': activeRow })}
        onKeyDown={onKey}
        onFocus={() => setActive((at) => (at < 0 && rows.length > 0 ? 0 : at))}
        sx={(theme) => ({ flex: 1, minHeight: 0, minWidth: 0, overflow: 'auto', background: theme.desk.surface, border: `1px solid ${theme.desk.line}`, borderRadius: '8px', position: 'relative', '&:focus-visible': { outlineOffset: -2 }, '&:focus [aria-selected="true"]': { boxShadow: `inset 2px 0 0 ${theme.desk.accent}` } })}
      >
        <Box role="rowgroup" sx={(theme) => ({ position: 'sticky', top: 0, zIndex: 2, background: theme.desk.surface, minWidth: least, borderBottom: `1px solid ${theme.desk.line}` })}>
          <Box role="row" aria-rowindex={1} sx={{ display: 'grid', gridTemplateColumns: template, px: '12px', height: 32, alignItems: 'center' }}>
            {selection !== undefined && (
              <Box role="columnheader">
                <Checkbox size="small" checked={selectable > 0 && selection.chosen.size >= selectable} indeterminate={selection.chosen.size > 0 && selection.chosen.size < selectable} disabled={selectable === 0} onChange={selection.toggleAll} sx={{ p: '3px' }} slotProps={{ input: { 'aria-label': 'Select all rows read so far' } }} />
              </Box>
            )}
            {shown.map((column) => (
              <Box key={column.id} role="columnheader" sx={(theme) => ({ pr: '14px', fontSize: '0.75rem', fontWeight: 500, color: theme.desk.muted, whiteSpace: 'nowrap', textAlign: column.align ?? 'left' })}>
                {column.name}
              </Box>
            ))}
          </Box>
        </Box>
        <Box role="rowgroup" sx={{ position: 'relative', minWidth: least }} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const entry = model[item.index];
            const place = { height: rowHeight, transform: `translateY(${item.start}px)` };
            if (entry === undefined) {
              return (
                <Box key="more" role="row" aria-rowindex={item.index + 2} style={place} sx={(theme) => ({ position: 'absolute', insetInline: 0, top: 0, px: '12px', display: 'flex', alignItems: 'center', color: theme.desk.muted })}>
                  <span role="gridcell">Loading more…</span>
                </Box>
              );
            }
            return (
              <Box
                key={entry.id}
                id={`${id}-${item.index}`}
                role="row"
                aria-rowindex={item.index + 2}
                aria-selected={item.index === active}
                style={place}
                onClick={() => {
                  setActive(item.index);
                  onOpen(entry.original);
                }}
                sx={(theme) => ({
                  position: 'absolute', insetInline: 0, top: 0, px: '12px', display: 'grid', gridTemplateColumns: template, alignItems: 'center', cursor: 'pointer',
                  borderBottom: `1px solid ${theme.desk.line}`, background: item.index === active ? theme.desk.selected : 'transparent', '&:hover': { background: item.index === active ? theme.desk.selected : theme.desk.hover },
                })}
              >
                {selection !== undefined && (
                  <Box role="gridcell" onClick={(event) => event.stopPropagation()}>
                    {selection.selectable(entry.original) && <Checkbox size="small" checked={selection.chosen.has(rowId(entry.original))} onChange={() => selection.toggle(entry.original)} sx={{ p: '3px' }} slotProps={{ input: { 'aria-label': `Select ${rowId(entry.original)}`, tabIndex: -1 } }} />}
                  </Box>
                )}
                {shown.map((column) => (
                  <Box key={column.id} role="gridcell" sx={{ pr: '14px', minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', textAlign: column.align ?? 'left' }}>
                    {column.cell(entry.original)}
                  </Box>
                ))}
              </Box>
            );
          })}
        </Box>
      </Box>
      {beyond !== undefined && (
        <Box
          aria-hidden
          data-more-columns
          style={{ right: beyond.bar + 1, bottom: beyond.foot + 1 }}
          sx={(theme) => ({ position: 'absolute', top: 1, width: 44, zIndex: 3, pointerEvents: 'none', display: 'flex', justifyContent: 'flex-end', color: theme.desk.accentText, background: `linear-gradient(to right, transparent, ${theme.desk.surface} 75%)`, borderRight: `2px solid ${theme.desk.lineStrong}`, borderTopRightRadius: '7px' })}
        >
          <ChevronRight sx={{ fontSize: '1.125rem', mt: '7px' }} />
        </Box>
      )}
    </Box>
  );
}

interface Beyond {
  /** Width and height of the scroll bars, which stay free. */
  readonly bar: number;
  readonly foot: number;
}

/** Whether columns stand to the right of what is in sight. */
function useBeyond(scroller: RefObject<HTMLDivElement | null>, width: number): Beyond | undefined {
  const [beyond, setBeyond] = useState<Beyond | undefined>();
  useEffect(() => {
    const grid = scroller.current;
    if (grid === null) return;
    const look = (): void => {
      const more = columnsBeyond(grid);
      const bar = grid.offsetWidth - grid.clientWidth - 2;
      const foot = grid.offsetHeight - grid.clientHeight - 2;
      setBeyond((before) => (!more ? undefined : before?.bar === bar && before.foot === foot ? before : { bar, foot }));
    };
    look();
    const watch = new ResizeObserver(look);
    watch.observe(grid);
    grid.addEventListener('scroll', look, { passive: true });
    return () => {
      watch.disconnect();
      grid.removeEventListener('scroll', look);
    };
  }, [scroller, width]);
  return beyond;
}

/** `1,204 of 1,000,000 read`: what is under the grid. */
export function GridFoot({ read, total, hasMore, children }: { readonly read: number; readonly total?: number | undefined; readonly hasMore: boolean; readonly children?: ReactNode }): ReactElement {
  const all = total ?? (hasMore ? undefined : read);
  return (
    <Box sx={(theme) => ({ display: 'flex', alignItems: 'center', gap: 2, color: theme.desk.muted, fontSize: '0.75rem', minHeight: 20 })}>
      <span aria-live="polite">{all === undefined ? `${count(read)} read, more below` : all === read ? count(read) + (read === 1 ? ' row' : ' rows') : `${count(read)} of ${count(all)} read`}</span>
      <Box sx={{ flex: 1 }} />
      {children}
    </Box>
  );
}
