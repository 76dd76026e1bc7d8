import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import { phaseLook, Status } from '../design/status.tsx';
import { phaseBar, stages, type Phase } from './phase.ts';

/** Four bars for the four stages; the word beside them says the same. */
export function PhaseCell({ phase, steps, cancelledAfter = false }: { readonly phase: Phase; readonly steps: number; readonly cancelledAfter?: boolean | undefined }): ReactElement {
  const { passed, broke, tone } = phaseBar(phase, cancelledAfter ? steps - 1 : steps);
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: '10px' }}>
      <Box aria-hidden sx={{ display: 'flex', gap: '3px' }}>
        {stages.map((stage, at) => (
          <Box
            key={stage}
            sx={(theme) => {
              const broken = broke && at === passed;
              const colour = at < passed ? theme.desk[broke ? 'neutral' : tone] : broken ? theme.desk[tone] : theme.desk.neutralSoft;
              return { width: 18, height: 6, borderRadius: '2px', background: colour, outline: at >= passed && !broken ? `1px solid ${theme.desk.line}` : 'none', outlineOffset: '-1px' };
            }}
          />
        ))}
      </Box>
      <Status look={phaseLook[phase]} />
    </Box>
  );
}
