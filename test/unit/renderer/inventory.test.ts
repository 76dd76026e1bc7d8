import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { conditionText, fieldNames as allFields, filterFields, profileFilter, profileColumns, readCondition, sortColumns, type Condition } from '../../../src/shared/contract/profile-filter.ts';
import { viewContent } from '../../../src/shared/contract/inventory.ts';
import { parseIccid } from '../../../src/shared/identifiers/index.ts';
import { byKind, listAddressFor, nothingFound } from '../../../src/renderer/app/search-words.ts';
import { defaultLayout, togglePinned, withWidth } from '../../../src/renderer/design/grid-layout.ts';
import { chipsOf, filterOf, momentValue, normalOp, paramsOfFilter, searchText, withChip } from '../../../src/renderer/inventory/filter.ts';
import { conditionWords, fieldGroups, fieldNames, opChoices, relativeWords } from '../../../src/renderer/inventory/filter-words.ts';
import { nearPieces, numberHint } from '../../../src/renderer/inventory/near-number.ts';
import { askedSort, fitSort } from '../../../src/renderer/inventory/sorting.ts';
import { builtInViews, contentOf, layoutOf, linkOf, paramsOfView, sameList } from '../../../src/renderer/inventory/view-address.ts';

const address = (text: string) => new URLSearchParams(text);
const now = Date.UTC(2026, 10, 22, 12);
const columns = [{ id: 'iccid', width: 160, always: true, sort: 'iccid' }, { id: 'type', width: 120, sort: 'type' }, { id: 'eid', width: 260, optional: true }, { id: 'heldUntil', width: 120, optional: true, sort: 'held' }] as const;

describe('chips of the inventory', () => {
  it('stand for plain members and for conditions, under the names the engine blames', () => {
    const chips = chipsOf(address('stock=sellable,held&type=Lab&where=iccid:begins:8988&where=label:present'));
    expect(chips.map((c) => c.id)).toEqual(['type', 'stock', 'where.0', 'where.1']);
    expect(chips[1]!.condition).toEqual({ field: 'stock', op: 'in', values: ['sellable', 'held'] });
  });
  it('drop what the contract would refuse', () => {
    expect(chipsOf(address('where=ghost:is:1&where=iccid:between:,&where=stock:is:haunted&where=iccid:present&where=eid:absent')).map((c) => c.condition.field)).toEqual(['eid']);
  });
  it('are changed, moved to where they fit, and removed', () => {
    const first = withChip(address('view=x'), undefined, { field: 'stock', op: 'in', values: ['sellable', 'held'] });
    expect(first.get('stock')).toBe('sellable,held');
    const negated = withChip(first, 'stock', { field: 'stock', op: 'isNot', values: ['sold'] });
    expect(negated.get('stock')).toBeNull();
    expect(negated.getAll('where')).toEqual(['stock:isNot:sold']);
    expect(withChip(negated, 'where.0', { field: 'stock', op: 'is', values: ['sold'] }).get('stock')).toBe('sold');
    expect(withChip(negated, 'where.0', undefined).toString()).toBe('view=x');
  });
  it('two of one field stand side by side', () => {
    const two = withChip(address('stock=sellable'), undefined, { field: 'stock', op: 'is', values: ['held'] });
    expect(two.get('stock')).toBe('sellable');
    expect(two.getAll('where')).toEqual(['stock:is:held']);
  });
  it('come back as conditions from any values', () => {
    const condition = fc.constantFrom(...allFields).chain((field) => fc.constantFrom(...filterFields[field].ops).chain((op) => {
      const spec = filterFields[field];
      const value = 'values' in spec ? fc.constantFrom(...(spec.values as readonly string[])) : fc.string({ minLength: 1, maxLength: 30 }).filter((v) => v.trim() === v);
      const values = op === 'present' || op === 'absent' ? fc.constant<string[]>([]) : op === 'between' ? fc.tuple(value, value).map((v) => [...v]) : fc.uniqueArray(value, { minLength: 1, maxLength: op === 'in' || op === 'notIn' ? 4 : 1 });
      return values.map((list): Condition => ({ field, op, values: list }));
    }));
    fc.assert(fc.property(condition, (c) => {
      const params = withChip(address(''), undefined, c);
      const back = chipsOf(address(params.toString()));
      expect(back).toHaveLength(1);
      expect(back[0]!.condition.field).toBe(c.field);
      expect([...back[0]!.condition.values].toSorted()).toEqual([...c.values!].toSorted());
      expect(profileFilter.safeParse(filterOf(params, now)).success).toBe(true);
    }));
  });
  it('a filter of the engine becomes an address and the same filter again', () => {
    const filter = { text: '8988', stock: ['held' as const], where: [{ field: 'label' as const, op: 'in' as const, values: ['a%b', 'c d'] }] };
    expect(filterOf(paramsOfFilter(filter), now)).toEqual(filter);
  });
  it('spans of time count from now, and stay spans when written', () => {
    const params = address(`where=${encodeURIComponent('held:between:now,+2d')}`);
    expect(filterOf(params, now).where![0]!.values).toEqual([String(now), String(now + 2 * 86_400_000)]);
    expect(filterOf(params, 'as written').where![0]!.values).toEqual(['now', '+2d']);
    expect(momentValue('-10min', now)).toBe(String(now - 600_000));
    expect(momentValue('2026-11-22', now)).toBe('2026-11-22');
  });
  it('one value or several is one question', () => {
    expect([normalOp('in', ['a']), normalOp('is', ['a', 'b']), normalOp('notIn', ['a']), normalOp('begins', ['a'])]).toEqual(['is', 'in', 'isNot', 'begins']);
    expect(opChoices('stock')).toEqual(['in', 'notIn']);
    expect(opChoices('matchingId')).toEqual(['in', 'begins', 'present', 'absent']);
  });
});

describe('the text field of the inventory', () => {
  it.each([['8988 2119 9000', '898821199000'], ['+999 000-1', '+9990001'], ['B-12', 'B-12'], ['Spring run 2', 'Spring run 2'], ['LPA:1$smdp.example$ABCDE-FGHIJ', 'ABCDE-FGHIJ'], ['1$smdp.example$ABCDE-FGHIJ$$1', 'ABCDE-FGHIJ']])('takes %s for %s', (typed, text) => expect(searchText(typed)).toBe(text));
});

describe('words of a filter', () => {
  it('name every field once', () => {
    expect(fieldGroups.flatMap(([, fields]) => fields).toSorted()).toEqual([...allFields].toSorted());
    expect(new Set(Object.values(fieldNames)).size).toBe(allFields.length);
  });
  it.each([
    ['iccid:begins:8988', 'begins with', '8988'], ['held:between:,+2d', 'before', 'in 2 days'], ['lastEvent:between:-7d,', 'after', '7 days ago'], ['created:between:2026-01-01,2026-02-01', 'between', '2026-01-01 and 2026-02-01'],
    ['label:absent', 'is not set', ''], ['note:present', 'with at least one', ''], ['stock:isNot:sold', 'is not', 'Sold'], ['attempts:between:2,', 'from', '2'], ['imsi:in:1,2,3', '', '3 values'],
  ])('%s reads “%s %s”', (text, op, value) => expect(conditionWords(readCondition(text)!)).toEqual({ op, value }));
  it('says distances in words', () => {
    expect([relativeWords('-1h'), relativeWords('+2d'), relativeWords('now')]).toEqual(['1 hour ago', 'in 2 days', 'now']);
  });
});

describe('orders the engine can follow', () => {
  it('a date alone stands alone; a unique column stands last', () => {
    const key = (by: string) => ({ by, direction: 'asc' as const });
    expect(fitSort([key('type'), key('held')]).map((k) => k.by)).toEqual(['held']);
    expect(fitSort([key('iccid'), key('type')]).map((k) => k.by)).toEqual(['type', 'iccid']);
    expect(fitSort([key('iccid'), key('created')]).map((k) => k.by)).toEqual(['created']);
    expect(fitSort([key('nothing')])).toEqual([]);
  });
  it('whatever is pressed fits the contract', () => {
    const names = Object.keys(sortColumns);
    fc.assert(fc.property(fc.uniqueArray(fc.constantFrom(...names)), (by) => {
      const sort = askedSort(by.map((name) => ({ by: name, direction: 'desc' as const })));
      const kinds = sort.map((key) => sortColumns[key.by]);
      expect(kinds.filter((k) => k === 'key').length).toBeLessThanOrEqual(1);
      expect(kinds.includes('alone') && kinds.length > 1).toBe(false);
      expect(kinds.indexOf('key') === -1 || kinds.indexOf('key') === kinds.length - 1).toBe(true);
    }));
  });
});

describe('views as addresses', () => {
  const layout = { ...togglePinned(withWidth(defaultLayout(columns), 'type', 200), 'iccid'), sort: [{ by: 'type', direction: 'desc' as const }], density: 'comfortable' as const };
  it('keep filter, order, columns, widths and height of rows', () => {
    const params = address(`stock=held&where=${encodeURIComponent('held:between:,+2d')}`);
    const content = contentOf(params, columns, layout);
    expect(viewContent.safeParse(content).success).toBe(true);
    const back = paramsOfView({ id: 'v1', content: viewContent.parse(content) }, columns);
    expect(back.get('stock')).toBe('held');
    expect(back.getAll('where')).toEqual([conditionText({ field: 'held', op: 'between', values: ['', '+2d'] })]);
    expect(back.get('sort')).toBe('-type');
    expect(layoutOf(back, columns, defaultLayout(columns))).toMatchObject({ pinned: ['iccid'], widths: { type: 200 }, density: 'comfortable' });
  });
  it('are the same list in any order of the address', () => {
    expect(sameList(address('a=1&b=2&view=x'), address('b=2&a=1'))).toBe(true);
    expect(sameList(address('a=1'), address('a=2'))).toBe(false);
  });
  it('a link says what the list shows, and no view that others may not have', () => {
    const link = linkOf(address('stock=held&view=mine'), columns, layout);
    expect(link.get('view')).toBeNull();
    expect(link.get('cols')).toContain('iccid!');
    expect(link.get('sort')).toBe('-type');
  });
  it('those of the program fit the contract', () => {
    for (const view of builtInViews) {
      expect(profileFilter.safeParse(filterOf(view.params, now)).success).toBe(true);
      expect(Object.keys(filterOf(view.params, now)).length).toBeGreaterThan(0);
      expect(chipsOf(view.params).length).toBe([...view.params.keys()].filter((k) => k !== 'sort').length);
    }
  });
});

describe('a number nobody has', () => {
  it('is said what may be wrong with it', () => {
    expect(numberHint('8988211990000029999', parseIccid('8988211990000029999'))).toMatch(/check digit .* 9 where 6/);
    expect(numberHint('8988211990000029996F', parseIccid('8988211990000029996F'))).toMatch(/padding/);
    expect(numberHint('89882119900000299961', parseIccid('89882119900000299961'))).toMatch(/20 digits/);
    expect(numberHint('123', parseIccid('123'))).toMatch(/starts with 89/);
  });
  it('is looked for by pieces that neighbours share', () => {
    expect(nearPieces('8988211990000029999')).toEqual(['8988211990000029', '8988211990000', '0029999']);
  });
});

describe('what the search found', () => {
  it('stands by kind', () => {
    expect(byKind([{ kind: 'a', n: 1 }, { kind: 'b', n: 2 }, { kind: 'a', n: 3 }]).map((h) => h.n)).toEqual([1, 3, 2]);
  });
  it('leads to the list when digits are in several', () => {
    expect(listAddressFor('8988 21', 5)).toBe('/inventory?text=898821');
    expect(listAddressFor('8988', 1)).toBeUndefined();
    expect(listAddressFor('Lab', 5)).toBeUndefined();
  });
  it('says what it took a text for', () => {
    expect(nothingFound('8988', 'ICCID')).toBe('Nothing found for “8988” (read as an ICCID)');
  });
});

describe('columns', () => {
  it('are those of the contract', () => {
    expect(new Set(profileColumns).size).toBe(profileColumns.length);
  });
});
