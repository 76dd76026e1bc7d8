/** One thing that is wrong, in however many rows: what was expected, what repairs all of it, and the rows themselves. */
import { useId, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Collapse from '@mui/material/Collapse';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import TextField from '@mui/material/TextField';
import ArrowForward from '@mui/icons-material/ArrowForward';
import ErrorOutlined from '@mui/icons-material/ErrorOutlineOutlined';
import KeyboardArrowDown from '@mui/icons-material/KeyboardArrowDown';
import KeyboardArrowUp from '@mui/icons-material/KeyboardArrowUp';
import WarningAmber from '@mui/icons-material/WarningAmber';
import { imports, type ImportGroup, type ImportRepair } from '../../shared/contract/imports.ts';
import { call } from '../app/client.ts';
import { useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { count, plural } from '../design/formats.ts';
import { ProblemNote } from '../design/states.tsx';
import { Muted } from '../design/text.tsx';
import { FixFile } from './fix-file.tsx';
import type { Handled } from './handled-group.tsx';
import { canEdit, groupTitle, isWholeRow, sentence } from './import-words.ts';
import { RowTable } from './row-table.tsx';
import type { StepProps } from './wizard-screen.tsx';

interface GroupProps extends Pick<StepProps, 'view' | 'open'> {
  readonly group: ImportGroup;
  readonly startOpen: boolean;
  readonly onChanged: () => void;
  readonly turn: number;
  /** The group was dealt with as a whole. */
  readonly onHandled: (handled: Handled) => void;
}

/** Rows of a group that can be taken back in one go. */
const takenBack = 100;

export function GroupPanel({ view, open, group, startOpen, onChanged, turn, onHandled }: GroupProps): ReactElement {
  const [shown, setShown] = useState(startOpen);
  const [asking, setAsking] = useState<ImportRepair | undefined>();
  const [rows, setRows] = useState(false);
  const toasts = useToasts();
  const repair = useDeskCommand(imports.repair);
  const leave = useDeskCommand(imports.leaveOut);
  const id = useId();
  const blocker = group.severity === 'blocker';
  const Icon = blocker ? ErrorOutlined : WarningAmber;
  const busy = repair.isPending || leave.isPending;
  const back = (changed: number, what: string, lines: readonly number[] = []): void => {
    onChanged();
    if (changed < group.rows) toasts.done(`${plural(changed, 'row')} ${what}`);
    else onHandled({ group, what: `${plural(changed, 'row')} ${what}`, lines });
  };
  const apply = (chosen: ImportRepair, value?: string): void =>
    repair.mutate({ id: view.id, group: group.id, repair: chosen.kind, ...(value === undefined ? {} : { value }) }, {
      onSuccess: (answer) => {
        open.take(answer.import);
        if (answer.job !== undefined) open.expect();
        setAsking(undefined);
        back(answer.changed, chosen.kind === 'leave-out' ? 'left out' : chosen.kind === 'skip' ? 'passed over' : chosen.kind === 'accept' ? 'accepted as they are' : 'repaired and checked again');
      },
    });
  const leaveOut = async (): Promise<void> => {
    // Of few rows it is kept which they are: they can be taken back in one go.
    const found = group.rows > takenBack ? undefined : await call(imports.rows, { id: view.id, group: group.id, limit: takenBack }).catch(() => undefined);
    leave.mutate({ id: view.id, group: group.id }, {
      onSuccess: (answer) => {
        open.take(answer.import);
        back(answer.changed, 'left out', found?.rows.map((row) => row.line));
      },
      onError: (error) => toasts.failed(error, 'Leave out'),
    });
  };
  const repairs = group.repairs.filter((one) => one.kind !== 'leave-out');
  const press = (one: ImportRepair): void => {
    repair.reset();
    if (one.suggestion || one.parameter !== undefined) {
      setShown(true);
      setAsking(one);
    } else apply(one);
  };
  return (
    <Box component="article" aria-labelledby={`${id}-title`} sx={(theme) => ({ background: theme.desk.surface, border: `1px solid ${theme.desk.line}`, borderLeft: `3px solid ${blocker ? theme.desk.danger : theme.desk.warning}`, borderRadius: '8px' })}>
      <Box sx={{ display: 'flex', gap: 1.25, alignItems: 'center', p: '9px 12px 9px 14px', flexWrap: 'wrap' }}>
        <Icon role="img" aria-label={blocker ? 'To repair' : 'Warning'} sx={(theme) => ({ color: blocker ? theme.desk.danger : theme.desk.warning })} />
        <Box sx={{ flex: 1, minWidth: 220 }}>
          <Box component="h3" id={`${id}-title`} sx={{ m: 0, fontSize: '0.8125rem', fontWeight: 600 }}>
            {groupTitle(group)}
          </Box>
          {group.column !== undefined && <Muted>Column <span className="mono">{group.column}</span></Muted>}
        </Box>
        {repairs.map((one, at) => (
          <Button key={one.kind} variant={at === 0 && blocker ? 'contained' : 'outlined'} color={at === 0 && blocker ? 'primary' : 'inherit'} disabled={busy} onClick={() => press(one)}>
            {one.label}{one.suggestion || one.parameter !== undefined ? '…' : ''}
          </Button>
        ))}
        {repairs.length === 0 && canEdit(group) && (
          <Button variant="outlined" disabled={busy} onClick={() => { setShown(true); setRows(true); }}>
            Correct by hand
          </Button>
        )}
        {isWholeRow(group) && <FixFile view={view} disabled={busy} />}
        <Button variant="outlined" disabled={busy} onClick={() => void leaveOut()} sx={{ minWidth: 116 }}>
          {group.rows === 1 ? 'Leave it out' : 'Leave them out'}
        </Button>
        <Button sx={{ minWidth: 84 }} aria-expanded={shown} aria-controls={`${id}-body`} endIcon={shown ? <KeyboardArrowUp /> : <KeyboardArrowDown />} onClick={() => setShown(!shown)}>
          {shown ? 'Less' : 'More'}
        </Button>
      </Box>
      <Collapse in={shown} unmountOnExit>
        <Box id={`${id}-body`} sx={(theme) => ({ p: '2px 14px 12px 44px', display: 'flex', flexDirection: 'column', gap: 1.25, borderTop: `1px solid ${theme.desk.line}`, pt: '10px' })}>
          <Box>
            <Muted>Expected: </Muted>
            {sentence(group.expected)} <Muted>{group.hint}</Muted>
          </Box>
          <ProblemNote error={repair.error} />
          {asking === undefined ? null : <Confirm group={group} repair={asking} busy={busy} onApply={(value) => apply(asking, value)} onClose={() => setAsking(undefined)} />}
          {asking === undefined && !rows && group.samples.length > 0 && <Samples group={group} suggested={false} />}
          {rows && <RowTable view={view} open={open} filter={{ group: group.id }} turn={turn} label={`Rows: ${group.title}`} onLeftOut={onChanged} />}
          <Box>
            <Button variant="outlined" aria-pressed={rows} onClick={() => setRows(!rows)}>
              {rows ? 'Hide the rows' : `Show ${group.rows === 1 ? 'the row' : `the ${count(group.rows)} rows`}${canEdit(group) ? ' and correct them here' : ''}`}
            </Button>
          </Box>
        </Box>
      </Collapse>
    </Box>
  );
}

/** A repair that guesses shows what it would write; one that must be told something asks for it. */
function Confirm({ group, repair, busy, onApply, onClose }: { readonly group: ImportGroup; readonly repair: ImportRepair; readonly busy: boolean; readonly onApply: (value?: string) => void; readonly onClose: () => void }): ReactElement {
  const { parameter } = repair;
  const [value, setValue] = useState(parameter?.value ?? '');
  const wrong = parameter !== undefined && value !== '' && !new RegExp(`^(?:${parameter.pattern.replace(/^\^|\$$/g, '')})$`).test(value);
  return (
    <Box component="form" role="group" aria-label={repair.label} onSubmit={(event) => { event.preventDefault(); if (!wrong && (parameter === undefined || value !== '')) onApply(parameter === undefined ? undefined : value); }} sx={(theme) => ({ border: `1px solid ${theme.desk.accent}`, borderRadius: '6px', p: '10px 12px', display: 'flex', flexDirection: 'column', gap: 1.25, background: theme.desk.canvas })}>
      <Box>
        <strong>{sentence(repair.label)}</strong>{' '}
        {repair.suggestion ? 'This is a guess: compare some of the rows with their source before you take it.' : ''}
      </Box>
      {parameter !== undefined && <TextField label={parameter.label} value={value} autoFocus onChange={(event) => setValue(event.target.value.trim())} error={wrong} helperText={`Such as ${parameter.example}`} sx={{ maxWidth: 320 }} slotProps={{ htmlInput: { className: 'mono', maxLength: 32, autoComplete: 'off' } }} />}
      {group.samples.some((one) => one.suggested !== undefined) && <Samples group={group} suggested />}
      <Box sx={{ display: 'flex', gap: 1 }}>
        <Button type="submit" variant="contained" color="primary" disabled={busy || wrong || (parameter !== undefined && value === '')}>
          {repair.label} in {plural(group.rows, 'row')}
        </Button>
        <Button variant="outlined" onClick={onClose}>
          Cancel
        </Button>
      </Box>
    </Box>
  );
}

function Samples({ group, suggested }: { readonly group: ImportGroup; readonly suggested: boolean }): ReactElement {
  const found = group.samples.some((one) => one.found !== undefined);
  return (
    <Box sx={{ overflowX: 'auto' }}>
      <Table size="small" aria-label={suggested ? 'Before and after' : 'Examples'} sx={{ width: 'auto' }}>
        <TableHead>
          <TableRow>
            <TableCell align="right">Line</TableCell>
            {found && <TableCell>{suggested ? 'Before' : 'Found'}</TableCell>}
            {suggested && <TableCell>After</TableCell>}
            <TableCell>What is wrong</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {group.samples.slice(0, 5).map((one) => (
            <TableRow key={one.line}>
              <TableCell align="right">{count(one.line)}</TableCell>
              {found && <TableCell className="mono" sx={{ whiteSpace: 'pre' }}>{one.found === undefined ? '–' : visibleBlanks(one.found)}</TableCell>}
              {suggested && (
                <TableCell className="mono" sx={{ whiteSpace: 'pre' }}>
                  <ArrowForward aria-hidden sx={(theme) => ({ fontSize: '0.9rem', verticalAlign: '-2px', mr: '6px', color: theme.desk.muted })} />
                  {one.suggested ?? '–'}
                </TableCell>
              )}
              <TableCell>{one.message}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}

/** Blanks are the fault often enough: they are shown. */
const visibleBlanks = (text: string): string => text.replaceAll(/[ \t\u00a0]/g, '·');
