/** The four axes with what each rests on, the numbers, and what happened last. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import { TextLink } from '../design/link.tsx';
import { Pairs } from '../design/panel.tsx';
import { deviceLook, networkLook, orderLook, Status, stockLook, type Look } from '../design/status.tsx';
import { Absent, Identifier, Moment, Muted } from '../design/text.tsx';
import { Timeline } from '../design/timeline.tsx';
import type { ProfileDetail } from './next-action.ts';
import { evidenceWord } from './profile-words.ts';

const latest = 5;

export function Overview({ profile }: { readonly profile: ProfileDetail }): ReactElement {
  const { state, evidence } = profile;
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2.5 }}>
      <Box sx={(theme) => ({ display: 'grid', gridTemplateColumns: 'repeat(4, minmax(0, 1fr))', border: `1px solid ${theme.desk.line}`, borderRadius: '6px', '& > *': { p: '10px 14px' }, '& > * + *': { borderLeft: `1px solid ${theme.desk.line}` }, '@media (max-width: 900px)': { gridTemplateColumns: 'repeat(2, minmax(0, 1fr))' } })}>
        <Axis name="Order" look={orderLook[state.order]} evidence={evidence?.order} fallback={profile.order === undefined ? 'No order holds it.' : undefined} />
        <Axis name="Stock" look={stockLook[state.stock]} evidence={evidence?.stock} fallback={profile.stockReason}>
          {profile.heldUntil !== undefined && <Box>Until <Moment at={profile.heldUntil} show="minutes" />{profile.heldFor !== undefined && <> for {profile.heldFor}</>}</Box>}
          {profile.release !== undefined && profile.release.rule !== 'manual' && <Box>Ends by itself{profile.release.until !== undefined && <> at the latest <Moment at={profile.release.until} show="minutes" /></>}.</Box>}
        </Axis>
        <Axis name="Network" look={networkLook[state.network]} evidence={evidence?.network} fallback={state.network === 'absent' ? 'No feed has told us otherwise.' : undefined} />
        <Axis name="Device" look={deviceLook[state.device]} evidence={evidence?.device ?? (profile.deviceAt === undefined ? undefined : { at: profile.deviceAt, source: profile.deviceSource ?? '', text: '' })} fallback={state.device === 'unknown' ? 'No device has told us anything.' : undefined} />
      </Box>
      <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 1fr)', gap: 4, '@media (max-width: 1200px)': { gridTemplateColumns: '1fr', gap: 2.5 } }}>
        <Box component="section" aria-label="Identity">
          <Heading>Identity</Heading>
          <Pairs
            nameWidth={120}
            rows={[
              ['ICCID', <Identifier key="i" value={profile.iccid} what="ICCID" copy />],
              ['IMSI', <Identifier key="s" value={profile.imsi} what="IMSI" copy />],
              ['MSISDN', profile.msisdn === undefined ? <Absent key="m">none</Absent> : <Identifier key="m" value={profile.msisdn} what="MSISDN" copy />],
              ['EID', profile.eid === undefined ? <Absent key="e">not linked to a device</Absent> : <Identifier key="e" value={profile.eid} what="EID" group={8} copy />],
              ['Profile type', <TextLink key="t" to={`/inventory?type=${encodeURIComponent(profile.type)}`}>{profile.type}</TextLink>],
              ['In stock since', <Moment key="c" at={profile.createdAt} show="both" />],
              ...(profile.import === undefined ? [] : [['Import', <TextLink key="f" to={`/inventory?where=${encodeURIComponent(`import:is:${profile.import}`)}`}>{profile.import}</TextLink>] as const]),
              ...(profile.batch === undefined ? [] : [['Batch', <TextLink key="b" to={`/inventory?where=${encodeURIComponent(`batch:is:${profile.batch}`)}`}>{profile.batch}</TextLink>] as const]),
              ...(profile.brand === undefined ? [] : [['Brand', <TextLink key="r" to={`/brands/${encodeURIComponent(profile.brand)}`}>{profile.brand}</TextLink>] as const]),
            ]}
          />
        </Box>
        <Box component="section" aria-label="What happened last">
          <Heading>What happened last</Heading>
          <Timeline events={[...profile.timeline].sort((a, b) => b.at - a.at || b.id - a.id).slice(0, latest)} />
          {(profile.timeline.length > latest || profile.timelineNext !== undefined) && <TextLink to={`/inventory/${profile.iccid}?tab=timeline`}>Whole timeline</TextLink>}
        </Box>
      </Box>
    </Box>
  );
}

function Heading({ children }: { readonly children: string }): ReactElement {
  return <Box component="h2" sx={{ fontSize: '0.9375rem', fontWeight: 600, m: '0 0 8px' }}>{children}</Box>;
}

type Evidence = NonNullable<ProfileDetail['evidence']>['order'];

function Axis({ name, look, evidence, fallback, children }: { readonly name: string; readonly look: Look; readonly evidence: Evidence; readonly fallback?: string | undefined; readonly children?: React.ReactNode }): ReactElement {
  return (
    <Box>
      <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>{name}</Box>
      <Box sx={{ fontWeight: 600, fontSize: '0.9375rem', py: '1px' }}>
        <Status look={look} />
      </Box>
      <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', overflowWrap: 'anywhere' })}>
        {evidence === undefined ? (
          <Box>{fallback ?? 'Nothing was ever recorded about it.'}</Box>
        ) : (
          <>
            <Box>{[evidence.text, evidenceWord(evidence.source)].filter((part) => part !== '').join(' · ')}{evidence.actor !== undefined && ` (${evidence.actor})`}</Box>
            <Box><Moment at={evidence.at} show="both" /></Box>
          </>
        )}
        {children !== undefined && <Muted>{children}</Muted>}
      </Box>
    </Box>
  );
}
