import { useState, type ReactElement, type ReactNode } from 'react';
import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import MoreVert from '@mui/icons-material/MoreVert';
import WorkspacePremiumOutlined from '@mui/icons-material/WorkspacePremiumOutlined';
import { contract } from '../../shared/contract/index.ts';
import type { IdentityRow, ListedCertificate } from '../../shared/contract/pki.ts';
import { call } from '../app/client.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDialogs } from '../app/dialogs.tsx';
import { useNow } from '../app/now.tsx';
import { useRefused } from '../app/permissions.ts';
import { useDesk } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { saveText } from '../design/download.ts';
import { count } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Panel } from '../design/panel.tsx';
import { Scroll } from '../design/scroll.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Badge, Status, toneIcon } from '../design/status.tsx';
import { Absent, Code, CopyButton, Moment, Muted } from '../design/text.tsx';
import { environments } from '../design/tokens.ts';
import { keys } from './contract.ts';
import { chainOf, hasKey, identityLook, keyPlaces, revokedLook, roleNames, type Branch } from './key-words.ts';
import { ValidityBar } from './validity-bar.tsx';

/** Each identity with its chain, what it lacks and who could use it. */
export function Identities(): ReactElement {
  const identities = useDesk(keys.identities, {}, { refetchInterval: 300_000 });
  const certificates = useDesk(keys.list, {}, { refetchInterval: 300_000 });
  const lab = useDesk(contract.workspace.status, {}).data?.environment === 'lab';
  const failed = identities.isError && identities.data === undefined ? identities : certificates.isError && certificates.data === undefined ? certificates : undefined;
  if (failed !== undefined) return <Problem error={failed.error} what="The identities" retry={() => void Promise.all([identities.refetch(), certificates.refetch()])} />;
  if (identities.data === undefined || certificates.data === undefined) return <LoadingRows rows={8} />;
  if (identities.data.rows.length === 0) {
    return (
      <Panel>
        <Empty icon={WorkspacePremiumOutlined} title="No identity yet" actions={<CommandButton id="certificate.import" primary />}>
          An SM-DP+ needs a CI root to trust and its own DPauth, DPpb and TLS certificates. Import the root first, then the others with their keys.{' '}
          {lab && <>In a Lab, <Code>mvne-desk lab setup</Code> makes a test identity with all of them, and sample content.</>}
        </Empty>
      </Panel>
    );
  }
  return (
    <>
      {identities.data.rows.map((identity) => (
        <Identity key={identity.name} identity={identity} branches={chainOf(certificates.data.rows.filter((c) => c.identity === identity.name))} />
      ))}
    </>
  );
}

function Identity({ identity, branches }: { readonly identity: IdentityRow; readonly branches: readonly Branch[] }): ReactElement {
  const now = useNow();
  const { open } = useDialogs();
  const mayManage = !useRefused().has('keys.manage');
  const band = identity.test ? environments.test : environments.live;
  return (
    <Panel
      title={identity.name}
      flush
      aside={
        <>
          <Box component="span" sx={{ background: band.stripe, color: band.ink, borderRadius: '4px', px: '8px', fontSize: '0.75rem', fontWeight: 600, lineHeight: '20px' }}>{identity.test ? 'Test certificates' : 'Live certificates'}</Box>
          <Badge look={identityLook(identity)} />
          {mayManage && (
            <More label={`Actions for identity ${identity.name}`}>
              {(close) => [
                <MenuItem key="i" onClick={() => { close(); open({ kind: 'certificate.import', identity: identity.name }); }}>Import a certificate into it</MenuItem>,
                <MenuItem key="r" onClick={() => { close(); open({ kind: 'certificate.retire', identity: identity.name }); }}>Retire the identity</MenuItem>,
              ]}
            </More>
          )}
        </>
      }
    >
      <Box sx={{ display: 'flex', flexWrap: 'wrap', columnGap: '22px', rowGap: '4px', px: '16px', pb: '6px' }}>
        <Fact name="Curve">{identity.curve}</Fact>
        <Fact name="CI key">
          <span className="mono">{identity.ciKeyId.slice(0, 12)}…</span>
          <CopyButton value={identity.ciKeyId} what="CI key identifier" />
        </Fact>
        <Fact name="OID">{identity.oid === undefined ? <Absent>none</Absent> : <span className="mono">{identity.oid}</span>}</Fact>
        <Fact name="Listeners">{identity.listeners.length === 0 ? <Absent>none</Absent> : identity.listeners.join(', ')}</Fact>
        <Fact name="eUICCs seen">{identity.euiccs.known === 0 ? <Absent>none yet</Absent> : <TextLink to="/keys/devices">{count(identity.euiccs.couldUse)} of {count(identity.euiccs.known)} could use it{identity.euiccs.revoked > 0 && `, ${count(identity.euiccs.revoked)} revoked`}</TextLink>}</Fact>
        <Fact name="CRL">{identity.crl === undefined ? <Absent>none imported</Absent> : <TextLink to="/keys/crls">{identity.crl.state === 'overdue' ? 'overdue' : 'current'}, number {identity.crl.number.length > 12 ? `…${identity.crl.number.slice(-8)}` : identity.crl.number}</TextLink>}</Fact>
      </Box>
      <Findings missing={identity.missing} warnings={identity.warnings} />
      <Scroll label={`Certificates of identity ${identity.name}`} actions>
        <TableHead>
          <TableRow>
            <TableCell>Chain</TableCell>
            <TableCell>Subject</TableCell>
            <TableCell>Validity</TableCell>
            <TableCell>Private key</TableCell>
            <TableCell>OID or host names</TableCell>
            <TableCell>Key identifier</TableCell>
            <TableCell>SHA-256</TableCell>
            <TableCell>
              <span className="visually-hidden">Actions</span>
            </TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {branches.map(({ certificate, depth }) => (
            <CertificateRow key={certificate.sha256} certificate={certificate} depth={depth} now={now} mayManage={mayManage} />
          ))}
        </TableBody>
      </Scroll>
    </Panel>
  );
}

function CertificateRow({ certificate: c, depth, now, mayManage }: { readonly certificate: ListedCertificate; readonly depth: number; readonly now: number; readonly mayManage: boolean }): ReactElement {
  const { open } = useDialogs();
  const toasts = useToasts();
  // Asked for when it is wanted: whoever verifies this SM-DP+ needs the file, nobody else does.
  const download = (): void =>
    void call(keys.certificate, { identity: c.identity, role: c.role }).then(
      ({ pem, sha256 }) => {
        const fileName = `${c.identity}-${c.role}.pem`.replaceAll(/[^\w.-]+/g, '-');
        saveText(fileName, pem, 'application/x-pem-file');
        toasts.done(sha256 === c.sha256 ? `${fileName} was saved; it holds no private key` : `${fileName} was saved: the one in use now, another than this row's`);
      },
      (error: unknown) => toasts.failed(error, 'Download'),
    );
  return (
    <TableRow>
      <TableCell component="th" scope="row">
        <Box component="span" sx={{ display: 'inline-flex', alignItems: 'baseline' }}>
          {depth > 0 && <Box component="span" aria-hidden sx={(theme) => ({ alignSelf: 'center', width: 10, height: 12, mr: '6px', ml: `${(depth - 1) * 16 + 4}px`, mt: '-8px', borderLeft: `1px solid ${theme.desk.lineStrong}`, borderBottom: `1px solid ${theme.desk.lineStrong}` })} />}
          {roleNames[c.role]}
        </Box>
      </TableCell>
      <TableCell>
        <Box component="span" title={c.subject} sx={{ display: 'block', maxWidth: 210, '@media (max-width: 1100px)': { maxWidth: 150 }, overflow: 'hidden', textOverflow: 'ellipsis' }}>
          {c.subject}
        </Box>
      </TableCell>
      <TableCell>
        {c.revokedAt === undefined ? (
          <ValidityBar notBefore={c.notBefore} notAfter={c.notAfter} now={now} />
        ) : (
          <>
            <Status look={revokedLook} /> <Muted><Moment at={c.revokedAt} show="minutes" /></Muted>
          </>
        )}
        {!c.usable && c.why !== undefined && <Box sx={(theme) => ({ color: theme.desk.danger, fontSize: '0.75rem', whiteSpace: 'normal', maxWidth: 320 })}>{c.why}</Box>}
      </TableCell>
      <TableCell>{c.key === 'none' ? hasKey(c.role) ? <Status look={{ tone: 'danger', icon: toneIcon('danger'), word: 'missing' }} /> : <Muted>{keyPlaces.none}</Muted> : keyPlaces[c.key]}</TableCell>
      <TableCell className="mono"><Names certificate={c} /></TableCell>
      <TableCell>
        <span className="mono">{c.subjectKeyId.slice(0, 8)}…</span>
        <CopyButton value={c.subjectKeyId} what={`key identifier of ${roleNames[c.role]}`} />
      </TableCell>
      <TableCell>
        <span className="mono">{c.sha256.slice(0, 8)}…</span>
        <CopyButton value={c.sha256} what={`fingerprint of ${roleNames[c.role]}`} />
      </TableCell>
      <TableCell align="right" sx={{ py: '0 !important' }}>
        <More label={`Actions for ${roleNames[c.role]} of ${c.identity}`}>
          {(close) => [
            <MenuItem key="d" onClick={() => { close(); download(); }}>Download certificate</MenuItem>,
            ...(mayManage ? [
              <MenuItem key="n" onClick={() => { close(); open({ kind: 'certificate.import', identity: c.identity, role: c.role }); }}>Import its successor</MenuItem>,
              <MenuItem key="r" onClick={() => { close(); open({ kind: 'certificate.retire', identity: c.identity, certificate: c }); }}>Retire it</MenuItem>,
            ] : []),
          ]}
        </More>
      </TableCell>
    </TableRow>
  );
}

/** What it goes by: a TLS certificate by its host names, the others of this SM-DP+ by their OID. */
function Names({ certificate: { role, oid, dnsNames } }: { readonly certificate: ListedCertificate }): ReactElement {
  const text = role === 'tls' && dnsNames.length > 0 ? dnsNames.join(', ') : oid ?? dnsNames.join(', ');
  if (text === '') return <Absent />;
  return (
    <Box component="span" title={role === 'tls' && oid !== undefined ? `${text}\nOID ${oid}` : text} sx={{ display: 'block', maxWidth: 170, '@media (max-width: 1100px)': { maxWidth: 130 }, overflow: 'hidden', textOverflow: 'ellipsis' }}>
      {text}
    </Box>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center', gap: '6px', minHeight: 24 }}>
      <Muted>{name}</Muted>
      <span>{children}</span>
    </Box>
  );
}

/** What stands in the way, then what works but should be looked at. */
function Findings({ missing, warnings }: { readonly missing: readonly string[]; readonly warnings: readonly string[] }): ReactElement | null {
  if (missing.length + warnings.length === 0) return null;
  const all = [...missing.map((text) => ['danger', text] as const), ...warnings.map((text) => ['warning', text] as const)];
  return (
    <Box component="ul" sx={{ listStyle: 'none', m: 0, p: '2px 16px 8px' }}>
      {all.map(([tone, text]) => {
        const Icon = toneIcon(tone);
        return (
          <Box component="li" key={text} sx={{ display: 'flex', gap: '6px', py: '1px' }}>
            <Icon titleAccess={tone === 'danger' ? 'Missing' : 'Warning'} sx={(theme) => ({ fontSize: '1rem', color: theme.desk[tone], mt: '2px' })} />
            <span>{text}</span>
          </Box>
        );
      })}
    </Box>
  );
}

function More({ label, children }: { readonly label: string; readonly children: (close: () => void) => ReactNode }): ReactElement {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const close = (): void => setAnchor(null);
  return (
    <>
      <IconButton aria-label={label} aria-haspopup="menu" aria-expanded={anchor !== null} onClick={(event) => setAnchor(event.currentTarget)}>
        <MoreVert />
      </IconButton>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={close} slotProps={{ list: { dense: true, 'aria-label': label } }}>
        {children(close)}
      </Menu>
    </>
  );
}
