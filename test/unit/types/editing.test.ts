import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { templateEdit } from '../../../src/shared/contract/template-edit.ts';
import type { TemplateDetail, TemplateRow } from '../../../src/shared/contract/types.ts';
import { buildSampleTemplate, checkPackage, diffPackages, encodePackage, readPackage, viewPackage } from '../../../src/main/saip/index.ts';
import type { TemplateEdit } from '../../../src/main/saip/index.ts';
import { findFiles } from '../../../src/main/saip/files.ts';
import type { TestEngine } from '../../support/engine.ts';
import { stockEngine } from '../stock/support.ts';

let engine: TestEngine;
beforeEach(async () => { engine = await stockEngine(); });
afterEach(() => engine.close());

const templates = async () => (await engine.ok<{ rows: TemplateRow[] }>('types.templates')).rows;
const newest = async () => (await templates())[0]!;
const spn: TemplateEdit = { kind: 'spn', name: 'Edited' };

describe('a template version', () => {
  it('is shown as a tree of what the eUICC will hold, with findings, sizes, slots and who uses it', async () => {
    const { id } = await newest();
    const detail = await engine.ok<TemplateDetail>('types.template', { id } as never);
    expect(detail.template).toMatchObject({ name: 'sample', version: 1, used: true });
    expect(detail.template.types!.length).toBeGreaterThan(0);
    expect(detail.elements.map((element) => element.name)).toEqual(viewPackage(buildSampleTemplate()).elements.map((element) => element.name));
    expect(detail.slots.find((slot) => slot.name === 'k')).toMatchObject({ secret: true, length: 16 });
    expect(detail.size.uppBytes).toBe(detail.template.sizeBytes);
    expect(detail.size.nvmBytes).toBeGreaterThan(1000);
    const secrets: string[] = [];
    const walk = (nodes: TemplateDetail['elements']): void => nodes.forEach((node) => {
      if (node.secret && (node.hex !== undefined || node.decoded.some((field) => /value/i.test(field.label)))) secrets.push(node.id);
      walk([...node.children]);
    });
    walk(detail.elements);
    expect(secrets).toEqual([]);
  });

  it('counts no warning that a slot replaces in every profile, and names the slot; what is stored stays', async () => {
    const { template, findings } = await engine.ok<{ template: TemplateRow; findings: TemplateDetail['findings'] }>('types.addSampleTemplate', { name: 'Quiet' } as never);
    expect([template.warnings, findings.length]).toEqual([0, 11]);
    const detail = await engine.ok<TemplateDetail>('types.template', { id: template.id } as never);
    expect(detail.findings).toEqual(findings);
    expect(detail.findings.map((one) => one.filledBy)).toEqual(['puk1', 'puk2', 'pin1', 'adm1', 'adm2', 'pin2', 'k', 'opc', 'scp80Kic', 'scp80Kid', 'scp80Kik']);
    expect([detail.template.warnings, detail.versions[0]!.warnings, (await newest()).warnings]).toEqual([0, 0, 0]);
    const stored = await engine.ctx.reader.selectFrom('templates').select(['warnings', 'findings']).where('id', '=', Number(template.id)).executeTakeFirstOrThrow();
    expect(stored.warnings).toBe(11);
    expect(stored.findings).not.toContain('filledBy');
    const tried = await engine.ok<{ findings: TemplateDetail['findings'] }>('types.tryEdits', { id: template.id, edits: [{ kind: 'add-key-set', set: { protocol: 'scp81', version: 64, algorithm: 'aes', bytes: 16 } }] } as never);
    expect(tried.findings.slice(-2).map((one) => one.filledBy)).toEqual(['scp81Psk', 'scp81Dek']);
    const check = await engine.ok<{ findings: TemplateDetail['findings'] }>('types.checkTemplate', { file: engine.uploads.put(Uint8Array.from(buildSampleTemplate())) } as never);
    expect(check.findings.map((one) => one.filledBy)).toEqual(findings.map((one) => one.filledBy));
  });

  it('without slots keeps its warnings', async () => {
    const { id } = await newest();
    const stored = await engine.ctx.reader.selectFrom('templates').select('warnings').where('id', '=', Number(id)).executeTakeFirstOrThrow();
    await engine.ctx.db.updateTable('templates').set({ slots: '[]' }).where('id', '=', Number(id)).execute();
    const detail = await engine.ok<TemplateDetail>('types.template', { id } as never);
    expect([stored.warnings, detail.template.warnings, (await newest()).warnings]).toEqual([11, 11, 11]);
    expect(detail.findings.filter((one) => one.filledBy !== undefined)).toEqual([]);
  });

  it('that is not there is said so, in every question', async () => {
    for (const [name, input] of [
      ['types.template', { id: '999' }], ['types.diffTemplates', { before: '999', after: '999' }], ['types.tryEdits', { id: '999', edits: [spn] }],
      ['types.editTemplate', { id: '999', edits: [spn] }], ['types.exportTemplate', { id: '999' }], ['types.retireTemplate', { id: '999', retired: true }],
    ] as const) expect(await engine.refused(name, input as never)).toMatchObject({ code: 'TEMPLATE_UNKNOWN' });
  });

  it('is handed out as the very bytes it was imported from', async () => {
    const { id } = await newest();
    const offer = await engine.ok<{ file: string; name: string; bytes: number }>('types.exportTemplate', { id } as never);
    const file = engine.ctx.files.take(offer.file)!;
    const der = Buffer.concat([...(file.open() as Iterable<Uint8Array>)]);
    const stored = await engine.ctx.reader.selectFrom('templates').select('der').where('id', '=', Number(id)).executeTakeFirstOrThrow();
    expect(der.equals(Buffer.from(stored.der))).toBe(true);
    expect(offer).toMatchObject({ name: 'sample-v1.der', bytes: der.length });
  });

  it('retired serves the type that has it and no other; without a number the newest one that is not retired is meant', async () => {
    const { id } = await newest();
    const later = await engine.ok<{ template: TemplateRow }>('types.editTemplate', { id, edits: [spn] } as never);
    await engine.ok('types.retireTemplate', { id, retired: true } as never);
    expect(await engine.refused('types.create', { name: 'Other', template: 'sample@1' } as never)).toMatchObject({ code: 'TEMPLATE_RETIRED', field: 'template', message: 'Version 1 of sample is retired.' });
    expect(await engine.ok('types.create', { name: 'Other', template: 'sample' } as never)).toMatchObject({ template: 'sample', templateVersion: 2 });
    const has = (await engine.ctx.reader.selectFrom('profile_types').select('name').where('template_id', '=', Number(id)).executeTakeFirstOrThrow()).name;
    await engine.ok('types.change', { name: has, template: 'sample@1' } as never);
    await engine.ok('types.retireTemplate', { id: later.template.id, retired: true } as never);
    expect(await engine.refused('types.change', { name: has, template: 'sample' } as never)).toMatchObject({ code: 'TEMPLATE_RETIRED', message: 'Version 2 of sample is retired.' });
    expect(await engine.refused('types.create', { name: 'Third', template: 'none' } as never)).toMatchObject({ code: 'TEMPLATE_UNKNOWN' });
  });

  it('retired is still there, and may come back', async () => {
    const { id } = await newest();
    expect((await engine.ok<TemplateRow>('types.retireTemplate', { id, retired: true } as never)).retiredAt).toBe(engine.ctx.clock.now());
    expect((await newest()).retiredAt).toBeDefined();
    expect((await engine.ok<TemplateRow>('types.retireTemplate', { id, retired: false } as never)).retiredAt).toBeUndefined();
  });
});

describe('editing', () => {
  it('tries without storing, then writes the next version and leaves the first as it was', async () => {
    const before = await newest();
    const tried = await engine.ok<{ changes: { text: string }[]; diff: { changed: { name: string }[] } }>('types.tryEdits', { id: before.id, edits: [spn] } as never);
    expect(tried.changes).toHaveLength(1);
    expect(tried.diff.changed.map((one) => one.name)).toEqual([expect.stringMatching(/spn/)]);
    expect(await templates()).toHaveLength(1);
    const made = await engine.ok<{ template: TemplateRow }>('types.editTemplate', { id: before.id, edits: [spn], note: 'for a brand' } as never);
    expect(made.template).toMatchObject({ name: 'sample', version: 2, derivedFrom: before.id, note: 'for a brand', types: [], used: false });
    const after = (await templates()).find((row) => row.id === before.id)!;
    expect(after.digest).toBe(before.digest);
    const detail = await engine.ok<TemplateDetail>('types.template', { id: made.template.id } as never);
    expect(detail.changes).toEqual(tried.changes);
    expect(detail.versions.map((row) => row.version)).toEqual([2, 1]);
    const diff = await engine.ok<{ changed: { before: { value: string }[]; after: { value: string }[] }[] }>('types.diffTemplates', { before: before.id, after: made.template.id } as never);
    expect(JSON.stringify(diff.changed[0]!.after)).toContain('Edited');
    expect(JSON.stringify(diff.changed[0]!.before)).not.toContain('Edited');
  });

  it('refuses what changes nothing, what has no place and what cannot be, and writes nothing', async () => {
    const { id } = await newest();
    const made = await engine.ok<{ template: TemplateRow }>('types.editTemplate', { id, edits: [spn] } as never);
    expect(await engine.refused('types.editTemplate', { id: made.template.id, edits: [spn] } as never)).toMatchObject({ code: 'TEMPLATE_UNCHANGED' });
    expect(await engine.refused('types.editTemplate', { id, edits: [{ kind: 'remove-key-set', version: 99 }] } as never)).toMatchObject({ code: 'EDIT_NO_PLACE' });
    expect(await engine.refused('types.editTemplate', { id, edits: [{ kind: 'hpplmn', minutes: 7 }] } as never)).toMatchObject({ code: 'EDIT_BAD_VALUE' });
    expect(await engine.refused('types.editTemplate', { id, edits: [{ kind: 'nonsense' }] } as never)).toMatchObject({ code: 'INPUT_INVALID' });
    expect(await templates()).toHaveLength(2);
  });

  it('knows every edit the package editor knows, in the same shape', () => {
    // The compiler compares the two unions; the values show that the schema lets each kind through unchanged.
    const edits: TemplateEdit[] = [
      spn, { kind: 'network-names', names: [{ full: 'Net', short: 'N' }], rules: [{ plmn: '001D1', from: '0000', to: 'FFFE', name: 1 }] },
      { kind: 'plmn-list', list: 'oplmnwact', entries: [{ plmn: '26201', act: ['E-UTRAN'] }, { plmn: '310260', act: 0x4800 }], capacity: 20 },
      { kind: 'plmn-list', list: 'fplmn', entries: ['00102'] }, { kind: 'services', table: 'ust', on: [19], off: [20] }, { kind: 'hpplmn', minutes: 60 },
      { kind: 'pin-policy', code: 'pin', reference: 1, enabled: false, attempts: 5 }, { kind: 'add-key-set', set: { protocol: 'scp80', version: 1, algorithm: 'aes', bytes: 16 } },
      { kind: 'remove-key-set', version: 1 }, { kind: 'replace-key-set', version: 1, set: { protocol: 'scp03', version: 48, algorithm: 'aes', bytes: 32 } },
      { kind: 'apn-list', apns: ['internet'], enforced: true }, { kind: 'suci', calculatedBy: 'ue', schemes: [{ scheme: 'null' }], keys: [] },
      { kind: 'routing-indicator', digits: '17' }, { kind: 'emergency-numbers', numbers: [{ number: '112', name: 'Help', categories: ['police'] }] },
      { kind: 'ims', domain: 'ims.example' }, { kind: 'service-centre', number: '+447700900001' }, { kind: 'group-identifier', level: 1, value: 'A1' },
      { kind: 'mnc-length', digits: 3 }, { kind: 'mandatory-services', on: ['usim'], off: ['csim'] }, { kind: 'strip-csim' },
      { kind: 'algorithm', algorithm: 'tuak', keyBytes: 32, iterations: 2 }, { kind: 'profile-type', text: 'A package' },
    ];
    for (const edit of edits) expect(templateEdit.parse(edit)).toEqual(edit);
  });
});

describe('a package with errors', () => {
  // The service table promises an EF.ACL that no file backs (V33).
  const faulty = () => {
    const der = Uint8Array.from(buildSampleTemplate());
    const pkg = readPackage(der);
    const ust = findFiles(pkg.elements, 'ef-ust')[0]!;
    const content = ust.node!.children!.find((child) => child.tag === 0x83)!;
    content.value[4]! |= 0x04;
    return encodePackage(pkg);
  };
  it('is taken when an operator answers for the rule, and only then; the errors stay visible', async () => {
    const file = () => engine.uploads.put(faulty());
    expect(checkPackage(faulty()).filter((one) => one.severity === 'error').map((one) => one.rule)).toEqual(['V33']);
    const refusal = await engine.refused('types.importTemplate', { file: file(), name: 'vendor' } as never);
    expect(refusal).toMatchObject({ code: 'TEMPLATE_REFUSED', hint: expect.stringContaining('V33 accepted') });
    expect(await engine.refused('types.importTemplate', { file: file(), name: 'vendor', accept: ['V24'] } as never)).toMatchObject({ code: 'TEMPLATE_REFUSED' });
    expect(await engine.refused('types.importTemplate', { file: file(), name: 'vendor', accept: ['V01'] } as never)).toMatchObject({ code: 'INPUT_INVALID' });
    const made = await engine.ok<{ template: TemplateRow }>('types.importTemplate', { file: file(), name: 'vendor', accept: ['V33'], note: 'runs in the field' } as never);
    expect(made.template).toMatchObject({ errors: 1, note: 'runs in the field' });
    const edited = await engine.ok<{ template: TemplateRow }>('types.editTemplate', { id: made.template.id, edits: [spn] } as never);
    expect(edited.template).toMatchObject({ version: 2, errors: 1 });
  });
});

describe('a type', () => {
  it('moves to another version: profiles prepared before keep theirs, those after get the new one', async () => {
    const old = await newest();
    const [type] = (await engine.ok<{ rows: { name: string }[] }>('types.list')).rows;
    const { template } = await engine.ok<{ template: TemplateRow }>('types.editTemplate', { id: old.id, edits: [spn] } as never);
    const changed = await engine.ok<{ template: string; templateVersion: number; profileName: string }>('types.change', { name: type!.name, template: 'sample@2', profileName: 'New name' } as never);
    expect(changed).toMatchObject({ template: 'sample', templateVersion: 2, profileName: 'New name' });
    const rows = await templates();
    expect(rows.find((row) => row.id === old.id)).toMatchObject({ used: true });
    expect(rows.find((row) => row.id === template.id)).toMatchObject({ used: true, types: [type!.name] });
    expect(await engine.refused('types.change', { name: type!.name, template: 'nothing' } as never)).toMatchObject({ code: 'TEMPLATE_UNKNOWN' });
    expect(await engine.refused('types.change', { name: 'Nobody', profileName: 'x' } as never)).toMatchObject({ code: 'TYPE_UNKNOWN' });
  });

  it('loses and gains icon and owner; what cannot be told to a device is refused', async () => {
    const [type] = (await engine.ok<{ rows: { name: string }[] }>('types.list')).rows;
    const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(100)]);
    expect(await engine.ok('types.change', { name: type!.name, icon: engine.uploads.put(png), owner: { mccMnc: '26201', gid1: 'A1' } } as never)).toMatchObject({ hasIcon: true, owner: { mccMnc: '26201', gid1: 'A1' } });
    expect(await engine.ok('types.change', { name: type!.name, icon: null, owner: null } as never)).toMatchObject({ hasIcon: false });
    expect(await engine.refused('types.change', { name: type!.name, icon: engine.uploads.put(Buffer.from('no picture')) } as never)).toMatchObject({ code: 'ICON_INVALID' });
  });
});

it('a difference of two packages tells of secrets only that they differ', () => {
  const a = buildSampleTemplate();
  const b = Uint8Array.from(a);
  const k = viewPackage(a).elements.find((element) => element.name === 'akaParameter')!;
  expect(JSON.stringify(k)).not.toMatch(/"hex":"[0-9a-f]{32}"/i);
  expect(diffPackages(a, b)).toEqual({ added: [], removed: [], changed: [] });
});

describe('the built-in sample', () => {
  it('is a template to start from, and present values come with it', async () => {
    const { template } = await engine.ok<{ template: TemplateRow }>('types.addSampleTemplate', { name: 'Start', ims: true } as never);
    expect(template).toMatchObject({ name: 'Start', version: 1, algorithm: 'Milenage', errors: 0 });
    const detail = await engine.ok<TemplateDetail>('types.template', { id: template.id } as never);
    expect(detail.present).toMatchObject({ spn: { name: 'MVNE Desk Lab' }, applications: ['usim', 'isim'] });
    expect((await templates()).find((row) => row.id === template.id)!.nvmBytes).toBe(detail.size.nvmBytes);
    expect((await engine.ok<{ template: TemplateRow }>('types.addSampleTemplate', { name: 'Start', ims: true } as never)).template.id).toBe(template.id);
  });
});

describe('the owner of a type outside the Lab', () => {
  it('has the group identifiers of its template, as the eUICC compares them', async () => {
    const live = await stockEngine({ environment: 'test' });
    try {
      const [{ id }] = (await live.ok<{ rows: [{ id: string }] }>('types.templates')).rows;
      await live.ok('types.editTemplate', { id, edits: [{ kind: 'group-identifier', level: 1, value: 'A1A1A1A1A1A1A1A1' }] } as never);
      const create = (name: string, gid1?: string) => ({ name, template: 'sample@2', owner: { mccMnc: '26201', ...(gid1 === undefined ? {} : { gid1 }) } });
      expect(await live.refused('types.create', create('Without') as never)).toMatchObject({ code: 'OWNER_MISMATCH', field: 'owner' });
      expect(await live.refused('types.create', create('Other', 'B2B2B2B2B2B2B2B2') as never)).toMatchObject({ code: 'OWNER_MISMATCH' });
      await live.ok('types.create', create('Same', 'A1A1A1A1A1A1A1A1') as never);
      expect(await live.refused('types.change', { name: 'Same', owner: { mccMnc: '26201' } } as never)).toMatchObject({ code: 'OWNER_MISMATCH' });
    } finally {
      await live.close();
    }
  });
});
