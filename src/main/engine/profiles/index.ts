/** Profiles: four axes, one owner. */
import { bulkKind } from './bulk.ts';

export type { Group } from './groups.ts';
export { countBy, loadGroups, recount, stockByType, sumOf } from './groups.ts';
/** Long work of this area, for the job runner. */
export const jobKinds = [bulkKind] as const;
export { nearIccids } from './near.ts';
export { recoverCounts } from './recover-counts.ts';
export { procedures } from './procedures.ts';
export { findProfile, loadForBinding, profileById, reversed, stateOf, takeSellable } from './records.ts';
export type { BindingMaterial, ProfileRowRecord, TypeRowRecord } from './records.ts';
export { axes, besideStageOf, decide, eventNames, liveOrderStates, stageOf, startStates, tables } from './rules.ts';
export type { Axis, EventName, Rule } from './rules.ts';
export { recordActivation, transition } from './transition.ts';
export type { ActivationNote, EventSource, OutboxEffect, ProfileEvent, TransitionContext } from './transition.ts';
export { defaultPolicy, policyOf } from './recycling.ts';
export type { Policy } from './recycling.ts';
export { demandAhead, demandRule, ruleWords } from './stock-actions.ts';
export { isUnfinished } from './unfinished.ts';
export { sweepHolds, sweepQuarantines } from './sweeps.ts';
