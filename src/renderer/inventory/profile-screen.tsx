import { useEffect, useMemo, type ReactElement, type ReactNode } from 'react';
import Box from '@mui/material/Box';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import Tooltip from '@mui/material/Tooltip';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import { CommandButton, useScreenCommands } from '../app/command-context.tsx';
import type { CommandSpec } from '../app/commands.ts';
import { problemOf } from '../app/client.ts';
import { useDialogs } from '../app/dialogs.tsx';
import { useNow } from '../app/now.tsx';
import { usePreferences } from '../app/preferences.tsx';
import { useDesk } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { BackLink, useEscapeTo } from '../design/back.tsx';
import { count, grouped } from '../design/formats.ts';
import { Page, PageHeader, Panel } from '../design/panel.tsx';
import { LoadingRows, Problem } from '../design/states.tsx';
import { Badge, deviceLook, networkLook, orderLook, Status, stockLook, toneIcon, type Look } from '../design/status.tsx';
import { CopyButton, copyText } from '../design/text.tsx';
import { badgeLook } from './badges.ts';
import { LabelEditor, labelEditorId } from './label-editor.tsx';
import { adviceFor, type ProfileDetail } from './next-action.ts';
import { evidenceText } from './profile-words.ts';
import { Overview } from './profile-overview.tsx';
import { NetworkIdentity, OrderTab, Preparation, Sessions } from './profile-panels.tsx';
import { AuditTab, noteFieldId, Notes, TimelineTab } from './profile-records.tsx';
import { UnknownProfile } from './unknown-profile.tsx';

export function ProfileScreen(): ReactElement {
  const { iccid = '' } = useParams();
  const profile = useDesk(contract.profiles.show, { id: iccid });
  useEscapeTo('/inventory');
  if (profile.isError && profile.data === undefined) {
    const { code, message } = problemOf(profile.error);
    if (code === 'NOT_FOUND' || code === 'PROFILE_UNKNOWN') return <UnknownProfile asked={iccid} message={message} />;
    return <Problem error={profile.error} what="The profile" retry={() => void profile.refetch()} />;
  }
  if (profile.data === undefined) return <LoadingRows rows={12} />;
  return <ProfileView profile={profile.data} />;
}

const tabs = [
  ['overview', 'Overview'], ['timeline', 'Timeline'], ['order', 'Order'], ['network', 'Network identity'], ['preparation', 'Preparation'], ['sessions', 'Sessions'], ['notes', 'Notes'], ['audit', 'Audit'],
] as const;
type TabId = (typeof tabs)[number][0];

function ProfileView({ profile }: { readonly profile: ProfileDetail }): ReactElement {
  const now = useNow();
  const navigate = useNavigate();
  const { open } = useDialogs();
  const toasts = useToasts();
  const [params, setParams] = useSearchParams();
  const asked = params.get('tab');
  const tab: TabId = tabs.find(([id]) => id === asked)?.[0] ?? 'overview';
  const { zone } = usePreferences();
  const advice = adviceFor(profile, now, zone);
  const { iccid, state } = profile;
  const orderId = profile.order?.id;
  const delivered = profile.deliveredAt !== undefined;
  const notes = profile.notes ?? profile.noteList?.length ?? 0;

  const commands = useMemo((): readonly CommandSpec[] => {
    const go = (to: TabId): void => setParams((current) => {
      const next = new URLSearchParams(current);
      if (to === 'overview') next.delete('tab');
      else next.set('tab', to);
      return next;
    }, { replace: true });
    const retired = state.stock === 'retired' ? 'A retired profile has ended for good' : undefined;
    return [
      {
        id: 'profile.order', title: 'Order this profile', group: 'Here', permission: 'order.manage',
        blocked: () => (state.order === 'available' && state.stock === 'sellable' ? undefined : `Only a sellable profile without an order can be ordered; this one is ${stockLook[state.stock].word.toLowerCase()}, ${orderLook[state.order].word.toLowerCase()}`),
        run: () => open({ kind: 'order.new', iccid }),
      },
      { id: 'profile.openOrder', title: 'Open its order', group: 'Here', shortcut: 'o', blocked: () => (orderId === undefined ? 'No order belongs to this profile' : undefined), run: () => void navigate(`/activations/${orderId ?? ''}`) },
      { id: 'profile.hold', title: 'Hold until', group: 'Here', permission: 'profile.manage', keywords: ['reserve'], blocked: () => (state.stock === 'sellable' || state.stock === 'held' ? undefined : `Only a sellable profile can be held; this one is ${stockLook[state.stock].word.toLowerCase()}`), run: () => open({ kind: 'bulk', action: 'hold', selection: { iccids: [iccid] }, profiles: 1 }) },
      { id: 'profile.releaseHold', title: 'Release hold', group: 'Here', permission: 'profile.manage', blocked: () => (state.stock === 'held' ? undefined : 'It is not held'), run: () => open({ kind: 'bulk', action: 'releaseHold', selection: { iccids: [iccid] }, profiles: 1 }) },
      {
        id: 'profile.quarantine', title: 'Quarantine', group: 'Here', permission: 'profile.manage',
        blocked: () => (state.stock === 'quarantined' ? 'It is quarantined already' : retired), run: () => open({ kind: 'profile.reason', action: 'quarantine', iccid }),
      },
      {
        id: 'profile.unquarantine', title: 'Return to sale', group: 'Here', permission: 'profile.manage',
        blocked: () => (state.stock !== 'quarantined' ? 'It is not quarantined' : delivered ? 'It was delivered to a device once; only a profile never delivered may return' : undefined),
        run: () => open({ kind: 'profile.reason', action: 'unquarantine', iccid }),
      },
      { id: 'profile.retire', title: 'Retire', group: 'Here', permission: 'profile.manage', blocked: () => (state.stock === 'retired' ? 'It is retired already' : undefined), run: () => open({ kind: 'profile.reason', action: 'retire', iccid }) },
      { id: 'profile.label', title: 'Change labels', group: 'Here', shortcut: 'l', permission: 'profile.manage', keywords: ['tag'], run: () => document.getElementById(labelEditorId)?.click() },
      {
        id: 'profile.note', title: 'Add a note', group: 'Here', permission: 'profile.manage', keywords: ['comment', 'ticket'],
        run: () => {
          go('notes');
          setTimeout(() => document.getElementById(noteFieldId)?.focus(), 60);
        },
      },
      { id: 'profile.compare', title: 'Compare with another profile', group: 'Here', shortcut: 'c', keywords: ['diff', 'side by side'], run: () => void navigate(`/inventory/compare?a=${iccid}`) },
      { id: 'profile.copyLink', title: 'Copy link to this profile', group: 'Here', run: () => void copyText(window.location.href).then((ok) => (ok ? toasts.done('Link copied') : toasts.failed('The browser does not allow it here', 'Copying'))) },
      ...tabs.map(([id, name]): CommandSpec => ({ id: `profile.tab.${id}`, title: `${name} of this profile`, group: 'Here', run: () => go(id) })),
    ];
  }, [iccid, state.order, state.stock, orderId, delivered, open, navigate, setParams, toasts]);
  useScreenCommands(commands);
  useEffect(() => {
    document.querySelector(`[id="tab-${tab}"]`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [tab]);

  const situation = profile.badge === undefined ? undefined : badgeLook(profile.badge.code);
  return (
    <Page>
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: '4px' }}>
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
          note={profile.type}
        >
          {state.stock === 'held' ? <CommandButton id="profile.releaseHold" /> : <CommandButton id="profile.hold" label="Hold" />}
          {state.stock === 'quarantined' ? <CommandButton id="profile.unquarantine" /> : <CommandButton id="profile.quarantine" />}
          <CommandButton id="profile.retire" />
        </PageHeader>
        <Box sx={{ display: 'flex', gap: '6px 18px', alignItems: 'center', flexWrap: 'wrap', minHeight: 28 }}>
          <AxisBadge name="Order" look={orderLook[state.order]} evidence={profile.evidence?.order} now={now} />
          <AxisBadge name="Stock" look={stockLook[state.stock]} evidence={profile.evidence?.stock} now={now} />
          <AxisBadge name="Network" look={networkLook[state.network]} evidence={profile.evidence?.network} now={now} />
          <AxisBadge name="Device" look={deviceLook[state.device]} evidence={profile.evidence?.device} now={now} />
          <LabelEditor iccid={iccid} labels={profile.labels ?? []} />
        </Box>
      </Box>
      <AdviceBar look={situation === undefined ? { tone: advice.tone, icon: toneIcon(advice.tone), word: advice.badge } : { ...situation, meaning: profile.badge?.why ?? '' }} why={profile.badge !== undefined && saysMore.has(profile.badge.code) ? profile.badge.why : advice.why}>
        {advice.action === 'order' && <CommandButton id="profile.order" label="Order it" primary />}
        {advice.action === 'prepare' && <CommandButton id="stock.prepare" primary />}
        {advice.action === 'open-order' && <CommandButton id="profile.openOrder" label="Open order" primary />}
        {advice.action === 'unquarantine' && <CommandButton id="profile.unquarantine" primary />}
        {advice.action === 'release-hold' && <CommandButton id="profile.releaseHold" primary />}
      </AdviceBar>
      <Panel flush>
        <Tabs
          value={tab}
          variant="scrollable"
          scrollButtons={false}
          onChange={(_, next: TabId) => commands.find((c) => c.id === `profile.tab.${next}`)?.run()}
          aria-label="About this profile"
          sx={(theme) => ({ px: 1, mt: '-6px', borderBottom: `1px solid ${theme.desk.line}` })}
        >
          {tabs.map(([id, name]) => (
            <Tab key={id} value={id} label={id === 'notes' && notes > 0 ? `${name} (${count(notes)})` : name} id={`tab-${id}`} aria-controls={`panel-${id}`} />
          ))}
        </Tabs>
        <Box role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`} sx={{ p: 2 }}>
          {tab === 'overview' && <Overview profile={profile} />}
          {tab === 'timeline' && <TimelineTab profile={profile} />}
          {tab === 'order' && <OrderTab profile={profile} />}
          {tab === 'network' && <NetworkIdentity profile={profile} />}
          {tab === 'preparation' && <Preparation profile={profile} />}
          {tab === 'sessions' && <Sessions profile={profile} />}
          {tab === 'notes' && <Notes profile={profile} />}
          {tab === 'audit' && <AuditTab profile={profile} />}
        </Box>
      </Panel>
    </Page>
  );
}

/** Situations that the next step alone does not tell: what was seen stands there instead. */
const saysMore: ReadonlySet<string> = new Set(['zombie', 'ghost', 'blocked', 'installed_silent', 'expiring', 'connected', 'in_use']);

type Evidence = NonNullable<ProfileDetail['evidence']>['order'];

/** One axis in the header; its tooltip says what it rests on. */
function AxisBadge({ name, look, evidence, now }: { readonly name: string; readonly look: Look; readonly evidence: Evidence; readonly now: number }): ReactElement {
  return (
    <Tooltip title={`${look.meaning ?? ''} ${evidenceText(evidence, now)}`} describeChild>
      <Box component="span" tabIndex={0} role="note" sx={(theme) => ({ color: theme.desk.muted, borderRadius: '4px' })}>
        <Box component="span" sx={{ mr: '6px' }}>{name}</Box>
        <Status look={{ tone: look.tone, icon: look.icon, word: look.word }} />
      </Box>
    </Tooltip>
  );
}

/** The situation, what to do about it, and the command that does it. */
function AdviceBar({ look, why, children }: { readonly look: Look; readonly why: string; readonly children: ReactNode }): ReactElement {
  return (
    <Box sx={(theme) => ({ display: 'flex', alignItems: 'center', gap: '14px', p: '9px 12px 9px 14px', borderRadius: '8px', background: theme.desk.surface, border: `1px solid ${theme.desk.line}`, borderLeft: `3px solid ${theme.desk[look.tone]}`, minHeight: 48 })}>
      <Badge look={look} />
      <Box sx={{ flex: 1, minWidth: 0 }}>{why}</Box>
      {children}
    </Box>
  );
}
