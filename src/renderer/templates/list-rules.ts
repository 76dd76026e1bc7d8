/** Which templates a list shows, and in which groups. */
import type { TemplateRow } from '../../shared/contract/types.ts';

export interface TemplateGroup {
  readonly name: string;
  /** Newest first; at least one. */
  readonly versions: readonly TemplateRow[];
}

export const templateFilterKeys = ['text', 'show', 'use', 'algorithm'] as const;

/** Retired versions are left out unless asked for; a group stands when one of its versions does. Newest change first. */
export function templateGroups(rows: readonly TemplateRow[], params: URLSearchParams): TemplateGroup[] {
  const words = (params.get('text') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const algorithms = (params.get('algorithm') ?? '').split(',').filter(Boolean);
  const use = params.get('use');
  const fits = (row: TemplateRow): boolean => {
    if (row.retiredAt !== undefined && params.get('show') !== 'retired') return false;
    if (algorithms.length > 0 && !algorithms.includes(row.algorithm)) return false;
    if (use === 'used' && (row.types ?? []).length === 0) return false;
    if (use === 'unused' && (row.types ?? []).length > 0) return false;
    const text = [row.name, `v${row.version}`, row.algorithm, row.saipVersion, row.note ?? '', row.digest, ...(row.types ?? [])].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const groups = new Map<string, TemplateRow[]>();
  for (const row of rows) if (fits(row)) groups.set(row.name, [...(groups.get(row.name) ?? []), row]);
  return [...groups].map(([name, versions]) => ({ name, versions: versions.sort((a, b) => b.version - a.version) }))
    .sort((a, b) => b.versions[0]!.createdAt - a.versions[0]!.createdAt || a.name.localeCompare(b.name));
}

/** Older versions fold away behind the newest, unless one of them is in use or the reader is looking for something. */
export const foldedVersions = (group: TemplateGroup): readonly TemplateRow[] => group.versions.filter((row, at) => at > 0 && (row.types ?? []).length === 0);

/** Versions to choose from for a type, newest first under each name: those not retired, and the one it has. */
export function offeredTemplates(rows: readonly TemplateRow[], chosen: string): TemplateRow[] {
  return rows.filter((row) => row.retiredAt === undefined || `${row.name}@${row.version}` === chosen)
    .sort((a, b) => a.name.localeCompare(b.name) || b.version - a.version);
}
