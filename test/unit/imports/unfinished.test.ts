/** Profiles of an import that is being written or taken back are listed and counted, and nothing can take them: their numbers must come back. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { areaJobKinds, areaProcedures } from '../../../src/main/engine/areas.ts';
import { recoverImports } from '../../../src/main/engine/imports/index.ts';
import type { JobView } from '../../../src/shared/contract/profiles.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { transition } from '../../../src/main/engine/profiles/index.ts';
import type { TestEngine } from '../../support/engine.ts';
import { testNow } from '../../support/engine.ts';
import { checked, commit, csv, iccid, importEngine, imsi, row, rowsOf } from './support.ts';

let engine: TestEngine;
const DONE = 4;
const RUNNING = 6;
const file = (count: number, from: number): Buffer => csv(['iccid,imsi,ki,opc', ...Array.from({ length: count }, (_, i) => row(from + i))]);
const setState = (state: 'done' | 'running') => engine.ctx.db.updateTable('imports').set({ state }).where('file_name', '=', 'half.csv').execute();

/** Four profiles of a finished import, and six of one that is as the middle of its writing leaves it. */
beforeEach(async () => {
  engine = await importEngine({ procedures: areaProcedures(), jobKinds: areaJobKinds() });
  await commit(engine, (await checked(engine, file(DONE, 1))).id);
  await commit(engine, (await checked(engine, file(RUNNING, 100), { fileName: 'half.csv' })).id);
  await setState('running');
});
afterEach(() => engine.close());

interface Previewed { matching: number; willChange: number; refused: number; refusedByReason: { reason: string; count: number; sample: string[] }[]; sample: string[]; token: string; confirm?: number }
const previewed = (selection: object, action: object) => engine.ok<Previewed>('bulk.preview', { selection, action });
const shown = (id: string) => engine.ok<JobView & { errors: { code: string; iccid: string }[] }>('jobs.show', { id });
const actions = {
  quarantine: { do: 'quarantine', reason: 'a test' }, retire: { do: 'retire', reason: 'the end' }, note: { do: 'note', text: 'look' }, addLabel: { do: 'addLabel', label: 'hot' },
};
const half = Array.from({ length: RUNNING }, (_, n) => iccid(100 + n));
const selections = { 'by groups': { filter: {} }, 'row by row': { filter: { where: [{ field: 'iccid', op: 'begins', values: ['89'] }] } }, picked: { iccids: [...half, ...[1, 2, 3, 4].map((n) => iccid(n))] } };

describe('profiles of an import that is not finished', () => {
  it('are counted, and refused by every single action', async () => {
    expect(await engine.ok('profiles.count', { filter: {} })).toMatchObject({ count: DONE + RUNNING });
    const one = { iccid: half[0]!, reason: 'whatever' };
    const calls: [string, object][] = [
      ['profiles.quarantine', one], ['profiles.retire', one], ['profiles.hold', { ...one, until: testNow + 86_400_000 }], ['profiles.releaseHold', one], ['profiles.unquarantine', one],
      ['profiles.addNote', { iccid: half[0]!, text: 'look' }], ['profiles.label', { iccid: half[0]!, add: ['hot'] }],
    ];
    for (const [name, input] of calls) expect(await engine.refused(name, input), name).toMatchObject({ code: 'IMPORT_UNFINISHED', message: `The profile ${half[0]!} belongs to the import of half.csv, which is still being written or taken back: nothing can be done with it until that is over.` });
    expect(await engine.refused('orders.create', { iccid: half[0]! })).toMatchObject({ code: 'PROFILE_NOT_AVAILABLE', message: expect.stringContaining('its import is still being written') as string });
    const { id } = (await rowsOf(engine)).find((each) => each.iccid === half[0]!)!;
    await expect(write(engine.ctx, (tx) => transition(tx, engine.ctx, id, { name: 'prepare', at: testNow, source: 'system', text: 'x' }, { actor: 'a', host: 'engine', correlationId: 'c' }))).rejects.toMatchObject({ code: 'IMPORT_UNFINISHED' });
    expect(await engine.ok('preparation.preview', { type: 'Sample', count: 10, source: 'stock' })).toMatchObject({ checks: expect.arrayContaining([expect.objectContaining({ id: 'numbers', state: 'blocker', sentence: '6 of 10 are missing: only 4 imported.' })]) as unknown });
    expect((await rowsOf(engine)).every((each) => each.stock_state === 'imported')).toBe(true);
  });

  it.each(Object.entries(selections).flatMap(([way, selection]) => Object.entries(actions).map(([name, action]) => [name, way, selection, action] as const)))(
    'are passed over by %s in bulk, %s, and counted so before', async (name, _way, selection, action) => {
      const before = await previewed(selection, action);
      expect(before).toMatchObject({ matching: DONE + RUNNING, willChange: DONE, refused: RUNNING, refusedByReason: [{ reason: 'its import is still being written or taken back', count: RUNNING }] });
      expect(before.refusedByReason[0]!.sample.every((each) => half.includes(each))).toBe(true);
      expect(before.refusedByReason[0]!.sample).toHaveLength(3);
      expect(before.sample.some((each) => half.includes(each))).toBe(false);
      const { id } = await engine.ok<JobView>('bulk.start', { token: before.token, ...(before.confirm === undefined ? {} : { confirm: before.confirm }) });
      await engine.jobs.idle();
      const job = await shown(id);
      expect(job).toMatchObject({ state: 'partly-failed', done: DONE, rejected: RUNNING, total: DONE + RUNNING, message: '4 changed, 0 already so, 6 refused' });
      expect(job.errors.map((one) => one.code)).toEqual(half.map(() => 'IMPORT_UNFINISHED'));
      expect(job.errors.map((one) => one.iccid).sort()).toEqual([...half].sort());
      expect((await engine.ok<{ counts: object }>('bulk.show', { job: id })).counts).toEqual({ changed: DONE, unchanged: 0, refused: RUNNING, waiting: 0 });
      const states = (await rowsOf(engine)).map((each) => each.stock_state);
      const ended = name === 'quarantine' ? 'quarantined' : name === 'retire' ? 'retired' : 'imported';
      expect(states).toEqual([...Array.from({ length: DONE }, () => ended), ...half.map(() => 'imported')]);
      const marked = await engine.ctx.db.selectFrom(name === 'note' ? 'profile_notes' : 'profile_labels').select('profile_id').execute();
      expect(marked).toHaveLength(name === 'note' || name === 'addLabel' ? DONE : 0);
    });

  it('that are left out of a selection are not counted as refused', async () => {
    expect(await previewed({ filter: {}, except: half.slice(0, 2) }, actions.quarantine)).toMatchObject({ matching: DONE + RUNNING - 2, willChange: DONE, refused: RUNNING - 2 });
  });

  it('are passed over also where bulk work had written them down before', async () => {
    await setState('done');
    const { token } = await previewed({ iccids: half }, actions.quarantine);
    engine.ctx.sqlite.exec(`create trigger later after insert on jobs begin update jobs set state = 'paused' where id = new.id; end`);
    const { id } = await engine.ok<JobView>('bulk.start', { token });
    await setState('running');
    await engine.ok('jobs.resume', { id });
    await engine.jobs.idle();
    expect((await engine.ok<{ counts: object }>('bulk.show', { job: id })).counts).toEqual({ changed: 0, unchanged: 0, refused: RUNNING, waiting: 0 });
    expect((await rowsOf(engine)).every((each) => each.stock_state === 'imported')).toBe(true);
  });

  it('and that are taken back leave numbers that come in again', async () => {
    const { confirm, token } = await previewed({ filter: {} }, actions.retire);
    const { id } = await engine.ok<JobView>('bulk.start', { token, confirm });
    await engine.jobs.idle();
    expect(await shown(id)).toMatchObject({ done: DONE, rejected: RUNNING });
    await recoverImports(engine.ctx);
    engine.jobs.wake();
    await engine.jobs.idle();
    expect((await rowsOf(engine)).map((each) => each.iccid)).toEqual([1, 2, 3, 4].map((n) => iccid(n)));
    expect(await engine.ok('profiles.add', { type: 'Sample', iccid: half[0]!, imsi: imsi(100) })).toMatchObject({ iccid: half[0]! });
    const again = await checked(engine, file(RUNNING - 1, 101));
    expect(again.counts).toMatchObject({ good: RUNNING - 1, bad: 0 });
    // Those that were retired are burnt.
    expect(await engine.refused('profiles.add', { type: 'Sample', iccid: iccid(1), imsi: imsi(900) })).toMatchObject({ code: expect.any(String) as string });
  });

  it('can be changed when it is finished', async () => {
    await setState('done');
    expect(await previewed({ filter: {} }, actions.quarantine)).toMatchObject({ willChange: DONE + RUNNING, refused: 0 });
    await engine.ok('profiles.quarantine', { iccid: half[0]!, reason: 'whatever' });
  });
});
