/** Takes a file in from wherever it came, and goes to its wizard. */
import { useCallback, useState } from 'react';
import { useNavigate } from 'react-router';
import { imports, type ImportView } from '../../shared/contract/imports.ts';
import { call, DeskProblem, problemOf, uploadFile } from '../app/client.ts';
import { useDeskCommand } from '../app/queries.ts';
import { bytes } from '../design/formats.ts';
import { applyByName, namedColumns } from './import-words.ts';

/** What the engine takes as one upload. */
export const mostBytes = 512 * 1024 * 1024;

export interface FileOpening {
  /** Name of the file on its way. */
  readonly busy: string | undefined;
  readonly problem: { readonly file: string; readonly error: DeskProblem } | undefined;
  open(file: File, how?: { readonly preset?: string; readonly mapping?: string }): Promise<void>;
  /** A corrected file of an import before: its columns, rules and profile type are taken over. */
  openLike(file: File, before: ImportView): Promise<void>;
  forget(): void;
}

export function useOpenFile(): FileOpening {
  const [busy, setBusy] = useState<string | undefined>();
  const [problem, setProblem] = useState<FileOpening['problem']>();
  const navigate = useNavigate();
  const { mutateAsync } = useDeskCommand(imports.open);
  const take = useCallback(
    async (file: File, how: { readonly preset?: string; readonly mapping?: string }, before?: ImportView) => {
      setProblem(undefined);
      setBusy(file.name);
      try {
        if (file.size > mostBytes) throw new DeskProblem({ code: 'UPLOAD_TOO_LARGE', message: `The file has ${bytes(file.size)}; at most ${bytes(mostBytes)} are taken at once.`, hint: 'Split it into parts; each part is an import of its own.', correlationId: '' });
        const view = await mutateAsync({ file: await uploadFile(file), fileName: file.name === '' ? 'pasted.csv' : file.name, ...how });
        if (before?.type !== undefined && view.imported === undefined) {
          await call(imports.map, { id: view.id, columns: applyByName(view.detection.columns, view.columns, namedColumns(before)).columns, rules: before.rules, type: before.type }).catch(() => undefined);
        }
        await navigate(`/imports/${view.id}${before === undefined || view.imported !== undefined ? '' : '?step=rules'}`);
      } catch (error) {
        setProblem({ file: file.name, error: problemOf(error) });
      } finally {
        setBusy(undefined);
      }
    },
    [mutateAsync, navigate],
  );
  const open = useCallback<FileOpening['open']>((file, how = {}) => take(file, how), [take]);
  const openLike = useCallback<FileOpening['openLike']>((file, before) => take(file, {}, before), [take]);
  return { busy, problem, open, openLike, forget: () => setProblem(undefined) };
}
