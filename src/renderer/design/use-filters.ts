import { useCallback, useEffect, useRef, useState } from 'react';
import { useLocation, useSearchParams } from 'react-router';
import { useSettled } from '../app/queries.ts';
import { rememberList } from './last-address.ts';
import { filtersSet, withFilter, withoutFilters } from './url-filters.ts';

export interface Filters {
  readonly params: URLSearchParams;
  /** What stands in the text field, ahead of the address by a pause. */
  readonly text: string;
  setText(text: string): void;
  set(key: string, value: string | readonly string[]): void;
  clear(): void;
  readonly active: number;
}

const none: readonly string[] = [];

/** Filters of a list, held in the address; typing settles before it gets there, without filling the history. */
export function useFilters(keys: readonly string[], alsoCleared: readonly string[] = none): Filters {
  const [params, setParams] = useSearchParams();
  const [text, setText] = useState(params.get('text') ?? '');
  const { pathname } = useLocation();
  useEffect(() => rememberList(pathname, params), [pathname, params]);
  const settled = useSettled(text);
  const written = useRef(params.get('text') ?? '');
  const inAddress = params.get('text') ?? '';
  useEffect(() => {
    if (settled === written.current) return;
    written.current = settled;
    setParams((current) => withFilter(current, 'text', settled), { replace: true });
  }, [settled, setParams]);
  useEffect(() => {
    // Somebody else changed the address: a link, the back key.
    if (inAddress === written.current) return;
    written.current = inAddress;
    setText(inAddress);
  }, [inAddress]);
  const set = useCallback((key: string, value: string | readonly string[]) => setParams((current) => withFilter(current, key, value), { replace: true }), [setParams]);
  const clear = useCallback(() => {
    written.current = '';
    setText('');
    setParams((current) => withoutFilters(current, [...keys, ...alsoCleared]), { replace: true });
  }, [keys, alsoCleared, setParams]);
  return { params, text, setText, set, clear, active: filtersSet(params, keys) };
}
