import { useEffect, useState, type ReactElement } from 'react';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import { useForm } from 'react-hook-form';
import { contract } from '../../shared/contract/index.ts';
import { quarantineRules, type PolicyRow, type QuarantineRule } from '../../shared/contract/numbers.ts';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { asNumber, Columns, Field, refusalToField, wholeNumber } from '../design/form.tsx';
import { Note, ProblemNote } from '../design/states.tsx';
import { Identifier, Muted } from '../design/text.tsx';
import { msisdnSentence, quarantineWords, recyclingSentence } from '../numbers/number-words.ts';

const wording = {
  quarantine: { title: 'Quarantine profile', button: 'Quarantine', done: 'quarantined', note: 'It is taken out of sale. A profile that was never delivered can return later.', tone: 'info' },
  unquarantine: { title: 'Return profile to sale', button: 'Return to sale', done: 'returned to sale', note: 'It becomes sellable again.', tone: 'info' },
  retire: { title: 'Retire profile', button: 'Retire for good', done: 'retired', note: 'This cannot be undone: the profile ends and its secrets are erased. Type the last four digits of the ICCID to go on.', tone: 'warning' },
} as const;

interface Values {
  reason: string;
  digits: string;
  rule: QuarantineRule;
  days: string;
  afterwards: 'release' | 'retire';
}

const DAY = 86_400_000;

/** What the policy of its type says about what is done here. */
function policyWords(action: keyof typeof wording, policy: PolicyRow | undefined, delivered: boolean): string | undefined {
  if (policy === undefined) return undefined;
  if (action === 'retire') return `ICCID and IMSI are burnt for ever. The MSISDN: ${msisdnSentence(policy).toLowerCase()}.`;
  if (delivered) return 'Its package was delivered to a device: it can never be sold again, only retired.';
  return action === 'unquarantine' ? recyclingSentence(policy) : undefined;
}

export function ReasonDialog({ action, iccid, onClose }: { readonly action: keyof typeof wording; readonly iccid: string; readonly onClose: () => void }): ReactElement {
  const text = wording[action];
  const form = useForm<Values>({ defaultValues: { reason: '', digits: '', rule: 'manual', days: '30', afterwards: 'release' } });
  const run = useDeskCommand(contract.profiles[action]);
  const profile = useDesk(contract.profiles.show, { id: iccid }).data;
  const policy = useDesk(contract.numbers.policies, profile === undefined ? {} : { type: profile.type }, { enabled: profile !== undefined }).data?.rows[0];
  const delivered = profile?.deliveredAt !== undefined;
  const [rule, days, afterwards] = form.watch(['rule', 'days', 'afterwards']);
  // Until somebody chooses, the policy of the type does; and a delivered profile can only be retired.
  useEffect(() => {
    if (policy === undefined || form.getFieldState('rule').isDirty) return;
    form.setValue('rule', policy.quarantine);
    form.setValue('days', String(policy.quarantineDays));
    form.setValue('afterwards', delivered ? 'retire' : 'release');
  }, [policy, delivered, form]);
  const toasts = useToasts();
  const [refusal, setRefusal] = useState<unknown>();
  const tail = iccid.slice(-4);
  const submit = ({ reason }: Values): void => {
    setRefusal(undefined);
    const release = action === 'quarantine' && rule !== 'manual' ? { release: { rule, afterwards, until: Date.now() + asNumber(days) * DAY } } : {};
    run.mutate(
      { iccid, reason: reason.trim(), ...release },
      {
        onSuccess: () => {
          toasts.done(`Profile ${iccid} ${text.done}`);
          onClose();
        },
        onError: (error) => {
          if (!refusalToField<Values>(error, { reason: 'reason', 'release.until': 'days', DATE_INVALID: 'days' }, form.setError)) setRefusal(error);
        },
      },
    );
  };
  const said = policyWords(action, policy, delivered);
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
      <Note tone={text.tone}>{text.note}{said !== undefined && ` ${said}`}</Note>
      <Field control={form.control} name="reason" label="Reason" autoFocus multiline minRows={2} help="Goes into the audit log." rules={{ validate: (v) => (String(v).trim().length >= 3 && String(v).trim().length <= 200 ? true : 'Between 3 and 200 characters') }} />
      {action === 'quarantine' && (
        <Columns>
          <Field control={form.control} name="rule" label="It ends" select>
            {quarantineRules.map((one) => <MenuItem key={one} value={one}>{quarantineWords[one]}</MenuItem>)}
          </Field>
          {rule !== 'manual' && <Field control={form.control} name="days" label={rule === 'date' ? 'After so many days' : 'At the latest after so many days'} rules={{ validate: wholeNumber(1, 730) }} slotProps={{ htmlInput: { inputMode: 'numeric' } }} />}
          {rule !== 'manual' && (
            <Field control={form.control} name="afterwards" label="Then" select disabled={delivered} help={delivered ? 'Its package was delivered: it can only be retired.' : undefined}>
              <MenuItem value="release">It goes back to sale</MenuItem>
              <MenuItem value="retire">It is retired</MenuItem>
            </Field>
          )}
          {rule === 'manual' && <Muted>It stays until somebody releases it.</Muted>}
        </Columns>
      )}
      {action === 'retire' && <Field control={form.control} name="digits" label={`Last four digits (${tail})`} mono rules={{ validate: (v) => (v === tail ? true : `The ICCID ends with ${tail}`) }} />}
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}
