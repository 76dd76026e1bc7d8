/** What the ledger refuses, and bounds of its rules. All identifiers are test material. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blockProblem, overlap as spansOverlap } from '../../../src/main/engine/numbers/rules.ts';
import { insideRanges, overlap, rangeProblem } from '../../../src/main/engine/numbers/range-rules.ts';
import type { RangeNumbers } from '../../../src/main/engine/numbers/range-rules.ts';
import { sweepStock } from '../../../src/main/engine/numbers/index.ts';
import { startStates } from '../../../src/main/engine/profiles/index.ts';
import { insertProfiles } from '../../../src/main/engine/store/bulk-profiles.ts';
import { createOperatorCa } from '../../../src/main/lab/operator/index.ts';
import { certificatePem } from '../../../src/main/lab/pki/index.ts';
import type { BlockRow } from '../../../src/shared/contract/numbers.ts';
import type { TestEngine } from '../../support/engine.ts';
import { testNow } from '../../support/engine.ts';
import { blocks, body, codes, createRange, DAY, find, findings, iccid, imsi, msisdn, numbersEngine, prepare, preparer, proposals, stockRows } from './support.ts';

describe('the arithmetic of a range', () => {
  const range = (extra: Partial<RangeNumbers> = {}): RangeNumbers => ({ id: 'r', iccidFirst: '898821100000000100', imsiFirst: '001010000000100', msisdnFirst: '999100000100', count: 10, used: 0, ...extra });
  const apart = { iccidFirst: '898821100000000500', imsiFirst: '001010000000500' };

  it('knows MSISDNs two ranges share, and that numbers of other lengths are others', () => {
    expect(overlap(range(), range({ ...apart, msisdnFirst: '999100000109' }))).toBe('MSISDN');
    expect(overlap(range(), range({ ...apart, msisdnFirst: '999100000110' }))).toBeUndefined();
    expect(overlap(range(), range({ ...apart, msisdnFirst: undefined }))).toBeUndefined();
    expect(overlap(range({ msisdnFirst: undefined }), range(apart))).toBeUndefined();
    expect(overlap(range(), range({ ...apart, msisdnFirst: '99910000010' }))).toBeUndefined();
    expect(spansOverlap({ first: '100', last: '199' }, { first: '1000', last: '1999' })).toBe(false);
  });
  it('ends with the digits there are', () => {
    expect(rangeProblem(range({ msisdnFirst: '999999999990' }))).toBeUndefined();
    expect(rangeProblem(range({ msisdnFirst: '999999999991' }))).toBe('its MSISDNs run out of digits');
    expect(rangeProblem(range({ imsiFirst: '001999999999990' }))).toBeUndefined();
    expect(blockProblem('imsi', { first: '001999999999999', last: '002000000000000' })).toContain('another country code');
    expect(blockProblem('msisdn', { first: '0123456', last: '0123456' })).toContain('country code');
    expect(blockProblem('iccid', { first: '898821100000000100', last: '8988211000000001000' })).toContain('same number of digits');
    expect(blockProblem('imsi', { first: '001010000000100', last: '001010000000100' })).toBeUndefined();
  });
  it('holds its first and its last number and none beside, whatever their length', () => {
    const inside = (card: string, subscriber: string) => insideRanges([range()], card, subscriber)?.column;
    expect(['8988211000000000999', '8988211000000001002', '8988211000000001093', '8988211000000001101'].map((card) => inside(card, '999'))).toEqual([undefined, 'iccid', 'iccid', undefined]);
    expect(['001010000000099', '001010000000100', '001010000000109', '001010000000110', '00101000000010'].map((one) => inside('89882110000000010020', one))).toEqual([undefined, 'imsi', 'imsi', undefined, undefined]);
  });
});

let engine: TestEngine;
const own = () => {
  beforeEach(async () => {
    engine = await numbersEngine();
  });
  afterEach(() => engine.close());
};
const add = (input: object): Promise<BlockRow> => engine.ok<never>('numbers.add', { kind: 'imsi', ...input });
const brand = (name: string) => engine.ok('brands.add', { name, clientCa: engine.uploads.put(Buffer.from(certificatePem(createOperatorCa({ name: `${name} CA`, now: new Date(engine.clock.now()) }).certificate))) });

describe('a block', () => {
  own();

  it('is refused for numbers, types and blocks there are not', async () => {
    expect(await engine.refused('numbers.add', { kind: 'msisdn', first: '999999999999995', count: 6 })).toMatchObject({ code: 'BLOCK_INVALID', field: 'count' });
    expect(await engine.refused('numbers.add', { kind: 'imsi', first: imsi(0), count: 5, type: 'Nope' })).toMatchObject({ code: 'TYPE_UNKNOWN', field: 'type' });
    for (const [name, input] of [['split', { at: imsi(5) }], ['assign', { note: 'x' }], ['setState', { state: 'blocked', reason: 'why' }]] as const) {
      expect([name, await engine.refused(`numbers.${name}`, { id: 'blk_000000000000', ...input })]).toMatchObject([name, { code: 'BLOCK_UNKNOWN' }]);
    }
    const { id } = await add({ first: imsi(0), count: 10 });
    expect(await engine.refused('numbers.adopt', { kind: 'imsi', runs: [{ first: imsi(2), last: imsi(7) }] })).toMatchObject({ code: 'BLOCK_OVERLAPS', field: 'runs' });
    expect(await engine.refused('numbers.setState', { id, state: 'open' })).toMatchObject({ code: 'BLOCK_REFUSED', message: 'The block is open already.' });
    await engine.ok('numbers.setState', { id, state: 'closed', reason: 'sold' });
    expect((await blocks(engine, 'imsi'))[0]).toMatchObject({ state: 'closed', reason: 'sold' });
    for (const input of [{ note: 'x' }, { owner: null }, { type: 'Sample' }]) expect(await engine.refused('numbers.assign', { id, ...input })).toMatchObject({ code: 'BLOCK_REFUSED', message: 'The block is closed for good.' });
    expect(await find(engine, imsi(3))).toMatchObject({ status: 'blocked', text: 'Its block is closed: sold.' });
  });

  it('of a range keeps its type, and its IMSIs follow its ICCIDs', async () => {
    await createRange(engine, 0, 20);
    await brand('Acme');
    await engine.ok('types.create', { name: 'Other', template: 'sample' });
    const [block] = await blocks(engine, 'imsi');
    for (const type of ['Other', null]) expect(await engine.refused('numbers.assign', { id: block!.id, type })).toMatchObject({ code: 'BLOCK_REFUSED', field: 'type' });
    expect(await engine.refused('numbers.assign', { id: block!.id, owner: 'Acme' })).toMatchObject({ code: 'BLOCK_REFUSED', field: 'owner' });
    await engine.ok('numbers.assign', { id: block!.id, type: 'Sample', note: 'kept' });
    expect((await blocks(engine, 'imsi'))[0]).toMatchObject({ type: 'Sample', note: 'kept' });
  });

  it('that is shut or of another type gives no numbers to a range, and nothing of the range stays', async () => {
    await engine.ok('types.create', { name: 'Other', template: 'sample' });
    await add({ first: imsi(5), count: 2, state: 'blocked', reason: 'audit' });
    await add({ kind: 'msisdn', first: msisdn(105), count: 2, type: 'Other' });
    await add({ kind: 'msisdn', first: msisdn(205), count: 2, type: 'Sample' });
    const create = (from: number) => engine.refused('stock.createRange', { type: 'Sample', iccidFirst: body(from), imsiFirst: imsi(from), msisdnFirst: msisdn(from), count: 10 });
    expect(await create(0)).toMatchObject({ code: 'RANGE_OVERLAPS', field: 'imsiFirst', message: expect.stringContaining('blocked: audit') as string });
    expect(await create(100)).toMatchObject({ code: 'RANGE_OVERLAPS', field: 'msisdnFirst', message: expect.stringContaining('"Other"') as string });
    expect([await engine.ok('stock.ranges'), await blocks(engine, 'iccid')]).toEqual([{ rows: [] }, []]);
    await createRange(engine, 200, 10);
    expect((await blocks(engine, 'msisdn')).map((one) => [one.count, one.range === undefined])).toEqual([[2, true], [5, false], [2, false], [3, false]]);
    expect(await findings(engine)).toEqual([]);
  });

  it('is cut with the places that ended batches left, before, behind and across the cut', async () => {
    const { id: range } = await createRange(engine, 0, 100);
    await prepare(engine, 10);
    // As batches that ended early leave it: places 10 to 39 were given out, and these are free again.
    await engine.ctx.db.updateTable('ranges').set({ used: 40 }).execute();
    for (const [first, count] of [[10, 8], [18, 5], [23, 17]] as const) await engine.ctx.db.insertInto('number_reservations').values({ range_id: range, first, count, state: 'free', preparation_id: null, created_at: 1 }).execute();
    expect(await findings(engine)).toEqual([]);
    const cut = await engine.ok<{ second: { range: string } }>('numbers.split', { id: (await blocks(engine, 'iccid'))[0]!.id, at: iccid(20) });
    const places = await engine.ctx.db.selectFrom('number_reservations').select(['range_id', 'first', 'count']).orderBy('first').execute();
    expect(places.filter((one) => one.range_id === range)).toMatchObject([{ first: 10, count: 8 }, { first: 18, count: 2 }]);
    expect(places.filter((one) => one.range_id === cut.second.range)).toMatchObject([{ first: 0, count: 3 }, { first: 3, count: 17 }]);
    for (const [n, text] of [[9, 'The profile'], [10, 'left it'], [19, 'left it'], [20, 'left it'], [39, 'left it'], [40, 'number 1 of what'], [99, 'number 60 of what']] as const) expect((await find(engine, iccid(n))).text).toContain(text);
    await prepare(engine, 90);
    expect((await engine.ctx.db.selectFrom('profiles').select('iccid').orderBy('iccid').execute()).map((row) => row.iccid)).toEqual(Array.from({ length: 100 }, (_, n) => iccid(n)));
    expect(await findings(engine)).toEqual([]);
  });

  it('keeps what an entitlement gave it once somebody said more of it; the rest goes', async () => {
    await brand('Acme');
    const spans = [0, 20, 40, 60, 80, 100, 120].map((n) => `${body(n)}-${body(n + 9)}`);
    await add({ kind: 'iccid', first: body(200), count: 5, source: 'partner' });
    await engine.ok('brands.change', { name: 'Acme', iccids: spans });
    const at = async (n: number) => (await blocks(engine, 'iccid', { text: iccid(n) }))[0]!.id;
    await engine.ok('numbers.assign', { id: await at(20), note: 'ours' });
    await engine.ok('numbers.assign', { id: await at(40), type: 'Sample' });
    await engine.ok('numbers.setState', { id: await at(60), state: 'reserved', reason: 'for the fair' });
    await stockRows(engine, 80, 1);
    await engine.ok('numbers.burn', { kind: 'iccid', number: iccid(100), reason: 'used elsewhere' });
    await createRange(engine, 120, 10);
    await engine.ok('brands.change', { name: 'Acme', iccids: [] });
    expect((await blocks(engine, 'iccid')).map((one) => [one.first, one.source, one.owner])).toEqual([...[20, 40, 60, 80, 100, 120].map((n) => [iccid(n), 'own', undefined]), [iccid(200), 'partner', undefined]]);
    expect(await findings(engine)).toEqual([]);
    // 19 digits that name no ICCID: only one check digit fits the body.
    await engine.ok('brands.change', { name: 'Acme', iccids: [`${body(140)}${(Number(iccid(140).slice(18)) + 1) % 10}-${body(140)}${(Number(iccid(140).slice(18)) + 1) % 10}`] });
    expect(await blocks(engine, 'iccid', { text: iccid(140) })).toEqual([]);
    expect(await findings(engine)).toEqual([]);
  });
});

describe('a number', () => {
  own();

  it('that a profile has cannot be burnt by hand', async () => {
    await stockRows(engine, 3, 1, { msisdn: true });
    for (const [kind, number] of [['iccid', iccid(3)], ['imsi', imsi(3)], ['msisdn', msisdn(3)]] as const) {
      expect(await engine.refused('numbers.burn', { kind, number, reason: 'not wanted' })).toMatchObject({ code: 'NUMBER_IN_USE', message: expect.stringContaining(`The profile ${iccid(3)} has`) as string });
    }
    expect(await engine.ctx.db.selectFrom('burnt_numbers').selectAll().execute()).toEqual([]);
  });

  it('that burnt may not come with a profile, ICCID, IMSI or MSISDN; an MSISDN may from its day on', async () => {
    await stockRows(engine, 0, 1, { msisdn: true });
    await engine.ok('numbers.setPolicy', { type: 'Sample', msisdn: 'reuse', msisdnDays: 30 });
    await engine.ok('profiles.retire', { iccid: iccid(0), reason: 'ended' });
    const { type_id: typeId, template_id: templateId } = await engine.ctx.db.selectFrom('profiles').select(['type_id', 'template_id']).executeTakeFirstOrThrow();
    const insert = (card: number, subscriber: number, number: number, createdAt: number) => () => insertProfiles(engine.ctx.sqlite, [{ iccid: iccid(card), imsi: imsi(subscriber), msisdn: msisdn(number), typeId, templateId, state: startStates.import, createdAt, lastEvent: 'Imported' }]);
    engine.ctx.sqlite.prepare('delete from profiles').run();
    for (const [card, subscriber] of [[0, 7], [8, 0]] as const) expect(insert(card, subscriber, 7, testNow)).toThrow(/a burnt number is never used again/);
    expect(insert(9, 9, 0, testNow + 30 * DAY - 1)).toThrow(/a burnt number is never used again/);
    expect(insert(9, 9, 0, testNow + 30 * DAY)).not.toThrow();
  });
});

describe('the check', () => {
  own();
  it.each([
    ['a check digit that is wrong', `update profiles set iccid = '${body(3)}' || ((cast(substr(iccid, 19) as integer) + 1) % 10) where iccid = '${iccid(3)}'`, 'CHECK_DIGIT'],
    ['a kept place that a profile has', "insert into number_reservations (range_id, first, count, state, created_at) select id, 4, 1, 'free', 1 from ranges", 'KEPT_IN_USE'],
    ['a block that reaches behind the end of an entitlement', `insert into brands (name, created_at) values ('Acme', 0); insert into brand_iccids (brand_id, first, last) select id, '${body(0)}0', '${body(9)}9' from brands`, 'ACROSS_BRANDS'],
  ])('finds %s', async (_what, defect, code) => {
    await createRange(engine, 0, 20);
    await prepare(engine, 10);
    expect(await codes(engine)).toEqual([]);
    engine.ctx.sqlite.exec(defect);
    expect(await codes(engine)).toContain(code);
  });
  it('takes an ICCID of 20 digits, and a number two profiles have when one of them is retired', async () => {
    await stockRows(engine, 0, 2, { msisdn: true });
    engine.ctx.sqlite.prepare("update profiles set iccid = '89882110000000000120' where iccid = ?").run(iccid(0));
    await engine.ok('profiles.retire', { iccid: iccid(1), reason: 'ended' });
    engine.ctx.sqlite.prepare("update profiles set msisdn = ? where stock_state <> 'retired'").run(msisdn(1));
    expect(await codes(engine)).toEqual([]);
  });
});

describe('a proposal', () => {
  own();
  const sweep = () => sweepStock(engine.ctx, preparer);
  beforeEach(async () => {
    await createRange(engine, 0, 30);
    await engine.ok('levels.set', { type: 'Sample', marks: { low: 10, target: 10 } });
    await sweep();
  });

  it('that is unknown, put off into the past, or has nothing left to start is refused', async () => {
    const [one] = await proposals(engine, 'open');
    for (const name of ['accept', 'dismiss']) expect(await engine.refused(`levels.${name}`, { id: 'prp_000000000000', ...(name === 'dismiss' ? { reason: 'not now' } : {}) })).toMatchObject({ code: 'PROPOSAL_UNKNOWN' });
    // Another type's proposal is its own matter, and so is its range.
    await engine.ok('types.create', { name: 'Other', template: 'sample' });
    await createRange(engine, 500, 30, { type: 'Other' });
    await engine.ok('levels.set', { type: 'Other', marks: { low: 10, target: 10 } });
    await sweep();
    expect(await engine.refused('levels.dismiss', { id: one!.id, reason: 'later', until: testNow })).toMatchObject({ code: 'INPUT_INVALID', field: 'until' });
    await engine.ok('levels.dismiss', { id: one!.id, reason: 'later', until: testNow + 1 });
    expect((await proposals(engine)).map((row) => [row.type, row.state]).sort()).toEqual([['Other', 'open'], ['Sample', 'snoozed']]);
    await engine.ok('numbers.setState', { id: (await blocks(engine, 'imsi'))[0]!.id, state: 'blocked', reason: 'audit' });
    expect(await engine.refused('levels.accept', { id: one!.id })).toMatchObject({ code: 'STOCK_SHORT', field: 'quantity' });
    await engine.ok('levels.dismiss', { id: one!.id, reason: 'not at all' });
    expect((await proposals(engine)).map((row) => [row.type, row.state, row.reason]).sort()).toEqual([['Other', 'open', undefined], ['Sample', 'dismissed', 'not at all']]);
    expect((await engine.ctx.db.selectFrom('ranges').select('state').orderBy('iccid_first').execute()).map((row) => row.state)).toEqual(['blocked', 'open']);
  });

  it('turned down stays away for seven days and no longer, and comes back at once with other marks', async () => {
    const [one] = await proposals(engine, 'open');
    await engine.ok('levels.dismiss', { id: one!.id, reason: 'not now' });
    engine.clock.advance(7 * DAY);
    await sweep();
    expect(await proposals(engine, 'open')).toEqual([]);
    engine.clock.advance(1);
    await sweep();
    const [two] = await proposals(engine, 'open');
    await engine.ok('levels.dismiss', { id: two!.id, reason: 'not now' });
    engine.clock.advance(1);
    await engine.ok('levels.set', { type: 'Sample', marks: { low: 11, target: 11 } });
    await sweep();
    expect(await proposals(engine, 'open')).toHaveLength(1);
  });
});

describe('a day', () => {
  own();
  const LONGEST = 2 * 366 * DAY;
  it('until which a profile is held or quarantined lies ahead, and at most two years', async () => {
    await createRange(engine, 0, 4);
    await prepare(engine, 4);
    const hold = (until: number) => ({ iccid: iccid(0), until, reason: 'kept' });
    for (const until of [testNow, testNow + LONGEST + 1]) expect(await engine.refused('profiles.hold', hold(until))).toMatchObject({ code: 'DATE_INVALID', field: 'until' });
    await engine.ok('profiles.hold', hold(testNow + 1));
    await engine.ok('profiles.hold', { ...hold(testNow + LONGEST), iccid: iccid(1) });
    const quarantine = (release: object) => engine.refused('profiles.quarantine', { iccid: iccid(2), reason: 'odd', release });
    expect(await quarantine({ rule: 'date' })).toMatchObject({ code: 'DATE_INVALID', field: 'release.until' });
    for (const rule of ['date', 'delete-seen', 'network-removed']) expect(await quarantine({ rule, until: testNow })).toMatchObject({ code: 'DATE_INVALID', field: 'release.until' });
    await engine.ok('profiles.quarantine', { iccid: iccid(2), reason: 'odd', release: { rule: 'date', until: testNow + 1 } });
    await engine.ok('profiles.quarantine', { iccid: iccid(3), reason: 'odd', release: { rule: 'date', until: testNow + 2 } });
    engine.clock.advance(1);
    await sweepStock(engine.ctx, preparer);
    expect((await engine.ctx.db.selectFrom('profiles').select('stock_state').orderBy('id').execute()).map((row) => row.stock_state)).toEqual(['sellable', 'held', 'sellable', 'quarantined']);
    expect(await engine.refused('profiles.hold', { ...hold(testNow + DAY), iccid: iccid(77) })).toMatchObject({ code: 'NOT_FOUND', field: 'iccid' });
  });
});

describe('what was ordered once', () => {
  own();
  const quarantined = async (n: number) => engine.ok('profiles.quarantine', { iccid: iccid(n), reason: 'odd' });
  const release = (n: number) => engine.call('profiles.unquarantine', { iccid: iccid(n), reason: 'found' });
  const told = async (n: number) => {
    const answer = await release(n);
    return answer.ok ? 'released' : answer.error.message;
  };

  it('is kept from sale by the policy of its type, also behind a quarantine; what never was is not', async () => {
    await createRange(engine, 0, 4);
    await prepare(engine, 4);
    await engine.ok('orders.create', { iccid: iccid(0) });
    const { order: { id } } = await engine.ok<{ order: { id: string } }>('profiles.show', { id: iccid(0) });
    await engine.ok('orders.cancel', { orderId: id, finalState: 'available', reason: 'test' });
    for (const n of [0, 1, 2]) await quarantined(n);
    await engine.ok('numbers.setPolicy', { type: 'Sample', recycling: 'cooling-off', coolingDays: 3 });
    engine.clock.advance(3 * DAY - 1);
    expect(await told(0)).toContain('it cools off until 2026-01-18, 3 days after its order was cancelled');
    expect(await told(1)).toBe('released');
    await engine.ok('numbers.setPolicy', { type: 'Sample', recycling: 'never' });
    engine.clock.advance(400 * DAY);
    expect(await told(0)).toContain('never used again once they were ordered');
    expect(await told(2)).toBe('released');
    await engine.ok('numbers.setPolicy', { type: 'Sample', recycling: 'cooling-off', coolingDays: 3 });
    expect(await told(0)).toBe('released');
  });

  it('waits for its delete notification no longer than it was told, and says so', async () => {
    await createRange(engine, 0, 2);
    await prepare(engine, 2);
    for (const [n, rule] of [[0, 'delete-seen'], [1, 'network-removed']] as const) await engine.ok('profiles.quarantine', { iccid: iccid(n), reason: 'lost', release: { rule, afterwards: n === 0 ? 'retire' : 'release', until: testNow + DAY } });
    engine.clock.advance(DAY);
    await sweepStock(engine.ctx, preparer);
    const shown = async (n: number) => engine.ok<{ state: { stock: string }; timeline: { text: string }[] }>('profiles.show', { id: iccid(n) });
    expect([(await shown(0)).state.stock, (await shown(0)).timeline.at(-1)!.text]).toEqual(['retired', 'Retired at the end of its quarantine: no delete notification was seen until 2026-01-16']);
    expect([(await shown(1)).state.stock, (await shown(1)).timeline.at(-1)!.text]).toEqual(['sellable', 'The quarantine ended: the network did not report it removed until 2026-01-16']);
  });
});

describe('the database itself', () => {
  own();
  const run = (text: string) => () => engine.ctx.sqlite.prepare(text).run();

  it('keeps blocks apart, notes as they are, and counters within their bounds', async () => {
    await add({ first: imsi(0), count: 10 });
    await add({ first: imsi(10), count: 10 });
    await createRange(engine, 100, 10);
    const sizes = "update number_blocks set last = '%', count = count + 1 where kind = 'imsi' and first = '%'";
    const stretch = (first: string, last: string) => run(sizes.replace('%', last).replace('%', first));
    expect(stretch(imsi(0), imsi(10))).toThrow(/blocks of numbers never overlap/);
    expect(run(`update number_blocks set kind = 'msisdn' where kind = 'imsi' and first = '${imsi(0)}'`)).not.toThrow();
    expect(run(`update number_blocks set kind = 'msisdn', first = '${imsi(5)}', last = '${imsi(14)}' where kind = 'imsi' and first = '${imsi(10)}'`)).toThrow(/blocks of numbers never overlap/);
    expect(stretch(imsi(10), imsi(20))).not.toThrow();
    for (const wrong of ["count = 0", "state = 'gone'", "source = 'found'", "first = '1'", `last = '${imsi(9)}'`]) expect(run(`update number_blocks set ${wrong} where kind = 'imsi' and first = '${imsi(10)}'`), wrong).toThrow(/CHECK/);
    await brand('Acme');
    expect(run("update number_blocks set brand_id = 1 where kind = 'iccid'")).toThrow(/CHECK/);
    const places = (first: number, count: number, taken: number, state = 'free') => run(`insert into number_reservations (range_id, first, count, taken, state, created_at) select id, ${first}, ${count}, ${taken}, '${state}', 1 from ranges`);
    for (const wrong of [places(-1, 1, 0), places(0, 0, 0), places(0, 1, 2), places(0, 1, -1), places(0, 1, 0, 'kept')]) expect(wrong).toThrow(/CHECK/);
    expect(run("insert into burnt_numbers (kind, number, at, why, free_at) values ('imsi', '1', 1, 'x', 1)")).toThrow(/CHECK/);
    await stockRows(engine, 500, 1);
    engine.ctx.sqlite.exec("insert into profile_notes (profile_id, at, author, text) select id, 1, 'Ana', 'seen' from profiles");
    expect(run("update profile_notes set text = 'unseen'")).toThrow(/notes are never changed/);
    expect(run('delete from profile_notes')).toThrow(/notes are never removed/);
  });

  it('burns the numbers of a row that goes once it was handed out, and of no other', async () => {
    await stockRows(engine, 0, 4, { msisdn: true });
    const gone = (n: number, change: string) => {
      if (change !== '') engine.ctx.sqlite.exec(`update profiles set ${change} where iccid = '${iccid(n)}'`);
      engine.ctx.sqlite.exec(`delete from profiles where iccid = '${iccid(n)}'`);
    };
    gone(0, '');
    expect(await engine.ctx.db.selectFrom('burnt_numbers').selectAll().execute()).toEqual([]);
    gone(1, "stock_state = 'sellable'");
    gone(2, 'prepared_at = 1');
    gone(3, "bpp_delivered_at = 1, order_state = 'downloaded'");
    const burnt = await engine.ctx.db.selectFrom('burnt_numbers').select(['kind', 'number', 'iccid']).orderBy('number').execute();
    expect(burnt).toEqual([1, 2, 3].flatMap((n) => [{ kind: 'iccid' as const, number: iccid(n), iccid: iccid(n) }, { kind: 'imsi' as const, number: imsi(n), iccid: iccid(n) }, { kind: 'msisdn' as const, number: msisdn(n), iccid: iccid(n) }])
      .sort((a, b) => (a.number < b.number ? -1 : 1)));
  });

  it('counts an order on its day and its return once, on the day it came back', async () => {
    await createRange(engine, 0, 4);
    await prepare(engine, 4);
    const today = Math.floor(testNow / DAY);
    for (const n of [0, 1]) await engine.ok('orders.create', { iccid: iccid(n) });
    const { order: { id } } = await engine.ok<{ order: { id: string } }>('profiles.show', { id: iccid(0) });
    engine.clock.advance(DAY);
    await engine.ok('orders.cancel', { orderId: id, finalState: 'available', reason: 'test' });
    engine.ctx.sqlite.exec("update orders set final_state = final_state, closed_at = closed_at where final_state = 'available'");
    expect(await engine.ctx.db.selectFrom('type_use').select(['day', 'ordered', 'returned']).orderBy('day').execute()).toEqual([{ day: today, ordered: 2, returned: 0 }, { day: today + 1, ordered: 0, returned: 1 }]);
  });
});
