/** Where a key moves the active row; undefined when the key means nothing to a list. -1 stands for no row yet. */
export function nextIndex(key: string, active: number, rows: number, page: number): number | undefined {
  if (rows === 0) return undefined;
  const clamp = (at: number): number => Math.min(rows - 1, Math.max(0, at));
  switch (key) {
    case 'j':
    case 'J':
    case 'ArrowDown':
      return clamp(active + 1);
    case 'k':
    case 'K':
    case 'ArrowUp':
      return clamp(active - 1);
    case 'PageDown':
      return clamp(active + page);
    case 'PageUp':
      return clamp(active - page);
    case 'Home':
      return 0;
    case 'End':
      return rows - 1;
    default:
      return undefined;
  }
}

/** Whether a scrolled box has columns to the right of its edge; less than a few pixels is rounding. */
export const columnsBeyond = (box: { readonly scrollWidth: number; readonly clientWidth: number; readonly scrollLeft: number }): boolean => box.scrollWidth - box.clientWidth - box.scrollLeft > 4;
