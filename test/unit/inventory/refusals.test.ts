/** What bulk work, selections and lists refuse. All identifiers are test material. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/main/engine/profiles/rules.ts';
import { transitionAlike } from '../../../src/main/engine/profiles/transition-alike.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import type { TestEngine } from '../../support/engine.ts';
import { testNow } from '../../support/engine.ts';
import { fill, inventoryEngine, type Known } from './support.ts';

const DAY = 86_400_000;
const LIFE = 30 * 60_000;
let engine: TestEngine;
let stock: Known[];
beforeEach(async () => {
  engine = await inventoryEngine();
  stock = await fill(engine, 200, 6);
});
afterEach(() => engine.close());

interface Previewed { matching: number; willChange: number; unchanged: number; refused: number; refusedByReason: { reason: string; count: number }[]; token: string; confirm?: number }
const previewed = (selection: object, action: object) => engine.ok<Previewed>('bulk.preview', { selection, action });
const start = (token: string, confirm?: number) => engine.ok<{ id: string }>('bulk.start', { token, ...(confirm === undefined ? {} : { confirm }) });
const hold = { do: 'hold', until: testNow + 5 * DAY };
const retire = { do: 'retire', reason: 'the end' };
const free = () => stock.filter((one) => one.stock === 'sellable' && one.order === 'available' && one.delivered === undefined && one.secrets === 'sealed');
const states = async () => (await engine.ctx.db.selectFrom('profiles').select(['stock_state', (e) => e.fn.countAll<number>().as('n')]).groupBy('stock_state').execute()).map((one) => [one.stock_state, one.n]);

describe('bulk work', () => {
  it('ends nothing for good when more match than the preview showed', async () => {
    const before = await states();
    const { token, confirm } = await previewed({ filter: { stock: ['sellable'] } }, retire);
    const other = stock.find((one) => one.stock === 'imported')!;
    await engine.ctx.db.updateTable('profiles').set({ stock_state: 'sellable' }).where('id', '=', other.id).execute();
    const { id } = await start(token, confirm);
    await engine.jobs.idle();
    expect(await engine.ok('jobs.show', { id })).toMatchObject({ state: 'failed', done: 0, message: expect.stringContaining('SELECTION_CHANGED: ') as string });
    await engine.ctx.db.updateTable('profiles').set({ stock_state: 'imported' }).where('id', '=', other.id).execute();
    expect(await states()).toEqual(before);
  });

  it('ends no profile that could not end when so many were confirmed, picked or not', async () => {
    const kept = stock.find((one) => one.stock === 'sold' && one.order === 'linked') ?? stock.find((one) => one.stock === 'sold')!;
    const picked = { iccids: [kept.iccid, ...free().slice(0, 2).map((one) => one.iccid)] };
    for (const selection of [{ filter: {} }, picked]) {
      const before = await states();
      const { token, confirm, refused } = await previewed(selection, retire);
      expect(refused).toBeGreaterThan(0);
      const was = await engine.ctx.db.selectFrom('profiles').select(['stock_state', 'order_state', 'order_id', 'bpp_delivered_at']).where('id', '=', kept.id).executeTakeFirstOrThrow();
      await engine.ctx.db.updateTable('profiles').set({ stock_state: 'sellable', order_state: 'available', order_id: null, bpp_delivered_at: null }).where('id', '=', kept.id).execute();
      const { id } = await start(token, confirm);
      await engine.jobs.idle();
      expect(await engine.ok('jobs.show', { id })).toMatchObject({ state: 'failed', message: expect.stringContaining(`than the ${confirm} that were confirmed`) as string });
      await engine.ctx.db.updateTable('profiles').set(was).where('id', '=', kept.id).execute();
      expect(await states()).toEqual(before);
    }
  });

  it('holds for a preview as long as it says, and not longer', async () => {
    const first = await previewed({ iccids: [free()[0]!.iccid] }, hold);
    engine.clock.advance(LIFE);
    await start(first.token);
    const second = await previewed({ iccids: [free()[1]!.iccid] }, hold);
    engine.clock.advance(LIFE + 1);
    expect(await engine.refused('bulk.start', { token: second.token })).toMatchObject({ code: 'PREVIEW_EXPIRED', field: 'token' });
    await engine.jobs.idle();
  });

  it('that changed nothing, or that there never was, cannot be taken back', async () => {
    const [one] = free();
    const { token } = await previewed({ iccids: [one!.iccid] }, hold);
    await engine.jobs.stop();
    const { id } = await start(token);
    expect(await engine.refused('bulk.undo', { job: id })).toMatchObject({ code: 'JOB_RUNNING' });
    for (const state of ['running', 'paused'] as const) {
      await engine.ctx.db.updateTable('jobs').set({ state }).where('id', '=', id).execute();
      expect(await engine.refused('bulk.undo', { job: id })).toMatchObject({ code: 'JOB_RUNNING' });
    }
    await engine.ctx.db.updateTable('jobs').set({ state: 'cancelled' }).where('id', '=', id).execute();
    expect(await engine.refused('bulk.undo', { job: id })).toMatchObject({ code: 'NOT_REVERSIBLE', message: 'It changed nothing.' });
    for (const name of ['undo', 'show'] as const) expect(await engine.refused(`bulk.${name}`, { job: 'job_0' })).toMatchObject({ code: 'NOT_FOUND', field: 'job' });
    expect(await engine.refused('bulk.rows', { job: id, cursor: 'x' })).toMatchObject({ code: 'INPUT_INVALID', field: 'cursor' });
    expect(await engine.ok('bulk.rows', { job: id, outcome: 'changed' })).toMatchObject({ rows: [] });
    expect((await engine.ok<{ rows: object[] }>('bulk.rows', { job: id, outcome: 'waiting' })).rows).toHaveLength(1);
  });

  it('promises no delivered profile to be sold again, and no day that is past', async () => {
    const delivered = stock.filter((one) => one.delivered !== undefined && one.stock === 'sold');
    expect(delivered.length).toBeGreaterThan(0);
    const selection = { iccids: delivered.map((one) => one.iccid) };
    const quarantine = (more: object) => ({ do: 'quarantine', reason: 'a test', ...more });
    for (const rule of ['date', 'delete-seen', 'network-removed']) {
      for (const more of [{ rule }, { rule, afterwards: 'release' }]) {
        const refused = await previewed(selection, quarantine({ ...more, until: testNow + DAY }));
        expect([refused.willChange, refused.refused]).toEqual([0, delivered.length]);
        expect(refused.refusedByReason.some((one) => one.reason.includes('a rule can only retire it'))).toBe(true);
      }
      const ends = await previewed(selection, quarantine({ rule, afterwards: 'retire', until: testNow + DAY }));
      const plain = await previewed(selection, quarantine({}));
      expect(ends.willChange).toBe(plain.willChange);
      expect(ends.willChange).toBeGreaterThan(0);
      expect(await engine.refused('bulk.preview', { selection, action: quarantine({ rule, afterwards: 'retire', until: testNow }) })).toMatchObject({ code: 'DATE_INVALID' });
    }
    expect(await engine.refused('bulk.preview', { selection, action: { do: 'hold', until: testNow } })).toMatchObject({ code: 'DATE_INVALID', field: 'action.until' });
  });
});

describe('many profiles at once', () => {
  it('obey the policy of their type one by one: what was ordered once stays in quarantine', async () => {
    const now = engine.clock.now();
    for (const { id } of await engine.ctx.db.selectFrom('profile_types').select('id').execute()) {
      await engine.ctx.db.insertInto('type_policies').values({ type_id: id, recycling: 'never', cooling_days: 1, msisdn: 'burn', msisdn_days: 1, quarantine: 'manual', quarantine_days: 1, changed_at: now }).execute();
    }
    const waiting = stock.filter((one) => one.stock === 'quarantined' && one.order === 'available' && one.delivered === undefined && one.secrets === 'sealed');
    expect(waiting.length).toBeGreaterThan(1);
    const [ordered, ...never] = waiting as [Known, ...Known[]];
    const { id: _id, ...order } = await engine.ctx.db.selectFrom('orders').selectAll().limit(1).executeTakeFirstOrThrow();
    await engine.ctx.db.insertInto('orders').values({ ...order, id: 'ord_once', profile_id: ordered.id, matching_id: null, closed_at: now, final_state: 'available' }).execute();
    const { token, willChange } = await previewed({ iccids: waiting.map((one) => one.iccid) }, { do: 'unquarantine', reason: 'found' });
    expect(willChange).toBe(waiting.length);
    const { id } = await start(token);
    await engine.jobs.idle();
    const { rows } = await engine.ok<{ rows: object[] }>('bulk.rows', { job: id, outcome: 'refused' });
    expect(rows).toMatchObject([{ iccid: ordered.iccid, code: 'TRANSITION_REFUSED', message: expect.stringContaining('never used again once they were ordered') as string }]);
    const now2 = await engine.ctx.db.selectFrom('profiles').select(['id', 'stock_state']).where('id', 'in', waiting.map((one) => one.id)).execute();
    expect(new Map(now2.map((row) => [row.id, row.stock_state]))).toEqual(new Map([[ordered.id, 'quarantined'], ...never.map((one): [number, string] => [one.id, 'sellable'])]));
  });

  it('are moved from the state they were read in, all or none', async () => {
    const [one, two] = free() as [Known, Known];
    const rows = await engine.ctx.db.selectFrom('profiles').select(['id', 'iccid', 'type_id', 'order_id']).where('id', 'in', [one.id, two.id]).execute();
    const facts = { state: { order: one.order, network: one.network, stock: one.stock, device: one.device }, delivered: false, prepared: true, eid: undefined } as Facts;
    const move = () => write(engine.ctx, (tx) => transitionAlike(tx, facts, rows, { name: 'quarantine', at: testNow, source: 'operator', text: 'held back', reason: 'held back' }, engine.as()));
    const before = await states();
    for (const other of [{ order_state: 'released' }, { network_state: 'removed' }, { stock_state: 'held', held_until: testNow + 1 }, { device_state: 'deleted' }] as const) {
      const was = await engine.ctx.db.selectFrom('profiles').select(['order_state', 'network_state', 'stock_state', 'device_state', 'held_until']).where('id', '=', two.id).executeTakeFirstOrThrow();
      await engine.ctx.db.updateTable('profiles').set({ order_state: one.order, network_state: one.network, device_state: one.device, ...other } as never).where('id', '=', two.id).execute();
      await expect(move(), JSON.stringify(other)).rejects.toMatchObject({ code: 'CONFLICT' });
      await engine.ctx.db.updateTable('profiles').set(was).where('id', '=', two.id).execute();
    }
    expect(await states()).toEqual(before);
  });
});

describe('a selection', () => {
  it('names profiles in any spelling, each once, and none that nobody has', async () => {
    const [one, two] = free() as [Known, Known];
    const swapped = [one.iccid, `${one.iccid}F`, ` ${one.iccid.slice(0, 18)} `, two.iccid];
    expect(await previewed({ iccids: swapped }, hold)).toMatchObject({ matching: 2, willChange: 2 });
    expect(await engine.refused('bulk.preview', { selection: { iccids: [one.iccid, '8988211099999999999'] }, action: hold })).toMatchObject({ code: 'NOT_FOUND', field: 'selection', message: expect.stringContaining('8988211099999999999') as string });
  });

  it('without some profiles leaves them alone in whatever spelling, and one of them may be gone', async () => {
    const all = await previewed({ filter: {} }, hold);
    const [one, two, three] = free() as [Known, Known, Known];
    const except = [`${one.iccid}F`, two.iccid.slice(0, 18), ` ${three.iccid} `, '8988211099999999999'];
    const { token, ...shown } = await previewed({ filter: {}, except }, hold);
    expect(shown).toMatchObject({ matching: all.matching - 3, willChange: all.willChange - 3 });
    const { id } = await start(token);
    await engine.jobs.idle();
    expect(await engine.ok('bulk.show', { job: id })).toMatchObject({ counts: { changed: shown.willChange, waiting: 0 } });
    const left = await engine.ctx.db.selectFrom('profiles').select('stock_state').where('iccid', 'in', [one, two, three].map((profile) => profile.iccid)).execute();
    expect(left.map((row) => row.stock_state)).toEqual(['sellable', 'sellable', 'sellable']);
  });
});

describe('a position in a list', () => {
  it('is one this program gave out, or none', async () => {
    for (const text of [
      '[[],"colour",true,[],1,1,null]', '[[["colour",false]],"created",true,["x"],1,1,null]', '[[["stock",false]],"created",true,[1,2],1,1,null]', '[[],"iccid",true,[],1,1,null]',
      '[[],"created",true,[],"1",1,null]', '[[],"held",true,[],null,1,null]', '[[],"held",true,[],5,1,7]', '[[],"created",true,[],1,-1,null]', '[[],"created",true,[],1,1]', 'null', '7',
    ]) expect(await engine.refused('profiles.list', { cursor: Buffer.from(text).toString('base64url') }), text).toMatchObject({ code: 'INPUT_INVALID', field: 'cursor' });
  });
});
