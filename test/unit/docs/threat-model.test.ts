import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/threat-model.md'), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---') && !line.startsWith('| threat'));
const references = rows.map((row) => /`(test\/[^:`]+): ([^`]+)`/.exec(row));

describe('the threat model', () => {
  it('names a test in every line', () => {
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter((_, i) => !references[i])).toEqual([]);
  });

  it.each(references.flatMap((found) => (found ? [[found[1]!, found[2]!] as const] : [])))('%s has the test "%s"', (file, title) => {
    const path = join(root, file);
    expect(existsSync(path)).toBe(true);
    // Titles in the sources have their quotes escaped.
    expect(readFileSync(path, 'utf8').replaceAll("\\'", "'")).toContain(title);
  });
});
