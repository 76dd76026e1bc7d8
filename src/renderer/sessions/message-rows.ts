/** What was kept of a message as lines of a tree. Pure: the screen only draws them. */
import type { TreeRow } from '../../shared/contract/sessions.ts';
import { mask } from '../../shared/identifiers/index.ts';

export const messageLimits = { rows: 600, depth: 20 } as const;

const isPlain = (value: unknown): value is string | number | boolean | null => value === null || typeof value !== 'object';

/** Members that name a person's chip or profile; `subject` of a certificate carries the EID again. */
const maskDigits = (text: string): string => text.replace(/(?<!\d)\d{32}(?!\d)/g, mask);

function shown(name: string, value: string | number | boolean | null, revealed: boolean): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return /^not(Before|After)$/.test(name) ? new Date(value).toISOString().slice(0, 10) : String(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value === '') return 'empty';
  return revealed ? value : maskDigits(value);
}

/** A JSON value line by line, in the order it was written. Lists of plain values stand in one line. */
export function messageRows(value: unknown, revealed: boolean): TreeRow[] {
  const rows: TreeRow[] = [];
  const walk = (name: string, inner: unknown, depth: number): void => {
    if (rows.length >= messageLimits.rows) return;
    if (isPlain(inner)) rows.push({ depth, name, value: shown(name, inner, revealed) });
    else if (depth >= messageLimits.depth) rows.push({ depth, name, value: '…' });
    else if (Array.isArray(inner)) {
      if (inner.length === 0) rows.push({ depth, name, value: 'none' });
      else if (inner.every(isPlain)) rows.push({ depth, name, value: (inner as (string | number | boolean | null)[]).map((item) => shown(name, item, revealed)).join(', ') });
      else {
        rows.push({ depth, name, note: `${inner.length}` });
        inner.forEach((item, at) => walk(String(at + 1), item, depth + 1));
      }
    } else {
      const members = Object.entries(inner as object);
      rows.push({ depth, name, ...(members.length === 0 ? { value: 'empty' } : {}) });
      for (const [key, member] of members) walk(key, member, depth + 1);
    }
  };
  if (isPlain(value) || Array.isArray(value)) walk('value', value, 0);
  else for (const [key, member] of Object.entries(value as object)) walk(key, member, 0);
  if (rows.length >= messageLimits.rows) rows.push({ depth: 0, name: '…', value: 'more was left out' });
  return rows;
}
