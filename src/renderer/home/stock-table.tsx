import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/contract/define.ts';
import { CommandButton } from '../app/command-context.tsx';
import { count } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Panel } from '../design/panel.tsx';
import { Status } from '../design/status.tsx';
import { Absent } from '../design/text.tsx';
import { daysOf, levelLook } from '../numbers/number-words.ts';

type Row = OutputOf<typeof contract.workspace.home>['stock'][number];

const parts = [
  { id: 'sold', name: 'Sold', colour: 'neutral' },
  { id: 'sellable', name: 'Sellable', colour: 'accent' },
  { id: 'imported', name: 'Imported', colour: 'info' },
  { id: 'quarantined', name: 'Quarantined', colour: 'warning' },
] as const;

/** Days of cover, and whether that is enough. */
function Lasts({ row }: { readonly row: Row }): ReactElement {
  const words = row.level === 'none' ? 'no stock yet' : row.sellable === 0 ? 'none left' : row.daysLeft === undefined ? 'not known yet' : daysOf(row.daysLeft);
  if (row.level === undefined || row.level === 'ok' || row.level === 'none') return row.daysLeft === undefined ? <Absent>{words}</Absent> : <TextLink to="/numbers/levels">{words}</TextLink>;
  return <Box component="span" sx={{ display: 'inline-flex', gap: '6px', alignItems: 'center', whiteSpace: 'nowrap' }}><Status look={levelLook[row.level]} /><TextLink to="/numbers/levels">{words}</TextLink></Box>;
}

export function StockTable({ rows }: { readonly rows: readonly Row[] }): ReactElement {
  return (
    <Panel title="Stock by profile type" flush aside={<CommandButton id="stock.prepare" variant="text" />}>
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell>Profile type</TableCell>
            <TableCell sx={{ width: '20%' }}>Share</TableCell>
            {parts.map((part) => (
              <TableCell key={part.id} align="right">
                <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center', gap: '5px' }}>
                  <Box component="span" aria-hidden sx={(theme) => ({ width: 8, height: 8, borderRadius: '2px', background: theme.desk[part.colour] })} />
                  {part.name}
                </Box>
              </TableCell>
            ))}
            <TableCell>Lasts</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((row) => {
            const all = row.sold + row.sellable + row.imported + row.quarantined;
            return (
              <TableRow key={row.type} sx={{ '&:last-child td, &:last-child th': { borderBottom: 0 } }}>
                <TableCell component="th" scope="row">
                  <TextLink to={`/inventory?type=${encodeURIComponent(row.type)}`}>{row.type}</TextLink>
                </TableCell>
                <TableCell>
                  <Box aria-hidden sx={(theme) => ({ display: 'flex', height: 8, borderRadius: '3px', overflow: 'hidden', background: theme.desk.neutralSoft, gap: '1px' })}>
                    {parts.map((part) => (row[part.id] === 0 || all === 0 ? null : <Box key={part.id} sx={(theme) => ({ background: theme.desk[part.colour], width: `${(100 * row[part.id]) / all}%` })} />))}
                  </Box>
                </TableCell>
                {parts.map((part) => (
                  <TableCell key={part.id} align="right">
                    {row[part.id] === 0 ? '0' : <TextLink to={`/inventory?type=${encodeURIComponent(row.type)}&stock=${part.id}`}>{count(row[part.id])}</TextLink>}
                  </TableCell>
                ))}
                <TableCell><Lasts row={row} /></TableCell>
              </TableRow>
            );
          })}
        </TableBody>
      </Table>
    </Panel>
  );
}
