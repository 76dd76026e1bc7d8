/** The real engine the model is compared with: database, vault, keys and two virtual devices, restarted whenever a run wants. */
import { join } from 'node:path';
import { procedures as downloads } from '../../../src/main/engine/downloads/index.ts';
import { procedures as keys } from '../../../src/main/engine/keys/index.ts';
import { procedures as orders } from '../../../src/main/engine/orders/index.ts';
import { procedures as imports } from '../../../src/main/engine/imports/index.ts';
import { procedures as stock } from '../../../src/main/engine/stock/index.ts';
import { segmentBoundPackage, type VirtualEuicc } from '../../../src/main/lab/device/index.ts';
import { parsePendingNotification } from '../../../src/main/rsp/index.ts';
import { openVault, vaultInProcess } from '../../../src/main/vault/index.ts';
import { openTestEngine } from '../../support/engine.ts';
import type { Driver } from '../../unit/downloads/driver.ts';
import { ADDRESS, device, makeWorld } from '../../unit/downloads/support.ts';
import type { MadeOrder, World } from '../../unit/downloads/support.ts';
import type { PostedNotification } from './model.ts';

/** One workspace for all runs of a test; each run brings its own orders and devices. */
export class Bench {
  world: World;
  #serial = 5000;
  restarts = 0;
  private constructor(world: World) {
    this.world = world;
  }

  static async open(profiles: number): Promise<Bench> {
    const bench = new Bench(await makeWorld({ profiles }));
    bench.#fewCodes();
    return bench;
  }

  /** Two wrong confirmation codes end an order, so that short sequences get there. */
  #fewCodes(): void {
    const { runtime } = this.world.ctx;
    runtime.settings = { ...runtime.settings, confirmationAttempts: 2 };
  }

  chip(): { chip: VirtualEuicc; serial: number } {
    this.#serial += 1;
    return { chip: device(this.#serial), serial: this.#serial };
  }

  /** The engine goes and comes back on the same database; with it the vault when asked. */
  async restart(withVault: boolean): Promise<void> {
    this.restarts += 1;
    const { folder, engine, clock } = this.world;
    await engine.close();
    if (withVault) await engine.vault.close();
    const vault = withVault ? vaultInProcess(openVault({ root: join(folder, 'vault') })) : engine.vault;
    const again = await openTestEngine({
      vault, clock, folder: join(folder, 'workspace'), smdpAddress: ADDRESS, environment: 'lab', seed: `model ${this.restarts}`,
      procedures: [...keys(), ...orders(), ...downloads(), ...stock(), ...imports()], jobKinds: [],
    });
    this.world = {
      ...this.world, engine: again, ctx: again.ctx,
      close: async () => {
        await again.close();
        await vault.close();
        const { rmSync } = await import('node:fs');
        rmSync(folder, { recursive: true, force: true });
      },
    };
    this.#fewCodes();
  }
}

export interface RealDevice {
  readonly chip: VirtualEuicc;
  readonly serial: number;
  driver: Driver | undefined;
  package: Uint8Array | undefined;
}

export interface Real {
  readonly bench: Bench;
  readonly devices: RealDevice[];
  readonly orders: MadeOrder[];
  readonly notifications: Uint8Array[];
  /** The session each driver belongs to. */
  readonly transactions: string[];
}

export const newReal = (bench: Bench): Real => ({
  bench, devices: [0, 1].map(() => ({ ...bench.chip(), driver: undefined, package: undefined })), orders: [], notifications: [], transactions: [],
});

/** Loads a package into the chip as told; answers what the chip stored for sending, the result first. */
export function load(one: RealDevice, how: 'whole' | 'damaged' | 'interrupted'): { der: Uint8Array; reason: number | undefined; others: { der: Uint8Array; sequence: number }[] } {
  const before = new Set(one.chip.state.notifications.map((stored) => stored.seqNumber));
  const bytes = Uint8Array.from(one.package!);
  if (how === 'damaged') bytes[bytes.length - 3]! ^= 0x01;
  const cut = segmentBoundPackage(bytes);
  if (!cut.ok) throw new Error(cut.why);
  const segments = how === 'interrupted' ? cut.segments.slice(0, 3) : cut.segments;
  let ended = false;
  for (const segment of segments) {
    if (one.chip.loadSegment(segment).kind !== 'continue') {
      ended = true;
      break;
    }
  }
  if (!ended && how === 'interrupted') one.chip.interrupt();
  const made = one.chip.state.notifications.filter((stored) => !before.has(stored.seqNumber));
  const first = made.map((stored) => ({ stored, parsed: parsePendingNotification(stored.der) })).find(({ parsed }) => parsed.kind === 'installResult');
  if (!first || first.parsed.kind !== 'installResult') throw new Error('the chip reported nothing');
  return {
    der: first.stored.der, reason: first.parsed.outcome.ok ? undefined : first.parsed.outcome.errorReason,
    others: made.filter((stored) => stored !== first.stored).map((stored) => ({ der: stored.der, sequence: stored.seqNumber })),
  };
}

/** Notifications the chip stored since, as the model knows them. */
export function others(one: RealDevice, device: number, iccid: string, before: ReadonlySet<number>): { der: Uint8Array; posted: PostedNotification }[] {
  return one.chip.state.notifications.filter((stored) => !before.has(stored.seqNumber)).flatMap((stored) => {
    const parsed = parsePendingNotification(stored.der);
    if (parsed.kind === 'installResult' || parsed.notification.operation === undefined) return [];
    return [{ der: stored.der, posted: { kind: 'other', device, iccid: parsed.notification.iccid ?? iccid, sequence: stored.seqNumber, operation: parsed.notification.operation } as const }];
  });
}
