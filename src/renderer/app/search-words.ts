/** What the header search says: what it took a text for, what it found, and what it did not. */
import { words } from '../design/formats.ts';

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

interface Answer {
  readonly recognised?: string | undefined;
  readonly hits: readonly { readonly kind: string; readonly id: string }[];
}

/** What the text was taken for, as far as what was found agrees: a session found is no MatchingID, an ICCID no IMSI. */
export function readAs(text: string, answer: Answer | undefined): string | undefined {
  const { recognised, hits } = answer ?? { recognised: undefined, hits: [] };
  if (recognised === 'MatchingID') return hits.some((hit) => hit.kind === 'order') ? recognised : undefined;
  const digits = text.replaceAll(/\D/g, '');
  const profiles = hits.filter((hit) => hit.kind === 'profile');
  if (recognised === 'IMSI or MSISDN' && profiles.length > 0 && profiles.every((hit) => hit.id.startsWith(digits))) return 'beginning of an ICCID';
  return recognised === 'Digits' ? 'part of a number' : recognised;
}

const groups: Readonly<Record<string, string>> = {
  profile: 'Profiles', order: 'Orders', session: 'Download sessions', type: 'Profile types', template: 'Templates', brand: 'Brands', batch: 'Batches', import: 'Imports', range: 'Number ranges', label: 'Labels', job: 'Jobs', all: 'In the inventory', view: 'Saved views',
};

export const groupWord = (kind: string): string => groups[kind] ?? words(kind);

/** Hits of one kind beside each other, kinds in the order in which their first hit stands. */
export function byKind<Hit extends { readonly kind: string }>(hits: readonly Hit[]): Hit[] {
  const kinds = [...new Set(hits.map((hit) => hit.kind))];
  return kinds.flatMap((kind) => hits.filter((hit) => hit.kind === kind));
}

/** Digits that may stand in more profiles than are shown: the list has all of them. */
export function listAddressFor(text: string, shown: number): string | undefined {
  const digits = text.replaceAll(/[\s-]+/g, '');
  return shown >= 2 && /^\+?\d{2,32}$/.test(digits) ? `/inventory?text=${encodeURIComponent(digits)}` : undefined;
}
