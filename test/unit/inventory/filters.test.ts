import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Condition, FieldName, ProfileFilter, SortColumn } from '../../../src/shared/contract/profile-filter.ts';
import { conditionText, filterFields, readCondition, readSort, secretStates, sortColumns, sortText } from '../../../src/shared/contract/profile-filter.ts';
import { listProfiles } from '../../../src/main/engine/profiles/list.ts';
import { recount } from '../../../src/main/engine/profiles/groups.ts';
import { profileFilter } from '../../../src/shared/contract/profile-filter.ts';
import { deviceStates, networkStates, orderStates, stockStates } from '../../../src/shared/contract/states.ts';
import { testNow, type TestEngine } from '../../support/engine.ts';
import { fill, inOrder, inventoryEngine, matches, type Known } from './support.ts';

let engine: TestEngine;
let stock: Known[];

beforeAll(async () => {
  engine = await inventoryEngine();
  stock = await fill(engine, 300, 20260115);
});
afterAll(() => engine.close());

const names: Partial<Record<FieldName, readonly string[]>> = {
  type: ['Ålpha', 'beta', 'Gamma', 'none'], template: ['basic@1', 'basic@10', 'basic', 'full@2', 'full'], brand: ['Blue', 'Red', 'Nobody'], batch: ['B-1', 'B-2', 'B-99'], import: ['I-1', 'I-2'],
  label: ['hot', 'cold', 'lukewarm'], secrets: secretStates, order: orderStates, stock: stockStates, network: networkStates, device: deviceStates,
};
const day = fc.integer({ min: -22, max: 32 }).map((n) => new Date(testNow + n * 86_400_000).toISOString().slice(0, 10));

/** Pieces of identifiers that exist, mostly. */
const piece = (field: 'iccid' | 'imsi' | 'msisdn' | 'eid', op: string): fc.Arbitrary<string> =>
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 32 })).map(([n, length]) => {
    const having = stock.filter((p) => p[field] !== undefined);
    const value = having[n % having.length]![field]!;
    if (op === 'ends') return value.slice(-length);
    return op === 'begins' || op === 'between' ? value.slice(0, length) : value;
  });

function conditionOf(field: FieldName): fc.Arbitrary<Condition> {
  return fc.constantFrom(...filterFields[field].ops).chain((op): fc.Arbitrary<Condition> => {
    const values = (one: fc.Arbitrary<string>): fc.Arbitrary<Condition> => {
      if (op === 'present' || op === 'absent') return fc.constant({ field, op, values: [] });
      if (op === 'between') return fc.tuple(one, one, fc.integer({ min: 0, max: 3 })).map(([a, b, open]) => ({ field, op, values: [open === 1 ? '' : a < b ? a : b, open === 2 ? '' : a < b ? b : a] }));
      return fc.array(one, op === 'is' || op === 'isNot' ? { minLength: 1, maxLength: 1 } : { minLength: 1, maxLength: 3 }).map((list) => ({ field, op, values: list }));
    };
    switch (filterFields[field].kind) {
      case 'digits': return values(piece(field as 'iccid', op));
      case 'moment': return values(day);
      case 'number': return values(fc.integer({ min: 0, max: 4 }).map(String));
      case 'token': return values(fc.constantFrom(...(op === 'begins' ? ['A', 'AB', 'ZZ0', 'Q'] : stock.flatMap((p) => p.orders).slice(0, 20))));
      default: return values(fc.constantFrom(...(names[field] ?? ['x'])));
    }
  });
}

const someOf = <T extends string>(values: readonly T[]): fc.Arbitrary<T[] | undefined> => fc.option(fc.subarray([...values]), { nil: undefined, freq: 1 });
const filters: fc.Arbitrary<ProfileFilter> = fc.record({
  type: fc.option(fc.constantFrom('Ålpha', 'beta', 'Gamma'), { nil: undefined, freq: 3 }),
  stock: someOf(stockStates), order: someOf(orderStates),
  text: fc.option(fc.oneof(fc.constantFrom('8', '89', '0', '00', '001', '46', '4670', '1', '12', 'B-1', 'I-2', 'AB00', 'xyz'), fc.nat().map((n) => stock[n % stock.length]!.imsi.slice(-4))), { nil: undefined, freq: 2 }),
  where: fc.array(fc.constantFrom(...(Object.keys(filterFields) as FieldName[])).chain(conditionOf), { maxLength: 3 }),
}).map((filter) => Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as ProfileFilter);

const leading = (Object.keys(sortColumns) as SortColumn[]).filter((name) => sortColumns[name] === 'leading');
const keys = (Object.keys(sortColumns) as SortColumn[]).filter((name) => sortColumns[name] === 'key');
const alone = (Object.keys(sortColumns) as SortColumn[]).filter((name) => sortColumns[name] === 'alone');
const directed = (by: SortColumn) => fc.boolean().map((down) => ({ by, down }));
const sorts = fc.oneof(
  fc.constant([]), fc.constantFrom(...alone).chain((by) => fc.tuple(directed(by))),
  fc.tuple(fc.subarray(leading, { maxLength: 3 }), fc.option(fc.constantFrom(...keys)), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
    .map(([first, key, downs]) => [...first, ...(key === null ? [] : [key])].map((by, n) => ({ by, down: downs[n]! }))),
);

describe('any filter, any order, any page', () => {
  it.each([[0, 'walked'], [25, 'mixed'], [10_000, 'picked and sorted']])('agrees with reading every row (at most %i sorted: %s)', async (few) => {
    await fc.assert(fc.asyncProperty(filters, sorts, fc.integer({ min: 1, max: 120 }), async (filter, sort, limit) => {
      const seen: string[] = [];
      let cursor: string | undefined;
      let shown: Awaited<ReturnType<typeof listProfiles>> | undefined;
      const expecting = stock.filter((p) => matches(p, filter));
      // A page costs by the states there are, and nearly every row of this stock has its own: at most 60 pages of one list.
      const size = Math.max(limit, Math.ceil(expecting.length / 60));
      do {
        const page = await listProfiles(engine.ctx.reader, { filter: profileFilter.parse(filter), sort, limit: size, cursor, now: testNow, few });
        shown ??= page;
        seen.push(...page.rows.map((row) => row.iccid));
        cursor = page.next;
      } while (cursor !== undefined);
      const expected = inOrder(expecting, sort.length === 0 ? shown.sort : [...sort]);
      expect(seen).toEqual(expected.map((p) => p.iccid));
      if (shown.total !== undefined) expect(shown.total).toBe(expected.length);
      if (shown.more !== undefined) expect(expected.length).toBeGreaterThan(shown.more);
    }), { numRuns: 120, seed: 20260115 + few });
  });

  it('counts of the groups are those of a recount', async () => {
    expect(await recount(engine.ctx.reader)).toEqual([]);
  });
});

describe('conditions and orders as text', () => {
  it('are read back as they were', () => {
    fc.assert(fc.property(fc.constantFrom(...(Object.keys(filterFields) as FieldName[])).chain(conditionOf), fc.array(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 }), (condition, texts) => {
      expect(readCondition(conditionText(condition))).toEqual(condition);
      const odd: Condition = { field: 'label', op: 'in', values: texts };
      expect(readCondition(conditionText(odd))).toEqual(odd);
    }), { seed: 1 });
    expect(readSort(sortText([{ by: 'stock', down: false }, { by: 'created', down: true }]))).toEqual([{ by: 'stock', down: false }, { by: 'created', down: true }]);
    expect([readSort('colour'), readCondition('colour:is:red'), readCondition('created:begins:1'), readCondition('stock')]).toEqual([undefined, undefined, undefined, undefined]);
    expect(readCondition('stock:sellable,held')).toEqual({ field: 'stock', op: 'in', values: ['sellable', 'held'] });
  });
});

describe('what cannot be asked', () => {
  it.each([
    [{ filter: { where: [{ field: 'created', op: 'begins', values: ['1'] }] } }, 'FILTER_INVALID', 'filter.where.0'],
    [{ filter: { where: [{ field: 'created', op: 'between', values: ['soon', ''] }] } }, 'FILTER_INVALID', 'filter.where.0'],
    [{ filter: { where: [{ field: 'created', op: 'between', values: ['', ''] }] } }, 'FILTER_INVALID', 'filter.where.0'],
    [{ filter: { where: [{ field: 'iccid', op: 'begins', values: ['89x'] }] } }, 'FILTER_INVALID', 'filter.where.0'],
    [{ filter: { where: [{ field: 'stock', op: 'is', values: ['gone'] }] } }, 'FILTER_INVALID', 'filter.where.0'],
    [{ filter: { where: [{ field: 'attempts', op: 'is', values: ['many'] }] } }, 'FILTER_INVALID', 'filter.where.0'],
    [{ filter: { where: [{ field: 'matchingId', op: 'begins', values: ['%'] }] } }, 'FILTER_INVALID', 'filter.where.0'],
    [{ sort: [{ by: 'iccid' }, { by: 'stock' }] }, 'SORT_INVALID', 'sort'],
    [{ sort: [{ by: 'stock' }, { by: 'held' }] }, 'SORT_INVALID', 'sort'],
    [{ sort: [{ by: 'stock' }, { by: 'stock' }] }, 'SORT_INVALID', 'sort'],
    [{ cursor: 'x' }, 'INPUT_INVALID', 'cursor'],
    [{ cursor: Buffer.from('[[],"created",true,[],"text",1,null]').toString('base64url') }, 'INPUT_INVALID', 'cursor'],
    [{ cursor: Buffer.from('[[["stock",false]],"created",true,[],1,1,null]').toString('base64url') }, 'INPUT_INVALID', 'cursor'],
  ])('%o is refused with %s', async (input, code, field) => {
    expect(await engine.refused('profiles.list', input)).toMatchObject({ code, field });
  });

  it('a position of a list in another order', async () => {
    const { next } = await engine.ok<{ next: string }>('profiles.list', { limit: 5, sort: [{ by: 'iccid' }] });
    expect(await engine.refused('profiles.list', { limit: 5, sort: [{ by: 'iccid', down: true }], cursor: next })).toMatchObject({ code: 'INPUT_INVALID', field: 'cursor' });
  });
});
