/** Runs queued jobs, one at a time per kind, unit by unit; what a unit did and the job's row commit together. */
import { setImmediate } from 'node:timers/promises';
import { DeskProblem, type EngineContext, type Tx } from '../context.ts';
import { toProblem } from '../router/problems.ts';
import { outsideWrite, write } from '../store/index.ts';
import { isDiskFull } from './disk-room.ts';
import { callOf, type JobKind, type JobPicture, type JobRecord, type StoredParams } from './kinds.ts';
import type { JobLive, JobRow } from './records.ts';
import { noteErrors } from './records.ts';
import { isUnstoppable } from './rules.ts';

export interface JobRunner {
  /** Looks for queued jobs. */
  wake(): void;
  /** Puts jobs a crash left `running` back to `queued`, and those that repair also from `paused`; answers how many. Before the first `wake`. */
  recover(): Promise<number>;
  /** Takes no further unit; resolves when none is in hand. Jobs stay `running` and go on at the next start. */
  stop(): Promise<void>;
  /** Units per second over the last seconds, and what it waits for. */
  live(id: string): JobLive;
  /** Steps of a job as its kind sees them. */
  describe(row: JobRow): Promise<JobPicture>;
  /** Tells the kind that its job ended by an operator's decision: in that transaction, or after the unit in hand. */
  ended(tx: Tx, row: JobRow, state: 'cancelled'): Promise<void>;
  /** Resolves when nothing is queued or running. */
  idle(): Promise<void>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- a registry of kinds with different parameters
export type AnyKind = JobKind<any, any>;

/** Errors kept of one job; the count goes on. */
const keptErrors = 10_000;
const rateWindow = 5_000;
/** Refusals after which a job can go on when somebody has seen to the cause. */
const pausing: ReadonlySet<string> = new Set(['DISK_LOW']);
const noRoom = 'The disk of the workspace is full; the job goes on by itself when there is room.';
const diskFull = 'The disk of the workspace is full. Make room and resume the job.';

export function createJobRunner(ctx: EngineContext, kinds: readonly AnyKind[]): JobRunner {
  const table = new Map(kinds.map((k) => [k.kind, k]));
  const active = new Map<string, Promise<void>>();
  const samples = new Map<string, { at: number; units: number }[]>();
  const waiting = new Map<string, string>();
  /** Jobs in hand, and those of them that were cancelled: their kind hears of it when the unit in hand is written. */
  const inHand = new Set<string>();
  const endLater = new Set<string>();
  let stopping = false;
  let looking: Promise<void> | undefined;
  let again = false;

  const note = (id: string, units: number) => {
    const now = performance.now();
    const list = (samples.get(id) ?? []).filter((s) => now - s.at < rateWindow);
    list.push({ at: now, units });
    samples.set(id, list);
  };

  function live(id: string): JobLive {
    const waitingFor = waiting.get(id);
    const list = samples.get(id) ?? [];
    const span = list.length < 2 ? 0 : list[list.length - 1]!.at - list[0]!.at;
    return {
      ...(span <= 0 ? {} : { rate: list.slice(1).reduce((sum, s) => sum + s.units, 0) / (span / 1000) }),
      ...(waitingFor === undefined ? {} : { waitingFor }),
    };
  }

  async function look(): Promise<void> {
    const queued = await ctx.db.selectFrom('jobs').select(['id', 'kind']).where('state', '=', 'queued').orderBy('created_at').orderBy('id').execute();
    for (const { id, kind } of queued) {
      if (stopping || active.has(kind)) continue;
      const found = table.get(kind);
      if (!found) continue;
      inHand.add(id);
      const run = runJob(id, found).then(() => leave(id, found)).catch((error: unknown) => ctx.log.error('job runner', { jobId: id, error })).finally(() => {
        inHand.delete(id);
        endLater.delete(id);
        active.delete(kind);
        samples.delete(id);
        waiting.delete(id);
        wake();
      });
      active.set(kind, run);
    }
  }

  function wake(): void {
    if (stopping) return;
    if (looking) {
      again = true;
      return;
    }
    looking = outsideWrite(look).catch((error: unknown) => ctx.log.error('looking for jobs', { error })).finally(() => {
      looking = undefined;
      if (again) {
        again = false;
        wake();
      }
    });
  }

  async function runJob(id: string, kind: AnyKind): Promise<void> {
    const started = await withRoom(id, () => ctx.db.updateTable('jobs').set((e) => ({ state: 'running', started_at: e.fn.coalesce('started_at', e.val(ctx.clock.now())) }))
      .where('id', '=', id).where('state', '=', 'queued').returningAll().executeTakeFirst());
    if (!started) return;
    ctx.changed('jobs');
    for (;;) {
      if (stopping) return;
      const row = await ctx.db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
      if (row?.state !== 'running') return;
      try {
        if (await oneUnit(row, kind)) return;
      } catch (error) {
        const problem = toProblem(error);
        // The vault comes back by itself: the job waits for it instead of failing.
        if (problem?.code === 'VAULT_UNAVAILABLE') {
          await wait(id, 'The vault is away; the job goes on by itself when it is back.');
          continue;
        }
        if (isDiskFull(error) && isUnstoppable(kind.kind)) {
          await wait(id, noRoom);
          continue;
        }
        if (!problem) ctx.log.error('job failed', { jobId: id, error });
        // Nothing of the unit was written: it is done again when the job is resumed.
        const pause = isDiskFull(error) ? diskFull : problem && pausing.has(problem.code) ? problem.message : undefined;
        if (pause !== undefined) await withRoom(id, () => ctx.db.updateTable('jobs').set({ state: 'paused', message: pause }).where('id', '=', id).where('state', '=', 'running').execute());
        else await withRoom(id, () => fail(row, kind, problem ?? new DeskProblem('INTERNAL', 'The job met an unexpected error; the log holds it under the job id')));
        ctx.changed('jobs');
        return;
      }
      await setImmediate();
    }
  }

  async function wait(id: string, why: string): Promise<void> {
    waiting.set(id, why);
    ctx.changed('jobs');
    await new Promise((done) => setTimeout(done, 500));
  }

  /** Even to say that the disk is full takes room: until there is some, the job waits. Undefined when the engine stops before. */
  async function withRoom<T>(id: string, change: () => Promise<T>): Promise<T | undefined> {
    for (;;) {
      try {
        return await change();
      } catch (error) {
        if (!isDiskFull(error)) throw error;
        if (stopping) return undefined;
        await wait(id, noRoom);
      }
      if (stopping) return undefined;
    }
  }

  /** No unit of it is in hand any more: what its cancelling asked for is done now. */
  async function leave(id: string, kind: AnyKind): Promise<void> {
    inHand.delete(id);
    if (!endLater.delete(id)) return;
    await withRoom(id, () => write(ctx, async (tx) => {
      const row = await tx.selectFrom('jobs').selectAll().where('id', '=', id).where('state', '=', 'cancelled').executeTakeFirst();
      if (row) await tellEnd(tx, row, kind, 'cancelled');
    }));
    ctx.changed('jobs');
  }

  async function tellEnd(tx: Tx, row: JobRow, kind: AnyKind | undefined, state: 'cancelled'): Promise<void> {
    const stored = JSON.parse(row.params) as StoredParams<unknown>;
    await kind?.ended?.(tx, ctx, { id: row.id, params: stored.params, state, call: callOf(row, stored) });
  }

  async function oneUnit(row: JobRow, kind: AnyKind): Promise<boolean> {
    const stored = JSON.parse(row.params) as StoredParams<unknown>;
    const call = callOf(row, stored);
    const saved = JSON.parse(row.progress) as { progress?: unknown };
    const record: JobRecord<unknown, unknown> = { id: row.id, params: stored.params, progress: saved.progress, done: row.done, total: row.total, rejected: row.rejected, call };
    const unit = await kind.unit(ctx, record);
    waiting.delete(row.id);
    let rejected = 0;
    await write(ctx, async (tx) => {
      await unit.commit?.(tx);
      rejected = unit.rejected ?? 0;
      if (unit.errors && unit.errors.length > 0 && row.rejected < keptErrors) await noteErrors(tx, row.id, unit.errors);
      const now = await tx.selectFrom('jobs').select('state').where('id', '=', row.id).executeTakeFirstOrThrow();
      // Cancelled or paused while the unit ran: its work counts, the state stays, except that finished work is done.
      const end = unit.partly ? 'partly-failed' : 'done';
      const state = unit.finished && now.state !== 'cancelled' ? end : now.state;
      await tx.updateTable('jobs').set({
        done: row.done + unit.done, rejected: row.rejected + rejected, progress: JSON.stringify({ progress: unit.progress }), state,
        ...(unit.message === undefined ? {} : { message: unit.message }),
        ...(state === end ? { finished_at: ctx.clock.now() } : {}),
      }).where('id', '=', row.id).execute();
      if (state === end) await kind.ended?.(tx, ctx, { id: row.id, params: stored.params, state: end, call });
    });
    note(row.id, unit.done + rejected);
    ctx.changed('jobs', ...(unit.changes ?? []));
    return unit.finished;
  }

  async function fail(row: JobRow, kind: AnyKind, problem: DeskProblem): Promise<void> {
    const stored = JSON.parse(row.params) as StoredParams<unknown>;
    await write(ctx, async (tx) => {
      const changed = await tx.updateTable('jobs').set({ state: 'failed', message: `${problem.code}: ${problem.message}`, finished_at: ctx.clock.now() })
        .where('id', '=', row.id).where('state', 'in', ['running', 'paused']).returning('id').executeTakeFirst();
      if (changed) await kind.ended?.(tx, ctx, { id: row.id, params: stored.params, state: 'failed', call: callOf(row, stored) });
    });
    ctx.changed('jobs');
  }

  return {
    wake,
    async recover() {
      return write(ctx, async (tx) => {
        const found = await tx.selectFrom('jobs').selectAll().where('state', 'in', ['running', 'paused']).execute();
        const rows = found.filter((row) => row.state === 'running' || isUnstoppable(row.kind));
        for (const row of rows) {
          const kind = table.get(row.kind);
          await kind?.recover?.(tx, ctx, { id: row.id, params: (JSON.parse(row.params) as StoredParams<unknown>).params });
          await tx.updateTable('jobs').set({ state: 'queued', ...(row.state === 'paused' ? { message: null } : {}) }).where('id', '=', row.id).execute();
        }
        return rows.length;
      });
    },
    async stop() {
      stopping = true;
      await looking;
      await Promise.all(active.values());
    },
    async ended(tx, row, state) {
      if (inHand.has(row.id)) endLater.add(row.id);
      else await tellEnd(tx, row, table.get(row.kind), state);
    },
    live,
    async describe(row) {
      const stored = JSON.parse(row.params) as StoredParams<unknown>;
      const saved = JSON.parse(row.progress) as { progress?: unknown };
      return await table.get(row.kind)?.describe?.(ctx, { row, params: stored.params, progress: saved.progress, live: live(row.id) }) ?? {};
    },
    async idle() {
      for (;;) {
        await looking;
        if (active.size === 0 && !again) {
          const waiting = await ctx.db.selectFrom('jobs').select('kind').where('state', '=', 'queued').execute();
          if (!waiting.some((w) => table.has(w.kind))) return;
          wake();
        }
        await Promise.all(active.values());
        await setImmediate();
      }
    },
  };
}
