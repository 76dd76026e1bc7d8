/** Columns of an output file: chosen, ordered, named, each with its form and an example. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';
import ListSubheader from '@mui/material/ListSubheader';
import MenuItem from '@mui/material/MenuItem';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import TextField from '@mui/material/TextField';
import ArrowDownward from '@mui/icons-material/ArrowDownward';
import ArrowUpward from '@mui/icons-material/ArrowUpward';
import Close from '@mui/icons-material/Close';
import LockOutlined from '@mui/icons-material/LockOutlined';
import type { FieldInfo, OutputColumn, OutputEncoding, OutputField, RecipientInput } from '../../shared/contract/preparation.ts';
import { Panel } from '../design/panel.tsx';
import { Muted } from '../design/text.tsx';
import { exampleOf, groupNames, headingOf, kindNames, moved, refusedBecause, withField } from './recipient-words.ts';

export function ColumnEditor({ recipient, fields, onChange }: { readonly recipient: RecipientInput; readonly fields: readonly FieldInfo[]; readonly onChange: (columns: OutputColumn[]) => void }): ReactElement {
  const { columns, kind } = recipient;
  const refused = fields.filter((field) => refusedBecause(field, kind) !== undefined);
  const set = (at: number, column: OutputColumn): void => onChange(columns.map((one, index) => (index === at ? column : one)));
  const groups = [...new Set(fields.map((field) => field.group))];
  return (
    <Panel title={`Columns (${columns.length})`}>
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.5 }}>
        {columns.length === 0 ? <Muted>No column yet. Add the first one below, or begin with one of the forms above.</Muted> : (
          <Box sx={{ overflowX: 'auto', mx: '-8px' }} tabIndex={0} role="group" aria-label="Columns of the file">
            <Table size="small" sx={{ '& td, & th': { px: '8px' } }}>
              <TableHead>
                <TableRow>
                  <TableCell>Column</TableCell>
                  <TableCell>Heading</TableCell>
                  <TableCell>Written as</TableCell>
                  <TableCell>Example</TableCell>
                  <TableCell />
                </TableRow>
              </TableHead>
              <TableBody>
                {columns.map((column, at) => {
                  const info = fields.find((field) => field.field === column.field);
                  const reason = info === undefined ? undefined : refusedBecause(info, kind);
                  const title = info?.title ?? column.field;
                  return (
                    <TableRow key={`${column.field}${at}`} sx={(theme) => ({ '& > td': { background: reason === undefined ? 'transparent' : theme.desk.dangerSoft } })}>
                      <TableCell sx={{ minWidth: 104 }}>
                        {info !== undefined && info.secrecy !== 'open' && <LockOutlined titleAccess="Secret" sx={(theme) => ({ fontSize: '0.9rem', verticalAlign: '-2px', mr: '4px', color: theme.desk.warning })} />}
                        {title}
                        {reason !== undefined && <Box role="alert" sx={(theme) => ({ color: theme.desk.danger, fontSize: '0.75rem' })}>{reason}</Box>}
                      </TableCell>
                      <TableCell><TextField value={column.name ?? ''} placeholder={headingOf({ field: column.field }, fields)} onChange={(event) => set(at, { field: column.field, ...(column.encoding === undefined ? {} : { encoding: column.encoding }), ...(column.value === undefined ? {} : { value: column.value }), ...(event.target.value === '' ? {} : { name: event.target.value }) })} sx={{ minWidth: 110 }} slotProps={{ htmlInput: { 'aria-label': `Heading of ${title}`, className: 'mono', maxLength: 64 } }} /></TableCell>
                      <TableCell>
                        {column.field === 'constant' ? (
                          <TextField value={column.value ?? ''} onChange={(event) => set(at, { ...column, value: event.target.value })} sx={{ minWidth: 110 }} slotProps={{ htmlInput: { 'aria-label': 'Text that stands in every row', maxLength: 200 } }} />
                        ) : (info?.encodings.length ?? 0) > 1 ? (
                          <TextField select value={column.encoding ?? info?.encodings[0]?.id ?? ''} onChange={(event) => set(at, { ...column, encoding: event.target.value as OutputEncoding })} sx={{ minWidth: 130 }} slotProps={{ htmlInput: { 'aria-label': `Form of ${title}` } }}>
                            {info?.encodings.map((encoding) => <MenuItem key={encoding.id} value={encoding.id}>{encoding.title}</MenuItem>)}
                          </TextField>
                        ) : (
                          <Muted>{info?.encodings[0]?.title ?? 'as it is'}</Muted>
                        )}
                      </TableCell>
                      <TableCell className="mono" sx={{ maxWidth: 150, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{exampleOf(column, fields)}</TableCell>
                      <TableCell align="right" sx={{ whiteSpace: 'nowrap' }}>
                        <IconButton aria-label={`Move ${title} up`} disabled={at === 0} onClick={() => onChange(moved(columns, at, at - 1))}><ArrowUpward sx={{ fontSize: '1rem' }} /></IconButton>
                        <IconButton aria-label={`Move ${title} down`} disabled={at === columns.length - 1} onClick={() => onChange(moved(columns, at, at + 1))}><ArrowDownward sx={{ fontSize: '1rem' }} /></IconButton>
                        <IconButton aria-label={`Remove ${title}`} onClick={() => onChange(columns.filter((_, index) => index !== at))}><Close sx={{ fontSize: '1rem' }} /></IconButton>
                      </TableCell>
                    </TableRow>
                  );
                })}
              </TableBody>
            </Table>
          </Box>
        )}
        <TextField select label="Add a column" value="" onChange={(event) => onChange(withField(columns, event.target.value as OutputField))} sx={{ maxWidth: 340 }}>
          {groups.flatMap((group) => [
            <ListSubheader key={group} sx={{ lineHeight: '26px', fontSize: '0.75rem', fontWeight: 600 }}>{groupNames[group]}</ListSubheader>,
            ...fields.filter((field) => field.group === group).map((field) => (
              <MenuItem key={field.field} value={field.field} disabled={refusedBecause(field, kind) !== undefined} sx={{ display: 'flex', justifyContent: 'space-between', gap: 2 }}>
                {field.title}
                {field.secrecy !== 'open' && <Box component="span" sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>{refusedBecause(field, kind) === undefined ? 'secret' : 'not for this kind'}</Box>}
              </MenuItem>
            )),
          ])}
        </TextField>
        {refused.length > 0 && (
          <Muted>
            Not for this kind ({kindNames[kind]}): {refused.map((field) => field.title).join(', ')}. {[...new Set(refused.map((field) => refusedBecause(field, kind)))].slice(0, 2).join(' ')}
          </Muted>
        )}
      </Box>
    </Panel>
  );
}
