/** What people do with a profile of the stock, one at a time: hold, quarantine, retire. Bulk work takes the same way through `transition`. */
import type { ReleaseRule } from '../../../shared/contract/numbers.ts';
import { profiles } from '../../../shared/contract/profiles.ts';
import type { ProfileState } from '../../../shared/contract/states.ts';
import type { Call, EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { Implemented } from '../router/implement.ts';
import { command } from '../router/implement.ts';
import { findProfile, stateOf } from './records.ts';
import type { ProfileEvent } from './transition.ts';
import { transition } from './transition.ts';

const object = (_input: unknown, output: { readonly iccid: string }) => ({ type: 'profile' as const, id: output.iccid });
const changes = ['profiles', 'workspace', 'numbers'];
const LONGEST = 2 * 366 * 86_400_000;

type StockEvent = Pick<ProfileEvent, 'name' | 'heldUntil' | 'heldFor' | 'release'> & { readonly words: string };

async function operatorEvent(
  tx: Tx, ctx: EngineContext, input: { readonly iccid: string; readonly reason: string }, { words, ...event }: StockEvent, call: Call,
): Promise<{ iccid: string; state: ProfileState }> {
  const row = await findProfile(tx, input.iccid);
  if (!row) throw new DeskProblem('NOT_FOUND', `No profile has the ICCID ${input.iccid.slice(0, 24)}.`, { field: 'iccid' });
  const after = await transition(tx, ctx, row.id, { ...event, at: ctx.clock.now(), source: 'operator', text: `${words}: ${input.reason}`, reason: input.reason }, call);
  return { iccid: after.iccid, state: stateOf(after) };
}

const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** A day ahead, at most two years. Code `DATE_INVALID`. */
export function demandAhead(at: number, now: number, field: string): void {
  if (at <= now) throw new DeskProblem('DATE_INVALID', 'The day lies in the past.', { field });
  if (at > now + LONGEST) throw new DeskProblem('DATE_INVALID', 'The day is more than two years ahead.', { field });
}

/** Code `DATE_INVALID`. */
export function demandRule(release: ReleaseRule, now: number): void {
  if (release.rule === 'date' && release.until === undefined) throw new DeskProblem('DATE_INVALID', 'The day the quarantine ends is missing.', { field: 'release.until' });
  if (release.rule !== 'manual' && release.until !== undefined) demandAhead(release.until, now, 'release.until');
}

/** What ends a quarantine, for people. */
export function ruleWords(release: ReleaseRule): string {
  const after = release.afterwards === 'retire' ? 'it is retired' : 'it goes back to sale';
  const latest = release.until === undefined ? '' : `, at the latest on ${dateOf(release.until)}`;
  if (release.rule === 'date') return `on ${dateOf(release.until ?? 0)} ${after}`;
  if (release.rule === 'delete-seen') return `when the device reports it deleted${latest} ${after}`;
  if (release.rule === 'network-removed') return `when the network has removed it${latest} ${after}`;
  return 'until somebody releases it';
}

export function stockActions(): Implemented[] {
  return [
    command(profiles.hold, {
      run: (tx, ctx, input, _before, call) => {
        demandAhead(input.until, ctx.clock.now(), 'until');
        const words = `Held${input.for === undefined ? '' : ` for ${input.for}`} until ${dateOf(input.until)}`;
        return operatorEvent(tx, ctx, input, { name: 'hold', words, heldUntil: input.until, ...(input.for === undefined ? {} : { heldFor: input.for }) }, call);
      },
      object, changes,
    }),
    command(profiles.releaseHold, {
      run: (tx, ctx, input, _before, call) => operatorEvent(tx, ctx, input, { name: 'release_hold', words: 'No longer held' }, call), object, changes,
    }),
    command(profiles.quarantine, {
      run: (tx, ctx, input, _before, call) => {
        const { release } = input;
        if (release) demandRule(release, ctx.clock.now());
        const words = release && release.rule !== 'manual' ? `Put into quarantine (${ruleWords(release)})` : 'Put into quarantine';
        return operatorEvent(tx, ctx, input, { name: 'quarantine', words, ...(release ? { release } : {}) }, call);
      },
      object, changes,
    }),
    command(profiles.unquarantine, {
      run: (tx, ctx, input, _before, call) => operatorEvent(tx, ctx, input, { name: 'unquarantine', words: 'Taken out of quarantine' }, call), object, changes,
    }),
    command(profiles.retire, {
      run: (tx, ctx, input, _before, call) => operatorEvent(tx, ctx, input, { name: 'retire', words: 'Retired' }, call), object, changes,
    }),
  ];
}
