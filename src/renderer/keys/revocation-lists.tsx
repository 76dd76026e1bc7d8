import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import PolicyOutlined from '@mui/icons-material/PolicyOutlined';
import type { CrlRow } from '../../shared/contract/pki.ts';
import { call } from '../app/client.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDesk, useDeskPages } from '../app/queries.ts';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { count } from '../design/formats.ts';
import { Panel } from '../design/panel.tsx';
import { Scroll } from '../design/scroll.tsx';
import { Empty, LoadingRows, Note, Problem } from '../design/states.tsx';
import { Status } from '../design/status.tsx';
import { Absent, CopyButton, Moment, Muted } from '../design/text.tsx';
import { keys } from './contract.ts';
import { crlLook, roleNames } from './key-words.ts';

export function RevocationLists(): ReactElement {
  const crls = useDesk(keys.crls, {}, { refetchInterval: 300_000 });
  const [shown, setShown] = useState<CrlRow | undefined>();
  if (crls.isError && crls.data === undefined) return <Problem error={crls.error} what="The revocation lists" retry={() => void crls.refetch()} />;
  if (crls.data === undefined) return <LoadingRows rows={5} />;
  const { rows, policyText, policy } = crls.data;
  return (
    <>
      <Note tone={policy === 'required' && rows.some((row) => row.state === 'overdue') ? 'warning' : 'info'}>{policyText}</Note>
      {rows.length === 0 ? (
        <Panel>
          <Empty icon={PolicyOutlined} title="No revocation list yet" actions={<CommandButton id="crl.import" primary />}>
            A CRL of the CI (or of an EUM) names the certificates that must not be trusted any more. It is fetched by hand and imported as a file; this program never goes online for it.
          </Empty>
        </Panel>
      ) : (
        <Panel title="Revocation lists" flush>
          <Scroll label="Revocation lists">
            <TableHead>
              <TableRow>
                <TableCell>Issuer</TableCell>
                <TableCell>State</TableCell>
                <TableCell align="right">Number</TableCell>
                <TableCell>This update</TableCell>
                <TableCell>Next update</TableCell>
                <TableCell>Revoked</TableCell>
                <TableCell>Identities</TableCell>
                <TableCell>Imported</TableCell>
                <TableCell>SHA-256</TableCell>
              </TableRow>
            </TableHead>
            <TableBody>
              {rows.map((row) => (
                <TableRow key={row.id}>
                  <TableCell component="th" scope="row">
                    <Box component="span" title={row.issuer} sx={{ display: 'block', maxWidth: 260, overflow: 'hidden', textOverflow: 'ellipsis' }}>
                      {row.issuer}
                    </Box>
                    <Muted>{roleNames[row.role]}</Muted>
                  </TableCell>
                  <TableCell>
                    <Status look={crlLook[row.state]} quiet={row.state === 'current'} />
                  </TableCell>
                  <TableCell align="right" className="mono">
                    {row.number.length > 14 ? <span title={row.number}>…{row.number.slice(-10)}</span> : row.number}
                  </TableCell>
                  <TableCell>
                    <Moment at={row.thisUpdate} show="minutes" /> <Muted><Moment at={row.thisUpdate} show="relative" /></Muted>
                  </TableCell>
                  <TableCell>
                    <Moment at={row.nextUpdate} show="minutes" /> <Muted><Moment at={row.nextUpdate} show="relative" /></Muted>
                  </TableCell>
                  <TableCell>
                    {row.inForce === 0 ? <Absent>none</Absent> : <Button variant="outlined" aria-label={`${count(row.inForce)} revoked by ${row.issuer}`} onClick={() => setShown(row)} sx={{ minHeight: 24, py: 0 }}>{count(row.inForce)} in force</Button>}
                    <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>{count(row.revoked)} in this list</Box>
                  </TableCell>
                  <TableCell>{row.identities.length === 0 ? <Absent>none</Absent> : row.identities.join(', ')}</TableCell>
                  <TableCell>
                    <Moment at={row.importedAt} show="relative" />
                  </TableCell>
                  <TableCell>
                    <span className="mono">{row.sha256.slice(0, 8)}…</span>
                    <CopyButton value={row.sha256} what="fingerprint" />
                  </TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Scroll>
        </Panel>
      )}
      {shown !== undefined && <RevokedDialog crl={shown} onClose={() => setShown(undefined)} />}
    </>
  );
}

function RevokedDialog({ crl, onClose }: { readonly crl: CrlRow; readonly onClose: () => void }): ReactElement {
  const { issuerKeyId } = crl;
  const pages = useDeskPages(keys.revoked.name, { issuerKeyId }, (after) => call(keys.revoked, { issuerKeyId, limit: 200, ...(after === undefined ? {} : { after }) }));
  const rows = pages.data?.pages.flatMap((page) => page.rows) ?? [];
  const earlier = crl.inForce > crl.revoked;
  return (
    <DeskDialog title="Revoked certificates" onClose={onClose} width={760} note={`${crl.issuer}, newest list ${crl.number.length > 20 ? `…${crl.number.slice(-12)}` : crl.number}`} actions={<PrimaryButton onClick={onClose}>Close</PrimaryButton>}>
      {earlier && <Note tone="info">{count(crl.inForce)} in force, of which {count(crl.revoked)} in the newest list. Who was revoked once stays refused, also when a newer list no longer names it.</Note>}
      {pages.isError ? (
        <Problem error={pages.error} what="The revoked certificates" retry={() => void pages.refetch()} />
      ) : pages.data === undefined ? (
        <LoadingRows rows={6} />
      ) : (
        <Box sx={(theme) => ({ border: `1px solid ${theme.desk.line}`, borderRadius: '6px', maxHeight: '56vh', overflow: 'auto' })} tabIndex={0}>
          <Scroll label="Revoked certificates">
            <TableHead>
              <TableRow>
                <TableCell>Serial number</TableCell>
                <TableCell>Revoked</TableCell>
                <TableCell>Reason</TableCell>
                <TableCell>Ours</TableCell>
              </TableRow>
            </TableHead>
            <TableBody>
              {rows.map((row) => (
                <TableRow key={row.serial}>
                  <TableCell component="th" scope="row" className="mono">
                    {row.serial}
                  </TableCell>
                  <TableCell>
                    <Moment at={row.revokedAt} show="minutes" />
                  </TableCell>
                  <TableCell>{row.reasonText}</TableCell>
                  <TableCell>{row.ours === undefined ? <Absent>no</Absent> : <strong>{row.ours}</strong>}{row.indirect === true && <Muted> of an issuer below</Muted>}</TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Scroll>
          {pages.hasNextPage && (
            <Box sx={{ p: 1, textAlign: 'center' }}>
              <Button disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                Show more
              </Button>
            </Box>
          )}
        </Box>
      )}
    </DeskDialog>
  );
}
