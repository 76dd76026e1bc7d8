import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { parseIccid, parseImsi } from '../../../src/shared/identifiers/index.ts';
import type { DetectedColumn, ImportColumn, ImportGroup, ImportState, ImportView } from '../../../src/shared/contract/imports.ts';
import { importStates } from '../../../src/shared/contract/imports.ts';
import { applyByName, canEdit, clearKeys, clearKin, confidenceWord, countsText, fieldNames, fittingPresets, groupOrder, groupTitle, inventoryOf, isShape, isWholeRow, keyBlocker, leaveOutBad, mapOrder, mappingBrings, neededFields, readStep, readyShare, sampleFile, sentence, stepIds, stepOf, stepReason, stepsOf, under } from '../../../src/renderer/imports/import-words.ts';
import { componentProblem, custodianProblem, kcvProblem } from '../../../src/renderer/imports/key-words.ts';
import { shownColumns } from '../../../src/renderer/imports/row-columns.ts';
import { opProblem, rangeProblem } from '../../../src/renderer/imports/rule-checks.ts';

const column = (index: number, name: string, more: Partial<DetectedColumn> = {}): DetectedColumn => ({ index, name, samples: [], confidence: 1, why: '', alternatives: [], encrypted: false, ...more });
const mapped = (index: number, field?: ImportColumn['field'], more: Partial<ImportColumn> = {}): ImportColumn => ({ index, transforms: [], ...(field === undefined ? {} : { field }), ...more });
const rules = { duplicates: 'refuse', missingKey: 'make' } as const;
const view = (state: ImportState, more: Partial<ImportView> = {}): ImportView => ({
  id: `im_${'0'.repeat(20)}`, fileName: 'a.csv', bytes: 10, sha256: 'a'.repeat(64), state, openedAt: 0, actor: 'a', rules, blockers: [], groups: [], type: 'Travel', columns: [mapped(0, 'iccid'), mapped(1, 'imsi')],
  detection: { format: { layout: 'table', encoding: 'utf-8', separator: 'comma', header: true, comments: [] }, why: [], columns: [column(0, 'iccid'), column(1, 'imsi')], rows: 1_000, header: [], undecided: [], missing: [] }, ...more,
});
const counts = { rows: 1_000_000, good: 999_963, bad: 37, warned: 0, leftOut: 0, skipped: 0, repaired: 0 };

describe('the steps of an import', () => {
  it('come back to where the engine is', () => {
    expect((['opened', 'validating', 'validated', 'committing', 'done', 'rolled-back'] as const).map((state) => stepOf(view(state)))).toEqual(['source', 'validate', 'validate', 'run', 'report', 'report']);
    expect(stepOf(view('mapped'))).toBe('validate');
    expect(stepOf(view('mapped', { blockers: ['The column x needs a choice.'] }))).toBe('map');
    expect(stepOf({ state: 'mapped', blockers: ['Choose a profile type.'], type: undefined })).toBe('rules');
  });
  it('are never locked where the import stands, and always lead somewhere', () => {
    for (const state of importStates) expect(stepReason(view(state), stepOf(view(state)))).toBeUndefined();
  });
  it('before the check: no preview, no run, no report, each with its reason', () => {
    expect(stepReason(view('mapped'), 'preview')).toMatch(/check/i);
    expect(stepReason(view('mapped'), 'run')).toBeDefined();
    expect(stepReason(view('mapped'), 'report')).toBeDefined();
    expect(stepReason(view('opened', { type: undefined } as Partial<ImportView>), 'validate')).toMatch(/profile type/);
  });
  it('after the run the preview is closed: it would speak of another stock', () => {
    expect(stepReason(view('done'), 'preview')).toBeDefined();
    expect(stepReason(view('done'), 'map')).toBeUndefined();
  });
  it('a file imported before leads nowhere but its source', () => {
    const known = view('opened', { imported: { at: 0, fileName: 'a.csv' } });
    expect(stepIds.filter((id) => stepReason(known, id) === undefined)).toEqual(['source']);
    expect(stepsOf(known, 'source')[0]?.state).toBe('attention');
  });
  it('say what stands in them', () => {
    const steps = stepsOf(view('validated', { counts }), 'validate');
    expect(steps.map((step) => step.note)).toEqual(['1,000 rows', '2 of 2 columns', 'Travel', '37 to repair', '999,963 ready', undefined, undefined]);
    expect(steps.find((step) => step.id === 'validate')?.state).toBe('attention');
  });
  it('are read from an address only when they are steps', () => {
    expect(readStep('map')).toBe('map');
    expect(readStep('constructor')).toBeUndefined();
    expect(readStep(null)).toBeUndefined();
  });
});

describe('the mapping', () => {
  const detected = [column(0, 'ser_nb', { field: 'iccid' }), column(1, 'code', { alternatives: ['puk1', 'adm1'] }), column(2, 'ki', { field: 'k', encrypted: true }), column(3, 'rest')];
  const mine = [mapped(0, 'iccid'), mapped(1), mapped(2, 'k'), mapped(3)];
  it('puts what needs a person first, what is passed over last', () => {
    expect(mapOrder(detected, mine, { undecided: [1] }).map((one) => [one.column.name, one.rank])).toEqual([['code', 'choose'], ['ki', 'key'], ['ser_nb', 'sure'], ['rest', 'ignored']]);
  });
  it('sees one field chosen twice', () => {
    expect(mapOrder(detected, [mapped(0, 'iccid'), mapped(1, 'iccid')], { undecided: [] })[0]?.rank).toBe('twice');
  });
  it('takes a key with its transport key for settled', () => {
    expect(mapOrder([detected[2]!], [mapped(2, 'k', { wrapping: { key: 'K4', mode: 'ecb', reversed: 'no' } })], { undecided: [] })[0]?.rank).toBe('sure');
  });
  it('needs ICCID and IMSI; an IMSI in parts is one, too', () => {
    const missing = (columns: ImportColumn[], more = {}): string[] => neededFields(columns, { ...rules, ...more }).filter((one) => !one.have && !one.optional).map((one) => one.label);
    expect(missing([])).toEqual(['ICCID', 'IMSI']);
    expect(missing([mapped(0, 'iccid'), mapped(1, 'mcc'), mapped(2, 'mnc'), mapped(3, 'msin')])).toEqual([]);
    expect(missing([mapped(0, 'iccid'), mapped(3, 'msin')])).toEqual(['IMSI']);
    expect(missing([mapped(0, 'iccid'), mapped(3, 'msin')], { plmn: '26242' })).toEqual([]);
    expect(missing([mapped(0, 'iccid'), mapped(1, 'imsi')], { missingKey: 'refuse' })).toEqual(['K (Ki)']);
  });
  it('applies a saved one by name, whatever the order, and leaves strangers alone', () => {
    const saved = [{ name: 'KI', field: 'k' as const, transforms: [{ kind: 'uppercase' as const }] }, { name: 'ser_nb', field: 'iccid' as const, transforms: [] }];
    const { columns, matched } = applyByName(detected, [mapped(3, 'msisdn')], saved);
    expect(matched).toBe(2);
    expect(columns).toEqual([mapped(0, 'iccid'), mapped(1), mapped(2, 'k', { transforms: [{ kind: 'uppercase' }] }), mapped(3, 'msisdn')]);
  });
  it('a column saved as passed over is passed over again', () => {
    expect(applyByName([column(0, 'x')], [mapped(0, 'imsi')], [{ name: 'x', transforms: [] }]).columns).toEqual([mapped(0)]);
  });
  it('tells a guess from a certainty', () => {
    expect([column(0, 'a', { field: 'imsi' }), column(0, 'a', { field: 'imsi', confidence: 0.9 }), column(0, 'a', { field: 'imsi', confidence: 0.5 }), column(0, 'a', { field: 'imsi', alternatives: ['msin'] }), column(0, 'a')].map(confidenceWord)).toEqual(['Certain', 'Likely', 'A guess', 'Several fit', 'Not recognised']);
  });
  it('offers first the sender whose columns are in the file', () => {
    const preset = (name: string, names: string[]) => ({ name, summary: '', builtIn: true, format: view('opened').detection.format, columns: names.map((one) => ({ name: one, transforms: [], encrypted: false })) });
    expect(fittingPresets([preset('other', ['a', 'b']), preset('mine', ['ser_nb', 'ki'])], detected).map((one) => one.name)).toEqual(['mine', 'other']);
  });
});

describe('transport keys of columns', () => {
  const key = { key: 'K4', mode: 'ecb', reversed: 'no' } as const;
  const columns = [mapped(0, 'iccid'), mapped(1, 'k', { wrapping: key }), mapped(2, 'opc'), mapped(3, 'scp80Kic'), mapped(4, 'pin1'), mapped(5, 'kKcv'), mapped(6, 'scp80KicKcv')];
  it('are wanted for keys, not for codes and check values', () => {
    expect(clearKeys(columns).map((one) => one.field)).toEqual(['opc', 'scp80Kic']);
    expect(fieldNames(clearKeys([...columns, mapped(7, 'op')]))).toBe('OPc, OTA key KIC and OP');
  });
  it('go over the other columns of the group in one go', () => {
    const kin = clearKin(columns, columns[1]!);
    expect([fieldNames(kin), clearKin(columns, columns[3]!)]).toEqual(['OPc', []]);
    const next = under(columns, kin, key);
    expect(next.filter((one) => one.wrapping !== undefined).map((one) => one.index)).toEqual([1, 2]);
    expect(clearKin(next, next[1]!)).toEqual([]);
  });
  it('hold the mapping up where it is: said by the engine', () => {
    const clear = view('opened', { blockers: ['K and OPc are in the clear, which only a lab takes: choose the transport key of each.', 'Choose the profile type.'] });
    expect(keyBlocker(clear)).toMatch(/^K and OPc/);
    expect([keyBlocker({ blockers: ['OPc is in the clear, which only a lab takes: choose its transport key.'] }), keyBlocker({ blockers: ['Choose the transport key of the column eKi.'] }), keyBlocker({ blockers: ['Choose the profile type.'] })].map((one) => one !== undefined)).toEqual([true, true, false]);
    expect(stepsOf(clear, 'map').find((one) => one.id === 'map')!.state).toBe('attention');
    expect(stepsOf(view('opened'), 'map').find((one) => one.id === 'map')!.state).toBe('done');
  });
});

describe('what was found', () => {
  it('is corrected by hand only where something can be typed', () => {
    expect([canEdit({ field: 'imsi' }), canEdit({ field: 'k' }), canEdit({})]).toEqual([true, false, false]);
    expect([isWholeRow({ code: 'CELL_COUNT' }), isWholeRow({ code: 'ROW_MALFORMED' }), isWholeRow({ code: 'IMSI_INVALID' })]).toEqual([true, true, false]);
  });
  it('is left out in words of its number', () => {
    expect([leaveOutBad(1), leaveOutBad(1_200)]).toEqual(['Leave out the one that is not good', 'Leave out all 1,200 that are not good']);
  });
  it('a saved mapping says only what it sets', () => {
    expect(mappingBrings({ type: 'Travel' })).toContain('profile type are set');
    expect(mappingBrings({})).toContain('the profile type is to choose');
  });
  const group = (severity: ImportGroup['severity'], rows: number): ImportGroup => ({ id: `${severity}${rows}`, code: 'X', severity, rows, title: '', expected: '', hint: '', repairs: [], samples: [] });
  it('stands with blockers first, then by how many rows', () => {
    expect(groupOrder([group('warning', 9_000), group('blocker', 2), group('blocker', 30)]).map((one) => one.id)).toEqual(['blocker30', 'blocker2', 'warning9000']);
  });
  it('keeps its place while its rows are mended', () => {
    const groups = [{ id: 'a', severity: 'blocker', rows: 2 }, { id: 'b', severity: 'blocker', rows: 9 }, { id: 'c', severity: 'warning', rows: 40 }] as unknown as Parameters<typeof groupOrder>[0];
    expect(groupOrder(groups, ['a', 'b', 'c']).map((one) => one.id)).toEqual(['a', 'b', 'c']);
    expect(groupOrder(groups, ['a']).map((one) => one.id)).toEqual(['a', 'b', 'c']);
    expect(groupOrder(groups).map((one) => one.id)).toEqual(['b', 'a', 'c']);
  });
  it('is never "all" while one row is not good', () => {
    expect(readyShare(counts)).toBe('over 99.9%');
    expect(readyShare({ good: 998, rows: 1_000 })).toBe('99.8%');
    expect(readyShare({ good: 1_000, rows: 1_000 })).toBe('all of them');
    fc.assert(fc.property(fc.integer({ min: 1, max: 2_000_000 }), (rows) => !/100%|all/.test(readyShare({ good: rows - 1, rows }))));
  });
  it('is counted in words', () => {
    expect(countsText(counts)).toBe('999,963 ready · 37 to repair · 0 left out');
    expect(countsText({ ...counts, skipped: 12 })).toContain('12 passed over');
  });
  it('shows identifiers and the columns somebody complained about', () => {
    const file = view('validated', { columns: [mapped(0, 'iccid'), mapped(1, 'imsi'), mapped(2, 'k')], detection: { ...view('opened').detection, columns: [column(0, 'iccid'), column(1, 'imsi'), column(2, 'ki'), column(3, 'acc')] } });
    expect(shownColumns(file, []).map((one) => one.name)).toEqual(['iccid', 'imsi']);
    expect(shownColumns(file, [{ problems: [{ group: 'g', code: 'K_MALFORMED', column: 2, severity: 'blocker', message: '' }] }]).map((one) => one.name)).toEqual(['iccid', 'imsi', 'ki']);
  });
  it('knows a shape from a value', () => {
    expect(['32 hexadecimal digits', '4 digits', 'empty'].every(isShape)).toBe(true);
    expect(['8988211000000000011', '262421000000000', '+491512', ''].some(isShape)).toBe(false);
  });
  it('leads to its profiles by the reference', () => {
    expect(inventoryOf({ reference: 'I-7' })).toBe('/inventory?where=import%3Ais%3AI-7');
  });
});

describe('the sample file', () => {
  it('has rows that pass', () => {
    const [head, ...rows] = sampleFile.text.trim().split('\r\n').map((line) => line.split(','));
    expect(head?.slice(0, 2)).toEqual(['iccid', 'imsi']);
    for (const row of rows) expect([parseIccid(row[0]!).ok, parseImsi(row[1]!).ok]).toEqual([true, true]);
  });
});

describe('a transport key', () => {
  it('takes components of its length only, and never says what was typed', () => {
    expect(componentProblem('00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f', 'aes-128')).toBeUndefined();
    expect(componentProblem('00:01:02:03:04:05:06:07', 'des')).toBeUndefined();
    expect(componentProblem('', 'aes-128')).toMatch(/Type/);
    fc.assert(fc.property(fc.stringMatching(/^[g-z]{6,40}$/), (typed) => !(componentProblem(typed, 'aes-256') ?? '').includes(typed)));
    expect(componentProblem('00112233', 'aes-128')).toBe('AES-128 needs 32 hexadecimal digits; these are 8');
    expect(componentProblem('zz', 'aes-128')).toMatch(/Hexadecimal/);
  });
  it('wants two different people', () => {
    expect(custodianProblem(['Ana', ' ana '], 1)).toMatch(/same person/);
    expect(custodianProblem(['Ana', 'Tom'], 1)).toBeUndefined();
    expect(custodianProblem(['Ana', ''], 1)).toBeDefined();
    expect(custodianProblem(['Ana', 'Ana'], 0)).toBeUndefined();
  });
  it('takes a check value or none', () => {
    expect(['', '4A9F10', '4a 9f 10', '0123456789ABCDEF'].map(kcvProblem)).toEqual([undefined, undefined, undefined, undefined]);
    expect(['4A9F', 'nope', '4A9F1'].every((text) => kcvProblem(text) !== undefined)).toBe(true);
  });
});

describe('the rules', () => {
  it('a range has both ends, of the right length and in order', () => {
    expect(rangeProblem('', '', [14, 15])).toBeUndefined();
    expect(rangeProblem('262420000000000', '262429999999999', [14, 15])).toBeUndefined();
    expect(rangeProblem('262420000000000', '', [14, 15])?.end).toBe('last');
    expect(rangeProblem('26242', '262429999999999', [14, 15])?.end).toBe('first');
    expect(rangeProblem('262429999999999', '262420000000000', [14, 15])).toEqual({ end: 'last', say: 'Comes before the first' });
  });
  it('OP has 32 hexadecimal digits', () => {
    expect(opProblem('cdc202d5123e20f62b6d676ac72cb318')).toBeUndefined();
    expect(opProblem('cdc2')).toMatch(/these are 4/);
    expect(opProblem('xyz')).toMatch(/Hexadecimal/);
  });
});

describe('a group of findings', () => {
  it('says how many rows once', () => {
    expect(groupTitle({ title: '12 ICCIDs have a wrong check digit', rows: 12 })).toBe('12 ICCIDs have a wrong check digit');
    expect(groupTitle({ title: 'Blanks in ICCID', rows: 1_204 })).toBe('1,204 rows: blanks in ICCID');
    expect(groupTitle({ title: 'ICCID twice', rows: 1 })).toBe('1 row: ICCID twice');
  });
  it('ends what it expects with a full stop', () => {
    expect([sentence('19 digits'), sentence('19 digits.'), sentence('')]).toEqual(['19 digits.', '19 digits.', '']);
  });
});
