/** Every area of the engine: what it implements of the contract, and its durable jobs. */
import { procedures as audit } from './audit/procedures.ts';
import { procedures as brands } from './brands/index.ts';
import { procedures as devices } from './devices/index.ts';
import { procedures as downloads } from './downloads/index.ts';
import { jobKinds as importJobs, procedures as imports } from './imports/index.ts';
import type { AnyKind } from './jobs/runner.ts';
import { procedures as jobs } from './jobs/procedures.ts';
import { procedures as keys } from './keys/index.ts';
import { jobKinds as numberJobs, type Preparer, procedures as numbers } from './numbers/index.ts';
import { procedures as orders } from './orders/index.ts';
import { type OutboxHandler, procedures as outbox } from './outbox/index.ts';
import { deleteEventHandler, progressHandler } from './outgoing/index.ts';
import { jobKinds as preparationJobs, procedures as preparation, startBatch } from './preparation/index.ts';
import { jobKinds as profileJobs, procedures as profiles } from './profiles/index.ts';
import type { Implemented } from './router/implement.ts';
import { jobKinds as stockJobs, procedures as stock } from './stock/index.ts';
import { procedures as types } from './types/index.ts';
import { procedures as workspace } from './workspace/procedures.ts';

export function areaProcedures(): Implemented[] {
  return [...workspace(), ...types(), ...profiles(), ...stock(), ...preparation(), ...numbers(areaPreparer()), ...imports(), ...jobs(), ...orders(), ...brands(), ...downloads(), ...devices(), ...outbox(areaOutboxHandlers()), ...audit(), ...keys()];
}

export function areaJobKinds(): AnyKind[] {
  return [...importJobs, ...profileJobs, ...preparationJobs, ...numberJobs, ...stockJobs];
}

/** How the numbers area has preparations started that a proposal asks for. */
export function areaPreparer(): Preparer {
  return {
    ready: async (ctx) => (await ctx.vault.call('createBatchKey', {})).batchKey,
    start: async (tx, ctx, plan, batchKey, call) => (await startBatch(tx, ctx, { ...plan, source: 'both', outputs: [] }, batchKey, undefined, call)).job,
  };
}

/** How each kind of message to another system is delivered. */
export function areaOutboxHandlers(): OutboxHandler[] {
  return [progressHandler(), deleteEventHandler()];
}
