/**
 * The four axes of a profile as data. Code, picture (`docs/states.md`) and property tests come from these tables; what is
 * not in them does not happen. Order axis: SGP.22 v2.2, 3.1.6.
 *
 * An event concerns an axis when it has rows there. It is refused as a whole when one axis it concerns has no row for the
 * present state whose guards all hold. An axis it does not concern stays as it is.
 */
import type { ActivationStage, ProfileState } from '../../../shared/contract/states.ts';

type Order = ProfileState['order'];
type Network = ProfileState['network'];
type Stock = ProfileState['stock'];
type Device = ProfileState['device'];

export const eventNames = [
  'import', 'prepare', 'release_for_sale', 'hold', 'release_hold',
  'order', 'order_for_eid', 'confirm', 'release', 'link_eid', 'deliver', 'install', 'install_failed', 'install_failed_retryable',
  'download_postponed', 'download_cancelled', 'expire', 'limit_reached', 'cancel_available', 'cancel_unavailable',
  'late_installed', 'late_failed', 'found_delivered',
  'quarantine', 'unquarantine', 'retire',
  'device_enabled', 'device_disabled', 'device_deleted',
  'network_provisioned', 'network_activated', 'network_suspended', 'network_removed',
] as const;
export type EventName = (typeof eventNames)[number];

/** What guards look at, beside the states. */
export interface Facts {
  readonly state: ProfileState;
  readonly delivered: boolean;
  readonly prepared: boolean;
  readonly eid: string | undefined;
}
export interface EventFacts {
  readonly name: EventName;
  readonly eid?: string;
}

/** Each guard answers with the sentence of its refusal. */
export const guards = {
  never_delivered: (f: Facts) => (f.delivered ? 'its package was delivered to a device, so it can never be sold again' : undefined),
  delivered: (f: Facts) => (f.delivered ? undefined : 'its package was never delivered'),
  prepared: (f: Facts) => (f.prepared ? undefined : 'it is not prepared'),
  not_prepared: (f: Facts) => (f.prepared ? 'it is prepared' : undefined),
  eid_given: (_f: Facts, e: EventFacts) => (e.eid === undefined ? 'the EID is missing' : undefined),
  same_eid: (f: Facts, e: EventFacts) => (f.eid !== undefined && e.eid !== undefined && f.eid !== e.eid ? 'it belongs to another EID' : undefined),
  not_on_order: (f: Facts) => (f.state.order === 'available' ? undefined : `its order is ${f.state.order}`),
  on_live_order: (f: Facts) => (liveOrderStates.includes(f.state.order) ? undefined : `its order is ${f.state.order}`),
} satisfies Record<string, (facts: Facts, event: EventFacts) => string | undefined>;
export type GuardName = keyof typeof guards;

export interface Rule<S extends string> {
  readonly from: S;
  readonly event: EventName;
  readonly to: S;
  readonly guards?: readonly GuardName[];
}

/** Orders that may still lead to a download or its result. */
export const liveOrderStates: readonly Order[] = ['allocated', 'linked', 'confirmed', 'released', 'downloaded'];

function rows<S extends string>(from: readonly S[], event: EventName, to: S | 'same', ...guardNames: GuardName[]): Rule<S>[] {
  return from.map((state) => ({ from: state, event, to: to === 'same' ? state : to, ...(guardNames.length > 0 ? { guards: guardNames } : {}) }));
}

export const orderTable: readonly Rule<Order>[] = [
  ...rows<Order>(['available'], 'order', 'allocated', 'never_delivered', 'prepared'),
  ...rows<Order>(['available'], 'order_for_eid', 'linked', 'never_delivered', 'prepared', 'eid_given'),
  ...rows<Order>(['allocated'], 'link_eid', 'linked', 'eid_given', 'same_eid'),
  ...rows<Order>(['linked', 'confirmed', 'released'], 'link_eid', 'same', 'eid_given', 'same_eid'),
  ...rows<Order>(['allocated', 'linked'], 'confirm', 'confirmed'),
  ...rows<Order>(['confirmed'], 'release', 'released'),
  // The package goes to one eUICC and never to another; that one may ask again until its result is known.
  ...rows<Order>(['released', 'downloaded'], 'deliver', 'downloaded', 'eid_given', 'same_eid'),
  ...rows<Order>(['downloaded', 'installed'], 'install', 'installed', 'delivered'),
  // A device that postponed after the delivery may still report success.
  ...rows<Order>(['released'], 'install', 'installed', 'delivered'),
  ...rows<Order>(['downloaded'], 'install_failed', 'error'),
  ...rows<Order>(['downloaded'], 'install_failed_retryable', 'released'),
  ...rows<Order>(['released', 'downloaded'], 'download_postponed', 'released'),
  ...rows<Order>(['released', 'downloaded'], 'download_cancelled', 'error'),
  ...rows<Order>(['allocated', 'linked', 'confirmed', 'released'], 'expire', 'error'),
  // Installed wins over expiry: the linked eUICC's result is still awaited.
  ...rows<Order>(['downloaded'], 'expire', 'same'),
  ...rows<Order>(['released', 'downloaded'], 'limit_reached', 'error'),
  ...rows<Order>(['allocated', 'linked', 'confirmed', 'released', 'error'], 'cancel_available', 'available', 'never_delivered'),
  ...rows<Order>(['available', 'allocated', 'linked', 'confirmed', 'released', 'downloaded', 'error'], 'cancel_unavailable', 'unavailable'),
  // A late result is evidence; it never moves the order back.
  ...rows<Order>(['allocated', 'linked', 'confirmed', 'released', 'downloaded', 'installed', 'error', 'unavailable'], 'late_installed', 'same'),
  ...rows<Order>(['allocated', 'linked', 'confirmed', 'released', 'downloaded', 'installed', 'error', 'unavailable'], 'late_failed', 'same'),
  // The delivery journal knows a delivery this database does not (a backup was restored).
  ...rows<Order>(['available'], 'found_delivered', 'unavailable'),
  ...rows<Order>(['allocated', 'linked', 'confirmed', 'released'], 'found_delivered', 'error'),
  ...rows<Order>(['downloaded', 'installed', 'error', 'unavailable'], 'found_delivered', 'same'),
  ...rows<Order>(['available', 'error', 'unavailable'], 'retire', 'unavailable'),
  ...rows<Order>(['installed'], 'retire', 'same'),
];

export const stockTable: readonly Rule<Stock>[] = [
  ...rows<Stock>(['imported'], 'prepare', 'prepared', 'prepared'),
  ...rows<Stock>(['prepared'], 'release_for_sale', 'sellable', 'prepared', 'not_on_order', 'never_delivered'),
  ...rows<Stock>(['sellable'], 'hold', 'held', 'not_on_order'),
  ...rows<Stock>(['held'], 'release_hold', 'sellable', 'not_on_order'),
  ...rows<Stock>(['sellable', 'held'], 'order', 'sold'),
  ...rows<Stock>(['sellable', 'held'], 'order_for_eid', 'sold'),
  // What is in quarantine goes no further towards a device.
  ...rows<Stock>(['sold'], 'confirm', 'same'),
  ...rows<Stock>(['sold'], 'release', 'same'),
  ...rows<Stock>(['sold'], 'deliver', 'same'),
  ...rows<Stock>(['sold'], 'cancel_available', 'sellable'),
  ...rows<Stock>(['quarantined'], 'cancel_available', 'same'),
  ...rows<Stock>(['imported', 'prepared', 'sellable', 'held'], 'cancel_unavailable', 'quarantined'),
  ...rows<Stock>(['sold', 'quarantined'], 'cancel_unavailable', 'same'),
  ...rows<Stock>(['imported', 'prepared', 'sellable', 'held', 'sold', 'quarantined'], 'found_delivered', 'quarantined'),
  ...rows<Stock>(['retired'], 'found_delivered', 'same'),
  ...rows<Stock>(['imported', 'prepared', 'sellable', 'held', 'sold'], 'quarantine', 'quarantined'),
  ...rows<Stock>(['quarantined'], 'unquarantine', 'sellable', 'never_delivered', 'not_on_order', 'prepared'),
  ...rows<Stock>(['quarantined'], 'unquarantine', 'imported', 'never_delivered', 'not_on_order', 'not_prepared'),
  ...rows<Stock>(['quarantined'], 'unquarantine', 'sold', 'never_delivered', 'on_live_order'),
  ...rows<Stock>(['imported', 'prepared', 'sellable', 'held', 'sold', 'quarantined'], 'retire', 'retired'),
];

export const networkTable: readonly Rule<Network>[] = [
  ...rows<Network>(['absent', 'removed'], 'network_provisioned', 'provisioned'),
  ...rows<Network>(['provisioned', 'suspended'], 'network_activated', 'active'),
  ...rows<Network>(['provisioned', 'active'], 'network_suspended', 'suspended'),
  ...rows<Network>(['provisioned', 'active', 'suspended'], 'network_removed', 'removed'),
];

/** Evidence only: what a device said last, whatever the order. */
export const deviceTable: readonly Rule<Device>[] = [
  ...rows<Device>(['unknown', 'deleted'], 'install', 'installed'),
  ...rows<Device>(['installed', 'enabled', 'disabled'], 'install', 'same'),
  ...rows<Device>(['unknown', 'deleted'], 'late_installed', 'installed'),
  ...rows<Device>(['installed', 'enabled', 'disabled'], 'late_installed', 'same'),
  ...rows<Device>(['unknown', 'installed', 'enabled', 'disabled', 'deleted'], 'device_enabled', 'enabled', 'delivered'),
  ...rows<Device>(['unknown', 'installed', 'enabled', 'disabled', 'deleted'], 'device_disabled', 'disabled', 'delivered'),
  ...rows<Device>(['unknown', 'installed', 'enabled', 'disabled', 'deleted'], 'device_deleted', 'deleted', 'delivered'),
];

export const tables = { order: orderTable, network: networkTable, stock: stockTable, device: deviceTable } as const;
export type Axis = keyof typeof tables;
export const axes = ['order', 'network', 'stock', 'device'] as const satisfies readonly Axis[];

/** How a profile begins: from a stock file or added singly, or made from a number range by a preparation. */
export const startStates = {
  import: { order: 'available', network: 'absent', stock: 'imported', device: 'unknown' },
  range: { order: 'available', network: 'absent', stock: 'sellable', device: 'unknown' },
} as const satisfies Record<string, ProfileState>;

/** Stage of the activation stream an event stands for. */
export const stageOf: Partial<Record<EventName, ActivationStage>> = {
  order: 'ordered', order_for_eid: 'ordered', confirm: 'confirmed', release: 'released', deliver: 'downloaded',
  install: 'installed', late_installed: 'installed', install_failed: 'install_failed', install_failed_retryable: 'install_failed',
  late_failed: 'install_failed', download_postponed: 'cancelled', download_cancelled: 'cancelled', expire: 'expired',
  limit_reached: 'refused', cancel_available: 'cancelled', cancel_unavailable: 'cancelled',
  device_enabled: 'enabled', device_disabled: 'disabled', device_deleted: 'deleted',
};

/** The same for what happens beside an activation. Import and preparation write no event: a profile's own columns tell of them. */
export const besideStageOf: Partial<Record<EventName, ActivationStage>> = {
  hold: 'held', release_hold: 'hold_ended', quarantine: 'quarantined', found_delivered: 'quarantined', unquarantine: 'unquarantined', retire: 'retired',
  network_provisioned: 'network_provisioned', network_activated: 'network_active', network_suspended: 'network_suspended', network_removed: 'network_removed',
};

export type Decision = { readonly ok: true; readonly state: ProfileState } | { readonly ok: false; readonly axis: Axis; readonly why: string };

/** The next state, or why there is none. Pure. */
export function decide(facts: Facts, event: EventFacts): Decision {
  const next: Record<Axis, string> = { ...facts.state };
  let concerned = false;
  for (const axis of axes) {
    const table: readonly Rule<string>[] = tables[axis];
    const ofEvent = table.filter((rule) => rule.event === event.name);
    if (ofEvent.length === 0) continue;
    concerned = true;
    const present = facts.state[axis];
    let why: string | undefined;
    const rule = ofEvent.find((candidate) => {
      if (candidate.from !== present) return false;
      const refusal = firstRefusal(candidate, facts, event);
      why ??= refusal;
      return refusal === undefined;
    });
    if (!rule) return { ok: false, axis, why: why ?? `its ${axis} state is ${present}` };
    next[axis] = rule.to;
  }
  if (!concerned) return { ok: false, axis: 'order', why: 'this event changes no existing profile' };
  return { ok: true, state: next as ProfileState };
}

function firstRefusal(rule: Rule<string>, facts: Facts, event: EventFacts): string | undefined {
  for (const name of rule.guards ?? []) {
    const refusal = guards[name](facts, event);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
