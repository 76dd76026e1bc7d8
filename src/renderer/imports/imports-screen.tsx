/** Files brought in: open ones to go on with, past ones with what came of them; saved mappings; transport keys. */
import { useMemo, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';
import DownloadOutlined from '@mui/icons-material/DownloadOutlined';
import EditOutlined from '@mui/icons-material/EditOutlined';
import FactCheckOutlined from '@mui/icons-material/FactCheckOutlined';
import PlayArrow from '@mui/icons-material/PlayArrow';
import Undo from '@mui/icons-material/Undo';
import UploadFileOutlined from '@mui/icons-material/UploadFileOutlined';
import { useNavigate, useSearchParams } from 'react-router';
import { imports, type ImportHistoryRow, type ImportState } from '../../shared/contract/imports.ts';
import { call } from '../app/client.ts';
import { CommandButton, useScreenCommands } from '../app/command-context.tsx';
import type { CommandSpec } from '../app/commands.ts';
import { useDeskCommand, useDeskPages } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { saveFile, saveText } from '../design/download.ts';
import { ChooseFile, DropArea } from '../design/drop-area.tsx';
import { count } from '../design/formats.ts';
import { stockFileId } from '../design/ids.ts';
import type { Column } from '../design/grid.tsx';
import { TextLink } from '../design/link.tsx';
import { ListBody } from '../design/list-body.tsx';
import { ListPage, PageHeader } from '../design/panel.tsx';
import { Empty, Note, ProblemCode } from '../design/states.tsx';
import { Status, type Look } from '../design/status.tsx';
import { Absent, Moment } from '../design/text.tsx';
import { inventoryOf, sampleFile, stateWord } from './import-words.ts';
import { SavedMappings } from './saved-mappings.tsx';
import { TransportKeys } from './transport-keys.tsx';
import { useOpenFile, type FileOpening } from './use-open-file.tsx';

const stateLooks: Readonly<Record<ImportState, Pick<Look, 'tone' | 'icon'>>> = {
  opened: { tone: 'info', icon: EditOutlined }, mapped: { tone: 'info', icon: EditOutlined }, validating: { tone: 'accent', icon: PlayArrow }, validated: { tone: 'info', icon: FactCheckOutlined },
  committing: { tone: 'accent', icon: PlayArrow }, done: { tone: 'success', icon: CheckCircleOutlined }, 'rolled-back': { tone: 'warning', icon: Undo },
};
export const importLook = (state: ImportState): Look => ({ ...stateLooks[state], word: stateWord(state) });

export const importFiles = '.csv,.tsv,.txt,.inp,.in,.out,.jsonl,.ndjson,.json,text/csv,text/plain';
const tabs = [
  { id: 'files', name: 'Files' },
  { id: 'mappings', name: 'Saved mappings' },
  { id: 'keys', name: 'Transport keys' },
] as const;

export function ImportsScreen(): ReactElement {
  const [params, setParams] = useSearchParams();
  const view = tabs.find((tab) => tab.id === params.get('view'))?.id ?? 'files';
  const opening = useOpenFile();
  const openFile = opening.open;
  const commands = useMemo<readonly CommandSpec[]>(() => [{ id: 'imports.sample', title: 'Save a sample stock file', group: 'Here', run: () => saveText(sampleFile.name, sampleFile.text) }], []);
  useScreenCommands(commands);
  return (
    <DropArea label="Drop the file to import it" disabled={opening.busy !== undefined} onFile={(file) => void openFile(file)} pastedName="pasted.csv">
      <ListPage>
        <PageHeader title="Imports">
          {view === 'keys' ? (
            <CommandButton id="transportKey.add" primary />
          ) : (
            <ChooseFile accept={importFiles} inputLabel="Stock file" inputId={stockFileId} variant="contained" color="primary" startIcon={<UploadFileOutlined />} disabled={opening.busy !== undefined} onFile={(file) => void openFile(file)}>
              Import a file
            </ChooseFile>
          )}
        </PageHeader>
        <Tabs value={view} onChange={(_, next: string) => setParams(next === 'files' ? {} : { view: next }, { replace: true })} aria-label="Imports" sx={(theme) => ({ borderBottom: `1px solid ${theme.desk.line}`, mt: '-8px', flexShrink: 0 })}>
          {tabs.map((tab) => (
            <Tab key={tab.id} value={tab.id} label={tab.name} id={`tab-${tab.id}`} aria-controls={`panel-${tab.id}`} />
          ))}
        </Tabs>
        <Opening opening={opening} />
        <Box role="tabpanel" id={`panel-${view}`} aria-labelledby={`tab-${view}`} sx={{ flex: 1, minHeight: 0, display: 'flex', flexDirection: 'column', gap: 1.5 }}>
          {view === 'files' && <Files opening={opening} />}
          {view === 'mappings' && <SavedMappings />}
          {view === 'keys' && <TransportKeys />}
        </Box>
      </ListPage>
    </DropArea>
  );
}

/** A file on its way, or why it was not taken. */
export function Opening({ opening: { busy, problem, forget } }: { readonly opening: FileOpening }): ReactElement | null {
  if (busy !== undefined) {
    return (
      <Box role="status">
        <Note tone="info">
          Reading {busy}: its form, its columns, its rows. Nothing is written.
          <LinearProgress aria-label={`Reading ${busy}`} sx={{ mt: 1, width: 320, maxWidth: '100%' }} />
        </Note>
      </Box>
    );
  }
  if (problem === undefined) return null;
  const { error, file } = problem;
  return (
    <Box role="alert">
      <Note tone="danger">
        <strong>{file}</strong> was not taken: {error.message} {error.hint}
        <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
          <ProblemCode code={error.code} correlationId={error.correlationId} />
          <Button sx={{ minHeight: 24, py: 0 }} onClick={forget}>
            Close
          </Button>
        </Box>
      </Note>
    </Box>
  );
}

function Files({ opening }: { readonly opening: FileOpening }): ReactElement {
  const navigate = useNavigate();
  const toasts = useToasts();
  const fix = useDeskCommand(imports.fixFile);
  const pages = useDeskPages<ImportHistoryRow>(imports.list.name, {}, (cursor) => call(imports.list, { limit: 100, ...(cursor === undefined ? {} : { cursor }) }), { refetchInterval: 10_000 });
  const columns = useMemo<readonly Column<ImportHistoryRow>[]>(
    () => [
      { id: 'fileName', name: 'File', width: 200, always: true, cell: (row) => <TextLink to={`/imports/${row.id}`}>{row.fileName}</TextLink> },
      { id: 'state', name: 'State', width: 140, cell: (row) => <Status look={importLook(row.state)} /> },
      { id: 'type', name: 'Profile type', width: 140, cell: (row) => row.type ?? <Absent /> },
      { id: 'accepted', name: 'Imported', width: 90, align: 'right', cell: (row) => (row.state === 'done' || row.accepted > 0 ? count(row.accepted) : <Absent />) },
      { id: 'skipped', name: 'Passed over', width: 92, align: 'right', cell: (row) => (row.skipped === 0 ? <Absent /> : count(row.skipped)) },
      { id: 'leftOut', name: 'Left out', width: 76, align: 'right', cell: (row) => (row.leftOut === 0 ? <Absent /> : count(row.leftOut)) },
      { id: 'at', name: 'When', width: 130, cell: (row) => <Moment at={row.finishedAt ?? row.at} show="minutes" /> },
      { id: 'actor', name: 'Who', width: 100, cell: (row) => row.actor },
      {
        id: 'links', name: 'Go on with', width: 190, cell: (row) => (
          <Box component="span" sx={{ display: 'inline-flex', gap: 1.5, alignItems: 'center' }} onClick={(event) => event.stopPropagation()}>
            {row.state === 'done' && row.reference !== undefined && <TextLink to={inventoryOf(row)}>Its profiles</TextLink>}
            {row.open && row.state !== 'done' && <TextLink to={`/imports/${row.id}`}>Continue</TextLink>}
            {row.fixFile && (
              <Button
                sx={{ minHeight: 24, py: 0, px: '6px' }}
                startIcon={<DownloadOutlined />}
                aria-label={`Save the fix file of ${row.fileName}`}
                onClick={() => fix.mutate({ id: row.id }, { onSuccess: saveFile, onError: (error) => toasts.failed(error, 'Fix file') })}
              >
                Fix file
              </Button>
            )}
          </Box>
        ),
      },
    ],
    [fix, toasts],
  );
  return (
    <ListBody
      label="Imported files"
      unit={['file', 'files']}
      pages={pages}
      columns={columns}
      rowId={(row) => row.id}
      onOpen={(row) => void navigate(`/imports/${row.id}`)}
      filtered={false}
      onClearFilters={() => undefined}
      empty={
        <Empty
          icon={UploadFileOutlined}
          title="Drop a stock file here"
          actions={
            <>
              <Button variant="outlined" startIcon={<DownloadOutlined />} onClick={() => saveText(sampleFile.name, sampleFile.text)}>
                Save a sample file
              </Button>
              <ChooseFile accept={importFiles} inputLabel="Stock file to begin with" variant="contained" color="primary" disabled={opening.busy !== undefined} onFile={(file) => void opening.open(file)}>
                Choose a file
              </ChooseFile>
            </>
          }
        >
          Or paste its rows with Ctrl+V. CSV, tab-separated, JSON lines, and the .inp and .out files of card vendors are recognised. You see every faulty row, and mend it, before anything is written.
        </Empty>
      }
      foot={<span>Drop a file anywhere on this page, or paste its rows.</span>}
    />
  );
}
