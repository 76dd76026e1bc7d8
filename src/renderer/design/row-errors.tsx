/** Rows a file was refused for, grouped by what repairs them, and as a file to hand back. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import DownloadOutlined from '@mui/icons-material/DownloadOutlined';
import { count, plural } from './formats.ts';
import { csv, saveText } from './download.ts';
import { shownNote, shownRows } from './shown-rows.ts';
import { Code, Muted } from './text.tsx';

interface RowError {
  readonly row: number;
  readonly column: string;
  readonly code: string;
  readonly message: string;
  readonly found?: string | undefined;
}


export function RowErrors({ errors, rejected, fileName }: { readonly errors: readonly RowError[]; readonly rejected: number; readonly fileName: string }): ReactElement {
  const groups = new Map<string, number>();
  for (const error of errors) groups.set(error.code, (groups.get(error.code) ?? 0) + 1);
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, flexWrap: 'wrap' }}>
        <Box sx={{ fontWeight: 600 }}>{plural(rejected, 'row')} rejected</Box>
        {shownNote(errors.length, rejected) !== undefined && <Muted>{shownNote(errors.length, rejected)}</Muted>}
        {[...groups].map(([code, times]) => (
          <span key={code}>
            <Code>{code}</Code> × {count(times)}
          </span>
        ))}
        <Box sx={{ flex: 1 }} />
        <Button variant="outlined" startIcon={<DownloadOutlined />} onClick={() => saveText(fileName, csv(['row', 'column', 'code', 'message', 'found'], errors.map((e) => [String(e.row), e.column, e.code, e.message, e.found ?? ''])))}>
          Save as CSV
        </Button>
      </Box>
      <Box tabIndex={0} role="group" aria-label="Rejected rows" sx={(theme) => ({ maxHeight: 260, overflow: 'auto', border: `1px solid ${theme.desk.line}`, borderRadius: '6px' })}>
        <Table size="small" stickyHeader>
          <TableHead>
            <TableRow>
              <TableCell sx={head}>Row</TableCell>
              <TableCell sx={head}>Column</TableCell>
              <TableCell sx={head}>Found</TableCell>
              <TableCell sx={head}>What is wrong</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {errors.slice(0, shownRows).map((error, at) => (
              <TableRow key={`${error.row}${error.column}${at}`}>
                <TableCell>{count(error.row)}</TableCell>
                <TableCell className="mono">{error.column}</TableCell>
                <TableCell className="mono" sx={{ whiteSpace: 'nowrap' }}>
                  {error.found ?? '–'}
                </TableCell>
                <TableCell>{error.message}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </Box>
    </Box>
  );
}

const head = (theme: import('@mui/material/styles').Theme) => ({ background: theme.desk.surface });
