import { useState, type ReactElement } from 'react';
import Button from '@mui/material/Button';
import { useForm } from 'react-hook-form';
import { contract } from '../../shared/contract/index.ts';
import { useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { Field } from '../design/form.tsx';
import { Note, ProblemNote } from '../design/states.tsx';
import { Identifier } from '../design/text.tsx';

const wording = {
  quarantine: { title: 'Quarantine profile', button: 'Quarantine', done: 'quarantined', note: 'It is taken out of sale. A profile that was never delivered can return later.', tone: 'info' },
  unquarantine: { title: 'Return profile to sale', button: 'Return to sale', done: 'returned to sale', note: 'It becomes sellable again.', tone: 'info' },
  retire: { title: 'Retire profile', button: 'Retire for good', done: 'retired', note: 'This cannot be undone: the profile ends and its secrets are erased. Type the last four digits of the ICCID to go on.', tone: 'warning' },
} as const;

interface Values {
  reason: string;
  digits: string;
}

export function ReasonDialog({ action, iccid, onClose }: { readonly action: keyof typeof wording; readonly iccid: string; readonly onClose: () => void }): ReactElement {
  const text = wording[action];
  const form = useForm<Values>({ defaultValues: { reason: '', digits: '' } });
  const run = useDeskCommand(contract.profiles[action]);
  const toasts = useToasts();
  const [refusal, setRefusal] = useState<unknown>();
  const tail = iccid.slice(-4);
  const submit = ({ reason }: Values): void =>
    run.mutate(
      { iccid, reason: reason.trim() },
      {
        onSuccess: () => {
          toasts.done(`Profile ${iccid} ${text.done}`);
          onClose();
        },
        onError: setRefusal,
      },
    );
  return (
    <DeskDialog
      title={text.title}
      onClose={onClose}
      width={500}
      onSubmit={(event) => void form.handleSubmit(submit)(event)}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <PrimaryButton submit busy={run.isPending} danger={action === 'retire'}>
            {text.button}
          </PrimaryButton>
        </>
      }
    >
      <Identifier value={iccid} what="ICCID" group={4} />
      <Note tone={text.tone}>{text.note}</Note>
      <Field control={form.control} name="reason" label="Reason" autoFocus multiline minRows={2} help="Goes into the audit log." rules={{ validate: (v) => (String(v).trim().length >= 3 && String(v).trim().length <= 200 ? true : 'Between 3 and 200 characters') }} />
      {action === 'retire' && <Field control={form.control} name="digits" label={`Last four digits (${tail})`} mono rules={{ validate: (v) => (v === tail ? true : `The ICCID ends with ${tail}`) }} />}
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}
