/** Columns of the inventory, in the contract's names and order. */
import type { ReactElement } from 'react';
import Tooltip from '@mui/material/Tooltip';
import type { ProfileColumn } from '../../shared/contract/profile-filter.ts';
import type { ProfileRow } from '../../shared/contract/profiles.ts';
import { count, words } from '../design/formats.ts';
import type { Column } from '../design/grid.tsx';
import { deviceLook, networkLook, orderLook, Status, stockLook } from '../design/status.tsx';
import { Absent, Identifier, Moment, Muted } from '../design/text.tsx';
import { badgeLook } from './badges.ts';
import { LabelList } from './labels.tsx';

type InventoryColumn = Column<ProfileRow> & { readonly id: ProfileColumn };

const secretWords: Readonly<Record<NonNullable<ProfileRow['secretState']>, string>> = { sealed: 'Sealed', record: 'From the file', erased: 'Erased', none: 'None yet' };
export const secretStateWord = (state: string): string => secretWords[state as keyof typeof secretWords] ?? words(state);

/** A narrow column cuts the sentence, never the time. */
function LastEvent({ text, at }: { readonly text: string; readonly at: number }): ReactElement {
  return (
    <span style={{ display: 'flex', gap: 6, alignItems: 'baseline' }}>
      <span title={text} style={{ minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis' }}>{text}</span>
      <span style={{ flex: 'none' }}><Muted><Moment at={at} show="relative" /></Muted></span>
    </span>
  );
}

export const inventoryColumns: readonly InventoryColumn[] = [
  { id: 'iccid', name: 'ICCID', width: 160, always: true, sort: 'iccid', cell: (p) => <Identifier value={p.iccid} what="ICCID" /> },
  { id: 'badge', name: 'Situation', width: 138, hint: 'What stands out about a profile, by rule from its four states and its order', cell: (p) => (p.badge === undefined ? <Absent /> : <Tooltip title={p.badge.why} describeChild><span><Status look={badgeLook(p.badge.code)} quiet={badgeLook(p.badge.code).quiet} /></span></Tooltip>) },
  { id: 'type', name: 'Profile type', width: 118, sort: 'type', cell: (p) => p.type },
  { id: 'stock', name: 'Stock', width: 112, sort: 'stock', cell: (p) => <Status look={stockLook[p.state.stock]} quiet={p.state.stock === 'sold' || p.state.stock === 'retired'} /> },
  { id: 'order', name: 'Order', width: 112, sort: 'order', cell: (p) => <Status look={orderLook[p.state.order]} quiet={p.state.order === 'available'} /> },
  { id: 'device', name: 'Device', width: 104, optional: true, sort: 'device', cell: (p) => <Status look={deviceLook[p.state.device]} quiet={p.state.device === 'unknown'} /> },
  { id: 'imsi', name: 'IMSI', width: 132, sort: 'imsi', cell: (p) => <Identifier value={p.imsi} what="IMSI" /> },
  { id: 'msisdn', name: 'MSISDN', width: 120, sort: 'msisdn', cell: (p) => (p.msisdn === undefined ? <Absent /> : <Identifier value={p.msisdn} what="MSISDN" />) },
  { id: 'lastEvent', name: 'Last event', width: 156, grow: 400, sort: 'lastEvent', cell: (p) => (p.lastEventAt === undefined ? <Absent /> : <LastEvent text={words(p.lastEvent ?? 'changed')} at={p.lastEventAt} />) },
  { id: 'labels', name: 'Labels', width: 84, cell: (p) => (p.labels === undefined || p.labels.length === 0 ? <Absent /> : <LabelList labels={p.labels} />) },
  { id: 'batch', name: 'Batch', width: 120, optional: true, cell: (p) => (p.batch === undefined ? <Absent /> : <span className="mono">{p.batch}</span>) },
  { id: 'import', name: 'Import', width: 90, optional: true, cell: (p) => (p.import === undefined ? <Absent /> : <span className="mono">{p.import}</span>) },
  { id: 'template', name: 'Template', width: 140, optional: true, sort: 'template', cell: (p) => p.templateLabel ?? <Absent /> },
  { id: 'brand', name: 'Brand', width: 120, optional: true, cell: (p) => p.brand ?? <Absent /> },
  { id: 'network', name: 'Network', width: 112, optional: true, sort: 'network', cell: (p) => <Status look={networkLook[p.state.network]} quiet={p.state.network === 'absent'} /> },
  { id: 'eid', name: 'EID', width: 262, optional: true, sort: 'eid', cell: (p) => (p.eid === undefined ? <Absent /> : <Identifier value={p.eid} what="EID" />) },
  { id: 'heldUntil', name: 'Held until', width: 134, optional: true, sort: 'held', cell: (p) => (p.heldUntil === undefined ? <Absent /> : <Moment at={p.heldUntil} show="minutes" />) },
  { id: 'heldFor', name: 'Held for', width: 120, optional: true, cell: (p) => p.heldFor ?? <Absent /> },
  { id: 'attempts', name: 'Attempts', width: 84, align: 'right', optional: true, cell: (p) => (p.attempts === undefined ? <Absent /> : p.attemptLimit === undefined ? count(p.attempts) : `${count(p.attempts)} of ${count(p.attemptLimit)}`) },
  { id: 'notes', name: 'Notes', width: 66, align: 'right', optional: true, cell: (p) => (p.notes === undefined || p.notes === 0 ? <Absent /> : count(p.notes)) },
  { id: 'secrets', name: 'Secrets', width: 104, optional: true, sort: 'secrets', cell: (p) => (p.secretState === undefined ? <Absent /> : secretStateWord(p.secretState)) },
  { id: 'createdAt', name: 'In stock since', width: 134, optional: true, sort: 'created', cell: (p) => <Moment at={p.createdAt} show="minutes" /> },
  { id: 'preparedAt', name: 'Prepared', width: 134, optional: true, sort: 'prepared', cell: (p) => (p.preparedAt === undefined ? <Absent /> : <Moment at={p.preparedAt} show="minutes" />) },
  { id: 'deliveredAt', name: 'Delivered', width: 134, optional: true, sort: 'delivered', cell: (p) => (p.deliveredAt === undefined ? <Absent /> : <Moment at={p.deliveredAt} show="minutes" />) },
  { id: 'lastEventAt', name: 'Time of last event', width: 140, optional: true, cell: (p) => (p.lastEventAt === undefined ? <Absent /> : <Moment at={p.lastEventAt} />) },
];
