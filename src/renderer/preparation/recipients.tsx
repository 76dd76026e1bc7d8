/** Who gets output files: what each may have, and how it is protected. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';
import ErrorOutlined from '@mui/icons-material/ErrorOutlineOutlined';
import MarkunreadMailboxOutlined from '@mui/icons-material/MarkunreadMailboxOutlined';
import { useNavigate } from 'react-router';
import { outputs } from '../../shared/contract/preparation.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDesk } from '../app/queries.ts';
import { count, plural } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Panel } from '../design/panel.tsx';
import { Scroll } from '../design/scroll.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Status } from '../design/status.tsx';
import { Moment, Muted } from '../design/text.tsx';
import { formatNames, kindNames } from './recipient-words.ts';

export function Recipients(): ReactElement {
  const recipients = useDesk(outputs.recipients, {});
  const navigate = useNavigate();
  return (
    <Box sx={{ overflow: 'auto', minHeight: 0 }}>
      <Panel flush>
        {recipients.isError ? (
          <Problem error={recipients.error} what="The recipients" retry={() => void recipients.refetch()} />
        ) : recipients.data === undefined ? (
          <LoadingRows rows={4} />
        ) : recipients.data.rows.length === 0 ? (
          <Empty icon={MarkunreadMailboxOutlined} title="Nobody is registered to get files" actions={<CommandButton id="recipient.add" primary />}>
            A recipient is an HLR, an OTA platform, a print house or anybody else: which columns go to it, in which form, and under which key. The HLR gets no OTA keys and the OTA platform no K.
          </Empty>
        ) : (
          <Scroll label="Recipients" actions>
            <TableHead>
              <TableRow>
                <TableCell>Name</TableCell>
                <TableCell>Kind</TableCell>
                <TableCell>Form</TableCell>
                <TableCell>Protection</TableCell>
                <TableCell>State</TableCell>
                <TableCell align="right">Files</TableCell>
                <TableCell>Last file</TableCell>
                <TableCell />
              </TableRow>
            </TableHead>
            <TableBody>
              {recipients.data.rows.map((row) => (
                <TableRow key={row.id}>
                  <TableCell><TextLink to={`/preparation/recipients/${row.id}`}>{row.name}</TextLink></TableCell>
                  <TableCell>{kindNames[row.kind]}</TableCell>
                  <TableCell>{formatNames[row.format]}{row.format !== 'template' && <Muted> · {plural(row.columns.length, 'column')}</Muted>}</TableCell>
                  <TableCell sx={{ whiteSpace: 'normal !important', minWidth: 150 }}>{row.protection}</TableCell>
                  <TableCell sx={{ whiteSpace: 'normal !important', minWidth: 90 }}><Status look={row.problem === undefined ? { tone: 'success', icon: CheckCircleOutlined, word: 'Ready' } : { tone: 'danger', icon: ErrorOutlined, word: 'Not now' }} quiet={row.problem === undefined} />{row.problem !== undefined && <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>{row.problem}</Box>}</TableCell>
                  <TableCell align="right">{count(row.files)}</TableCell>
                  <TableCell><Moment at={row.lastFileAt} show="relative" /></TableCell>
                  <TableCell align="right"><Button variant="outlined" sx={{ minHeight: 26, py: 0 }} aria-label={`Change ${row.name}`} onClick={() => void navigate(`/preparation/recipients/${row.id}`)}>Change</Button></TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Scroll>
        )}
      </Panel>
    </Box>
  );
}
