import type { ReactElement } from 'react';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import { outbox } from '../../shared/contract/outbox.ts';
import { contract } from '../../shared/contract/index.ts';
import { listenerNames } from '../app/listener-words.ts';
import { useDesk } from '../app/queries.ts';
import { count } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Panel } from '../design/panel.tsx';
import { Scroll } from '../design/scroll.tsx';
import { Status, toneIcon } from '../design/status.tsx';
import { Absent, Code, Muted } from '../design/text.tsx';

const meanings = { es9plus: 'Devices download here', es2plus: 'Brands order here, with client certificates', console: 'This window in a browser, on this computer only' } as const;

/** What listens, for whom, and where messages go out. Listeners are given when the program starts. */
export function Listeners(): ReactElement | null {
  const status = useDesk(contract.workspace.status, {}).data;
  const counts = useDesk(outbox.list, { limit: 1, filter: { state: ['waiting', 'dead'] } }).data?.counts;
  if (status === undefined) return null;
  return (
    <Panel title="Connections" flush>
      {status.listeners.length === 0 ? (
        <Muted>
          <span style={{ padding: '4px 16px 10px', display: 'block' }}>
            Nothing listens. Start with <Code>mvne-desk serve --es9plus HOST:PORT --es2plus HOST:PORT</Code>.
          </span>
        </Muted>
      ) : (
        <Scroll label="Listeners">
          <TableHead>
            <TableRow>
              <TableCell>Listener</TableCell>
              <TableCell>Address</TableCell>
              <TableCell>State</TableCell>
              <TableCell>Identities</TableCell>
              <TableCell>For</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {status.listeners.map((l) => {
              const tone = l.state === 'listening' ? 'success' : 'danger';
              return (
                <TableRow key={`${l.kind}${l.address}${l.port}`}>
                  <TableCell component="th" scope="row">
                    {listenerNames[l.kind]}
                  </TableCell>
                  <TableCell className="mono">
                    {l.address}:{l.port}
                  </TableCell>
                  <TableCell>
                    <Status look={{ tone, icon: toneIcon(tone), word: l.state === 'listening' ? 'Listening' : 'Failed' }} /> {l.message !== undefined && <Muted>{l.message}</Muted>}
                  </TableCell>
                  <TableCell>{l.identities.length === 0 ? <Absent>none</Absent> : <TextLink to="/keys">{l.identities.join(', ')}</TextLink>}</TableCell>
                  <TableCell>
                    <Muted>{meanings[l.kind]}</Muted>
                  </TableCell>
                </TableRow>
              );
            })}
            <TableRow>
              <TableCell component="th" scope="row">
                Outgoing
              </TableCell>
              <TableCell>
                <TextLink to="/outbox">messages</TextLink>
              </TableCell>
              <TableCell>
                {counts === undefined ? <Absent /> : <Status look={counts.dead > 0 ? { tone: 'danger', icon: toneIcon('danger'), word: `${count(counts.dead)} dead` } : { tone: 'success', icon: toneIcon('success'), word: counts.waiting > 0 ? `${count(counts.waiting)} waiting` : 'Nothing waits' }} />}
              </TableCell>
              <TableCell>
                <Absent>–</Absent>
              </TableCell>
              <TableCell>
                <Muted>Progress of downloads to brands, events to SM-DSs</Muted>
              </TableCell>
            </TableRow>
          </TableBody>
        </Scroll>
      )}
    </Panel>
  );
}
