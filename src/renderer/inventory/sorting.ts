/** Which orders the engine can follow (contract `sortColumns`): a press that would make another one is bent to the nearest. */
import { sortColumns, type SortColumn, type SortKey as AskedKey } from '../../shared/contract/profile-filter.ts';
import type { SortKey } from '../design/grid-layout.ts';

const kindOf = (key: SortKey): 'leading' | 'key' | 'alone' | undefined => sortColumns[key.by as SortColumn];

/** The last key asked for always stays: it is the one just pressed. */
export function fitSort(sort: readonly SortKey[]): SortKey[] {
  const known = sort.filter((key) => kindOf(key) !== undefined);
  const last = known.at(-1);
  if (last === undefined || kindOf(last) === 'alone') return last === undefined ? [] : [last];
  const leading = known.filter((key) => kindOf(key) === 'leading');
  const key = known.findLast((each) => kindOf(each) === 'key');
  return key === undefined ? leading : [...leading, key];
}

export const askedSort = (sort: readonly SortKey[]): AskedKey[] => fitSort(sort).map((key) => ({ by: key.by as SortColumn, down: key.direction === 'desc' }));
export const layoutSort = (sort: readonly AskedKey[]): SortKey[] => sort.map((key) => ({ by: key.by, direction: key.down === true ? 'desc' : 'asc' }));
