/** What is picked, and what may be done with it. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Divider from '@mui/material/Divider';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import ArrowDropDown from '@mui/icons-material/ArrowDropDown';
import { CommandButton, useCommands } from '../app/command-context.tsx';
import { enablement } from '../app/commands.ts';
import { useRefused } from '../app/permissions.ts';
import { count } from '../design/formats.ts';
import { bulkOrder, bulkWords } from './bulk-words.ts';
import type { InventorySelection } from './use-selection.ts';

export const bulkMenuId = 'bulk-menu';

interface BarProps {
  readonly selection: InventorySelection;
  /** Exact number of rows of the list; undefined while it is being counted. */
  readonly matching: number | undefined;
  readonly moreThan: number | undefined;
}

export function SelectionBar({ selection, matching, moreThan }: BarProps): ReactElement {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const { commands, run } = useCommands();
  const refused = useRefused();
  const left = selection.rows.length;
  const all = matching === undefined ? (moreThan === undefined ? 'all that match' : `all of more than ${count(moreThan)} that match`) : `all ${count(matching)} that match`;
  const said = !selection.all ? `${count(left)} selected` : `${matching === undefined ? all.charAt(0).toUpperCase() + all.slice(1) : left === 0 ? `All ${count(matching)} that match` : `${count(Math.max(0, matching - left))} of ${count(matching)}`} are selected${left > 0 ? `, without ${count(left)}` : ''}`;
  const canAll = !selection.all && (matching === undefined || matching > left);
  return (
    <Box role="group" aria-label="Selected profiles" sx={(theme) => ({ display: 'flex', gap: 1, alignItems: 'center', flexWrap: 'wrap', justifyContent: 'flex-end', my: '-4px', p: '3px 4px 3px 14px', borderRadius: '8px', background: theme.desk.accentSoft, border: `1px solid ${theme.desk.line}`, minHeight: 38 })}>
      <Box component="span" role="status" aria-live="polite" sx={{ fontWeight: 600 }}>{said}.</Box>
      {selection.full && <span>No more can be picked one by one.</span>}
      {canAll && <Button onClick={selection.selectAll} sx={(theme) => ({ color: theme.desk.accentText, textDecoration: 'underline', textUnderlineOffset: '3px' })}>Select {all}</Button>}
      <CommandButton id="inventory.compare" label="Compare" />
      <CommandButton id="inventory.export" label="Export" />
      <Button id={bulkMenuId} variant="contained" color="primary" endIcon={<ArrowDropDown />} aria-haspopup="menu" aria-expanded={anchor !== null} onClick={(event) => setAnchor(event.currentTarget)}>
        Actions
      </Button>
      <Button onClick={selection.clear}>Clear</Button>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)} slotProps={{ list: { dense: true, 'aria-label': 'Actions' } }}>
        {[...bulkOrder.map((name) => `bulk.${name}`), 'bulk.prepare'].flatMap((id) => {
          const command = commands.find((c) => c.id === id);
          if (command === undefined) return [];
          const { enabled, reason } = enablement(command, refused);
          const item = (
            <MenuItem
              key={id}
              disabled={!enabled}
              onClick={() => {
                setAnchor(null);
                run(id);
              }}
              sx={(theme) => ({ ...(id === 'bulk.retire' ? { color: theme.desk.danger } : {}), '&.Mui-disabled': { opacity: 1, color: theme.desk.muted } })}
            >
              <span>
                {id.startsWith('bulk.') && id !== 'bulk.prepare' ? bulkWords[id.slice(5) as keyof typeof bulkWords].title : command.title}
                {reason !== undefined && <Box component="span" sx={{ display: 'block', fontSize: '0.75rem' }}>{reason}</Box>}
              </span>
            </MenuItem>
          );
          return id === 'bulk.quarantine' || id === 'bulk.addLabel' || id === 'bulk.retire' || id === 'bulk.prepare' ? [<Divider key={`${id}-line`} />, item] : [item];
        })}
      </Menu>
    </Box>
  );
}
