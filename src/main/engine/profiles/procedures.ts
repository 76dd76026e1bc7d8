import { profiles } from '../../../shared/contract/profiles.ts';
import type { Implemented } from '../router/implement.ts';
import { query } from '../router/implement.ts';
import { showProfile } from './detail.ts';
import { listProfiles } from './list.ts';
import { inventoryProcedures } from './inventory-procedures.ts';
import { stockActions } from './stock-actions.ts';

/** This area's part of the contract. `profiles.add` is the stock area's: it reads secrets as a stock file does. */
export function procedures(): Implemented[] {
  return [
    query(profiles.list, (ctx, input) => listProfiles(ctx.reader, { ...input, now: ctx.clock.now() })),
    query(profiles.show, (ctx, input) => showProfile(ctx.reader, input.id, ctx.clock.now())),
    ...stockActions(),
    ...inventoryProcedures(),
  ];
}
