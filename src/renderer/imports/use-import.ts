/** One import as the engine holds it, and the changes a person makes to it. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { useMutation, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import type { z } from 'zod';
import { imports, type ImportColumn, type ImportEffect, type ImportView } from '../../shared/contract/imports.ts';
import { call } from '../app/client.ts';
import { useDesk } from '../app/queries.ts';

type MapInput = Omit<z.input<typeof imports.map.input>, 'id'>;

export interface OpenImport {
  readonly query: UseQueryResult<ImportView, Error>;
  /** Puts what a command answered in the place of what was read before. */
  take(view: ImportView): void;
  /** A job was started: reads the import again, and goes on doing so until it shows. */
  expect(): void;
  /** Sends a change of the mapping; answers the import as it is then. */
  map(change: MapInput): Promise<ImportView>;
  readonly mapping: boolean;
  readonly refusal: unknown;
  clearRefusal(): void;
}

const busyStates: readonly ImportView['state'][] = ['validating', 'committing'];
const jobLives = (view: ImportView): boolean => view.job !== undefined && (view.job.state === 'running' || view.job.state === 'queued');

export function useImport(id: string): OpenImport {
  const client = useQueryClient();
  const [busy, setBusy] = useState(true);
  // A job that was just asked for may not have begun when the import is read again: it is looked at for a while all the same.
  const [expecting, setExpecting] = useState(false);
  const query = useDesk(imports.show, { id }, { refetchInterval: busy || expecting ? 700 : false });
  const { data } = query;
  useEffect(() => setBusy(data !== undefined && (busyStates.includes(data.state) || jobLives(data))), [data]);
  useEffect(() => {
    if (!expecting) return;
    const timer = setTimeout(() => setExpecting(false), 6_000);
    return () => clearTimeout(timer);
  }, [expecting]);
  const { refetch } = query;
  const expect = useCallback(() => {
    setExpecting(true);
    void refetch();
  }, [refetch]);
  const [refusal, setRefusal] = useState<unknown>();
  const take = useCallback((view: ImportView) => client.setQueryData([imports.show.name, { id }], view), [client, id]);
  const run = useMutation({ mutationFn: (change: MapInput) => call(imports.map, { id, ...change }) });
  const { mutateAsync } = run;
  const map = useCallback(
    async (change: MapInput) => {
      setRefusal(undefined);
      try {
        const view = await mutateAsync(change);
        take(view);
        return view;
      } catch (error) {
        setRefusal(error);
        throw error;
      }
    },
    [mutateAsync, take],
  );
  return { query, take, expect, map, mapping: run.isPending, refusal, clearRefusal: () => setRefusal(undefined) };
}

export interface Draft {
  readonly columns: readonly ImportColumn[];
  change(index: number, column: Omit<ImportColumn, 'index'>): void;
  replace(columns: readonly ImportColumn[]): void;
  /** What stands here and was refused, so that leaving would lose it. */
  readonly unsaved: boolean;
}

/**
 * The columns as a person sets them: shown at once, sent at once, in order. What the engine refuses stays here with the reason,
 * so that it can be mended instead of being typed again.
 */
export function useColumnDraft(view: ImportView, map: OpenImport['map']): Draft {
  const [draft, setDraft] = useState<readonly ImportColumn[] | undefined>();
  const [failed, setFailed] = useState(false);
  const sent = useRef(0);
  const columns = draft ?? view.columns;
  const replace = useCallback(
    (next: readonly ImportColumn[]) => {
      sent.current += 1;
      const turn = sent.current;
      setDraft(next);
      setFailed(false);
      map({ columns: next.map((one) => ({ ...one, transforms: [...one.transforms] })) }).then(
        () => {
          if (turn === sent.current) setDraft(undefined);
        },
        () => {
          if (turn === sent.current) setFailed(true);
        },
      );
    },
    [map],
  );
  const change = useCallback((index: number, column: Omit<ImportColumn, 'index'>) => replace([...columns.filter((one) => one.index !== index), { index, ...column }].sort((a, b) => a.index - b.index)), [columns, replace]);
  return { columns, change, replace, unsaved: failed };
}

/** What a commit would do. Asked by how the rows stand, not by every change: while the commit begins there is no answer any more. Of a large file it takes a while: it is not asked before the preview is `wanted`, and the answer of a moment ago serves again. */
export function useEffectOf(view: ImportView, wanted: boolean): UseQueryResult<ImportEffect, Error> {
  return useQuery({ queryKey: ['importEffect', view.id, view.counts, view.type], queryFn: () => call(imports.preview, { id: view.id }), enabled: wanted && view.state === 'validated', staleTime: 20_000 });
}
