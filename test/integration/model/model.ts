/**
 * What orders, sessions and profiles must do, written a second time and much smaller than the product: no database, no
 * messages, no keys. The commands of `commands.ts` run against this and against the real engine and compare.
 */
import { explainCancel, explainInstall } from '../../../src/shared/rsp-status/index.ts';

export type OrderState = 'confirmed' | 'released' | 'downloaded' | 'installed' | 'error' | 'available' | 'unavailable';
export type Outcome = 'cancelled' | 'expired' | 'download_limit' | 'confirmation_limit' | 'rejected' | 'install_failed' | 'installed';

export interface ModelOrder {
  readonly number: number;
  readonly iccid: string;
  /** Device named in the order. */
  readonly eid: number | undefined;
  /** Without MatchingID: found by the EID alone. */
  readonly byEid: boolean;
  readonly code: string | undefined;
  readonly codeLimit: number;
  readonly limit: number;
  readonly expiresAt: number;
  state: OrderState;
  outcome: Outcome | undefined;
  attempts: number;
  wrongCodes: number;
  /** Device that got a package. */
  bound: number | undefined;
  holder: number | undefined;
  /** Steps that went well, oldest first. */
  steps: { session: number; device: number; delivered: boolean }[];
}

export interface ModelSession {
  readonly number: number;
  readonly device: number;
  phase: 'initiated' | 'refused' | 'authenticated' | 'bound' | 'installed' | 'install_failed' | 'cancelled' | 'expired';
  expiresAt: number;
  order: number | undefined;
  /** The eUICC proved itself: a later cancellation can be verified. */
  proven: boolean;
  /** What the device itself knows. */
  chipAnswered: boolean;
  gotOffer: boolean;
  gotPackage: boolean;
}

export type PostedNotification =
  | { readonly kind: 'result'; readonly session: number; readonly reason: number | undefined }
  | { readonly kind: 'other'; readonly device: number; readonly iccid: string; readonly sequence: number; readonly operation: 'install' | 'enable' | 'disable' | 'delete' };

export interface Model {
  now: number;
  orders: ModelOrder[];
  sessions: ModelSession[];
  /** Session each device is in. */
  current: (number | undefined)[];
  notifications: PostedNotification[];
  stored: Set<number>;
  /** Highest sequence of an enable, disable, delete seen, by device and ICCID. */
  sequences: Map<string, number>;
  deviceState: Map<string, string>;
  readonly sessionLife: number;
}

export const newModel = (now: number, sessionLife: number): Model => ({
  now, orders: [], sessions: [], current: [undefined, undefined], notifications: [], stored: new Set(), sequences: new Map(), deviceState: new Map(), sessionLife,
});

const downloadable = (order: ModelOrder): boolean => order.state === 'released' || order.state === 'downloaded';
const expected = (order: ModelOrder): number | undefined => order.bound ?? order.eid;
const alive = (model: Model, session: ModelSession): boolean => session.expiresAt > model.now;
const unknown = '8.10.1/3.9';

function end(order: ModelOrder, state: OrderState, outcome: Outcome): void {
  order.state = state;
  order.outcome ??= outcome;
  order.holder = undefined;
}

export function session(model: Model, device: number): ModelSession | undefined {
  const number = model.current[device];
  return number === undefined ? undefined : model.sessions[number];
}

export function initiate(model: Model, device: number): void {
  model.current[device] = model.sessions.length;
  model.sessions.push({
    number: model.sessions.length, device, phase: 'initiated', expiresAt: model.now + model.sessionLife, order: undefined, proven: false,
    chipAnswered: false, gotOffer: false, gotPackage: false,
  });
}

/** The order without MatchingID that waits for a device. */
export const defaultOrder = (model: Readonly<Model>, device: number): ModelOrder | undefined => model.orders.find((order) => order.byEid && order.eid === device);

function judge(model: Model, order: ModelOrder | undefined, device: number, byEid: boolean): string {
  const nothing = byEid ? '8.1.1/3.8' : '8.2.6/3.8';
  if (!order) return nothing;
  const specific: Partial<Record<Outcome, string>> = { expired: '8.8.5/4.10', download_limit: '8.8.5/6.4', confirmation_limit: '8.2.7/6.4' };
  if (order.outcome !== undefined && specific[order.outcome] === undefined) return nothing;
  if (expected(order) !== undefined && expected(order) !== device) return '8.1.1/3.8';
  if (order.outcome !== undefined) return specific[order.outcome]!;
  if (!downloadable(order)) return '8.2/1.2';
  if (order.expiresAt <= model.now) return '8.8.5/4.10';
  if (order.attempts >= order.limit) return '8.8.5/6.4';
  return 'ok';
}

export function authenticate(model: Model, device: number, orderNumber: number | undefined, byEid = false): string {
  const mine = session(model, device)!;
  mine.chipAnswered = true;
  if (!alive(model, mine) || (mine.phase !== 'initiated' && mine.phase !== 'refused')) return unknown;
  const order = orderNumber === undefined ? undefined : model.orders[orderNumber];
  mine.proven = true;
  const verdict = judge(model, order, device, byEid);
  if (verdict !== 'ok') {
    mine.phase = 'refused';
    mine.order = order?.number;
    if (order && order.outcome === undefined && verdict === '8.8.5/6.4') end(order, 'error', 'download_limit');
    if (order && order.outcome === undefined && verdict === '8.8.5/4.10' && order.state === 'released') end(order, 'error', 'expired');
    return verdict;
  }
  for (const other of model.sessions) if (other !== mine && other.order === order!.number && other.device === device && other.phase === 'authenticated') other.phase = 'expired';
  order!.attempts += 1;
  order!.holder = device;
  order!.steps.push({ session: mine.number, device, delivered: false });
  mine.phase = 'authenticated';
  mine.order = order!.number;
  mine.expiresAt = model.now + model.sessionLife;
  return 'ok';
}

function judgeBinding(model: Model, order: ModelOrder, device: number): string {
  if (order.outcome !== undefined) return order.outcome === 'confirmation_limit' ? '8.2.7/6.4' : '8.8.5/4.10';
  if (expected(order) !== undefined && expected(order) !== device) return '8.1.1/3.8';
  if (!downloadable(order)) return '8.2/1.2';
  return order.expiresAt <= model.now ? '8.8.5/4.10' : 'ok';
}

export function packageAnswer(model: Model, device: number, rightCode: boolean): string {
  const mine = session(model, device)!;
  if (!alive(model, mine) || (mine.phase !== 'authenticated' && mine.phase !== 'bound')) return unknown;
  const order = model.orders[mine.order!]!;
  const verdict = judgeBinding(model, order, device);
  if (verdict !== 'ok') return verdict;
  if (order.code !== undefined && !rightCode) {
    order.wrongCodes += 1;
    if (order.wrongCodes < order.codeLimit) return '8.2.7/3.8';
    end(order, 'error', 'confirmation_limit');
    return '8.2.7/6.4';
  }
  order.state = 'downloaded';
  order.bound = device;
  order.holder = device;
  order.steps.push({ session: mine.number, device, delivered: true });
  mine.phase = 'bound';
  mine.expiresAt = model.now + model.sessionLife;
  return 'ok';
}

/** What the server makes of a notification: fate, and the changes in the model. */
export function notification(model: Model, index: number): string {
  const posted = model.notifications[index]!;
  if (model.stored.has(index)) return 'repeated';
  model.stored.add(index);
  return posted.kind === 'result' ? installResult(model, posted) : deviceEvent(model, posted);
}

function installResult(model: Model, posted: Extract<PostedNotification, { kind: 'result' }>): string {
  const from = model.sessions[posted.session]!;
  const ok = posted.reason === undefined;
  from.phase = ok ? 'installed' : 'install_failed';
  const order = model.orders[from.order!]!;
  if (order.bound !== from.device) return 'ignored';
  const deliveries = order.steps.filter((step) => step.delivered);
  const mine = deliveries.findLastIndex((step) => step.session === from.number);
  const superseded = deliveries.slice(mine + 1).some((step) => step.session !== from.number);
  const before = deliveries.slice(0, Math.max(mine, 0)).some((step) => step.session !== from.number && step.device === from.device);
  const waiting = order.outcome === undefined && downloadable(order);
  const there = () => {
    const now = model.deviceState.get(order.iccid) ?? 'unknown';
    if (now === 'unknown' || now === 'deleted') model.deviceState.set(order.iccid, 'installed');
  };
  if (ok || (waiting && !superseded && order.state === 'downloaded' && posted.reason === 9 && before)) {
    there();
    if (waiting) end(order, 'installed', 'installed');
    return 'accepted';
  }
  if (!waiting || superseded || order.state !== 'downloaded') return 'accepted';
  if (explainInstall(posted.reason!).retryable) order.state = 'released';
  else end(order, 'error', 'install_failed');
  return 'accepted';
}

function deviceEvent(model: Model, posted: Extract<PostedNotification, { kind: 'other' }>): string {
  const key = `${posted.device} ${posted.iccid}`;
  const last = model.sequences.get(key);
  model.sequences.set(key, Math.max(last ?? 0, posted.sequence));
  if (last !== undefined && posted.sequence <= last) return 'ignored';
  const states = { install: undefined, enable: 'enabled', disable: 'disabled', delete: 'deleted' } as const;
  const state = states[posted.operation];
  if (state !== undefined) model.deviceState.set(posted.iccid, state);
  return 'accepted';
}

export function cancelSession(model: Model, device: number, reason: number): string {
  const mine = session(model, device)!;
  model.current[device] = undefined;
  if (!mine.proven || !alive(model, mine) || mine.phase === 'cancelled' || mine.phase === 'expired') return unknown;
  if (mine.phase === 'installed' || mine.phase === 'install_failed') return 'ok';
  mine.phase = 'cancelled';
  const order = mine.order === undefined ? undefined : model.orders[mine.order];
  if (!order || order.outcome !== undefined || !downloadable(order)) return 'ok';
  if ((order.bound ?? order.holder) !== device || order.steps.at(-1)?.session !== mine.number) return 'ok';
  if (explainCancel(reason).terminal) end(order, 'error', 'rejected');
  else {
    order.state = 'released';
    order.holder = undefined;
  }
  return 'ok';
}

/** `ok`, or `refused` where the operator may not. */
export function cancelOrder(order: ModelOrder, final: 'available' | 'unavailable'): string {
  const may = final === 'available'
    ? ['confirmed', 'released', 'error'].includes(order.state) && order.bound === undefined
    : ['confirmed', 'released', 'downloaded', 'error'].includes(order.state);
  if (!may) return 'refused';
  order.state = final;
  order.outcome = 'cancelled';
  order.holder = undefined;
  return 'ok';
}

export function releaseOrder(order: ModelOrder): string {
  // SGP.22 v2.2, 5.3.4, note: what is released already stays so.
  if (order.state === 'released') return 'ok';
  if (order.state !== 'confirmed') return 'refused';
  order.state = 'released';
  return 'ok';
}

/** The engine's regular work. */
export function sweep(model: Model): void {
  for (const order of model.orders) {
    if (order.outcome === undefined && order.expiresAt <= model.now && (order.state === 'released' || order.state === 'confirmed')) end(order, 'error', 'expired');
  }
  for (const one of model.sessions) if ((one.phase === 'initiated' || one.phase === 'authenticated') && one.expiresAt <= model.now) one.phase = 'expired';
}
