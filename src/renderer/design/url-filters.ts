/** Filters as part of the address: a list behind a link is the same list for everybody. `?stock=sellable,held&text=8988` */

export interface AxisSpec {
  readonly key: string;
  readonly values: readonly string[];
}

/** Chosen values of one axis: repeated or comma-separated, unknown ones dropped, in the axis's own order. */
export function readAxis(params: URLSearchParams, axis: AxisSpec): string[] {
  const asked = new Set(params.getAll(axis.key).flatMap((v) => v.split(',')).map((v) => v.trim()));
  return axis.values.filter((value) => asked.has(value));
}

/** The same address with one filter replaced; an empty one leaves it. */
export function withFilter(params: URLSearchParams, key: string, value: string | readonly string[]): URLSearchParams {
  const next = new URLSearchParams(params);
  const text = typeof value === 'string' ? value : value.join(',');
  if (text === '') next.delete(key);
  else next.set(key, text);
  return next;
}

/** How many filters narrow the list. */
export function filtersSet(params: URLSearchParams, keys: readonly string[]): number {
  return keys.filter((key) => (params.get(key) ?? '') !== '').length;
}

export function withoutFilters(params: URLSearchParams, keys: readonly string[]): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const key of keys) next.delete(key);
  return next;
}
