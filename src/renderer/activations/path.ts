import type { orderStates } from '../../shared/contract/states.ts';

export type Path = (typeof orderStates)[number];
export const steps = [{ word: 'Reserved', states: ['allocated', 'linked'] }, { word: 'Confirmed', states: ['confirmed'] }, { word: 'Released', states: ['released'] }, { word: 'Downloaded', states: ['downloaded'] }, { word: 'Installed', states: ['installed'] }] as const;

/** The last step an order has behind it; none for one that ended otherwise. */
export function reached(state: Path): number | undefined {
  const at = steps.findIndex((step) => (step.states as readonly Path[]).includes(state));
  return at < 0 ? undefined : at;
}
