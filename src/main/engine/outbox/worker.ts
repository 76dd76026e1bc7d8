/**
 * Sends what waits, lane by lane. A lane is one receiver: while it fails it is left alone for growing spans and then asked with
 * one message; the other lanes never notice. The database alone says what is to be done, so that a killed engine goes on where
 * it was: a message whose answer was not written down is sent again, under the same functionCallIdentifier.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineContext } from '../context.ts';
import { outsideWrite, write } from '../store/index.ts';
import { deliveryOf, dueRows, firstLane, giveUpOld, nextLane, type OutboxRecord, sinceOf, writeDone, writeFailure } from './records.ts';
import { afterFailure, FAILURES_THAT_PAUSE, FARTHEST, retryDelay } from './rules.ts';
import type { OutboxHandler, OutboxOutcome } from './types.ts';

export interface OutboxWorker {
  /** Looks for messages whose time has come. */
  wake(): void;
  /** Begins no attempt; those in hand may end within the grace, then they are aborted and count as not made. */
  stop(): Promise<void>;
  /** Resolves when nothing that is due now is left to do. For tests. */
  idle(): Promise<void>;
  /** The pauses of these lanes end: somebody knows better, or wants to. */
  hurry(lanes: readonly string[]): void;
  /** Resolves when no attempt of this message is in hand; true: one was. */
  settled(dedupe: string): Promise<boolean>;
}

export interface OutboxOptions {
  /** Milliseconds of real time between looks without being woken; 0: only when woken. */
  readonly poll?: number;
  /** Attempts in hand get this long at the end. Milliseconds of real time. */
  readonly grace?: number;
}

/** Attempts at once: to one receiver, and beyond the first of each receiver altogether. */
const PER_LANE = 4;
const ALTOGETHER = 64;

/** What does not even end when it is aborted is left behind. Milliseconds. */
const GRACE_AFTER_ABORT = 400;

interface Lane {
  /** Failed attempts in a row. */
  failures: number;
  pausedUntil: number;
  active: number;
}

interface Attempt {
  readonly row: OutboxRecord;
  readonly lane: Lane;
  /** The lane's failures when it began: of several that fail together one counts. */
  readonly failuresBefore: number;
  readonly abort: AbortController;
  ended: Promise<void>;
}

const workers = new WeakMap<object, OutboxWorker>();

/** Resolves when no attempt of the message with this key is in hand; true: one was, and its outcome is written. Nothing runs without a worker. */
export async function attemptSettled(ctx: Pick<EngineContext, 'db'>, dedupe: string): Promise<boolean> {
  return (await workers.get(ctx.db)?.settled(dedupe)) ?? false;
}

/** Ends the pauses of these lanes; nothing without a worker. Their messages are looked for when the change that caused this is told. */
export function hurry(ctx: Pick<EngineContext, 'db'>, lanes: readonly string[]): void {
  workers.get(ctx.db)?.hurry(lanes);
}

/** One worker an engine: a second one would send everything twice. */
export function startOutbox(ctx: EngineContext, handlers: readonly OutboxHandler[], { poll = 1000, grace = 1000 }: OutboxOptions = {}): OutboxWorker {
  if (workers.has(ctx.db)) throw new Error('the outbox of this engine is being worked on already');
  const table = new Map(handlers.map((handler) => [handler.kind, handler]));
  const lanes = new Map<string, Lane>();
  const attempts = new Map<number, Attempt>();
  let stopping = false;
  let looking: Promise<void> | undefined;
  let again = false;
  let untold = false;

  const tell = () => {
    if (!untold) return;
    untold = false;
    ctx.changed('outbox');
  };

  function laneOf(name: string): Lane {
    let lane = lanes.get(name);
    if (!lane) lanes.set(name, lane = { failures: 0, pausedUntil: 0, active: 0 });
    return lane;
  }

  function freeSlots(lane: Lane, now: number): number {
    // A clock that was set back must not silence a receiver for a day.
    if (now < lane.pausedUntil && lane.pausedUntil - now <= FARTHEST) return 0;
    if (lane.failures >= 1) return 1 - lane.active;
    return Math.min(PER_LANE - lane.active, Math.max(lane.active === 0 ? 1 : 0, ALTOGETHER - attempts.size));
  }

  async function look(): Promise<void> {
    const waitingLanes = new Set<string>();
    let found = await firstLane.one(ctx.reader, {});
    while (found && !stopping) {
      waitingLanes.add(found.lane);
      await lookIn(found.lane);
      found = await nextLane.one(ctx.reader, { after: found.lane });
    }
    if (stopping) return;
    for (const [name, lane] of lanes) if (lane.active === 0 && !waitingLanes.has(name)) lanes.delete(name);
  }

  async function lookIn(name: string): Promise<void> {
    const lane = laneOf(name);
    const now = ctx.clock.now();
    const free = freeSlots(lane, now);
    if (free <= 0) return;
    const rows = await dueRows.all(ctx.reader, { lane: name, now, limit: free + lane.active });
    for (const row of rows.filter((r) => !attempts.has(r.id)).slice(0, free)) {
      if (stopping) return;
      begin(row, lane);
    }
  }

  function begin(row: OutboxRecord, lane: Lane): void {
    const attempt: Attempt = { row, lane, failuresBefore: lane.failures, abort: new AbortController(), ended: Promise.resolve() };
    attempts.set(row.id, attempt);
    lane.active += 1;
    attempt.ended = run(attempt).catch((error: unknown) => ctx.log.error('an outgoing message', { error })).finally(() => {
      attempts.delete(row.id);
      lane.active -= 1;
      wake();
    });
  }

  async function run(attempt: Attempt): Promise<void> {
    const { row, abort } = attempt;
    const outcome = await attemptOnce(row, abort.signal);
    // The engine ends: whether it arrived is not known, so it is sent again at the next start.
    if (abort.signal.aborted && !outcome.done) return;
    if (outcome.done) await delivered(attempt);
    else await failed(attempt, outcome);
    untold = true;
  }

  async function attemptOnce(row: OutboxRecord, signal: AbortSignal): Promise<OutboxOutcome> {
    const handler = table.get(row.kind);
    if (!handler) return { done: false, permanent: true, why: `This version does not send messages of the kind ${row.kind}.` };
    try {
      return await handler.deliver(ctx, deliveryOf(ctx, row), signal);
    } catch (error) {
      if (!signal.aborted) ctx.log.error('delivering an outgoing message', { error, ...(row.order_id === null ? {} : { orderId: row.order_id }) });
      return { done: false, why: 'The attempt ended in an unexpected error; the log holds it.' };
    }
  }

  async function delivered({ row, lane }: Attempt): Promise<void> {
    if (lane.failures >= FAILURES_THAT_PAUSE) ctx.log.info('a receiver takes messages again', { reason: row.lane });
    lane.failures = 0;
    lane.pausedUntil = 0;
    await write(ctx, (tx) => writeDone(tx, row.id, ctx.clock.now()));
  }

  async function failed({ row, lane, failuresBefore }: Attempt, outcome: Exclude<OutboxOutcome, { done: true }>): Promise<void> {
    const now = ctx.clock.now();
    const unreachable = outcome.unreachable === true;
    const octet = ctx.random(1)[0]!;
    const refusals = row.refusals + (unreachable ? 0 : 1);
    const verdict = afterFailure({ since: sinceOf(row), refusals }, now, outcome.permanent === true);
    const asked = Math.min(outcome.retryAfter ?? 0, 600_000);
    // A message that was refused for good says nothing of its receiver.
    if (outcome.permanent !== true && lane.failures <= failuresBefore) {
      lane.failures = failuresBefore + 1;
      if (unreachable || lane.failures >= FAILURES_THAT_PAUSE) lane.pausedUntil = now + Math.max(asked, retryDelay(lane.failures, octet));
      if (lane.failures === FAILURES_THAT_PAUSE) ctx.log.warn('a receiver does not take messages', { reason: row.lane });
    }
    const nextAt = Math.max(now + Math.max(asked, retryDelay(Math.max(1, refusals), octet)), unreachable ? lane.pausedUntil : 0);
    await write(ctx, async (tx) => {
      await writeFailure(tx, row, { now, why: outcome.why, dead: verdict === 'dead', refused: !unreachable, nextAt });
      if (unreachable) await giveUpOld(tx, row.lane, now, outcome.why);
    });
    if (verdict === 'dead') ctx.log.warn('an outgoing message was given up', { reason: row.kind, ...(row.order_id === null ? {} : { orderId: row.order_id }) });
  }

  function wake(): void {
    if (stopping) return;
    if (looking) {
      again = true;
      return;
    }
    looking = outsideWrite(look).catch((error: unknown) => ctx.log.error('looking for outgoing messages', { error })).finally(() => {
      looking = undefined;
      if (again) {
        again = false;
        wake();
      } else if (attempts.size === 0) {
        tell();
      }
    });
  }

  const unsubscribe = ctx.runtime.subscribe((areas) => {
    if (areas.includes('outbox')) wake();
  });
  const timer = poll > 0 ? setInterval(() => {
    tell();
    wake();
  }, poll) : undefined;

  const worker: OutboxWorker = {
    wake,
    async stop() {
      stopping = true;
      unsubscribe();
      clearInterval(timer);
      const all = () => Promise.all([looking, ...[...attempts.values()].map((attempt) => attempt.ended)]);
      const within = async (milliseconds: number) => {
        const patience = new AbortController();
        await Promise.race([all(), sleep(milliseconds, undefined, { signal: patience.signal }).catch(() => undefined)]);
        patience.abort();
      };
      await within(grace);
      for (const attempt of attempts.values()) attempt.abort.abort();
      await within(GRACE_AFTER_ABORT);
      workers.delete(ctx.db);
    },
    async idle() {
      wake();
      while (looking || attempts.size > 0) await Promise.all([looking, ...[...attempts.values()].map((attempt) => attempt.ended)]);
    },
    hurry(names) {
      for (const name of names) {
        const lane = lanes.get(name);
        if (lane) lane.pausedUntil = 0;
      }
    },
    async settled(dedupe) {
      const running = [...attempts.values()].filter((attempt) => attempt.row.dedupe === dedupe);
      await Promise.all(running.map((attempt) => attempt.ended));
      return running.length > 0;
    },
  };
  workers.set(ctx.db, worker);
  wake();
  return worker;
}
