import { useMemo, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { count } from '../design/formats.ts';
import { Muted } from '../design/text.tsx';
import { type EditDesk, Missing, Part, Tick } from './edit-parts.tsx';

const tables = { ust: { name: 'USIM', file: 'EF.UST' }, est: { name: 'Switched on in the USIM', file: 'EF.EST' }, ist: { name: 'ISIM', file: 'EF.IST' } } as const;
type Table = keyof typeof tables;

export function ServicesSection({ desk }: { readonly desk: EditDesk }): ReactElement {
  const [table, setTable] = useState<Table>(desk.present.services[0]?.table ?? 'ust');
  if (desk.present.services.length === 0) return <Missing>The template has no service table.</Missing>;
  return (
    <>
      <ToggleButtonGroup exclusive size="small" value={table} onChange={(_, next: Table | null) => next !== null && setTable(next)} aria-label="Service table">
        {desk.present.services.map((one) => (
          <ToggleButton key={one.table} value={one.table}>
            {tables[one.table].name}
            {desk.pending(`services:${one.table}`) !== undefined && <span aria-label="changed"> •</span>}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <ServiceTable key={table} desk={desk} table={table} />
    </>
  );
}

function ServiceTable({ desk, table }: { readonly desk: EditDesk; readonly table: Table }): ReactElement {
  const [search, setSearch] = useState('');
  const [show, setShow] = useState<'all' | 'on' | 'changed'>('all');
  const key = `services:${table}`;
  const services = desk.present.services.find((one) => one.table === table)?.services ?? [];
  const edit = desk.value('services', key);
  const on = (n: number, before: boolean): boolean => (edit.on?.includes(n) ? true : edit.off?.includes(n) ? false : before);
  const set = (n: number, before: boolean, to: boolean): void => {
    const without = (list: readonly number[] | undefined): number[] => (list ?? []).filter((one) => one !== n);
    desk.put({ kind: 'services', table, on: [...without(edit.on), ...(to && !before ? [n] : [])].sort((a, b) => a - b), off: [...without(edit.off), ...(!to && before ? [n] : [])].sort((a, b) => a - b) });
  };
  const shown = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    return services.filter((one) => words.every((word) => `${one.number} ${one.name}`.toLowerCase().includes(word)));
  }, [services, search]);
  const list = shown.filter((one) => show === 'all' || (show === 'on' ? on(one.number, one.on) : on(one.number, one.on) !== one.on));
  return (
    <Part title={tables[table].name} note={`${tables[table].file}: ${count(services.filter((one) => on(one.number, one.on)).length)} on`} changed={desk.pending(key) !== undefined} problem={desk.problem(key)}>
      <Box sx={{ display: 'flex', gap: 1, mb: 1, flexWrap: 'wrap' }}>
        <TextField value={search} onChange={(event) => setSearch(event.target.value)} placeholder="Number or name" sx={{ width: 240 }} slotProps={{ htmlInput: { 'aria-label': 'Search the services', spellCheck: false } }} />
        <ToggleButtonGroup exclusive size="small" value={show} onChange={(_, next: typeof show | null) => next !== null && setShow(next)} aria-label="Which services are shown">
          <ToggleButton value="all">All</ToggleButton>
          <ToggleButton value="on">On</ToggleButton>
          <ToggleButton value="changed">Changed</ToggleButton>
        </ToggleButtonGroup>
      </Box>
      {list.length === 0 ? (
        <Muted>No service fits.</Muted>
      ) : (
        <Box sx={{ columnWidth: 300, columnGap: 3 }}>
          {list.map((one) => {
            const is = on(one.number, one.on);
            return (
              <Box key={one.number} sx={{ breakInside: 'avoid' }}>
                <Tick label={<><Muted>{one.number}</Muted> {one.name}{is !== one.on && <Box component="strong" sx={(theme) => ({ color: theme.desk.accentText, fontWeight: 600 })}> {is ? 'on' : 'off'}</Box>}</>} on={is} onChange={(to) => set(one.number, one.on, to)} />
              </Box>
            );
          })}
        </Box>
      )}
    </Part>
  );
}
