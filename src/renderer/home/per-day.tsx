import { lazy, Suspense, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Skeleton from '@mui/material/Skeleton';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import BarChartOutlined from '@mui/icons-material/BarChartOutlined';
import DownloadOutlined from '@mui/icons-material/DownloadOutlined';
import TableRowsOutlined from '@mui/icons-material/TableRowsOutlined';
import { useTheme } from '@mui/material/styles';
import { csv, saveText } from '../design/download.ts';
import { count } from '../design/formats.ts';
import { Panel } from '../design/panel.tsx';
import type { Series } from '../design/chart.tsx';

const DayChart = lazy(async () => ({ default: (await import('../design/chart.tsx')).DayChart }));
const height = 236;

interface Day {
  readonly day: string;
  readonly ordered: number;
  readonly installed: number;
  readonly failed: number;
}

/** Activations per day, as bars or as the same numbers in a table. */
export function PerDay({ days }: { readonly days: readonly Day[] }): ReactElement {
  const [view, setView] = useState<'chart' | 'table'>('chart');
  const { desk } = useTheme();
  const series: Series[] = [
    { name: 'Ordered', colour: desk.neutral, values: days.map((d) => d.ordered) },
    { name: 'Installed', colour: desk.accent, values: days.map((d) => d.installed) },
    { name: 'Failed', colour: desk.danger, values: days.map((d) => d.failed) },
  ];
  const sums = series.map((s) => `${s.name.toLowerCase()} ${count(s.values.reduce((a, b) => a + b, 0))}`).join(', ');
  return (
    <Panel
      title="Activations per day"
      aside={
        <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
          <Button variant="text" startIcon={<DownloadOutlined />} onClick={() => saveText('activations-per-day.csv', csv(['day', 'ordered', 'installed', 'failed'], days.map((d) => [d.day, String(d.ordered), String(d.installed), String(d.failed)])))}>
            CSV
          </Button>
          <ToggleButtonGroup size="small" exclusive value={view} onChange={(_, next: 'chart' | 'table' | null) => next !== null && setView(next)} aria-label="Show as">
            <ToggleButton value="chart" aria-label="Chart" sx={{ p: '3px 8px' }}>
              <BarChartOutlined />
            </ToggleButton>
            <ToggleButton value="table" aria-label="Table" sx={{ p: '3px 8px' }}>
              <TableRowsOutlined />
            </ToggleButton>
          </ToggleButtonGroup>
        </Box>
      }
    >
      {view === 'chart' ? (
        <Suspense fallback={<Skeleton variant="rounded" height={height} />}>
          <DayChart days={days.map((d) => d.day)} series={series} height={height} label={`Activations per day over ${days.length} days: ${sums}. The table shows every number.`} />
        </Suspense>
      ) : (
        <Box tabIndex={0} role="group" aria-label="Activations per day" sx={{ maxHeight: height, overflow: 'auto' }}>
          <Table size="small" stickyHeader>
            <TableHead>
              <TableRow>
                <TableCell sx={{ background: desk.surface }}>Day (UTC)</TableCell>
                {series.map((s) => (
                  <TableCell key={s.name} align="right" sx={{ background: desk.surface }}>
                    {s.name}
                  </TableCell>
                ))}
              </TableRow>
            </TableHead>
            <TableBody>
              {[...days].reverse().map((d) => (
                <TableRow key={d.day}>
                  <TableCell component="th" scope="row">
                    {d.day}
                  </TableCell>
                  <TableCell align="right">{count(d.ordered)}</TableCell>
                  <TableCell align="right">{count(d.installed)}</TableCell>
                  <TableCell align="right">{count(d.failed)}</TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </Box>
      )}
    </Panel>
  );
}
