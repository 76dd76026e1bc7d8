import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { AddButton, type EditDesk, Part, RowTools, Text, Tick } from './edit-parts.tsx';
import { moved, type Edit } from './edit-rules.ts';

export function NamesSection({ desk }: { readonly desk: EditDesk }): ReactElement {
  const spn = desk.value('spn');
  const names = desk.value('network-names');
  const type = desk.value('profile-type');
  const setNames = (change: Partial<Edit<'network-names'>>): void => desk.put({ ...names, ...change });
  const rules = names.rules ?? [];
  return (
    <>
      <Part title="Provider name" note="EF.SPN" changed={desk.pending('spn') !== undefined} problem={desk.problem('spn')}>
        <Text label="Name" value={spn.name} onChange={(name) => desk.put({ ...spn, name })} help="At most 16 characters, 7 when some are outside the GSM alphabet." width={320} />
        <Box sx={{ mt: 1 }}>
          <Tick label="In the home network the name of the network is shown beside it" on={spn.networkNameAtHome ?? true} onChange={(on) => desk.put({ ...spn, networkNameAtHome: on })} />
          <Tick label="When roaming the provider name is not shown" on={spn.hiddenWhenRoaming ?? false} onChange={(on) => desk.put({ ...spn, hiddenWhenRoaming: on })} />
        </Box>
      </Part>
      <Part title="Network names" note="EF.PNN. Name 1 is shown in the home network." changed={desk.pending('network-names') !== undefined} problem={desk.problem('network-names')}>
        {names.names.map((one, at) => (
          <Box key={at} sx={{ display: 'flex', gap: 1, alignItems: 'center', py: '4px' }}>
            <Box component="span" sx={{ width: 22, textAlign: 'right' }}>{at + 1}</Box>
            <Text label={`Full name ${at + 1}`} value={one.full} onChange={(full) => setNames({ names: names.names.map((other, i) => (i === at ? { ...other, full } : other)) })} />
            <Text label={`Short name ${at + 1}`} value={one.short ?? ''} onChange={(short) => setNames({ names: names.names.map((other, i) => (i === at ? { full: other.full, ...(short === '' ? {} : { short }) } : other)) })} width={150} />
            <RowTools what={`name ${at + 1}`} first={at === 0} last={at === names.names.length - 1} onRemove={() => setNames({ names: names.names.filter((_, i) => i !== at) })} />
          </Box>
        ))}
        <AddButton onClick={() => setNames({ names: [...names.names, { full: '' }] })}>Add a name</AddButton>
        {(names.names.length > 0 || rules.length > 0) && (
          <>
            <Box component="h4" sx={{ m: '14px 0 2px', fontSize: '0.8125rem', fontWeight: 600 }}>Where which name is shown</Box>
            <Box sx={(theme) => ({ color: theme.desk.muted, mb: '4px' })}>EF.OPL. The first rule that fits counts; D stands for any digit, 0000 to FFFE is everywhere.</Box>
            {rules.map((rule, at) => {
              const set = (change: Partial<typeof rule>): void => setNames({ rules: rules.map((other, i) => (i === at ? { ...other, ...change } : other)) });
              return (
                <Box key={at} sx={{ display: 'flex', gap: 1, alignItems: 'center', py: '4px', flexWrap: 'wrap' }}>
                  <Text label={`Network of rule ${at + 1}`} shown="Network" value={rule.plmn} onChange={(plmn) => set({ plmn: plmn.toUpperCase() })} mono width={130} />
                  <Text label={`Areas of rule ${at + 1} from`} shown="From area" value={rule.from} onChange={(from) => set({ from })} mono width={100} />
                  <Text label={`Areas of rule ${at + 1} to`} shown="To area" value={rule.to} onChange={(to) => set({ to })} mono width={100} />
                  <TextField select label={`Name of rule ${at + 1}`} value={rule.name <= names.names.length ? rule.name : 0} onChange={(event) => set({ name: Number(event.target.value) })} sx={{ flex: 1, minWidth: 140 }}>
                    <MenuItem value={0}>From other sources</MenuItem>
                    {names.names.map((one, i) => <MenuItem key={i} value={i + 1}>{`${i + 1}: ${one.full}`}</MenuItem>)}
                  </TextField>
                  <RowTools what={`rule ${at + 1}`} first={at === 0} last={at === rules.length - 1} onMove={(by) => setNames({ rules: moved(rules, at, by) })} onRemove={() => setNames({ rules: rules.filter((_, i) => i !== at) })} />
                </Box>
              );
            })}
            <AddButton onClick={() => setNames({ rules: [...rules, { plmn: '', from: '0000', to: 'fffe', name: 1 }] })}>Add a rule</AddButton>
          </>
        )}
      </Part>
      <Part title="Name of the package" note="profileType in the header; devices do not show it" changed={desk.pending('profile-type') !== undefined} problem={desk.problem('profile-type')}>
        <Text label="Name of the package" value={type.text} onChange={(text) => desk.put({ kind: 'profile-type', text })} width={420} />
      </Part>
    </>
  );
}
