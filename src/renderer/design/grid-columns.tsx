/** The columns of a list: which, in which order, which stay at the left, and how tall rows are. Kept per list. */
import { useCallback, useMemo, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import Popover from '@mui/material/Popover';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Tooltip from '@mui/material/Tooltip';
import ArrowDownward from '@mui/icons-material/ArrowDownward';
import ArrowUpward from '@mui/icons-material/ArrowUpward';
import PushPin from '@mui/icons-material/PushPin';
import PushPinOutlined from '@mui/icons-material/PushPinOutlined';
import ViewColumnOutlined from '@mui/icons-material/ViewColumnOutlined';
import { canMove, columnsText, defaultLayout, moveColumn, placeColumn, readColumns, readSort, shownColumns, sortText, toggleHidden, togglePinned, type ColumnTraits, type GridLayout } from './grid-layout.ts';
import type { Column } from './grid-types.ts';

export interface ArrangedList {
  readonly layout: GridLayout;
  readonly onLayout: (layout: GridLayout) => void;
}

export function ColumnChooser<Row>({ columns, arranged: { layout, onLayout } }: { readonly columns: readonly Column<Row>[]; readonly arranged: ArrangedList }): ReactElement {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [dragged, setDragged] = useState<string | undefined>();
  const [target, setTarget] = useState<string | undefined>();
  const shown = shownColumns(columns, layout);
  const hidden = layout.order.map((id) => columns.find((c) => c.id === id)).filter((c) => c !== undefined && !shown.includes(c)) as Column<Row>[];
  const move = (event: React.KeyboardEvent | undefined, id: string, by: -1 | 1): void => {
    event?.preventDefault();
    onLayout(moveColumn(columns, layout, id, by));
  };
  const line = (column: Column<Row>, on: boolean): ReactElement => {
    const pinned = layout.pinned.includes(column.id);
    return (
      <Box
        component="li"
        key={column.id}
        draggable={on}
        onDragStart={() => setDragged(column.id)}
        onDragOver={(event: React.DragEvent) => {
          if (dragged === undefined || !on) return;
          event.preventDefault();
          setTarget(column.id);
        }}
        onDragEnd={() => {
          setDragged(undefined);
          setTarget(undefined);
        }}
        onDrop={() => {
          if (dragged !== undefined) onLayout(placeColumn(columns, layout, dragged, column.id));
          setDragged(undefined);
          setTarget(undefined);
        }}
        sx={(theme) => ({ display: 'flex', alignItems: 'center', gap: '2px', minHeight: 28, pl: '10px', pr: '6px', borderTop: `2px solid ${target === column.id ? theme.desk.accent : 'transparent'}`, '&:hover': { background: theme.desk.hover }, '& .MuiIconButton-root': { p: '3px', minWidth: 24, minHeight: 24 } })}
      >
        <Box component="label" sx={{ flex: 1, display: 'flex', alignItems: 'center', gap: '8px', minHeight: 26, cursor: column.always === true ? 'default' : 'pointer' }}>
          <Box
            component="input"
            type="checkbox"
            checked={on}
            disabled={column.always === true}
            onChange={() => onLayout(toggleHidden(layout, column.id))}
            onKeyDown={(event: React.KeyboardEvent) => {
              if (event.ctrlKey && event.key === 'ArrowUp') move(event, column.id, -1);
              if (event.ctrlKey && event.key === 'ArrowDown') move(event, column.id, 1);
            }}
            sx={(theme) => ({ width: 15, height: 15, m: 0, accentColor: theme.desk.accent })}
          />
          {column.name}
        </Box>
        {on && (
          <>
            <IconButton aria-label={`Move ${column.name} up`} disabled={!canMove(columns, layout, column.id, -1)} onClick={() => move(undefined, column.id, -1)}>
              <ArrowUpward sx={{ fontSize: '0.9rem' }} />
            </IconButton>
            <IconButton aria-label={`Move ${column.name} down`} disabled={!canMove(columns, layout, column.id, 1)} onClick={() => move(undefined, column.id, 1)}>
              <ArrowDownward sx={{ fontSize: '0.9rem' }} />
            </IconButton>
            <Tooltip title={pinned ? 'Stays at the left' : 'Keep at the left'}>
              <IconButton aria-label={`Keep ${column.name} at the left`} aria-pressed={pinned} onClick={() => onLayout(togglePinned(layout, column.id))}>
                {pinned ? <PushPin sx={(theme) => ({ fontSize: '0.9rem', color: theme.desk.accent })} /> : <PushPinOutlined sx={{ fontSize: '0.9rem' }} />}
              </IconButton>
            </Tooltip>
          </>
        )}
      </Box>
    );
  };
  return (
    <>
      <Button variant="outlined" startIcon={<ViewColumnOutlined />} aria-haspopup="dialog" aria-expanded={anchor !== null} onClick={(event) => setAnchor(event.currentTarget)}>
        Columns
      </Button>
      <Popover open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)} anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }} transformOrigin={{ vertical: 'top', horizontal: 'right' }} slotProps={{ paper: { role: 'dialog', 'aria-label': 'Columns', sx: { width: 320, maxHeight: '76vh', display: 'flex', flexDirection: 'column' } } }}>
        <Box sx={(theme) => ({ display: 'flex', alignItems: 'center', gap: 1, p: '8px 10px', borderBottom: `1px solid ${theme.desk.line}` })}>
          <ToggleButtonGroup exclusive size="small" value={layout.density} aria-label="Height of rows" onChange={(_, density: GridLayout['density'] | null) => density !== null && onLayout({ ...layout, density })} sx={{ '& .MuiToggleButton-root': { py: '2px', px: '10px' } }}>
            <ToggleButton value="compact">Compact</ToggleButton>
            <ToggleButton value="comfortable">Comfortable</ToggleButton>
          </ToggleButtonGroup>
          <Box sx={{ flex: 1 }} />
          <Button onClick={() => onLayout({ ...defaultLayout(columns), sort: layout.sort })}>Reset</Button>
        </Box>
        <Box sx={{ overflow: 'auto', py: '4px' }}>
          <Box component="ul" aria-label="Shown columns, in their order" sx={{ listStyle: 'none', m: 0, p: 0 }}>
            {shown.map((column) => line(column, true))}
          </Box>
          {hidden.length > 0 && <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', p: '8px 10px 2px' })}>Not shown</Box>}
          <Box component="ul" aria-label="Hidden columns" sx={{ listStyle: 'none', m: 0, p: 0 }}>
            {hidden.map((column) => line(column, false))}
          </Box>
        </Box>
      </Popover>
    </>
  );
}

/** What is kept of a list between windows. */
function keptLayout(list: string, columns: readonly ColumnTraits[]): GridLayout {
  const fresh = defaultLayout(columns);
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(`desk.grid.${list}`) ?? 'null');
    if (typeof kept === 'object' && kept !== null) {
      const { columns: text, sort, rows } = kept as Record<string, unknown>;
      return { ...fresh, ...(typeof text === 'string' && text !== '' ? readColumns(columns, text) : {}), sort: typeof sort === 'string' ? readSort(columns, sort) : [], density: rows === 'comfortable' ? 'comfortable' : 'compact' };
    }
    // Choices of the first release: which columns, nothing else.
    const old: unknown = JSON.parse(localStorage.getItem(`desk.columns.${list}`) ?? 'null');
    if (typeof old !== 'object' || old === null) return fresh;
    const shown = old as Record<string, unknown>;
    return { ...fresh, hidden: columns.filter((c) => c.always !== true && (typeof shown[c.id] === 'boolean' ? shown[c.id] === false : c.optional === true)).map((c) => c.id) };
  } catch {
    return fresh; // unreadable or forbidden storage: the list still opens with its own columns
  }
}

export function keepLayout(list: string, columns: readonly ColumnTraits[], layout: GridLayout): void {
  try {
    localStorage.setItem(`desk.grid.${list}`, JSON.stringify({ columns: columnsText(columns, layout), sort: sortText(layout.sort), rows: layout.density }));
  } catch {
    // storage is forbidden here; the choice lasts as long as the window
  }
}

/** The arrangement of a list, kept per list. */
export function useArranged<Row>(list: string, columns: readonly Column<Row>[]): ArrangedList {
  const [layout, set] = useState(() => keptLayout(list, columns));
  const onLayout = useCallback(
    (next: GridLayout): void => {
      set(next);
      keepLayout(list, columns, next);
    },
    [list, columns],
  );
  return useMemo(() => ({ layout, onLayout }), [layout, onLayout]);
}
