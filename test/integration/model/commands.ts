import fc from 'fast-check';
import { expect } from 'vitest';
import { sweepExpired } from '../../../src/main/engine/orders/index.ts';
import type { Answer } from '../../../src/main/engine/downloads/index.ts';
import { codeOf, notify, open } from '../../unit/downloads/driver.ts';
import { eidOf, order as makeOrder, orderRow, profileRow } from '../../unit/downloads/support.ts';
import * as rules from './model.ts';
import type { Model } from './model.ts';
import { load, others } from './real.ts';
import type { Real } from './real.ts';

type Command = fc.AsyncCommand<Model, Real>;

/** After every step: the database says of every order what the model says, and nothing impossible is true. */
async function compare(model: Model, real: Real): Promise<void> {
  const { world } = real.bench;
  for (const wanted of model.orders) {
    const made = real.orders[wanted.number]!;
    const row = await orderRow(world, made.orderId);
    const profile = await profileRow(world, made.iccid);
    expect({ order: wanted.number, outcome: row.outcome ?? undefined, attempts: row.download_attempts, wrongCodes: row.confirmation_attempts })
      .toEqual({ order: wanted.number, outcome: wanted.outcome, attempts: wanted.attempts, wrongCodes: wanted.wrongCodes });
    if (profile.order_id === made.orderId) {
      expect({ order: wanted.number, state: profile.order_state, bound: profile.bpp_delivered_at !== null, device: profile.device_state })
        .toEqual({ order: wanted.number, state: wanted.state, bound: wanted.bound !== undefined, device: model.deviceState.get(made.iccid) ?? 'unknown' });
    } else expect(wanted.state).toBe('available');
    if (profile.bpp_delivered_at !== null) {
      expect(profile.order_state).not.toBe('available');
      if (wanted.bound !== undefined) expect(profile.eid).toBe(eidOf(real.devices[wanted.bound]!.serial));
    }
    const holders = real.devices.filter((one) => one.chip.state.profiles.some((held) => held.iccid === made.iccid));
    expect(holders.length).toBeLessThanOrEqual(1);
  }
}

abstract class Step implements Command {
  abstract check(model: Readonly<Model>): boolean;
  abstract act(model: Model, real: Real): Promise<void>;
  abstract toString(): string;
  async run(model: Model, real: Real): Promise<void> {
    await this.act(model, real);
    await compare(model, real);
  }
}

class Order extends Step {
  readonly input: { readonly eid: 0 | 1 | undefined; readonly code: boolean; readonly release: boolean; readonly limit: number; readonly short: boolean; readonly byEid: boolean };
  constructor(input: Order['input']) {
    super();
    this.input = input;
  }
  // One order without MatchingID for a device at most: which of several is meant is another test's matter.
  check = (model: Readonly<Model>) => model.orders.length < 3 && !(this.#byEid && rules.defaultOrder(model, this.input.eid!) !== undefined);
  get #byEid(): boolean {
    return this.input.byEid && this.input.eid !== undefined;
  }
  async act(model: Model, real: Real) {
    const { eid, release, limit, short } = this.input;
    const code = this.input.code ? `code-${model.orders.length}` : undefined;
    const expiresAt = model.now + (short ? 3_600_000 : 86_400_000 * 3650);
    const { world } = real.bench;
    const made = await makeOrder(world, {
      release, downloadLimit: limit, expires: String(expiresAt), ...(eid === undefined ? {} : { eid: eidOf(real.devices[eid]!.serial) }),
      ...(this.#byEid ? { matchingId: '' } : {}),
    }, code);
    real.orders.push(made);
    model.orders.push({
      number: model.orders.length, iccid: made.iccid, eid, byEid: this.#byEid, code, codeLimit: world.ctx.settings().confirmationAttempts, limit, expiresAt,
      state: release ? 'released' : 'confirmed', outcome: undefined, attempts: 0, wrongCodes: 0, bound: undefined, holder: undefined, steps: [],
    });
  }
  toString = () => `order(${JSON.stringify(this.input)})`;
}

class Release extends Step {
  readonly order: number;
  constructor(order: number) {
    super();
    this.order = order;
  }
  check = (model: Readonly<Model>) => this.order < model.orders.length;
  async act(model: Model, real: Real) {
    const reply = await real.bench.world.engine.call('orders.release', { orderId: real.orders[this.order]!.orderId });
    expect(reply.ok ? 'ok' : 'refused').toBe(rules.releaseOrder(model.orders[this.order]!));
  }
  toString = () => `release(${this.order})`;
}

class CancelOrder extends Step {
  readonly order: number;
  readonly final: 'available' | 'unavailable';
  constructor(order: number, final: 'available' | 'unavailable') {
    super();
    this.order = order;
    this.final = final;
  }
  check = (model: Readonly<Model>) => this.order < model.orders.length;
  async act(model: Model, real: Real) {
    const reply = await real.bench.world.engine.call('orders.cancel', { orderId: real.orders[this.order]!.orderId, finalState: this.final });
    expect(reply.ok ? 'ok' : 'refused').toBe(rules.cancelOrder(model.orders[this.order]!, this.final));
  }
  toString = () => `cancelOrder(${this.order}, ${this.final})`;
}

class Initiate extends Step {
  readonly device: 0 | 1;
  constructor(device: 0 | 1) {
    super();
    this.device = device;
  }
  check = () => true;
  async act(model: Model, real: Real) {
    const one = real.devices[this.device]!;
    one.driver = await open(real.bench.world, one.chip);
    one.package = undefined;
    rules.initiate(model, this.device);
    real.transactions.push(one.driver.initiated.transactionId);
  }
  toString = () => `initiate(${this.device})`;
}

/** A driver that speaks to the engine as it is now: a restart changed what the old one held. */
async function reattach(real: Real, device: number): Promise<void> {
  const one = real.devices[device]!;
  one.driver = one.driver && await one.driver.moved(real.bench.world);
}

class Authenticate extends Step {
  readonly device: 0 | 1;
  readonly order: number | undefined;
  readonly lost: boolean;
  constructor(device: 0 | 1, order: number | undefined, lost: boolean) {
    super();
    this.device = device;
    this.order = order;
    this.lost = lost;
  }
  check = (model: Readonly<Model>) => {
    const mine = rules.session(model as Model, this.device);
    return mine !== undefined && !mine.chipAnswered && (this.order === undefined || this.order < model.orders.length);
  };
  async act(model: Model, real: Real) {
    await reattach(real, this.device);
    const byEid = this.order !== undefined && model.orders[this.order]!.byEid;
    const wanted = rules.authenticate(model, this.device, byEid ? rules.defaultOrder(model, this.device)?.number : this.order, byEid);
    const said = this.order === undefined ? 'NOBODYS-CODE' : byEid && this.lost ? undefined : real.orders[this.order]!.matchingId;
    const answer = await real.devices[this.device]!.driver!.authenticate(said);
    expect(codeOf(answer)).toBe(wanted);
    rules.session(model, this.device)!.gotOffer = wanted === 'ok' && !this.lost;
  }
  toString = () => `authenticate(${this.device}, ${this.order}${this.lost ? ', reply lost' : ''})`;
}

class Package extends Step {
  readonly device: 0 | 1;
  readonly rightCode: boolean;
  readonly lost: boolean;
  constructor(device: 0 | 1, rightCode: boolean, lost: boolean) {
    super();
    this.device = device;
    this.rightCode = rightCode;
    this.lost = lost;
  }
  check = (model: Readonly<Model>) => rules.session(model as Model, this.device)?.gotOffer === true;
  async act(model: Model, real: Real) {
    await reattach(real, this.device);
    const code = model.orders[rules.session(model, this.device)!.order!]!.code;
    const wanted = rules.packageAnswer(model, this.device, this.rightCode);
    const one = real.devices[this.device]!;
    const answer = await one.driver!.package(code === undefined ? undefined : this.rightCode ? code : 'wrong');
    expect(codeOf(answer)).toBe(wanted);
    if ('ok' in answer && !this.lost) {
      one.package = answer.ok.boundProfilePackage;
      rules.session(model, this.device)!.gotPackage = true;
    }
  }
  toString = () => `package(${this.device}${this.rightCode ? '' : ', wrong code'}${this.lost ? ', reply lost' : ''})`;
}

/** Both devices ask for one order's package at the same moment. */
class Race extends Step {
  check = (model: Readonly<Model>) => {
    const [a, b] = [0, 1].map((device) => rules.session(model as Model, device));
    const order = a?.order === undefined ? undefined : model.orders[a.order];
    return a?.gotOffer === true && b?.gotOffer === true && a.order === b.order && a.phase === 'authenticated' && b.phase === 'authenticated'
      && a.expiresAt > model.now && b.expiresAt > model.now && order !== undefined && order.state === 'released' && order.outcome === undefined
      && order.bound === undefined && order.eid === undefined && order.code === undefined && order.expiresAt > model.now;
  };
  async act(model: Model, real: Real) {
    await reattach(real, 0);
    await reattach(real, 1);
    const ders = real.devices.map((one) => one.driver!.prepare());
    const answers: Answer<{ boundProfilePackage: Uint8Array }>[] = await Promise.all(real.devices.map((one, i) => one.driver!.package(undefined, { der: ders[i]! })));
    const codes = answers.map(codeOf);
    expect([...codes].sort()).toEqual(['8.1.1/3.8', 'ok']);
    const winner = codes.indexOf('ok');
    for (const device of [winner, 1 - winner]) expect(rules.packageAnswer(model, device, true)).toBe(codes[device]);
    const won = answers[winner]!;
    if ('ok' in won) real.devices[winner]!.package = won.ok.boundProfilePackage;
    rules.session(model, winner)!.gotPackage = true;
  }
  toString = () => 'race()';
}

class Install extends Step {
  readonly device: 0 | 1;
  readonly how: 'whole' | 'damaged' | 'interrupted';
  constructor(device: 0 | 1, how: 'whole' | 'damaged' | 'interrupted') {
    super();
    this.device = device;
    this.how = how;
  }
  check = (model: Readonly<Model>) => rules.session(model as Model, this.device)?.gotPackage === true;
  async act(model: Model, real: Real) {
    const one = real.devices[this.device]!;
    const mine = rules.session(model, this.device)!;
    const before = new Set(one.chip.state.notifications.map((stored) => stored.seqNumber));
    const { der, reason } = load(one, this.how);
    model.notifications.push({ kind: 'result', session: mine.number, reason });
    real.notifications.push(der);
    for (const other of others(one, this.device, real.orders[mine.order!]!.iccid, before)) {
      model.notifications.push(other.posted);
      real.notifications.push(other.der);
    }
    model.current[this.device] = undefined;
    one.driver = undefined;
    one.package = undefined;
  }
  toString = () => `install(${this.device}, ${this.how})`;
}

/** The user switches on, off, or deletes what the device holds. */
class Use extends Step {
  readonly device: 0 | 1;
  readonly what: 'enable' | 'disable' | 'delete';
  constructor(device: 0 | 1, what: 'enable' | 'disable' | 'delete') {
    super();
    this.device = device;
    this.what = what;
  }
  check = () => true;
  async act(model: Model, real: Real) {
    const one = real.devices[this.device]!;
    const held = one.chip.state.profiles[0];
    if (!held) return;
    const before = new Set(one.chip.state.notifications.map((stored) => stored.seqNumber));
    if (this.what === 'enable') one.chip.enableProfile(held.iccid);
    else if (this.what === 'disable') one.chip.disableProfile(held.iccid);
    else one.chip.deleteProfile(held.iccid);
    for (const other of others(one, this.device, held.iccid, before)) {
      model.notifications.push(other.posted);
      real.notifications.push(other.der);
    }
  }
  toString = () => `${this.what}(${this.device})`;
}

/** Posts any notification made so far: late, out of order, again. */
class Notify extends Step {
  readonly pick: number;
  constructor(pick: number) {
    super();
    this.pick = pick;
  }
  check = (model: Readonly<Model>) => model.notifications.length > 0;
  async act(model: Model, real: Real) {
    const index = this.pick % model.notifications.length;
    const wanted = rules.notification(model, index);
    expect(await notify(real.bench.world, real.notifications[index]!)).toBe(wanted);
  }
  toString = () => `notify(${this.pick})`;
}

class CancelSession extends Step {
  readonly device: 0 | 1;
  readonly reason: number;
  constructor(device: 0 | 1, reason: number) {
    super();
    this.device = device;
    this.reason = reason;
  }
  check = (model: Readonly<Model>) => rules.session(model as Model, this.device)?.chipAnswered === true;
  async act(model: Model, real: Real) {
    await reattach(real, this.device);
    const wanted = rules.cancelSession(model, this.device, this.reason);
    const one = real.devices[this.device]!;
    expect(codeOf(await one.driver!.cancel(this.reason))).toBe(wanted);
    one.driver = undefined;
    one.package = undefined;
  }
  toString = () => `cancelSession(${this.device}, ${this.reason})`;
}

class Advance extends Step {
  readonly milliseconds: number;
  readonly swept: boolean;
  constructor(milliseconds: number, swept: boolean) {
    super();
    this.milliseconds = milliseconds;
    this.swept = swept;
  }
  check = () => true;
  async act(model: Model, real: Real) {
    real.bench.world.clock.advance(this.milliseconds);
    model.now += this.milliseconds;
    if (!this.swept) return;
    await sweepExpired(real.bench.world.ctx);
    rules.sweep(model);
  }
  toString = () => `advance(${this.milliseconds / 60_000} min${this.swept ? ', swept' : ''})`;
}

class Restart extends Step {
  readonly withVault: boolean;
  constructor(withVault: boolean) {
    super();
    this.withVault = withVault;
  }
  check = () => true;
  async act(_model: Model, real: Real) {
    await real.bench.restart(this.withVault);
  }
  toString = () => (this.withVault ? 'restart(engine and vault)' : 'restart(engine)');
}

/** Does what an honest device would do next: without it few sequences get as far as a result. */
class Proceed extends Step {
  readonly device: 0 | 1;
  readonly order: number;
  readonly how: 'whole' | 'damaged' | 'interrupted';
  constructor(device: 0 | 1, order: number, how: 'whole' | 'damaged' | 'interrupted') {
    super();
    this.device = device;
    this.order = order;
    this.how = how;
  }
  check = (model: Readonly<Model>) => model.orders.length > 0;
  async act(model: Model, real: Real) {
    const d = this.device;
    const mine = rules.session(model, d);
    const next: Step = mine === undefined ? new Initiate(d)
      : mine.gotPackage ? new Install(d, this.how)
        : mine.gotOffer ? new Package(d, true, false)
          : !mine.chipAnswered ? new Authenticate(d, this.order % model.orders.length, false)
            : new CancelSession(d, 1);
    await next.act(model, real);
  }
  toString = () => `proceed(${this.device}, ${this.order}, ${this.how})`;
}

const device = fc.constantFrom(0 as const, 1 as const);
const orderNumber = fc.nat({ max: 2 });

const minute = 60_000;
const order = fc.record({
  eid: fc.constantFrom(undefined, undefined, undefined, 0 as const, 1 as const), code: fc.constantFrom(false, false, true), release: fc.constantFrom(true, true, true, false),
  limit: fc.constantFrom(2, 10, 10), short: fc.constantFrom(false, false, true), byEid: fc.constantFrom(false, false, true),
}).map((input) => new Order(input));
const times = <T>(n: number, one: T): T[] => Array.from({ length: n }, () => one);

/** The steps, in the weights that lead somewhere: most sequences reach a package, many a result. */
export const steps = [
  ...times(3, order),
  ...times(14, fc.tuple(device, orderNumber, fc.constantFrom('whole' as const, 'whole' as const, 'whole' as const, 'damaged' as const, 'interrupted' as const)).map(([d, n, how]) => new Proceed(d, n, how))),
  orderNumber.map((n) => new Release(n)),
  fc.tuple(orderNumber, fc.constantFrom('available' as const, 'unavailable' as const)).map(([n, final]) => new CancelOrder(n, final)),
  device.map((d) => new Initiate(d)),
  fc.tuple(device, fc.option(orderNumber, { nil: undefined, freq: 6 }), fc.boolean()).map(([d, n, lost]) => new Authenticate(d, n, lost)),
  ...times(2, fc.tuple(device, fc.boolean(), fc.boolean()).map(([d, right, lost]) => new Package(d, right, lost))),
  ...times(2, device.map((d) => new Package(d, false, false))),
  ...times(2, fc.constant(new Race())),
  fc.tuple(device, fc.constantFrom('damaged' as const, 'interrupted' as const)).map(([d, how]) => new Install(d, how)),
  fc.tuple(device, fc.constantFrom('enable' as const, 'disable' as const, 'delete' as const)).map(([d, what]) => new Use(d, what)),
  ...times(4, fc.nat({ max: 12 }).map((pick) => new Notify(pick))),
  fc.tuple(device, fc.constantFrom(0, 1, 2, 3, 4, 5, 127)).map(([d, reason]) => new CancelSession(d, reason)),
  fc.tuple(fc.constantFrom(minute, minute, 11 * minute, 62 * minute), fc.boolean()).map(([ms, swept]) => new Advance(ms, swept)),
  fc.boolean().map((withVault) => new Restart(withVault)),
];
