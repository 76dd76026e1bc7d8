/** Takes a file in from wherever it came, and goes to its wizard. */
import { useCallback, useState } from 'react';
import { useNavigate } from 'react-router';
import { imports } from '../../shared/contract/imports.ts';
import { DeskProblem, problemOf, uploadFile } from '../app/client.ts';
import { useDeskCommand } from '../app/queries.ts';
import { bytes } from '../design/formats.ts';

/** What the engine takes as one upload. */
export const mostBytes = 512 * 1024 * 1024;

export interface FileOpening {
  /** Name of the file on its way. */
  readonly busy: string | undefined;
  readonly problem: { readonly file: string; readonly error: DeskProblem } | undefined;
  open(file: File, how?: { readonly preset?: string; readonly mapping?: string }): Promise<void>;
  forget(): void;
}

export function useOpenFile(): FileOpening {
  const [busy, setBusy] = useState<string | undefined>();
  const [problem, setProblem] = useState<FileOpening['problem']>();
  const navigate = useNavigate();
  const { mutateAsync } = useDeskCommand(imports.open);
  const open = useCallback<FileOpening['open']>(
    async (file, how = {}) => {
      setProblem(undefined);
      setBusy(file.name);
      try {
        if (file.size > mostBytes) throw new DeskProblem({ code: 'UPLOAD_TOO_LARGE', message: `The file has ${bytes(file.size)}; at most ${bytes(mostBytes)} are taken at once.`, hint: 'Split it into parts; each part is an import of its own.', correlationId: '' });
        const view = await mutateAsync({ file: await uploadFile(file), fileName: file.name === '' ? 'pasted.csv' : file.name, ...how });
        await navigate(`/imports/${view.id}`);
      } catch (error) {
        setProblem({ file: file.name, error: problemOf(error) });
      } finally {
        setBusy(undefined);
      }
    },
    [mutateAsync, navigate],
  );
  return { busy, problem, open, forget: () => setProblem(undefined) };
}
