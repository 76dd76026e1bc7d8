import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import FormControlLabel from '@mui/material/FormControlLabel';
import Switch from '@mui/material/Switch';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { Controller, useForm } from 'react-hook-form';
import { useNavigate } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import { parseEid, parseIccid, parseMatchingId } from '../../shared/identifiers/index.ts';
import { upload } from '../app/client.ts';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { asNumber, checked, Columns, Field, refusalToField, TypeField, wholeNumber } from '../design/form.tsx';
import { plural } from '../design/formats.ts';
import { ProblemNote } from '../design/states.tsx';
import { expiryProblem } from './expiry.ts';

interface Values {
  by: 'type' | 'iccid';
  type: string;
  iccid: string;
  eid: string;
  matching: 'made' | 'given' | 'empty';
  matchingId: string;
  confirmationCode: string;
  expires: string;
  downloadLimit: string;
  release: boolean;
}

const fields = {
  type: 'type', TYPE_UNKNOWN: 'type', STOCK_EMPTY: 'type', TYPE_MISMATCH: 'type', iccid: 'iccid', PROFILE_UNKNOWN: 'iccid', PROFILE_NOT_AVAILABLE: 'iccid', eid: 'eid', EID_INVALID: 'eid', EID_REQUIRED: 'eid',
  matchingId: 'matchingId', MATCHING_ID_USED: 'matchingId', MATCHING_ID_WEAK: 'matchingId', expires: 'expires', EXPIRY_INVALID: 'expires', CONFIRMATION_CODE_INVALID: 'confirmationCode', confirmationCode: 'confirmationCode', downloadLimit: 'downloadLimit',
} as const;

export function NewOrderDialog({ onClose, type, iccid }: { readonly onClose: () => void; readonly type?: string; readonly iccid?: string }): ReactElement {
  const settings = useDesk(contract.workspace.settings, {});
  const lab = useDesk(contract.workspace.status, {}).data?.environment === 'lab';
  const form = useForm<Values>({
    defaultValues: { by: iccid === undefined ? 'type' : 'iccid', type: type ?? '', iccid: iccid ?? '', eid: '', matching: 'made', matchingId: '', confirmationCode: '', expires: '', downloadLimit: '', release: true },
  });
  const create = useDeskCommand(contract.orders.create);
  const toasts = useToasts();
  const navigate = useNavigate();
  const [refusal, setRefusal] = useState<unknown>();
  const [by, matching, eid] = form.watch(['by', 'matching', 'eid']);

  const submit = async (v: Values): Promise<void> => {
    setRefusal(undefined);
    try {
      const code = v.confirmationCode === '' ? undefined : await uploadSecret(v.confirmationCode);
      const matchingId = v.matching === 'made' ? undefined : v.matching === 'empty' ? '' : v.matchingId.trim();
      const order = await create.mutateAsync({
        ...(v.by === 'type' ? { type: v.type } : { iccid: v.iccid.trim() }),
        ...(v.eid.trim() === '' ? {} : { eid: v.eid.replaceAll(/[\s-]+/g, '') }),
        ...(matchingId === undefined ? {} : { matchingId }),
        ...(code === undefined ? {} : { confirmationCode: code }),
        ...(v.expires.trim() === '' ? {} : { expires: v.expires.trim() }),
        ...(v.downloadLimit.trim() === '' ? {} : { downloadLimit: asNumber(v.downloadLimit) }),
        release: v.release,
      });
      form.setValue('confirmationCode', '');
      toasts.done(v.release ? `Profile ${order.iccid} is released for download` : `Profile ${order.iccid} is ordered, not yet released`);
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
            {form.watch('release') ? 'Order and release' : 'Order'}
          </PrimaryButton>
        </>
      }
    >
      <Choice control={form.control} name="by" label="Order by" options={[['type', 'Any of a type'], ['iccid', 'One ICCID']]} />
      {by === 'type' ? <TypeField control={form.control} name="type" /> : <Field control={form.control} name="iccid" label="ICCID" mono autoFocus={iccid === undefined} rules={{ validate: checked(parseIccid) }} />}
      <Field control={form.control} name="eid" label={matching === 'empty' ? 'EID' : 'EID (optional)'} mono rules={{ validate: checked(parseEid, matching !== 'empty') }} help={eid.trim() === '' && matching !== 'empty' ? 'Without it, the first device with the code gets the profile.' : 'Only this device can download the profile.'} />
      <Box sx={{ display: 'grid', gridTemplateColumns: 'auto minmax(0, 1fr)', gap: 1.75, alignItems: 'start' }}>
        <Choice control={form.control} name="matching" label="MatchingID" options={[['made', 'Generated'], ['given', 'Given'], ['empty', 'Empty, by EID']]} />
        {matching === 'given' ? <Field control={form.control} name="matchingId" label="MatchingID" mono rules={{ required: 'Give it or have it generated', validate: checked(parseMatchingId) }} /> : <Box sx={(theme) => ({ color: theme.desk.muted, alignSelf: 'center' })}>{matching === 'made' ? 'Unguessable, 100 bits.' : 'The device is recognised by its EID alone.'}</Box>}
      </Box>
      <Columns count={3}>
        <Field control={form.control} name="confirmationCode" label="Confirmation code" type="password" help="Optional; the user types it in." slotProps={{ htmlInput: { autoComplete: 'new-password', maxLength: 255 } }} />
        <Field control={form.control} name="expires" label="Expires" placeholder={settings.data === undefined ? '' : `${settings.data.orderLifetimeDays}d`} rules={{ validate: (v) => expiryProblem(String(v), Date.now()) ?? true }} help={settings.data === undefined ? 'Such as 30d or 12h.' : `Empty: ${plural(settings.data.orderLifetimeDays, 'day')}.`} slotProps={{ inputLabel: { shrink: true } }} />
        <Field control={form.control} name="downloadLimit" label="Download attempts" placeholder={String(settings.data?.downloadLimit ?? '')} rules={{ validate: (v) => (String(v).trim() === '' ? true : wholeNumber(lab ? 0 : 1, 1000)(v)) }} help={settings.data === undefined ? '' : `Empty: ${settings.data.downloadLimit}.${lab ? ' 0: no download, for tests.' : ''}`} slotProps={{ inputLabel: { shrink: true }, htmlInput: { inputMode: 'numeric' } }} />
      </Columns>
      <Controller control={form.control} name="release" render={({ field }) => <FormControlLabel control={<Switch checked={field.value} onChange={field.onChange} size="small" />} label="Release now: devices can download it at once" sx={{ ml: '-4px', gap: '6px' }} />} />
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}

/** The code leaves as bytes beside the contract; the window's own copy is overwritten. */
async function uploadSecret(text: string): Promise<string> {
  const secret = new TextEncoder().encode(text);
  try {
    return await upload(secret);
  } finally {
    secret.fill(0);
  }
}

function Choice<N extends 'by' | 'matching'>({ control, name, label, options }: { readonly control: ReturnType<typeof useForm<Values>>['control']; readonly name: N; readonly label: string; readonly options: readonly (readonly [Values[N], string])[] }): ReactElement {
  return (
    <Controller
      control={control}
      name={name}
      render={({ field }) => (
        <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5 }}>
        <Box component="span" aria-hidden sx={(theme) => ({ color: theme.desk.muted })}>{label}</Box>
        <ToggleButtonGroup exclusive size="small" value={field.value} aria-label={label} onChange={(_, next: string | null) => next !== null && field.onChange(next)}>
          {options.map(([value, text]) => (
            <ToggleButton key={value} value={value} sx={{ px: '12px', py: '4px', textTransform: 'none' }}>
              {text}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
        </Box>
      )}
    />
  );
}
