/** What a profile installation result does to an order (states of SGP.22 v2.2, 3.1.6). Pure. */
import { explainInstall } from '../../../shared/rsp-status/index.ts';

export interface InstallFacts {
  readonly outcome: { readonly ok: true } | { readonly ok: false; readonly errorReason: number };
  readonly orderState: string;
  readonly closed: boolean;
  /** A later session of the same order got the package again. */
  readonly superseded: boolean;
  /** An earlier session had delivered it to the same eUICC. */
  readonly deliveredBefore: boolean;
}

export interface InstallDecision {
  readonly event: 'install' | 'install_failed' | 'install_failed_retryable' | 'late_installed' | 'late_failed';
  /** How the order ends by it. */
  readonly closes?: 'installed' | 'install_failed';
}

const ALREADY_THERE = 9;

/**
 * Success counts from whatever session it comes; a failure only from the newest, and never against an order that has ended.
 * "ICCID already exists" after an earlier delivery to the same eUICC means that one succeeded and its result was lost.
 */
export function decideInstall(facts: InstallFacts): InstallDecision {
  const { outcome } = facts;
  const waiting = !facts.closed && (facts.orderState === 'downloaded' || facts.orderState === 'released');
  if (outcome.ok) return waiting ? { event: 'install', closes: 'installed' } : { event: 'late_installed' };
  if (!waiting || facts.superseded || facts.orderState !== 'downloaded') return { event: 'late_failed' };
  if (outcome.errorReason === ALREADY_THERE && facts.deliveredBefore) return { event: 'install', closes: 'installed' };
  return explainInstall(outcome.errorReason).retryable ? { event: 'install_failed_retryable' } : { event: 'install_failed', closes: 'install_failed' };
}

/**
 * Status code that stands for an installation that failed, towards the operator: SGP.22 v2.2, 5.3.5 names none for it, so the
 * nearest of 5.2.6 is told; the eUICC's own words travel with it as resultData.
 */
export function codeOfInstall(errorReason: number): string {
  if (errorReason === 10) return '8.1/4.8';
  if (errorReason === 15) return '8.2.8/1.2';
  return '8.2.10/4.2';
}
