/** Every output file made here, whichever batch it is of. */
import { useMemo, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import DescriptionOutlined from '@mui/icons-material/DescriptionOutlined';
import DownloadOutlined from '@mui/icons-material/DownloadOutlined';
import { useNavigate } from 'react-router';
import { outputs, type OutputFile } from '../../shared/contract/preparation.ts';
import { call } from '../app/client.ts';
import { useDeskPages } from '../app/queries.ts';
import { bytes, count } from '../design/formats.ts';
import type { Column } from '../design/grid.tsx';
import { TextLink } from '../design/link.tsx';
import { ListBody } from '../design/list-body.tsx';
import { Empty } from '../design/states.tsx';
import { Absent, CopyButton, Moment, Muted } from '../design/text.tsx';
import { protectionText, useSaveOutput } from './output-actions.tsx';

export function OutputFiles(): ReactElement {
  const navigate = useNavigate();
  const saving = useSaveOutput();
  const pages = useDeskPages<OutputFile>(outputs.list.name, {}, (cursor) => call(outputs.list, { limit: 100, ...(cursor === undefined ? {} : { cursor }) }));
  const columns = useMemo<readonly Column<OutputFile>[]>(
    () => [
      { id: 'name', name: 'File', width: 250, always: true, cell: (f) => <span className="mono" title={f.name}>{f.name}</span> },
      { id: 'recipient', name: 'For', width: 116, cell: (f) => f.recipient ?? <Absent /> },
      { id: 'batch', name: 'Batch', width: 150, cell: (f) => (f.batch === undefined ? <Absent /> : <TextLink to={`/preparation/${f.batch}`}>{f.batchReference ?? f.batch}</TextLink>) },
      { id: 'rows', name: 'Profiles', width: 78, align: 'right', cell: (f) => count(f.rows) },
      { id: 'bytes', name: 'Size', width: 76, align: 'right', cell: (f) => bytes(f.bytes) },
      { id: 'save', name: '', width: 98, cell: (f) => f.sweptAt !== undefined ? <Muted>deleted</Muted> : <Button sx={{ minHeight: 26, py: 0 }} variant="outlined" startIcon={<DownloadOutlined />} aria-label={`Save ${f.name}`} disabled={saving.busy === f.id} onClick={(event) => { event.stopPropagation(); saving.save(f.id); }}>Save</Button> },
      { id: 'sha256', name: 'SHA-256', width: 130, cell: (f) => <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center' }} onClick={(event) => event.stopPropagation()}><span className="mono">{f.sha256.slice(0, 10)}…</span><CopyButton value={f.sha256} what={`SHA-256 of ${f.name}`} /></Box> },
      { id: 'protection', name: 'Secrets', width: 190, cell: (f) => f.protection === undefined ? <Absent>none in it</Absent> : <span title={f.protection}>{protectionText(f.protection)}</span> },
      { id: 'at', name: 'Made', width: 96, cell: (f) => <Moment at={f.createdAt} show="relative" /> },
      { id: 'actor', name: 'Who', width: 90, optional: true, cell: (f) => f.actor },
    ],
    [saving],
  );
  return (
    <ListBody
      label="Output files"
      unit={['file', 'files']}
      pages={pages}
      columns={columns}
      rowId={(f) => f.id}
      onOpen={(f) => { if (f.batch !== undefined) void navigate(`/preparation/${f.batch}`); }}
      filtered={false}
      onClearFilters={() => undefined}
      empty={<Empty icon={DescriptionOutlined} title="No file was made yet">On the page of a batch, “Make a file for somebody” writes its rows for the HLR, the OTA platform or a print house, each with the columns and under the key that are theirs.</Empty>}
    />
  );
}
