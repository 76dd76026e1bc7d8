import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import WorkspacePremiumOutlined from '@mui/icons-material/WorkspacePremiumOutlined';
import { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/contract/define.ts';
import { useNow } from '../app/now.tsx';
import { useDesk } from '../app/queries.ts';
import { Panel } from '../design/panel.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Badge, Status, toneIcon } from '../design/status.tsx';
import { Absent, Code, CopyButton, Identifier, Moment, Muted } from '../design/text.tsx';
import { environments } from '../design/tokens.ts';
import { Scroll } from './types.tsx';
import { validityOf } from './validity.ts';

type Certificate = OutputOf<typeof contract.pki.list>['rows'][number];

const roles: Readonly<Record<Certificate['role'], string>> = { ci: 'CI root', eum: 'EUM', dpauth: 'DPauth', dppb: 'DPpb', tls: 'TLS' };
const order = Object.keys(roles);
const keys: Readonly<Record<Certificate['key'], string>> = { none: 'public only', software: 'software vault', pkcs11: 'PKCS#11 token' };

/** Identities with their certificates, and where each private key lives. Read only: import is a command-line task. */
export function Certificates(): ReactElement {
  const pki = useDesk(contract.pki.list, {});
  const lab = useDesk(contract.workspace.status, {}).data?.environment === 'lab';
  if (pki.isError && pki.data === undefined) return <Problem error={pki.error} what="The certificates" retry={() => void pki.refetch()} />;
  if (pki.data === undefined) return <LoadingRows rows={5} />;
  const all = pki.data.rows;
  const identities = [...new Set(all.map((row) => row.identity))].map((name) => [name, all.filter((row) => row.identity === name)] as const);
  if (identities.length === 0) {
    return (
      <Panel>
        <Empty icon={WorkspacePremiumOutlined} title="No identity yet">
          An SM-DP+ needs a CI root to trust and its own DPauth, DPpb and TLS certificates.{' '}
          {lab ? <>In a Lab, <Code>mvne-desk lab setup</Code> makes a test identity with all of them, and sample content.</> : <>Import them with <Code>mvne-desk pki import</Code>.</>}
        </Empty>
      </Panel>
    );
  }
  return (
    <>
      {identities.map(([identity, rows]) => (
        <Identity key={identity} name={identity} rows={[...rows].sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role))} />
      ))}
    </>
  );
}

function Identity({ name, rows }: { readonly name: string; readonly rows: readonly Certificate[] }): ReactElement {
  const now = useNow();
  const test = rows.some((row) => row.test);
  return (
    <Panel title={`Identity ${name}`} flush aside={test ? <Box component="span" sx={{ background: environments.test.stripe, color: environments.test.ink, borderRadius: '4px', px: '8px', fontSize: '0.75rem', fontWeight: 600, lineHeight: '20px' }}>Test certificates</Box> : <Badge look={{ tone: 'neutral', icon: toneIcon('neutral'), word: 'Live certificates' }} />}>
      <Scroll label={`Certificates of identity ${name}`}>
        <TableHead>
          <TableRow>
            <TableCell>Role</TableCell>
            <TableCell>Subject</TableCell>
            <TableCell>Curve</TableCell>
            <TableCell>Validity</TableCell>
            <TableCell>Until</TableCell>
            <TableCell>Private key</TableCell>
            <TableCell>Key identifier</TableCell>
            <TableCell>OID or host names</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((row) => {
            const validity = validityOf(row.notBefore, row.notAfter, now);
            return (
              <TableRow key={row.sha256}>
                <TableCell component="th" scope="row">
                  {roles[row.role]}
                </TableCell>
                <TableCell>{row.subject}</TableCell>
                <TableCell>{row.curve}</TableCell>
                <TableCell>
                  <Box sx={{ display: 'flex', alignItems: 'center', gap: 1 }}>
                    <Box aria-hidden sx={(theme) => ({ width: 54, height: 6, borderRadius: '3px', background: theme.desk.neutralSoft, overflow: 'hidden' })}>
                      <Box sx={(theme) => ({ height: '100%', background: theme.desk[validity.tone], width: `${Math.max(3, 100 * validity.passed)}%` })} />
                    </Box>
                    <Status look={{ tone: validity.tone, icon: toneIcon(validity.tone), word: validity.word }} />
                  </Box>
                </TableCell>
                <TableCell>
                  <Moment at={row.notAfter} show="minutes" />
                </TableCell>
                <TableCell>{row.key === 'none' ? <Muted>{keys.none}</Muted> : keys[row.key]}</TableCell>
                <TableCell>
                  <Identifier value={`${row.subjectKeyId.slice(0, 8)}…`} what="key identifier" />
                  <CopyButton value={row.subjectKeyId} what="key identifier" />
                </TableCell>
                <TableCell className="mono">{row.oid ?? (row.dnsNames.join(', ') || <Absent />)}</TableCell>
              </TableRow>
            );
          })}
        </TableBody>
      </Scroll>
    </Panel>
  );
}
