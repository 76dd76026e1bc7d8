/** Files saved by the browser's own download: text the reader already sees, and what the engine hands out. */
import type { FileOffer } from '../../shared/contract/define.ts';

/** RFC 4180 with CRLF. A cell that a spreadsheet would run as a formula gets an apostrophe in front. */
export function csv(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${[header, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function saveText(name: string, text: string, type = 'text/csv;charset=utf-8'): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Saves a file of the engine; it never stands in the window's memory. */
export function saveFile(offer: FileOffer): void {
  const link = document.createElement('a');
  link.href = `/files/${offer.file}`;
  link.download = offer.name;
  link.click();
}
