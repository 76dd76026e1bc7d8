import { useMemo, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Dialog from '@mui/material/Dialog';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import IconButton from '@mui/material/IconButton';
import Tooltip from '@mui/material/Tooltip';
import Close from '@mui/icons-material/Close';
import GppMaybeOutlined from '@mui/icons-material/GppMaybeOutlined';
import NotificationsNoneOutlined from '@mui/icons-material/NotificationsNoneOutlined';
import VerifiedOutlined from '@mui/icons-material/VerifiedOutlined';
import type { z } from 'zod';
import { contract } from '../../shared/contract/index.ts';
import type { notificationRow } from '../../shared/contract/sessions.ts';
import { call } from '../app/client.ts';
import { useDesk, useDeskPages } from '../app/queries.ts';
import { FilterChip, TextFilter } from '../design/filters.tsx';
import { bytes, shortened, words } from '../design/formats.ts';
import type { Column } from '../design/grid.tsx';
import { TextLink } from '../design/link.tsx';
import { ListBody } from '../design/list-body.tsx';
import { Pairs } from '../design/panel.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Status, toneIcon, type Look } from '../design/status.tsx';
import { Absent, Identifier, Moment, Muted } from '../design/text.tsx';
import { useFilters } from '../design/use-filters.ts';
import { MaskedEid } from './eid.tsx';
import { Tree } from './tree.tsx';

type Row = z.output<typeof notificationRow>;

const trust: Readonly<Record<'yes' | 'no', Look>> = {
  yes: { tone: 'success', icon: VerifiedOutlined, word: 'Verified', meaning: 'Signed by the chip it names.' },
  no: { tone: 'warning', icon: GppMaybeOutlined, word: 'Quarantined', meaning: 'Kept to be looked at; nothing was changed by it.' },
};

const operationWords: Readonly<Record<string, string>> = { install: 'Installed', enable: 'Switched on', disable: 'Switched off', delete: 'Deleted' };

/** What was notified, in a word or two. */
export const eventWords = (row: Pick<Row, 'kind' | 'operation'>): string => (row.kind === 'install' ? 'Installation result' : row.operation === undefined ? 'Notification' : operationWords[row.operation] ?? words(row.operation));

function Outcome({ row }: { readonly row: Row }): ReactElement {
  if (row.quarantined !== undefined) return <Tooltip title={row.quarantined} describeChild><span>{row.quarantined}</span></Tooltip>;
  if (row.cause !== undefined) {
    const Icon = toneIcon('danger');
    // In the line of the text, so that a narrow column cuts it like any other.
    return <Tooltip title={`${row.cause}. ${row.action ?? ''}`} describeChild><span><Icon aria-hidden sx={(theme) => ({ fontSize: '1rem', verticalAlign: '-3px', mr: '5px', color: theme.desk.danger })} />{row.cause}</span></Tooltip>;
  }
  return row.kind === 'install' ? <Status look={{ tone: 'success', icon: toneIcon('success'), word: 'Installed' }} /> : <Absent />;
}

const columns: readonly Column<Row>[] = [
  { id: 'receivedAt', name: 'Received', width: 150, always: true, cell: (n) => <Moment at={n.receivedAt} /> },
  { id: 'event', name: 'Notification', width: 140, cell: eventWords },
  { id: 'verified', name: 'Trust', width: 120, cell: (n) => <Status look={trust[n.verified ? 'yes' : 'no']} /> },
  { id: 'outcome', name: 'Result, or why it was put aside', width: 330, cell: (n) => <Outcome row={n} /> },
  { id: 'iccid', name: 'ICCID', width: 172, cell: (n) => (n.iccid === undefined ? <Absent /> : <Identifier value={n.iccid} what="ICCID" />) },
  { id: 'eid', name: 'EID', width: 110, cell: (n) => (n.eid === undefined ? <Absent>not proven</Absent> : <Identifier value={shortened(n.eid, 6, 4)} what="EID" />) },
  { id: 'sequence', name: 'Number', width: 74, align: 'right', cell: (n) => n.sequence ?? <Absent /> },
];

const keys = ['text', 'trust'] as const;

export function NotificationList(): ReactElement {
  const filters = useFilters(keys);
  const [open, setOpen] = useState<number | undefined>();
  const kind = filters.params.get('trust');
  const text = (filters.params.get('text') ?? '').trim().slice(0, 64);
  const filter = useMemo(() => ({ ...(text === '' ? {} : { text }), ...(kind === 'verified' || kind === 'quarantined' ? { verified: kind === 'verified' } : {}) }), [text, kind]);
  const pages = useDeskPages<Row>(contract.sessions.notifications.name, filter, (cursor) => call(contract.sessions.notifications, { filter, limit: 100, ...(cursor === undefined ? {} : { cursor }) }));
  return (
    <>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }} role="search" aria-label="Filter the notifications">
        <TextFilter value={filters.text} onChange={filters.setText} label="ICCID, EID or TransactionID" placeholder="ICCID, EID or TransactionID" width={250} />
        <FilterChip name="Trust" single chosen={kind === null ? [] : [kind]} options={[{ value: 'verified', look: trust.yes }, { value: 'quarantined', look: trust.no }]} onChange={(v) => filters.set('trust', v)} />
      </Box>
      <ListBody
        label="Notifications"
        pages={pages}
        columns={columns}
        rowId={(n) => String(n.id)}
        onOpen={(n) => setOpen(n.id)}
        filtered={filters.active > 0}
        onClearFilters={filters.clear}
        empty={<Empty icon={NotificationsNoneOutlined} title="No chip has notified anything yet">A chip reports the result of an installation, and later when its user switches the profile on or off, or deletes it.</Empty>}
      />
      {open !== undefined && <NotificationDialog id={open} onClose={() => setOpen(undefined)} />}
    </>
  );
}

function NotificationDialog({ id, onClose }: { readonly id: number; readonly onClose: () => void }): ReactElement {
  const found = useDesk(contract.sessions.notification, { id });
  const [revealed, setRevealed] = useState(false);
  const row = found.data;
  return (
    <Dialog open onClose={onClose} maxWidth="md" fullWidth aria-labelledby="notification-title">
      <DialogTitle id="notification-title" sx={{ display: 'flex', alignItems: 'center', gap: 1 }}>
        <Box component="span" sx={{ flex: 1 }}>{row === undefined ? 'Notification' : eventWords(row)}</Box>
        <IconButton aria-label="Close" onClick={onClose}><Close /></IconButton>
      </DialogTitle>
      <DialogContent sx={{ display: 'flex', flexDirection: 'column', gap: 1.5 }}>
        {found.isError && <Problem error={found.error} what="The notification" />}
        {row === undefined && !found.isError && <LoadingRows rows={5} />}
        {row !== undefined && (
          <>
            <Pairs
              nameWidth={110}
              rows={[
                ['Trust', <Status key="t" look={trust[row.verified ? 'yes' : 'no']} />],
                [row.verified ? 'Result' : 'Why', <Outcome key="o" row={row} />],
                ...(row.outcome !== undefined && row.cause !== undefined ? [['Said by the chip', row.outcome] as const, ['What to do', row.action] as const] : []),
                ['Received', <Moment key="m" at={row.receivedAt} />],
                ['EID', row.eid === undefined ? <Absent key="e">not proven</Absent> : <MaskedEid key="e" eid={row.eid} revealed={revealed} onReveal={setRevealed} />],
                ['Session', row.transactionId === undefined ? <Absent key="s" /> : row.quarantined?.startsWith('It names a session this') ? <Identifier key="s" value={row.transactionId} what="TransactionID" /> : <TextLink key="s" to={`/sessions/${row.transactionId}`}><span className="mono">{row.transactionId}</span></TextLink>],
                ['Profile', row.iccid === undefined ? <Absent key="i" /> : row.verified ? <TextLink key="i" to={`/inventory/${row.iccid}`}><span className="mono">{row.iccid}</span></TextLink> : <Identifier key="i" value={row.iccid} what="ICCID" />],
              ]}
            />
            {row.tree.length > 0 ? <Tree rows={revealed ? row.tree : row.tree.map((line) => (/^\d{32}$/.test(line.value ?? '') ? { ...line, value: `${line.value!.slice(0, 6)}••••${line.value!.slice(-4)}` } : line))} label="What the notification holds" height={320} /> : <Muted>{bytes(row.bytes)} that cannot be read as a notification.</Muted>}
          </>
        )}
      </DialogContent>
    </Dialog>
  );
}

/** The notifications of one session, inside its detail. */
export function SessionNotifications({ transactionId }: { readonly transactionId: string }): ReactElement | null {
  const found = useDesk(contract.sessions.notifications, { filter: { transactionId }, limit: 20 });
  const [open, setOpen] = useState<number | undefined>();
  if (found.data === undefined || found.data.rows.length === 0) return <Muted>{found.data === undefined ? 'Reading…' : 'None was received.'}</Muted>;
  return (
    <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0, display: 'flex', flexDirection: 'column', gap: '6px' }}>
      {found.data.rows.map((row) => (
        <Box component="li" key={row.id} sx={{ display: 'flex', flexDirection: 'column', gap: '2px' }}>
          <Box sx={{ display: 'flex', gap: 1, alignItems: 'baseline', flexWrap: 'wrap' }}>
            <Box component="button" type="button" onClick={() => setOpen(row.id)} sx={(theme) => ({ font: 'inherit', fontWeight: 600, background: 'none', border: 0, p: 0, minHeight: 24, lineHeight: 'inherit', cursor: 'pointer', color: theme.desk.accentText, textDecoration: 'underline', textUnderlineOffset: '3px' })}>{eventWords(row)}</Box>
            <Status look={trust[row.verified ? 'yes' : 'no']} />
            <Muted><Moment at={row.receivedAt} /></Muted>
          </Box>
          <Box><Outcome row={row} /></Box>
        </Box>
      ))}
      {open !== undefined && <NotificationDialog id={open} onClose={() => setOpen(undefined)} />}
    </Box>
  );
}
