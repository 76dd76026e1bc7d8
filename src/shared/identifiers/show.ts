/** Groups of four for reading aloud; only for showing, never for storing. */
export const group = (digits: string, size = 4): string => digits.replace(new RegExp(`(.{${size}})(?=.)`, 'g'), '$1\u2009').trim();

/** The first six and last four characters with dots between; a text of up to ten is hidden but for its last two. */
export function mask(text: string): string {
  if (text.length <= 10) return '•'.repeat(Math.max(0, text.length - 2)) + text.slice(Math.max(0, text.length - 2));
  return `${text.slice(0, 6)}${'•'.repeat(text.length - 10)}${text.slice(-4)}`;
}

/** The digits backwards: what the `*_rev` columns hold, so that "ends with" is an index range. */
export const reversed = (text: string): string => [...text].reverse().join('');
