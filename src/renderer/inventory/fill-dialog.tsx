import type { ReactElement } from 'react';
import Button from '@mui/material/Button';
import { useForm } from 'react-hook-form';
import { contract } from '../../shared/contract/index.ts';
import { call } from '../app/client.ts';
import { useDesk } from '../app/queries.ts';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { asNumber, Field, TypeField, wholeNumber } from '../design/form.tsx';
import { Note, ProblemNote } from '../design/states.tsx';
import { useJobStart } from './job-start.tsx';

export function FillDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const form = useForm({ defaultValues: { profiles: '1000', type: '' } });
  const types = useDesk(contract.types.list, {});
  const job = useJobStart();
  return (
    <DeskDialog
      title="Load sample profiles"
      onClose={onClose}
      onSubmit={(event) => void form.handleSubmit((v) => job.run(() => call(contract.stock.fillLab, { profiles: asNumber(v.profiles), ...(v.type === '' ? {} : { type: v.type }) })))(event)}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <PrimaryButton submit busy={job.busy}>
            Load
          </PrimaryButton>
        </>
      }
      note="Lab only. The profiles are synthetic and marked as such."
    >
      <Field control={form.control} name="profiles" label="How many" rules={{ validate: wholeNumber(1, 2_000_000) }} slotProps={{ htmlInput: { inputMode: 'numeric' } }} />
      {types.data?.rows.length === 0 ? <Note tone="info">This workspace has no profile type yet: a sample template and a sample type are made first.</Note> : <TypeField control={form.control} name="type" required={false} anyLabel="Any: the oldest type" />}
      <ProblemNote error={job.error} />
    </DeskDialog>
  );
}
