import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { templateEdit } from '../../../src/shared/contract/template-edit.ts';
import { buildSampleTemplate, editPackage, SaipError, type TemplateEdit } from '../../../src/main/saip/index.ts';

const text = readFileSync('docs/templates.md', 'utf8');
const examples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, body]) => JSON.parse(body!) as { kind: string });

describe('docs/templates.md', () => {
  it.each(examples.map((example) => [`${example.kind}${'list' in example ? ` ${String(example.list)}` : ''}`, example] as const))('the example of %s is an edit', (_, example) => {
    expect(templateEdit.parse(example)).toEqual(example);
  });

  it('has an example of every kind there is, and names it in its text', () => {
    // The schema tells of the kinds it takes when it is given none of them.
    const parsed = templateEdit.safeParse({ kind: 'no such edit' });
    const kinds = new Set(templateEdit.options.flatMap((option) => ('options' in option ? ['plmn-list'] : [...option.shape.kind.values])));
    expect(parsed.success).toBe(false);
    expect(kinds.size).toBeGreaterThan(18);
    expect(new Set(examples.map(({ kind }) => kind))).toEqual(kinds);
    for (const kind of kinds) expect(text).toContain(`\`${kind}\``);
  });

  it('has examples the built-in sample takes one by one, a key set taken out once there is another', () => {
    const der = buildSampleTemplate({ isim: 'own', csim: true });
    const refused = examples.flatMap((example) => {
      try {
        const other: TemplateEdit = { kind: 'add-key-set', set: { protocol: 'scp03', version: 0x30, algorithm: 'aes', bytes: 16 } };
        editPackage(der, [...(example.kind === 'remove-key-set' ? [other] : []), example as TemplateEdit]);
        return [];
      } catch (error) {
        if (error instanceof SaipError) return [`${example.kind}: ${error.message}`];
        throw error;
      }
    });
    expect(refused).toEqual([]);
  });
});
