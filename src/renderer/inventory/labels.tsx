/** Labels: a word with a spot of colour beside it. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import type { ProfileLabel } from '../../shared/contract/profiles.ts';
import { labelColour, labelColours } from '../design/tokens.ts';

export { labelColour };

export function LabelSpot({ colour }: { readonly colour: string }): ReactElement {
  const [light, dark] = labelColours[labelColour(colour)];
  return <Box component="span" aria-hidden sx={(theme) => ({ display: 'inline-block', width: 9, height: 9, flex: 'none', borderRadius: '3px', background: theme.palette.mode === 'light' ? light : dark })} />;
}

export function LabelTag({ label, children }: { readonly label: ProfileLabel; readonly children?: React.ReactNode }): ReactElement {
  return (
    <Box component="span" sx={(theme) => ({ display: 'inline-flex', alignItems: 'center', gap: '5px', height: 20, px: '6px', borderRadius: '4px', border: `1px solid ${theme.desk.line}`, fontSize: '0.75rem', lineHeight: '18px', maxWidth: '100%', whiteSpace: 'nowrap' })}>
      <LabelSpot colour={label.colour} />
      <Box component="span" sx={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>{label.name}</Box>
      {children}
    </Box>
  );
}
