import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProfileRow } from '../../../src/shared/contract/profiles.ts';
import { iccid, imsi, key, stockEngine, csv, finished } from '../stock/support.ts';
import type { TestEngine } from '../../support/engine.ts';

interface Page { rows: ProfileRow[]; next?: string; total?: number }
let engine: TestEngine;

beforeAll(async () => {
  engine = await stockEngine();
  await engine.ok('types.create', { name: 'Other', template: 'sample' });
  const lines = Array.from({ length: 250 }, (_, n) => `${iccid(n)},${imsi(n)},${key(n)},999${String(n).padStart(6, '0')}`);
  await engine.ok('stock.importFile', { file: engine.uploads.put(csv(['iccid,imsi,ki,msisdn', ...lines])), type: 'Sample' });
  await engine.ok('profiles.add', { type: 'Other', iccid: '89491000000000000016'.slice(0, 18), imsi: '262011234567890' });
  await finished(engine, (await engine.ok<{ id: string }>('stock.prepare', { type: 'Sample', count: 40 } as never)).id);
  await engine.ok('profiles.quarantine', { iccid: iccid(100), reason: 'odd one' });
});
afterAll(() => engine.close());

const list = (filter: object = {}, extra: object = {}) => engine.ok<Page>('profiles.list', { filter, ...extra } as never);

describe('the inventory', () => {
  it('is paged by key, newest first, every row once', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page: Page = await list({}, { limit: 100, ...(cursor === undefined ? {} : { cursor }) });
      if (pages === 0) expect(page.total).toBe(251);
      seen.push(...page.rows.map((row) => row.iccid));
      cursor = page.next;
      pages += 1;
    } while (cursor !== undefined);
    expect(pages).toBe(3);
    expect(new Set(seen).size).toBe(251);
    expect(seen.slice(1, 3)).toEqual([iccid(249), iccid(248)]);
  });

  it.each([
    [{ stock: ['sellable'] }, 40], [{ stock: ['quarantined'] }, 1], [{ stock: ['imported'], type: 'Sample' }, 209], [{ type: 'Other' }, 1], [{ type: 'Nope' }, 0],
    [{ order: ['installed'] }, 0], [{ order: ['available'], stock: ['sellable', 'quarantined'] }, 41], [{ network: ['absent'], stock: ['sellable'] }, 40], [{ device: ['enabled'] }, 0],
    [{ stock: ['sellable'], text: iccid(5) }, 1], [{ stock: ['sellable'], text: iccid(100) }, 0],
  ])('filtered by %o has %i rows', async (filter, count) => {
    const page = await list(filter, { limit: 500 });
    expect(page.rows).toHaveLength(count);
    if (page.total !== undefined) expect(page.total).toBe(count);
  });

  it.each([
    ['an ICCID', iccid(42)], ['the beginning of one', iccid(42).slice(0, 17)], ['the end of one', iccid(42).slice(-6)], ['an IMSI', imsi(42)], ['an MSISDN', '+999000042'], ['one with blanks', iccid(42).replace(/(.{4})/g, '$1 ')],
    ['one with filler', `${iccid(42)}F`],
  ])('is found by %s', async (_what, text) => {
    expect((await list({ text })).rows.map((row) => row.iccid)).toContain(iccid(42));
  });

  it('finds nothing for text that is no number, and does not mind odd text', async () => {
    for (const text of ['abc', "' or 1=1", '%', '4'.repeat(40), '\u0000']) expect((await list({ text })).rows).toEqual([]);
  });

  it('agrees with a plain search for any end of any identifier', async () => {
    const all = (await list({}, { limit: 500 })).rows;
    for (const text of ['0', '9', '00', '10', '262', '8988211', '890', '7890', '99900', '1234567890']) {
      const expected = all.filter((row) => [row.iccid, row.imsi, row.msisdn ?? '', row.eid ?? ''].some((value) => value.startsWith(text) || value.endsWith(text)));
      expect((await list({ text }, { limit: 500 })).rows.map((row) => row.iccid), text).toEqual(expected.map((row) => row.iccid));
    }
  });

  it('refuses a position it never gave', async () => {
    expect(await engine.refused('profiles.list', { cursor: 'x' })).toMatchObject({ code: 'INPUT_INVALID', field: 'cursor' });
  });
});

describe('one profile', () => {
  it('is shown by ICCID, IMSI or MSISDN, with secrets by name alone', async () => {
    for (const id of [iccid(3), iccid(3).slice(0, 18), imsi(3), '999000003']) {
      const detail = await engine.ok<{ iccid: string; secrets: { name: string; state: string }[] }>('profiles.show', { id } as never);
      expect(detail.iccid, id).toBe(iccid(3));
      expect(detail.secrets.map((one) => `${one.name}:${one.state}`)).toEqual(expect.arrayContaining(['k:sealed', 'opc:sealed', 'pin1:sealed', 'subscriber record:sealed']));
      expect(JSON.stringify(detail)).not.toContain(key(3));
    }
    expect(await engine.refused('profiles.show', { id: '8988211' })).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('tells from its first day how it came here, and every move with its reason', async () => {
    const told = async (id: string) => (await engine.ok<{ timeline: { stage: string; text: string; at: number; actor?: string }[] }>('profiles.show', { id } as never)).timeline;
    expect((await told(iccid(200))).map((one) => `${one.stage}: ${one.text}`)).toEqual(['imported: Imported from stock.csv']);
    expect((await told('894910000000000000')).map((one) => one.stage)).toEqual(['imported']);
    const id = iccid(9);
    await engine.ok('profiles.quarantine', { iccid: id, reason: 'lost parcel' });
    await engine.ok('profiles.unquarantine', { iccid: id, reason: 'found again' });
    await engine.ok('profiles.retire', { iccid: id, reason: 'too late' });
    const timeline = await told(id);
    expect(timeline.map((one) => one.stage)).toEqual(['imported', 'prepared', 'quarantined', 'unquarantined', 'retired']);
    expect(timeline.slice(2).map((one) => one.text)).toEqual([expect.stringContaining('lost parcel'), expect.stringContaining('found again'), expect.stringContaining('too late')]);
    expect(timeline[1]!.actor).toBeDefined();
  });

  it('is quarantined, taken back and retired by an operator; the log shows it', async () => {
    const id = iccid(7);
    expect(await engine.ok('profiles.quarantine', { iccid: id, reason: 'returned card' })).toMatchObject({ state: { stock: 'quarantined' } });
    expect(await engine.refused('profiles.quarantine', { iccid: id, reason: 'again' })).toMatchObject({ code: 'TRANSITION_REFUSED' });
    expect(await engine.ok('profiles.unquarantine', { iccid: id, reason: 'checked' })).toMatchObject({ state: { stock: 'sellable' } });
    expect(await engine.ok('profiles.retire', { iccid: id, reason: 'end of life' })).toMatchObject({ state: { stock: 'retired', order: 'unavailable' } });
    expect(await engine.refused('profiles.retire', { iccid: id, reason: 'again' })).toMatchObject({ code: 'TRANSITION_REFUSED' });
    const detail = await engine.ok<{ audit: { event: string }[]; secrets: { state: string }[]; stockReason: string }>('profiles.show', { id } as never);
    expect(detail.audit.map((one) => one.event)).toEqual(expect.arrayContaining(['profile.quarantined', 'profile.state_changed', 'profile.retired']));
    expect(new Set(detail.secrets.map((one) => one.state))).toEqual(new Set(['erased']));
    expect(detail.stockReason).toBe('end of life');
    expect(await engine.refused('profiles.retire', { iccid: '8988211999999999999', reason: 'nobody' })).toMatchObject({ code: 'NOT_FOUND' });
  });
});
