import { useEffect, useState, type FormEvent, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import InputAdornment from '@mui/material/InputAdornment';
import TextField from '@mui/material/TextField';
import ArrowForward from '@mui/icons-material/ArrowForward';
import { contract } from '../../shared/contract/index.ts';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { plural } from '../design/formats.ts';
import { Panel } from '../design/panel.tsx';
import { LoadingRows, Problem, ProblemNote } from '../design/states.tsx';
import { Muted } from '../design/text.tsx';
import { changedPart, settingChanges, settingFields, settingProblems, textsOf, type SettingField, type SettingTexts } from './setting-list.ts';

const groups = [...new Set(settingFields.map((f) => f.group))];

export function GeneralSettings(): ReactElement {
  const settings = useDesk(contract.workspace.settings, {});
  const save = useDeskCommand(contract.workspace.saveSettings);
  const toasts = useToasts();
  const [texts, setTexts] = useState<SettingTexts | undefined>();
  const [reviewing, setReviewing] = useState(false);
  const saved = settings.data;
  useEffect(() => {
    if (saved !== undefined) setTexts((current) => current ?? textsOf(saved));
  }, [saved]);
  if (settings.isError && saved === undefined) return <Problem error={settings.error} what="The settings" retry={() => void settings.refetch()} />;
  if (saved === undefined || texts === undefined) return <LoadingRows />;

  const problems = settingProblems(texts);
  const changes = settingChanges(saved, texts);
  const blocked = Object.keys(problems).length;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (blocked > 0) document.getElementById(`setting-${Object.keys(problems)[0] ?? ''}`)?.focus();
    else if (changes.length > 0) setReviewing(true);
  };
  return (
    <Box component="form" noValidate onSubmit={submit} sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
      {groups.map((group) => (
        <Panel key={group} title={group} flush>
          {settingFields
            .filter((f) => f.group === group)
            .map((field, at) => (
              <Row key={field.key} field={field} first={at === 0} value={texts[field.key]} changed={changes.some((c) => c.field.key === field.key)} problem={problems[field.key]} onChange={(value) => setTexts({ ...texts, [field.key]: value })} />
            ))}
        </Panel>
      ))}
      <Box sx={(theme) => ({ position: 'sticky', bottom: 0, mx: '-4px', px: '4px', py: '10px', background: theme.desk.canvas, borderTop: `1px solid ${theme.desk.line}`, display: 'flex', gap: 1, alignItems: 'center' })}>
        <Box role="status" sx={{ flex: 1 }}>
          {changes.length === 0 ? <Muted>No changes.</Muted> : `${plural(changes.length, 'change')} not saved${blocked > 0 ? `, ${plural(blocked, 'value')} to correct` : ''}.`}
        </Box>
        <Button disabled={changes.length === 0} onClick={() => setTexts(textsOf(saved))}>
          Undo changes
        </Button>
        <PrimaryButton submit disabled={changes.length === 0 || blocked > 0}>
          Review and save
        </PrimaryButton>
      </Box>
      {reviewing && (
        <DeskDialog
          title="Save these changes?"
          onClose={() => setReviewing(false)}
          note="The change is recorded in the audit log."
          actions={
            <>
              <Button onClick={() => setReviewing(false)}>Back</Button>
              <PrimaryButton
                busy={save.isPending}
                onClick={() =>
                  save.mutate(
                    { settings: changedPart(saved, texts) },
                    {
                      onSuccess: (now) => {
                        setTexts(textsOf(now));
                        setReviewing(false);
                        toasts.done(`${plural(changes.length, 'setting')} saved`);
                      },
                    },
                  )
                }
              >
                Save
              </PrimaryButton>
            </>
          }
        >
          <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
            {changes.map((change) => (
              <Box component="li" key={change.field.key} sx={(theme) => ({ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto', gap: 2, py: '6px', borderBottom: `1px solid ${theme.desk.line}` })}>
                <span>{change.field.name}</span>
                <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center', gap: 1 }}>
                  <Box component="del" className="mono" sx={(theme) => ({ color: theme.desk.muted })}>
                    {change.from}
                  </Box>
                  <ArrowForward titleAccess="becomes" sx={(theme) => ({ fontSize: '0.9rem', color: theme.desk.muted })} />
                  <Box component="ins" className="mono" sx={{ textDecoration: 'none', fontWeight: 500 }}>
                    {change.to} {change.field.unit}
                  </Box>
                </Box>
              </Box>
            ))}
          </Box>
          <ProblemNote error={save.error} />
        </DeskDialog>
      )}
    </Box>
  );
}

function Row({ field, first, value, changed, problem, onChange }: { readonly field: SettingField; readonly first: boolean; readonly value: string; readonly changed: boolean; readonly problem: string | undefined; readonly onChange: (value: string) => void }): ReactElement {
  const id = `setting-${field.key}`;
  return (
    <Box sx={(theme) => ({ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) 260px', gap: 3, alignItems: 'center', p: '9px 16px', borderTop: first ? 'none' : `1px solid ${theme.desk.line}`, boxShadow: changed ? `inset 2px 0 0 ${theme.desk.accent}` : 'none' })}>
      <Box>
        <Box component="label" htmlFor={id} sx={{ fontWeight: 500 }}>
          {field.name}
        </Box>
        <Box id={`${id}-meaning`} sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>
          {field.meaning}
        </Box>
      </Box>
      <TextField
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        error={problem !== undefined}
        helperText={problem}
        select={field.choices !== undefined}
        slotProps={{
          select: { native: true },
          htmlInput: { 'aria-describedby': problem === undefined ? `${id}-meaning` : `${id}-helper-text`, spellCheck: false, ...(field.key === 'smdpAddress' ? { className: 'mono' } : { inputMode: 'numeric' }) },
          input: field.unit === undefined ? {} : { endAdornment: <InputAdornment position="end"><Muted>{field.unit}</Muted></InputAdornment> },
        }}
      >
        {field.choices?.map(([choice, words]) => (
          <option key={choice} value={choice}>
            {words}
          </option>
        ))}
      </TextField>
    </Box>
  );
}
