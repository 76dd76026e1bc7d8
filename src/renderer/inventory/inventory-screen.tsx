import { useMemo, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import SimCardOutlined from '@mui/icons-material/SimCardOutlined';
import { useNavigate } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import type { ProfileRow } from '../../shared/contract/profiles.ts';
import { call } from '../app/client.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDesk, useDeskPages } from '../app/queries.ts';
import { FilterChip, TextFilter } from '../design/filters.tsx';
import { words } from '../design/formats.ts';
import { ColumnChooser, useArranged } from '../design/grid-columns.tsx';
import type { Column } from '../design/grid.tsx';
import { ListBody } from '../design/list-body.tsx';
import { ListPage, PageHeader } from '../design/panel.tsx';
import { Empty } from '../design/states.tsx';
import { deviceLook, networkLook, orderLook, Status, stockLook } from '../design/status.tsx';
import { Absent, Identifier, Moment, Muted } from '../design/text.tsx';
import { useFilters } from '../design/use-filters.ts';
import { axes, filterKeys, filterOf } from './filter.ts';

const columns: readonly Column<ProfileRow>[] = [
  { id: 'iccid', name: 'ICCID', width: 172, always: true, cell: (p) => <Identifier value={p.iccid} what="ICCID" /> },
  { id: 'imsi', name: 'IMSI', width: 138, cell: (p) => <Identifier value={p.imsi} what="IMSI" /> },
  { id: 'msisdn', name: 'MSISDN', width: 128, cell: (p) => (p.msisdn === undefined ? <Absent /> : <Identifier value={p.msisdn} what="MSISDN" />) },
  { id: 'type', name: 'Profile type', width: 136, cell: (p) => p.type },
  { id: 'order', name: 'Order', width: 116, cell: (p) => <Status look={orderLook[p.state.order]} quiet={p.state.order === 'available'} /> },
  { id: 'stock', name: 'Stock', width: 116, cell: (p) => <Status look={stockLook[p.state.stock]} quiet={p.state.stock === 'sold' || p.state.stock === 'retired'} /> },
  { id: 'network', name: 'Network', width: 112, optional: true, cell: (p) => <Status look={networkLook[p.state.network]} quiet={p.state.network === 'absent'} /> },
  { id: 'device', name: 'Device', width: 106, cell: (p) => <Status look={deviceLook[p.state.device]} quiet={p.state.device === 'unknown'} /> },
  { id: 'eid', name: 'EID', width: 266, optional: true, cell: (p) => (p.eid === undefined ? <Absent /> : <Identifier value={p.eid} what="EID" />) },
  { id: 'lastEvent', name: 'Last event', width: 190, cell: (p) => (p.lastEventAt === undefined ? <Absent /> : <>{words(p.lastEvent ?? 'changed')} <Muted><Moment at={p.lastEventAt} show="relative" /></Muted></>) },
  { id: 'createdAt', name: 'In stock since', width: 140, optional: true, cell: (p) => <Moment at={p.createdAt} show="minutes" /> },
];

const pageSize = 200;
const looks = { order: orderLook, stock: stockLook, network: networkLook, device: deviceLook } as const;
const axisNames = { order: 'Order', stock: 'Stock', network: 'Network', device: 'Device' } as const;

export function InventoryScreen(): ReactElement {
  const navigate = useNavigate();
  const filters = useFilters(filterKeys);
  const filter = useMemo(() => filterOf(filters.params), [filters.params]);
  const types = useDesk(contract.types.list, {});
  const arranged = useArranged('inventory', columns);
  const pages = useDeskPages<ProfileRow>(contract.profiles.list.name, filter, (cursor) => call(contract.profiles.list, { filter, limit: pageSize, ...(cursor === undefined ? {} : { cursor }) }));
  return (
    <ListPage>
      <PageHeader title="Inventory">
        <CommandButton id="range.create" label="Add range" />
        <CommandButton id="stock.prepare" label="Prepare" />
        <CommandButton id="stock.import" primary />
      </PageHeader>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }} role="search" aria-label="Filter the inventory">
        <TextFilter value={filters.text} onChange={filters.setText} label="Beginning or end of ICCID, IMSI, MSISDN or EID" placeholder="Start or end of any number" width={230} />
        <FilterChip name="Type" single chosen={filter.type === undefined ? [] : [filter.type]} options={(types.data?.rows ?? []).map((t) => ({ value: t.name, label: t.name }))} onChange={(v) => filters.set('type', v)} />
        {(Object.keys(axes) as (keyof typeof axes)[]).map((axis) => (
          <FilterChip key={axis} name={axisNames[axis]} chosen={filter[axis] ?? []} options={axes[axis].values.map((value) => ({ value, look: (looks[axis] as Record<string, (typeof orderLook)['available']>)[value]! }))} onChange={(v) => filters.set(axis, v)} />
        ))}
        <Box sx={{ flex: 1 }} />
        <ColumnChooser columns={columns} arranged={arranged} />
      </Box>
      <ListBody
        label="Inventory"
        pages={pages}
        columns={columns}
        arranged={arranged}
        rowId={(p) => p.iccid}
        onOpen={(p) => void navigate(`/inventory/${p.iccid}`)}
        filtered={filters.active > 0}
        onClearFilters={filters.clear}
        empty={
          <Empty icon={SimCardOutlined} title="No profiles yet" actions={<><CommandButton id="lab.fill" /><CommandButton id="range.create" /><CommandButton id="stock.import" primary /></>}>
            Profiles come from a stock file or from a number range. A dry run of an import shows every faulty row and writes nothing.
          </Empty>
        }
      />
    </ListPage>
  );
}
