/** The decisions of an RSP session, pure: each one a table or a chain of checks with its status code. */
import { cancelMeanings } from '../../../shared/rsp-status/index.ts';
import { sameBytes } from '../../../shared/tlv/index.ts';
import type { EuiccInfo1 } from '../../rsp/index.ts';
import { canServe, canVerify } from '../keys/index.ts';
import type { Identity, OwnCertificate } from '../keys/index.ts';
import type { Failure } from './answer.ts';
import { failed } from './answer.ts';

/**
 * How a session reads to people: one the device cancelled with a refusal standing ended by that refusal. Its stored phase stays
 * `cancelled`, after which nothing may happen in it any more; its code tells the two apart.
 */
export function endedByRefusal(session: { readonly phase: string; readonly code: string | null }): boolean {
  return session.phase === 'cancelled' && session.code !== null && !cancelMeanings.some((meaning) => meaning.code === session.code);
}

/** Splits `host:port`; the port is absent where none is written. */
function hostPort(address: string): { host: string; port: string | undefined } {
  const match = /^(.*?)(?::(\d{1,5}))?$/s.exec(address.trim().toLowerCase().replace(/\.(?=$|:)/, ''))!;
  return { host: match[1]!, port: match[2] };
}

/**
 * Whether the address a client calls us by is ours (SGP.22 v2.2, 5.6.1): compared without case; a port counts only when
 * both sides name one, because clients send the address of the activation code with or without it.
 */
export function isOurAddress(given: string, ours: readonly string[]): boolean {
  const asked = hostPort(given);
  if (asked.host === '') return false;
  return ours.some((address) => {
    const own = hostPort(address);
    return own.host === asked.host && (own.port === undefined || asked.port === undefined || own.port === asked.port);
  });
}

/** Versions 2.x are one protocol for us (SGP.22 v2.2, 2.6 and 5.6.1); 1.x and 3.x are others. */
export const isSupportedSvn = (svn: string): boolean => svn.split('.')[0] === '2';

export interface UsableIdentity extends Identity {
  readonly dpauth: OwnCertificate;
  readonly dppb: OwnCertificate;
}

export function isUsable(identity: Identity, at: Date): identity is UsableIdentity {
  return canServe(identity, at);
}

export interface Selection {
  /** Root the eUICC shall sign under. */
  readonly signing: Identity;
  /** Identity that proves us to the eUICC. */
  readonly serving: UsableIdentity;
}

/**
 * Chooses the roots in the order of preference of the eUICC (SGP.22 v2.2, 2.6.7.1 and 5.6.1): the one it signs under first
 * (8.8.2/3.1 when none is ours), then the one it verifies us by (8.8.4/3.7). The two need not be the same.
 */
export function selectIdentities(info: EuiccInfo1, identities: readonly Identity[], at: Date): Selection | { failed: Failure } {
  const first = <I extends Identity>(keyIds: readonly Uint8Array[], among: readonly I[]): I | undefined => {
    for (const keyId of keyIds) {
      const found = among.find((identity) => sameBytes(identity.ci.keyId, keyId));
      if (found) return found;
    }
    return undefined;
  };
  const signing = first(info.ciPkIdsForSigning, identities.filter(canVerify));
  if (!signing) return failed('8.8.2/3.1', 'None of the proposed CI public key identifiers is supported by the SM-DP+.');
  const serving = first(info.ciPkIdsForVerification, identities.filter((identity) => isUsable(identity, at)));
  if (!serving) return failed('8.8.4/3.7', 'The SM-DP+ has no DPauth certificate signed by one of the CI public keys the eUICC supports.');
  return { signing, serving };
}

/** What the checks of an order look at, as one row of the database. */
export interface OrderFacts {
  readonly orderId: string;
  readonly profileId: number;
  readonly iccid: string;
  readonly typeId: number;
  /** Null before the order is confirmed. */
  readonly matchingId: string | null;
  /** EID the operator named. */
  readonly orderEid: string | null;
  /** EID a package was bound to. */
  readonly boundEid: string | null;
  readonly profileEid: string | null;
  readonly orderState: string;
  /** Order the profile is on now. */
  readonly profileOrderId: string | null;
  readonly closedAt: number | null;
  readonly outcome: string | null;
  readonly expiresAt: number | null;
  readonly downloadAttempts: number;
  readonly downloadLimit: number;
  readonly confirmationRequired: boolean;
  readonly confirmationAttempts: number;
  readonly confirmationLimit: number;
  readonly packageBytes: number | null;
  readonly stockState: string;
}

export const downloadable: readonly string[] = ['released', 'downloaded'];
const refusedCode = (): { failed: Failure } => failed('8.2.6/3.8', 'The MatchingID is refused.');
const expired = (): { failed: Failure } => failed('8.8.5/4.10', 'The download order has expired.');
const attemptsGone = (): { failed: Failure } => failed('8.8.5/6.4', 'The maximum number of download attempts has been exceeded.');
const confirmationsGone = (): { failed: Failure } => failed('8.2.7/6.4', 'The maximum number of confirmation code attempts has been exceeded.');
export const foreignEid = (): { failed: Failure } => failed('8.1.1/3.8', 'The EID does not match the expected value.');

const live = (order: OrderFacts): boolean => order.closedAt === null && order.profileOrderId === order.orderId;
const ready = (order: OrderFacts, now: number): boolean => live(order) && order.stockState === 'sold' && downloadable.includes(order.orderState)
  && (order.expiresAt === null || order.expiresAt > now) && order.downloadAttempts < order.downloadLimit;
export const expectedEid = (order: OrderFacts): string | undefined => order.boundEid ?? order.profileEid ?? order.orderEid ?? undefined;

/**
 * Default SM-DP+ (SGP.22 v2.2, 3.1.3 option c): of the orders without MatchingID that wait for this EID, the oldest that can be
 * downloaded; when none can, the oldest that is open, so that its reason is told; when none is open, the newest that ended.
 * `orders` stand oldest first.
 */
export function chooseDefaultOrder(orders: readonly OrderFacts[], now: number): OrderFacts | undefined {
  return orders.find((order) => ready(order, now)) ?? orders.find(live) ?? orders[orders.length - 1];
}

export interface OrderVerdict {
  readonly failed?: Failure;
  /** The refusal ends the order. */
  readonly ends?: 'expired' | 'download_limit';
}

/**
 * Checks 11 to 15 of AuthenticateClient, in this order: known, EID, released, not expired, attempts left (SGP.22 v2.2, 3.1.3
 * step 3). An order that ended for its own reasons keeps its code; one that is used up or cancelled sounds like an unknown one.
 */
export function judgeOrder(order: OrderFacts | undefined, eid: string, now: number, byEid: boolean): OrderVerdict {
  if (!order) return byEid ? foreignEid() : refusedCode();
  const ended = endedVerdict(order);
  if (ended === 'refused') return byEid ? foreignEid() : refusedCode();
  const expected = expectedEid(order);
  if (expected !== undefined && expected !== eid) return foreignEid();
  if (ended) return ended;
  if (!downloadable.includes(order.orderState) || order.stockState !== 'sold') return failed('8.2/1.2', 'The profile has not yet been released.');
  if (order.expiresAt !== null && order.expiresAt <= now) return { ...expired(), ...(order.orderState === 'released' ? { ends: 'expired' as const } : {}) };
  if (order.downloadAttempts >= order.downloadLimit) return { ...attemptsGone(), ends: 'download_limit' };
  return {};
}

function endedVerdict(order: OrderFacts): 'refused' | { failed: Failure } | undefined {
  if (live(order)) return undefined;
  if (order.outcome === 'expired') return expired();
  if (order.outcome === 'download_limit') return attemptsGone();
  if (order.outcome === 'confirmation_limit') return confirmationsGone();
  return 'refused';
}

/** Whether a package may still be bound for this order and EID (GetBoundProfilePackage, checks 7 and 9). */
export function judgeBinding(order: OrderFacts, eid: string, now: number): { failed: Failure } | undefined {
  if (!live(order)) return order.outcome === 'confirmation_limit' ? confirmationsGone() : expired();
  const expected = expectedEid(order);
  if (expected !== undefined && expected !== eid) return foreignEid();
  if (order.stockState !== 'sold' || !downloadable.includes(order.orderState)) return failed('8.2/1.2', 'The profile has not yet been released.');
  if (order.expiresAt !== null && order.expiresAt <= now) return expired();
  return undefined;
}
