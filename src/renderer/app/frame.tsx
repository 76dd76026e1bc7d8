/** The frame of the window: navigation, footer, and what stands above every screen when something is wrong. */
import type { ReactElement, ReactNode } from 'react';
import Box from '@mui/material/Box';
import Tooltip from '@mui/material/Tooltip';
import { NavLink, useLocation } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/contract/define.ts';
import { bytes, count, plural, span } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { outbox } from '../../shared/contract/outbox.ts';
import { toneIcon } from '../design/status.tsx';
import { environments, type Tone } from '../design/tokens.ts';
import { areaAt, areas } from './areas.ts';
import { useNow } from './now.tsx';
import { useRefused } from './permissions.ts';
import { useDesk } from './queries.ts';
import { listenerNames } from './listener-words.ts';
import mark from './mark.svg';

type Status = OutputOf<typeof contract.workspace.status>;

export function Sidebar({ environment }: { readonly environment: Status['environment'] | undefined }): ReactElement {
  const { pathname } = useLocation();
  const here = areaAt(pathname);
  const refused = useRefused();
  return (
    <Box component="nav" aria-label="Areas" sx={(theme) => ({ gridArea: 'nav', borderRight: `1px solid ${theme.desk.line}`, background: theme.desk.surface, display: 'flex', flexDirection: 'column' })}>
      <Box sx={{ height: 52, display: 'flex', alignItems: 'center', gap: '10px', px: '16px' }}>
        <Box component="img" src={mark} alt="" sx={{ width: 22, height: 22 }} />
        <Box component="span" sx={{ fontWeight: 600, letterSpacing: '-0.01em', '@media (max-width: 1100px)': { display: 'none' } }}>
          MVNE Desk
        </Box>
      </Box>
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: '4px 8px', display: 'flex', flexDirection: 'column', gap: '2px', flex: 1 }}>
        {areas
          .filter((area) => area.under === undefined && !refused.has(area.permission))
          .map((area) => {
            const current = here !== undefined && (here.under ?? here.id) === area.id;
            return (
              <li key={area.id}>
                <Tooltip title={`${area.name} (g then ${area.key})`} placement="right" enterDelay={700}>
                  <Box
                    component={NavLink}
                    to={area.path}
                    aria-label={area.name}
                    {...(current ? { 'aria-current': here.under === undefined ? ('page' as const) : ('true' as const) } : {})}
                    sx={(theme) => ({
                      display: 'flex', alignItems: 'center', gap: '10px', height: 34, px: '10px', borderRadius: '6px', textDecoration: 'none', fontWeight: current ? 600 : 400,
                      color: current ? theme.desk.accentText : theme.desk.text, background: current ? theme.desk.accentSoft : 'transparent', '&:hover': { background: current ? theme.desk.accentSoft : theme.desk.hover },
                      '@media (max-width: 1100px)': { justifyContent: 'center', px: 0 },
                    })}
                  >
                    <area.icon aria-hidden sx={(theme) => ({ color: current ? theme.desk.accent : theme.desk.muted })} />
                    <Box component="span" sx={{ '@media (max-width: 1100px)': { display: 'none' } }}>
                      {area.name}
                    </Box>
                  </Box>
                </Tooltip>
              </li>
            );
          })}
      </Box>
      {environment !== undefined && environment !== 'live' && (
        <Box
          aria-hidden
          // 28 px across for each stripe: both widths of the navigation hold a whole number of them.
          sx={{ height: 6, background: `repeating-linear-gradient(135deg, transparent 0 4.95px, ${environments[environment].stripe} 4.95px 14.85px, transparent 14.85px 19.8px)` }}
        />
      )}
    </Box>
  );
}

/** `unsure`: the last answer is too old, or the last question failed, so that no light may be shown as the present state. */
export function Footer({ status, away, unsure }: { readonly status: Status | undefined; readonly away: boolean; readonly unsure: boolean }): ReactElement {
  return (
    <Box
      component="footer"
      aria-label="State of the workspace"
      sx={(theme) => ({ gridArea: 'footer', display: 'flex', alignItems: 'center', gap: '18px', px: '16px', borderTop: `1px solid ${theme.desk.line}`, background: theme.desk.surface, color: theme.desk.muted, fontSize: '0.75rem', overflow: 'hidden', whiteSpace: 'nowrap' })}
    >
      {away && <Light tone="danger" detail="The engine does not answer">Engine not reachable</Light>}
      {!away && unsure && <Light tone="warning" detail="The last answer is too old to be shown as the present state">State not known, asking again</Light>}
      {status !== undefined && !away && !unsure && <Lights status={status} />}
      <Box sx={{ flex: 1 }} />
      {status !== undefined && <span>{status.version}</span>}
    </Box>
  );
}

const protections: Readonly<Record<Status['vault']['protection'], string>> = { 'not-protected': 'not protected', passphrase: 'passphrase', unknown: 'protection unknown' };

function Lights({ status }: { readonly status: Status }): ReactElement {
  const { vault, database, chain, listeners } = status;
  const vaultTone: Tone = vault.state === 'ready' ? (vault.protection === 'passphrase' ? 'success' : 'warning') : vault.state === 'starting' ? 'info' : 'danger';
  const failed = listeners.filter((l) => l.state === 'failed');
  const es9 = listeners.filter((l) => l.kind === 'es9plus');
  const es2 = listeners.filter((l) => l.kind === 'es2plus');
  return (
    <>
      <Light tone={database.state === 'ok' ? 'success' : 'warning'} detail={`Schema ${database.schema}`}>
        Database {database.state === 'ok' ? 'ok' : 'read-only'} · {bytes(database.bytes)}
      </Light>
      <Light tone={vaultTone} detail={vault.protection === 'not-protected' ? 'The key encryption key lies in a file only this user can read. Enough for a lab, not for subscribers.' : `Restarts since start: ${vault.restarts}`}>
        Vault {vault.state} · {protections[vault.protection]}
        {vault.restarts > 0 && ` · ${vault.restarts} restarts`}
      </Light>
      <Light tone="success" detail={`Head of the audit chain: ${chain.head}`}>
        Audit <span className="mono">…{chain.head.slice(-6)}</span> · {plural(chain.records, 'record')}
      </Light>
      <Light
        tone={failed.length > 0 ? 'danger' : es9.length > 0 ? 'success' : 'neutral'}
        detail={listeners.length === 0 ? 'Devices cannot reach this SM-DP+: no ES9+ listener is configured.' : listeners.map((l) => `${listenerNames[l.kind]} ${l.address}:${l.port} ${l.state}${l.identities.length === 0 ? '' : ` (${l.identities.join(', ')})`}${l.message === undefined ? '' : `: ${l.message}`}`).join(' · ')}
      >
        {es9.length === 0 ? 'ES9+ off' : [...es9, ...es2].map((l) => `${listenerNames[l.kind]} :${l.port}`).join(', ')}
        {failed.length > 0 && ` · ${failed.length} failed`}
      </Light>
      <Outbox />
      {status.recovered.length > 0 && (
        <Light tone="info" detail={status.recovered.join(' ')}>
          Recovered after the last stop
        </Light>
      )}
    </>
  );
}

/** Messages to other systems that wait or were given up; nothing at all while there are none. */
function Outbox(): ReactElement | null {
  const now = useNow();
  const refused = useRefused().has('outbox.view');
  const counts = useDesk(outbox.list, { limit: 1, filter: { state: ['waiting', 'dead'] } }, { enabled: !refused, refetchInterval: 30_000 }).data?.counts;
  if (counts === undefined || (counts.waiting === 0 && counts.dead === 0)) return null;
  const oldest = counts.oldestWaitingAt === undefined ? '' : ` The oldest has waited ${span(now - counts.oldestWaitingAt)}.`;
  return (
    <Light tone={counts.dead > 0 ? 'danger' : 'info'} detail={`Messages to other systems: ${plural(counts.waiting, 'waits', 'wait')} for an attempt, ${count(counts.dead)} given up after the last one.${oldest}`}>
      <TextLink to={counts.dead > 0 ? '/outbox?state=dead' : '/outbox?state=waiting'}>
        Outbox {counts.waiting > 0 && `${count(counts.waiting)} waiting`}
        {counts.waiting > 0 && counts.dead > 0 && ', '}
        {counts.dead > 0 && `${count(counts.dead)} dead`}
      </TextLink>
    </Light>
  );
}

function Light({ tone, detail, children }: { readonly tone: Tone; readonly detail: string; readonly children: ReactNode }): ReactElement {
  const Icon = toneIcon(tone);
  return (
    <Tooltip title={detail} describeChild placement="top">
      <Box component="span" tabIndex={0} role="note" sx={{ display: 'inline-flex', alignItems: 'center', gap: '5px', '&:focus-visible': { outlineOffset: 0, borderRadius: '3px' } }}>
        <Icon aria-hidden sx={(theme) => ({ fontSize: '0.875rem', color: theme.desk[tone] })} />
        <span>{children}</span>
      </Box>
    </Tooltip>
  );
}
