/** Saved mappings beside the columns: lay one over this file, keep this one, throw one away. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { imports, type ImportColumn } from '../../shared/contract/imports.ts';
import { problemOf } from '../app/client.ts';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { plural } from '../design/formats.ts';
import { Panel } from '../design/panel.tsx';
import { Muted } from '../design/text.tsx';
import { applyByName } from './import-words.ts';
import type { StepProps } from './wizard-screen.tsx';

export function MappingShelf({ view, open, onApply }: Pick<StepProps, 'view' | 'open'> & { readonly onApply: (columns: readonly ImportColumn[]) => void }): ReactElement {
  const mappings = useDesk(imports.mappings, {}).data?.rows ?? [];
  const save = useDeskCommand(imports.saveMapping);
  const remove = useDeskCommand(imports.removeMapping);
  const toasts = useToasts();
  const [chosen, setChosen] = useState('');
  const [name, setName] = useState('');
  const [wrong, setWrong] = useState<string | undefined>();
  const mapping = mappings.find((one) => one.name === chosen);
  const apply = (): void => {
    if (mapping === undefined) return;
    const { columns, matched } = applyByName(view.detection.columns, view.columns, mapping.columns);
    onApply(columns);
    void open.map({ columns, rules: mapping.rules, ...(mapping.type === undefined ? {} : { type: mapping.type }) }).then(() => toasts.done(`${mapping.name}: ${plural(matched, 'column')} set`), () => undefined);
  };
  const keep = (): void => {
    const text = name.trim();
    if (text === '') return setWrong('A name is needed');
    save.mutate({ id: view.id, name: text }, {
      onSuccess: () => {
        toasts.done(`Mapping ${text} kept for the next file of this sender`);
        setName('');
        setWrong(undefined);
      },
      onError: (error) => setWrong(problemOf(error).message),
    });
  };
  return (
    <Panel title="Saved mappings">
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.25, pt: '6px' }}>
        {mappings.length === 0 ? <Muted>None yet. Keep this one, and the next file of the same sender needs no mapping.</Muted> : (
          <>
            <TextField select label="Mapping" value={chosen} onChange={(event) => setChosen(event.target.value)} fullWidth>
              {mappings.map((one) => <MenuItem key={one.name} value={one.name}>{one.name}</MenuItem>)}
            </TextField>
            <Box sx={{ display: 'flex', gap: 1 }}>
              <Button variant="outlined" disabled={mapping === undefined} onClick={apply}>Apply</Button>
              <Button disabled={mapping === undefined || remove.isPending} onClick={() => remove.mutate({ name: chosen }, { onSuccess: () => { toasts.done(`Mapping ${chosen} deleted`); setChosen(''); }, onError: (error) => toasts.failed(error, 'Delete') })}>Delete</Button>
            </Box>
          </>
        )}
        <Box component="form" sx={{ display: 'flex', gap: 1, alignItems: 'flex-start' }} onSubmit={(event) => { event.preventDefault(); keep(); }}>
          <TextField label="Save this one as" value={name} onChange={(event) => { setName(event.target.value); setWrong(undefined); }} error={wrong !== undefined} helperText={wrong} fullWidth slotProps={{ htmlInput: { maxLength: 64 } }} />
          <Button type="submit" variant="outlined" disabled={save.isPending} sx={{ mt: '2px' }}>Save</Button>
        </Box>
      </Box>
    </Panel>
  );
}
