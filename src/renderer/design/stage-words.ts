/** Stages of a timeline as people say them. */
import type { ActivationStage } from '../../shared/contract/states.ts';
import { words } from './formats.ts';

const own: Readonly<Partial<Record<ActivationStage, string>>> = {
  bound: 'Package bound', contacted: 'Device came', unquarantined: 'Out of quarantine', quarantined: 'Quarantined', network_provisioned: 'In the network', network_active: 'Network active', network_suspended: 'Network suspended', network_removed: 'Out of the network',
};

/** A sentence that only repeats its stage needs no place beside it. */
export const sameWords = (text: string, stage: string): boolean => text.trim().replace(/\.$/, '').toLowerCase() === stage.toLowerCase();

export const stageWord = (stage: ActivationStage): string => own[stage] ?? words(stage);
