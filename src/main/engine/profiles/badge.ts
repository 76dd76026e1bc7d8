/** The situation of a profile in one word, by rule. The first rule that holds speaks; none claims more than the records show. */
import type { Badge } from '../../../shared/contract/profiles.ts';
import type { ProfileState } from '../../../shared/contract/states.ts';

export interface Situation {
  readonly state: ProfileState;
  readonly delivered: boolean;
  readonly now: number;
  readonly lastEventAt: number;
  readonly reason: string | undefined;
  readonly heldUntil: number | undefined;
  readonly heldFor: string | undefined;
  readonly order?: {
    readonly open: boolean; readonly expiresAt: number | undefined; readonly attempts: number; readonly attemptLimit: number;
    readonly confirmations: number; readonly confirmationLimit: number;
  };
  /** Whether the network reported an attach or data; absent where nobody looked. */
  readonly attached?: boolean;
}

const MINUTE = 60_000;
const DAY = 86_400_000;
/** A delivered package whose result is longer out than this is half done. */
export const HALF_DONE = 10 * MINUTE;
/** An order that ends sooner than this is marked. */
export const EXPIRING = 3 * DAY;
/** An installed profile that was not seen in use for this long is marked. */
export const SILENT = DAY;

const awaited: readonly ProfileState['order'][] = ['allocated', 'linked', 'confirmed', 'released'];

export function badgeOf(s: Situation): Badge {
  const { order, network, stock, device } = s.state;
  const waiting = awaited.includes(order) || order === 'downloaded';
  const inNetwork = network === 'active';
  if (stock === 'retired' || order === 'unavailable') return { code: 'ended', why: stock === 'retired' ? `Retired${s.reason ? `: ${s.reason}` : ''}` : 'Its order ended so that it can never be sold again' };
  if (stock === 'quarantined') return { code: 'quarantined', why: `In quarantine${s.reason ? `: ${s.reason}` : ''}` };
  if (s.order?.open && waiting) {
    if (s.order.confirmations >= s.order.confirmationLimit) return { code: 'blocked', why: `The confirmation code was wrong ${s.order.confirmations} times, which is the limit` };
    if (s.order.attempts >= s.order.attemptLimit) return { code: 'blocked', why: `${s.order.attempts} downloads were begun, which is the limit` };
  }
  if (order === 'error') return { code: 'tried_and_failed', why: s.delivered ? 'The order ended without an installation after the package was delivered' : 'The order ended without an installation' };
  if (order === 'downloaded') {
    if (s.now - s.lastEventAt > HALF_DONE) return { code: 'half_done', why: 'The package was delivered and no result has come since' };
    return { code: 'waiting_for_user', why: 'The package was delivered a moment ago; its result is awaited' };
  }
  if (inNetwork && waiting) return { code: 'ghost', why: 'Active in the network although no installation was reported' };
  if (waiting && s.order?.open && s.order.expiresAt !== undefined && s.order.expiresAt - s.now < EXPIRING) return { code: 'expiring', why: 'The order ends within three days' };
  if (order === 'released' && (s.order?.attempts ?? 0) > 0) return { code: 'tried_and_failed', why: `A device asked ${s.order!.attempts === 1 ? 'once' : `${s.order!.attempts} times`} and did not install it; the order is still open` };
  if (waiting) return { code: 'waiting_for_user', why: order === 'released' ? 'Released; no device has asked for it yet' : 'Ordered, not released for download yet' };
  if (order === 'installed') {
    if (device === 'deleted') return { code: 'ended', why: 'Deleted from the device' };
    if (network === 'absent' || network === 'removed') return { code: 'zombie', why: `Installed, but the network ${network === 'absent' ? 'does not know it' : 'has removed it'}` };
    if (s.attached) return { code: 'connected', why: 'Installed, and the network saw it attach' };
    if (inNetwork && device === 'enabled') return { code: 'in_use', why: 'Enabled on the device and active in the network; no attach was recorded' };
    if (s.now - s.lastEventAt > SILENT) return { code: 'installed_silent', why: 'Installed; neither the device nor the network has reported use since' };
    return { code: 'in_use', why: 'Installed within the last day' };
  }
  if (inNetwork) return { code: 'ghost', why: 'Active in the network although it is on no order' };
  if (stock === 'held') return { code: 'held', why: `Held${s.heldFor ? ` for ${s.heldFor}` : ''}${s.heldUntil === undefined ? '' : ` until ${new Date(s.heldUntil).toISOString().slice(0, 16).replace('T', ' ')} UTC`}` };
  if (stock === 'imported') return { code: 'not_prepared', why: 'In stock, not prepared yet' };
  return { code: 'ready', why: stock === 'sellable' ? 'Prepared and ready to be sold' : 'Prepared, not released for sale yet' };
}
