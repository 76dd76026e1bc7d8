/** Tabs of a profile that show facts: order, network identity, preparation, sessions. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import DeleteOutlined from '@mui/icons-material/DeleteOutlined';
import LockOutlined from '@mui/icons-material/LockOutlined';
import RemoveCircleOutlined from '@mui/icons-material/RemoveCircleOutlineOutlined';
import { contract } from '../../shared/contract/index.ts';
import { inventory } from '../../shared/contract/inventory.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDesk } from '../app/queries.ts';
import { explainCode } from '../design/explain.ts';
import { bytes, words } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Pairs } from '../design/panel.tsx';
import { Note, ProblemNote } from '../design/states.tsx';
import { networkLook, orderLook, phaseLook, Status, type Look } from '../design/status.tsx';
import { Absent, Code, Identifier, Moment, Muted } from '../design/text.tsx';
import { attemptsText } from '../activations/attempts.ts';
import type { ProfileDetail } from './next-action.ts';
import { evidenceWord, secretWord } from './profile-words.ts';

interface PartProps {
  readonly profile: ProfileDetail;
}

export function OrderTab({ profile }: PartProps): ReactElement {
  const { order } = profile;
  const detail = useDesk(contract.orders.show, { orderId: order?.id ?? '' }, { enabled: order !== undefined });
  if (order === undefined) return <Nothing>No order holds this profile. <CommandButton id="profile.order" label="Order it" /></Nothing>;
  const more = detail.data;
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.5, alignItems: 'flex-start' }}>
      <Pairs
        nameWidth={150}
        rows={[
          ['State', <Status key="s" look={orderLook[order.state]} />],
          ['Order', <TextLink key="o" to={`/activations/${encodeURIComponent(order.id)}`}><span className="mono">{order.id}</span></TextLink>],
          ['MatchingID', order.matchingId === undefined ? <Absent key="m">not confirmed yet</Absent> : order.matchingId === '' ? <Absent key="m">empty, found by EID</Absent> : <Identifier key="m" value={order.matchingId} what="MatchingID" copy />],
          ['Bound to EID', more?.eid === undefined ? <Absent key="e">any device</Absent> : <Identifier key="e" value={more.eid} what="EID" group={8} copy />],
          ...(more === undefined ? [] : [
            ['Ordered by', more.brand === undefined ? 'the operator' : <TextLink key="b" to={`/brands/${encodeURIComponent(more.brand)}`}>{more.brand}</TextLink>],
            ['Confirmation code', more.confirmationRequired ? `required, ${more.confirmationAttempts} of ${more.confirmationLimit} tries used` : <Absent key="c">not required</Absent>],
            ['Attempts', attemptsText(more)],
          ] as const),
          ['Ordered', <Moment key="c" at={order.createdAt} show="both" />],
          ['Expires', order.expiresAt === undefined ? <Absent key="x">never</Absent> : <Moment key="x" at={order.expiresAt} show="both" />],
          ['Package delivered', <Moment key="d" at={profile.deliveredAt} show="both" />],
        ]}
      />
      <CommandButton id="profile.openOrder" label="Open order" />
    </Box>
  );
}

const secretLook: Readonly<Record<'sealed' | 'erased' | 'absent', Look>> = {
  sealed: { tone: 'success', icon: LockOutlined, word: 'Present, sealed', meaning: 'Held encrypted; only the vault can open it.' },
  erased: { tone: 'neutral', icon: DeleteOutlined, word: 'Erased', meaning: 'Was held and is gone for good.' },
  absent: { tone: 'neutral', icon: RemoveCircleOutlined, word: 'Absent', meaning: 'Not given; made at preparation.' },
};

export function NetworkIdentity({ profile }: PartProps): ReactElement {
  const [asked, setAsked] = useState(false);
  const held = profile.secrets.some((s) => s.state === 'sealed');
  const check = useDesk(inventory.checkValues, { iccid: profile.iccid }, { enabled: asked });
  const valueOf = (name: string): string | undefined => check.data?.rows.find((row) => row.name === name)?.kcv;
  const network = profile.evidence?.network;
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 1fr)', gap: 4, '@media (max-width: 1100px)': { gridTemplateColumns: '1fr', gap: 2.5 } }}>
      <Box component="section" aria-label="Numbers">
        <Heading>Numbers</Heading>
        <Pairs
          nameWidth={130}
          rows={[
            ['IMSI', <Identifier key="s" value={profile.imsi} what="IMSI" copy />],
            ['MSISDN', profile.msisdn === undefined ? <Absent key="m">none</Absent> : <Identifier key="m" value={profile.msisdn} what="MSISDN" copy />],
            ['In the network', <Status key="n" look={networkLook[profile.state.network]} />],
            ['Known from', network === undefined ? <Absent key="w">no feed has told us</Absent> : <span key="w">{evidenceWord(network.source)} <Muted><Moment at={network.at} show="both" /></Muted></span>],
            ['EID', profile.eid === undefined ? <Absent key="e">not linked to a device</Absent> : <Identifier key="e" value={profile.eid} what="EID" group={8} copy />],
            ['Algorithm', profile.preparation === undefined ? <Absent key="a" /> : profile.preparation.algorithm],
          ]}
        />
      </Box>
      <Box component="section" aria-label="Secrets">
        <Heading>Secrets</Heading>
        {profile.secrets.length === 0 ? (
          <Muted>None are held yet. Missing ones are made at preparation.</Muted>
        ) : (
          <>
            <Table size="small" aria-label="Secrets of this profile" sx={{ maxWidth: 560, '& td, & th': { pl: '0 !important' } }}>
              <TableHead>
                <TableRow>
                  <TableCell>Name</TableCell>
                  <TableCell>State</TableCell>
                  {check.data !== undefined && <TableCell>Check value</TableCell>}
                </TableRow>
              </TableHead>
              <TableBody>
                {profile.secrets.map((secret) => (
                  <TableRow key={secret.name}>
                    <TableCell>{secretWord(secret.name)}</TableCell>
                    <TableCell><Status look={secretLook[secret.state]} quiet={secret.state !== 'sealed'} /></TableCell>
                    {check.data !== undefined && <TableCell className="mono">{valueOf(secret.name) ?? <Absent>none</Absent>}</TableCell>}
                  </TableRow>
                ))}
              </TableBody>
            </Table>
            <Box sx={{ display: 'flex', gap: 1.5, alignItems: 'center', mt: 1.25 }}>
              {held && check.data === undefined && <Button variant="outlined" disabled={check.isFetching} onClick={() => setAsked(true)}>{check.isFetching ? 'Asking the vault…' : 'Show check values'}</Button>}
              <Muted>Values never leave the vault{check.data === undefined ? '.' : '; a check value tells keys apart and gives nothing away.'}</Muted>
            </Box>
            {check.isError && <Box sx={{ mt: 1 }}><ProblemNote error={check.error} /></Box>}
          </>
        )}
      </Box>
    </Box>
  );
}

export function Preparation({ profile }: PartProps): ReactElement {
  const { preparation } = profile;
  const batch = preparation?.batch ?? profile.batch;
  const from = preparation?.importRef ?? profile.import;
  return (
    <Pairs
      nameWidth={150}
      rows={[
        ['Template', `${profile.template}, version ${profile.templateVersion}`],
        ['Template digest', preparation === undefined ? <Absent key="g" /> : <Identifier key="g" value={preparation.templateDigest} what="template digest" copy />],
        ['Prepared', profile.preparedAt === undefined ? <Absent key="p">not yet</Absent> : <span key="p"><Moment at={profile.preparedAt} show="both" />{preparation?.preparedBy !== undefined && ` by ${preparation.preparedBy}`}</span>],
        ['Batch', batch === undefined ? <Absent key="b">none</Absent> : <span key="b">{preparation?.batchJob === undefined ? batch : <TextLink to={`/jobs/${encodeURIComponent(preparation.batchJob)}`}>{batch}</TextLink>} · <TextLink to={`/inventory?where=${encodeURIComponent(`batch:is:${batch}`)}`}>its profiles</TextLink></span>],
        ['Import', from === undefined ? <Absent key="i">none</Absent> : <span key="i">{from}{preparation?.importFile !== undefined && `, ${preparation.importFile}`}{preparation?.importedAt !== undefined && <> <Muted><Moment at={preparation.importedAt} show="minutes" /></Muted></>} · <TextLink to={`/inventory?where=${encodeURIComponent(`import:is:${from}`)}`}>its profiles</TextLink></span>],
        ['Package size', profile.packageBytes === undefined ? <Absent key="z" /> : bytes(profile.packageBytes)],
        ['Package digest', profile.packageDigest === undefined ? <Absent key="d" /> : <Identifier key="d" value={profile.packageDigest} what="package digest" copy />],
        ['Delivered', profile.deliveredAt === undefined ? <Absent key="v">never</Absent> : <Moment key="v" at={profile.deliveredAt} show="both" />],
        ['In stock since', <Moment key="c" at={profile.createdAt} show="both" />],
      ]}
    />
  );
}

export function Sessions({ profile }: PartProps): ReactElement {
  const rows = profile.sessions ?? [];
  if (rows.length === 0) return <Nothing>No device has come for this profile yet.</Nothing>;
  return (
    <Box sx={{ overflowX: 'auto' }} tabIndex={0} role="group" aria-label="Sessions of this profile">
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell>Started</TableCell>
            <TableCell>How far</TableCell>
            <TableCell>Code</TableCell>
            <TableCell>EID</TableCell>
            <TableCell>Session</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((row) => (
            <TableRow key={row.transactionId}>
              <TableCell><Moment at={row.startedAt} show="both" /></TableCell>
              <TableCell>{row.phase in phaseLook ? <Status look={phaseLook[row.phase as keyof typeof phaseLook]} /> : words(row.phase)}</TableCell>
              <TableCell>{row.code === undefined ? <Absent /> : <span><Code>{row.code}</Code> {explainCode(row.code).cause}</span>}</TableCell>
              <TableCell className="mono">{row.eid ?? <Absent>not proven</Absent>}</TableCell>
              <TableCell className="mono"><TextLink to={`/sessions/${encodeURIComponent(row.transactionId)}`}>{`${row.transactionId.slice(0, 12)}…`}</TextLink></TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
      {rows.length >= 10 && <Box sx={{ mt: 1 }}><TextLink to={`/sessions?text=${profile.iccid}`}>All sessions of this profile</TextLink></Box>}
    </Box>
  );
}

function Heading({ children }: { readonly children: string }): ReactElement {
  return <Box component="h2" sx={{ fontSize: '0.9375rem', fontWeight: 600, m: '0 0 8px' }}>{children}</Box>;
}

export function Nothing({ children }: { readonly children: React.ReactNode }): ReactElement {
  return <Note tone="info"><Box sx={{ display: 'flex', gap: 2, alignItems: 'center', flexWrap: 'wrap' }}>{children}</Box></Note>;
}
