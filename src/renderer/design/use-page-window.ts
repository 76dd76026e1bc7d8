import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { forgetPlace } from './grid-place.ts';
import type { GridSource } from './grid-source.ts';
import { PageWindow, type PageOf } from './page-window.ts';

/** The list of each name as it was left: going back to it costs nothing, and only one per name is held. */
const left = new Map<string, { readonly key: string; readonly pages: PageWindow<unknown> }>();
let reads = 0;

export interface PagedList<Row> {
  readonly pages: PageWindow<Row>;
  readonly source: GridSource<Row>;
  /** The rows are those of the question before; the answer to the present one is awaited. */
  readonly awaited: boolean;
  /** Changes with the question whose rows are shown. */
  readonly shownKey: string;
}

/**
 * A long list by pages. `list` is the procedure it comes from, so that the engine's word of a change reaches it; `key` says what
 * is asked, another key is another list. Until its first page has come the rows before it stay.
 */
export function usePageWindow<Row>(list: string, key: string, ask: (cursor: string | undefined) => Promise<PageOf<Row>>): PagedList<Row> {
  const client = useQueryClient();
  const asked = useMemo(() => {
    const kept = left.get(list);
    if (kept?.key === key) return kept.pages as PageWindow<Row>;
    const made = new PageWindow<Row>((cursor) => client.fetchQuery({ queryKey: [`${list}#page`, key, cursor ?? ''], queryFn: () => ask(cursor), staleTime: 0, gcTime: 0 }));
    left.set(list, { key, pages: made as PageWindow<unknown> });
    forgetPlace(list);
    made.look(0, 40);
    return made;
    // `ask` belongs to the key: another question is another key.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [client, list, key]);
  const askedVersion = useSyncExternalStore(asked.subscribe, () => asked.version);
  const before = useRef<{ readonly pages: PageWindow<Row>; readonly key: string } | undefined>(undefined);
  const ready = asked.begun || asked.error !== undefined;
  if (ready) before.current = { pages: asked, key };
  const pages = ready ? asked : (before.current?.pages ?? asked);
  const shownKey = ready ? key : (before.current?.key ?? key);
  // A question about nothing: it goes stale with the list, and its answer then says that the pages are old.
  const mark = useQuery({ queryKey: [list, 'mark'], queryFn: () => ++reads }).data;
  useEffect(() => {
    if (mark !== undefined && asked.begun) asked.invalidate();
  }, [mark, asked]);
  const source = useMemo(
    (): GridSource<Row> => ({
      length: pages.length, at: (index) => pages.at(index), more: pages.hasMore, loading: pages !== asked,
      look: (first, end) => pages.look(first, end),
      ...(pages.error === undefined || !pages.begun ? {} : { refused: { error: pages.error, again: () => pages.again() } }),
    }),
    // A new object whenever the pages changed.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [pages, asked, askedVersion],
  );
  return { pages, source, awaited: pages !== asked, shownKey };
}
