/** Mappings kept for the next file of the same sender, and the dialects of senders. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import SchemaOutlined from '@mui/icons-material/SchemaOutlined';
import { imports } from '../../shared/contract/imports.ts';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { Panel } from '../design/panel.tsx';
import { Scroll } from '../design/scroll.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Absent, Moment, Muted } from '../design/text.tsx';
import { labelOf, layoutNames } from './import-words.ts';

export function SavedMappings(): ReactElement {
  const mappings = useDesk(imports.mappings, {});
  const presets = useDesk(imports.presets, {});
  const remove = useDeskCommand(imports.removeMapping);
  const removePreset = useDeskCommand(imports.removePreset);
  const toasts = useToasts();
  const [asking, setAsking] = useState<string | undefined>();
  return (
    <Box sx={{ overflow: 'auto', display: 'flex', flexDirection: 'column', gap: 2, minHeight: 0 }}>
      <Panel title="Mappings of this workspace" flush>
        {mappings.isError ? (
          <Problem error={mappings.error} what="The mappings" retry={() => void mappings.refetch()} />
        ) : mappings.data === undefined ? (
          <LoadingRows rows={3} />
        ) : mappings.data.rows.length === 0 ? (
          <Empty icon={SchemaOutlined} title="No mapping is saved yet">
            In the Map step of an import, “Save as” keeps the columns, the rules and the profile type under a name. The next file of the same sender then needs no mapping at all.
          </Empty>
        ) : (
          <Scroll label="Saved mappings" actions>
            <TableHead>
              <TableRow>
                <TableCell>Name</TableCell>
                <TableCell>Profile type</TableCell>
                <TableCell>Fields</TableCell>
                <TableCell>Last used</TableCell>
                <TableCell>Saved</TableCell>
                <TableCell />
              </TableRow>
            </TableHead>
            <TableBody>
              {mappings.data.rows.map((row) => (
                <TableRow key={row.name}>
                  <TableCell>{row.name}</TableCell>
                  <TableCell>{row.type ?? <Absent />}</TableCell>
                  <TableCell sx={{ whiteSpace: 'normal !important' }}>{row.columns.flatMap((column) => (column.field === undefined ? [] : [labelOf(column.field)])).join(', ')}</TableCell>
                  <TableCell>
                    <Moment at={row.usedAt} show="relative" />
                  </TableCell>
                  <TableCell>
                    <Moment at={row.createdAt} show="date" />
                  </TableCell>
                  <TableCell align="right">
                    <Removal name={row.name} asking={asking === row.name} onAsk={setAsking} busy={remove.isPending} onRemove={() => remove.mutate({ name: row.name }, { onSuccess: () => toasts.done(`Mapping ${row.name} removed`), onError: (error) => toasts.failed(error, 'Remove'), onSettled: () => setAsking(undefined) })} />
                  </TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Scroll>
        )}
      </Panel>
      <Panel title="Dialects of senders" flush>
        {presets.isError ? (
          <Problem error={presets.error} what="The dialects" retry={() => void presets.refetch()} />
        ) : presets.data === undefined ? (
          <LoadingRows rows={4} />
        ) : (
          <Scroll label="Dialects" actions>
            <TableHead>
              <TableRow>
                <TableCell>Name</TableCell>
                <TableCell>What it is</TableCell>
                <TableCell>Form</TableCell>
                <TableCell align="right">Columns known</TableCell>
                <TableCell />
              </TableRow>
            </TableHead>
            <TableBody>
              {presets.data.rows.map((row) => (
                <TableRow key={row.name}>
                  <TableCell>{row.name}</TableCell>
                  <TableCell sx={{ whiteSpace: 'normal !important', minWidth: 240 }}>{row.summary}</TableCell>
                  <TableCell sx={{ whiteSpace: 'normal !important', minWidth: 180 }}>{layoutNames[row.format.layout]}</TableCell>
                  <TableCell align="right">{row.columns.length}</TableCell>
                  <TableCell align="right">
                    {row.builtIn ? (
                      <Muted>built in</Muted>
                    ) : (
                      <Removal name={row.name} asking={asking === `p ${row.name}`} onAsk={(name) => setAsking(name === undefined ? undefined : `p ${name}`)} busy={removePreset.isPending} onRemove={() => removePreset.mutate({ name: row.name }, { onSuccess: () => toasts.done(`Dialect ${row.name} removed`), onError: (error) => toasts.failed(error, 'Remove'), onSettled: () => setAsking(undefined) })} />
                    )}
                  </TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Scroll>
        )}
      </Panel>
    </Box>
  );
}

function Removal({ name, asking, onAsk, onRemove, busy }: { readonly name: string; readonly asking: boolean; readonly onAsk: (name: string | undefined) => void; readonly onRemove: () => void; readonly busy: boolean }): ReactElement {
  const sx = { minHeight: 24, py: 0 };
  if (!asking) return <Button sx={sx} aria-label={`Remove ${name}`} onClick={() => onAsk(name)}>Remove</Button>;
  return (
    <Box component="span" sx={{ display: 'inline-flex', gap: 1 }}>
      <Button sx={sx} variant="outlined" color="error" disabled={busy} onClick={onRemove} aria-label={`Yes, remove ${name}`}>
        Yes, remove
      </Button>
      <Button sx={sx} autoFocus onClick={() => onAsk(undefined)}>
        Keep
      </Button>
    </Box>
  );
}
