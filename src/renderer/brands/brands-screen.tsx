import { useMemo, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import FilterListOff from '@mui/icons-material/FilterListOff';
import StorefrontOutlined from '@mui/icons-material/StorefrontOutlined';
import { useNavigate } from 'react-router';
import { brands, type BrandRow } from '../../shared/contract/brands.ts';
import { contract } from '../../shared/contract/index.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useNow } from '../app/now.tsx';
import { useDesk } from '../app/queries.ts';
import { FilterChip, TextFilter } from '../design/filters.tsx';
import { count, plural } from '../design/formats.ts';
import { DataGrid, GridFoot, type Column } from '../design/grid.tsx';
import { Framed } from '../design/list-body.tsx';
import { ListPage, PageHeader } from '../design/panel.tsx';
import { Empty, LoadingRows, Note, Problem } from '../design/states.tsx';
import { Status, toneIcon } from '../design/status.tsx';
import { Absent, Moment, Muted } from '../design/text.tsx';
import { useFilters } from '../design/use-filters.ts';
import { validityOf } from '../keys/validity.ts';
import { brandLook, callbackLook, firstToEnd } from './brand-words.ts';
import { brandFilterKeys, brandStateAxis, narrowed } from './filter.ts';
import { shownRanges } from './ranges.ts';
import { UsageBar } from './usage.tsx';

const columnsAt = (now: number): readonly Column<BrandRow>[] => [
  { id: 'name', name: 'Brand', width: 144, always: true, cell: (b) => <Box component="span" sx={{ fontWeight: 500 }}>{b.name}</Box> },
  { id: 'state', name: 'State', width: 104, cell: (b) => <Status look={brandLook[b.state]} quiet={b.state === 'active'} /> },
  { id: 'callback', name: 'Callback', width: 186, cell: (b) => <CallbackCell brand={b} /> },
  { id: 'certificate', name: 'Certificate', width: 106, cell: (b) => <Credential brand={b} now={now} /> },
  { id: 'open', name: 'Open orders', width: 168, cell: (b) => <UsageBar name={`Open orders of ${b.name}`} used={b.openNow} limit={b.openOrders} /> },
  { id: 'day', name: 'Orders in 24 h', width: 164, cell: (b) => <UsageBar name={`Orders of ${b.name} in 24 hours`} used={b.lastDay} limit={b.ordersPerDay} /> },
  { id: 'types', name: 'May order', width: 130, cell: (b) => (b.allTypes ? 'Every type' : b.types.length === 0 ? <Absent>nothing yet</Absent> : b.types.length > 2 ? plural(b.types.length, 'type') : b.types.join(', ')) },
  { id: 'iccids', name: 'ICCIDs', width: 112, cell: (b) => <Iccids ranges={shownRanges(b.iccids)} /> },
];

/** Health, and when the brand last took a message. */
function CallbackCell({ brand: { callback } }: { readonly brand: BrandRow }): ReactElement {
  const stuck = callback !== undefined && callback.dead + callback.waiting > 0;
  return (
    <Box component="span" sx={{ display: 'inline-flex', alignItems: 'baseline', gap: '6px' }}>
      <Status look={callbackLook(callback)} quiet={(callback?.dead ?? 0) === 0} />
      {callback?.lastDeliveredAt !== undefined && (
        <Muted>
          {stuck && 'last '}
          <Moment at={callback.lastDeliveredAt} show="relative" />
        </Muted>
      )}
    </Box>
  );
}

function Iccids({ ranges }: { readonly ranges: readonly string[] }): ReactElement {
  const [only] = ranges;
  if (only === undefined) return <Absent>any free</Absent>;
  return ranges.length === 1 && only.endsWith('*') ? <span className="mono">{only}</span> : <>{plural(ranges.length, 'range')}</>;
}

function Credential({ brand, now }: { readonly brand: BrandRow; readonly now: number }): ReactElement {
  const first = firstToEnd(brand);
  if (first === undefined) return <Absent />;
  const validity = validityOf(0, first.notAfter, now);
  return <Status look={{ tone: validity.tone, icon: toneIcon(validity.tone), word: validity.word }} quiet={validity.tone === 'success'} />;
}

export function BrandsScreen(): ReactElement {
  const navigate = useNavigate();
  const now = useNow();
  const filters = useFilters(brandFilterKeys);
  const list = useDesk(brands.list, {}, { refetchInterval: 30_000 });
  const rows = useMemo(() => narrowed(list.data?.rows ?? [], filters.params, now), [list.data, filters.params, now]);
  const minute = Math.floor(now / 60_000) * 60_000;
  const columns = useMemo(() => columnsAt(minute), [minute]);
  const all = list.data?.rows.length ?? 0;
  const dead = (list.data?.rows ?? []).reduce((sum, b) => sum + (b.callback?.dead ?? 0), 0);
  return (
    <ListPage>
      <PageHeader title="Brands">
        <CommandButton id="go.outbox" label={dead > 0 ? `Outgoing messages (${count(dead)} dead)` : 'Outgoing messages'} />
        <CommandButton id="brand.add" primary />
      </PageHeader>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }} role="search" aria-label="Filter the brands">
        <TextFilter value={filters.text} onChange={filters.setText} label="Name, type, certificate or ICCID" placeholder="Name, type, certificate or ICCID" width={270} />
        <FilterChip name="State" chosen={(filters.params.get('state') ?? '').split(',').filter(Boolean)} options={brandStateAxis.values.map((value) => ({ value, look: brandLook[value] }))} onChange={(v) => filters.set('state', v)} />
        <FilterChip name="Only" single chosen={filters.params.get('only') === 'attention' ? ['attention'] : []} options={[{ value: 'attention', label: 'needs attention' }]} onChange={(v) => filters.set('only', v)} />
      </Box>
      {all > 0 && <ListenerNote />}
      {list.isError && list.data === undefined ? (
        <Framed>
          <Problem error={list.error} what="The brands" retry={() => void list.refetch()} />
        </Framed>
      ) : list.data === undefined ? (
        <Framed>
          <LoadingRows rows={12} />
        </Framed>
      ) : all === 0 ? (
        <Framed>
          <Empty icon={StorefrontOutlined} title="No brand orders here yet" actions={<CommandButton id="brand.add" primary />}>
            A brand orders profiles from its own systems over ES2+. It is recognised by its TLS client certificate, may order the types and ICCIDs you allow, up to the quotas you set, and is told how each download goes.
          </Empty>
        </Framed>
      ) : rows.length === 0 ? (
        <Framed>
          <Empty icon={FilterListOff} title="No brand fits these filters" actions={<Button variant="outlined" onClick={filters.clear}>Remove all filters</Button>}>
            {count(all)} in all.
          </Empty>
        </Framed>
      ) : (
        <>
          <DataGrid label="Brands" columns={columns} rows={rows} rowId={(b) => b.name} onOpen={(b) => void navigate(`/brands/${encodeURIComponent(b.name)}`)} total={rows.length} mainList />
          <GridFoot read={rows.length} total={all} hasMore={false}>
            {rows.length < all && <Muted>narrowed by filters</Muted>}
          </GridFoot>
        </>
      )}
    </ListPage>
  );
}

/** Brands without a listener wait in front of a closed door. */
function ListenerNote(): ReactElement | null {
  const status = useDesk(contract.workspace.status, {}).data;
  const es2 = status?.listeners.filter((l) => l.kind === 'es2plus');
  if (es2 === undefined || es2.some((l) => l.state === 'listening')) return null;
  const failed = es2.find((l) => l.state === 'failed');
  return <Note tone="warning">{failed === undefined ? <>No ES2+ listener runs, so no brand can order now. Start one with <span className="mono">mvne-desk serve --es2plus HOST:PORT</span>.</> : <>The ES2+ listener on {failed.address}:{failed.port} failed: {failed.message ?? 'no reason given'}.</>}</Note>;
}
