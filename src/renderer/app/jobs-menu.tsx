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
import { useNavigate } from 'react-router';
import { jobs as contract, type JobView } from '../../shared/contract/jobs.ts';
import { compactCount, count, span } from '../design/formats.ts';
import { jobsMenuId } from '../design/ids.ts';
import { jobLook, Status } from '../design/status.tsx';
import { Moment, Muted } from '../design/text.tsx';
import { useDialogs } from './dialogs.tsx';
import { isLive, jobPath, newsOf, timeLeft } from './job-figures.ts';
import { JobActions } from './job-parts.tsx';
import { useDesk } from './queries.ts';

export function JobsMenu(): ReactElement {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [busy, setBusy] = useState(false);
  const jobs = useDesk(contract.list, { limit: 30 }, { refetchInterval: busy ? 1_000 : anchor === null ? 15_000 : 3_000 });
  const rows = jobs.data?.rows ?? [];
  const running = rows.filter(isLive).length;
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
        {news.polite}
      </span>
      <span className="visually-hidden" role="alert" aria-live="assertive">
        {news.urgent}
      </span>
      <Popover open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)} anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }} transformOrigin={{ vertical: 'top', horizontal: 'right' }} slotProps={{ paper: { role: 'dialog', 'aria-label': 'Jobs', sx: { width: 480 } } }}>
        <Box sx={{ p: '10px 16px 6px', fontWeight: 600 }}>Jobs</Box>
        {jobs.isError && rows.length === 0 && <Box role="alert" sx={(theme) => ({ p: '8px 16px 20px', color: theme.desk.danger })}>The jobs could not be read.</Box>}
        {!jobs.isError && rows.length === 0 && <Box sx={(theme) => ({ p: '8px 16px 20px', color: theme.desk.muted })}>No long work yet. Imports, preparations and bulk changes appear here with their progress.</Box>}
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
  const navigate = useNavigate();
  const left = timeLeft(job);
  const part = job.total === 0 ? 0 : Math.min(100, (100 * job.done) / job.total);
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: '5px' }}>
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
        <Box sx={{ flex: 1, minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{job.title}</Box>
        <Status look={jobLook[job.state]} />
      </Box>
      {(isLive(job) || job.state === 'paused') && <LinearProgress variant={job.state === 'queued' ? 'indeterminate' : 'determinate'} value={part} aria-label={`${job.title}: ${Math.floor(part)} percent`} color={job.state === 'paused' ? 'warning' : 'primary'} />}
      <Box sx={(theme) => ({ display: 'flex', gap: 1, alignItems: 'center', flexWrap: 'wrap', color: theme.desk.muted, fontSize: '0.75rem', minHeight: 24 })}>
        <Box sx={{ flex: 1, minWidth: 160 }}>
          {count(job.done)} of {count(job.total)}
          {job.rejected > 0 && ` · ${count(job.rejected)} rejected`}
          {job.rate !== undefined && isLive(job) && ` · ${compactCount(Math.round(job.rate))}/s`}
          {left !== undefined && ` · ${span(left)} left`}
          {job.finishedAt !== undefined && (
            <>
              {' · '}
              <Moment at={job.finishedAt} show="relative" />
            </>
          )}
          {job.waitingFor !== undefined && <Box>Waits: {job.waitingFor}</Box>}
          {job.message !== undefined && <Box>{job.message}</Box>}
        </Box>
        <JobActions job={job} dense />
        {onDetail !== undefined && (
          <Button
            sx={{ ...small, mr: '-8px' }}
            onClick={() => {
              onDetail();
              const to = jobPath(job);
              if (to.startsWith('/jobs/')) dialogs.open({ kind: 'job', id: job.id });
              else void navigate(to);
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

interface News {
  readonly polite: string;
  readonly urgent: string;
}

/** What the live regions say when a job ends: failures interrupt, the rest waits its turn. */
function useJobNews(rows: readonly JobView[]): News {
  const before = useRef(new Map<string, JobView['state']>());
  const [news, setNews] = useState<News>({ polite: '', urgent: '' });
  useEffect(() => {
    for (const job of rows) {
      const said = newsOf(before.current.get(job.id), job);
      if (said !== undefined) setNews(said.urgent ? { polite: '', urgent: said.text } : { polite: said.text, urgent: '' });
      before.current.set(job.id, job.state);
    }
  }, [rows]);
  return news;
}
