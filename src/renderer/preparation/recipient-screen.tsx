/** Who gets files and how: kind, columns with a live specimen, keys. What may not go to a kind is shown, with the reason. */
import { useEffect, useMemo, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import FormControlLabel from '@mui/material/FormControlLabel';
import MenuItem from '@mui/material/MenuItem';
import Switch from '@mui/material/Switch';
import TextField from '@mui/material/TextField';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import { transportKeys } from '../../shared/contract/imports.ts';
import { outputFormats, outputs, recipientKinds, type FieldInfo, type OutputFormat, type RecipientInput, type RecipientKind } from '../../shared/contract/preparation.ts';
import { problemOf } from '../app/client.ts';
import { useDesk, useDeskCommand, useSettled } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { BackLink } from '../design/back.tsx';
import { PrimaryButton } from '../design/dialog.tsx';
import { TextLink } from '../design/link.tsx';
import { LoseGuard } from '../design/lose-guard.tsx';
import { Page, PageHeader, Panel } from '../design/panel.tsx';
import { LoadingRows, Note, Problem, ProblemNote } from '../design/states.tsx';
import { Muted } from '../design/text.tsx';
import { ColumnEditor } from './column-editor.tsx';
import { ageLines, ageProblem, emptyRecipient, formatNames, kindMeanings, kindNames, protectionNeeded } from './recipient-words.ts';

export function RecipientScreen(): ReactElement {
  const { id = 'new' } = useParams();
  const fields = useDesk(outputs.fields, {});
  const all = useDesk(outputs.recipients, { retired: true }, { enabled: id !== 'new' });
  if (fields.isError) return <Page><Problem error={fields.error} what="The columns" retry={() => void fields.refetch()} /></Page>;
  if (all.isError) return <Page><Problem error={all.error} what="The recipient" retry={() => void all.refetch()} /></Page>;
  if (fields.data === undefined || (id !== 'new' && all.data === undefined)) return <Page><LoadingRows rows={10} /></Page>;
  const row = all.data?.rows.find((one) => one.id === id);
  if (id !== 'new' && row === undefined) return <Page><BackLink to="/preparation?view=recipients">Recipients</BackLink><Note tone="warning">There is no such recipient.</Note></Page>;
  return <Editor key={id} id={row?.id} retired={row?.state === 'retired'} start={row === undefined ? undefined : inputOf(row)} fields={fields.data.fields} presets={fields.data.presets} />;
}

/** Only what can be changed: the rest of a row is not taken back. */
function inputOf(row: RecipientInput): RecipientInput {
  const { name, kind, format, header, columns, template, head, foot, lines, transportKey, otaTransportKey, age, lineEnd, fileName, note } = row;
  const optional = { template, head, foot, transportKey, otaTransportKey, fileName, note };
  return { name, kind, format, header, columns, lines, age, lineEnd, ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as Partial<RecipientInput>) };
}

type Presets = readonly { readonly id: string; readonly title: string; readonly summary: string; readonly recipient: RecipientInput }[];

function Editor({ id, retired, start, fields, presets }: { readonly id: string | undefined; readonly retired: boolean; readonly start: RecipientInput | undefined; readonly fields: readonly FieldInfo[]; readonly presets: Presets }): ReactElement {
  const [params] = useSearchParams();
  const asked = presets.find((one) => one.id === params.get('preset'))?.recipient;
  const initial = start ?? asked ?? emptyRecipient;
  const [recipient, setRecipient] = useState<RecipientInput>(initial);
  const [age, setAge] = useState(initial.age.join('\n'));
  const [tried, setTried] = useState(false);
  const [left, setLeft] = useState(false);
  const [refusal, setRefusal] = useState<unknown>();
  const navigate = useNavigate();
  const toasts = useToasts();
  const add = useDeskCommand(outputs.addRecipient);
  const alter = useDeskCommand(outputs.changeRecipient);
  const retire = useDeskCommand(outputs.retireRecipient);
  const keys = useDesk(transportKeys.list, {}).data?.rows.filter((row) => row.state === 'active') ?? [];
  const change = (more: Partial<RecipientInput>): void => {
    setRefusal(undefined);
    setRecipient((before) => without({ ...before, ...more }));
  };
  const candidate = useMemo(() => ({ ...recipient, name: recipient.name.trim() === '' ? 'New recipient' : recipient.name }), [recipient]);
  const settled = useSettled(candidate, 350);
  const check = useDesk(outputs.check, settled, { keepPrevious: true, enabled: ageProblem(age) === undefined });
  // Nothing is wrong with a form that was not begun.
  const begun = id !== undefined || tried || recipient.columns.length > 0 || recipient.template !== undefined;
  const problems = begun ? (check.data?.problems ?? []) : [];
  const lab = useDesk(contract.workspace.status, {}).data?.environment === 'lab';
  const needed = protectionNeeded(recipient, fields, lab);
  const busy = add.isPending || alter.isPending;
  const back = (): void => setLeft(true);
  // Only when the guard is gone: it would take what was just saved for unsaved.
  useEffect(() => {
    if (left) void navigate('/preparation?view=recipients');
  }, [left, navigate]);
  const save = (): void => {
    setTried(true);
    if (recipient.name.trim() === '' || ageProblem(age) !== undefined) return;
    const done = { onSuccess: () => { toasts.done(`${recipient.name} ${id === undefined ? 'registered' : 'changed'}`); back(); }, onError: setRefusal };
    if (id === undefined) add.mutate(recipient, done);
    else alter.mutate({ ...recipient, id }, done);
  };
  const refused = problemOf(refusal ?? undefined);
  return (
    <Box sx={{ height: '100%', display: 'flex', flexDirection: 'column', minHeight: 0 }}>
      <LoseGuard when={!left && JSON.stringify(recipient) !== JSON.stringify(initial)} what="The recipient is not saved; leaving loses what was entered." />
      <Box sx={{ flex: 1, minHeight: 0 }}>
        <Page>
          <BackLink to="/preparation?view=recipients">Recipients</BackLink>
          <PageHeader title={id === undefined ? 'New recipient' : (start?.name ?? 'Recipient')}>
            {id !== undefined && !retired && <Button variant="outlined" disabled={retire.isPending} onClick={() => retire.mutate({ id }, { onSuccess: () => { toasts.done('No more files are made for it'); back(); }, onError: (error) => toasts.failed(error, 'Retire') })}>Retire</Button>}
          </PageHeader>
          {id === undefined && recipient.columns.length === 0 && presets.length > 0 && (
            <Panel title="Begin with one of these">
              <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(260px, 1fr))', gap: 1.25 }}>
                {presets.map((preset) => (
                  <li key={preset.id}>
                    <Button variant="outlined" fullWidth sx={{ justifyContent: 'flex-start', textAlign: 'left', whiteSpace: 'normal', height: '100%', alignItems: 'flex-start', py: '8px' }} onClick={() => { change({ ...preset.recipient, name: recipient.name === '' ? preset.recipient.name : recipient.name }); setAge(preset.recipient.age.join('\n')); }}>
                      <span><Box component="span" sx={{ display: 'block', fontWeight: 600 }}>{preset.title}</Box><Muted>{preset.summary}</Muted></span>
                    </Button>
                  </li>
                ))}
              </Box>
            </Panel>
          )}
          <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 7fr) minmax(0, 4fr)', gap: 2, alignItems: 'start', '@media (max-width: 1100px)': { gridTemplateColumns: 'minmax(0, 1fr)' } }}>
            <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2, minWidth: 0 }}>
              <Panel title="Who">
                <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(2, minmax(0, 1fr))', gap: 1.75, pt: '6px' }}>
                  <TextField label="Name" required value={recipient.name} onChange={(event) => change({ name: event.target.value })} error={tried && recipient.name.trim() === ''} helperText={tried && recipient.name.trim() === '' ? 'A name is needed' : 'Such as HLR Frankfurt'} slotProps={{ htmlInput: { maxLength: 80 } }} />
                  <TextField select label="Kind" value={recipient.kind} onChange={(event) => change({ kind: event.target.value as RecipientKind })} helperText={kindMeanings[recipient.kind]}>
                    {recipientKinds.map((kind) => <MenuItem key={kind} value={kind}>{kindNames[kind]}</MenuItem>)}
                  </TextField>
                  <TextField select label="Form of the file" value={recipient.format} onChange={(event) => change({ format: event.target.value as OutputFormat })}>
                    {outputFormats.map((format) => <MenuItem key={format} value={format}>{formatNames[format]}</MenuItem>)}
                  </TextField>
                  <TextField label="File name (optional)" value={recipient.fileName ?? ''} onChange={(event) => change({ fileName: event.target.value === '' ? undefined : event.target.value })} helperText="Made from batch and recipient when left out" slotProps={{ htmlInput: { maxLength: 120, className: 'mono' } }} />
                  {['csv', 'semicolon', 'tab'].includes(recipient.format) && <FormControlLabel control={<Switch size="small" checked={recipient.header} onChange={(event) => change({ header: event.target.checked })} />} label="First line with the headings" />}
                  <FormControlLabel control={<Switch size="small" checked={recipient.lineEnd === 'crlf'} onChange={(event) => change({ lineEnd: event.target.checked ? 'crlf' : 'lf' })} />} label="Lines end as on Windows (CR LF)" />
                </Box>
              </Panel>
              {recipient.format === 'template' ? <TemplateFields recipient={recipient} onChange={change} /> : <ColumnEditor recipient={recipient} fields={fields} onChange={(columns) => change({ columns })} />}
              <Panel title="Keys">
                <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(2, minmax(0, 1fr))', gap: 1.75, pt: '6px' }}>
                  {([['transportKey', 'K and OPc under'], ['otaTransportKey', 'OTA keys under']] as const).map(([key, label]) => (
                    <TextField key={key} select label={label} value={keys.some((one) => one.name === recipient[key]) ? recipient[key] : ''} onChange={(event) => change({ [key]: event.target.value === '' ? undefined : event.target.value })} slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}>
                      <MenuItem value="">No transport key</MenuItem>
                      {keys.map((one) => <MenuItem key={one.name} value={one.name}>{one.name} <Box component="span" sx={(theme) => ({ color: theme.desk.muted, ml: 1 })}>KCV {one.kcv}</Box></MenuItem>)}
                    </TextField>
                  ))}
                  <TextField label="Whole file encrypted to (age, optional)" value={age} onChange={(event) => { setAge(event.target.value); if (ageProblem(event.target.value) === undefined) change({ age: ageLines(event.target.value) }); }} error={ageProblem(age) !== undefined} helperText={ageProblem(age) ?? 'age1…, one a line. The file is encrypted inside the vault; only the holder of the matching key can read it.'} multiline minRows={2} sx={{ gridColumn: '1 / -1' }} slotProps={{ htmlInput: { className: 'mono', spellCheck: false } }} />
                </Box>
                {keys.length === 0 && <Muted>No transport key is registered. <TextLink to="/imports?view=keys">Transport keys</TextLink></Muted>}
                {needed !== undefined && <Box sx={{ mt: 1.25 }}><Note tone="warning">{needed}</Note></Box>}
              </Panel>
              <TextField label="Note (optional)" value={recipient.note ?? ''} onChange={(event) => change({ note: event.target.value === '' ? undefined : event.target.value })} slotProps={{ htmlInput: { maxLength: 300 } }} />
            </Box>
            <Panel title="What the file looks like" aside={<Muted>{check.isFetching ? 'Checking…' : 'Made-up values'}</Muted>}>
              <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.25 }}>
                {check.isError && <ProblemNote error={check.error} />}
                <Box component="pre" tabIndex={0} role="group" aria-label="Specimen of the file" className="mono" sx={(theme) => ({ m: 0, p: '10px 12px', borderRadius: '6px', background: theme.desk.canvas, border: `1px solid ${theme.desk.line}`, overflow: 'auto', maxHeight: 340, minHeight: 80, fontSize: '0.75rem' })}>
                  {begun ? (check.data?.specimen ?? '') : <Muted>A few rows with made-up values appear here.</Muted>}
                </Box>
                {begun && check.data !== undefined && <Box><Muted>Protection: </Muted>{check.data.protection}</Box>}
                {problems.length > 0 && (
                  <Box component="ul" aria-label="What keeps it from being saved" sx={{ listStyle: 'none', m: 0, p: 0, display: 'flex', flexDirection: 'column', gap: 1 }}>
                    {problems.map((one) => <li key={`${one.code}${one.field ?? ''}`}><Note tone="danger">{one.message}</Note></li>)}
                  </Box>
                )}
              </Box>
            </Panel>
          </Box>
        </Page>
      </Box>
      <Box component="section" aria-label="Save" sx={(theme) => ({ display: 'flex', alignItems: 'center', gap: 1.5, p: '8px 20px', borderTop: `1px solid ${theme.desk.line}`, background: theme.desk.surface, minHeight: 48 })}>
        <Box role="status" aria-live="polite" sx={{ flex: 1, minWidth: 0 }}>
          {refusal !== undefined ? <Box component="span" sx={(theme) => ({ color: theme.desk.danger })}>{refused.message} {refused.hint}</Box> : <Muted>{problems.length > 0 ? problems[0]?.message : !begun ? 'Begin with one of the forms, or choose the columns yourself.' : id === undefined ? 'No file is made yet: that is done on the page of a batch.' : 'Files made before stay as they are.'}</Muted>}
        </Box>
        <Button variant="outlined" onClick={() => void navigate('/preparation?view=recipients')}>Cancel</Button>
        <PrimaryButton busy={busy} disabled={retired || (problems.length > 0 && recipient.columns.length + (recipient.template?.length ?? 0) > 0)} onClick={save}>
          {id === undefined ? 'Register' : 'Save'}
        </PrimaryButton>
      </Box>
    </Box>
  );
}

/** Optional members that were emptied are left out, not sent as nothing. */
function without(recipient: Partial<Record<keyof RecipientInput, unknown>>): RecipientInput {
  return Object.fromEntries(Object.entries(recipient).filter(([, value]) => value !== undefined)) as RecipientInput;
}

function TemplateFields({ recipient, onChange }: { readonly recipient: RecipientInput; readonly onChange: (more: Partial<RecipientInput>) => void }): ReactElement {
  const texts = [['template', 'Each profile', 'Names in double braces: {{imsi}}, {{k:hex-upper}}, {{msisdn:plus}}'], ['head', 'Before the first (optional)', undefined], ['foot', 'After the last (optional)', undefined]] as const;
  return (
    <Panel title="Rows">
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.75, pt: '6px' }}>
        {texts.map(([key, label, help]) => (
          <TextField key={key} label={label} value={recipient[key] ?? ''} onChange={(event) => onChange({ [key]: event.target.value === '' ? undefined : event.target.value })} helperText={help} multiline minRows={key === 'template' ? 3 : 2} slotProps={{ htmlInput: { className: 'mono', spellCheck: false, maxLength: 2000 } }} />
        ))}
      </Box>
    </Panel>
  );
}
