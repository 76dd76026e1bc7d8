/** A new batch: what is wanted on the left, what would be taken and what stands in the way on the right, before anything starts. */
import { useEffect, useMemo, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { useNavigate, useSearchParams } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import { imports } from '../../shared/contract/imports.ts';
import { outputs, preparation, type PreparationPlan } from '../../shared/contract/preparation.ts';
import { problemOf } from '../app/client.ts';
import { useDesk, useDeskCommand, useSettled } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { BackLink, useEscapeTo } from '../design/back.tsx';
import { PrimaryButton } from '../design/dialog.tsx';
import { DateField } from '../design/date-field.tsx';
import { asNumber } from '../design/form-numbers.ts';
import { count, plural } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { LoseGuard } from '../design/lose-guard.tsx';
import { Page, PageHeader, Panel } from '../design/panel.tsx';
import { LoadingRows, ProblemNote } from '../design/states.tsx';
import { Muted } from '../design/text.tsx';
import { formFrom, formOf, formProblems, planOf, type BatchForm } from './batch-words.ts';
import { PreviewPanels } from './preview-panels.tsx';

export function NewBatchScreen(): ReactElement {
  const [params] = useSearchParams();
  const draft = params.get('draft') ?? undefined;
  const kept = useDesk(preparation.show, { id: draft ?? '' }, { enabled: draft !== undefined });
  if (draft !== undefined && kept.data === undefined && !kept.isError) return <Page><LoadingRows rows={8} /></Page>;
  return <NewBatch key={draft ?? 'new'} start={kept.data === undefined ? formFrom(params) : formOf(kept.data)} draft={kept.data === undefined ? undefined : draft} />;
}

function NewBatch({ start, draft }: { readonly start: BatchForm; readonly draft: string | undefined }): ReactElement {
  const [form, setForm] = useState(start);
  const [tried, setTried] = useState(false);
  const [left, setLeft] = useState(false);
  const [refusal, setRefusal] = useState<unknown>();
  const navigate = useNavigate();
  const toasts = useToasts();
  useEscapeTo('/preparation');
  const problems = formProblems(form);
  const plan = useMemo(() => planOf(form), [form]);
  const settled = useSettled(plan, 300);
  // A draft's own name is not taken: it is left out of the question, which knows of no draft.
  const asked = useMemo(() => (settled === undefined ? { type: 'none', count: 1 } : draft !== undefined && settled.reference === start.reference ? withoutReference(settled) : settled), [settled, draft, start.reference]);
  const begin = useDeskCommand(preparation.start);
  // While it starts nothing is asked any more: its own name and numbers would stand in its way.
  const preview = useDesk(preparation.preview, asked, { enabled: settled !== undefined && !begin.isPending && !left, keepPrevious: true });
  const save = useDeskCommand(preparation.saveDraft);
  const types = useDesk(contract.types.list, {});
  const refused = problemOf(preview.error ?? undefined);
  const change = (more: Partial<BatchForm>): void => {
    setRefusal(undefined);
    setForm((before) => ({ ...before, ...more }));
  };
  // With one type only there is nothing to choose.
  const only = types.data?.rows.length === 1 ? types.data.rows[0]?.name : undefined;
  useEffect(() => {
    if (only !== undefined) setForm((before) => (before.type === '' ? { ...before, type: only } : before));
  }, [only]);
  const current = settled === plan ? preview.data : undefined;
  const blocked = plan === undefined ? undefined : preview.isError ? refused.message : current !== undefined && !current.ready ? 'Something stands in the way: see the checks.' : undefined;
  // Away from the form before the guard could take it for unsaved.
  useEffect(() => {
    if (left) void navigate(leftTo.current);
  }, [left, navigate]);
  const leftTo = useMemo(() => ({ current: '/preparation' }), []);
  const leave = (to: string): void => {
    leftTo.current = to;
    setLeft(true);
  };
  const run = (): void => {
    setTried(true);
    if (plan === undefined) return;
    begin.mutate({ plan, ...(draft === undefined ? {} : { draft }) }, { onSuccess: (made) => leave(`/preparation/${made.batch.id}`), onError: setRefusal });
  };
  const keep = (): void => {
    setTried(true);
    if (plan === undefined) return;
    save.mutate({ plan, ...(draft === undefined ? {} : { id: draft }) }, {
      onSuccess: (batch) => {
        toasts.done(`${batch.reference} kept as a draft`);
        leave('/preparation');
      },
      onError: setRefusal,
    });
  };
  const changed = !left && JSON.stringify(form) !== JSON.stringify({ ...start, type: start.type === '' && only !== undefined ? only : start.type });
  return (
    <Box sx={{ height: '100%', display: 'flex', flexDirection: 'column', minHeight: 0 }}>
      <LoseGuard when={changed} what="The batch is neither started nor kept as a draft; leaving loses what was entered." />
      <Box sx={{ flex: 1, minHeight: 0 }}>
        <Page>
          <BackLink to="/preparation">Preparation</BackLink>
          <PageHeader title={draft === undefined ? 'New batch' : `Draft ${form.reference}`} />
          <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 5fr) minmax(0, 6fr)', gap: 2, alignItems: 'start', '@media (max-width: 900px)': { gridTemplateColumns: 'minmax(0, 1fr)' } }}>
            <Box component="form" id="new-batch" onSubmit={(event) => { event.preventDefault(); run(); }} sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
              <What form={form} problems={tried ? problems : {}} onChange={change} />
              <About form={form} problems={tried ? problems : {}} onChange={change} />
              <Outputs form={form} onChange={change} />
            </Box>
            <PreviewPanels preview={preview.data === undefined || form.reference.trim() === '' ? preview.data : { ...preview.data, reference: form.reference.trim() }} stale={preview.isFetching || settled !== plan} incomplete={plan !== undefined ? undefined : problems.type === undefined && problems.count === undefined ? 'The due date is no date yet.' : 'Choose a profile type and how many.'} error={preview.isError ? preview.error : undefined} onCount={(n) => change({ count: count(n) })} />
          </Box>
        </Page>
      </Box>
      <Box component="section" aria-label="Start" sx={(theme) => ({ display: 'flex', alignItems: 'center', gap: 1.5, p: '8px 20px', borderTop: `1px solid ${theme.desk.line}`, background: theme.desk.surface, minHeight: 48 })}>
        <Box sx={{ flex: 1, minWidth: 0 }} role="status" aria-live="polite">
          {refusal !== undefined ? <ProblemNote error={refusal} /> : <Muted>{blocked ?? 'It runs as a job: it can be paused, goes on after a restart, and what is done stays done.'}</Muted>}
        </Box>
        <Button variant="outlined" disabled={save.isPending} onClick={keep}>
          {draft === undefined ? 'Keep as draft' : 'Keep the draft'}
        </Button>
        <PrimaryButton busy={begin.isPending} disabled={blocked !== undefined} onClick={run}>
          {plan === undefined ? 'Prepare' : `Prepare ${plural(plan.count, 'profile')}`}
        </PrimaryButton>
      </Box>
    </Box>
  );
}

function withoutReference({ reference: _reference, ...rest }: PreparationPlan): PreparationPlan {
  return rest;
}

interface PartProps {
  readonly form: BatchForm;
  readonly problems: ReturnType<typeof formProblems>;
  readonly onChange: (more: Partial<BatchForm>) => void;
}

function What({ form, problems, onChange }: PartProps): ReactElement {
  const types = useDesk(contract.types.list, {});
  const ranges = useDesk(contract.stock.ranges, {}, { enabled: form.source !== 'stock' });
  const files = useDesk(imports.list, { limit: 200 }, { enabled: form.source !== 'ranges' });
  const rows = types.data?.rows ?? [];
  const mine = (ranges.data?.rows ?? []).filter((range) => range.type === form.type);
  const done = (files.data?.rows ?? []).filter((file) => file.state === 'done' && file.reference !== undefined && (file.type === undefined || file.type === form.type));
  return (
    <Panel title="What to prepare">
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.75, pt: '6px' }}>
        <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 3fr) minmax(0, 2fr)', gap: 1.75 }}>
          <TextField select label="Profile type" required value={rows.some((type) => type.name === form.type) ? form.type : ''} onChange={(event) => onChange({ type: event.target.value, range: '', import: form.import })} error={problems.type !== undefined} slotProps={{ select: { renderValue: (value) => String(value) } }} helperText={problems.type ?? (types.data !== undefined && rows.length === 0 ? <>There is none yet. <TextLink to="/templates/types">Create one</TextLink></> : undefined)}>
            {rows.map((type) => (
              <MenuItem key={type.name} value={type.name} sx={{ display: 'flex', justifyContent: 'space-between', gap: 2 }}>
                {type.name}
                <Box component="span" sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', ml: 2 })}>{count(type.stock.imported)} imported, {count(type.stock.sellable)} sellable</Box>
              </MenuItem>
            ))}
          </TextField>
          <TextField label="How many" required value={form.count} onChange={(event) => onChange({ count: event.target.value })} onBlur={() => { const n = asNumber(form.count); if (Number.isInteger(n) && n > 0) onChange({ count: count(n) }); }} error={problems.count !== undefined} helperText={problems.count} slotProps={{ htmlInput: { inputMode: 'numeric', autoComplete: 'off' } }} />
        </Box>
        <Box>
          <Box id="batch-source" sx={{ fontWeight: 500, mb: '6px' }}>Taken from</Box>
          <ToggleButtonGroup exclusive size="small" value={form.source} aria-labelledby="batch-source" onChange={(_, next: BatchForm['source'] | null) => next !== null && onChange({ source: next })}>
            <ToggleButton value="both" sx={source}>Both</ToggleButton>
            <ToggleButton value="stock" sx={source}>Imported stock</ToggleButton>
            <ToggleButton value="ranges" sx={source}>Number ranges</ToggleButton>
          </ToggleButtonGroup>
          <Box sx={{ mt: '6px' }}><Muted>{sourceMeanings[form.source]}</Muted></Box>
        </Box>
        {form.source !== 'ranges' && (
          <TextField select label="Only from this import (optional)" value={done.some((file) => file.reference === form.import) ? form.import : ''} onChange={(event) => onChange({ import: event.target.value })} slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}>
            <MenuItem value="">Any import</MenuItem>
            {done.map((file) => <MenuItem key={file.id} value={file.reference}>{file.fileName} <Box component="span" sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', ml: 1 })}>{file.reference} {count(file.accepted)} imported</Box></MenuItem>)}
          </TextField>
        )}
        {form.source !== 'stock' && (
          <TextField select label="Only from this range (optional)" value={mine.some((range) => range.id === form.range) ? form.range : ''} onChange={(event) => onChange({ range: event.target.value })} slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}>
            <MenuItem value="">Any range of the type</MenuItem>
            {mine.map((range) => <MenuItem key={range.id} value={range.id}><span className="mono">{range.iccidFirst}</span> <Box component="span" sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', ml: 1 })}>{count(range.count - range.used)} left</Box></MenuItem>)}
          </TextField>
        )}
      </Box>
    </Panel>
  );
}

const source = { px: 1.75, py: '4px', whiteSpace: 'nowrap' } as const;
const sourceMeanings: Readonly<Record<BatchForm['source'], string>> = {
  both: 'Imported stock first, then new numbers from ranges.', stock: 'Profiles whose numbers, and perhaps keys, came in a file.', ranges: 'New numbers; their keys are made in the vault.',
};

function About({ form, problems, onChange }: PartProps): ReactElement {
  const brands = useDesk(contract.brands.list, {});
  return (
    <Panel title="About the batch">
      <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(2, minmax(0, 1fr))', gap: 1.75, pt: '6px' }}>
        <TextField label="Reference (optional)" value={form.reference} onChange={(event) => onChange({ reference: event.target.value })} helperText="Made from type and date when left out" slotProps={{ htmlInput: { maxLength: 64 } }} />
        <TextField label="Order (optional)" value={form.order} onChange={(event) => onChange({ order: event.target.value })} helperText="Purchase order or the like" slotProps={{ htmlInput: { maxLength: 64 } }} />
        <TextField select label="For the brand (optional)" value={(brands.data?.rows ?? []).some((brand) => brand.name === form.brand) ? form.brand : ''} onChange={(event) => onChange({ brand: event.target.value })} slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}>
          <MenuItem value="">None in particular</MenuItem>
          {(brands.data?.rows ?? []).map((brand) => <MenuItem key={brand.name} value={brand.name}>{brand.name}</MenuItem>)}
        </TextField>
        <DateField label="Due (optional)" value={form.due} onChange={(due) => onChange({ due })} problem={problems.due} helperText="The day it is wanted by, UTC" />
        <TextField label="Note (optional)" value={form.note} onChange={(event) => onChange({ note: event.target.value })} multiline minRows={2} sx={{ gridColumn: '1 / -1' }} slotProps={{ htmlInput: { maxLength: 500 } }} />
      </Box>
    </Panel>
  );
}

function Outputs({ form, onChange }: Omit<PartProps, 'problems'>): ReactElement {
  const recipients = useDesk(outputs.recipients, {});
  const rows = recipients.data?.rows ?? [];
  return (
    <Panel title="Files made with it (optional)" aside={<TextLink to="/preparation?view=recipients">Recipients</TextLink>}>
      {rows.length === 0 ? (
        <Muted>{recipients.isError ? 'The recipients could not be read.' : 'No recipient is registered yet. Files for the HLR, the OTA platform or a print house can be made later, too.'}</Muted>
      ) : (
        <Box sx={{ display: 'flex', flexDirection: 'column' }}>
          {rows.map((row) => (
            <FormControlLabel key={row.id} disabled={row.problem !== undefined} control={<Checkbox size="small" sx={{ py: '4px' }} checked={form.outputs.includes(row.id)} onChange={(event) => onChange({ outputs: event.target.checked ? [...form.outputs, row.id] : form.outputs.filter((one) => one !== row.id) })} />} label={<>{row.name} <Muted>{row.problem ?? row.protection}</Muted></>} />
          ))}
        </Box>
      )}
    </Panel>
  );
}
