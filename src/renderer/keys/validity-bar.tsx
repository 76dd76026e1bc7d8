import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import { Status, toneIcon } from '../design/status.tsx';
import { Moment, Muted } from '../design/text.tsx';
import { validityOf } from './validity.ts';

/** How much of a validity is left, as a bar, a word and its last day. A bar that is over is full again, in red. */
export function ValidityBar({ notBefore, notAfter, now, date = true }: { readonly notBefore?: number; readonly notAfter: number; readonly now: number; readonly date?: boolean }): ReactElement {
  const validity = validityOf(notBefore ?? 0, notAfter, now);
  return (
    <Box component="span" sx={{ display: 'inline-flex', alignItems: 'baseline', gap: 1, whiteSpace: 'nowrap' }}>
      {notBefore !== undefined && (
        <Box component="span" aria-hidden sx={(theme) => ({ width: 44, height: 6, flex: 'none', alignSelf: 'center', borderRadius: '3px', background: theme.desk.neutralSoft, overflow: 'hidden' })}>
          <Box component="span" sx={(theme) => ({ display: 'block', height: '100%', background: theme.desk[validity.tone] })} style={{ width: `${validity.passed >= 1 ? 100 : Math.max(8, 100 * (1 - validity.passed))}%` }} />
        </Box>
      )}
      <Status look={{ tone: validity.tone, icon: toneIcon(validity.tone), word: validity.word }} quiet={validity.tone === 'success'} />
      {date && (
        <Muted>
          until <Moment at={notAfter} show="date" />
        </Muted>
      )}
    </Box>
  );
}
