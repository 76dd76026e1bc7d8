/** Attention entries that the window adds to those of the engine: dead messages, brands on hold, what ends soon. Pure. */
import type { BrandRow } from '../../shared/contract/brands.ts';
import type { OutputOf } from '../../shared/contract/define.ts';
import type { contract } from '../../shared/contract/index.ts';
import type { HorizonRow } from '../../shared/contract/pki.ts';
import { leftWord } from '../keys/key-words.ts';

export type Item = Pick<OutputOf<typeof contract.workspace.home>['attention'][number], 'severity' | 'text' | 'count' | 'href'> & { readonly kind: string };

export interface Known {
  readonly outbox?: { readonly waiting: number; readonly dead: number } | undefined;
  readonly brands?: readonly BrandRow[] | undefined;
  readonly horizon?: readonly HorizonRow[] | undefined;
}

export function withMore(items: readonly Item[], { outbox, brands, horizon }: Known): Item[] {
  // What the horizon says of certificates is fuller than the engine's own entry.
  const all: Item[] = items.filter((item) => item.kind !== 'certificate' || horizon === undefined).map((item) => (item.kind === 'certificate' ? { ...item, href: '/keys/horizon' } : item));
  if (outbox !== undefined && outbox.dead > 0) all.push({ kind: 'outbox', severity: 'error', text: 'Messages to other systems were given up', count: outbox.dead, href: '/outbox?state=dead' });
  for (const brand of brands ?? []) {
    if (brand.state === 'suspended' && brand.openNow > 0) all.push({ kind: 'brand', severity: 'info', text: `${brand.name} is suspended and has open orders`, count: brand.openNow, href: `/brands/${encodeURIComponent(brand.name)}` });
  }
  for (const severity of ['error', 'warning'] as const) {
    const rows = (horizon ?? []).filter((row) => row.severity === severity);
    const first = rows[0];
    if (first === undefined) continue;
    const many = severity === 'error' ? 'Certificates or revocation lists are over, or nearly' : 'Certificates or revocation lists end soon';
    all.push({ kind: 'certificate', severity, text: rows.length === 1 ? `${first.title}: ${leftWord(first).toLowerCase()}` : many, count: rows.length, href: '/keys/horizon' });
  }
  return all;
}
