/** Per profile type: what is sold again after a cancellation, what becomes of the MSISDN, how a quarantine ends. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import PolicyOutlined from '@mui/icons-material/PolicyOutlined';
import { contract } from '../../shared/contract/index.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDialogs } from '../app/dialogs.tsx';
import { useDesk } from '../app/queries.ts';
import { plural } from '../design/formats.ts';
import { Framed } from '../design/list-body.tsx';
import { Empty, LoadingRows, Note, Problem } from '../design/states.tsx';
import { Absent, Moment } from '../design/text.tsx';
import { msisdnSentence, quarantineWords, recyclingSentence } from './number-words.ts';

export function Policies(): ReactElement {
  const { open } = useDialogs();
  const policies = useDesk(contract.numbers.policies, {});
  if (policies.isError && policies.data === undefined) return <Framed><Problem error={policies.error} what="The policies" retry={() => void policies.refetch()} /></Framed>;
  if (policies.data === undefined) return <Framed><LoadingRows rows={8} /></Framed>;
  if (policies.data.rows.length === 0) {
    return <Framed><Empty icon={PolicyOutlined} title="No profile type yet" actions={<CommandButton id="type.create" primary />}>Policies are kept per profile type.</Empty></Framed>;
  }
  return (
    <>
      <Note tone="info">A profile whose package was delivered to a device is never sold again, whatever a policy says (SGP.22). ICCID and IMSI of a retired profile are burnt for ever.</Note>
      <Framed>
        <Box sx={{ overflowX: 'auto' }} tabIndex={0} role="group" aria-label="Table of policies">
          <Table size="small" sx={{ minWidth: 860 }}>
            <TableHead>
              <TableRow>
                <TableCell>Profile type</TableCell>
                <TableCell>When its order is cancelled</TableCell>
                <TableCell>MSISDN when retired</TableCell>
                <TableCell>Quarantine ends</TableCell>
                <TableCell>Changed</TableCell>
                <TableCell><span className="visually-hidden">Actions</span></TableCell>
              </TableRow>
            </TableHead>
            <TableBody>
              {policies.data.rows.map((row) => (
                <TableRow key={row.type}>
                  <TableCell component="th" scope="row">{row.type}</TableCell>
                  <TableCell>{recyclingSentence(row)}</TableCell>
                  <TableCell>{msisdnSentence(row)}</TableCell>
                  <TableCell>{quarantineWords[row.quarantine]}{row.quarantine === 'manual' ? '' : `, after ${plural(row.quarantineDays, 'day')}${row.quarantine === 'date' ? '' : ' at the latest'}`}</TableCell>
                  <TableCell>{row.changedAt === undefined ? <Absent>never</Absent> : <Moment at={row.changedAt} show="date" />}</TableCell>
                  <TableCell align="right"><Button variant="outlined" sx={{ minHeight: 26, py: 0 }} onClick={() => open({ kind: 'policy.set', policy: row })} aria-label={`Change the policy of ${row.type}`}>Change</Button></TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </Box>
      </Framed>
    </>
  );
}
