/** Labels of one profile, changed in place. */
import { useState, type ReactElement } from 'react';
import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Popover from '@mui/material/Popover';
import TextField from '@mui/material/TextField';
import Add from '@mui/icons-material/Add';
import Close from '@mui/icons-material/Close';
import { inventory, labelName, labels as labelContract } from '../../shared/contract/inventory.ts';
import type { ProfileLabel } from '../../shared/contract/profiles.ts';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { LabelSpot, LabelTag } from './labels.tsx';

export const labelEditorId = 'profile-labels';

export function LabelEditor({ iccid, labels }: { readonly iccid: string; readonly labels: readonly ProfileLabel[] }): ReactElement {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [name, setName] = useState('');
  const known = useDesk(labelContract.list, {}, { enabled: anchor !== null });
  const change = useDeskCommand(inventory.label);
  const toasts = useToasts();
  const parsed = labelName.safeParse(name);
  const put = (label: string): void => {
    if (labels.some((l) => l.name === label)) return setName('');
    change.mutate({ iccid, add: [label], remove: [] }, { onSuccess: () => setName(''), onError: (error) => toasts.failed(error, 'Label') });
  };
  const take = (label: string): void => change.mutate({ iccid, add: [], remove: [label] }, { onError: (error) => toasts.failed(error, 'Label') });
  const rows = known.data?.rows ?? [];
  return (
    <Box sx={{ display: 'inline-flex', gap: '6px', alignItems: 'center', flexWrap: 'wrap' }} role="group" aria-label="Labels">
      {labels.map((label) => (
        <LabelTag key={label.name} label={label}>
          <Box component="button" type="button" aria-label={`Remove label ${label.name}`} onClick={() => take(label.name)} sx={(theme) => ({ border: 0, background: 'transparent', color: theme.desk.muted, p: 0, width: 24, height: 24, mr: '-7px', display: 'grid', placeItems: 'center', cursor: 'pointer', borderRadius: '4px', '&:hover': { color: theme.desk.text, background: theme.desk.hover } })}>
            <Close sx={{ fontSize: '0.8rem' }} />
          </Box>
        </LabelTag>
      ))}
      <Button id={labelEditorId} startIcon={<Add />} aria-haspopup="dialog" onClick={(event) => setAnchor(event.currentTarget)} sx={(theme) => ({ minHeight: 24, py: 0, color: theme.desk.muted })}>
        Label
      </Button>
      <Popover open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)} anchorOrigin={{ vertical: 'bottom', horizontal: 'left' }} slotProps={{ paper: { role: 'dialog', 'aria-label': 'Add a label', sx: { width: 280, p: '12px', mt: '4px' } } }}>
        <Autocomplete<string, false, false, true>
          freeSolo
          openOnFocus
          options={rows.map((l) => l.name).filter((n) => !labels.some((l) => l.name === n))}
          inputValue={name}
          value={null}
          onInputChange={(_, next, why) => {
            if (why !== 'reset') setName(next);
          }}
          onChange={(_, chosen) => {
            if (typeof chosen !== 'string') return;
            const label = labelName.safeParse(chosen);
            if (label.success) put(label.data);
          }}
          slotProps={{ popper: { disablePortal: true } }}
          renderOption={({ key, ...props }, option) => (
            <Box component="li" key={key} {...props} sx={{ gap: 1 }}>
              <LabelSpot colour={rows.find((l) => l.name === option)?.colour ?? 'grey'} /> {option}
            </Box>
          )}
          renderInput={(input) => <TextField {...input} autoFocus label="Label" helperText={name.trim() !== '' && !parsed.success ? 'Up to 40 letters, digits and signs; no commas, colons or percent signs' : 'Enter adds it; a new name makes a new label.'} error={name.trim() !== '' && !parsed.success} />}
        />
      </Popover>
    </Box>
  );
}
