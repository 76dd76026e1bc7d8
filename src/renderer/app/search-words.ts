/** What the header search says when nothing was found. */

/** `ICCID` → `an ICCID`, as the engine names what it took the text for. */
function asSpoken(recognised: string): string {
  if (recognised === 'Digits') return 'digits of some number';
  const word = /^[A-Z][a-z]+( [a-z]+)?$/.test(recognised) ? recognised.toLowerCase() : recognised;
  return `${/^[aeiou]/i.test(word) ? 'an' : 'a'} ${word}`;
}

export function nothingFound(text: string, recognised?: string): string {
  const shown = text.length > 48 ? `${text.slice(0, 47)}…` : text;
  return `Nothing found for “${shown}”${recognised === undefined ? '' : ` (read as ${asSpoken(recognised)})`}`;
}
