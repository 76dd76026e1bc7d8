import { profiles } from '../../../shared/contract/profiles.ts';
import type { ProfileState } from '../../../shared/contract/states.ts';
import type { Call, EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { Implemented } from '../router/implement.ts';
import { command, query } from '../router/implement.ts';
import { showProfile } from './detail.ts';
import { listProfiles } from './list.ts';
import { findProfile, stateOf } from './records.ts';
import type { EventName } from './rules.ts';
import { transition } from './transition.ts';

const object = (_input: unknown, output: { readonly iccid: string }) => ({ type: 'profile' as const, id: output.iccid });
const changes = ['profiles', 'workspace'];

async function operatorEvent(
  tx: Tx, ctx: EngineContext, input: { readonly iccid: string; readonly reason: string }, name: EventName, words: string, call: Call,
): Promise<{ iccid: string; state: ProfileState }> {
  const row = await findProfile(tx, input.iccid);
  if (!row) throw new DeskProblem('NOT_FOUND', `No profile has the ICCID ${input.iccid.slice(0, 24)}.`, { field: 'iccid' });
  const after = await transition(tx, ctx, row.id, { name, at: ctx.clock.now(), source: 'operator', text: `${words}: ${input.reason}`, reason: input.reason }, call);
  return { iccid: after.iccid, state: stateOf(after) };
}

/** This area's part of the contract. `profiles.add` is the stock area's: it reads secrets as a stock file does. */
export function procedures(): Implemented[] {
  return [
    query(profiles.list, (ctx, input) => listProfiles(ctx.reader, input.filter, input.limit, input.cursor)),
    query(profiles.show, (ctx, input) => showProfile(ctx.reader, input.id)),
    command(profiles.quarantine, {
      run: (tx, ctx, input, _before, call) => operatorEvent(tx, ctx, input, 'quarantine', 'Put into quarantine', call), object, changes,
    }),
    command(profiles.unquarantine, {
      run: (tx, ctx, input, _before, call) => operatorEvent(tx, ctx, input, 'unquarantine', 'Taken out of quarantine', call), object, changes,
    }),
    command(profiles.retire, {
      run: (tx, ctx, input, _before, call) => operatorEvent(tx, ctx, input, 'retire', 'Retired', call), object, changes,
    }),
  ];
}
