import type { ReactElement } from 'react';
import { contract } from '../../shared/contract/index.ts';
import { DeskDialog } from '../design/dialog.tsx';
import { RowErrors } from '../design/row-errors.tsx';
import { LoadingRows, Problem } from '../design/states.tsx';
import { Pairs } from '../design/panel.tsx';
import { Moment } from '../design/text.tsx';
import { JobLine } from './jobs-menu.tsx';
import { useDesk } from './queries.ts';

export function JobDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }): ReactElement {
  const job = useDesk(contract.jobs.show, { id }, { refetchInterval: 1_500 });
  return (
    <DeskDialog title={job.data?.title ?? 'Job'} onClose={onClose} width={640}>
      {job.isError ? (
        <Problem error={job.error} what="The job" retry={() => void job.refetch()} />
      ) : job.data === undefined ? (
        <LoadingRows rows={4} />
      ) : (
        <>
          <JobLine job={job.data} />
          <Pairs
            rows={[
              ['Kind', job.data.kind],
              ['Started by', job.data.actor],
              ['Created', <Moment key="c" at={job.data.createdAt} show="both" />],
              ['Started', <Moment key="s" at={job.data.startedAt} show="both" />],
              ['Ended', <Moment key="f" at={job.data.finishedAt} show="both" />],
            ]}
          />
          {job.data.errors.length > 0 && <RowErrors errors={job.data.errors} rejected={job.data.rejected} fileName={`${id}-errors.csv`} />}
        </>
      )}
    </DeskDialog>
  );
}
