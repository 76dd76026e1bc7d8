/** Adding a block, setting marks and policies, turning a proposal down. */
import { useState, type ReactElement } from 'react';
import Button from '@mui/material/Button';
import FormControlLabel from '@mui/material/FormControlLabel';
import MenuItem from '@mui/material/MenuItem';
import Switch from '@mui/material/Switch';
import { Controller, useForm } from 'react-hook-form';
import { contract } from '../../shared/contract/index.ts';
import { numberKinds, numberSources, quarantineRules, recyclingRules, type LevelRow, type NumberKind, type NumberSource, type PolicyRow, type ProposalRow, type QuarantineRule, type RecyclingRule } from '../../shared/contract/numbers.ts';
import { parseIccid, parseImsi, parseMsisdn } from '../../shared/identifiers/index.ts';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { asNumber, checked, Columns, Field, refusalToField, wholeNumber } from '../design/form.tsx';
import { count, plural } from '../design/formats.ts';
import { Note, ProblemNote } from '../design/states.tsx';
import { kindName, perDay, quarantineWords, recyclingWords, sourceName } from './number-words.ts';

const numeric = { htmlInput: { inputMode: 'numeric' } } as const;
const DAY = 86_400_000;

interface BlockValues { kind: NumberKind; first: string; count: string; owner: string; type: string; source: NumberSource; note: string }
const parsers = { iccid: parseIccid, imsi: parseImsi, msisdn: parseMsisdn } as const;

export function AddBlockDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const form = useForm<BlockValues>({ defaultValues: { kind: 'iccid', first: '', count: '10,000', owner: '', type: '', source: 'own', note: '' } });
  const add = useDeskCommand(contract.numbers.add);
  const brands = useDesk(contract.brands.list, {}).data?.rows ?? [];
  const types = useDesk(contract.types.list, {}).data?.rows ?? [];
  const toasts = useToasts();
  const [refusal, setRefusal] = useState<unknown>();
  const kind = form.watch('kind');
  const submit = (v: BlockValues): void => {
    setRefusal(undefined);
    add.mutate({
      kind: v.kind, first: v.first.replaceAll(/[\s-]/g, ''), count: asNumber(v.count), source: v.source,
      ...(v.owner === '' ? {} : { owner: v.owner }), ...(v.type === '' ? {} : { type: v.type }), ...(v.note.trim() === '' ? {} : { note: v.note.trim() }),
    }, {
      onSuccess: (block) => { toasts.done(`${plural(block.count, kindName[block.kind])} from ${block.first} are in the ledger`); onClose(); },
      onError: (error) => { if (!refusalToField<BlockValues>(error, { first: 'first', count: 'count', owner: 'owner', type: 'type', BLOCK_OVERLAPS: 'first', BLOCK_INVALID: 'first' }, form.setError)) setRefusal(error); },
    });
  };
  return (
    <DeskDialog title="Add block of numbers" width={600} onClose={onClose} onSubmit={(event) => void form.handleSubmit(submit)(event)} actions={<><Button onClick={onClose}>Cancel</Button><PrimaryButton submit busy={add.isPending}>Add block</PrimaryButton></>}>
      <Note tone="info">A block keeps account of whose numbers these are. To prepare profiles from new numbers, add a number range: it makes its blocks by itself.</Note>
      <Columns>
        <Field control={form.control} name="kind" label="Numbers" select autoFocus>{numberKinds.map((one) => <MenuItem key={one} value={one}>{kindName[one]}s</MenuItem>)}</Field>
        <Field control={form.control} name="source" label="Source" select>{numberSources.filter((one) => one !== 'entitlement').map((one) => <MenuItem key={one} value={one}>{sourceName[one]}</MenuItem>)}</Field>
        <Field control={form.control} name="first" label={`First ${kindName[kind]}`} mono rules={{ validate: (v, all) => checked(parsers[all.kind])(v) }} help={kind === 'iccid' ? '18 digits without its check digit, 19 with it, or 20 as they are.' : kind === 'msisdn' ? 'With its country code.' : undefined} />
        <Field control={form.control} name="count" label="How many" rules={{ validate: wholeNumber(1, 1_000_000_000_000) }} slotProps={numeric} />
        <Field control={form.control} name="owner" label="Owner" select slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }} help={kind === 'iccid' ? 'A brand\'s ICCIDs are its entitlement.' : undefined}>
          <MenuItem value="">The operator</MenuItem>
          {brands.map((brand) => <MenuItem key={brand.name} value={brand.name}>{brand.name}</MenuItem>)}
        </Field>
        <Field control={form.control} name="type" label="Profile type" select slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}>
          <MenuItem value="">Any</MenuItem>
          {types.map((type) => <MenuItem key={type.name} value={type.name}>{type.name}</MenuItem>)}
        </Field>
      </Columns>
      <Field control={form.control} name="note" label="Note (optional)" slotProps={{ htmlInput: { maxLength: 200 } }} />
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}

interface LevelValues { low: string; target: string; leadDays: string; coverDays: string; auto: boolean }
const optional = (most: number) => (v: unknown): true | string => (String(v ?? '').trim() === '' ? true : wholeNumber(0, most)(v));
const orNull = (text: string): number | null => (text.trim() === '' ? null : asNumber(text));

export function LevelDialog({ row, onClose }: { readonly row: LevelRow; readonly onClose: () => void }): ReactElement {
  const { marks } = row;
  const form = useForm<LevelValues>({ defaultValues: { low: marks.low === null ? '' : count(marks.low), target: marks.target === null ? '' : count(marks.target), leadDays: String(marks.leadDays), coverDays: String(marks.coverDays), auto: marks.auto } });
  const set = useDeskCommand(contract.levels.set);
  const toasts = useToasts();
  const [refusal, setRefusal] = useState<unknown>();
  const lead = Number(form.watch('leadDays')) || 0;
  const submit = (v: LevelValues): void => {
    setRefusal(undefined);
    set.mutate({ type: row.type, marks: { low: orNull(v.low), target: orNull(v.target), leadDays: asNumber(v.leadDays), coverDays: asNumber(v.coverDays), auto: v.auto } }, {
      onSuccess: () => { toasts.done(`Marks of ${row.type} set`); onClose(); },
      onError: (error) => { if (!refusalToField<LevelValues>(error, { 'marks.target': 'target', LEVEL_INVALID: 'target' }, form.setError)) setRefusal(error); },
    });
  };
  return (
    <DeskDialog title={`Marks of ${row.type}`} width={560} onClose={onClose} onSubmit={(event) => void form.handleSubmit(submit)(event)} actions={<><Button onClick={onClose}>Cancel</Button><PrimaryButton submit busy={set.isPending}>Set marks</PrimaryButton></>}>
      <Note tone="info">{row.text} {row.forecast.rate > 0 && `At ${perDay(row.forecast.rate)} a day, ${plural(lead, 'day')} of lead time ${lead === 1 ? 'is' : 'are'} ${plural(Math.ceil(row.forecast.rate * lead), 'profile')}.`}</Note>
      <Columns>
        <Field control={form.control} name="low" label="Low-water mark (optional)" autoFocus rules={{ validate: optional(100_000_000) }} slotProps={numeric} help="Fewer sellable profiles than this make a proposal." />
        <Field control={form.control} name="target" label="Fill up to (optional)" rules={{ validate: (v) => (String(v ?? '').trim() === '' ? true : wholeNumber(1, 100_000_000)(v)) }} slotProps={numeric} help="Left empty: enough for the days of cover." />
        <Field control={form.control} name="leadDays" label="Lead time in days" rules={{ validate: wholeNumber(0, 365) }} slotProps={numeric} help="From deciding until they can be sold." />
        <Field control={form.control} name="coverDays" label="Days of cover" rules={{ validate: wholeNumber(1, 730) }} slotProps={numeric} help="How long the stock shall last then." />
      </Columns>
      <Controller control={form.control} name="auto" render={({ field }) => <FormControlLabel control={<Switch checked={field.value} onChange={(_, on) => field.onChange(on)} slotProps={{ input: { ref: field.ref } }} />} label="Start the preparation without asking" />} />
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}

interface DismissValues { reason: string; days: string }
const putOff = [['', 'Turn it down'], ['1', 'Until tomorrow'], ['3', 'For 3 days'], ['7', 'For a week'], ['14', 'For two weeks']] as const;

export function DismissDialog({ proposal, onClose }: { readonly proposal: ProposalRow; readonly onClose: () => void }): ReactElement {
  const form = useForm<DismissValues>({ defaultValues: { reason: '', days: '7' } });
  const dismiss = useDeskCommand(contract.levels.dismiss);
  const toasts = useToasts();
  const [refusal, setRefusal] = useState<unknown>();
  const days = form.watch('days');
  const submit = (v: DismissValues): void => dismiss.mutate({ id: proposal.id, reason: v.reason.trim(), ...(v.days === '' ? {} : { until: Date.now() + Number(v.days) * DAY }) }, {
    onSuccess: () => { toasts.done(v.days === '' ? 'Proposal turned down' : 'Proposal put off'); onClose(); }, onError: setRefusal,
  });
  return (
    <DeskDialog title={`Not prepare ${count(proposal.quantity)} of ${proposal.type} now`} width={500} onClose={onClose} onSubmit={(event) => void form.handleSubmit(submit)(event)} actions={<><Button onClick={onClose}>Cancel</Button><PrimaryButton submit busy={dismiss.isPending}>{days === '' ? 'Turn down' : 'Put off'}</PrimaryButton></>}>
      <Field control={form.control} name="days" label="Come back to it" select slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }} help={days === '' ? 'Another proposal is made in a week, when the marks change, or when nothing is left.' : undefined}>
        {putOff.map(([value, name]) => <MenuItem key={value} value={value}>{name}</MenuItem>)}
      </Field>
      <Field control={form.control} name="reason" label="Reason" autoFocus multiline minRows={2} help="Goes into the audit log." rules={{ validate: (v) => (String(v).trim().length >= 3 && String(v).trim().length <= 200 ? true : 'Between 3 and 200 characters') }} />
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}

interface PolicyValues { recycling: RecyclingRule; coolingDays: string; msisdn: 'burn' | 'reuse'; msisdnDays: string; quarantine: QuarantineRule; quarantineDays: string }

export function PolicyDialog({ policy, onClose }: { readonly policy: PolicyRow; readonly onClose: () => void }): ReactElement {
  const form = useForm<PolicyValues>({ defaultValues: { recycling: policy.recycling, coolingDays: String(policy.coolingDays), msisdn: policy.msisdn, msisdnDays: String(policy.msisdnDays), quarantine: policy.quarantine, quarantineDays: String(policy.quarantineDays) } });
  const set = useDeskCommand(contract.numbers.setPolicy);
  const toasts = useToasts();
  const [refusal, setRefusal] = useState<unknown>();
  const [recycling, msisdn, quarantine] = form.watch(['recycling', 'msisdn', 'quarantine']);
  const submit = (v: PolicyValues): void => set.mutate({ type: policy.type, recycling: v.recycling, coolingDays: asNumber(v.coolingDays), msisdn: v.msisdn, msisdnDays: asNumber(v.msisdnDays), quarantine: v.quarantine, quarantineDays: asNumber(v.quarantineDays) }, {
    onSuccess: () => { toasts.done(`Policy of ${policy.type} changed`); onClose(); }, onError: setRefusal,
  });
  return (
    <DeskDialog title={`Policy of ${policy.type}`} width={580} onClose={onClose} onSubmit={(event) => void form.handleSubmit(submit)(event)} note="Counts for what happens from now on." actions={<><Button onClick={onClose}>Cancel</Button><PrimaryButton submit busy={set.isPending}>Change policy</PrimaryButton></>}>
      <Field control={form.control} name="recycling" label="A profile is sold again" select autoFocus help="Never when its package was delivered to a device, whatever is chosen here.">
        {recyclingRules.map((one) => <MenuItem key={one} value={one}>{recyclingWords[one]}</MenuItem>)}
      </Field>
      {recycling === 'cooling-off' && <Field control={form.control} name="coolingDays" label="Days of cooling off" rules={{ validate: wholeNumber(1, 3650) }} slotProps={numeric} />}
      <Field control={form.control} name="msisdn" label="MSISDN of a retired profile" select help="ICCID and IMSI are burnt in any case.">
        <MenuItem value="burn">Burns with it</MenuItem>
        <MenuItem value="reuse">Serves again after some days</MenuItem>
      </Field>
      {msisdn === 'reuse' && <Field control={form.control} name="msisdnDays" label="Days until the MSISDN serves again" rules={{ validate: wholeNumber(0, 3650) }} slotProps={numeric} />}
      <Field control={form.control} name="quarantine" label="A quarantine ends, unless told otherwise" select>
        {quarantineRules.map((one) => <MenuItem key={one} value={one}>{quarantineWords[one]}</MenuItem>)}
      </Field>
      {quarantine !== 'manual' && <Field control={form.control} name="quarantineDays" label={quarantine === 'date' ? 'Days until then' : 'Days to wait at most'} rules={{ validate: wholeNumber(1, 3650) }} slotProps={numeric} />}
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}
