/** Profiles: four axes, one owner. */
export { procedures } from './procedures.ts';
export { findProfile, loadForBinding, profileById, reversed, stateOf, takeSellable } from './records.ts';
export type { BindingMaterial, ProfileRowRecord, TypeRowRecord } from './records.ts';
export { axes, besideStageOf, decide, eventNames, liveOrderStates, stageOf, startStates, tables } from './rules.ts';
export type { Axis, EventName, Rule } from './rules.ts';
export { recordActivation, transition } from './transition.ts';
export type { ActivationNote, EventSource, OutboxEffect, ProfileEvent, TransitionContext } from './transition.ts';
