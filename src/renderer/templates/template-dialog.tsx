import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import Switch from '@mui/material/Switch';
import { Controller, useForm } from 'react-hook-form';
import { useNavigate } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/contract/define.ts';
import { acceptableRules, typeName } from '../../shared/contract/types.ts';
import { call, uploadFile } from '../app/client.ts';
import { useCommands } from '../app/command-context.tsx';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { FileField } from '../design/file-field.tsx';
import { Field } from '../design/form.tsx';
import { bytes, plural } from '../design/formats.ts';
import { Note, ProblemNote } from '../design/states.tsx';
import { Muted } from '../design/text.tsx';
import { FindingList } from './finding-list.tsx';
import { findingWords, staying } from './finding-rules.ts';

type Check = OutputOf<typeof contract.types.checkTemplate>;

/** File → check against the rules → import as a new version. */
export function TemplateDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const form = useForm({ defaultValues: { name: '', keepAlgorithm: false, note: '' } });
  const [file, setFile] = useState<File | undefined>();
  const [check, setCheck] = useState<Check | undefined>();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<unknown>();
  const empty = useDesk(contract.types.templates, {}).data?.rows.length === 0;
  const [accepted, setAccepted] = useState(false);
  // Errors of these rules may be answered for; all others keep a package out.
  const broken = [...new Set((check?.findings ?? []).filter((one) => one.severity === 'error').map((one) => one.rule))];
  const acceptable = acceptableRules.filter((rule) => broken.includes(rule));
  const answerable = broken.length > 0 && acceptable.length === broken.length;
  const importing = useDeskCommand(contract.types.importTemplate);
  const toasts = useToasts();
  const navigate = useNavigate();
  const { run } = useCommands();

  const choose = async (next: File | undefined): Promise<void> => {
    setFile(next);
    setCheck(undefined);
    setAccepted(false);
    setRefusal(undefined);
    if (next === undefined) return;
    if (form.getValues('name') === '') form.setValue('name', next.name.replace(/\.[^.]+$/, '').replaceAll(/[^A-Za-z0-9 ._-]+/g, '-').slice(0, 64));
    setBusy(true);
    try {
      setCheck(await call(contract.types.checkTemplate, { file: await uploadFile(next) }));
    } catch (error) {
      setRefusal(error);
    } finally {
      setBusy(false);
    }
  };
  const submit = async (values: { name: string; keepAlgorithm: boolean; note: string }): Promise<void> => {
    if (file === undefined) return;
    setBusy(true);
    setRefusal(undefined);
    try {
      const made = await importing.mutateAsync({ file: await uploadFile(file), name: values.name.trim(), keepAlgorithm: values.keepAlgorithm, accept: accepted ? acceptable : [], ...(values.note.trim() === '' ? {} : { note: values.note.trim() }) });
      toasts.done(`Template ${made.template.name}, version ${made.template.version}, imported`);
      onClose();
      void navigate(`/templates/${made.template.id}`);
    } catch (error) {
      setRefusal(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <DeskDialog
      title="Import template"
      onClose={onClose}
      width={720}
      onSubmit={(event) => void form.handleSubmit(submit)(event)}
      note="Versions are immutable: a profile keeps the version it was made from."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <PrimaryButton submit busy={busy} disabled={check === undefined || (!check.valid && !(answerable && accepted))}>
            Import
          </PrimaryButton>
        </>
      }
    >
      <FileField label="Profile package (.der)" accept=".der,.upp,.bin" file={file} onFile={(next) => void choose(next)} help="It is checked as soon as it is chosen." />
      <Field control={form.control} name="name" label="Template name" rules={{ validate: (v) => typeName.safeParse(String(v).trim()).success || 'Letters, digits, space, dot, dash and underscore, 64 at most' }} help="An existing name gets a new version." />
      <Controller control={form.control} name="keepAlgorithm" render={({ field }) => <FormControlLabel control={<Switch checked={field.value} onChange={field.onChange} size="small" />} label="Keep a test algorithm (otherwise it is switched to Milenage)" sx={{ ml: '-4px', gap: '6px' }} />} />
      {empty && file === undefined && (
        <Box sx={{ display: 'flex', alignItems: 'center', gap: 1 }}>
          <Box sx={{ flex: 1 }}>
            <Muted>No package at hand?</Muted>
          </Box>
          <Button variant="outlined" onClick={() => { onClose(); run('template.sample'); }}>
            Start from the built-in sample
          </Button>
        </Box>
      )}
      {answerable && (
        <>
          <FormControlLabel control={<Checkbox size="small" checked={accepted} onChange={(_, on) => setAccepted(on)} sx={{ py: '3px' }} />} label={`Take it all the same: eUICCs are known to take it as it is (${acceptable.join(', ')})`} sx={{ ml: '-9px' }} />
          {accepted && <Field control={form.control} name="note" label="Why (kept with the version)" />}
        </>
      )}
      <ProblemNote error={refusal} />
      {check !== undefined && <Findings check={check} answerable={answerable} />}
    </DeskDialog>
  );
}

function Findings({ check, answerable }: { readonly check: Check; readonly answerable: boolean }): ReactElement {
  return (
    <Box role="status" sx={{ display: 'flex', flexDirection: 'column', gap: 1.5 }}>
      <Note tone={check.valid ? (staying(check.findings).length === 0 ? 'success' : 'warning') : 'danger'}>
        {plural(check.elements.length, 'element')}, {bytes(check.sizeBytes)}. {findingWords(check.findings)}
        {!check.valid && !answerable && ' A template with errors is not taken.'}
      </Note>
      {check.findings.length > 0 && <FindingList findings={check.findings} height={300} />}
    </Box>
  );
}
