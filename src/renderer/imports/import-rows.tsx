/** Any row of the file, by how it stands. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { imports, type ImportRow } from '../../shared/contract/imports.ts';
import { useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { count, plural } from '../design/formats.ts';
import { Panel } from '../design/panel.tsx';
import { leaveOutBad } from './import-words.ts';
import { RowTable } from './row-table.tsx';
import type { StepProps } from './wizard-screen.tsx';

type Choice = ImportRow['state'];

export function ImportRows({ view, open, turn, onChanged }: Pick<StepProps, 'view' | 'open'> & { readonly turn: number; readonly onChanged: () => void }): ReactElement {
  const [chosen, setChosen] = useState<Choice | undefined>();
  const leave = useDeskCommand(imports.leaveOut);
  const toasts = useToasts();
  const counts = view.counts!;
  const options: readonly (readonly [Choice, string, number])[] = [['bad', 'To repair', counts.bad], ['left-out', 'Left out', counts.leftOut], ['skipped', 'Passed over', counts.skipped], ['good', 'Ready', counts.good]];
  return (
    <Panel
      title="Rows"
      aside={
        counts.bad > 0 && (
          <Button variant="outlined" disabled={leave.isPending} onClick={() => leave.mutate({ id: view.id, bad: true }, { onSuccess: (answer) => { open.take(answer.import); onChanged(); toasts.done(`${plural(answer.changed, 'row')} left out`); }, onError: (error) => toasts.failed(error, 'Leave out') })}>
            {leaveOutBad(counts.bad)}
          </Button>
        )
      }
    >
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.25 }}>
        <ToggleButtonGroup exclusive size="small" value={chosen ?? null} aria-label="Rows by how they stand" onChange={(_, next: Choice | null) => setChosen(next ?? undefined)}>
          {options.map(([id, name, n]) => <ToggleButton key={id} value={id} disabled={n === 0} sx={{ px: 1.75, py: '3px' }}>{name} {count(n)}</ToggleButton>)}
        </ToggleButtonGroup>
        {chosen !== undefined && <RowTable key={chosen} view={view} open={open} filter={{ state: chosen }} turn={turn} label={`Rows: ${chosen}`} onLeftOut={onChanged} />}
      </Box>
    </Panel>
  );
}
