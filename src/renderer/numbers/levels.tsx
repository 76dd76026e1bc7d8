/** Stock of every profile type against its marks, and the proposals that follow from it. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import type { Theme } from '@mui/material/styles';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Tooltip from '@mui/material/Tooltip';
import FilterListOff from '@mui/icons-material/FilterListOff';
import InventoryOutlined from '@mui/icons-material/Inventory2Outlined';
import { contract } from '../../shared/contract/index.ts';
import type { LevelRow, ProposalRow } from '../../shared/contract/numbers.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDialogs } from '../app/dialogs.tsx';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { FilterChip } from '../design/filters.tsx';
import { count, plural } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Framed } from '../design/list-body.tsx';
import { Panel } from '../design/panel.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Status } from '../design/status.tsx';
import { Absent, Moment, Muted } from '../design/text.tsx';
import { readAxis } from '../design/url-filters.ts';
import { useFilters } from '../design/use-filters.ts';
import { daysOf, forecastBasis, levelLook, marksSentence, perDay } from './number-words.ts';

const stateAxis = { key: 'state', values: ['out', 'low', 'soon', 'ok', 'none'] as const };

export function Levels(): ReactElement {
  const filters = useFilters(['state']);
  const levels = useDesk(contract.levels.list, {}, { refetchInterval: 60_000 });
  const proposals = useDesk(contract.levels.proposals, { limit: 30 }, { refetchInterval: 60_000 });
  const states = readAxis(filters.params, stateAxis);
  const all = levels.data?.rows ?? [];
  const rows = all.filter((row) => states.length === 0 || states.includes(row.state));
  const pending = (proposals.data?.rows ?? []).filter((one) => one.state === 'open' || one.state === 'snoozed');
  const past = (proposals.data?.rows ?? []).filter((one) => one.state !== 'open' && one.state !== 'snoozed').slice(0, 8);
  if (levels.isError && levels.data === undefined) return <Framed><Problem error={levels.error} what="The stock levels" retry={() => void levels.refetch()} /></Framed>;
  if (levels.data === undefined) return <Framed><LoadingRows rows={10} /></Framed>;
  if (all.length === 0) {
    return (
      <Framed>
        <Empty icon={InventoryOutlined} title="No profile type yet" actions={<CommandButton id="type.create" primary />}>
          Levels are kept per profile type: how many can be sold, how many days they last, and when to prepare more.
        </Empty>
      </Framed>
    );
  }
  return (
    <Box sx={{ flex: 1, minHeight: 0, overflow: 'auto', display: 'flex', flexDirection: 'column', gap: 1.5, pb: 1 }} tabIndex={0} role="group" aria-label="Stock levels and proposals">
      {pending.map((one) => <Proposal key={one.id} proposal={one} />)}
      <Panel title="Stock by profile type" flush aside={<FilterChip name="State" chosen={states} options={stateAxis.values.map((value) => ({ value, look: levelLook[value] }))} onChange={(v) => filters.set('state', v)} />}>
        {rows.length === 0 ? (
          <Empty icon={FilterListOff} title="No type is in this state" actions={<Button variant="outlined" onClick={filters.clear}>Remove all filters</Button>}>{plural(all.length, 'type')} in all.</Empty>
        ) : (
          <Box sx={{ overflowX: 'auto' }} tabIndex={0} role="group" aria-label="Table of stock levels">
            <Table size="small" sx={{ minWidth: 900 }}>
              <TableHead>
                <TableRow>
                  <TableCell>Profile type</TableCell>
                  <TableCell>State</TableCell>
                  <TableCell align="right">Sellable</TableCell>
                  <TableCell align="right">Sold per day</TableCell>
                  <TableCell>Days of cover</TableCell>
                  <TableCell align="right">In preparation</TableCell>
                  <TableCell align="right">Imported, waiting</TableCell>
                  <TableCell align="right">Numbers left</TableCell>
                  <TableCell>Prepare more</TableCell>
                  <TableCell sx={atTheEnd}><span className="visually-hidden">Actions</span></TableCell>
                </TableRow>
              </TableHead>
              <TableBody>
                {rows.map((row) => <Level key={row.type} row={row} />)}
              </TableBody>
            </Table>
          </Box>
        )}
      </Panel>
      {past.length > 0 && (
        <Panel title="Proposals before">
          <Box component="ul" sx={{ m: 0, pl: 2.25, display: 'flex', flexDirection: 'column', gap: '3px' }}>
            {past.map((one) => (
              <li key={one.id}>
                {one.type}: {plural(one.quantity, 'profile')} <Muted>{pastWords[one.state]}{one.actor === undefined ? '' : ` by ${one.actor}`}, </Muted><Moment at={one.decidedAt ?? one.madeAt} show="minutes" />
                {one.reason !== undefined && <Muted> · {one.reason}</Muted>} {one.job !== undefined && <TextLink to="/preparation">batches</TextLink>}
              </li>
            ))}
          </Box>
        </Panel>
      )}
    </Box>
  );
}

const pastWords: Readonly<Record<ProposalRow['state'], string>> = {
  open: 'open', snoozed: 'put off', accepted: 'accepted', started: 'started by itself', dismissed: 'turned down', gone: 'no longer needed',
};

/** What can be done with a row stays in sight in a narrow window. */
const atTheEnd = (theme: Theme) => ({ position: 'sticky', right: 0, background: theme.desk.surface });

function Level({ row }: { readonly row: LevelRow }): ReactElement {
  const { open } = useDialogs();
  const { forecast } = row;
  return (
    <TableRow sx={{ '&:last-child td, &:last-child th': { borderBottom: 0 } }}>
      <TableCell component="th" scope="row">{row.type}</TableCell>
      <TableCell><Status look={{ ...levelLook[row.state], meaning: row.text }} quiet={row.state === 'ok'} /></TableCell>
      <TableCell align="right">{row.sellable === 0 ? '0' : <TextLink to={`/inventory?type=${encodeURIComponent(row.type)}&stock=sellable`}>{count(row.sellable)}</TextLink>}</TableCell>
      <TableCell align="right">
        <Tooltip title={forecastBasis(forecast, 'Orders, less what came back,')} describeChild><span tabIndex={0}>{perDay(forecast.rate)}</span></Tooltip>
      </TableCell>
      <TableCell>
        {row.sellable === 0 ? <Absent>none</Absent> : forecast.daysLeft === undefined ? <Absent>no sales</Absent> : forecast.tooFew ? <Absent>too few sales yet</Absent> : <>{daysOf(forecast.daysLeft)} {forecast.endsAt !== undefined && <Muted>until <Moment at={forecast.endsAt} show="date" /></Muted>}</>}
        {forecast.confidence === 'low' && !forecast.tooFew && row.sellable > 0 && <Muted> · little data</Muted>}
      </TableCell>
      <TableCell align="right">{row.preparing === 0 ? <Muted>0</Muted> : count(row.preparing)}</TableCell>
      <TableCell align="right">{row.imported === 0 ? <Muted>0</Muted> : count(row.imported)}</TableCell>
      <TableCell align="right">{row.numbersLeft === 0 ? <Muted>0</Muted> : count(row.numbersLeft)}</TableCell>
      <TableCell>{row.set ? <>{marksSentence(row.marks, row.set)}{row.marks.auto && <Muted> · by itself</Muted>}</> : <Absent>no marks</Absent>}</TableCell>
      <TableCell align="right" sx={atTheEnd}><Button variant="outlined" sx={{ minHeight: 26, py: 0, whiteSpace: 'nowrap' }} onClick={() => open({ kind: 'level.set', row })} aria-label={`Set marks of ${row.type}`}>Set marks</Button></TableCell>
    </TableRow>
  );
}

function Proposal({ proposal }: { readonly proposal: ProposalRow }): ReactElement {
  const { open } = useDialogs();
  const accept = useDeskCommand(contract.levels.accept);
  const toasts = useToasts();
  const possible = proposal.quantity - proposal.short;
  const start = (): void => accept.mutate({ id: proposal.id }, {
    onSuccess: ({ job }) => { toasts.done(`Preparation of ${plural(job.total, 'profile')} started`); open({ kind: 'job', id: job.id }); },
    onError: (error) => toasts.failed(error, 'The preparation could not start'),
  });
  return (
    <Panel sx={(theme) => ({ borderLeft: `3px solid ${theme.desk[proposal.state === 'snoozed' ? 'neutral' : 'warning']}`, flex: 'none' })}>
      <Box sx={{ display: 'flex', gap: 2, alignItems: 'flex-start', flexWrap: 'wrap' }}>
        <Box sx={{ flex: 1, minWidth: 320 }}>
          <Box component="h2" sx={{ m: 0, fontSize: '0.9375rem', fontWeight: 600 }}>
            Prepare {plural(proposal.quantity, 'profile')} of {proposal.type}
            {proposal.state === 'snoozed' && <Muted> · put off until <Moment at={proposal.snoozedUntil} show="date" /></Muted>}
          </Box>
          <Box component="ul" sx={{ m: '4px 0 6px', pl: 2.25 }}>{proposal.why.map((sentence) => <li key={sentence}>{sentence}</li>)}</Box>
          <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.8125rem' })}>
            Takes {[
              ...(proposal.fromStock > 0 ? [`${plural(proposal.fromStock, 'imported profile')}`] : []),
              ...proposal.ranges.map((range) => `${count(range.count)} numbers from ${range.first} to ${range.last} (${count(range.leftAfter)} left)`),
            ].join(' and ') || 'nothing: there is nothing to prepare from'}
            {proposal.coverAfter !== undefined && <>; the stock then lasts {daysOf(proposal.coverAfter)}</>}.
          </Box>
        </Box>
        <Box sx={{ display: 'flex', gap: 1 }}>
          <Button variant="outlined" onClick={() => open({ kind: 'proposal.dismiss', proposal })}>Not now…</Button>
          {possible === 0 ? <CommandButton id="range.create" primary /> : (
            <Button variant="contained" color="primary" onClick={start} disabled={accept.isPending}>{proposal.short > 0 ? `Prepare ${count(possible)}` : 'Prepare'}</Button>
          )}
        </Box>
      </Box>
    </Panel>
  );
}
