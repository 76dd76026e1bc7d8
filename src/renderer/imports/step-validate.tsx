/** Step 4: every row is checked; what is wrong stands in groups, one for each thing that repairs it. */
import { useRef, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TaskAltOutlined from '@mui/icons-material/TaskAltOutlined';
import ManageSearch from '@mui/icons-material/ManageSearch';
import { imports, type ImportGroup } from '../../shared/contract/imports.ts';
import { jobs } from '../../shared/contract/jobs.ts';
import { JobActions, JobMessage, JobProgress } from '../app/job-parts.tsx';
import { isLive } from '../app/job-figures.ts';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { count, plural } from '../design/formats.ts';
import { Figure, Panel } from '../design/panel.tsx';
import { Shares } from '../design/progress.tsx';
import { Empty } from '../design/states.tsx';
import { Muted } from '../design/text.tsx';
import { FixFile, FixFileKeys } from './fix-file.tsx';
import { GroupPanel } from './group-panel.tsx';
import { HandledGroup, type Handled } from './handled-group.tsx';
import { groupOrder, groupTitle, readyShare, stepReason } from './import-words.ts';
import { ImportRows } from './import-rows.tsx';
import type { StepProps } from './wizard-screen.tsx';

export function ValidateStep({ view, open }: StepProps): ReactElement {
  const check = useDeskCommand(imports.validate);
  const toasts = useToasts();
  const running = view.job !== undefined && isLive(view.job) && view.state !== 'committing';
  // Rate and time left are the job's own.
  const job = useDesk(jobs.show, { id: view.job?.id ?? '' }, { enabled: running, refetchInterval: running ? 1_000 : false }).data ?? view.job;
  // Raised when many rows changed at once: the lists of rows are read again then, and not under the hand that types.
  const [turn, setTurn] = useState(0);
  const [handled, setHandled] = useState<readonly Handled[]>([]);
  // The order in which the groups were seen first: they keep it while their rows are mended.
  const seen = useRef<string[]>([]);
  if (view.state === 'validating' || (running && view.counts === undefined)) {
    return (
      <Panel title={`Checking ${plural(view.detection.rows, 'row')}`}>
        {job !== undefined && (
          <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.5 }}>
            <JobProgress job={job} unit="rows" />
            <Box sx={{ display: 'flex', gap: 2, alignItems: 'center', flexWrap: 'wrap' }}>
              <JobActions job={job} effect="The check ends; file and mapping stay." />
              <Muted>It goes on when you leave this page. Keys are opened and sealed in the vault meanwhile; nothing is written to the stock.</Muted>
            </Box>
            {view.groups.length > 0 && (
              <Box>
                <Box sx={{ fontWeight: 500 }}>Found so far</Box>
                <Box component="ul" sx={{ m: '4px 0 0', pl: '18px' }}>
                  {groupOrder(view.groups).map((group) => <li key={group.id}>{groupTitle(group)}{group.severity === 'warning' && <Muted> (a warning)</Muted>}</li>)}
                </Box>
              </Box>
            )}
          </Box>
        )}
      </Panel>
    );
  }
  if (view.counts === undefined) {
    const reason = stepReason(view, 'validate');
    return (
      <Panel>
        {view.job !== undefined && <JobMessage job={view.job} />}
        <Empty
          icon={ManageSearch}
          title={`${plural(view.detection.rows, 'row')} to check`}
          actions={
            <Button variant="contained" color="primary" disabled={reason !== undefined || check.isPending} onClick={() => check.mutate({ id: view.id }, { onSuccess: open.expect, onError: (error) => toasts.failed(error, 'Check') })}>
              Check the rows
            </Button>
          }
        >
          {reason ?? 'Every number, every check digit, every key is checked, and compared with the stock. Nothing is written.'}
        </Empty>
      </Panel>
    );
  }
  const { counts } = view;
  for (const group of groupOrder(view.groups, seen.current)) if (!seen.current.includes(group.id)) seen.current.push(group.id);
  const groups = groupOrder(view.groups, seen.current);
  const gone = handled.filter((one) => !groups.some((group) => group.id === one.group.id));
  const blockers = groups.filter((group) => group.severity === 'blocker');
  const warnings = groups.filter((group) => group.severity === 'warning');
  const changed = (): void => setTurn((n) => n + 1);
  const onHandled = (one: Handled): void => setHandled((before) => [...before.filter((other) => other.group.id !== one.group.id), one]);
  /** Groups of a severity, and in their old places those that were dealt with. */
  const lines = (shown: readonly ImportGroup[], severity: ImportGroup['severity'], first: boolean): ReactElement[] =>
    groupOrder([...shown, ...gone.map((one) => one.group).filter((group) => group.severity === severity)], seen.current).map((group) => {
      const done = gone.find((one) => one.group.id === group.id);
      if (done !== undefined) return <HandledGroup key={group.id} view={view} open={open} handled={done} onBack={() => { setHandled((before) => before.filter((one) => one !== done)); changed(); }} />;
      return <GroupPanel key={group.id} view={view} open={open} group={group} startOpen={first && group.id === seen.current[0]} onChanged={changed} onHandled={onHandled} turn={turn} />;
    });
  return (
    <>
      <Panel>
        <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(4, minmax(84px, auto)) 1fr', gap: 4, alignItems: 'start', '@media (max-width: 1100px)': { gap: 2 } }}>
          <Figure name="Ready" value={count(counts.good)} note={readyShare(counts)} />
          <Figure name="To repair" value={count(counts.bad)} note={counts.bad === 0 ? 'nothing' : `${plural(blockers.length, 'group')}`} />
          <Figure name="Left out" value={count(counts.leftOut)} note={counts.skipped > 0 ? `${count(counts.skipped)} passed over` : ' '} />
          <Figure name="Corrected here" value={count(counts.repaired)} note={counts.repaired === 0 ? ' ' : 'cells'} />
          <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', justifyContent: 'flex-end', alignSelf: 'center' }}>
            <FixFile view={view} disabled={counts.bad + counts.leftOut === 0} />
            <Button variant="outlined" disabled={check.isPending || running} onClick={() => { setHandled([]); check.mutate({ id: view.id }, { onSuccess: open.expect, onError: (error) => toasts.failed(error, 'Check') }); }}>
              Check again
            </Button>
          </Box>
        </Box>
        {counts.bad + counts.leftOut > 0 && <Box sx={{ mt: 0.75, textAlign: 'right' }}><FixFileKeys view={view} /></Box>}
        <Box sx={{ mt: 1.25 }}>
          <Shares label="Rows" parts={[{ name: 'ready', value: counts.good, colour: 'success', text: count(counts.good) }, { name: 'to repair', value: counts.bad, colour: 'danger', text: count(counts.bad) }, { name: 'left out', value: counts.leftOut, colour: 'neutral', text: count(counts.leftOut) }, { name: 'passed over', value: counts.skipped, colour: 'info', text: count(counts.skipped) }]} />
        </Box>
        {running && view.job !== undefined && <Box sx={{ mt: 1.5 }}><JobProgress job={view.job} unit="rows" /></Box>}
      </Panel>
      {blockers.length === 0 ? (
        <Panel>
          <Box role="status" sx={{ display: 'flex', gap: 1.25, alignItems: 'center' }}>
            <TaskAltOutlined aria-hidden sx={(theme) => ({ color: theme.desk.success, fontSize: '1.5rem' })} />
            <Box>
              <strong>{counts.bad === 0 ? 'Nothing stands in the way.' : `${plural(counts.bad, 'row')} to repair.`}</strong> {warnings.length > 0 ? 'Have a look at the warnings, then go on to the preview.' : 'Go on to the preview: what the import would do to the stock.'}
            </Box>
          </Box>
        </Panel>
      ) : (
        <Box component="section" aria-label="To repair" sx={{ display: 'flex', flexDirection: 'column', gap: 1.25 }}>
          <Heading title={`To repair: ${plural(counts.bad, 'row')} in ${plural(blockers.length, 'group')}`} note="Repair a group, or leave its rows out. The file itself is never changed." />
          {lines(blockers, 'blocker', true)}
        </Box>
      )}
      {blockers.length === 0 && gone.some((one) => one.group.severity === 'blocker') && <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.25 }}>{lines([], 'blocker', false)}</Box>}
      {(warnings.length > 0 || gone.some((one) => one.group.severity === 'warning')) && (
        <Box component="section" aria-label="Warnings" sx={{ display: 'flex', flexDirection: 'column', gap: 1.25 }}>
          <Heading title={warnings.length === 0 ? 'Warnings: none is left' : `Warnings: ${plural(warnings.length, 'group')}`} note="These rows are imported as they are, unless you change them." />
          {lines(warnings, 'warning', false)}
        </Box>
      )}
      <ImportRows view={view} open={open} turn={turn} onChanged={changed} />
    </>
  );
}

function Heading({ title, note }: { readonly title: string; readonly note: string }): ReactElement {
  return (
    <Box sx={{ display: 'flex', gap: 1.5, alignItems: 'baseline', flexWrap: 'wrap' }}>
      <Box component="h2" sx={{ m: 0, fontSize: '0.9375rem', fontWeight: 600 }}>{title}</Box>
      <Muted>{note}</Muted>
    </Box>
  );
}
