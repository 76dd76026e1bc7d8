/** Findings sorted by what they ask of an operator: errors, warnings, and placeholders that no profile will have. */
import type { TemplateDetail } from '../../shared/contract/types.ts';
import { count, plural } from '../design/formats.ts';

export type Finding = TemplateDetail['findings'][number];
export type FindingKind = Finding['severity'] | 'filled';

export const findingKind = (finding: Finding): FindingKind => (finding.filledBy === undefined ? finding.severity : 'filled');

/** Findings that stay in the profiles made from the template. */
export const staying = (findings: readonly Finding[]): Finding[] => findings.filter((one) => findingKind(one) !== 'filled');

const kinds: readonly FindingKind[] = ['error', 'warning', 'filled'];
const title = (kind: FindingKind, n: number): string => (kind === 'filled' ? `Placeholders that every profile replaces (${count(n)})` : plural(n, kind));

/** The gravest first, without groups of nothing. */
export function findingGroups(findings: readonly Finding[]): { readonly kind: FindingKind; readonly title: string; readonly findings: readonly Finding[] }[] {
  return kinds.map((kind) => ({ kind, findings: findings.filter((one) => findingKind(one) === kind) }))
    .filter((group) => group.findings.length > 0)
    .map((group) => ({ ...group, title: title(group.kind, group.findings.length) }));
}

/** What a check found, in a sentence: `1 error, 2 warnings. 11 placeholders that every profile replaces.` */
export function findingWords(findings: readonly Finding[]): string {
  const of = (kind: FindingKind): number => findings.filter((one) => findingKind(one) === kind).length;
  const stay = of('error') + of('warning') === 0 ? 'No findings.' : `${plural(of('error'), 'error')}, ${plural(of('warning'), 'warning')}.`;
  const filled = of('filled');
  return filled === 0 ? stay : `${stay} ${plural(filled, 'placeholder')} that every profile replaces.`;
}
