/** An import of which only the history is left: the file itself was in memory and is gone. */
import type { ReactElement } from 'react';
import Button from '@mui/material/Button';
import HistoryToggleOff from '@mui/icons-material/HistoryToggleOff';
import { useNavigate } from 'react-router';
import { imports, type ImportHistoryRow } from '../../shared/contract/imports.ts';
import { jobs } from '../../shared/contract/jobs.ts';
import { JobActions, JobMessage, JobProgress } from '../app/job-parts.tsx';
import { useDesk } from '../app/queries.ts';
import { BackLink, useEscapeTo } from '../design/back.tsx';
import { count } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Page, PageHeader, Pairs, Panel } from '../design/panel.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Badge } from '../design/status.tsx';
import { Moment } from '../design/text.tsx';
import { Digest } from './digest.tsx';
import { inventoryOf } from './import-words.ts';
import { importLook } from './imports-screen.tsx';

/** The program was started again while the rows were written: the job goes on without the file. */
function GoingOn({ row, job }: { readonly row: ImportHistoryRow; readonly job: string }): ReactElement {
  const detail = useDesk(jobs.show, { id: job }, { refetchInterval: 1_000 });
  return (
    <Page width={900}>
      <BackLink to="/imports">Imports</BackLink>
      <PageHeader title={row.fileName} note={<Badge look={importLook(row.state)} />} />
      <Panel title="Writing the profiles into the stock">
        {detail.data === undefined ? <LoadingRows rows={2} /> : (
          <>
            <JobProgress job={detail.data} unit="profiles" />
            <JobActions job={detail.data} effect={detail.data.cancelEffect} />
            <JobMessage job={detail.data} />
          </>
        )}
      </Panel>
    </Page>
  );
}

export function PastImport({ id }: { readonly id: string }): ReactElement {
  const list = useDesk(imports.list, { limit: 500 }, { refetchInterval: 3_000 });
  const navigate = useNavigate();
  useEscapeTo('/imports');
  if (list.isError) return <Page><Problem error={list.error} what="The import" retry={() => void list.refetch()} /></Page>;
  if (list.data === undefined) return <Page><LoadingRows rows={6} /></Page>;
  const row = list.data.rows.find((one) => one.id === id);
  if (row?.state === 'committing' && row.job !== undefined) return <GoingOn row={row} job={row.job} />;
  if (row === undefined || row.state !== 'done') {
    return (
      <Page>
        <BackLink to="/imports">Imports</BackLink>
        <Empty icon={HistoryToggleOff} title="This file is no longer held" actions={<Button variant="contained" color="primary" onClick={() => void navigate('/imports')}>To the imports</Button>}>
          A file that is not imported is kept in memory for a while only, and not across a restart, because of the keys in it. Nothing of it was written; import it again.
        </Empty>
      </Page>
    );
  }
  return (
    <Page width={900}>
      <BackLink to="/imports">Imports</BackLink>
      <PageHeader title={row.fileName} note={<Badge look={importLook(row.state)} />} />
      <Panel title="What came of it">
        <Pairs
          rows={[
            ['Imported', count(row.accepted)],
            ['Passed over', count(row.skipped)],
            ['Left out', count(row.leftOut)],
            ['Profile type', row.type ?? '–'],
            ['When', <Moment key="w" at={row.finishedAt ?? row.at} show="both" />],
            ['Who', row.actor],
            ['Transport keys', row.transportKeys.length === 0 ? 'none' : row.transportKeys.join(', ')],
            ['SHA-256', <Digest key="h" value={row.sha256} />],
          ]}
        />
      </Panel>
      <TextLink to={inventoryOf(row)}>Its profiles in the inventory</TextLink>
    </Page>
  );
}
