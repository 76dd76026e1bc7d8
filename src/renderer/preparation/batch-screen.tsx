/** One batch: its steps, failed rows, files and what can be done; the page of its job. */
import { useMemo, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import PrintOutlined from '@mui/icons-material/PrintOutlined';
import Replay from '@mui/icons-material/Replay';
import { useNavigate, useParams } from 'react-router';
import { preparation, type BatchDetail } from '../../shared/contract/preparation.ts';
import { useScreenCommands } from '../app/command-context.tsx';
import type { CommandSpec } from '../app/commands.ts';
import { Artefacts, ErrorGroups, JobActions, JobMessage, JobProgress, JobSteps } from '../app/job-parts.tsx';
import { isOver } from '../app/job-figures.ts';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { BackLink, useEscapeTo } from '../design/back.tsx';
import { count, plural } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Page, PageHeader, Pairs, Panel } from '../design/panel.tsx';
import { LoadingRows, Note, Problem } from '../design/states.tsx';
import { Badge, Status, stockLook } from '../design/status.tsx';
import { Absent, Moment, Muted } from '../design/text.tsx';
import { batchLook } from './batch-look.ts';
import { BatchTicket } from './batch-ticket.tsx';
import { cancelText, inventoryOf, preparedText } from './batch-words.ts';
import { FailedRows } from './failed-rows.tsx';
import { HandOut } from './hand-out.tsx';
import { FirstLast, Parts } from './preview-panels.tsx';
import { SweepButton, useSaveOutput } from './output-actions.tsx';

export function BatchScreen(): ReactElement {
  const { id = '' } = useParams();
  const [quick, setQuick] = useState(true);
  const batch = useDesk(preparation.show, { id }, { refetchInterval: quick ? 1_000 : 15_000 });
  useEscapeTo('/preparation');
  const { data } = batch;
  const live = data === undefined || data.state === 'running' || data.state === 'queued' || data.jobs.some((job) => !isOver(job) && job.state !== 'paused');
  if (live !== quick) setQuick(live);
  if (batch.isError && data === undefined) return <Page><BackLink to="/preparation">Preparation</BackLink><Problem error={batch.error} what="The batch" retry={() => void batch.refetch()} /></Page>;
  if (data === undefined) return <Page><LoadingRows rows={10} /></Page>;
  return <Batch batch={data} />;
}

function Batch({ batch }: { readonly batch: BatchDetail }): ReactElement {
  const navigate = useNavigate();
  const toasts = useToasts();
  const rerun = useDeskCommand(preparation.rerun);
  const discard = useDeskCommand(preparation.discardDraft);
  const saving = useSaveOutput();
  const job = batch.jobDetail;
  const may = (action: BatchDetail['actions'][number]): boolean => batch.actions.includes(action);
  const commands = useMemo<readonly CommandSpec[]>(() => [{ id: 'batch.print', title: 'Print the batch ticket', group: 'Here', keywords: ['paper', 'pdf'], run: () => window.print() }], []);
  useScreenCommands(commands);
  const again = (what: 'failed' | 'rest'): void => rerun.mutate({ id: batch.id, what }, { onSuccess: () => toasts.done(what === 'failed' ? 'The failed rows are tried again' : 'The rest is being prepared'), onError: (error) => toasts.failed(error, 'Run again') });
  const owed = batch.count - batch.prepared - batch.failed;
  return (
    <Page width={1480}>
      <BackLink to="/preparation">Preparation</BackLink>
      <PageHeader title={batch.reference} note={<Badge look={batchLook[batch.state]} />}>
        <Button variant="outlined" startIcon={<PrintOutlined />} onClick={() => window.print()}>Print ticket</Button>
        {may('discard') && <Button variant="outlined" disabled={discard.isPending} onClick={() => discard.mutate({ id: batch.id }, { onSuccess: () => { toasts.done(`${batch.reference} discarded`); void navigate('/preparation'); }, onError: (error) => toasts.failed(error, 'Discard') })}>Discard</Button>}
        {may('start') && <Button variant="contained" color="primary" onClick={() => void navigate(`/preparation/new?draft=${encodeURIComponent(batch.id)}`)}>Look and start</Button>}
        {may('rerun') && batch.failed > 0 && <Button variant="contained" color="primary" startIcon={<Replay />} disabled={rerun.isPending} onClick={() => again('failed')}>Try {plural(batch.failed, 'failed profile')} again</Button>}
        {may('rerun') && batch.failed === 0 && owed > 0 && <Button variant="contained" color="primary" startIcon={<Replay />} disabled={rerun.isPending} onClick={() => again('rest')}>Prepare the other {count(owed)}</Button>}
        {may('sweep') && <SweepButton batch={batch} />}
      </PageHeader>
      {batch.state === 'draft' && <Note tone="info">A draft holds no numbers. “Look and start” shows what it would take now.</Note>}
      {job !== undefined && (
        <Panel title={isOver(job) ? 'How it went' : 'Progress'} aside={<JobActions job={job} effect={job.cancelEffect ?? cancelText(batch)} />}>
          <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.25 }}>
            <JobProgress job={job} unit="profiles" />
            <JobMessage job={job} />
            {job.steps.length > 0 && <Box sx={{ mx: '-16px' }}><JobSteps steps={job.steps} live={!isOver(job)} /></Box>}
          </Box>
        </Panel>
      )}
      {(batch.failed > 0 || (job?.errorGroups.length ?? 0) > 0) && (
        <Panel title={batch.failed > 0 ? `${plural(batch.failed, 'profile')} could not be prepared` : 'Rows that failed at first'} aside={may('rerun') && batch.failed > 0 && owed > 0 ? <Button variant="outlined" onClick={() => again('rest')}>Prepare the other {count(owed)}</Button> : undefined}>
          <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.25 }}>
            <ErrorGroups groups={job?.errorGroups ?? []} />
            <FailedRows batch={batch} />
            {batch.failed > 0 && !may('rerun') && (job === undefined || isOver(job)) && <Muted>There is nothing to try again here: a number of a range that is in use elsewhere is passed over for good. For as many as were wanted, prepare {count(batch.failed)} more in a new batch.</Muted>}
          </Box>
        </Panel>
      )}
      {batch.state !== 'draft' && (
        <Panel title="Files and digests" flush aside={batch.sweptAt === undefined ? undefined : <Muted>files deleted <Moment at={batch.sweptAt} show="relative" />; row counts and digests stay</Muted>}>
          <Box sx={{ p: batch.artefacts.length === 0 ? '0 16px 8px' : 0 }}>
            <Artefacts rows={batch.artefacts} onSave={(artefact) => saving.save(artefact.id)} saving={saving.busy} />
          </Box>
        </Panel>
      )}
      {(may('outputs') || may('labels')) && <HandOut batch={batch} />}
      <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(2, minmax(0, 1fr))', gap: 2, alignItems: 'start', '@media (max-width: 1100px)': { gridTemplateColumns: 'minmax(0, 1fr)' } }}>
        <Panel title="The batch">
          <Pairs
            nameWidth={120}
            rows={[
              ['Profile type', `${batch.type}, ${batch.template} version ${batch.templateVersion}`],
              ['Wanted', plural(batch.count, 'profile')],
              ['Prepared', preparedText(batch)],
              ['Brand', batch.brand ?? <Absent key="b" />],
              ['Order', batch.order ?? <Absent key="o" />],
              ['Due', <Moment key="d" at={batch.due} show="date" />],
              ['Asked for by', <span key="r">{batch.requester} <Muted><Moment at={batch.createdAt} show="both" /></Muted></span>],
              ['Started', <Moment key="s" at={batch.startedAt} show="both" />],
              ['Ended', <Moment key="e" at={batch.finishedAt} show="both" />],
              ...(batch.note === undefined ? [] : [['Note', batch.note] as const]),
            ]}
          />
        </Panel>
        <Panel title="Its profiles" aside={batch.prepared > 0 ? <TextLink to={inventoryOf(batch)}>In the inventory</TextLink> : undefined}>
          <FirstLast first={batch.first} last={batch.last} />
          {Object.keys(batch.stock).length > 0 && (
            <Box component="ul" aria-label="Stock states" sx={{ listStyle: 'none', m: '12px 0 0', p: 0, display: 'flex', gap: 2.5, flexWrap: 'wrap' }}>
              {Object.entries(batch.stock).map(([state, n]) => {
                const look = (stockLook as Record<string, (typeof stockLook)['sold'] | undefined>)[state];
                return <li key={state}>{look === undefined ? state : <Status look={look} />} <strong>{count(n)}</strong></li>;
              })}
            </Box>
          )}
          {batch.parts.length > 1 && <Parts parts={batch.parts} />}
        </Panel>
      </Box>
      {batch.jobs.length > 1 && (
        <Panel title="Runs">
          <Box component="ol" sx={{ m: 0, pl: '20px' }}>
            {batch.jobs.map((one) => <li key={one.id}><TextLink to={`/jobs/${one.id}`}>{one.title}</TextLink> <Muted>{one.done === one.total ? count(one.done) : `${count(one.done)} of ${count(one.total)}`} · <Moment at={one.finishedAt ?? one.createdAt} show="both" /></Muted></li>)}
          </Box>
        </Panel>
      )}
      <BatchTicket batch={batch} />
    </Page>
  );
}
