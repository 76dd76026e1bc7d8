import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { DeskProblem } from '../../../src/main/engine/context.ts';
import { type JobKind, startJob, wakeJobs } from '../../../src/main/engine/jobs/index.ts';
import { type JobEvent, type JobState, jobTable, nextJobState } from '../../../src/main/engine/jobs/rules.ts';
import { areaProcedures } from '../../../src/main/engine/areas.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { VaultError } from '../../../src/main/vault-link/operations.ts';
import { openTestEngine, type TestEngine } from '../../support/engine.ts';

interface Params { readonly units: number; readonly failAt?: number }
interface Progress { readonly next: number }

let engine: TestEngine;
/** Runs at every unit; may pause, cancel, throw. */
let hook: (n: number, id: string) => Promise<void> | void = () => undefined;
let running = 0;
let mostAtOnce = 0;
const ended: string[] = [];

const counting = (kind: string): JobKind<Params, Progress> => ({
  kind,
  title: (p) => `${p.units} units`,
  total: (_ctx, p) => p.units,
  async unit(_ctx, job) {
    const n = job.progress?.next ?? 0;
    mostAtOnce = Math.max(mostAtOnce, ++running);
    try {
      await hook(n, job.id);
    } finally {
      running -= 1;
    }
    if (job.params.failAt === n) throw new DeskProblem('UNIT_BROKEN', 'unit is broken');
    return {
      // The primary key makes a repeated unit fail loudly.
      commit: async (tx) => { await tx.insertInto('meta').values({ key: `unit.${job.id}.${n}`, value: job.call.actor }).execute(); },
      done: 1, progress: { next: n + 1 }, finished: n + 1 >= job.params.units,
      ...(n === 2 ? { rejected: 1, errors: [{ row: 3, column: 'iccid', code: 'ICCID_INVALID', message: 'bad', found: '12' }] } : {}),
    };
  },
  async ended(_tx, _ctx, job) { ended.push(job.state); },
});

const start = async () => {
  engine = await openTestEngine({ procedures: areaProcedures(), jobKinds: [counting('count'), counting('other')] });
};
const begin = async (params: Params, kind = 'count') => {
  const view = await write(engine.ctx, (tx) => startJob(tx, engine.ctx, counting(kind), params, engine.as()));
  wakeJobs(engine.ctx);
  return view.id;
};
const units = async (id: string) => (await engine.ctx.db.selectFrom('meta').select('key').where('key', 'like', `unit.${id}.%`).execute()).length;
afterEach(async () => {
  hook = () => undefined;
  mostAtOnce = 0;
  ended.length = 0;
  await engine.close();
});

describe('a job', () => {
  it('does all units once and keeps its errors', async () => {
    await start();
    const id = await begin({ units: 10 });
    await engine.jobs.idle();
    expect(await units(id)).toBe(10);
    expect(await engine.ok('jobs.show', { id })).toMatchObject({ state: 'done', done: 10, total: 10, rejected: 1, actor: 'local:tester', errors: [{ row: 3, column: 'iccid', found: '12' }] });
    expect(ended).toEqual(['done']);
  });
  it.each(['SQLITE_FULL', 'ENOSPC'])('waits as paused when the disk is full (%s), and does the same unit when it is resumed', async (code) => {
    await start();
    let full = true;
    hook = (n) => {
      if (n !== 4 || !full) return;
      full = false;
      throw Object.assign(new Error('no room'), { code });
    };
    const id = await begin({ units: 10 });
    await engine.jobs.idle();
    expect(await engine.ok('jobs.show', { id })).toMatchObject({ state: 'paused', done: 4, message: 'The disk of the workspace is full. Make room and resume the job.', actions: ['resume', 'cancel'] });
    expect(ended).toEqual([]);
    await engine.ok('jobs.resume', { id });
    await engine.jobs.idle();
    expect(await engine.ok('jobs.show', { id })).toMatchObject({ state: 'done', done: 10 });
    expect(await units(id)).toBe(10);
  });

  it('pauses after the unit in hand and goes on where it was', async () => {
    await start();
    hook = async (n, id) => { if (n === 4) await engine.ok('jobs.pause', { id }); };
    const id = await begin({ units: 10 });
    await engine.jobs.idle();
    expect(await engine.ok('jobs.show', { id })).toMatchObject({ state: 'paused', done: 5 });
    expect(await engine.refused('jobs.pause', { id })).toMatchObject({ code: 'TRANSITION_REFUSED' });
    hook = () => undefined;
    await engine.ok('jobs.resume', { id });
    await engine.jobs.idle();
    expect(await engine.ok('jobs.show', { id })).toMatchObject({ state: 'done', done: 10 });
    expect(await units(id)).toBe(10);
  });
  it('cancels after the unit in hand; what is done stays', async () => {
    await start();
    hook = async (n, id) => { if (n === 4) await engine.ok('jobs.cancel', { id }); };
    const id = await begin({ units: 10 });
    await engine.jobs.idle();
    expect(await engine.ok('jobs.show', { id })).toMatchObject({ state: 'cancelled', done: 5, finishedAt: expect.any(Number) });
    expect(await units(id)).toBe(5);
    expect(ended).toEqual(['cancelled']);
    expect(await engine.refused('jobs.resume', { id })).toMatchObject({ code: 'TRANSITION_REFUSED' });
  });
  it('fails with its sentence and its unit rolled back', async () => {
    await start();
    const id = await begin({ units: 10, failAt: 3 });
    await engine.jobs.idle();
    expect(await engine.ok('jobs.show', { id })).toMatchObject({ state: 'failed', done: 3, message: 'UNIT_BROKEN: unit is broken' });
    expect(ended).toEqual(['failed']);
  });
  it('an unexpected error fails it without telling its text', async () => {
    await start();
    hook = (n) => { if (n === 1) throw new Error('/secret/path'); };
    const id = await begin({ units: 3 });
    await engine.jobs.idle();
    const shown = await engine.ok<{ message: string }>('jobs.show', { id });
    expect(shown).toMatchObject({ state: 'failed', message: expect.stringContaining('INTERNAL') });
    expect(shown.message).not.toContain('secret');
  });
  it('waits for a vault that is away', async () => {
    await start();
    let away = 2;
    hook = () => { if (away-- > 0) throw new VaultError('VAULT_UNAVAILABLE', 'away'); };
    const id = await begin({ units: 3 });
    await engine.jobs.idle();
    expect(await engine.ok('jobs.show', { id })).toMatchObject({ state: 'done', done: 3 });
  });
  it('goes on after a crash from its last commit, nothing twice', async () => {
    await start();
    const id = await begin({ units: 6 });
    await engine.jobs.idle();
    // As a crash in the middle leaves it.
    engine.ctx.sqlite.prepare(`update jobs set state = 'running', done = 3, progress = '{"progress":{"next":3}}', finished_at = null where id = ?`).run(id);
    engine.ctx.sqlite.prepare(`delete from meta where key in (?, ?, ?)`).run(`unit.${id}.3`, `unit.${id}.4`, `unit.${id}.5`);
    engine = await engine.reopen();
    expect(await engine.jobs.recover()).toBe(1);
    wakeJobs(engine.ctx);
    await engine.jobs.idle();
    expect(await engine.ok('jobs.show', { id })).toMatchObject({ state: 'done', done: 6 });
    expect(await units(id)).toBe(6);
  });
  it('of the same kind waits for the one before; another kind runs beside it', async () => {
    await start();
    const order: string[] = [];
    hook = async (_n, id) => { order.push(id); await new Promise((done) => setImmediate(done)); };
    const first = await begin({ units: 5 });
    const second = await begin({ units: 5 });
    await engine.jobs.idle();
    expect(mostAtOnce).toBe(1);
    expect(order.lastIndexOf(first) < order.indexOf(second) || order.lastIndexOf(second) < order.indexOf(first)).toBe(true);
    await Promise.all([begin({ units: 5 }), begin({ units: 5 }, 'other')]);
    await engine.jobs.idle();
    expect(mostAtOnce).toBe(2);
  });
  it('stops between units when the engine closes, and is still running in the database', async () => {
    await start();
    let reached: () => void;
    const third = new Promise<void>((done) => { reached = done; });
    hook = (n) => { if (n === 3) reached(); };
    const id = await begin({ units: 1000 });
    await third;
    await engine.jobs.stop();
    const row = await engine.ctx.db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect(row.state).toBe('running');
    expect(row.done).toBe(await units(id));
    expect(row.done).toBeLessThan(1000);
  });
  it('may be woken before its transaction is committed', async () => {
    await start();
    const id = await write(engine.ctx, async (tx) => {
      const view = await startJob(tx, engine.ctx, counting('count'), { units: 3 }, engine.as());
      wakeJobs(engine.ctx);
      return view.id;
    });
    await engine.jobs.idle();
    expect(await engine.ok('jobs.show', { id })).toMatchObject({ state: 'done', done: 3 });
  });
  it('is not known', async () => {
    await start();
    for (const p of ['jobs.show', 'jobs.pause', 'jobs.resume', 'jobs.cancel']) expect(await engine.refused(p, { id: 'none' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await engine.ok('jobs.list', {})).toEqual({ rows: [] });
  });
});

describe('the state table', () => {
  it('leads nowhere out of an ended state, whatever comes', async () => {
    await start();
    const events = [...new Set(jobTable.map((t) => t.event))];
    fc.assert(fc.property(fc.array(fc.constantFrom<JobEvent>(...events), { maxLength: 30 }), (list) => {
      let state: JobState = 'queued';
      let over = false;
      for (const event of list) {
        const next = nextJobState(state, event);
        if (over) expect(next).toBeUndefined();
        state = next ?? state;
        over = state === 'done' || state === 'failed' || state === 'cancelled';
      }
    }));
  });
});
