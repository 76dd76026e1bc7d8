import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRanges } from '../../../src/main/engine/numbers/index.ts';
import { countOf, cut, entitlementOf, holds, keysOfEntitlement, meet, numberOf, without } from '../../../src/main/engine/numbers/rules.ts';
import type { Span } from '../../../src/main/engine/numbers/rules.ts';
import { createOperatorCa } from '../../../src/main/lab/operator/index.ts';
import { certificatePem } from '../../../src/main/lab/pki/index.ts';
import type { TestEngine } from '../../support/engine.ts';
import { blocks, body, createRange, findings, iccid, imsi, numbersEngine, prepare } from './support.ts';

describe('block arithmetic', () => {
  const at = (n: number) => String(n).padStart(6, '0');
  const span = fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 60 })).map(([first, more]): Span => ({ first: at(first), last: at(first + more) }));
  const members = (one: Span) => Array.from({ length: countOf(one) }, (_, i) => at(Number(one.first) + i));

  it('a span without others keeps exactly the numbers no other has', () => {
    fc.assert(fc.property(span, fc.array(span, { maxLength: 6 }), (one, others) => {
      const rest = without(one, others).flatMap(members);
      expect(rest).toEqual(members(one).filter((number) => !others.some((other) => holds(other, number))));
    }));
  });
  it('a cut loses no number and doubles none', () => {
    fc.assert(fc.property(span, fc.integer({ min: 0, max: 500 }), (one, place) => {
      const parts = cut(one, at(place));
      expect(parts !== undefined).toBe(place > Number(one.first) && place <= Number(one.last));
      if (parts) expect(parts.flatMap(members)).toEqual(members(one));
    }));
  });
  it('what two share is what both have', () => {
    fc.assert(fc.property(span, span, (a, b) => {
      const common = meet(a, b);
      expect(common ? members(common) : []).toEqual(members(a).filter((number) => holds(b, number)));
    }));
  });
  it('an entitlement holds an ICCID when it names it with its check digit', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 9 }), (from, low, more, high) => {
      const range = { first: `${body(from)}${low}`, last: `${body(from + more)}${high}` };
      if (range.first > range.last) return;
      const keys = keysOfEntitlement(range);
      for (let n = from; n <= from + more; n++) {
        const number = numberOf('iccid', body(n));
        expect(keys !== undefined && holds(keys, body(n))).toBe(range.first <= number && number <= range.last);
      }
    }));
    expect(keysOfEntitlement(entitlementOf({ first: body(5), last: body(9) }))).toEqual({ first: body(5), last: body(9) });
    expect(entitlementOf({ first: '89882110000000000080', last: '89882110000000000099' })).toEqual({ first: '89882110000000000080', last: '89882110000000000099' });
  });
});

describe('owners', () => {
  let engine: TestEngine;
  const pem = () => Buffer.from(certificatePem(createOperatorCa({ name: 'Acme CA', now: new Date(engine.clock.now()) }).certificate));
  beforeEach(async () => {
    engine = await numbersEngine();
    await engine.ok('brands.add', { name: 'Acme', clientCa: engine.uploads.put(pem()) });
  });
  afterEach(() => engine.close());
  const iccidsOf = async (name: string) => (await engine.ok<{ rows: { name: string; iccids: { first: string; last: string }[] }[] }>('brands.list')).rows.find((row) => row.name === name)!.iccids;

  it('a batch for a brand takes its own numbers, one of the operator those of nobody', async () => {
    const theirs = await createRange(engine, 1000, 20);
    const free = await createRange(engine, 3000, 20);
    for (const block of (await blocks(engine, 'iccid')).filter((one) => one.range === theirs.id)) await engine.ok('numbers.assign', { id: block.id, owner: 'Acme' });
    const parts = async (plan: object): Promise<{ available: { ranges: number }; parts: { id: string }[] }> => engine.ok<never>('preparation.preview', { type: 'Sample', count: 5, source: 'ranges', ...plan });
    expect(await parts({ brand: 'Acme' })).toMatchObject({ available: { ranges: 20 }, parts: [{ id: theirs.id }] });
    expect(await parts({})).toMatchObject({ available: { ranges: 20 }, parts: [{ id: free.id }] });
    expect(await parts({ range: theirs.id })).toMatchObject({ available: { ranges: 0 }, parts: [] });
    await engine.ok('brands.add', { name: 'Plain', clientCa: engine.uploads.put(Buffer.from(certificatePem(createOperatorCa({ name: 'Plain CA', now: new Date(engine.clock.now()) }).certificate))) });
    expect(await parts({ brand: 'Plain' })).toMatchObject({ available: { ranges: 20 }, parts: [{ id: free.id }] });
    expect(await engine.refused('preparation.start', { plan: { type: 'Sample', count: 21, source: 'ranges', brand: 'Acme' } })).toMatchObject({ code: 'STOCK_SHORT' });
    await engine.ok('preparation.start', { plan: { type: 'Sample', count: 3, source: 'ranges', brand: 'Acme' } });
    await engine.jobs.idle();
    expect((await engine.ctx.db.selectFrom('profiles').select('iccid').orderBy('id').execute()).map((row) => row.iccid)).toEqual([1000, 1001, 1002].map(iccid));
  });
  it('a draft for a brand, and what its cancelled batch still owes, come from its own numbers too', async () => {
    const theirs = await createRange(engine, 1000, 20);
    await createRange(engine, 3000, 20);
    for (const block of (await blocks(engine, 'iccid')).filter((one) => one.range === theirs.id)) await engine.ok('numbers.assign', { id: block.id, owner: 'Acme' });
    const draft = await engine.ok<{ id: string }>('preparation.saveDraft', { plan: { type: 'Sample', count: 3, source: 'ranges', brand: 'Acme', reference: 'Later' } });
    expect(await engine.ok('preparation.show', { id: draft.id })).toMatchObject({ brand: 'Acme', parts: [{ id: theirs.id, count: 3 }] });
    await engine.jobs.stop();
    const { batch, job } = await engine.ok<{ batch: { id: string }; job: { id: string } }>('preparation.start', { plan: { type: 'Sample', count: 3, source: 'ranges', brand: 'Acme' } });
    await engine.ok('jobs.cancel', { id: job.id });
    engine = await engine.reopen();
    await engine.ok('preparation.rerun', { id: batch.id, what: 'rest' });
    await engine.jobs.idle();
    expect((await engine.ctx.db.selectFrom('profiles').select('iccid').orderBy('id').execute()).map((row) => row.iccid)).toEqual([1000, 1001, 1002].map(iccid));
  });
  it('an entitlement is a block of the brand, and goes with it', async () => {
    await engine.ok('brands.change', { name: 'Acme', iccids: [`${body(0)}-${body(99)}`] });
    expect(await blocks(engine, 'iccid')).toEqual([expect.objectContaining({ first: iccid(0), last: iccid(99), owner: 'Acme', source: 'entitlement' })]);
    expect(await findings(engine)).toEqual([]);
    await engine.ok('brands.change', { name: 'Acme', iccids: [] });
    expect(await blocks(engine, 'iccid')).toEqual([]);
  });

  it('a block given to a brand is its entitlement, taken back it is not', async () => {
    const { id } = await engine.ok<{ id: string }>('numbers.add', { kind: 'iccid', first: body(0), count: 100, owner: 'Acme' });
    expect(await iccidsOf('Acme')).toEqual([{ first: `${body(0)}0`, last: `${body(99)}9` }]);
    const second = await engine.ok<{ second: { id: string } }>('numbers.split', { id, at: iccid(40) });
    await engine.ok('numbers.assign', { id: second.second.id, owner: null });
    expect(await iccidsOf('Acme')).toEqual([{ first: `${body(0)}0`, last: `${body(39)}9` }]);
    expect((await blocks(engine, 'iccid')).map((block) => [block.count, block.owner])).toEqual([[40, 'Acme'], [60, undefined]]);
    await engine.ok('numbers.assign', { id: second.second.id, owner: 'Acme' });
    expect(await iccidsOf('Acme')).toEqual([{ first: `${body(0)}0`, last: `${body(99)}9` }]);
    expect((await blocks(engine, 'iccid', { owner: 'Acme' })).length).toBe(2);
    expect(await findings(engine)).toEqual([]);
  });

  it('an entitlement that cuts a range gives its part to the brand, IMSIs too; a preparation for the brand takes only those', async () => {
    await createRange(engine, 0, 100);
    await prepare(engine, 10);
    await engine.ok('brands.change', { name: 'Acme', iccids: [`${body(10)}-${body(59)}`] });
    for (const kind of ['iccid', 'imsi', 'msisdn'] as const) {
      expect((await blocks(engine, kind)).map((block) => [block.count, block.used, block.owner])).toEqual([[10, 10, undefined], [50, 0, 'Acme'], [40, 0, undefined]]);
    }
    expect(await findings(engine)).toEqual([]);
    const brand = await engine.ctx.db.selectFrom('brands').select('id').executeTakeFirstOrThrow();
    expect(await openRanges(engine.ctx.reader, 1, { brandId: brand.id })).toMatchObject([{ used: 10, count: 60 }]);
    expect(await openRanges(engine.ctx.reader, 1)).toMatchObject([{ used: 10, count: 100 }]);
    await engine.ok('brands.change', { name: 'Acme', iccids: [] });
    expect((await blocks(engine, 'imsi')).every((block) => block.owner === undefined)).toBe(true);
    await prepare(engine, 90);
    expect(await findings(engine)).toEqual([]);
    expect(await openRanges(engine.ctx.reader, 1)).toEqual([]);
  });

  it('IMSIs of their own belong to a brand by themselves', async () => {
    const { id } = await engine.ok<{ id: string }>('numbers.add', { kind: 'imsi', first: imsi(0), count: 10, owner: 'Acme' });
    expect((await blocks(engine, 'imsi'))[0]).toMatchObject({ id, owner: 'Acme' });
    expect(await engine.refused('numbers.assign', { id, owner: 'Nobody' })).toMatchObject({ code: 'BRAND_UNKNOWN', field: 'owner' });
    await engine.ok('numbers.assign', { id, owner: null, type: 'Sample', note: 'spare' });
    expect((await blocks(engine, 'imsi'))[0]).toMatchObject({ type: 'Sample', note: 'spare' });
  });
});
