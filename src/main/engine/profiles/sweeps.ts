/** What time and evidence end by themselves: holds, and quarantines whose rule is met. Called from a timer; due rows come from partial indexes. */
import type { Call, EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { write } from '../store/index.ts';
import type { ProfileRowRecord } from './records.ts';
import { profileById } from './records.ts';
import { recordActivation, transition } from './transition.ts';
import { isUnfinished } from './unfinished.ts';

const SWEEP = 200;
const system = (iccid: string): Call => ({ actor: 'system', host: 'engine', correlationId: `sweep-${iccid}` });

/** Profiles whose hold is over go back to sale. Answers how many. */
export async function sweepHolds(ctx: EngineContext): Promise<number> {
  const now = ctx.clock.now();
  return sweep(ctx, () => ctx.reader.selectFrom('profiles').select('id').where('stock_state', '=', 'held').where('held_until', 'is not', null).where('held_until', '<=', now)
    .orderBy('held_until').limit(SWEEP).execute(), async (tx, row) => {
    if (row.stock_state !== 'held' || row.held_until === null || row.held_until > now) return false;
    await transition(tx, ctx, row.id, { name: 'release_hold', at: now, source: 'system', text: `The hold${row.held_for === null ? '' : ` for ${row.held_for}`} ended` }, system(row.iccid));
    return true;
  });
}

/** Why the rule of a quarantined profile is met now, or undefined. */
export function ruleMet(row: Pick<ProfileRowRecord, 'quarantine_rule' | 'quarantine_until' | 'device_state' | 'network_state'>, now: number): string | undefined {
  if (row.quarantine_rule === 'delete-seen' && row.device_state === 'deleted') return 'the device reported it deleted';
  if (row.quarantine_rule === 'network-removed' && row.network_state === 'removed') return 'the network has removed it';
  if (row.quarantine_rule !== null && row.quarantine_until !== null && row.quarantine_until <= now) {
    const day = new Date(row.quarantine_until).toISOString().slice(0, 10);
    if (row.quarantine_rule === 'delete-seen') return `no delete notification was seen until ${day}`;
    if (row.quarantine_rule === 'network-removed') return `the network did not report it removed until ${day}`;
    return `its day, ${day}, has come`;
  }
  return undefined;
}

/** Ends quarantines whose rule is met: back to sale, or retired. Answers how many. */
export async function sweepQuarantines(ctx: EngineContext): Promise<number> {
  const now = ctx.clock.now();
  const due = async () => {
    const base = () => ctx.reader.selectFrom('profiles').select('id').limit(SWEEP);
    return [
      ...await base().where('quarantine_until', 'is not', null).where('quarantine_until', '<=', now).orderBy('quarantine_until').execute(),
      ...await base().where('quarantine_rule', '=', 'delete-seen').where('device_state', '=', 'deleted').execute(),
      ...await base().where('quarantine_rule', '=', 'network-removed').where('network_state', '=', 'removed').execute(),
    ];
  };
  return sweep(ctx, due, async (tx, row) => {
    const why = row.stock_state === 'quarantined' ? ruleMet(row, now) : undefined;
    if (why === undefined) {
      // Whatever took it out of quarantine: the rule is over with it.
      await dropRule(tx, row.id);
      return false;
    }
    return endQuarantine(tx, ctx, row, why, now);
  });
}

async function endQuarantine(tx: Tx, ctx: EngineContext, row: ProfileRowRecord, why: string, now: number): Promise<boolean> {
  const retires = row.quarantine_then === 'retire';
  try {
    await transition(tx, ctx, row.id, {
      name: retires ? 'retire' : 'unquarantine', at: now, source: 'system', reason: why, text: retires ? `Retired at the end of its quarantine: ${why}` : `The quarantine ended: ${why}`,
    }, system(row.iccid));
    return true;
  } catch (error) {
    if (!(error instanceof DeskProblem)) throw error;
    // The tables do not allow it: a person decides. Without the rule it does not come up again.
    await dropRule(tx, row.id);
    await recordActivation(tx, row.id, { stage: 'quarantined', at: now, source: 'system', text: `The rule of its quarantine is met (${why}), but it stays: ${error.message}` }, system(row.iccid));
    return false;
  }
}

const dropRule = (tx: Tx, id: number): Promise<unknown> =>
  tx.updateTable('profiles').set({ quarantine_rule: null, quarantine_until: null, quarantine_then: null }).where('id', '=', id).execute();

async function sweep(ctx: EngineContext, due: () => Promise<{ id: number }[]>, end: (tx: Tx, row: ProfileRowRecord) => Promise<boolean>): Promise<number> {
  let total = 0;
  let touched = 0;
  for (;;) {
    const ids = [...new Set((await due()).map((row) => row.id))];
    if (ids.length === 0) break;
    const before = touched;
    total += await write(ctx, async (tx) => {
      let ended = 0;
      for (const id of ids) {
        const row = await profileById(tx, id);
        if (!row || await isUnfinished(tx, row)) continue;
        touched += 1;
        if (await end(tx, row)) ended += 1;
      }
      return ended;
    });
    if (touched === before || ids.length < SWEEP) break;
  }
  if (touched > 0) ctx.changed('profiles', 'workspace', 'numbers');
  return total;
}
