import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { BulkAction } from '../../../src/shared/contract/inventory.ts';
import { recount } from '../../../src/main/engine/profiles/index.ts';
import type { TestEngine } from '../../support/engine.ts';
import { testNow } from '../../support/engine.ts';
import { fill, inventoryEngine, type Known } from './support.ts';

const DAY = 86_400_000;
let engine: TestEngine;
afterEach(() => engine.close());

interface Previewed { matching: number; willChange: number; unchanged: number; refused: number; refusedByReason: { reason: string; count: number; sample: string[] }[]; sample: string[]; token: string; confirm?: number; irreversible: boolean }
const previewed = (selection: object, action: object) => engine.ok<Previewed>('bulk.preview', { selection, action });
const job = (id: string) => engine.ok<{ state: string; done: number; rejected: number; total: number; message?: string; errors: { code: string; found: string }[] }>('jobs.show', { id });
async function carriedOut(selection: object, action: object, confirm?: number): Promise<string> {
  const { token } = await previewed(selection, action);
  const { id } = await engine.ok<{ id: string }>('bulk.start', { token, ...(confirm === undefined ? {} : { confirm }) });
  await engine.jobs.idle();
  return id;
}
async function undone(id: string): Promise<string> {
  const undo = await engine.ok<{ id: string }>('bulk.undo', { job: id });
  await engine.jobs.idle();
  return undo.id;
}
const table = () => engine.ctx.db.selectFrom('profiles').selectAll().orderBy('id').execute();
const plain = async () => (await table()).map((row) => ({ ...row, last_event: '', last_event_at: 0 }));
const events = () => engine.ctx.db.selectFrom('activation_events').select(['profile_id', 'stage', 'source', 'text', 'actor', 'order_id', 'code']).orderBy('profile_id').orderBy('id').execute();
const records = async () => (await engine.ctx.db.selectFrom('audit').select(['object_id', 'record']).where('event', '=', 'profile.state_changed').orderBy('object_id').orderBy('seq').execute())
  .map((row) => ({ id: row.object_id, fields: (JSON.parse(row.record) as { fields: unknown }).fields }));

const actions: Record<string, BulkAction> = {
  hold: { do: 'hold', until: testNow + 5 * DAY, for: 'Ana' }, releaseHold: { do: 'releaseHold' }, quarantine: { do: 'quarantine', reason: 'a test' },
  unquarantine: { do: 'unquarantine', reason: 'it was found' }, retire: { do: 'retire', reason: 'the end' },
};
const single: Record<string, (iccid: string) => [string, object]> = {
  hold: (iccid) => ['profiles.hold', { iccid, until: testNow + 5 * DAY, for: 'Ana', reason: 'whatever' }], releaseHold: (iccid) => ['profiles.releaseHold', { iccid, reason: 'whatever' }],
  quarantine: (iccid) => ['profiles.quarantine', { iccid, reason: 'a test' }], unquarantine: (iccid) => ['profiles.unquarantine', { iccid, reason: 'it was found' }],
  retire: (iccid) => ['profiles.retire', { iccid, reason: 'the end' }],
};
/** A hold keeps the reason it was given one by one; bulk work gives none. */
const sameRow = (row: object) => ({ ...row, last_event: '', stock_reason: (row as { stock_state: string }).stock_state === 'held' || (row as { stock_state: string }).stock_state === 'sellable' ? null : (row as { stock_reason: string }).stock_reason });

describe('a bulk action', () => {
  it.each(Object.keys(actions))('%s leaves rows, timeline and audit as the same action one by one does', async (name) => {
    engine = await inventoryEngine();
    const stock = await fill(engine, 250, 31);
    const before = await previewed({ filter: {} }, actions[name]!);
    const id = await carriedOut({ filter: {} }, actions[name]!, before.confirm);
    const after = { rows: (await table()).map(sameRow), stages: (await events()).map(({ text: _text, ...event }) => event), audit: (await records()).map(({ id: object, fields }) => ({ id: object, fields: { ...(fields as object), reason: undefined } })) };
    expect(await job(id)).toMatchObject({ done: before.willChange + before.unchanged, rejected: before.refused, total: 250, state: before.refused > 0 ? 'partly-failed' : 'done' });
    expect(await recount(engine.ctx.reader)).toEqual([]);
    const views = await engine.ok<{ counts: object }>('bulk.show', { job: id });
    expect(views.counts).toEqual({ changed: before.willChange, unchanged: before.unchanged, refused: before.refused, waiting: 0 });
    await engine.close();

    engine = await inventoryEngine();
    await fill(engine, 250, 31);
    let changed = 0;
    for (const profile of [...stock].sort((a, b) => b.created - a.created || b.id - a.id)) changed += (await engine.call(...single[name]!(profile.iccid))).ok ? 1 : 0;
    expect(changed).toBe(before.willChange);
    expect(after.rows).toEqual((await table()).map(sameRow));
    expect(after.stages).toEqual((await events()).map(({ text: _text, ...event }) => event));
    expect(after.audit).toEqual((await records()).map(({ id: object, fields }) => ({ id: object, fields: { ...(fields as object), reason: undefined } })));
  });

  it('says beforehand how many will change and why the others will not', async () => {
    engine = await inventoryEngine();
    const stock = await fill(engine, 300, 5);
    const held = await previewed({ filter: { type: 'beta' } }, actions['hold']!);
    const sellable = stock.filter((p) => p.type === 'beta' && p.stock === 'sellable' && p.order === 'available');
    expect(held).toMatchObject({ willChange: sellable.length, matching: stock.filter((p) => p.type === 'beta').length, irreversible: false });
    expect(held.willChange + held.unchanged + held.refused).toBe(held.matching);
    expect(held.refusedByReason.reduce((sum, one) => sum + one.count, 0)).toBe(held.refused);
    for (const { sample } of held.refusedByReason) expect(sample.length).toBeGreaterThan(0);
    // The same by rows as by groups.
    const byRows = await previewed({ filter: { type: 'beta', where: [{ field: 'iccid', op: 'begins', values: ['89'] }] } }, actions['hold']!);
    const counts = ({ matching, willChange, unchanged, refused, refusedByReason }: Previewed) => ({ matching, willChange, unchanged, refused, reasons: refusedByReason.map((one) => [one.reason, one.count]).sort() });
    expect(counts(byRows)).toEqual(counts(held));
    const without = await previewed({ filter: { type: 'beta' }, except: sellable.slice(0, 2).map((p) => p.iccid) }, actions['hold']!);
    expect(without.willChange).toBe(held.willChange - 2);
  });

  it('is refused without preview, twice, with a wrong number, or for nothing', async () => {
    engine = await inventoryEngine();
    await fill(engine, 60, 6);
    expect(await engine.refused('bulk.start', { token: 'pv_none' })).toMatchObject({ code: 'PREVIEW_EXPIRED' });
    const retire = await previewed({ filter: {} }, actions['retire']!);
    expect(retire).toMatchObject({ irreversible: true, confirm: retire.willChange });
    expect(await engine.refused('bulk.start', { token: retire.token })).toMatchObject({ code: 'CONFIRMATION_WRONG' });
    expect(await engine.refused('bulk.start', { token: retire.token, confirm: retire.willChange - 1 })).toMatchObject({ code: 'CONFIRMATION_WRONG' });
    const nothing = await previewed({ filter: { stock: ['retired'] } }, actions['retire']!);
    expect(await engine.refused('bulk.start', { token: nothing.token, confirm: 0 })).toMatchObject({ code: 'NOTHING_TO_DO' });
    expect(await engine.refused('bulk.preview', { selection: { filter: {} }, action: { do: 'hold', until: testNow - 1 } })).toMatchObject({ code: 'DATE_INVALID' });
    engine.clock.advance(31 * 60_000);
    expect(await engine.refused('bulk.start', { token: retire.token, confirm: retire.willChange })).toMatchObject({ code: 'PREVIEW_EXPIRED' });
  });

  it('is carried out once for a preview, whatever became of the job, and a repeated command gets its first answer', async () => {
    engine = await inventoryEngine();
    await fill(engine, 20, 3);
    const { token } = await previewed({ filter: {} }, { do: 'note', text: 'once' });
    const first = await engine.ok('bulk.start', { token }, { commandId: 'bulk-note-0001' });
    await engine.jobs.idle();
    expect(await engine.ok('bulk.start', { token }, { commandId: 'bulk-note-0001' })).toEqual(first);
    expect(await engine.refused('bulk.start', { token })).toMatchObject({ code: 'PREVIEW_USED' });

    const hold = await previewed({ filter: {} }, actions['hold']!);
    const { id } = await engine.ok<{ id: string }>('bulk.start', { token: hold.token });
    await engine.ok('jobs.cancel', { id });
    expect(await engine.refused('bulk.start', { token: hold.token })).toMatchObject({ code: 'PREVIEW_USED' });
    await engine.jobs.idle();
    expect(await engine.ctx.db.selectFrom('bulks').select('job_id').execute()).toHaveLength(2);
  });

  it('leaves alone what came in after the preview, and ends for good no more than was confirmed', async () => {
    engine = await inventoryEngine();
    const stock = await fill(engine, 80, 8);
    const { token, willChange } = await previewed({ filter: {} }, actions['quarantine']!);
    await engine.ctx.db.insertInto('profiles').values({ iccid: '8988211099999999999', iccid_rev: '9', imsi: '001019999999999', imsi_rev: '9', type_id: 1, template_id: 1, order_state: 'available', network_state: 'absent', stock_state: 'sellable', device_state: 'unknown', created_at: testNow + 1, last_event_at: testNow + 1 } as never).execute();
    const started = await engine.ok<{ id: string }>('bulk.start', { token });
    await engine.jobs.idle();
    expect((await engine.ok<{ counts: { changed: number } }>('bulk.show', { job: started.id })).counts.changed).toBe(willChange);
    expect((await engine.ok<{ state: { stock: string } }>('profiles.show', { id: '8988211099999999999' })).state.stock).toBe('sellable');
    expect(stock).toHaveLength(80);
  });

  it('labels and notes, where the label is not there yet', async () => {
    engine = await inventoryEngine();
    const stock = await fill(engine, 120, 9);
    const hot = stock.filter((p) => p.labels.includes('hot'));
    const add = await previewed({ filter: {} }, { do: 'addLabel', label: 'hot' });
    expect(add).toMatchObject({ willChange: 120 - hot.length, unchanged: hot.length });
    const id = await carriedOut({ filter: {} }, { do: 'addLabel', label: 'hot' });
    const labelled = async () => (await engine.ok<{ rows: { name: string; profiles: number }[] }>('labels.list', {})).rows.find((one) => one.name === 'hot')!.profiles;
    expect(await labelled()).toBe(120);
    await undone(id);
    expect(await labelled()).toBe(hot.length);
    const removed = await carriedOut({ filter: {} }, { do: 'removeLabel', label: 'hot' });
    expect(await labelled()).toBe(0);
    await undone(removed);
    expect(await labelled()).toBe(hot.length);
    const noted = await carriedOut({ iccids: stock.slice(0, 3).map((p) => p.iccid) }, { do: 'note', text: 'looked at' });
    expect((await engine.ok<{ rows: { text: string }[] }>('profiles.notes', { iccid: stock[1]!.iccid })).rows[0]!.text).toBe('looked at');
    expect(await engine.refused('bulk.undo', { job: noted })).toMatchObject({ code: 'NOT_REVERSIBLE' });
  });
});

describe('taking back', () => {
  it('restores every row that nothing has happened to since', async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom('hold', 'releaseHold', 'quarantine', 'unquarantine'), fc.integer({ min: 1, max: 10_000 }), async (name, seed) => {
      engine = await inventoryEngine();
      await fill(engine, 120, seed);
      const before = await plain();
      const id = await carriedOut({ filter: {} }, actions[name]!).catch((error: Error) => (/NOTHING_TO_DO/.test(error.message) ? undefined : Promise.reject(error)));
      if (id !== undefined) {
        const touched = await plain();
        const undo = await undone(id);
        const after = await plain();
        const refused = new Set((await job(undo)).errors.map((one) => one.found));
        for (const [n, row] of after.entries()) {
          // What could not be led back says so and stays as the action left it.
          const expected = refused.has(row.iccid) ? touched[n] : before[n];
          expect({ ...row, stock_reason: null, held_for: null }).toEqual({ ...expected, stock_reason: null, held_for: null });
        }
        expect(await engine.refused('bulk.undo', { job: id })).toMatchObject({ code: 'ALREADY_UNDONE' });
        expect(await engine.refused('bulk.undo', { job: undo })).toMatchObject({ code: 'NOT_REVERSIBLE' });
        expect(await recount(engine.ctx.reader)).toEqual([]);
      }
      await engine.close();
    }), { numRuns: 5, seed: 4 });
    engine = await inventoryEngine();
  });

  it('leaves a row that was changed since, and says so', async () => {
    engine = await inventoryEngine();
    const stock = await fill(engine, 400, 12);
    const free = stock.filter((p) => p.stock === 'sellable' && p.order === 'available' && p.delivered === undefined && p.secrets === 'sealed');
    const iccids = free.map((p) => p.iccid);
    expect(iccids.length).toBeGreaterThan(1);
    const id = await carriedOut({ iccids }, actions['hold']!);
    await engine.ok('profiles.releaseHold', { iccid: iccids[0]!, reason: 'sooner' });
    const undo = await undone(id);
    expect(await job(undo)).toMatchObject({ rejected: 1, errors: [{ code: 'CHANGED_SINCE', found: iccids[0] }] });
    const rows = await engine.ok<{ rows: { iccid: string; outcome: string; undone?: boolean }[] }>('bulk.rows', { job: id });
    expect(rows.rows.filter((row) => row.undone).map((row) => row.iccid).sort()).toEqual(iccids.slice(1).sort());
  });

  it('is not possible for what ends for good', async () => {
    engine = await inventoryEngine();
    await fill(engine, 40, 13);
    const { willChange } = await previewed({ filter: {} }, actions['retire']!);
    const id = await carriedOut({ filter: {} }, actions['retire']!, willChange);
    expect(await engine.refused('bulk.undo', { job: id })).toMatchObject({ code: 'NOT_REVERSIBLE' });
    expect((await engine.ok<{ undo: { possible: boolean; why: string } }>('bulk.show', { job: id })).undo).toMatchObject({ possible: false, why: expect.stringContaining('secrets') });
  });
});

describe('stopping', () => {
  it('keeps what is done, leaves the rest, and what is done can be taken back', async () => {
    engine = await inventoryEngine();
    const stock: Known[] = await fill(engine, 4_000, 21);
    const { token, willChange } = await previewed({ filter: {} }, actions['quarantine']!);
    const { id } = await engine.ok<{ id: string }>('bulk.start', { token });
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const { counts } = await engine.ok<{ counts: { changed: number } }>('bulk.show', { job: id });
      if (counts.changed > 0) break;
    }
    expect(await engine.refused('bulk.undo', { job: id })).toMatchObject({ code: 'JOB_RUNNING' });
    await engine.ok('jobs.cancel', { id });
    await engine.jobs.idle();
    const { counts } = await engine.ok<{ counts: { changed: number; waiting: number } }>('bulk.show', { job: id });
    expect(counts.changed).toBeGreaterThan(0);
    expect(counts.changed).toBeLessThan(willChange);
    expect(counts.waiting).toBeGreaterThan(0);
    const quarantined = (await table()).filter((row) => row.stock_state === 'quarantined').length;
    expect(quarantined).toBe(counts.changed + stock.filter((p) => p.stock === 'quarantined').length);
    await undone(id);
    expect((await engine.ok<{ undo: { job?: string } }>('bulk.show', { job: id })).undo.job).toBeDefined();
  });

  it('of the engine in the middle repeats and skips nothing', async () => {
    engine = await inventoryEngine();
    await fill(engine, 3_000, 22);
    const { token, willChange, matching } = await previewed({ filter: {} }, actions['quarantine']!);
    const { id } = await engine.ok<{ id: string }>('bulk.start', { token });
    for (let stop = 0; stop < 3; stop++) {
      for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve));
      const folder = engine;
      engine = await folder.reopen();
      await engine.jobs.recover();
      engine.jobs.wake();
    }
    await engine.jobs.idle();
    expect((await engine.ok<{ counts: object }>('bulk.show', { job: id })).counts).toMatchObject({ changed: willChange, waiting: 0 });
    const seen = await engine.ctx.db.selectFrom('bulk_rows').select((e) => [e.fn.countAll<number>().as('n'), e.fn.count<number>('profile_id').distinct().as('profiles')]).where('job_id', '=', id).executeTakeFirstOrThrow();
    expect(seen).toEqual({ n: matching, profiles: matching });
    const twice = await engine.ctx.db.selectFrom('activation_events').select('profile_id').where('stage', '=', 'quarantined').groupBy('profile_id').having((e) => e.fn.countAll(), '>', 1).execute();
    expect(twice).toEqual([]);
  });
});
