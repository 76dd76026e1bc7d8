/** Checks of the rules of an import, before they are sent. */

/** What is wrong with two ends of a range, and at which; undefined when nothing is, or both are empty. */
export function rangeProblem(first: string, last: string, [least, most]: readonly [number, number]): { readonly end: 'first' | 'last'; readonly say: string } | undefined {
  if (first.trim() === '' && last.trim() === '') return undefined;
  const fits = (text: string): boolean => /^\d+$/.test(text) && text.length >= least && text.length <= most;
  if (!fits(first.trim())) return { end: 'first', say: `${least} to ${most} digits` };
  if (!fits(last.trim())) return { end: 'last', say: `${least} to ${most} digits` };
  if (first.trim().slice(0, least) > last.trim().slice(0, least)) return { end: 'last', say: 'Comes before the first' };
  return undefined;
}

export function opProblem(text: string): string | undefined {
  const value = text.replaceAll(/\s/g, '');
  if (!/^[0-9A-Fa-f]*$/.test(value)) return 'Hexadecimal digits only';
  return value.length === 32 ? undefined : `32 hexadecimal digits; these are ${value.length}`;
}
