/**
 * How much is kept of notifications nobody can vouch for. They are of use when something is wrong with a root or a listener; a
 * flood of them must fill neither disk nor time, so that keeping one costs the same whatever came before.
 */
import type { EngineContext, Tx } from '../context.ts';
import { prepared } from '../store/index.ts';

const KEEP_UNVERIFIED = 1000;
/** Of one network within an hour. */
const KEEP_OF_ADDRESS = 100;
const HOUR = 3_600_000;
const NETWORKS = 4096;

interface Held { count: number | undefined; readonly networks: Map<string, { kept: number; readonly until: number }> }
const held = new WeakMap<object, Held>();

function heldOf(ctx: Pick<EngineContext, 'db'>): Held {
  let found = held.get(ctx.db);
  if (!found) held.set(ctx.db, found = { count: undefined, networks: new Map() });
  return found;
}

/** Whether one more of this network (an address, a whole /64 of IPv6) may be kept; counts it. */
export function mayKeep(ctx: Pick<EngineContext, 'db' | 'clock'>, network: string): boolean {
  const { networks } = heldOf(ctx);
  const now = ctx.clock.now();
  const known = networks.get(network);
  if (known && known.until > now) {
    if (known.kept >= KEEP_OF_ADDRESS) return false;
    known.kept++;
    return true;
  }
  networks.delete(network);
  networks.set(network, { kept: 1, until: now + HOUR });
  if (networks.size > NETWORKS) networks.delete(networks.keys().next().value!);
  return true;
}

const counted = prepared((db, p: { verified: number }) => db.selectFrom('notifications').select((e) => e.fn.countAll<number>().as('n')).where('verified', '=', p.verified));
const dropOldest = prepared((db, p: { verified: number; excess: number }) => db.deleteFrom('notifications')
  .where('id', 'in', db.selectFrom('notifications').select('id').where('verified', '=', p.verified).orderBy('id').limit(p.excess)));

/**
 * Call behind each insert of an unverified one, in its transaction. The count is kept in memory, counted once; a transaction
 * that was rolled back leaves it too high by one, which makes room for one more than needed.
 */
export async function overflow(tx: Tx, ctx: Pick<EngineContext, 'db'>): Promise<void> {
  const own = heldOf(ctx);
  own.count = own.count === undefined ? Number((await counted.one(tx, { verified: 0 }))?.n ?? 0) : own.count + 1;
  const excess = own.count - KEEP_UNVERIFIED;
  if (excess > 0) own.count -= await dropOldest.run(tx, { verified: 0, excess });
}
