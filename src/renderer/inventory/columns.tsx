/** Columns of the inventory, in the contract's names and order. */
import type { ReactElement } from 'react';
import type { ProfileColumn } from '../../shared/contract/profile-filter.ts';
import type { ProfileRow } from '../../shared/contract/profiles.ts';
import { count, words } from '../design/formats.ts';
import type { Column } from '../design/grid.tsx';
import { AgeCell, DigitsCell, MomentCell, NoneCell, StateCell } from '../design/cells.tsx';
import { deviceLook, networkLook, orderLook, stockLook } from '../design/status.tsx';
import { badgeLook } from './badges.ts';
import { labelColour } from './labels.tsx';

type InventoryColumn = Column<ProfileRow> & { readonly id: ProfileColumn };

const secretWords: Readonly<Record<NonNullable<ProfileRow['secretState']>, string>> = { sealed: 'Sealed', record: 'From the file', erased: 'Erased', none: 'None yet' };
export const secretStateWord = (state: string): string => secretWords[state as keyof typeof secretWords] ?? words(state);

/** A narrow column cuts the sentence, never the time. */
function LastEvent({ text, at }: { readonly text: string; readonly at: number }): ReactElement {
  return (
    <span className="said">
      <span title={text}>{text}</span>
      <AgeCell at={at} />
    </span>
  );
}

function Labels({ labels }: { readonly labels: NonNullable<ProfileRow['labels']> }): ReactElement {
  return (
    <span className="tags" title={labels.map((l) => l.name).join(', ')}>
      {labels.map((label) => (
        <span key={label.name} className="tag">
          <i className={`spot ${labelColour(label.colour)}`} aria-hidden />
          <span>{label.name}</span>
        </span>
      ))}
    </span>
  );
}

export const inventoryColumns: readonly InventoryColumn[] = [
  { id: 'iccid', name: 'ICCID', width: 160, always: true, sort: 'iccid', cell: (p) => <DigitsCell value={p.iccid} /> },
  { id: 'badge', name: 'Situation', width: 158, hint: 'What stands out about a profile, by rule from its four states and its order', cell: (p) => (p.badge === undefined ? <NoneCell /> : <StateCell look={badgeLook(p.badge.code)} quiet={badgeLook(p.badge.code).quiet} why={p.badge.why} />) },
  { id: 'type', name: 'Profile type', width: 118, sort: 'type', cell: (p) => p.type },
  { id: 'stock', name: 'Stock', width: 112, sort: 'stock', cell: (p) => <StateCell look={stockLook[p.state.stock]} quiet={p.state.stock === 'sold' || p.state.stock === 'retired'} /> },
  { id: 'order', name: 'Order', width: 112, sort: 'order', cell: (p) => <StateCell look={orderLook[p.state.order]} quiet={p.state.order === 'available'} /> },
  { id: 'device', name: 'Device', width: 104, optional: true, sort: 'device', cell: (p) => <StateCell look={deviceLook[p.state.device]} quiet={p.state.device === 'unknown'} /> },
  { id: 'imsi', name: 'IMSI', width: 132, sort: 'imsi', cell: (p) => <DigitsCell value={p.imsi} /> },
  { id: 'msisdn', name: 'MSISDN', width: 120, sort: 'msisdn', cell: (p) => (p.msisdn === undefined ? <NoneCell /> : <DigitsCell value={p.msisdn} />) },
  { id: 'lastEvent', name: 'Last event', width: 148, grow: 400, sort: 'lastEvent', cell: (p) => (p.lastEventAt === undefined ? <NoneCell /> : <LastEvent text={words(p.lastEvent ?? 'changed')} at={p.lastEventAt} />) },
  { id: 'labels', name: 'Labels', width: 84, cell: (p) => (p.labels === undefined || p.labels.length === 0 ? <NoneCell /> : <Labels labels={p.labels} />) },
  { id: 'batch', name: 'Batch', width: 120, optional: true, cell: (p) => (p.batch === undefined ? <NoneCell /> : <span className="mono">{p.batch}</span>) },
  { id: 'import', name: 'Import', width: 90, optional: true, cell: (p) => (p.import === undefined ? <NoneCell /> : <span className="mono">{p.import}</span>) },
  { id: 'template', name: 'Template', width: 140, optional: true, sort: 'template', cell: (p) => p.templateLabel ?? <NoneCell /> },
  { id: 'brand', name: 'Brand', width: 120, optional: true, cell: (p) => p.brand ?? <NoneCell /> },
  { id: 'network', name: 'Network', width: 112, optional: true, sort: 'network', cell: (p) => <StateCell look={networkLook[p.state.network]} quiet={p.state.network === 'absent'} /> },
  { id: 'eid', name: 'EID', width: 262, optional: true, sort: 'eid', cell: (p) => (p.eid === undefined ? <NoneCell /> : <DigitsCell value={p.eid} />) },
  { id: 'heldUntil', name: 'Held until', width: 134, optional: true, sort: 'held', cell: (p) => (p.heldUntil === undefined ? <NoneCell /> : <MomentCell at={p.heldUntil} show="minutes" />) },
  { id: 'heldFor', name: 'Held for', width: 120, optional: true, cell: (p) => p.heldFor ?? <NoneCell /> },
  { id: 'attempts', name: 'Attempts', width: 84, align: 'right', optional: true, cell: (p) => (p.attempts === undefined ? <NoneCell /> : p.attemptLimit === undefined ? count(p.attempts) : `${count(p.attempts)} of ${count(p.attemptLimit)}`) },
  { id: 'notes', name: 'Notes', width: 66, align: 'right', optional: true, cell: (p) => (p.notes === undefined || p.notes === 0 ? <NoneCell /> : count(p.notes)) },
  { id: 'secrets', name: 'Secrets', width: 104, optional: true, sort: 'secrets', cell: (p) => (p.secretState === undefined ? <NoneCell /> : secretStateWord(p.secretState)) },
  { id: 'createdAt', name: 'In stock since', width: 134, optional: true, sort: 'created', cell: (p) => <MomentCell at={p.createdAt} show="minutes" /> },
  { id: 'preparedAt', name: 'Prepared', width: 134, optional: true, sort: 'prepared', cell: (p) => (p.preparedAt === undefined ? <NoneCell /> : <MomentCell at={p.preparedAt} show="minutes" />) },
  { id: 'deliveredAt', name: 'Delivered', width: 134, optional: true, sort: 'delivered', cell: (p) => (p.deliveredAt === undefined ? <NoneCell /> : <MomentCell at={p.deliveredAt} show="minutes" />) },
  { id: 'lastEventAt', name: 'Time of last event', width: 140, optional: true, cell: (p) => (p.lastEventAt === undefined ? <NoneCell /> : <MomentCell at={p.lastEventAt} />) },
];
