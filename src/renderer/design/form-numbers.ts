/** A number as people type it, with blanks and commas between thousands. */
export const asNumber = (text: string | number): number => Number(String(text).replaceAll(/[\s,]/g, ''));
