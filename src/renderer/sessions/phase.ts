import type { sessionPhases } from '../../shared/contract/sessions.ts';
import type { Tone } from '../design/tokens.ts';

export type Phase = (typeof sessionPhases)[number];
export const stages = ['Initiate', 'Authenticate', 'Package', 'Result'] as const;

export interface PhaseBar {
  /** Stages passed, 0 to 4. */
  readonly passed: number;
  /** The stage after the passed ones ended the session. */
  readonly broke: boolean;
  readonly tone: Tone;
}

/** How far a session got. A refusal breaks the stage after the last good one, which the steps tell apart. */
export function phaseBar(phase: Phase, steps: number): PhaseBar {
  switch (phase) {
    case 'initiated':
      return { passed: 1, broke: false, tone: 'accent' };
    case 'authenticated':
      return { passed: 2, broke: false, tone: 'accent' };
    case 'bound':
      return { passed: 3, broke: false, tone: 'accent' };
    case 'installed':
      return { passed: 4, broke: false, tone: 'success' };
    case 'install_failed':
      return { passed: 3, broke: true, tone: 'danger' };
    case 'refused':
      return { passed: Math.min(3, Math.max(0, steps - 1)), broke: true, tone: 'danger' };
    case 'cancelled':
      return { passed: Math.min(3, Math.max(1, steps - 1)), broke: true, tone: 'warning' };
    case 'expired':
      return { passed: Math.min(3, Math.max(1, steps)), broke: true, tone: 'neutral' };
  }
}

const unfinished: readonly Phase[] = ['initiated', 'authenticated', 'bound'];
/** The device may still tell more; in a session that ended, what is missing stays missing. */
export const isUnfinished = (phase: Phase): boolean => unfinished.includes(phase);
