/** What happened, newest first: source, sentence, code in plain words, gaps marked. */
import { Fragment, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Tooltip from '@mui/material/Tooltip';
import ArchiveOutlined from '@mui/icons-material/ArchiveOutlined';
import GppMaybeOutlined from '@mui/icons-material/GppMaybeOutlined';
import HourglassEmpty from '@mui/icons-material/HourglassEmpty';
import Inbox from '@mui/icons-material/Inbox';
import Inventory2Outlined from '@mui/icons-material/Inventory2Outlined';
import SellOutlined from '@mui/icons-material/SellOutlined';
import ComputerOutlined from '@mui/icons-material/ComputerOutlined';
import DnsOutlined from '@mui/icons-material/DnsOutlined';
import HandshakeOutlined from '@mui/icons-material/HandshakeOutlined';
import MemoryOutlined from '@mui/icons-material/MemoryOutlined';
import PersonOutlineOutlined from '@mui/icons-material/PersonOutlineOutlined';
import PhoneIphoneOutlined from '@mui/icons-material/PhoneIphoneOutlined';
import CellTower from '@mui/icons-material/CellTower';
import type { ActivationEvent, ActivationStage } from '../../shared/contract/states.ts';
import { explainCode } from './explain.ts';
import { span } from './formats.ts';
import { TextLink } from './link.tsx';
import { beyondStage, stageWord } from './stage-words.ts';
import type { DeskIcon } from './status.tsx';
import { Code, Moment, Muted } from './text.tsx';
import type { Tone } from './tokens.ts';

const sources: Readonly<Record<ActivationEvent['source'], { readonly icon: DeskIcon; readonly name: string }>> = {
  operator: { icon: PersonOutlineOutlined, name: 'Operator' },
  es2plus: { icon: DnsOutlined, name: 'ES2+ (operator system)' },
  es9plus: { icon: PhoneIphoneOutlined, name: 'ES9+ (device)' },
  euicc: { icon: MemoryOutlined, name: 'eUICC (signed by the chip)' },
  network: { icon: CellTower, name: 'Network' },
  partner: { icon: HandshakeOutlined, name: 'Partner' },
  system: { icon: ComputerOutlined, name: 'System' },
};

const tones: Readonly<Partial<Record<ActivationStage, Tone>>> = {
  installed: 'success', enabled: 'success', first_attach: 'success', first_data: 'success',
  refused: 'danger', install_failed: 'danger', expired: 'warning', cancelled: 'warning', disabled: 'warning', deleted: 'warning', released: 'accent',
  held: 'warning', quarantined: 'warning', network_active: 'success', network_suspended: 'warning',
};

/** Stock and network have signs of their own, the ones of their states; an activation shows who spoke. */
const stageIcons: Readonly<Partial<Record<ActivationStage, DeskIcon>>> = {
  imported: Inbox, prepared: Inventory2Outlined, held: HourglassEmpty, hold_ended: HourglassEmpty, quarantined: GppMaybeOutlined, unquarantined: SellOutlined, retired: ArchiveOutlined,
  network_provisioned: CellTower, network_active: CellTower, network_suspended: CellTower, network_removed: CellTower,
};

const gapMs = 24 * 3_600_000;

/** `gaps`: whether a day without an event is marked; not where events are left out. */
export function Timeline({ events, gaps = true }: { readonly events: readonly ActivationEvent[]; readonly gaps?: boolean }): ReactElement {
  const newest = [...events].sort((a, b) => b.at - a.at || b.id - a.id);
  if (newest.length === 0) return <Muted>Nothing has happened yet.</Muted>;
  return (
    <Box component="ol" sx={{ listStyle: 'none', m: 0, p: 0 }}>
      {newest.map((event, at) => {
        const older = newest[at + 1];
        const gap = older === undefined ? 0 : event.at - older.at;
        return (
          <Fragment key={event.id}>
            <TimelineItem event={event} last={older === undefined} />
            {gaps && gap > gapMs && (
              <Box component="li" sx={(theme) => ({ ml: '11px', pl: '26px', py: '2px', borderLeft: `1px dashed ${theme.desk.lineStrong}`, color: theme.desk.muted, fontSize: '0.75rem' })}>
                no event for {span(gap)}
              </Box>
            )}
          </Fragment>
        );
      })}
    </Box>
  );
}

function TimelineItem({ event, last }: { readonly event: ActivationEvent; readonly last: boolean }): ReactElement {
  const source = sources[event.source];
  const Icon = stageIcons[event.stage] ?? source.icon;
  const tone = tones[event.stage] ?? 'neutral';
  const said = beyondStage(event.text, stageWord(event.stage));
  const explained = event.code === undefined ? undefined : explainCode(event.code);
  return (
    <Box component="li" sx={{ display: 'grid', gridTemplateColumns: '24px minmax(0, 1fr) auto', columnGap: '12px' }}>
      <Box sx={{ display: 'flex', flexDirection: 'column', alignItems: 'center' }}>
        <Tooltip title={source.name}>
          <Box
            role="img"
            aria-label={source.name}
            sx={(theme) => ({ width: 24, height: 24, borderRadius: '50%', display: 'grid', placeItems: 'center', background: theme.desk.surface, border: `1px solid ${tone === 'neutral' ? theme.desk.line : theme.desk[tone]}`, color: tone === 'neutral' ? theme.desk.muted : theme.desk[tone] })}
          >
            <Icon sx={{ fontSize: '0.875rem' }} />
          </Box>
        </Tooltip>
        {!last && <Box sx={(theme) => ({ flex: 1, width: '1px', background: theme.desk.line, minHeight: 12 })} />}
      </Box>
      <Box sx={{ pb: '12px', pt: '2px', minWidth: 0 }}>
        <Box sx={{ display: 'flex', gap: 1, alignItems: 'baseline', flexWrap: 'wrap' }}>
          <Box component="span" sx={{ fontWeight: 600 }}>
            {stageWord(event.stage)}
          </Box>
          {said !== '' && (
            <Box component="span" sx={{ overflowWrap: 'anywhere' }}>
              {said}
            </Box>
          )}
        </Box>
        {event.code !== undefined && (
          <Box sx={(theme) => ({ mt: '3px', p: '6px 10px', borderRadius: '5px', background: theme.desk.dangerSoft })}>
            <Code>{event.code}</Code> {explained?.cause}
            {explained !== undefined && (
              <Box>
                <Muted>What to do: </Muted>
                {explained.action}
              </Box>
            )}
          </Box>
        )}
        {(event.actor !== undefined || event.transactionId !== undefined) && (
          <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>
            {event.actor !== undefined && <span>by {event.actor}</span>}
            {event.actor !== undefined && event.transactionId !== undefined && ' · '}
            {event.transactionId !== undefined && (
              <TextLink to={`/sessions/${encodeURIComponent(event.transactionId)}`}>
                session <span className="mono">{event.transactionId.slice(0, 8)}…</span>
              </TextLink>
            )}
          </Box>
        )}
      </Box>
      <Box sx={(theme) => ({ color: theme.desk.muted, pt: '2px', textAlign: 'right', fontSize: '0.75rem' })}>
        <Moment at={event.at} show="both" />
      </Box>
    </Box>
  );
}
