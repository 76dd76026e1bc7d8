import { useEffect, useMemo, useState, type ReactElement, type ReactNode } from 'react';
import Box from '@mui/material/Box';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import { useNavigate, useParams } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import { CommandButton, useScreenCommands } from '../app/command-context.tsx';
import type { CommandSpec } from '../app/commands.ts';
import { problemOf } from '../app/client.ts';
import { useDialogs } from '../app/dialogs.tsx';
import { useNow } from '../app/now.tsx';
import { useDesk } from '../app/queries.ts';
import { BackLink, useEscapeTo } from '../design/back.tsx';
import { grouped } from '../design/formats.ts';
import { Page, PageHeader, Panel } from '../design/panel.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Badge, toneIcon } from '../design/status.tsx';
import { CopyButton } from '../design/text.tsx';
import { Timeline } from '../design/timeline.tsx';
import { adviceFor, type ProfileDetail } from './next-action.ts';
import { AuditRows, AxesPanel, Identity, OrderPanel, Preparation, Secrets } from './profile-panels.tsx';

export function ProfileScreen(): ReactElement {
  const { iccid = '' } = useParams();
  const profile = useDesk(contract.profiles.show, { id: iccid });
  useEscapeTo('/inventory');
  if (profile.isError && profile.data === undefined) {
    const { code, message } = problemOf(profile.error);
    if (code === 'NOT_FOUND' || code === 'PROFILE_UNKNOWN') {
      return (
        <Empty title="No such profile" actions={<BackLink to="/inventory">Inventory</BackLink>}>
          {message} An ICCID has 19 or 20 digits; a padding F at the end may be left out.
        </Empty>
      );
    }
    return <Problem error={profile.error} what="The profile" retry={() => void profile.refetch()} />;
  }
  if (profile.data === undefined) return <LoadingRows rows={12} />;
  return <ProfileView profile={profile.data} />;
}

const tabs = ['Timeline', 'Preparation', 'Audit'] as const;

function ProfileView({ profile }: { readonly profile: ProfileDetail }): ReactElement {
  const now = useNow();
  const navigate = useNavigate();
  const { open } = useDialogs();
  const [tab, setTab] = useState<(typeof tabs)[number]>('Timeline');
  const advice = adviceFor(profile, now);
  const { iccid, state } = profile;
  const orderId = profile.order?.id;
  const delivered = profile.deliveredAt !== undefined;
  useEffect(() => setTab('Timeline'), [iccid]);

  const commands = useMemo(
    (): readonly CommandSpec[] => [
      {
        id: 'profile.order', title: 'Order this profile', group: 'Here', permission: 'order.manage',
        blocked: () => (state.order === 'available' && state.stock === 'sellable' ? undefined : `Only a sellable profile without an order can be ordered; this one is ${state.stock}, ${state.order}`),
        run: () => open({ kind: 'order.new', iccid }),
      },
      { id: 'profile.openOrder', title: 'Open its order', group: 'Here', shortcut: 'o', blocked: () => (orderId === undefined ? 'No order belongs to this profile' : undefined), run: () => void navigate(`/activations/${orderId ?? ''}`) },
      {
        id: 'profile.quarantine', title: 'Quarantine', group: 'Here', permission: 'profile.manage',
        blocked: () => (state.stock === 'quarantined' ? 'It is quarantined already' : state.stock === 'retired' ? 'A retired profile has ended for good' : undefined),
        run: () => open({ kind: 'profile.reason', action: 'quarantine', iccid }),
      },
      {
        id: 'profile.unquarantine', title: 'Return to sale', group: 'Here', permission: 'profile.manage',
        blocked: () => (state.stock !== 'quarantined' ? 'It is not quarantined' : delivered ? 'It was delivered to a device once; only a profile never delivered may return' : undefined),
        run: () => open({ kind: 'profile.reason', action: 'unquarantine', iccid }),
      },
      { id: 'profile.retire', title: 'Retire', group: 'Here', permission: 'profile.manage', blocked: () => (state.stock === 'retired' ? 'It is retired already' : undefined), run: () => open({ kind: 'profile.reason', action: 'retire', iccid }) },
    ],
    [iccid, state.order, state.stock, orderId, delivered, open, navigate],
  );
  useScreenCommands(commands);

  return (
    <Page>
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: '2px' }}>
        <BackLink to="/inventory">Inventory</BackLink>
        <PageHeader
          title={
            <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center', gap: 1 }}>
              <span className="mono" style={{ fontSize: '1.125rem', fontWeight: 500 }}>
                {grouped(iccid)}
              </span>
              <CopyButton value={iccid} what="ICCID" />
            </Box>
          }
        >
          {state.stock === 'quarantined' ? <CommandButton id="profile.unquarantine" /> : <CommandButton id="profile.quarantine" />}
          <CommandButton id="profile.retire" />
        </PageHeader>
      </Box>
      <AdviceBar advice={advice}>
        {advice.action === 'order' && <CommandButton id="profile.order" label="Order it" primary />}
        {advice.action === 'prepare' && <CommandButton id="stock.prepare" primary />}
        {advice.action === 'open-order' && <CommandButton id="profile.openOrder" label="Open order" primary />}
        {advice.action === 'unquarantine' && <CommandButton id="profile.unquarantine" primary />}
      </AdviceBar>
      <AxesPanel profile={profile} />
      <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) 350px', gap: 2, alignItems: 'start', '@media (max-width: 960px)': { gridTemplateColumns: '1fr' } }}>
        <Panel flush>
          <Tabs value={tab} onChange={(_, next: (typeof tabs)[number]) => setTab(next)} aria-label="About this profile" sx={(theme) => ({ px: 1, mt: '-6px', borderBottom: `1px solid ${theme.desk.line}` })}>
            {tabs.map((name) => (
              <Tab key={name} value={name} label={name} id={`tab-${name}`} aria-controls={`panel-${name}`} />
            ))}
          </Tabs>
          <Box role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`} sx={{ p: 2 }}>
            {tab === 'Timeline' && <Timeline events={profile.timeline} />}
            {tab === 'Preparation' && <Preparation profile={profile} />}
            {tab === 'Audit' && <AuditRows rows={profile.audit} />}
          </Box>
        </Panel>
        <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
          <Identity profile={profile} />
          <OrderPanel profile={profile} />
          <Secrets secrets={profile.secrets} />
        </Box>
      </Box>
    </Page>
  );
}

function AdviceBar({ advice, children }: { readonly advice: ReturnType<typeof adviceFor>; readonly children: ReactNode }): ReactElement {
  return (
    <Box sx={(theme) => ({ display: 'flex', alignItems: 'center', gap: '14px', p: '9px 12px 9px 14px', borderRadius: '8px', background: theme.desk.surface, border: `1px solid ${theme.desk.line}`, borderLeft: `3px solid ${theme.desk[advice.tone]}`, minHeight: 48 })}>
      <Badge look={{ tone: advice.tone, icon: toneIcon(advice.tone), word: advice.badge }} />
      <Box sx={{ flex: 1, minWidth: 0 }}>{advice.why}</Box>
      {children}
    </Box>
  );
}
