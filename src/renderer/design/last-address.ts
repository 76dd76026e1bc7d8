/** The filters a list was left with, so that going back from a detail returns to the same list. Lasts as long as the window. */
const left = new Map<string, string>();

export function rememberList(path: string, params: URLSearchParams): void {
  left.set(path, params.toString());
}

/** The address of a list as it was left. */
export function listAddress(path: string): string {
  const search = left.get(path) ?? '';
  return search === '' ? path : `${path}?${search}`;
}
