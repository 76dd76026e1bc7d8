import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { preparationPlan, type FieldInfo } from '../../../src/shared/contract/preparation.ts';
import { cancelText, checkOrder, emptyForm, estimateText, formFrom, formOf, formProblems, percent, planOf, sellableOf, sourcesText, vouchersText } from '../../../src/renderer/preparation/batch-words.ts';
import { filterOf } from '../../../src/renderer/inventory/filter.ts';
import { ageLines, ageProblem, exampleOf, moved, protectionNeeded, refusedBecause, withField } from '../../../src/renderer/preparation/recipient-words.ts';
import { sheetProblem } from '../../../src/renderer/preparation/sheets.ts';

const form = { ...emptyForm, type: 'Travel', count: '100,000' };

describe('the form of a batch', () => {
  it('is a plan the contract takes', () => {
    expect(preparationPlan.parse(planOf(form))).toMatchObject({ type: 'Travel', count: 100_000, source: 'both', outputs: [] });
    const full = planOf({ ...form, import: 'im_1', range: 'r1', brand: 'Kestrel', reference: ' B-1 ', order: 'PO', due: '2026-12-01', note: 'n', outputs: ['re_1'] });
    expect(preparationPlan.parse(full)).toMatchObject({ import: 'im_1', range: 'r1', reference: 'B-1', due: Date.UTC(2026, 11, 1, 23, 59, 59), outputs: ['re_1'] });
  });
  it('sends only what its source can have', () => {
    expect(planOf({ ...form, source: 'stock', range: 'r1', import: 'im_1' })).not.toHaveProperty('range');
    expect(planOf({ ...form, source: 'ranges', range: 'r1', import: 'im_1' })).not.toHaveProperty('import');
  });
  it('says what is missing, and is no plan until then', () => {
    expect(formProblems({ ...form, type: '' })).toEqual({ type: 'Choose a profile type' });
    expect(planOf({ ...form, type: '' })).toBeUndefined();
    expect(formProblems({ ...form, due: '2026-02-30' })).toEqual({ due: 'There is no such day' });
    expect(planOf({ ...form, due: '12/01/2026' })).toBeUndefined();
    for (const count of ['0', '-1', '1.5', '', '1,000,001', 'many']) expect(planOf({ ...form, count })).toBeUndefined();
  });
  it('begins with what an address brings: one import means its stock only', () => {
    expect(formFrom(new URLSearchParams('import=im_1&type=Travel'))).toMatchObject({ import: 'im_1', type: 'Travel', source: 'stock' });
    expect(formFrom(new URLSearchParams('count=40,000&source=ranges'))).toMatchObject({ count: '40,000', source: 'ranges' });
    expect(formFrom(new URLSearchParams('source=all'))).toMatchObject({ source: 'both' });
  });
  it('comes back from a draft as it was', () => {
    const draft = { type: 'Travel', count: 5_000, source: 'both', reference: 'B-1', due: Date.UTC(2026, 11, 1, 23, 59, 59), outputs: ['re_1'] } as unknown as Parameters<typeof formOf>[0];
    expect(planOf(formOf(draft))).toMatchObject({ count: 5_000, reference: 'B-1', due: Date.UTC(2026, 11, 1, 23, 59, 59), outputs: ['re_1'] });
  });
});

describe('the preview of a batch', () => {
  it('says where profiles come from, and what is missing', () => {
    expect(sourcesText({ count: 1_000, fromStock: 400, fromRanges: 600 })).toBe('400 from imported stock, 600 new from number ranges');
    expect(sourcesText({ count: 1_000, fromStock: 400, fromRanges: 0 })).toBe('400 from imported stock; 600 missing');
    expect(sourcesText({ count: 10, fromStock: 0, fromRanges: 0 })).toBe('Nothing to take from; 10 missing');
  });
  it('estimates from what was measured, or says that nothing was', () => {
    expect(estimateText(undefined)).toMatch(/Not known/);
    expect(estimateText({ seconds: 29.4, rate: 3_400, batches: 1 })).toBe('about 29 s, at 3,400 a second (measured in 1 batch here)');
  });
  it('puts what stands in the way first', () => {
    const check = (id: 'disk' | 'level' | 'vault', state: 'ok' | 'warning' | 'blocker') => ({ id, state, title: '', sentence: '' });
    expect(checkOrder([check('disk', 'ok'), check('level', 'blocker'), check('vault', 'warning')]).map((one) => one.id)).toEqual(['level', 'vault', 'disk']);
  });
});

describe('a batch', () => {
  it('is at 100 percent only when all of it is prepared', () => {
    expect(percent({ prepared: 99_999, count: 100_000 })).toBe(99);
    expect(percent({ prepared: 100_000, count: 100_000 })).toBe(100);
    fc.assert(fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.nat(), (count, part) => percent({ prepared: part % count, count }) < 100));
  });
  it('says beforehand how many vouchers there would be, and leads to the others', () => {
    expect(vouchersText({ withCode: 8, profiles: 2_593 })).toBe('8 vouchers: 8 of 2,593 profiles have an activation code. The others have no open order.');
    expect(vouchersText({ withCode: 1, profiles: 2 })).toBe('1 voucher: 1 of 2 profiles has an activation code. The others have no open order.');
    expect(vouchersText({ withCode: 3, profiles: 3 })).toBe('3 vouchers: every profile of the batch has an activation code.');
    expect(vouchersText({ withCode: 0, profiles: 3 })).toMatch(/^No profile of this batch/);
    const address = new URLSearchParams(sellableOf({ reference: 'B 1: a, b' }).split('?')[1]);
    expect(filterOf(address)).toEqual({ stock: ['sellable'], where: [{ field: 'batch', op: 'is', values: ['B 1: a, b'] }] });
  });
  it('says what a cancel leaves', () => {
    expect(cancelText({ prepared: 1, count: 3 })).toBe('1 profile is prepared and stays; the numbers of the other 2 are given back.');
  });
});

const field = (more: Partial<FieldInfo>): FieldInfo => ({ field: 'imsi', title: 'IMSI', heading: 'IMSI', group: 'numbers', encodings: [{ id: 'plain', title: 'Digits', example: '26242' }], secrecy: 'open', kinds: ['hlr', 'ota', 'print', 'custom'], ...more });
const fields = [
  field({}), field({ field: 'k', title: 'K', group: 'network keys', secrecy: 'key', kinds: ['hlr', 'custom'] }), field({ field: 'scp80Kic', title: 'KIC', group: 'ota keys', secrecy: 'key', kinds: ['ota', 'custom'] }),
  field({ field: 'puk1', title: 'PUK1', group: 'codes', secrecy: 'code', kinds: ['print', 'custom'], encodings: [{ id: 'plain', title: 'Digits', example: '12345678' }, { id: 'code-hex', title: 'Hex', example: '3132333435363738' }] }),
];

describe('a recipient', () => {
  it('of each kind is refused what it must not have, with the reason', () => {
    expect(refusedBecause(fields[2]!, 'hlr')).toMatch(/OTA keys/);
    expect(refusedBecause(fields[1]!, 'ota')).toMatch(/K or OPc/);
    expect(refusedBecause(fields[1]!, 'print')).toMatch(/no keys/);
    expect(refusedBecause(fields[0]!, 'print')).toBeUndefined();
    expect(refusedBecause(fields[1]!, 'hlr')).toBeUndefined();
  });
  it('needs protection for what it gets', () => {
    const needs = (names: FieldInfo['field'][], more = {}): string | undefined => protectionNeeded({ columns: names.map((name) => ({ field: name })), age: [], ...more }, fields);
    expect(needs(['imsi'])).toBeUndefined();
    expect(needs(['k'])).toMatch(/transport key/);
    expect(needs(['k'], { transportKey: 'K4' })).toBeUndefined();
    // One key for both would open both.
    expect(needs(['scp80Kic'], { transportKey: 'K4' })).toMatch(/of their own/);
    expect(needs(['puk1'], { transportKey: 'K4', otaTransportKey: 'OTA' })).toMatch(/age/);
    expect(needs(['puk1', 'k', 'scp80Kic'], { age: ['age1xyz'] })).toBeUndefined();
  });
  it('shows examples in the form chosen', () => {
    expect(exampleOf({ field: 'puk1' }, fields)).toBe('12345678');
    expect(exampleOf({ field: 'puk1', encoding: 'code-hex' }, fields)).toBe('3132333435363738');
    expect(exampleOf({ field: 'constant', value: 'x' }, fields)).toBe('x');
  });
  it('keeps every column when one is moved', () => {
    fc.assert(fc.property(fc.array(fc.nat(), { maxLength: 8 }), fc.integer({ min: -2, max: 9 }), fc.integer({ min: -2, max: 9 }), (list, from, to) => {
      expect([...moved(list, from, to)].sort()).toEqual([...list].sort());
    }));
    expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
  });
  it('takes age recipients one a line', () => {
    const one = `age1${'q'.repeat(58)}`;
    expect(ageLines(`${one}\n ${one} `)).toEqual([one, one]);
    expect(ageProblem(one)).toBeUndefined();
    expect(ageProblem('')).toBeUndefined();
    expect(ageProblem('AGE-SECRET-KEY-1QQ')).toBeDefined();
  });
  it('gets a fixed text as an empty one first', () => {
    expect(withField([], 'constant')).toEqual([{ field: 'constant', value: '' }]);
  });
});

describe('a sheet of labels', () => {
  const sheet = { page: 'a4', columns: 3, rows: 8, labelWidth: 70, labelHeight: 37, marginLeft: 0, marginTop: 0, gapX: 0, gapY: 0 } as const;
  it('fits on its paper, or says by how much it does not', () => {
    expect(sheetProblem(sheet)).toBeUndefined();
    expect(sheetProblem({ ...sheet, columns: 4 })).toBe('The labels need 280 mm across; the paper has 210 mm.');
    expect(sheetProblem({ ...sheet, rows: 9 })).toMatch(/down/);
    expect(sheetProblem({ ...sheet, page: 'letter', marginTop: 10 })).toMatch(/279/);
    expect(sheetProblem({ ...sheet, labelWidth: 5 })).toMatch(/out of bounds/);
  });
});
