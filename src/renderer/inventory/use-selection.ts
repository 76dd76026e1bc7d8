/** Which profiles an action is for: some that were picked, or all that match the filter but a few. */
import { useEffect, useMemo, useState } from 'react';
import type { Selection as AskedSelection } from '../../shared/contract/inventory.ts';
import type { ProfileFilter } from '../../shared/contract/profile-filter.ts';
import type { ProfileRow } from '../../shared/contract/profiles.ts';
import type { Selection } from '../design/grid.tsx';
import type { PageWindow } from '../design/page-window.ts';

/** The engine takes so many single profiles at once, and so many exceptions from all of them. */
export const mostPicked = 10_000;
const mostExcept = 1_000;

interface Picked {
  readonly all: boolean;
  /** Of `all` those that are not meant; else those that are. */
  readonly rows: ReadonlyMap<string, ProfileRow>;
}
const nobody: Picked = { all: false, rows: new Map() };

export interface InventorySelection {
  readonly grid: Selection<ProfileRow>;
  readonly all: boolean;
  /** Picked one by one; of all, those left out. */
  readonly rows: readonly ProfileRow[];
  readonly any: boolean;
  /** More were meant than fit. */
  readonly full: boolean;
  selectAll(): void;
  clear(): void;
  asked(): AskedSelection | undefined;
}

export function useSelection(pages: PageWindow<ProfileRow>, filter: ProfileFilter): InventorySelection {
  const [picked, setPicked] = useState<Picked>(nobody);
  const [full, setFull] = useState(false);
  const key = JSON.stringify(filter);
  useEffect(() => {
    setPicked(nobody);
    setFull(false);
  }, [key]);
  return useMemo(() => {
    const chosen = new Set(picked.rows.keys());
    const has = (row: ProfileRow): boolean => chosen.has(row.iccid) !== picked.all;
    const change = (rows: readonly ProfileRow[], on: boolean): void =>
      setPicked((before) => {
        const next = new Map(before.rows);
        for (const row of rows) {
          if (on !== before.all) {
            if (next.size < (before.all ? mostExcept : mostPicked)) next.set(row.iccid, row);
            else setFull(true);
          } else next.delete(row.iccid);
        }
        return { all: before.all, rows: next };
      });
    const held = (): ProfileRow[] => [...pages.held()];
    const count = picked.all ? -1 : picked.rows.size;
    const grid: Selection<ProfileRow> = {
      chosen, has, selectable: () => true,
      toggle: (row) => change([row], !has(row)),
      stretch: change,
      toggleAll: () => (picked.all || picked.rows.size > 0 ? setPicked(nobody) : change(held(), true)),
      all: picked.all ? (picked.rows.size === 0 ? 'all' : 'some') : count === 0 ? 'none' : count >= pages.length && !pages.hasMore ? 'all' : 'some',
      allLabel: picked.all || picked.rows.size > 0 ? 'Select none' : 'Select all rows at hand',
    };
    return {
      grid, all: picked.all, rows: [...picked.rows.values()], any: picked.all || picked.rows.size > 0, full,
      selectAll: () => setPicked({ all: true, rows: new Map() }),
      clear: () => {
        setPicked(nobody);
        setFull(false);
      },
      asked: () => (picked.all ? { filter, except: [...chosen] } : chosen.size === 0 ? undefined : { iccids: [...chosen] }),
    };
    // The filter object changes with its text only.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [picked, full, pages, key]);
}
