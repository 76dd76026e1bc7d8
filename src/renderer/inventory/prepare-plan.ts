/** Where profiles to be prepared come from: imported stock first, number ranges next, and what is missing. */
export function preparePlan(wanted: number, imported: number, leftInRanges: number): { readonly fromStock: number; readonly fromRanges: number; readonly short: number } {
  const fromStock = Math.min(wanted, imported);
  const fromRanges = Math.min(wanted - fromStock, leftInRanges);
  return { fromStock, fromRanges, short: wanted - fromStock - fromRanges };
}
