/** Long work in the header: how far, how fast, how long still, and a stop that works. */
import { useEffect, useRef, useState, type ReactElement } from 'react';
import Badge from '@mui/material/Badge';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import LinearProgress from '@mui/material/LinearProgress';
import Popover from '@mui/material/Popover';
import Tooltip from '@mui/material/Tooltip';
import WorkHistoryOutlined from '@mui/icons-material/WorkHistoryOutlined';
import { contract } from '../../shared/contract/index.ts';
import type { JobView } from '../../shared/contract/profiles.ts';
import { compactCount, count, span } from '../design/formats.ts';
import { jobsMenuId } from '../design/ids.ts';
import { jobLook, Status } from '../design/status.tsx';
import { Moment, Muted } from '../design/text.tsx';
import { useDialogs } from './dialogs.tsx';
import { timeLeft } from './job-figures.ts';
import { useDesk, useDeskCommand } from './queries.ts';
import { useToasts } from './toasts.tsx';

const live = (job: JobView): boolean => job.state === 'running' || job.state === 'queued';

export function JobsMenu(): ReactElement {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [busy, setBusy] = useState(false);
  const jobs = useDesk(contract.jobs.list, { limit: 30 }, { refetchInterval: busy ? 1_000 : anchor === null ? 15_000 : 3_000 });
  const rows = jobs.data?.rows ?? [];
  const running = rows.filter(live).length;
  useEffect(() => setBusy(running > 0), [running]);
  const news = useJobNews(rows);
  const label = running === 0 ? 'Jobs' : `Jobs, ${running} running`;
  return (
    <>
      <Tooltip title={label}>
        <IconButton id={jobsMenuId} aria-label={label} aria-haspopup="dialog" aria-expanded={anchor !== null} onClick={(event) => setAnchor(event.currentTarget)}>
          {running === 0 ? (
            <WorkHistoryOutlined />
          ) : (
            <Badge badgeContent={running} color="primary">
              <WorkHistoryOutlined />
            </Badge>
          )}
        </IconButton>
      </Tooltip>
      <span className="visually-hidden" role="status" aria-live="polite">
        {news}
      </span>
      <Popover open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)} anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }} transformOrigin={{ vertical: 'top', horizontal: 'right' }} slotProps={{ paper: { role: 'dialog', 'aria-label': 'Jobs', sx: { width: 480 } } }}>
        <Box sx={{ p: '10px 16px 6px', fontWeight: 600 }}>Jobs</Box>
        {rows.length === 0 && <Box sx={(theme) => ({ p: '8px 16px 20px', color: theme.desk.muted })}>No long work yet. Imports and preparations appear here with their progress.</Box>}
        <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0, maxHeight: '60vh', overflow: 'auto' }}>
          {rows.map((job) => (
            <Box component="li" key={job.id} sx={(theme) => ({ p: '9px 16px', borderTop: `1px solid ${theme.desk.line}` })}>
              <JobLine job={job} onDetail={() => setAnchor(null)} />
            </Box>
          ))}
        </Box>
      </Popover>
    </>
  );
}

/** One job with its progress and what can be done with it. */
export function JobLine({ job, onDetail }: { readonly job: JobView; readonly onDetail?: () => void }): ReactElement {
  const dialogs = useDialogs();
  const toasts = useToasts();
  const pause = useDeskCommand(contract.jobs.pause);
  const resume = useDeskCommand(contract.jobs.resume);
  const cancel = useDeskCommand(contract.jobs.cancel);
  const change = (command: typeof pause, what: string): void => command.mutate({ id: job.id }, { onError: (error) => toasts.failed(error, what) });
  const left = timeLeft(job);
  const part = job.total === 0 ? 0 : Math.min(100, (100 * job.done) / job.total);
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: '5px' }}>
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
        <Box sx={{ flex: 1, minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{job.title}</Box>
        <Status look={jobLook[job.state]} />
      </Box>
      {(live(job) || job.state === 'paused') && <LinearProgress variant={job.state === 'queued' ? 'indeterminate' : 'determinate'} value={part} aria-label={`${job.title}: ${Math.floor(part)} percent`} color={job.state === 'paused' ? 'warning' : 'primary'} />}
      <Box sx={(theme) => ({ display: 'flex', gap: 1, alignItems: 'center', color: theme.desk.muted, fontSize: '0.75rem', minHeight: 24 })}>
        <Box sx={{ flex: 1 }}>
          {count(job.done)} of {count(job.total)}
          {job.rejected > 0 && ` · ${count(job.rejected)} rejected`}
          {job.rate !== undefined && live(job) && ` · ${compactCount(Math.round(job.rate))}/s`}
          {left !== undefined && ` · ${span(left)} left`}
          {job.finishedAt !== undefined && (
            <>
              {' · '}
              <Moment at={job.finishedAt} show="relative" />
            </>
          )}
          {job.message !== undefined && <Box>{job.message}</Box>}
        </Box>
        {job.state === 'running' && <Button sx={small} onClick={() => change(pause, 'Pause')}>Pause</Button>}
        {job.state === 'paused' && <Button sx={small} onClick={() => change(resume, 'Resume')}>Resume</Button>}
        {(live(job) || job.state === 'paused') && <Button sx={small} onClick={() => change(cancel, 'Cancel')}>Cancel</Button>}
        {onDetail !== undefined && (
          <Button
            sx={small}
            onClick={() => {
              onDetail();
              dialogs.open({ kind: 'job', id: job.id });
            }}
          >
            Details
          </Button>
        )}
      </Box>
      {job.state === 'cancelled' && job.done > 0 && <Muted>What was done before the stop stays done.</Muted>}
    </Box>
  );
}

const small = { minHeight: 24, py: 0, px: '8px', fontSize: '0.75rem' } as const;

/** A sentence for the live region when a job ends. */
function useJobNews(rows: readonly JobView[]): string {
  const before = useRef(new Map<string, JobView['state']>());
  const [news, setNews] = useState('');
  useEffect(() => {
    for (const job of rows) {
      const was = before.current.get(job.id);
      if (was !== undefined && was !== job.state && !live(job)) setNews(`${job.title}: ${jobLook[job.state].word.toLowerCase()}, ${count(job.done)} of ${count(job.total)}.`);
      before.current.set(job.id, job.state);
    }
  }, [rows]);
  return news;
}
