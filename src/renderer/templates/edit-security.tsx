/** Codes, OTA keys and the algorithm. No value of any of them is ever here. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import TextField from '@mui/material/TextField';
import type { TemplatePresent } from '../../shared/contract/template-present.ts';
import { Scroll } from '../design/scroll.tsx';
import { Note } from '../design/states.tsx';
import { Muted } from '../design/text.tsx';
import { AddButton, type EditDesk, Missing, Part } from './edit-parts.tsx';
import { keyOf, type Edit } from './edit-rules.ts';
import { placeWords } from './template-words.ts';

export function PinsSection({ desk }: { readonly desk: EditDesk }): ReactElement {
  const contexts = [...new Set(desk.present.codes.map((one) => `${one.context}\n${one.code}\n${one.element ?? ''}`))];
  if (contexts.length === 0) return <Missing>The template has no PINs of its own.</Missing>;
  return (
    <>
      {contexts.map((context) => {
        const codes = desk.present.codes.filter((one) => `${one.context}\n${one.code}\n${one.element ?? ''}` === context);
        return <Codes key={context} desk={desk} codes={codes} />;
      })}
    </>
  );
}

function Codes({ desk, codes }: { readonly desk: EditDesk; readonly codes: TemplatePresent['codes'] }): ReactElement {
  const [first] = codes;
  const isPuk = first?.code === 'puk';
  const keys = codes.map((one) => `pin-policy:${one.code}:${one.reference}:${one.element ?? ''}`);
  const problem = keys.map((key) => desk.problem(key)).find((one) => one !== undefined);
  const context = first === undefined || first.context === 'MF' ? 'of the card' : `of ${placeWords(first.context)}`;
  return (
    <Part title={`${isPuk ? 'PUKs' : 'PINs'} ${context}`} note={first?.element === undefined ? undefined : `element #${first.element}`} changed={keys.some((key) => desk.pending(key) !== undefined)} problem={problem}>
      <Scroll label={`${isPuk ? 'PUKs' : 'PINs'} ${context}`}>
        <TableHead>
          <TableRow>
            <TableCell>Code</TableCell>
            {!isPuk && <><TableCell>Asked for</TableCell><TableCell>May be changed</TableCell><TableCell>May be switched off</TableCell></>}
            <TableCell>Attempts</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {codes.map((code, at) => {
            const edit = desk.value('pin-policy', keys[at]!);
            const box = (part: 'enabled' | 'changeable' | 'switchable', label: string): ReactElement => (
              <TableCell>
                <Box component="label" sx={{ display: 'inline-flex', alignItems: 'center', justifyContent: 'center', width: 24, height: 24 }}>
                  <Box component="input" type="checkbox" checked={edit[part] ?? false} aria-label={`${code.name} ${label}`} onChange={(event) => desk.put({ ...edit, [part]: event.target.checked })} sx={(theme) => ({ width: 16, height: 16, m: 0, accentColor: theme.desk.accent })} />
                </Box>
              </TableCell>
            );
            return (
              <TableRow key={keys[at]}>
                <TableCell component="th" scope="row">{code.name} <Muted>{code.reference}</Muted></TableCell>
                {!isPuk && <>{box('enabled', 'asked for at delivery')}{box('changeable', 'may be changed')}{box('switchable', 'may be switched off')}</>}
                <TableCell>
                  <TextField type="number" value={edit.attempts ?? code.attempts} onChange={(event) => desk.put({ ...edit, attempts: Number(event.target.value) })} sx={{ width: 76 }} slotProps={{ htmlInput: { min: 1, max: 15, 'aria-label': `Attempts of ${code.name}` } }} />
                </TableCell>
              </TableRow>
            );
          })}
        </TableBody>
      </Scroll>
    </Part>
  );
}

type KeySet = Edit<'add-key-set'>['set'];
const ranges: Readonly<Record<KeySet['protocol'], readonly [number, number]>> = { scp80: [0x01, 0x0f], scp81: [0x40, 0x4f], scp02: [0x20, 0x2f], scp03: [0x30, 0x3f] };
const hex = (n: number): string => n.toString(16).toUpperCase().padStart(2, '0');
const setWords = (set: { readonly protocol?: string | undefined; readonly algorithm: string; readonly bytes: number }): string => `${set.protocol?.toUpperCase() ?? 'unknown use'}, ${set.algorithm.toUpperCase()} of ${set.bytes * 8} bits`;

export function KeysSection({ desk }: { readonly desk: EditDesk }): ReactElement {
  if (desk.present.domains.length === 0) return <Missing>The template has no security domain.</Missing>;
  return (
    <>
      {desk.present.domains.map((domain) => <Domain key={domain.place} desk={desk} domain={domain} first={domain === desk.present.domains[0]} />)}
    </>
  );
}

function Domain({ desk, domain, first }: { readonly desk: EditDesk; readonly domain: TemplatePresent['domains'][number]; readonly first: boolean }): ReactElement {
  const [form, setForm] = useState<{ readonly replaces?: number } | undefined>();
  const where = first || domain.aid === undefined ? {} : { domain: domain.aid };
  const removed = (version: number): Edit<'remove-key-set'> | Edit<'replace-key-set'> | undefined => desk.pending(keyOf({ kind: 'remove-key-set', version, ...where })) as Edit<'remove-key-set'> | Edit<'replace-key-set'> | undefined;
  const added = Array.from({ length: 127 }, (_, i) => desk.pending(`add-key-set:${first ? '' : domain.aid ?? ''}:${i + 1}`)).filter((one) => one?.kind === 'add-key-set') as Edit<'add-key-set'>[];
  const keys = [...domain.sets.map((set) => keyOf({ kind: 'remove-key-set', version: set.version, ...where })), ...added.map(keyOf)];
  return (
    <Part title={first ? 'Security domain of the operator' : 'Security domain'} note={<span className="mono">{domain.aid ?? domain.place}</span>} changed={keys.some((key) => desk.pending(key) !== undefined)} problem={keys.map((key) => desk.problem(key)).find((one) => one !== undefined)}>
      <Scroll label="Key sets" actions>
        <TableHead>
          <TableRow>
            <TableCell>Version</TableCell>
            <TableCell>Key set</TableCell>
            <TableCell align="right">Keys</TableCell>
            <TableCell><span className="visually-hidden">Actions</span></TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {domain.sets.map((set) => {
            const pending = removed(set.version);
            return (
              <TableRow key={set.version}>
                <TableCell component="th" scope="row" className="mono">{hex(set.version)}</TableCell>
                <TableCell>
                  <Box component="span" sx={pending === undefined ? {} : { textDecoration: 'line-through' }}>{setWords(set)}</Box>
                  {pending !== undefined && <Box component="strong" sx={(theme) => ({ color: theme.desk.accentText, fontWeight: 600 })}> {pending.kind === 'replace-key-set' ? `replaced by ${hex(pending.set.version)}: ${setWords(pending.set)}` : 'taken out'}</Box>}
                </TableCell>
                <TableCell align="right">{set.keys}</TableCell>
                <TableCell align="right">
                  {pending === undefined ? (
                    <>
                      <Button onClick={() => setForm({ replaces: set.version })}>Replace</Button>
                      <Button onClick={() => desk.put({ kind: 'remove-key-set', version: set.version, ...where })}>Take out</Button>
                    </>
                  ) : (
                    <Button onClick={() => desk.remove(keyOf(pending))}>Keep</Button>
                  )}
                </TableCell>
              </TableRow>
            );
          })}
          {added.map((one) => (
            <TableRow key={`new${one.set.version}`}>
              <TableCell component="th" scope="row" className="mono">{hex(one.set.version)}</TableCell>
              <TableCell>{setWords(one.set)} <Box component="strong" sx={(theme) => ({ color: theme.desk.accentText, fontWeight: 600 })}>new</Box></TableCell>
              <TableCell align="right">{one.set.protocol === 'scp81' ? 2 : 3}</TableCell>
              <TableCell align="right"><Button onClick={() => desk.remove(keyOf(one))}>Leave out</Button></TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Scroll>
      {form === undefined ? (
        <AddButton onClick={() => setForm({})}>Add a key set</AddButton>
      ) : (
        <KeySetForm
          replaces={form.replaces}
          taken={[...domain.sets.map((one) => one.version), ...added.map((one) => one.set.version)]}
          onClose={() => setForm(undefined)}
          onDone={(set) => {
            desk.put(form.replaces === undefined ? { kind: 'add-key-set', set, ...where } : { kind: 'replace-key-set', version: form.replaces, set, ...where });
            setForm(undefined);
          }}
        />
      )}
    </Part>
  );
}

function KeySetForm({ replaces, taken, onDone, onClose }: { readonly replaces: number | undefined; readonly taken: readonly number[]; readonly onDone: (set: KeySet) => void; readonly onClose: () => void }): ReactElement {
  const before = (Object.keys(ranges) as KeySet['protocol'][]).find((one) => replaces !== undefined && replaces >= ranges[one][0] && replaces <= ranges[one][1]);
  const free = (protocol: KeySet['protocol']): number => Array.from({ length: ranges[protocol][1] - ranges[protocol][0] + 1 }, (_, i) => ranges[protocol][0] + i).find((n) => !taken.includes(n)) ?? ranges[protocol][0];
  const [set, setSet] = useState<KeySet>({ protocol: before ?? 'scp80', version: replaces ?? free('scp80'), algorithm: before === 'scp02' ? 'des' : 'aes', bytes: 16 });
  const [least, most] = ranges[set.protocol];
  const choose = (protocol: KeySet['protocol']): void => setSet({ protocol, version: free(protocol), algorithm: protocol === 'scp02' ? 'des' : 'aes', bytes: 16 });
  return (
    <Box sx={(theme) => ({ mt: 1.5, p: 1.5, border: `1px solid ${theme.desk.line}`, borderRadius: '6px', background: theme.desk.canvas, display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' })} role="group" aria-label={replaces === undefined ? 'New key set' : `Instead of version ${hex(replaces)}`}>
      <TextField select label="Protocol" value={set.protocol} onChange={(event) => choose(event.target.value as KeySet['protocol'])} sx={{ width: 110 }}>
        {(Object.keys(ranges) as KeySet['protocol'][]).map((one) => <MenuItem key={one} value={one}>{one.toUpperCase()}</MenuItem>)}
      </TextField>
      <TextField select label="Version" value={set.version} onChange={(event) => setSet({ ...set, version: Number(event.target.value) })} sx={{ width: 96 }}>
        {Array.from({ length: most - least + 1 }, (_, i) => <MenuItem key={i} value={least + i}>{hex(least + i)}</MenuItem>)}
      </TextField>
      <TextField select label="Algorithm" value={set.algorithm} disabled={set.protocol === 'scp02' || set.protocol === 'scp03'} onChange={(event) => setSet({ ...set, algorithm: event.target.value as KeySet['algorithm'], bytes: 16 })} sx={{ width: 120 }}>
        <MenuItem value="aes">AES</MenuItem>
        <MenuItem value="des">Triple DES</MenuItem>
      </TextField>
      <TextField select label="Length" value={set.bytes} onChange={(event) => setSet({ ...set, bytes: Number(event.target.value) as KeySet['bytes'] })} sx={{ width: 110 }}>
        {([16, 24, 32] as const).filter((n) => (set.algorithm === 'aes' ? true : n === 16 || (n === 24 && set.protocol !== 'scp02'))).map((n) => <MenuItem key={n} value={n}>{n * 8} bits</MenuItem>)}
      </TextField>
      <Button variant="contained" color="primary" onClick={() => onDone(set)}>{replaces === undefined ? 'Add' : 'Replace'}</Button>
      <Button onClick={onClose}>Cancel</Button>
    </Box>
  );
}

export function AlgorithmSection({ desk }: { readonly desk: EditDesk }): ReactElement {
  const edit = desk.value('algorithm');
  const now = desk.present.algorithm;
  if (now === undefined) return <Missing>The template has no authentication parameters of its own.</Missing>;
  const tuak = edit.algorithm === 'tuak';
  const set = (change: Partial<Edit<'algorithm'>>): void => {
    const next = { ...edit, ...change };
    desk.put(next.algorithm === 'tuak' ? next : { kind: 'algorithm', algorithm: next.algorithm, keyBytes: 16, iterations: 1 });
  };
  return (
    <Part title="Authentication" note={now.applications > 1 ? `in ${now.applications} applications at once` : undefined} changed={desk.pending('algorithm') !== undefined} problem={desk.problem('algorithm')}>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
        <TextField select label="Algorithm" value={edit.algorithm} onChange={(event) => set({ algorithm: event.target.value as 'tuak' })} sx={{ width: 220 }}>
          <MenuItem value="milenage">Milenage</MenuItem>
          <MenuItem value="tuak">TUAK</MenuItem>
          <MenuItem value="test">XOR, for tests only</MenuItem>
        </TextField>
        {tuak && (
          <>
            <TextField select label="Length of K" value={edit.keyBytes ?? 16} onChange={(event) => set({ keyBytes: Number(event.target.value) as 16 })} sx={{ width: 130 }}>
              <MenuItem value={16}>128 bits</MenuItem>
              <MenuItem value={32}>256 bits</MenuItem>
            </TextField>
            <TextField type="number" label="Keccak permutations" value={edit.iterations ?? 1} onChange={(event) => set({ iterations: Number(event.target.value) })} sx={{ width: 160 }} slotProps={{ htmlInput: { min: 1, max: 255 } }} />
          </>
        )}
      </Box>
      {desk.pending('algorithm') !== undefined && (
        <Box sx={{ mt: 1.5 }}>
          <Note tone="warning">Profiles prepared from this version need {edit.algorithm === 'tuak' ? `K of ${(edit.keyBytes ?? 16) * 8} bits and TOPc` : 'K and OPc'} of this algorithm, and the HSS or AuC has to use the same one.</Note>
        </Box>
      )}
      {edit.algorithm === 'test' && <Box sx={{ mt: 1 }}><Note tone="danger">The test algorithm protects nothing. No live network takes it.</Note></Box>}
    </Part>
  );
}
