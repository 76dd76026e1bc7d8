import type { ReactElement, ReactNode } from 'react';
import Box from '@mui/material/Box';
import Switch from '@mui/material/Switch';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { CommandButton } from '../app/command-context.tsx';
import { useNow } from '../app/now.tsx';
import { usePreferences, type ThemeChoice } from '../app/preferences.tsx';
import { zoneName, type Zone } from '../design/formats.ts';
import { Panel } from '../design/panel.tsx';
import { Muted } from '../design/text.tsx';

export function WindowSettings(): ReactElement {
  const { theme, setTheme, zone, setZone, letters, setLetters } = usePreferences();
  const now = useNow();
  return (
    <Panel title="This window" flush>
      <Line name="Theme" meaning="Kept on this computer.">
        <Choice<ThemeChoice> label="Theme" value={theme} onChange={setTheme} options={[['system', 'As the system'], ['light', 'Light'], ['dark', 'Dark']]} />
      </Line>
      <Line name="Times" meaning="Every time also shows its age and its ISO 8601 form under the pointer.">
        <Choice<Zone> label="Times" value={zone} onChange={setZone} options={[['utc', 'UTC'], ['local', `This computer (${zoneName('local', now)})`]]} />
      </Line>
      <Line name="Single-letter shortcuts" meaning="Such as g then i, n, or /. Turn off when you dictate text. Ctrl+K stays.">
        <Switch checked={letters} onChange={(_, on) => setLetters(on)} slotProps={{ input: { 'aria-label': 'Single-letter shortcuts', role: 'switch' } }} />
      </Line>
      <Line name="Workspace" meaning="A backup is a consistent copy of the database, checked after writing. Verifying recomputes every record of the audit chain.">
        <Box sx={{ display: 'flex', gap: 1 }}>
          <CommandButton id="workspace.backup" label="Back up" />
          <CommandButton id="audit.verify" label="Verify chain" />
          <CommandButton id="shortcuts.open" label="Shortcuts" />
        </Box>
      </Line>
    </Panel>
  );
}

function Line({ name, meaning, children }: { readonly name: string; readonly meaning: string; readonly children: ReactNode }): ReactElement {
  return (
    <Box sx={(theme) => ({ display: 'flex', gap: 3, alignItems: 'center', p: '9px 16px', '& + &': { borderTop: `1px solid ${theme.desk.line}` } })}>
      <Box sx={{ flex: 1 }}>
        <Box sx={{ fontWeight: 500 }}>{name}</Box>
        <Box sx={{ fontSize: '0.75rem' }}>
          <Muted>{meaning}</Muted>
        </Box>
      </Box>
      {children}
    </Box>
  );
}

function Choice<T extends string>({ label, value, onChange, options }: { readonly label: string; readonly value: T; readonly onChange: (value: T) => void; readonly options: readonly (readonly [T, string])[] }): ReactElement {
  return (
    <ToggleButtonGroup exclusive size="small" value={value} aria-label={label} onChange={(_, next: T | null) => next !== null && onChange(next)}>
      {options.map(([each, text]) => (
        <ToggleButton key={each} value={each} sx={{ px: '12px', py: '4px', textTransform: 'none' }}>
          {text}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
