/** A list as a file: which columns, which form, how many rows, then straight to disk. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import FormControlLabel from '@mui/material/FormControlLabel';
import Radio from '@mui/material/Radio';
import RadioGroup from '@mui/material/RadioGroup';
import { inventory, type Selection } from '../../shared/contract/inventory.ts';
import { profileColumns, type ProfileColumn, type SortKey } from '../../shared/contract/profile-filter.ts';
import { call } from '../app/client.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { saveFile } from '../design/download.ts';
import { bytes, count } from '../design/formats.ts';
import { Note, ProblemNote } from '../design/states.tsx';
import { inventoryColumns } from './columns.tsx';

export interface ExportRequest {
  readonly selection: Selection;
  /** Rows it will have, where known; `all` where the whole list is meant. */
  readonly profiles?: number | undefined;
  readonly columns: readonly ProfileColumn[];
  readonly sort: readonly SortKey[];
}

const forms = [
  ['csv', 'CSV', 'Commas, UTF-8, one row per profile. For programs.'],
  ['csv-excel', 'CSV for a spreadsheet', 'Long numbers keep all their digits when the file is opened by double click.'],
  ['jsonl', 'JSON lines', 'One object per line, moments in ISO 8601.'],
] as const;

export function ExportDialog({ selection, profiles, columns, sort, onClose }: ExportRequest & { readonly onClose: () => void }): ReactElement {
  const [format, setFormat] = useState<(typeof forms)[number][0]>('csv');
  const [which, setWhich] = useState<'shown' | 'all'>('shown');
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<unknown>();
  const toasts = useToasts();
  const chosen = which === 'all' ? [...profileColumns] : [...columns];
  const nameOf = (id: ProfileColumn): string => inventoryColumns.find((c) => c.id === id)?.name ?? id;
  const save = async (): Promise<void> => {
    setBusy(true);
    setRefusal(undefined);
    try {
      const offer = await call(inventory.export, { selection, columns: chosen, sort: [...sort], format });
      saveFile(offer);
      toasts.done(`${offer.name} is being saved${offer.bytes === undefined ? '' : ` (${bytes(offer.bytes)})`}`);
      onClose();
    } catch (error) {
      setRefusal(error);
      setBusy(false);
    }
  };
  return (
    <DeskDialog
      title={profiles === undefined ? 'Export the list' : `Export ${count(profiles)} ${profiles === 1 ? 'profile' : 'profiles'}`}
      onClose={onClose}
      width={540}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
      note="The export is written into the audit log."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <PrimaryButton submit busy={busy}>Save file</PrimaryButton>
        </>
      }
    >
      <RadioGroup aria-label="Form of the file" value={format} onChange={(_, next) => setFormat(next as typeof format)}>
        {forms.map(([value, name, about]) => (
          <FormControlLabel key={value} value={value} control={<Radio size="small" sx={{ py: '5px' }} />} label={<span>{name} <Box component="span" sx={(theme) => ({ color: theme.desk.muted })}>{about}</Box></span>} sx={{ alignItems: 'flex-start', '& .MuiFormControlLabel-label': { pt: '6px' } }} />
        ))}
      </RadioGroup>
      <RadioGroup aria-label="Columns" value={which} onChange={(_, next) => setWhich(next as typeof which)}>
        <FormControlLabel value="shown" control={<Radio size="small" sx={{ py: '5px' }} />} label={`Columns as shown: ${count(columns.length)}`} />
        <FormControlLabel value="all" control={<Radio size="small" sx={{ py: '5px' }} />} label={`All columns: ${count(profileColumns.length)}`} />
      </RadioGroup>
      <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', mt: '-8px' })}>{chosen.map(nameOf).join(', ')}</Box>
      <Note tone="info">Identifiers, states and moments. Keys, codes and PINs are never in it.</Note>
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}
