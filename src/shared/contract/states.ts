/** The four axes of a profile and the names of an activation's steps (SGP.22 v2.2, 3.1.6 for the order axis). */
import { z } from 'zod';

export const orderStates = [
  'available', 'allocated', 'linked', 'confirmed', 'released', 'downloaded', 'installed', 'error', 'unavailable',
] as const;
export const networkStates = ['absent', 'provisioned', 'active', 'suspended', 'removed'] as const;
export const stockStates = ['imported', 'prepared', 'sellable', 'held', 'sold', 'quarantined', 'retired'] as const;
export const deviceStates = ['unknown', 'installed', 'enabled', 'disabled', 'deleted'] as const;

export const profileState = z.object({
  order: z.enum(orderStates),
  network: z.enum(networkStates),
  stock: z.enum(stockStates),
  device: z.enum(deviceStates),
});
export type ProfileState = z.infer<typeof profileState>;

/** Stages of an activation, in the order a smooth one passes them. */
export const activationStages = [
  'ordered', 'confirmed', 'released', 'contacted', 'authenticated', 'refused', 'bound', 'downloaded', 'installed',
  'install_failed', 'enabled', 'disabled', 'deleted', 'cancelled', 'expired', 'first_attach', 'first_data',
  // What happens to a profile beside its activation: in the stock and in the network.
  'imported', 'prepared', 'held', 'hold_ended', 'quarantined', 'unquarantined', 'retired',
  'network_provisioned', 'network_active', 'network_suspended', 'network_removed',
] as const;
export type ActivationStage = (typeof activationStages)[number];

export const activationEvent = z.object({
  id: z.number().int(),
  at: z.number().int(),
  stage: z.enum(activationStages),
  source: z.enum(['operator', 'es2plus', 'es9plus', 'euicc', 'network', 'partner', 'system']),
  orderId: z.string().optional(),
  /** Plain sentence for the timeline. */
  text: z.string(),
  /** SGP.22 subject/reason, e.g. `8.2.6/3.8`. Strings, never numbers. */
  code: z.string().optional(),
  actor: z.string().optional(),
  transactionId: z.string().optional(),
});
export type ActivationEvent = z.infer<typeof activationEvent>;
