/** A bulk action in three steps on one page: what is asked, what it would do, what came of it. */
import { useEffect, useMemo, useState, type ReactElement, type ReactNode } from 'react';
import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import Skeleton from '@mui/material/Skeleton';
import TextField from '@mui/material/TextField';
import { bulk, labelName, labels, type BulkAction, type Selection } from '../../shared/contract/inventory.ts';
import type { OutputOf } from '../../shared/contract/define.ts';
import { quarantineRules, type quarantineEnds, type QuarantineRule } from '../../shared/contract/numbers.ts';
import { call } from '../app/client.ts';
import { usePreferences } from '../app/preferences.tsx';
import { useDesk, useSettled } from '../app/queries.ts';
import { DateField } from '../design/date-field.tsx';
import { isDate } from '../design/date-text.ts';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { count, moment, plural, zoneName } from '../design/formats.ts';
import { Note, ProblemNote } from '../design/states.tsx';
import { BulkResult } from './bulk-result.tsx';
import { bulkTitle, bulkWords, quarantineRuleWords, reasonSentence, type BulkName } from './bulk-words.ts';
import { watchBulk } from './bulk-watch.ts';
import { useToasts } from '../app/toasts.tsx';
import { useQueryClient } from '@tanstack/react-query';

type Preview = OutputOf<typeof bulk.preview>;

export interface BulkRequest {
  readonly action: BulkName;
  readonly selection: Selection;
  /** How many were picked, where that is known. */
  readonly profiles?: number;
  /** It has begun: a selection has served its purpose. */
  readonly onStarted?: () => void;
}

export function BulkDialog({ action, selection, profiles, onStarted, onClose }: BulkRequest & { readonly onClose: () => void }): ReactElement {
  const words = bulkWords[action];
  const toasts = useToasts();
  const client = useQueryClient();
  const [asked, setAsked] = useState<BulkAction | undefined>(action === 'releaseHold' ? { do: 'releaseHold' } : undefined);
  const settled = useSettled(asked, 350);
  const key = JSON.stringify(settled);
  const preview = useDesk(bulk.preview, { selection, action: settled ?? { do: 'releaseHold' } }, { enabled: settled !== undefined, keepPrevious: true });
  const [typed, setTyped] = useState('');
  const [job, setJob] = useState<string | undefined>();
  const [starting, setStarting] = useState(false);
  const [refusal, setRefusal] = useState<unknown>();
  useEffect(() => setRefusal(undefined), [key]);
  const fresh = settled !== undefined && asked === settled && preview.data !== undefined && !preview.isPlaceholderData && !preview.isFetching;
  const wanted = preview.data?.confirm;
  const confirmed = wanted === undefined || Number(typed.replaceAll(/[\s,.]/g, '')) === wanted;
  const start = async (): Promise<void> => {
    if (!fresh || preview.data === undefined || !confirmed || preview.data.willChange === 0) return;
    setStarting(true);
    setRefusal(undefined);
    try {
      const started = await call(bulk.start, { token: preview.data.token, ...(wanted === undefined ? {} : { confirm: wanted }) });
      setJob(started.id);
      onStarted?.();
      watchBulk(started.id, toasts, client, words.done);
    } catch (error) {
      setRefusal(error);
      void preview.refetch();
    } finally {
      setStarting(false);
    }
  };
  if (job !== undefined) {
    return (
      <DeskDialog title={bulkTitle(action, profiles)} onClose={onClose} width={680} actions={<PrimaryButton onClick={onClose}>Close</PrimaryButton>}>
        <BulkResult job={job} />
      </DeskDialog>
    );
  }
  return (
    <DeskDialog
      title={bulkTitle(action, profiles)}
      onClose={onClose}
      width={600}
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
      note={action === 'retire' ? undefined : action === 'note' ? undefined : 'It can be undone afterwards.'}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <PrimaryButton submit busy={starting} danger={action === 'retire'} disabled={!fresh || !confirmed || preview.data?.willChange === 0}>
            {preview.data === undefined || !fresh ? words.button : `${words.button}: ${plural(preview.data.willChange, 'profile')}`}
          </PrimaryButton>
        </>
      }
    >
      {words.note !== undefined && <Note tone={action === 'retire' ? 'warning' : 'info'}>{words.note}</Note>}
      <ActionForm action={action} onChange={setAsked} />
      {(settled !== undefined || asked !== undefined) && <Effect preview={settled === undefined ? undefined : preview.data} error={preview.error} action={action} stale={!fresh} />}
      {wanted !== undefined && wanted > 0 && (
        <TextField label={`Type ${count(wanted)} to go on`} value={typed} onChange={(event) => setTyped(event.target.value)} slotProps={{ htmlInput: { inputMode: 'numeric', autoComplete: 'off', className: 'mono' } }} />
      )}
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}

/** What an action would do: so many changed, so many as they are, so many refused and why. */
function Effect({ preview, error, action, stale }: { readonly preview: Preview | undefined; readonly error: unknown; readonly action: BulkName; readonly stale: boolean }): ReactElement {
  if (error !== null && error !== undefined) return <ProblemNote error={error} />;
  if (preview === undefined) return <Skeleton variant="rounded" height={76} aria-label="Counting what it would do" />;
  return (
    <Box component="section" aria-label="What it would do" aria-busy={stale} sx={(theme) => ({ border: `1px solid ${theme.desk.line}`, borderRadius: '6px', opacity: stale ? 0.6 : 1 })}>
      <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(3, 1fr)', p: '10px 14px' }}>
        <Amount name="Will change" value={preview.willChange} strong />
        <Amount name="Already so" value={preview.unchanged} />
        <Amount name="Refused" value={preview.refused} tone={preview.refused > 0} />
      </Box>
      {preview.refusedByReason.length > 0 && (
        <Box component="ul" aria-label="Refused, by reason" sx={(theme) => ({ listStyle: 'none', m: 0, p: '6px 14px 10px', borderTop: `1px solid ${theme.desk.line}`, display: 'flex', flexDirection: 'column', gap: '6px', maxHeight: 180, overflow: 'auto' })}>
          {preview.refusedByReason.map((group) => (
            <li key={group.reason}>
              <Box component="span" sx={{ fontWeight: 600 }}>{count(group.count)}</Box> {reasonSentence(group.reason)}
              <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>
                {group.sample.slice(0, 3).map((iccid, at) => <span key={iccid}>{at > 0 && ', '}<span className="mono">{iccid}</span></span>)}
                {group.count > Math.min(3, group.sample.length) && ` and ${count(group.count - Math.min(3, group.sample.length))} more`}
              </Box>
            </li>
          ))}
        </Box>
      )}
      {preview.willChange === 0 && <Box sx={(theme) => ({ p: '0 14px 10px', color: theme.desk.muted })}>{preview.matching === 0 ? 'No profile matches any more.' : `Nothing would change: ${preview.refused === 0 ? 'they are so already.' : 'none of them may be changed like this.'}`}</Box>}
      {preview.irreversible && preview.willChange > 0 && <Box sx={(theme) => ({ p: '0 14px 10px', color: theme.desk.danger, fontWeight: 500 })}>{action === 'note' ? 'Notes cannot be taken back.' : 'This cannot be undone.'}</Box>}
    </Box>
  );
}

function Amount({ name, value, strong = false, tone = false }: { readonly name: string; readonly value: number; readonly strong?: boolean; readonly tone?: boolean }): ReactElement {
  return (
    <Box>
      <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>{name}</Box>
      <Box sx={(theme) => ({ fontSize: '1.25rem', fontWeight: strong ? 600 : 500, color: tone ? theme.desk.danger : strong ? theme.desk.text : theme.desk.muted })}>{count(value)}</Box>
    </Box>
  );
}

const day = 86_400_000;
const holdChoices = [['1 day', 1], ['2 days', 2], ['7 days', 7], ['14 days', 14], ['30 days', 30]] as const;

/** Answers with the action when all it needs is there, else with nothing. */
function ActionForm({ action, onChange }: { readonly action: BulkName; readonly onChange: (action: BulkAction | undefined) => void }): ReactNode {
  switch (action) {
    case 'hold':
      return <HoldForm onChange={onChange} />;
    case 'quarantine':
    case 'unquarantine':
    case 'retire':
      return <ReasonForm action={action} onChange={onChange} />;
    case 'addLabel':
    case 'removeLabel':
      return <LabelForm action={action} onChange={onChange} />;
    case 'note':
      return <NoteForm onChange={onChange} />;
    case 'releaseHold':
      return null;
  }
}

type FormProps = { readonly onChange: (action: BulkAction | undefined) => void };

function HoldForm({ onChange }: FormProps): ReactElement {
  const { zone } = usePreferences();
  const [now] = useState(() => Date.now());
  const [days, setDays] = useState<number | 'date'>(2);
  const [date, setDate] = useState('');
  const [reservedFor, setFor] = useState('');
  // Minutes: a moment with the seconds of this click would look like chance.
  const until = days === 'date' ? (!isDate(date, true) ? Number.NaN : zone === 'utc' ? Date.parse(`${date}Z`) : Date.parse(date)) : Math.ceil((now + days * day) / 60_000) * 60_000;
  const bad = holdProblem(until, now);
  useEffect(() => onChange(bad === undefined ? { do: 'hold', until, ...(reservedFor.trim() === '' ? {} : { for: reservedFor.trim().slice(0, 80) }) } : undefined), [until, bad, reservedFor, onChange]);
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 1.75, alignItems: 'start' }}>
      <TextField select autoFocus label="Until" value={days} onChange={(event) => setDays(event.target.value === 'date' ? 'date' : Number(event.target.value))} helperText={bad === undefined ? `${moment(until, zone, false)} ${zoneName(zone, until)}` : undefined}>
        {holdChoices.map(([name, n]) => <MenuItem key={n} value={n}>For {name}</MenuItem>)}
        <MenuItem value="date">A date of its own</MenuItem>
      </TextField>
      {days === 'date' ? (
        <DateField time label={`Date and time, ${zoneName(zone, now)}`} value={date} problem={isDate(date, true) ? bad : undefined} onChange={setDate} />
      ) : <span />}
      <TextField label="For whom (optional)" value={reservedFor} onChange={(event) => setFor(event.target.value)} sx={{ gridColumn: '1 / -1' }} slotProps={{ htmlInput: { maxLength: 80 } }} helperText="Shown beside the hold: a customer, a ticket." />
    </Box>
  );
}

function holdProblem(until: number, now: number): string | undefined {
  if (Number.isNaN(until)) return 'A date and a time are needed';
  return until <= now ? 'This is over already' : undefined;
}

function ReasonForm({ action, onChange }: FormProps & { readonly action: 'quarantine' | 'unquarantine' | 'retire' }): ReactElement {
  const [reason, setReason] = useState('');
  const [rule, setRule] = useState<QuarantineRule>('manual');
  const [date, setDate] = useState('');
  const [afterwards, setAfterwards] = useState<(typeof quarantineEnds)[number]>('release');
  const [now] = useState(() => Date.now());
  const text = reason.trim();
  const until = isDate(date) ? Date.parse(`${date}T00:00:00Z`) : undefined;
  const late = until !== undefined && !Number.isNaN(until) && until > now ? until : undefined;
  const ok = text.length >= 3 && text.length <= 200 && (rule !== 'date' || late !== undefined) && (date === '' || late !== undefined || rule === 'manual');
  useEffect(() => {
    if (!ok) onChange(undefined);
    else if (action !== 'quarantine') onChange({ do: action, reason: text });
    else onChange({ do: action, reason: text, ...(rule === 'manual' ? {} : { rule, afterwards, ...(late === undefined ? {} : { until: late }) }) });
  }, [ok, text, rule, late, afterwards, action, onChange]);
  const badReason = reason !== '' && (text.length < 3 || text.length > 200);
  return (
    <>
      <TextField label="Reason" autoFocus multiline minRows={2} value={reason} onChange={(event) => setReason(event.target.value)} error={badReason} helperText={badReason ? 'Between 3 and 200 characters' : 'Goes into timeline and audit log.'} />
      {action === 'quarantine' && (
        <Box sx={{ display: 'grid', gridTemplateColumns: rule === 'manual' ? '1fr' : '1fr 150px 150px', gap: 1.5, alignItems: 'start' }}>
          <TextField select label="It ends" value={rule} onChange={(event) => setRule(event.target.value as QuarantineRule)}>
            {quarantineRules.map((value) => <MenuItem key={value} value={value}>{quarantineRuleWords[value]}</MenuItem>)}
          </TextField>
          {rule !== 'manual' && <DateField label={rule === 'date' ? 'On (UTC)' : 'At the latest (UTC)'} value={date} problem={isDate(date) && late === undefined ? 'This is over already' : undefined} onChange={setDate} />}
          {rule !== 'manual' && (
            <TextField select label="Then" value={afterwards} onChange={(event) => setAfterwards(event.target.value as typeof afterwards)}>
              <MenuItem value="release">return to sale</MenuItem>
              <MenuItem value="retire">retire</MenuItem>
            </TextField>
          )}
        </Box>
      )}
    </>
  );
}

function LabelForm({ action, onChange }: FormProps & { readonly action: 'addLabel' | 'removeLabel' }): ReactElement {
  const known = useDesk(labels.list, {});
  const [name, setName] = useState('');
  const parsed = labelName.safeParse(name);
  const good = parsed.success ? parsed.data : undefined;
  const names = useMemo(() => (known.data?.rows ?? []).map((l) => l.name), [known.data]);
  const unknown = action === 'removeLabel' && good !== undefined && !names.includes(good);
  useEffect(() => onChange(good === undefined || unknown ? undefined : { do: action, label: good }), [good, unknown, action, onChange]);
  return (
    <Autocomplete<string, false, false, true>
      freeSolo
      options={names}
      inputValue={name}
      onInputChange={(_, next) => setName(next)}
      renderInput={(params) => (
        <TextField {...params} autoFocus label="Label" error={name.trim() !== '' && (good === undefined || unknown)} helperText={name.trim() !== '' && good === undefined ? 'Up to 40 letters, digits and signs; no commas, colons or percent signs' : unknown && known.data !== undefined ? 'No label is called so' : action === 'addLabel' && good !== undefined && known.data !== undefined && !names.includes(good) ? 'A new label' : ' '} />
      )}
    />
  );
}

function NoteForm({ onChange }: FormProps): ReactElement {
  const [text, setText] = useState('');
  const tidy = text.trim();
  useEffect(() => onChange(tidy === '' || tidy.length > 4_000 ? undefined : { do: 'note', text: tidy }), [tidy, onChange]);
  return <TextField label="Note" autoFocus multiline minRows={3} maxRows={10} value={text} onChange={(event) => setText(event.target.value)} error={tidy.length > 4_000} helperText={tidy.length > 4_000 ? 'At most 4,000 characters' : 'Stands with each of the profiles.'} />;
}
