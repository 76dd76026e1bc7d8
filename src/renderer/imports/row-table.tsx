/** Rows of an import with their problems; identifiers are corrected in place, one row at a time. */
import { useState, type ReactElement } from 'react';
import { useQueryClient, type InfiniteData } from '@tanstack/react-query';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import TextField from '@mui/material/TextField';
import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';
import ErrorOutlined from '@mui/icons-material/ErrorOutlineOutlined';
import RemoveCircleOutlined from '@mui/icons-material/RemoveCircleOutlineOutlined';
import WarningAmber from '@mui/icons-material/WarningAmber';
import { imports, type ImportRow } from '../../shared/contract/imports.ts';
import { call, problemOf } from '../app/client.ts';
import { useDeskPages, type Page } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { count, plural } from '../design/formats.ts';
import { LoadingRows, Problem } from '../design/states.tsx';
import { Status, type Look } from '../design/status.tsx';
import { Absent, Muted } from '../design/text.tsx';
import { isShape } from './import-words.ts';
import { shownColumns } from './row-columns.ts';
import type { StepProps } from './wizard-screen.tsx';

const stateLooks: Readonly<Record<ImportRow['state'], Look>> = {
  good: { tone: 'success', icon: CheckCircleOutlined, word: 'Ready' },
  bad: { tone: 'danger', icon: ErrorOutlined, word: 'To repair' },
  'left-out': { tone: 'neutral', icon: RemoveCircleOutlined, word: 'Left out' },
  skipped: { tone: 'info', icon: RemoveCircleOutlined, word: 'Passed over' },
};

interface RowTableProps extends Pick<StepProps, 'view' | 'open'> {
  readonly filter: { readonly group?: string; readonly state?: ImportRow['state'] };
  readonly turn: number;
  readonly label: string;
  readonly onLeftOut: () => void;
  readonly emptyText?: string;
}

const pageSize = 50;

export function RowTable({ view, open, filter, turn, label, onLeftOut, emptyText = 'No row any more.' }: RowTableProps): ReactElement {
  const client = useQueryClient();
  const toasts = useToasts();
  // A name of its own: changes elsewhere in the imports must not redraw the row under the hand that types.
  const key = { id: view.id, ...filter, turn };
  const pages = useDeskPages<ImportRow>('importRows', key, (cursor) => call(imports.rows, { id: view.id, limit: pageSize, ...filter, ...(cursor === undefined ? {} : { cursor }) }));
  const rows = pages.data?.pages.flatMap((page) => page.rows) ?? [];
  const total = pages.data?.pages[0]?.total;
  const columns = shownColumns(view, rows);
  const replace = (row: ImportRow): void => {
    client.setQueryData<InfiniteData<Page<ImportRow>>>(['importRows', 'pages', key], (data) => (data === undefined ? data : { ...data, pages: data.pages.map((page) => ({ ...page, rows: page.rows.map((one) => (one.line === row.line ? row : one)) })) }));
  };
  const leave = async (row: ImportRow, back: boolean): Promise<void> => {
    try {
      const answer = await call(imports.leaveOut, { id: view.id, lines: [row.line], back });
      open.take(answer.import);
      replace({ ...row, state: back ? 'good' : 'left-out' });
      if (back) onLeftOut();
    } catch (error) {
      toasts.failed(error, back ? 'Take back' : 'Leave out');
    }
  };
  if (pages.isError && rows.length === 0) return <Problem error={pages.error} what="The rows" retry={() => void pages.refetch()} />;
  if (pages.data === undefined) return <LoadingRows rows={4} />;
  if (rows.length === 0) return <Muted>{emptyText}</Muted>;
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1 }}>
      <Box tabIndex={0} role="group" aria-label={label} sx={(theme) => ({ maxHeight: 420, overflow: 'auto', border: `1px solid ${theme.desk.line}`, borderRadius: '6px' })}>
        <Table size="small" stickyHeader>
          <TableHead>
            <TableRow sx={(theme) => ({ '& th': { background: theme.desk.surface } })}>
              <TableCell align="right">Line</TableCell>
              <TableCell>State</TableCell>
              {columns.map((column) => <TableCell key={column.index} className="mono">{column.name}</TableCell>)}
              <TableCell>What is wrong</TableCell>
              <TableCell />
            </TableRow>
          </TableHead>
          <TableBody>
            {rows.map((row) => (
              <TableRow key={row.line} sx={{ verticalAlign: 'top', '& > td': { lineHeight: '26px' } }}>
                <TableCell align="right">{count(row.line)}</TableCell>
                <TableCell sx={{ whiteSpace: 'nowrap' }}>
                  <Status look={stateLooks[row.state]} quiet={row.state === 'good'} />
                </TableCell>
                {columns.map((column) => (
                  <TableCell key={column.index} sx={{ whiteSpace: 'nowrap' }}>
                    <Cell view={view} open={open} row={row} column={column} onRow={replace} />
                  </TableCell>
                ))}
                <TableCell sx={{ minWidth: 220 }}>
                  {row.problems.length === 0 ? <Absent /> : row.problems.map((problem) => (
                    <Box key={`${problem.group}${problem.code}`} sx={{ display: 'flex', gap: '6px' }}>
                      {problem.severity === 'blocker' ? <ErrorOutlined aria-label="To repair" sx={(theme) => ({ fontSize: '0.95rem', mt: '6px', color: theme.desk.danger })} /> : <WarningAmber aria-label="Warning" sx={(theme) => ({ fontSize: '0.95rem', mt: '6px', color: theme.desk.warning })} />}
                      <span>{problem.message}</span>
                    </Box>
                  ))}
                </TableCell>
                <TableCell align="right" sx={{ whiteSpace: 'nowrap' }}>
                  {row.state === 'left-out' ? (
                    <Button sx={small} variant="outlined" aria-label={`Take back in line ${row.line}`} onClick={() => void leave(row, true)}>Take back in</Button>
                  ) : row.state === 'skipped' ? null : (
                    <Button sx={small} variant="outlined" aria-label={`Leave out line ${row.line}`} onClick={() => void leave(row, false)}>Leave out</Button>
                  )}
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </Box>
      <Box sx={{ display: 'flex', gap: 1.5, alignItems: 'center' }}>
        <Muted>{total === undefined || total <= rows.length ? plural(rows.length, 'row') : `${count(rows.length)} of ${count(total)} rows shown`}</Muted>
        {pages.hasNextPage && <Button variant="outlined" sx={small} disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>Show more</Button>}
      </Box>
    </Box>
  );
}

const small = { minHeight: 26, py: 0 } as const;

interface CellProps extends Pick<StepProps, 'view' | 'open'> {
  readonly row: ImportRow;
  readonly column: { readonly index: number; readonly name: string };
  readonly onRow: (row: ImportRow) => void;
}

/** Editable where the identifier is at fault; text otherwise. Enter or leaving the field keeps it, Escape takes it back. */
function Cell({ view, open, row, column, onRow }: CellProps): ReactElement {
  const cell = row.cells[column.index];
  const [draft, setDraft] = useState<string | undefined>();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | undefined>();
  if (cell === undefined) return <Absent />;
  const atFault = row.problems.some((problem) => problem.column === column.index || problem.column === undefined);
  if (!cell.editable || (!atFault && !cell.changed)) return isShape(cell.text) ? <Muted>{cell.text}</Muted> : <Box component="span" className="mono">{cell.text === '' ? '–' : cell.text}</Box>;
  const keep = async (): Promise<void> => {
    if (draft === undefined || draft === cell.text || busy) return setDraft(undefined);
    setBusy(true);
    try {
      const answer = await call(imports.repairCell, { id: view.id, line: row.line, column: column.index, value: draft });
      open.take(answer.import);
      onRow(answer.row);
      setDraft(undefined);
      setWrong(undefined);
    } catch (error) {
      setWrong(problemOf(error).message);
    } finally {
      setBusy(false);
    }
  };
  const shown = draft ?? cell.text;
  return (
    <TextField
      value={shown}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={() => void keep()}
      onKeyDown={(event) => {
        if (event.key === 'Enter') void keep();
        if (event.key === 'Escape' && draft !== undefined) {
          event.preventDefault();
          setDraft(undefined);
        }
      }}
      error={wrong !== undefined || (atFault && draft === undefined && row.state === 'bad')}
      helperText={wrong ?? (busy ? 'Checking…' : cell.changed && draft === undefined ? 'corrected here' : undefined)}
      sx={{ width: `${Math.min(30, Math.max(10, shown.length + 4))}ch`, minWidth: 150 }}
      slotProps={{ htmlInput: { 'aria-label': `${column.name} of line ${row.line}`, className: 'mono', spellCheck: false, autoComplete: 'off', maxLength: 64 }, input: { sx: { '& input': { py: '3px !important' } } } }}
    />
  );
}
