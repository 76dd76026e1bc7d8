/** Batches of preparation, what is proposed to prepare, the files made from them, and who gets such files. */
import { useMemo, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import LinearProgress from '@mui/material/LinearProgress';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import FactoryOutlined from '@mui/icons-material/FactoryOutlined';
import { useNavigate, useSearchParams } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import { batchStates, preparation, type BatchView } from '../../shared/contract/preparation.ts';
import { call } from '../app/client.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDesk, useDeskPages } from '../app/queries.ts';
import { FilterChip, TextFilter } from '../design/filters.tsx';
import { compactCount, count, span } from '../design/formats.ts';
import type { Column } from '../design/grid.tsx';
import { ListBody } from '../design/list-body.tsx';
import { ListPage, PageHeader } from '../design/panel.tsx';
import { Empty } from '../design/states.tsx';
import { Status } from '../design/status.tsx';
import { Absent, Moment, Muted } from '../design/text.tsx';
import { readAxis } from '../design/url-filters.ts';
import { useFilters } from '../design/use-filters.ts';
import { batchLook } from './batch-look.ts';
import { percent } from './batch-words.ts';
import { OutputFiles } from './output-files.tsx';
import { Proposals } from './proposals.tsx';
import { Recipients } from './recipients.tsx';

const tabs = [
  { id: 'batches', name: 'Batches' },
  { id: 'files', name: 'Output files' },
  { id: 'recipients', name: 'Recipients' },
] as const;

export function PreparationScreen(): ReactElement {
  const [params, setParams] = useSearchParams();
  const view = tabs.find((tab) => tab.id === params.get('view'))?.id ?? 'batches';
  return (
    <ListPage>
      <PageHeader title="Preparation">
        {view === 'recipients' ? <CommandButton id="recipient.add" primary /> : <CommandButton id="stock.prepare" label="New batch" primary />}
      </PageHeader>
      <Tabs value={view} onChange={(_, next: string) => setParams(next === 'batches' ? {} : { view: next }, { replace: true })} aria-label="Preparation" sx={(theme) => ({ borderBottom: `1px solid ${theme.desk.line}`, mt: '-8px', flexShrink: 0 })}>
        {tabs.map((tab) => <Tab key={tab.id} value={tab.id} label={tab.name} id={`tab-${tab.id}`} aria-controls={`panel-${tab.id}`} />)}
      </Tabs>
      <Box role="tabpanel" id={`panel-${view}`} aria-labelledby={`tab-${view}`} sx={{ flex: 1, minHeight: 0, display: 'flex', flexDirection: 'column', gap: 1.5 }}>
        {view === 'batches' && <Batches />}
        {view === 'files' && <OutputFiles />}
        {view === 'recipients' && <Recipients />}
      </Box>
    </ListPage>
  );
}

const live = (batch: BatchView): boolean => batch.state === 'running' || batch.state === 'queued';

const columns: readonly Column<BatchView>[] = [
  { id: 'reference', name: 'Batch', width: 220, always: true, cell: (b) => <strong>{b.reference}</strong> },
  { id: 'type', name: 'Profile type', width: 150, cell: (b) => <>{b.type} <Muted>v{b.templateVersion}</Muted></> },
  { id: 'state', name: 'State', width: 124, cell: (b) => <Status look={batchLook[b.state]} quiet={b.state === 'done' || b.state === 'cancelled'} /> },
  {
    id: 'progress', name: 'Prepared', width: 200, cell: (b) => b.state === 'draft' ? <Muted>{count(b.count)} planned</Muted> : (
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1 }}>
        <Box sx={{ width: 64, flexShrink: 0 }}>
          <LinearProgress variant="determinate" value={percent(b)} color={b.failed > 0 ? 'warning' : b.state === 'done' ? 'success' : 'primary'} aria-label={`${b.reference}: ${percent(b)} percent`} />
        </Box>
        <span>{count(b.prepared)} of {count(b.count)}</span>
      </Box>
    ),
  },
  { id: 'failed', name: 'Failed', width: 72, align: 'right', cell: (b) => (b.failed === 0 ? <Absent /> : <Box component="span" sx={(theme) => ({ color: theme.desk.danger, fontWeight: 600 })}>{count(b.failed)}</Box>) },
  { id: 'rate', name: 'Rate, time left', width: 130, cell: (b) => (!live(b) || b.rate === undefined ? <Absent /> : <>{compactCount(Math.round(b.rate))}/s{b.secondsLeft === undefined ? '' : `, ${span(b.secondsLeft * 1_000)}`}</>) },
  { id: 'files', name: 'Files', width: 60, align: 'right', cell: (b) => (b.files === 0 ? (b.sweptAt === undefined ? <Absent /> : <Muted>deleted</Muted>) : count(b.files)) },
  { id: 'order', name: 'Order', width: 110, optional: true, cell: (b) => b.order ?? <Absent /> },
  { id: 'when', name: 'When', width: 128, cell: (b) => <Moment at={b.finishedAt ?? b.startedAt ?? b.createdAt} show="minutes" /> },
  { id: 'requester', name: 'Who', width: 100, cell: (b) => b.requester },
];

const filterKeys = ['text', 'state', 'type'] as const;
const stateAxis = { key: 'state', values: batchStates } as const;

function Batches(): ReactElement {
  const navigate = useNavigate();
  const filters = useFilters(filterKeys);
  const types = useDesk(contract.types.list, {});
  const state = readAxis(filters.params, stateAxis) as BatchView['state'][];
  const type = filters.params.get('type') ?? '';
  const text = filters.params.get('text') ?? '';
  const filter = useMemo(() => ({ ...(state.length === 0 ? {} : { state }), ...(type === '' ? {} : { type }), ...(text === '' ? {} : { text }) }), [state.join(), type, text]);
  const pages = useDeskPages<BatchView>(preparation.list.name, filter, (cursor) => call(preparation.list, { ...filter, limit: 100, ...(cursor === undefined ? {} : { cursor }) }), { refetchInterval: 3_000 });
  return (
    <>
      <Proposals />
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }} role="search" aria-label="Filter the batches">
        <TextFilter value={filters.text} onChange={filters.setText} label="Reference, order or ICCID of a batch" placeholder="Reference or order" width={220} />
        <FilterChip name="State" chosen={state} options={batchStates.map((value) => ({ value, look: batchLook[value] }))} onChange={(v) => filters.set('state', v)} />
        <FilterChip name="Type" single chosen={type === '' ? [] : [type]} options={(types.data?.rows ?? []).map((t) => ({ value: t.name, label: t.name }))} onChange={(v) => filters.set('type', v)} />
      </Box>
      <ListBody
        label="Batches"
        unit={['batch', 'batches']}
        pages={pages}
        columns={columns}
        rowId={(b) => b.id}
        onOpen={(b) => void navigate(`/preparation/${b.id}`)}
        filtered={filters.active > 0}
        onClearFilters={filters.clear}
        empty={
          <Empty icon={FactoryOutlined} title="No batch yet" actions={<><CommandButton id="stock.import" label="Import stock" /><CommandButton id="range.create" /><CommandButton id="stock.prepare" label="New batch" primary /></>}>
            A batch takes imported profiles, or new numbers of a range, and makes each into a sealed package that can be sold. A preview shows its first and last numbers and what stands in its way before anything starts.
          </Empty>
        }
      />
    </>
  );
}
