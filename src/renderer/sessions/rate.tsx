import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Tooltip from '@mui/material/Tooltip';
import { useTheme } from '@mui/material/styles';
import { count, plural } from '../design/formats.ts';
import { Muted } from '../design/text.tsx';

interface Minute { readonly at: number; readonly started: number; readonly failed: number }

/** What the bars say, in one sentence. */
export function rateWords(minutes: readonly Minute[]): string {
  const started = minutes.reduce((sum, one) => sum + one.started, 0);
  const failed = minutes.reduce((sum, one) => sum + one.failed, 0);
  if (started === 0) return 'No session in the last hour';
  return `${plural(started, 'session')} in the last hour, ${failed === 0 ? 'none' : count(failed)} failing, at most ${count(Math.max(...minutes.map((one) => one.started)))} in a minute`;
}

const width = 180;
const height = 26;

/** Sessions of each minute of the last hour; the failing ones stand at the foot of each bar. */
export function Rate({ minutes }: { readonly minutes: readonly Minute[] }): ReactElement {
  const { desk } = useTheme();
  const most = Math.max(1, ...minutes.map((one) => one.started));
  const step = width / Math.max(1, minutes.length);
  const tall = (n: number): number => (n === 0 ? 0 : Math.max(2, Math.round((n / most) * (height - 2))));
  const started = minutes.reduce((sum, one) => sum + one.started, 0);
  return (
    <Tooltip title={rateWords(minutes)} describeChild>
      <Box tabIndex={0} role="img" aria-label={rateWords(minutes)} sx={{ display: 'inline-flex', alignItems: 'center', gap: '8px' }}>
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden>
          <line x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} stroke={desk.line} />
          {minutes.map((one, at) => (
            <g key={one.at}>
              <rect x={at * step + 0.5} width={step - 1} y={height - 1 - tall(one.started)} height={tall(one.started)} fill={desk.accent} />
              <rect x={at * step + 0.5} width={step - 1} y={height - 1 - Math.min(tall(one.failed), tall(one.started))} height={Math.min(tall(one.failed), tall(one.started))} fill={desk.danger} />
            </g>
          ))}
        </svg>
        <Muted>{count(started)} in 60 min</Muted>
      </Box>
    </Tooltip>
  );
}
