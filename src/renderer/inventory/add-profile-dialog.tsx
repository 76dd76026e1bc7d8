import { useState, type ReactElement } from 'react';
import Button from '@mui/material/Button';
import { useForm } from 'react-hook-form';
import { useNavigate } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import { parseIccid, parseImsi, parseMsisdn } from '../../shared/identifiers/index.ts';
import { uploadFile } from '../app/client.ts';
import { useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { FileField } from '../design/file-field.tsx';
import { checked, Columns, Field, refusalToField, TypeField } from '../design/form.tsx';
import { ProblemNote } from '../design/states.tsx';

interface Values {
  type: string;
  iccid: string;
  imsi: string;
  msisdn: string;
}

export function AddProfileDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const form = useForm<Values>({ defaultValues: { type: '', iccid: '', imsi: '', msisdn: '' } });
  const [secrets, setSecrets] = useState<File | undefined>();
  const [refusal, setRefusal] = useState<unknown>();
  const add = useDeskCommand(contract.profiles.add);
  const toasts = useToasts();
  const navigate = useNavigate();
  const submit = async (v: Values): Promise<void> => {
    setRefusal(undefined);
    try {
      const handle = secrets === undefined ? undefined : await uploadFile(secrets);
      const made = await add.mutateAsync({ type: v.type, iccid: v.iccid.trim(), imsi: v.imsi.trim(), ...(v.msisdn.trim() === '' ? {} : { msisdn: v.msisdn.trim() }), ...(handle === undefined ? {} : { secrets: handle }) });
      toasts.done(`Profile ${made.iccid} added`);
      onClose();
      await navigate(`/inventory/${made.iccid}`);
    } catch (error) {
      const fields = { type: 'type', TYPE_UNKNOWN: 'type', iccid: 'iccid', ICCID_INVALID: 'iccid', ICCID_EXISTS: 'iccid', imsi: 'imsi', IMSI_INVALID: 'imsi', IMSI_EXISTS: 'imsi', msisdn: 'msisdn' } as const;
      if (!refusalToField<Values>(error, fields, form.setError)) setRefusal(error);
    }
  };
  return (
    <DeskDialog
      title="Add one profile"
      onClose={onClose}
      width={620}
      onSubmit={(event) => void form.handleSubmit(submit)(event)}
      note="Secrets that are not given are made at preparation."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <PrimaryButton submit busy={form.formState.isSubmitting}>
            Add profile
          </PrimaryButton>
        </>
      }
    >
      <TypeField control={form.control} name="type" />
      <Columns>
        <Field control={form.control} name="iccid" label="ICCID" mono rules={{ validate: checked(parseIccid) }} />
        <Field control={form.control} name="imsi" label="IMSI" mono rules={{ validate: checked(parseImsi) }} />
        <Field control={form.control} name="msisdn" label="MSISDN (optional)" mono rules={{ validate: checked(parseMsisdn, true) }} />
      </Columns>
      <FileField label="Secrets file (optional)" accept=".csv,.json,.txt" file={secrets} onFile={setSecrets} help="Goes straight to the vault; the window does not read it." />
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}
