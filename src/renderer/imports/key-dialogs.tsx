/** Entering and retiring a transport key. Components go from the field to the vault as raw bytes; no state of the window holds them. */
import { useRef, useState, type ReactElement, type RefObject } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { useForm } from 'react-hook-form';
import { isKeyIndex, transportAlgorithms, transportKeys, type TransportKeyRow } from '../../shared/contract/imports.ts';
import { problemOf, upload, uploadFile } from '../app/client.ts';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { contract } from '../../shared/contract/index.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { Columns, Field, refusalToField } from '../design/form.tsx';
import { FileField } from '../design/file-field.tsx';
import { Pairs } from '../design/panel.tsx';
import { Note, ProblemNote } from '../design/states.tsx';
import { Code } from '../design/text.tsx';
import { algorithmDigits, algorithmNames, componentProblem, conventionNames, custodianProblem, kcvProblem } from './key-words.ts';

interface Values {
  name: string;
  algorithm: (typeof transportAlgorithms)[number];
  index: string;
  note: string;
  kcv: string;
}

interface Part {
  readonly way: 'typed' | 'file';
  readonly file: File | undefined;
  readonly custodian: string;
  readonly kcv: string;
}
const emptyPart: Part = { way: 'typed', file: undefined, custodian: '', kcv: '' };

interface PartProblem {
  readonly value?: string | undefined;
  readonly custodian?: string | undefined;
  readonly kcv?: string | undefined;
}

export function AddTransportKeyDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const form = useForm<Values>({ defaultValues: { name: '', algorithm: 'aes-128', index: '', note: '', kcv: '' } });
  const algorithm = form.watch('algorithm');
  const [parts, setParts] = useState<readonly Part[]>([emptyPart, emptyPart]);
  const [wrong, setWrong] = useState<readonly PartProblem[]>([]);
  const [insist, setInsist] = useState(false);
  const [mayInsist, setMayInsist] = useState(false);
  const [refusal, setRefusal] = useState<unknown>();
  const [made, setMade] = useState<TransportKeyRow | undefined>();
  const fields = [useRef<HTMLInputElement>(null), useRef<HTMLInputElement>(null), useRef<HTMLInputElement>(null)] as const;
  const run = useDeskCommand(transportKeys.add);
  const environment = useDesk(contract.workspace.status, {}).data?.environment;
  const change = (at: number, more: Partial<Part>): void => {
    setParts((all) => all.map((part, index) => (index === at ? { ...part, ...more } : part)));
    setWrong([]);
  };
  const submit = async (v: Values): Promise<void> => {
    setRefusal(undefined);
    const found = parts.map((part, at): PartProblem => ({
      value: part.way === 'file' ? (part.file === undefined ? 'Choose the file of this component' : undefined) : componentProblem(fields[at]?.current?.value ?? '', v.algorithm),
      custodian: custodianProblem(parts.map((one) => one.custodian), at),
      kcv: kcvProblem(part.kcv),
    }));
    setWrong(found);
    if (found.some((one) => Object.values(one).some((text) => text !== undefined))) return;
    try {
      const components = [];
      for (const [at, part] of parts.entries()) {
        const typed = fields[at]?.current?.value.replaceAll(/[\s:-]/g, '') ?? '';
        const value = part.way === 'file' && part.file !== undefined ? await uploadFile(part.file) : await upload(new TextEncoder().encode(typed));
        components.push({ value, custodian: part.custodian.trim(), ...(part.kcv.trim() === '' ? {} : { kcv: part.kcv.replaceAll(/\s/g, '') }) });
      }
      const answer = await run.mutateAsync({
        name: v.name.trim(), algorithm: v.algorithm, components, insist,
        ...(v.index.trim() === '' ? {} : { index: v.index.trim() }), ...(v.note.trim() === '' ? {} : { note: v.note.trim() }), ...(v.kcv.trim() === '' ? {} : { kcv: v.kcv.replaceAll(/\s/g, '') }),
      });
      for (const field of fields) if (field.current !== null) field.current.value = '';
      setMade(answer);
    } catch (error) {
      const { code, field, message, hint } = problemOf(error);
      if (code === 'ALGORITHM_WEAK' || code === 'COMPONENTS_TOO_FEW') setMayInsist(true);
      const part = /^components\.(\d)/.exec(field ?? '')?.[1];
      if (part !== undefined) setWrong(parts.map((_, at) => (at === Number(part) ? { value: [message, hint].filter(Boolean).join(' ') } : {})));
      else if (!refusalToField<Values>(error, { name: 'name', TRANSPORT_KEY_EXISTS: 'name', algorithm: 'algorithm', index: 'index', note: 'note', kcv: 'kcv' }, form.setError)) setRefusal(error);
    }
  };
  if (made !== undefined) return <Made row={made} onClose={onClose} />;
  return (
    <DeskDialog
      title="Add transport key"
      onClose={onClose}
      width={760}
      onSubmit={(event) => void form.handleSubmit(submit)(event)}
      note="Components go straight to the vault and are put together there."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <PrimaryButton submit busy={form.formState.isSubmitting}>
            Add key
          </PrimaryButton>
        </>
      }
    >
      <Columns count={3}>
        <Field control={form.control} name="name" label="Name" autoFocus rules={{ validate: (v) => /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/.test(v.trim()) || 'Letters, digits, blanks, dots and dashes' }} help="As people call it, e.g. K4 of the vendor." />
        <Field control={form.control} name="algorithm" label="Algorithm" select help={`${algorithmDigits[algorithm]} hexadecimal digits a component`}>
          {transportAlgorithms.map((one) => (
            <MenuItem key={one} value={one}>
              {algorithmNames[one]}
            </MenuItem>
          ))}
        </Field>
        <Field control={form.control} name="index" label="Index at the AuC (optional)" mono help="The number by which the other side picks the key. Files for an HLR or OTA platform need one; it can follow later." rules={{ validate: indexRule }} />
      </Columns>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5 }}>
        <Box id="component-count" sx={{ fontWeight: 500 }}>
          Components
        </Box>
        <ToggleButtonGroup
          exclusive
          size="small"
          value={parts.length}
          aria-labelledby="component-count"
          onChange={(_, next: number | null) => {
            if (next !== null) setParts((all) => Array.from({ length: next }, (__, at) => all[at] ?? emptyPart));
          }}
        >
          {[...(environment === 'lab' || mayInsist ? [1] : []), 2, 3].map((n) => (
            <ToggleButton key={n} value={n} sx={{ px: 2, py: '3px' }}>
              {n === 1 ? 'In one piece' : n}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      </Box>
      {parts.map((part, at) => (
        <ComponentFields key={at} at={at} part={part} problem={wrong[at] ?? {}} field={fields[at]!} onChange={(more) => change(at, more)} />
      ))}
      <Columns>
        <Field control={form.control} name="kcv" label="Check value of the whole key (optional)" mono rules={{ validate: (v) => kcvProblem(v) ?? true }} help="From the sender’s key sheet; the vault compares it." />
        <Field control={form.control} name="note" label="Note (optional)" rules={{ maxLength: { value: 200, message: '200 characters at most' } }} />
      </Columns>
      {(mayInsist || algorithm === 'des') && <FormControlLabel control={<Checkbox size="small" checked={insist} onChange={(event) => setInsist(event.target.checked)} />} label={algorithm === 'des' ? 'Use single DES although it is weak: the sender has nothing better' : 'Take the key although fewer than two people hold it'} />}
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}

function ComponentFields({ at, part, problem, field, onChange }: { readonly at: number; readonly part: Part; readonly problem: PartProblem; readonly field: RefObject<HTMLInputElement | null>; readonly onChange: (more: Partial<Part>) => void }): ReactElement {
  const name = `Component ${at + 1}`;
  return (
    <Box role="group" aria-label={name} sx={(theme) => ({ border: `1px solid ${theme.desk.line}`, borderRadius: '6px', p: '10px 12px', display: 'flex', flexDirection: 'column', gap: 1.25 })}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5 }}>
        <Box sx={{ fontWeight: 500, flex: 1 }}>{name}</Box>
        <ToggleButtonGroup exclusive size="small" value={part.way} aria-label={`How ${name.toLowerCase()} is given`} onChange={(_, next: Part['way'] | null) => next !== null && onChange({ way: next, file: undefined })}>
          <ToggleButton value="typed" sx={{ px: 1.5, py: '2px' }}>Typed</ToggleButton>
          <ToggleButton value="file" sx={{ px: 1.5, py: '2px' }}>From a file</ToggleButton>
        </ToggleButtonGroup>
      </Box>
      {part.way === 'typed' ? (
        <TextField inputRef={field} label={`${name}, hexadecimal`} type="password" fullWidth error={problem.value !== undefined} helperText={problem.value ?? 'Typed unseen; blanks do not matter.'} slotProps={{ htmlInput: { autoComplete: 'new-password', spellCheck: false, className: 'mono', 'data-secret': true } }} />
      ) : (
        <FileField label={`File of ${name.toLowerCase()}`} accept=".txt,.hex,.key,text/plain" file={part.file} onFile={(file) => onChange({ file })} help="Hexadecimal digits only. The window does not read it." error={problem.value} />
      )}
      <Columns>
        <TextField label="Custodian" value={part.custodian} onChange={(event) => onChange({ custodian: event.target.value })} error={problem.custodian !== undefined} helperText={problem.custodian ?? 'Who holds this component'} slotProps={{ htmlInput: { maxLength: 64, autoComplete: 'off' } }} />
        <TextField label="Its check value (KCV, optional)" value={part.kcv} onChange={(event) => onChange({ kcv: event.target.value })} error={problem.kcv !== undefined} helperText={problem.kcv ?? 'From its key sheet; checked in the vault'} slotProps={{ htmlInput: { className: 'mono', autoComplete: 'off', spellCheck: false, maxLength: 24 } }} />
      </Columns>
    </Box>
  );
}

function Made({ row, onClose }: { readonly row: TransportKeyRow; readonly onClose: () => void }): ReactElement {
  return (
    <DeskDialog title="Transport key added" onClose={onClose} width={520} actions={<PrimaryButton onClick={onClose}>Done</PrimaryButton>}>
      <Note tone={row.checked ? 'success' : 'warning'}>
        {row.checked ? 'The check value agrees with the one that was given.' : 'No check value was given. Compare the one below with the key sheet before you use the key.'}
      </Note>
      <Pairs
        rows={[
          ['Name', row.name],
          ['Check value', <><Code key="k">{row.kcv}</Code> {conventionNames[row.kcvConvention]}</>],
          ['Algorithm', algorithmNames[row.algorithm]],
          ['Index', row.index ?? 'none'],
          ['Custodians', row.custodians.join(', ')],
        ]}
      />
    </DeskDialog>
  );
}

/** The key itself never changes: only what people and files call it by. */
const indexRule = (text: string): true | string => text.trim() === '' || isKeyIndex(text.trim()) || '1 to 8 digits; 0 would mean in the clear';

export function ChangeTransportKeyDialog({ name, index, note, onClose }: { readonly name: string; readonly index: string; readonly note: string; readonly onClose: () => void }): ReactElement {
  const form = useForm<{ index: string; note: string }>({ defaultValues: { index, note } });
  const run = useDeskCommand(transportKeys.change);
  const toasts = useToasts();
  const [refusal, setRefusal] = useState<unknown>();
  const submit = (v: { index: string; note: string }): void =>
    run.mutate(
      { name, index: v.index.trim(), note: v.note.trim() },
      {
        onSuccess: (row) => {
          toasts.done(row.index === undefined ? `Transport key ${name} has no index` : `Transport key ${name} has index ${row.index}`);
          onClose();
        },
        onError: (error) => {
          if (!refusalToField<{ index: string; note: string }>(error, { index: 'index', note: 'note' }, form.setError)) setRefusal(error);
        },
      },
    );
  return (
    <DeskDialog
      title={`Index of ${name}`}
      onClose={onClose}
      onSubmit={(event) => void form.handleSubmit(submit)(event)}
      note="The key stays as it is. Recorded in the audit log."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <PrimaryButton submit busy={run.isPending}>
            Save
          </PrimaryButton>
        </>
      }
    >
      <Field control={form.control} name="index" label="Index (optional)" autoFocus mono help="The number under which the other side knows the key. Files made from now on carry it; saved mappings go on as before." rules={{ validate: indexRule }} />
      <Field control={form.control} name="note" label="Note (optional)" rules={{ maxLength: { value: 200, message: '200 characters at most' } }} />
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}

export function RetireTransportKeyDialog({ name, onClose }: { readonly name: string; readonly onClose: () => void }): ReactElement {
  const form = useForm<{ reason: string; typed: string }>({ defaultValues: { reason: '', typed: '' } });
  const run = useDeskCommand(transportKeys.retire);
  const toasts = useToasts();
  const [refusal, setRefusal] = useState<unknown>();
  const submit = (v: { reason: string }): void =>
    run.mutate(
      { name, reason: v.reason.trim() },
      {
        onSuccess: () => {
          toasts.done(`Transport key ${name} retired and erased`);
          onClose();
        },
        onError: (error) => {
          if (!refusalToField<{ reason: string; typed: string }>(error, { reason: 'reason' }, form.setError)) setRefusal(error);
        },
      },
    );
  return (
    <DeskDialog
      title={`Retire ${name}?`}
      onClose={onClose}
      onSubmit={(event) => void form.handleSubmit(submit)(event)}
      note="Recorded in the audit log."
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <PrimaryButton submit danger busy={run.isPending}>
            Retire
          </PrimaryButton>
        </>
      }
    >
      <Note tone="warning">The key is erased from the vault for good. What was imported under it stays; files under it can no longer be read or made.</Note>
      <Field control={form.control} name="reason" label="Reason" autoFocus rules={{ validate: (v) => (v.trim().length >= 3 && v.trim().length <= 200) || 'Between 3 and 200 characters' }} />
      <Field control={form.control} name="typed" label={`Type ${name} to go on`} rules={{ validate: (v) => v.trim() === name || `Type ${name}` }} />
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}
