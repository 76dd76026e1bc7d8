/** What stands around a grid: its foot, and the sign that columns lie beyond its edge. */
import { useEffect, useState, type ReactElement, type ReactNode, type RefObject } from 'react';
import Box from '@mui/material/Box';
import { count, plural } from './formats.ts';
import { columnsBeyond } from './grid-keys.ts';

interface Beyond {
  /** Width and height of the scroll bars, which stay free. */
  readonly bar: number;
  readonly foot: number;
}

/** Whether columns stand to the right of what is in sight. */
export function useBeyond(scroller: RefObject<HTMLDivElement | null>, width: number): Beyond | undefined {
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
export function GridFoot({ read, total, hasMore, unit = ['row', 'rows'], children }: { readonly read: number; readonly total?: number | undefined; readonly hasMore: boolean; readonly unit?: readonly [one: string, many: string]; readonly children?: ReactNode }): ReactElement {
  const all = total ?? (hasMore ? undefined : read);
  return (
    <Box sx={(theme) => ({ display: 'flex', alignItems: 'center', gap: 2, color: theme.desk.muted, fontSize: '0.75rem', minHeight: 20 })}>
      <span aria-live="polite">{all === undefined ? `${count(read)} read, more below` : all === read ? plural(read, ...unit) : `${count(read)} of ${count(all)} read`}</span>
      <Box sx={{ flex: 1 }} />
      {children}
    </Box>
  );
}
