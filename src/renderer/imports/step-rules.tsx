/** Step 3: for which profile type, and by which rules rows are taken. */
import { useRef, useState, type ReactElement, type ReactNode } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import FormControlLabel from '@mui/material/FormControlLabel';
import MenuItem from '@mui/material/MenuItem';
import Radio from '@mui/material/Radio';
import RadioGroup from '@mui/material/RadioGroup';
import TextField from '@mui/material/TextField';
import { contract } from '../../shared/contract/index.ts';
import { transportKeys, type ImportRules } from '../../shared/contract/imports.ts';
import { upload } from '../app/client.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDesk } from '../app/queries.ts';
import { count } from '../design/formats.ts';
import { LoseGuard } from '../design/lose-guard.tsx';
import { Panel } from '../design/panel.tsx';
import { Note, ProblemNote } from '../design/states.tsx';
import { Muted } from '../design/text.tsx';
import { keyBlocker } from './import-words.ts';
import { modeNames } from './key-words.ts';
import { opProblem, rangeProblem } from './rule-checks.ts';
import type { StepProps } from './wizard-screen.tsx';

export function RulesStep({ view, open, go }: StepProps): ReactElement {
  const types = useDesk(contract.types.list, {});
  const brands = useDesk(contract.brands.list, {});
  const lab = useDesk(contract.workspace.status, {}).data?.environment === 'lab';
  const keys = keyBlocker(view);
  const { rules } = view;
  const [unsaved, setUnsaved] = useState(false);
  const set = (change: Partial<ImportRules>): void => {
    const merged: Record<string, unknown> = { ...rules, ...change };
    for (const key of Object.keys(merged)) if (merged[key] === undefined) delete merged[key];
    open.map({ rules: merged as ImportRules }).then(() => setUnsaved(false), () => setUnsaved(true));
  };
  const rows = types.data?.rows ?? [];
  return (
    <>
      <LoseGuard when={unsaved} what="The rules as they stand were refused and are not kept yet; leaving loses them." />
      <ProblemNote error={open.refusal} />
      {keys !== undefined && <Note tone="warning">{keys} <Button sx={{ minHeight: 24, py: 0 }} onClick={() => go('map')}>Go to Map</Button></Note>}
      {view.state === 'validated' && <Note tone="info">The rows have been checked by these rules. A change here means they are checked again; corrected cells stay corrected.</Note>}
      <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(2, minmax(0, 1fr))', gap: 2, alignItems: 'start', '@media (max-width: 1100px)': { gridTemplateColumns: 'minmax(0, 1fr)' } }}>
        <Panel title="What the rows become" aside={open.mapping ? <Muted>Saving…</Muted> : <Muted>Saved as you choose</Muted>}>
          <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.75, pt: '6px' }}>
            <Box sx={{ display: 'flex', gap: 1, alignItems: 'flex-start' }}>
              <TextField select fullWidth label="Profile type" value={rows.some((type) => type.name === view.type) ? view.type : ''} onChange={(event) => void open.map({ type: event.target.value }).catch(() => undefined)} helperText={types.data !== undefined && rows.length === 0 ? 'There is no profile type yet: create one first.' : 'Decides which template the profiles are prepared with.'} slotProps={{ select: { renderValue: (value) => String(value) } }}>
                {rows.map((type) => (
                  <MenuItem key={type.name} value={type.name} sx={{ display: 'flex', justifyContent: 'space-between', gap: 2 }}>
                    {type.name}
                    <Box component="span" sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>{count(type.stock.sellable)} sellable</Box>
                  </MenuItem>
                ))}
              </TextField>
              <CommandButton id="type.create" label="New type" sx={{ mt: '2px' }} />
            </Box>
            <TextField select fullWidth label="For one brand only (optional)" value={rules.brand ?? ''} onChange={(event) => set({ brand: event.target.value === '' ? undefined : event.target.value })} helperText="Then every ICCID must lie in the ranges of this brand." slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}>
              <MenuItem value="">Any</MenuItem>
              {(brands.data?.rows ?? []).map((brand) => <MenuItem key={brand.name} value={brand.name}>{brand.name}</MenuItem>)}
            </TextField>
          </Box>
        </Panel>
        <Panel title="Which rows are taken">
          <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.25 }}>
            <Choice label="Profiles that are in the stock already" value={rules.duplicates} onChange={(duplicates) => set({ duplicates })} options={[['refuse', 'Refuse the row', 'It is shown as faulty, and you decide.'], ['skip', 'Pass over it', 'Nothing about the profile in stock changes.']]} />
            <Choice label="Rows without K" value={rules.missingKey} onChange={(missingKey) => set({ missingKey })} options={[['make', 'Take them', 'K (Ki) is made at preparation, in the vault.'], ['refuse', 'Refuse them', 'For stock whose keys the HLR has already.']]} />
            {view.columns.some((column) => column.field === 'k') && (
              <Choice label="Rows with K but without OPc" value={rules.missingOpc ?? (lab ? 'make' : 'refuse')} onChange={(missingOpc) => set({ missingOpc })} options={[['refuse', 'Refuse them', 'A network that has K already does not know an OPc made here.'], ['make', 'Take them', 'An OPc is made at random at preparation: only where the network takes K and OPc from here.']]} />
            )}
          </Box>
        </Panel>
        <Panel title="Defaults for what is missing">
          <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(2, minmax(0, 1fr))', gap: 1.75, pt: '6px' }}>
            <Later label="Country code (optional)" value={rules.country ?? ''} onKeep={(country) => set({ country })} check={(v) => (/^[1-9]\d{0,2}$/.test(v) ? undefined : '1 to 3 digits, e.g. 49')} help="In front of MSISDNs that are not international." />
            <Later label="MCC and MNC (optional)" value={rules.plmn ?? ''} onKeep={(plmn) => set({ plmn })} check={(v) => (/^\d{5,6}$/.test(v) ? undefined : '5 or 6 digits, e.g. 26242')} help="In front of IMSIs that have only their MSIN." />
          </Box>
          <Operator view={view} onSet={set} />
        </Panel>
        <Panel title="Numbers must lie between (optional)">
          <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(2, minmax(0, 1fr))', gap: 1.75, pt: '6px' }}>
            <Pair label="ICCID" digits={[18, 20]} value={rules.iccids} onKeep={(iccids) => set({ iccids })} />
            <Pair label="IMSI" digits={[14, 15]} value={rules.imsis} onKeep={(imsis) => set({ imsis })} />
          </Box>
        </Panel>
      </Box>
    </>
  );
}

function Choice<T extends string>({ label, value, options, onChange }: { readonly label: string; readonly value: T; readonly options: readonly (readonly [T, string, string])[]; readonly onChange: (value: T) => void }): ReactElement {
  return (
    <Box component="fieldset" sx={{ border: 0, m: 0, p: 0 }}>
      <Box component="legend" sx={{ fontWeight: 500, p: 0 }}>{label}</Box>
      <RadioGroup value={value} onChange={(event) => onChange(event.target.value as T)}>
        {options.map(([id, name, what]) => (
          <FormControlLabel key={id} value={id} control={<Radio size="small" sx={{ py: '4px' }} />} label={<>{name} <Muted>{what}</Muted></>} />
        ))}
      </RadioGroup>
    </Box>
  );
}

/** A text that is kept when the field is left, and only when it is right. */
function Later({ label, value, onKeep, check, help }: { readonly label: string; readonly value: string; readonly onKeep: (value: string | undefined) => void; readonly check: (value: string) => string | undefined; readonly help: ReactNode }): ReactElement {
  const [text, setText] = useState<string | undefined>();
  const shown = text ?? value;
  const wrong = shown.trim() === '' ? undefined : check(shown.trim());
  const keep = (): void => {
    if (text === undefined || wrong !== undefined) return;
    if (text.trim() !== value) onKeep(text.trim() === '' ? undefined : text.trim());
    setText(undefined);
  };
  return <TextField label={label} value={shown} onChange={(event) => setText(event.target.value)} onBlur={keep} onKeyDown={(event) => event.key === 'Enter' && keep()} error={wrong !== undefined} helperText={wrong ?? help} slotProps={{ htmlInput: { className: 'mono', inputMode: 'numeric', autoComplete: 'off' } }} />;
}

function Pair({ label, digits, value, onKeep }: { readonly label: string; readonly digits: readonly [number, number]; readonly value: { readonly first: string; readonly last: string } | undefined; readonly onKeep: (value: { first: string; last: string } | undefined) => void }): ReactElement {
  const [draft, setDraft] = useState<{ readonly first: string; readonly last: string } | undefined>();
  const shown = draft ?? value ?? { first: '', last: '' };
  const wrong = rangeProblem(shown.first, shown.last, digits);
  const keep = (): void => {
    if (draft === undefined || wrong !== undefined) return;
    onKeep(draft.first.trim() === '' && draft.last.trim() === '' ? undefined : { first: draft.first.trim(), last: draft.last.trim() });
    setDraft(undefined);
  };
  return (
    <>
      {(['first', 'last'] as const).map((end) => (
        <TextField key={end} label={`${end === 'first' ? 'First' : 'Last'} ${label}`} value={shown[end]} onChange={(event) => setDraft({ ...shown, [end]: event.target.value.replaceAll(/\s/g, '') })} onBlur={keep} error={wrong?.end === end} helperText={wrong?.end === end ? wrong.say : undefined} slotProps={{ htmlInput: { className: 'mono', inputMode: 'numeric', autoComplete: 'off' } }} />
      ))}
    </>
  );
}

/** OP of the whole file, where the sender gave it apart from the rows. Never kept in the window. */
function Operator({ view, onSet }: { readonly view: StepProps['view']; readonly onSet: (change: Partial<ImportRules>) => void }): ReactElement | null {
  const keys = useDesk(transportKeys.list, {}).data?.rows.filter((row) => row.state === 'active') ?? [];
  const lab = useDesk(contract.workspace.status, {}).data?.environment === 'lab';
  const field = useRef<HTMLInputElement>(null);
  const [wrong, setWrong] = useState<string | undefined>();
  const [key, setKey] = useState('');
  const [mode, setMode] = useState<keyof typeof modeNames>('ecb');
  const hasK = view.columns.some((column) => column.field === 'k');
  const hasOpc = view.columns.some((column) => column.field === 'opc' || column.field === 'op');
  if (!hasK || hasOpc) return null;
  if (view.rules.op !== undefined) {
    return (
      <Box sx={{ mt: 1.75, display: 'flex', gap: 1, alignItems: 'center' }}>
        <Box sx={{ flex: 1 }}>OP of the whole file is given; OPc is derived from it in the vault.</Box>
        <Button variant="outlined" onClick={() => onSet({ op: undefined, opWrapping: undefined })}>Remove OP</Button>
      </Box>
    );
  }
  const give = async (): Promise<void> => {
    const text = field.current?.value ?? '';
    const problem = opProblem(text) ?? (!lab && key === '' ? 'Outside Lab, OP comes under a transport key: choose which' : undefined);
    setWrong(problem);
    if (problem !== undefined) return;
    const op = await upload(new TextEncoder().encode(text.replaceAll(/\s/g, '')));
    if (field.current !== null) field.current.value = '';
    onSet({ op, ...(key === '' ? {} : { opWrapping: { key, mode, reversed: 'no' } }) });
  };
  return (
    <Box sx={{ mt: 1.75, display: 'flex', flexDirection: 'column', gap: 1.25 }}>
      <Box>
        OP of the whole file <Muted>where the sender gave it apart: OPc of each row is derived from it in the vault.</Muted>
      </Box>
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'flex-start' }}>
        <TextField inputRef={field} type="password" label="OP, hexadecimal (optional)" fullWidth error={wrong !== undefined} helperText={wrong ?? 'Typed unseen; goes straight to the vault.'} slotProps={{ htmlInput: { autoComplete: 'new-password', className: 'mono', spellCheck: false } }} />
        <TextField select label="Encrypted under" value={key} onChange={(event) => setKey(event.target.value)} sx={{ minWidth: 150 }} slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}>
          <MenuItem value="" disabled={!lab}>In clear (Lab only)</MenuItem>
          {keys.map((one) => <MenuItem key={one.name} value={one.name}>{one.name}</MenuItem>)}
        </TextField>
        {key !== '' && (
          <TextField select label="Mode" value={mode} onChange={(event) => setMode(event.target.value as keyof typeof modeNames)} sx={{ minWidth: 120 }}>
            {(Object.keys(modeNames) as (keyof typeof modeNames)[]).map((one) => <MenuItem key={one} value={one}>{modeNames[one]}</MenuItem>)}
          </TextField>
        )}
        <Button variant="outlined" sx={{ mt: '2px' }} onClick={() => void give()}>Give OP</Button>
      </Box>
    </Box>
  );
}
