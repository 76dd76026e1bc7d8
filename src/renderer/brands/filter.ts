import type { BrandRow } from '../../shared/contract/brands.ts';
import { readAxis } from '../design/url-filters.ts';
import { needsOf } from './brand-words.ts';

export const brandFilterKeys = ['text', 'state', 'only'] as const;
export const brandStateAxis = { key: 'state', values: ['active', 'suspended'] as const };

/** Brands are few and come whole; the window narrows them itself. */
export function narrowed(rows: readonly BrandRow[], params: URLSearchParams, now: number): BrandRow[] {
  const text = (params.get('text') ?? '').trim().toLowerCase();
  const states = readAxis(params, brandStateAxis);
  const digits = text.replaceAll(/[\s-]/g, '');
  const inRange = (brand: BrandRow): boolean => /^\d{10,20}$/.test(digits) && brand.iccids.some((r) => r.first.slice(0, digits.length) <= digits && digits <= r.last.slice(0, digits.length));
  return rows.filter(
    (brand) =>
      (text === '' || brand.name.toLowerCase().includes(text) || brand.types.some((type) => type.toLowerCase().includes(text)) || brand.credentials.some((c) => c.subject.toLowerCase().includes(text)) || inRange(brand)) &&
      (states.length === 0 || states.includes(brand.state)) &&
      (params.get('only') !== 'attention' || needsOf(brand, now).length > 0),
  );
}
