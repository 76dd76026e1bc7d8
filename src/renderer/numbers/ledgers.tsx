/** The ledgers: blocks of a kind with their use, owner and forecast; a number looked up; numbers outside any block. */
import { useMemo, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Tooltip from '@mui/material/Tooltip';
import NumbersOutlined from '@mui/icons-material/NumbersOutlined';
import { contract } from '../../shared/contract/index.ts';
import { blockStates, numberKinds, numberSources, type BlockRow, type NumberKind } from '../../shared/contract/numbers.ts';
import { call } from '../app/client.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDialogs } from '../app/dialogs.tsx';
import { useDesk, useDeskCommand, useDeskPages } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { FilterChip, TextFilter } from '../design/filters.tsx';
import { count, plural } from '../design/formats.ts';
import type { Column } from '../design/grid.tsx';
import { ListBody } from '../design/list-body.tsx';
import { Empty, Note } from '../design/states.tsx';
import { Status } from '../design/status.tsx';
import { Absent, Identifier, Muted } from '../design/text.tsx';
import { readAxis } from '../design/url-filters.ts';
import { useFilters } from '../design/use-filters.ts';
import { FindNumber } from './find-number.tsx';
import { blockLook, daysOf, forecastBasis, kindName, numbersText, sourceName } from './number-words.ts';
import { UseBar } from './use-bar.tsx';

const filterKeys = ['text', 'state', 'source', 'owner', 'type'] as const;

const columns: readonly Column<BlockRow>[] = [
  { id: 'first', name: 'First', width: 164, always: true, cell: (b) => <Identifier value={b.first} what="First number" /> },
  { id: 'last', name: 'Last', width: 164, cell: (b) => <Identifier value={b.last} what="Last number" /> },
  { id: 'use', name: 'Used', width: 178, cell: (b) => <UseBar block={b} /> },
  { id: 'free', name: 'Free', width: 82, align: 'right', cell: (b) => (b.free === 0 ? <Muted>0</Muted> : numbersText(b.free)) },
  { id: 'ends', name: 'Ends', width: 142, cell: (b) => <Ends block={b} /> },
  { id: 'state', name: 'State', width: 94, cell: (b) => <Status look={{ ...blockLook[b.state], ...(b.reason === undefined ? {} : { meaning: b.reason }) }} quiet={b.state === 'open'} /> },
  { id: 'owner', name: 'Owner', width: 88, cell: (b) => b.owner ?? <Muted>operator</Muted> },
  { id: 'type', name: 'Profile type', width: 112, cell: (b) => b.type ?? <Absent>any</Absent> },
  { id: 'source', name: 'Source', width: 86, cell: (b) => sourceName[b.source] },
];

/** When a block runs dry, and how sure that is. */
function Ends({ block: { forecast, free, state } }: { readonly block: BlockRow }): ReactElement {
  if (state === 'open' && free === 0) return <Muted>used up</Muted>;
  if (forecast.daysLeft === undefined || state !== 'open') return <Absent />;
  return (
    <Tooltip title={forecastBasis(forecast, 'Numbers given out')} describeChild>
      <Box component="span" tabIndex={0}>
        {daysOf(forecast.daysLeft)}
        {forecast.confidence === 'low' && <Muted> (little data)</Muted>}
      </Box>
    </Tooltip>
  );
}

export function Ledgers(): ReactElement {
  const filters = useFilters(filterKeys);
  const asked = filters.params.get('kind');
  const kind: NumberKind = numberKinds.find((one) => one === asked) ?? 'iccid';
  const { open } = useDialogs();
  const filter = useMemo(() => ({
    ...(filters.params.get('text') ? { text: filters.params.get('text')! } : {}),
    ...(filters.params.has('owner') ? { owner: filters.params.get('owner') === 'operator' ? '' : filters.params.get('owner')! } : {}),
    ...(filters.params.get('type') ? { type: filters.params.get('type')! } : {}),
    state: readAxis(filters.params, { key: 'state', values: blockStates }) as (typeof blockStates)[number][],
    source: readAxis(filters.params, { key: 'source', values: numberSources }) as (typeof numberSources)[number][],
  }), [filters.params]);
  const pages = useDeskPages<BlockRow>('numbers.blocks', { kind, filter }, (cursor) => call(contract.numbers.blocks, { kind, filter, limit: 100, ...(cursor === undefined ? {} : { cursor }) }));
  const totals = useDesk(contract.numbers.blocks, { kind, limit: 1 }).data?.totals;
  const types = useDesk(contract.types.list, {}).data?.rows ?? [];
  const brands = useDesk(contract.brands.list, {}).data?.rows ?? [];
  return (
    <>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }}>
        <ToggleButtonGroup exclusive size="small" value={kind} onChange={(_, next: NumberKind | null) => next !== null && filters.set('kind', next === 'iccid' ? '' : next)} aria-label="Ledger">
          {numberKinds.map((one) => <ToggleButton key={one} value={one}>{kindName[one]}</ToggleButton>)}
        </ToggleButtonGroup>
        <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }} role="search" aria-label="Filter the blocks">
          <TextFilter value={filters.text} onChange={filters.setText} label={`A number in the block, or its beginning (${kindName[kind]})`} placeholder={`${kindName[kind]} in the block`} width={200} />
          <FilterChip name="State" chosen={readAxis(filters.params, { key: 'state', values: blockStates })} options={blockStates.map((value) => ({ value, look: blockLook[value] }))} onChange={(v) => filters.set('state', v)} />
          <FilterChip name="Owner" single chosen={filters.params.has('owner') ? [filters.params.get('owner')!] : []} options={[{ value: 'operator', label: 'operator' }, ...brands.map((b) => ({ value: b.name, label: b.name }))]} onChange={(v) => filters.set('owner', v)} />
          <FilterChip name="Type" single chosen={filters.params.get('type') ? [filters.params.get('type')!] : []} options={types.map((t) => ({ value: t.name, label: t.name }))} onChange={(v) => filters.set('type', v)} />
          <FilterChip name="Source" chosen={readAxis(filters.params, { key: 'source', values: numberSources })} options={numberSources.map((value) => ({ value, label: sourceName[value] }))} onChange={(v) => filters.set('source', v)} />
        </Box>
        <Box sx={{ flex: 1 }} />
        <FindNumber />
      </Box>
      {totals !== undefined && totals.blocks > 0 && (
        <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.8125rem' })}>
          {plural(totals.blocks, 'block')} · {numbersText(totals.numbers)} {kindName[kind]}s: {count(totals.used)} used{totals.burnt > 0 && ` (${count(totals.burnt)} of them burnt)`}, {numbersText(totals.free)} free
        </Box>
      )}
      <Outside kind={kind} />
      <ListBody
        label={`${kindName[kind]} blocks`} pages={pages} columns={columns} rowId={(b) => b.id} onOpen={(b) => open({ kind: 'numbers.block', id: b.id })}
        filtered={filters.active > 0} onClearFilters={filters.clear}
        empty={
          <Empty icon={NumbersOutlined} title={`No ${kindName[kind]}s in the ledger yet`} actions={<><CommandButton id="range.create" /><CommandButton id="numbers.add" primary /></>}>
            A block says whose numbers these are and where they came from. A number range gives some of them to a profile type: batches take theirs from it in order, and none is ever given out twice.
          </Empty>
        }
      />
    </>
  );
}

/** Numbers of profiles that nobody registered, with what makes blocks of them. */
function Outside({ kind }: { readonly kind: NumberKind }): ReactElement | null {
  const outside = useDesk(contract.numbers.outside, { kind });
  const adopt = useDeskCommand(contract.numbers.adopt);
  const toasts = useToasts();
  const [shown, setShown] = useState(false);
  const runs = outside.data?.rows ?? [];
  if (outside.data === undefined || outside.data.profiles === 0 || runs.length === 0) return null;
  const make = (): void => adopt.mutate({ kind, runs: runs.map(({ first, last }) => ({ first, last })) }, {
    onSuccess: (made) => toasts.done(`${plural(made.rows.length, 'block')} made of imported ${kindName[kind]}s`),
    onError: (error) => toasts.failed(error, 'The blocks could not be made'),
  });
  return (
    <Note tone="info">
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, flexWrap: 'wrap' }}>
        <Box sx={{ minWidth: 260 }}>
          {plural(outside.data.profiles, 'profile')} {outside.data.profiles === 1 ? 'has a' : 'have'} {kindName[kind]}{outside.data.profiles === 1 ? '' : 's'} outside any block, in {outside.data.behind > 0 && 'more than '}{plural(runs.length, 'stretch', 'stretches')}. A stretch ends where more than {count(outside.data.joined)} numbers in a row are missing; it becomes one block, with the numbers missing in it as free ones.
        </Box>
        <Button onClick={() => setShown(!shown)} aria-expanded={shown}>{shown ? 'Hide them' : 'Show them'}</Button>
        <Button variant="outlined" onClick={make} disabled={adopt.isPending}>Make {plural(runs.length, 'block')}</Button>
      </Box>
      {shown && (
        <Box component="ul" aria-label="Stretches outside any block" sx={{ m: '6px 0 0', pl: 2.5, maxHeight: 140, overflow: 'auto' }} tabIndex={0}>
          {runs.map((run) => (
            <li key={run.first}>
              <span className="mono">{run.first}</span> to <span className="mono">{run.last}</span>: {plural(run.profiles, 'profile')}{run.numbers > run.profiles && <Muted>, {numbersText(run.numbers - run.profiles)} of its {numbersText(run.numbers)} numbers free</Muted>} {run.types.length > 0 && <Muted>({run.types.join(', ')})</Muted>}
            </li>
          ))}
          {outside.data.behind > 0 && <li><Muted>{plural(outside.data.behind, 'profile')} in stretches behind these: they are listed when these have their blocks.</Muted></li>}
        </Box>
      )}
    </Note>
  );
}

