/** What a bulk job did: progress, counts, profile by profile, and the way back. */
import { useEffect, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Tooltip from '@mui/material/Tooltip';
import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';
import HourglassEmpty from '@mui/icons-material/HourglassEmpty';
import RemoveCircleOutlined from '@mui/icons-material/RemoveCircleOutlineOutlined';
import BlockOutlined from '@mui/icons-material/BlockOutlined';
import Undo from '@mui/icons-material/Undo';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { bulk } from '../../shared/contract/inventory.ts';
import { call } from '../app/client.ts';
import { isLive, isOver } from '../app/job-figures.ts';
import { JobActions, JobProgress } from '../app/job-parts.tsx';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { count } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { LoadingRows, Note, Problem, ProblemNote } from '../design/states.tsx';
import { jobLook, Status, type Look } from '../design/status.tsx';
import { Muted } from '../design/text.tsx';
import { watchBulk } from './bulk-watch.ts';
import { reasonSentence } from './bulk-words.ts';

type Outcome = 'waiting' | 'changed' | 'unchanged' | 'refused';
const outcomes: Readonly<Record<Outcome, Look>> = {
  changed: { tone: 'success', icon: CheckCircleOutlined, word: 'Changed' },
  unchanged: { tone: 'neutral', icon: RemoveCircleOutlined, word: 'Already so' },
  refused: { tone: 'danger', icon: BlockOutlined, word: 'Refused' },
  waiting: { tone: 'neutral', icon: HourglassEmpty, word: 'Waiting' },
};
const outcomeOrder: readonly Outcome[] = ['changed', 'refused', 'unchanged', 'waiting'];

/** `within`: inside the page of the job, which shows state, progress and stop itself. */
export function BulkResult({ job, within = false }: { readonly job: string; readonly within?: boolean }): ReactElement {
  const [live, setLive] = useState(true);
  const shown = useDesk(bulk.show, { job }, { refetchInterval: live ? 700 : false });
  const client = useQueryClient();
  const toasts = useToasts();
  const undo = useDeskCommand(bulk.undo);
  const [outcome, setOutcome] = useState<Outcome | undefined>();
  const view = shown.data;
  const state = view?.job.state;
  if (live && view !== undefined && isOver(view.job)) setLive(false);
  const rows = useInfiniteQuery({
    queryKey: [bulk.rows.name, job, outcome, state],
    queryFn: ({ pageParam }) => call(bulk.rows, { job, limit: 50, ...(outcome === undefined ? {} : { outcome }), ...(pageParam === undefined ? {} : { cursor: pageParam }) }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    enabled: view !== undefined && isOver(view.job),
  });
  if (view === undefined) return shown.isError ? <Problem error={shown.error} what="The result" retry={() => void shown.refetch()} /> : <LoadingRows rows={4} />;
  const list = rows.data?.pages.flatMap((page) => page.rows) ?? [];
  const start = (): void =>
    undo.mutate({ job }, { onSuccess: (started) => { watchBulk(started.id, toasts, client, 'as before'); void shown.refetch(); }, onError: (error) => toasts.failed(error, 'Undo') });
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.5 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, flexWrap: 'wrap' }}>
        {!within && <Status look={jobLook[view.job.state]} />}
        <Box sx={{ flex: 1 }} />
        {!within && <JobActions job={view.job} effect="What is changed stays changed and can be undone; the rest is left as it is." />}
        {!isLive(view.job) && view.undoes === undefined && (
          <Tooltip title={view.undo.possible ? 'Brings back what has not changed since' : (view.undo.why ?? '')}>
            <span>
              <Button variant="outlined" startIcon={<Undo />} disabled={!view.undo.possible || undo.isPending} onClick={start}>Undo</Button>
            </span>
          </Tooltip>
        )}
      </Box>
      {!within && !isOver(view.job) && <JobProgress job={view.job} unit="profiles" />}
      {!within && !isOver(view.job) && <Muted>It goes on when this is closed; the jobs menu has it.</Muted>}
      {view.undoes !== undefined && <Note tone="info">This takes back <TextLink to={`/jobs/${encodeURIComponent(view.undoes)}`}>an earlier change</TextLink>.</Note>}
      {view.undo.job !== undefined && <TakenBack job={view.undo.job} />}
      <ToggleButtonGroup exclusive value={outcome ?? 'all'} aria-label="Which profiles" onChange={(_, next: Outcome | 'all' | null) => next !== null && setOutcome(next === 'all' ? undefined : next)} sx={{ flexWrap: 'wrap', '& .MuiToggleButton-root': { py: '3px', px: '10px', gap: '6px' } }}>
        <ToggleButton value="all">All</ToggleButton>
        {outcomeOrder.filter((each) => view.counts[each] > 0).map((each) => (
          <ToggleButton key={each} value={each}>{outcomes[each].word} <Box component="span" sx={{ fontWeight: 600 }}>{count(view.counts[each])}</Box></ToggleButton>
        ))}
      </ToggleButtonGroup>
      {rows.isError && <ProblemNote error={rows.error} />}
      {isOver(view.job) && rows.data !== undefined && (
        <Box tabIndex={0} role="group" aria-label="Result, profile by profile" sx={(theme) => ({ maxHeight: 300, overflow: 'auto', border: `1px solid ${theme.desk.line}`, borderRadius: '6px' })}>
          <Box component="ul" sx={(theme) => ({ listStyle: 'none', m: 0, p: 0, '& li': { display: 'grid', gridTemplateColumns: '176px 110px minmax(0, 1fr)', gap: 1, alignItems: 'center', minHeight: 30, px: '12px', borderBottom: `1px solid ${theme.desk.line}` }, '& li:last-of-type': { borderBottom: 0 } })}>
            {list.map((row) => (
              <li key={row.iccid}>
                <span className="mono"><TextLink to={`/inventory/${row.iccid}`}>{row.iccid}</TextLink></span>
                <Status look={outcomes[row.outcome]} quiet={row.outcome === 'unchanged'} />
                <Box component="span" sx={{ overflowWrap: 'anywhere', py: '3px' }}>{row.undone === true ? <Muted>Taken back since</Muted> : row.message === undefined ? undefined : reasonSentence(row.message)}</Box>
              </li>
            ))}
            {list.length === 0 && <li><Muted>None.</Muted></li>}
          </Box>
          {rows.hasNextPage && <Button disabled={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()} sx={{ m: '6px 8px' }}>Show more</Button>}
        </Box>
      )}
    </Box>
  );
}

/** The job that takes this one back: how far it is, then what it did. */
function TakenBack({ job }: { readonly job: string }): ReactElement {
  const [live, setLive] = useState(true);
  const shown = useDesk(bulk.show, { job }, { refetchInterval: live ? 700 : false });
  const client = useQueryClient();
  const view = shown.data;
  const over = view !== undefined && isOver(view.job);
  if (live && over) setLive(false);
  useEffect(() => {
    if (over) void client.invalidateQueries({ queryKey: [bulk.rows.name] });
  }, [over, client]);
  const link = (words: string): ReactElement => <TextLink to={`/jobs/${encodeURIComponent(job)}`}>{words}</TextLink>;
  if (view === undefined) return <Note tone="info">Taken back by {link('a later job')}.</Note>;
  if (!over) {
    return (
      <Box role="group" aria-label="Undo" sx={{ display: 'flex', flexDirection: 'column', gap: 1 }}>
        <Note tone="info">{view.job.state === 'paused' ? 'The undo is paused: ' : 'It is being taken back: '}{link('see the undo')}.</Note>
        <JobProgress job={view.job} unit="profiles" />
      </Box>
    );
  }
  if (view.job.state !== 'done') return <Note tone="warning">Taken back in part, by {link('a later job')}: {count(view.counts.changed)} are as before.</Note>;
  return <Note tone="info">Taken back by {link('a later job')}; what had changed meanwhile stayed.</Note>;
}
