/** Step 2: what each column is. What needs a person stands first; the order stays while choices are made. */
import { Fragment, useMemo, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import ListSubheader from '@mui/material/ListSubheader';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import TextField from '@mui/material/TextField';
import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';
import ErrorOutlined from '@mui/icons-material/ErrorOutlineOutlined';
import RemoveCircleOutlined from '@mui/icons-material/RemoveCircleOutlineOutlined';
import WarningAmber from '@mui/icons-material/WarningAmber';
import { contract } from '../../shared/contract/index.ts';
import { importFields, transportKeys, type DetectedColumn, type ImportColumn, type ImportFieldName, type ImportWrapping, type TransportKeyRow } from '../../shared/contract/imports.ts';
import { useDesk } from '../app/queries.ts';
import { TextLink } from '../design/link.tsx';
import { LoseGuard } from '../design/lose-guard.tsx';
import { Panel } from '../design/panel.tsx';
import { Note, ProblemNote } from '../design/states.tsx';
import { Status, type Look } from '../design/status.tsx';
import { Muted } from '../design/text.tsx';
import { clearKeys, clearKin, confidenceWord, fieldNames, isKey, keyBlocker, kindOf, labelOf, mapOrder, neededFields, rankOf, under, type MapRank } from './import-words.ts';
import { modeNames } from './key-words.ts';
import { MappingShelf } from './mapping-shelf.tsx';
import { Sample } from './step-source.tsx';
import { Transforms, transformWords } from './transforms.tsx';
import { useColumnDraft } from './use-import.ts';
import type { StepProps } from './wizard-screen.tsx';

const rankLooks: Readonly<Record<MapRank, Look>> = {
  choose: { tone: 'danger', icon: ErrorOutlined, word: 'Choose' },
  twice: { tone: 'danger', icon: ErrorOutlined, word: 'Chosen twice' },
  key: { tone: 'warning', icon: WarningAmber, word: 'Looks encrypted' },
  sure: { tone: 'success', icon: CheckCircleOutlined, word: 'Set' },
  ignored: { tone: 'neutral', icon: RemoveCircleOutlined, word: 'Passed over' },
};

export function MapStep({ view, open }: StepProps): ReactElement {
  const draft = useColumnDraft(view, open.map);
  const { detection } = view;
  const keys = useDesk(transportKeys.list, {}).data?.rows.filter((row) => row.state === 'active') ?? [];
  const lab = useDesk(contract.workspace.status, {}).data?.environment === 'lab';
  // Fixed when the step opens: a row does not jump away from under the hand that set it.
  const signature = detection.columns.map((column) => column.name).join('\n');
  const order = useMemo(() => mapOrder(detection.columns, view.columns, detection).map((one) => one.column), [signature]);
  const [opened, setOpened] = useState<number | undefined>();
  const needed = neededFields(draft.columns, view.rules);
  // The profile type is chosen in the step after this one, and asked for there.
  const blockers = view.type === undefined ? view.blockers.filter((sentence) => !/profile type/i.test(sentence)) : view.blockers;
  const keyToChoose = keyBlocker(view);
  const clear = lab ? [] : clearKeys(draft.columns);
  const only = keys.length === 1 ? keys[0] : undefined;
  const missing = needed.filter((one) => !one.have && !one.optional);
  const undecided = detection.columns.filter((column) => rankOf(column, draft.columns.find((one) => one.index === column.index), draft.columns, detection) === 'choose').length;
  return (
    <>
      <LoseGuard when={draft.unsaved} what="The mapping as it stands was refused and is not kept yet; leaving loses it." />
      <ProblemNote error={open.refusal} />
      {blockers.length > 0 && draft.columns === view.columns && (
        <Note tone="warning">
          {blockers.map((sentence) => <Box key={sentence}>{sentence}</Box>)}
          {keyToChoose !== undefined && keys.length === 0 && <Box>No transport key is registered yet. <TextLink to="/imports?view=keys">Transport keys</TextLink></Box>}
          {only !== undefined && clear.length > 0 && (
            <Button variant="outlined" sx={{ mt: 0.75 }} disabled={open.mapping} onClick={() => draft.replace(under(draft.columns, clear, { key: only.name, mode: 'ecb', reversed: 'no' }))}>
              Use {only.name} for {fieldNames(clear)}
            </Button>
          )}
        </Note>
      )}
      {view.state === 'validated' && <Note tone="info">The rows have been checked with this mapping. A change here means they are checked again; corrected cells stay corrected.</Note>}
      <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) 280px', gap: 2, alignItems: 'start', '@media (max-width: 1100px)': { gridTemplateColumns: 'minmax(0, 1fr)' } }}>
        <Panel title={undecided > 0 ? `Columns of the file: ${undecided} to choose` : 'Columns of the file'} flush aside={open.mapping ? <Muted>Saving…</Muted> : <Muted>Saved as you choose</Muted>}>
          <Box tabIndex={0} role="group" aria-label="Mapping of the columns" sx={{ overflowX: 'auto' }} onKeyDown={(event) => { if (event.key === 'Escape' && opened !== undefined && !event.defaultPrevented) { event.preventDefault(); setOpened(undefined); } }}>
            <Table size="small">
              <TableHead>
                <TableRow>
                  <TableCell>Column</TableCell>
                  <TableCell>Samples</TableCell>
                  <TableCell sx={{ minWidth: 210 }}>Is</TableCell>
                  <TableCell>Why</TableCell>
                  <TableCell align="right">Is read</TableCell>
                </TableRow>
              </TableHead>
              <TableBody>
                {order.map((column) => {
                  const mine = draft.columns.find((one) => one.index === column.index) ?? { index: column.index, transforms: [] };
                  return (
                    <Fragment key={column.index}>
                      <ColumnRow column={column} mine={mine} all={draft.columns} rank={rankOf(column, mine, draft.columns, detection)} opened={opened === column.index} onOpen={() => setOpened(opened === column.index ? undefined : column.index)} onChange={(next) => draft.change(column.index, next)} onUnder={(which, wrapping) => draft.replace(under(draft.columns, which, wrapping))} keys={keys} lab={lab} />
                      {opened === column.index && (
                        <TableRow>
                          <TableCell colSpan={5} sx={(theme) => ({ background: theme.desk.canvas })}>
                            <Transforms name={column.name} transforms={mine.transforms} onChange={(transforms) => draft.change(column.index, { ...withoutIndex(mine), transforms })} />
                          </TableCell>
                        </TableRow>
                      )}
                    </Fragment>
                  );
                })}
              </TableBody>
            </Table>
          </Box>
        </Panel>
        <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2, minWidth: 0 }}>
          <Panel title="What is needed">
            <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0, display: 'flex', flexDirection: 'column', gap: '8px' }}>
              {needed.map((one) => {
                const look: Look = one.have ? { tone: 'success', icon: CheckCircleOutlined, word: one.label } : one.optional ? { tone: 'neutral', icon: RemoveCircleOutlined, word: one.label } : { tone: 'danger', icon: ErrorOutlined, word: one.label };
                return (
                  <li key={one.label}>
                    <Status look={look} quiet={!one.have && one.optional} />
                    {one.have ? <span className="visually-hidden"> is there</span> : <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', pl: '22px' })}>{one.how}</Box>}
                  </li>
                );
              })}
              {keyToChoose !== undefined && (
                <li>
                  <Status look={{ tone: 'danger', icon: ErrorOutlined, word: 'Transport key' }} />
                  <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', pl: '22px' })}>{keyToChoose}</Box>
                </li>
              )}
            </Box>
            {missing.length === 0 && undecided === 0 && keyToChoose === undefined && <Box sx={(theme) => ({ mt: 1.25, color: theme.desk.success, fontWeight: 500 })}>Everything needed is there.</Box>}
          </Panel>
          <MappingShelf view={view} open={open} onApply={draft.replace} />
        </Box>
      </Box>
    </>
  );
}

const withoutIndex = (column: ImportColumn): Omit<ImportColumn, 'index'> => ({ transforms: column.transforms, ...(column.field === undefined ? {} : { field: column.field }), ...(column.wrapping === undefined ? {} : { wrapping: column.wrapping }) });

const fieldGroups = [['identifier', 'Numbers'], ['secret', 'Keys and codes'], ['check', 'Check values']] as const;

interface RowProps {
  readonly column: DetectedColumn;
  readonly mine: ImportColumn;
  readonly all: readonly ImportColumn[];
  readonly rank: MapRank;
  readonly opened: boolean;
  readonly onOpen: () => void;
  readonly onChange: (column: Omit<ImportColumn, 'index'>) => void;
  /** Lays the transport key over other columns as well. */
  readonly onUnder: (which: readonly ImportColumn[], wrapping: ImportWrapping) => void;
  readonly keys: readonly TransportKeyRow[];
  readonly lab: boolean;
}

function ColumnRow({ column, mine, all, rank, opened, onOpen, onChange, onUnder, keys, lab }: RowProps): ReactElement {
  const taken = (field: ImportFieldName): boolean => all.some((other) => other.index !== column.index && other.field === field);
  const urgent = rank === 'choose' || rank === 'twice' || rank === 'key';
  return (
    <TableRow sx={(theme) => ({ verticalAlign: 'top', ...(urgent ? { '& > td': { background: rank === 'key' ? theme.desk.warningSoft : theme.desk.dangerSoft } } : {}) })}>
      <TableCell sx={{ whiteSpace: 'nowrap' }}>
        <Box className="mono" sx={{ fontWeight: 600 }}>{column.name}</Box>
        <Status look={rankLooks[rank]} quiet={rank === 'ignored' || rank === 'sure'} />
      </TableCell>
      <TableCell>
        {column.samples.length === 0 && <Muted>empty</Muted>}
        {[...new Set(column.samples)].slice(0, 3).map((text) => (
          <Box key={text} sx={{ maxWidth: 210, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
            <Sample text={text} />
          </Box>
        ))}
      </TableCell>
      <TableCell>
        <TextField
          select
          fullWidth
          value={mine.field ?? (rank === 'choose' ? '' : 'ignore')}
          onChange={(event) => {
            const field = event.target.value as ImportFieldName | 'ignore';
            onChange({ transforms: mine.transforms, ...(field === 'ignore' ? {} : { field }), ...(field !== 'ignore' && kindOf(field) === 'secret' && mine.wrapping !== undefined ? { wrapping: mine.wrapping } : {}) });
          }}
          slotProps={{ select: { displayEmpty: true, renderValue: (value) => (value === '' ? 'Choose what it is' : value === 'ignore' ? 'Pass over' : labelOf(value as ImportFieldName)) }, htmlInput: { 'aria-label': `Column ${column.name} is` } }}
        >
          <MenuItem value="ignore">Pass over</MenuItem>
          {column.alternatives.length > 0 && <ListSubheader sx={subheader}>Fits best</ListSubheader>}
          {[...(column.field === undefined ? [] : [column.field]), ...column.alternatives].filter((field, at, list) => column.alternatives.length > 0 && list.indexOf(field) === at).map((field) => (
            <MenuItem key={`a${field}`} value={field}>{labelOf(field)}</MenuItem>
          ))}
          {fieldGroups.flatMap(([kind, title]) => [
            <ListSubheader key={kind} sx={subheader}>{title}</ListSubheader>,
            ...importFields.filter((one) => one.kind === kind && !(column.alternatives.length > 0 && (column.alternatives.includes(one.field) || column.field === one.field))).map((one) => (
              <MenuItem key={one.field} value={one.field} sx={{ display: 'flex', justifyContent: 'space-between', gap: 2 }}>
                {one.label}
                {taken(one.field) && <Box component="span" sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>taken</Box>}
              </MenuItem>
            )),
          ])}
        </TextField>
        {mine.field !== undefined && kindOf(mine.field) === 'secret' && <WrappingFields column={column} mine={mine} all={all} onChange={onChange} onUnder={onUnder} keys={keys} lab={lab} />}
      </TableCell>
      <TableCell sx={{ minWidth: 150 }}>
        <Box sx={{ fontWeight: 500 }}>{confidenceWord(column)}{column.field !== undefined && column.confidence < 0.95 && <Muted> {Math.round(column.confidence * 100)}%</Muted>}</Box>
        <Muted>{column.why}</Muted>
      </TableCell>
      <TableCell sx={{ whiteSpace: 'nowrap' }} align="right">
        <Button variant="outlined" sx={{ minHeight: 26, py: 0, maxWidth: 190 }} aria-expanded={opened} aria-label={`Changes to the values of ${column.name}: ${transformWords(mine.transforms)}`} onClick={onOpen}>
          <Box component="span" sx={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>{transformWords(mine.transforms)}</Box>
        </Button>
      </TableCell>
    </TableRow>
  );
}

const subheader = { lineHeight: '26px', fontSize: '0.75rem', fontWeight: 600 } as const;

function WrappingFields({ column, mine, all, onChange, onUnder, keys, lab }: Pick<RowProps, 'column' | 'mine' | 'all' | 'onChange' | 'onUnder' | 'keys' | 'lab'>): ReactElement {
  const { wrapping } = mine;
  const key = isKey(mine.field);
  const refused = !lab && key && wrapping === undefined;
  const kin = wrapping !== undefined && key ? clearKin(all, mine) : [];
  const set = (next: ImportWrapping | undefined): void => onChange({ transforms: mine.transforms, ...(mine.field === undefined ? {} : { field: mine.field }), ...(next === undefined ? {} : { wrapping: next }) });
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1, mt: 1 }}>
      <TextField
        select
        fullWidth
        label="Encrypted under"
        value={wrapping?.key ?? ''}
        error={refused}
        onChange={(event) => set(event.target.value === '' ? undefined : { key: event.target.value, mode: wrapping?.mode ?? 'ecb', reversed: wrapping?.reversed ?? 'no' })}
        helperText={
          refused ? (
            <>Keys in clear are taken in a Lab workspace only: anyone who has this file could clone the SIMs. Ask for it under a transport key. <TextLink to="/imports?view=keys">Transport keys</TextLink></>
          ) : column.encrypted && wrapping === undefined ? 'The values look encrypted: choose their key.' : undefined
        }
        slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
      >
        <MenuItem value="" disabled={!lab && key}>{key ? 'In clear (Lab only)' : 'In clear'}</MenuItem>
        {keys.map((key) => (
          <MenuItem key={key.name} value={key.name}>
            {key.name} <Box component="span" sx={(theme) => ({ color: theme.desk.muted, ml: 1 })}>KCV {key.kcv}{key.index === undefined ? '' : `, index ${key.index}`}</Box>
          </MenuItem>
        ))}
      </TextField>
      {wrapping !== undefined && (
        <Box sx={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 1 }}>
          <TextField select label="Mode" value={wrapping.mode} onChange={(event) => set({ ...wrapping, mode: event.target.value as ImportWrapping['mode'] })}>
            {(Object.keys(modeNames) as (keyof typeof modeNames)[]).map((mode) => <MenuItem key={mode} value={mode}>{modeNames[mode]}</MenuItem>)}
          </TextField>
          <TextField select label="Octets reversed" value={wrapping.reversed} onChange={(event) => set({ ...wrapping, reversed: event.target.value as ImportWrapping['reversed'] })}>
            <MenuItem value="no">No</MenuItem>
            <MenuItem value="clear">Before encrypting</MenuItem>
            <MenuItem value="encrypted">After encrypting</MenuItem>
          </TextField>
        </Box>
      )}
      {wrapping !== undefined && kin.length > 0 && (
        <Button variant="outlined" sx={{ alignSelf: 'flex-start' }} onClick={() => onUnder(kin, wrapping)}>
          Use it for {fieldNames(kin)} as well
        </Button>
      )}
    </Box>
  );
}
