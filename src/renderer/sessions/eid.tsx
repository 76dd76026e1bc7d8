import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';
import Tooltip from '@mui/material/Tooltip';
import VisibilityOffOutlined from '@mui/icons-material/VisibilityOffOutlined';
import VisibilityOutlined from '@mui/icons-material/VisibilityOutlined';
import { mask } from '../../shared/identifiers/index.ts';
import { Identifier } from '../design/text.tsx';

/** An EID names a person's device: its middle is hidden until somebody asks for it. */
export function MaskedEid({ eid, revealed, onReveal }: { readonly eid: string; readonly revealed: boolean; readonly onReveal: (revealed: boolean) => void }): ReactElement {
  const Icon = revealed ? VisibilityOffOutlined : VisibilityOutlined;
  const label = revealed ? 'Hide the EID' : 'Show the whole EID';
  return (
    <Box component="span" sx={{ display: 'inline-flex', alignItems: 'flex-start', gap: '2px', maxWidth: '100%' }}>
      {revealed ? <Identifier value={eid} what="EID" group={8} copy /> : <Identifier value={mask(eid).replace(/•+/, '••••')} what="EID" />}
      <Tooltip title={label}>
        <IconButton aria-label={label} aria-pressed={revealed} onClick={() => onReveal(!revealed)} sx={{ p: '3px', mt: '-2px' }}>
          <Icon sx={{ fontSize: '0.95rem' }} />
        </IconButton>
      </Tooltip>
    </Box>
  );
}
