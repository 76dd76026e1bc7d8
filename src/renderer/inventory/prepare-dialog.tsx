import type { ReactElement } from 'react';
import Button from '@mui/material/Button';
import { useForm, useWatch } from 'react-hook-form';
import { contract } from '../../shared/contract/index.ts';
import { call } from '../app/client.ts';
import { useDesk } from '../app/queries.ts';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { asNumber, Field, TypeField, wholeNumber } from '../design/form.tsx';
import { count } from '../design/formats.ts';
import { Note, ProblemNote } from '../design/states.tsx';
import { useJobStart } from './job-start.tsx';
import { preparePlan } from './prepare-plan.ts';

export function PrepareDialog({ onClose, type }: { readonly onClose: () => void; readonly type?: string }): ReactElement {
  const form = useForm({ defaultValues: { type: type ?? '', count: '100' } });
  const job = useJobStart();
  const types = useDesk(contract.types.list, {});
  const ranges = useDesk(contract.stock.ranges, {});
  const chosen = useWatch({ control: form.control, name: 'type' });
  const wanted = asNumber(useWatch({ control: form.control, name: 'count' }));
  const row = types.data?.rows.find((t) => t.name === chosen);
  const plan = row === undefined || !Number.isInteger(wanted) || wanted < 1 ? undefined : preparePlan(wanted, row.stock.imported, (ranges.data?.rows ?? []).filter((r) => r.type === chosen).reduce((sum, r) => sum + r.count - r.used, 0));
  return (
    <DeskDialog
      title="Prepare profiles"
      onClose={onClose}
      onSubmit={(event) => void form.handleSubmit((v) => job.run(() => call(contract.stock.prepare, { type: v.type, count: asNumber(v.count) })))(event)}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <PrimaryButton submit busy={job.busy} disabled={plan !== undefined && plan.short > 0}>
            Prepare
          </PrimaryButton>
        </>
      }
      note="Runs as a job: it can be paused, goes on after a restart, and what is done stays done."
    >
      <TypeField control={form.control} name="type" show="imported" />
      <Field control={form.control} name="count" label="How many" rules={{ validate: wholeNumber(1, 1_000_000) }} slotProps={{ htmlInput: { inputMode: 'numeric' } }} />
      {plan !== undefined && (
        <Note tone={plan.short > 0 ? 'warning' : 'info'}>
          {plan.short > 0
            ? `Short by ${count(plan.short)}: ${count(plan.fromStock)} are imported and ${count(plan.fromRanges)} are left in number ranges. Import stock, add a range, or prepare ${count(plan.fromStock + plan.fromRanges)}.`
            : `${count(plan.fromStock)} from imported stock${plan.fromRanges > 0 ? `, ${count(plan.fromRanges)} new from number ranges` : ''}.`}
        </Note>
      )}
      <ProblemNote error={job.error} />
    </DeskDialog>
  );
}
