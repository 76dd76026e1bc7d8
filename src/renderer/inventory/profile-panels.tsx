import type { ReactElement, ReactNode } from 'react';
import Box from '@mui/material/Box';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import DeleteOutlined from '@mui/icons-material/DeleteOutlined';
import LockOutlined from '@mui/icons-material/LockOutlined';
import RemoveCircleOutlined from '@mui/icons-material/RemoveCircleOutlineOutlined';
import { CommandButton } from '../app/command-context.tsx';
import { bytes, words } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Pairs, Panel } from '../design/panel.tsx';
import { deviceLook, networkLook, orderLook, Status, stockLook, type Look } from '../design/status.tsx';
import { Absent, Identifier, Moment, Muted } from '../design/text.tsx';
import { evidenceWord, secretWord } from './profile-words.ts';
import type { ProfileDetail } from './next-action.ts';

/** The four axes side by side, each with what it rests on. */
export function AxesPanel({ profile }: { readonly profile: ProfileDetail }): ReactElement {
  const { state } = profile;
  const newest = (stages: readonly string[]): number | undefined => {
    const times = profile.timeline.filter((e) => stages.includes(e.stage)).map((e) => e.at);
    return times.length === 0 ? undefined : Math.max(...times);
  };
  const orderAt = newest(['ordered', 'confirmed', 'released', 'downloaded', 'installed', 'install_failed', 'cancelled', 'expired']);
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(4, minmax(0, 1fr))', gap: 2, '@media (max-width: 900px)': { gridTemplateColumns: 'repeat(2, minmax(0, 1fr))' } }}>
      <Axis name="Order" look={orderLook[state.order]}>
        {profile.order === undefined ? 'no order' : orderAt === undefined ? 'from its order' : <>since <Moment at={orderAt} show="relative" /></>}
      </Axis>
      <Axis name="Stock" look={stockLook[state.stock]}>
        {profile.stockReason ?? (profile.heldUntil !== undefined ? <>until <Moment at={profile.heldUntil} show="minutes" /></> : profile.preparedAt !== undefined ? <>prepared <Moment at={profile.preparedAt} show="relative" /></> : <>in stock <Moment at={profile.createdAt} show="relative" /></>)}
      </Axis>
      <Axis name="Network" look={networkLook[state.network]}>
        {state.network === 'absent' ? 'no feed has told us otherwise' : 'from the operator'}
      </Axis>
      <Axis name="Device" look={deviceLook[state.device]}>
        {profile.deviceAt === undefined ? 'no evidence' : <>{evidenceWord(profile.deviceSource)} · <Moment at={profile.deviceAt} show="relative" /></>}
      </Axis>
    </Box>
  );
}

function Axis({ name, look, children }: { readonly name: string; readonly look: Look; readonly children: ReactNode }): ReactElement {
  return (
    <Box sx={(theme) => ({ background: theme.desk.surface, border: `1px solid ${theme.desk.line}`, borderRadius: '8px', p: '10px 14px' })}>
      <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>{name}</Box>
      <Box sx={{ fontWeight: 600, fontSize: '0.9375rem', py: '1px' }}>
        <Status look={look} />
      </Box>
      <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', overflowWrap: 'anywhere' })}>{children}</Box>
    </Box>
  );
}

export function Identity({ profile }: { readonly profile: ProfileDetail }): ReactElement {
  return (
    <Panel title="Identity">
      <Pairs
        nameWidth={96}
        rows={[
          ['ICCID', <Identifier key="i" value={profile.iccid} what="ICCID" copy />],
          ['IMSI', <Identifier key="s" value={profile.imsi} what="IMSI" copy />],
          ['MSISDN', profile.msisdn === undefined ? <Absent key="m" /> : <Identifier key="m" value={profile.msisdn} what="MSISDN" copy />],
          ['EID', profile.eid === undefined ? <Absent key="e">not linked to a device</Absent> : <Identifier key="e" value={profile.eid} what="EID" group={8} copy />],
          ['Type', <TextLink key="t" to={`/inventory?type=${encodeURIComponent(profile.type)}`}>{profile.type}</TextLink>],
        ]}
      />
    </Panel>
  );
}

export function OrderPanel({ profile }: { readonly profile: ProfileDetail }): ReactElement {
  const { order } = profile;
  return (
    <Panel title="Order" aside={order === undefined ? undefined : <CommandButton id="profile.openOrder" label="Open" variant="text" />}>
      {order === undefined ? (
        <Muted>No order holds this profile.</Muted>
      ) : (
        <Pairs
          nameWidth={96}
          rows={[
            ['State', <Status key="s" look={orderLook[order.state]} />],
            ['MatchingID', order.matchingId === undefined ? <Absent key="m">not confirmed yet</Absent> : order.matchingId === '' ? <Absent key="m">empty, found by EID</Absent> : <Identifier key="m" value={order.matchingId} what="MatchingID" copy />],
            ['Ordered', <Moment key="c" at={order.createdAt} show="minutes" />],
            ['Expires', order.expiresAt === undefined ? <Absent key="x">never</Absent> : <Moment key="x" at={order.expiresAt} show="minutes" />],
            ['Delivered', <Moment key="d" at={profile.deliveredAt} show="minutes" />],
          ]}
        />
      )}
    </Panel>
  );
}

const secretLook: Readonly<Record<'sealed' | 'erased' | 'absent', Look>> = {
  sealed: { tone: 'success', icon: LockOutlined, word: 'Sealed', meaning: 'Held encrypted; only the vault can open it.' },
  erased: { tone: 'neutral', icon: DeleteOutlined, word: 'Erased', meaning: 'Was held and is gone for good.' },
  absent: { tone: 'neutral', icon: RemoveCircleOutlined, word: 'Absent', meaning: 'Not given; made at preparation.' },
};

export function Secrets({ secrets }: { readonly secrets: ProfileDetail['secrets'] }): ReactElement {
  return (
    <Panel title="Secrets">
      {secrets.length === 0 ? (
        <Muted>None are held yet. Missing ones are made at preparation.</Muted>
      ) : (
        <>
          <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(190px, 1fr))', columnGap: 2 }}>
            {secrets.map((secret) => (
              <Box component="li" key={secret.name} sx={{ display: 'flex', justifyContent: 'space-between', gap: 1, py: '2px' }}>
                <span>{secretWord(secret.name)}</span>
                <Status look={secretLook[secret.state]} quiet={secret.state !== 'sealed'} />
              </Box>
            ))}
          </Box>
          <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', mt: 1 })}>Names only: values never leave the vault.</Box>
        </>
      )}
    </Panel>
  );
}

export function Preparation({ profile }: { readonly profile: ProfileDetail }): ReactElement {
  return (
    <Pairs
      nameWidth={150}
      rows={[
        ['Template', `${profile.template}, version ${profile.templateVersion}`],
        ['Prepared', profile.preparedAt === undefined ? <Absent key="p">not yet</Absent> : <Moment key="p" at={profile.preparedAt} show="both" />],
        ['Package size', profile.packageBytes === undefined ? <Absent key="b" /> : bytes(profile.packageBytes)],
        ['Package digest', profile.packageDigest === undefined ? <Absent key="d" /> : <Identifier key="d" value={profile.packageDigest} what="digest" copy />],
        ['In stock since', <Moment key="c" at={profile.createdAt} show="both" />],
      ]}
    />
  );
}

export function AuditRows({ rows }: { readonly rows: ProfileDetail['audit'] }): ReactElement {
  if (rows.length === 0) return <Muted>No audit record names this profile.</Muted>;
  return (
    <Table size="small">
      <TableHead>
        <TableRow>
          <TableCell align="right">Record</TableCell>
          <TableCell>When</TableCell>
          <TableCell>Event</TableCell>
          <TableCell>By</TableCell>
          <TableCell>Outcome</TableCell>
        </TableRow>
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <TableRow key={row.seq}>
            <TableCell align="right" className="mono">
              #{row.seq}
            </TableCell>
            <TableCell>
              <Moment at={row.at} />
            </TableCell>
            <TableCell className="mono">{row.event}</TableCell>
            <TableCell>{row.actor}</TableCell>
            <TableCell>{words(row.outcome)}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
