import { useMemo, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import QrCode2Outlined from '@mui/icons-material/QrCode2Outlined';
import { useNavigate } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import type { OrderRow } from '../../shared/contract/orders.ts';
import { call } from '../app/client.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDesk, useDeskPages } from '../app/queries.ts';
import { FilterChip, TextFilter } from '../design/filters.tsx';
import { shortened, words } from '../design/formats.ts';
import { ColumnChooser, useArranged } from '../design/grid-columns.tsx';
import type { Column } from '../design/grid.tsx';
import { ListBody } from '../design/list-body.tsx';
import { ListPage, PageHeader } from '../design/panel.tsx';
import { Empty } from '../design/states.tsx';
import { orderLook, Status } from '../design/status.tsx';
import { Absent, Identifier, Moment, Muted } from '../design/text.tsx';
import { useFilters } from '../design/use-filters.ts';
import { attemptsShort } from './attempts.ts';
import { brands } from '../../shared/contract/brands.ts';
import { orderFilterKeys, orderFilterOf, ownOrders, stateAxis } from './filter.ts';

/** A narrow column cuts the sentence, never the time. */
function LastEvent({ text, at }: { readonly text: string; readonly at: number }): ReactElement {
  return (
    <Box component="span" sx={{ display: 'flex', gap: '6px', alignItems: 'baseline' }}>
      <Box component="span" title={text} sx={{ minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis' }}>{text}</Box>
      <Box component="span" sx={{ flex: 'none' }}><Muted><Moment at={at} show="relative" /></Muted></Box>
    </Box>
  );
}

const columns: readonly Column<OrderRow>[] = [
  { id: 'createdAt', name: 'Ordered', width: 130, always: true, cell: (o) => <Moment at={o.createdAt} show="minutes" /> },
  { id: 'state', name: 'State', width: 108, cell: (o) => <Status look={orderLook[o.state]} quiet={o.closedAt !== undefined && o.state !== 'installed' && o.state !== 'error'} /> },
  { id: 'iccid', name: 'ICCID', width: 166, cell: (o) => <Identifier value={o.iccid} what="ICCID" /> },
  { id: 'type', name: 'Profile type', width: 112, cell: (o) => o.type },
  { id: 'brand', name: 'Ordered by', width: 104, cell: (o) => o.brand ?? <Absent>operator</Absent> },
  { id: 'matchingId', name: 'MatchingID', width: 194, cell: (o) => (o.matchingId === undefined ? <Absent>with confirmation</Absent> : o.matchingId === '' ? <Absent>found by EID</Absent> : <Identifier value={o.matchingId} what="MatchingID" />) },
  { id: 'eid', name: 'EID', width: 124, optional: true, cell: (o) => (o.eid === undefined ? <Absent>any</Absent> : <Identifier value={shortened(o.eid)} what="EID" />) },
  { id: 'attempts', name: 'Attempts', width: 72, align: 'right', cell: (o) => attemptsShort(o) },
  { id: 'lastEvent', name: 'Last event', width: 182, grow: 1_200, cell: (o) => (o.lastEventAt === undefined ? <Absent /> : <LastEvent text={words(o.lastEvent ?? 'changed')} at={o.lastEventAt} />) },
  { id: 'expiresAt', name: 'Expires', width: 88, cell: (o) => (o.closedAt !== undefined ? <Absent /> : o.expiresAt === undefined ? <Absent>never</Absent> : <Moment at={o.expiresAt} show="relative" />) },
  { id: 'confirmation', name: 'Confirmation code', width: 130, optional: true, cell: (o) => (o.confirmationRequired ? `required, ${o.confirmationAttempts} / ${o.confirmationLimit} tries` : <Absent>no</Absent>) },
  { id: 'outcome', name: 'Outcome', width: 150, optional: true, cell: (o) => (o.outcome === undefined ? <Absent /> : words(o.outcome)) },
];

const pageSize = 200;
const openChoices = [
  { value: 'yes', label: 'open' },
  { value: 'no', label: 'closed' },
];

export function ActivationsScreen(): ReactElement {
  const navigate = useNavigate();
  const filters = useFilters(orderFilterKeys);
  const filter = useMemo(() => orderFilterOf(filters.params), [filters.params]);
  const types = useDesk(contract.types.list, {});
  const brandList = useDesk(brands.list, {});
  const brandNames = [...new Set([...(brandList.data?.rows ?? []).map((b) => b.name), ...(filter.brand === undefined || filter.brand === '' ? [] : [filter.brand])])];
  const arranged = useArranged('activations', columns);
  const pages = useDeskPages<OrderRow>(contract.orders.list.name, filter, (cursor) => call(contract.orders.list, { filter, limit: pageSize, ...(cursor === undefined ? {} : { cursor }) }));
  return (
    <ListPage>
      <PageHeader title="Activations">
        <CommandButton id="order.new" primary />
      </PageHeader>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }} role="search" aria-label="Filter the activations">
        <TextFilter value={filters.text} onChange={filters.setText} label="ICCID, EID, MatchingID or order" placeholder="ICCID, EID, MatchingID or order" width={270} />
        <FilterChip name="State" chosen={filter.state ?? []} options={stateAxis.values.map((value) => ({ value, look: orderLook[value] }))} onChange={(v) => filters.set('state', v)} />
        <FilterChip name="Type" single chosen={filter.type === undefined ? [] : [filter.type]} options={(types.data?.rows ?? []).map((t) => ({ value: t.name, label: t.name }))} onChange={(v) => filters.set('type', v)} />
        <FilterChip name="By" single chosen={filter.brand === undefined ? [] : [filter.brand === '' ? ownOrders : filter.brand]} options={[{ value: ownOrders, label: 'operator' }, ...brandNames.map((value) => ({ value, label: value }))]} onChange={(v) => filters.set('brand', v)} />
        <FilterChip name="Only" single chosen={filter.open === undefined ? [] : [filter.open ? 'yes' : 'no']} options={openChoices} onChange={(v) => filters.set('open', v)} />
        <Box sx={{ flex: 1 }} />
        <ColumnChooser columns={columns} arranged={arranged} />
      </Box>
      <ListBody
        label="Activations"
        pages={pages}
        columns={columns}
        arranged={arranged}
        rowId={(o) => o.orderId}
        onOpen={(o) => void navigate(`/activations/${encodeURIComponent(o.orderId)}`)}
        filtered={filters.active > 0}
        onClearFilters={filters.clear}
        empty={
          <Empty icon={QrCode2Outlined} title="No activations yet" actions={<CommandButton id="order.new" primary />}>
            An order takes a prepared profile out of stock and gives you a QR code, a text code and links to hand to the subscriber.
          </Empty>
        }
      />
    </ListPage>
  );
}
