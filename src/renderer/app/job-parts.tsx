/** The parts of a job's page, the same for every kind of long work. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';
import DownloadOutlined from '@mui/icons-material/DownloadOutlined';
import ErrorOutlined from '@mui/icons-material/ErrorOutlineOutlined';
import HourglassEmpty from '@mui/icons-material/HourglassEmpty';
import PlayArrow from '@mui/icons-material/PlayArrow';
import RadioButtonUnchecked from '@mui/icons-material/RadioButtonUnchecked';
import RemoveCircleOutlined from '@mui/icons-material/RemoveCircleOutlineOutlined';
import StopCircleOutlined from '@mui/icons-material/StopCircleOutlined';
import { jobs as contract, type ErrorGroup, type JobArtefact, type JobDetail, type JobStep, type JobView, type RowError } from '../../shared/contract/jobs.ts';
import { bytes, compactCount, count, plural, span } from '../design/formats.ts';
import { saveFile } from '../design/download.ts';
import { Progress } from '../design/progress.tsx';
import { leftMs } from '../design/progress-words.ts';
import { Scroll } from '../design/scroll.tsx';
import { Note } from '../design/states.tsx';
import { Status, type Look } from '../design/status.tsx';
import { Absent, Code, CopyButton, Moment, Muted } from '../design/text.tsx';
import { actionsOf, isLive } from './job-figures.ts';
import { useDeskCommand } from './queries.ts';
import { useToasts } from './toasts.tsx';

/** Bar, counts, rate and time left of the whole job. */
export function JobProgress({ job, unit = '' }: { readonly job: JobView; readonly unit?: string }): ReactElement {
  const tone = job.state === 'paused' || job.state === 'partly-failed' ? 'warning' : job.state === 'failed' ? 'error' : job.state === 'done' ? 'success' : 'primary';
  const work = isLive(job) ? job : { done: job.done, total: job.total };
  return (
    <Progress label={job.title} work={job.state === 'queued' ? { ...work, total: 0 } : work} unit={unit} tone={tone}>
      {job.rejected > 0 && <Box component="span" sx={(theme) => ({ color: theme.desk.danger })}>{count(job.rejected)} failed</Box>}
      {job.waitingFor !== undefined && <Status look={{ tone: 'warning', icon: HourglassEmpty, word: job.waitingFor }} />}
    </Progress>
  );
}

const small = { minHeight: 26, py: 0, px: '9px' } as const;

/** Pause, resume, cancel. A cancel first says what stays. */
export function JobActions({ job, effect, dense = false }: { readonly job: JobView; readonly effect?: string | undefined; readonly dense?: boolean }): ReactElement | null {
  const toasts = useToasts();
  const pause = useDeskCommand(contract.pause);
  const resume = useDeskCommand(contract.resume);
  const cancel = useDeskCommand(contract.cancel);
  const [asking, setAsking] = useState(false);
  const may = actionsOf(job);
  const change = (command: typeof pause, what: string): void => command.mutate({ id: job.id }, { onError: (error) => toasts.failed(error, what), onSettled: () => setAsking(false) });
  const busy = pause.isPending || resume.isPending || cancel.isPending;
  const sx = dense ? { minHeight: 24, py: 0, px: '8px', fontSize: '0.75rem' } : small;
  const variant = dense ? 'text' : 'outlined';
  if (asking && may.includes('cancel')) {
    return (
      <Box role="group" aria-label={`Cancel ${job.title}`} sx={{ display: 'inline-flex', gap: 1, alignItems: 'center', flexWrap: 'wrap' }}>
        <Muted>{effect ?? 'What is done stays done; the rest is not begun.'}</Muted>
        <Button sx={sx} variant="outlined" color="error" disabled={busy} onClick={() => change(cancel, 'Cancel')}>
          Cancel it
        </Button>
        <Button sx={sx} variant={variant} autoFocus onClick={() => setAsking(false)}>
          Let it go on
        </Button>
      </Box>
    );
  }
  if (!may.some((one) => one !== 'rerun')) return null;
  return (
    <Box sx={{ display: 'inline-flex', gap: dense ? 0 : 1 }}>
      {may.includes('pause') && <Button sx={sx} variant={variant} disabled={busy} onClick={() => change(pause, 'Pause')}>Pause</Button>}
      {may.includes('resume') && <Button sx={sx} variant={dense ? 'text' : 'contained'} color={dense ? 'inherit' : 'primary'} disabled={busy} onClick={() => change(resume, 'Resume')}>Resume</Button>}
      {may.includes('cancel') && <Button sx={sx} variant={variant} disabled={busy} onClick={() => setAsking(true)}>Cancel</Button>}
    </Box>
  );
}

const stepLook: Readonly<Record<JobStep['state'], Look>> = {
  waiting: { tone: 'neutral', icon: HourglassEmpty, word: 'Waiting' },
  running: { tone: 'accent', icon: PlayArrow, word: 'Running' },
  done: { tone: 'success', icon: CheckCircleOutlined, word: 'Done' },
  skipped: { tone: 'neutral', icon: RemoveCircleOutlined, word: 'Not needed' },
  failed: { tone: 'danger', icon: ErrorOutlined, word: 'Failed' },
};

/** What was not done when all is over was stopped, or is nobody's turn yet. */
function lookOf(step: JobStep, live: boolean): Look {
  if (step.state === 'skipped' && step.done > 0) return { tone: 'neutral', icon: StopCircleOutlined, word: 'Stopped' };
  return step.state === 'waiting' && !live ? { tone: 'neutral', icon: RadioButtonUnchecked, word: 'Not yet' } : stepLook[step.state];
}

/** Steps may run side by side: each has its own counts, rate and time left. */
export function JobSteps({ steps, live = true }: { readonly steps: readonly JobStep[]; readonly live?: boolean }): ReactElement {
  if (steps.length === 0) return <Muted>No steps are known yet.</Muted>;
  return (
    <Scroll label="Steps">
      <TableHead>
        <TableRow>
          <TableCell>Step</TableCell>
          <TableCell>State</TableCell>
          <TableCell sx={{ width: '24%', minWidth: 120 }}>Progress</TableCell>
          <TableCell align="right">Done</TableCell>
          {live && <TableCell align="right">Rate</TableCell>}
          {live && <TableCell align="right">Time left</TableCell>}
        </TableRow>
      </TableHead>
      <TableBody>
        {steps.map((step, index) => {
          const left = step.state === 'running' && live ? leftMs(step) : undefined;
          const part = step.state === 'done' ? 100 : step.total <= 0 ? 0 : Math.min(100, (100 * step.done) / step.total);
          const muted = step.state === 'waiting' || step.state === 'skipped';
          return (
            <TableRow key={step.id} {...(step.state === 'running' ? { 'aria-current': 'step' as const } : {})}>
              <TableCell>
                <Box component="span" sx={(theme) => ({ color: muted ? theme.desk.muted : theme.desk.text, fontWeight: step.state === 'running' ? 600 : 400 })}>
                  {index + 1}. {step.title}
                </Box>
                {step.note !== undefined && <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', whiteSpace: 'normal', maxWidth: 420 })}>{step.note}</Box>}
              </TableCell>
              <TableCell>
                <Status look={lookOf(step, live)} quiet={muted} />
              </TableCell>
              <TableCell>{!muted && <LinearProgress variant="determinate" value={part} color={step.state === 'failed' ? 'error' : step.state === 'done' ? 'success' : 'primary'} aria-label={`${step.title}: ${Math.floor(part)} percent`} />}</TableCell>
              <TableCell align="right">{step.total > 0 || step.done > 0 ? `${count(step.done)} of ${count(step.total)} ${step.total === 1 ? step.unit.replace(/s$/, '') : step.unit}` : <Absent />}</TableCell>
              {live && <TableCell align="right">{step.rate === undefined || step.rate <= 0 ? <Absent /> : `${compactCount(Math.max(1, Math.round(step.rate)))}/s`}</TableCell>}
              {live && <TableCell align="right">{left === undefined ? <Absent /> : span(Math.max(1_000, Math.ceil(left / 1_000) * 1_000)).replace('.0 s', ' s')}</TableCell>}
            </TableRow>
          );
        })}
      </TableBody>
    </Scroll>
  );
}

/** Failed rows by what is wrong with them; one group opens its rows. */
export function ErrorGroups({ groups, chosen, onChoose }: { readonly groups: readonly ErrorGroup[]; readonly chosen?: string | undefined; readonly onChoose?: (code: string | undefined) => void }): ReactElement {
  return (
    <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0, display: 'flex', flexDirection: 'column', gap: '6px' }}>
      {groups.map((group) => (
        <Box component="li" key={`${group.code}${group.column}`} sx={(theme) => ({ display: 'flex', gap: 1.5, alignItems: 'center', p: '7px 12px', borderRadius: '6px', background: chosen === group.code ? theme.desk.selected : theme.desk.dangerSoft })}>
          <ErrorOutlined aria-hidden sx={(theme) => ({ color: theme.desk.danger })} />
          <Box sx={{ flex: 1, minWidth: 0 }}>
            <strong>{plural(group.rows, 'row')}</strong>: {group.message} <Code>{group.code}</Code>
          </Box>
          {onChoose !== undefined && (
            <Button variant="outlined" sx={small} aria-pressed={chosen === group.code} onClick={() => onChoose(chosen === group.code ? undefined : group.code)}>
              {chosen === group.code ? 'Show all rows' : 'Show its rows'}
            </Button>
          )}
        </Box>
      ))}
    </Box>
  );
}

/** Rows that could not be done, with what was found. */
export function FailedRows({ rows, label = 'Failed rows' }: { readonly rows: readonly RowError[]; readonly label?: string }): ReactElement {
  return (
    <Box tabIndex={0} role="group" aria-label={label} sx={(theme) => ({ maxHeight: 320, overflow: 'auto', border: `1px solid ${theme.desk.line}`, borderRadius: '6px' })}>
      <Table size="small" stickyHeader>
        <TableHead>
          <TableRow sx={(theme) => ({ '& th': { background: theme.desk.surface } })}>
            <TableCell align="right">Row</TableCell>
            <TableCell>ICCID</TableCell>
            <TableCell>Column</TableCell>
            <TableCell>Found</TableCell>
            <TableCell>What is wrong</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((row, at) => (
            <TableRow key={`${row.row}${row.column}${at}`}>
              <TableCell align="right">{count(row.row)}</TableCell>
              <TableCell className="mono">{row.iccid ?? <Absent />}</TableCell>
              <TableCell className="mono">{row.column === '' ? <Absent /> : row.column}</TableCell>
              <TableCell className="mono">{row.found ?? <Absent />}</TableCell>
              <TableCell>{row.message}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}

/** Errors of a job with their groups and the file that holds all of them. */
export function JobErrors({ job }: { readonly job: JobDetail }): ReactElement | null {
  const [chosen, setChosen] = useState<string | undefined>();
  const toasts = useToasts();
  const file = useDeskCommand(contract.errorsFile);
  const groups = job.errorGroups ?? [];
  if (job.errors.length === 0 && groups.length === 0) return null;
  const rows = chosen === undefined ? job.errors : job.errors.filter((row) => row.code === chosen);
  const all = Math.max(job.rejected, job.errors.length);
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1 }}>
      <ErrorGroups groups={groups} {...(groups.length > 1 ? { chosen, onChoose: setChosen } : {})} />
      <FailedRows rows={rows.slice(0, 200)} />
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
        <Muted>{rows.length > 200 || all > rows.length ? `${count(Math.min(200, rows.length))} of ${count(chosen === undefined ? all : rows.length)} shown; the file has all of them.` : plural(rows.length, 'row')}</Muted>
        <Box sx={{ flex: 1 }} />
        <Button variant="outlined" startIcon={<DownloadOutlined />} disabled={file.isPending} onClick={() => file.mutate({ id: job.id }, { onSuccess: saveFile, onError: (error) => toasts.failed(error, 'Errors') })}>
          Save all as CSV
        </Button>
      </Box>
    </Box>
  );
}

/** What a job made: row counts and digests stay when the file itself is gone. */
export function Artefacts({ rows, onSave, saving }: { readonly rows: readonly JobArtefact[]; readonly onSave?: (artefact: JobArtefact) => void; readonly saving?: string | undefined }): ReactElement {
  if (rows.length === 0) return <Muted>Nothing yet.</Muted>;
  return (
    <Scroll label="Artefacts" actions={onSave !== undefined}>
      <TableHead>
        <TableRow>
          <TableCell>File</TableCell>
          <TableCell>For</TableCell>
          <TableCell align="right">Profiles</TableCell>
          <TableCell align="right">Size</TableCell>
          <TableCell>SHA-256</TableCell>
          <TableCell>Secrets</TableCell>
          <TableCell>Made</TableCell>
          {onSave !== undefined && <TableCell />}
        </TableRow>
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <TableRow key={row.id}>
            <TableCell>
              {row.title}
              <Box className="mono" sx={(theme) => ({ color: theme.desk.muted })}>{row.name}</Box>
            </TableCell>
            <TableCell>{row.recipient ?? <Absent />}</TableCell>
            <TableCell align="right">{count(row.rows)}</TableCell>
            <TableCell align="right">{bytes(row.bytes)}</TableCell>
            <TableCell>
              <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center' }}>
                <span className="mono" title={row.sha256}>{row.sha256.slice(0, 12)}…</span>
                <CopyButton value={row.sha256} what={`SHA-256 of ${row.name}`} />
              </Box>
            </TableCell>
            <TableCell sx={{ whiteSpace: 'normal !important', minWidth: 160 }}>{row.protection?.replace(/^Secrets i/, 'I').replace(/^The file e/, 'File e') ?? <Absent>none in it</Absent>}</TableCell>
            <TableCell>
              <Moment at={row.createdAt} show="relative" />
            </TableCell>
            {onSave !== undefined && (
              <TableCell align="right">
                {row.sweptAt === undefined ? (
                  <Button variant="outlined" sx={small} startIcon={<DownloadOutlined />} aria-label={`Save ${row.name}`} disabled={saving === row.id} onClick={() => onSave(row)}>
                    Save
                  </Button>
                ) : (
                  <Muted>
                    file deleted <Moment at={row.sweptAt} show="relative" />
                  </Muted>
                )}
              </TableCell>
            )}
          </TableRow>
        ))}
      </TableBody>
    </Scroll>
  );
}

/** Why a job stands still or ended as it did. */
export function JobMessage({ job }: { readonly job: JobView }): ReactElement | null {
  if (job.message === undefined) return null;
  return <Note tone={job.state === 'failed' ? 'danger' : job.state === 'partly-failed' || job.state === 'paused' ? 'warning' : 'info'}>{job.message}</Note>;
}
