/** Saving, and deleting, of files that were made. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import DeleteSweepOutlined from '@mui/icons-material/DeleteSweepOutlined';
import { outputs, preparation, type BatchDetail } from '../../shared/contract/preparation.ts';
import { useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { saveFile } from '../design/download.ts';
import { bytes, plural } from '../design/formats.ts';
import { Muted } from '../design/text.tsx';

/** `Secrets in the clear (Lab only)` in a column that is about secrets. */
export const protectionText = (protection: string): string => protection.replace(/^Secrets i/, 'I').replace(/^The file e/, 'File e');

export function useSaveOutput(): { readonly busy: string | undefined; save(id: string): void } {
  const run = useDeskCommand(outputs.save);
  const toasts = useToasts();
  return {
    busy: run.isPending ? run.variables.id : undefined,
    save: (id) => run.mutate({ id }, { onSuccess: (offer) => { saveFile(offer); toasts.done(`${offer.name} handed out; its digest agrees`); }, onError: (error) => toasts.failed(error, 'Save') }),
  };
}

/** Last step of a batch: its files go, their row counts and digests stay. */
export function SweepButton({ batch }: { readonly batch: BatchDetail }): ReactElement {
  const [asking, setAsking] = useState(false);
  const run = useDeskCommand(preparation.sweep);
  const toasts = useToasts();
  if (!asking) return <Button variant="outlined" startIcon={<DeleteSweepOutlined />} onClick={() => setAsking(true)}>Delete files…</Button>;
  return (
    <Box role="group" aria-label="Delete the files of this batch?" sx={{ display: 'inline-flex', gap: 1, alignItems: 'center', flexWrap: 'wrap' }}>
      <Muted>Deletes {plural(batch.files, 'file')} from this machine; row counts and digests stay.</Muted>
      <Button variant="outlined" color="error" disabled={run.isPending} onClick={() => run.mutate({ id: batch.id }, { onSuccess: (gone) => { toasts.done(`${plural(gone.files, 'file')} deleted, ${bytes(gone.bytes)}`); setAsking(false); }, onError: (error) => toasts.failed(error, 'Delete') })}>
        Delete them
      </Button>
      <Button variant="outlined" autoFocus onClick={() => setAsking(false)}>
        Keep them
      </Button>
    </Box>
  );
}
