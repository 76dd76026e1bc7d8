/** One condition of the filter, edited in place: operator above, value below. What is chosen takes effect at once. */
import { useEffect, useId, useRef, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { filterFields, type Condition, type FieldName, type FilterOp, type ProfileFilter } from '../../shared/contract/profile-filter.ts';
import { DateField } from '../design/date-field.tsx';
import { count } from '../design/formats.ts';
import { Status } from '../design/status.tsx';
import { isRelative, normalOp } from './filter.ts';
import { fieldNames, opChoices, opWords } from './filter-words.ts';
import { LabelSpot } from './labels.tsx';
import { useValueOptions, type ValueOption } from './value-options.ts';

interface EditorProps {
  readonly field: FieldName;
  readonly condition: Condition | undefined;
  readonly filter: ProfileFilter;
  readonly onChange: (condition: Condition | undefined) => void;
  readonly onDone: () => void;
}

export function ConditionEditor({ field, condition, filter, onChange, onDone }: EditorProps): ReactElement {
  const { kind } = filterFields[field];
  const choices = opChoices(field);
  const several = (op: FilterOp): FilterOp => (op === 'is' && choices.includes('in') ? 'in' : op === 'isNot' && choices.includes('notIn') ? 'notIn' : op);
  const [op, setOp] = useState<FilterOp>(() => several(condition?.op ?? (kind === 'digits' || kind === 'token' ? 'begins' : choices[0] ?? 'is')));
  // The address follows after a moment; what was chosen stands here at once, so that two quick clicks are two choices.
  const [values, setValues] = useState<readonly string[]>(condition?.values ?? []);
  const change = (next: FilterOp, list: readonly string[]): void => {
    setValues(list);
    const bare = next === 'present' || next === 'absent';
    const full = bare || (next === 'between' ? list.some((v) => v !== '') : list.length > 0);
    onChange(full ? { field, op: bare ? next : normalOp(next, list), values: bare ? [] : [...list] } : undefined);
  };
  const switchTo = (next: FilterOp): void => {
    setOp(next);
    const same = (a: FilterOp, b: FilterOp): boolean => ['in', 'notIn'].includes(a) && ['in', 'notIn'].includes(b) || ['begins', 'ends'].includes(a) && ['begins', 'ends'].includes(b);
    if (next === 'present' || next === 'absent') change(next, []);
    else if (same(op, next)) change(next, values);
  };
  const bare = op === 'present' || op === 'absent';
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', minHeight: 0 }}>
      <Box sx={(theme) => ({ display: 'flex', alignItems: 'center', gap: 1, p: '10px 12px', borderBottom: `1px solid ${theme.desk.line}` })}>
        <Box component="span" sx={{ fontWeight: 600 }}>{fieldNames[field]}</Box>
        {choices.length > 1 ? (
          <TextField select value={op} onChange={(event) => switchTo(event.target.value as FilterOp)} slotProps={{ htmlInput: { 'aria-label': `How ${fieldNames[field]} is compared` } }} sx={{ minWidth: 124, '& .MuiSelect-select': { py: '3px' } }}>
            {choices.map((choice) => <MenuItem key={choice} value={choice}>{kind === 'flag' ? (choice === 'present' ? 'with at least one' : 'without any') : opWords[choice]}</MenuItem>)}
          </TextField>
        ) : <span>{opWords[op]}</span>}
        <Box sx={{ flex: 1 }} />
        <Button onClick={onDone}>Done</Button>
      </Box>
      {!bare && (
        kind === 'moment' ? <Moments field={field} values={values} onChange={(list) => change('between', list)} onDone={onDone} />
        : op === 'between' ? <Ends kind={kind} values={values} onChange={(list) => change(op, list)} onDone={onDone} />
        : kind === 'choice' || kind === 'name' ? <Choice field={field} filter={filter} values={values} onChange={(list) => change(op, list)} />
        : <Typed kind={kind} op={op} values={values} onChange={(list) => change(op, list)} onDone={onDone} />
      )}
    </Box>
  );
}

function Choice({ field, filter, values, onChange }: { readonly field: FieldName; readonly filter: ProfileFilter; readonly values: readonly string[]; readonly onChange: (values: string[]) => void }): ReactElement {
  const { options, counted, loading, open } = useValueOptions(field, filter, true);
  const [typed, setTyped] = useState('');
  const first = useRef<HTMLInputElement>(null);
  const search = options.length > 8 || open;
  useEffect(() => first.current?.focus(), [search]);
  const known: ValueOption[] = [...options, ...values.filter((v) => !options.some((o) => o.value === v)).map((value) => ({ value, label: value }))];
  const wanted = typed.trim().toLowerCase();
  const shown = wanted === '' ? known : known.filter((o) => o.label.toLowerCase().includes(wanted));
  const toggle = (value: string): void => onChange(values.includes(value) ? values.filter((v) => v !== value) : [...values, value]);
  const add = (): void => {
    const value = typed.trim();
    if (value === '') return;
    const found = shown.length === 1 ? shown[0]!.value : (known.find((o) => o.label.toLowerCase() === value.toLowerCase())?.value ?? (open ? value : undefined));
    if (found === undefined) return;
    toggle(found);
    setTyped('');
  };
  return (
    <>
      {search && (
        <Box sx={{ p: '10px 12px 4px' }}>
          <TextField inputRef={first} value={typed} onChange={(event) => setTyped(event.target.value)} fullWidth placeholder={open ? 'Reference, Enter adds it' : 'Find a value'} onKeyDown={(event) => {
            if (event.key === 'Enter') { event.preventDefault(); add(); }
          }} slotProps={{ htmlInput: { 'aria-label': `Find a value of ${fieldNames[field]}`, spellCheck: false, autoComplete: 'off' } }} />
        </Box>
      )}
      <Box component="ul" aria-label={fieldNames[field]} sx={{ listStyle: 'none', m: 0, p: '6px 0', overflow: 'auto', maxHeight: 320 }}>
        {shown.map((option, at) => (
          <Box component="li" key={option.value}>
            <Box component="label" sx={(theme) => ({ display: 'flex', alignItems: 'center', gap: '10px', minHeight: 30, px: '12px', cursor: 'pointer', '&:hover': { background: theme.desk.hover } })}>
              <Box component="input" type="checkbox" ref={!search && at === 0 ? first : undefined} checked={values.includes(option.value)} onChange={() => toggle(option.value)} sx={(theme) => ({ width: 15, height: 15, m: 0, accentColor: theme.desk.accent })} />
              {option.colour !== undefined && <LabelSpot colour={option.colour} />}
              <Box component="span" sx={{ flex: 1, minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{option.look === undefined ? option.label : <Status look={{ tone: option.look.tone, icon: option.look.icon, word: option.look.word }} />}</Box>
              {option.count !== undefined && <Box component="span" sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>{count(option.count)}</Box>}
            </Box>
          </Box>
        ))}
        {shown.length === 0 && <Box component="li" sx={(theme) => ({ color: theme.desk.muted, p: '4px 12px' })}>{loading ? 'Reading…' : open && typed.trim() !== '' ? 'Enter adds it' : known.length === 0 ? (open ? 'Type a reference, for example B-12' : 'There is none yet') : 'No value is called so'}</Box>}
      </Box>
      {!counted && !loading && (filterFields[field].kind === 'choice' || field === 'type' || field === 'template') && <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', p: '2px 12px 10px' })}>Too many rows to count at once; narrow the list to see how many each leaves.</Box>}
    </>
  );
}

const pastedValues = (text: string): string[] => [...new Set(text.split(/[\s,;]+/).map((v) => v.trim()).filter((v) => v !== ''))].slice(0, 50);

function Typed({ kind, op, values, onChange, onDone }: { readonly kind: string; readonly op: FilterOp; readonly values: readonly string[]; readonly onChange: (values: string[]) => void; readonly onDone: () => void }): ReactElement {
  const list = op === 'in' || op === 'notIn';
  const [text, setText] = useState(values.join(list ? '\n' : ' '));
  const clean = (typed: string): string[] => {
    const tidy = kind === 'digits' || kind === 'number' ? typed.replaceAll(list ? /-/g : /[\s-]/g, '') : typed;
    // An identifier pasted in groups of four is one value, not five.
    const grouped = list && kind === 'digits' ? tidy.split('\n').map((line) => (/^\s*(\d{4}\s)+\d{1,4}\s*F?\s*$/i.test(line) ? line.replaceAll(/\s/g, '') : line)).join('\n') : tidy;
    return list ? pastedValues(grouped) : grouped.trim() === '' ? [] : [grouped.trim()];
  };
  const found = clean(text);
  return (
    <Box sx={{ p: '12px', display: 'flex', flexDirection: 'column', gap: 1 }}>
      <TextField
        autoFocus value={text} multiline={list} {...(list ? { minRows: 3, maxRows: 8 } : {})} fullWidth
        placeholder={list ? 'One per line, or pasted with commas' : op === 'ends' ? 'Last digits' : op === 'begins' ? 'First digits' : 'Value'}
        onChange={(event) => {
          setText(event.target.value);
          onChange(clean(event.target.value));
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !list) {
            event.preventDefault();
            onDone();
          }
        }}
        slotProps={{ htmlInput: { 'aria-label': 'Value', spellCheck: false, autoComplete: 'off', className: 'mono', ...(list ? {} : { maxLength: 64 }) } }}
      />
      {list && <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>{found.length === 0 ? 'At most 50 values.' : `${count(found.length)} ${found.length === 1 ? 'value' : 'values'}${found.length === 50 ? ', the most a filter takes' : ''}.`}</Box>}
    </Box>
  );
}

function Ends({ kind, values, onChange, onDone }: { readonly kind: string; readonly values: readonly string[]; readonly onChange: (values: string[]) => void; readonly onDone: () => void }): ReactElement {
  const [ends, setEnds] = useState<readonly [string, string]>([values[0] ?? '', values[1] ?? '']);
  const set = (at: 0 | 1, text: string): void => {
    const tidy = text.replaceAll(/[\s-]/g, '');
    const next: [string, string] = at === 0 ? [tidy, ends[1]] : [ends[0], tidy];
    setEnds(next);
    onChange(next);
  };
  return (
    <Box sx={{ p: '12px', display: 'flex', flexDirection: 'column', gap: 1.25 }}>
      {([['From', 0], ['To, itself included', 1]] as const).map(([name, at]) => (
        <TextField key={name} label={name} value={ends[at]} autoFocus={at === 0} fullWidth onChange={(event) => set(at, event.target.value)} onKeyDown={(event) => event.key === 'Enter' && onDone()} slotProps={{ htmlInput: { className: 'mono', inputMode: kind === 'number' || kind === 'digits' ? 'numeric' : undefined, autoComplete: 'off' } }} />
      ))}
    </Box>
  );
}

const past = [['Last hour', '-1h', ''], ['Last 24 hours', '-24h', ''], ['Last 7 days', '-7d', ''], ['Last 30 days', '-30d', ''], ['More than 30 days ago', '', '-30d']] as const;
const future = [['Ends within 2 days', 'now', '+2d'], ['Ends within 7 days', 'now', '+7d'], ['Ended already', '', 'now'], ['Later than 30 days', '+30d', '']] as const;

function Moments({ field, values, onChange, onDone }: { readonly field: FieldName; readonly values: readonly string[]; readonly onChange: (values: string[]) => void; readonly onDone: () => void }): ReactElement {
  const [from = '', to = ''] = values;
  const name = useId();
  // A date field speaks of days; a time from an older link is shown as its day.
  const day = (text: string): string => (isRelative(text) ? '' : /^\d{9,}$/.test(text) ? new Date(Number(text)).toISOString().slice(0, 10) : text.slice(0, 10));
  return (
    <Box sx={{ p: '6px 0 12px', display: 'flex', flexDirection: 'column', gap: 1 }}>
      <Box role="radiogroup" aria-label={fieldNames[field]}>
        {(field === 'held' ? future : past).map(([label, a, b], at) => (
          <Box component="label" key={label} sx={(theme) => ({ display: 'flex', alignItems: 'center', gap: '10px', minHeight: 30, px: '12px', cursor: 'pointer', '&:hover': { background: theme.desk.hover } })}>
            <Box component="input" type="radio" name={name} autoFocus={at === 0} checked={from === a && to === b && values.length > 0} onChange={() => onChange([a, b])} sx={(theme) => ({ width: 15, height: 15, m: 0, accentColor: theme.desk.accent })} />
            {label}
          </Box>
        ))}
      </Box>
      <Box sx={{ px: '12px', display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 1 }}>
        <DateField label="From" value={day(from)} onChange={(text, whole) => whole && onChange([text, isRelative(to) ? '' : to])} onKeyDown={(event) => event.key === 'Enter' && onDone()} />
        <DateField label="To, the whole day" value={day(to)} onChange={(text, whole) => whole && onChange([isRelative(from) ? '' : from, text])} onKeyDown={(event) => event.key === 'Enter' && onDone()} />
      </Box>
      <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', px: '12px' })}>Days in UTC.</Box>
    </Box>
  );
}
