/** Keys under which subscriber keys travel between operator, vendor and AuC. Only the vault ever holds one. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import ArchiveOutlined from '@mui/icons-material/ArchiveOutlined';
import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';
import KeyOutlined from '@mui/icons-material/KeyOutlined';
import WarningAmber from '@mui/icons-material/WarningAmber';
import { transportKeys, type TransportKeyRow } from '../../shared/contract/imports.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDialogs } from '../app/dialogs.tsx';
import { useDesk } from '../app/queries.ts';
import { count } from '../design/formats.ts';
import { Panel } from '../design/panel.tsx';
import { Scroll } from '../design/scroll.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Status } from '../design/status.tsx';
import { Absent, Code, Moment, Muted } from '../design/text.tsx';
import { algorithmNames, conventionNames } from './key-words.ts';

export function TransportKeys(): ReactElement {
  const keys = useDesk(transportKeys.list, {});
  const rows = keys.data?.rows ?? [];
  return (
    <Box sx={{ overflow: 'auto', display: 'flex', flexDirection: 'column', gap: 2, minHeight: 0 }}>
      <Panel flush>
        {keys.isError ? (
          <Problem error={keys.error} what="The transport keys" retry={() => void keys.refetch()} />
        ) : keys.data === undefined ? (
          <LoadingRows rows={4} />
        ) : rows.length === 0 ? (
          <Empty icon={KeyOutlined} title="No transport key yet" actions={<CommandButton id="transportKey.add" primary />}>
            K and OPc come encrypted under a transport key (K4), and leave again under the key of who gets them. It is entered in two or three components by different people, each checked by its own value; the whole key is only ever in the vault.
          </Empty>
        ) : (
          <Scroll label="Transport keys" actions>
            <TableHead>
              <TableRow>
                <TableCell>Name</TableCell>
                <TableCell>Algorithm</TableCell>
                <TableCell>Check value</TableCell>
                <TableCell>Index</TableCell>
                <TableCell>Components</TableCell>
                <TableCell>Custodians</TableCell>
                <TableCell>State</TableCell>
                <TableCell align="right">Imports</TableCell>
                <TableCell>Added</TableCell>
                <TableCell />
              </TableRow>
            </TableHead>
            <TableBody>
              {rows.map((row) => (
                <KeyRow key={row.name} row={row} />
              ))}
            </TableBody>
          </Scroll>
        )}
      </Panel>
      {rows.length > 0 && (
        <Muted>
          The check value (KCV) is what the vault calculates from the whole key; compare it with the one on the sender’s key sheet. Index is the number under which the AuC knows the key.
        </Muted>
      )}
    </Box>
  );
}

function KeyRow({ row }: { readonly row: TransportKeyRow }): ReactElement {
  const dialogs = useDialogs();
  const retired = row.state === 'retired';
  return (
    <TableRow>
      <TableCell>
        {row.name}
        {row.note !== undefined && <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', whiteSpace: 'normal', maxWidth: 240 })}>{row.note}</Box>}
      </TableCell>
      <TableCell>{algorithmNames[row.algorithm]}</TableCell>
      <TableCell>
        <Code>{row.kcv}</Code> <Muted>{conventionNames[row.kcvConvention]}</Muted>
        <Box>
          <Status look={row.checked ? { tone: 'success', icon: CheckCircleOutlined, word: 'agrees with the sheet' } : { tone: 'warning', icon: WarningAmber, word: 'compare by eye' }} quiet={row.checked} />
        </Box>
      </TableCell>
      <TableCell className="mono">{row.index ?? <Absent />}</TableCell>
      <TableCell>{row.components === 1 ? 'in one piece' : `${row.components} by XOR`}</TableCell>
      <TableCell sx={{ whiteSpace: 'normal !important', minWidth: 110 }}>{row.custodians.join(', ')}</TableCell>
      <TableCell>
        <Status look={retired ? { tone: 'neutral', icon: ArchiveOutlined, word: 'Retired' } : { tone: 'success', icon: CheckCircleOutlined, word: 'Active' }} quiet={retired} />
        {row.retiredAt !== undefined && (
          <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>
            <Moment at={row.retiredAt} show="relative" />
          </Box>
        )}
      </TableCell>
      <TableCell align="right">{count(row.imports)}</TableCell>
      <TableCell>
        <Moment at={row.createdAt} show="date" />
        <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>by {row.actor}</Box>
      </TableCell>
      <TableCell align="right">
        {!retired && (
          <Box sx={{ display: 'flex', gap: 1, justifyContent: 'flex-end' }}>
            <Button sx={{ minHeight: 26, py: 0 }} variant="outlined" aria-label={`Change the index of ${row.name}`} onClick={() => dialogs.open({ kind: 'transportKey.change', name: row.name, index: row.index ?? '', note: row.note ?? '' })}>
              Index
            </Button>
            <Button sx={{ minHeight: 26, py: 0 }} variant="outlined" aria-label={`Retire ${row.name}`} onClick={() => dialogs.open({ kind: 'transportKey.retire', name: row.name })}>
              Retire
            </Button>
          </Box>
        )}
      </TableCell>
    </TableRow>
  );
}
