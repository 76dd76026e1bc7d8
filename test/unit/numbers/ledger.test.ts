import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { outsideRuns } from '../../../src/main/engine/numbers/outside.ts';
import type { TestEngine } from '../../support/engine.ts';
import { blocks, body, codes, createRange, find, findings, iccid, imsi, msisdn, numbersEngine, prepare, stockRows } from './support.ts';

let engine: TestEngine;
beforeEach(async () => {
  engine = await numbersEngine();
});
afterEach(() => engine.close());

describe('blocks', () => {
  it('of a range hold its numbers and count their use with the profiles', async () => {
    await createRange(engine, 0, 100);
    await prepare(engine, 30);
    for (const kind of ['iccid', 'imsi', 'msisdn'] as const) {
      const [block, ...others] = await blocks(engine, kind);
      expect(others).toEqual([]);
      expect(block).toMatchObject({ count: 100, used: 30, burnt: 0, reserved: 0, free: 70, type: 'Sample', source: 'own', state: 'open' });
    }
    expect((await blocks(engine, 'iccid'))[0]).toMatchObject({ first: iccid(0), last: iccid(99) });
    expect(await findings(engine)).toEqual([]);
  });

  it('never overlap, whoever writes them', async () => {
    await engine.ok('numbers.add', { kind: 'imsi', first: imsi(100), count: 50 });
    for (const [first, count] of [[imsi(80), 21], [imsi(120), 5], [imsi(149), 10], [imsi(90), 100]] as const) {
      expect(await engine.refused('numbers.add', { kind: 'imsi', first, count })).toMatchObject({ code: 'BLOCK_OVERLAPS', field: 'first' });
    }
    expect(() => engine.ctx.sqlite.prepare("insert into number_blocks (id, kind, digits, first, last, count, source, created_at, changed_at) values ('x', 'imsi', 15, ?, ?, 10, 'own', 0, 0)").run(imsi(145), imsi(154))).toThrow(/never overlap/);
    await engine.ok('numbers.add', { kind: 'imsi', first: imsi(150), last: imsi(159) });
    await engine.ok('numbers.add', { kind: 'imsi', first: imsi(80), count: 20 });
    expect((await blocks(engine, 'imsi')).map((block) => block.count)).toEqual([20, 50, 10]);
  });

  it('are read as people write numbers, and refused with the reason', async () => {
    expect(await engine.refused('numbers.add', { kind: 'iccid', first: '7788211000000000000', count: 5 })).toMatchObject({ code: 'BLOCK_INVALID', field: 'first' });
    expect(await engine.refused('numbers.add', { kind: 'iccid', first: iccid(0).slice(0, 18) + ((Number(iccid(0).slice(18)) + 1) % 10), count: 5 })).toMatchObject({ code: 'BLOCK_INVALID' });
    expect(await engine.refused('numbers.add', { kind: 'iccid', first: '899999999999999999', count: 5 })).toMatchObject({ code: 'BLOCK_INVALID' });
    expect(await engine.refused('numbers.add', { kind: 'imsi', first: imsi(5), last: imsi(4) })).toMatchObject({ code: 'BLOCK_INVALID' });
    expect(await engine.refused('numbers.add', { kind: 'imsi', first: imsi(5) })).toMatchObject({ code: 'INPUT_INVALID' });
    expect(await engine.refused('numbers.add', { kind: 'imsi', first: imsi(5), count: 5, state: 'blocked' })).toMatchObject({ code: 'BLOCK_INVALID', field: 'reason' });
    const made = await engine.ok<never>('numbers.add', { kind: 'msisdn', first: '+999 1 0000 0000', count: 10, note: 'of the partner', source: 'partner' });
    expect(made).toMatchObject({ first: msisdn(0), last: msisdn(9), source: 'partner', note: 'of the partner', free: 10 });
  });

  it('are cut in two, with what is used counted anew', async () => {
    const { id } = await engine.ok<{ id: string }>('numbers.add', { kind: 'iccid', first: body(0), count: 100 });
    await stockRows(engine, 10, 20);
    const cut = await engine.ok<never>('numbers.split', { id, at: iccid(25) });
    expect(cut).toMatchObject({ first: { id, count: 25, used: 15, last: iccid(24) }, second: { count: 75, used: 5, first: iccid(25) } });
    expect(await engine.refused('numbers.split', { id, at: iccid(0) })).toMatchObject({ code: 'BLOCK_INVALID' });
    expect(await engine.refused('numbers.split', { id, at: iccid(25) })).toMatchObject({ code: 'BLOCK_INVALID' });
    expect((await findings(engine)).filter((one) => one.column === 'iccid')).toEqual([]);
  });

  it('of a range are cut with it: each part goes on alone', async () => {
    const { id: range } = await createRange(engine, 0, 100);
    await prepare(engine, 30);
    const [block] = await blocks(engine, 'imsi');
    const cut = await engine.ok<{ second: { range: string } }>('numbers.split', { id: block!.id, at: imsi(60) });
    expect(cut.second.range).not.toBe(range);
    expect(await engine.ok<{ rows: unknown[] }>('stock.ranges').then(({ rows }) => rows)).toEqual(expect.arrayContaining([
      expect.objectContaining({ id: range, count: 60, used: 30 }), expect.objectContaining({ id: cut.second.range, count: 40, used: 0, iccidFirst: iccid(60), msisdnFirst: msisdn(60) }),
    ]));
    for (const kind of ['iccid', 'imsi', 'msisdn'] as const) expect((await blocks(engine, kind)).map((one) => [one.count, one.used, one.range])).toEqual([[60, 30, range], [40, 0, cut.second.range]]);
    await prepare(engine, 70);
    expect(await findings(engine)).toEqual([]);
    expect((await blocks(engine, 'iccid')).map((one) => one.free)).toEqual([0, 0]);
  });

  it('can be cut inside what is used', async () => {
    await createRange(engine, 0, 50);
    await prepare(engine, 30);
    const [block] = await blocks(engine, 'iccid');
    await engine.ok('numbers.split', { id: block!.id, at: iccid(10) });
    expect((await blocks(engine, 'iccid')).map((one) => [one.count, one.used])).toEqual([[10, 10], [40, 20]]);
    await prepare(engine, 20);
    expect(await findings(engine)).toEqual([]);
  });

  it('that are blocked give no numbers until they are opened, closed ones never again', async () => {
    await createRange(engine, 0, 20);
    const [block] = await blocks(engine, 'msisdn');
    expect(await engine.refused('numbers.setState', { id: block!.id, state: 'blocked' })).toMatchObject({ code: 'REASON_MISSING' });
    await engine.ok('numbers.setState', { id: block!.id, state: 'blocked', reason: 'the regulator asks' });
    expect(await engine.refused('stock.prepare', { type: 'Sample', count: 5 })).toMatchObject({ code: 'STOCK_SHORT' });
    expect(await find(engine, iccid(3))).toMatchObject({ status: 'blocked', text: expect.stringContaining('the regulator asks') });
    await engine.ok('numbers.setState', { id: block!.id, state: 'open' });
    await prepare(engine, 5);
    await engine.ok('numbers.setState', { id: block!.id, state: 'closed', reason: 'sold' });
    expect(await engine.refused('numbers.setState', { id: block!.id, state: 'open' })).toMatchObject({ code: 'BLOCK_REFUSED' });
    expect(await findings(engine)).toEqual([]);
  });

  it('are found by what is in them, page after page', async () => {
    for (let i = 0; i < 5; i++) await engine.ok('numbers.add', { kind: 'imsi', first: imsi(i * 100), count: 50, ...(i % 2 === 0 ? { type: 'Sample' } : {}) });
    const page = await engine.ok<{ rows: unknown[]; next: string; total: number }>('numbers.blocks', { kind: 'imsi', limit: 2 });
    expect([page.rows.length, page.total]).toEqual([2, 5]);
    const second = await engine.ok<{ rows: { first: string }[]; next?: string }>('numbers.blocks', { kind: 'imsi', limit: 3, cursor: page.next });
    expect([second.rows.map((row) => row.first), second.next]).toEqual([[imsi(200), imsi(300), imsi(400)], undefined]);
    expect((await blocks(engine, 'imsi', { text: imsi(320) })).map((row) => row.first)).toEqual([imsi(300)]);
    expect((await blocks(engine, 'imsi', { type: 'Sample' })).length).toBe(3);
    expect((await blocks(engine, 'imsi', { state: ['blocked'] })).length).toBe(0);
    expect(await engine.refused('numbers.blocks', { kind: 'imsi', cursor: 'x' })).toMatchObject({ code: 'INPUT_INVALID' });
  });
});

describe('outside any block', () => {
  it('imported numbers are found as runs and become blocks', async () => {
    await stockRows(engine, 0, 30);
    await stockRows(engine, 5_000_000, 20);
    for (const kind of ['iccid', 'imsi'] as const) {
      const outside = await engine.ok<{ rows: { first: string; last: string; profiles: number }[]; profiles: number }>('numbers.outside', { kind });
      expect(outside.profiles).toBe(50);
      expect(outside.rows.map((run) => run.profiles)).toEqual([30, 20]);
      await engine.ok('numbers.adopt', { kind, runs: outside.rows.map(({ first, last }) => ({ first, last })) });
      expect(await engine.ok('numbers.outside', { kind })).toEqual({ rows: [], profiles: 0, behind: 0, joined: 100 });
    }
    expect((await blocks(engine, 'iccid')).map((block) => [block.first, block.last, block.used, block.source])).toEqual([
      [iccid(0), iccid(29), 30, 'import'], [iccid(5_000_000), iccid(5_000_019), 20, 'import'],
    ]);
    expect(await findings(engine)).toEqual([]);
  });

  it('stretches far apart are blocks of their own; up to a hundred missing numbers end none', async () => {
    await stockRows(engine, 0, 300, { msisdn: true });
    await stockRows(engine, 400, 50, { msisdn: true }); // 100 missing before it
    await stockRows(engine, 551, 2_500, { msisdn: true }); // 101 missing before it
    await stockRows(engine, 990_000, 16, { msisdn: true });
    // A retired profile had the MSISDN of another one.
    await engine.ctx.db.updateTable('profiles').set({ stock_state: 'retired', msisdn: msisdn(552) }).where('iccid', '=', iccid(551)).execute();
    const wanted = [[0, 449, 350], [551, 3_050, 2_500], [990_000, 990_015, 16]] as const;
    for (const [kind, numberOf] of [['iccid', iccid], ['imsi', imsi]] as const) {
      const { rows } = await outsideRuns(engine.ctx.reader, kind);
      expect(rows.map((run) => [run.first, run.last, run.numbers, run.profiles])).toEqual(wanted.map(([first, last, profiles]) => [numberOf(first), numberOf(last), last - first + 1, profiles]));
    }
    const { rows } = await outsideRuns(engine.ctx.reader, 'msisdn');
    expect(rows.map((run) => [run.first, run.last, run.profiles])).toEqual(wanted.map(([first, last, profiles]) => [msisdn(first === 551 ? 552 : first), msisdn(last), profiles]));
    expect(await outsideRuns(engine.ctx.reader, 'iccid', 1)).toMatchObject({ rows: [{ last: iccid(449) }], profiles: 2_866, behind: 2_516 });
  });

  it('a stretch longer than a jump ends at its first wide gap, wherever that lies', async () => {
    await stockRows(engine, 0, 10_450);
    await stockRows(engine, 10_700, 11_000);
    const { rows } = await outsideRuns(engine.ctx.reader, 'imsi');
    expect(rows.map((run) => [run.first, run.last, run.profiles])).toEqual([[imsi(0), imsi(10_449), 10_450], [imsi(10_700), imsi(21_699), 11_000]]);
  });

  it('what lies in a block already is left out', async () => {
    await engine.ok('numbers.add', { kind: 'iccid', first: body(10), count: 10 });
    await stockRows(engine, 0, 40);
    const { rows } = await engine.ok<{ rows: { first: string; last: string }[] }>('numbers.outside', { kind: 'iccid' });
    expect(rows.map((run) => [run.first, run.last])).toEqual([[iccid(0), iccid(9)], [iccid(20), iccid(39)]]);
    await engine.ok('numbers.adopt', { kind: 'iccid', runs: [{ first: iccid(0), last: iccid(39) }] });
    expect((await blocks(engine, 'iccid')).map((block) => block.used)).toEqual([10, 10, 20]);
  });
});

describe('a number', () => {
  it('is free, reserved, in use, burnt, blocked or unknown', async () => {
    await createRange(engine, 0, 20);
    await prepare(engine, 5);
    expect(await find(engine, iccid(2))).toMatchObject({ status: 'in-use', iccid: iccid(2), block: { type: 'Sample' } });
    expect(await find(engine, `+${msisdn(2)}`)).toMatchObject({ kind: 'msisdn', status: 'in-use', iccid: iccid(2) });
    expect(await find(engine, imsi(9))).toMatchObject({ kind: 'imsi', status: 'free' });
    expect(await find(engine, imsi(900))).toMatchObject({ status: 'unknown' });
    expect(await engine.refused('numbers.find', { number: 'hello' })).toMatchObject({ code: 'NUMBER_INVALID' });
    await engine.ok('profiles.retire', { iccid: iccid(2), reason: 'lost' });
    for (const number of [iccid(2), imsi(2), msisdn(2)]) expect(await find(engine, number)).toMatchObject({ status: 'burnt', burnt: { why: expect.stringContaining('lost'), iccid: iccid(2) } });
    await engine.ok('numbers.add', { kind: 'imsi', first: imsi(500), count: 10, state: 'reserved', reason: 'for the new brand' });
    expect(await find(engine, imsi(505))).toMatchObject({ status: 'reserved' });
    expect((await blocks(engine, 'iccid'))[0]).toMatchObject({ used: 5, burnt: 1 });
  });

  it('of a running preparation is reserved', async () => {
    await createRange(engine, 0, 2000);
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => { release = resolve; });
    const call = engine.vault.call.bind(engine.vault);
    (engine.vault as { call: unknown }).call = async (name: 'prepare', input: never) => {
      if (name === 'prepare') await gate;
      return call(name, input);
    };
    await engine.ok('stock.prepare', { type: 'Sample', count: 1500 });
    expect(await find(engine, imsi(1200))).toMatchObject({ status: 'reserved' });
    expect(await find(engine, imsi(1800))).toMatchObject({ status: 'free' });
    expect((await blocks(engine, 'imsi'))[0]).toMatchObject({ reserved: 1500, free: 500 });
    expect(await engine.refused('numbers.split', { id: (await blocks(engine, 'imsi'))[0]!.id, at: imsi(1000) })).toMatchObject({ code: 'RANGE_BUSY' });
    release();
    await engine.jobs.idle();
    expect(await find(engine, imsi(1200))).toMatchObject({ status: 'in-use' });
    expect(await findings(engine)).toEqual([]);
  });
});

describe('a burnt number', () => {
  it('is never used again, not by the database itself', async () => {
    await stockRows(engine, 0, 3, { msisdn: true });
    await engine.ok('profiles.retire', { iccid: iccid(1), reason: 'destroyed' });
    await expect(stockRows(engine, 1, 1)).rejects.toThrow(/burnt/);
    engine.ctx.sqlite.prepare('delete from profiles where iccid = ?').run(iccid(1));
    await expect(stockRows(engine, 1, 1)).rejects.toThrow(/burnt/);
    expect(await find(engine, iccid(1))).toMatchObject({ status: 'burnt' });
    expect(() => engine.ctx.sqlite.prepare('delete from burnt_numbers').run()).toThrow(/stays burnt/);
    expect(await engine.refused('stock.createRange', { type: 'Sample', iccidFirst: body(1), imsiFirst: imsi(700), count: 1 })).toMatchObject({ code: 'RANGE_OVERLAPS', message: expect.stringContaining('never given out') });
  });

  it('stays so when the row of a prepared profile is removed', async () => {
    await createRange(engine, 0, 10);
    await prepare(engine, 4);
    engine.ctx.sqlite.prepare('delete from profiles where iccid = ?').run(iccid(2));
    expect(await find(engine, iccid(2))).toMatchObject({ status: 'burnt' });
    // A deletion no program of ours makes; the ledger counts the number as used all the same.
    expect((await blocks(engine, 'iccid'))[0]).toMatchObject({ burnt: 1 });
  });

  it('can be taken out by hand where nobody has it', async () => {
    await engine.ok('numbers.add', { kind: 'imsi', first: imsi(0), count: 10 });
    expect(await engine.ok('numbers.burn', { kind: 'imsi', number: imsi(3), reason: 'used by the old system' })).toMatchObject({ status: 'burnt' });
    expect(await engine.refused('numbers.burn', { kind: 'imsi', number: imsi(3), reason: 'again' })).toMatchObject({ code: 'NUMBER_IN_USE' });
    expect((await blocks(engine, 'imsi'))[0]).toMatchObject({ used: 1, burnt: 1, free: 9 });
    await createRange(engine, 100, 5);
    expect(await engine.refused('numbers.burn', { kind: 'imsi', number: imsi(102), reason: 'not wanted' })).toMatchObject({ code: 'NUMBER_IN_USE' });
    expect(await engine.refused('stock.createRange', { type: 'Sample', iccidFirst: body(0), imsiFirst: imsi(0), count: 5 })).toMatchObject({ code: 'RANGE_OVERLAPS' });
  });
});

describe('the check', () => {
  const run = async () => {
    const { id } = await engine.ok<{ id: string }>('numbers.check');
    await engine.jobs.idle();
    return engine.ok<{ state: string; message: string; errors: { code: string }[] }>('jobs.show', { id });
  };
  it('finds nothing where ledger and profiles agree', async () => {
    await createRange(engine, 0, 50);
    await prepare(engine, 20);
    expect(await run()).toMatchObject({ state: 'done', message: 'Ledgers and profiles agree.', errors: [] });
  });
  it('says how many numbers are outside any block, which it counts and does not compare, and nothing of them once they have blocks', async () => {
    await createRange(engine, 0, 50);
    await prepare(engine, 20);
    await stockRows(engine, 1000, 10);
    await engine.ok('profiles.retire', { iccid: iccid(1004), reason: 'test' });
    const agree = { state: 'done', errors: [] };
    expect(await run()).toMatchObject({ ...agree, message: 'Ledgers and profiles agree. Outside any block, counted but not compared: 10 ICCIDs, 10 IMSIs. "Make blocks" in Numbers registers them.' });
    for (const kind of ['iccid', 'imsi'] as const) {
      const { rows } = await engine.ok<{ rows: { first: string; last: string }[] }>('numbers.outside', { kind });
      await engine.ok('numbers.adopt', { kind, runs: rows.map(({ first, last }) => ({ first, last })) });
    }
    expect(await run()).toMatchObject({ ...agree, message: 'Ledgers and profiles agree.' });
  });

  it.each([
    ['a counter that is off', "update number_blocks set used = used + 1 where kind = 'imsi'", 'COUNTER_WRONG'],
    ['a burnt counter that is off', "update number_blocks set burnt = 5 where kind = 'iccid'", 'COUNTER_WRONG'],
    ['a size that is off', "update number_blocks set count = count + 1 where kind = 'msisdn'", 'COUNTER_WRONG'],
    ['a number given out that nobody has', 'update ranges set used = used + 3', 'GAP'],
    ['a profile ahead of its range', 'update ranges set used = used - 2', 'USED_AHEAD'],
    ['an IMSI out of step', `update profiles set imsi = '001019999999999' where iccid = '${iccid(3)}'`, 'OUT_OF_STEP'],
    ['an MSISDN two profiles have', `update profiles set msisdn = '${msisdn(4)}' where iccid = '${iccid(3)}'`, 'NUMBER_REUSED'],
    ['a burnt number in use', `insert into burnt_numbers (kind, number, at, why) values ('imsi', '${imsi(3)}', 0, 'planted')`, 'BURNT_IN_USE'],
    ['numbers outside that are not noted', "insert into numbers_outside (kind, n) values ('iccid', 7) on conflict (kind) do update set n = n + 7", 'COUNTER_WRONG'],
    ['blocks that overlap', "drop trigger number_blocks_apart_0; insert into number_blocks (id, kind, digits, first, last, count, source, created_at, changed_at) select 'blk_x', kind, digits, substr(last, 1, digits), last, 1, 'own', 0, 0 from number_blocks where kind = 'imsi'", 'BLOCKS_OVERLAP'],
    ['a retired profile whose numbers are not burnt', `drop trigger profiles_retired; update profiles set stock_state = 'retired', order_state = 'unavailable' where iccid = '${iccid(3)}'`, 'NOT_BURNT'],
    ['an entitlement that is not in the ledger', "insert into brands (name, created_at) values ('Acme', 0); insert into brand_iccids (brand_id, first, last) select id, '8988219900000000000', '8988219900000000999' from brands", 'NOT_IN_LEDGER'],
    ['a block across the end of an entitlement', `insert into brands (name, created_at) values ('Acme', 0); insert into brand_iccids (brand_id, first, last) select id, '${body(5)}0', '${body(9)}9' from brands`, 'ACROSS_BRANDS'],
  ])('finds %s', async (_what, defect, code) => {
    await createRange(engine, 0, 50);
    await prepare(engine, 20);
    expect(await codes(engine)).toEqual([]);
    engine.ctx.sqlite.exec(defect);
    expect(await codes(engine)).toContain(code);
    const job = await run();
    expect(job.state).toBe('partly-failed');
    expect(job.errors.map((error) => error.code)).toContain(code);
  });
});
