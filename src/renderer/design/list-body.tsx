/** A paged list with all its states: loading, refused, empty, empty by filter, rows. */
import { useCallback, useMemo, type ReactElement, type ReactNode } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import FilterListOff from '@mui/icons-material/FilterListOff';
import Refresh from '@mui/icons-material/Refresh';
import type { useDeskPages } from '../app/queries.ts';
import type { ArrangedList } from './grid-columns.tsx';
import { DataGrid, GridFoot, type Column, type Selection } from './grid.tsx';
import { Empty, LoadingRows, Problem } from './states.tsx';
import { tooDeepToReload } from '../app/staleness.ts';

interface ListBodyProps<Row extends object> {
  readonly label: string;
  /** What one of its rows is, and many are: `batch`, `batches`. */
  readonly unit?: readonly [one: string, many: string];
  readonly pages: ReturnType<typeof useDeskPages<Row>>;
  readonly columns: readonly Column<Row>[];
  readonly arranged?: ArrangedList;
  readonly rowId: (row: Row) => string;
  readonly onOpen: (row: Row) => void;
  readonly filtered: boolean;
  readonly onClearFilters: () => void;
  readonly empty: ReactNode;
  readonly foot?: ReactNode;
  readonly selection?: Selection<Row>;
}

export function ListBody<Row extends object>({ label, unit, pages, columns, arranged, rowId, onOpen, filtered, onClearFilters, empty, foot, selection }: ListBodyProps<Row>): ReactElement {
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.rows) ?? [], [pages.data]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = pages;
  const onMore = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const total = pages.data?.pages[0]?.total;
  if (pages.isError && rows.length === 0) return <Framed><Problem error={pages.error} what={label} retry={() => void pages.refetch()} /></Framed>;
  if (pages.data === undefined) return <Framed><LoadingRows rows={14} /></Framed>;
  if (rows.length === 0) {
    return (
      <Framed>
        {filtered ? (
          <Empty icon={FilterListOff} title="Nothing fits these filters" actions={<Button variant="outlined" onClick={onClearFilters}>Remove all filters</Button>}>
            The list itself is not empty.
          </Empty>
        ) : (
          empty
        )}
      </Framed>
    );
  }
  const changed = pages.isStale && tooDeepToReload(pages.data) && !pages.isFetching;
  return (
    <>
      <DataGrid label={label} columns={columns} rows={rows} rowId={rowId} onOpen={onOpen} {...(arranged === undefined ? {} : arranged)} total={total} hasMore={hasNextPage} loadingMore={isFetchingNextPage} onMore={onMore} mainList {...(selection === undefined ? {} : { selection })} />
      <GridFoot read={rows.length} total={total} hasMore={hasNextPage} {...(unit === undefined ? {} : { unit })}>
        {changed && (
          <Button startIcon={<Refresh />} onClick={() => void pages.refetch()} sx={{ minHeight: 22, py: 0, fontSize: '0.75rem' }}>
            Changed since it was read: read again
          </Button>
        )}
        {foot}
      </GridFoot>
    </>
  );
}

export function Framed({ children }: { readonly children: ReactNode }): ReactElement {
  return <Box sx={(theme) => ({ flex: 1, minHeight: 0, overflow: 'auto', background: theme.desk.surface, border: `1px solid ${theme.desk.line}`, borderRadius: '8px' })}>{children}</Box>;
}
