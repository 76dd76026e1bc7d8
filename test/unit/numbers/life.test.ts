import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultMarks, forecastOf, levelState, needs, quantityOf } from '../../../src/main/engine/numbers/forecast.ts';
import { sweepStock } from '../../../src/main/engine/numbers/index.ts';
import { createOperatorCa } from '../../../src/main/lab/operator/index.ts';
import { certificatePem } from '../../../src/main/lab/pki/index.ts';
import { DeskProblem } from '../../../src/main/engine/context.ts';
import { profileById, transition } from '../../../src/main/engine/profiles/index.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import type { TestEngine } from '../../support/engine.ts';
import { testNow } from '../../support/engine.ts';
import { body, createRange, DAY, find, findings, iccid, level, msisdn, numbersEngine, prepare, preparer, proposals } from './support.ts';

let engine: TestEngine;
beforeEach(async () => {
  engine = await numbersEngine();
});
afterEach(() => engine.close());

const sweep = async () => {
  await sweepStock(engine.ctx, preparer);
  await engine.jobs.idle();
};
const stockOf = async (n: number) => (await engine.ok<{ state: { stock: string } }>('profiles.show', { id: iccid(n) })).state.stock;
const order = (n: number) => engine.ok<{ id: string }>('orders.create', { iccid: iccid(n) });

describe('a forecast', () => {
  const today = Math.floor(testNow / DAY);
  it('counts on the faster of 7 and 30 days, over the days there are', () => {
    const steady = forecastOf(100, Array.from({ length: 90 }, (_, i) => ({ day: today - i - 1, n: 10 })), testNow - 90 * DAY, testNow);
    expect(steady.rate).toBeGreaterThan(9);
    expect(steady.rate).toBeLessThan(10.5);
    expect(steady).toMatchObject({ confidence: 'good' });
    const faster = forecastOf(100, [...Array.from({ length: 30 }, (_, i) => ({ day: today - i - 1, n: 2 })), ...Array.from({ length: 5 }, (_, i) => ({ day: today - i - 1, n: 18 }))], testNow - 60 * DAY, testNow);
    expect(faster.perDay.d7).toBeGreaterThan(faster.perDay.d30);
    expect(faster.rate).toBe(faster.perDay.d7);
    const young = forecastOf(100, [{ day: today - 1, n: 20 }], testNow - DAY, testNow);
    expect(young).toMatchObject({ confidence: 'low' });
    expect(young.rate).toBe(10);
    expect(forecastOf(9, [{ day: today, n: 1 }], testNow, testNow)).toMatchObject({ rate: 1, tooFew: true, historyDays: 1 });
    expect(forecastOf(9, [{ day: today, n: 2 }], testNow - 3 * DAY, testNow)).toMatchObject({ rate: 0.5, perDay: { d7: 0.5, d30: 0.5, d90: 0.5 }, tooFew: true });
    expect(forecastOf(9, [{ day: today, n: 70 }], testNow - 400 * DAY, testNow).perDay).toEqual({ d7: 10, d30: 70 / 30, d90: 70 / 90 });
  });
  it('says nothing where nothing was used, and never a negative rate', () => {
    expect(forecastOf(10, [], undefined, testNow)).toMatchObject({ rate: 0, confidence: 'none' });
    expect(forecastOf(10, [], undefined, testNow).daysLeft).toBeUndefined();
    expect(forecastOf(10, [{ day: today, n: -5 }], undefined, testNow).rate).toBe(0);
    expect(forecastOf(0, [{ day: today - 1, n: 5 }], testNow - 9 * DAY, testNow).daysLeft).toBe(0);
  });
  it('judges a level and how much it needs', () => {
    const marks = { low: 50, target: null, leadDays: 5, coverDays: 20, auto: false };
    const forecast = forecastOf(100, Array.from({ length: 90 }, (_, i) => ({ day: today - i, n: 10 })), testNow - 90 * DAY, testNow);
    const at = (sellable: number, preparing = 0) => ({ sellable, preparing, forecast });
    expect([0, 40, 51, 200].map((n) => levelState({ ...marks, leadDays: 6 }, true, at(n)))).toEqual(['out', 'low', 'soon', 'ok']);
    const thin = forecastOf(60, [{ day: today, n: 4 }], testNow - 9 * DAY, testNow);
    expect(levelState({ ...marks, low: 50, leadDays: 365 }, true, { sellable: 60, preparing: 0, forecast: thin })).toBe('ok');
    expect(levelState({ ...marks, low: 61 }, true, { sellable: 60, preparing: 0, forecast: thin })).toBe('low');
    const unsold = { preparing: 0, forecast: forecastOf(0, [], undefined, testNow) };
    expect([{ sellable: 0 }, { sellable: 0, stocked: true }, { sellable: 9, stocked: true }, { sellable: 10, stocked: true }].map((one) => levelState(defaultMarks, false, { ...unsold, ...one }))).toEqual(['none', 'out', 'low', 'ok']);
    expect(needs(marks, true, at(40, 200))).toBe(false);
    expect(needs(marks, false, at(0))).toBe(false);
    expect(quantityOf(marks, at(40))).toBe(Math.ceil(forecast.rate * 25) - 40);
    expect(quantityOf({ ...marks, target: 500 }, at(40, 60))).toBe(400);
    expect(quantityOf({ ...marks, target: 10 }, at(40))).toBe(10);
  });
});

describe('a stock-out', () => {
  it('is announced days before it happens', async () => {
    await createRange(engine, 0, 500);
    await prepare(engine, 60);
    await engine.ok('levels.set', { type: 'Sample', marks: { leadDays: 5, coverDays: 20 } });
    let sold = 0;
    let announced: number | undefined;
    let out: number | undefined;
    for (let day = 0; day < 30 && out === undefined; day++) {
      for (let i = 0; i < 4 && sold < 60; i++) await order(sold++);
      await sweep();
      if (announced === undefined && (await proposals(engine, 'open')).length > 0) announced = day;
      if ((await level(engine)).sellable === 0) out = day;
      engine.clock.advance(DAY);
    }
    expect(out).toBeDefined();
    expect(announced).toBeDefined();
    expect(out! - announced!).toBeGreaterThanOrEqual(4);
    const [one] = await proposals(engine, 'open');
    expect(one).toMatchObject({ type: 'Sample', fromStock: 0, short: 0 });
    expect(one!.why[0]).toMatch(/Nothing left to sell/);
    expect(one!.ranges[0]).toMatchObject({ first: iccid(60) });
    const home = await engine.ok<{ attention: { kind: string; severity: string; text: string; href: string }[] }>('workspace.home');
    expect(home.attention).toContainEqual(expect.objectContaining({ kind: 'low-stock', severity: 'error', href: '/numbers/levels' }));
  });

  it('is met by itself where the type may', async () => {
    await createRange(engine, 0, 500);
    await engine.ok('levels.set', { type: 'Sample', marks: { low: 20, target: 50, auto: true } });
    await sweep();
    expect((await level(engine)).sellable).toBe(50);
    expect((await proposals(engine))[0]).toMatchObject({ state: 'started', quantity: 50 });
    await sweep();
    expect(await proposals(engine)).toHaveLength(1);
    expect(await findings(engine)).toEqual([]);
  });
});

describe('a preparation that would start by itself', () => {
  beforeEach(async () => {
    await createRange(engine, 0, 100);
    const pem = Buffer.from(certificatePem(createOperatorCa({ name: 'Acme CA', now: new Date(engine.clock.now()) }).certificate));
    await engine.ok('brands.add', { name: 'Acme', clientCa: engine.uploads.put(pem), iccids: [`${body(0)}-${body(99)}`] });
  });

  it('takes no numbers of a brand, and starts as soon as there are others', async () => {
    await engine.ok('levels.set', { type: 'Sample', marks: { low: 20, target: 50, auto: true } });
    await sweep();
    expect(await proposals(engine)).toMatchObject([{ state: 'open', quantity: 50, short: 50, ranges: [] }]);
    expect(await engine.refused('levels.accept', { id: (await proposals(engine))[0]!.id })).toMatchObject({ code: 'STOCK_SHORT' });
    await createRange(engine, 500, 30);
    await sweep();
    expect(await proposals(engine)).toMatchObject([{ state: 'started', quantity: 50, short: 20, ranges: [{ first: iccid(500), count: 30, leftAfter: 0 }] }]);
    expect((await level(engine)).sellable).toBe(30);
  });

  it('and cannot leaves its proposal to people, and the other types their turn', async () => {
    await engine.ok('types.create', { name: 'Another', template: 'sample' });
    for (const type of ['Sample', 'Another']) await engine.ok('levels.set', { type, marks: { low: 20, target: 50, auto: true } });
    await createRange(engine, 500, 100);
    await createRange(engine, 1000, 100, { type: 'Another' });
    const started: string[] = [];
    await sweepStock(engine.ctx, {
      ...preparer,
      start: async (tx, ctx, plan, ...rest) => {
        if (plan.type === 'Another') throw new DeskProblem('PREPARATION_BLOCKED', 'The template breaks rules.');
        started.push(plan.type);
        return preparer.start(tx, ctx, plan, ...rest);
      },
    });
    await engine.jobs.idle();
    expect(started).toEqual(['Sample']);
    expect((await proposals(engine, 'open')).map((one) => one.type)).toEqual(['Another']);
    await sweep();
    expect(await proposals(engine, 'open')).toEqual([]);
  });
});

describe('a proposal', () => {
  beforeEach(async () => {
    await createRange(engine, 0, 30);
    await engine.ok('levels.set', { type: 'Sample', marks: { low: 10, target: 40 } });
    await sweep();
  });
  it('is made once, says what it would use up, and starts what there is', async () => {
    await sweep();
    const all = await proposals(engine);
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({ state: 'open', quantity: 40, short: 10, ranges: [{ count: 30, leftAfter: 0 }] });
    const done = await engine.ok<{ job: { total: number } }>('levels.accept', { id: all[0]!.id });
    expect(done.job.total).toBe(30);
    await engine.jobs.idle();
    expect((await level(engine)).sellable).toBe(30);
    expect(await engine.refused('levels.accept', { id: all[0]!.id })).toMatchObject({ code: 'PROPOSAL_CLOSED' });
    await sweep();
    expect(await proposals(engine, 'open', 'snoozed')).toEqual([]);
  });
  it('turned down stays away for a week, until the marks change', async () => {
    const [one] = await proposals(engine);
    await engine.ok('levels.dismiss', { id: one!.id, reason: 'not now' });
    await sweep();
    expect(await proposals(engine, 'open')).toEqual([]);
    engine.clock.advance(8 * DAY);
    await sweep();
    expect(await proposals(engine, 'open')).toHaveLength(1);
  });
  it('put off comes back on its day, also after a restart', async () => {
    const [one] = await proposals(engine);
    await engine.ok('levels.dismiss', { id: one!.id, reason: 'after the fair', until: testNow + 3 * DAY });
    await sweep();
    expect((await proposals(engine))[0]).toMatchObject({ id: one!.id, state: 'snoozed' });
    engine = await engine.reopen();
    engine.clock.advance(4 * DAY);
    await sweep();
    expect((await proposals(engine))[0]).toMatchObject({ id: one!.id, state: 'open' });
  });
  it('goes when it is no longer needed', async () => {
    await prepare(engine, 15);
    await sweep();
    expect((await proposals(engine))[0]).toMatchObject({ state: 'gone' });
    expect(await engine.refused('levels.set', { type: 'Sample', marks: { low: 50, target: 40 } })).toMatchObject({ code: 'LEVEL_INVALID' });
  });
});

describe('a hold', () => {
  beforeEach(async () => {
    await createRange(engine, 0, 10);
    await prepare(engine, 5);
  });
  it('ends by itself at its time, also when the engine was away', async () => {
    await engine.ok('profiles.hold', { iccid: iccid(0), until: testNow + 2 * DAY, for: 'Acme', reason: 'for the fair' });
    expect(await engine.ok('profiles.show', { id: iccid(0) })).toMatchObject({ state: { stock: 'held' }, heldFor: 'Acme', heldUntil: testNow + 2 * DAY });
    await sweep();
    expect(await stockOf(0)).toBe('held');
    engine = await engine.reopen();
    engine.clock.advance(3 * DAY);
    await sweep();
    const shown = await engine.ok<{ timeline: { stage: string; text: string; actor: string }[] }>('profiles.show', { id: iccid(0) });
    expect(await stockOf(0)).toBe('sellable');
    expect(shown.timeline.at(-1)).toMatchObject({ stage: 'hold_ended', text: 'The hold for Acme ended', actor: 'system' });
  });
  it('keeps a profile from an order by type, not from one by its ICCID', async () => {
    for (let n = 0; n < 5; n++) await engine.ok('profiles.hold', { iccid: iccid(n), until: testNow + DAY, reason: 'all kept' });
    expect(await engine.refused('orders.create', { type: 'Sample' })).toMatchObject({ code: 'STOCK_EMPTY' });
    await order(3);
    expect(await stockOf(3)).toBe('sold');
    expect(await engine.ok<{ heldFor?: string }>('profiles.show', { id: iccid(3) })).not.toHaveProperty('heldUntil');
  });
  it('is ended by a person, and begins only ahead of now', async () => {
    await engine.ok('profiles.hold', { iccid: iccid(0), until: testNow + DAY, reason: 'a reason' });
    await engine.ok('profiles.releaseHold', { iccid: iccid(0), reason: 'not needed' });
    expect(await stockOf(0)).toBe('sellable');
    expect(await engine.refused('profiles.hold', { iccid: iccid(0), until: testNow - 1, reason: 'too late' })).toMatchObject({ code: 'DATE_INVALID' });
    expect(await engine.refused('profiles.releaseHold', { iccid: iccid(0), reason: 'again' })).toMatchObject({ code: 'TRANSITION_REFUSED' });
  });
});

describe('a quarantine', () => {
  const event = async (n: number, name: 'device_deleted' | 'network_provisioned' | 'network_removed' | 'deliver' | 'install') => {
    const row = await engine.ctx.db.selectFrom('profiles').select('id').where('iccid', '=', iccid(n)).executeTakeFirstOrThrow();
    await write(engine.ctx, (tx) => transition(tx, engine.ctx, row.id, { name, at: engine.clock.now(), source: 'euicc', text: name, eid: '89001012012341234012345678901224' }, engine.as()));
  };
  beforeEach(async () => {
    await createRange(engine, 0, 10);
    await prepare(engine, 5);
  });
  it('ends on its day', async () => {
    await engine.ok('profiles.quarantine', { iccid: iccid(0), reason: 'odd', release: { rule: 'date', until: testNow + 5 * DAY } });
    engine.clock.advance(4 * DAY);
    await sweep();
    expect(await stockOf(0)).toBe('quarantined');
    engine.clock.advance(2 * DAY);
    await sweep();
    expect(await stockOf(0)).toBe('sellable');
  });
  it('of a delivered profile ends with its retirement when the device reports it deleted', async () => {
    await order(0);
    for (const name of ['deliver', 'install'] as const) await event(0, name);
    expect(await engine.refused('profiles.quarantine', { iccid: iccid(0), reason: 'lost phone', release: { rule: 'delete-seen' } })).toMatchObject({ code: 'TRANSITION_REFUSED' });
    await engine.ok('profiles.quarantine', { iccid: iccid(0), reason: 'lost phone', release: { rule: 'delete-seen', afterwards: 'retire', until: testNow + 30 * DAY } });
    await sweep();
    expect(await stockOf(0)).toBe('quarantined');
    await event(0, 'device_deleted');
    await sweep();
    expect(await stockOf(0)).toBe('retired');
    for (const number of [iccid(0), msisdn(0)]) expect(await find(engine, number)).toMatchObject({ status: 'burnt' });
    const row = (await profileById(engine.ctx.db, 1))!;
    expect([row.slots, row.subscriber, row.quarantine_rule]).toEqual([null, null, null]);
  });
  it('waits no longer than it was told for what never comes', async () => {
    await engine.ok('profiles.quarantine', { iccid: iccid(0), reason: 'test', release: { rule: 'network-removed', until: testNow + 10 * DAY } });
    await event(1, 'network_provisioned');
    await engine.ok('profiles.quarantine', { iccid: iccid(1), reason: 'test', release: { rule: 'network-removed' } });
    await event(1, 'network_removed');
    await sweep();
    expect([await stockOf(0), await stockOf(1)]).toEqual(['quarantined', 'sellable']);
    engine.clock.advance(11 * DAY);
    await sweep();
    expect(await stockOf(0)).toBe('sellable');
  });
  it('whose end the tables refuse stays, with a note and without its rule', async () => {
    await order(0);
    for (const name of ['deliver'] as const) await event(0, name);
    await engine.ok('profiles.quarantine', { iccid: iccid(0), reason: 'test', release: { rule: 'date', afterwards: 'retire', until: testNow + DAY } });
    engine.clock.advance(2 * DAY);
    await sweep();
    await sweep();
    const shown = await engine.ok<{ state: { stock: string }; release?: object; timeline: { text: string }[] }>('profiles.show', { id: iccid(0) });
    expect(shown.state.stock).toBe('quarantined');
    expect(shown.release).toBeUndefined();
    expect(shown.timeline.filter((one) => one.text.includes('but it stays'))).toHaveLength(1);
  });
});

describe('the recycling policy', () => {
  beforeEach(async () => {
    await createRange(engine, 0, 10);
    await prepare(engine, 5);
  });
  const cancel = async (n: number) => {
    const profile = await engine.ok<{ order: { id: string } }>('profiles.show', { id: iccid(n) });
    return profile.order.id;
  };
  it('never: a cancelled profile is not sold again', async () => {
    await engine.ok('numbers.setPolicy', { type: 'Sample', recycling: 'never' });
    await order(0);
    const orderId = await cancel(0);
    expect(await engine.refused('orders.cancel', { orderId, finalState: 'available', reason: 'test' })).toMatchObject({ code: 'TRANSITION_REFUSED', message: expect.stringContaining('recycling policy') });
    await engine.ok('orders.cancel', { orderId, finalState: 'unavailable', reason: 'test' });
  });
  it('cooling off: it goes back to sale days later, and not before', async () => {
    await engine.ok('numbers.setPolicy', { type: 'Sample', recycling: 'cooling-off', coolingDays: 10 });
    await order(0);
    await engine.ok('orders.cancel', { orderId: await cancel(0), finalState: 'available', reason: 'test' });
    expect(await stockOf(0)).toBe('quarantined');
    expect(await engine.refused('profiles.unquarantine', { iccid: iccid(0), reason: 'sooner please' })).toMatchObject({ code: 'TRANSITION_REFUSED', message: expect.stringContaining('cools off') });
    engine.clock.advance(9 * DAY);
    await sweep();
    expect(await stockOf(0)).toBe('quarantined');
    engine.clock.advance(2 * DAY);
    await sweep();
    expect(await stockOf(0)).toBe('sellable');
  });
  it('lets an MSISDN serve again after its days, ICCID and IMSI never', async () => {
    await engine.ok('numbers.setPolicy', { type: 'Sample', msisdn: 'reuse', msisdnDays: 30 });
    await engine.ok('profiles.retire', { iccid: iccid(1), reason: 'ended' });
    expect(await find(engine, msisdn(1))).toMatchObject({ status: 'burnt', text: expect.stringContaining('2026-02-14') });
    engine.clock.advance(31 * DAY);
    expect(await find(engine, msisdn(1))).not.toMatchObject({ status: 'burnt', text: expect.stringContaining('2026-02-14') });
    expect(await find(engine, iccid(1))).toMatchObject({ status: 'burnt' });
  });
});
