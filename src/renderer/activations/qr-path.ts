/** Light modules around the code on every side (ISO/IEC 18004 asks for four). */
export const quietZone = 4;

/** One path over all dark modules; runs in a row are one rectangle. */
export function qrPath(matrix: readonly string[]): string {
  let path = '';
  for (const [y, row] of matrix.entries()) {
    for (const run of row.matchAll(/1+/g)) path += `M${run.index + quietZone} ${y + quietZone}h${run[0].length}v1h-${run[0].length}z`;
  }
  return path;
}
