/** Reading and changing through react-query, keyed by procedure, kept fresh by the engine's stream of changes. */
import { type Query, QueryClient, keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient, type UseInfiniteQueryResult, type InfiniteData, type UseQueryResult, type UseMutationResult } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { z } from 'zod';
import { contract } from '../../shared/contract/index.ts';
import type { Procedure } from '../../shared/contract/define.ts';
import { bridge, call, DeskProblem, problemOf } from './client.ts';
import { staleAreas, tooDeepToReload } from './staleness.ts';

/** Refusals are answers, not accidents: only an absent engine is asked again. */
const worthAsking = (tries: number, error: Error): boolean => tries < 3 && problemOf(error).code === 'ENGINE_UNAVAILABLE';

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: Number.POSITIVE_INFINITY, gcTime: 300_000, retry: worthAsking, retryDelay: 1_000, refetchOnWindowFocus: false, networkMode: 'always' },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}

interface AskOptions {
  readonly enabled?: boolean;
  readonly refetchInterval?: number | false;
  readonly keepPrevious?: boolean;
}

export function useDesk<I extends z.ZodType, O extends z.ZodType>(procedure: Procedure<I, O>, input: z.input<I>, options: AskOptions = {}): UseQueryResult<z.output<O>, Error> {
  return useQuery<z.output<O>>({
    queryKey: [procedure.name, input],
    queryFn: () => call(procedure, input),
    enabled: options.enabled ?? true,
    refetchInterval: options.refetchInterval ?? false,
    ...(options.keepPrevious === true ? { placeholderData: keepPreviousData as never } : {}),
  });
}

export interface Page<Row> {
  readonly rows: Row[];
  readonly next?: string | undefined;
  readonly total?: number | undefined;
}

/** A keyset-paged list; pages are asked for as the reader reaches them. */
export function useDeskPages<Row>(name: string, filter: unknown, ask: (cursor: string | undefined) => Promise<Page<Row>>, options: { refetchInterval?: number | false } = {}): UseInfiniteQueryResult<InfiniteData<Page<Row>>, Error> {
  return useInfiniteQuery({
    queryKey: [name, 'pages', filter],
    queryFn: ({ pageParam }) => ask(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    refetchInterval: options.refetchInterval ?? false,
  });
}

export function useDeskCommand<I extends z.ZodType, O extends z.ZodType>(procedure: Procedure<I, O>): UseMutationResult<z.output<O>, Error, z.input<I>> {
  const client = useQueryClient();
  return useMutation<z.output<O>, Error, z.input<I>>({
    mutationFn: (input) => call(procedure, input),
    onSuccess: () => {
      void invalidateArea(client, areaOf(procedure.name));
    },
  });
}

export const areaOf = (procedureName: string): string => procedureName.slice(0, procedureName.indexOf('.'));

/**
 * Reads again what a change of an area touches. A question that is still under way is not asked a second time beside itself: a
 * busy engine would meet ever more of them. It is asked once more when its answer is there, because that may be of before.
 */
export async function invalidateArea(client: QueryClient, area: string): Promise<void> {
  const touched = staleAreas(area);
  const touches = (query: Query): boolean => {
    const key = String(query.queryKey[0]);
    return touched === 'all' || touched.has(areaOf(key)) || touched.has(key);
  };
  const underWay = client.getQueryCache().findAll({ type: 'active', fetchStatus: 'fetching', predicate: touches });
  // A list scrolled far down is marked as changed instead of being read again from the top, page by page.
  await client.invalidateQueries({ predicate: touches, refetchType: 'none' });
  const refetch = async (predicate: (query: Query) => boolean): Promise<void> => client.refetchQueries({ type: 'active', stale: true, predicate: (query) => predicate(query) && !tooDeepToReload(query.state.data) }, { cancelRefetch: false });
  await refetch((query) => query.state.isInvalidated);
  if (underWay.length === 0) return;
  const behind = new Set(underWay.map((query) => query.queryHash));
  await client.invalidateQueries({ predicate: (query) => behind.has(query.queryHash), refetchType: 'none' });
  await refetch((query) => behind.has(query.queryHash));
}

const settleMs = 400;

/** Follows `workspace.changes`. Answers whether the stream has said anything yet. */
export function useChangeFeed(): void {
  const client = useQueryClient();
  useEffect(() => {
    let pending = new Set<string>();
    let timer: number | undefined;
    const flush = (): void => {
      timer = undefined;
      const areas = pending;
      pending = new Set();
      for (const area of areas) void invalidateArea(client, area);
    };
    const stop = bridge().subscribe(contract.workspace.changes.name, {}, (data) => {
      const parsed = contract.workspace.changes.output.safeParse(data);
      if (!parsed.success) return;
      for (const area of parsed.data.areas) pending.add(area);
      timer ??= window.setTimeout(flush, settleMs);
    });
    return () => {
      window.clearTimeout(timer);
      stop();
    };
  }, [client]);
}

/** True while the engine does not answer, judged by the status question. */
export function useEngineAway(error: Error | null): boolean {
  return error instanceof DeskProblem && (error.code === 'ENGINE_UNAVAILABLE' || error.code === 'NOT_SIGNED_IN');
}

/** A value that follows another after a pause, for typing into filters. */
export function useSettled<T>(value: T, afterMs = 220): T {
  const [settled, set] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => set(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}
