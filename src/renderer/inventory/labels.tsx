/** Labels: a word with a spot of colour beside it. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import type { ProfileLabel } from '../../shared/contract/profiles.ts';

/** Spots only, never behind text: they need three to one against the surface of either theme. */
const colours: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  grey: ['#67757a', '#9fb0b4'], blue: ['#2f6fc4', '#7fb0f0'], teal: ['#0b7a82', '#58bfc9'], green: ['#2b7f4f', '#6dc493'],
  amber: ['#9a6a00', '#e3b266'], orange: ['#b4540a', '#f0a06a'], red: ['#b8352c', '#f2938a'], violet: ['#6f55b5', '#b6a3ee'],
};

export function LabelSpot({ colour }: { readonly colour: string }): ReactElement {
  const [light, dark] = colours[colour] ?? colours['grey']!;
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

export function LabelList({ labels }: { readonly labels: readonly ProfileLabel[] }): ReactElement {
  return (
    <Box component="span" title={labels.map((l) => l.name).join(', ')} sx={{ display: 'inline-flex', gap: '4px', alignItems: 'center', verticalAlign: 'middle', maxWidth: '100%', overflow: 'hidden' }}>
      {labels.map((label) => <LabelTag key={label.name} label={label} />)}
    </Box>
  );
}
