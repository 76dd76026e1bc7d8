/**
 * Who tries MatchingIDs. Refused ones are counted for each eUICC, each client address (a /64 of IPv6) and each beginning that
 * codes have in common, for an hour from the first. An eUICC over its share is answered like one with an unknown code
 * (8.2.6/3.8), whatever it offers, for the rest of its hour; the order is looked up all the same, so that time tells nothing.
 *
 * Many honest devices share one address (NAT, a proxy), and a campaign's codes begin alike. So an address or a beginning over its
 * share blocks nobody by itself: there, one refused code is enough to block an eUICC, and an eUICC that was never refused gets
 * its answer. Going on takes a fresh certified eUICC for each guess. An order that names the eUICC is never counted against it.
 *
 * Kept in memory only, with a bound: a restart begins anew, and what was quiet longest is forgotten first.
 */
import { mask } from '../../../shared/identifiers/index.ts';
import { appendAudit } from '../audit/index.ts';
import type { Clock, EngineContext } from '../context.ts';
import { write } from '../store/index.ts';

const HOUR = 3_600_000;
const REMEMBERED = 20_000;
/** Audit records an hour; a storm of sources must not become a storm of records. */
const RECORDS_PER_HOUR = 20;
/** The end of a code that is tried through while its beginning stays. */
const TRIED_THROUGH = 3;
const SHORTEST_BEGINNING = 4;

export interface ScanSource {
  readonly eid: string;
  /** Address as limits count it: a whole /64 of IPv6 is one. */
  readonly network: string;
  readonly matchingId: string;
}

interface Count { readonly since: number; count: number; told: boolean }

function counter(clock: Clock, most: number) {
  const counts = new Map<string, Count>();
  const current = (key: string): Count | undefined => {
    const found = counts.get(key);
    if (!found || clock.now() - found.since < HOUR) return found;
    counts.delete(key);
    return undefined;
  };
  return {
    of: (key: string): number => current(key)?.count ?? 0,
    add(key: string): Count {
      const count = current(key) ?? { since: clock.now(), count: 0, told: false };
      count.count += 1;
      counts.delete(key);
      if (counts.size >= most) counts.delete(counts.keys().next().value!);
      counts.set(key, count);
      return count;
    },
    over(limit: number): number {
      let n = 0;
      for (const [key] of counts) if ((current(key)?.count ?? 0) >= limit) n += 1;
      return n;
    },
    get size() {
      return counts.size;
    },
  };
}

interface Guard {
  readonly eids: ReturnType<typeof counter>;
  readonly addresses: ReturnType<typeof counter>;
  readonly beginnings: ReturnType<typeof counter>;
  readonly records: ReturnType<typeof counter>;
}

const guards = new WeakMap<object, Guard>();

function guardOf(ctx: EngineContext, remembered = REMEMBERED): Guard {
  let guard = guards.get(ctx.db);
  if (!guard) {
    const make = (most = remembered) => counter(ctx.clock, most);
    guards.set(ctx.db, guard = { eids: make(), addresses: make(), beginnings: make(), records: make(1) });
  }
  return guard;
}

const beginning = (matchingId: string): string => matchingId.slice(0, Math.max(SHORTEST_BEGINNING, matchingId.length - TRIED_THROUGH)).slice(0, 64);

/** Whether this eUICC is to hear 8.2.6/3.8 without regard to its code. */
export function isScanning(ctx: EngineContext, source: ScanSource): boolean {
  const guard = guardOf(ctx);
  const { scanPerEidPerHour, scanPerAddressPerHour } = ctx.settings().limits;
  const crowded = guard.addresses.of(source.network) >= scanPerAddressPerHour || guard.beginnings.of(beginning(source.matchingId)) >= scanPerAddressPerHour;
  return guard.eids.of(source.eid) >= (crowded ? 1 : scanPerEidPerHour);
}

/** Counts a refused MatchingID. A source that is over its share by it gets one audit record. */
export async function noteRefusedCode(ctx: EngineContext, source: ScanSource): Promise<void> {
  const guard = guardOf(ctx);
  const { scanPerEidPerHour, scanPerAddressPerHour } = ctx.settings().limits;
  await tell(ctx, 'eid', source.eid, source, guard.eids.add(source.eid), scanPerEidPerHour);
  await tell(ctx, 'address', source.network, source, guard.addresses.add(source.network), scanPerAddressPerHour);
  await tell(ctx, 'matchingId', beginning(source.matchingId), source, guard.beginnings.add(beginning(source.matchingId)), scanPerAddressPerHour);
}

async function tell(ctx: EngineContext, kind: 'eid' | 'address' | 'matchingId', value: string, source: ScanSource, count: Count, limit: number): Promise<void> {
  if (count.told || count.count < limit) return;
  count.told = true;
  ctx.log.warn('MatchingIDs are being tried', { reason: kind, count: count.count });
  if (guardOf(ctx).records.add('records').count > RECORDS_PER_HOUR) return;
  await write(ctx, (tx) => appendAudit(tx, ctx.random, {
    at: ctx.clock.now(), event: 'scan.blocked', actor: `device:${mask(source.eid)}`, host: 'es9plus', outcome: 'refused', fields: { by: kind, refused: count.count }, sensitive: { source: value },
  }));
  ctx.changed('audit', 'workspace');
}

export interface ScanFigures {
  /** Sources over their share in their current hour. */
  readonly eids: number;
  readonly addresses: number;
  readonly matchingIds: number;
}

export function scanFigures(ctx: EngineContext): ScanFigures {
  const { eids, addresses, beginnings } = guardOf(ctx);
  const { scanPerEidPerHour, scanPerAddressPerHour } = ctx.settings().limits;
  return { eids: eids.over(scanPerEidPerHour), addresses: addresses.over(scanPerAddressPerHour), matchingIds: beginnings.over(scanPerAddressPerHour) };
}

/** For tests of the bound on memory. */
export const rememberedSources = (ctx: EngineContext): number => Math.max(guardOf(ctx).eids.size, guardOf(ctx).addresses.size, guardOf(ctx).beginnings.size);
