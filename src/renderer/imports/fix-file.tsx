/** The rows that stay out as a file, to be corrected and imported again. */
import type { ReactElement } from 'react';
import Button from '@mui/material/Button';
import DownloadOutlined from '@mui/icons-material/DownloadOutlined';
import { imports, type ImportView } from '../../shared/contract/imports.ts';
import { useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { saveFile } from '../design/download.ts';
import { plural } from '../design/formats.ts';
import { Muted } from '../design/text.tsx';
import { keysInFile } from './import-words.ts';

/** A fix file has every column of its rows, those that are passed over as well. */
export function FixFileKeys({ view }: { readonly view: ImportView }): ReactElement | null {
  return keysInFile(view) ? <Muted>The fix file holds the keys of these rows as the sender wrote them; keep it like the file itself.</Muted> : null;
}

export function FixFile({ view: { id }, disabled = false }: { readonly view: ImportView; readonly disabled?: boolean }): ReactElement {
  const run = useDeskCommand(imports.fixFile);
  const toasts = useToasts();
  return (
    <Button
      variant="outlined"
      startIcon={<DownloadOutlined />}
      disabled={disabled || run.isPending}
      onClick={() =>
        run.mutate({ id }, {
          onSuccess: (offer) => {
            saveFile(offer);
            toasts.done(`${offer.name}: ${plural(offer.rows, 'row')}, with what is wrong and a hint beside each`);
          },
          onError: (error) => toasts.failed(error, 'Fix file'),
        })
      }
    >
      Save the fix file
    </Button>
  );
}
