/** What confirming an order asks for: how the device names it, a code for the user, how long and how often. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import type { Control, FieldPath, UseFormWatch } from 'react-hook-form';
import { contract } from '../../shared/contract/index.ts';
import { parseMatchingId } from '../../shared/identifiers/index.ts';
import { useDesk } from '../app/queries.ts';
import { asNumber, checked, Columns, Field, wholeNumber } from '../design/form.tsx';
import { plural } from '../design/formats.ts';
import { expiryProblem } from './expiry.ts';
import { Choice } from './order-choice.tsx';
import { uploadSecret } from './secret.ts';

export interface Confirmation {
  matching: 'made' | 'given' | 'empty';
  matchingId: string;
  confirmationCode: string;
  expires: string;
  downloadLimit: string;
}

export const emptyConfirmation: Confirmation = { matching: 'made', matchingId: '', confirmationCode: '', expires: '', downloadLimit: '' };

/** Refusals of the engine and the fields they belong to. */
export const confirmationRefusals = {
  matchingId: 'matchingId', MATCHING_ID_USED: 'matchingId', MATCHING_ID_WEAK: 'matchingId', MATCHING_ID_INVALID: 'matchingId', expires: 'expires', EXPIRY_INVALID: 'expires',
  CONFIRMATION_CODE_INVALID: 'confirmationCode', confirmationCode: 'confirmationCode', downloadLimit: 'downloadLimit',
} as const;

/** The part of an input these fields stand for; the code is uploaded, never part of the input itself. */
export async function confirmationFrom(v: Confirmation): Promise<{ matchingId?: string; confirmationCode?: string; expires?: string; downloadLimit?: number }> {
  const code = v.confirmationCode === '' ? undefined : await uploadSecret(v.confirmationCode);
  const matchingId = v.matching === 'made' ? undefined : v.matching === 'empty' ? '' : v.matchingId.trim();
  return {
    ...(matchingId === undefined ? {} : { matchingId }), ...(code === undefined ? {} : { confirmationCode: code }), ...(v.expires.trim() === '' ? {} : { expires: v.expires.trim() }),
    ...(v.downloadLimit.trim() === '' ? {} : { downloadLimit: asNumber(v.downloadLimit) }),
  };
}

export function ConfirmationFields<V extends Confirmation>({ control, watch }: { readonly control: Control<V>; readonly watch: UseFormWatch<V> }): ReactElement {
  const settings = useDesk(contract.workspace.settings, {});
  const lab = useDesk(contract.workspace.status, {}).data?.environment === 'lab';
  const name = (key: keyof Confirmation): FieldPath<V> => key as FieldPath<V>;
  const matching = watch(name('matching')) as Confirmation['matching'];
  return (
    <>
      <Box sx={{ display: 'grid', gridTemplateColumns: 'auto minmax(0, 1fr)', gap: 1.75, alignItems: 'start' }}>
        <Choice control={control} name={name('matching')} label="MatchingID" options={[['made', 'Generated'], ['given', 'Given'], ['empty', 'Empty, by EID']]} />
        {matching === 'given' ? <Field control={control} name={name('matchingId')} label="MatchingID" mono rules={{ required: 'Give it or have it generated', validate: checked(parseMatchingId) }} /> : <Box sx={(theme) => ({ color: theme.desk.muted, alignSelf: 'center' })}>{matching === 'made' ? 'Unguessable, 100 bits.' : 'The device is recognised by its EID alone.'}</Box>}
      </Box>
      <Columns count={3}>
        <Field control={control} name={name('confirmationCode')} label="Confirmation code" type="password" help="Optional; the user types it in." slotProps={{ htmlInput: { autoComplete: 'new-password', maxLength: 255 } }} />
        <Field control={control} name={name('expires')} label="Expires" placeholder={settings.data === undefined ? '' : `${settings.data.orderLifetimeDays}d`} rules={{ validate: (v) => expiryProblem(String(v), Date.now()) ?? true }} help={settings.data === undefined ? 'Such as 30d or 12h.' : `Empty: ${plural(settings.data.orderLifetimeDays, 'day')}.`} slotProps={{ inputLabel: { shrink: true } }} />
        <Field control={control} name={name('downloadLimit')} label="Download attempts" placeholder={String(settings.data?.downloadLimit ?? '')} rules={{ validate: (v) => (String(v).trim() === '' ? true : wholeNumber(lab ? 0 : 1, 1000)(v)) }} help={settings.data === undefined ? '' : `Empty: ${settings.data.downloadLimit}.${lab ? ' 0: no download, for tests.' : ''}`} slotProps={{ inputLabel: { shrink: true }, htmlInput: { inputMode: 'numeric' } }} />
      </Columns>
    </>
  );
}
