/** Stages of a timeline as people say them. */
import type { ActivationStage } from '../../shared/contract/states.ts';
import { words } from './formats.ts';

const own: Readonly<Partial<Record<ActivationStage, string>>> = {
  bound: 'Package bound', contacted: 'Device came', unquarantined: 'Out of quarantine', quarantined: 'Quarantined', network_provisioned: 'In the network', network_active: 'Network active', network_suspended: 'Network suspended', network_removed: 'Out of the network',
};

/** What a sentence says beyond its stage, which stands before it: nothing of `Ordered`, `by Kestrel` of `Ordered by Kestrel`. */
export function beyondStage(text: string, stage: string): string {
  const said = text.trim();
  if (!said.toLowerCase().startsWith(stage.toLowerCase())) return said;
  const rest = said.slice(stage.length);
  return /^[\p{L}\p{N}]/u.test(rest) ? said : rest.replace(/^[\s.,:]+/, '');
}

export const stageWord = (stage: ActivationStage): string => own[stage] ?? words(stage);
