/** What may be chosen for a field: its values, how they look, and how many profiles each would leave. */
import { useMemo } from 'react';
import { brands } from '../../shared/contract/brands.ts';
import { contract } from '../../shared/contract/index.ts';
import { inventory, labels } from '../../shared/contract/inventory.ts';
import { filterFields, type FieldName, type ProfileFilter } from '../../shared/contract/profile-filter.ts';
import { useDesk } from '../app/queries.ts';
import { words } from '../design/formats.ts';
import { deviceLook, networkLook, orderLook, stockLook, type Look } from '../design/status.tsx';
import { secretStateWord } from './columns.tsx';

export interface ValueOption {
  readonly value: string;
  readonly label: string;
  readonly look?: Look;
  readonly colour?: string;
  readonly count?: number;
}

const looks: Readonly<Partial<Record<FieldName, Readonly<Record<string, Look>>>>> = { order: orderLook, stock: stockLook, network: networkLook, device: deviceLook };

/** The word of one value of a field. */
export function valueWord(field: FieldName, value: string): string {
  const look = looks[field]?.[value];
  if (look !== undefined) return look.word;
  if (field === 'secrets') return secretStateWord(value);
  return field === 'template' ? value.replace(/@(\d+)$/, ', version $1') : filterFields[field].kind === 'name' ? value : words(value);
}

export interface ValueOptions {
  readonly options: readonly ValueOption[];
  /** False where the list is too long to count at once. */
  readonly counted: boolean;
  readonly loading: boolean;
  /** Any value may be typed: there is no list of all of them. */
  readonly open: boolean;
}

/** `filter`: as the list stands; asked only while `enabled`. */
export function useValueOptions(field: FieldName, filter: ProfileFilter, enabled: boolean): ValueOptions {
  const facets = useDesk(inventory.facets, { filter }, { enabled, keepPrevious: true });
  const types = useDesk(contract.types.list, {}, { enabled: enabled && field === 'type' });
  const templates = useDesk(contract.types.templates, {}, { enabled: enabled && field === 'template' });
  const labelRows = useDesk(labels.list, {}, { enabled: enabled && field === 'label' });
  const brandRows = useDesk(brands.list, {}, { enabled: enabled && field === 'brand' });
  return useMemo(() => {
    const counted = facets.data?.fields[field as keyof typeof facets.data.fields];
    const counts = new Map((counted ?? []).map((f) => [f.value, f.count] as const));
    const spec = filterFields[field];
    const colours = new Map((labelRows.data?.rows ?? []).map((l) => [l.name, l.colour] as const));
    const listed = 'values' in spec ? (spec.values as readonly string[])
      : field === 'type' ? (types.data?.rows ?? []).map((t) => t.name)
      : field === 'template' ? (templates.data?.rows ?? []).map((t) => `${t.name}@${t.version}`)
      : field === 'label' ? (labelRows.data?.rows ?? []).map((l) => l.name)
      : field === 'brand' ? (brandRows.data?.rows ?? []).map((b) => b.name)
      : [];
    const all = [...new Set([...listed, ...counts.keys()])];
    const options = all.map((value): ValueOption => {
      const look = looks[field]?.[value];
      const colour = colours.get(value);
      return { value, label: valueWord(field, value), ...(look === undefined ? {} : { look }), ...(colour === undefined ? {} : { colour }), ...(counted === undefined ? {} : { count: counts.get(value) ?? 0 }) };
    });
    return { options, counted: facets.data === undefined || facets.data.exact, loading: facets.isLoading, open: field === 'batch' || field === 'import' };
  }, [field, facets.data, facets.isLoading, types.data, templates.data, labelRows.data, brandRows.data]);
}
