/** Attention entries that the window adds to those of the engine: dead messages, suspended brands with open orders. Pure. */
import type { BrandRow } from '../../shared/contract/brands.ts';
import type { OutputOf } from '../../shared/contract/define.ts';
import type { contract } from '../../shared/contract/index.ts';

export type Item = Pick<OutputOf<typeof contract.workspace.home>['attention'][number], 'severity' | 'text' | 'count' | 'href'> & { readonly kind: string };

export interface Known {
  readonly outbox?: { readonly dead: number } | undefined;
  readonly brands?: readonly BrandRow[] | undefined;
}

export function withMore(items: readonly Item[], { outbox, brands }: Known): Item[] {
  // The engine names the area; what ends when stands on its own page there.
  const all: Item[] = items.map((item) => (item.kind === 'certificate' ? { ...item, href: '/keys/horizon' } : item));
  if (outbox !== undefined && outbox.dead > 0) all.push({ kind: 'outbox', severity: 'error', text: 'Messages to other systems were given up', count: outbox.dead, href: '/outbox?state=dead' });
  const held = (brands ?? []).filter((brand) => brand.state === 'suspended' && brand.openNow > 0);
  const [only] = held;
  if (only !== undefined) {
    all.push({
      kind: 'brand', severity: 'info', text: held.length === 1 ? `Open orders of ${only.name}, which is suspended` : `Open orders of ${held.length} suspended brands`,
      count: held.reduce((sum, brand) => sum + brand.openNow, 0), href: held.length === 1 ? `/brands/${encodeURIComponent(only.name)}` : '/brands?state=suspended',
    });
  }
  return all;
}
