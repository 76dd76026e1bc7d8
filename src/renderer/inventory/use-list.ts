/** What the inventory shows: address in, rows out. */
import { useCallback, useMemo, useRef } from 'react';
import { useSearchParams } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import type { Condition } from '../../shared/contract/profile-filter.ts';
import type { ProfileRow } from '../../shared/contract/profiles.ts';
import { call } from '../app/client.ts';
import { keepLayout, useArranged, type ArrangedList } from '../design/grid-columns.tsx';
import { columnsText, readSort, sortText, type GridLayout } from '../design/grid-layout.ts';
import { usePageWindow } from '../design/use-page-window.ts';
import { useFilters } from '../design/use-filters.ts';
import { inventoryColumns } from './columns.tsx';
import { chipsOf, filterKeys, filterOf, withChip } from './filter.ts';
import { askedSort, fitSort } from './sorting.ts';
import { layoutOf } from './view-address.ts';

export const listName = contract.profiles.list.name;
const pageSize = 200;
/** Changes within so long of each other are one step back in the history. */
const oneStepMs = 4_000;
const withView = ['view'] as const;

/** The arrangement: the reader's own, or the one the address asks for. A change goes to where it came from; the order always into the address. */
function useListLayout(): ArrangedList {
  const [params, setParams] = useSearchParams();
  const own = useArranged('inventory', inventoryColumns);
  const layout = useMemo((): GridLayout => {
    const sort = params.get('sort');
    return { ...layoutOf(params, inventoryColumns, own.layout), sort: fitSort(sort === null ? own.layout.sort : readSort(inventoryColumns, sort)) };
  }, [params, own.layout]);
  const onLayout = useCallback(
    (asked: GridLayout): void => {
      const next = { ...asked, sort: fitSort(asked.sort) };
      const fromAddress = params.has('cols') || params.has('rows') || params.has('view');
      if (!fromAddress) own.onLayout(next);
      else keepLayout('inventory', inventoryColumns, { ...own.layout, sort: next.sort });
      const order = sortText(next.sort);
      setParams(
        (current) => {
          const to = new URLSearchParams(current);
          if (order === '') to.delete('sort');
          else to.set('sort', order);
          if (fromAddress) {
            to.set('cols', columnsText(inventoryColumns, next));
            to.set('rows', next.density);
            if (to.get('cols') === '') to.delete('cols');
          }
          return to;
        },
        { replace: order === sortText(layout.sort) },
      );
      if (fromAddress) own.onLayout({ ...own.layout, sort: next.sort });
    },
    [params, own, layout.sort, setParams],
  );
  return useMemo(() => ({ layout, onLayout }), [layout, onLayout]);
}

export function useInventoryList() {
  const filters = useFilters(filterKeys, withView);
  const [params, setParams] = useSearchParams();
  const filterText = filterKeys.map((key) => `${key}=${params.getAll(key).join('&')}`).join('\n');
  // Spans of time are counted once, when the filter is set: a list whose question changes by itself would never stand still.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const filter = useMemo(() => filterOf(params), [filterText]);
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const chips = useMemo(() => chipsOf(params), [filterText]);
  const arranged = useListLayout();
  const sort = useMemo(() => askedSort(arranged.layout.sort), [arranged.layout.sort]);
  const key = JSON.stringify([filter, sort]);
  const paged = usePageWindow<ProfileRow>(listName, key, (cursor) => call(contract.profiles.list, { filter, sort, limit: pageSize, ...(cursor === undefined ? {} : { cursor }) }));
  const lastStep = useRef(0);
  const onChip = useCallback(
    (id: string | undefined, condition: Condition | undefined): void => {
      const now = Date.now();
      const replace = condition !== undefined && now - lastStep.current < oneStepMs;
      lastStep.current = now;
      setParams((current) => withChip(current, id, condition), { replace });
    },
    [setParams],
  );
  const go = useCallback((to: URLSearchParams): void => setParams(to), [setParams]);
  return { filters, params, filter, chips, arranged, sort, ...paged, onChip, go, filtered: chips.length > 0 || filter.text !== undefined };
}
