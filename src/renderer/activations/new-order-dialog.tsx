import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useForm } from 'react-hook-form';
import { useNavigate } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import { parseEid, parseIccid } from '../../shared/identifiers/index.ts';
import { useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { checked, Field, refusalToField, TypeField } from '../design/form.tsx';
import { ProblemNote } from '../design/states.tsx';
import { ConfirmationFields, confirmationFrom, confirmationRefusals, emptyConfirmation, type Confirmation } from './confirmation-fields.tsx';
import { Choice } from './order-choice.tsx';

interface Values extends Confirmation {
  by: 'type' | 'iccid';
  type: string;
  iccid: string;
  eid: string;
  until: 'release' | 'confirm' | 'reserve';
}

const fields = {
  type: 'type', TYPE_UNKNOWN: 'type', STOCK_EMPTY: 'type', TYPE_MISMATCH: 'type', iccid: 'iccid', PROFILE_UNKNOWN: 'iccid', PROFILE_NOT_AVAILABLE: 'iccid', eid: 'eid', EID_INVALID: 'eid', EID_REQUIRED: 'eid', ...confirmationRefusals,
} as const;

const until = {
  release: { button: 'Order and release', meaning: 'Devices can download it at once.' },
  confirm: { button: 'Order', meaning: 'The activation code is made; devices can download after the release.' },
  reserve: { button: 'Reserve', meaning: 'The profile is kept for this order; MatchingID and code come with the confirmation.' },
} as const;

export function NewOrderDialog({ onClose, type, iccid }: { readonly onClose: () => void; readonly type?: string; readonly iccid?: string }): ReactElement {
  const form = useForm<Values>({ defaultValues: { by: iccid === undefined ? 'type' : 'iccid', type: type ?? '', iccid: iccid ?? '', eid: '', ...emptyConfirmation, until: 'release' } });
  const create = useDeskCommand(contract.orders.create);
  const reserve = useDeskCommand(contract.orders.reserve);
  const toasts = useToasts();
  const navigate = useNavigate();
  const [refusal, setRefusal] = useState<unknown>();
  const [by, matching, eid, then] = form.watch(['by', 'matching', 'eid', 'until']);
  const byEid = matching === 'empty' && then !== 'reserve';

  const submit = async (v: Values): Promise<void> => {
    setRefusal(undefined);
    const what = { ...(v.by === 'type' ? { type: v.type } : { iccid: v.iccid.trim() }), ...(v.eid.trim() === '' ? {} : { eid: v.eid.replaceAll(/[\s-]+/g, '') }) };
    try {
      const order = v.until === 'reserve' ? await reserve.mutateAsync(what) : await create.mutateAsync({ ...what, ...(await confirmationFrom(v)), release: v.until === 'release' });
      form.setValue('confirmationCode', '');
      toasts.done(v.until === 'release' ? `Profile ${order.iccid} is released for download` : v.until === 'confirm' ? `Profile ${order.iccid} is ordered, not yet released` : `Profile ${order.iccid} is reserved, not yet confirmed`);
      onClose();
      await navigate(`/activations/${encodeURIComponent(order.orderId)}`);
    } catch (error) {
      if (!refusalToField<Values>(error, fields, form.setError)) setRefusal(error);
    }
  };

  return (
    <DeskDialog
      title="New order"
      onClose={onClose}
      width={660}
      onSubmit={(event) => void form.handleSubmit(submit)(event)}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <PrimaryButton submit busy={form.formState.isSubmitting}>
            {until[then].button}
          </PrimaryButton>
        </>
      }
    >
      <Choice control={form.control} name="by" label="Order by" options={[['type', 'Any of a type'], ['iccid', 'One ICCID']]} />
      {by === 'type' ? <TypeField control={form.control} name="type" /> : <Field control={form.control} name="iccid" label="ICCID" mono autoFocus={iccid === undefined} rules={{ validate: checked(parseIccid) }} />}
      <Field control={form.control} name="eid" label={byEid ? 'EID' : 'EID (optional)'} mono rules={{ validate: checked(parseEid, !byEid) }} help={eid.trim() !== '' ? 'Only this device can download the profile.' : byEid ? undefined : then === 'reserve' ? 'It can still be given with the confirmation.' : 'Without it, the first device with the code gets the profile.'} />
      {then !== 'reserve' && <ConfirmationFields control={form.control} watch={form.watch} />}
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.75, flexWrap: 'wrap' }}>
        <Choice control={form.control} name="until" label="And then" options={[['release', 'Release it'], ['confirm', 'Hold it'], ['reserve', 'Only reserve']]} />
        <Box sx={(theme) => ({ color: theme.desk.muted, flex: 1, minWidth: 220 })}>{until[then].meaning}</Box>
      </Box>
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}
