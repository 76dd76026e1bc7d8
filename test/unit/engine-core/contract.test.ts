import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commonErrors, permissions, procedures, uploadHandle } from '../../../src/shared/contract/index.ts';
import { areaJobKinds, areaProcedures } from '../../../src/main/engine/areas.ts';
import { mismatch } from '../../../src/main/engine/router/index.ts';

const implemented = areaProcedures();

describe('contract and areas', () => {
  it('name the same procedures, each once', () => expect(mismatch(implemented)).toEqual({ missing: [], unknown: [], twice: [] }));
  it('a missing, unknown or doubled one is noticed', () => {
    const first = implemented[0]!;
    expect(mismatch(implemented.slice(1)).missing).toEqual([first.procedure.name]);
    expect(mismatch([...implemented, first]).twice).toEqual([first.procedure.name]);
    expect(mismatch([...implemented, { ...first, procedure: { ...first.procedure, name: 'made.up' } }]).unknown).toEqual(['made.up']);
  });
  it('jobs have kinds of their own', () => {
    const kinds = areaJobKinds().map((k) => k.kind);
    expect(new Set(kinds).size).toBe(kinds.length);
  });
  it.each(implemented.map((i) => [i.procedure.name, i] as const))('%s is implemented as what it is, with permission and audit rule', (name, i) => {
    const p = i.procedure;
    expect(p).toBe(procedures.get(name));
    expect(permissions).toContain(p.permission);
    expect(p.name).toMatch(/^[a-z][a-zA-Z]*\.[a-zA-Z]+$/);
    expect(p.summary.length).toBeGreaterThan(4);
    const how = [i.query && 'query', i.command && 'command', i.stream && 'stream'].filter(Boolean);
    expect(how).toEqual([{ query: 'query', command: 'command', job: 'command', stream: 'stream' }[p.kind]]);
    if (i.command) {
      expect(p.audit.record).toBe('always');
      if (p.audit.record === 'always') expect(p.audit.event).toMatch(/^[a-z_]+\.[a-z_]+$/);
    } else {
      expect(p.audit.record).toBe('none');
      if (p.audit.record === 'none') expect(p.audit.why.length).toBeGreaterThan(4);
    }
    for (const code of p.errors) {
      expect(code).toMatch(/^[A-Z][A-Z_0-9]+$/);
      expect(commonErrors as readonly string[]).not.toContain(code);
    }
  });
  it('audited names of two commands are never the same', () => {
    const events = [...procedures.values()].flatMap((p) => (p.audit.record === 'always' ? [p.audit.event] : []));
    expect(new Set(events).size).toBe(events.length);
  });
  it('upload handles are never recorded', () => {
    for (const p of procedures.values()) {
      if (p.audit.record !== 'always') continue;
      const shape = (p.input as unknown as { shape?: Record<string, typeof uploadHandle> }).shape ?? {};
      const handles = Object.keys(shape).filter((f) => shape[f]!.safeParse(`up_${'0'.repeat(32)}`).success && !shape[f]!.safeParse(`up_${'0'.repeat(31)}g`).success);
      expect([...p.audit.fields, ...(p.audit.sensitive ?? [])].filter((f) => handles.includes(f))).toEqual([]);
      if (p.name === 'stock.importFile') expect(handles).toEqual(['file']);
    }
  });
  it('the engine program only composes', () => {
    const text = readFileSync(join(import.meta.dirname, '../../../src/main/engine.ts'), 'utf8');
    expect(text.split('\n').filter((line) => line.trim() !== '').length).toBeLessThan(6);
  });
});
