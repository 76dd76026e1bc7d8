import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { DeskDialog } from '../design/dialog.tsx';
import { Keys } from '../design/text.tsx';
import { groupOrder } from './commands.ts';
import { useCommands } from './command-context.tsx';

const inLists: readonly (readonly [string, string])[] = [
  ['j', 'Next row (also arrow down)'],
  ['k', 'Previous row (also arrow up)'],
  ['Enter', 'Open the row'],
  ['Home', 'First row'],
  ['End', 'Last row read'],
  ['PageDown', 'A screen of rows down (PageUp: up)'],
  ['x', 'Select the row'],
  ['Shift+x', 'Select from the row selected last to here'],
  ['Shift+j', 'Select this row and the next (Shift+k: and the one before)'],
  ['Enter', 'On a column: sort by it; with Shift, then by it'],
  ['Esc', 'Close one layer: menu, dialog, filter text, selection, detail'],
];

export function ShortcutSheet({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { commands } = useCommands();
  const groups = groupOrder.map((group) => [group, commands.filter((c) => c.group === group && c.shortcut !== undefined).map((c) => [c.shortcut ?? '', c.title] as const)] as const).filter(([, list]) => list.length > 0);
  return (
    <DeskDialog title="Keyboard shortcuts" onClose={onClose} width={720}>
      <Box sx={{ columnCount: 2, columnGap: '36px', '@media (max-width: 640px)': { columnCount: 1 } }}>
        {[...groups, ['In lists', inLists] as const].map(([group, list]) => (
          <Box key={group} sx={{ breakInside: 'avoid', mb: 2 }}>
            <Typography variant="h3" sx={{ mb: '4px' }}>
              {group}
            </Typography>
            <Box component="dl" sx={{ m: 0, display: 'grid', gridTemplateColumns: '1fr auto', rowGap: '4px' }}>
              {list.map(([keys, title]) => (
                <Box key={title} sx={{ display: 'contents' }}>
                  <Box component="dt">{title}</Box>
                  <Box component="dd" sx={{ m: 0, textAlign: 'right' }}>
                    <Keys shortcut={keys} />
                  </Box>
                </Box>
              ))}
            </Box>
          </Box>
        ))}
      </Box>
    </DeskDialog>
  );
}
