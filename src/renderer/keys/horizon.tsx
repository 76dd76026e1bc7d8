import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import DownloadOutlined from '@mui/icons-material/DownloadOutlined';
import EventBusyOutlined from '@mui/icons-material/EventBusyOutlined';
import type { HorizonRow } from '../../shared/contract/pki.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDesk } from '../app/queries.ts';
import { csv, saveText } from '../design/download.ts';
import { count } from '../design/formats.ts';
import { Figure, Panel } from '../design/panel.tsx';
import { Scroll } from '../design/scroll.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Status } from '../design/status.tsx';
import { Absent, Moment } from '../design/text.tsx';
import { keys } from './contract.ts';
import { leftWord, severityLook } from './key-words.ts';

/** What ends when, soonest first, and what stops working then. */
export function Horizon(): ReactElement {
  const horizon = useDesk(keys.horizon, {}, { refetchInterval: 300_000 });
  if (horizon.isError && horizon.data === undefined) return <Problem error={horizon.error} what="The validity horizon" retry={() => void horizon.refetch()} />;
  if (horizon.data === undefined) return <LoadingRows rows={8} />;
  const { rows } = horizon.data;
  if (rows.length === 0) {
    return (
      <Panel>
        <Empty icon={EventBusyOutlined} title="Nothing that could end" actions={<CommandButton id="certificate.import" primary />}>
          With the first certificate or revocation list, this says what ends when, and what stops working then.
        </Empty>
      </Panel>
    );
  }
  const next = rows.find((row) => row.daysLeft >= 0 && row.alarm !== 'revoked');
  const within = (days: number): number => rows.filter((row) => row.daysLeft >= 0 && row.daysLeft < days && row.alarm !== 'revoked').length;
  const over = rows.filter((row) => row.alarm === 'ended' || row.alarm === 'revoked').length;
  return (
    <>
      <Panel>
        <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 2.2fr) repeat(3, minmax(0, 1fr))', gap: 2 }}>
          <Figure name="Ends next" value={next === undefined ? 'Nothing' : leftWord(next)} note={next?.title} />
          <Figure name="Over" value={count(over)} note="ended or revoked" />
          <Figure name="Within 30 days" value={count(within(30))} />
          <Figure name="Within 90 days" value={count(within(90))} />
        </Box>
      </Panel>
      <Panel title="What ends when" flush aside={<Button startIcon={<DownloadOutlined />} onClick={() => saveText('validity.csv', asCsv(rows))}>CSV</Button>}>
        <Scroll label="What ends when">
          <TableHead>
            <TableRow>
              <TableCell>Left</TableCell>
              <TableCell>Ends</TableCell>
              <TableCell>What</TableCell>
              <TableCell>What stops working then</TableCell>
              <TableCell align="right">Open orders</TableCell>
              <TableCell>Listeners</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {rows.map((row) => (
              <TableRow key={`${row.kind}${row.id}`} sx={{ '& > *': { verticalAlign: 'top' } }}>
                <TableCell>
                  <Status look={{ ...severityLook[row.severity], word: leftWord(row) }} quiet={row.severity === 'ok'} />
                </TableCell>
                <TableCell>
                  <Moment at={row.ends} show="minutes" />
                </TableCell>
                <TableCell component="th" scope="row" sx={{ whiteSpace: 'normal !important', overflowWrap: 'anywhere', verticalAlign: 'top', minWidth: 150, maxWidth: 280 }}>
                  {row.title}
                </TableCell>
                <TableCell sx={{ whiteSpace: 'normal !important', verticalAlign: 'top', minWidth: 240 }}>{row.consequence}</TableCell>
                <TableCell align="right">{row.openOrders === 0 ? <Absent>0</Absent> : count(row.openOrders)}</TableCell>
                <TableCell sx={{ whiteSpace: 'normal !important', verticalAlign: 'top', minWidth: 90 }}>{row.listeners.length === 0 ? <Absent>none</Absent> : row.listeners.join(', ')}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Scroll>
      </Panel>
    </>
  );
}

const asCsv = (rows: readonly HorizonRow[]): string =>
  csv(['ends', 'days left', 'what', 'consequence', 'open orders', 'listeners'], rows.map((row) => [new Date(row.ends).toISOString(), String(row.daysLeft), row.title, row.consequence, String(row.openOrders), row.listeners.join(' ')]));
