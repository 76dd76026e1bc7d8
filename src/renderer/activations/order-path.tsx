/** How far an order has come, from reserved to installed. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import CheckCircle from '@mui/icons-material/CheckCircle';
import RadioButtonUnchecked from '@mui/icons-material/RadioButtonUnchecked';
import { reached, steps, type Path } from './path.ts';

export function OrderPath({ state }: { readonly state: Path }): ReactElement | null {
  const at = reached(state);
  if (at === undefined) return null;
  return (
    <Box component="ol" aria-label="How far the order has come" sx={{ listStyle: 'none', m: 0, p: 0, display: 'flex', alignItems: 'center', gap: '8px', flexWrap: 'wrap' }}>
      {steps.map((step, index) => {
        const done = index <= at;
        const Icon = done ? CheckCircle : RadioButtonUnchecked;
        return (
          <Box component="li" key={step.word} aria-current={index === at ? 'step' : undefined} sx={(theme) => ({ display: 'inline-flex', alignItems: 'center', gap: '6px', color: done ? theme.desk.text : theme.desk.muted, fontWeight: index === at ? 600 : 400 })}>
            {index > 0 && <Box component="span" aria-hidden sx={(theme) => ({ width: 26, '@media (max-width: 1100px)': { width: 10 }, height: '2px', borderRadius: '1px', background: done ? theme.desk.accent : theme.desk.line, mr: '2px' })} />}
            <Icon titleAccess={done ? 'Done' : 'To come'} sx={(theme) => ({ fontSize: '1rem', color: done ? theme.desk.accent : theme.desk.lineStrong })} />
            {index === 0 && state === 'linked' ? 'Reserved for one EID' : step.word}
          </Box>
        );
      })}
    </Box>
  );
}
