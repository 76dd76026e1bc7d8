/** When a message is tried again, when it is given up, and which messages share a receiver. Pure. */

/** Milliseconds. */
const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 600_000;
/** A message nobody took in this time is given up. */
export const GIVE_UP_AFTER = 48 * 3_600_000;
/** As is one its receiver answered with an error this often. Attempts that did not reach it do not count: they say nothing of the message. */
export const MOST_REFUSALS = 12;
/** No row waits longer than this for its next attempt: one that does was written before the clock was set back. */
export const FARTHEST = 900_000;
/** A receiver that failed this often in a row is left alone for the delay, but for one message at a time. */
export const FAILURES_THAT_PAUSE = 3;

/** `failures` in a row (1 or more): 1 s, doubling to 10 min, a fifth more or less by `octet`. */
export function retryDelay(failures: number, octet: number): number {
  const base = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.min(failures - 1, 20));
  return Math.min(LONGEST_DELAY, Math.round(base * (0.8 + (0.4 * (octet & 0xff)) / 255)));
}

/** What a failed attempt means: try again, or give up and why. */
export function afterFailure(row: { readonly since: number; readonly refusals: number }, now: number, permanent: boolean): 'retry' | 'dead' {
  return permanent || row.refusals >= MOST_REFUSALS || now - row.since >= GIVE_UP_AFTER ? 'dead' : 'retry';
}

/**
 * Rows of one lane go to one receiver. Progress of orders goes to the brand, SM-DS calls to the SM-DS named in the payload:
 * two brands' events at one SM-DS share its lane, a brand whose own system is down does not hold up its events.
 */
export function laneOf(row: { readonly kind: string; readonly brandId?: number | undefined; readonly payload: unknown }): string {
  if (row.kind.startsWith('es12.')) {
    const address = (row.payload as { smdsAddress?: unknown } | null)?.smdsAddress;
    return `smds:${typeof address === 'string' ? address.toLowerCase() : ''}`;
  }
  return row.brandId === undefined ? row.kind : `brand:${row.brandId}`;
}
