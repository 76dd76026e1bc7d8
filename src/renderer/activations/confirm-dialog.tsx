import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import FormControlLabel from '@mui/material/FormControlLabel';
import Switch from '@mui/material/Switch';
import { Controller, useForm } from 'react-hook-form';
import { contract } from '../../shared/contract/index.ts';
import type { OrderRow } from '../../shared/contract/orders.ts';
import { parseEid } from '../../shared/identifiers/index.ts';
import { useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { checked, Field, refusalToField } from '../design/form.tsx';
import { Note, ProblemNote } from '../design/states.tsx';
import { Identifier, Muted } from '../design/text.tsx';
import { ConfirmationFields, confirmationFrom, confirmationRefusals, emptyConfirmation, type Confirmation } from './confirmation-fields.tsx';

interface Values extends Confirmation {
  eid: string;
  smdsAddress: string;
  release: boolean;
}

const fields = { eid: 'eid', EID_INVALID: 'eid', EID_REQUIRED: 'eid', EID_MISMATCH: 'eid', smdsAddress: 'smdsAddress', SMDS_UNREACHABLE: 'smdsAddress', SMDS_REFUSED: 'smdsAddress', ...confirmationRefusals } as const;
const hostName = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/;

/** Gives a reserved order its MatchingID; nothing was handed out before. */
export function ConfirmOrderDialog({ order, onClose }: { readonly order: OrderRow; readonly onClose: () => void }): ReactElement {
  const form = useForm<Values>({ defaultValues: { ...emptyConfirmation, eid: order.eid ?? '', smdsAddress: '', release: true } });
  const confirm = useDeskCommand(contract.orders.confirm);
  const toasts = useToasts();
  const [refusal, setRefusal] = useState<unknown>();
  const [matching, eid, smds, release] = form.watch(['matching', 'eid', 'smdsAddress', 'release']);
  const needsEid = matching === 'empty' || smds.trim() !== '';
  const submit = async (v: Values): Promise<void> => {
    setRefusal(undefined);
    try {
      const made = await confirm.mutateAsync({
        orderId: order.orderId, ...(v.eid.trim() === '' ? {} : { eid: v.eid.replaceAll(/[\s-]+/g, '') }), ...(v.smdsAddress.trim() === '' ? {} : { smdsAddress: v.smdsAddress.trim() }), ...(await confirmationFrom(v)), release: v.release,
      });
      form.setValue('confirmationCode', '');
      toasts.done(v.release ? `Profile ${made.iccid} is confirmed and released` : `Profile ${made.iccid} is confirmed, not yet released`);
      onClose();
    } catch (error) {
      if (!refusalToField<Values>(error, fields, form.setError)) setRefusal(error);
    }
  };
  return (
    <DeskDialog
      title="Confirm order"
      onClose={onClose}
      width={660}
      onSubmit={(event) => void form.handleSubmit(submit)(event)}
      actions={
        <>
          <Button onClick={onClose}>Back</Button>
          <PrimaryButton submit busy={form.formState.isSubmitting}>
            {release ? 'Confirm and release' : 'Confirm'}
          </PrimaryButton>
        </>
      }
    >
      <Box sx={{ display: 'flex', gap: 2, alignItems: 'baseline', flexWrap: 'wrap' }}>
        <Identifier value={order.iccid} what="ICCID" group={4} /> <Muted>{order.type}</Muted>
      </Box>
      {order.brand !== undefined && <Note tone="info">{order.brand} ordered it and normally confirms it over ES2+; its system does not learn the MatchingID made here.</Note>}
      <Field control={form.control} name="eid" label={needsEid || order.eid !== undefined ? 'EID' : 'EID (optional)'} mono disabled={order.eid !== undefined} rules={{ validate: checked(parseEid, !needsEid) }} help={order.eid !== undefined ? 'The order is linked to this device.' : eid.trim() === '' ? 'Without it, the first device with the code gets the profile.' : 'Only this device can download the profile.'} />
      <ConfirmationFields control={form.control} watch={form.watch} />
      <Field control={form.control} name="smdsAddress" label="SM-DS (optional)" mono rules={{ validate: (v) => String(v).trim() === '' || hostName.test(String(v).trim()) || 'A host name such as lpa.ds.gsma.com' }} help="Tells the device by its EID that a profile waits. Asked when the order is released." />
      <Controller control={form.control} name="release" render={({ field }) => <FormControlLabel control={<Switch checked={field.value} onChange={field.onChange} size="small" />} label="Release now: devices can download it at once" sx={{ ml: '-4px', gap: '6px' }} />} />
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}
