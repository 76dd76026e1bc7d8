import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recount, recoverCounts } from '../../../src/main/engine/profiles/index.ts';
import { fill, inventoryEngine, matches, type Known } from './support.ts';
import type { TestEngine } from '../../support/engine.ts';

let engine: TestEngine;
let stock: Known[];
beforeAll(async () => {
  engine = await inventoryEngine();
  stock = await fill(engine, 200, 7);
});
afterAll(() => engine.close());

describe('counts', () => {
  it('of a filter are exact, at once or piece by piece', async () => {
    for (const filter of [{}, { stock: ['held'] }, { text: '4670' }, { where: [{ field: 'label', op: 'is', values: ['hot'] }] }, { where: [{ field: 'created', op: 'between', values: ['2026-01-11', '2026-01-13'] }] }]) {
      const answer = await engine.ok<{ count: number; next?: string }>('profiles.count', { filter });
      expect(answer).toMatchObject({ count: stock.filter((p) => matches(p, filter as never)).length });
      expect(answer.next).toBeUndefined();
    }
  });

  it('of each value leave its own chip out', async () => {
    const filter = { stock: ['held', 'sold'], order: ['available'], where: [{ field: 'label', op: 'is', values: ['hot'] }] };
    const facets = await engine.ok<{ exact: boolean; total: number; fields: Record<string, { value: string; count: number }[]> }>('profiles.facets', { filter });
    expect(facets.exact).toBe(true);
    expect(facets.total).toBe(stock.filter((p) => matches(p, filter as never)).length);
    const without = stock.filter((p) => matches(p, { ...filter, stock: [] } as never));
    for (const { value, count } of facets.fields['stock']!) expect(count, value).toBe(without.filter((p) => p.stock === value).length);
    expect(facets.fields['stock']!.reduce((sum, one) => sum + one.count, 0)).toBe(without.length);
  });

  it('kept by the database are counted anew after a bad end, if they are wrong', async () => {
    const { ctx } = engine;
    expect(await recount(ctx.reader)).toEqual([]);
    await ctx.db.updateTable('profile_counts').set((e) => ({ n: e('n', '+', 5) })).where('n', '>', 0).execute();
    expect((await recount(ctx.reader)).length).toBeGreaterThan(0);
    expect(await recoverCounts(ctx)).toEqual([]);
    const ended = { ...ctx, runtime: { ...ctx.runtime, recovered: ['The program ended without closing the database'] } };
    expect(await recoverCounts(ended)).toHaveLength(1);
    expect(await recount(ctx.reader)).toEqual([]);
    expect(await recoverCounts(ended)).toEqual([]);
  });

  it('say which chip keeps the most rows away', async () => {
    const filter = { stock: ['held'], text: '999999', where: [{ field: 'brand', op: 'is', values: ['Nobody'] }] };
    const { chips } = await engine.ok<{ chips: { chip: string; count: number }[] }>('profiles.blame', { filter });
    expect(chips.map((one) => [one.chip, one.count])).toEqual(expect.arrayContaining([['text', 0], ['where.0', 0], ['stock', 0]]));
    const one = await engine.ok<{ chips: { chip: string; count: number }[] }>('profiles.blame', { filter: { stock: ['held'], text: '999999' } });
    expect(one.chips[0]).toMatchObject({ chip: 'text', count: stock.filter((p) => p.stock === 'held').length });
  });
});

describe('labels and notes', () => {
  it('are put on and taken off, made on the way, and not removed while carried', async () => {
    const id = stock[0]!.iccid;
    const done = await engine.ok<{ labels: { name: string; colour: string }[] }>('profiles.label', { iccid: id, add: ['Vip', 'hot'], remove: ['cold'] });
    expect(done.labels.map((one) => one.name)).toEqual(['hot', 'Vip']);
    expect(await engine.refused('labels.remove', { name: 'vip' })).toMatchObject({ code: 'LABEL_IN_USE' });
    await engine.ok('profiles.label', { iccid: id, remove: ['Vip'] });
    await engine.ok('labels.remove', { name: 'Vip' });
    expect(await engine.refused('labels.remove', { name: 'Vip' })).toMatchObject({ code: 'LABEL_UNKNOWN' });
    expect(await engine.refused('labels.save', { name: 'hot', rename: 'COLD' })).toMatchObject({ code: 'LABEL_EXISTS' });
    await engine.ok('labels.save', { name: 'hot', rename: 'Hot', colour: 'blue' });
    expect((await engine.ok<{ rows: { name: string; colour: string }[] }>('labels.list', {})).rows).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'Hot', colour: 'blue' })]));
    await engine.ok('labels.save', { name: 'Hot', rename: 'hot', colour: 'red' });
    expect(await engine.refused('profiles.label', { iccid: id, add: ['a,b'] })).toMatchObject({ code: 'INPUT_INVALID' });
  });

  it('notes stay, latest first, by whom and when', async () => {
    const id = stock[1]!.iccid;
    for (const text of ['first', 'second', 'third']) await engine.ok('profiles.addNote', { iccid: id, text });
    const page = await engine.ok<{ rows: { text: string; author: string }[]; next?: string }>('profiles.notes', { iccid: id, limit: 2 });
    expect(page.rows.map((one) => one.text)).toEqual(['third', 'second']);
    expect(page.rows[0]!.author).toBe('local:tester');
    const rest = await engine.ok<{ rows: { text: string }[] }>('profiles.notes', { iccid: id, limit: 100, cursor: page.next });
    expect(rest.rows[0]!.text).toBe('first');
    await expect(engine.ctx.db.updateTable('profile_notes').set({ text: 'other' }).execute()).rejects.toThrow(/never changed/);
    await expect(engine.ctx.db.deleteFrom('profile_notes').execute()).rejects.toThrow(/never removed/);
  });
});

describe('saved views', () => {
  const content = { filter: { stock: ['held'], where: [{ field: 'held', op: 'between', values: ['', '+2d'] }] }, sort: [{ by: 'held', down: false }], columns: ['iccid', 'heldUntil'], pinned: 1 };
  it('are kept with their address, renamed, shared, made the default and removed', async () => {
    const saved = await engine.ok<{ id: string; href: string; mine: boolean; isDefault: boolean }>('views.save', { name: 'Soon free', content });
    expect(saved).toMatchObject({ mine: true, isDefault: false, href: '/inventory?stock=held&where=held%3Abetween%3A%2C%2B2d&sort=held&cols=iccid%21%2CheldUntil' });
    expect(await engine.refused('views.save', { name: 'soon FREE', content })).toMatchObject({ code: 'VIEW_EXISTS' });
    await engine.ok('views.setDefault', { id: saved.id });
    await engine.ok('views.rename', { id: saved.id, name: 'Free soon', shared: true });
    expect((await engine.ok<{ rows: object[] }>('views.list', {})).rows).toEqual([expect.objectContaining({ name: 'Free soon', shared: true, isDefault: true })]);
    await engine.ok('views.remove', { id: saved.id });
    expect((await engine.ok<{ rows: object[] }>('views.list', {})).rows).toEqual([]);
  });

  it('of others are seen when shared, and never changed', async () => {
    const other = { actor: 'local:other', host: 'desktop' as const, correlationId: 'x' };
    const shared = await engine.router.call('views.save', { name: 'Theirs', shared: true, content: {} }, other) as { data: { id: string } };
    await engine.router.call('views.save', { name: 'Secret', content: {} }, other);
    expect((await engine.ok<{ rows: { name: string; mine: boolean }[] }>('views.list', {})).rows.map((one) => [one.name, one.mine])).toEqual([['Theirs', false]]);
    expect(await engine.refused('views.rename', { id: shared.data.id, name: 'Mine' })).toMatchObject({ code: 'VIEW_NOT_YOURS' });
  });

  it('that could not be opened are not saved', async () => {
    expect(await engine.refused('views.save', { name: 'Bad', content: { filter: { where: [{ field: 'stock', op: 'is', values: ['gone'] }] } } })).toMatchObject({ code: 'FILTER_INVALID' });
    expect(await engine.refused('views.save', { name: 'Bad', content: { sort: [{ by: 'iccid' }, { by: 'stock' }] } })).toMatchObject({ code: 'SORT_INVALID' });
  });
});

describe('two profiles', () => {
  it('are compared field by field', async () => {
    const [a, b] = [stock[2]!, stock[3]!];
    const done = await engine.ok<{ a: { iccid: string }; fields: { group: string; name: string; a?: string; b?: string; same: boolean }[] }>('profiles.compare', { a: a.iccid, b: b.imsi });
    expect(done.a.iccid).toBe(a.iccid);
    const field = (name: string) => done.fields.find((one) => one.name === name);
    expect(field('ICCID')).toEqual({ group: 'identity', name: 'ICCID', a: a.iccid, b: b.iccid, same: false });
    expect(field('stock')).toMatchObject({ a: a.stock, b: b.stock, same: a.stock === b.stock });
    expect(field('template')).toMatchObject({ a: a.template, b: b.template });
    expect(new Set(done.fields.map((one) => one.group))).toEqual(new Set(['identity', 'states', 'preparation', 'order', 'template', 'metadata', 'other']));
  });

  it('one that is not there is said with what is near', async () => {
    const wrong = stock[5]!.iccid.replace(/(.)(.)$/, (_, x: string, y: string) => x + String((Number(y) + 3) % 10));
    expect(await engine.refused('profiles.show', { id: wrong })).toMatchObject({ code: 'NOT_FOUND', hint: expect.stringContaining('Near it') });
  });
});
