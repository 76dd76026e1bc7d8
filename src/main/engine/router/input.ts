/** What any input must satisfy before its schema sees it. */
import { DeskProblem } from '../context.ts';

export const inputLimits = { depth: 12, nodes: 20_000, textLength: 1_000_000 } as const;
const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/** Refuses deep, huge or prototype-poisoning values. Code `INPUT_INVALID`. */
export function checkShape(input: unknown): void {
  let nodes = 0;
  let text = 0;
  const visit = (value: unknown, depth: number, path: string): void => {
    if (++nodes > inputLimits.nodes) throw new DeskProblem('INPUT_INVALID', 'The input has too many values', { field: path });
    if (typeof value === 'string') {
      text += value.length;
      if (text > inputLimits.textLength) throw new DeskProblem('INPUT_INVALID', 'The input is too large; files go as uploads', { field: path });
      return;
    }
    if (value === null || typeof value !== 'object') return;
    if (depth >= inputLimits.depth) throw new DeskProblem('INPUT_INVALID', 'The input is nested too deeply', { field: path });
    if (Array.isArray(value)) {
      value.forEach((item, i) => visit(item, depth + 1, path === '' ? String(i) : `${path}.${i}`));
      return;
    }
    const prototype = Object.getPrototypeOf(value) as unknown;
    if (prototype !== Object.prototype && prototype !== null) throw new DeskProblem('INPUT_INVALID', 'The input must be plain JSON', { field: path });
    for (const key of Object.getOwnPropertyNames(value)) {
      const at = path === '' ? key : `${path}.${key}`;
      if (forbidden.has(key)) throw new DeskProblem('INPUT_INVALID', 'The input has a key that is not allowed', { field: path === '' ? 'input' : path });
      visit((value as Record<string, unknown>)[key], depth + 1, at);
    }
  };
  visit(input, 0, '');
}
