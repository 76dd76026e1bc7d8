/** A group that was dealt with here stays as a line in its place: nothing jumps under the hand, and rows left out can come back. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TaskAltOutlined from '@mui/icons-material/TaskAltOutlined';
import { imports, type ImportGroup } from '../../shared/contract/imports.ts';
import { call } from '../app/client.ts';
import { useToasts } from '../app/toasts.tsx';
import { Muted } from '../design/text.tsx';
import { groupTitle } from './import-words.ts';
import type { StepProps } from './wizard-screen.tsx';

export interface Handled {
  readonly group: ImportGroup;
  /** `3 rows left out` */
  readonly what: string;
  /** Lines that can be taken back in; empty where they are not known or nothing was left out. */
  readonly lines: readonly number[];
}

export function HandledGroup({ view, open, handled, onBack }: Pick<StepProps, 'view' | 'open'> & { readonly handled: Handled; readonly onBack: () => void }): ReactElement {
  const toasts = useToasts();
  const [busy, setBusy] = useState(false);
  const takeBack = async (): Promise<void> => {
    setBusy(true);
    try {
      const answer = await call(imports.leaveOut, { id: view.id, lines: [...handled.lines], back: true });
      open.take(answer.import);
      onBack();
    } catch (error) {
      toasts.failed(error, 'Take back');
      setBusy(false);
    }
  };
  return (
    <Box role="status" sx={(theme) => ({ display: 'flex', gap: 1.25, alignItems: 'center', p: '9px 12px 9px 14px', minHeight: 52, border: `1px solid ${theme.desk.line}`, borderLeft: `3px solid ${theme.desk.success}`, borderRadius: '8px' })}>
      <TaskAltOutlined aria-hidden sx={(theme) => ({ color: theme.desk.success })} />
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <strong>{handled.what}</strong> <Muted>{groupTitle(handled.group)}</Muted>
      </Box>
      {handled.lines.length > 0 && (
        <Button variant="outlined" disabled={busy} onClick={() => void takeBack()}>
          {handled.lines.length === 1 ? 'Take it back in' : 'Take them back in'}
        </Button>
      )}
    </Box>
  );
}
