import { useMemo, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Pause from '@mui/icons-material/Pause';
import PlayArrow from '@mui/icons-material/PlayArrow';
import SensorsOutlined from '@mui/icons-material/SensorsOutlined';
import { useNavigate } from 'react-router';
import type { z } from 'zod';
import { contract } from '../../shared/contract/index.ts';
import type { sessionRow } from '../../shared/contract/sessions.ts';
import { call } from '../app/client.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDesk, useDeskPages } from '../app/queries.ts';
import { ColumnChooser, FilterChip, TextFilter, useColumns } from '../design/filters.tsx';
import { explainCode } from '../design/explain.ts';
import { shortened, span } from '../design/formats.ts';
import type { Column } from '../design/grid.tsx';
import { ListBody } from '../design/list-body.tsx';
import { ListPage, PageHeader } from '../design/panel.tsx';
import { Empty } from '../design/states.tsx';
import { Absent, Code, Identifier, Moment, Muted } from '../design/text.tsx';
import { useFilters } from '../design/use-filters.ts';
import { PhaseCell } from './phase-bar.tsx';

type Row = z.output<typeof sessionRow>;

const columns: readonly Column<Row>[] = [
  { id: 'startedAt', name: 'Started', width: 150, always: true, cell: (s) => <Moment at={s.startedAt} /> },
  { id: 'phase', name: 'Phase', width: 220, cell: (s) => <PhaseCell phase={s.phase} steps={s.steps} cancelledAfter={s.cancelledAfter} /> },
  { id: 'code', name: 'Code and cause', width: 290, cell: (s) => (s.code === undefined ? <Absent /> : <><Code>{s.code}</Code> {explainCode(s.code).cause}</>) },
  { id: 'iccid', name: 'ICCID', width: 172, cell: (s) => (s.iccid === undefined ? <Absent>not chosen yet</Absent> : <Identifier value={s.iccid} what="ICCID" />) },
  { id: 'eid', name: 'EID', width: 124, cell: (s) => (s.eid === undefined ? <Absent>not told yet</Absent> : <Identifier value={shortened(s.eid)} what="EID" />) },
  { id: 'took', name: 'Took', width: 78, align: 'right', cell: (s) => span(s.updatedAt - s.startedAt) },
  { id: 'tac', name: 'TAC', width: 84, cell: (s) => (s.tac === undefined ? <Absent /> : <Identifier value={s.tac} what="TAC" />) },
  { id: 'identity', name: 'Identity', width: 90, optional: true, cell: (s) => s.identity },
  { id: 'remote', name: 'From', width: 130, optional: true, cell: (s) => (s.remote === undefined ? <Absent /> : <Identifier value={s.remote} what="address" />) },
  { id: 'transactionId', name: 'TransactionID', width: 270, optional: true, cell: (s) => <Identifier value={s.transactionId} what="TransactionID" /> },
];

const keys = ['text', 'failed'] as const;
const pageSize = 100;
const everyMs = 2_000;

export function SessionsScreen(): ReactElement {
  const navigate = useNavigate();
  const filters = useFilters(keys);
  const status = useDesk(contract.workspace.status, {});
  const [visibility, setVisibility] = useColumns('sessions', columns);
  const [paused, setPaused] = useState(false);
  const [over, setOver] = useState(false);
  const failedOnly = filters.params.get('failed') === 'yes';
  const text = (filters.params.get('text') ?? '').trim().slice(0, 64);
  const filter = useMemo(() => ({ ...(failedOnly ? { failedOnly } : {}), ...(text === '' ? {} : { text }) }), [failedOnly, text]);
  const still = paused || over;
  const pages = useDeskPages<Row>(contract.sessions.list.name, filter, (cursor) => call(contract.sessions.list, { filter, limit: pageSize, ...(cursor === undefined ? {} : { cursor }) }), { refetchInterval: still ? false : everyMs });
  const es9 = status.data?.listeners.find((l) => l.kind === 'es9plus' && l.state === 'listening');
  return (
    <ListPage>
      <PageHeader title="Live sessions">
        <Box role="status" aria-live="polite">
          <Muted>{paused ? 'Stopped' : over ? 'Held while the pointer is on the list' : `Every ${everyMs / 1000} s`}</Muted>
        </Box>
        <Button variant="outlined" startIcon={paused ? <PlayArrow /> : <Pause />} aria-pressed={paused} onClick={() => setPaused(!paused)}>
          {paused ? 'Go on' : 'Pause'}
        </Button>
      </PageHeader>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }} role="search" aria-label="Filter the sessions">
        <TextFilter value={filters.text} onChange={filters.setText} label="ICCID, EID or TransactionID" placeholder="ICCID, EID or TransactionID" width={250} />
        <FilterChip name="Only" single chosen={failedOnly ? ['yes'] : []} options={[{ value: 'yes', label: 'failing' }]} onChange={(v) => filters.set('failed', v)} />
        <Box sx={{ flex: 1 }} />
        <ColumnChooser columns={columns} visibility={visibility} onChange={setVisibility} />
      </Box>
      <Box sx={{ flex: 1, minHeight: 0, display: 'flex', flexDirection: 'column', gap: 1.5 }} onPointerEnter={() => setOver(true)} onPointerLeave={() => setOver(false)}>
        <ListBody
          label="Live sessions"
          pages={pages}
          columns={columns}
          visibility={visibility}
          rowId={(s) => s.transactionId}
          onOpen={(s) => void navigate(`/sessions/${encodeURIComponent(s.transactionId)}`)}
          filtered={filters.active > 0}
          onClearFilters={filters.clear}
          empty={
            <Empty icon={SensorsOutlined} title="No device has come yet" actions={<CommandButton id="order.new" primary />}>
              {es9 === undefined ? 'No ES9+ listener is running, so devices cannot reach this SM-DP+. Start one with serve --es9plus.' : `Devices reach this SM-DP+ on ${es9.address}:${es9.port}. Order a profile and open its code on a device, or send the virtual device: mvne-desk device download.`}
            </Empty>
          }
        />
      </Box>
    </ListPage>
  );
}
