/** Step 6: the rows go into the stock. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import { jobs } from '../../shared/contract/jobs.ts';
import { JobActions, JobMessage, JobProgress, JobSteps } from '../app/job-parts.tsx';
import { useDesk } from '../app/queries.ts';
import { Panel } from '../design/panel.tsx';
import { LoadingRows } from '../design/states.tsx';
import { Muted } from '../design/text.tsx';
import type { StepProps } from './wizard-screen.tsx';

export function RunStep({ view }: StepProps): ReactElement {
  const running = view.state === 'committing';
  const detail = useDesk(jobs.show, { id: view.job?.id ?? '' }, { enabled: view.job !== undefined, refetchInterval: running ? 1_000 : false }).data;
  if (view.job === undefined) return <Panel><LoadingRows rows={3} /></Panel>;
  return (
    <>
      <Panel title={running ? 'Writing the profiles into the stock' : view.job.title}>
        <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.5 }}>
          <JobProgress job={detail ?? view.job} unit="profiles" />
          <Box sx={{ display: 'flex', gap: 2, alignItems: 'center', flexWrap: 'wrap' }}>
            <JobActions job={detail ?? view.job} effect={detail?.cancelEffect ?? 'What was written is taken out of the stock again.'} />
            {running && <Muted>It goes on when you leave this page, and after a restart.</Muted>}
          </Box>
          <JobMessage job={view.job} />
        </Box>
      </Panel>
      {(detail?.steps ?? []).length > 1 && (
        <Panel title="Steps" flush>
          <JobSteps steps={detail!.steps} live={running} />
        </Panel>
      )}
    </>
  );
}
