import type { ReactElement } from 'react';
import Button from '@mui/material/Button';
import { useNavigate } from 'react-router';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { LoadingRows, Problem } from '../design/states.tsx';
import { jobLook, Status } from '../design/status.tsx';
import { isOver, jobPath } from './job-figures.ts';
import { JobActions, JobErrors, JobMessage, JobProgress, JobSteps } from './job-parts.tsx';
import { JobFacts, useJob } from './job-screen.tsx';

export function JobDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }): ReactElement {
  const job = useJob(id);
  const navigate = useNavigate();
  const { data } = job;
  return (
    <DeskDialog
      title={data?.title ?? 'Job'}
      onClose={onClose}
      width={760}
      note={data === undefined || isOver(data) ? undefined : 'It goes on when this is closed, and after a restart.'}
      actions={
        <>
          {data !== undefined && (
            <Button
              onClick={() => {
                onClose();
                void navigate(jobPath(data));
              }}
            >
              Open its page
            </Button>
          )}
          <PrimaryButton onClick={onClose}>{data === undefined || isOver(data) ? 'Done' : 'Leave it running'}</PrimaryButton>
        </>
      }
    >
      {job.isError && data === undefined ? (
        <Problem error={job.error} what="The job" retry={() => void job.refetch()} />
      ) : data === undefined ? (
        <LoadingRows rows={4} />
      ) : (
        <>
          <Status look={jobLook[data.state]} />
          <JobProgress job={data} />
          <JobActions job={data} effect={data.cancelEffect} />
          <JobMessage job={data} />
          {(data.steps ?? []).length > 1 && <JobSteps steps={data.steps} live={!isOver(data)} />}
          <JobErrors job={data} />
          <JobFacts job={data} />
        </>
      )}
    </DeskDialog>
  );
}
