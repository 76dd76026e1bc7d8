/** What an operator should look at next for one profile, and why. Pure rules over what the engine told us. */
import type { OutputOf } from '../../shared/contract/define.ts';
import type { contract } from '../../shared/contract/index.ts';
import { moment, zoneName, type Zone } from '../design/formats.ts';
import type { Tone } from '../design/tokens.ts';

export type ProfileDetail = OutputOf<typeof contract.profiles.show>;

export interface Advice {
  readonly badge: string;
  readonly tone: Tone;
  readonly why: string;
  /** Command or order to go to; absent where nothing is to be done. */
  readonly action?: 'order' | 'prepare' | 'open-order' | 'unquarantine' | 'release-hold';
}

const minute = 60_000;
const halfDoneAfter = 10 * minute;
const expiringWithin = 48 * 60 * minute;

export function adviceFor(profile: Pick<ProfileDetail, 'state' | 'timeline' | 'order' | 'stockReason' | 'deliveredAt' | 'heldUntil' | 'heldFor'>, now: number, zone: Zone): Advice {
  const { order, stock, device } = profile.state;
  const contacted = profile.timeline.some((e) => e.source === 'es9plus' || e.source === 'euicc');
  const lastFailure = [...profile.timeline].sort((a, b) => b.at - a.at).find((e) => e.code !== undefined);
  if (stock === 'retired') return { badge: 'Retired', tone: 'neutral', why: 'Ended for good; its secrets are erased.' };
  if (stock === 'quarantined') return { badge: 'Quarantined', tone: 'warning', why: profile.stockReason ?? 'Taken out of sale.', ...(profile.deliveredAt === undefined ? { action: 'unquarantine' as const } : {}) };
  if (device === 'deleted') return { badge: 'Deleted on device', tone: 'neutral', why: 'The subscriber removed the profile from the device. A new installation needs a new profile.' };
  if (order === 'installed') return device === 'enabled' ? { badge: 'Enabled', tone: 'success', why: 'The device reported the profile as enabled.' } : { badge: 'Installed', tone: 'success', why: 'The eUICC confirmed the installation. Whether it is in use shows once the device reports it as enabled.' };
  if (order === 'error') {
    const why = lastFailure?.code === undefined ? 'The download ended with an error.' : `The last attempt ended with ${lastFailure.code}; the timeline explains it.`;
    const then = profile.deliveredAt === undefined ? 'Cancel its order to put the profile back into stock.' : 'Its package was delivered once: it cannot be sold again.';
    return { badge: 'Failed', tone: 'danger', why: `${why} ${then}`, action: 'open-order' };
  }
  if (order === 'downloaded') {
    const at = profile.timeline.reduce((latest, e) => (e.stage === 'downloaded' || e.stage === 'bound' ? Math.max(latest, e.at) : latest), 0);
    return now - at > halfDoneAfter
      ? { badge: 'Half done', tone: 'warning', why: 'The package was handed over more than 10 minutes ago and no result came. Ask the user to keep the device online; it reports by itself.', action: 'open-order' }
      : { badge: 'Downloading', tone: 'info', why: 'The package was handed over; the result of the installation is awaited.', action: 'open-order' };
  }
  if (order === 'released') {
    if (profile.order?.expiresAt !== undefined && profile.order.expiresAt < now) return { badge: 'Expired', tone: 'warning', why: 'The order can no longer be downloaded. Cancel it and order again.', action: 'open-order' };
    if (contacted) return { badge: 'Tried and failed', tone: 'warning', why: lastFailure?.code === undefined ? 'A device came but did not finish. The sessions say how far it got.' : `A device came and was refused with ${lastFailure.code}.`, action: 'open-order' };
    if (profile.order?.expiresAt !== undefined && profile.order.expiresAt - now < expiringWithin) return { badge: 'Expiring', tone: 'warning', why: 'Released, and no device has come yet; the order ends within two days.', action: 'open-order' };
    return { badge: 'Waiting for user', tone: 'accent', why: 'Released; no device has asked for it yet.', action: 'open-order' };
  }
  if (order === 'confirmed') return { badge: 'Not released', tone: 'info', why: 'Ordered and confirmed. A device is refused until the order is released.', action: 'open-order' };
  if (order === 'allocated' || order === 'linked') return { badge: 'Reserved', tone: 'info', why: 'An order holds this profile; it is not confirmed yet.', action: 'open-order' };
  if (order === 'unavailable') return { badge: 'Unavailable', tone: 'neutral', why: 'A cancelled order took it out of use.' };
  if (stock === 'imported') return { badge: 'Not prepared', tone: 'neutral', why: 'In stock with its numbers; it can be sold once it is prepared.', action: 'prepare' };
  if (stock === 'held') return { badge: 'Held', tone: 'warning', why: heldWords(profile, zone), action: 'release-hold' };
  if (stock === 'prepared') return { badge: 'Prepared', tone: 'info', why: 'Personalised and sealed; not yet released for sale.' };
  return { badge: 'Ready to sell', tone: 'success', why: 'Prepared and sellable. Nothing stands in the way of an order.', action: 'order' };
}

/** For whom and until when, in the reader's zone. */
function heldWords({ heldUntil, heldFor }: Pick<ProfileDetail, 'heldUntil' | 'heldFor'>, zone: Zone): string {
  const until = heldUntil === undefined ? 'the hold ends' : `${moment(heldUntil, zone, false)} ${zoneName(zone, heldUntil)}`;
  return `Kept for ${heldFor ?? 'somebody'} until ${until}; then it returns to sale by itself.`;
}
