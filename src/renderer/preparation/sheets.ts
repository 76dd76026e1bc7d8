/** Sheets of labels: the known ones, and whether own measures fit on the paper. */
import { sheet as shape, type Sheet } from '../../shared/contract/preparation.ts';

export const sheets = [['a4-3x8', 'A4, 3 × 8 labels'], ['a4-2x7', 'A4, 2 × 7 labels'], ['own', 'Own measures']] as const;

const papers = { a4: { width: 210, height: 297 }, letter: { width: 215.9, height: 279.4 } } as const;

export function sheetProblem(sheet: Sheet): string | undefined {
  const parsed = shape.safeParse(sheet);
  if (!parsed.success) return 'One of the measures is out of bounds.';
  const { width, height } = papers[sheet.page];
  const across = sheet.marginLeft + sheet.columns * sheet.labelWidth + (sheet.columns - 1) * sheet.gapX;
  const down = sheet.marginTop + sheet.rows * sheet.labelHeight + (sheet.rows - 1) * sheet.gapY;
  if (across > width) return `The labels need ${Math.ceil(across)} mm across; the paper has ${Math.floor(width)} mm.`;
  if (down > height) return `The labels need ${Math.ceil(down)} mm down; the paper has ${Math.floor(height)} mm.`;
  return undefined;
}
