import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as saip from '../../../../src/main/saip/index.ts';
import { differences, fromBase64, type GoldenFile } from '../../../fixtures/saip/golden/golden.ts';

const FOLDER = resolve(import.meta.dirname, '../../../fixtures/saip/golden');

/** 0.10.0 comes after 0.9.0. */
const weight = (version: string): number => version.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0);

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json')).map((name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as GoldenFile)
  .sort((a, b) => weight(a.release) - weight(b.release));
const all = files.flatMap((file) => file.templates.map((template) => [file.release, template.name, template] as const));

describe('golden stock', () => {
  it('is there', () => {
    expect(files.map(({ release }) => release)).toContain('0.1.0');
    expect(all.length).toBeGreaterThan(8);
  });

  it.each(all)('of %s is rebuilt octet for octet: %s', (_release, _name, template) => {
    expect(differences(saip, template)).toEqual([]);
  });

  it.each(files.at(-1)!.templates.filter(({ builder }) => builder).map((template) => [template.name, template] as const))('of the newest version comes from the builder too: %s', (_name, template) => {
    const { options, edits } = template.builder!;
    expect(Buffer.from(saip.editPackage(saip.buildSampleTemplate(options), edits).der).toString('base64')).toBe(template.der);
  });

  it('tells when one octet, one slot or one value is another', () => {
    const template = files[0]!.templates[0]!;
    const stored = saip.parseCompiled(fromBase64(template.compiled));
    const base = Uint8Array.from(stored.base);
    base[100]! ^= 1;
    const bent = Buffer.from(saip.serialiseCompiled({ ...stored, base })).toString('base64');
    expect(differences(saip, { ...template, compiled: bent })).toEqual(expect.arrayContaining(['digest of the stored template', 'template compiled again', 'package of profile 1']));
    const [first] = template.profiles;
    expect(differences(saip, { ...template, profiles: [{ ...first!, text: { ...first!.text, imsi: '001010000000009' } }] })).toEqual(['slotBytes of profile 1', 'package of profile 1', 'digest of profile 1']);
    expect(differences(saip, { ...template, plan: { ...template.plan, slots: template.plan.slots.slice(0, -1) } })).toEqual(['template compiled again']);
  });
});
