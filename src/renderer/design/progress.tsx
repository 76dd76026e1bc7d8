/** How far long work is: bar, counts, rate, time left. The same words wherever work runs. */
import type { ReactElement, ReactNode } from 'react';
import Box from '@mui/material/Box';
import LinearProgress from '@mui/material/LinearProgress';
import { progressFigures, type ProgressLike } from './progress-words.ts';

export function Progress({ label, work, unit, tone = 'primary', children }: { readonly label: string; readonly work: ProgressLike; readonly unit?: string; readonly tone?: 'primary' | 'warning' | 'success' | 'error'; readonly children?: ReactNode }): ReactElement {
  const part = work.total <= 0 ? 0 : Math.min(100, (100 * work.done) / work.total);
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: '6px' }}>
      <LinearProgress variant={work.total <= 0 ? 'indeterminate' : 'determinate'} value={part} color={tone} aria-label={`${label}: ${Math.floor(part)} percent`} />
      <Box sx={(theme) => ({ display: 'flex', gap: 2, alignItems: 'center', flexWrap: 'wrap', color: theme.desk.muted, fontSize: '0.8125rem' })}>
        <span>{progressFigures(work, unit)}</span>
        {children}
      </Box>
    </Box>
  );
}

/** A bar of shares with its legend, each with its own word: colour is never alone. */
export function Shares({ label, parts }: { readonly label: string; readonly parts: readonly { readonly name: string; readonly value: number; readonly colour: 'success' | 'warning' | 'danger' | 'neutral' | 'info'; readonly text: string }[] }): ReactElement {
  const whole = parts.reduce((sum, part) => sum + part.value, 0);
  return (
    <Box role="img" aria-label={`${label}: ${parts.map((part) => `${part.name} ${part.text}`).join(', ')}`} sx={(theme) => ({ display: 'flex', height: 8, borderRadius: '4px', overflow: 'hidden', gap: '2px', background: theme.desk.neutralSoft })}>
      {parts.filter((part) => part.value > 0).map((part) => (
        <Box key={part.name} style={{ flexGrow: Math.max(part.value / Math.max(1, whole), 0.004) }} sx={(theme) => ({ background: theme.desk[part.colour], minWidth: 3, flexBasis: 0 })} />
      ))}
    </Box>
  );
}
