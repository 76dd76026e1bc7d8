/** Exact number of rows of a filter, counted piece by piece so that no question holds the engine for long. */
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { inventory } from '../../shared/contract/inventory.ts';
import type { ProfileFilter } from '../../shared/contract/profile-filter.ts';
import { call } from '../app/client.ts';

const mostPieces = 2_000;

export async function countAll(filter: ProfileFilter, signal: AbortSignal | undefined): Promise<number> {
  let sum = 0;
  let cursor: string | undefined;
  for (let piece = 0; piece < mostPieces; piece++) {
    if (signal?.aborted === true) break;
    const part = await call(inventory.count, { filter, ...(cursor === undefined ? {} : { cursor }) });
    sum += part.count;
    cursor = part.next;
    if (cursor === undefined) return sum;
  }
  throw new Error('The rows could not be counted');
}

export const useCount = (filter: ProfileFilter, enabled: boolean): UseQueryResult<number, Error> =>
  useQuery({ queryKey: [inventory.count.name, filter], queryFn: ({ signal }) => countAll(filter, signal), enabled, gcTime: 60_000 });
