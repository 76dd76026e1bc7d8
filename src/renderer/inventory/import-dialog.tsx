import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useForm } from 'react-hook-form';
import { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/contract/define.ts';
import { uploadFile } from '../app/client.ts';
import { JobLine } from '../app/jobs-menu.tsx';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { FileField } from '../design/file-field.tsx';
import { TypeField } from '../design/form.tsx';
import { count, plural } from '../design/formats.ts';
import { RowErrors } from '../design/row-errors.tsx';
import { Note, ProblemNote } from '../design/states.tsx';
import { Code, Muted } from '../design/text.tsx';

type Report = OutputOf<typeof contract.stock.importFile>;

/** File → dry run with counts and row errors → import as a job. Nothing is written before the last step. */
export function ImportDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const form = useForm<{ type: string }>({ defaultValues: { type: '' } });
  const [file, setFile] = useState<File | undefined>();
  const [report, setReport] = useState<Report | undefined>();
  const [running, setRunning] = useState<Report | undefined>();
  const run = useDeskCommand(contract.stock.importFile);
  const [reading, setReading] = useState(false);
  const [unread, setUnread] = useState<unknown>();

  const ask = async (dryRun: boolean): Promise<void> => {
    if (file === undefined) return;
    setReading(true);
    setUnread(undefined);
    try {
      const handle = await uploadFile(file);
      const answer = await run.mutateAsync({ file: handle, fileName: file.name, type: form.getValues('type'), dryRun });
      if (dryRun) setReport(answer);
      else setRunning(answer);
    } catch (error) {
      setUnread(error);
    } finally {
      setReading(false);
    }
  };
  const change = (next: File | undefined): void => {
    setFile(next);
    setReport(undefined);
    setUnread(undefined);
  };

  if (running !== undefined) return <Running report={running} onClose={onClose} />;
  return (
    <DeskDialog
      title="Import stock"
      onClose={onClose}
      width={720}
      onSubmit={(event) => void form.handleSubmit(() => ask(report === undefined))(event)}
      note={report === undefined ? 'The dry run writes nothing.' : undefined}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          {report !== undefined && <Button variant="outlined" onClick={() => void ask(true)} disabled={reading}>Check again</Button>}
          <PrimaryButton submit busy={reading} disabled={file === undefined || (report !== undefined && report.accepted === 0)}>
            {report === undefined ? 'Check the file' : `Import ${plural(report.accepted, 'profile')}`}
          </PrimaryButton>
        </>
      }
    >
      <TypeField control={form.control} name="type" show="imported" />
      <FileField label="Stock file (CSV)" accept=".csv,text/csv" file={file} onFile={change} help="Columns iccid and imsi; msisdn, ki, opc, pin and puk where you have them." />
      <ProblemNote error={unread} />
      {report !== undefined && <DryRun report={report} fileName={file?.name ?? 'stock.csv'} />}
    </DeskDialog>
  );
}

function DryRun({ report, fileName }: { readonly report: Report; readonly fileName: string }): ReactElement {
  return (
    <Box role="status" sx={{ display: 'flex', flexDirection: 'column', gap: 1.5 }}>
      <Note tone={report.rejected === 0 ? 'success' : report.accepted === 0 ? 'danger' : 'warning'}>
        <strong>{count(report.accepted)}</strong> can be imported, <strong>{count(report.rejected)}</strong> cannot. Nothing has been written.
        <Box>
          <Muted>
            SHA-256 of the file <Code>{report.fileSha256.slice(0, 16)}…</Code>
          </Muted>
        </Box>
      </Note>
      {report.errors.length > 0 && <RowErrors errors={report.errors} rejected={report.rejected} fileName={`${fileName.replace(/\.csv$/i, '')}-errors.csv`} />}
    </Box>
  );
}

function Running({ report, onClose }: { readonly report: Report; readonly onClose: () => void }): ReactElement {
  const id = report.job?.id;
  const job = useDesk(contract.jobs.show, { id: id ?? '' }, { enabled: id !== undefined, refetchInterval: 700 });
  const view = job.data ?? report.job;
  const over = view === undefined || view.state === 'done' || view.state === 'failed' || view.state === 'cancelled';
  return (
    <DeskDialog title="Import stock" onClose={onClose} width={720} note={over ? undefined : 'It goes on when this is closed; the jobs menu shows it.'} actions={<PrimaryButton onClick={onClose}>{over ? 'Done' : 'Leave it running'}</PrimaryButton>}>
      {view === undefined ? <Note tone="success">{plural(report.accepted, 'profile')} imported.</Note> : <JobLine job={view} />}
      {(job.data?.errors.length ?? 0) > 0 && <RowErrors errors={job.data?.errors ?? []} rejected={job.data?.rejected ?? 0} fileName="import-errors.csv" />}
    </DeskDialog>
  );
}
