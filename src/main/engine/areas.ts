/** Every area of the engine: what it implements of the contract, and its durable jobs. */
import { procedures as audit } from './audit/procedures.ts';
import { procedures as brands } from './brands/index.ts';
import { procedures as devices } from './devices/index.ts';
import { procedures as downloads } from './downloads/index.ts';
import { procedures as imports } from './imports/index.ts';
import type { AnyKind } from './jobs/runner.ts';
import { procedures as jobs } from './jobs/procedures.ts';
import { procedures as keys } from './keys/index.ts';
import { procedures as orders } from './orders/index.ts';
import { type OutboxHandler, procedures as outbox } from './outbox/index.ts';
import { deleteEventHandler, progressHandler } from './outgoing/index.ts';
import { jobKinds as preparationJobs, procedures as preparation } from './preparation/index.ts';
import { procedures as profiles } from './profiles/index.ts';
import type { Implemented } from './router/implement.ts';
import { jobKinds as stockJobs, procedures as stock } from './stock/index.ts';
import { procedures as types } from './types/index.ts';
import { procedures as workspace } from './workspace/procedures.ts';

export function areaProcedures(): Implemented[] {
  return [...workspace(), ...types(), ...profiles(), ...stock(), ...preparation(), ...imports(), ...jobs(), ...orders(), ...brands(), ...downloads(), ...devices(), ...outbox(areaOutboxHandlers()), ...audit(), ...keys()];
}

export function areaJobKinds(): AnyKind[] {
  return [...preparationJobs, ...stockJobs];
}

/** How each kind of message to another system is delivered. */
export function areaOutboxHandlers(): OutboxHandler[] {
  return [progressHandler(), deleteEventHandler()];
}
