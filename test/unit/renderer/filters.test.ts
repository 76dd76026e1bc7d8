import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { contract, deviceStates, networkStates, orderStates, stockStates } from '../../../src/shared/contract/index.ts';
import { filterKeys, filterOf } from '../../../src/renderer/inventory/filter.ts';
import { orderFilterOf } from '../../../src/renderer/activations/filter.ts';
import { listAddress, rememberList } from '../../../src/renderer/design/last-address.ts';
import { expiryProblem } from '../../../src/renderer/activations/expiry.ts';
import { filtersSet, readAxis, withFilter, withoutFilters } from '../../../src/renderer/design/url-filters.ts';

const address = (text: string) => new URLSearchParams(text);

describe('filters in the address', () => {
  it('are read comma-separated or repeated, in the order of the axis', () => {
    const axis = { key: 'order', values: orderStates };
    expect(readAxis(address('order=installed,available'), axis)).toEqual(['available', 'installed']);
    expect(readAxis(address('order=installed&order=available'), axis)).toEqual(['available', 'installed']);
  });
  it('drop what no state is called', () => {
    expect(filterOf(address('order=haunted&stock=sellable'))).toEqual({ stock: ['sellable'] });
  });
  it('say nothing when nothing is chosen', () => {
    expect(filterOf(address(''))).toEqual({});
    expect(orderFilterOf(address('open=maybe'))).toEqual({});
  });
  it('take a pasted identifier with its spaces', () => {
    expect(filterOf(address('text=8945%207000-0000')).text).toBe('894570000000');
  });
  it('come back as they were written', () => {
    const some = <T extends string>(values: readonly T[]) => fc.subarray([...values]);
    fc.assert(
      fc.property(some(orderStates), some(stockStates), some(networkStates), some(deviceStates), (order, stock, network, device) => {
        let params = address('other=1');
        for (const [key, value] of Object.entries({ order, stock, network, device })) params = withFilter(params, key, value);
        const filter = filterOf(address(params.toString()));
        expect(filter).toEqual(Object.fromEntries(Object.entries({ order, stock, network, device }).filter(([, v]) => v.length > 0)));
        expect(contract.profiles.list.input.safeParse({ filter }).success).toBe(true);
        expect(withoutFilters(params, filterKeys).toString()).toBe('other=1');
      }),
    );
  });
  it('always fit the contract, whatever stands in the address', () => {
    fc.assert(
      fc.property(fc.webQueryParameters(), (text) => {
        expect(contract.profiles.list.input.safeParse({ filter: filterOf(address(text)) }).success).toBe(true);
        expect(contract.orders.list.input.safeParse({ filter: orderFilterOf(address(text)) }).success).toBe(true);
      }),
      { numRuns: 25 },
    );
  });
  it('are counted once each', () => {
    expect(filtersSet(address('order=released,error&text=&type=A'), filterKeys)).toBe(2);
  });
});

describe('an expiry', () => {
  const now = Date.UTC(2026, 10, 22, 12);
  it.each(['', '30d', '12h', '+2w', '2026-12-31', '2026-12-31T12:00Z', '2026-11-22T12:01', '1795849260000'])('may be "%s"', (text) => expect(expiryProblem(text, now)).toBeUndefined());
  it.each(['soon', '30 days', '2026-13-45', 'd', '12'])('may not be "%s"', (text) => expect(expiryProblem(text, now)).toMatch(/^A span/));
  it.each(['-1h', '0d', '2026-11-22', '2020-01-01', '2026-11-22T11:59Z', '2026-11-22T12:00', '2026-11-22 13:00+02:00', '1735689600000'])('may not lie in the past: "%s"', (text) => expect(expiryProblem(text, now)).toMatch(/over/));
});

describe('going back to a list', () => {
  it('returns to the filters it was left with', () => {
    expect(listAddress('/inventory')).toBe('/inventory');
    rememberList('/inventory', address('stock=sellable'));
    expect(listAddress('/inventory')).toBe('/inventory?stock=sellable');
    expect(listAddress('/activations')).toBe('/activations');
    rememberList('/inventory', address(''));
    expect(listAddress('/inventory')).toBe('/inventory');
  });
});
