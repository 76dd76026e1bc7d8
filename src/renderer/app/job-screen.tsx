/** One job of any kind: its steps, what went wrong, what it made. A dialog over any screen, and a page with an address. */
import { lazy, Suspense, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import { useParams } from 'react-router';
import { jobs as contract, type JobDetail } from '../../shared/contract/jobs.ts';
import { BackLink, useEscapeTo } from '../design/back.tsx';
import { Page, PageHeader, Pairs, Panel } from '../design/panel.tsx';
import { LoadingRows, Problem } from '../design/states.tsx';
import { Badge, jobLook } from '../design/status.tsx';
import { Moment } from '../design/text.tsx';
import { words } from '../design/formats.ts';
import { isOver } from './job-figures.ts';
import { Artefacts, JobActions, JobErrors, JobMessage, JobProgress, JobSteps } from './job-parts.tsx';
import { useDesk } from './queries.ts';

const BulkResult = lazy(async () => ({ default: (await import('../inventory/bulk-result.tsx')).BulkResult }));

/** Asked again quickly while it works, and hardly ever once it has ended. */
export function useJob(id: string): ReturnType<typeof useDesk<typeof contract.show.input, typeof contract.show.output>> {
  const first = useDesk(contract.show, { id }, {});
  return useDesk(contract.show, { id }, { refetchInterval: first.data !== undefined && isOver(first.data) ? false : 1_000 });
}

export function JobFacts({ job }: { readonly job: JobDetail }): ReactElement {
  return (
    <Pairs
      rows={[
        ['Kind', words(job.kind.replaceAll('.', ' '))],
        ['Started by', job.actor],
        ['Created', <Moment key="c" at={job.createdAt} show="both" />],
        ['Started', <Moment key="s" at={job.startedAt} show="both" />],
        ['Ended', <Moment key="f" at={job.finishedAt} show="both" />],
      ]}
    />
  );
}

export function JobScreen(): ReactElement {
  const { id = '' } = useParams();
  const job = useJob(id);
  useEscapeTo('/');
  if (job.isError && job.data === undefined) return <Page><Problem error={job.error} what="The job" retry={() => void job.refetch()} /></Page>;
  if (job.data === undefined) return <Page><LoadingRows rows={8} /></Page>;
  const { data } = job;
  return (
    <Page width={1200}>
      <BackLink to="/">Home</BackLink>
      <PageHeader title={data.title} note={<Badge look={jobLook[data.state]} />}>
        <JobActions job={data} effect={data.cancelEffect} />
      </PageHeader>
      <Panel>
        <JobProgress job={data} />
      </Panel>
      <JobMessage job={data} />
      {(data.steps ?? []).length > 0 && (
        <Panel title="Steps" flush>
          <JobSteps steps={data.steps} live={!isOver(data)} />
        </Panel>
      )}
      {data.kind === 'bulk' && (
        <Panel title="Profile by profile">
          <Suspense fallback={<LoadingRows rows={4} />}>
            <BulkResult job={data.id} within />
          </Suspense>
        </Panel>
      )}
      {data.kind !== 'bulk' && (data.errors.length > 0 || (data.errorGroups ?? []).length > 0) && (
        <Panel title="What could not be done">
          <JobErrors job={data} />
        </Panel>
      )}
      {(data.artefacts ?? []).length > 0 && (
        <Panel title="Artefacts" flush>
          <Artefacts rows={data.artefacts} />
        </Panel>
      )}
      <Panel title="About it">
        <Box sx={{ maxWidth: 640 }}>
          <JobFacts job={data} />
        </Box>
      </Panel>
    </Page>
  );
}
