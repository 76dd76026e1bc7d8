import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { count, plural } from '../design/formats.ts';
import { Muted } from '../design/text.tsx';
import { AddButton, type EditDesk, Part, RowTools, Text } from './edit-parts.tsx';
import { type Edit, type ListName, moved, pastedNetworks, technologies, type Technology } from './edit-rules.ts';

const lists: readonly { readonly id: ListName; readonly name: string; readonly short: string; readonly note: string }[] = [
  { id: 'oplmnwact', name: 'Networks the operator prefers', short: 'Preferred', note: 'EF.OPLMNwAcT, highest priority first. Written at the first download where the template has a late list for it.' },
  { id: 'hplmnwact', name: 'Home networks by technology', short: 'Home', note: 'EF.HPLMNwAcT' },
  { id: 'ehplmn', name: 'Equivalent home networks', short: 'Equivalent home', note: 'EF.EHPLMN: networks treated as home, first the home network itself.' },
  { id: 'fplmn', name: 'Forbidden networks', short: 'Forbidden', note: 'EF.FPLMN. The device adds to it by itself.' },
  { id: 'plmnwact', name: 'Networks the user prefers', short: 'User', note: 'EF.PLMNwAcT; the user may change it on the device.' },
];

interface Entry {
  readonly plmn: string;
  readonly act: readonly Technology[] | number;
}

export function NetworksSection({ desk }: { readonly desk: EditDesk }): ReactElement {
  const [list, setList] = useState<ListName>('oplmnwact');
  const search = desk.value('hpplmn');
  return (
    <>
      <ToggleButtonGroup exclusive size="small" value={list} onChange={(_, next: ListName | null) => next !== null && setList(next)} aria-label="List" sx={{ flexWrap: 'wrap' }}>
        {lists.map((one) => (
          <ToggleButton key={one.id} value={one.id}>
            {one.short}
            {desk.pending(`plmn-list:${one.id}`) !== undefined && <span aria-label="changed"> •</span>}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <NetworkList key={list} desk={desk} list={list} />
      <Part title="Search for the home network" note="EF.HPPLMN" changed={desk.pending('hpplmn') !== undefined} problem={desk.problem('hpplmn')}>
        <TextField
          label="Minutes between searches" type="number" value={search.minutes} onChange={(event) => desk.put({ kind: 'hpplmn', minutes: Number(event.target.value) })} sx={{ width: 240 }}
          slotProps={{ htmlInput: { min: 0, max: 480, step: 6 } }} helperText="In steps of 6; 0: the device does not search while it roams."
        />
      </Part>
    </>
  );
}

function NetworkList({ desk, list }: { readonly desk: EditDesk; readonly list: ListName }): ReactElement {
  const key = `plmn-list:${list}`;
  const bare = list === 'fplmn' || list === 'ehplmn';
  const edit = desk.value('plmn-list', key);
  const entries: readonly Entry[] = edit.entries.map((entry) => (typeof entry === 'string' ? { plmn: entry, act: 0 } : entry));
  const facts = lists.find((one) => one.id === list)!;
  const has = desk.present.lists.find((one) => one.list === list);
  const [pasting, setPasting] = useState(false);
  const set = (next: readonly Entry[], capacity = edit.capacity): void => {
    const room = capacity === undefined ? {} : { capacity: Math.max(capacity, next.length) };
    desk.put((bare ? { kind: 'plmn-list', list, entries: next.map((one) => one.plmn), ...room } : { kind: 'plmn-list', list, entries: next.map(({ plmn, act }) => ({ plmn, act })), ...room }) as Edit<'plmn-list'>);
  };
  return (
    <Part title={facts.name} note={facts.note} changed={desk.pending(key) !== undefined} problem={desk.problem(key)}>
      {has === undefined && <Box sx={{ mb: 1 }}><Muted>The template has no such file; it is made when a network is added.</Muted></Box>}
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'center', mb: 1, flexWrap: 'wrap' }}>
        <Muted>{count(entries.length)} used of room for</Muted>
        <TextField
          type="number" value={edit.capacity ?? entries.length} onChange={(event) => set(entries, Math.max(1, Number(event.target.value)))} sx={{ width: 92 }}
          slotProps={{ htmlInput: { min: Math.max(1, entries.length), max: 4000, 'aria-label': 'Entries the file has room for' } }}
        />
        <Box sx={{ flex: 1 }} />
        <Button variant="outlined" onClick={() => setPasting(!pasting)} aria-expanded={pasting}>Paste from text</Button>
      </Box>
      {pasting && (
        <Paste
          bare={bare}
          onTake={(more, instead) => {
            set([...(instead ? [] : entries), ...more]);
            setPasting(false);
          }}
        />
      )}
      {entries.length === 0 && !pasting && <Muted>The list is empty.</Muted>}
      <Box component="ol" sx={{ listStyle: 'none', m: 0, p: 0, maxHeight: 420, overflow: 'auto' }} tabIndex={entries.length > 8 ? 0 : undefined} aria-label={facts.name}>
        {entries.map((entry, at) => (
          <Box component="li" key={at} sx={(theme) => ({ display: 'flex', gap: 1, alignItems: 'center', py: '5px', borderTop: at === 0 ? 'none' : `1px solid ${theme.desk.line}`, flexWrap: 'wrap' })}>
            <Box component="span" sx={(theme) => ({ width: 26, textAlign: 'right', color: theme.desk.muted })}>{at + 1}</Box>
            <Text hidden label={`Network ${at + 1}`} value={entry.plmn} onChange={(plmn) => set(entries.map((other, i) => (i === at ? { ...other, plmn: plmn.replaceAll(/[\s-]/g, '') } : other)))} mono width={86} />
            {!bare && <Technologies what={`Technologies of network ${at + 1}`} act={entry.act} onChange={(act) => set(entries.map((other, i) => (i === at ? { ...other, act } : other)))} />}
            <Box sx={{ flex: 1 }} />
            <RowTools what={`network ${at + 1}`} first={at === 0} last={at === entries.length - 1} onMove={(by) => set(moved(entries, at, by))} onRemove={() => set(entries.filter((_, i) => i !== at))} />
          </Box>
        ))}
      </Box>
      <AddButton onClick={() => set([...entries, { plmn: '', act: ['NG-RAN', 'E-UTRAN', 'UTRAN', 'GSM'] }])}>Add a network</AddButton>
    </Part>
  );
}

/** Technologies as chips. Octets no names stand for are shown as they are, until one is chosen. */
function Technologies({ what, act, onChange }: { readonly what: string; readonly act: readonly Technology[] | number; readonly onChange: (act: Technology[]) => void }): ReactElement {
  // WB-E-UTRAN and LTE-M are one bit of the card.
  const on = typeof act === 'number' ? [] : act.map((one): Technology => (one === 'E-UTRAN-WB' ? 'LTE-M' : one));
  return (
    <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
      <ToggleButtonGroup size="small" value={on} onChange={(_, next: Technology[]) => onChange(technologies.map((one) => one.id).filter((id) => next.includes(id)))} aria-label={what} sx={{ '& .MuiToggleButton-root': { py: '2px', px: '6px', minHeight: 26 } }}>
        {technologies.map((one) => <ToggleButton key={one.id} value={one.id}>{one.name}</ToggleButton>)}
      </ToggleButtonGroup>
      {typeof act === 'number' && <Muted>octets <span className="mono">{act.toString(16).toUpperCase().padStart(4, '0')}</span></Muted>}
    </Box>
  );
}

function Paste({ bare, onTake }: { readonly bare: boolean; readonly onTake: (entries: readonly Entry[], instead: boolean) => void }): ReactElement {
  const [text, setText] = useState('');
  const { entries, unread } = pastedNetworks(text);
  return (
    <Box sx={(theme) => ({ p: 1.5, mb: 1.5, border: `1px solid ${theme.desk.line}`, borderRadius: '6px', background: theme.desk.canvas })}>
      <TextField
        label="One network a line" multiline minRows={4} maxRows={10} fullWidth value={text} onChange={(event) => setText(event.target.value)} placeholder={bare ? '262-01\n26202' : '262-01 5G 4G\n26202, LTE, UMTS'}
        slotProps={{ htmlInput: { className: 'mono', spellCheck: false } }} helperText={bare ? 'MCC and MNC, with or without a dash.' : 'MCC and MNC, then technologies: 5G, 4G, 3G, 2G, NB-IoT, LTE-M. Without any, all of 5G to 2G.'}
      />
      {unread.length > 0 && <Box role="status" sx={(theme) => ({ color: theme.desk.danger, mt: '4px', overflowWrap: 'anywhere' })}>{plural(unread.length, 'line')} not understood: {unread.slice(0, 3).join(' | ')}{unread.length > 3 && ' …'}</Box>}
      <Box sx={{ display: 'flex', gap: 1, mt: 1 }}>
        <Button variant="contained" color="primary" disabled={entries.length === 0} onClick={() => onTake(entries, false)}>Add {plural(entries.length, 'network')}</Button>
        <Button variant="outlined" disabled={entries.length === 0} onClick={() => onTake(entries, true)}>Use instead of the list</Button>
      </Box>
    </Box>
  );
}
