/** What differs between two versions, grouped by the element it lies in. */
import type { TemplateDiff } from '../../shared/contract/template-view.ts';
import { nodeMeaning, nodeName } from './template-words.ts';

type Field = TemplateDiff['changed'][number]['before'][number];

export interface DiffItem {
  readonly id: string;
  /** Names below the element; empty for the element itself. */
  readonly name: string;
  readonly meaning: string | undefined;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly secret: boolean;
  readonly before: readonly Field[];
  readonly after: readonly Field[];
}

export interface DiffGroup {
  readonly element: string;
  readonly items: readonly DiffItem[];
}

export function diffGroups(diff: TemplateDiff): DiffGroup[] {
  const groups = new Map<string, DiffItem[]>();
  const add = (one: { readonly id: string; readonly name: string }, kind: DiffItem['kind'], rest: Pick<DiffItem, 'secret' | 'before' | 'after'>): void => {
    const parts = one.name.split(' / ');
    const element = one.id.split('/')[0] ?? one.id;
    const key = `${parts[0] ?? ''}\n${element}`;
    groups.set(key, [...(groups.get(key) ?? []), { id: one.id, name: parts.slice(1).map(nodeName).join(' / '), meaning: nodeMeaning(parts.at(-1) ?? ''), kind, ...rest }]);
  };
  const nothing = { secret: false, before: [], after: [] } as const;
  for (const one of diff.removed) add(one, 'removed', nothing);
  for (const one of diff.added) add(one, 'added', nothing);
  for (const one of diff.changed) add(one, 'changed', { secret: one.secret, before: one.before, after: one.after });
  return [...groups].map(([key, items]) => ({ element: nodeName(key.split('\n')[0]!), items }));
}

export const diffCount = (diff: TemplateDiff): number => diff.added.length + diff.removed.length + diff.changed.length;

export interface ChangedLine {
  readonly label: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Before and after side by side: lines with one label belong together in their order. */
export function changedLines({ before, after }: Pick<DiffItem, 'before' | 'after'>): ChangedLine[] {
  const rest = [...after];
  const lines: ChangedLine[] = before.map(({ label, value }) => {
    const at = rest.findIndex((field) => field.label === label);
    return { label, before: value, after: at < 0 ? undefined : rest.splice(at, 1)[0]!.value };
  });
  return [...lines, ...rest.map(({ label, value }) => ({ label, before: undefined, after: value }))];
}

/** One line of a change, short. */
export function shortChange(item: DiffItem): string {
  if (item.kind !== 'changed') return item.kind;
  if (item.secret && item.before.every(({ label }) => label === 'Value')) return 'another secret';
  const lines = changedLines(item);
  const [first] = lines;
  if (first === undefined) return 'changed';
  const text = first.before === undefined ? `${first.label}: ${first.after}` : first.after === undefined ? `without ${first.label.toLowerCase()} ${first.before}` : `${first.label}: ${first.before} → ${first.after}`;
  const short = text.length > 110 ? `${text.slice(0, 107)}…` : text;
  return lines.length > 1 ? `${short}, and ${lines.length - 1} more` : short;
}
