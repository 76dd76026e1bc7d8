/** Where a reader left a list, so that coming back finds it there. */
import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';

interface Place {
  readonly scrollTop: number;
  readonly scrollLeft: number;
  readonly active: number;
}
const places = new Map<string, Place>();
/** Forgets where a list was left, so that it opens at its top. */
export const forgetPlace = (memory: string): void => void places.delete(memory);

export interface KeptPlace {
  /** As the list was left; read once: what is kept while the list stands must never move it. */
  readonly kept: Place | undefined;
  keep(active: number): void;
}

export function usePlace(scroller: RefObject<HTMLDivElement | null>, memory: string | undefined, active: () => number): KeptPlace {
  const [kept] = useState(() => (memory === undefined ? undefined : places.get(memory)));
  const latest = useRef(active);
  latest.current = active;
  useLayoutEffect(() => {
    const grid = scroller.current;
    if (grid === null || kept === undefined) return;
    grid.scrollTop = kept.scrollTop;
    grid.scrollLeft = kept.scrollLeft;
  }, [scroller, kept]);
  const keep = (at: number): void => {
    const grid = scroller.current;
    if (memory !== undefined && grid !== null) places.set(memory, { scrollTop: grid.scrollTop, scrollLeft: grid.scrollLeft, active: at });
  };
  const keepLatest = useRef(keep);
  keepLatest.current = keep;
  useEffect(() => {
    const grid = scroller.current;
    if (memory === undefined || grid === null) return;
    const onScroll = (): void => keepLatest.current(latest.current());
    grid.addEventListener('scroll', onScroll, { passive: true });
    return () => grid.removeEventListener('scroll', onScroll);
  }, [scroller, memory]);
  return { kept, keep };
}

export interface View {
  readonly top: number;
  readonly height: number;
}

/** Place and size of the box in whole rows: a scroll within one row draws nothing. */
export function useView(scroller: RefObject<HTMLDivElement | null>, rowHeight: number, from: number): View {
  const [view, setView] = useState<View>({ top: from, height: 800 });
  useLayoutEffect(() => {
    const grid = scroller.current;
    if (grid === null) return;
    const look = (): void => {
      const top = Math.floor(grid.scrollTop / rowHeight) * rowHeight;
      setView((was) => (was.top === top && was.height === grid.clientHeight ? was : { top, height: grid.clientHeight }));
    };
    look();
    const watch = new ResizeObserver(look);
    watch.observe(grid);
    grid.addEventListener('scroll', look, { passive: true });
    return () => {
      watch.disconnect();
      grid.removeEventListener('scroll', look);
    };
  }, [scroller, rowHeight]);
  return view;
}
