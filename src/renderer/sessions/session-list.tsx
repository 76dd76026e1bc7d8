import { useEffect, useMemo, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Tooltip from '@mui/material/Tooltip';
import ArrowUpward from '@mui/icons-material/ArrowUpward';
import Pause from '@mui/icons-material/Pause';
import PlayArrow from '@mui/icons-material/PlayArrow';
import SensorsOutlined from '@mui/icons-material/SensorsOutlined';
import { useNavigate } from 'react-router';
import type { z } from 'zod';
import { contract } from '../../shared/contract/index.ts';
import { sessionPhases, type sessionRow } from '../../shared/contract/sessions.ts';
import { call } from '../app/client.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDesk, useDeskPages } from '../app/queries.ts';
import { isTyping } from '../app/typing.ts';
import { FilterChip, TextFilter } from '../design/filters.tsx';
import { explainCode, explainRefusal } from '../design/explain.ts';
import { count, shortened, span } from '../design/formats.ts';
import { ColumnChooser, useArranged } from '../design/grid-columns.tsx';
import type { Column } from '../design/grid.tsx';
import { nextIndex } from '../design/grid-keys.ts';
import { ListBody } from '../design/list-body.tsx';
import { Empty } from '../design/states.tsx';
import { phaseLook } from '../design/status.tsx';
import { Absent, Code, Identifier, Moment, Muted } from '../design/text.tsx';
import { readAxis } from '../design/url-filters.ts';
import { useFilters } from '../design/use-filters.ts';
import { PhaseCell } from './phase-bar.tsx';
import { isUnfinished } from './phase.ts';
import { Rate } from './rate.tsx';

type Row = z.output<typeof sessionRow>;

export function CauseCell({ code, detail }: { readonly code: string; readonly detail?: string | undefined }): ReactElement {
  const { cause, action } = explainRefusal(code, detail);
  return <Tooltip title={`${cause} ${action}`} describeChild><span><Code>{code}</Code> {cause}</span></Tooltip>;
}

const columns: readonly Column<Row>[] = [
  { id: 'startedAt', name: 'Started', width: 146, always: true, cell: (s) => <Moment at={s.startedAt} /> },
  { id: 'phase', name: 'Phase', width: 204, cell: (s) => <PhaseCell phase={s.phase} steps={s.steps} cancelledAfter={s.cancelledAfter} /> },
  { id: 'code', name: 'Code and cause', width: 250, grow: 1_200, cell: (s) => (s.code === undefined ? <Absent /> : <CauseCell code={s.code} detail={s.detail} />) },
  { id: 'iccid', name: 'ICCID', width: 162, cell: (s) => (s.iccid === undefined ? <Absent>{isUnfinished(s.phase) ? 'not chosen yet' : 'none chosen'}</Absent> : <Identifier value={s.iccid} what="ICCID" />) },
  { id: 'eid', name: 'EID', width: 104, cell: (s) => (s.eid === undefined ? s.claimedEid !== undefined ? <Tooltip title="Named by the certificate it showed; the chip never proved it." describeChild><span><Muted>{shortened(s.claimedEid, 6, 4)} ?</Muted></span></Tooltip> : <Absent>{isUnfinished(s.phase) ? 'not told yet' : 'not proven'}</Absent> : <Identifier value={shortened(s.eid, 6, 4)} what="EID" />) },
  { id: 'took', name: 'Took', width: 70, align: 'right', cell: (s) => span(s.updatedAt - s.startedAt) },
  { id: 'tac', name: 'TAC', width: 80, cell: (s) => (s.tac === undefined ? <Absent /> : <Identifier value={s.tac} what="TAC" />) },
  { id: 'remote', name: 'From', width: 96, cell: (s) => (s.remote === undefined ? <Absent /> : <Identifier value={s.remote} what="address" />) },
  { id: 'binding', name: 'Binding', width: 66, optional: true, cell: (s) => (s.binding === 'asn1' ? 'ASN.1' : s.binding === undefined ? <Absent /> : 'JSON') },
  { id: 'identity', name: 'Identity', width: 90, optional: true, cell: (s) => s.identity },
  { id: 'transactionId', name: 'TransactionID', width: 270, optional: true, cell: (s) => <Identifier value={s.transactionId} what="TransactionID" /> },
];

const keys = ['text', 'failed', 'phase', 'code', 'identity'] as const;
const pageSize = 100;
const everyMs = 2_000;
const pulseMs = 5_000;

/** True while a row is chosen by keyboard: rows must not move under it. Escape and `clear` end it. */
function useChoosing(): readonly [boolean, (choosing: boolean) => void] {
  const [choosing, set] = useState(false);
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === 'Escape') set(false);
      else if (nextIndex(event.key, 0, 2, 1) !== undefined) set(true);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
  return [choosing, set];
}

export function SessionList(): ReactElement {
  const navigate = useNavigate();
  const filters = useFilters(keys);
  const status = useDesk(contract.workspace.status, {});
  const arranged = useArranged('sessions', columns);
  const [paused, setPaused] = useState(false);
  const [over, setOver] = useState(false);
  const [choosing, setChoosing] = useChoosing();
  const { params } = filters;
  const listed = (key: string): string[] => (params.get(key) ?? '').split(',').filter(Boolean).slice(0, 40);
  const failedOnly = params.get('failed') === 'yes';
  const phases = readAxis(params, { key: 'phase', values: sessionPhases }) as Row['phase'][];
  const [codes, identities] = [listed('code'), listed('identity')];
  const text = (params.get('text') ?? '').trim().slice(0, 64);
  const asked = JSON.stringify({ ...(failedOnly ? { failedOnly } : {}), ...(text === '' ? {} : { text }), ...(phases.length > 0 ? { phases } : {}), ...(codes.length > 0 ? { codes } : {}), ...(identities.length > 0 ? { identities } : {}) });
  const filter = useMemo(() => JSON.parse(asked) as { failedOnly?: boolean; text?: string; phases?: Row['phase'][]; codes?: string[]; identities?: string[] }, [asked]);
  const still = paused || over || choosing;
  // Under a name of its own: the engine's word that something changed must not move rows that are held.
  const pages = useDeskPages<Row>('live-sessions.list', filter, (cursor) => call(contract.sessions.list, { filter, limit: pageSize, ...(cursor === undefined ? {} : { cursor }) }), { refetchInterval: still ? false : everyMs });
  const first = pages.data?.pages[0]?.rows[0];
  const newest = first === undefined ? undefined : `${first.startedAt}-${first.transactionId}`;
  const pulse = useDesk(contract.sessions.pulse, { filter, ...(still && newest !== undefined ? { newest } : {}) }, { refetchInterval: pulseMs, keepPrevious: true });
  const newer = still ? pulse.data?.newer ?? 0 : 0;
  const es9 = status.data?.listeners.find((l) => l.kind === 'es9plus' && l.state === 'listening');
  const options = (values: readonly string[], chosen: readonly string[]) => [...new Set([...values, ...chosen])].map((value) => ({ value }));
  const goOn = (): void => {
    setPaused(false);
    setChoosing(false);
  };
  return (
    <>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }} role="search" aria-label="Filter the sessions">
        <TextFilter value={filters.text} onChange={filters.setText} label="ICCID, EID, TransactionID or MatchingID" placeholder="ICCID, EID, TransactionID…" width={220} />
        <FilterChip name="Phase" chosen={phases} options={sessionPhases.map((value) => ({ value, look: phaseLook[value] }))} onChange={(v) => filters.set('phase', v)} />
        <FilterChip name="Code" chosen={codes} options={options(pulse.data?.codes ?? [], codes).map(({ value }) => ({ value, label: `${value}  ${explainCode(value).cause.replace(/\.$/, '')}` })).map((option) => (codes.includes(option.value) ? { ...option, label: option.value } : option))} onChange={(v) => filters.set('code', v)} />
        {((pulse.data?.identities.length ?? 0) > 1 || identities.length > 0) && <FilterChip name="Identity" chosen={identities} options={options(pulse.data?.identities ?? [], identities)} onChange={(v) => filters.set('identity', v)} />}
        <FilterChip name="Only" single chosen={failedOnly ? ['yes'] : []} options={[{ value: 'yes', label: 'failing' }]} onChange={(v) => filters.set('failed', v)} />
        <Box sx={{ flex: 1 }} />
        {pulse.data !== undefined && <Rate minutes={pulse.data.minutes} />}
        <Button variant="outlined" startIcon={paused ? <PlayArrow /> : <Pause />} aria-pressed={paused} onClick={() => (paused ? goOn() : setPaused(true))}>
          {paused ? 'Go on' : 'Pause'}
        </Button>
        <ColumnChooser columns={columns} arranged={arranged} />
      </Box>
      <Box sx={{ flex: 1, minHeight: 0, display: 'flex', flexDirection: 'column', gap: 1.5 }} onPointerEnter={() => setOver(true)} onPointerLeave={() => setOver(false)}>
        <ListBody
          label="Live sessions"
          pages={pages}
          columns={columns}
          arranged={arranged}
          rowId={(s) => s.transactionId}
          onOpen={(s) => void navigate(`/sessions/${encodeURIComponent(s.transactionId)}`)}
          filtered={filters.active > 0}
          onClearFilters={filters.clear}
          foot={
            <Box role="status" aria-live="polite" sx={{ display: 'flex', alignItems: 'center', gap: 1 }}>
              {newer > 0 && (
                <Button variant="contained" startIcon={<ArrowUpward />} onClick={() => void pages.refetch()} sx={{ minHeight: 24, py: 0, fontSize: '0.75rem' }}>
                  {newer >= 500 ? '500 or more' : count(newer)} new
                </Button>
              )}
              <Muted>{paused ? 'Stopped' : over ? 'Held while the pointer is on the list' : choosing ? 'Held while a row is chosen; Esc lets go' : `Read every ${everyMs / 1000} s`}</Muted>
            </Box>
          }
          empty={
            <Empty icon={SensorsOutlined} title="No device has come yet" actions={<CommandButton id="order.new" primary />}>
              {es9 === undefined ? 'No ES9+ listener is running, so devices cannot reach this SM-DP+. Start one with serve --es9plus.' : `Devices reach this SM-DP+ on ${es9.address}:${es9.port}. Order a profile and open its code on a device, or send the virtual device: mvne-desk device download.`}
            </Empty>
          }
        />
      </Box>
    </>
  );
}
