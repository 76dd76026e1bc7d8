/** Rows of a batch that failed, and what became of them since. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';
import DownloadOutlined from '@mui/icons-material/DownloadOutlined';
import ErrorOutlined from '@mui/icons-material/ErrorOutlineOutlined';
import RemoveCircleOutlined from '@mui/icons-material/RemoveCircleOutlineOutlined';
import { jobs } from '../../shared/contract/jobs.ts';
import { preparation, type BatchDetail, type FailedRow } from '../../shared/contract/preparation.ts';
import { call } from '../app/client.ts';
import { useDeskCommand, useDeskPages } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { saveFile } from '../design/download.ts';
import { count, plural } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { LoadingRows, Problem } from '../design/states.tsx';
import { Status, type Look } from '../design/status.tsx';
import { Code, Moment, Muted } from '../design/text.tsx';

const looks: Readonly<Record<FailedRow['state'], Look>> = {
  failed: { tone: 'danger', icon: ErrorOutlined, word: 'Failed' },
  prepared: { tone: 'success', icon: CheckCircleOutlined, word: 'Prepared since' },
  gone: { tone: 'neutral', icon: RemoveCircleOutlined, word: 'Gone', meaning: 'Retired, or prepared in another batch.' },
};

export function FailedRows({ batch }: { readonly batch: BatchDetail }): ReactElement {
  const toasts = useToasts();
  const file = useDeskCommand(jobs.errorsFile);
  const pages = useDeskPages<FailedRow>(preparation.failed.name, { id: batch.id, failed: batch.failed }, (cursor) => call(preparation.failed, { id: batch.id, limit: 50, ...(cursor === undefined ? {} : { cursor }) }));
  const rows = pages.data?.pages.flatMap((page) => page.rows) ?? [];
  if (pages.isError && rows.length === 0) return <Problem error={pages.error} what="The failed rows" retry={() => void pages.refetch()} />;
  if (pages.data === undefined) return <LoadingRows rows={3} />;
  if (rows.length === 0) return <Muted>No row has failed.</Muted>;
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1 }}>
      <Box tabIndex={0} role="group" aria-label="Failed rows" sx={(theme) => ({ maxHeight: 300, overflow: 'auto', border: `1px solid ${theme.desk.line}`, borderRadius: '6px' })}>
        <Table size="small" stickyHeader>
          <TableHead>
            <TableRow sx={(theme) => ({ '& th': { background: theme.desk.surface } })}>
              <TableCell align="right">Row</TableCell>
              <TableCell>ICCID</TableCell>
              <TableCell>IMSI</TableCell>
              <TableCell>What is wrong</TableCell>
              <TableCell>Now</TableCell>
              <TableCell>When</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {rows.map((row) => (
              <TableRow key={`${row.row}${row.iccid}`}>
                <TableCell align="right">{count(row.row)}</TableCell>
                <TableCell className="mono">{row.state === 'gone' || (row.state === 'failed' && batch.source === 'ranges') ? row.iccid : <TextLink to={`/inventory/${row.iccid}`}>{row.iccid}</TextLink>}</TableCell>
                <TableCell className="mono">{row.imsi ?? '–'}</TableCell>
                <TableCell>{row.message} <Code>{row.code}</Code></TableCell>
                <TableCell sx={{ whiteSpace: 'nowrap' }}><Status look={looks[row.state]} quiet={row.state !== 'failed'} /></TableCell>
                <TableCell><Moment at={row.at} show="relative" /></TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </Box>
      <Box sx={{ display: 'flex', gap: 1.5, alignItems: 'center' }}>
        <Muted>{rows.length >= batch.failed && !pages.hasNextPage ? plural(rows.length, 'profile') : `${plural(rows.length, 'profile')} shown`}</Muted>
        {pages.hasNextPage && <Button variant="outlined" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>Show more</Button>}
        <Box sx={{ flex: 1 }} />
        {batch.job !== undefined && <Button variant="outlined" startIcon={<DownloadOutlined />} disabled={file.isPending} onClick={() => file.mutate({ id: batch.job! }, { onSuccess: saveFile, onError: (error) => toasts.failed(error, 'Failed rows') })}>Save as CSV</Button>}
      </Box>
    </Box>
  );
}
