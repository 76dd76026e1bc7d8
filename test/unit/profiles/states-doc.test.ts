import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
// @ts-expect-error a script without types
import { statesDocument } from '../../../scripts/states-doc.mjs';

it('docs/states.md is what the tables say now (node scripts/states-doc.mjs)', () => {
  expect(readFileSync('docs/states.md', 'utf8')).toBe(statesDocument());
});
