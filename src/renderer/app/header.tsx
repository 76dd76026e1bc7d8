import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import Tooltip from '@mui/material/Tooltip';
import ContrastOutlined from '@mui/icons-material/ContrastOutlined';
import DarkModeOutlined from '@mui/icons-material/DarkModeOutlined';
import KeyboardCommandKey from '@mui/icons-material/KeyboardCommandKey';
import WbSunnyOutlined from '@mui/icons-material/WbSunnyOutlined';
import { contract } from '../../shared/contract/index.ts';
import { zoneName } from '../design/formats.ts';
import { environments } from '../design/tokens.ts';
import { useCommands } from './command-context.tsx';
import { HeaderSearch } from './header-search.tsx';
import { JobsMenu } from './jobs-menu.tsx';
import { useNow } from './now.tsx';
import { usePreferences, type ThemeChoice } from './preferences.tsx';
import { useDesk } from './queries.ts';

export function Header(): ReactElement {
  const status = useDesk(contract.workspace.status, {});
  const { run } = useCommands();
  const { zone, setZone } = usePreferences();
  const now = useNow();
  const other = zone === 'utc' ? 'local' : 'utc';
  return (
    <Box component="header" sx={(theme) => ({ gridArea: 'header', display: 'flex', alignItems: 'center', gap: 1, px: '20px', borderBottom: `1px solid ${theme.desk.line}`, background: theme.desk.surface, minWidth: 0 })}>
      <HeaderSearch />
      <Box sx={{ flex: 1 }} />
      {status.data !== undefined && <EnvironmentBand environment={status.data.environment} name={status.data.name} />}
      <Box sx={{ width: 4 }} />
      <Tooltip title={`Times are in ${zoneName(zone, now)}. Switch to ${zoneName(other, now)}.`}>
        <Button aria-label={`Times are in ${zoneName(zone, now)}; switch to ${zoneName(other, now)}`} onClick={() => setZone(other)} sx={{ minWidth: 56, px: 1 }}>
          {zoneName(zone, now)}
        </Button>
      </Tooltip>
      <JobsMenu />
      <Tooltip title="Command palette (Ctrl+K)">
        <IconButton aria-label="Command palette" onClick={() => run('palette.open')}>
          <KeyboardCommandKey />
        </IconButton>
      </Tooltip>
      <ThemeMenu />
    </Box>
  );
}

/** Which kind of workspace this is; part of the frame, so it cannot be turned off. */
function EnvironmentBand({ environment, name }: { readonly environment: keyof typeof environments; readonly name: string }): ReactElement {
  const band = environments[environment];
  return (
    <Tooltip title={band.meaning} describeChild>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, minWidth: 0 }}>
        {name !== band.label && (
          <Box component="span" sx={(theme) => ({ color: theme.desk.muted, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', maxWidth: 190 })}>
            {name}
          </Box>
        )}
        <Box component="span" sx={{ background: band.stripe, color: band.ink, borderRadius: '4px', px: '8px', lineHeight: '20px', fontSize: '0.75rem', fontWeight: 600 }}>
          {band.label}
        </Box>
      </Box>
    </Tooltip>
  );
}

const themes: readonly { readonly choice: ThemeChoice; readonly name: string; readonly icon: typeof WbSunnyOutlined }[] = [
  { choice: 'system', name: 'As the system', icon: ContrastOutlined },
  { choice: 'light', name: 'Light', icon: WbSunnyOutlined },
  { choice: 'dark', name: 'Dark', icon: DarkModeOutlined },
];

function ThemeMenu(): ReactElement {
  const { theme: chosen, setTheme } = usePreferences();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const Icon = themes.find((t) => t.choice === chosen)?.icon ?? ContrastOutlined;
  return (
    <>
      <Tooltip title="Theme">
        <IconButton aria-label="Theme" aria-haspopup="menu" aria-expanded={anchor !== null} onClick={(event) => setAnchor(event.currentTarget)}>
          <Icon />
        </IconButton>
      </Tooltip>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)} slotProps={{ list: { dense: true, 'aria-label': 'Theme' } }}>
        {themes.map((each) => (
          <MenuItem
            key={each.choice}
            role="menuitemradio"
            aria-checked={each.choice === chosen}
            selected={each.choice === chosen}
            onClick={() => {
              setTheme(each.choice);
              setAnchor(null);
            }}
          >
            <each.icon sx={{ mr: 1 }} />
            {each.name}
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}
