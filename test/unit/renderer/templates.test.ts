import { describe, expect, it } from 'vitest';
import { buildSampleTemplate, diffPackages, editPackage, presentValues, viewPackage } from '../../../src/main/saip/index.ts';
import { templateEdit, type TemplateEditInput } from '../../../src/shared/contract/template-edit.ts';
import type { TemplatePresent } from '../../../src/shared/contract/template-present.ts';
import type { TemplateDiff, TemplateNode } from '../../../src/shared/contract/template-view.ts';
import type { TemplateRow } from '../../../src/shared/contract/types.ts';
import { changedLines, diffCount, diffGroups, shortChange } from '../../../src/renderer/templates/diff-rules.ts';
import { editProblem, failedEdit, keyOf, moved, pastedNetworks, presentEdits, sameEdit, sections, sectionOfEdit, sent } from '../../../src/renderer/templates/edit-rules.ts';
import { findingGroups, findingWords, staying, type Finding } from '../../../src/renderer/templates/finding-rules.ts';
import { foldedVersions, offeredTemplates, templateGroups } from '../../../src/renderer/templates/list-rules.ts';
import { indexNodes, nodeAt, nodeMeaning, nodeName, nodeTitle, placeWords, slotName } from '../../../src/renderer/templates/template-words.ts';
import { above, fitting, hexRows, recordsOf, ruleWords, treeLines, treeStep, typeahead } from '../../../src/renderer/templates/tree-rules.ts';

const der = buildSampleTemplate({ isim: 'own' });
const elements = viewPackage(der).elements as readonly TemplateNode[];
const nodes = indexNodes(elements);
const row = (id: number, name: string, version: number, more: Partial<TemplateRow> = {}): TemplateRow => ({ id: String(id), name, version, sizeBytes: 1, digest: 'ab', algorithm: 'Milenage', saipVersion: '2.3', elements: 1, createdAt: id, errors: 0, warnings: 0, types: [], ...more });

describe('the list of templates', () => {
  const rows = [row(1, 'A', 1, { types: ['Gold'] }), row(2, 'A', 2), row(3, 'B', 1, { algorithm: 'TUAK' }), row(4, 'A', 3, { retiredAt: 9 }), row(5, 'A', 4)];
  const names = (search: string): string[] => templateGroups(rows, new URLSearchParams(search)).flatMap((group) => group.versions.map((one) => `${one.name}${one.version}`));
  it('has versions under their name, newest first, without retired ones', () => {
    expect(names('')).toEqual(['A4', 'A2', 'A1', 'B1']);
    expect(names('show=retired')).toEqual(['A4', 'A3', 'A2', 'A1', 'B1']);
  });
  it('is narrowed by text, algorithm and use', () => {
    expect(names('text=gold')).toEqual(['A1']);
    expect(names('algorithm=TUAK')).toEqual(['B1']);
    expect(names('use=used')).toEqual(['A1']);
    expect(names('text=nothing')).toEqual([]);
  });
  it('folds older versions away unless a type stands on them', () => {
    expect(foldedVersions(templateGroups(rows, new URLSearchParams())[0]!).map((one) => one.version)).toEqual([2]);
  });
  it('offers a retired version only to the type that has it', () => {
    expect(offeredTemplates(rows, '').map((one) => `${one.name}${one.version}`)).toEqual(['A4', 'A2', 'A1', 'B1']);
    expect(offeredTemplates(rows, 'A@3').map((one) => one.id)).toContain('4');
  });
});

describe('words of a package', () => {
  it('names elements and files as an operator reads them', () => {
    expect(['usim', 'ef-imsi', 'ef-5gs3gpploci', 'df-df-5gs', 'adf-usim', '7fd0/6f07'].map(nodeName)).toEqual(['USIM', 'EF.IMSI', 'EF.5GS3GPPLOCI', 'DF.5GS', 'ADF.USIM', '7fd0/6f07']);
    expect(nodeTitle({ name: 'mf', kind: 'directory' })).toBe('MF');
    expect(placeWords('usim[4]/ef-spn')).toBe('USIM / EF.SPN');
    expect(placeWords('pinCodes[10]/pin 129')).toBe('PINs #10 / PIN 129');
    expect(nodeMeaning('ef-spn')).toBe('Name of the provider');
    expect([slotName('scp80Kic'), slotName('k'), slotName('oplmnwact')]).toEqual(['SCP80 KIC', 'K', 'Networks the operator prefers']);
  });
  it('finds the node a place means', () => {
    const spn = [...nodes.keys()].find((id) => id.endsWith('/ef-spn'))!;
    expect(nodeAt(nodes, spn)?.name).toBe('ef-spn');
    expect(nodeAt(nodes, `${spn}/record 3`)?.name).toBe('ef-spn');
    expect(nodeAt(nodes, 'header/profileType')?.name).toBe('header');
    const domain = elements.find((element) => element.name === 'securityDomain')!;
    expect(nodeAt(nodes, `${domain.id}/key 1`)?.id).toBe(`${domain.id}/key 1/1`);
    expect(nodeAt(nodes, 'nowhere')).toBeUndefined();
  });
});

describe('findings', () => {
  const finding = (rule: string, more: Partial<Finding> = {}): Finding => ({ rule, severity: 'warning', place: 'pinCodes[3]/pin 1', clause: '', message: '', fix: '', ...more });
  const found = [finding('V13', { filledBy: 'pin1' }), finding('V30'), finding('V13', { filledBy: 'adm1' }), finding('V33', { severity: 'error' })];
  it('stand with the gravest first; placeholders that every profile replaces are last and no warnings', () => {
    expect(findingGroups(found).map((group) => [group.kind, group.title, group.findings.map((one) => one.rule)])).toEqual([
      ['error', '1 error', ['V33']], ['warning', '1 warning', ['V30']], ['filled', 'Placeholders that every profile replaces (2)', ['V13', 'V13']],
    ]);
    expect(findingGroups(found.slice(0, 1)).map((group) => group.kind)).toEqual(['filled']);
    expect(staying(found).map((one) => one.rule)).toEqual(['V30', 'V33']);
  });
  it('are summed up without those', () => {
    expect(findingWords(found)).toBe('1 error, 1 warning. 2 placeholders that every profile replaces.');
    expect(findingWords(found.slice(0, 1))).toBe('No findings. 1 placeholder that every profile replaces.');
    expect(findingWords(found.slice(1, 2))).toBe('0 errors, 1 warning.');
    expect(findingWords([])).toBe('No findings.');
  });
});

describe('the tree', () => {
  const usim = elements.find((element) => element.name === 'usim')!;
  it('opens and closes, and keeps positions', () => {
    const closed = treeLines(elements, new Set(), undefined);
    expect(closed).toHaveLength(elements.length);
    const open = treeLines(elements, new Set([usim.id]), undefined);
    expect(open).toHaveLength(elements.length + usim.children.length);
    expect(open.find((line) => line.node.id === usim.children[1]!.id)).toMatchObject({ level: 2, position: 2, siblings: usim.children.length, parent: usim.id });
  });
  it('is narrowed by name, identifier, value, and by the element above', () => {
    const found = (search: string): string[] => [...fitting(elements, search)!].filter((id) => id.includes('/')).map((id) => id.split('/')[1]!);
    expect(found('6f46')).toEqual(['ef-spn']);
    expect(found('mvne desk lab')).toEqual(['ef-spn']);
    expect(found('isim ef-ad')).toEqual(['ef-ad']);
    expect(fitting(elements, ' ')).toBeUndefined();
    const lines = treeLines(elements, new Set(), fitting(elements, '6f46'));
    expect(lines.map((line) => line.node.name)).toEqual(['usim', 'ef-spn']);
  });
  it('follows the keys of a tree', () => {
    const lines = treeLines(elements, new Set([usim.id]), undefined);
    const [first, last] = [lines[0]!.node.id, lines.at(-1)!.node.id];
    expect(treeStep(lines, usim.id, 'ArrowRight')).toEqual({ go: usim.children[0]!.id });
    expect(treeStep(lines, usim.id, 'ArrowLeft')).toEqual({ close: usim.id });
    expect(treeStep(lines, usim.children[2]!.id, 'ArrowLeft')).toEqual({ go: usim.id });
    expect(treeStep(treeLines(elements, new Set(), undefined), usim.id, 'ArrowRight')).toEqual({ open: usim.id });
    expect([treeStep(lines, usim.id, 'Home'), treeStep(lines, usim.id, 'End')]).toEqual([{ go: first }, { go: last }]);
    expect([treeStep(lines, first, 'ArrowUp'), treeStep(lines, last, 'ArrowDown'), treeStep(lines, last, 'ArrowRight'), treeStep(lines, undefined, 'ArrowDown')]).toEqual([undefined, undefined, undefined, { go: first }]);
    expect(treeStep(lines, first, 'q')).toBeUndefined();
  });
  it('jumps to names that are typed, with or without EF', () => {
    const lines = treeLines(elements, new Set([usim.id]), undefined);
    expect(typeahead(lines, usim.id, 'sp')).toMatch(/ef-spn$/);
    expect(typeahead(lines, usim.id, 'ef.im')).toMatch(/ef-imsi$/);
    expect(typeahead(lines, usim.id, 'zzz')).toBeUndefined();
    const pins = lines.filter((line) => line.node.name === 'pinCodes').map((line) => line.node.id);
    expect(typeahead(lines, pins[0], 'p')).not.toBe(pins[0]);
  });
  it('knows the way to a node', () => {
    expect(above(elements, usim.children[0]!.id)).toEqual([usim.id]);
    expect(above(elements, 'nowhere')).toEqual([]);
  });
  it('shows octets by sixteen with what can be printed', () => {
    expect(hexRows('4d564e4520446573 6b0a'.replace(' ', ''))).toEqual([{ offset: '0000', octets: ['4d', '56', '4e', '45', '20', '44', '65', '73', '6b', '0a'], text: 'MVNE Desk·' }]);
    expect(hexRows('00'.repeat(33)).map((one) => [one.offset, one.octets.length])).toEqual([['0000', 16], ['0010', 16], ['0020', 1]]);
  });
  it('splits records and joins blank ones', () => {
    expect(recordsOf('0102ffffffff0304', 2)).toEqual([{ first: 1, last: 1, hex: '0102' }, { first: 2, last: 3, hex: undefined }, { first: 4, last: 4, hex: '0304' }]);
    expect(recordsOf('0102', 0)).toEqual([]);
  });
  it('says an access rule in words, of the application itself', () => {
    expect(ruleWords(elements, usim.children.find((child) => child.name === 'ef-spn')!)).toMatch(/^read: always/);
    expect(ruleWords(elements, { ...usim.children[0]!, arr: 'ffff' })).toBeUndefined();
  });
});

describe('a difference', () => {
  const diff = diffPackages(der, editPackage(der, [{ kind: 'spn', name: 'Kestrel' }, { kind: 'apn-list', apns: ['internet'], enforced: false }]).der) as unknown as TemplateDiff;
  it('is grouped by element, each line with before and after', () => {
    const groups = diffGroups(diff);
    expect(groups.map((group) => group.element)).toContain('USIM');
    const spn = groups.flatMap((group) => group.items).find((item) => item.name === 'EF.SPN')!;
    expect(spn).toMatchObject({ kind: 'changed', meaning: 'Name of the provider' });
    expect(changedLines(spn)).toEqual([{ label: 'Name', before: 'MVNE Desk Lab', after: 'Kestrel' }]);
    expect(shortChange(spn)).toBe('Name: MVNE Desk Lab → Kestrel');
    expect(groups.flatMap((group) => group.items).find((item) => item.kind === 'added')?.name).toBe('EF.ACL');
    expect(diffCount(diff)).toBe(groups.flatMap((group) => group.items).length);
  });
  it('tells of secrets only that they differ', () => {
    expect(shortChange({ id: 'x', name: 'K', meaning: undefined, kind: 'changed', secret: true, before: [{ label: 'Value', value: 'secret' }], after: [{ label: 'Value', value: 'another secret' }] })).toBe('another secret');
  });
});

describe('the editor', () => {
  const present = presentValues(der) as unknown as TemplatePresent;
  const now = presentEdits(present);

  it('has a section for every kind of edit, and every section has an edit', () => {
    const kinds: readonly TemplateEditInput[] = [...now.values(), { kind: 'strip-csim' }, { kind: 'add-key-set', set: { protocol: 'scp80', version: 2, algorithm: 'aes', bytes: 16 } }];
    expect(new Set(kinds.map(sectionOfEdit))).toEqual(new Set(sections.map((section) => section.id)));
  });
  it('begins with edits that change nothing', () => {
    const edits = [...now.values()].filter((edit) => editProblem(edit) === undefined).map((edit) => templateEdit.parse(sent(edit)));
    expect(edits.length).toBeGreaterThan(12);
    // Lists the template has no file for, or that are empty, would be made by writing them.
    const kept = edits.filter((edit) => edit.kind !== 'apn-list');
    expect(diffPackages(der, editPackage(der, kept as never).der)).toEqual({ added: [], removed: [], changed: [] });
  });
  it('keeps one edit per thing', () => {
    expect(keyOf({ kind: 'plmn-list', list: 'fplmn', entries: [] })).not.toBe(keyOf({ kind: 'plmn-list', list: 'ehplmn', entries: [] }));
    expect(keyOf({ kind: 'remove-key-set', version: 1 })).toBe(keyOf({ kind: 'replace-key-set', version: 1, set: { protocol: 'scp80', version: 2, algorithm: 'aes', bytes: 16 } }));
    expect(new Set(present.codes.map((one) => `pin-policy:${one.code}:${one.reference}:${one.element}`)).size).toBe(present.codes.length);
    expect(sameEdit(now.get('spn'), { kind: 'spn', name: 'MVNE Desk Lab', networkNameAtHome: true, hiddenWhenRoaming: false })).toBe(true);
  });
  it('says what cannot be right before the engine is asked', () => {
    const wrong: readonly TemplateEditInput[] = [
      { kind: 'spn', name: ' ' }, { kind: 'network-names', names: [] }, { kind: 'network-names', names: [{ full: '' }] }, { kind: 'plmn-list', list: 'fplmn', entries: ['12'] },
      { kind: 'plmn-list', list: 'oplmnwact', entries: [{ plmn: '26201', act: [] }] }, { kind: 'plmn-list', list: 'fplmn', entries: ['26201', '26202'], capacity: 1 }, { kind: 'suci', calculatedBy: 'ue', schemes: [], keys: [] },
      { kind: 'emergency-numbers', numbers: [] }, { kind: 'routing-indicator', digits: '12345' }, { kind: 'service-centre', number: 'x' }, { kind: 'group-identifier', level: 1, value: 'abc' }, { kind: 'profile-type', text: '' },
      { kind: 'ims', impi: '', impus: [''], domain: '' }, { kind: 'hpplmn', minutes: 9999 },
    ];
    for (const edit of wrong) expect(editProblem(edit), JSON.stringify(edit)).toBeTruthy();
    expect(editProblem({ kind: 'spn', name: 'Kestrel' })).toBeUndefined();
    expect(editProblem({ kind: 'ims', impi: '', impus: ['sip:a@b.example', ''], domain: '' })).toBeUndefined();
    expect(sent({ kind: 'ims', impi: '', impus: ['sip:a@b.example', ''], domain: '' })).toEqual({ kind: 'ims', impus: ['sip:a@b.example'] });
  });
  it('reads networks out of pasted text', () => {
    expect(pastedNetworks('262-01\n26202 4G, 3G\n310 410;LTE|NB-IoT\n\nDeutschland\n"234","15",5g')).toEqual({
      entries: [
        { plmn: '26201', act: ['NG-RAN', 'E-UTRAN', 'UTRAN', 'GSM'] }, { plmn: '26202', act: ['E-UTRAN', 'UTRAN'] }, { plmn: '310410', act: ['E-UTRAN', 'NB-IoT'] }, { plmn: '23415', act: ['NG-RAN'] },
      ],
      unread: ['Deutschland'],
    });
  });
  it('moves rows and reads which edit failed', () => {
    expect([moved([1, 2, 3], 1, -1), moved([1, 2, 3], 2, 1)]).toEqual([[2, 1, 3], [1, 2, 3]]);
    expect([failedEdit('edits.2'), failedEdit('edits'), failedEdit(undefined)]).toEqual([2, undefined, undefined]);
  });
});
